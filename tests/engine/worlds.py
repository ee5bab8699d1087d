"""Worlds of the real model for the tests of the engine; also run in processes of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import toys

from partnersim.engine.compose import Plan
from partnersim.engine.record import Record
from partnersim.engine.world import World, filled
from partnersim.model import outcomes
from partnersim.model.columns import COLUMNS, layout
from partnersim.model.month import SCHEDULE
from partnersim.model.stance import WILL_INPUTS
from partnersim.scenarios.events import agenda

# every kind of event, and those that follow on one another
EVENTS = [
    {"at_month": 3, "event": "pivotal_event", "level": "all", "stake": 0.8},
    {"at_month": 5, "event": "breach", "side": "management", "months": 3, "deceit": "yes"},
    {"at_month": 7, "event": "middle_managers_replaced", "share": 0.5, "disposition": 0.2},
    {"at_month": 8, "event": "stewards_replaced", "share": 0.5},
    {"at_month": 9, "event": "leader_replaced", "side": "management", "successor": "outside", "disposition": -0.4},
    {"at_month": 10, "event": "recession", "depth": 0.15, "months": 6},
    {"at_month": 12, "event": "budget_cut", "share": 0.1, "months": 3, "how": "shared", "due_months": 4},
    {"at_month": 14, "event": "layoff", "share": 0.2, "joint": "yes"},
    {"at_month": 16, "event": "leader_replaced", "side": "union", "successor": "outside"},
    {"at_month": 18, "event": "budget_cut", "share": 0.1, "months": 3, "how": "imposed"},
    {
        "at_month": 20,
        "event": "leader_replaced",
        "side": "union",
        "successor": "inside",
        "overlap_months": 3,
    },
    {"at_month": 21, "event": "breach", "side": "union", "months": 2, "deceit": "no"},
    {"at_month": 6, "event": "contract_language", "level": 0.9, "by": "decree"},
    {"at_month": 13, "event": "mandate_removed"},
    {"at_month": 14, "event": "contract_language", "level": 0.5},
    {"at_month": 15, "event": "accountability_pressure", "strength": 0.5, "months": 6},
    {"at_month": 16, "event": "strike", "days": 3},
    {"at_month": 22, "event": "joint_program_harms_members", "severity": 0.8, "months": 18},
    {"at_month": 23, "event": "stance_taken", "side": "union", "stance": "hold back", "months": 2},
    *({"at_month": m, "event": "budget_cut", "share": 0.004, "months": 3, "how": "imposed"} for m in (1, 2, 4, 24)),
]


SMALL = {"members": 6, "stewards": 2, "team": 2}


def world_of(plan: Plan, *, sites: int = 3, months: int = 24, ledger: bool = False, events: int | None = None) -> World:
    record = Record.empty(
        months,
        outcomes=len(outcomes.NAMES),
        events=months * (3 * sites + 10) + 100 if events is None else events,
        stocks=len(plan.stocks),
        lines=len(plan.lines),
        groups=2,
        inputs=len(WILL_INPUTS),
        ledger=ledger,
    )
    return World(plan, layout(sites, **SMALL), record)


def begin(
    world: World,
    *,
    seed: int = 5,
    replicate: int = 0,
    values: Mapping[str, Mapping[str, float]] | None = None,
    off: Iterable[str] = (),
    happens: Iterable[Mapping[str, object]] = (),
    start: Mapping[str, Any] | None = None,
    sizes: Mapping[str, int] = SMALL,
) -> World:
    columns = world.plan.columns
    rows = layout(len(world.columns["site_id"]), **sizes)
    starts = {c.name: c.start for c in columns.values()} | dict(start or {})
    stays = {n: starts[n] if c.held is None else c.held for n, c in columns.items()}
    world.begin(
        seed=seed,
        replicate=replicate,
        start=filled(columns.values(), rows, starts),
        params=world.plan.params(values or {}, off),
        held=filled(columns.values(), rows, stays),
        agenda=agenda(list(happens)),
    )
    return world


def main() -> None:
    """Print a fingerprint of a run of three sites over 30 months, with a ledger and every kind of event."""
    world = begin(world_of(Plan(SCHEDULE, COLUMNS), months=30, ledger=True), happens=EVENTS)
    world.advance(30)
    columns = {name: toys.fingerprint_of({name: array}) for name, array in world.columns.items()}
    records = {name: toys.fingerprint_of({name: array}) for name, array in toys.records(world).items()}
    print(json.dumps({"columns": columns, "records": records, "events": len(world.record.event_rows())}))


if __name__ == "__main__":
    assert np.geterr()["divide"] == "warn"  # which is an error here
    main()
