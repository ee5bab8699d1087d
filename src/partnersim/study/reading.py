"""A study file read and checked as a whole: everything that is wrong with it is told at once, each with its line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partnersim.engine.random import check_key
from partnersim.errors import ParameterError, PartnersimError, ScenarioError, nearest
from partnersim.model import outcomes
from partnersim.scenarios import factors as sustaining
from partnersim.scenarios.files import fields_of, load_scenario
from partnersim.scenarios.problems import Key, Problems
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import MAX_REPLICATES, MAX_YEARS
from partnersim.study.design import (
    KINDS,
    LEVELS,
    MAX_FACTORS,
    MAX_POINTS,
    NEED_N,
    POWERS,
    RESOLUTION,
    Design,
)
from partnersim.study.factors import SUSTAINING, Factor, Value, chosen, known, vary
from partnersim.study.findings import Finding, Known
from partnersim.study.findings import read as read_findings
from partnersim.study.identity import point_ids
from partnersim.study.lines import lines_of
from partnersim.study.study import USUAL, Recording, Study

TOP = ("question", "notes", "seed", "replicates", "years", "point", "scenario", "design", "record", "finding")
RECORD = ("outcomes", "every_months", "events", "ledger")
DESIGN = ("kind", "over", "factors", "points", "n", "levels", "resolution")
RANGE = ("low", "high", "scale")
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,79}")
"""Names of scenarios become names of files."""
MAX_RUNS = 1_000_000_000


class Reader:
    """Reads the data of a study and notes everything that is wrong before it complains."""

    def __init__(self, data: Mapping[str, Any], name: str, source: str, folder: Path, text: str) -> None:
        self.data, self.name, self.source, self.folder, self.text = data, name, source, folder, text
        self.problems = Problems(source, lines_of(text))

    def study(self) -> Study:
        """Return the study, or raise ScenarioError with everything that is wrong."""
        for key in self.data:
            if key not in TOP:
                self.problems.add((key,), f"a study has no {key!r}", allowed=nearest(str(key), TOP))
        texts = {key: self._text(key) for key in ("question", "notes")}
        seed = self._seed()
        replicates = self._whole(("replicates",), self.data.get("replicates", 200), 1, MAX_REPLICATES)
        years = self._whole(("years",), self.data.get("years", 20), 1, MAX_YEARS)
        point = self._yes_or_no(("point",), self.data.get("point", False))
        scenarios = self._scenarios()
        design = self._design(scenarios) if "design" in self.data else None
        record = self._record(12 * years)
        findings = self._findings(scenarios, design, record, 12 * years)
        self.problems.check()
        study = Study(
            name=self.name,
            scenarios=tuple(scenarios),
            design=design,
            seed=seed,
            replicates=replicates,
            years=years,
            point=point,
            record=record,
            findings=findings,
            text=self.text,
            **texts,
        )
        if study.points > MAX_POINTS:
            self.problems.add(("design",), f"the design has {study.points:,} points", allowed=f"up to {MAX_POINTS:,}")
        elif study.runs > MAX_RUNS:
            self.problems.add(("replicates",), f"the study has {study.runs:,} runs", allowed=f"up to {MAX_RUNS:,}")
        elif design is not None:
            self._ids(study)
        self.problems.check()
        return study

    def _ids(self, study: Study) -> None:
        """Points that are the same would be simulated twice and counted twice."""
        if study.design is None or study.design.kind not in ("list", "zip", "grid"):
            return  # drawn points may repeat: a sensitivity analysis wants them row by row
        columns = study.columns()
        ids = point_ids(study, columns)
        again = next((n for n, name in enumerate(ids) if "-" in name), None)
        if again is not None:
            self.problems.add(
                ("design",),
                f"points {ids.index(ids[again].partition('-')[0]) + 1} and {again + 1} of the design are the same",
                fix="leave one out; replicates are what gives more runs of a point",
            )

    # -- plain values ---------------------------------------------------------------------------------------------

    def _text(self, key: str) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str):
            self.problems.add((key,), f"{key} = {_shown(value)} is no text", fix="put it in quotes")
            return ""
        return value

    def _whole(self, key: Key, value: object, low: int, high: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.problems.add(key, f"{key[-1]} = {_shown(value)} is not possible", allowed=f"a whole number from {low} to {high}")
        return low

    def _yes_or_no(self, key: Key, value: object) -> bool:
        if not isinstance(value, bool):
            self.problems.add(key, f"{key[-1]} = {_shown(value)} says neither yes nor no", allowed="true or false")
        return value is True

    def _seed(self) -> int:
        try:
            return check_key(self.data.get("seed", 1), "seed")
        except (ParameterError, ValueError) as error:
            fix = "give a whole number"
            self.problems.add(
                ("seed",), f"seed = {_shown(self.data['seed'])} is not possible", allowed=getattr(error, "allowed", ""), fix=fix
            )
            return 1

    def _table(self, key: Key, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.problems.add(key, f"{key[-1]} = {_shown(value)} is no table", fix=f"write [{'.'.join(map(str, key))}] and its values below it")
        return {}

    # -- scenarios ------------------------------------------------------------------------------------------------

    def _scenarios(self) -> list[Scenario]:
        given = self._table(("scenario",), self.data.get("scenario", {}))
        if not given:
            return [load_scenario(USUAL)]
        built: dict[str, Scenario | None] = {}
        for name in given:
            self._scenario(name, given, built, ())
        return [scenario for scenario in (built[name] for name in given) if scenario is not None]

    def _scenario(
        self, name: str, given: Mapping[str, Any], built: dict[str, Scenario | None], waiting: tuple[str, ...]
    ) -> Scenario | None:
        if name in built:
            return built[name]
        key: Key = ("scenario", name)
        built[name] = None
        if not PLAIN_NAME.fullmatch(name):
            self.problems.add(key, f"{_shown(name)} is no name for a scenario", allowed="letters, digits, spaces and _.-, up to 80")
            return None
        if isinstance(given[name], Scenario):
            built[name] = given[name].replace(name=name)
            return built[name]
        data = dict(self._table(key, given[name]))
        base, lost = None, False
        if "extends" in data:
            base = self._base(name, data["extends"], given, built, waiting)
            lost = base is None  # then its own values are checked all the same
        lines = {(*k[2:3], ".".join(map(str, k[3:]))) if k[2:3] == ("parameters",) and len(k) > 3 else k[2:]: n
                 for k, n in self.problems.lines.items() if k[:2] == key and len(k) > 2}  # fmt: skip
        problems = Problems(self.source, lines)
        try:
            fields = fields_of(data, name, self.folder, base, problems)
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
            # whatever a hostile file makes the checks of a scenario stumble over is the file's fault
            problems.add((), f"this scenario cannot be understood: {error}")
        for inner, noted in problems.found:
            self.problems.add_error((*key, *inner), noted)
        self.problems.lines = {**self.problems.lines, **{(*key, *k): n for k, n in problems.lines.items()}}
        if not problems.found and not lost:
            built[name] = Scenario(**fields)
        return built[name]

    def _base(
        self, name: str, extends: object, given: Mapping[str, Any], built: dict[str, Scenario | None], waiting: tuple[str, ...]
    ) -> Scenario | None:
        key: Key = ("scenario", name, "extends")
        if not isinstance(extends, str):
            self.problems.add(key, f"extends = {_shown(extends)} is no name")
            return None
        if extends in given and extends != name:
            if extends in waiting:
                self.problems.add(key, f"scenarios extend each other in a circle: {' -> '.join((*waiting, name, extends))}")
                return None
            # a scenario that failed is reported at its own place, once
            return self._scenario(extends, given, built, (*waiting, name))
        try:
            beside = self.folder / extends
            return load_scenario(beside if beside.is_file() else extends)
        except PartnersimError as error:
            fix = f"scenarios of this study: {', '.join(n for n in given if n != name)}" if len(given) > 1 else error.fix
            self.problems.add_error(key, ScenarioError(error.what, allowed=error.allowed, fix=fix))
        except (OSError, ValueError) as error:  # such as a NUL in a path
            self.problems.add(key, f"extends = {_shown(extends)} cannot be read: {error}")
        return None

    # -- what is kept ---------------------------------------------------------------------------------------------

    def _record(self, months: int) -> Recording:
        table = self._table(("record",), self.data.get("record", {}))
        for key in table:
            if key not in RECORD:
                self.problems.add(("record", key), f"record has no {key!r}", allowed=nearest(str(key), RECORD))
        names = table.get("outcomes", list(outcomes.NAMES))
        if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
            for name in names:
                if name not in outcomes.NAMES:
                    self.problems.add(("record", "outcomes"), f"there is no outcome {name!r}", allowed=nearest(name, outcomes.NAMES))
        else:
            self.problems.add(("record", "outcomes"), f"outcomes = {_shown(names)} is no list of names")
            names = []
        return Recording(
            outcomes=tuple(name for name in outcomes.NAMES if name in names),
            every_months=self._whole(("record", "every_months"), table.get("every_months", min(12, months)), 1, months),
            events=self._yes_or_no(("record", "events"), table.get("events", False)),
            ledger=self._yes_or_no(("record", "ledger"), table.get("ledger", False)),
        )

    # -- what is to be said ---------------------------------------------------------------------------------------

    def _findings(self, scenarios: Sequence[Scenario], design: Design | None, record: Recording, months: int) -> tuple[Finding, ...]:
        if "finding" not in self.data or ("design" in self.data and design is None):
            return ()  # what refers to a broken design is checked once that is mended
        listed = self._table(("scenario",), self.data.get("scenario", {}))
        there = Known(
            scenarios=tuple(listed) or tuple(s.name for s in scenarios),
            levels={} if design is None else {f.key: design.levels_of(f) for f in design.factors},
            outcomes=record.outcomes,
            every_months=record.every_months,
            months=months,
            design="" if design is None else design.kind,
        )
        return read_findings(self.data["finding"], there, self.problems)

    # -- the design -----------------------------------------------------------------------------------------------

    def _design(self, scenarios: Sequence[Scenario]) -> Design | None:
        table = self._table(("design",), self.data["design"])
        before = len(self.problems.found)
        for key in table:
            if key not in DESIGN:
                self.problems.add(("design", key), f"a design has no {key!r}", allowed=nearest(str(key), DESIGN))
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            what = "the design has no kind" if kind is None else f"{_shown(kind)} is no kind of design"
            self.problems.add(("design", "kind"), what, allowed="; ".join(f"{name}: {meaning}" for name, meaning in KINDS.items()))
            return None
        scenarios = scenarios or [load_scenario(USUAL)]  # where all are wrong, the design is still checked
        rows: tuple[Mapping[str, Value], ...] = ()
        if kind == "list":
            factors, rows = self._rows(table, scenarios)
        else:
            factors = self._factors(table, scenarios)
            if "points" in table:
                self.problems.add(("design", "points"), f"points go with a list, not with {kind!r}")
        n = self._n(kind, table)
        levels, resolution = LEVELS.get(kind, 0), RESOLUTION
        if "levels" in table:
            if kind not in LEVELS:
                self.problems.add(("design", "levels"), f"levels do not go with {kind!r}", allowed=f"for {' and '.join(LEVELS)}")
            levels = self._whole(("design", "levels"), table["levels"], 2, 1000)
            if kind == "morris" and levels % 2:
                self.problems.add(
                    ("design", "levels"), f"levels = {levels} is odd", allowed="an even number, as a step is half of the levels"
                )
        if "resolution" in table:
            if kind != "fractional":
                self.problems.add(("design", "resolution"), "resolution goes with a fractional design only")
            resolution = self._whole(("design", "resolution"), table["resolution"], 3, 5)
        if len(self.problems.found) > before or not self._fits(kind, factors):
            return None
        return Design(kind=kind, factors=tuple(factors), n=n, levels=levels, resolution=resolution, rows=rows)  # type: ignore[arg-type]

    def _n(self, kind: str, table: Mapping[str, Any]) -> int:
        key = ("design", "n")
        if kind not in NEED_N:
            if "n" in table:
                self.problems.add(key, f"n does not go with {kind!r}: its factors say how many points it has")
            return 0
        if "n" not in table:
            self.problems.add(("design",), f"a {kind} design needs n", fix=f"n = 64; {KINDS[kind]}")
            return 0
        n = self._whole(key, table["n"], 1, MAX_POINTS)
        if kind in POWERS and n & (n - 1):
            low = 1 << (n.bit_length() - 1)
            self.problems.add(key, f"n = {n} is no power of two", fix=f"take {low} or {2 * low}")
        return n

    def _fits(self, kind: str, factors: Sequence[Factor]) -> bool:
        """What only shows once all factors are known."""
        before = len(self.problems.found)
        if len(factors) > MAX_FACTORS:
            self.problems.add(("design",), f"the design has {len(factors)} factors", allowed=f"up to {MAX_FACTORS}")
        if kind == "zip":
            counts = {f.key: len(f.values) for f in factors}
            if 0 in counts.values() or len(set(counts.values())) > 1:
                shown = ", ".join(f"{key} has {count or 'a range'}" for key, count in counts.items())
                self.problems.add(("design",), f"a zip needs as many values of each factor: {shown}")
        if kind == "fractional":
            for f in factors:
                if f.values and len(f.values) != 2:
                    self.problems.add(("design", "factors", f.key), f"{f.key} has {len(f.values)} values", allowed="two, or a range")
        if kind == "shapley":
            for f in factors:
                if not f.switch or len(f.values) != 2:
                    what = f"{f.key} is not on or off"
                    self.problems.add(("design",), what, allowed='"sustaining.name" or "mechanisms.name", with both true and false')
        try:
            if names := [f.key.partition(".")[2] for f in factors if f.key.startswith(f"{SUSTAINING}.")]:
                sustaining.chosen(names)  # two that share a setting cannot both be taken away
        except ParameterError as error:
            self.problems.add_error(("design",), error)
        return len(self.problems.found) == before

    def _factors(self, table: Mapping[str, Any], scenarios: Sequence[Scenario]) -> list[Factor]:
        out: dict[str, Factor] = {}
        over = table.get("over", [])
        if not isinstance(over, list | tuple) or not all(isinstance(name, str) for name in over):
            self.problems.add(("design", "over"), f"over = {_shown(over)} is no list of names")
            over = []
        for pattern in over:
            try:
                found = {factor.key: factor for factor in chosen(pattern, scenarios[0].plan)}
                for key, scenario in itertools.product(found, scenarios[1:]):
                    known(key, scenario.plan)
                out |= found
            except ParameterError as error:
                self.problems.add_error(("design", "over"), error)
        for key, spec in _flat(self._table(("design", "factors"), table.get("factors", {}))).items():
            place = ("design", "factors", *key.split("."))
            place = ("design", "factors", key) if ("design", "factors", key) in self.problems.lines else place
            try:
                factor = self._factor(key, spec, scenarios, place)
            except ParameterError as error:
                self.problems.add_error(place, error)
                continue
            if factor is not None:
                out[key] = factor
        if not out and not self.problems.found:
            self.problems.add(("design",), "the design varies nothing", fix='over = ["succession.*"], or values under [design.factors]')
        return list(out.values())

    def _factor(self, key: str, spec: object, scenarios: Sequence[Scenario], place: Key) -> Factor | None:
        for scenario in scenarios:
            known(key, scenario.plan)
        factor = _spec(key, spec)
        for value in dict.fromkeys(factor.ends):
            if not self._possible({key: value}, scenarios, place):
                return None
        return factor

    def _rows(self, table: Mapping[str, Any], scenarios: Sequence[Scenario]) -> tuple[list[Factor], tuple[Mapping[str, Value], ...]]:
        for key in ("over", "factors"):
            if key in table:
                self.problems.add(("design", key), f"{key} does not go with a list: its points say what varies")
        given = table.get("points")
        if not isinstance(given, list | tuple) or not given:
            self.problems.add(("design", "points"), "a list needs points", fix='[[design.points]] with lines such as "trust.news" = 0.5')
            return [], ()
        rows: list[Mapping[str, Value]] = []
        levels: dict[str, dict[Value, None]] = {}
        for n, point in enumerate(given):
            place: Key = ("design", "points", n)
            row = _flat(self._table(place, point))
            try:
                for key, value in row.items():
                    for scenario in scenarios:
                        known(key, scenario.plan)
                    levels.setdefault(key, {})[_value(key, value)] = None
            except ParameterError as error:
                self.problems.add_error(place, error)
                continue
            self._possible(row, scenarios, place)
            rows.append(row)
        if rows and not levels:
            self.problems.add(("design", "points"), "the points vary nothing")
        return [Factor(key, tuple(values)) for key, values in levels.items()], tuple(rows)

    def _possible(self, values: Mapping[str, Value], scenarios: Sequence[Scenario], place: Key) -> bool:
        for scenario in scenarios:
            try:
                vary(scenario, values)
            except PartnersimError as error:
                what = error.what.splitlines()
                told = what[0] if len(what) == 1 else "; ".join(line.strip() for line in what[1:])
                self.problems.add(place, told, allowed=error.allowed, fix=error.fix)
                return False
            except (TypeError, ValueError, ArithmeticError) as error:
                self.problems.add(place, f"{_shown(dict(values))} is not possible: {error}")
                return False
        return True


def _spec(key: str, spec: object) -> Factor:
    """Read what a file says of a factor: a list of values or a range."""
    if isinstance(spec, list | tuple):
        values = tuple(_value(key, value) for value in spec)
        if not values or len(set(values)) < len(values):
            raise ParameterError(f"{key} = {_shown(spec)} does not name different values", allowed="for example [0.2, 0.5, 0.8]")
        return Factor(key, values)
    if isinstance(spec, Mapping):
        for name in spec:
            if name not in RANGE:
                raise ParameterError(f"a range has no {name!r}", allowed=nearest(str(name), RANGE))
        low, high, scale = spec.get("low"), spec.get("high"), spec.get("scale", "linear")
        numbers = [v for v in (low, high) if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e15]
        if len(numbers) < 2 or not numbers[0] < numbers[1]:
            raise ParameterError(f"{key} = {_shown(spec)} is no range", allowed="{ low = 0.1, high = 0.3 }, low below high")
        if scale not in ("linear", "log"):
            raise ParameterError(f"scale = {_shown(scale)} is unknown", allowed='"linear" or "log"')
        if scale == "log" and numbers[0] <= 0:
            raise ParameterError(f"{key}: a logarithmic range begins above 0, not at {numbers[0]}")
        factor = Factor(key, low=float(numbers[0]), high=float(numbers[1]), log=scale == "log")
        if factor.switch or key == "start.kind":
            raise ParameterError(f"{key} has no range", allowed="a list of values")
        if factor.whole and (numbers[0] != int(numbers[0]) or numbers[1] != int(numbers[1]) or factor.log):
            raise ParameterError(f"{key} = {_shown(spec)} is no range of whole numbers")
        return factor
    return Factor(key, (_value(key, spec),))


def _value(key: str, value: object) -> Value:
    """A value of a factor, of the type that fits."""
    if Factor(key).switch:
        if isinstance(value, bool):
            return value
        raise ParameterError(f"{key} = {_shown(value)} says neither yes nor no", allowed="true or false")
    if key == "start.kind":
        if isinstance(value, str):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return value
    raise ParameterError(f"{key} = {_shown(value)} is not possible", allowed="a name" if key == "start.kind" else "a number")


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """`trust.news = [1]` and `"trust.news" = [1]` say the same."""
    out: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping) and not set(value) & set(RANGE) and name.count(".") < 4:
            out |= _flat(value, f"{name}.")
        else:
            out[name] = value
    return out


def _shown(value: object) -> str:
    """A value of a file, cut to what fits in a line; never longer than it is useful, whatever the file holds."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a whole number of thousands of digits
        return f"a {type(value).__name__} too long to show"
    return text if len(text) <= 60 else f"{text[:57]}..."
