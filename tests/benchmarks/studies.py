"""Time and memory of studies beside the bare engine: `python tests/benchmarks/studies.py` prints the table.

The bare engine does the same runs in one loop, as `partnersim.run` does: begin, advance, and where practice died once more with the
ledger, for the cause. What a study adds is the settings of each point, tables, and files.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from measure import elapsed, in_turn, spin

from partnersim.results import Histories
from partnersim.simulate import OpenWorld, Settings
from partnersim.study.edition import Edition
from partnersim.study.store import Store
from partnersim.study.study import Study
from partnersim.study.work import Job, scenario_of, work

TEN_MILLISECONDS = """
replicates = {replicates}
years = 20
[scenario.town]
extends = "typical-district"
district = {{ sites = 10, members_per_site = 20 }}
"""
SCATTERED = """
[design]
kind = "sequence"
n = {n}
over = ["succession.*", "trust.*"]
"""
SMALL = """
replicates = {replicates}
years = {years}
[scenario.small]
extends = "typical-district"
district = {{ sites = 2, members_per_site = 4 }}
[scenario.strained]
extends = "small"
parameters = {{ "succession.outside" = 1.0 }}
[record]
outcomes = ["alive_index", "practice_workplace", "exists", "trust_union_workplace"]
"""


@dataclass(frozen=True)
class Overhead:
    """Processor seconds of a run in the bare engine, and in a study."""

    bare: float
    study: float

    @property
    def share(self) -> float:
        """What the study adds."""
        return self.study / self.bare - 1.0


def bare_engine(edition: Edition, runs: list[tuple[int, int]]) -> Callable[[], None]:
    """Return a loop over these runs that makes no tables."""
    months = 12 * edition.years
    settings = {point: Settings.of(scenario_of(edition, point)) for point, _ in runs}
    first = next(iter(settings.values()))
    world, booked = (OpenWorld.of(first, months=months, ledger=ledger) for ledger in (False, True))

    def loop() -> None:
        histories = Histories.empty(len(runs), months, first.plan, ledger=False)
        for row, (point, replicate) in enumerate(runs):
            world.settings = booked.settings = settings[point]
            world.begin(seed=edition.seed, replicate=replicate).advance(months)
            histories.keep(row, world.world, founded=True)
            if histories.practice[row].died:
                booked.begin(seed=edition.seed, replicate=replicate).advance(histories.practice[row].end)
                histories.find_cause(row, booked.world)

    return loop


def overhead(*, scattered: bool, rounds: int = 7) -> Overhead:
    """A second's piece of runs of about 10 ms: many replicates of a point, or as many points with one replicate each."""
    count = 64
    text = TEN_MILLISECONDS.format(replicates=1 if scattered else count) + (SCATTERED.format(n=count) if scattered else "")
    study = Study.read(text)
    runs = [(n, 0) for n in range(count)] if scattered else [(0, n) for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        edition = store.take(study)
        spans = ((0, count, 0, 1),) if scattered else ((0, 1, 0, count),)
        parts = iter(range(10_000))
        loop = bare_engine(edition, runs)
        taken = in_turn({"bare": loop, "study": lambda: work(Job(folder, 1, edition.digest, f"p{next(parts)}", spans))}, repeats=rounds)
    return Overhead(taken["bare"] / count, taken["study"] / count)


def two_workers(rounds: int = 4) -> tuple[float, float]:
    """How much faster two threads are than one, by the clock on the wall: a control loop, and a study of about two seconds."""
    study = Study.read(TEN_MILLISECONDS.format(replicates=160))
    best: dict[str, float] = {}

    def control(threads: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(spin, [150_000_000] * 4))

    def run(workers: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            study.run(folder, workers=workers)

    run(1)
    for _ in range(rounds):
        for name, job in (("control", control), ("study", run)):
            for workers in (1, 2):
                gc.collect()
                key = f"{name} {workers}"
                best[key] = min(best.get(key, float("inf")), elapsed(lambda j=job, w=workers: j(w), time.perf_counter))
    return best["control 1"] / best["control 2"], best["study 1"] / best["study 2"]


LARGE = """
import json, resource, sys, time
from partnersim.study.study import Study
study = Study.read({text!r})
began = time.perf_counter()
study.run({folder!r}, workers=2)
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({{"seconds": took, "peak": peak}}))
"""


@dataclass(frozen=True)
class Large:
    """What many runs took."""

    runs: int
    seconds: float
    peak: float
    """Bytes of memory at most."""
    disk: int
    files: int
    opening: float
    """Seconds until all rows of the runs are a frame."""
    filtered: float
    """Seconds until two columns of one month of the series are a frame."""
    counted: float
    """Seconds that `status` takes."""


def large(runs: int, *, years: int) -> Large:
    """Run a study of a small district recorded yearly in a process of its own, and open it."""
    from partnersim.study.status import status_of
    from partnersim.study.tables import StudySet

    with tempfile.TemporaryDirectory() as folder:
        text = SMALL.format(replicates=runs // 2, years=years)
        done = subprocess.run([sys.executable, "-c", LARGE.format(text=text, folder=folder)], capture_output=True, text=True, check=True)
        took = json.loads(done.stdout)
        files = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
        found: list[StudySet] = []
        opening = elapsed(lambda: found.append(StudySet(folder)) or found[0].runs, time.perf_counter)  # type: ignore[func-returns-value]
        columns, where = ["point", "alive_index"], {"month": 12 * years}
        filtered = elapsed(lambda: found[0].frame("series", columns=columns, where=where), time.perf_counter)
        assert len(found[0].runs) == runs
        counted = elapsed(lambda: status_of(folder), time.perf_counter)
    return Large(runs, took["seconds"], took["peak"], sum(files), len(files), opening, filtered, counted)


def main() -> None:
    """Print everything; `python tests/benchmarks/studies.py 100000` ends with so many runs of twenty years."""
    for scattered in (False, True):
        found = overhead(scattered=scattered)
        what = "one point" if not scattered else "a point a run"
        print(f"overhead, {what}: {1000 * found.bare:.2f} ms bare, {1000 * found.study:.2f} ms in a study, {found.share:+.1%}")
    control, study = two_workers()
    print(f"two workers: control {control:.2f} times as fast, study {study:.2f}, ratio {study / control:.2f} ({os.cpu_count()} cores)")
    for runs, years in [(1000, 1), (10_000, 1), *[(int(word), 20) for word in sys.argv[1:]]]:
        print(large(runs, years=years))


if __name__ == "__main__":
    main()
