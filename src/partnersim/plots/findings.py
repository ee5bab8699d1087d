"""Figures of a study's findings: means by level, means by month, main effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim.plots.style import BAND_ALPHA, INK, QUIET, SCENARIOS, around, events_on, look, new_figure, wrapped, year_ticks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plot_effects", "plot_levels", "plot_path"]

MARKS = ("o", "D", "s", "^", "v", "P")
SHOWN = 24
"""Effects drawn; the others are in the table."""


def plot_levels(
    table: pd.DataFrame,
    *,
    x: str,
    lines: str,
    y: str,
    title: str,
    notes: Sequence[str],
    source: str = "",
    ax: Any = None,
    style: str = "page",
) -> Any:
    """Draw means with 95 % intervals against the levels of a factor.

    Parameters
    ----------
    table
        `line`, `level` (numbers or words), `mean`, `low`, `high`; a line for each `line` in the order of the rows.
    x, lines, y
        What the levels, the lines and the means are, in words; `x` and `lines` may be empty.
    title
        The question that it answers.
    """
    numbers = table["level"].dtype.kind in "if"
    names = list(dict.fromkeys(table["line"]))
    with look(style):
        if ax is None:
            ax = new_figure(7.2, 4.6).add_subplot()
        words = list(dict.fromkeys(table["level"]))
        for n, name in enumerate(names):
            part, line = table[table["line"] == name], SCENARIOS[n]
            label = f"{name:g}" if isinstance(name, int | float) else str(name)
            if numbers:
                ax.fill_between(part["level"], part["low"], part["high"], color=line.colour, alpha=BAND_ALPHA, linewidth=0)
                ax.plot(part["level"], part["mean"], color=line.colour, linestyle=line.style, marker=MARKS[n], markersize=5, label=label)
            else:
                at = np.array([words.index(word) for word in part["level"]]) + 0.16 * (n - (len(names) - 1) / 2)
                ax.vlines(at, part["low"], part["high"], color=line.colour, linewidth=2)
                ax.plot(at, part["mean"], MARKS[n], color=line.colour, markersize=6, label=label)
        if numbers:
            some = words[:: -(-len(words) // 9)]
            ax.set_xticks(some, labels=[f"{word:g}" for word in some])
        else:
            ax.set_xticks(range(len(words)), labels=[wrapped([str(word)], 22) for word in words])
            ax.set_xlim(-0.6, len(words) - 0.4)
        if (table["low"] >= 0).all():
            ax.set_ylim(0, None)
        if len(names) > 1:
            ax.legend(frameon=False, fontsize=8, title=wrapped([lines], 60) or None, title_fontsize=8, ncols=2 if len(names) > 3 else 1)
        ax.set_xlabel(wrapped([x], 80))
        ax.set_ylabel(wrapped([y], 44))
        around(ax.figure, title, notes, source)
    return ax


def plot_path(
    table: pd.DataFrame,
    *,
    y: str,
    title: str,
    marks: Sequence[int],
    notes: Sequence[str],
    events: Sequence[tuple[int, str]] = (),
    lever: tuple[str, str, Sequence[tuple[int, float]]] | None = None,
    source: str = "",
    style: str = "page",
) -> Any:
    """Draw means with 95 % intervals by month; returns the upper axes.

    Parameters
    ----------
    table
        `line`, `month`, `mean`, `low`, `high`.
    y, title
        What is drawn, in words, and the question that it answers.
    marks
        Months that a finding compares, marked with dots.
    events
        Dated events: (month, name).
    lever
        What a lever is called, whose it is, and (month, value) for each of its steps; drawn in a second panel.
    """
    with look(style):
        figure = new_figure(7.6, 6.0 if lever else 4.8)
        if lever:
            ax, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3.2, 1.0)})
        else:
            ax = below = figure.add_subplot()
        for n, (name, part) in enumerate(table.groupby("line", sort=False)):
            line, years = SCENARIOS[n], part["month"] / 12
            ax.fill_between(years, part["low"], part["high"], color=line.colour, alpha=BAND_ALPHA, linewidth=0)
            ax.plot(years, part["mean"], color=line.colour, linestyle=line.style, label=wrapped([name], 44))
            dots = part[part["month"].isin(list(marks))]
            ax.plot(dots["month"] / 12, dots["mean"], "o", color=line.colour, markersize=5.5, markeredgecolor="white")
        ax.set_ylim(0, None)
        end = float(table["month"].max()) / 12
        ax.set_xlim(0, end)
        ax.set_xticks(year_ticks(end))
        events_on(ax, list(events))
        ax.legend(frameon=False, fontsize=8, loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1.0))
        ax.set_ylabel(wrapped([y], 40))
        if lever:
            what, whose, moved = lever
            steps = np.array(moved, float)
            below.step(steps[:, 0] / 12, steps[:, 1], where="post", color=INK)
            below.set_ylim(0, None)
            below.set_ylabel(wrapped([what], 20), fontsize=7.5)
            below.set_title(whose, fontsize=8, loc="right", color=QUIET)
        below.set_xlabel("Years since the start")
        around(figure, title, notes, source)
    return ax


def plot_effects(
    table: pd.DataFrame, *, y: str, title: str, notes: Sequence[str], source: str = "", ax: Any = None, style: str = "page"
) -> Any:
    """Draw main effects with 95 % intervals: `table` has `label`, `effect`, `low`, `high`, strongest first."""
    shown = table.head(SHOWN)
    at = np.arange(len(shown))[::-1]
    with look(style):
        if ax is None:
            ax = new_figure(8.0, 2.0 + 0.3 * len(shown)).add_subplot()
        clear = ((shown["low"] > 0) | (shown["high"] < 0)).to_numpy()
        for keep, colour in ((clear, SCENARIOS[0].colour), (~clear, QUIET)):
            ax.hlines(at[keep], shown["low"][keep], shown["high"][keep], color=colour, linewidth=2)
            ax.plot(shown["effect"][keep], at[keep], "o", color=colour, markersize=5)
        ax.axvline(0.0, color=INK, linewidth=0.9)
        ax.set_yticks(at, labels=[wrapped([label], 46) for label in shown["label"]], fontsize=8)
        ax.set_ylim(-0.7, len(shown) - 0.3)
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.set_xlabel(wrapped([f"Effect on: {y}"], 80))
        more = [f"The {len(shown)} strongest of {len(table)}."] if len(table) > len(shown) else []
        around(ax.figure, title, [*notes, *more, "Grey: not clear of 0."], source)
    return ax
