"""A scenario: one district, its start, its parameter values, what is left out and what happens; frozen, checked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import OBSERVER, load_mechanism
from partnersim.engine.state import LAYOUT, Column
from partnersim.errors import MechanismError, PartnersimError, nearest
from partnersim.model import timeline
from partnersim.model.columns import GROUPS, MAX_MEMBERS, MAX_SITES, MAX_STEWARDS, MAX_TEAM
from partnersim.parameters import Parameter
from partnersim.scenarios import events as dated
from partnersim.scenarios.declared import plan
from partnersim.scenarios.kinds import KINDS, start_values
from partnersim.scenarios.problems import Key, Problems
from partnersim.scenarios.words import WORDS, in_plant_words

Start = float | tuple[float, float]
"""A start value: one number, or one for the leaders and one for the schools."""

CODES = ("code", "month")
"""Units of columns that only the model understands."""
SIZES = {
    "sites": (1, MAX_SITES),
    "members_per_site": (2, MAX_MEMBERS),
    "stewards_per_site": (1, MAX_STEWARDS),
    "team_size": (0, MAX_TEAM),
}
"""What fixes the size of a district, with the smallest and largest value."""
SET = "set"
SET_BY_DISTRICT = ("poverty",)
"""Start values that are given in [district]."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenario:
    """One district or situation.

    Parameters
    ----------
    name
        Short name, as in tables and figures.
    title, summary, sources
        For people: a headline, one or two sentences, where the numbers come from.
    sites, members_per_site, stewards_per_site, team_size
        Number of schools (1 to 1000), of union members (2 to 400) and representatives (1 to 20) in each, and of people in each leadership
        team (0 to 20).
    poverty
        Share of the district's students who live in poverty (0 to 1); schools differ around it.
    words
        In which words it is told, "school" or "plant" (plant manager, supervisors, stewards, departments); no number depends on them.
    start
        State at month 0 where it differs from the default: column -> number, or -> {strategic=, workplace=}. `kind` = founding, mature,
        adversarial or mandate stands for a table of such values.
    parameters
        Values that differ from the default: "mechanism.parameter" -> number.
    left_out
        Mechanisms left out (their state is held at its usual level, so that no mean shifts).
    mechanisms
        Paths of Python files with mechanisms of the user's own.
    timeline
        Dated events: mappings with `at_month`, `event` and the arguments of the event.

    Raises
    ------
    ScenarioError
        For everything that is wrong with it, at once.
    """

    name: str
    title: str = ""
    summary: str = ""
    sources: tuple[str, ...] = ()
    sites: int = 28
    members_per_site: int = 33
    stewards_per_site: int = 1
    team_size: int = 4
    poverty: float = 0.5
    words: str = "school"
    start: Mapping[str, Start] = dataclasses.field(default_factory=dict)
    parameters: Mapping[str, float] = dataclasses.field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    timeline: tuple[Mapping[str, object], ...] = ()

    def __post_init__(self) -> None:
        problems = Problems(f"scenario {self.name}")
        checked = checked_fields({f.name: getattr(self, f.name) for f in dataclasses.fields(self)}, problems)
        problems.check()
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def heading(self) -> str:
        """Its title, or its name where it has none."""
        return self.title or self.name

    def __repr__(self) -> str:
        set_here = len(self.parameters) + len(self.start)
        return f"<Scenario {self.name}: {self.sites} schools, {set_here} values set, {len(self.timeline)} dated events>"

    def __reduce__(self) -> tuple[Any, ...]:
        # the read-only mappings cannot be pickled; scenarios travel to worker processes
        return _rebuilt, (self.fields(),)

    def fields(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        plain["start"], plain["parameters"] = dict(self.start), dict(self.parameters)
        plain["timeline"] = tuple(dict(event) for event in self.timeline)
        return plain

    # -- variants -------------------------------------------------------------------------------------------------

    def replace(
        self,
        *,
        name: str | None = None,
        title: str | None = None,
        summary: str | None = None,
        sites: int | None = None,
        members_per_site: int | None = None,
        stewards_per_site: int | None = None,
        team_size: int | None = None,
        poverty: float | None = None,
        start: Mapping[str, Any] | None = None,
        parameters: Mapping[str, float] | None = None,
    ) -> Scenario:
        """Return a variant; `start` (see `laid_over`) and `parameters` are laid over the present ones, a name is made unless given."""
        new = self.fields()
        size = {
            "sites": sites,
            "members_per_site": members_per_site,
            "stewards_per_site": stewards_per_site,
            "team_size": team_size,
            "poverty": poverty,
        }
        size = {key: value for key, value in size.items() if value is not None}
        new |= size
        new |= {key: value for key, value in {"title": title, "summary": summary}.items() if value is not None}
        new["start"] = laid_over(new["start"], start or {})
        new["parameters"] |= parameters or {}
        changes = [f"{key}={value}" for key, value in size.items()]
        changes += [f"{key}={_short(value)}" for key, value in {**(start or {}), **(parameters or {})}.items()]
        new["name"] = name if name is not None else self._variant(changes)
        return Scenario(**new)

    def without(self, *names: str) -> Scenario:
        """Return a variant that leaves these mechanisms out."""
        new = self.fields() | {"left_out": (*self.left_out, *(n for n in names if n not in self.left_out))}
        return Scenario(**new | {"name": self._variant([f"without {name}" for name in names])})

    def with_event(self, at_month: int, event: str, **arguments: object) -> Scenario:
        """Return a variant in which `event` happens in month `at_month`, besides what happens already."""
        dated = {"at_month": at_month, "event": event, **arguments}
        return Scenario(**self.fields() | {"timeline": (*self.timeline, dated), "name": self._variant([f"{event} at {at_month}"])})

    def with_mechanism(self, path: str | Path) -> Scenario:
        """Return a variant with the mechanism in a Python file of your own."""
        return Scenario(**self.fields() | {"mechanisms": (*self.mechanisms, str(path)), "name": self._variant([f"with {Path(path).stem}"])})

    def _variant(self, changes: list[str]) -> str:
        shown = changes[:3] + ["..."] * (len(changes) > 3)
        return ", ".join([self.name, *shown])

    # -- values ---------------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan this scenario runs by."""
        return plan(self.mechanisms)

    def parameter_values(self) -> dict[str, float]:
        """Return every parameter's value, "mechanism.parameter" -> number, defaults included."""
        return {key: self.parameters.get(key, p.default) for key, p in declared_parameters(self.plan).items()}

    def say(self, text: str) -> str:
        """Return a text that speaks of schools in the words of this scenario."""
        return in_plant_words(text) if self.words == "plant" else text

    # -- file -----------------------------------------------------------------------------------------------------

    def to_toml(self, *, beside: bool = False) -> str:
        """Return the scenario as a file that `load_scenario` reads again; nothing in it depends on another scenario.

        `beside` names the user's mechanism files without their folder, for a file that will lie beside them.
        """
        known = declared_parameters(self.plan)
        out = [
            f"title = {json.dumps(self.title, ensure_ascii=False)}",
            f"summary = {json.dumps(self.summary, ensure_ascii=False)}",
        ]
        out += ["sources = [", *(f"  {json.dumps(source, ensure_ascii=False)}," for source in self.sources), "]"]
        out += ["", "[district]", *(f"{name} = {getattr(self, name)}" for name in SIZES), f"poverty = {_toml(self.poverty)}"]
        out += [f"words = {json.dumps(self.words)}"] if self.words != WORDS[0] else []
        if self.start:
            out += ["", "[start]"]
            for name, value in self.start.items():
                column = self.plan.columns[name]
                out.append(f"{name} = {_start_text(value)}  # {column.meaning} [{column.unit}]")
        if self.parameters:
            out += ["", "[parameters]"]
            for key, number in self.parameters.items():
                p = known[key]
                out.append(f"{key} = {_toml(number)}  # {p.meaning} [{p.unit}]; default {p.default:g}")
        if self.left_out or self.mechanisms:
            out += ["", "[mechanisms]"]
            for path in self.mechanisms:
                out.append(f"{load_mechanism(path).MECHANISM.name} = {json.dumps(Path(path).name if beside else path)}")
            out += [f"{name} = false" for name in self.left_out]
        for event in self.timeline:
            out += ["", "[[timeline]]", *(f"{key} = {_toml(value)}" for key, value in event.items())]
        return "\n".join([*out, ""])


def declared_parameters(of: Plan) -> dict[str, Parameter]:
    """Return every parameter of a plan by "mechanism.parameter"."""
    return {f"{name}.{p.name}": p for name, mechanism in of.mechanisms.items() for p in mechanism.parameters}


def start_columns(of: Plan) -> dict[str, Column]:
    """Return the columns that a scenario may start at another value: no layout, no codes, no dates, nothing made anew each month."""
    return {
        name: column
        for name, column in of.columns.items()
        if column.lasting
        and column.owner not in (LAYOUT, OBSERVER, timeline.MECHANISM.name)
        and column.unit not in CODES
        and column.width in (0, 2)
        and name not in SET_BY_DISTRICT
    }


def checked_fields(fields: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the fields of a scenario in their final form, noting everything that is wrong with them."""
    out = dict(fields)
    for name in ("name", "title", "summary"):
        if not isinstance(out[name], str):
            problems.add((name,), f"{name} = {out[name]!r} is no text")
    if isinstance(out["name"], str) and not out["name"].strip():
        problems.add(("name",), "the scenario has no name")
    out["sources"] = _texts(out["sources"], "sources", problems)
    for name, (lowest, highest) in SIZES.items():
        value = out[name]
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            problems.add(
                ("district", name),
                f"{name} = {value!r} is no possible size",
                allowed=f"a whole number from {lowest} to {highest}",
            )
    if not _is_number(_plain(out["poverty"])) or not 0 <= out["poverty"] <= 1:
        problems.add(("district", "poverty"), f"poverty = {out['poverty']!r} is no share", allowed="0 to 1")
    if out["words"] not in WORDS:
        problems.add(("district", "words"), f"words = {out['words']!r} are none it can be told in", allowed=" or ".join(WORDS))

    out["mechanisms"] = tuple(str(Path(path).resolve()) for path in _texts(out["mechanisms"], "mechanisms", problems))
    try:
        used = plan(out["mechanisms"])
    except MechanismError as error:
        problems.add_error(("mechanisms",), error)
        used = plan()
    out["left_out"] = _left_out(out["left_out"], used, problems)
    out["start"] = MappingProxyType(_start_values(out["start"], used, problems))
    out["parameters"] = MappingProxyType(_parameter_values(out["parameters"], used, problems))
    out["timeline"] = _timeline(out["timeline"], used, problems)
    return out


def _texts(value: Any, name: str, problems: Problems) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
        return tuple(value)
    problems.add((name,), f"{name} = {value!r} is no list of texts")
    return ()


def _left_out(value: Any, used: Plan, problems: Problems) -> tuple[str, ...]:
    names = _texts(value, "left_out", problems)
    for name in names:
        mechanism = used.mechanisms.get(name)
        if mechanism is None:
            problems.add(("mechanisms", name), f"there is no mechanism {name!r}", allowed=nearest(name, used.mechanisms))
        elif mechanism.off == "never":
            can = [m.name for m in used.mechanisms.values() if m.off != "never"]
            problems.add(
                ("mechanisms", name),
                f"{name} cannot be left out: nothing would happen without it",
                allowed=", ".join(can),
            )
    return tuple(dict.fromkeys(names))


def laid_over(base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return start values laid over others: a kind of start takes the place of all, a value for one tier leaves the other tier's."""
    out = {} if "kind" in new else dict(base)
    for name, value in new.items():
        out[name] = {**_by_tier(out[name]), **value} if isinstance(value, Mapping) and name in out else value
    return out


def _by_tier(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return dict(zip(GROUPS, value, strict=True)) if isinstance(value, tuple) else dict.fromkeys(GROUPS, value)


def _start_values(values: Any, used: Plan, problems: Problems) -> dict[str, Start]:
    if not isinstance(values, Mapping):
        problems.add(("start",), f"start = {values!r} is no table of columns")
        return {}
    free = start_columns(used)
    out: dict[str, Start] = {}
    given_values = dict(values)
    kind = given_values.pop("kind", KINDS[0])
    if kind not in KINDS:
        problems.add(("start", "kind"), f"kind = {kind!r} is no kind of start", allowed=nearest(str(kind), KINDS))
        kind = KINDS[0]
    of_kind = start_values(str(kind))
    for name, given in {**of_kind, **given_values}.items():
        key, value = ("start", name), _plain(given)
        if name not in free:
            if name in used.columns:
                problems.add(key, f"{name} has no start value: the model sets it", fix="leave it out")
            else:
                problems.add(key, f"there is no state called {name!r}", allowed=nearest(name, free))
            continue
        column = free[name]
        usual = of_kind.get(name, column.start)
        default = usual if isinstance(usual, tuple) else (usual, usual)
        if isinstance(value, Mapping):
            unknown = [group for group in value if group not in GROUPS]
            if unknown:
                problems.add(key, f"{name} has no value for {unknown[0]!r}", allowed=nearest(str(unknown[0]), GROUPS))
                continue
            value = tuple(value.get(group, default[n]) for n, group in enumerate(GROUPS))
        if isinstance(value, tuple) and column.entity not in ("person", "dyad"):
            problems.add(key, f"{name} has one value, not one for each tier", fix=f"write {name} = a number")
            continue
        numbers = tuple(_plain(part) for part in value) if isinstance(value, tuple) else (value,)
        if len(numbers) not in (1, len(GROUPS)) or not all(_is_number(number) for number in numbers):
            problems.add(
                key,
                f"start.{name} = {value!r} is no number",
                allowed="a number, or { strategic = ..., workplace = ... }",
            )
        elif not all(column.low <= number <= column.high for number in numbers):
            problems.add(
                key,
                f"start.{name} = {_short(value)} is outside {column.low:g} to {column.high:g} ({column.unit})",
                allowed=f"{column.low:g} to {column.high:g}; default {_short(column.start)}",
                fix=f"it means: {column.meaning}",
            )
        elif column.integer and any(number != int(number) for number in numbers):
            problems.add(key, f"start.{name} = {_short(value)} is no whole number ({column.unit})")
        else:
            out[name] = (float(numbers[0]), float(numbers[1])) if isinstance(value, tuple) else float(value)
    return out


def _parameter_values(values: Any, used: Plan, problems: Problems) -> dict[str, float]:
    if not isinstance(values, Mapping):
        problems.add(("parameters",), f"parameters = {values!r} is no table of parameters")
        return {}
    known = declared_parameters(used)
    out = {}
    for key, value in values.items():
        number = _parameter_value(key, value, known, ("parameters", key), problems)
        if number is not None:
            out[key] = number
    return out


def _parameter_value(name: str, value: Any, known: Mapping[str, Parameter], key: Key, problems: Problems) -> float | None:
    if name not in known:
        problems.add(
            key,
            f"there is no parameter {name!r}",
            allowed=nearest(name, known),
            fix="`partnersim params` lists them all",
        )
        return None
    mechanism = name.split(".")[0]
    try:
        return known[name].check(_plain(value), mechanism=mechanism)
    except PartnersimError as error:
        problems.add_error(key, error)
        return None


def _timeline(events: Any, used: Plan, problems: Problems) -> tuple[Mapping[str, object], ...]:
    if not isinstance(events, list | tuple) or not all(isinstance(event, Mapping) for event in events):
        problems.add(("timeline",), "the timeline is no list of events", fix="write each event under its own [[timeline]]")
        return ()
    for n, event in enumerate(events):
        if event.get("event") == SET:
            _check_set(event, ("timeline", n), declared_parameters(used), problems)
            continue
        wrong = dated.problems(event)
        for text in wrong:
            problems.add(("timeline", n), text, fix="`partnersim scenarios events` lists all events with their arguments")
        for name, value in ({} if wrong else dated.levers(event)).items():
            _parameter_value(name, value, declared_parameters(used), ("timeline", n), problems)
    return tuple(MappingProxyType(dict(event)) for event in events)


def _check_set(event: Mapping[str, Any], key: Key, known: Mapping[str, Parameter], problems: Problems) -> None:
    wanted = ("at_month", "event", "parameter", "value")
    for name in event:
        if name not in wanted:
            problems.add((*key, name), f"{SET} has no argument {name!r}", allowed=nearest(name, wanted))
    missing = [name for name in wanted if name not in event]
    if missing:
        problems.add(
            key,
            f"{SET} needs {' and '.join(missing)}",
            fix='for example parameter = "structures.workplace_meetings", value = 8',
        )
        return
    month = event["at_month"]
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= dated.LAST_MONTH:
        problems.add((*key, "at_month"), f"at_month = {month!r} is no month", allowed=f"a whole number from 1 to {dated.LAST_MONTH}")
    name = str(event["parameter"])
    if _parameter_value(name, event["value"], known, (*key, "value" if name in known else "parameter"), problems) is None:
        return
    p = known[name]
    if p.at_start:
        problems.add((*key, "parameter"), f"{name} cannot change on the way: it is drawn once, at the start", fix="set it in [parameters]")
    elif p.role == "fixed":
        problems.add(
            (*key, "parameter"),
            f"{name} cannot change on the way: it is a convention of the model",
            allowed="parameters that are levers or describe the world (see `partnersim params`)",
        )


def _plain(value: Any) -> Any:
    """A numpy number as Python's own; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "/".join(_short(part) for part in value.values())
    if isinstance(value, tuple):
        return "/".join(_short(part) for part in value)
    return f"{value:g}" if _is_number(value) else str(value)


def _start_text(value: Start) -> str:
    if isinstance(value, tuple):
        return "{ " + ", ".join(f"{group} = {_toml(part)}" for group, part in zip(GROUPS, value, strict=True)) + " }"
    return _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _rebuilt(fields: dict[str, Any]) -> Scenario:
    return Scenario(**fields)
