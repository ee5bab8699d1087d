"""The usual level of every state: means at the default parameters, by column and tier; `python -m partnersim.reference` writes both tables.

`reference.csv`, at which the columns of a left-out mechanism are held: the mean over months 1 to 240 of all runs. `mature.csv`, the
start of a mature partnership: the mean over those runs whose practice is alive at month 96, in that month.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from partnersim.errors import ResultError
from partnersim.model.columns import GROUPS


@lru_cache(maxsize=2)
def read(table: str = "reference") -> dict[str, tuple[float, ...]]:
    """Return the mean of each column in a table, one for each tier (not a number where a tier has no row).

    Raises ResultError if the table is missing or broken.
    """
    path = files("partnersim.model").joinpath(f"{table}.csv")
    if not path.is_file():
        raise ResultError(f"there are no {table} values", where=f"model/{table}.csv", fix="run `python -m partnersim.reference`")
    out: dict[str, list[float]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["column"], [float("nan")] * len(GROUPS))[GROUPS.index(row["group"])] = float(row["value"])
    return {name: tuple(values) for name, values in out.items()}
