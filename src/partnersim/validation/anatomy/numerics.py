"""Whether answers depend on how the model is run: number of schools, replicates, order of choice within a month, length of a run.

Agreement: the interval of the difference has a part within .03 of 0, that is, no larger difference was shown. Size is more than a number
of the simulation where it reaches fifty schools: in large districts superintendents leave twice as often (evidence E3), so practice
lives shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from queue import SimpleQueue

import numpy as np

from partnersim.engine.world import World
from partnersim.model.outcomes import REGIMES
from partnersim.simulate import OpenWorld, Settings, by_mechanism
from partnersim.threads import in_threads, threads_for
from partnersim.validation.anatomy import halves
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed, short
from partnersim.validation.anatomy.thresholds import USUAL, labels
from partnersim.validation.playing import DISTRICT, Runs

ROOM = 0.03
SITES, USUAL_SITES = (10, 14, 28, 60), 14
PARTS_OF_MOST = (0.1, 0.2, 0.5, 1.0)
HORIZONS = (120, 180, 240, 360, 480)
STATISTICS = ("alive at 5 years", "alive at 20 years", *REGIMES)
Flags = dict[str, np.ndarray]


def flags(series: np.ndarray, horizon: int = 240) -> Flags:
    """Return, for each run, whether it is alive at 5 and 20 years, and which regime it ends in after `horizon` months."""
    runs = Runs(series, [], {})
    where = labels(series[:, : horizon + 1], **USUAL)
    return {"alive at 5 years": ~runs.broke(1, 60), "alive at 20 years": ~runs.broke(1, 240)} | {name: where == name for name in REGIMES}


def by_halves(bench: Bench, *, years: int = 20) -> np.ndarray:
    """Return the series of default districts in which schools choose in two halves, [replicate, month, outcome]."""
    months, replicates = 12 * years, bench.replicates()
    plan, settings = halves.plan(), Settings.of(DISTRICT, point=True)
    record = OpenWorld.of(settings, months=months, ledger=False).world.record  # of the right size
    params = [plan.params(by_mechanism(vector)) for vector in bench.band or ({},)]
    worlds: SimpleQueue[World] = SimpleQueue()
    threads = threads_for(replicates, None)
    for n in range(threads):
        own = record if n == 0 else OpenWorld.of(settings, months=months, ledger=False).world.record
        worlds.put(World(plan, settings.layout, own))

    def one(replicate: int) -> np.ndarray:
        world = worlds.get()
        try:
            world.begin(
                seed=bench.seed,
                replicate=replicate,
                start=settings.start,
                params=params[replicate % bench.members],
                held=settings.held,
                agenda=settings.agenda,
            )
            world.advance(months)
            return world.record.series.copy()
        finally:
            worlds.put(world)

    return np.array(in_threads(one, range(replicates), threads))


def part(bench: Bench) -> Part:
    """Play and compare."""
    sized: dict[int, Flags] = {}
    for sites in SITES:
        bench.progress(f"{sites} schools")
        sized[sites] = flags(bench.lab().play(DISTRICT.replace(sites=sites), years=20).series)
    bench.progress("replicates")
    many = flags(bench.lab(fine=True).play(DISTRICT, years=20).series)
    bench.progress("two halves")
    halved = flags(by_halves(bench))
    bench.progress("forty years")
    long = bench.lab().play(DISTRICT, years=HORIZONS[-1] // 12).series
    by_horizon = {horizon: flags(long, horizon) for horizon in HORIZONS}

    usual = sized[USUAL_SITES]
    size_gaps = {n: _gaps(bench, found, usual) for n, found in sized.items() if n != USUAL_SITES}
    order_gaps = _gaps(bench, halved, usual)
    counts = [max(2, round(part * bench.sizes.fine)) for part in PARTS_OF_MOST]
    levels = (f"{USUAL_SITES} schools", *(bench.estimate(usual[name]) for name in STATISTICS))
    titles = ("", *(f"{name} [share]" for name in STATISTICS))
    runs_rows = tuple((f"{count:,} replicates", *(_first(many[name], count) for name in STATISTICS)) for count in counts)
    return Part(
        "numerics",
        "How the model is run",
        "Would another number of schools or runs, another order of choice within the month, or a longer look give other answers?",
        (
            gap_sentence("Number of schools", {f"{n} schools": gaps for n, gaps in size_gaps.items()}),
            replicates_sentence(many, counts),
            gap_sentence("Order of choice", {"two halves": order_gaps}),
            horizon_sentence(by_horizon),
        ),
        (
            Table(
                titles,
                (levels, *((f"{n} schools minus {USUAL_SITES}", *gaps.values()) for n, gaps in size_gaps.items())),
                bench.caption("Default districts, 20 years; schools that two sizes share have the same luck"),
            ),
            Table(
                titles, runs_rows, f"Default districts of {USUAL_SITES} schools: the first replicates of seed {bench.seed}; 95 % intervals."
            ),
            Table(
                titles,
                (levels, ("two random halves minus all at once", *order_gaps.values())),
                bench.caption("All schools at once, or half of the people first and the others knowing what they did; the same luck"),
            ),
            Table(
                ("Horizon [months]", *(f"{name} [share]" for name in REGIMES)),
                tuple((horizon, *(bench.estimate(found[name]) for name in REGIMES)) for horizon, found in by_horizon.items()),
                bench.caption(f"The same districts of {USUAL_SITES} schools, read off at different months"),
            ),
        ),
    )


def gap_sentence(what: str, gaps: Mapping[str, Mapping[str, Estimate]]) -> str:
    """Say whether differences stay within the room, and which do not."""
    off = [f"{name} with {case} ({gap})" for case, found in gaps.items() for name, gap in found.items() if not gap.within(ROOM)]
    largest = max((abs(gap.value), name, case) for case, found in gaps.items() for name, gap in found.items())
    chance = max((gap.high - gap.low) / 2 for found in gaps.values() for gap in found.values())
    known = f"the largest difference is {short(largest[0])} ({largest[1]}, {largest[2]}), with chance errors up to {short(chance)}"
    if not off:
        return f"{what}: {known}; no difference larger than {short(ROOM)} was shown."
    return f"{what}: {known}; shown to be larger than {short(ROOM)}: {listed(off)}."


def replicates_sentence(found: Flags, counts: list[int]) -> str:
    """Say how far the first replicates are off, against the chance error of so many."""
    fewest, most = counts[0], counts[-1]
    worst = max((abs(float(found[n][:fewest].mean() - found[n][:most].mean())), n) for n in STATISTICS)
    share = float(found[worst[1]][:most].mean())
    error = 1.96 * np.sqrt(share * (1 - share) * (1 / fewest - 1 / most))
    verdict = "within" if worst[0] <= error else "beyond"
    return (
        f"Replicates: the first {fewest:,} are off by at most {short(worst[0])} ({worst[1]}) from all {most:,}, {verdict} the chance error "
        f"of {short(float(error))}."
    )


def horizon_sentence(found: Mapping[int, Flags]) -> str:
    """Say how regimes change with the length of the look."""
    first, last = min(found), max(found)
    return (
        f"Horizon: vital districts are {short(float(found[first]['vital'].mean()))} after {first} months and "
        f"{short(float(found[last]['vital'].mean()))} after {last}, collapsed ones {short(float(found[first]['collapsed'].mean()))} and "
        f"{short(float(found[last]['collapsed'].mean()))}: shares of regimes are of a stated age, not of a final state."
    )


def _gaps(bench: Bench, found: Flags, usual: Flags) -> dict[str, Estimate]:
    return {name: bench.difference(found[name], usual[name]) for name in STATISTICS}


def _first(values: np.ndarray, count: int) -> Estimate:
    share = float(values[:count].mean())
    half = 1.96 * np.sqrt(share * (1 - share) / count)
    return Estimate(share, share - half, share + half)
