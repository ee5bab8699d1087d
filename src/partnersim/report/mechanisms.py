"""What a mechanism's file says of itself, section by section."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from types import ModuleType

from partnersim.scenarios.declared import plan

HEADING = re.compile(r"^(\S.*)\n(?=    \S)", re.MULTILINE)
NUMBERED = re.compile(r"^(.+?)(?: \(M(\d+)\))?: ")


@dataclass(frozen=True)
class Description:
    """The docstring of a mechanism: its title, number (0 if it has none), first line, and sections by heading."""

    name: str
    title: str
    number: int
    headline: str
    opening: str
    sections: dict[str, str]


def describe(module: ModuleType, name: str) -> Description:
    """Return what a module's docstring says."""
    text = inspect.getdoc(module) or ""
    first, _, rest = text.partition("\n")
    found = NUMBERED.match(first)
    title, number = (found[1], int(found[2] or 0)) if found else (name, 0)
    opening, *cut = HEADING.split("\n" + rest)
    sections = dict(zip(cut[::2], cut[1::2], strict=True))
    headline = first[found.end() :] if found else first
    return Description(name, title, number, headline, opening.strip("\n"), sections)


def descriptions() -> dict[str, Description]:
    """Return all mechanisms in the order of their numbers; those without come last."""
    found = [describe(module, name) for name, module in plan().modules.items()]
    return {one.name: one for one in sorted(found, key=lambda one: (one.number == 0, one.number, one.name))}
