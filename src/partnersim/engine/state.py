"""Columns: every number a world remembers, declared once and kept in plain arrays whose rows never move.

A column belongs to an entity (a kind of row). A row holds one value, a fixed number of them (two: one for each party of a pair), or
as many as another entity has rows (ties: a weight for each possible partner). Tables are always C-contiguous float64 or int64,
because the compiled loop is made for exactly that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from partnersim.errors import MechanismError

Array = NDArray[Any]
Scale = Literal["level", "log-odds"]

LAYOUT = "layout"
"""Owner of the columns that say who is who; no mechanism may touch them."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One state column.

    Parameters
    ----------
    name
        A noun; functions that use the column name it as an argument.
    entity
        The kind of row.
    meaning, unit
        One line for people.
    owner
        The mechanism that writes it. Others may add to it or reset a row, if they declare so.
    low, high
        The legal range; tests hold every run to it.
    start
        Value at month 0 before anything is drawn: one number, or one for each group of rows.
    width
        0 for one value a row, a number for so many, the name of an entity for as many as it has rows.
    integer
        Whether the column holds whole numbers (codes, flags, counts, row numbers).
    held
        Value while the owner is left out: a number where zero effect is the theoretical null, None for the reference
        value (the mean of default runs).
    ledger
        Scale on which the ledger follows the column's changes, None for columns it does not follow.
    lasting
        False if the column is made anew before anybody reads it, so that a start value would change nothing.
    """

    name: str
    entity: str
    meaning: str
    unit: str
    owner: str
    low: float
    high: float
    start: float | tuple[float, ...] = 0.0
    width: int | str = 0
    integer: bool = False
    held: float | None = None
    ledger: Scale | None = None
    lasting: bool = True

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise MechanismError(f"column name {self.name!r} is not an identifier", where=f"owner {self.owner}")
        for value in np.atleast_1d(self.start):
            if not self.low <= value <= self.high:
                raise MechanismError(
                    f"start value {value} of column {self.name} is outside {self.low} to {self.high}", where=f"owner {self.owner}"
                )

    def shape(self, rows: Mapping[str, int]) -> tuple[int, ...]:
        """Return the array shape, given the number of rows of each entity."""
        if not self.width:
            return (rows[self.entity],)
        return rows[self.entity], rows[self.width] if isinstance(self.width, str) else self.width

    @property
    def dtype(self) -> type:
        """int64 or float64."""
        return np.int64 if self.integer else np.float64


def by_name(columns: Iterable[Column]) -> dict[str, Column]:
    """Index columns by name; two columns of one name are an error."""
    found: dict[str, Column] = {}
    for column in columns:
        if column.name in found:
            raise MechanismError(
                f"column {column.name} is declared twice",
                where=f"by {found[column.name].owner} and by {column.owner}",
                fix="rename one of them",
            )
        found[column.name] = column
    return found


def allocate(columns: Mapping[str, Column], rows: Mapping[str, int]) -> dict[str, Array]:
    """Return one zeroed array a column; `rows` gives the number of rows of each entity."""
    return {name: np.zeros(column.shape(rows), column.dtype) for name, column in columns.items()}


def violations(columns: Mapping[str, Column], state: Mapping[str, Array]) -> list[str]:
    """List the columns that hold a value outside their declared range, or one that is no number."""
    found = []
    for name, column in columns.items():
        values = state[name]
        wrong = ~((values >= column.low) & (values <= column.high))
        if wrong.any():
            found.append(f"{name}: {values[wrong].flat[0]} is outside {column.low} to {column.high}")
    return found
