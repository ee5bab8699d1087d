"""Where the model's answers come from, as a page: each part with what was asked, how, what was found, and its tables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from partnersim import __version__
from partnersim.report.markdown import bullets, escape, fill, from_docstring, number, table, written
from partnersim.validation.anatomy import ablation, dispositions, interests, levers, numerics, thresholds, variance
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Part, Table, listed, short

PARTS: dict[str, ModuleType] = {
    "variance": variance, "ablation": ablation, "dispositions": dispositions, "levers": levers, "interests": interests,
    "thresholds": thresholds, "numerics": numerics,
}  # fmt: skip
"""Parts of the page in order: the module that plays and measures each, with a function `part(bench)`."""


def measured(bench: Bench, names: Sequence[str] = (), begin: Callable[[str], None] = lambda name: None) -> list[Part]:
    """Play and measure the parts named, or all."""
    out = []
    for name, module in PARTS.items():
        if name in names or not names:
            begin(name)
            out.append(module.part(bench))
    return out


def page(parts: Sequence[Part], bench: Bench) -> str:
    """Return the parts as a Markdown page."""
    return "\n\n".join([_head(parts, bench), *(_part(part) for part in parts)]) + "\n"


def as_data(parts: Sequence[Part], bench: Bench) -> dict[str, Any]:
    """Return the parts as data."""
    return {"version": __version__, "seed": bench.seed, "members": bench.members, "parts": [part.as_data() for part in parts]}


def _head(parts: Sequence[Part], bench: Bench) -> str:
    absent = [name for name in PARTS if name not in {part.name for part in parts}]
    values = "at the default parameters" if bench.members == 1 else f"over a band of {bench.members} calibrated parameter vectors"
    return fill(
        written("anatomy"),
        {
            "version": lambda: __version__,
            "values": lambda: values,
            "seed": lambda: str(bench.seed),
            "replicates": lambda: f"{bench.sizes.replicates:,}",
            "fine": lambda: f"{bench.sizes.fine:,}",
            "parts": lambda: number(len(PARTS)),
            "absent": lambda: f" Not played for this page: {listed(absent)}." if absent else "",
        },
        {},
    ).strip()


def _part(part: Part) -> str:
    how = from_docstring(inspect.getdoc(PARTS[part.name]) or "")
    tables = "\n\n".join(_table(one) for one in part.tables)
    return f"## {escape(part.title)}\n\n*{escape(part.asked)}*\n\n{bullets(map(escape, part.sentences))}\n\n**How.** {how}\n\n{tables}"


def _table(one: Table) -> str:
    rows = ((_cell(cell) for cell in row) for row in one.rows)
    return f"{escape(one.caption)}\n\n{table([escape(title) for title in one.titles], [list(row) for row in rows])}"


def _cell(cell: object) -> str:
    return short(cell) if isinstance(cell, float) else escape(str(cell))
