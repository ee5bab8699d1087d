"""The command line. Heavy imports stand inside the commands, so that help and lists come at once."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from partnersim import __version__
from partnersim.errors import ParameterError, PartnersimError, RunError, nearest

if TYPE_CHECKING:
    from partnersim.scenarios.scenario import Scenario

app = typer.Typer(
    name="partnersim",
    help="Simulate why union-management partnerships live or die.\n\nStart with: partnersim run typical-district",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
scenarios_app = typer.Typer(
    help="List the shipped scenarios, or show one.\n\nExample: partnersim scenarios show abc-unified",
    rich_markup_mode=None,
)
app.add_typer(scenarios_app, name="scenarios")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Years = Annotated[int, typer.Option(help="Length of each run, 1 to 100.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same worlds in every scenario.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="mechanism.parameter=value, start.column=value, start.column.tier=value or district.sites=value. May be repeated.",
    ),
]
Without = Annotated[list[str] | None, typer.Option("--without", metavar="MECHANISM", help="A mechanism to leave out. May be repeated.")]
ScenarioName = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A shipped name (see `partnersim scenarios`) or the path of a TOML file."),
]

OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file.")]

SLOW = 2.0
"""Seconds after which a progress bar appears."""


def main() -> None:
    """Run the command line: exit status 2 for a user's mistake, 1 for a failed run."""
    try:
        app()
    except PartnersimError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, RunError) else 2)


def _version(asked: bool) -> None:
    if asked:
        print(f"partnersim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@scenarios_app.callback(invoke_without_command=True)
def scenarios(context: typer.Context, as_json: Json = False) -> None:
    """List the shipped scenarios.

    Example: partnersim scenarios
    """
    if context.invoked_subcommand is not None:
        return
    from partnersim.scenarios.files import headline, scenario_names

    found = {name: headline(name) for name in scenario_names()}
    if as_json:
        _print_json([{"name": name, "title": title, "summary": summary} for name, (title, summary) in found.items()])
        return
    width = max(map(len, found))
    for name, (title, _) in found.items():
        print(f"{name:<{width}}  {title}")


@scenarios_app.command("show")
def show(scenario: ScenarioName, as_json: Json = False) -> None:
    """Print a scenario in full, with its sources.

    Example: partnersim scenarios show abc-unified
    """
    from partnersim.scenarios.files import load_scenario

    found = load_scenario(scenario)
    if as_json:
        _print_json(found.fields())
    else:
        print(found.to_toml(), end="")


@scenarios_app.command("events")
def events(as_json: Json = False) -> None:
    """List the dated events a scenario's timeline can hold, with their arguments.

    Example: partnersim scenarios events
    """
    from partnersim.model.timeline import EVENTS

    if as_json:
        from dataclasses import asdict

        _print_json([{"event": name, **asdict(event)} for name, event in EVENTS.items()])
        return
    for name, event in EVENTS.items():
        print(f"{name}: {event.meaning}")
        for key, argument in event.arguments.items():
            needed = "" if argument.default is None else "; may be left out"
            print(f"    {key:<15}{argument.meaning} ({argument.allowed}{needed})")
        print()
    print("set: A parameter has another value from its month on (levers and world parameters, not conventions).")
    print(f"    {'parameter':<15}mechanism.parameter")
    print(f"    {'value':<15}a number within the bounds of the parameter")


@app.command()
def run(
    scenario: ScenarioName,
    replicates: Annotated[int, typer.Option(help="Number of possible worlds.")] = 200,
    years: Years = 20,
    seed: Seed = 1,
    settings: Settings = None,
    without: Without = None,
    point: Annotated[
        bool,
        typer.Option("--point", help="Use the default parameter values, the only ones until a calibrated band is shipped."),
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Threads; all cores when left out. Changes only the time.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write tables, figures and provenance to this new or empty folder."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate a scenario many times and sum it up.

    Examples:

    partnersim run abc-unified --replicates 500 --out abc

    partnersim run adversarial --set support.launch=1 --without networks
    """
    from partnersim import saving
    from partnersim.simulate import run as simulate

    chosen = _variant(scenario, settings, without)
    if out is not None:
        wanted = saving.identity(chosen, replicates=replicates, years=years, seed=seed)
        if saving.is_there(out, wanted):
            _say(f"{out} holds this very run already: nothing was done")
            if as_json:
                print((out / saving.SUMMARY).read_text(encoding="utf-8"), end="")
            return
    _tell_of_compiling(chosen)
    late = [event for event in chosen.timeline if int(str(event["at_month"])) > 12 * years]
    if late:
        _say(f"note: events of the timeline after the end of the runs: {len(late)}")
    with _progress(replicates) as advance:
        result = simulate(chosen, replicates=replicates, years=years, seed=seed, workers=workers, progress=advance)
    if out is not None:
        result.save(out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(result.to_json())
    else:
        from partnersim import tables

        tables.console().print(tables.summary(result))


@app.command()
def explain(
    scenario: ScenarioName,
    replicate: Annotated[int, typer.Option(help="Which possible world, from 0.")] = 7,
    years: Years = 20,
    seed: Seed = 1,
    settings: Settings = None,
    without: Without = None,
    months: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Also say month by month what moved trust and will, for example 25:36.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell one run as a dated story, and say by mechanism what moved trust and the will to collaborate, up to its end.

    Example: partnersim explain abc-unified --replicate 7
    """
    from partnersim.story import tell

    shown = _span(months) if months is not None else None
    chosen = _variant(scenario, settings, without)
    _tell_of_compiling(chosen)
    story = tell(chosen, replicate=replicate, seed=seed, years=years)
    by_month = story.month_by_month(*shown) if shown is not None else ""
    if as_json:
        _print_json(story.to_json())
    else:
        print(story, end="")
        print(f"\n{by_month}" if by_month else "", end="")


@app.command()
def params(
    mechanism: Annotated[str | None, typer.Option(help="Only this mechanism, with the source of each value.")] = None,
    as_json: Json = False,
) -> None:
    """List every parameter with unit, default, bounds, role, status and source.

    Example: partnersim params --mechanism trust
    """
    from partnersim.scenarios.declared import plan as declared

    mechanisms = declared().mechanisms
    if mechanism is not None and mechanism not in mechanisms:
        raise ParameterError(f"there is no mechanism {mechanism!r}", allowed=nearest(mechanism, mechanisms))
    shown = {name: m for name, m in mechanisms.items() if mechanism in (None, name)}
    if as_json:
        from dataclasses import asdict

        _print_json([{"mechanism": name, **asdict(p)} for name, m in shown.items() for p in m.parameters])
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


@app.command()
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
        _print_json(known[label.upper()] if label else list(known.values()))
    else:
        tables.console().print(tables.fact(known[label.upper()]) if label else tables.facts(list(known.values())))


@app.command()
def plan(as_json: Json = False) -> None:
    """Show the order of a month: what each step does, reads, writes and draws.

    Example: partnersim plan
    """
    from partnersim.scenarios.declared import plan as declared

    steps = declared().describe()
    if as_json:
        _print_json(steps)
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


@app.command()
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
    _document(text, report.as_json, out, as_json)


@app.command()
def card(out: OutFile = None, as_json: Json = False) -> None:
    """Print the model card: what the model is for and what not, what it rests on, its limits and known misses.

    Example: partnersim card --out model-card.md
    """
    from partnersim.report import card as report

    _document(report.card(), report.as_json, out, as_json)


@app.command("app")
def classroom(
    port: Annotated[int, typer.Option(help="Port to listen on, 1 to 65535.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on; anything but 127.0.0.1 lets others in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Open the classroom page in the browser: two districts on the same luck, for a class; works with no internet.

    Example: partnersim app
    """
    from partnersim.app.serve import serve
    from partnersim.scenarios.files import load_scenario

    if not 1 <= port <= 65535:
        raise PartnersimError(f"{port} is no port", where="--port", allowed="1 to 65535")
    _tell_of_compiling(load_scenario("typical-district"))
    serve(host=host, port=port, open_browser=browser)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Test this installation: versions, cores, cache, known answers and speed.

    Example: partnersim doctor
    """
    from partnersim.doctor import examine
    from partnersim.scenarios.files import load_scenario

    _tell_of_compiling(load_scenario("typical-district"))
    found = examine()
    if as_json:
        _print_json(found)
    else:
        for name, passed in found["tests"].items():
            print(f"{'ok  ' if passed else 'FAIL'}  {name}")
        print(f"\n{', '.join(f'{name} {number}' for name, number in found['versions'].items())}")
        compiled = "compiled before" if found["compiled"] else "compiled now"
        print(f"cache {found['cache']} ({compiled}); first run {found['first_run_seconds']} s")
        print(f"model {found['kernel'][:12]}, commit {found['commit'] or 'unknown'}")
        speed, ratio = found["runs_per_second"], found["runs_per_control_loop"]
        print(f"{found['cores']} cores: {speed} runs of 20 years a second, {ratio} in a fixed control loop")
    if not found["healthy"]:
        raise typer.Exit(1)


def _variant(name: str, settings: list[str] | None, without: list[str] | None) -> Scenario:
    """Load a scenario and lay the options over it."""
    from partnersim.scenarios.files import DISTRICT, load_scenario

    chosen = load_scenario(name)
    district: dict[str, Any] = {}
    start: dict[str, Any] = {}
    parameters: dict[str, float] = {}
    for setting in settings or ():
        key, equals, text = setting.partition("=")
        table, _, column = key.strip().partition(".")
        try:
            number = float(text)
        except ValueError:
            equals = ""
        if not equals or not column:
            raise ParameterError(f"--set {setting} is not understood", allowed="key=number, for example --set succession.outside=0")
        if table == "district":
            if column not in DISTRICT:
                raise ParameterError(f"a district has no {column!r}", where=f"--set {setting}", allowed=nearest(column, DISTRICT))
            district[column] = int(number) if number == int(number) else number
        elif table == "start":
            column, _, tier = column.partition(".")
            if tier:
                known = start.setdefault(column, {})
                start[column] = (known if isinstance(known, dict) else {}) | {tier: number}
            else:
                start[column] = number
        else:
            parameters[key.strip()] = number
    if district or start or parameters:
        chosen = chosen.replace(**district, start=start, parameters=parameters)
    return chosen.without(*without) if without else chosen


def _span(months: str) -> tuple[int, int]:
    """Read FIRST:LAST, or one month."""
    first, _, last = months.partition(":")
    try:
        return int(first), int(last or first)
    except ValueError:
        raise ParameterError(f"{months} is no span of months", where="--months", allowed="FIRST:LAST, for example 25:36") from None


def _document(text: str, as_data: Callable[[str], dict[str, Any]], out: Path | None, as_json: bool) -> None:
    """Print a document, or write it to a file."""
    if as_json:
        text = json.dumps(as_data(text), indent=1, allow_nan=False, default=dict) + "\n"
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise PartnersimError(
            f"{out} cannot be written: {problem.strerror}", where="--out", fix="name a file in a folder that exists"
        ) from problem
    _say(f"wrote {out}")


def _tell_of_compiling(scenario: Scenario) -> None:
    if not scenario.plan.is_cached:
        _say("the model is compiled, once for this version; this takes up to a minute ...")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_json(document: object) -> None:
    print(json.dumps(document, indent=1, allow_nan=False, default=dict))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, for a person who has waited a little; nothing for a file."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress("runs", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task("runs", total=total)
    began = time.monotonic()

    def advance(done: int) -> None:
        if not bar.live.is_started and time.monotonic() - began > SLOW:
            bar.start()
        bar.update(task, completed=done)

    try:
        yield advance
    finally:
        bar.stop()


if __name__ == "__main__":
    main()
