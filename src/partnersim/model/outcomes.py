"""What is measured: practice and form, life and death, regimes, and how the parties fare.

Practice by tier
    Workplace X: share of schools in mutual collaboration this month. Strategic: share of the last twelve months in which both
    leaders collaborated. Bargaining: share of such months in the last contract window.

Alive, dead, born
    C = .4 [both leaders collaborate this month] + .6 X, as a trailing mean of six months (of the months there are). Alive:
    C >= .30. Practice dies in the first month of the first spell of 12 months below .30. It is born at month 1 in a founded
    start, else in the first month of 12 with C >= .30. Chance alone keeps X at .15-.20
    in collapsed districts, well below the threshold. Month 0 comes before anybody has met: contacts, form, surveys and C begin with month 1.

Regimes (last 24 months, first match wins)
    vital: exists and X >= .5; mixed: exists and X >= .3; paper: exists; informal: X >= .4; collapsed: the rest.

Cause of death
    The mechanism with the most negative sum in the ledger of the will over the twelve months that end with the month
    of death, workplace tier first, reported in the groups of `CAUSES`.

Sources
    Thresholds are reporting conventions; form against practice after Meyer & Rowan 1977, depth of participation after Pateman 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from partnersim.engine.mechanism import step
from partnersim.model.columns import COLLABORATE, CONTEST, MANAGEMENT, STRATEGIC, UNION, WORKPLACE

Floats = NDArray[np.float64]

ALIVE, SPELL, SMOOTHING, FINAL = 0.30, 12, 6, 24
REGIMES = ("vital", "mixed", "paper", "informal", "collapsed")
PATEMAN = ((0.25, "pseudo"), (0.60, "partial"), (1.01, "full"))


@dataclass(frozen=True)
class Outcome:
    """A measured series: name, unit, label, group (partnership, people, members, district) and plot range."""

    name: str
    unit: str
    label: str
    group: Literal["partnership", "people", "members", "district"]
    low: float | None = 0.0
    high: float | None = 1.0


OUTCOMES = (
    Outcome("leaders_collaborate", "0/1", "Both leaders collaborate", "partnership"),
    Outcome("practice_workplace", "share of schools", "Practice at the workplace", "partnership"),
    Outcome("practice_strategic", "share of months", "Practice of the leaders", "partnership"),
    Outcome("practice_bargaining", "share of months", "Practice at the bargaining table", "partnership"),
    Outcome("alive_index", "share", "Practice alive (C)", "partnership"),
    Outcome("exists", "0/1", "Partnership exists formally", "partnership"),
    Outcome("suspended", "0/1", "Partnership suspended", "partnership"),
    Outcome("joined", "share of schools", "Schools that have joined", "partnership"),
    Outcome("form", "share", "Form: meetings held and contract language", "partnership"),
    Outcome("decoupling", "share", "Form without practice", "partnership", -1.0),
    Outcome("authority_strategic", "share", "Authority shared at the top", "partnership"),
    Outcome("authority_workplace", "share", "Authority shared in schools", "partnership"),
    Outcome("trust_union_strategic", "probability", "Trust of the union leader", "people"),
    Outcome("trust_management_strategic", "probability", "Trust of the superintendent", "people"),
    Outcome("trust_union_workplace", "probability", "Trust of building reps", "people"),
    Outcome("trust_management_workplace", "probability", "Trust of principals", "people"),
    Outcome("contact_strategic", "per month", "Contacts of the leaders", "people", 0.0, None),
    Outcome("contact_workplace", "per month", "Contacts of principal and rep", "people", 0.0, None),
    Outcome("informal_share", "share", "Informal share of contacts in schools", "people"),
    Outcome("clarity_workplace", "share", "Shared understanding in schools", "people"),
    Outcome("skill_strategic", "share", "Partnering skill of the leaders", "people"),
    Outcome("skill_workplace", "share", "Partnering skill in schools", "people"),
    Outcome("value_strategic", "gu", "Experienced value, leaders", "people", 0.0, None),
    Outcome("value_workplace", "gu", "Experienced value, schools", "people", 0.0, None),
    Outcome("for_institution", "share", "Principals who think it good for the institution", "people"),
    Outcome("for_self", "share", "Principals who think it good for themselves", "people"),
    Outcome("contest_share", "share", "People in schools who contest", "people"),
    Outcome("strong_ties", "ties a person", "Strong ties of the staff", "people", 0.0, None),
    Outcome("weak_ties", "ties a person", "Weak ties of the staff", "people", 0.0, None),
    Outcome("centralisation", "share", "Centralisation of the staff's network", "people"),
    Outcome("tie_density", "share", "Density of members' network", "members"),
    Outcome("member_support", "share", "Members' support for working together", "members"),
    Outcome("leader_approval", "share", "Members' approval of union leaders", "members"),
    Outcome("engagement", "share", "Members who take part", "members"),
    Outcome("member_exit", "share a year", "Members leaving their school", "members", 0.0, None),
    Outcome("grievances", "issues per head", "Unresolved grievances", "members", 0.0, None),
    Outcome("pay_index", "start = 1", "Pay, of what it would have been", "members", None, None),
    Outcome("pay_owed", "share of pay", "Pay promised and not yet returned", "members", 0.0, None),
    Outcome("pay_conceded", "share of pay", "Pay conceded", "members", 0.0, None),
    Outcome("joint_gains", "gu per month", "Joint gains delivered", "district", 0.0, None),
    Outcome("quality", "share", "Quality of practice", "district"),
    Outcome("score", "share", "Published results", "district"),
    Outcome("alignment", "share", "Alignment with district strategy", "district"),
    Outcome("contract_language", "share", "Enabling contract language", "district"),
    Outcome("institutionalisation", "share", "Taken for granted", "district"),
    Outcome("budget_gap", "share of budget", "Budget gap", "district", 0.0, None),
    Outcome("overrun", "0/1", "Contract talks overrun", "district"),
    Outcome("board_confidence", "share", "Board confidence", "district"),
    Outcome("strike", "0/1", "Strike this month", "district"),
    Outcome("readiness", "share", "Readiness index", "district"),
)
NAMES = tuple(outcome.name for outcome in OUTCOMES)

(
    LEADERS_COLLABORATE, PRACTICE_WORKPLACE, PRACTICE_STRATEGIC, PRACTICE_BARGAINING, ALIVE_INDEX, EXISTS, SUSPENDED, JOINED, FORM,
    DECOUPLING, AUTHORITY_STRATEGIC, AUTHORITY_WORKPLACE, TRUST_UNION_STRATEGIC, TRUST_MANAGEMENT_STRATEGIC, TRUST_UNION_WORKPLACE,
    TRUST_MANAGEMENT_WORKPLACE, CONTACT_STRATEGIC, CONTACT_WORKPLACE, INFORMAL_SHARE, CLARITY_WORKPLACE, SKILL_STRATEGIC, SKILL_WORKPLACE,
    VALUE_STRATEGIC, VALUE_WORKPLACE, FOR_INSTITUTION, FOR_SELF, CONTEST_SHARE, STRONG_TIES, WEAK_TIES, CENTRALISATION, TIE_DENSITY,
    MEMBER_SUPPORT, LEADER_APPROVAL, ENGAGEMENT, MEMBER_EXIT, GRIEVANCES, PAY_INDEX, PAY_OWED, PAY_CONCEDED, JOINT_GAINS, QUALITY, SCORE,
    ALIGNMENT, CONTRACT_LANGUAGE, INSTITUTIONALISATION, BUDGET_GAP, OVERRUN, BOARD_CONFIDENCE, STRIKE, READINESS,
) = range(len(OUTCOMES))  # fmt: skip


@step()
def collect(
    dyad_site, union_of, management_of, stance, joint, trust, clarity, value, skill, meetings, contact, informal, exists,
    authority, alignment, language, institutionalisation, window_practice, quality, delivered, density, strong_ties, weak_ties,
    member_support, leader_approval, engaged, present, member_exits, grievances, suspended, joined, for_institution, for_self, conceded,
    score, contract_age, pay, owed, gap, board, strike, series, month, p_structures, p_economy,
):  # fmt: skip
    """Write the month's outcomes."""
    row = series[month]
    schools = joint.shape[0] - 1  # representatives, but every school has as many
    held = 0.0
    informal_contact = 0.0
    for d in range(1, schools + 1):
        s = dyad_site[d]
        union, management = union_of[d], management_of[d]
        row[PRACTICE_WORKPLACE] += 1.0 if joint[d] >= 1.0 else 0.0
        row[AUTHORITY_WORKPLACE] += authority[d]
        row[TRUST_UNION_WORKPLACE] += trust[d, UNION]
        row[TRUST_MANAGEMENT_WORKPLACE] += trust[d, MANAGEMENT]
        row[CONTACT_WORKPLACE] += contact[d]
        row[CLARITY_WORKPLACE] += clarity[d]
        row[SKILL_WORKPLACE] += 0.5 * (skill[union] + skill[management])
        row[VALUE_WORKPLACE] += 0.5 * (value[d, UNION] + value[d, MANAGEMENT])
        row[CONTEST_SHARE] += (0.5 if stance[union] == CONTEST else 0.0) + (0.5 if stance[management] == CONTEST else 0.0)
        row[JOINT_GAINS] += delivered[d]
        row[TIE_DENSITY] += density[s]
        row[MEMBER_SUPPORT] += member_support[s]
        row[LEADER_APPROVAL] += leader_approval[s]
        row[GRIEVANCES] += grievances[s]
        row[MEMBER_EXIT] += 12.0 * member_exits[s]
        row[QUALITY] += quality[s]
        row[SCORE] += score[s]
        row[JOINED] += joined[s]
        row[FOR_INSTITUTION] += for_institution[s]
        row[FOR_SELF] += for_self[s]
        held += meetings[d]
        informal_contact += informal[d]
    for n in range(row.shape[0]):
        row[n] /= schools
    people, most = strong_ties.shape[0], 0.0
    for i in range(people):
        row[STRONG_TIES] += strong_ties[i] / people
        row[WEAK_TIES] += weak_ties[i] / people
        most = max(most, strong_ties[i] + weak_ties[i])
    mean = row[STRONG_TIES] + row[WEAK_TIES]
    row[CENTRALISATION] = people * (most - mean) / max(1.0, (people - 1.0) * (people - 2.0))
    employed = 0.0
    for k in range(engaged.shape[0]):
        row[ENGAGEMENT] += engaged[k]
        employed += present[k]
    row[ENGAGEMENT] /= max(1.0, employed)
    union, management = union_of[0], management_of[0]
    row[LEADERS_COLLABORATE] = 1.0 if stance[union] == COLLABORATE and stance[management] == COLLABORATE else 0.0
    row[PRACTICE_BARGAINING] = window_practice[0]
    row[EXISTS] = exists[0]
    row[SUSPENDED] = suspended[0]
    row[OVERRUN] = 1.0 if contract_age[0] > p_economy.contract_months else 0.0
    planned = p_structures.workplace_meetings * schools
    row[FORM] = exists[0] * 0.5 * (language[0] + (held / planned if planned > 0.0 else 0.0))
    row[DECOUPLING] = row[FORM] - row[PRACTICE_WORKPLACE]
    row[AUTHORITY_STRATEGIC] = authority[0]
    row[TRUST_UNION_STRATEGIC] = trust[0, UNION]
    row[TRUST_MANAGEMENT_STRATEGIC] = trust[0, MANAGEMENT]
    row[CONTACT_STRATEGIC] = contact[0]
    both = held + informal_contact
    row[INFORMAL_SHARE] = informal_contact / both if both > 0.0 else 0.0
    row[SKILL_STRATEGIC] = 0.5 * (skill[union] + skill[management])
    row[VALUE_STRATEGIC] = 0.5 * (value[0, UNION] + value[0, MANAGEMENT])
    row[PAY_INDEX] = pay[0]
    row[PAY_OWED] = owed[0]
    row[PAY_CONCEDED] = conceded[0]
    row[ALIGNMENT] = alignment[0]
    row[CONTRACT_LANGUAGE] = language[0]
    row[INSTITUTIONALISATION] = institutionalisation[0]
    row[BUDGET_GAP] = gap[0]
    row[BOARD_CONFIDENCE] = board[0]
    row[STRIKE] = strike[0]
    leaders_trust = 0.5 * (trust[0, UNION] + trust[0, MANAGEMENT])
    worth = min(1.0, row[VALUE_STRATEGIC])
    row[READINESS] = (leaders_trust + clarity[0] + row[SKILL_STRATEGIC] + row[MEMBER_SUPPORT] + board[0] + worth) / 6.0
    months = 0
    for past in range(max(1, month - 11), month + 1):
        row[PRACTICE_STRATEGIC] += series[past, LEADERS_COLLABORATE]
        months += 1
    row[PRACTICE_STRATEGIC] /= max(1, months)
    months = 0
    for past in range(max(1, month - SMOOTHING + 1), month + 1):
        row[ALIVE_INDEX] += 0.4 * series[past, LEADERS_COLLABORATE] + 0.6 * series[past, PRACTICE_WORKPLACE]
        months += 1
    row[ALIVE_INDEX] /= max(1, months)


@dataclass(frozen=True)
class Life:
    """Born (month, -1 never), months alive up to and with the month of death or the end of the run, and whether it died."""

    born: int
    months: int
    died: bool

    @property
    def end(self) -> int:
        """The month of death, or the last month lived."""
        return self.born + self.months - 1


def practice_life(alive_index: Floats, *, founded: bool, threshold: float = ALIVE) -> Life:
    """Return the first life of practice from the alive index of months 0..T (month 0 is not lived)."""
    low = alive_index[1:] < threshold
    return _life(low, 1 if founded else None)


def form_life(exists: Floats) -> Life:
    """Return the first life of the form: from founding to the first month without a partnership."""
    there = np.flatnonzero(exists > 0.5)
    if there.size == 0:
        return Life(-1, 0, False)
    born = max(1, int(there[0]))
    gone = np.flatnonzero(exists[born:] < 0.5)
    return Life(born, int(gone[0]) + 1 if gone.size else len(exists) - born, bool(gone.size))


def _life(low: NDArray[np.bool_], born: int | None) -> Life:
    """`low[k]` is month k + 1; a spell of SPELL months ends (or, reversed, begins) a life."""
    if born is None:
        born = _first_spell(~low)
        if born < 0:
            return Life(-1, 0, False)
    death = _first_spell(low[born - 1 :])
    if death < 0:
        return Life(born, len(low) - born + 1, False)
    return Life(born, death, True)


def _first_spell(flags: NDArray[np.bool_]) -> int:
    """Return the 1-based position at which the first run of SPELL true values begins, -1 if there is none."""
    counts = np.convolve(flags.astype(np.int64), np.ones(SPELL, np.int64), mode="valid") if len(flags) >= SPELL else np.zeros(0)
    full = np.flatnonzero(counts == SPELL)
    return int(full[0]) + 1 if full.size else -1


def regime(series: Floats) -> str:
    """Return the regime of a run from its series [month, outcome]: thresholds on the last 24 months."""
    last = series[max(1, len(series) - FINAL) :]
    practice, form = last[:, PRACTICE_WORKPLACE].mean(), last[:, EXISTS].mean() > 0.5
    if form:
        return "vital" if practice >= 0.5 else "mixed" if practice >= 0.3 else "paper"
    return "informal" if practice >= 0.4 else "collapsed"


def pateman(authority: float) -> str:
    """Return Pateman's class of a share of authority: pseudo, partial or full participation."""
    return next(name for limit, name in PATEMAN if authority < limit)


CAUSES = {
    "succession": "succession",
    "economy": "economy",
    "pivotal_events": "breach and events",
    "timeline": "breach and events",
    "members": "opposition",
    "role_strain": "opposition",
    "politics": "opposition",
    "commitment": "fading results",
    "joint_gains": "fading results",
    "capability": "fading results",
    "alignment": "fading results",
    "institutions": "institutions",
}
"""Group of causes by mechanism; every other mechanism is reported as `other`."""

STOCK_INPUTS = {"trust": "trust", "value": "value", "disposition": "disposition", "memory": "memory", "skill": "skill"}
DIRECT_INPUTS = {
    "horizon": "succession",
    "economic stake": "economy",
    "issue stake": "pivotal_events",
    "peers": "networks",
    "leader signal": "role_strain",
    "habit": "institutions",
    "strain": "role_strain",
    "grievances": "members",
    "mandate": "politics",
    "session cost": "capability",
    "pulls": "stance",
}


def will_by_mechanism(
    stocks: Mapping[str, Mapping[str, float]], will: Mapping[str, float], leaders: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Pass the change of V(C) - V(D) [gu], split by input, on to the mechanisms behind each input; parts add up to the change.

    Parameters
    ----------
    stocks
        For each followed stock, its change by mechanism over the same months and tier.
    will
        The change of the will by input (`stance.WILL_INPUTS`).
    leaders
        For the workplace tier, what this function returned for the leaders: their signal is passed on to what moved them.

    Notes
    -----
    An input that follows a stock is divided in proportion to what each mechanism did to the stock. Where gains and losses nearly
    cancel (net below a tenth of gross) proportions would explode, and the part is divided by gross weight instead. At the
    workplace the leader's signal is divided among the mechanisms that moved the leaders in the same direction, and peers' conduct among
    those that moved the schools: otherwise partnerships would be said to die of the signal, or of each other, and none of what befell them.
    """
    parts: dict[str, float] = {}
    for name, change in sorted(will.items(), key=lambda item: item[0] == "peers"):
        if name in STOCK_INPUTS:
            moved = stocks[STOCK_INPUTS[name]]
            if abs(sum(moved.values())) <= 0.1 * sum(abs(x) for x in moved.values()):
                moved = {mechanism: abs(x) for mechanism, x in moved.items()}
        elif name in ("leader signal", "peers") and leaders is not None:
            moved = {mechanism: x for mechanism, x in (leaders if name == "leader signal" else parts).items() if x * change > 0.0}
        else:
            moved = {DIRECT_INPUTS[name]: 1.0}
        total = sum(moved.values())
        for mechanism, weight in (moved if total else {"stance": 1.0}).items():
            parts[mechanism] = parts.get(mechanism, 0.0) + change * (weight / total if total else weight)
    return parts


def parts_of_will(
    ledger: Floats, will: Floats, window: slice, lines: Sequence[str], stocks: Sequence[str], inputs: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what moved the will to collaborate [gu] by mechanism over `window`, for the strategic and the workplace tier.

    `ledger` [month, tier, stock, mechanism] and `will` [month, tier, input] as the run booked them; `lines`, `stocks` and `inputs` name
    their last axes.
    """

    # stocks move after the choice, so what this month's will reflects is what moved them last month
    before = slice(max(0, window.start - 1), window.stop - 1)

    def tier_parts(tier: int, leaders: Mapping[str, float] | None) -> dict[str, float]:
        moved = {s: dict(zip(lines, ledger[before, tier, n].sum(axis=0).tolist(), strict=True)) for n, s in enumerate(stocks)}
        return will_by_mechanism(moved, dict(zip(inputs, will[window, tier].sum(axis=0).tolist(), strict=True)), leaders)

    leaders = tier_parts(int(STRATEGIC), None)
    return leaders, tier_parts(int(WORKPLACE), leaders)


def cause_of_death(ledger: Floats, will: Floats, month: int, lines: Sequence[str], stocks: Sequence[str], inputs: Sequence[str]) -> str:
    """Return the group of causes behind a death of practice in `month`.

    The mechanism that lowered the will to collaborate most over the twelve months that end with the month of death decides, at the
    workplace first; at the top if nothing at the workplace was lowered. Arguments as for `parts_of_will`.
    """
    leaders, workplace = parts_of_will(ledger, will, slice(max(1, month - SPELL + 1), month + 1), lines, stocks, inputs)
    for parts in (workplace, leaders):
        worst = min(parts, key=lambda mechanism: parts[mechanism])
        if parts[worst] < 0.0:
            return CAUSES.get(worst, "other")
    return "other"
