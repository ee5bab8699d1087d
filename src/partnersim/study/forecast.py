"""What a study will take: time and room, from a measurement of some of its runs on this machine."""

from __future__ import annotations

import io
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partnersim.simulate import OpenWorld, Settings
from partnersim.study.edition import Edition, edition_of
from partnersim.study.runner import LARGEST, LONGEST, PIECE, PIECES
from partnersim.study.store import Store
from partnersim.study.study import Study
from partnersim.study.work import simulate
from partnersim.threads import threads_for

SECONDS = 1.5
"""How long to measure."""
MOST = 64
"""Runs to measure at most, from points all over the design."""


@dataclass(frozen=True)
class Forecast:
    """The size of a study, what is done already, and what the rest will take."""

    points: int
    runs: int
    done: int
    failed: int
    left: int
    workers: int
    run_seconds: float
    """Of one worker."""
    run_bytes: float
    seconds: float
    bytes: float
    parts: int

    def to_json(self) -> dict[str, float]:
        """Return all of it as plain data."""
        return asdict(self)


def forecast(study: Study, folder: Path | None = None, *, workers: int | None = None) -> Forecast:
    """Measure some runs and say what a study will take; writes nothing.

    Raises ResultError if `folder` holds something else, or another study.
    """
    count = threads_for(study.runs, workers)
    counts = {"runs": study.runs, "done": 0, "failed": 0, "left": study.runs}
    if folder is not None:
        store = Store(folder)
        store.check_free()
        if store.is_there:
            store.compare(study)
            found = store.coverage().counts()
            counts["done"], counts["failed"] = found["done"], found["failed"]
            counts["left"] = study.runs - found["done"] - found["failed"]
    edition = edition_of(study)
    seconds, size, once = measure(edition)
    total = counts["left"] * seconds / count
    piece = min(max(PIECE, total / PIECES), LONGEST)
    runs = max(1.0, min(piece / seconds, LARGEST / size, counts["left"] / (2 * count)))
    parts = math.ceil(counts["left"] / runs)
    return Forecast(
        points=study.points,
        **counts,
        workers=count,
        run_seconds=seconds,
        run_bytes=size,
        seconds=total,
        bytes=counts["left"] * size + parts * once,
        parts=parts,
    )


def measure(edition: Edition) -> tuple[float, float, float]:
    """Return seconds and bytes on disk of one run, over points spread over the design, and bytes that every part has besides."""
    for scenario in edition.scenarios.values():  # compiled and warm
        OpenWorld.of(Settings.of(scenario), months=1, ledger=False).begin(seed=edition.seed, replicate=0).advance(1)
    points = np.unique(np.linspace(0, edition.points - 1, MOST).astype(int))
    points = np.random.default_rng(0).permutation(points)  # so that stopping early leaves no corner out
    wanted = [(int(points[n % len(points)]), n // len(points) % edition.replicates) for n in range(MOST)]
    wanted = list(dict.fromkeys(wanted))
    simulate(edition, wanted[:1])
    began, count, found = time.perf_counter(), 0, []
    while count < len(wanted) and time.perf_counter() - began < SECONDS:
        found.append(simulate(edition, wanted[count : count + 8]))
        count += len(wanted[count : count + 8])
    took = time.perf_counter() - began
    tables = {name: [part[name] for part in found] for name in found[0]}
    some = max(1, len(found) // 2)
    whole = sum(_written(parts) for parts in tables.values())
    half = sum(_written(parts[:some]) for parts in tables.values())
    # what grows with the number of runs, and what any file has
    size = (whole - half) / (count - 8 * some) if count > 8 * some else whole / count
    size = min(max(size, 1.0), whole / count)
    return took / count, size, whole - count * size


def _written(parts: list[pa.Table]) -> int:
    out = io.BytesIO()
    pq.write_table(pa.concat_tables(parts), out, compression="zstd")
    return out.getbuffer().nbytes
