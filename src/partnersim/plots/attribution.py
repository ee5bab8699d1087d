"""Attribution figures: from no factor to all of them, bar by bar, and which factors need or replace each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from matplotlib.lines import Line2D

from partnersim.analysis.precision import decimals
from partnersim.plots.style import GRID, INK, QUIET, around, beside, look, new_figure, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_attribution", "plot_interactions"]

GAIN, LOSS, ENDS = "#12436d", "#d9601f", "#8a8a8a"
ROOMY = 12
"""Factors from which on the upper half has room for words."""
LISTED = 5
"""Pairs whose numbers are written into the figure."""


class AttributionResult(Protocol):
    """What the figures need."""

    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def worlds(self) -> int: ...
    @property
    def labels(self) -> dict[str, str]: ...
    def label(self, outcome: str | None = None) -> str: ...
    def table(self, outcome: str | None = None) -> pd.DataFrame: ...
    def interactions(self, outcome: str | None = None) -> pd.DataFrame: ...


def plot_attribution(result: AttributionResult, outcome: str | None = None, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw the Shapley value of each factor as a step from none to all.

    Parameters
    ----------
    result
        Draws `result.table(outcome)`.
    outcome
        Another outcome than the one asked for at first.
    ax
        Axes to draw on; a new figure when left out.

    Returns
    -------
    The axes: a bar a factor that begins where the one before ends, the 95 % interval of each bar's own length at its end, and the levels
    with none and with all of them.
    """
    table = result.table(outcome)
    none, everything, difference = (table.attrs[name] for name in ("none", "all", "difference"))
    count = len(table)
    d = decimals((table["high"] - table["low"]) / 2)
    with look(style):
        if ax is None:
            ax = new_figure(8.2, 2.1 + 0.31 * (count + 2)).add_subplot()
        at = none[0]
        unit = result.label(outcome).rpartition("[")[2].rstrip("]")
        _beside(ax, count + 1.75, f"{unit}  [95 %]", QUIET)
        _end(ax, count + 1, none, d)
        for n, row in enumerate(table.itertuples()):
            y = count - n
            ax.barh(y, row.value, left=at, height=0.62, color=GAIN if row.value >= 0 else LOSS, linewidth=0)
            _whisker(ax, y, at + row.low, at + row.high)
            end = at + row.value
            ax.vlines(end, y - 1.31, y + 0.31, color=QUIET, linewidth=0.7)
            clear = (row.low > 0) or (row.high < 0)
            _beside(ax, y, f"{row.value:+.{d}f}  [{row.low:.{d}f}, {row.high:.{d}f}]", INK if clear else QUIET)
            at = end
        _end(ax, 0, everything, d)
        ax.set_yticks([count + 1, *range(count, 0, -1), 0], labels=["With none of them", *table["label"], "With all of them"])
        ax.set_ylim(-0.6, count + 1.6)
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(wrapped([result.label(outcome)], 80))
        low, high = ax.get_xlim()
        ax.set_xlim(min(0.0, low) if none[0] >= 0 else low, high)
        notes = [
            f"n = {result.worlds} worlds, the same luck with and without each factor. Together {difference[0]:+.{d}f} "
            f"[{difference[1]:.{d}f}, {difference[2]:.{d}f}]; the steps add up to it.",
            "Step: Shapley value (what a factor adds, averaged over all orders of arrival). Line: its 95 % confidence interval. "
            "Grey numbers: not clear of 0.",
        ]
        around(ax.figure, f"What sustains it: {result.title}", notes, result.footer)
    return ax


def _end(ax: Axes, y: float, level: tuple[float, float, float], d: int) -> None:
    ax.barh(y, level[0], height=0.62, color=ENDS, linewidth=0)
    _whisker(ax, y, level[1], level[2])
    _beside(ax, y, f"{level[0]:.{d}f}  [{level[1]:.{d}f}, {level[2]:.{d}f}]", INK)


def _whisker(ax: Axes, y: float, low: float, high: float) -> None:
    ax.hlines(y, low, high, color=INK, linewidth=1.3)
    ax.vlines((low, high), y - 0.16, y + 0.16, color=INK, linewidth=1.3)


def _beside(ax: Axes, y: float, text: str, colour: str) -> None:
    ax.annotate(
        text, (1.0, y), xytext=(6, 0), xycoords=ax.get_yaxis_transform(), textcoords="offset points", va="center", fontsize=7.5,
        color=colour, annotation_clip=False,
    )  # fmt: skip


def plot_interactions(result: AttributionResult, outcome: str | None = None, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw which pairs of factors are complements (filled marks) and which are substitutes (open marks).

    Areas grow with the size of the interaction; pairs that are not clear of 0 are faint.
    """
    table = result.interactions(outcome)
    order = [name for name in result.table(outcome)["factor"] if name in set(table["first"]) | set(table["second"])]
    place = {name: n for n, name in enumerate(order)}
    largest = float(table["value"].abs().max()) or 1.0
    size = len(order)
    with look(style):
        if ax is None:
            side = 2.6 + 0.33 * size
            ax = new_figure(side + 1.4, side + 0.7).add_subplot()
        for row in table.itertuples():
            i, j = sorted((place[row.first], place[row.second]))
            complement = row.value > 0
            colour = GAIN if complement else LOSS
            faint = row.kind == "unclear"
            ax.scatter(
                i, j, s=300.0 * abs(row.value) / largest, marker="o" if complement else "D", facecolor=colour if complement else "none",
                edgecolor=colour, linewidth=1.5, alpha=0.18 if faint else 1.0, zorder=3,
            )  # fmt: skip
        names = [result.labels[name] for name in order]
        ax.set_xticks(range(size - 1), labels=names[:-1], rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(1, size), labels=names[1:])
        ax.set_xlim(-0.7, size - 1.3)
        ax.set_ylim(size - 0.3, 0.3)
        ax.set_aspect("equal")
        ax.grid(visible=False)
        for n in range(1, size):  # a grid where there are pairs
            ax.hlines(n, -0.5, n - 0.5, color=GRID, linewidth=0.6, zorder=1)
            ax.vlines(n - 1, n - 0.5, size - 0.5, color=GRID, linewidth=0.6, zorder=1)
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        unit = result.label(outcome).rpartition("[")[2].rstrip("]")
        ax.legend(
            handles=[
                Line2D([], [], marker="o", linestyle="none", color=GAIN, markersize=9, label="complements: more than the sum of both"),
                Line2D([], [], marker="D", linestyle="none", markerfacecolor="none", color=LOSS, markersize=8,
                       label="substitutes: one does part of the other's work"),
                Line2D([], [], marker="o", linestyle="none", color=GAIN, alpha=0.18, markersize=9, label="unclear"),
            ],
            **({"loc": "upper right"} if size >= ROOMY else {"loc": "lower right", "bbox_to_anchor": (1, 1)}),
            frameon=False, fontsize=8, borderaxespad=0,
        )  # fmt: skip
        found = table[table["kind"] != "unclear"]
        clear = len(found)
        d = decimals((table["high"] - table["low"]) / 2)
        said = [
            f"{result.labels[row.first]} + {result.labels[row.second]}\n{row.value:+.{d}f} [{row.low:.{d}f}, {row.high:.{d}f}] {unit}"
            for row in found.head(LISTED if size >= ROOMY else 0).itertuples()
        ]
        if said:  # the upper half is free
            more = f" (the {len(said)} largest of {clear})" if clear > len(said) else ""
            text = "\n".join([f"Clear of 0{more}, with 95 % intervals", *said])
            beside(ax, text, (1, 1), (0, -56), ha="right", va="top", fontsize=7.5, linespacing=1.45, color=INK)
        notes = [
            f"n = {result.worlds} worlds. Area: size of the interaction; the largest is {largest:.3g} {unit}.",
            f"{clear} of {len(table)} pairs are clear of 0{' (5 % of these are false on average)' if clear else ''}; the others are faint.",
        ]
        around(ax.figure, f"Which factors need each other: {result.title}", notes, result.footer)
    return ax
