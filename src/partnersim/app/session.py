"""What a class has set up: a fixed district A, what it changed in B, and every step back; knows no page.

A setup is frozen, so undoing is going back in a list of them. Every change is checked as a scenario file is, before it counts.
"""

from __future__ import annotations

import math
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from partnersim.errors import ParameterError, PartnersimError, ScenarioError, nearest
from partnersim.model import band
from partnersim.model.columns import SIDES, STANCES
from partnersim.model.timeline import EVENTS
from partnersim.scenarios.files import load_scenario, scenario_names
from partnersim.scenarios.scenario import SET, Scenario, declared_parameters
from partnersim.simulate import checked_years

__all__ = ["Session", "Setup", "from_address", "from_file", "read_upload"]

FIRST_SCENARIO = "typical-district"
LARGEST_FILE = 100_000
"""Bytes of a scenario file that is taken in."""
MOST_WORLDS = 1000
MOST_CHANGES = 60
"""Levers and events that an address may hold."""


@dataclass(frozen=True)
class Setup:
    """District A, and what differs in B; `replicate` is the world shown, one number for the luck of both."""

    baseline: Scenario
    levers: Mapping[str, float] = field(default_factory=dict)
    events: tuple[Mapping[str, Any], ...] = ()
    replicate: int = 0
    seed: int = 1
    years: int = 20

    @cached_property
    def variant(self) -> Scenario:
        """District B as a scenario; raises ScenarioError or ParameterError for what is not possible."""
        if not self.levers and not self.events:
            return self.baseline
        fields = self.baseline.fields()
        fields["name"] = f"{self.baseline.name}-class"
        fields["parameters"] |= self.levers
        fields["timeline"] = (*fields["timeline"], *self.events)
        return Scenario(**fields)

    @property
    def months(self) -> int:
        """Length of the runs."""
        return 12 * self.years

    @property
    def changed(self) -> bool:
        """Whether B differs from A."""
        return bool(self.levers or self.events)

    def value(self, name: str) -> float:
        """Return the value of a parameter in B at the start; one that differs by world has that of the shown one."""
        calibrated = band.read()
        own = {**calibrated.member(self.replicate % len(calibrated)), **self.baseline.parameters, **self.levers}
        return own[name] if name in own else declared_parameters(self.baseline.plan)[name].default

    # -- as text --------------------------------------------------------------------------------------------------

    def address(self) -> str:
        """Return the setup as the query of an address, "" if the scenario is not a shipped one and has to travel as a file."""
        if self.baseline.name not in scenario_names() or load_scenario(self.baseline.name) != self.baseline:
            return ""
        parts: list[tuple[str, str]] = [("s", self.baseline.name)]
        parts += [("set", f"{name}:{_plain(value)}") for name, value in self.levers.items()]
        parts += [("do", _event_text(event)) for event in self.events]
        parts += [(key, str(value)) for key, value, usual in self._luck() if value != usual]
        return urlencode(parts, quote_via=quote, safe=":~.,")

    def _luck(self) -> list[tuple[str, int, int]]:
        return [("world", self.replicate, 0), ("seed", self.seed, 1), ("years", self.years, 20)]

    def to_toml(self) -> str:
        """Return district B as a scenario file that `partnersim run` takes, and which world of it was shown."""
        return (
            f"# District B of the classroom. Shown: world {self.replicate} of seed {self.seed}, {self.years} years. The same worlds:\n"
            f"#   partnersim run FILE --seed {self.seed} --years {self.years}\n"
            f"#   partnersim explain FILE --seed {self.seed} --years {self.years} --replicate {self.replicate}\n"
            f"# Baseline: {self.baseline.name}\n\n{self.variant.to_toml(beside=True)}"
        )


class Session:
    """A class at work: the present setup, the ones before, and those undone."""

    def __init__(self, setup: Setup | None = None) -> None:
        self.setup = setup or Setup(load_scenario(FIRST_SCENARIO))
        self.before: list[Setup] = []
        self.undone: list[Setup] = []
        self.snapshots: dict[str, Setup] = {}

    # -- changes --------------------------------------------------------------------------------------------------

    def choose(self, scenario: str | Scenario) -> None:
        """Make a scenario district A, and B the same."""
        baseline = scenario if isinstance(scenario, Scenario) else _shipped(scenario)
        self._take(Setup(baseline, replicate=self.setup.replicate, seed=self.setup.seed, years=self.setup.years))

    def open(self, setup: Setup) -> None:
        """Take over a setup from an address, a file or a lesson."""
        self._take(setup)

    def move(self, name: str, value: float, *, from_month: int | None = None) -> None:
        """Move a lever or an assumption of B, from the start or from a month on."""
        if from_month is not None and from_month > 1:
            self.inject(SET, from_month, parameter=name, value=float(value))
            return
        levers = {key: old for key, old in self.setup.levers.items() if key != name}
        known = name in declared_parameters(self.setup.baseline.plan)
        baseline = replace(self.setup, levers={}).value(name) if known else None
        if value != baseline:
            levers[name] = float(value)
        self._take(replace(self.setup, levers=levers), merge=name)

    def inject(self, event: str, month: int, /, **arguments: Any) -> None:
        """Let an event happen in B in a month."""
        if not 1 <= month <= self.setup.months:
            raise ScenarioError(f"month {month} is not a month of this run", where="month", allowed=f"1 to {self.setup.months}")
        dated = {"at_month": int(month), "event": event, **arguments}
        events = sorted((*self.setup.events, dated), key=lambda one: one["at_month"])
        self._take(replace(self.setup, events=tuple(events)))

    def withdraw(self, number: int) -> None:
        """Take an injected event back, by its number in `setup.events`."""
        self._take(replace(self.setup, events=(*self.setup.events[:number], *self.setup.events[number + 1 :])))

    def step_in(self, side: str, stance: str, month: int, months: int) -> None:
        """Let the class choose a leader's stance from a month on; an earlier choice for the same month is replaced."""
        if side not in SIDES or stance not in STANCES:
            raise ScenarioError(f"{side} cannot {stance}", where="step in", allowed=f"{', '.join(SIDES)}; {', '.join(STANCES)}")
        kept = [e for e in self.setup.events if (e["event"], e["at_month"], e.get("side")) != ("stance_taken", month, side)]
        dated = {"at_month": month, "event": "stance_taken", "side": side, "stance": stance, "months": months}
        self._take(replace(self.setup, events=tuple(sorted((*kept, dated), key=lambda one: one["at_month"]))))

    def other_luck(self, replicate: int) -> None:
        """Show another world: other luck, all else the same."""
        if not 0 <= replicate < MOST_WORLDS:
            raise ParameterError(f"world {replicate} is not offered", where="world", allowed=f"0 to {MOST_WORLDS - 1}")
        self._take(replace(self.setup, replicate=int(replicate)))

    def clear(self) -> None:
        """Make B the same as A again."""
        self._take(replace(self.setup, levers={}, events=()))

    # -- back and forth -------------------------------------------------------------------------------------------

    def undo(self) -> bool:
        """Go back a step; False at the first."""
        if not self.before:
            return False
        self.undone.append(self.setup)
        self.setup = self.before.pop()
        self._merge = ""
        return True

    def redo(self) -> bool:
        """Take an undone step again; False if there is none."""
        if not self.undone:
            return False
        self.before.append(self.setup)
        self.setup = self.undone.pop()
        self._merge = ""
        return True

    _merge = ""

    def _take(self, setup: Setup, *, merge: str = "") -> None:
        """Make a setup the present one if it is possible; moves of one lever in a row are one step."""
        setup.variant  # noqa: B018  raises what is wrong
        if setup == self.setup:
            return
        if not merge or merge != self._merge or not self.before:
            self.before.append(self.setup)
        del self.before[:-200]
        self._merge = merge
        self.undone.clear()
        self.setup = setup

    # -- snapshots ------------------------------------------------------------------------------------------------

    MOST = 4

    def keep(self, name: str) -> None:
        """Keep the present setup under a name, to be laid over others."""
        name = name.strip()[:40]
        if not name:
            raise ScenarioError("a snapshot needs a name", where="compare")
        if name not in self.snapshots and len(self.snapshots) >= self.MOST:
            raise ScenarioError(f"there are {self.MOST} snapshots already", where="compare", fix="remove one first")
        self.snapshots[name] = self.setup

    def drop(self, name: str) -> None:
        """Forget a snapshot."""
        self.snapshots.pop(name, None)


# -- taking in ------------------------------------------------------------------------------------------------------


def from_address(query: str) -> Setup:
    """Return the setup that an address holds.

    Raises
    ------
    ScenarioError, ParameterError
        The address holds something that is not possible.
    """
    try:
        given = parse_qs(query.lstrip("?"), strict_parsing=bool(query.lstrip("?")), max_num_fields=MOST_CHANGES)
    except ValueError:
        raise ScenarioError(
            "the address cannot be read", where="address", fix="open the page without the part after the question mark"
        ) from None
    levers = {}
    for text in given.get("set", []):
        name, _, value = text.partition(":")
        levers[name] = _number(value, text)
    luck = {}
    for key, name in (("world", "replicate"), ("seed", "seed"), ("years", "years")):
        if key in given:
            number = _number(given[key][0], key)
            if number != int(number) or number < 0:
                raise ScenarioError(f"{key} = {given[key][0]} is no whole number", where="address")
            luck[name] = int(number)
    if luck.get("replicate", 0) >= MOST_WORLDS or luck.get("seed", 0) >= 1 << 32:
        raise ScenarioError("the address names a world that is not offered", where="address", allowed=f"worlds 0 to {MOST_WORLDS - 1}")
    checked_years(luck.get("years", 20))
    events = tuple(_event(text) for text in given.get("do", []))
    setup = Setup(_shipped(given.get("s", [FIRST_SCENARIO])[0]), levers, events, **luck)
    setup.variant  # noqa: B018  raises what is wrong
    return setup


def from_file(text: str, name: str = "upload") -> Setup:
    """Return the setup that a scenario file holds; a file from the classroom brings its baseline and its world along."""
    scenario = read_upload(text, name)
    head = "\n".join(line for line in text.splitlines()[:8] if line.startswith("#"))
    shown = re.search(r"world (\d+) of seed (\d+), (\d+) years", head)
    luck: dict[str, Any] = dict(zip(("replicate", "seed", "years"), map(int, shown.groups()), strict=True)) if shown else {}
    if luck:
        checked_years(luck["years"])
        if luck["replicate"] >= MOST_WORLDS or luck["seed"] >= 1 << 32:
            raise ScenarioError("the file names a world that is not offered", where=name, allowed=f"worlds 0 to {MOST_WORLDS - 1}")
    base = re.search(r"^# Baseline: ([\w-]+)$", head, re.MULTILINE)
    if base and base[1] in scenario_names():
        difference = _difference(load_scenario(base[1]), scenario)
        if difference is not None:
            return replace(difference, **luck)
    return Setup(scenario, **luck)


def read_upload(text: str, name: str = "upload") -> Scenario:
    """Return the scenario in a text that came from outside: read as data alone, never run, and nothing beside it is opened.

    Raises ScenarioError for everything that is wrong with it.
    """
    if len(text.encode()) > LARGEST_FILE:
        raise ScenarioError("the file is too large for a scenario", where=name, allowed=f"up to {LARGEST_FILE // 1000} kB")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ScenarioError(
            f"this is no scenario file: {problem}", where=name, fix="choose a file that was saved here or written for partnersim run"
        ) from None
    mechanisms = data.get("mechanisms", {})
    if isinstance(mechanisms, Mapping) and any(isinstance(value, str) for value in mechanisms.values()):
        raise ScenarioError(
            "the file brings a mechanism of its own, which is a program",
            where=name,
            fix="run it with `partnersim run`; the page runs no program from a file",
        )
    base = data.get("extends")
    if base is not None and base not in scenario_names():
        raise ScenarioError(f"extends = {base!r} is no shipped scenario", where=name, allowed=nearest(str(base), scenario_names()))
    stem = re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-")[:40] or "upload"
    if stem in scenario_names():
        stem += "-class"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{stem}.toml"
        path.write_text(text, encoding="utf-8")
        try:
            return load_scenario(path)
        except PartnersimError as error:
            raise ScenarioError(str(error).replace(str(path), name)) from None


def _difference(baseline: Scenario, scenario: Scenario) -> Setup | None:
    """Return the levers and events by which a scenario differs from a baseline, None if it differs in anything else."""
    levers = {key: value for key, value in scenario.parameters.items() if baseline.parameters.get(key) != value}
    rest, events = list(baseline.timeline), []
    for event in scenario.timeline:
        if event in rest:
            rest.remove(event)
        else:
            events.append(dict(event))
    setup = Setup(baseline, levers, tuple(events))
    same = {**setup.variant.fields(), "name": scenario.name}
    return setup if not rest and same == scenario.fields() else None


def _shipped(name: str) -> Scenario:
    if name not in scenario_names():
        raise ScenarioError(f"there is no scenario {name!r}", where="scenario", allowed=nearest(name, scenario_names()))
    return load_scenario(name)


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ScenarioError(f"{text!r} is no number", where=where[:60])
    return number


def _plain(value: object) -> str:
    """Write a value so that it reads back as it was, and the same whichever way it came."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _event_text(event: Mapping[str, Any]) -> str:
    more = [f"{key}:{_plain(value)}" for key, value in event.items() if key not in ("at_month", "event")]
    return "~".join([str(event["at_month"]), str(event["event"]), *more])


def _event(text: str) -> dict[str, Any]:
    month, _, rest = text.partition("~")
    name, *arguments = rest.split("~")
    out: dict[str, Any] = {"at_month": int(_number(month, text)), "event": name}
    texts = {key for key, argument in EVENTS[name].arguments.items() if argument.choices} if name in EVENTS else {"parameter"}
    for part in arguments:
        key, _, value = part.partition(":")
        out[key] = value if key in texts else _number(value, text)
    return out
