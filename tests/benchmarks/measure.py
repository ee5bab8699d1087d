"""Time what users wait for, each beside a control loop: `python tests/benchmarks/measure.py` prints the table.

Machines are shared and differ, so a time alone says little. Every timing stands beside a fixed control that runs right before and after
it: plain Python for start-up and compiling, a compiled spin loop for the engine. Quote the ratios.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from partnersim.scenarios.files import load_scenario

PYTHON_SECONDS = 0.11  # what the control takes on the two-core machine for which the budgets were set


@dataclass(frozen=True)
class Timing:
    """What was timed, its seconds, and the seconds of the control beside it."""

    what: str
    seconds: float
    control: float

    @property
    def ratio(self) -> float:
        """Time in units of the control."""
        return self.seconds / self.control


def python_control() -> float:
    """Seconds of a fixed piece of plain Python."""
    began = time.perf_counter()
    total = 0
    for n in range(3_000_000):
        total += n & 7
    return time.perf_counter() - began


@njit(nogil=True)
def spin(steps: int) -> float:
    """A fixed piece of compiled work without memory traffic."""
    x = 0.5
    for _ in range(steps):
        x = 3.9 * x * (1.0 - x)
    return x


def spin_control() -> float:
    """Seconds of a fixed compiled loop, on one core."""
    spin(10)
    began = time.perf_counter()
    spin(100_000_000)
    return time.perf_counter() - began


def process(code: str, folder: str) -> float:
    """Seconds of a fresh Python process that runs `code` with its machine-code cache in `folder`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PARTNERSIM_CACHE": folder}, capture_output=True)
    return time.perf_counter() - began


def beside(what: str, control, measure, repeats: int = 1) -> Timing:
    """Time `measure` between two controls; the best of `repeats`."""
    best = None
    for _ in range(repeats):
        before = control()
        seconds = measure()
        timing = Timing(what, seconds, 0.5 * (before + control()))
        best = timing if best is None or timing.ratio < best.ratio else best
    return best


def start_up() -> list[Timing]:
    """Import, cold and warm first result, each in a fresh process."""
    first = "import partnersim as ps; print(ps.run('typical-district', replicates=2).summary())"
    with tempfile.TemporaryDirectory() as folder:
        return [
            beside("empty process", python_control, lambda: process("pass", folder), 3),
            beside("import partnersim", python_control, lambda: process("import partnersim", folder), 3),
            beside("first result, cold", python_control, lambda: process(first, folder)),
            beside("first result, warm", python_control, lambda: process(first, folder), 3),
        ]


def engine() -> tuple[list[Timing], float]:
    """Time of one run of the typical district, and the gain of two threads against the gain of the control."""
    from partnersim.simulate import OpenWorld, Settings

    settings = Settings.of(load_scenario("typical-district"))
    worlds = [OpenWorld.of(settings, months=240, ledger=ledger) for ledger in (False, False, True)]
    for world in worlds:
        world.begin(seed=1, replicate=0)

    def simulate(world: OpenWorld, runs: int = 100) -> float:
        began = time.perf_counter()
        for replicate in range(runs):
            world.begin(seed=1, replicate=replicate).advance(240)
        return time.perf_counter() - began

    def together(work, first, second) -> float:
        began = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, (first, second)))
        return time.perf_counter() - began

    timings = [
        beside("100 runs, no ledger", spin_control, lambda: simulate(worlds[0]), 3),
        beside("100 runs, with ledger", spin_control, lambda: simulate(worlds[2]), 3),
    ]
    gains = []
    for _ in range(9):
        control = 2 * min(_timed(spin, 60_000_000), _timed(spin, 60_000_000)) / together(spin, 60_000_000, 60_000_000)
        model = 2 * min(simulate(worlds[0]), simulate(worlds[1])) / together(simulate, worlds[0], worlds[1])
        gains.append(model / control)
    return timings, float(np.median(gains))


def where_time_goes(runs: int = 40, repeats: int = 3) -> list[tuple[str, float]]:
    """Share of a run's time by mechanism: what is saved when its functions are not called (a switch is a value, not another plan)."""
    from partnersim.simulate import OpenWorld, Settings

    settings = Settings.of(load_scenario("typical-district"))
    world = OpenWorld.of(settings, months=240, ledger=False).world
    plan = settings.plan

    def seconds(*off: str) -> float:
        params = plan.params({}, off)
        best = float("inf")
        for _ in range(repeats):
            began = time.perf_counter()
            for replicate in range(runs):
                world.begin(seed=1, replicate=replicate, start=settings.start, params=params, held=settings.start, agenda=settings.agenda)
                world.advance(240)
            best = min(best, time.perf_counter() - began)
        return best

    whole = seconds()
    saved = [(name, 1.0 - seconds(name) / whole) for name in plan.lines]
    return sorted(saved, key=lambda row: -row[1])


def _timed(work, argument) -> float:
    began = time.perf_counter()
    work(argument)
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    rows, gain = engine()
    print(f"{'what':28}{'seconds':>9}{'control':>9}{'ratio':>8}")
    for timing in [*start_up(), *rows]:
        print(f"{timing.what:28}{timing.seconds:9.2f}{timing.control:9.2f}{timing.ratio:8.2f}")
    shares = ", ".join(f"{name} {share:.0%}" for name, share in where_time_goes() if share > 0.02)
    print(f"where a run's time goes, by mechanism: {shares}; the rest is recording, setting up and the loop itself")
    print(f"two threads against one, as a share of what the control gains: {gain:.2f}")


if __name__ == "__main__":
    main()
