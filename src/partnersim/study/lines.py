"""In which line of a study file a value stands: TOML's reader does not tell."""

from __future__ import annotations

import re

from partnersim.scenarios.problems import Key

NAME = re.compile(r"""\s*(?:([\w-]+)|"([^"]*)"|'([^']*)')\s*""")


def lines_of(text: str) -> dict[Key, int]:
    """Return the line of every table, row of tables and key: ("scenario", "shock", "timeline", 0, "side")."""
    lines: dict[Key, int] = {}
    rows: dict[Key, int] = {}
    table: Key = ()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.lstrip()
        brackets = 2 if stripped.startswith("[[") else 1 if stripped.startswith("[") else 0
        names, rest = _names(stripped[brackets:])
        if not names:
            continue
        if brackets and rest.startswith("]"):
            table = _inside(tuple(names), rows)
            if brackets == 2:
                rows[table] = rows.get(table, -1) + 1
                table = (*table, rows[table])
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        elif not brackets and rest.startswith("="):
            for length in range(1, len(names) + 1):
                lines.setdefault((*table, *names[:length]), number)
    return lines


def _names(text: str) -> tuple[list[str], str]:
    """The dotted names a line begins with, and what follows them."""
    names: list[str] = []
    while found := NAME.match(text):
        names.append(next(group for group in found.groups() if group is not None))
        text = text[found.end() :]
        if not text.startswith("."):
            break
        text = text[1:]
    return names, text


def _inside(names: tuple[str, ...], rows: dict[Key, int]) -> Key:
    """A table below a row of tables belongs to the last row."""
    out: Key = ()
    for n, name in enumerate(names):
        out = (*out, name)
        if out in rows and n < len(names) - 1:
            out = (*out, rows[out])
    return out
