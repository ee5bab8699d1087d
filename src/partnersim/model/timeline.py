"""Timeline: dated events that a scenario or a class brings about, by the same rules the world plays by.

An event acts before anything else in its month, in the order written; it opens a door (a departure, a recession, a breach) and the
mechanism concerned does the rest. It draws from no stream, so the months before it stay as they were, to the bit. The event
`set` changes a lever from its month on and is carried out by whoever runs the world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.record import note, word
from partnersim.errors import ScenarioError, nearest
from partnersim.model.columns import GROUPS, NOBODY, SIDES, STRATEGIC

MECHANISM = Mechanism(name="timeline", claim="What the scenario prescribes happens, by the world's own rules.", off="never")

DRAWN = 9.0  # stands for "let the model draw it"


@dataclass(frozen=True)
class Argument:
    """One argument of an event: numbers between `low` and `high`, or one of `choices`; required if there is no default."""

    meaning: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    default: float | str | None = None

    def code(self, value: object) -> float | None:
        """Return the number the engine sees, None if the value is not allowed."""
        if self.choices:
            return float(self.choices.index(value)) if value in self.choices and isinstance(value, str) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            return float(value) if value == self.default and isinstance(value, float) else None
        return float(value)

    @property
    def allowed(self) -> str:
        """What may be given."""
        return " or ".join(self.choices) if self.choices else f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Event:
    """A kind of event: what it does, and its arguments in the order the engine sees them."""

    meaning: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)


_SIDE = Argument("whose leader", choices=SIDES)
EVENTS: dict[str, Event] = {
    "leader_replaced": Event(
        "The leader of one side leaves this month; a successor follows from inside or outside (union: a challenger).",
        {
            "side": _SIDE,
            "successor": Argument("where the successor comes from", choices=("inside", "outside")),
            "disposition": Argument("the successor's disposition toward joint work; drawn if left out", -1.0, 1.0, default=DRAWN),
            "overlap_months": Argument("months of overlap with the predecessor", 0.0, 12.0, default=0.0),
        },
    ),
    "recession": Event(
        "A recession of given depth and length opens a budget gap.",
        {
            "depth": Argument("budget gap without community support, share of budget", 0.0, 0.2, default=0.12),
            "months": Argument("length in months", 3.0, 60.0, default=18.0),
        },
    ),
    "budget_cut": Event(
        "The budget is cut for some months and pay with it, shared and half promised back, or imposed.",
        {
            "share": Argument("budget gap, share of budget", 0.0, 0.2),
            "months": Argument("how long the gap lasts", 3.0, 60.0),
            "how": Argument("shared with the union or imposed", choices=("shared", "imposed")),
            "promised": Argument("share of the cut promised back; .5 if shared, 0 if imposed, when left out", 0.0, 1.0, default=DRAWN),
            "due_months": Argument("months until the return is due; a year after the end, when left out", 1.0, 240.0, default=-1.0),
        },
    ),
    "pivotal_event": Event(
        "An issue with a stake opens between the leaders, in the schools, or at all levels.",
        {
            "level": Argument("where", choices=(*GROUPS, "all")),
            "stake": Argument("stake in gain units (ordinary stake: .4)", 0.0, 1.5),
            "sites": Argument("share of schools concerned (the first ones)", 0.0, 1.0, default=1.0),
        },
    ),
    "breach": Event(
        "One side's leader contests outside procedure for some months at a high stake.",
        {
            "side": _SIDE,
            "months": Argument("how long", 1.0, 12.0),
            "stake": Argument("stake in gain units", 0.0, 1.5, default=1.2),
            "deceit": Argument("whether it is deceit; drawn if left out", choices=("no", "yes", "drawn"), default="drawn"),
        },
    ),
}
FIELDS = 7  # month, kind, up to five arguments

_KINDS = {name: word(name) for name in EVENTS}
LEADER_REPLACED, DOWNTURN, BUDGET_CUT = _KINDS["leader_replaced"], _KINDS["recession"], _KINDS["budget_cut"]
PIVOTAL_EVENT, BREACH = _KINDS["pivotal_event"], _KINDS["breach"]
BY_SCENARIO = word("by scenario")


def problems(event: Mapping[str, object]) -> list[str]:
    """Return what is wrong with an event, in sentences; nothing if it is well-formed."""
    found = []
    month, name = event.get("at_month"), event.get("event")
    if isinstance(month, bool) or not isinstance(month, int) or month < 1:
        found.append(f"at_month = {month!r}: give the month, a whole number from 1")
    if name not in EVENTS:
        return [*found, f"event = {name!r} is unknown; {nearest(str(name), [*EVENTS, 'set'])}"]
    arguments = EVENTS[str(name)].arguments
    for key, value in event.items():
        if key in ("at_month", "event"):
            continue
        if key not in arguments:
            found.append(f"{name} knows no {key!r}; {nearest(key, arguments)}")
        elif arguments[key].code(value) is None:
            found.append(f"{key} = {value!r} of {name}: allowed is {arguments[key].allowed} ({arguments[key].meaning})")
    missing = [key for key, argument in arguments.items() if argument.default is None and key not in event]
    if missing:
        found.append(f"{name} needs {', '.join(missing)}")
    return found


def agenda(events: Sequence[Mapping[str, object]], where: str = "timeline") -> NDArray[np.float64]:
    """Return events (without `set`) as rows for the engine, by month and in the order written.

    Raises ScenarioError that lists every problem.
    """
    wrong = [f"event {n + 1}: {text}" for n, event in enumerate(events) for text in problems(event)]
    if wrong:
        raise ScenarioError("\n".join(wrong), where=where, fix="`partnersim scenarios events` lists all events with their arguments")
    rows = np.zeros((len(events), FIELDS))
    for row, event in zip(rows, events, strict=True):
        name = str(event["event"])
        row[0], row[1] = float(event["at_month"]), _KINDS[name]  # type: ignore[arg-type]
        for n, (key, argument) in enumerate(EVENTS[name].arguments.items()):
            row[2 + n] = argument.code(event.get(key, argument.default)) or 0.0
    return rows[np.argsort(rows[:, 0], kind="stable")]


@step(
    writes=(
        "departure", "departure_disposition", "departure_overlap", "recession_until", "recession_depth", "cut_now", "cut_until",
        "cut_share", "cut_promised", "cut_due", "breach_until", "breach_stake", "breach_deceit",
    ),
    adds=("issue",),
)  # fmt: skip
def act(
    dyad_site, issue, departure, departure_disposition, departure_overlap, recession_until, recession_depth, cut_now, cut_until,
    cut_share, cut_promised, cut_due, breach_until, breach_stake, breach_deceit, agenda, month, events,
):  # fmt: skip
    """Open the doors that the scenario dates to this month."""
    cut_now[0] = 0
    for side in range(2):
        departure[0, side] = 0
        departure_disposition[0, side] = DRAWN
        departure_overlap[0, side] = 0.0
    for n in range(agenda.shape[0]):
        row = agenda[n]
        if row[0] != month:
            continue
        kind = row[1]
        note(events, month, kind, STRATEGIC, NOBODY, NOBODY, BY_SCENARIO, 0.0)
        if kind == LEADER_REPLACED:
            side = int(row[2])
            departure[0, side] = 1 + int(row[3])
            departure_disposition[0, side] = row[4]
            departure_overlap[0, side] = row[5]
        elif kind == DOWNTURN:
            recession_depth[0] = row[2]
            recession_until[0] = month + int(row[3]) - 1
        elif kind == BUDGET_CUT:
            shared = row[4] == 0.0
            cut_now[0] = 1 if shared else 2
            cut_share[0] = row[2]
            cut_until[0] = month + int(row[3]) - 1
            cut_promised[0] = row[5] if row[5] <= 1.0 else (0.5 if shared else 0.0)
            cut_due[0] = int(row[6]) if row[6] >= 0.0 else int(row[3]) + 12
        elif kind == PIVOTAL_EVENT:
            schools = dyad_site.shape[0] - 1
            for d in range(dyad_site.shape[0]):
                reached = row[2] != 1.0 if d == 0 else row[2] != 0.0 and d <= row[4] * schools
                if reached:
                    issue[d] = max(issue[d], min(row[3], 1.5 if d == 0 else 1.0))
        elif kind == BREACH:
            side = int(row[2])
            breach_until[0, side] = month + int(row[3]) - 1
            breach_stake[0, side] = row[4]
            breach_deceit[0, side] = 1.0 if row[5] == 1.0 else (0.0 if row[5] == 0.0 else -1.0)
    for side in range(2):
        if breach_until[0, side] >= month:
            issue[0] = max(issue[0], breach_stake[0, side])
        else:
            breach_deceit[0, side] = -1.0
