"""Histories of many replicates as one array, without what only reports need (ledgers, causes of death, tables)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np

from partnersim.model import outcomes
from partnersim.simulate import open_world
from partnersim.threads import cores


def histories(scenario, replicates, years=20, seed=3):
    """Every outcome of every replicate, [replicate, month, outcome]."""
    worlds = SimpleQueue()
    for _ in range(cores()):
        worlds.put(open_world(scenario, seed=seed, replicate=0, months=12 * years, ledger=False, point=True))

    def one(replicate):
        world = worlds.get()
        try:
            world.begin(seed=seed, replicate=replicate).advance(12 * years)
            return world.world.record.series.copy()
        finally:
            worlds.put(world)

    with ThreadPoolExecutor(cores()) as pool:
        return np.stack(list(pool.map(one, range(replicates))))


def regimes(runs):
    """Share of runs that end in each regime."""
    found = [outcomes.regime(series) for series in runs]
    return {name: found.count(name) / len(found) for name in outcomes.REGIMES}


def practice(runs):
    """Share of schools in mutual collaboration, [replicate, month]."""
    return runs[:, :, outcomes.PRACTICE_WORKPLACE]
