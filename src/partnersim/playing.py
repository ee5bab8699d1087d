"""Single runs of many scenarios, side by side in threads: what attribution and what-if questions are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue

import numpy as np

from partnersim.model import outcomes
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import OpenWorld, Settings
from partnersim.threads import in_threads, threads_for

__all__ = ["LABELS", "LIVES", "MEASURED", "UNITS", "measure", "play"]

LIVES = ("practice_alive_months", "form_alive_months", "practice_alive")
"""Months in which the first life of practice, and of the form, lasted within the run, and whether practice is alive at its end."""
MEASURED = (*LIVES, *outcomes.NAMES)
"""What is known of each run: its lives, and the means of all outcomes over its last 24 months."""
UNITS = {
    "practice_alive_months": "months",
    "form_alive_months": "months",
    "practice_alive": "share of worlds",
} | {outcome.name: outcome.unit for outcome in outcomes.OUTCOMES}
LABELS = {
    "practice_alive_months": "Months of living practice",
    "form_alive_months": "Months in which the form exists",
    "practice_alive": "Practice alive at the end",
} | {outcome.name: outcome.label for outcome in outcomes.OUTCOMES}
"""Of what is known of each run, by name: unit, and words."""


def play(
    jobs: Sequence[tuple[Scenario, int]],
    *,
    years: int,
    seed: int,
    point: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Run each (scenario, replicate) and return what came of it, [job, MEASURED].

    Scenarios may differ in everything but the size of the district. Replicate r has member r mod size of the band in every scenario, or
    the default parameters with `point`.
    """
    months = 12 * years
    threads = threads_for(len(jobs), workers)
    out = np.zeros((len(jobs), len(MEASURED)))
    worlds: SimpleQueue[OpenWorld] = SimpleQueue()
    first = Settings.of(jobs[0][0], point=point)
    for _ in range(threads):
        worlds.put(OpenWorld.of(first, months=months, ledger=False))
    OpenWorld.of(first, months=months, ledger=False).begin(seed=seed, replicate=0)  # compiled here, so that Ctrl-C can stop it

    def one(n: int) -> None:
        scenario, replicate = jobs[n]
        opened = worlds.get()
        try:
            opened.settings = Settings.of(scenario, point=point)
            opened.begin(seed=seed, replicate=replicate).advance(months)
            out[n] = measure(opened.world.record.series, founded=opened.settings.founded)
        finally:
            worlds.put(opened)

    in_threads(one, range(len(jobs)), threads, progress)
    return out


def measure(series: np.ndarray, *, founded: bool) -> np.ndarray:
    """Return MEASURED of a run from its series [month, outcome]."""
    practice = outcomes.practice_life(series[:, outcomes.ALIVE_INDEX], founded=founded)
    form = outcomes.form_life(series[:, outcomes.EXISTS])
    last = series[max(1, len(series) - outcomes.FINAL) :].mean(axis=0)
    return np.array([practice.months, form.months, float(practice.born >= 0 and not practice.died), *last])
