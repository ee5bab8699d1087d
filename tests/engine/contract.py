"""Play the month of the real model one function at a time, uncompiled, and note what each really did.

Run with NUMBA_DISABLE_JIT=1. All columns lie in one buffer, so that a comparison before and after each function costs little.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import worlds

import partnersim.engine.random as engine_random
from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import Act
from partnersim.engine.record import Record
from partnersim.engine.state import LAYOUT, violations
from partnersim.engine.world import filled
from partnersim.model import outcomes
from partnersim.model.columns import COLUMNS, layout
from partnersim.model.month import SCHEDULE
from partnersim.model.stance import WILL_INPUTS
from partnersim.scenarios.events import agenda, levers

# name -> sites, months, start, parameters, events: together they make everything happen that can
Run = tuple[int, int, dict[str, Any], dict[str, dict[str, float]], list[dict[str, Any]]]
SHARED_CUT = {"event": "budget_cut", "share": 0.1, "months": 3, "how": "shared", "due_months": 4}
RUNS: dict[str, Run] = {
    "default": (3, 80, {}, {}, []),
    "all events": (3, 40, {}, {}, worlds.EVENTS),
    "flourishing": (
        2,
        60,
        {"trust": 0.8, "disposition": 0.8, "authority": 0.7, "ceiling": 0.95, "age": 3, "pay": 1.1},
        {
            "capability": {"sessions_per_year": 4.0},
            "support": {"facilitation": 0.7, "community": 0.6, "national": 0.4, "fading_months": 60.0, "follows_success": 0.3},
        },
        [
            *({"at_month": m, "event": "pivotal_event", "level": "strategic", "stake": 0.5} for m in (20, 22, 24)),
            *({"at_month": m, "event": "budget_cut", "share": 0.02, "months": 3, "how": "imposed"} for m in (20, 22, 24)),
            {"at_month": 30, **SHARED_CUT},
            {"at_month": 40, "event": "facilitation_changed", "level": 0.2},
            {"at_month": 41, "event": "national_support_changed", "level": 0.9},
        ],
    ),
    "resumed": (2, 20, {"suspended": 1, "trust": 0.7, "disposition": 0.8}, {"structures": {"retreat_meetings": 2.0}}, []),
    "founded later": (2, 60, {"exists": 0, "trust": 0.85, "disposition": 0.9, "board": 0.8}, {}, []),
    "strife": (
        2,
        80,
        {"trust": 0.2, "disposition": -0.6, "leader_approval": 0.3, "board": 0.2},
        {"economy": {"strike_chance": 1.0}},
        worlds.EVENTS,
    ),
    "money": (
        2,
        50,
        {"member_support": 0.45},
        {"economy": {"contract_months": 12, "signing": 0.5, "signing_contested": 0.5, "downturn_rate": 0.1}},
        [
            {"at_month": 3, **SHARED_CUT},
            {"at_month": 4, "event": "promise_broken", "months": 3},
            {"at_month": 5, "event": "sacrifice_restored"},
            {"at_month": 8, "event": "strike", "days": 12},
            {"at_month": 10, "event": "board_changed", "support": 0.2},
            {"at_month": 20, "event": "board_changed", "support": 0.9, "political": "no"},
            {"at_month": 22, "event": "accountability_pressure", "strength": 0.5, "months": 3},
        ],
    ),
    "harm contested": (
        2,
        40,
        {"clarity": 0.9, "skill": 0.9, "trust": 0.5, "owed": 0.02},
        {"support": {"facilitation": 1.0}, "pivotal_events": {"dual_track": 1.0}},
        [
            {"at_month": 2, "event": "joint_program_harms_members", "severity": 0.2, "months": 38},
            *({"at_month": m, "event": "pivotal_event", "level": "strategic", "stake": 0.9} for m in range(2, 40)),
        ],
    ),
    "promise broken": (
        2,
        30,
        {},
        {},
        [
            {"at_month": 2, **SHARED_CUT},
            {"at_month": 5, "event": "breach", "side": "management", "months": 12},
        ],
    ),
}


class Words(tuple[int, ...]):
    """The words of a block, which report what was taken of them."""

    take: Callable[[int], None]

    def __getitem__(self, n: Any) -> Any:
        self.take(int(n))
        return super().__getitem__(n)

    def __iter__(self) -> Iterator[int]:
        return (self[n] for n in range(len(self)))


class Played:
    """What was seen of each function over all runs."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.changed: dict[str, set[str]] = defaultdict(set)
        self.drawn: dict[str, set[str]] = defaultdict(set)
        self.wrong: Counter[str] = Counter()
        self.twice: Counter[str] = Counter()
        self.act = ""
        self.taken: set[tuple[int, ...]] = set()
        for module in {sys.modules[act.plain.__module__] for act in (*plan.opening, *plan.month, *plan.observe)}:
            if hasattr(module, "block"):
                vars(module)["block"] = self.block
            if hasattr(module, "units"):
                vars(module)["units"] = self.units

    def block(self, *address: int) -> Words:
        name = engine_random.STREAMS[int(address[2])]
        self.drawn[self.act].add(name)
        act, full = self.act, tuple(int(part) for part in address)

        def take(n: int) -> None:
            if (*full, n) in self.taken:
                self.twice[f"{act} draws {name} a second time at one address"] += 1
            self.taken.add((*full, n))

        words = Words(engine_random.block(*address))
        words.take = take
        return words

    def units(self, key0: int, key1: int, stream: int, month: int, entities: Any, out: Any) -> None:
        for n, entity in enumerate(entities):
            out[:, n] = [engine_random.unit(word) for word in self.block(key0, key1, stream, month, entity, 0)]

    def params(self, values: dict) -> dict[str, Any]:
        return {f"p_{n}": p for n, p in zip(self.plan.lines, self.plan.params(values), strict=True)}

    def moved(self, values: dict, levers: dict[str, float]) -> dict:
        """Return the values with the levers that an event moves."""
        out = {mechanism: dict(own) for mechanism, own in values.items()}
        for name, value in levers.items():
            mechanism, _, own = name.partition(".")
            out.setdefault(mechanism, {})[own] = value
        return out

    def run(self, replicate: int, sites: int, months: int, start: dict, values: dict, events: Sequence[dict]) -> None:
        plan, rows = self.plan, layout(sites, **worlds.SMALL)
        starts = {c.name: c.start for c in plan.columns.values()} | start
        first = {**rows, **filled(plan.columns.values(), rows, starts)}
        size = sum(first[name].size for name in plan.columns)
        buffer = np.zeros(size, np.int64)
        columns, owner_of, at = {}, np.empty(size, object), 0
        for name, column in plan.columns.items():
            part = slice(at, at + first[name].size)
            columns[name] = buffer[part].view(column.dtype).reshape(first[name].shape)
            columns[name][...] = first[name]
            owner_of[part] = name
            at = part.stop
        record = Record.empty(
            months,
            outcomes=len(outcomes.NAMES),
            events=5000,
            stocks=len(plan.stocks),
            lines=len(plan.lines),
            groups=2,
            inputs=len(WILL_INPUTS),
            ledger=True,
        )
        params = self.params(values)
        fixed = {
            **record.arrays(),
            **params,
            **columns,
            "key0": 9,
            "key1": replicate,
            "agenda": agenda(list(events)),
        }
        self.taken.clear()

        def play(act: Act, month: int) -> None:
            self.act = act.name
            before = buffer.copy()
            own = params.get(f"p_{act.mechanism}")
            act.function(*(own if a == "p" else month if a == "month" else fixed[a] for a in act.arguments))
            assert record.fault[0] == 0, act.name
            self.changed[act.name] |= set(owner_of[buffer != before])
            for text in violations(plan.columns, columns):
                self.wrong[f"{act.name} left {text.split(':')[0]} outside its range"] += 1

        for month in range(months + 1):
            for event in events:
                if event["at_month"] == month:
                    values = self.moved(values, levers(event))
                    params.update(self.params(values))
                    fixed.update(params)
            for act in plan.opening if month == 0 else plan.month:
                play(act, month)
            for act in plan.observe:
                play(act, month)
        assert all((columns[n] == rows[n]).all() for n, c in plan.columns.items() if c.owner == LAYOUT)


def main() -> None:
    played = Played(Plan(SCHEDULE, COLUMNS))
    for sites, months, start, values, events in RUNS.values():
        for replicate in range(2):
            played.run(replicate, sites, months, start, values, events)
    print(
        json.dumps(
            {
                "changed": {name: sorted(found) for name, found in played.changed.items()},
                "drawn": {name: sorted(found) for name, found in played.drawn.items()},
                "wrong": played.wrong,
                "twice": played.twice,
            }
        )
    )


if __name__ == "__main__":
    main()
