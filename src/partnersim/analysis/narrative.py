"""One run in sentences: each is made from facts, and keeps the address and the value of every number in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
TOLD_EVENTS = 12
"""Events of a run that have a sentence of their own; the others are counted."""

LABELS = {
    "trust": "conduct", "pivotal_events": "issues and breaches", "commitment": "results", "networks": "peers", "capability": "skill",
    "institutions": "habit", "politics": "politics", "stance": "no single cause",
}  # fmt: skip
"""Words for mechanisms whose name alone would mislead here."""
WHOSE = {
    ("strategic", "trust"): "the leaders' trust", ("workplace", "trust"): "trust in schools",
    ("strategic", WILL): "the leaders' will", ("workplace", WILL): "the schools' will",
}  # fmt: skip
SCALE = {("strategic", "trust"): 1.0, ("workplace", "trust"): 0.25, ("strategic", WILL): 0.3, ("workplace", WILL): 0.15}
"""A change that is large over half a year; makes changes of different stocks comparable."""

UNION, SUPERINTENDENT = "union leader replaced", "superintendent replaced"
OFFICES = {UNION: "president", SUPERINTENDENT: "superintendent"}
SIDES = {"union": "the president", "management": "the superintendent", "": "a leader"}
TURNOVER = {"principal replaced": "principals", "building rep replaced": "building representatives"}
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
).split()


@dataclass(frozen=True)
class Kind:
    """How an event of the world is told: weight among events, the mechanism behind its effects, and a text.

    In the text, {size style} stands for the size of the event, {side} for the leader and {cause} for the cause.
    """

    weight: float
    mechanism: str
    text: str = ""


KINDS = {
    "partnership founded": Kind(3, "structures", "The leaders found a partnership, after {size whole} of twelve months of working together."),
    "partnership dissolved": Kind(3, "structures", "The partnership is dissolved, after {size whole} of twelve months with a leader contesting."),
    "partnership suspended": Kind(2, "structures", "{side} suspends the partnership, having little trust left ({size plain})."),
    "partnership resumed": Kind(2, "structures", "The partnership is resumed after {size whole} months."),
    "school joins": Kind(0, "structures"),
    UNION: Kind(1, "succession"),
    SUPERINTENDENT: Kind(1, "succession"),
    "union leader voted out": Kind(0, "politics"),
    "board election": Kind(0.3, "politics", "A board election changes {size whole} of seven seats, {cause}."),
    "board majority flips": Kind(1.2, "politics", "The board's majority turns against the course: {size whole} of seven seats."),
    "recession": Kind(0.8, "economy", "A recession begins; it can open a gap of {size percent} % of the budget."),
    "recovery": Kind(0, "economy", "The recession ends."),
    "pay cut": Kind(0.8, "economy", "Pay is cut by {size percent} %, {cause}."),
    "return of pay put off": Kind(0.5, "economy", "The return of {size percent} % of pay is put off."),
    "return of pay honoured": Kind(0.7, "economy", "The {size percent} % of pay that was given up is returned as promised."),
    "return of pay withheld": Kind(2, "economy", "The return of {size percent} % of pay is withheld: a promise broken."),
    "strike": Kind(3, "economy", "The teachers strike."),
    "breach": Kind(0, "pivotal_events", "{side} contests outside procedure: a breach of severity {size plain}."),
    "pivotal event": Kind(0, "pivotal_events", "An issue of stake {size plain} gu divides the leaders."),
    "contract signed": Kind(0, "economy", "A contract is signed."),
    "layoff": Kind(2, "economy", "Members are laid off."),
}
UNKNOWN = Kind(0.5, "")
"""Kinds that later mechanisms, or a user's own, add: told by their own words."""
PRESCRIBED = {
    "leader_replaced": "the leader of the {side} leaves; a successor comes from {successor}",
    "middle_managers_replaced": "{share percent} % of the principals leave",
    "stewards_replaced": "{share percent} % of the building representatives leave",
    "recession": "a recession begins",
    "budget_cut": "{share percent} % of the budget is cut for {months whole} months, {how}",
    "sacrifice_restored": "pay that was given up is returned",
    "promise_broken": "a promised return of pay is withheld",
    "layoff": "{share percent} % of the members are laid off",
    "pivotal_event": "an issue of stake {stake plain} gu opens ({level})",
    "breach": "the leader of the {side} contests outside procedure, for {months whole} months",
    "strike": "the members strike",
    "board_changed": "the board changes; {support percent} % of its seats stand behind the course",
    "community_changed": "the community's engagement changes to {level plain}",
    "national_support_changed": "the national union's support changes to {level plain}",
    "facilitation_changed": "facilitators are at work at {level plain} from now on",
    "mandate_removed": "the decree behind the partnership falls",
    "contract_language": "enabling contract language changes to {level plain}",
    "training_changed": "joint training is held {sessions_per_year plain} times a year",
    "structures_changed": "{tier} meetings change to {meetings plain}",
    "accountability_pressure": "sanctions for results press the district at {strength plain}, for {months whole} months",
    "joint_program_harms_members": "a joint programme harms members (severity {severity plain}), for {months whole} months",
    "set": "{parameter} becomes {value plain}",
}
"""What a scenario prescribes, after "By the scenario"; arguments in braces, numbers with a style."""
PRESCRIBED_WEIGHT = 3.0


@dataclass(frozen=True)
class Sentence:
    """A sentence of the tale: the month it belongs to, the number of its phase, and its facts, address -> number."""

    month: int
    phase: int
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

    def change(self, tier: str, stock: str, first: int, last: int, *, most: int = 2, must: str = "") -> str:
        """Say how a stock changed and which mechanisms did most of it: "-0.90 log-odds (succession -0.60, conduct -0.30)"."""
        when = window(first, last)
        said = f"{self(f'ledger/{tier}/{stock}/{when}', 'signed')} {self.accounts.units[stock]}"
        lines = self.accounts.moved(first, last)[tier, stock]
        ranked = sorted((line for line in lines if abs(lines[line]) >= SHOWN / 2), key=lambda line: -abs(lines[line]))
        shown = ([must] if must in ranked else []) + [line for line in ranked if line != must]
        source = "moved" if stock == WILL else "ledger"
        address = "{}/{}/{}/{}/{}".format
        parts = [f"{label(line)} {self(address(source, tier, stock, line, when), 'signed')}" for line in shown[:most]]
        return f"{said} ({', '.join(parts)})" if parts else said

    def sentence(self, month: int, phase: int, text: str) -> Sentence:
        """Finish a sentence."""
        made, self.facts = Sentence(month, phase, text, self.facts), {}
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
        for n, row in enumerate(rows):
            came = f", {_origin(accounts.events.iloc[rows[n - 1]])}" if n else ""
            left = pen(f"event/{row}/month", "date")
            clauses.append(f"the {_ordinal(n)}{came}, to {left} ({pen(f'event/{row}/size', 'years')} years in office)")
        came = f", {_origin(accounts.events.iloc[rows[-1]])}" if len(rows) else ""
        clauses.append(f"the {_ordinal(len(rows))}{came}, to the end")
        out.append(pen.sentence(0, -1, f"{_capital(office)}s: {'; '.join(clauses)}."))
    return out


def _origin(event: pd.Series) -> str:
    return str(event["cause"])


def _ordinal(n: int) -> str:
    return ORDINALS[n] if n < len(ORDINALS) else "next"


# -- what happened ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """Something that could be told: a row of the events or of the scenario's timeline, and how much it weighs."""

    month: int
    row: int
    prescribed: bool
    weight: float
    stock: tuple[str, str] | None
    """The stock on which it had most effect."""
    mechanism: str


def _candidates(accounts: Accounts) -> list[Candidate]:
    """Everything that has a sentence to itself if it weighs enough: weight of its kind and what followed in the ledger."""
    out = []
    for row, event in enumerate(accounts.timeline):
        month = int(str(event["at_month"]))
        if month <= accounts.months:
            out.append(Candidate(month, row, True, PRESCRIBED_WEIGHT, _most_moved(accounts, month, "")[0], ""))
    top = accounts.events["level"] == "strategic"
    for row in np.flatnonzero(top & (accounts.events["cause"] != BY_SCENARIO)):
        event = accounts.events.iloc[row]
        kind = KINDS.get(str(event["kind"]), UNKNOWN)
        stock, effect = _most_moved(accounts, int(event["month"]), kind.mechanism)
        if event["kind"] == "breach" or (event["kind"] == "board election" and event["cause"] != "political"):
            continue
        size = float(event["size"]) if event["kind"] == "pivotal event" else 0.0
        out.append(Candidate(int(event["month"]), int(row), False, kind.weight + size + min(effect, 2.0), stock, kind.mechanism))
    return out


def _most_moved(accounts: Accounts, month: int, mechanism: str) -> tuple[tuple[str, str] | None, float]:
    """Return the stock that changed most in the months from then on, by this mechanism if it has one, and how large that is."""
    moved = accounts.moved(month, min(month + AFTER - 1, accounts.months))
    found = {stock: abs(moved[stock].get(mechanism, 0.0) if mechanism else sum(moved[stock].values())) / SCALE[stock] for stock in WHOSE}
    best = max(found, key=lambda stock: found[stock])
    return (best, found[best]) if found[best] > 0.2 else (None, 0.0)


def _chosen(accounts: Accounts) -> list[Candidate]:
    """The weightiest candidates, all that are prescribed among them, in order of time; a kind once in half a year."""
    taken: list[Candidate] = []
    for one in sorted(_candidates(accounts), key=lambda c: (-c.weight, c.month)):
        kind = None if one.prescribed else accounts.events["kind"].iloc[one.row]
        near = [c for c in taken if not c.prescribed and abs(c.month - one.month) < AFTER and accounts.events["kind"].iloc[c.row] == kind]
        if one.prescribed or (len(taken) < TOLD_EVENTS and not (near and kind not in OFFICES) and one.weight >= 0.5):
            taken.append(one)
    return sorted(taken, key=lambda c: (c.month, not c.prescribed, c.row))


def _happened(pen: Pen, one: Candidate, phase: int, told_before: set[tuple[str, str, int]]) -> Sentence:
    accounts = pen.accounts
    if one.prescribed:
        event = accounts.timeline[one.row]
        words = {key: str(value) for key, value in event.items()}
        words["side"] = {"management": "board's side", "union": "union"}.get(words.get("side", ""), "")
        words["successor"] = {"inside": "inside", "outside": "outside"}.get(words.get("successor", ""), "")
        name = str(event["event"])
        template = PRESCRIBED.get(name, name.replace("_", " "))
        text = f"By the scenario, {pen.fill(template, f'timeline/{one.row}', words)}."
        when = pen(f"timeline/{one.row}/at_month", "date")
    else:
        event = accounts.events.iloc[one.row]
        text = _world_event(pen, one.row, event)
        when = pen(f"event/{one.row}/month", "date")
    text = f"{_capital(when)}: {text[:1].lower()}{text[1:]}" if not one.prescribed else f"{_capital(when)}: by{text[2:]}"
    if one.stock and (*one.stock, (one.month - 1) // AFTER) not in told_before:
        told_before.add((*one.stock, (one.month - 1) // AFTER))
        last = min(one.month + AFTER - 1, accounts.months)
        span = "in the six months from then" if last - one.month == AFTER - 1 else "to the end of the run"
        moved = pen.change(*one.stock, one.month, last, must=one.mechanism)
        text = f"{text[:-1]}; {span} {WHOSE[one.stock]} moves by {moved}."
    return pen.sentence(one.month, phase, text)


def _world_event(pen: Pen, row: int, event: pd.Series) -> str:
    kind = str(event["kind"])
    if kind in OFFICES:
        return _succession(pen, row, kind)
    words = {"side": _capital(SIDES[event["side"]]), "cause": event["cause"] or "as usual"}
    known = KINDS.get(kind)
    if known is not None and known.text:
        return pen.fill(known.text, f"event/{row}", words)
    details = [f"by {SIDES[event['side']]}"] if event["side"] else []
    details += [str(event["cause"])] if event["cause"] else []
    details += [f"size {pen(f'event/{row}/size')}"]
    return f"{_capital(kind)} ({', '.join(details)})."


def _succession(pen: Pen, row: int, kind: str) -> str:
    events, office = pen.accounts.events, OFFICES[kind]
    number = int((events["kind"].iloc[:row] == kind).sum())
    served = f"after {pen(f'event/{row}/size', 'years')} years"
    comes = f"the {_ordinal(number + 1)} comes {_origin(events.iloc[row])}"
    out = np.flatnonzero((events["kind"] == "union leader voted out") & (events["month"] == events["month"].iloc[row]))
    if kind == UNION and len(out):
        comes = f"the {_ordinal(number + 1)} was the challenger"
        return f"The {_ordinal(number)} {office} is voted out {served} (members' approval {pen(f'event/{out[0]}/size')}); {comes}."
    return f"The {_ordinal(number)} {office} leaves {served}; {comes}."


# -- phase by phase -----------------------------------------------------------------------------------------------


def tale(accounts: Accounts, phases: list[Phase], causes: list[str]) -> list[Sentence]:
    """Tell the run phase by phase: its state, what happened and what that did, and what moved trust and will over the phase."""
    pen, out = Pen(accounts), []
    chosen, told_before = _chosen(accounts), set[tuple[str, str, int]]()
    for n, phase in enumerate(phases):
        first, last = phase.first, phase.last
        here = [one for one in chosen if first <= one.month <= last]
        out.append(_state(pen, n, phase))
        if worst := _breaches(pen, n, phase):
            out.append(worst)
        out += [_happened(pen, one, n, told_before) for one in here]
        told_kinds = {one.row for one in here if not one.prescribed}
        out.append(_rest(pen, n, phase, told_kinds))
        if phase.life >= 0 and accounts.lives[phase.life].died and last == accounts.lives[phase.life].end:
            out += _death(pen, n, phase, causes[phase.life])
        else:
            out.append(_moved(pen, n, phase))
    return out


def _state(pen: Pen, n: int, phase: Phase) -> Sentence:
    when = window(phase.first, phase.last)
    text = (
        f"C averages {pen(f'series/alive_index/{when}')}: both leaders collaborate in {pen(f'series/leaders_collaborate/{when}', 'percent')} % "
        f"of months, and {pen(f'series/practice_workplace/{when}', 'percent')} % of schools do. At the end of it the president's trust is "
        f"{pen(f'series/trust_union_strategic/{phase.last}')}, the superintendent's {pen(f'series/trust_management_strategic/{phase.last}')}, "
        f"that of representatives {pen(f'series/trust_union_workplace/{phase.last}')} and of principals "
        f"{pen(f'series/trust_management_workplace/{phase.last}')}."
    )
    return pen.sentence(phase.first, n, text)


def _breaches(pen: Pen, n: int, phase: Phase) -> Sentence | None:
    events = pen.accounts.events
    rows = np.flatnonzero((events["kind"] == "breach") & events["month"].between(phase.first, phase.last) & (events["cause"] != BY_SCENARIO))
    if not len(rows):
        return None
    worst = int(rows[np.argmax(events["size"].iloc[rows])])
    month, when = int(events["month"].iloc[worst]), window(phase.first, phase.last)
    who = SIDES[str(events["side"].iloc[worst])]
    what = f"{who} in {pen(f'event/{worst}/month', 'date')} (severity {pen(f'event/{worst}/size')})"
    if len(rows) == 1:
        text = f"One breach: contest outside procedure by {what}"
    else:
        own = pen(f"count/breach/union/{when}", "whole")
        text = f"{pen(f'count/breach/{when}', 'whole')} breaches, contests outside procedure, {own} of them by the president; the worst by {what}"
    last = min(month + AFTER - 1, pen.accounts.months)
    moved = pen.accounts.moved(month, last)["workplace", "trust"].get("pivotal_events", 0.0)
    if abs(moved) >= SHOWN:
        span = "in the six months from then" if last - month == AFTER - 1 else "to the end of the run"
        text += f"; {span} trust in schools moves by {pen.change('workplace', 'trust', month, last, must='pivotal_events')}"
    return pen.sentence(month, n, f"{text}.")


def _rest(pen: Pen, n: int, phase: Phase, told: set[int]) -> Sentence:
    """Count what was not told."""
    accounts, when = pen.accounts, window(phase.first, phase.last)
    here = accounts.events[accounts.events["month"].between(phase.first, phase.last) & (accounts.events["cause"] != BY_SCENARIO)]
    skipped = {"breach", "pivotal event", "union leader voted out", "recovery", *TURNOVER}
    counts = [
        f"{kind} {pen(f'count/{kind}/{when}', 'whole')}"
        for kind, alike in here.groupby("kind", sort=False)
        if kind not in skipped and not set(alike.index) <= told
    ]
    issues = f"{pen(f'count/pivotal event/{when}', 'whole')} pivotal issues in all"
    staff = " and ".join(f"{pen(f'count/{kind}/{when}', 'whole')} {who}" for kind, who in TURNOVER.items())
    others = f"; events by kind: {', '.join(counts)}" if counts else ""
    return pen.sentence(phase.last, n, f"Besides, {staff} are replaced, {issues}{others}.")


def _moved(pen: Pen, n: int, phase: Phase) -> Sentence:
    whose = [stock for stock in WHOSE if abs(pen.accounts.value(f"ledger/{stock[0]}/{stock[1]}/{window(phase.first, phase.last)}")) >= SHOWN]
    parts = [f"{WHOSE[stock]} {pen.change(*stock, phase.first, phase.last)}" for stock in whose]
    text = f"What moved: {'; '.join(parts)}." if parts else "Trust and will hardly move."
    return pen.sentence(phase.last, n, text)


def _death(pen: Pen, n: int, phase: Phase, cause: str) -> list[Sentence]:
    end = phase.last
    out = []
    first = max(1, end - SPELL + 1)
    moved = pen.change("workplace", WILL, first, end, most=4)
    top = pen.change("strategic", WILL, first, end, most=3)
    text = (
        f"Practice dies in {pen(f'life/{phase.life}/end', 'date')}: from then on C stays below {pen('rule/alive')} for a year. "
        f"Cause of death: {cause}, by what lowered the will of schools most in the twelve months before. It moved by {moved}; that of the leaders by {top}."
    )
    out.append(pen.sentence(end, n, text))
    peak = int(pen.accounts.value(f"life/{phase.life}/height"))
    if end - peak > SPELL:
        at = pen(f"series/alive_index/{peak}")
        text = (
            f"The longer view: from its height (C {at}, {pen(f'life/{phase.life}/height', 'date')}) to death the schools' will moves by "
            f"{pen.change('workplace', WILL, peak + 1, end, most=3)} and the leaders' by {pen.change('strategic', WILL, peak + 1, end, most=3)}."
        )
        out.append(pen.sentence(end, n, text))
    return out


def ending(accounts: Accounts, causes: list[str]) -> Sentence:
    """Say how it ended: cause of death, or survival, in practice and on paper."""
    pen, last, form = Pen(accounts), accounts.months, accounts.form
    if not accounts.lives:
        return pen.sentence(last, -1, f"Practice was never born in {pen(f'window/{window(1, last)}', 'whole')} months.")
    if form.born < 0:
        paper = "There was no form."
    else:
        paper = f"The form died in {pen('form/end', 'date')}." if form.died else "The form lived on."
    life = accounts.lives[0]
    length = f"{pen('life/0/months', 'whole')} months"
    if life.died:
        text = f"Practice died in {pen('life/0/end', 'date')}, after {length}. Cause of death: {causes[0]}."
    else:
        text = f"Practice survived: alive at month {pen('life/0/end', 'whole')} with C = {pen(f'series/alive_index/{last}')}, {length} after it was born."
    for n, later in enumerate(accounts.lives[1:], 1):
        text += f" It came back to life in {pen(f'life/{n}/born', 'date')}"
        text += f" and died in {pen(f'life/{n}/end', 'date')} ({causes[n]})." if later.died else " and was alive at the end."
    return pen.sentence(last, -1, f"{text} {paper}")


def _capital(text: Any) -> str:
    return f"{text[:1].upper()}{text[1:]}"
