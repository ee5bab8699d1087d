"""Factors: what a design varies - parameters, start values, the district's size, mechanisms and sustaining factors on or off."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from partnersim.engine.compose import Plan
from partnersim.errors import ParameterError, nearest
from partnersim.model.columns import GROUPS
from partnersim.scenarios import factors as sustaining
from partnersim.scenarios.files import DISTRICT
from partnersim.scenarios.kinds import KINDS
from partnersim.scenarios.scenario import SIZES, Scenario, declared_parameters, laid_over, start_columns

Value = float | int | bool | str

START, PLACE, SWITCHES, SUSTAINING = "start", "district", "mechanisms", "sustaining"
KIND = f"{START}.kind"
WORDING = (
    '"mechanism.parameter", "start.column", "start.column.tier", "start.kind", "district.sites", "mechanisms.name" or "sustaining.name"'
)


@dataclass(frozen=True)
class Factor:
    """One thing that differs between the points of a design: either one of `values`, or any number from `low` to `high`.

    Parameters
    ----------
    key
        What is set: "mechanism.parameter", "start.column", "start.column.tier", "start.kind", "district.sites" or
        "mechanisms.name" (true: it acts; false: it is left out) or "sustaining.name" (true: as the scenario has it; false: absent, as
        `partnersim attribute --factors list` says).
    values
        Its levels; empty for a range.
    low, high
        Ends of the range.
    log
        Whether equal steps are equal ratios.
    """

    key: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    @property
    def switch(self) -> bool:
        """Whether it is on or off."""
        return self.key.partition(".")[0] in (SWITCHES, SUSTAINING)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.key.startswith(f"{PLACE}.") and self.key.partition(".")[2] in SIZES

    def at(self, share: float) -> Value:
        """Return the value at a share (0 to 1) of the way through the range or the levels."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole:
            return min(int(self.low) + int(share * (self.high - self.low + 1)), int(self.high))
        if self.log:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def levels(self, count: int) -> tuple[Value, ...]:
        """Return all values, or `count` of the range at equal steps, both ends included."""
        if self.values:
            return self.values
        if self.whole:
            return tuple(dict.fromkeys(round(self.low + n * (self.high - self.low) / (count - 1)) for n in range(count)))
        return tuple(self.at(n / (count - 1)) for n in range(count))

    @property
    def ends(self) -> tuple[Value, ...]:
        """Every level, or both ends of the range: if these are possible, all are."""
        return self.values or (self.at(0.0), self.at(1.0))


def vary(base: Scenario, values: Mapping[str, Value | None]) -> Scenario:
    """Return `base` with these factors set; the name stays, a factor that is None stays as it is.

    Raises ScenarioError or ParameterError if that is not possible.
    """
    start: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    sizes: dict[str, Any] = {}
    left_out = list(base.left_out)
    absent: list[sustaining.Factor] = []
    for key, value in values.items():
        if value is None:
            continue
        table, _, name = key.partition(".")
        if table == PLACE:
            # tables hold numbers with a point; a fraction is left to be refused
            sizes[name] = int(value) if name in SIZES and isinstance(value, float) and value.is_integer() else value
        elif table == SWITCHES:
            left_out = [n for n in left_out if n != name] + ([] if value else [name])
        elif table == SUSTAINING:
            absent += [] if value else sustaining.chosen([name])
        elif table == START:
            column, _, tier = name.partition(".")
            if tier:
                start[column] = laid_over(start, {column: {tier: value}})[column]
            else:
                start[column] = value
        else:
            parameters[key] = value
    out = base.replace(name=base.name, start=start, parameters=parameters, **sizes) if start or parameters or sizes else base
    if tuple(left_out) != base.left_out:
        out = Scenario(**out.fields() | {"left_out": tuple(left_out)})
    if absent:
        out = Scenario(**sustaining.without_factors(out, absent).fields() | {"name": base.name})
    return out


def only_parameters(values: Mapping[str, Value | None]) -> bool:
    """Whether everything but parameter values stays as it is."""
    return all(key.partition(".")[0] not in (START, PLACE, SWITCHES, SUSTAINING) for key in values)


def chosen(pattern: str, used: Plan) -> list[Factor]:
    """Return the factors that a name or a glob such as "succession.*" stands for, each over its usual range.

    A parameter has its sweep range, a mechanism or a sustaining factor is on or off. Raises ParameterError if nothing fits.
    """
    parameters = declared_parameters(used)
    switches = [f"{SWITCHES}.{m.name}" for m in used.mechanisms.values() if m.off != "never"]
    # the finer factors are parts of others, so a glob does not take them
    switches += [f"{SUSTAINING}.{f.name}" for f in sustaining.FACTORS]
    if pattern.startswith(f"{SUSTAINING}.") and pattern not in switches:
        switches += [f"{SUSTAINING}.{f.name}" for f in sustaining.FINER if f"{SUSTAINING}.{f.name}" == pattern]
    if pattern in parameters and parameters[pattern].sweep is None:
        raise ParameterError(
            f"{pattern} has no usual range: it is a convention of the model",
            fix=f'give it values under [design.factors]: "{pattern}" = {{ low = ..., high = ... }}',
        )
    if pattern == KIND:
        return [Factor(KIND, KINDS)]
    table = pattern.partition(".")[0]
    if table in (START, PLACE):
        raise ParameterError(
            f"{pattern} has no usual range",
            fix=f'give it values under [design.factors]: "{pattern}" = [..., ...] or {{ low = ..., high = ... }}',
        )
    found = [Factor(key, (True, False)) for key in switches if table in (SWITCHES, SUSTAINING) and fnmatchcase(key, pattern)]
    for key, p in parameters.items():
        if p.sweep is not None and fnmatchcase(key, pattern):
            found.append(Factor(key, low=float(p.sweep[0]), high=float(p.sweep[1])))
    if not found:
        raise ParameterError(
            f"nothing is called {pattern!r}", allowed=nearest(pattern, [*parameters, *switches]), fix=f"a factor is {WORDING}"
        )
    return found


def known(key: str, used: Plan) -> None:
    """Check that a factor of this name exists; raises ParameterError with the nearest names if not."""
    table, _, name = key.partition(".")
    if table == PLACE:
        there, names = name in DISTRICT, [f"{PLACE}.{n}" for n in DISTRICT]
    elif table == SWITCHES:
        names = [f"{SWITCHES}.{m.name}" for m in used.mechanisms.values() if m.off != "never"]
        there = key in names
    elif table == SUSTAINING:
        names = [f"{SUSTAINING}.{n}" for n in sustaining.ALL]
        there = key in names
    elif table == START:
        free = start_columns(used)
        column, _, tier = name.partition(".")
        there = key == KIND or (column in free and (not tier or (tier in GROUPS and free[column].entity in ("person", "dyad"))))
        names = [KIND, *(f"{START}.{n}" for n in free)]
    else:
        there, names = key in declared_parameters(used), list(declared_parameters(used))
    if not there:
        raise ParameterError(f"there is no factor {key!r}", allowed=nearest(key, names), fix=f"a factor is {WORDING}")


def meaning(key: str, used: Plan) -> str:
    """Return what a factor is in a few words."""
    table, _, name = key.partition(".")
    if table == SUSTAINING and name in sustaining.ALL:
        return sustaining.ALL[name].label
    if table == SWITCHES:
        return f"mechanism {name}"
    if table == START:
        column, _, tier = name.partition(".")
        return f"{column.replace('_', ' ')} at the start{f' ({tier})' if tier else ''}"
    known = declared_parameters(used)
    return _short(known[key].meaning) if key in known else (name or key).replace("_", " ")


def _short(text: str) -> str:
    return re.split("[,;:(]", text)[0].strip()


def unit(key: str, used: Plan) -> str:
    """Return the unit of a factor; nothing for what has none."""
    table, _, name = key.partition(".")
    if table == START:
        column = used.columns.get(name.partition(".")[0])
        found = "" if column is None else column.unit
    else:
        known = declared_parameters(used)
        found = known[key].unit if key in known else ""
    return "" if found == "-" else found
