"""One run in sentences: each is made from facts, and keeps the address and the value of every number in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from partnersim.analysis.accounts import BY_SCENARIO, WILL, Accounts, window
from partnersim.analysis.phases import Phase
from partnersim.model.outcomes import SPELL

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LABELS", "Sentence", "date", "ending", "leaders", "render", "tale"]

AFTER = 6
"""Months after an event over which its effect is told."""
SHOWN = 0.02
"""Smaller changes are not worth a word [log-odds, gu]."""
MINOR = 0.3
"""Lines of a ledger below this share of the largest are not told."""
TOLD_EVENTS = 7
"""Events of the world that have a sentence of their own, unless asked for fewer; the others are counted."""
IN_A_PHASE = 3
"""At most so many of them in one phase, if there are several."""
LATER = 0.4
"""What an event after practice has died weighs, against one in its life."""

LABELS = {
    "trust": "conduct", "pivotal_events": "issues", "commitment": "results", "networks": "peers", "capability": "skill",
    "institutions": "habit", "stance": "no single cause",
}  # fmt: skip
"""Words for mechanisms whose name alone would mislead here."""
TRUST_TOP, TRUST_SCHOOLS, WILL_TOP, WILL_SCHOOLS = ("strategic", "trust"), ("workplace", "trust"), ("strategic", WILL), ("workplace", WILL)
WHOSE = {
    TRUST_TOP: "the leaders' trust", TRUST_SCHOOLS: "trust in schools", WILL_TOP: "the leaders' will", WILL_SCHOOLS: "the schools' will",
}  # fmt: skip
SCALE = {TRUST_TOP: 1.0, TRUST_SCHOOLS: 0.25, WILL_TOP: 0.3, WILL_SCHOOLS: 0.15}
"""A change that is large over half a year; makes changes of different stocks comparable."""

UNION, SUPERINTENDENT, OUSTED = "union leader replaced", "superintendent replaced", "union leader voted out"
BREACH, ISSUE, ELECTION = "breach", "pivotal event", "board election"
OFFICES = {UNION: "president", SUPERINTENDENT: "superintendent"}
SIDES = {"union": "the president", "management": "the superintendent", "": "a leader"}
TURNOVER = {"principal replaced": "principals", "building rep replaced": "representatives"}
PLURALS = {
    BREACH: "breaches", UNION: "presidents replaced", SUPERINTENDENT: "superintendents replaced", "recession": "recessions",
    "pay cut": "pay cuts", "school joins": "schools joined", "strike": "strikes", "contract signed": "contracts signed",
    "executive board member replaced": "executive board members replaced", "cabinet member replaced": "cabinet members replaced",
}  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """How an event of the world is told: weight among events, the mechanism behind its effects, where these show, and a text.

    In the text, {size style} stands for the size of the event, {side} for the leader and {cause} for the cause. Kinds of weight 0
    are only counted.
    """

    weight: float
    mechanism: str = ""
    text: str = ""
    shows: tuple[tuple[str, str], ...] = tuple(WHOSE)
    harms: bool = False
    """Whether only what it lowered is told of its effects: what rises after it rises for other reasons."""


TOP, WILLS = (TRUST_TOP, WILL_TOP), (WILL_TOP, WILL_SCHOOLS)
COUNTED = Kind(0)
KINDS = {
    "partnership founded": Kind(3, "structures", "the leaders founded a partnership, after {size whole} of twelve months together."),
    "partnership dissolved": Kind(3, "structures", "the partnership was dissolved, after {size whole} of twelve months of contest."),
    "partnership suspended": Kind(2, "structures", "{side} suspended the partnership, having little trust left ({size plain})."),
    "partnership resumed": Kind(2, "structures", "the partnership was resumed after {size whole} months."),
    UNION: Kind(1.2, "succession", "", TOP),
    SUPERINTENDENT: Kind(1.2, "succession", "", TOP),
    "board majority flips": Kind(1, "politics", "the board turned against the course ({size whole} of seven seats).", (WILL_TOP,), True),
    "recession": Kind(0.6, "economy", "a recession began (a budget gap of up to {size percent} %).", WILLS, True),
    "pay cut": Kind(0.8, "economy", "pay was cut by {size percent} %, {cause}.", WILLS, True),
    "return of pay put off": Kind(0.3, "economy", "the return of {size percent} % of pay was put off."),
    "return of pay honoured": Kind(0.5, "economy", "the {size percent} % of pay that had been given up was returned as promised."),
    "return of pay withheld": Kind(2, "economy", "the return of {size percent} % of pay was withheld: a promise broken."),
    "contract rejected by members": Kind(0.6, "economy", "the members rejected the contract."),
    "strike": Kind(3, "economy", "the teachers struck."),
    "layoff": Kind(2, "economy"),
    BREACH: Kind(0.1, "pivotal_events", "{side} contested outside procedure: a breach (severity {size plain}).", (TRUST_SCHOOLS,), True),
    ISSUE: Kind(0.2, "pivotal_events", "an issue of stake {size plain} gu divided the leaders.", (TRUST_SCHOOLS, WILL_TOP), True),
    OUSTED: COUNTED, ELECTION: COUNTED, "recovery": COUNTED, "contract signed": COUNTED,
    "executive board member replaced": COUNTED, "cabinet member replaced": COUNTED,
}  # fmt: skip
UNKNOWN = Kind(0.6, "")
"""Kinds that other mechanisms, or a user's own, bring: told by their own words."""
PRESCRIBED = {
    "leader_replaced": "the leader of {side} left; the successor came from {successor}",
    "middle_managers_replaced": "{share share} % of the principals left",
    "stewards_replaced": "{share share} % of the building representatives left",
    "recession": "a recession began",
    "budget_cut": "{share percent} % of the budget was cut for {months whole} months, {how}",
    "sacrifice_restored": "pay that had been given up was returned",
    "promise_broken": "a promised return of pay was withheld",
    "layoff": "{share percent} % of the members were laid off",
    "pivotal_event": "an issue of stake {stake plain} gu opened ({level})",
    "breach": "the leader of {side} contested outside procedure, for {months whole} months",
    "strike": "the members struck",
    "board_changed": "the board changed; {support share} % of its seats stood behind the course",
    "community_changed": "the community's engagement changed to {level plain}",
    "national_support_changed": "the national union's support changed to {level plain}",
    "facilitation_changed": "facilitators were at work at {level plain} from then on",
    "mandate_removed": "the decree behind the partnership fell",
    "contract_language": "enabling contract language changed to {level plain}",
    "training_changed": "joint training changed to {sessions_per_year plain} sessions a year",
    "structures_changed": "{tier} meetings changed to {meetings_per_month plain}",
    "accountability_pressure": "sanctions for results pressed the district at {strength plain}, for {months whole} months",
    "joint_program_harms_members": "a joint programme harmed members (severity {severity plain}), for {months whole} months",
    "stance_taken": "the leader of {side} was made to {stance}, for {months whole} months",
    "set": "{parameter} became {value plain}",
}
"""What a scenario prescribes, after "by scenario"; arguments in braces, numbers with a style."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the tale: its month, the number of its phase, what it is about, and its facts, address -> number."""

    month: int
    phase: int
    about: Literal["leaders", "state", "moved", "counts", "event", "death", "ending"]
    text: str
    facts: dict[str, float]


def date(month: float) -> str:
    """Say when a month is."""
    return f"year {(int(month) - 1) // 12 + 1} month {(int(month) - 1) % 12 + 1}"


def render(value: float, style: str) -> str:
    """Write a number as the tale does."""
    match style:
        case "plain":
            return f"{value:.2f}"
        case "signed":
            return f"{value:+.2f}"
        case "size":
            return f"{abs(value):.2f}"
        case "percent":
            return f"{100 * value:.1f}".removesuffix(".0") if abs(value) < 0.1 else f"{100 * value:.0f}"
        case "share":
            return f"{100 * value:.0f}"
        case "years":
            return f"{value / 12:.1f}"
        case "date":
            return date(value)
        case _:
            return f"{value:.0f}"


@dataclass
class Pen:
    """Writes numbers into a sentence and remembers where each came from."""

    accounts: Accounts
    facts: dict[str, float] = field(default_factory=dict)

    def __call__(self, address: str, style: str = "plain") -> str:
        """Look a number up, remember it, and write it."""
        value = self.facts[address] = self.accounts.value(address)
        return render(value, style)

    def fill(self, template: str, base: str, words: Mapping[str, object]) -> str:
        """Fill {name style} with a number at `base`/name, and {name} with a word."""

        def one(found: re.Match[str]) -> str:
            name, style = found[1], found[2]
            return self(f"{base}/{name}", style) if style else str(words.get(name, ""))

        return re.sub(r"{(\w+) ?(\w*)}", one, template)

    def change(self, stock: tuple[str, str], first: int, last: int, *, most: int = 2, must: str = "") -> str:
        """Say how a stock changed and which mechanisms did most: "fell by 0.90 (succession -0.60, conduct -0.30)"."""
        tier, name = stock
        when = window(first, last)
        address = f"ledger/{tier}/{name}/{when}"
        total = self.accounts.value(address)
        said = f"{'rose' if total > 0 else 'fell'} by {self(address, 'size')}" if abs(total) >= SHOWN / 2 else "hardly changed"
        lines = self.accounts.moved(first, last)[stock]
        ranked = sorted((line for line in lines if abs(lines[line]) >= SHOWN / 2), key=lambda line: (line != must, -abs(lines[line])))
        enough = MINOR * abs(lines[ranked[0]]) if ranked else 0.0
        parts = [self.line(stock, line, when) for line in ranked[:most] if abs(lines[line]) >= enough]
        return f"{said} ({', '.join(parts)})" if parts else said

    def line(self, stock: tuple[str, str], line: str, when: str) -> str:
        """Write one line of a ledger: "succession -0.60"."""
        source = "moved" if stock[1] == WILL else "ledger"
        return f"{label(line)} {self(f'{source}/{stock[0]}/{stock[1]}/{line}/{when}', 'signed')}"

    def sentence(self, month: int, phase: int, about: Any, text: str) -> Sentence:
        """Finish a sentence."""
        made, self.facts = Sentence(month, phase, about, text, self.facts), {}
        return made


def label(line: str) -> str:
    """Say a mechanism in words."""
    return LABELS.get(line, line.replace("_", " "))


# -- who ----------------------------------------------------------------------------------------------------------


def leaders(accounts: Accounts) -> list[Sentence]:
    """Say who was in office: a sentence for each side, in which every leader has a clause."""
    pen, out = Pen(accounts), []
    for kind, office in OFFICES.items():
        rows = np.flatnonzero(accounts.events["kind"] == kind)
        clauses = []
        for n in range(len(rows) + 1):
            came = f" ({accounts.events['cause'].iloc[rows[n - 1]]})" if n else ""
            stayed = pen(f"event/{rows[n]}/size", "years") if n < len(rows) else "to the end"
            clauses.append(f"{_ordinal(n)}{came} {stayed}")
        out.append(pen.sentence(0, -1, "leaders", f"{_capital(office)}s, years in office: {', '.join(clauses)}."))
    return out


def _ordinal(n: int) -> str:
    return ORDINALS[n] if n < len(ORDINALS) else "next"


# -- what happened ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """Something that could be told: a row of the events or of the scenario's timeline, and how much it weighs."""

    month: int
    row: int
    kind: str
    prescribed: bool
    weight: float
    stock: tuple[str, str] | None
    """The stock on which it had most effect."""
    mechanism: str


def _prescribed(accounts: Accounts) -> list[Candidate]:
    out = []
    for row, event in enumerate(accounts.timeline):
        month = int(str(event["at_month"]))
        if month <= accounts.months:
            out.append(Candidate(month, row, str(event["event"]), True, 0.0, _most_moved(accounts, month, UNKNOWN)[0], ""))
    return out


def _candidates(accounts: Accounts) -> list[Candidate]:
    """What could be told: weight of its kind and of what followed in the ledger."""
    out = []
    events = accounts.events
    for row in np.flatnonzero((events["level"] == "strategic") & (events["cause"] != BY_SCENARIO)):
        event = events.iloc[row]
        month, name = int(event["month"]), str(event["kind"])
        kind = KINDS.get(name, UNKNOWN)
        if kind is COUNTED:
            continue
        stock, effect = _most_moved(accounts, month, kind)
        size = float(event["size"]) if name in (BREACH, ISSUE) else 0.0
        alive = any(life.born <= month <= life.end for life in accounts.lives)
        weight = (kind.weight + size + min(effect, 2.0)) * (1.0 if alive or kind.weight >= 2 else LATER)
        out.append(Candidate(month, int(row), name, False, weight, stock, kind.mechanism))
    return out


def _most_moved(accounts: Accounts, month: int, kind: Kind) -> tuple[tuple[str, str] | None, float]:
    """Return the stock that changed most in the months from then on, by this mechanism if it has one, and how large that is."""
    moved = accounts.moved(month, min(month + AFTER - 1, accounts.months))
    found = {}
    for stock in kind.shows:
        change = moved[stock].get(kind.mechanism, 0.0) if kind.mechanism else sum(moved[stock].values())
        found[stock] = 0.0 if kind.harms and change > 0 else abs(change) / SCALE[stock]
    best = max(found, key=lambda stock: found[stock])
    return (best, found[best]) if found[best] > 0.2 else (None, 0.0)


def _chosen(accounts: Accounts, phases: list[Phase], most: int) -> list[Candidate]:
    """All that is prescribed, and of the rest the weightiest; no kind twice in half a year, issues not beside breaches."""
    taken: list[Candidate] = []
    room = [most if len(phases) == 1 else max(IN_A_PHASE, most - len(phases))] * len(phases)
    alike = {ISSUE: BREACH}
    for one in sorted(_candidates(accounts), key=lambda c: (-c.weight, c.month)):
        phase = next(n for n, p in enumerate(phases) if p.first <= one.month <= p.last)
        near = [c for c in taken if abs(c.month - one.month) < AFTER and alike.get(c.kind, c.kind) == alike.get(one.kind, one.kind)]
        if len(taken) < most and room[phase] and one.weight >= 0.5 and (one.kind in OFFICES or not near):
            taken.append(one)
            room[phase] -= 1
    return sorted([*taken, *_prescribed(accounts)], key=lambda c: (c.month, not c.prescribed, c.row))


def _happened(pen: Pen, one: Candidate, phase: int) -> Sentence:
    accounts = pen.accounts
    if one.prescribed:
        event = accounts.timeline[one.row]
        words = {key: str(value) for key, value in event.items()}
        words["side"] = {"management": "management", "union": "the union"}.get(words.get("side", ""), "")
        template = PRESCRIBED.get(one.kind, one.kind.replace("_", " "))
        text = f"by scenario, {pen.fill(template, f'timeline/{one.row}', words)}."
        when = pen(f"timeline/{one.row}/at_month", "date")
    else:
        text = _world_event(pen, one.row, accounts.events.iloc[one.row])
        when = pen(f"event/{one.row}/month", "date")
    if one.stock:
        last = min(one.month + AFTER - 1, accounts.months)
        span = "in six months" if last - one.month == AFTER - 1 else "to the end of the run"
        text += f" {_capital(WHOSE[one.stock])} {pen.change(one.stock, one.month, last, must=one.mechanism)} {span}."
    return pen.sentence(one.month, phase, "event", f"{_capital(when)}: {text}")


def _world_event(pen: Pen, row: int, event: pd.Series) -> str:
    kind, cause = str(event["kind"]), str(event["cause"])
    if kind in OFFICES:
        return _succession(pen, row, kind)
    known = KINDS.get(kind)
    if known is not None and known.text:
        return pen.fill(known.text, f"event/{row}", {"side": SIDES[event["side"]], "cause": cause or "as usual"})
    details = [f"by {SIDES[event['side']]}"] if event["side"] else []
    details += [cause] if cause else []
    details += ["size " + pen(f"event/{row}/size")]
    return f"{kind} ({', '.join(details)})."


def _succession(pen: Pen, row: int, kind: str) -> str:
    events, office = pen.accounts.events, OFFICES[kind]
    number = int((events["kind"].iloc[:row] == kind).sum())
    served = f"after {pen(f'event/{row}/size', 'years')} years"
    out = np.flatnonzero((events["kind"] == OUSTED) & (events["month"] == events["month"].iloc[row]))
    if kind == UNION and len(out):
        approval = pen(f"event/{out[0]}/size")
        return f"the {_ordinal(number)} {office} was voted out {served} (members' approval {approval}); the challenger took office."
    return f"the {_ordinal(number)} {office} left {served}; the {_ordinal(number + 1)} came {events['cause'].iloc[row]}."


# -- phase by phase -----------------------------------------------------------------------------------------------


def tale(accounts: Accounts, phases: list[Phase], causes: list[str], most: int = TOLD_EVENTS) -> list[Sentence]:
    """Tell the run phase by phase: its state, what moved trust and will, what happened (`most` events) and what that did."""
    pen, out = Pen(accounts), []
    chosen = _chosen(accounts, phases, most)
    for n, phase in enumerate(phases):
        here = [one for one in chosen if phase.first <= one.month <= phase.last]
        dies = phase.life >= 0 and accounts.lives[phase.life].died and phase.last == accounts.lives[phase.life].end
        out.append(_state(pen, n, phase))
        if not dies:
            out.append(_moved(pen, n, phase))
        out.append(_counts(pen, n, phase, {one.row for one in here if not one.prescribed}))
        out += [_happened(pen, one, n) for one in here]
        if dies:
            out += _death(pen, n, phase, causes[phase.life])
    return out


def _state(pen: Pen, n: int, phase: Phase) -> Sentence:
    when, last = window(phase.first, phase.last), phase.last
    text = (
        f"Both leaders collaborated in {pen(f'series/leaders_collaborate/{when}', 'share')} % of months, and "
        f"{pen(f'series/practice_workplace/{when}', 'share')} % of schools did (C {pen(f'series/alive_index/{when}')}). "
        f"Trust at the end: president {pen(f'series/trust_union_strategic/{last}')}, superintendent "
        f"{pen(f'series/trust_management_strategic/{last}')}, representatives {pen(f'series/trust_union_workplace/{last}')}, principals "
        f"{pen(f'series/trust_management_workplace/{last}')}."
    )
    return pen.sentence(phase.first, n, "state", text)


def _moved(pen: Pen, n: int, phase: Phase) -> Sentence:
    totals = {
        stock: abs(pen.accounts.value(f"ledger/{stock[0]}/{stock[1]}/{window(phase.first, phase.last)}")) / SCALE[stock] for stock in WHOSE
    }
    most = sorted(totals, key=lambda stock: -totals[stock])[:2]
    parts = [f"{WHOSE[stock]} {pen.change(stock, phase.first, phase.last)}" for stock in WHOSE if stock in most]
    return pen.sentence(phase.last, n, "moved", f"{_capital('; '.join(parts))}.")


def _counts(pen: Pen, n: int, phase: Phase, told: set[int]) -> Sentence:
    """Count what was not told."""
    accounts, when = pen.accounts, window(phase.first, phase.last)
    here = accounts.events[accounts.events["month"].between(phase.first, phase.last) & (accounts.events["cause"] != BY_SCENARIO)]
    staff = " and ".join(f"{pen(f'count/{kind}/{when}', 'whole')} {who}" for kind, who in TURNOVER.items())
    skipped = {ISSUE, ELECTION, OUSTED, "recovery", *TURNOVER}
    parts = []
    for kind, alike in here.groupby("kind", sort=False):
        if kind not in skipped and not set(alike.index) <= told:
            own = f" ({pen(f'count/{kind}/union/{when}', 'whole')} by the president)" if kind == BREACH else ""
            parts.append(f"{PLURALS.get(str(kind), kind)} {pen(f'count/{kind}/{when}', 'whole')}{own}")
    others = f" In all: {', '.join(parts)}." if parts else ""
    return pen.sentence(phase.last, n, "counts", f"{staff} left.{others}")


def _death(pen: Pen, n: int, phase: Phase, cause: str) -> list[Sentence]:
    accounts, end = pen.accounts, phase.last
    first = max(1, end - SPELL + 1)
    when, moved = window(first, end), accounts.moved(first, end)
    stock = WILL_SCHOOLS if any(change < 0 for change in moved[WILL_SCHOOLS].values()) else WILL_TOP
    ranked = sorted((line for line in moved[stock] if moved[stock][line] < 0), key=lambda line: moved[stock][line])
    worst = [pen.line(stock, line, when) for rank, line in enumerate(ranked[:3]) if rank == 0 or moved[stock][line] <= -SHOWN / 2]
    faint = " (no loss stands out)" if ranked and moved[stock][ranked[0]] > -SHOWN else ""
    text = (
        f"Practice died in {pen(f'life/{phase.life}/end', 'date')}; from then on C stayed below {pen('rule/alive')} for a year. "
        f"Cause of death: {cause}. In the last twelve months {WHOSE[stock]} {pen.change(stock, first, end, most=0)}; what lowered it most: "
        f"{', '.join(worst) or 'nothing'}{faint}."
    )
    out = [pen.sentence(end, n, "death", text)]
    peak = int(accounts.value(f"life/{phase.life}/height"))
    if end - peak > SPELL:
        text = (
            f"From the height of practice in {pen(f'life/{phase.life}/height', 'date')} (C {pen(f'series/alive_index/{peak}')}) to its "
            f"death the schools' will {pen.change(WILL_SCHOOLS, peak + 1, end, most=3)}."
        )
        out.append(pen.sentence(end, n, "death", text))
    return out


def ending(accounts: Accounts, causes: list[str]) -> Sentence:
    """Say how it ended: cause of death, or survival, in practice and on paper."""
    pen, last, form = Pen(accounts), accounts.months, accounts.form
    if not accounts.lives:
        return pen.sentence(last, -1, "ending", f"Practice was never born in {pen(f'window/{window(1, last)}', 'whole')} months.")
    if form.born < 0:
        paper = "There was no form."
    else:
        paper = f"The form died in {pen('form/end', 'date')}." if form.died else "The form lived on."
    life = accounts.lives[0]
    length = f"{pen('life/0/months', 'whole')} months"
    if life.died:
        text = f"Practice died in {pen('life/0/end', 'date')}, after {length}. Cause of death: {causes[0]}."
    else:
        c = pen(f"series/alive_index/{last}")
        text = f"Practice survived: alive at month {pen('life/0/end', 'whole')} with C = {c}, {length} after it was born."
    for n, later in enumerate(accounts.lives[1:], 1):
        text += f" It came back to life in {pen(f'life/{n}/born', 'date')}"
        text += f" and died in {pen(f'life/{n}/end', 'date')} ({causes[n]})." if later.died else " and was alive at the end."
    return pen.sentence(last, -1, "ending", f"{text} {paper}")


def _capital(text: Any) -> str:
    return f"{text[:1].upper()}{text[1:]}"
