"""Which words two districts draw that differ by one school, member, rep or adviser, in the first two months; run uncompiled.

Says what somebody who is in both draws in one of them and not in the other.
"""

from __future__ import annotations

import json
import sys

import worlds
from contract import Played

from partnersim.engine.compose import Plan
from partnersim.engine.random import STREAMS
from partnersim.model.columns import COLUMNS, layout
from partnersim.model.month import SCHEDULE

SIZES = {"sites": 9, "members": 6, "stewards": 2, "team": 2}
IDS = ("person_id", "dyad_id", "site_id", "member_id")
BRANCHES = ("follows", "newcomer", "arrives", "board_is_content")
"""Streams of which somebody draws only if something happened: of months after the first they may differ."""


def drawn(plan: Plan, sizes: dict[str, int]) -> tuple[set[tuple[int, ...]], set[int]]:
    """Return the addresses of all words taken in months 0 and 1, and the ids of everybody."""
    sizes = dict(sizes)
    sites = sizes.pop("sites")
    played = Played(plan)
    worlds.SMALL.clear()
    worlds.SMALL.update(sizes)
    played.run(1, sites, 1, {}, {}, [])
    rows = layout(sites, **sizes)
    return {a for a in played.taken if a[3] <= 1}, {int(n) for name in IDS for n in rows[name]}


def main(what: str) -> None:
    """Compare."""
    plan = Plan(SCHEDULE, COLUMNS)
    few, known = drawn(plan, SIZES)
    more, _ = drawn(plan, SIZES | {what: SIZES[what] + 1})
    certain = {a for a in few if not any(word in STREAMS[a[2]] for word in BRANCHES)}
    missing = sorted({f"{STREAMS[a[2]]} of {a[4]} in month {a[3]}, word {a[5:]}" for a in certain - more})
    unexpected = {a for a in more - few if a[4] in known and not any(word in STREAMS[a[2]] for word in BRANCHES)}
    missing += sorted({f"new: {STREAMS[a[2]]} of {a[4]} in month {a[3]}" for a in unexpected})
    print(json.dumps({"missing": missing, "shared": len(certain & more), "new": len(more - few)}))


if __name__ == "__main__":
    main(sys.argv[1])
