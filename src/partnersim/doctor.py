"""Is this machine fit to run it: versions, cores, cache, band, a self-test with known answers, and a speed figure."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from partnersim.engine.build import cache_folder
from partnersim.engine.random import block
from partnersim.model import band
from partnersim.saving import commit, versions
from partnersim.scenarios.declared import plan
from partnersim.scenarios.files import load_scenario
from partnersim.simulate import run
from partnersim.threads import cores

KNOWN_ANSWER = (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
"""Philox4x32-10 of counter and key zero, as its authors publish it."""
CONTROL_STEPS = 5_000_000
TIMED_RUNS = 200


def examine(*, point: bool = False) -> dict[str, Any]:
    """Test this installation and return what was found; `healthy` is the verdict."""
    compiled = plan().is_cached
    began = time.perf_counter()
    small = load_scenario("typical-district").replace(sites=5)
    first, again = (run(small, replicates=4, years=5, seed=1, point=point, workers=w).histories.series for w in (1, 2))
    ready = time.perf_counter() - began
    tests = {
        "known-answer draw": tuple(int(word) for word in block(0, 0, 0, 0, 0, 0)) == KNOWN_ANSWER,
        "the same run twice is equal, on 1 and on 2 threads": bool(np.array_equal(first, again)),
        "outcomes are numbers": bool(np.isfinite(first).all()),
    }
    speed = TIMED_RUNS / run("typical-district", replicates=TIMED_RUNS, years=20, seed=1, point=point).seconds
    return {
        "healthy": all(tests.values()),
        "tests": tests,
        "versions": versions(),
        "commit": commit(),
        "cores": cores(),
        "cache": str(cache_folder()),
        "compiled": compiled,
        "first_run_seconds": round(ready, 2),
        "kernel": plan().digest,
        "values": band.described(band.choose(point=point)),
        "runs_per_second": round(speed, 1),
        "runs_per_control_loop": round(speed * control_loop(), 1),
    }


def control_loop() -> float:
    """Return the seconds of a fixed piece of plain Python: runs in that time compare between machines."""
    began = time.perf_counter()
    total = 0
    for n in range(CONTROL_STEPS):
        total += n & 1
    return time.perf_counter() - began
