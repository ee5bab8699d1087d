"""The ODD description (Grimm et al. 2020): a hand-written frame, filled with what the code declares.

The frame stands in `texts/odd.md`, the summary for papers in `texts/summary.md`. Every function of `PARTS` fills the place of its name.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from partnersim import __version__
from partnersim.engine.state import LAYOUT, Column
from partnersim.model import band, month, outcomes, timeline
from partnersim.model.columns import COLUMNS, NEIGHBOURS, layout
from partnersim.parameters import Parameter
from partnersim.report.markdown import bullets, escape, fill, from_docstring, number, table, written
from partnersim.report.mechanisms import Description, describe, descriptions
from partnersim.report.patterns import met, patterns
from partnersim.scenarios.declared import plan
from partnersim.scenarios.events import LAST_MONTH
from partnersim.scenarios.files import load_scenario, scenario_names
from partnersim.scenarios.kinds import KINDS, start_values
from partnersim.scenarios.scenario import SIZES, Scenario, Start, declared_parameters, start_columns
from partnersim.tables import EVIDENCE, STAKEHOLDERS, STANDING, evidence

ENDLESS = 1e5
"""An upper bound from here on is no bound."""
LEFT_OUT = {
    "held": "its columns stay at their usual levels (means over default runs), so that no mean shifts",
    "absent": "it does nothing, the null of the theory",
    "never": "it cannot be left out",
}
RATIONALE = "Why so, and not as in an earlier prototype"
PHASE = re.compile(r"^ +# (\d+) (.+)$|^ +(\w+)\.(\w+),$")


def odd() -> str:
    """Return the whole description as Markdown."""
    return fill(written("odd"), PARTS, _values())


def summary() -> str:
    """Return the summary ODD, one to two pages for a paper."""
    return fill(written("summary"), PARTS, _values())


def as_json(text: str) -> dict[str, Any]:
    """Return a description as data: its elements with their text, and the declarations behind the tables."""
    _, *cut = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return {
        "version": __version__,
        "markdown": text,
        "elements": [{"heading": heading, "markdown": body.strip()} for heading, body in zip(cut[::2], cut[1::2], strict=True)],
        "columns": [asdict(column) for column in plan().columns.values()],
        "schedule": plan().describe(),
        "parameters": [{"mechanism": name, **asdict(p)} for name, m in plan().mechanisms.items() for p in m.parameters],
        "outcomes": [asdict(outcome) for outcome in outcomes.OUTCOMES],
        "events": [{"event": name, **asdict(event)} for name, event in timeline.EVENTS.items()],
        "patterns": [asdict(pattern) for pattern in patterns()],
    }


# -- counts and values that stand in sentences ---------------------------------------------------------------------


def _values() -> dict[str, str]:
    return {name: f"{p.default:g}" for name, p in declared_parameters(plan()).items()}


def _rows(name: str) -> int:
    """Return how many rows of a kind the default district has."""
    default = Scenario(name="default")
    rows = layout(default.sites, default.members_per_site, default.stewards_per_site, default.team_size)
    return len(rows[name])


def _parameters(status: str = "") -> list[Parameter]:
    return [p for m in plan().mechanisms.values() for p in m.parameters if status in ("", p.status)]


def _stocks() -> str:
    *first, last = plan().stocks
    return f"{', '.join(first)} and {last}"


def _mechanisms() -> int:
    return sum(one.number > 0 for one in descriptions().values())


# -- patterns ------------------------------------------------------------------------------------------------------


def _patterns() -> str:
    rows = ((p.label, escape(p.says), escape(p.shown), escape(p.source), p.use) for p in patterns())
    return table(("Label", "Pattern", "Counts as shown if", "Evidence", "Use"), rows)


# -- entities ------------------------------------------------------------------------------------------------------


def _columns(entity: str) -> str:
    drawn = {name for act in plan().opening for name in act.changes.all}
    moved = {name for act in plan().month for name in act.changes.all}
    rows = []
    for name, column in plan().columns.items():
        if column.entity != entity:
            continue
        fixed = name not in moved
        kind = "fixed" if fixed else "state" if column.lasting or name in drawn else "computed"
        start = "by size" if column.owner == LAYOUT else "drawn" if name in drawn else _start(column) if kind != "computed" else ""
        whole = ", whole" if column.integer else ""
        bounds = "" if column.owner == LAYOUT else _range(column)
        rows.append((f"`{name}`", _meaning(column), column.unit, bounds, kind + whole, start, column.owner))
    return table(("Variable", "Meaning", "Unit", "Range", "Kind", "At the start", "Owner"), rows)


def _meaning(column: Column) -> str:
    many = {0: "", "contact": " (one a place in the address book)"}.get(column.width, f" (one a {column.width})")
    if isinstance(column.width, int) and column.width > 0:
        many = f" ({column.width} values)"
    return escape(column.meaning) + many


def _range(column: Column) -> str:
    return f"{column.low:g} or more" if column.high >= ENDLESS else f"{column.low:g} to {column.high:g}"


def _start(column: Column) -> str:
    leaders, schools = np.atleast_1d(column.start)[[0, -1]]
    return f"{leaders:g}" if leaders == schools else f"{leaders:g} at the top, {schools:g} in schools"


def _sizes() -> str:
    default = Scenario(name="default")
    words = {
        "sites": "schools",
        "members_per_site": "members a school",
        "stewards_per_site": "building representatives a school",
        "team_size": "people in each leadership team",
    }
    return "; ".join(f"{words[name]} {getattr(default, name)} ({low} to {high:,})" for name, (low, high) in SIZES.items())


# -- schedule ------------------------------------------------------------------------------------------------------


def phases() -> list[tuple[str, list[str]]]:
    """Return the parts of a month as `model/month.py` comments them: what each is for, and its steps."""
    found: list[tuple[str, list[str]]] = []
    for line in inspect.getsource(month).split("\n"):
        if here := PHASE.match(line):
            if here[1]:
                found.append((here[2], []))
            elif found and here[3] != "outcomes":
                found[-1][1].append(f"{here[3]}.{here[4]}")
    return found


def _month() -> str:
    steps = {row["step"]: row for row in plan().describe() if row["part"] == "month"}
    out = []
    for n, (why, names) in enumerate(phases(), 1):
        out.append(f"**{n}. {why[0].upper()}{why[1:]}.**\n\n{_steps([steps[name] for name in names])}")
    return "\n\n".join(out)


def _opening() -> str:
    return _steps([row for row in plan().describe() if row["part"] == "opening"])


def _steps(rows: list[dict[str, Any]]) -> str:
    def names(listed: list[str]) -> str:
        return ", ".join(f"`{name}`" for name in listed)

    def changes(row: dict[str, Any]) -> str:
        labels = {"writes": "", "adds": "adds to ", "resets": "resets "}
        return "; ".join(f"{label}{names(row[key])}" for key, label in labels.items() if row[key])

    return table(
        ("Step", "What is done", "Changes", "Draws"),
        ((f"`{row['step']}`", escape(row["does"]), changes(row), names(row["draws"])) for row in rows),
    )


def _streams() -> str:
    drawn: dict[str, list[dict[str, Any]]] = {}
    for row in plan().describe():
        for stream in row["draws"]:
            drawn.setdefault(stream, []).append(row)
    rows = (
        (f"`{stream}`", ", ".join(f"`{row['step']}`" for row in by), escape(" ".join(row["does"] for row in by)))
        for stream, by in sorted(drawn.items())
    )
    return table(("Stream", "Drawn by", "The step that draws"), rows)


# -- observation ---------------------------------------------------------------------------------------------------


def _outcomes() -> str:
    def bounds(low: float | None, high: float | None) -> str:
        return "any" if low is None else f"{low:g} or more" if high is None else f"{low:g} to {high:g}"

    rows = [
        (f"`{one.name}`", escape(one.label), one.unit, bounds(one.low, one.high), title)
        for group, title in STAKEHOLDERS.items()
        for one in outcomes.OUTCOMES
        if one.group == group
    ]
    return table(("Outcome", "Meaning", "Unit", "Range", "Of whom"), rows)


def _definitions() -> str:
    return _sections(describe(outcomes, "outcomes"))


# -- start and input -----------------------------------------------------------------------------------------------


def _kinds() -> str:
    def shown(value: object) -> str:
        return " / ".join(f"{v:.3g}" for v in value) if isinstance(value, tuple) else f"{value:.3g}"  # type: ignore[str-bytes-safe]

    kinds = {kind: start_values(kind) for kind in KINDS if kind != "founding"}
    rows = []
    for name, column in start_columns(plan()).items():
        start = tuple(float(v) for v in np.atleast_1d(column.start))
        default = shown(start if len(start) > 1 else start[0])
        cells = (shown(values[name]) if name in values else "" for values in kinds.values())
        rows.append((f"`{name}`", escape(column.meaning), column.unit, default, *cells))
    return table(("Start value", "Meaning", "Unit", "founding", *kinds), rows)


def _scenarios() -> str:
    return "\n\n".join(_scenario(load_scenario(name)) for name in scenario_names())


def _scenario(scenario: Scenario) -> str:
    default = Scenario(name="default")
    sizes = [f"{name} {getattr(scenario, name)}" for name in SIZES if getattr(scenario, name) != getattr(default, name)]
    poverty = [f"poverty {scenario.poverty:g}"] if scenario.poverty != default.poverty else []
    words = [f"told in {scenario.words} words"] if scenario.words != default.words else []
    kind, start = _kind(scenario)
    differs = {
        "district": sizes + poverty + words,
        "kind of start": [kind] if kind else [],
        "start": [f"`{name}` {_value(value)}" for name, value in start.items()],
        "parameters": [f"`{name}` {value:g}" for name, value in scenario.parameters.items()],
        "left out": [f"`{name}`" for name in scenario.left_out],
        "timeline": [_dated(event) for event in scenario.timeline],
    }
    lines = [f"{part}: {'; '.join(said)}" for part, said in differs.items() if said]
    lines += [f"source: {escape(source)}" for source in scenario.sources]
    return f"**`{scenario.name}`: {escape(scenario.title)}.** {escape(scenario.summary)}\n\n{bullets(lines)}"


def _kind(scenario: Scenario) -> tuple[str, dict[str, Start]]:
    """Return the kind of start that most of a scenario's start values come from, and the values that differ from it."""
    for kind in KINDS:
        usual = start_values(kind)
        same = {name for name, value in usual.items() if name in scenario.start and np.allclose(value, scenario.start[name])}
        if len(same) > len(usual) / 2:
            return kind, {name: value for name, value in scenario.start.items() if name not in same}
    return "", dict(scenario.start)


def _value(value: Start) -> str:
    return f"{value[0]:g} at the top, {value[1]:g} in schools" if isinstance(value, tuple) else f"{value:g}"


def _dated(event: Mapping[str, object]) -> str:
    arguments = ", ".join(f"{key} {value}" for key, value in event.items() if key not in ("at_month", "event"))
    return f"month {event['at_month']} `{event['event']}`" + (f" ({arguments})" if arguments else "")


def _events() -> str:
    rows = []
    for name, event in timeline.EVENTS.items():
        arguments = (
            f"`{key}`: {escape(one.meaning)} ({one.allowed}{'' if one.default is None else '; may be left out'})"
            for key, one in event.arguments.items()
        )
        rows.append((f"`{name}`", escape(event.meaning), "<br>".join(arguments)))
    value = "`parameter`: mechanism.parameter<br>`value`: a number within its bounds"
    rows.append(("`set`", "A parameter has another value from its month on (levers and world parameters, not conventions).", value))
    return table(("Event", "What happens", "Arguments"), rows)


# -- submodels -----------------------------------------------------------------------------------------------------


def _submodels() -> str:
    return "\n\n".join(_submodel(n, one) for n, one in enumerate(descriptions().values(), 1))


def _submodel(n: int, one: Description) -> str:
    mechanism = plan().mechanisms[one.name]
    begun = [f"`{act.name}`" for act in plan().opening if act.mechanism == one.name]
    acts = {f"`{name}`": k for k, (_, names) in enumerate(phases(), 1) for name in names if name.startswith(f"{one.name}.")}
    steps = [*([f"at the start {', '.join(begun)}"] if begun else []), *(f"{name} in part {k}" for name, k in acts.items())]
    owned = ", ".join(f"`{name}`" for name, column in plan().columns.items() if column.owner == one.name)
    title = f"{one.title} (M{one.number})" if one.number else one.title
    facts = [f"Steps (section 3): {'; '.join(steps)}.", f"Owns (section 2): {owned}."]
    facts.append(f"Left out (`--without {one.name}`), {LEFT_OUT[mechanism.off]}." if mechanism.off != "never" else "It cannot be left out.")
    parts = [f"### 7.{n} {title}", f"`{one.name}`: {escape(mechanism.claim)}"]
    parts += [from_docstring(one.opening)] if one.opening else []
    parts += [_sections(one)] if one.sections else []
    parts += [bullets(facts), _table(mechanism.parameters) if mechanism.parameters else "No parameters."]
    return "\n\n".join(parts)


def _sections(one: Description) -> str:
    out = []
    for heading, text in one.sections.items():
        said = RATIONALE if heading.startswith("Instead of the prototype") else heading
        out.append(f"**{said}.**\n\n{from_docstring(text)}" if "```" in from_docstring(text) else f"**{said}.** {from_docstring(text)}")
    return "\n\n".join(out)


def _table(declared: tuple[Parameter, ...]) -> str:
    def row(p: Parameter) -> tuple[object, ...]:
        symbol = f" ({escape(p.symbol)})" if p.symbol else ""
        swept = f"{p.sweep[0]:g} to {p.sweep[1]:g}" if p.sweep else ""
        role = p.role + (f" ({p.sign})" if p.sign else "")
        legal = f"{p.bounds[0]:g} to {p.bounds[1]:g}"
        return f"`{p.name}`{symbol}", escape(p.meaning), f"{p.default:g}", p.unit, legal, swept, role, p.status, escape(p.source)

    return table(
        ("Parameter (symbol)", "Meaning", "Value", "Unit", "Bounds", "Swept", "Role (sign)", "Status", "Source"), (row(p) for p in declared)
    )


def _evidence() -> str:
    out = []
    for kind, heading in EVIDENCE.items():
        if kind == "P":
            continue  # element 1 has them
        rows = (
            (label, *(escape(row[key]) for key in ("what", "value", "source", "standing")))
            for label, row in evidence().items()
            if label[0] == kind
        )
        out.append(f"**{heading}**\n\n{table(('Label', 'What', 'Value', 'Source', 'Standing'), rows)}")
    return "\n\n".join([*out, STANDING[0].upper() + STANDING[1:]])


PARTS: dict[str, Callable[[], str]] = {
    "version": lambda: __version__,
    "mechanism_count": lambda: number(_mechanisms()),
    "parameter_count": lambda: str(len(_parameters())),
    "assumed_count": lambda: str(len(_parameters("assumed"))),
    "measured_count": lambda: str(len(_parameters("measured"))),
    "calibrated_count": lambda: str(len(_parameters("calibrated"))),
    "definition_count": lambda: str(len(_parameters("definition"))),
    "column_count": lambda: number(len(plan().columns)),
    "step_count": lambda: number(len(plan().month)),
    "phase_count": lambda: number(len(phases())),
    "stream_count": lambda: number(len({stream for row in plan().describe() for stream in row["draws"]})),
    "outcome_count": lambda: number(len(outcomes.OUTCOMES)),
    "event_count": lambda: number(len(timeline.EVENTS) + 1),
    "pattern_count": lambda: number(len(patterns())),
    "scenario_count": lambda: number(len(scenario_names())),
    "stocks": _stocks,
    "people": lambda: number(_rows("person_id")),
    "members": lambda: number(_rows("member_id")),
    "schools": lambda: number(_rows("site_id")),
    "dyads": lambda: number(_rows("dyad_id")),
    "neighbours": lambda: number(int(NEIGHBOURS)),
    "last_month": lambda: number(LAST_MONTH),
    "alive": lambda: f"{outcomes.ALIVE:.2f}".lstrip("0"),
    "spell": lambda: number(outcomes.SPELL),
    "sizes": _sizes,
    "patterns": _patterns,
    "met": lambda: number(met()[0]),
    "fitted_met": lambda: "{} of {}".format(*met("calibration")),
    "checked_met": lambda: "{} of {}".format(*met("checking")),
    "fitted_count": lambda: number(len(band.read().names)),
    "band_size": lambda: number(len(band.read())),
    **{f"columns_{entity}": partial(_columns, entity) for entity in dict.fromkeys(c.entity for c in COLUMNS)},
    "month": _month,
    "opening": _opening,
    "streams": _streams,
    "outcomes": _outcomes,
    "definitions": _definitions,
    "kinds": _kinds,
    "scenarios": _scenarios,
    "events": _events,
    "submodels": _submodels,
    "evidence": _evidence,
}  # fmt: skip
"""What fills the places of the hand-written texts."""
