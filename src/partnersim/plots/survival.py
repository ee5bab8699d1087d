"""The survival figure: how many partnerships are still alive at each age, by practice and by form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from partnersim.errors import ResultError, nearest
from partnersim.plots.style import BAND_ALPHA, LIVES, QUIET, beside, footer, heading, look, new_figure, year_ticks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_survival"]

LABEL_GAP = 0.065  # share of the axis that a label needs


class SurvivalResult(Protocol):
    """What the figure needs: `survival(by=...)`, and texts for its heading and footer."""

    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    def survival(self, *, by: str) -> pd.DataFrame: ...


def plot_survival(result: SurvivalResult, by: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the share of partnerships still alive against their age in years.

    Parameters
    ----------
    result
        Draws `result.survival(by=...)`, a table of `partnersim.analysis.survival.survival`.
    by
        "practice", "form", or both when left out.
    ax
        Axes to draw on; a new figure when left out.

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
    drawn = {kind: table for kind, table in tables.items() if len(table)}
    years = max((table["months"].iloc[-1] / 12 for table in drawn.values()), default=20.0)

    with look():
        if ax is None:
            ax = new_figure(7.0, 4.9).add_subplot()
        for kind, table in drawn.items():
            line = LIVES[kind]
            x = table["months"] / 12
            ax.fill_between(x, table["low"], table["high"], step="post", color=line.colour, alpha=BAND_ALPHA, linewidth=0)
            ax.step(x, table["alive"], where="post", color=line.colour, linestyle=line.style, label=kind)
        _label_ends(ax, drawn)
        if not drawn:
            ax.text(0.5, 0.5, "born in no run", transform=ax.transAxes, ha="center", color=QUIET)
        ax.set_xlim(0, years)
        ax.set_ylim(0, 1.01)
        ax.set_xticks(year_ticks(years))
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100"])
        ax.set_xlabel("Age of the partnership (years since it began)")
        ax.set_ylabel("Still alive (% of runs)")
        below = _runs_at_risk(ax, tables, year_ticks(years))
        notes = [_counts(kind, table) for kind, table in tables.items()]
        notes.append("Band: 95 % confidence interval, age by age. Runs still alive at their end are censored.")
        heading(ax, result.title, notes)
        footer(ax, result.footer, below + 14)
    return ax


def _counts(kind: str, table: pd.DataFrame) -> str:
    """Say how many runs a curve rests on, and what became of them."""
    known = table.attrs
    text = f"{kind.capitalize()}: n = {known['n']} runs, {known['died']} died, {known['censored']} censored"
    return text + (f"; {known['never_born']} more were never born" if known["never_born"] else "") + "."


def _label_ends(ax: Axes, drawn: dict[str, pd.DataFrame]) -> None:
    """Name each line at its right end, moved apart where they would overlap."""
    heights = {kind: float(table["alive"].iloc[-1]) for kind, table in drawn.items()}
    ends = dict(heights)
    if len(heights) == 2:
        lower, upper = sorted(heights, key=lambda kind: heights[kind])
        if heights[upper] - heights[lower] < LABEL_GAP:
            middle = (heights[upper] + heights[lower]) / 2
            heights[lower] = min(max(middle - LABEL_GAP / 2, 0.0), 1.0 - LABEL_GAP)
            heights[upper] = heights[lower] + LABEL_GAP
    for kind, height in heights.items():
        last = drawn[kind]["months"].iloc[-1] / 12
        ax.annotate(
            f"{kind} {100 * ends[kind]:.0f} %",
            (last, height),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=LIVES[kind].colour,
            fontweight="bold",
            annotation_clip=False,
        )


def _runs_at_risk(ax: Axes, tables: dict[str, pd.DataFrame], years: list[int]) -> float:
    """Write the runs at risk under the axis, a row a life; return how far down they reach [points]."""
    below = 44.0
    beside(ax, "Runs at risk", (0, 0), (-22, -below), ha="right", va="center", fontsize=7.5, color=QUIET)
    for kind, table in tables.items():
        below += 12
        colour = LIVES[kind].colour
        beside(ax, kind, (0, 0), (-22, -below), ha="right", va="center", fontsize=8, color=colour)
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
