"""From spaghetti to difference: the runs of two scenarios, and what is left when each world is compared with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from partnersim.analysis.precision import decimals
from partnersim.errors import ResultError, nearest
from partnersim.plots.style import BAND_ALPHA, INK, QUIET, SCENARIOS, around, dated, events_on, look, new_figure, wrapped, year_ticks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plot_comparison", "plot_differences"]

DRAWN = 20
"""Runs drawn as lines; more would be a black area."""


class ComparisonResult(Protocol):
    """What the figures need."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def baseline(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def results(self) -> tuple[Any, ...]: ...
    @property
    def labels(self) -> dict[str, str]: ...
    def by_month(self, outcome: str) -> pd.DataFrame: ...
    def paths(self, outcome: str) -> dict[str, np.ndarray]: ...
    def summary(self) -> pd.DataFrame: ...


def plot_comparison(
    result: ComparisonResult, outcome: str = "alive_index", scenario: str | None = None, figure: Any = None, style: str = "page"
) -> np.ndarray:
    """Draw runs of the baseline and of one other scenario, and beneath them their differences world by world.

    Parameters
    ----------
    result
        Draws `result.paths(outcome)` and `result.by_month(outcome)`.
    outcome
        An outcome recorded by month.
    scenario
        The scenario to compare with the baseline; the second one when left out.
    figure
        Figure or subfigure to draw on; a new one when left out.

    Returns
    -------
    Two axes: runs with their means, and paired differences with the mean and its 95 % interval.
    """
    name = result.names[1] if scenario is None else scenario
    if name not in result.names[1:]:
        raise ResultError(f"{name!r} is not compared", where="plot_comparison", allowed=nearest(name, result.names[1:]))
    table = result.by_month(outcome)
    table = table[table["scenario"] == name]
    paths = result.paths(outcome)
    base, other = paths[result.baseline], paths[name]
    declared = {one.name: one for one in result.results[0].outcomes}[outcome]
    years = table["month"].to_numpy() / 12
    shown = min(DRAWN, len(base))
    with look(style):
        if figure is None:
            figure = new_figure(7.4, 6.6)
        top, bottom = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (1.0, 1.0)})
        lines = {result.baseline: (base, "mean_baseline", SCENARIOS[0]), name: (other, "mean", SCENARIOS[1])}
        for paths_of, _, line in lines.values():
            top.plot(years, paths_of[:shown].T, color=line.colour, linewidth=0.6, alpha=0.4)
        for label, (_, column, line) in lines.items():
            top.plot(years, table[column], color="white", linewidth=4.2)
            top.plot(years, table[column], color=line.colour, linestyle=line.style, linewidth=2.6, label=label)
        top.set_ylim(declared.low, declared.high)
        top.set_ylabel(wrapped([f"{declared.label} ({declared.unit})"], 34))
        top.legend(loc="upper right", frameon=False, ncols=2, fontsize=8, bbox_to_anchor=(1.0, 1.14))
        bottom.plot(years, (other - base)[:shown].T, color=QUIET, linewidth=0.6, alpha=0.4)
        bottom.axhline(0.0, color=INK, linewidth=0.9)
        bottom.fill_between(years, table["low"], table["high"], color=SCENARIOS[1].colour, alpha=2 * BAND_ALPHA, linewidth=0)
        bottom.plot(years, table["difference"], color=SCENARIOS[1].colour, linewidth=2.2)
        bottom.set_ylabel(wrapped([f"Difference in the same world ({declared.unit})"], 34))
        bottom.set_xlabel("Years since the start")
        bottom.set_xlim(0, years[-1])
        bottom.set_xticks(year_ticks(years[-1]))
        for ax in (top, bottom):
            events_on(ax, _happens(result, name), labels=ax is top)
        n = int(table["n"].iloc[0])
        notes = [
            f"n = {n} worlds, {shown} drawn. Above: runs (thin) and their means.",
            f"Below: the same worlds, {name} less {result.baseline}; thick: mean; band: its 95 % interval, month by month.",
        ]
        around(figure, f"What {name} changes", notes, result.footer)
    return np.array([top, bottom], dtype=object)


def plot_differences(result: ComparisonResult, outcome: str = "practice_alive_months", ax: Any = None, style: str = "page") -> Any:
    """Draw the difference of each scenario from the baseline in one outcome of runs, with its interval."""
    table = result.summary()
    table = table[table["outcome"] == outcome]
    if table.empty:
        raise ResultError(
            f"{outcome!r} is not in the summary", where="plot_differences", allowed=nearest(outcome, result.summary()["outcome"])
        )
    with look(style):
        if ax is None:
            ax = new_figure(7.0, 2.7 + 0.45 * len(table)).add_subplot()
        y = np.arange(len(table))[::-1]
        ax.axvline(0.0, color=INK, linewidth=0.9)
        ax.hlines(y, table["low"], table["high"], color=SCENARIOS[1].colour, linewidth=2.4)
        ax.plot(table["difference"], y, "o", color=SCENARIOS[1].colour, markersize=6)
        d = decimals((table["high"] - table["low"]) / 2)
        for row, at in zip(table.itertuples(), y, strict=True):
            ax.annotate(
                f"{row.difference:+.{d}f}  [{row.low:+.{d}f}, {row.high:+.{d}f}]", (row.difference, at), xytext=(0, 7),
                textcoords="offset points", ha="center", fontsize=8, color=INK, annotation_clip=False,
            )  # fmt: skip
        ax.set_yticks(y, labels=[wrapped([name], 34) for name in table["scenario"]])
        ax.set_ylim(-0.7, len(table) - 0.3)
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.set_xlabel(wrapped([f"Difference from {result.baseline} in the same world ({table['unit'].iloc[0]})"], 60))
        first = table.iloc[0]
        notes = [f"n = {first['n']} worlds, same luck. Mark: mean difference. Line: 95 % interval; all lines hold together."]
        around(
            ax.figure, f"{result.labels[outcome]}: {first['mean_baseline']:.3g} {first['unit']} in {result.baseline}", notes, result.footer
        )
    return ax


def _happens(result: ComparisonResult, name: str) -> list[tuple[int, str]]:
    """Dated events of the two scenarios; those of one alone say whose they are."""
    by_scenario: dict[tuple[int, str], list[str]] = {}
    for one in result.results:
        if one.scenario.name in (result.baseline, name):
            for happens in dated(one.scenario.timeline):
                by_scenario.setdefault(happens, []).append(one.scenario.name)
    return sorted((month, words if len(of) > 1 else f"{words}: {of[0]}") for (month, words), of in by_scenario.items())
