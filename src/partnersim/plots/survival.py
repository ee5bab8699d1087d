"""The survival figure: how many partnerships are still alive at each age, by practice and by form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from partnersim.errors import ResultError, nearest
from partnersim.plots.style import (
    BAND_ALPHA,
    LIVES,
    QUIET,
    SCENARIOS,
    Line,
    apart,
    beside,
    footer,
    heading,
    look,
    new_figure,
    wrapped,
    year_ticks,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_survival", "plot_survivals"]

LABEL_GAP = 0.065  # share of the axis that a label needs


class SurvivalResult(Protocol):
    """What the figure needs: `survival(by=...)`, and texts for its heading and footer."""

    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    def survival(self, *, by: str) -> pd.DataFrame: ...


class SurvivalsResult(Protocol):
    """What the figure of several scenarios needs."""

    @property
    def footer(self) -> str: ...
    def survival(self, by: str) -> dict[str, pd.DataFrame]: ...


def plot_survival(result: SurvivalResult, by: str | None = None, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw the share of partnerships still alive against their age in years.

    Parameters
    ----------
    result
        Draws `result.survival(by=...)`, a table of `partnersim.analysis.survival.survival`.
    by
        "practice", "form", or both when left out.
    ax
        Axes to draw on; a new figure when left out.
    style
        "page", or "talk" for a screen that is read from the back row.

    Returns
    -------
    The axes: one stepped line and one band (95 % interval, for each age on its own) a life, and beneath them the
    number of runs at risk.

    Raises
    ------
    ResultError
        Unknown `by`.
    """
    if by is not None and by not in LIVES:
        raise ResultError(
            f"by = {by!r} is no kind of life",
            where="plot_survival",
            allowed='"practice", "form", or nothing for both',
            fix=nearest(by, LIVES),
        )
    tables = {kind: result.survival(by=kind) for kind in ([by] if by else LIVES)}
    with look(style):
        if ax is None:
            ax = new_figure(7.0, 4.9).add_subplot()
        notes = [_counts(kind.capitalize(), table) for kind, table in tables.items()]
        _draw(ax, tables, LIVES, result.title, notes, result.footer)
    return ax


def plot_survivals(
    result: SurvivalsResult | Mapping[str, pd.DataFrame],
    by: str = "practice",
    ax: Axes | None = None,
    style: str = "page",
    source: str | None = None,
) -> Axes:
    """Draw the survival of several scenarios, as `plot_survival` draws that of one.

    Parameters
    ----------
    result
        Draws `result.survival(by)`, a table of `partnersim.analysis.survival.survival` for each scenario; at most six. Or such
        tables by name, as of `StudySet.survivals`.
    by
        "practice" or "form"; tables know it themselves.
    ax
        Axes to draw on; a new figure when left out.
    style
        "page", or "talk" for a screen that is read from the back row.
    source
        Where the figure comes from; `result.footer` when left out.

    Raises
    ------
    ResultError
        No table, or more than six.
    """
    if isinstance(result, Mapping):
        tables = dict(result)
        by = next((str(table.attrs["by"]) for table in tables.values()), by)
    else:
        tables = result.survival(by)
        source = result.footer if source is None else source
    if not tables:
        raise ResultError("there is no curve to draw", where="plot_survivals", allowed="one table or more")
    if len(tables) > len(SCENARIOS):
        raise ResultError(
            f"{len(tables)} curves cannot be told apart",
            where="plot_survivals",
            allowed=f"up to {len(SCENARIOS)} scenarios",
            fix="draw fewer",
        )
    lines = dict(zip(tables, SCENARIOS, strict=False))
    with look(style):
        if ax is None:
            ax = new_figure(7.6, 5.0 + 0.17 * len(tables)).add_subplot()
        notes = _notes(tables)
        what = "practice" if by == "practice" else "the form"
        _draw(ax, tables, lines, f"How long {what} lives", notes, source or "")
    return ax


def _draw(ax: Axes, tables: Mapping[str, pd.DataFrame], lines: Mapping[str, Line], title: str, notes: list[str], source: str) -> None:
    """Draw curves with bands, names at their ends, and runs at risk."""
    drawn = {name: table for name, table in tables.items() if len(table)}
    years = max((table["months"].iloc[-1] / 12 for table in drawn.values()), default=20.0)
    for name, table in drawn.items():
        line, x = lines[name], table["months"] / 12
        ax.fill_between(x, table["low"], table["high"], step="post", color=line.colour, alpha=BAND_ALPHA, linewidth=0)
        ax.step(x, table["alive"], where="post", color=line.colour, linestyle=line.style, label=name)
    _label_ends(ax, drawn, lines)
    if not drawn:
        ax.text(0.5, 0.5, "born in no run", transform=ax.transAxes, ha="center", color=QUIET)
    ax.set_xlim(0, years)
    ax.set_ylim(0, 1.01)
    ax.set_xticks(year_ticks(years))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100"])
    ax.set_xlabel("Years since the start, or since it was born")
    ax.set_ylabel("Still alive (% of runs)")
    below = _runs_at_risk(ax, tables, lines, year_ticks(years))
    heading(ax, title, [*notes, "Band: 95 % confidence interval, age by age. Runs still alive at their end are censored."])
    footer(ax, source, below + 14)


def _notes(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say how many runs the curves rest on, in one line where they are as many for each."""
    each = {(table.attrs["n"], table.attrs["never_born"]) for table in tables.values()}
    if len(tables) > 1 and len(each) == 1 and (n := each.pop())[1] == 0:
        return [f"n = {n[0]} runs each. Died: " + ", ".join(f"{name} {table.attrs['died']}" for name, table in tables.items()) + "."]
    return [_counts(name, table) for name, table in tables.items()]


def _counts(name: str, table: pd.DataFrame) -> str:
    """Say how many runs a curve rests on, and what became of them."""
    known = table.attrs
    text = f"{name}: n = {known['n']} runs, {known['died']} died, {known['censored']} censored"
    return text + (f"; {known['never_born']} more were never born" if known["never_born"] else "") + "."


def _label_ends(ax: Axes, drawn: Mapping[str, pd.DataFrame], lines: Mapping[str, Line]) -> None:
    """Name each line at its right end, moved apart where names would overlap."""
    ends = {name: float(table["alive"].iloc[-1]) for name, table in drawn.items()}
    heights = dict(zip(ends, apart(list(ends.values()), LABEL_GAP, 0.0, 1.0), strict=True))
    for name, height in heights.items():
        last = drawn[name]["months"].iloc[-1] / 12
        ax.annotate(
            wrapped([f"{name}: {100 * ends[name]:.0f} %"], 30),
            (last, height),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=lines[name].colour,
            fontweight="bold",
            annotation_clip=False,
        )


def shortened(names: Sequence[str], most: int = 18) -> dict[str, str]:
    """Return names that fit beside a row: their beginnings, or their ends if the beginnings are alike."""
    first = {name: name if len(name) < most else f"{name[: most - 4].rstrip()}..." for name in names}
    if len(set(first.values())) == len(first):
        return first
    return {name: name if len(name) < most else f"...{name[4 - most :].lstrip()}" for name in names}


def _runs_at_risk(ax: Axes, tables: Mapping[str, pd.DataFrame], lines: Mapping[str, Line], years: list[int]) -> float:
    """Write the runs at risk under the axis, a row a life; return how far down they reach [points]."""
    below = 44.0
    beside(ax, "Runs at risk", (0, 0), (-22, -below), ha="right", va="center", fontsize=7.5, color=QUIET)
    names = shortened(list(tables))
    for kind, table in tables.items():
        below += 12
        colour = lines[kind].colour
        beside(ax, names[kind], (0, 0), (-22, -below), ha="right", va="center", fontsize=8, color=colour)
        at_risk = table.set_index("months")["at_risk"]
        shown = {year: f"{at_risk[12 * year]}" for year in years if 12 * year in at_risk.index}
        for year, text in (shown or {0: "none"}).items():
            ax.annotate(
                text,
                (year, 0),
                xytext=(0, -below),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=8,
                color=colour,
                annotation_clip=False,
                gid=f"at-risk-{kind}-{year}",
            )
    return below
