"""Questions to many runs: `compare`, `attribute`, `sensitivity`, `discover`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from partnersim.cli.feedback import print_json, progress, say, tell_of_compiling
from partnersim.cli.options import Json, Point, ScenarioName, Seed, Settings, With, Without, Years
from partnersim.cli.variant import variant
from partnersim.errors import ParameterError
from partnersim.folders import check_free


def compare(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="A B ...", help="The baseline and the scenarios to compare with it: names or files.")
    ],
    replicates: Annotated[int, typer.Option(help="Number of possible worlds, the same for all.")] = 200,
    years: Years = 20,
    seed: Seed = 1,
    outcome: Annotated[list[str] | None, typer.Option(help="Compare this outcome; may be repeated. A choice of ten when left out.")] = None,
    point: Point = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Compare scenarios with the first one, world by world on the same luck.

    Example: partnersim compare abc-unified outsider-superintendent
    """
    from partnersim import tables, writing
    from partnersim.comparison import compare as compared
    from partnersim.scenarios.files import load_scenario

    chosen = [load_scenario(name) for name in scenarios]
    if out is not None:
        check_free(out)
    tell_of_compiling(chosen[0])
    with progress(replicates * len(chosen)) as advance:
        result = compared(chosen, replicates=replicates, years=years, seed=seed, point=point, progress=advance)
    _tell(result, writing.comparison, lambda r: tables.comparison(r, outcome), out, as_json=as_json)


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
    own: With = None,
    point: Point = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say what each sustaining factor of a scenario contributes: Shapley values over factors present and absent, on the same luck.

    Examples:

    partnersim attribute abc-unified --out what-sustains-abc

    partnersim attribute typical-district --factors community,national,facilitation

    partnersim attribute --factors list
    """
    from partnersim import tables, writing

    if factors == "list" or scenario is None:
        from partnersim.scenarios.factors import table

        if factors != "list":
            raise ParameterError(
                "no scenario is named", where="attribute", allowed="a shipped name or a file", fix="partnersim attribute abc-unified"
            )
        if as_json:
            print_json(table())
        else:
            tables.console().print(tables.factors(table()))
        return
    from partnersim.attribution import attribute as attributed

    chosen = variant(scenario, settings, without, own)
    if out is not None:
        check_free(out)
    tell_of_compiling(chosen)
    names = None if factors is None else [name.strip() for name in factors.split(",") if name.strip()]
    with progress(None) as advance:
        result = attributed(
            chosen, outcome=outcome, factors=names, replicates=replicates, years=years, seed=seed, point=point, progress=advance
        )
    _tell(result, writing.attribution, tables.attribution, out, as_json=as_json)


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
    point: Point = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write table and figure to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say which parameters matter, over their sweep ranges, with intervals and what to mind.

    Example: partnersim sensitivity typical-district --over "succession.*" --over "support.*" --method morris
    """
    from partnersim import tables, writing
    from partnersim.scenarios.files import load_scenario
    from partnersim.sweeping.sensitivity import sensitivity as swept

    chosen = load_scenario(scenario)
    if out is not None:
        check_free(out)
    tell_of_compiling(chosen)
    with progress(None) as advance:
        result = swept(
            chosen,
            over,
            method=method,
            outcome=outcome,
            points=points,
            replicates=replicates,
            years=years,
            seed=seed,
            point=point,
            progress=advance,
        )
    _tell(result, writing.sensitivity, tables.sensitivity, out, as_json=as_json)


def discover(
    scenario: ScenarioName,
    over: Annotated[list[str], typer.Option(metavar="PARAMETER", help='A parameter or a glob such as "succession.*". May be repeated.')],
    within_years: Annotated[float, typer.Option(help="Practice that dies within so many years counts.")] = 5,
    points: Annotated[int, typer.Option(help="Points of the sample.")] = 400,
    replicates: Annotated[int, typer.Option(help="Possible worlds of each point.")] = 4,
    years: Years = 10,
    seed: Seed = 1,
    point: Point = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables and figures to this new or empty folder.")] = None,
    as_json: Json = False,
) -> None:
    """Say under which conditions practice dies early: boxes in words, scores, and a model of the risk.

    Example: partnersim discover typical-district --over "succession.*" --over "support.*"
    """
    from partnersim import tables, writing
    from partnersim.scenarios.files import load_scenario
    from partnersim.sweeping.discovery import discover as discovered

    chosen = load_scenario(scenario)
    if out is not None:
        check_free(out)
    tell_of_compiling(chosen)
    with progress(None) as advance:
        result = discovered(
            chosen,
            over,
            within_years=within_years,
            points=points,
            replicates=replicates,
            years=years,
            seed=seed,
            point=point,
            progress=advance,
        )
    _tell(result, writing.discovery, tables.discovery, out, as_json=as_json)


def _tell(result: Any, write: Callable[[Any, Path], None], table: Callable[[Any], object], out: Path | None, *, as_json: bool) -> None:
    """Write the answer to a folder if one is named, and print it."""
    if out is not None:
        write(result, out)
        say(f"wrote {out}")
    if as_json:
        print_json(result.to_json())
    else:
        from partnersim import tables

        tables.console().print(table(result))
