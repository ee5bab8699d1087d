"""`partnersim explain`: tell one run, and what would have saved it."""

from __future__ import annotations

from typing import Annotated

import typer

from partnersim.cli.feedback import print_json, progress, tell_of_compiling
from partnersim.cli.options import Json, Point, ScenarioName, Seed, Settings, With, Without, Years
from partnersim.cli.variant import variant
from partnersim.errors import ParameterError


def explain(
    scenario: ScenarioName,
    replicate: Annotated[int, typer.Option(help="Which possible world, from 0.")] = 7,
    years: Years = 20,
    seed: Seed = 1,
    settings: Settings = None,
    without: Without = None,
    own: With = None,
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
    chosen = variant(scenario, settings, without, own)
    tell_of_compiling(chosen)
    story = tell(chosen, replicate=replicate, seed=seed, years=years, point=point)
    by_month = story.month_by_month(*shown) if shown is not None else ""
    turning = None
    if what_if:
        from partnersim.turning import turning_points

        with progress(None) as advance:
            turning = turning_points(chosen, replicate=replicate, seed=seed, years=years, futures=futures, point=point, progress=advance)
    if as_json:
        print_json(story.to_json() | ({"what_if": turning.to_json()} if turning is not None else {}))
    else:
        print(story, end="")
        print(f"\n{by_month}" if by_month else "", end="")
        print(f"\nWHAT IF\n{turning}" if turning is not None else "", end="")


def _span(months: str) -> tuple[int, int]:
    """Read FIRST:LAST, or one month."""
    first, _, last = months.partition(":")
    try:
        return int(first), int(last or first)
    except ValueError:
        raise ParameterError(f"{months} is no span of months", where="--months", allowed="FIRST:LAST, for example 25:36") from None
