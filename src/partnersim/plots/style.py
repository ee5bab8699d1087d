"""One look for all figures: colours that survive a grey printer, quiet axes, a heading and a footer that tell all.

Colours come with line styles, so that no reading depends on colour alone. Nothing is set globally.
"""

from __future__ import annotations

import math
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import matplotlib as mpl

from partnersim.errors import ResultError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#222222"
QUIET = "#666666"
GRID = "#dddddd"
BAND_ALPHA = 0.22


class Line(NamedTuple):
    """How one thing is drawn wherever it appears."""

    colour: str
    style: Any


LIVES = {"practice": Line("#12436d", "-"), "form": Line("#e06c1f", (0, (5, 2)))}
GROUPS = {
    "partnership": Line("#12436d", "-"),
    "people": Line("#a2266b", (0, (7, 1.5))),
    "members": Line("#1b8f86", (0, (7, 1.5, 1.5, 1.5))),
    "district": Line("#d9822b", (0, (3, 1.2))),
}
CAUSES = (("#12436d", ""), ("#e06c1f", "//"), ("#1b8f86", ""), ("#a2266b", "\\\\"), ("#c9b458", ""), ("#8a8a8a", ".."), ("#3d3d3d", ""))
"""Areas, with hatching, so that neighbours differ in grey."""
OTHER = Line("#3d3d3d", "-")
SCENARIOS = (
    Line("#12436d", "-"),
    Line("#d9601f", (0, (5, 1.6))),
    Line("#1b8f86", (0, (7, 1.5, 1.5, 1.5))),
    Line("#a2266b", (0, (1.6, 1.2))),
    Line("#7a7a7a", (0, (9, 2))),
    Line("#b8860b", (0, (3, 1, 1, 1, 1, 1))),
)
"""Scenarios in their order: dark to light, each with a line of its own."""

_LOOK: dict[str, Any] = {
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.0,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "butt",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.dpi": 120.0,
    "figure.facecolor": "white",
}


STYLES = {"page": 1.0, "talk": 1.45}
"""Size of what is written and drawn against the sheet: as in a paper, or to be read from the back row."""
_SIZE: ContextVar[float] = ContextVar("size", default=1.0)


@contextmanager
def look(style: str = "page") -> Iterator[None]:
    """Draw in the house look inside the `with` block, and leave the user's settings as they were.

    With "talk" the sheet is smaller and the letters are not, so that they are large once the picture fills a screen.
    """
    if style not in STYLES:
        raise ResultError(f"style = {style!r} is no style", where="a figure", allowed=" or ".join(STYLES))
    before = _SIZE.set(STYLES[style])
    try:
        with mpl.rc_context(cast(Any, _LOOK | {"figure.dpi": _LOOK["figure.dpi"] * STYLES[style]})):
            yield
    finally:
        _SIZE.reset(before)


def size() -> float:
    """Return how large letters are against the sheet of the figure that is being drawn; 1 on a page."""
    return _SIZE.get()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure [inches] that makes room for everything written around its axes.

    It belongs to pyplot only where pyplot is in use (imported, or inside a notebook), so `plt.show()` and notebooks
    work, while batch jobs and other threads neither load pyplot nor collect open figures.
    """
    width, height = width / _SIZE.get(), height / _SIZE.get()
    in_use = "matplotlib.pyplot" in sys.modules or "ipykernel" in sys.modules
    if in_use and threading.current_thread() is threading.main_thread():
        import matplotlib.pyplot as plt

        return plt.figure(figsize=(width, height), layout="constrained")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def close(figure: Figure) -> None:
    """Let go of a figure that nobody will look at again."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


def write_figure(ax: Axes, path: Path) -> None:
    """Write the figure of these axes, with everything that stands around them; the name's end says in which format."""
    cast(Any, ax.figure).savefig(path, dpi=130, bbox_inches="tight")


def beside(ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], **font: Any) -> None:
    """Write `text` outside the axes: `at` in axes fractions, moved by `offset` [points]."""
    ax.annotate(text, at, xytext=offset, xycoords="axes fraction", textcoords="offset points", **font)


def heading(ax: Axes, title: str, notes: Sequence[str], *, width: int = 100) -> None:
    """Write a bold title and lines of notes above the axes."""
    lines = wrapped(notes, width)
    beside(ax, lines, (0, 1), (0, 8), va="bottom", ha="left", fontsize=8, color=QUIET, linespacing=1.35)
    above = 8 + 8 * 1.35 * (lines.count("\n") + 1) + 5
    title = wrapped([title], max(10, int(width * 0.72)))
    beside(ax, title, (0, 1), (0, above), va="bottom", ha="left", fontsize=11.5, fontweight="bold")


def footer(ax: Axes, text: str, below: float, *, width: int = 110) -> None:
    """Write where the picture comes from, `below` points under the axes."""
    if text:
        beside(ax, wrapped([text], width), (0, 0), (0, -below), va="top", ha="left", fontsize=6.5, color=QUIET)


def around(figure: Any, title: str, notes: Sequence[str], source: str) -> None:
    """Write a bold title and notes over a whole figure, from its left edge, and where it comes from under it."""
    from matplotlib.text import Annotation

    inches = figure.bbox.width / figure.dpi
    told = "\n".join(textwrap.fill(note, int(16.5 * inches)) for note in notes if note)
    heading = textwrap.fill(title, int(9 * inches))
    lines = told.count("\n") + 1
    # room for the notes in lines of the title, which are higher
    top = figure.suptitle(
        heading + "\n" * math.ceil(lines * 8 * 1.3 / (12 * 1.2) + 0.2), x=0.008, ha="left", fontsize=12, fontweight="bold"
    )
    figure.add_artist(
        Annotation(told, (0, 0), xycoords=top, va="bottom", ha="left", fontsize=8, color=QUIET, linespacing=1.3, in_layout=False)
    )
    if source:
        figure.supxlabel(textwrap.fill(source, int(20 * inches)), x=0.008, ha="left", fontsize=6.5, color=QUIET)


def wrapped(lines: Sequence[str], width: int) -> str:
    """Lines broken at words so that none is longer than `width` letters."""
    letters = max(10, round(width / _SIZE.get()))
    return "\n".join(textwrap.fill(line, letters) for line in lines if line)


def apart(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return heights moved as little as keeps them `gap` apart, in their order, and between `low` and `high` if there is room."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    out = list(heights)
    for _ in range(50):
        for lower, upper in pairwise(order):
            overlap = gap - (out[upper] - out[lower])
            if overlap > 1e-9:
                out[lower] -= overlap / 2
                out[upper] += overlap / 2
        if order:
            move = max(0.0, low - out[order[0]]) - max(0.0, out[order[-1]] - high)
            out = [height + move for height in out]
    return out


def dated(timeline: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return the events of a scenario's timeline as (month, words), in order."""
    found = []
    for event in timeline:
        words = str(event["event"]).replace("_", " ")
        if event["event"] == "set":
            words = f"{str(event['parameter']).rpartition('.')[2].replace('_', ' ')} = {event['value']:g}"
        elif "side" in event:
            words = f"{words} ({event['side']})"
        found.append((int(event["at_month"]), words))
    return sorted(found)


def events_on(ax: Axes, events: Sequence[tuple[int, str]], *, labels: bool = True) -> None:
    """Mark dated events (month, name) on a time axis in years."""
    for n, (month, name) in enumerate(events[:12]):
        ax.axvline(month / 12, color=QUIET, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        if labels:
            ax.annotate(
                name, (month / 12, 1.0), xytext=(2, -3 - 9 * (n % 3)), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
                va="top", fontsize=7, color=INK,
                bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6}, zorder=5,
            )  # fmt: skip


def year_ticks(years: float) -> list[int]:
    """Whole years to mark on an axis of this length: every fifth of a long one, fewer apart on a short one."""
    step = 5 if years >= 10 else 2 if years > 5 else 1
    return list(range(0, int(years) + 1, step))
