"""When partnerships are in danger, what they die of, and which factors change the danger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from partnersim.plots.style import (
    BAND_ALPHA,
    CAUSES,
    INK,
    LIVES,
    OTHER,
    QUIET,
    apart,
    around,
    beside,
    look,
    new_figure,
    size,
    wrapped,
    year_ticks,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from partnersim.analysis.cox import Reading

__all__ = ["plot_causes", "plot_cox", "plot_hazard"]


LABEL_GAP = 0.05
"""Share of the axis that a label needs."""


class MortalityResult(Protocol):
    """What the figures need."""

    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    def hazard(self) -> pd.DataFrame: ...
    def cumulative_incidence(self) -> pd.DataFrame: ...


def plot_hazard(result: MortalityResult, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw deaths of practice per year at risk against age; draws `result.hazard()`."""
    table = result.hazard()
    line = LIVES["practice"]
    with look(style):
        if ax is None:
            ax = new_figure(6.6, 4.2).add_subplot()
        start, end = table["from_month"] / 12, table["to_month"] / 12
        ax.bar(start, table["hazard_per_year"], end - start, align="edge", color=line.colour, alpha=BAND_ALPHA, edgecolor=line.colour)
        ax.vlines((start + end) / 2, table["low"], table["high"], color=line.colour, linewidth=1.8)
        ax.plot((start + end) / 2, table["hazard_per_year"], "o", color=line.colour, markersize=5)
        for row, x in zip(table.itertuples(), (start + end) / 2, strict=True):
            ax.annotate(f"{row.deaths}", (x, row.high), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=7, color=QUIET)
        ax.set_xlim(0, float(end.iloc[-1]))
        ax.set_xticks(year_ticks(float(end.iloc[-1])))
        ax.set_ylim(0, None)
        ax.set_xlabel("Age of the partnership (years since it began)")
        ax.set_ylabel("Deaths of practice per year at risk")
        notes = [f"n = {table.attrs['n']} runs. Line: 95 % interval (Poisson). Numbers: deaths."]
        around(ax.figure, f"When practice is in danger: {result.title}", notes, result.footer)
    return ax


def plot_causes(result: MortalityResult, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw the share of partnerships whose practice has died of each cause, stacked; draws `result.cumulative_incidence()`."""
    table = result.cumulative_incidence()
    with look(style):
        if ax is None:
            ax = new_figure(7.2, 4.4).add_subplot()
        below, years = None, 0.0
        said: list[str] = []
        heights: list[float] = []
        for n, (cause, rows) in enumerate(table.groupby("cause", sort=False)):
            x, share = rows["months"].to_numpy() / 12, rows["share"].to_numpy()
            below = np.zeros(len(x)) if below is None else below
            colour, hatch = CAUSES[n] if n < len(CAUSES) else (OTHER.colour, "")
            ax.fill_between(x, below, below + share, step="post", facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0.6)
            last = rows.iloc[-1]
            few = 1 if last["share"] < 0.01 else 0  # one death in two hundred is no 0 %
            said.append(f"{cause} {100 * last['share']:.{few}f} % [{100 * last['low']:.{few}f}-{100 * last['high']:.{few}f}]")
            heights.append(float(below[-1] + share[-1] / 2))
            below, years = below + share, float(x[-1])
        if below is None:
            ax.text(0.5, 0.5, "nothing died", transform=ax.transAxes, ha="center", color=QUIET)
        else:
            ax.set_xlim(0, years)
            ax.set_xticks(year_ticks(years))
            top = max(0.05, 1.05 * float(below[-1]))
            ax.set_ylim(0, top)
            for text, height in zip(said, apart(heights, LABEL_GAP * top, 0.0, top), strict=True):
                place: dict[str, Any] = {"xytext": (5, 0), "textcoords": "offset points", "va": "center", "annotation_clip": False}
                ax.annotate(text, (years, height), fontsize=8, color=INK, **place)
        ax.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f}")
        ax.set_xlabel("Age of the partnership (years since it began)")
        ax.set_ylabel("Died of it so far (% of runs)")
        attrs: dict[str, Any] = dict(table.attrs)
        notes = [f"n = {attrs['n']} runs, {attrs['died']} died. Causes compete: heights add up to all deaths. In brackets: 95 % interval."]
        around(ax.figure, f"What practice dies of: {result.title}", notes, result.footer)
    return ax


def plot_cox(reading: Reading, labels: dict[str, str] | None = None, source: str = "", ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw the hazard ratio of each factor of a Cox model, on a log scale."""
    table, words = reading.table, labels or {}
    with look(style):
        if ax is None:
            ax = new_figure(8.2, 2.0 + size() * 0.46 * len(table)).add_subplot()
        y = np.arange(len(table))[::-1]
        ax.axvline(1.0, color=INK, linewidth=0.9)
        for row, at in zip(table.itertuples(), y, strict=True):
            clear = row.low > 1 or row.high < 1
            colour = LIVES["practice" if row.ratio < 1 else "form"].colour if clear else QUIET
            ax.hlines(at, row.low, row.high, color=colour, linewidth=2.2)
            ax.plot(row.ratio, at, "o" if clear else "D", color=colour, markersize=6, markerfacecolor=colour if clear else "white")
        names = [
            f"{wrapped([words.get(name, name)], 46)}\n{low:.3g} to {high:.3g}"
            for name, low, high in table[["factor", "low_level", "high_level"]].to_numpy()
        ]
        ax.set_yticks(y, labels=names, fontsize=7.5)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        ax.xaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:g}".lstrip("0.")[:1] in ("2", "5") else "")
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.set_ylim(-0.7, len(table) - 0.3)
        for x, side, text in ((0.0, "left", "lower risk"), (1.0, "right", "higher risk")):
            beside(ax, text, (x, 1), (0, 3), ha=side, va="bottom", fontsize=8, color=LIVES["practice" if x == 0 else "form"].colour)
        ax.set_xlabel(wrapped(["Risk of dying at the high level, times that at the low level (hazard ratio)"], 52), loc="right")
        notes = [
            f"n = {reading.runs} runs, {reading.deaths} deaths. Mark: estimate. Line: 95 % interval. Filled: clear of 1.",
            *reading.notes,
        ]
        around(ax.figure, "What changes the risk, all else equal", notes, source)
    return ax
