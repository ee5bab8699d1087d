"""How far to trust it: `validate`, `calibrate`, `anatomy`, `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partnersim import __version__
from partnersim.cli.feedback import document, print_json, progress, say, tell_of_compiling
from partnersim.cli.options import Json, OutFile, Point
from partnersim.errors import ParameterError, PartnersimError, nearest


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
    with progress(len(wanted), "patterns") as advance:
        found = measure(200 if quick else replicates, point=point, seed=seed, ids=wanted, progress=advance)
    if out is not None:
        from partnersim.plots.patterns import plot_patterns
        from partnersim.plots.style import write_figure

        write_figure(plot_patterns(found.checks, [found.note], f"partnersim {__version__}"), out)
        say(f"wrote {out}")
    if as_json:
        print_json(found.to_json())
    else:
        tables.console().print(tables.patterns(found))


def calibrate(
    study: Annotated[Path, typer.Argument(metavar="FILE", help="A calibration file, such as experiments/calibration.toml.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder, or one in which this calibration was begun.")],
    points: Annotated[int | None, typer.Option(min=4, help="Vectors a wave, to try it at reduced size.")] = None,
    replicates: Annotated[int | None, typer.Option(min=10, help="Runs of each recipe, to try it at reduced size.")] = None,
    as_json: Json = False,
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
    with progress(design.vectors, "vectors") as advance:
        found = study_of.calibrate(design, out, advance)
    write_figure(plot_calibration(design.priors, found.band), out / "calibration.png")
    (out / "calibration.md").write_text(report.page(design, found), encoding="utf-8", newline="\n")
    say(f"wrote {out}")
    if as_json:
        print_json(found.to_json())
    else:
        tables.console().print(tables.learnt(found.learnt, len(found.band)))


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
    tell_of_compiling(load_scenario("typical-district"))
    known = band.choose(point=point)
    bench = Bench(QUICK if quick else FULL, band=tuple(map(known.member, range(len(known)))) if known else ())
    parts = report.measured(bench, [only] if only else [], begin=lambda name: say(f"{name} ..."))
    document(report.page(parts, bench), lambda _: report.as_data(parts, bench), out, as_json)


def doctor(point: Point = False, as_json: Json = False) -> None:
    """Test this installation: versions, cores, cache, band, known answers and speed.

    Example: partnersim doctor
    """
    from partnersim.doctor import examine
    from partnersim.scenarios.files import load_scenario

    tell_of_compiling(load_scenario("typical-district"))
    found = examine(point=point)
    if as_json:
        print_json(found)
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
