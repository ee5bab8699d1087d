"""`partnersim run`: simulate a scenario many times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partnersim.cli.feedback import print_json, progress, say, tell_of_compiling
from partnersim.cli.options import Json, Point, ScenarioName, Seed, Settings, With, Without, Years
from partnersim.cli.variant import variant


def run(
    scenario: ScenarioName,
    replicates: Annotated[int, typer.Option(help="Number of possible worlds.")] = 200,
    years: Years = 20,
    seed: Seed = 1,
    settings: Settings = None,
    without: Without = None,
    own: With = None,
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

    chosen = variant(scenario, settings, without, own)
    if out is not None:
        wanted = saving.identity(chosen, replicates=replicates, years=years, seed=seed, band=band.choose(point=point))
        if saving.is_there(out, wanted):
            say(f"{out} holds this very run already: nothing was done")
            if as_json:
                print((out / saving.SUMMARY).read_text(encoding="utf-8"), end="")
            return
    tell_of_compiling(chosen)
    late = [event for event in chosen.timeline if int(str(event["at_month"])) > 12 * years]
    if late:
        say(f"note: events of the timeline after the end of the runs: {len(late)}")
    with progress(replicates) as advance:
        result = simulate(chosen, replicates=replicates, years=years, seed=seed, point=point, workers=workers, progress=advance)
    if as_json:
        print_json(result.to_json())
    else:
        from partnersim import tables

        tables.console().print(tables.summary(result))
    if out is not None:
        result.save(out)
        say(f"wrote {out}")
