"""Timeline: dated events that a scenario or a class brings about, by the same rules the world plays by.

An event acts before anything else in its month; it opens a door (a departure, a recession, a breach) and the mechanism concerned does
the rest, in its own turn, or it moves a lever from its month on. Of two that open the same door in a month the one written last counts. It draws from no stream, so the months before it stay as they
were, to the bit. The event `set` moves any lever; like those that stand for a lever it is carried out by whoever runs the world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.record import note, word
from partnersim.model.columns import GROUPS, MANAGEMENT, NOBODY, SIDES, STANCES, STRATEGIC, UNION

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

    @property
    def allowed(self) -> str:
        """What may be given."""
        return " or ".join(self.choices) if self.choices else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Event:
    """A kind of event: what it does, its arguments in the order the engine sees them, and the levers that arguments stand for."""

    meaning: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    levers: Mapping[str, str] = field(default_factory=dict)
    """Argument -> "mechanism.parameter"; `{name}` in it is filled with the value of the argument `name`."""


_SIDE = Argument("whose leader", choices=SIDES)
_DISPOSITION = Argument("the successors' disposition toward joint work; drawn if left out", -1.0, 1.0, default=DRAWN)
_LEVEL = Argument("the new level", 0.0, 1.0)
_YES_NO = ("no", "yes")
EVENTS: dict[str, Event] = {
    "leader_replaced": Event(
        "The leader of one side leaves this month; a successor follows from inside or outside (union: a challenger).",
        {
            "side": _SIDE,
            "successor": Argument("where the successor comes from", choices=("inside", "outside")),
            "disposition": _DISPOSITION,
            "overlap_months": Argument("months of overlap with the predecessor", 0.0, 12.0, default=0.0),
        },
    ),
    "middle_managers_replaced": Event(
        "A share of the principals, drawn at random, leaves this month; newcomers bring their own disposition and little trust.",
        {"share": Argument("share of principals who leave", 0.0, 1.0), "disposition": _DISPOSITION},
    ),
    "stewards_replaced": Event(
        "A share of the building representatives, drawn at random, leaves this month; newcomers bring their own disposition and little trust.",
        {"share": Argument("share of representatives who leave", 0.0, 1.0), "disposition": _DISPOSITION},
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
    "sacrifice_restored": Event(
        "Pay that was given up and promised back is returned: a promise honoured.",
        {"share": Argument("share of what is owed", 0.0, 1.0, default=1.0)},
    ),
    "promise_broken": Event(
        "A promised return is withheld: union people lose trust, members support, and the issue stays open until it is mended.",
        {"months": Argument("how long it stays open unless what is owed is returned", 1.0, 120.0, default=36.0)},
    ),
    "layoff": Event(
        "A share of the members is laid off, the newest first: ties are lost, managers feel threatened, issues open.",
        {
            "share": Argument("share of members", 0.0, 0.2),
            "joint": Argument("worked out together, which halves what it opens and costs in support", choices=_YES_NO, default="no"),
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
            "deceit": Argument("whether it is deceit; drawn if left out", choices=(*_YES_NO, "drawn"), default="drawn"),
        },
    ),
    "strike": Event(
        "Members strike: both leaders remember it, trust and board confidence fall, pay rises over five years, and a contract is signed.",
        {"days": Argument("length in days", 1.0, 60.0, default=2.0)},
    ),
    "board_changed": Event(
        "The board's support for the present course changes with its members.",
        {
            "support": Argument("share of seats behind the course", 0.0, 1.0),
            "political": Argument(
                "whether the change is about the course; left out: if support falls by .3 or more", choices=(*_YES_NO, "by size"), default="by size"
            ),
        },
    ),
    "community_changed": Event("The community's engagement changes.", {"level": _LEVEL}, {"level": "support.community"}),
    "national_support_changed": Event("The national union's support changes.", {"level": _LEVEL}, {"level": "support.national"}),
    "facilitation_changed": Event("Facilitators come or go.", {"level": _LEVEL}, {"level": "support.facilitation"}),
    "mandate_removed": Event("The decree behind the partnership falls: contract language shrinks, and nothing bars dissolution."),
    "contract_language": Event(
        "Enabling language is agreed, which also makes its meaning clearer, or decreed, which only promises.",
        {"level": _LEVEL, "by": Argument("how it came about", choices=("agreement", "decree"), default="agreement")},
    ),
    "training_changed": Event(
        "Joint training is planned more or less often, and newcomers' training changes if given.",
        {
            "sessions_per_year": Argument("sessions planned a dyad and year", 0.0, 4.0),
            "induction": Argument("share of newcomers who are trained; unchanged if left out", 0.0, 1.0, default=DRAWN),
        },
        {"sessions_per_year": "capability.sessions_per_year", "induction": "capability.induction"},
    ),
    "structures_changed": Event(
        "A tier meets more or less often; 0 switches it off.",
        {
            "tier": Argument("which meetings", choices=("strategic", "bargaining", "workplace", "team", "retreat")),
            "meetings_per_month": Argument("meetings a month (retreats: a year, at most 2)", 0.0, 12.0),
        },
        {"meetings_per_month": "structures.{tier}_meetings"},
    ),
    "accountability_pressure": Event(
        "Sanctions for results: authority moves to the top, contacts become many and shallow, the board looks at results, managers feel threatened.",
        {"strength": Argument("how strong", 0.0, 1.0), "months": Argument("how long", 1.0, 120.0)},
    ),
    "joint_program_harms_members": Event(
        "A joint programme turns out to harm members: support, approval and value fall each month, until the union contests it in procedure.",
        {"severity": Argument("how much", 0.0, 1.0), "months": Argument("how long", 1.0, 60.0)},
    ),
    "stance_taken": Event(
        "The leader of one side takes this stance for some months, whatever the leader would have chosen: somebody steps in.",
        {
            "side": _SIDE,
            "stance": Argument("the stance", choices=STANCES),
            "months": Argument("how long", 1.0, 36.0),
        },
    ),
}  # fmt: skip
FIELDS = 7
"""What the world gets of an event: month, kind, up to five arguments in their order; a choice by its number."""

KINDS = {name: word(name) for name in EVENTS}
(
    LEADER_REPLACED, MANAGERS_REPLACED, STEWARDS_REPLACED, DOWNTURN, BUDGET_CUT, RESTORED, BROKEN, LAYOFF, PIVOTAL_EVENT, BREACH, STRIKE,
    BOARD_CHANGED, _, _, _, MANDATE_REMOVED, LANGUAGE, _, MEETINGS, PRESSURE, HARM, STANCE_TAKEN,
) = KINDS.values()  # fmt: skip
BY_SCENARIO = word("by scenario")


@step(
    writes=(
        "departure", "departure_disposition", "departure_overlap", "staff_departure", "staff_disposition", "recession_until",
        "recession_depth", "cut_now", "cut_until", "cut_share", "cut_promised", "cut_due", "restored_now", "broken_now", "broken_until",
        "layoff_now", "layoff_joint", "threat_now", "breach_until", "breach_stake", "breach_deceit", "strike_now", "board_now",
        "board_political", "mandate_removed", "language_now", "language_decreed", "pressure_until", "pressure", "harm_until", "harm",
        "stance_until", "stance_taken",
    ),
    adds=("issue",),
)  # fmt: skip
def act(
    dyad_site, site_id, issue, departure, departure_disposition, departure_overlap, staff_departure, staff_disposition, recession_until,
    recession_depth, cut_now, cut_until, cut_share, cut_promised, cut_due, restored_now, broken_now, broken_until, layoff_now,
    layoff_joint, threat_now, breach_until, breach_stake, breach_deceit, strike_now, board_now, board_political, mandate_removed,
    language_now, language_decreed, pressure_until, pressure, harm_until, harm, stance_until, stance_taken, agenda,
    month, events,
):  # fmt: skip
    """Open the doors that the scenario dates to this month."""
    for column in (cut_now, broken_now, layoff_joint, board_political, mandate_removed, language_decreed):
        column[0] = 0
    for column in (restored_now, layoff_now, threat_now, strike_now):
        column[0] = 0.0
    board_now[0] = -1.0
    language_now[0] = -1.0
    for side in range(2):
        departure[0, side] = 0
        departure_disposition[0, side] = DRAWN
        departure_overlap[0, side] = 0.0
        staff_departure[0, side] = 0.0
        staff_disposition[0, side] = DRAWN
        if breach_until[0, side] < month:
            breach_deceit[0, side] = -1.0
    schools = site_id.shape[0]
    for n in range(agenda.shape[0]):
        row = agenda[n]
        if row[0] != month:
            continue
        kind = row[1]
        whose, size, opened = int(NOBODY), row[2], 0.0
        if kind == LEADER_REPLACED:
            whose, size = int(row[2]), 0.0
            departure[0, whose] = 1 + int(row[3])
            departure_disposition[0, whose] = row[4]
            departure_overlap[0, whose] = row[5]
        elif kind in (MANAGERS_REPLACED, STEWARDS_REPLACED):
            whose = int(MANAGEMENT) if kind == MANAGERS_REPLACED else int(UNION)
            staff_departure[0, whose] = row[2]
            staff_disposition[0, whose] = row[3]
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
            threat_now[0] += 0.0 if shared else 0.3
        elif kind == RESTORED:
            restored_now[0] = row[2]
        elif kind == BROKEN:
            broken_now[0] = 1
            broken_until[0] = month + int(row[2]) - 1
        elif kind == LAYOFF:
            layoff_now[0] = row[2]
            layoff_joint[0] = int(row[3])
            threat_now[0] += 5.0 * row[2]
            opened = (2.0 if row[3] == 1.0 else 4.0) * row[2]
        elif kind == PIVOTAL_EVENT:
            size = row[3]
            opened = row[3]
        elif kind == BREACH:
            whose, size = int(row[2]), row[4]
            breach_until[0, whose] = month + int(row[3]) - 1
            breach_stake[0, whose] = row[4]
            breach_deceit[0, whose] = 1.0 if row[5] == 1.0 else (0.0 if row[5] == 0.0 else -1.0)
        elif kind == STRIKE:
            strike_now[0] = row[2]
        elif kind == BOARD_CHANGED:
            board_now[0] = row[2]
            board_political[0] = int(row[3])
        elif kind == MANDATE_REMOVED:
            mandate_removed[0] = 1
        elif kind == LANGUAGE:
            language_now[0] = row[2]
            language_decreed[0] = int(row[3])
        elif kind == PRESSURE:
            pressure[0] = row[2]
            pressure_until[0] = month + int(row[3]) - 1
            threat_now[0] += 0.3 * row[2]
        elif kind == HARM:
            harm[0] = row[2]
            harm_until[0] = month + int(row[3]) - 1
        elif kind == STANCE_TAKEN:
            whose, size = int(row[2]), 0.0
            stance_taken[0, whose] = int(row[3])
            stance_until[0, whose] = month + int(row[4]) - 1
        elif kind == MEETINGS:
            size = row[3]
        note(events, month, kind, STRATEGIC, NOBODY, whose, BY_SCENARIO, size)
        if opened > 0.0:
            anywhere = kind == LAYOFF
            for d in range(dyad_site.shape[0]):
                reached = row[2] != 1.0 if d == 0 else row[2] != 0.0 and dyad_site[d] < row[4] * schools
                if anywhere or reached:
                    issue[d] = max(issue[d], min(opened, 1.5 if d == 0 else 1.0))
    for side in range(2):
        if breach_until[0, side] >= month:
            issue[0] = max(issue[0], breach_stake[0, side])
    if pressure_until[0] < month:
        pressure[0] = 0.0
    if harm_until[0] < month:
        harm[0] = 0.0
