"""What the command line prints: the tables of a result, made to be read."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rich import box
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from partnersim.model.outcomes import OUTCOMES
from partnersim.model.patterns import CALIBRATION

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.results import RunSet
    from partnersim.validation.checks import Validation

STAKEHOLDERS = {
    "partnership": "Partnership",
    "people": "People who run it",
    "members": "Members",
    "district": "District",
}
EVIDENCE = {
    "E": "E: events and their rates",
    "I": "I: how things stand at the start",
    "F": "F: what follows from what",
    "S": "S: how long partnerships and programmes last",
    "N": "N: networks",
    "P": "P: patterns that a credible model should show, with the tolerance chosen for each",
}
STANDING = (
    "standing: seen = read by the authors, as a rule in an abstract, a summary, slides or the news and not in the whole paper; "
    "from memory = known, not looked up; assumption = a size, or a pattern's tolerance, that the authors chose; "
    "derived = calculated or concluded from what was seen."
)


def summary(result: RunSet) -> RenderableType:
    """Lay out the summary of a run."""
    table = result.summary().set_index("section")
    head = Text.assemble(
        (result.title, "bold"),
        f"\n{result.replicates} runs of {result.years} years, seed {result.seed}, {result.values_used}",
    )
    read = Text(
        "How to read it: practice = people really work together, form = it exists on paper. [..] is the 95 % "
        "confidence interval over runs; for outcomes (means of the last 24 months) it holds the middle 80 % of runs.",
        style="dim",
    )
    ends = Columns(
        [_shares(table, "regime", "How runs end"), _shares(table, "cause of death", "What ended practice")],
        padding=(0, 4),
    )
    done = Text(f"{result.seconds:.1f} seconds, {result.agent_months / 1e6:.1f} million person-months", style="dim")
    return Group(head, _survival(table), ends, _outcomes(table), read, done)


def study(table: pd.DataFrame) -> RenderableType:
    """Lay out the summary of a study: how long practice lives, and how runs end, by scenario."""
    out = _table("Over all points and replicates")
    wanted = [f"alive at {age} months" for age in (12, 60, 120, 240)]
    scenarios = list(dict.fromkeys(table["scenario"]))
    for name in scenarios:
        out.add_column(name, justify="right")
    rows = table.set_index(["section", "quantity", "scenario"])
    for section, quantity in [
        *(("practice", q) for q in wanted),
        *(("regime", q) for q in dict.fromkeys(table.loc[table["section"] == "regime", "quantity"])),
    ]:
        cells = [_share(rows.loc[(section, quantity, name)]) if (section, quantity, name) in rows.index else "" for name in scenarios]
        if any(cells):
            out.add_row(f"{section} {quantity}" if section == "practice" else f"ends {quantity}", *cells)
    return out


def _survival(table: pd.DataFrame) -> Table:
    out = _table("Still alive after")
    lives = {by: table.loc[[by]].set_index("quantity") for by in ("practice", "form")}
    for by, rows in lives.items():
        born = rows.loc["ever born", "value"]
        out.add_column(f"{by}" + ("" if born == 1 else f"\n(born in {born:.0%})"), justify="right")
    for age in (12, 36, 60, 120, 240):
        key = f"alive at {age} months"
        cells = [_share(rows.loc[key]) if key in rows.index else "" for rows in lives.values()]
        if any(cells):
            out.add_row(f"{age // 12} year{'s' if age > 12 else ''}", *cells)
    return out


def _shares(table: pd.DataFrame, section: str, title: str) -> Table:
    out = _table(title)
    out.add_column("runs", justify="right")
    out.add_column("share", justify="right")
    if section not in table.index:
        out.add_row("nothing ended it", "", "")
        return out
    for row in table.loc[[section]].itertuples():
        out.add_row(row.quantity, str(row.n), _interval(row.value, row.low, row.high))
    return out


def _outcomes(table: pd.DataFrame) -> Table:
    labels = {outcome.name: outcome for outcome in OUTCOMES}
    out = _table("How they fare at the end")
    out.add_column("median", justify="right")
    out.add_column("middle 80 %", justify="right")
    out.add_column("unit")
    for group, title in STAKEHOLDERS.items():
        out.add_row(Text(title, style="bold"))
        for row in table.loc[[group]].itertuples():
            outcome = labels[row.quantity]
            out.add_row(f"  {outcome.label}", f"{row.value:.2f}", f"{row.low:.2f} to {row.high:.2f}", outcome.unit)
        if group != list(STAKEHOLDERS)[-1]:
            out.add_row()
    return out


def evidence() -> dict[str, dict[str, str]]:
    """Return the facts and patterns behind the parameters by label: label, what, value, source, standing."""
    with files("partnersim.model").joinpath("evidence.csv").open(encoding="utf-8") as file:
        return {row["label"]: row for row in csv.DictReader(file)}


def facts(rows: list[dict[str, str]]) -> RenderableType:
    """Lay out rows of the evidence by kind."""
    parts: list[RenderableType] = []
    for kind, heading in EVIDENCE.items():
        out = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=True)
        out.add_column("label", width=5)
        out.add_column("what", ratio=3)
        out.add_column("value", ratio=3)
        out.add_column("source", ratio=3)
        out.add_column("standing", width=11)
        for row in rows:
            if row["label"].startswith(kind):
                out.add_row(*(Text(cell) for cell in row.values()))
        parts += [Text(heading, style="bold"), out]
    return Group(*parts, Text(STANDING, style="dim"))


def fact(row: dict[str, str]) -> RenderableType:
    """Lay out one row of the evidence, line by line."""
    out = Table.grid(padding=(0, 2))
    for title, cell in row.items():
        out.add_row(Text(title, style="bold"), Text(cell))
    return Group(out, "", Text(STANDING, style="dim"))


def patterns(found: Validation) -> RenderableType:
    """Lay out the patterns as measured: every target, and for a miss what the model lacks."""
    table = _table("pattern")
    for title in ("target", "measured", ""):
        table.add_column(title, justify="right" if title == "measured" else "left")
    for check in found.checks:
        style, word = ("green", "met") if check.passes else ("red", "MISSED")
        use = "fitted" if check.pattern.use == CALIBRATION else "kept for checking"
        table.add_row(Text(f"{check.pattern.id}  {check.pattern.name}", style="bold"), "", "", Text(f"{word} ({use})", style=style))
        for r in check.results:
            said = Text(f"{r.measured:.3g} [{r.low:.2g}, {r.high:.2g}]", style="" if r.passes else "red")
            table.add_row(Text(f"    {r.target.statistic}"), r.target.text, said, "")
        if not check.passes and check.pattern.lacks:
            table.add_row(Text(f"    {check.pattern.lacks}", style="dim"), "", "", "")
    met = sum(check.passes for check in found.checks)
    head = Text.assemble((f"{met} of {len(found.checks)} patterns met", "bold"), f"\n{found.note}")
    read = Text(
        "A pattern is met if the estimates of all its targets lie in their ranges; [..] is the 95 % interval. "
        "Fitted: used for the calibration. Sources: `partnersim evidence P5`.",
        style="dim",
    )
    return Group(head, table, read)


def learnt(rows: pd.DataFrame, members: int) -> RenderableType:
    """Lay out what a calibration says about each parameter."""
    table = _table("parameter")
    for title in ("prior", "accepted: middle 90 %", "median", "spread, of the prior's", ""):
        table.add_column(title, justify="right")
    for row in rows.itertuples():
        table.add_row(
            row.parameter, f"{row.prior_low:g} to {row.prior_high:g}", f"{row.q05:.3g} to {row.q95:.3g}", f"{row.median:.3g}",
            f"{row.spread:.2f}", "" if row.identified else "not identified",
        )  # fmt: skip
    return Group(Text(f"{members} parameter vectors accepted", style="bold"), table)


def plain(rows: list[tuple[Any, ...]], titles: tuple[str, ...]) -> Table:
    """A table of texts."""
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for title in titles:
        out.add_column(title, overflow="fold")
    for row in rows:
        out.add_row(*(Text(str(cell)) for cell in row))
    return out


def console(*, error: bool = False) -> Console:
    """Where tables go; wide enough to stay whole in a file."""
    found = Console(stderr=error, highlight=False)
    return found if found.is_terminal else Console(stderr=error, highlight=False, width=max(found.width, 120))


def _table(title: str) -> Table:
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    out.add_column(title)
    return out


def _share(row: pd.Series) -> str:
    return _interval(row["value"], row["low"], row["high"])


def _interval(value: float, low: float, high: float) -> str:
    return f"{100 * value:3.0f} % [{100 * low:.0f}-{100 * high:.0f}]"
