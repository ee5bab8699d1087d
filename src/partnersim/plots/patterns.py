"""The figure of the published patterns: every target, what was measured, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from partnersim.plots.style import BAND_ALPHA, INK, QUIET, Line, footer, heading, look, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from partnersim.model.patterns import Pattern, Target

__all__ = ["plot_patterns"]

MET, MISSED = Line("#1b8f86", "o"), Line("#b3262e", "X")
ROW, LEFT, RIGHT = 0.235, -0.6, 1.6  # inches a row; ends of the axis, in widths of the target


class Measured(Protocol):
    """A target as measured."""

    @property
    def target(self) -> Target: ...
    @property
    def measured(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def passes(self) -> bool: ...


class Checked(Protocol):
    """A pattern as measured."""

    @property
    def pattern(self) -> Pattern: ...
    @property
    def passes(self) -> bool: ...
    @property
    def results(self) -> Sequence[Measured]: ...


def plot_patterns(checks: Sequence[Checked], notes: Sequence[str] = (), source: str = "") -> Axes:
    """Draw every target of every pattern as a row: its range as a bar, the estimate as a mark, the 95 % interval as a line.

    Rows have scales of their own: a range with two ends fills the bar; one with an open end begins at an edge of the bar and is as wide as
    the interval or the distance. What lies beyond the axis is drawn at its edge; the numbers stand beside.
    """
    rows = [(check, result) for check in checks for result in check.results]
    with look():
        figure = new_figure(11.0, 1.6 + ROW * (len(rows) + len(checks)))
        ax = figure.subplots()
        y = 0.0
        for check in checks:
            mark = MET if check.passes else MISSED
            use = "fitted" if check.pattern.use == "calibration" else "kept for checking"
            label = f"{check.pattern.id}  {check.pattern.name}"
            ax.text(LEFT - 0.02, y, label, ha="right", va="center", fontweight="bold", fontsize=8.5, color=INK)
            ax.text(LEFT + 0.02, y, f"{'met' if check.passes else 'missed'}, {use}", va="center", fontsize=8, color=mark.colour)
            y += 1
            for result in check.results:
                _row(ax, result, y)
                y += 1
        ax.set(xlim=(LEFT, RIGHT), ylim=(y - 0.3, -0.8), xticks=[], yticks=[])
        ax.grid(visible=False)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        met = sum(check.passes for check in checks)
        heading(ax, f"{met} of {len(checks)} patterns met", ["bar: target; mark: measured; line: 95 % interval", *notes], width=130)
        footer(ax, source, 8, width=150)
    return ax


def _row(ax: Axes, result: Measured, y: float) -> None:
    """Draw one target."""
    target, mark = result.target, MET if result.passes else MISSED
    low, high = target.low, target.high
    width = 1.6 * max(abs(result.measured - (low if low > -1e300 else high)), result.high - result.low, 1e-9)
    if low == -float("inf"):
        low = high - width
    if high == float("inf"):
        high = low + width

    def place(value: float) -> float:
        return min(max((value - low) / (high - low), LEFT + 0.03), RIGHT - 0.03)

    ax.barh(y, 1.0, left=0.0, height=0.62, color=QUIET, alpha=BAND_ALPHA, linewidth=0)
    ax.plot([place(result.low), place(result.high)], [y, y], color=mark.colour, linewidth=1.4)
    ax.plot(place(result.measured), y, marker=mark.style, color=mark.colour, markersize=5.5, linestyle="none")
    ax.text(LEFT - 0.02, y, target.statistic, ha="right", va="center", fontsize=7.5, color=INK)
    said = f"{result.measured:.2g} [{result.low:.2g}, {result.high:.2g}]"
    ax.text(RIGHT + 0.02, y, said, va="center", fontsize=7.5, color=mark.colour)
    ax.text(RIGHT + 0.75, y, target.text, va="center", fontsize=7.5, color=QUIET)
