"""The usual level of every state: what a mechanism's columns are held at while it is left out.

`model/reference.csv` holds, for each column and tier, the mean over months 1 to 240 of default runs of
`typical-district`. `python -m partnersim.reference` writes it anew; do so after every change of an equation or a
default.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from partnersim.engine.state import LAYOUT
from partnersim.errors import ResultError
from partnersim.model.columns import GROUPS

RUNS, MONTHS, SEED = 100, 240, 1
FIELDS = ("column", "group", "value")


@lru_cache(maxsize=1)
def read() -> dict[str, tuple[float, ...]]:
    """Return the reference value of each column, one for each tier (not a number where a tier has no row).

    Raises ResultError if the table is missing or broken.
    """
    path = files("partnersim.model").joinpath("reference.csv")
    if not path.is_file():
        raise ResultError("there are no reference values", where="model/reference.csv", fix="run `python -m partnersim.reference`")
    out: dict[str, list[float]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["column"], [float("nan")] * len(GROUPS))[GROUPS.index(row["group"])] = float(row["value"])
    return {name: tuple(values) for name, values in out.items()}


def measure(runs: int = RUNS, months: int = MONTHS) -> dict[tuple[str, str], float]:
    """Simulate default runs and return the mean of each column by tier over rows, months and runs."""
    # here and not above: the simulation reads this table
    from partnersim.scenarios.files import load_scenario
    from partnersim.simulate import open_world

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
