"""Attribution figures: from no factor to all of them, bar by bar, and which factors need or replace each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from matplotlib.lines import Line2D

from partnersim.plots.style import INK, QUIET, around, look, new_figure, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_attribution", "plot_interactions"]

GAIN, LOSS, ENDS = "#12436d", "#d9601f", "#8a8a8a"


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
    with look(style):
        if ax is None:
            ax = new_figure(8.2, 2.1 + 0.31 * (count + 2)).add_subplot()
        at = none[0]
        _end(ax, count + 1, none, "with none of them")
        for n, row in enumerate(table.itertuples()):
            y = count - n
            ax.barh(y, row.value, left=at, height=0.62, color=GAIN if row.value >= 0 else LOSS, linewidth=0)
            ax.hlines(y, at + row.low, at + row.high, color=INK, linewidth=1.3)
            ax.vlines((at + row.low, at + row.high), y - 0.16, y + 0.16, color=INK, linewidth=1.3)
            end = at + row.value
            ax.vlines(end, y - 1.31, y + 0.31, color=QUIET, linewidth=0.7)
            clear = (row.low > 0) or (row.high < 0)
            said = f"{row.value:+.3g}  [{row.low:.3g}, {row.high:.3g}]"
            ax.annotate(
                said, (1.0, y), xytext=(6, 0), xycoords=ax.get_yaxis_transform(), textcoords="offset points", va="center", fontsize=7.5,
                color=INK if clear else QUIET, annotation_clip=False,
            )  # fmt: skip
            at = end
        _end(ax, 0, everything, "with all of them")
        ax.set_yticks([count + 1, *range(count, 0, -1), 0], labels=["With none of them", *table["label"], "With all of them"])
        ax.set_ylim(-0.6, count + 1.6)
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(wrapped([result.label(outcome)], 80))
        low, high = ax.get_xlim()
        ax.set_xlim(min(0.0, low) if none[0] >= 0 else low, high)
        notes = [
            f"n = {result.worlds} worlds, the same luck with and without each factor. Together {difference[0]:+.3g} "
            f"[{difference[1]:.3g}, {difference[2]:.3g}]; the steps add up to it.",
            "Step: Shapley value (what a factor adds, averaged over all orders of arrival). Line: its 95 % confidence interval.",
        ]
        around(ax.figure, f"What sustains it: {result.title}", notes, result.footer)
    return ax


def _end(ax: Axes, y: float, level: tuple[float, float, float], _: str) -> None:
    ax.barh(y, level[0], height=0.62, color=ENDS, linewidth=0)
    ax.hlines(y, level[1], level[2], color=INK, linewidth=1.3)
    ax.annotate(
        f"{level[0]:.3g}  [{level[1]:.3g}, {level[2]:.3g}]", (1.0, y), xytext=(6, 0), xycoords=ax.get_yaxis_transform(),
        textcoords="offset points", va="center", fontsize=7.5, color=INK, annotation_clip=False,
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
    few = size < 10  # then the free corner has no room for the legend
    with look(style):
        if ax is None:
            side = 2.6 + 0.33 * size
            ax = new_figure(side + (4.2 if few else 1.4), side + 0.7).add_subplot()
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
        ax.grid(visible=True, axis="both")
        ax.tick_params(length=0)
        unit = result.label(outcome).rpartition("[")[2].rstrip("]")
        ax.legend(
            handles=[
                Line2D([], [], marker="o", linestyle="none", color=GAIN, markersize=9, label="complements: more than the sum of both"),
                Line2D([], [], marker="D", linestyle="none", markerfacecolor="none", color=LOSS, markersize=8,
                       label="substitutes: one does part of the other's work"),
                Line2D([], [], marker="o", linestyle="none", color=GAIN, alpha=0.18, markersize=9, label="unclear"),
            ],
            loc="upper left" if few else "upper right", bbox_to_anchor=(1.02, 1.0) if few else (1.0, 1.0), frameon=False, fontsize=8,
        )  # fmt: skip
        clear = int((table["kind"] != "unclear").sum())
        notes = [
            f"n = {result.worlds} worlds. Area: size of the interaction; the largest is {largest:.3g} {unit}.",
            f"{clear} of {len(table)} pairs are clear of 0 (5 % of these are false on average); the others are faint.",
        ]
        around(ax.figure, f"Which factors need each other: {result.title}", notes, result.footer)
    return ax
