"""Studies on disk: `study`, `experiments`, `status`, `rerun`, `compact`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partnersim.cli.feedback import duration, print_json, say, size, study_progress, tell_of_compiling
from partnersim.cli.options import Json
from partnersim.errors import ParameterError
from partnersim.folders import check_free

if TYPE_CHECKING:
    from partnersim.study.study import Study


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
        tell_of_compiling(scenario)
    if dry_run:
        _dry_run(found, folder, workers, as_json=as_json)
        return
    began = time.perf_counter()
    with study_progress(found.runs) as advance:
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
            say(f"stopped; what is done is kept. Go on with the same command; see `partnersim status {folder}`")
            raise
    counts = result.counts()
    failures = result.failures() if counts["failed"] else None
    if as_json:
        print_json(counts)
    else:
        from partnersim import tables

        say(f"{time.perf_counter() - began:.1f} seconds")
        print(f"{folder}: {_told(counts)}")
        if counts["done"]:
            tables.console().print(tables.study(result.summary()))
    if failures is not None:
        for kind, part in failures.groupby("kind"):
            say(f"{len(part)} x {kind}, for example: {part['error'].iloc[0]}\n    {part['command'].iloc[0]}")
        raise typer.Exit(1)


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
            tell_of_compiling(scenario)
        say(f"{file.name}: {found.runs} runs")
        with study_progress(found.runs) as advance:
            store = found.run(out / found.name, workers=workers, progress=advance)
        entries.append(index.entry(found, file.name, store))
    page = index.write(out if in_small else folder, entries)
    if as_json:
        print_json([{"study": one.name, "runs": one.runs, "seconds": one.seconds, "finding": one.sentence} for one in entries])
    else:
        print("\n".join(f"{one.name}: {one.sentence}" for one in entries))
    say(f"wrote {page}")


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
        print_json(found.counts)
        return
    print(f"{found.name}: {_told(found.counts)}")
    print(f"{found.points} points x {found.replicates} replicates of {found.years} years, in {found.parts} parts, {size(found.bytes)}")
    if found.rate and found.counts["left"]:
        print(
            f"over the last {found.rate_over:.0f} seconds of work {found.rate:.1f} runs a second; "
            f"about {duration(found.seconds_left)} to go"
        )
    if found.counts["left"]:
        print("a session is at work" if found.working else "no session is at work; `partnersim study FILE --out DIR` goes on")
    for name, why in found.damaged.items():
        print(f"parts/{name} is damaged ({why}); its runs are made again when the study goes on")


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
    if out is not None:
        check_free(out)
    tell_of_compiling(scenario)
    tables = found.rebuild(point, replicate)
    if out is not None:
        from partnersim import writing

        writing.one_run(tables, scenario, out)
        say(f"wrote {out}")
    row = tables["runs"].iloc[0].to_dict()
    if as_json:
        print_json({key: value.item() if hasattr(value, "item") else value for key, value in row.items()})
    else:
        for key, value in row.items():
            print(f"{key:<28}{value:.4g}" if isinstance(value, float) else f"{key:<28}{value}")


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
        print_json(done)
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
        print_json(said.to_json())
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
    print(f"measured here: {1000 * said.run_seconds:.1f} ms a run with what is recorded, {size(said.run_bytes)} on disk")
    print(f"with {said.workers} workers about {duration(said.seconds)}, {size(said.bytes)} in {said.parts} parts, in {folder}")


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, slash, last = text.partition("/")
    if slash and first.isdigit() and last.isdigit() and len(text) < 20:
        return int(first), int(last)
    raise ParameterError(f"{text} is no shard", where="--shard", allowed="I/N, such as 3/20 for the third of twenty")


def _told(counts: dict[str, int]) -> str:
    return f"{counts['runs']} runs: {counts['done']} done, {counts['failed']} failed, {counts['left']} left"
