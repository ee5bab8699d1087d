"""The outcomes figure: small panels of what happens to practice, people, members and the district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from partnersim.errors import ResultError, nearest
from partnersim.plots.style import (
    BAND_ALPHA,
    GROUPS,
    INK,
    OTHER,
    QUIET,
    dated,
    events_on,
    look,
    new_figure,
    wrapped,
    year_ticks,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["DEFAULT_OUTCOMES", "plot_outcomes"]

DEFAULT_OUTCOMES = (
    "practice_workplace",
    "practice_strategic",
    "form",
    "authority_workplace",
    "trust_union_workplace",
    "trust_management_workplace",
    "contact_workplace",
    "skill_workplace",
    "member_support",
    "grievances",
    "quality",
    "budget_gap",
)
COLUMNS = 4
DATED = 6
"""Events named in the heading."""


class Outcome(Protocol):
    """A declared outcome, as `partnersim.model.outcomes.Outcome`."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


class OutcomesResult(Protocol):
    """What the figure needs: the declarations, `bands(names)`, and texts for its heading and footer."""

    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def scenario(self) -> Any: ...
    @property
    def outcomes(self) -> Iterable[Any] | Mapping[str, Any]: ...
    def bands(self, names: Sequence[str]) -> pd.DataFrame: ...


def plot_outcomes(result: OutcomesResult, outcomes: Iterable[str] | None = None, figure: Any = None, style: str = "page") -> np.ndarray:
    """Draw the median and the spread of runs of several outcomes against time in years, a panel each.

    Parameters
    ----------
    result
        Draws `result.bands(names)`, a table of `partnersim.analysis.bands.bands`; labels and units come from
        `result.outcomes`, the declarations (a sequence, or a mapping by name).
    outcomes
        Names of outcomes, in the order of the panels; twelve chosen ones when left out, and the first twelve declared
        if none of those is there.
    figure
        Figure or subfigure to draw on, best with `layout="constrained"`; a new figure when left out.
    style
        "page", or "talk" for a screen that is read from the back row.

    Returns
    -------
    One-dimensional array of axes, one an outcome.

    Raises
    ------
    ResultError
        Unknown outcome, or none.
    """
    declared = _declared(result.outcomes)
    names = _chosen(declared, outcomes)
    table = result.bands(names)
    years = float(table["month"].max()) / 12
    events = [(month, words) for month, words in dated(result.scenario.timeline) if month <= 12 * years]
    columns = min(COLUMNS if len(names) > 9 or len(names) == 4 else 3, len(names))
    rows = -(-len(names) // columns)

    with look(style):
        if figure is None:
            figure = new_figure(max(2.75 * columns + 0.2, 5.5), max(1.95 * rows + 1.2, 3.9))
        panels: list[Axes] = []
        for place, name in enumerate(names):
            ax = figure.add_subplot(rows, columns, place + 1, sharex=panels[0] if panels else None)
            _panel(ax, declared[name], table[table["outcome"] == name], int(table.attrs["n"]))
            is_lowest = place + columns >= len(names)
            ax.tick_params(labelbottom=is_lowest)
            if is_lowest:
                ax.set_xlabel("Years since the start")
            events_on(ax, events, labels=False)
            panels.append(ax)
        panels[0].set_xlim(0, years)
        panels[0].set_xticks(year_ticks(years))
        _around(figure, result, table, events)
        if columns >= 3:
            _groups(figure, [declared[name].group for name in names])
    return np.array(panels, dtype=object)


def _panel(ax: Axes, outcome: Outcome, rows: pd.DataFrame, runs: int) -> None:
    line = GROUPS.get(outcome.group, OTHER)
    x = rows["month"] / 12
    ax.fill_between(x, rows["low"], rows["high"], color=line.colour, alpha=BAND_ALPHA, linewidth=0)
    ax.plot(x, rows["median"], color=line.colour, linestyle=line.style, label=outcome.name)
    ax.set_ylim(outcome.low, outcome.high)
    ax.set_ylabel(wrapped([outcome.unit], 24), fontsize=8)
    ax.tick_params(labelsize=8)
    ax.set_title(wrapped([outcome.label], 29), loc="left", fontsize=8.5, fontweight="bold", color=INK)
    fewest, most = int(rows["n"].min()), int(rows["n"].max())
    if fewest < runs:
        some = f"n = {fewest}" if fewest == most else f"n = {fewest} to {most}"
        ax.text(0.98, 0.97, some, transform=ax.transAxes, ha="right", va="top", fontsize=7, color=QUIET)


def _around(figure: Any, result: OutcomesResult, table: pd.DataFrame, events: Sequence[tuple[int, str]]) -> None:
    """Write the heading and the footer of the whole figure."""
    inches = figure.bbox.width / figure.dpi
    low, high = table.attrs["low"], table.attrs["high"]
    told = (
        f"n = {table.attrs['n']} runs. Line: median of runs. Band: middle {100 * (high - low):.0f} % of runs "
        f"({100 * low:.0f}th to {100 * high:.0f}th percentile, each month). "
        "Runs whose partnership died stay in."
    )
    happens = "; ".join(f"{words} in year {(month - 1) // 12 + 1}" for month, words in events[:DATED])
    more = f"; {len(events) - DATED} more" if len(events) > DATED else ""
    told = wrapped([told, f"Dotted lines: {happens}{more}." if events else ""], int(17 * inches))
    title = figure.suptitle(
        wrapped([result.title], int(9 * inches)) + "\n" * (told.count("\n") + 1),
        x=0.008,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    figure.add_artist(Annotation(told, (0, 0), xycoords=title, va="bottom", ha="left", fontsize=8, color=QUIET, in_layout=False))
    figure.supxlabel(wrapped([result.footer], int(20 * inches)), x=0.008, ha="left", fontsize=6.5, color=QUIET)


def _groups(figure: Any, groups: Sequence[str]) -> None:
    """Name the groups of panels by colour and line; the panels can be read without it."""
    lines = {group: GROUPS.get(group, OTHER) for group in groups}
    if len(lines) > 1:
        legend = figure.legend(
            handles=[Line2D([], [], color=at.colour, linestyle=at.style, label=group) for group, at in lines.items()],
            loc="upper right",
            ncols=len(lines),
            frameon=False,
            fontsize=8,
            handlelength=2.6,
            columnspacing=1.4,
            borderaxespad=0.2,
        )
        legend.set_in_layout(False)


def _declared(outcomes: Iterable[Any] | Mapping[str, Any]) -> dict[str, Any]:
    listed: Iterable[Any] = outcomes.values() if isinstance(outcomes, Mapping) else outcomes
    return {outcome.name: outcome for outcome in listed}


def _chosen(declared: Mapping[str, Any], asked: Iterable[str] | None) -> list[str]:
    if asked is None:
        names = [name for name in DEFAULT_OUTCOMES if name in declared] or list(declared)[: len(DEFAULT_OUTCOMES)]
    else:
        names = [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
    unknown = [name for name in names if name not in declared]
    if unknown:
        raise ResultError(
            f"{unknown[0]!r} is no outcome",
            where="plot_outcomes",
            allowed="a name in result.outcomes",
            fix=nearest(unknown[0], declared),
        )
    if not names:
        raise ResultError("no outcome is named", where="plot_outcomes", allowed="one name or more")
    return names
