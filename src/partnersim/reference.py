"""Measure the usual level of every state and write it to `model/reference.csv`: `python -m partnersim.reference`.

The table holds, for each column and tier, the mean over months 1 to 240 of default runs of `typical-district`. Write it anew after every
change of an equation or a default.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import numpy as np

from partnersim.engine.state import LAYOUT
from partnersim.model.columns import GROUPS
from partnersim.scenarios.files import load_scenario
from partnersim.simulate import open_world

RUNS, MONTHS, SEED = 100, 240, 1
FIELDS = ("column", "group", "value")


def measure(runs: int = RUNS, months: int = MONTHS) -> dict[tuple[str, str], float]:
    """Simulate default runs and return the mean of each column by tier over rows, months and runs."""
    opened = open_world(load_scenario("typical-district"), seed=SEED, replicate=0, months=months, ledger=False)
    world = opened.world
    followed = {name: c for name, c in world.plan.columns.items() if c.owner != LAYOUT}
    rows = {(name, g): world.columns[f"{c.entity}_group"] == g for name, c in followed.items() for g in range(len(GROUPS))}
    sums = dict.fromkeys(((name, g) for (name, g), here in rows.items() if here.any()), 0.0)
    for replicate in range(runs):
        opened.begin(seed=SEED, replicate=replicate)
        for month in range(1, months + 1):
            opened.advance(month)
            for name, g in sums:
                sums[name, g] += float(np.mean(world.columns[name][rows[name, g]]))
    return {(name, GROUPS[g]): total / (runs * months) for (name, g), total in sums.items()}


def write(path: Path, values: dict[tuple[str, str], float]) -> None:
    """Write the table."""
    rows = [(name, group, f"{value:.6g}") for (name, group), value in values.items()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(rows)


if __name__ == "__main__":
    target = Path(str(files("partnersim.model").joinpath("reference.csv")))
    write(target, measure())
    print(f"wrote {target}")
