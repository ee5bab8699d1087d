"""One world under way: columns, recorders and the compiled loop, moved forward a month or a whole horizon at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from partnersim.engine.compose import Plan
from partnersim.engine.random import check_key
from partnersim.engine.record import Record
from partnersim.engine.state import LAYOUT, Array, allocate
from partnersim.errors import RunError


class World:
    """Arrays for one run at a time; reuse it for the next run of the same size (one World a thread).

    Parameters
    ----------
    plan
        What happens each month.
    layout
        The layout columns (who is who); they fix the number of rows of every entity.
    record
        Recorders, sized for the horizon.
    """

    def __init__(self, plan: Plan, layout: Mapping[str, Array], record: Record) -> None:
        self.plan, self.record = plan, record
        rows = {plan.columns[name].entity: len(values) for name, values in layout.items()}
        self.columns = allocate(plan.columns, rows)
        for name, values in layout.items():
            self.columns[name][...] = values
        self.tables = plan.loop.bind(self.columns)
        self.month = -1

    def begin(
        self,
        *,
        seed: int,
        replicate: int,
        start: Mapping[str, Array],
        params: tuple[Any, ...],
        held: Mapping[str, Array],
        agenda: Array,
    ) -> None:
        """Set every column to its start value, forget the last run, and open month 0.

        `start` and `held` give an array for every column that is not layout; a mechanism that is left out starts, and stays,
        at `held`. `agenda` holds dated rows (its fields belong to the model).
        """
        self.key = check_key(seed, "seed"), check_key(replicate, "replicate")
        self.record.clear()
        self.params, self.agenda = params, np.ascontiguousarray(agenda, np.float64)
        off = {name for name, p in zip(self.plan.lines, params, strict=True) if p.on == 0.0}
        for name, column in self.plan.columns.items():
            if column.owner != LAYOUT:
                self.columns[name][...] = (held if column.owner in off else start)[name]
        self.held, self.offsets = self.plan.held({**self.columns, **held})
        self.month = -1
        self.advance(0)

    def advance(self, month: int, params: tuple[Any, ...] | None = None) -> None:
        """Simulate up to and including `month`, from now on with `params` if given.

        Raises RunError, naming mechanism, month and replicate, if a state became impossible or the event table overflowed.
        """
        if params is not None:
            self.params = params
        r = self.record
        if not self.month <= month < len(r.series):
            raise RunError(
                f"a world in month {self.month} cannot go to month {month}",
                where=f"a record of {len(r.series) - 1} months",
                fix="a world only goes forward; `begin` takes it back to month 0",
            )
        stopped = self.plan.loop.run(
            self.tables, self.params, self.held, self.offsets, self.plan.loop.books, self.agenda, *self.key, self.month + 1, month + 1,
            r.series, r.events, r.ledger, r.will, r.marks, r.fault,
        )  # fmt: skip
        where = f"seed {self.key[0]}, replicate {self.key[1]}"
        if stopped >= 0:
            raise RunError(
                f"{self.plan.lines[stopped]} stopped in month {r.fault[2]}: no possible value (row {r.fault[1]})",
                where=where,
                fix="look at the parameters that were changed; they drive the state out of its range",
            )
        if r.events[0, 0] >= len(r.events):
            raise RunError(f"more than {len(r.events) - 1} events", where=where, fix="raise the size of the event table")
        if not np.isfinite(r.series[: month + 1]).all():
            first = int(np.argwhere(~np.isfinite(r.series[: month + 1]))[0, 0])
            raise RunError(f"an outcome is no number from month {first} on", where=where, fix="look at the parameters that were changed")
        self.month = month


def filled(columns: Iterable[Any], layout: Mapping[str, Array], values: Mapping[str, Any]) -> dict[str, Array]:
    """Return an array for each column: `values[name]`, one number or one a group of rows, spread over the rows."""
    out, rows = {}, {name.removesuffix("_group"): len(values) for name, values in layout.items() if name.endswith("_group")}
    for column in columns:
        if column.owner == LAYOUT:
            continue
        value = np.asarray(values[column.name], dtype=np.float64)
        if value.ndim and column.width:
            by_row = value[layout[f"{column.entity}_group"]]
            by_row = by_row if by_row.ndim == 2 else by_row[:, None]
        elif value.ndim:
            by_row = value[layout[f"{column.entity}_group"]]
        else:
            by_row = value
        out[column.name] = np.ascontiguousarray(np.broadcast_to(by_row, column.shape(rows))).astype(column.dtype)
    return out
