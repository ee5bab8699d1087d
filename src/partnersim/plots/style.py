"""One look for all figures: colours that survive a grey printer, quiet axes, a heading and a footer that tell all.

Colours come with line styles, so that no reading depends on colour alone. Nothing is set globally.
"""

from __future__ import annotations

import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import matplotlib as mpl

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
OTHER = Line("#3d3d3d", "-")

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


@contextmanager
def look() -> Iterator[None]:
    """Draw in the house look inside the `with` block, and leave the user's settings as they were."""
    with mpl.rc_context(cast(Any, _LOOK)):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure [inches] that makes room for everything written around its axes.

    It belongs to pyplot only where pyplot is in use (imported, or inside a notebook), so `plt.show()` and notebooks
    work, while batch jobs and other threads neither load pyplot nor collect open figures.
    """
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


def wrapped(lines: Sequence[str], width: int) -> str:
    """Lines broken at words so that none is longer than `width` letters."""
    return "\n".join(textwrap.fill(line, width) for line in lines if line)


def year_ticks(years: float) -> list[int]:
    """Whole years to mark on an axis of this length: every fifth of a long one, fewer apart on a short one."""
    step = 5 if years >= 10 else 2 if years > 5 else 1
    return list(range(0, int(years) + 1, step))
