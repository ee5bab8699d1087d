"""Measure the usual level of every state: `python -m partnersim.reference` writes `model/reference.csv` and `model/mature.csv`.

Both hold means over runs of `typical-district` at the default parameters, not over the band, for each column and tier: over months 1 to
240 of all runs, and in month 96 of those whose practice is alive then. Write them anew after every change of an equation or a default;
another band changes nothing in them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import numpy as np

from partnersim.engine.state import LAYOUT, Array
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import ALIVE, ALIVE_INDEX
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import start_columns
from partnersim.simulate import open_world

RUNS, MONTHS, MATURE_MONTH, SEED = 100, 240, 96, 1
FIELDS = ("column", "group", "value")
Means = dict[tuple[str, str], float]


def measure(runs: int = RUNS, months: int = MONTHS, mature: int = MATURE_MONTH) -> tuple[Means, Means]:
    """Simulate runs at the default parameters and return the usual and the mature mean of each column by tier."""
    opened = open_world(load_scenario("typical-district"), seed=SEED, replicate=0, months=months, ledger=False, point=True)
    world = opened.world
    followed = [name for name, c in world.plan.columns.items() if c.owner != LAYOUT]
    rows = {name: world.columns[f"{world.plan.columns[name].entity}_group"] for name in followed}
    usual = {name: np.zeros_like(world.columns[name], np.float64) for name in followed}
    grown = {name: np.zeros_like(world.columns[name], np.float64) for name in followed}
    alive = 0
    for replicate in range(runs):
        opened.begin(seed=SEED, replicate=replicate)
        for month in range(1, months + 1):
            opened.advance(month)
            for name in followed:
                usual[name] += world.columns[name]
            if month == mature and world.record.series[month, ALIVE_INDEX] >= ALIVE:
                alive += 1
                for name in followed:
                    grown[name] += world.columns[name]
    free = start_columns(world.plan)
    return (
        {(name, tier): value / (runs * months) for name in followed for tier, value in _tiers(usual[name], rows[name])},
        {
            (name, tier): round(value / max(1, alive)) if free[name].integer else value / max(1, alive)
            for name in followed
            if name in free
            for tier, value in _tiers(grown[name], rows[name])
        },
    )


def _tiers(sums: Array, group: Array) -> Iterable[tuple[str, float]]:
    for g, tier in enumerate(GROUPS):
        if (group == g).any():
            yield tier, float(np.mean(sums[group == g]))


def write(path: Path, values: Means) -> None:
    """Write a table."""
    rows = [(name, group, f"{value:.6g}") for (name, group), value in values.items()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(rows)


if __name__ == "__main__":
    for table, means in zip(("reference", "mature"), measure(), strict=True):
        target = Path(str(files("partnersim.model").joinpath(f"{table}.csv")))
        write(target, means)
        print(f"wrote {target}")
