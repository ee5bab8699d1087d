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
    from partnersim.study.runner import Tally
    from partnersim.study.study import Study

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
Point = Annotated[bool, typer.Option("--point", help="Use the default parameters and not the band of calibrated ones.")]
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
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
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
    point: Point = False,
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
    from partnersim.model import band
    from partnersim.simulate import run as simulate

    chosen = _variant(scenario, settings, without)
    if out is not None:
        wanted = saving.identity(chosen, replicates=replicates, years=years, seed=seed, band=band.choose(point=point))
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
        result = simulate(chosen, replicates=replicates, years=years, seed=seed, point=point, workers=workers, progress=advance)
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
    point: Point = False,
    months: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Also say month by month what moved trust and will, for example 25:36.")
    ] = None,
    what_if: Annotated[
        bool,
        typer.Option("--what-if", help="Also say when the run was lost and which single change would have saved it; a minute or two."),
    ] = False,
    futures: Annotated[int, typer.Option(help="With --what-if: futures with fresh luck at each look.")] = 40,
    as_json: Json = False,
) -> None:
    """Tell one run as a dated story, and say by mechanism what moved trust and the will to collaborate, up to its end.

    Examples:

    partnersim explain abc-unified --replicate 7

    partnersim explain abc-unified --replicate 7 --what-if
    """
    from partnersim.story import tell

    shown = _span(months) if months is not None else None
    chosen = _variant(scenario, settings, without)
    _tell_of_compiling(chosen)
    story = tell(chosen, replicate=replicate, seed=seed, years=years, point=point)
    by_month = story.month_by_month(*shown) if shown is not None else ""
    turning = None
    if what_if:
        from partnersim.turning import turning_points

        with _progress(None) as advance:
            turning = turning_points(chosen, replicate=replicate, seed=seed, years=years, futures=futures, progress=advance)
    if as_json:
        _print_json(story.to_json() | ({"what_if": turning.to_json()} if turning is not None else {}))
    else:
        print(story, end="")
        print(f"\n{by_month}" if by_month else "", end="")
        print(f"\nWHAT IF\n{turning}" if turning is not None else "", end="")


@app.command()
def compare(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="A B ...", help="The baseline and the scenarios to compare with it: names or files.")
    ],
    replicates: Annotated[int, typer.Option(help="Number of possible worlds, the same for all.")] = 200,
    years: Years = 20,
    seed: Seed = 1,
    outcome: Annotated[list[str] | None, typer.Option(help="Compare this outcome; may be repeated. A choice of ten when left out.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Compare scenarios with the first one, world by world on the same luck.

    Example: partnersim compare abc-unified outsider-superintendent
    """
    from partnersim.comparison import compare as compared
    from partnersim.scenarios.files import load_scenario

    chosen = [load_scenario(name) for name in scenarios]
    _tell_of_compiling(chosen[0])
    with _progress(replicates * len(chosen)) as advance:
        result = compared(chosen, replicates=replicates, years=years, seed=seed, progress=advance)
    if out is not None:
        from partnersim import writing

        writing.comparison(result, out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(result.to_json())
    else:
        from partnersim import tables

        tables.console().print(tables.comparison(result, outcome))


@app.command()
def attribute(
    scenario: Annotated[str | None, typer.Argument(metavar="SCENARIO", help="A shipped name or the path of a TOML file.")] = None,
    outcome: Annotated[
        str, typer.Option(help="practice_alive_months, form_alive_months, practice_alive or any recorded outcome.")
    ] = "practice_alive_months",
    factors: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Factors by name; `list` prints them. All sixteen when left out.")
    ] = None,
    replicates: Annotated[int, typer.Option(help="Number of possible worlds; sixteen factors take 32 runs in each.")] = 128,
    years: Years = 20,
    seed: Seed = 1,
    settings: Settings = None,
    without: Without = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say what each sustaining factor of a scenario contributes: Shapley values over factors present and absent, on the same luck.

    Examples:

    partnersim attribute abc-unified --out what-sustains-abc

    partnersim attribute typical-district --factors community,national,facilitation

    partnersim attribute --factors list
    """
    from partnersim import tables

    if factors == "list" or scenario is None:
        from partnersim.scenarios.factors import table

        if factors != "list":
            raise ParameterError(
                "no scenario is named", where="attribute", allowed="a shipped name or a file", fix="partnersim attribute abc-unified"
            )
        if as_json:
            _print_json(table())
        else:
            tables.console().print(tables.factors(table()))
        return
    from partnersim.attribution import attribute as attributed

    chosen = _variant(scenario, settings, without)
    _tell_of_compiling(chosen)
    names = None if factors is None else [name.strip() for name in factors.split(",") if name.strip()]
    with _progress(None) as advance:
        result = attributed(chosen, outcome=outcome, factors=names, replicates=replicates, years=years, seed=seed, progress=advance)
    if out is not None:
        from partnersim import writing

        writing.attribution(result, out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(result.to_json())
    else:
        tables.console().print(tables.attribution(result))


@app.command()
def sensitivity(
    scenario: ScenarioName,
    over: Annotated[list[str], typer.Option(metavar="PARAMETER", help='A parameter or a glob such as "succession.*". May be repeated.')],
    method: Annotated[str, typer.Option(help="tornado (one at a time), morris (screening) or sobol (shares of variance).")] = "morris",
    outcome: Annotated[
        str, typer.Option(help="practice_alive_months, form_alive_months, practice_alive or any recorded outcome.")
    ] = "practice_alive_months",
    points: Annotated[int | None, typer.Option(help="Trajectories (morris, 20) or base sample (sobol, 128, a power of two).")] = None,
    replicates: Annotated[int, typer.Option(help="Possible worlds, the same at each point.")] = 20,
    years: Years = 20,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write table and figure to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say which parameters matter, over their sweep ranges, with intervals and what to mind.

    Example: partnersim sensitivity typical-district --over "succession.*" --over "support.*" --method morris
    """
    from partnersim import tables
    from partnersim.scenarios.files import load_scenario
    from partnersim.sweeping import sensitivity as swept

    chosen = load_scenario(scenario)
    _tell_of_compiling(chosen)
    with _progress(None) as advance:
        result = swept(
            chosen, over, method=method, outcome=outcome, points=points, replicates=replicates, years=years, seed=seed, progress=advance
        )
    if out is not None:
        from partnersim import writing

        writing.sensitivity(result, out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(result.to_json())
    else:
        tables.console().print(tables.sensitivity(result))


@app.command()
def discover(
    scenario: ScenarioName,
    over: Annotated[list[str], typer.Option(metavar="PARAMETER", help='A parameter or a glob such as "succession.*". May be repeated.')],
    within_years: Annotated[float, typer.Option(help="Practice that dies within so many years counts.")] = 5,
    points: Annotated[int, typer.Option(help="Points of the sample.")] = 400,
    replicates: Annotated[int, typer.Option(help="Possible worlds of each point.")] = 4,
    years: Years = 10,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say under which conditions practice dies early: boxes in words, scores, and a model of the risk.

    Example: partnersim discover typical-district --over "succession.*" --over "support.*"
    """
    from partnersim import tables
    from partnersim.scenarios.files import load_scenario
    from partnersim.sweeping import discover as discovered

    chosen = load_scenario(scenario)
    _tell_of_compiling(chosen)
    with _progress(None) as advance:
        result = discovered(
            chosen, over, within_years=within_years, points=points, replicates=replicates, years=years, seed=seed, progress=advance
        )
    if out is not None:
        from partnersim import writing

        writing.discovery(result, out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(result.to_json())
    else:
        tables.console().print(tables.discovery(result))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder written with --out, or by a study, finished or not.")],
    as_json: Json = False,
) -> None:
    """Write one self-contained HTML page, and a folder of figures and tables, for what a folder holds.

    Example: partnersim report abc
    """
    from partnersim.report.saved import report as reported

    page = reported(folder)
    path = page.write(folder)
    if as_json:
        _print_json({"page": str(path), "question": page.question, "answer": list(page.answer), "notes": page.notes})
    else:
        print("\n".join(page.answer))
    _say(f"wrote {path}")


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
def validate(
    replicates: Annotated[int, typer.Option(min=20, help="Runs of each recipe, rounded up to whole bands.")] = 1000,
    quick: Annotated[bool, typer.Option("--quick", help="200 runs of each recipe.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="Only this pattern, such as P5. May be repeated.")] = None,
    seed: Annotated[int, typer.Option(help="The luck of all runs: another seed shows how much of a result is luck.")] = 11,
    point: Point = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Draw all patterns at a glance: .png, .svg or .pdf.")] = None,
    as_json: Json = False,
) -> None:
    """Check the model against published patterns: what was measured, with its interval, beside the target.

    Example: partnersim validate --quick --out patterns.png
    """
    from partnersim import tables
    from partnersim.model.patterns import BY_ID
    from partnersim.validation.checks import validate as measure

    for name in only or ():
        if name not in BY_ID:
            raise PartnersimError(f"there is no pattern {name!r}", where="--only", allowed=", ".join(BY_ID), fix=nearest(name, BY_ID))
    if out is not None and (out.suffix not in {".png", ".svg", ".pdf"} or not out.parent.is_dir()):
        raise PartnersimError(
            f"no picture can be written to {out}", where="--out", allowed="FILE.png, .svg or .pdf in a folder that exists"
        )
    wanted = only or list(BY_ID)
    with _progress(len(wanted), "patterns") as advance:
        found = measure(200 if quick else replicates, point=point, seed=seed, ids=wanted, progress=advance)
    if out is not None:
        from partnersim.plots.patterns import plot_patterns
        from partnersim.plots.style import write_figure

        write_figure(plot_patterns(found.checks, [found.note], f"partnersim {__version__}"), out)
        _say(f"wrote {out}")
    if as_json:
        _print_json(found.to_json())
    else:
        tables.console().print(tables.patterns(found))


@app.command()
def calibrate(
    study: Annotated[Path, typer.Argument(metavar="FILE", help="A calibration file, such as experiments/calibration.toml.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder, or one in which this calibration was begun.")],
    points: Annotated[int | None, typer.Option(min=4, help="Vectors a wave, to try it at reduced size.")] = None,
    replicates: Annotated[int | None, typer.Option(min=10, help="Runs of each recipe, to try it at reduced size.")] = None,
) -> None:
    """Fit the model to the calibration patterns by history matching, or go on where it was stopped.

    Writes the band of accepted parameter vectors and what each pattern says about each parameter. An hour or two on two cores.

    Example: partnersim calibrate experiments/calibration.toml --out calibration
    """
    from partnersim import tables
    from partnersim.plots.calibration import plot_calibration
    from partnersim.plots.style import write_figure
    from partnersim.report import calibration as report
    from partnersim.validation import calibrate as study_of

    design = study_of.Design.load(study)
    if points is not None or replicates is not None:
        design = design.reduced(points or max(design.points), replicates or design.replicates)
    with _progress(design.vectors, "vectors") as advance:
        found = study_of.calibrate(design, out, advance)
    write_figure(plot_calibration(design.priors, found.band), out / "calibration.png")
    (out / "calibration.md").write_text(report.page(design, found), encoding="utf-8", newline="\n")
    tables.console().print(tables.learnt(found.learnt, len(found.band)))
    _say(f"wrote {out}")


@app.command()
def anatomy(
    only: Annotated[
        str | None,
        typer.Option(metavar="PART", help="Only this part: variance, ablation, dispositions, levers, interests, thresholds or numerics."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few runs, in a few minutes: to see what comes, not to believe it.")] = False,
    point: Point = False,
    out: OutFile = None,
    as_json: Json = False,
) -> None:
    """Measure where the model's answers come from: variance, ablations, levers that turn, thresholds, numerical checks.

    All parts take about half an hour on two cores. The variance part needs SALib: pip install "partnersim[analysis]".

    Example: partnersim anatomy --only levers --quick
    """
    from partnersim.model import band
    from partnersim.report import anatomy as report
    from partnersim.scenarios.files import load_scenario
    from partnersim.validation.anatomy.bench import FULL, QUICK, Bench

    if only is not None and only not in report.PARTS:
        raise ParameterError(f"there is no part {only!r}", where="--only", allowed=nearest(only, report.PARTS))
    _tell_of_compiling(load_scenario("typical-district"))
    known = band.choose(point=point)
    bench = Bench(QUICK if quick else FULL, band=tuple(map(known.member, range(len(known)))) if known else ())
    parts = report.measured(bench, [only] if only else [], begin=lambda name: _say(f"{name} ..."))
    _document(report.page(parts, bench), lambda _: report.as_data(parts, bench), out, as_json)


@app.command()
def doctor(point: Point = False, as_json: Json = False) -> None:
    """Test this installation: versions, cores, cache, band, known answers and speed.

    Example: partnersim doctor
    """
    from partnersim.doctor import examine
    from partnersim.scenarios.files import load_scenario

    _tell_of_compiling(load_scenario("typical-district"))
    found = examine(point=point)
    if as_json:
        _print_json(found)
    else:
        for name, passed in found["tests"].items():
            print(f"{'ok  ' if passed else 'FAIL'}  {name}")
        print(f"\n{', '.join(f'{name} {number}' for name, number in found['versions'].items())}")
        compiled = "compiled before" if found["compiled"] else "compiled now"
        print(f"cache {found['cache']} ({compiled}); first run {found['first_run_seconds']} s")
        print(f"model {found['kernel'][:12]}, commit {found['commit'] or 'unknown'}; {found['values']}")
        speed, ratio = found["runs_per_second"], found["runs_per_control_loop"]
        print(f"{found['cores']} cores: {speed} runs of 20 years a second, {ratio} in a fixed control loop")
    if not found["healthy"]:
        raise typer.Exit(1)


@app.command()
def study(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study file, such as experiments/leadership.toml.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The store; out/NAME when left out. Goes on where it holds this study already."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Threads or processes; all cores when left out.")] = None,
    processes: Annotated[bool, typer.Option("--processes", help="Processes in place of threads.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler (tcp://...), or local for one on this machine.")
    ] = None,
    shard: Annotated[str | None, typer.Option(metavar="I/N", help="Run the I-th of N parts, such as 3/20.")] = None,
    replicates: Annotated[int | None, typer.Option(help="Number of worlds, in place of the file's.")] = None,
    in_small: Annotated[bool, typer.Option("--small", help="In miniature: tiny districts, four worlds, few points.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it will take, from a short measurement, and stop.")] = False,
    allow_mixed_code: Annotated[
        bool, typer.Option("--allow-mixed-code", help="Go on though the store was begun with another model.")
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed runs again.")] = False,
    as_json: Json = False,
) -> None:
    """Run a study; the same command again resumes it, and a longer study file extends it.

    Examples:

    partnersim study experiments/leadership.toml --dry-run

    partnersim study experiments/leadership.toml --out out/leadership
    """
    found = _study_of(file, replicates, in_small=in_small)
    folder = out if out is not None else Path("out") / found.name
    for scenario in {s.mechanisms: s for s in found.scenarios}.values():
        _tell_of_compiling(scenario)
    if dry_run:
        _dry_run(found, folder, workers, as_json=as_json)
        return
    began = time.perf_counter()
    with _study_progress(found.runs) as advance:
        try:
            result = found.run(
                folder,
                workers=workers,
                processes=processes,
                cluster=cluster,
                shard=_shard(shard),
                allow_mixed_code=allow_mixed_code,
                retry_failed=retry_failed,
                progress=advance,
            )
        except KeyboardInterrupt:
            _say(f"stopped; what is done is kept. Go on with the same command; see `partnersim status {folder}`")
            raise
    counts = result.counts()
    failures = result.failures() if counts["failed"] else None
    if as_json:
        _print_json(counts)
    else:
        from partnersim import tables

        _say(f"{time.perf_counter() - began:.1f} seconds")
        print(f"{folder}: {_told(counts)}")
        if counts["done"]:
            tables.console().print(tables.study(result.summary()))
    if failures is not None:
        for kind, part in failures.groupby("kind"):
            _say(f"{len(part)} x {kind}, for example: {part['error'].iloc[0]}\n    {part['command'].iloc[0]}")
        raise typer.Exit(1)


@app.command()
def experiments(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Study files that declare a [[finding]].")] = Path("experiments"),
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where their stores are, each in a folder of its name.")] = Path("out"),
    workers: Annotated[int | None, typer.Option(help="Threads; all cores when left out.")] = None,
    in_small: Annotated[
        bool, typer.Option("--small", help="In miniature, to see that all works; the index is then written to DIR.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run, or finish, all studies of a folder, and write its index: question, runs, time, finding and figure of each.

    Example: partnersim experiments experiments --out out
    """
    from partnersim.report import index

    entries = []
    for file in index.studies(folder):
        found = _study_of(file, None, in_small=in_small)
        for scenario in {s.mechanisms: s for s in found.scenarios}.values():
            _tell_of_compiling(scenario)
        _say(f"{file.name}: {found.runs} runs")
        with _study_progress(found.runs) as advance:
            store = found.run(out / found.name, workers=workers, progress=advance)
        entries.append(index.entry(found, file.name, store))
    page = index.write(out if in_small else folder, entries)
    if as_json:
        _print_json([{"study": one.name, "runs": one.runs, "seconds": one.seconds, "finding": one.sentence} for one in entries])
    else:
        print("\n".join(f"{one.name}: {one.sentence}" for one in entries))
    _say(f"wrote {page}")


@app.command()
def status(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `partnersim study` writes to, or has written.")],
    as_json: Json = False,
) -> None:
    """Say what a study has done, failed and left; also while it runs, from another terminal.

    Example: partnersim status out/leadership
    """
    from partnersim.study.status import status_of

    found = status_of(folder)
    if as_json:
        _print_json(found.counts)
        return
    print(f"{found.name}: {_told(found.counts)}")
    print(f"{found.points} points x {found.replicates} replicates of {found.years} years, in {found.parts} parts, {_bytes(found.bytes)}")
    if found.rate and found.counts["left"]:
        print(
            f"over the last {found.rate_over:.0f} seconds of work {found.rate:.1f} runs a second; "
            f"about {_span_of_time(found.seconds_left)} to go"
        )
    if found.counts["left"]:
        print("a session is at work" if found.working else "no session is at work; `partnersim study FILE --out DIR` goes on")
    for name, why in found.damaged.items():
        print(f"parts/{name} is damaged ({why}); its runs are made again when the study goes on")


@app.command()
def rerun(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `partnersim study` has written.")],
    point: Annotated[int, typer.Argument(metavar="POINT", help="Number of the design's point, as in the tables.")],
    replicate: Annotated[int, typer.Argument(metavar="REPLICATE", help="Number of the possible world, from 0.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write its scenario, and all outcomes, events and ledgers by month, to this new folder."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate one run of a study again, in full; a run that failed fails again.

    Example: partnersim rerun out/leadership 12 7 --out run
    """
    from partnersim.study.tables import StudySet

    found = StudySet(folder)
    scenario = found.scenario(point)
    _tell_of_compiling(scenario)
    tables = found.rebuild(point, replicate)
    if out is not None:
        from partnersim.study.store import new_folder_of

        new_folder_of(out, tables, scenario.to_toml())
        _say(f"wrote {out}")
    row = tables["runs"].iloc[0].to_dict()
    if as_json:
        _print_json({key: value.item() if hasattr(value, "item") else value for key, value in row.items()})
    else:
        for key, value in row.items():
            print(f"{key:<28}{value:.4g}" if isinstance(value, float) else f"{key:<28}{value}")


@app.command()
def compact(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `partnersim study` has written.")],
    as_json: Json = False,
) -> None:
    """Bring many small parts of a study together into few large ones; the small ones go to set-aside/ and can then be deleted by you.

    Example: partnersim compact out/leadership
    """
    from partnersim.study.compaction import compact as bring_together

    done = bring_together(folder)
    if as_json:
        _print_json(done)
    else:
        print(f"{folder}: {done['before']} parts are now {done['after']}; the old ones lie in {folder / 'set-aside'}")


def _study_of(file: Path, replicates: int | None, *, in_small: bool) -> Study:
    """Read a study file, at the size that is asked for."""
    from dataclasses import replace

    from partnersim.simulate import MAX_REPLICATES
    from partnersim.study.small import small
    from partnersim.study.study import Study

    found = Study.load(file)
    if replicates is not None:
        if not 1 <= replicates <= MAX_REPLICATES:
            raise ParameterError(f"replicates = {replicates} is not possible", where="--replicates", allowed=f"1 to {MAX_REPLICATES:,}")
        found = replace(found, replicates=replicates)
    return small(found) if in_small else found


def _dry_run(found: Study, folder: Path, workers: int | None, *, as_json: bool) -> None:
    from partnersim.study.forecast import forecast

    said = forecast(found, folder, workers=workers)
    if as_json:
        _print_json(said.to_json())
        return
    if found.question:
        print(f"{' '.join(found.question.split())}\n")
    design = found.design
    if design is not None:
        print(f"a design of kind {design.kind}, {design.size} points over {len(design.factors)} factors:")
        for f in design.factors:
            values = ", ".join(str(v) for v in f.values[:8]) + (" ..." if len(f.values) > 8 else "")
            print(f"    {f.key:<40}{values or f'{f.low:g} to {f.high:g}' + (' (log)' if f.log else '')}")
    print(f"{len(found.scenarios)} scenarios: {', '.join(s.name for s in found.scenarios)}")
    print(
        f"{said.points} points x {found.replicates} replicates = {said.runs} runs of {found.years} years; "
        f"{said.done} done, {said.left} left"
    )
    print(f"measured here: {1000 * said.run_seconds:.1f} ms a run with what is recorded, {_bytes(said.run_bytes)} on disk")
    print(f"with {said.workers} workers about {_span_of_time(said.seconds)}, {_bytes(said.bytes)} in {said.parts} parts, in {folder}")


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, slash, last = text.partition("/")
    if slash and first.isdigit() and last.isdigit() and len(text) < 20:
        return int(first), int(last)
    raise ParameterError(f"{text} is no shard", where="--shard", allowed="I/N, such as 3/20 for the third of twenty")


def _told(counts: dict[str, int]) -> str:
    return f"{counts['runs']} runs: {counts['done']} done, {counts['failed']} failed, {counts['left']} left"


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _span_of_time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


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
def _progress(total: int | None, what: str = "runs") -> Iterator[Callable[..., None] | None]:
    """A bar on standard error, for a person who has waited a little; nothing for a file. Without a total, that is told with each step."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(what, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)
    began = time.monotonic()

    def advance(done: int, total: int | None = total) -> None:
        if not bar.live.is_started and time.monotonic() - began > SLOW:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        bar.stop()


@contextmanager
def _study_progress(total: int) -> Iterator[Callable[[Tally], None] | None]:
    """The same for a study, with its speed and its failures."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    text = TextColumn("{task.fields[speed]}")
    bar = Progress("runs", BarColumn(), MofNCompleteColumn(), text, console=Console(stderr=True), transient=True)
    task = bar.add_task("runs", total=total, speed="")
    began = time.monotonic()

    def advance(tally: Tally) -> None:
        if not bar.live.is_started and time.monotonic() - began > SLOW:
            bar.start()
        speed = f"{tally.rate:.1f}/s, {_span_of_time(tally.seconds_left)} left" if tally.rate else ""
        bar.update(task, completed=tally.done + tally.failed, speed=f"{speed}, {tally.failed} failed" if tally.failed else speed)

    try:
        yield advance
    finally:
        bar.stop()


if __name__ == "__main__":
    main()
