"""Variance of practice and of survival by group: what the parties choose, the world they are in, what is not known, and luck.

A global design (Sobol, groups): every parameter of a group is drawn from its range, all groups at once. The first-order share is what a
group moves alone, on average over the others; the total share is what it moves with all its interactions. Levers and the world are drawn
from their sweep ranges, which are wider than any one district; a district's size and poverty belong to the world. What is not known is
the member of the band, or the priors of the calibration. Luck is the replicate. Left out are conventions (role "fixed") and parameters
whose range would switch something on or off rather than turn it up or down.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from partnersim.errors import PartnersimError
from partnersim.model import outcomes
from partnersim.parameters import Parameter
from partnersim.scenarios.declared import plan
from partnersim.scenarios.scenario import Scenario, declared_parameters
from partnersim.simulate import OpenWorld, Settings
from partnersim.threads import cores, in_threads
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed, short
from partnersim.validation.calibrate import Design

PRIORS = Path("experiments/calibration.toml")
YEARS = 20
LUCK = 100_000
"""Worlds that luck chooses among."""
SIZES = (7, 10, 14, 20, 28)
POVERTY = (0.1, 0.9)
SWITCHES = ("structures.founding",)
GROUPS = ("levers", "world", "uncertainty", "luck")
WORDS = {
    "levers": "what the parties choose",
    "world": "the world they are in",
    "uncertainty": "what is not known of the parameters",
    "luck": "luck",
}
STATISTICS = ("practice", "survival")


@dataclass(frozen=True)
class Axis:
    """One number that is drawn: a parameter, or the size, poverty, member or luck of a district."""

    name: str
    group: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Share:
    """What a group moves alone and in all, of one statistic."""

    statistic: str
    group: str
    alone: Estimate
    total: Estimate


def axes(uncertain: Mapping[str, tuple[float, float] | None]) -> list[Axis]:
    """Return everything that is drawn. What is not known is an axis a prior; without priors it is one axis, over members of the band."""
    out = [Axis(name, "levers", *sweep) for name, sweep in turned("lever").items()]
    out += [Axis(name, "world", *sweep) for name, sweep in turned("world").items() if name not in uncertain]
    out += [Axis("sites", "world"), Axis("poverty", "world", *POVERTY)]
    out += [Axis(name, "uncertainty", *ends) for name, ends in uncertain.items() if ends] or [Axis("member", "uncertainty")]
    return [*out, Axis("luck", "luck")]


def turned(role: str) -> dict[str, tuple[float, float]]:
    """Return the sweep ranges of parameters that turn something up or down."""
    known = declared_parameters(plan())
    return {name: p.sweep for name, p in known.items() if p.role == role and p.sweep and name not in SWITCHES and not switched_on(p)}


def switched_on(p: Parameter) -> bool:
    """Whether a parameter's default lies outside its sweep range, so that the range switches on what is usually off."""
    return p.sweep is not None and not p.sweep[0] <= p.default <= p.sweep[1]


def points(drawn: Sequence[Axis], base: int, seed: int) -> np.ndarray:
    """Return the design, [point, axis]."""
    problem, sampler, _ = _design(drawn)
    return np.asarray(sampler.sample(problem, base, calc_second_order=False, seed=seed))


def shares(drawn: Sequence[Axis], statistic: str, values: np.ndarray, seed: int) -> list[Share]:
    """Return what each group moves of a statistic, with intervals by drawing base points anew."""
    problem, _, analyser = _design(drawn)
    found = analyser.analyze(problem, values, calc_second_order=False, num_resamples=500, seed=seed)

    def one(kind: str, n: int) -> Estimate:
        value, half = float(found[kind][n]), float(found[f"{kind}_conf"][n])
        return Estimate(value, value - half, value + half)

    order = list(dict.fromkeys(axis.group for axis in drawn))
    return [Share(statistic, group, one("S1", order.index(group)), one("ST", order.index(group))) for group in GROUPS]


def _design(drawn: Sequence[Axis]) -> tuple[dict[str, Any], Any, Any]:
    try:
        from SALib.analyze import sobol as analyser
        from SALib.sample import sobol as sampler
    except ImportError as problem:
        raise PartnersimError("the variance design needs SALib", fix='pip install "partnersim[analysis]"') from problem
    table = {
        "num_vars": len(drawn),
        "names": [axis.name for axis in drawn],
        "bounds": [[axis.low, axis.high] for axis in drawn],
        "groups": [axis.group for axis in drawn],
    }
    return table, sampler, analyser


def play(drawn: Sequence[Axis], design: np.ndarray, bench: Bench) -> np.ndarray:
    """Return practice and survival of every point of a design, [point, statistic]."""
    months = 12 * YEARS
    own = threading.local()

    def one(row: np.ndarray) -> tuple[float, float]:
        at = dict(zip((axis.name for axis in drawn), row.tolist(), strict=True))
        luck, place = min(int(at.pop("luck") * LUCK), LUCK - 1), at.pop("sites")
        sites = SIZES[min(int(place * len(SIZES)), len(SIZES) - 1)]
        poverty = at.pop("poverty")
        if "member" in at:
            at |= bench.band[min(int(at.pop("member") * bench.members), bench.members - 1)]
        settings = Settings.of(Scenario(name="point", sites=sites, poverty=poverty, parameters=at), point=True)
        worlds = own.__dict__.setdefault("worlds", {})
        if sites not in worlds:
            worlds[sites] = OpenWorld.of(settings, months=months, ledger=False)
        opened = worlds[sites]
        opened.settings = settings  # a world of the same size is used again with other parameters
        opened.begin(seed=bench.seed, replicate=luck).advance(months)
        alive = opened.world.record.series[:, outcomes.ALIVE_INDEX]
        life = outcomes.practice_life(alive, founded=True)
        return float(alive[1:].mean()), float(life.months)

    return np.array(in_threads(one, design, cores()))


def part(bench: Bench, *, priors: Path = PRIORS) -> Part:
    """Play the design and divide the variance; without a band, the calibration's `priors` are what is not known."""
    drawn = axes(dict.fromkeys(bench.band[0]) if bench.band else Design.load(priors).priors)
    design = points(drawn, bench.sizes.base, bench.seed)
    bench.progress(f"{len(design)} districts")
    values = play(drawn, design, bench)
    found = [share for n, statistic in enumerate(STATISTICS) for share in shares(drawn, statistic, values[:, n], bench.seed)]
    caption = (
        f"Sobol design by groups, {bench.sizes.base} base points, {len(design)} districts of 20 years, seed {bench.seed}; 95 % intervals "
        "by drawing base points anew."
    )
    rows = tuple((share.statistic, WORDS[share.group], share.alone, share.total) for share in found)
    spread = tuple(
        (s, unit, float(v.mean()), float(v.std()))
        for s, unit, v in zip(STATISTICS, ("mean C, years 1-20", "months to the death of practice, at most 240"), values.T, strict=True)
    )
    count = {group: sum(axis.group == group for axis in drawn) for group in GROUPS}
    known = "the members of the calibrated band" if bench.band else "the priors of the calibration"
    ranges = tuple(
        (WORDS[group], count[group], text)
        for group, text in {
            "levers": "sweep ranges of parameters with role `lever`",
            "world": f"sweep ranges of parameters with role `world`; {SIZES[0]} to {SIZES[-1]} schools; "
            f"poverty {POVERTY[0]:g} to {POVERTY[1]:g}",
            "uncertainty": known,
            "luck": "the replicate: all random draws of a run",
        }.items()
    )
    left = [*SWITCHES, *(name for name, p in declared_parameters(plan()).items() if p.role != "fixed" and switched_on(p))]
    note = f"Left out, because their ranges switch something on or off: {listed([f'`{name}`' for name in left])}."
    return Part(
        "variance",
        "Variance by group",
        "How much of what differs is due to what the parties choose, to the world they are in, to what nobody knows, and to luck?",
        (*sentences(found), note),
        (
            Table(("Statistic", "Group", "Share alone (first order)", "Share in all (total)"), rows, caption),
            Table(("Statistic", "Unit", "Mean over the design", "Standard deviation"), spread, caption),
            Table(("Group", "Numbers drawn", "From"), ranges, "What each group holds."),
        ),
    )


def sentences(found: list[Share]) -> tuple[str, ...]:
    """Say which group moves most, how much is interaction, and which estimates cannot be read."""
    out = []
    for statistic in STATISTICS:
        here = sorted((share for share in found if share.statistic == statistic), key=lambda share: -share.total.value)
        order = listed([f"{WORDS[share.group]} {share.total}" for share in here])
        alone = sum(share.alone.value for share in here)
        out.append(f"Variance of {statistic}, in all: {order}; alone, the groups make up {short(alone)} of it, the rest is interaction.")
        odd = [share for share in here if min(share.alone.value, share.total.value) < 0]
        wide = [share for share in here if max(share.alone.high - share.alone.low, share.total.high - share.total.low) > 0.2]
        if odd:
            names = listed([WORDS[share.group] for share in odd])
            out.append(f"An estimate for {names} is below 0, which no share can be: it stands for one too small to tell from 0.")
        if wide:
            names = listed([WORDS[share.group] for share in wide])
            out.append(f"Intervals for {names} are wider than .2: their place in the order is not certain.")
    return tuple(out)
