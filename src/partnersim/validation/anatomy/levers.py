"""Levers whose effect has an inner optimum or changes sign by context: three levels in two contexts, on the same luck.

The outcome is practice (mean C). The rules, each by intervals that exclude 0: with a lever that has an inner optimum the middle level is
better than both ends in one context; one that changes sign helps in one context and harms in the other; an effect depends on context where
it differs between contexts. Where nothing differs, one interval in forty excludes 0 on a given side; an inner optimum or a change of sign
needs two of them at once. On the same luck very small effects are told from 0: a turn of less than .01 of C is called faint. Who follows a
superintendent is no more or less of anything, so that lever can have no inner optimum. A living district starts as default districts are
after eight years if practice is alive then; a stuck one has a partnership and adversarial people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnersim.scenarios.scenario import Scenario
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed
from partnersim.validation.playing import ADVERSARIAL, DISTRICT, STAY

REQUIRED = ("dual track", "transparency", "facilitation", "release time")
WANTED, FAINT = 3, 0.01
TITLES = ("Lever", "Levels", "Context", "C low", "C middle", "C high")


@dataclass(frozen=True)
class Level:
    """A level of a lever: its label, and what it changes in a scenario."""

    label: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)

    def of(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the lever at this level."""
        changed = scenario.replace(parameters=dict(self.parameters), start=dict(self.start))
        if not self.event:
            return changed
        event = dict(self.event)
        return changed.with_event(event.pop("at_month"), event.pop("event"), **event)


@dataclass(frozen=True)
class Lever:
    """A lever at three levels in two contexts."""

    name: str
    levels: tuple[Level, Level, Level]
    contexts: tuple[tuple[str, Scenario], tuple[str, Scenario]]
    first: int = 1
    last: int = 120
    ordered: bool = True


def _parameter(name: str, unit: str, low: float, middle: float, high: float) -> tuple[Level, Level, Level]:
    one, two, three = (Level(f"{value:g}{unit}", {name: value}) for value in (low, middle, high))
    return one, two, three


def _with(**parameters: float) -> Scenario:
    return DISTRICT.replace(parameters={name.replace("__", "."): value for name, value in parameters.items()})


def _events(times: float) -> Scenario:
    return _with(pivotal_events__strategic_rate=times / 18, pivotal_events__workplace_rate=times / 15)


RARE, FREQUENT = ("events a third as frequent", _events(1 / 3)), ("events three times as frequent", _events(3.0))
LIVING = DISTRICT.replace(start={"kind": "mature"})
STUCK = ADVERSARIAL.replace(start={"exists": 1})
JOINT, WARY = ({"disposition": {"strategic": level}} for level in (0.6, -0.4))

LEVERS = (
    Lever(
        "workplace meetings",
        _parameter("structures.workplace_meetings", " a month", 1, 4, 12),
        (("8 hours of release", _with(members__release_hours=8)), ("40 hours of release", _with(members__release_hours=40))),
    ),
    Lever(
        "release time",
        _parameter("members.release_hours", " hours a month", 5, 20, 40),
        (
            ("2 meetings a month", _with(structures__workplace_meetings=2)),
            ("10 meetings a month", _with(structures__workplace_meetings=10)),
        ),
    ),
    Lever("dual track", _parameter("pivotal_events.dual_track", "", 0, 0.5, 1), (RARE, FREQUENT)),
    Lever("facilitation", _parameter("support.facilitation", "", 0, 0.5, 1), (RARE, FREQUENT)),
    Lever(
        "transparency",
        _parameter("politics.transparency", "", 0, 0.5, 1),
        (("nothing leaks", _with(politics__leak=0)), ("much leaks", _with(politics__leak=0.9))),
    ),
    Lever(
        "contract language",
        tuple(Level(f"{level:g}", start={"language": level}) for level in (0, 0.4, 0.9)),  # type: ignore[arg-type]
        (("authority can follow", DISTRICT), ("authority withheld (at most .2)", _with(authority__ceiling=0.2))),
    ),
    Lever(
        "mandate: language by decree in year two",
        (
            Level("none"),
            Level("0.5", event={"at_month": 13, "event": "contract_language", "level": 0.5, "by": "decree"}),
            Level("1", event={"at_month": 13, "event": "contract_language", "level": 1.0, "by": "decree"}),
        ),
        (("founding district", DISTRICT.replace(start={"language": 0})), ("stuck district", STUCK)),
        first=13,
    ),
    Lever(
        "interest-based bargaining",
        _parameter("stance.interest_based", "", 0, 0.4, 0.8),
        (
            ("little is conceded", _with(economy__concession=0)),
            ("much is conceded and resented", _with(economy__concession=0.03, members__concessions=16)),
        ),
    ),
    Lever(
        "principals replaced in year two",
        (
            Level("none"),
            Level("half", event={"at_month": 13, "event": "middle_managers_replaced", "share": 0.5}),
            Level("all", event={"at_month": 13, "event": "middle_managers_replaced", "share": 1.0}),
        ),
        (("living district", LIVING), ("stuck district", STUCK)),
        first=13,
        last=72,
    ),
    Lever(
        "superintendent's successor in year two",
        (
            Level("nobody"),
            Level("from inside", event={"at_month": 13, "event": "leader_replaced", "side": "management", "successor": "inside"}),
            Level("from outside", event={"at_month": 13, "event": "leader_replaced", "side": "management", "successor": "outside"}),
        ),
        (("living district", LIVING.replace(parameters=STAY)), ("stuck district", STUCK.replace(parameters=STAY))),
        first=13,
        last=72,
        ordered=False,
    ),
    Lever(
        "union term limit",
        (
            Level("none", {"succession.term_limit_months": 0}),
            Level("72 months", {"succession.term_limit_months": 72}),
            Level("36 months", {"succession.term_limit_months": 36}),
        ),
        (("leaders joint-minded", DISTRICT.replace(start=JOINT)), ("leaders contest-minded", DISTRICT.replace(start=WARY))),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What a lever did in its contexts: practice by level, and differences on the same luck."""

    lever: Lever
    practice: tuple[tuple[Estimate, ...], ...]
    lower: tuple[Estimate, ...]
    upper: tuple[Estimate, ...]
    whole: tuple[Estimate, ...]
    between: Estimate

    @property
    def inner(self) -> list[int]:
        """In which contexts the middle level is better than both ends."""
        steps = enumerate(zip(self.lower, self.upper, strict=True))
        return [n for n, (low, up) in steps if self.lever.ordered and low.sign > 0 > up.sign]

    @property
    def turns(self) -> bool:
        """Whether the lever helps in one context and harms in the other."""
        return {effect.sign for effect in self.whole} == {1, -1}

    @property
    def depends(self) -> bool:
        """Whether the effect differs between contexts."""
        return self.between.sign != 0

    @property
    def faint(self) -> bool:
        """Whether it turns by so little that it hardly matters."""
        turns = [min(abs(effect.value) for effect in self.whole)] if self.turns else []
        turns += [min(self.lower[n].value, -self.upper[n].value) for n in self.inner]
        return bool(turns) and max(turns) < FAINT

    @property
    def verdict(self) -> str:
        """The rules applied."""
        holds = {
            "inner optimum": bool(self.inner),
            "changes sign": self.turns,
            "depends on context": self.depends,
            "(faint turn)": self.faint,
        }
        return ", ".join(text for text, held in holds.items() if held).replace(", (", " (") or "no dependence shown"

    def told(self) -> str:
        """Name the lever, and how much it turns by and where."""
        contexts = [name for name, _ in self.lever.contexts]
        said = [f"{contexts[n]}: {self.lower[n]}, then {self.upper[n]}" for n in self.inner]
        if self.turns:
            said = [f"{context}: {effect}" for context, effect in zip(contexts, self.whole, strict=True)]
        return f"{self.lever.name} ({'; '.join(said)})"


def play(lever: Lever, bench: Bench) -> Found:
    """Play a lever's six cells."""
    lab = bench.lab(fine=True)
    years = -(-lever.last // 12)
    cells = [
        [lab.play(level.of(s), years=years).mean("alive_index", lever.first, lever.last) for level in lever.levels]
        for _, s in lever.contexts
    ]
    gains = [cell[2] - cell[0] for cell in cells]
    return Found(
        lever,
        tuple(tuple(bench.estimate(values) for values in cell) for cell in cells),
        tuple(bench.difference(cell[1], cell[0]) for cell in cells),
        tuple(bench.difference(cell[2], cell[1]) for cell in cells),
        tuple(bench.difference(cell[2], cell[0]) for cell in cells),
        bench.difference(gains[1], gains[0]),
    )


def part(bench: Bench) -> Part:
    """Play all levers."""
    found = []
    for lever in LEVERS:
        bench.progress(lever.name)
        found.append(play(lever, bench))
    rows, verdicts = [], []
    for lever, result in zip(LEVERS, found, strict=True):
        for n, (context, _) in enumerate(lever.contexts):
            levels = " / ".join(level.label for level in lever.levels)
            rows.append((lever.name, levels, context, *result.practice[n], result.lower[n], result.upper[n], result.whole[n]))
        verdicts.append((lever.name, lever.contexts[1][0], lever.contexts[0][0], result.between, result.verdict))
    caption = bench.caption(
        "Practice: mean C (share) over years 1-10, or over the years after the event; differences on the same luck", fine=True
    )
    return Part(
        "levers",
        "Levers that turn with the context",
        "Does what helps in one district harm in another, and can there be too much of it?",
        sentences(found),
        (
            Table((*TITLES, "middle - low", "high - middle", "high - low"), tuple(rows), caption),
            Table(("Lever", "Here", "minus there", "Difference of (high - low)", "Verdict"), tuple(verdicts), caption),
        ),
    )  # fmt: skip


def sentences(found: list[Found]) -> tuple[str, ...]:
    """Say which levers turn or have an inner optimum, and which of the required ones depend on context."""
    either = [f for f in found if f.turns or f.inner]
    clearly = [f for f in either if not f.faint]
    known = {f.lever.name: f for f in found}
    shown = [name for name in REQUIRED if name in known and known[name].depends]
    missing = [name for name in REQUIRED if name in known and not known[name].depends]
    whole, enough = f"{len(either)} of {len(found)} levers", len(either) >= WANTED
    out = [
        f"{whole} change sign or have an inner optimum, {len(either) - len(clearly)} of them faintly; the rule asks for {WANTED} and "
        f"{'holds' if enough else 'does not hold'}.",
        f"Sign changes: {listed([f.told() for f in either if f.turns])}.",
        f"Inner optima, as what the lower and the upper step bring: {listed([f.told() for f in either if f.inner and not f.turns])}.",
        f"Of {listed(REQUIRED)}, whose effects should each depend on the context, this was shown for {listed(shown)}"
        + (f", but not for {listed(missing)}." if missing else "."),
    ]
    for name in (*shown, *missing):
        f = known[name]
        here, there = f.lever.contexts
        effects = f"{f.whole[0]} with {here[0]}, {f.whole[1]} with {there[0]}"
        out.append(f"{name[0].upper()}{name[1:]}, from least to most: {effects}; difference {f.between}.")
    return tuple(out)
