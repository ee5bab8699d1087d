"""Findings: what a study file declares is to be said of its runs, as a statistic and a sentence; `partnersim.report` works them out.

    [[finding]]
    kind = "difference"
    outcome = "practice_workplace"
    of = { scenario = "outside" }
    from = { scenario = "inside" }
    sentence = "A successor from outside {moves} practice, by {value}."

Runs are selected by scenario, by factors, and by month (for outcomes recorded by month; several months are averaged).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from partnersim.errors import nearest
from partnersim.playing import UNITS
from partnersim.scenarios.problems import Key, Problems

__all__ = ["KINDS", "Finding", "Selection", "read"]

Selection = Mapping[str, Any]
"""Scenario, month or factor -> a value, or a list of values."""

SCENARIO, MONTH = "scenario", "month"
KINDS = {
    "difference": "what `outcome` is in the runs `of` less what it is in the runs `from`, in the same worlds; with `at` and `against`: how "
    "much larger that difference is at the one than at the other",
    "optimum": "at which level of the factor `over` the mean `outcome` is highest; with `at` and `against`: how far apart the levels are",
    "ranking": "which factors move `outcome` most: Shapley values, elementary effects, Sobol's indices or main effects, by the design",
    "conditions": "under which conditions practice dies within `within_years`",
}
FIELDS = {
    "difference": ("outcome", "of", "from", "at", "against"),
    "optimum": ("outcome", "over", "at", "against"),
    "ranking": ("outcome", "at"),
    "conditions": ("within_years", "at"),
}
NEEDED = {"difference": ("outcome", "of", "from"), "optimum": ("outcome", "over"), "ranking": ("outcome",), "conditions": ("within_years",)}
WORDS = {
    "difference": ("value", "moves", "compared", "of", "from", "worlds"),
    "optimum": ("best", "place", "gain", "worlds"),
    "ranking": ("first", "second", "third", "clear", "count", "worlds"),
    "conditions": ("box", "base", "first", "second", "third", "worlds"),
}
"""What a sentence can hold in braces."""
WORDS_AGAINST = {"difference": ("at", "against"), "optimum": ("best_against", "place_against", "shift")}
"""... if there is `against`."""
MADE = ("shapley", "morris", "sobol")
"""Designs whose points belong together and cannot be mixed with those of another scenario."""
ABSOLUTE = ("morris", "sobol")
"""Designs whose measures are never below 0, so that none is clear of it."""
SELECTIONS = ("of", "from", "at", "against")


@dataclass(frozen=True)
class Finding:
    """One thing to be said.

    Parameters
    ----------
    kind
        One of `KINDS`.
    sentence
        What to say, with words in braces that are worked out (`WORDS`).
    outcome
        A declared outcome, `practice_alive_months`, `form_alive_months` or `practice_alive` (at the end). Without a month it is that of the
        table of runs: the mean of the last 24 months.
    of, less
        The runs that are compared (`from` in a file).
    at, against
        More about the runs; see `KINDS`.
    over
        A factor.
    within_years
        What counts as an early death.
    """

    kind: str
    sentence: str
    outcome: str = ""
    of: Selection = field(default_factory=dict)
    less: Selection = field(default_factory=dict)
    at: Selection = field(default_factory=dict)
    against: Selection = field(default_factory=dict)
    over: str = ""
    within_years: float = 0.0

    @property
    def by_month(self) -> bool:
        """Whether it is about months on the way."""
        return any(MONTH in selection for selection in (self.of, self.less, self.at, self.against))


@dataclass(frozen=True)
class Known:
    """What a finding can refer to: scenarios, factors with their levels (none for a range), recorded outcomes and months."""

    scenarios: tuple[str, ...]
    levels: Mapping[str, tuple[Any, ...]]
    outcomes: tuple[str, ...]
    every_months: int
    months: int
    design: str


def read(given: object, known: Known, problems: Problems) -> tuple[Finding, ...]:
    """Return the findings of a study file, noting everything that is wrong with them."""
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        problems.add(("finding",), "finding is no list of tables", fix="write each finding under its own [[finding]]")
        return ()
    found = [_Reader(one, ("finding", n), known, problems).finding() for n, one in enumerate(given)]
    return tuple(one for one in found if one is not None)


class _Reader:
    """Reads one finding."""

    def __init__(self, data: Mapping[str, Any], place: Key, known: Known, problems: Problems) -> None:
        self.data, self.place, self.known = data, place, known
        self.add: Callable[..., None] = lambda key, what, **more: problems.add((*place, *key), what, **more)
        self.count = lambda: len(problems.found)

    def finding(self) -> Finding | None:
        before, kind = self.count(), self.data.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            what = "the finding has no kind" if kind is None else f"{kind!r} is no kind of finding"
            self.add(("kind",), what, allowed="; ".join(f"{name}: {meaning}" for name, meaning in KINDS.items()))
            return None
        allowed = ("kind", "sentence", *FIELDS[kind])
        for key in self.data:
            if key not in allowed:
                self.add((key,), f"a finding of kind {kind} has no {key!r}", allowed=nearest(str(key), allowed))
        for key in NEEDED[kind]:
            if key not in self.data:
                self.add((), f"a finding of kind {kind} needs {key}", fix=KINDS[kind])
        chosen = {key: self._selection(key) for key in SELECTIONS if key in FIELDS[kind] and key in self.data}
        if "against" in chosen and "at" not in chosen:
            self.add(("against",), "against needs at", fix=KINDS[kind])
        months = any(MONTH in selection for selection in chosen.values())
        self._outcome(months)
        if kind == "difference":
            for one in ("of", "from"):
                if months and not any(MONTH in chosen.get(key, {}) for key in (one, "at")):
                    self.add((one,), f"{one} names no month", fix="name the months of both, or of neither")
        elif months:
            self.add((), f"a finding of kind {kind} is about whole runs", fix="leave the month out")
        over = self.data.get("over", "")
        if "over" in FIELDS[kind] and "over" in self.data:
            self._over(over)
        years = self.data.get("within_years", 0.0)
        longest = self.known.months / 12
        if "within_years" in FIELDS[kind] and not (_number(years) and 0 < years <= longest):
            self.add(("within_years",), f"within_years = {years!r} is not possible", allowed=f"more than 0, up to {longest:g}")
        if kind in ("ranking", "conditions") and not self.known.design:
            self.add((), f"a finding of kind {kind} needs a design", fix="write [design]")
        if kind == "ranking" and self.known.design in MADE and len(self.known.scenarios) > 1 and SCENARIO not in chosen.get("at", {}):
            self.add(
                (), f"a {self.known.design} design is read scenario by scenario", fix=f'at = {{ scenario = "{self.known.scenarios[0]}" }}'
            )
        self._sentence(kind, with_against="against" in chosen)
        if self.count() > before:
            return None
        return Finding(
            kind=kind,
            sentence=" ".join(self.data["sentence"].split()),
            outcome=self.data.get("outcome", ""),
            of=chosen.get("of", {}),
            less=chosen.get("from", {}),
            at=chosen.get("at", {}),
            against=chosen.get("against", {}),
            over=over,
            within_years=float(years),
        )

    def _selection(self, key: str) -> Selection:
        given = self.data[key]
        if not isinstance(given, Mapping) or not given:
            self.add((key,), f"{key} = {given!r} selects nothing", allowed='for example { scenario = "founded", month = 120 }')
            return {}
        out = flat(given)
        for name, value in out.items():
            values = value if isinstance(value, list) else [value]
            if name == SCENARIO:
                self._among(key, name, values, self.known.scenarios)
            elif name == MONTH:
                for month in values:
                    if not isinstance(month, int) or isinstance(month, bool) or not 0 <= month <= self.known.months:
                        self.add((key,), f"month = {month!r} is no month of the runs", allowed=f"0 to {self.known.months}")
                    elif month % self.known.every_months:
                        self.add((key,), f"month {month} is not recorded", allowed=f"every {self.known.every_months} months")
            elif name not in self.known.levels:
                self.add((key,), f"the design has no factor {name!r}", allowed=nearest(name, [SCENARIO, MONTH, *self.known.levels]))
            elif self.known.levels[name]:
                self._among(key, name, values, self.known.levels[name])
            else:
                self.add((key,), f"{name} has no levels in this design", fix="select runs by factors with levels")
        return out

    def _among(self, key: str, name: str, values: Iterable[Any], there: tuple[Any, ...]) -> None:
        for value in values:
            if not any(same(value, one) for one in there):
                self.add((key,), f"{name} = {value!r} is not in the study", allowed=", ".join(map(str, there[:12])))

    def _outcome(self, months: bool) -> None:
        outcome = self.data.get("outcome")
        if outcome is None:
            return
        there = self.known.outcomes if months else tuple(UNITS)
        if not isinstance(outcome, str) or outcome not in there:
            what = f"{outcome!r} is not recorded by month" if months and outcome in UNITS else f"there is no outcome {outcome!r}"
            self.add(("outcome",), what, allowed=nearest(str(outcome), there))

    def _over(self, over: object) -> None:
        levels = self.known.levels.get(str(over))
        if levels is None:
            self.add(("over",), f"the design has no factor {over!r}", allowed=nearest(str(over), self.known.levels))
        elif len(levels) < 3 or not all(_number(level) for level in levels):
            self.add(("over",), f"{over} does not have three levels or more", fix="give it at least three numbers in a grid")

    def _sentence(self, kind: str, *, with_against: bool) -> None:
        sentence = self.data.get("sentence")
        allowed = (*WORDS[kind], *(WORDS_AGAINST.get(kind, ()) if with_against else ()))
        if self.known.design in ABSOLUTE:
            allowed = tuple(word for word in allowed if word != "clear")
        if not isinstance(sentence, str) or not sentence.strip():
            self.add(("sentence",) if sentence is not None else (), "the finding has no sentence", allowed=_words(allowed))
            return
        try:
            words = [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]
        except ValueError as problem:
            self.add(("sentence",), f"the sentence cannot be read: {problem}", fix="words in braces, such as {value}")
            return
        for word in words:
            if word not in allowed:
                self.add(("sentence",), f"a sentence of this finding cannot hold {{{word}}}", allowed=_words(allowed))
        if not words:
            self.add(("sentence",), "the sentence holds nothing that is worked out", allowed=_words(allowed))


def flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return `start.trust = 1` and `"start.trust" = 1` as the same."""
    out: dict[str, Any] = {}
    for key, value in table.items():
        out |= flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return out


def same(one: object, other: object) -> bool:
    """Whether two values of a factor are one; numbers may differ in how they were rounded."""
    if _number(one) and _number(other):
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)  # type: ignore[arg-type]
    return type(one) is type(other) and one == other


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
