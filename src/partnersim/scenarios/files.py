"""Scenario files: find, read, extend and check them, with the line of everything that is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.errors import ScenarioError, nearest
from partnersim.scenarios.problems import Key, Problems

if TYPE_CHECKING:
    from partnersim.scenarios.scenario import Scenario

TEXTS = ("title", "summary")
TABLES = ("district", "start", "parameters", "mechanisms")
TOP = ("extends", *TEXTS, "sources", *TABLES, "timeline")
HELP = "texts need quotes, numbers a digit before the point (0.5), tables a line like [parameters], events [[timeline]]"
DISTRICT = ("sites", "members_per_site", "stewards_per_site", "team_size", "poverty")
"""What `[district]` holds as numbers; `words` stands beside them."""


def scenario_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    return sorted(path.name.removesuffix(".toml") for path in files(__package__).iterdir() if path.name.endswith(".toml"))


def headline(name: str) -> tuple[str, str]:
    """Return title and summary of a shipped scenario, without checking it."""
    data = tomllib.loads(_shipped(name))
    return data["title"], data["summary"]


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one from a TOML file.

    A file may say `extends = "name"` (a shipped name, or a path beside the file): its values are laid over that
    scenario, its events and sources are added.

    Raises
    ------
    ScenarioError
        Nothing of that name, or everything that is wrong with the file, each with its line.
    """
    return _load(str(name_or_path), Path(), ())


def _load(name: str, folder: Path, loading: tuple[str, ...]) -> Scenario:
    if name in scenario_names():
        text, source, here, stem, folder = _shipped(name), name, name, name, Path()
    else:
        path = folder / name
        if not path.is_file():
            known = scenario_names()
            hint = nearest(name, known)
            raise ScenarioError(
                f"there is no scenario {name!r}",
                where=loading[-1] if loading else "",
                allowed=f"a shipped name or the path of a TOML file; {hint}",
                fix="`partnersim scenarios` lists the shipped ones",
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise ScenarioError(f"{name} cannot be read: {problem}", where=name, fix="a scenario is a text file in UTF-8") from problem
        source, here, stem, folder = str(path), str(path.resolve()), path.stem, path.parent
    if here in loading:
        circle = " -> ".join((*loading[loading.index(here) :], here))
        raise ScenarioError(f"scenarios extend each other in a circle: {circle}", where=loading[-1], fix="let one of them stand alone")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:  # not TOML, a number of thousands of digits, or tables in tables without end
        raise ScenarioError(f"{source} is no valid TOML: {problem}", where=source, fix=HELP) from problem

    problems = Problems(source, key_lines(text))
    base = None
    if isinstance(data.get("extends"), str):
        base = _load(data["extends"], folder, (*loading, here))
    elif "extends" in data:
        problems.add(("extends",), f"extends = {data['extends']!r} is no name")
    return _build(data, stem, folder, base, problems)


def _build(data: Mapping[str, Any], name: str, folder: Path, base: Scenario | None, problems: Problems) -> Scenario:
    # here and not above: listing scenarios must not load the model
    from partnersim.scenarios.scenario import Scenario

    checked = fields_of(data, name, folder, base, problems)
    problems.check()
    return Scenario(**checked)


def fields_of(data: Mapping[str, Any], name: str, folder: Path, base: Scenario | None, problems: Problems) -> dict[str, Any]:
    """Return the fields of the scenario that a file's data lay over `base`, noting everything that is wrong."""
    from partnersim.scenarios.scenario import Scenario, checked_fields, laid_over

    for key in data:
        if key not in TOP:
            problems.add((key,), f"a scenario has no {key!r}", allowed=nearest(key, TOP))
    tables = {}
    for key in TABLES:
        tables[key] = data.get(key, {})
        if not isinstance(tables[key], Mapping):
            problems.add((key,), f"{key} = {tables[key]!r} is no table", fix=f"write [{key}] and its values below it")
            tables[key] = {}
    fields = (base if base is not None else Scenario(name=name)).fields()
    fields["name"] = name
    fields |= {key: data[key] for key in TEXTS if key in data}
    if "sources" in data:
        fields["sources"] = data["sources"] if not isinstance(data["sources"], list) else [*fields["sources"], *data["sources"]]
    for key, value in tables["district"].items():
        if key in (*DISTRICT, "words"):
            fields[key] = value
        else:
            problems.add(("district", key), f"a district has no {key!r}", allowed=nearest(key, (*DISTRICT, "words")))
    fields["start"] = laid_over(fields["start"], tables["start"])
    fields["parameters"] |= _flat(tables["parameters"])
    _mechanisms(tables["mechanisms"], folder, fields, problems)
    shift = len(fields["timeline"])
    if isinstance(data.get("timeline", []), list):
        fields["timeline"] = [*fields["timeline"], *data.get("timeline", [])]
    else:
        fields["timeline"] = data["timeline"]
    # events of the extended scenario come first, so the lines of this file's events move up by as many
    problems.lines = {(k[0], k[1] + shift, *k[2:]) if len(k) > 1 and isinstance(k[1], int) else k: n for k, n in problems.lines.items()}
    return checked_fields(fields, problems)


def _mechanisms(table: Mapping[str, Any], folder: Path, fields: dict[str, Any], problems: Problems) -> None:
    """`name = false` leaves a mechanism out, `true` takes it back in, a path brings one of the user's own."""
    left_out, own = list(fields["left_out"]), list(fields["mechanisms"])
    for name, value in table.items():
        if value is False and name not in left_out:
            left_out.append(name)
        elif value is True and name in left_out:
            left_out.remove(name)
        elif isinstance(value, str) and "\0" not in value:
            own.append(str(folder / value))
        elif not isinstance(value, bool):
            problems.add(
                ("mechanisms", name),
                f"{name} = {value!r} says neither yes nor no",
                allowed="false, true, or the path of a Python file",
            )
    fields["left_out"], fields["mechanisms"] = tuple(left_out), tuple(own)


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """`trust.gain = 1`, `"trust.gain" = 1` and `[parameters.trust]` all say the same."""
    out: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= {f"{key}.{inner}": number for inner, number in value.items()}
        else:
            out[key] = value
    return out


def _shipped(name: str) -> str:
    return files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
ASSIGNMENT = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def key_lines(text: str) -> dict[Key, int]:
    """Return the line of every table and key of a TOML text."""
    lines: dict[Key, int] = {}
    prefix: Key = ()
    events = -1
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            name = _bare(header[2])
            if header[1] == "[[":
                events += 1
                prefix = (name, events)
            else:
                table, _, inner = name.partition(".")
                prefix = (table, inner) if inner else (table,)
            lines.setdefault(prefix[:1], number)
            lines[prefix] = number
        elif assignment := ASSIGNMENT.match(line):
            name = _bare(assignment[1])
            if prefix[:1] == ("parameters",) and len(prefix) == 2:
                lines[("parameters", f"{prefix[1]}.{name}")] = number
            else:
                lines.setdefault((*prefix, name), number)
    return lines


def _bare(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in re.split(r"\s*\.\s*", name))
