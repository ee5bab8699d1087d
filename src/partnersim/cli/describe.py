"""What the model is: `params`, `evidence`, `plan`, `odd`, `card`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnersim.cli.feedback import document, print_json
from partnersim.cli.options import Json, OutFile, With
from partnersim.errors import ParameterError, PartnersimError, nearest

if TYPE_CHECKING:
    from partnersim.engine.compose import Plan


def params(
    mechanism: Annotated[str | None, typer.Option(help="Only this mechanism, with the source of each value.")] = None,
    own: With = None,
    as_json: Json = False,
) -> None:
    """List every parameter with unit, default, bounds, role, status and source.

    Example: partnersim params --mechanism trust
    """
    mechanisms = _plan(own).mechanisms
    if mechanism is not None and mechanism not in mechanisms:
        raise ParameterError(f"there is no mechanism {mechanism!r}", allowed=nearest(mechanism, mechanisms))
    shown = {name: m for name, m in mechanisms.items() if mechanism in (None, name)}
    if as_json:
        from dataclasses import asdict

        print_json([{"mechanism": name, **asdict(p)} for name, m in shown.items() for p in m.parameters])
        return
    from partnersim import tables

    to = tables.console()
    for name, m in shown.items():
        rows: list[tuple[Any, ...]] = []
        for p in m.parameters:
            low, high = p.bounds
            row = (f"{name}.{p.name}", f"{p.default:g}", f"{low:g} to {high:g}", p.unit, p.role, p.status, p.meaning)
            rows.append((*row, p.source) if mechanism else row)
        titles = (
            "parameter",
            "default",
            "bounds",
            "unit",
            "role",
            "status",
            "meaning",
            *(("source",) if mechanism else ()),
        )
        to.print(f"[bold]{name}[/]: {m.claim}")
        to.print(tables.plain(rows, titles) if rows else "  no parameters\n")
    to.print("Labels in the sources, such as E15 or F18, are explained by `partnersim evidence`.")


def evidence(
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="Only this label, for example F18.")] = None,
    as_json: Json = False,
) -> None:
    """Say what the labels in sources mean: the fact, its size, where it comes from and how well it is known.

    Example: partnersim evidence F18
    """
    from partnersim import tables

    known = tables.evidence()
    if label is not None and label.upper() not in known:
        raise PartnersimError(f"there is no evidence label {label!r}", allowed=nearest(label.upper(), known))
    if as_json:
        print_json(known[label.upper()] if label else list(known.values()))
    else:
        tables.console().print(tables.fact(known[label.upper()]) if label else tables.facts(list(known.values())))


def plan(own: With = None, as_json: Json = False) -> None:
    """Show the order of a month: what each step does, reads, writes and draws.

    Example: partnersim plan
    """
    steps = _plan(own).describe()
    if as_json:
        print_json(steps)
        return
    part = ""
    headings = {"opening": "At the start", "month": "Every month", "observe": "Then measured"}
    for number, row in enumerate(steps, 1):
        if row["part"] != part:
            part = row["part"]
            print(f"{headings[part]}\n")
        print(f"{number:>3}  {row['step']}: {row['does']}")
        for label in ("reads", "writes", "adds", "resets", "draws"):
            if row[label]:
                print(f"       {label:<7}{', '.join(row[label])}")
        print()


def odd(
    out: OutFile = None,
    summary: Annotated[bool, typer.Option("--summary", help="One to two pages, for a paper.")] = False,
    as_json: Json = False,
) -> None:
    """Describe the model after the ODD protocol, in Markdown: from the code, with short parts by hand.

    Example: partnersim odd --out odd.md
    """
    from partnersim.report import odd as report

    text = report.summary() if summary else report.odd()
    document(text, report.as_json, out, as_json)


def card(out: OutFile = None, as_json: Json = False) -> None:
    """Print the model card: what the model is for and what not, what it rests on, its limits and known misses.

    Example: partnersim card --out model-card.md
    """
    from partnersim.report import card as report

    document(report.card(), report.as_json, out, as_json)


def _plan(own: list[Path] | None) -> Plan:
    """The month of the model, with the user's own mechanisms in it."""
    from partnersim.scenarios.declared import plan as declared

    return declared(tuple(str(file.resolve()) for file in own or ()))
