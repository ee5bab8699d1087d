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

from partnersim.analysis.precision import decimals, short
from partnersim.errors import ResultError
from partnersim.model.patterns import CALIBRATION

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.attribution import Attribution
    from partnersim.comparison import Comparison
    from partnersim.results import RunSet
    from partnersim.sweeping.discovery import Discovery
    from partnersim.sweeping.sensitivity import Sensitivity
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
    warning = [Text(told, style="yellow")] if (told := short(result.summary())) else []
    done = Text(f"{result.seconds:.1f} seconds, {result.agent_months / 1e6:.1f} million person-months", style="dim")
    return Group(head, _survival(table), ends, _outcomes(table, result), read, *warning, done)


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


def _outcomes(table: pd.DataFrame, result: RunSet) -> Table:
    labels = {outcome.name: outcome for outcome in result.outcomes}
    out = _table("How they fare at the end")
    out.add_column("median", justify="right")
    out.add_column("middle 80 %", justify="right")
    out.add_column("unit")
    for group, title in STAKEHOLDERS.items():
        out.add_row(Text(result.scenario.say(title), style="bold"))
        for row in table.loc[[group]].itertuples():
            outcome = labels[row.quantity]
            out.add_row(f"  {outcome.label}", f"{row.value:.2f}", f"{row.low:.2f} to {row.high:.2f}", outcome.unit)
        if group != list(STAKEHOLDERS)[-1]:
            out.add_row()
    return out


def comparison(result: Comparison, names: list[str] | None = None) -> RenderableType:
    """Lay out a paired comparison."""
    table = result.summary(names)
    first = result.results[0]
    head = Text.assemble(
        (f"Compared with {result.baseline}", "bold"),
        f"\n{first.replicates} worlds of {first.years} years, seed {first.seed}, {result.values_used}; every scenario in the same worlds, "
        "with the same luck",
    )
    parts: list[RenderableType] = [head]
    for name in result.names[1:]:
        out = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        out.add_column(name, no_wrap=True)
        for title in ("baseline", "here", "difference", "95 % interval", "p", "runs saved"):
            out.add_column(title, justify="right", no_wrap=True)
        for row in table[table["scenario"] == name].itertuples():
            name_of = result.labels[row.outcome]
            unit = "" if row.unit.startswith(("share", "probability", "0/1")) else f" [{row.unit}]"
            style = "" if row.low <= 0 <= row.high else "bold"
            saved = f"x {row.runs_saved:.1f}" if row.runs_saved == row.runs_saved else "-"
            d = decimals([(row.high - row.low) / 2])
            out.add_row(
                Text(name_of + unit), f"{row.mean_baseline:.{d}f}", f"{row.mean:.{d}f}", Text(f"{row.difference:+.{d}f}", style=style),
                f"{row.low:+.{d}f} to {row.high:+.{d}f}", "<.001" if row.p < 0.001 else f"{row.p:.3f}", saved,
            )  # fmt: skip
        parts.append(out)
    parts += [Text(note, style="yellow") for note in result.notes]
    others = len(result.names) - 1
    together = f"; with {others} scenarios intervals are widened so that all {others} of an outcome hold together" if others > 1 else ""
    parts.append(
        Text(
            "How to read it: differences within the same worlds, so the luck that scenarios share is gone. Runs saved: how many times as "
            f"many runs an unpaired comparison would have needed{together}. Outcomes that are not lives are means of the last 24 months.",
            style="dim",
        )
    )
    return Group(*parts)


def attribution(result: Attribution, pairs: int = 8) -> RenderableType:
    """Lay out an attribution: factors, then the clearest pairs."""
    table = result.table()
    none, everything, difference = (table.attrs[name] for name in ("none", "all", "difference"))
    head = Text.assemble(
        (f"What sustains it: {result.title}", "bold"),
        f"\n{result.label()}: {_with_interval(none)} with none of the factors, {_with_interval(everything)} with all; "
        f"together {_with_interval(difference)}",
        f"\n{result.worlds} worlds, {result.runs} runs of {result.years} years, seed {result.seed}, {result.values_used}; "
        "the same luck with and without",
    )
    out = _table("factor")
    for title in ("adds", "95 % interval", "share"):
        out.add_column(title, justify="right")
    out.add_column("absent means")
    d = decimals((table["high"] - table["low"]) / 2)
    for row in table.itertuples():
        share = f"{100 * row.share:.0f} %" if row.share == row.share else ""
        style = "bold" if row.low > 0 or row.high < 0 else ""
        out.add_row(row.label, Text(f"{row.value:+.{d}f}", style=style), f"{row.low:+.{d}f} to {row.high:+.{d}f}", share, row.without)
    parts: list[RenderableType] = [head, out]
    parts += [Text(note, style="yellow") for note in result.notes]
    if result.can_pair:
        found = result.interactions()
        clear = found[found["kind"] != "unclear"].head(pairs)
        reach = float(((found["high"] - found["low"]) / 2).median())
        d = decimals([reach])
        two = _table("factors that go together")
        two.add_column("more or less than the sum", justify="right")
        two.add_column("95 % interval", justify="right")
        two.add_column("")
        for row in clear.itertuples():
            pair = f"{result.labels[row.first]} + {result.labels[row.second]}"
            two.add_row(pair, f"{row.value:+.{d}f}", f"{row.low:+.{d}f} to {row.high:+.{d}f}", row.kind)
        if len(clear):
            parts.append(two)
        shown = f", {len(clear)} shown" if len(clear) < int((found["kind"] != "unclear").sum()) else ""
        count = int((found["kind"] != "unclear").sum())
        told = f"{count} of {len(found)} pairs are clear of 0{shown}{'; 5 % of these are false on average' if count else ''}. "
        told += f"A typical pair is known to within {reach:.{d}f} {table['unit'].iloc[0]}: more worlds tell finer ones."
        parts.append(Text(told, style="dim"))
    parts.append(
        Text(
            "How to read it: adds = Shapley value, what a factor adds averaged over all orders of arrival; the values add up. It compares "
            "with the factor's absent level and holds for this scenario, not for partnerships at large. "
            f"{result.seconds:.0f} seconds",
            style="dim",
        )
    )
    return Group(*parts)


def sensitivity(result: Sensitivity) -> RenderableType:
    """Lay out a sensitivity analysis."""
    head = Text.assemble(
        (f"What matters ({result.method}): {result.title}", "bold"),
        f"\n{result.label}; {result.runs} runs of {result.years} years, {result.replicates} worlds a point, seed {result.seed}, "
        f"{result.values_used} where nothing is moved",
    )
    rows: list[tuple[str, ...]] = []
    for row in result.table.to_dict("records"):

        def within(name: str, row: dict[Any, Any] = row) -> str:
            low, high = ("low", "high") if name == "effect" else (f"{name}_low", f"{name}_high")
            return _with_interval((row[name], row[low], row[high]))

        if result.method == "tornado":
            rows.append((row["parameter"], f"{row['low_level']:.3g}", within("at_low"), f"{row['high_level']:.3g}", within("at_high")))
        elif result.method == "morris":
            rows.append((row["parameter"], within("effect"), f"{row['direction']:+.3g}", f"{row['spread']:.3g}"))
        else:
            rows.append((row["parameter"], within("first"), within("total")))
    titles = {
        "tornado": ("parameter", "low end", "difference", "high end", "difference"),
        "morris": ("parameter", "effect", "direction", "spread"),
        "sobol": ("parameter", "alone (first)", "with others (total)"),
    }[result.method]
    return Group(head, plain(rows, titles), *(Text(note, style="yellow") for note in result.notes))


def discovery(result: Discovery) -> RenderableType:
    """Lay out a discovery."""
    head = Text.assemble(
        (f"Under which conditions {result.what}: {result.title}", "bold"),
        f"\n{len(result.design)} points, {result.runs} runs of {result.years} years, seed {result.seed}, {result.values_used} where "
        f"nothing is moved; {result.what} in {_share_of(result.share)} of runs",
    )
    found = [Text(f"- {box.sentence}") for box in result.found] or [Text("- No box of conditions stands out.")]
    rows = [
        (row.parameter, f"{row.score:.3f}", f"{row.low:.3f} to {row.high:.3f}", "" if row.low > row.chance else "not above noise")
        for row in result.scores.itertuples()
    ]
    scored = plain(rows, ("parameter", "score", "range", ""))
    told = "Boxes and branches were found on one half of the points and measured on the other."
    leaves = [Text(f"- {box.sentence}") for box in result.leaves if box.clear]
    count = f"{len(leaves)} of its {len(result.leaves)} branches differ clearly from the whole{':' if leaves else '.'}"
    divided = [Text(f"\nEverything divided by a tree: {count}"), *leaves] if result.leaves else []
    parts: list[RenderableType] = [head, Text(""), *found, *divided, Text(told, style="dim"), scored]
    notes = [Text(note, style="yellow") for note in result.notes]
    try:
        reading = result.cox()
    except ResultError:  # the notes say why
        return Group(*parts, *notes)
    risk = Text(
        "\n".join([f"The risk of dying, all else equal (concordance {reading.concordance:.2f})", *map("- {}".format, reading.sentences)])
    )
    return Group(*parts, risk, *notes)


def factors(rows: list[dict[str, str]]) -> RenderableType:
    """Lay out the factors and what their absence means."""
    return plain([tuple(row.values()) for row in rows], ("factor", "in words", "absent means", "settings"))


def _with_interval(level: tuple[float, float, float]) -> str:
    return f"{level[0]:.3g} [{level[1]:.3g}, {level[2]:.3g}]"


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


def _share_of(level: tuple[float, float, float]) -> str:
    return f"{100 * level[0]:.0f} % [{100 * level[1]:.0f}-{100 * level[2]:.0f}]"
