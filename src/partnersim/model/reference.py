"""The usual level of every state, at which the columns of a left-out mechanism are held (`reference.csv`).

The table holds, for each column and tier, the mean over months 1 to 240 of default runs; `python -m partnersim.reference` writes it.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from partnersim.errors import ResultError
from partnersim.model.columns import GROUPS


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
