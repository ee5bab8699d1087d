"""Estimates with intervals, tables of them, and the parts of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CONFIDENCE, DRAWS = 0.95, 1000


@dataclass(frozen=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    high: float
    signed: bool = False

    @property
    def sign(self) -> int:
        """+1 or -1 where the interval excludes 0, else 0."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0

    def within(self, room: float) -> bool:
        """Whether the interval has a part within `room` of 0: no larger difference was shown."""
        return self.low <= room and self.high >= -room

    def __str__(self) -> str:
        return f"{short(self.value, signed=self.signed)} ({short(self.low)} to {short(self.high)})"


@dataclass(frozen=True)
class Table:
    """Rows under titles, which name the units; `caption` says what was played, how often, and with which seed."""

    titles: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    caption: str

    def as_data(self) -> dict[str, Any]:
        """Return the table for JSON."""
        return {"caption": self.caption, "titles": self.titles, "rows": [[_data(cell) for cell in row] for row in self.rows]}


@dataclass(frozen=True)
class Part:
    """One part of the page: its name on the command line, its title, what was asked and done, what was found, and the tables."""

    name: str
    title: str
    asked: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the part for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "asked": self.asked,
            "sentences": self.sentences,
            "tables": [table.as_data() for table in self.tables],
        }


def estimate(values: np.ndarray, members: int = 1, *, signed: bool = False, seed: int = 0) -> Estimate:
    """Return the mean of a value a replicate, with an interval by drawing replicates (or members of the band) anew.

    Pass differences of two scenarios on the same luck, and the interval is a paired one.
    """
    values = np.asarray(values, dtype=float)
    groups = values if members == 1 else np.array([values[m::members].mean() for m in range(members)])
    drawn = np.random.default_rng(seed).integers(0, len(groups), (DRAWS, len(groups)))
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(groups[drawn].mean(axis=1), [tail, 100 - tail])
    return Estimate(float(values.mean()), float(low), float(high), signed)


def short(value: float, *, signed: bool = False) -> str:
    """Return a number as tables print it: about two digits that count, no zero before the point."""
    if not np.isfinite(value):
        return "-"
    size = abs(value)
    behind = next(digits for limit, digits in ((100, 0), (10, 1), (0.1, 2), (0.01, 3), (0, 4)) if size >= limit)
    text = f"{value:+.{behind}f}"
    if not text.strip("+-.0"):
        return "0"
    text = re.sub(r"^([+-])0\.", r"\1.", text)
    return text if signed else text.removeprefix("+")


def listed(names: Sequence[str], nothing: str = "none") -> str:
    """Return names as in a sentence."""
    if not names:
        return nothing
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _data(cell: object) -> Any:
    if isinstance(cell, Estimate):
        return {"value": _number(cell.value), "low": _number(cell.low), "high": _number(cell.high)}
    return _number(cell) if isinstance(cell, float) else cell


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
