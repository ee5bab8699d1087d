"""How far a study is, seen from outside: reads only, and may be asked at any moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partnersim.study.disk import lock, sizes
from partnersim.study.store import LOCK, PARTS, Store

RECENT = 50
"""Parts whose times say how fast it goes."""


@dataclass(frozen=True)
class Status:
    """What a store holds and how it grows."""

    name: str
    points: int
    replicates: int
    years: int
    counts: dict[str, int]
    parts: int
    bytes: int
    rate: float
    """Runs a second, over the last parts of the sessions that wrote them; 0 if not known."""
    rate_over: float
    working: bool
    damaged: dict[str, str]

    @property
    def seconds_left(self) -> float:
        """Seconds until the end, if it goes on like this."""
        return self.counts["left"] / self.rate if self.rate else math.inf


def status_of(folder: str | Path) -> Status:
    """Look at a store.

    Raises ResultError if there is none.
    """
    store = Store(folder)
    edition = store.edition()
    found = store.coverage(edition)
    logged = store.lines()
    notes = sorted((logged[name] for name in found.parts if name in logged), key=lambda note: float(note["at"]))[-RECENT:]
    sessions: dict[str, list[dict[str, Any]]] = {}
    for note in notes:  # a part has the name of its session and a number: between sessions nobody worked
        sessions.setdefault(str(note["part"]).rpartition("-")[0], []).append(note)
    over = sum(some[-1]["at"] - some[0]["at"] + some[0]["seconds"] for some in sessions.values())
    runs = sum((p1 - p0) * (r1 - r0) for note in notes for p0, p1, r0, r1 in note["spans"])
    return Status(
        name=edition.name,
        points=edition.points,
        replicates=edition.replicates,
        years=edition.years,
        counts=found.counts(),
        parts=len(found.parts),
        bytes=sum(sum(sizes(store.folder / PARTS / name).values()) for name in found.parts),
        rate=runs / over if over > 0 else 0.0,
        rate_over=over,
        working=_somebody_works(store.folder),
        damaged=found.damaged,
    )


def _somebody_works(folder: Path) -> bool:
    """Whether a session holds the lock; False where that cannot be told."""
    try:
        with (folder / LOCK).open("rb") as file:
            return not lock(file, shared=False)
    except OSError:
        return False
