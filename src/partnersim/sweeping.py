"""Sweeps over parameters of one scenario: which matter (sensitivity), and under which conditions partnerships die (discovery)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim import __version__
from partnersim.analysis.plain import plain
from partnersim.analysis.precision import needed
from partnersim.attribution import LABELS, UNITS
from partnersim.errors import ParameterError, ResultError, nearest
from partnersim.model import band
from partnersim.model.band import Band
from partnersim.playing import MEASURED, play
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario, declared_parameters
from partnersim.simulate import checked_years

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.analysis.cox import Reading
    from partnersim.analysis.discovery import Box
    from partnersim.analysis.sensitivity import Indices

__all__ = ["Discovery", "Sensitivity", "discover", "sensitivity"]

METHODS = {"tornado": 1, "morris": 20, "sobol": 128}
"""Methods, with their usual size: nothing, trajectories, rows of the base sample."""
Progress = Callable[[int, int], None]
WANTED_BOX = 0.10
"""Half-width at which the share of a box is well known: ten points."""


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """Which parameters matter to an outcome, strongest first in `table`; `notes` say what to mind."""

    scenario: Scenario
    method: str
    outcome: str
    space: dict[str, tuple[float, float]]
    points: int
    table: pd.DataFrame
    notes: tuple[str, ...]
    runs: int
    replicates: int
    years: int
    seed: int
    band: Band | None
    """None at the default parameters. A parameter has the values of the design, and no member's, in runs that vary it."""
    seconds: float

    def __repr__(self) -> str:
        return f"<Sensitivity ({self.method}) of {self.outcome}, {self.scenario.name}: {len(self.space)} parameters, {self.runs} runs>"

    @property
    def title(self) -> str:
        """Heading of figures."""
        return self.scenario.title or self.scenario.name

    @cached_property
    def labels(self) -> dict[str, str]:
        """Parameters in words."""
        return {name: p.meaning for name, p in declared_parameters(self.scenario.plan).items() if name in self.space}

    @cached_property
    def units(self) -> dict[str, str]:
        """Units of the parameters."""
        return {name: p.unit for name, p in declared_parameters(self.scenario.plan).items() if name in self.space}

    @property
    def label(self) -> str:
        """The outcome in words."""
        return f"{LABELS[self.outcome]} [{UNITS[self.outcome]}]"

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return _footer(self)

    @property
    def values_used(self) -> str:
        """Which values the parameters have that are not varied, in words."""
        return band.described(self.band, self.replicates)

    @property
    def options(self) -> str:
        """What makes the same analysis again, on the command line."""
        points = "" if self.method == "tornado" else f" --points {self.points}"
        size = f"--replicates {self.replicates} --years {self.years} --seed {self.seed}{' --point' if self.band is None else ''}"
        return f"{_over(self.space)} --method {self.method} --outcome {self.outcome}{points} {size}"

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "scenario": self.scenario.name,
            "method": self.method,
            "outcome": self.outcome,
            "unit": UNITS[self.outcome],
            "points": self.points,
            "runs": self.runs,
            "replicates": self.replicates,
            "years": self.years,
            "seed": self.seed,
            "ranges": {name: list(ends) for name, ends in self.space.items()},
            "parameters": plain(self.table.to_dict("records")),
            "notes": list(self.notes),
            "values": self.values_used,
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True, eq=False, repr=False)
class Discovery:
    """Under which conditions practice dies early: `boxes` and `tree` in words, `scores`, a `map` of two parameters, and a `cox` model.

    `design` holds one row a point with its parameters and the share of its replicates in which practice died in time.
    """

    scenario: Scenario
    within_years: float
    space: dict[str, tuple[float, float]]
    design: pd.DataFrame
    lives: pd.DataFrame
    runs: int
    replicates: int
    years: int
    seed: int
    band: Band | None
    """None at the default parameters. What the design varies has no member's value."""
    seconds: float

    def __repr__(self) -> str:
        return f"<Discovery, {self.scenario.name}: {len(self.design)} points, {self.runs} runs>"

    @property
    def title(self) -> str:
        """Heading of figures."""
        return self.scenario.title or self.scenario.name

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return _footer(self)

    @property
    def values_used(self) -> str:
        """Which values the parameters have that are not varied, in words."""
        return band.described(self.band, self.runs)

    @property
    def options(self) -> str:
        """What makes the same discovery again, on the command line."""
        size = f"--points {len(self.design)} --replicates {self.replicates} --years {self.years} --seed {self.seed}"
        return f"{_over(self.space)} --within-years {self.within_years:g} {size}{' --point' if self.band is None else ''}"

    @property
    def what(self) -> str:
        """What is of interest, in words."""
        return f"practice dies within {self.within_years:g} years"

    @cached_property
    def labels(self) -> dict[str, str]:
        """Parameters in words."""
        known = declared_parameters(self.scenario.plan)
        units = {name: "" if known[name].unit in ("", "-") else f" [{known[name].unit}]" for name in self.space}
        return {name: f"{known[name].meaning}{units[name]}" for name in self.space}

    @cached_property
    def share(self) -> tuple[float, float, float]:
        """Share of all runs in which practice dies early, with its 95 % interval."""
        from partnersim.analysis import discovery

        y = self.design["share"].to_numpy()
        return (float(y.mean()), *discovery.interval(y))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """How much each parameter matters: see `partnersim.analysis.discovery.scores`."""
        from partnersim.analysis import discovery

        return discovery.scores(self.design[list(self.space)], self.design["share"], seed=self.seed)

    def boxes(self, threshold: float | None = None) -> list[Box]:
        """Return boxes of conditions under which it is common: see `partnersim.analysis.discovery.boxes`."""
        from partnersim.analysis import discovery

        x = self.design[list(self.space)]
        return discovery.boxes(x, self.design["share"], self.what, labels=self.labels, threshold=threshold, seed=self.seed)

    def tree(self, threshold: float | None = None) -> list[Box]:
        """Return the whole space divided by a tree: see `partnersim.analysis.discovery.tree`."""
        from partnersim.analysis import discovery

        x = self.design[list(self.space)]
        return discovery.tree(x, self.design["share"], self.what, labels=self.labels, threshold=threshold, seed=self.seed)

    def map(self, first: str | None = None, second: str | None = None) -> pd.DataFrame:
        """Return the share over two parameters: when left out, those of the first box, else those with the highest scores."""
        from partnersim.analysis import discovery

        in_box = set(self.found[0].limits) if self.found else set()
        best = sorted(self.scores["parameter"], key=lambda name: name not in in_box)
        first = best[0] if first is None else first
        second = next(name for name in best if name != first) if second is None else second
        return discovery.map_of_two(self.design[list(self.space)], self.design["share"], first, second)

    @cached_property
    def found(self) -> tuple[Box, ...]:
        """Boxes at the usual threshold; none if none stands out, or if all points are too much alike (`notes` say which)."""
        return self._search[0]

    @cached_property
    def _search(self) -> tuple[tuple[Box, ...], str]:
        """Boxes, and why there can be none."""
        try:
            return tuple(self.boxes()), ""
        except ResultError as problem:
            return (), problem.what

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What too few points or deaths leave open; none if nothing is."""
        notes = []
        if problem := self._search[1]:
            notes.append(f"No boxes: {problem}.")
        if not (self.scores["low"] > self.scores["chance"]).any():
            notes.append(f"No parameter tells the {len(self.design)} points apart: more points would, or parameters that matter more.")
        wide = [box for box in self.found if box.high - box.low > 2 * WANTED_BOX]
        if wide:
            reach = max(box.high - box.low for box in wide) / 2
            points = needed(reach, WANTED_BOX, len(self.design))
            notes.append(
                f"Boxes are known to within {100 * reach:.0f} points: {100 * WANTED_BOX:.0f} would take a sample of about {points}."
            )
        try:
            notes += [f"Risk: {note}" for note in self.cox().notes]
        except ResultError as lacking:
            notes.append(f"No model of the risk: {lacking.what}.")
        return tuple(notes)

    @cached_property
    def leaves(self) -> tuple[Box, ...]:
        """The tree at the usual threshold."""
        return tuple(self.tree())

    def cox(self) -> Reading:
        """Return a Cox model of all parameters: see `partnersim.analysis.cox`."""
        return self._reading

    @cached_property
    def _reading(self) -> Reading:
        from partnersim.analysis.cox import cox

        return cox(self.lives, list(self.space), labels=self.labels)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "scenario": self.scenario.name,
            "question": f"under which conditions {self.what}",
            "within_years": self.within_years,
            "replicates": self.replicates,
            "points": len(self.design),
            "runs": self.runs,
            "years": self.years,
            "seed": self.seed,
            "share": dict(zip(("value", "low", "high"), self.share, strict=True)),
            "boxes": [
                {
                    "sentence": b.sentence,
                    "limits": {k: list(v) for k, v in b.limits.items()},
                    "density": b.density,
                    "low": b.low,
                    "high": b.high,
                    "coverage": b.coverage,
                    "base": b.base,
                }
                for b in self.found
            ],
            "tree": plain([{"sentence": b.sentence, "density": b.density, "low": b.low, "high": b.high} for b in self.leaves]),
            "scores": plain(self.scores.to_dict("records")),
            "notes": list(self.notes),
            "values": self.values_used,
            "seconds": round(self.seconds, 1),
        }


def space_of(scenario: Scenario, over: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return parameters by glob ("succession.*") with their sweep ranges.

    Raises ParameterError for a pattern that finds nothing to sweep.
    """
    known = {name: p.sweep for name, p in declared_parameters(scenario.plan).items() if p.sweep is not None}
    out: dict[str, tuple[float, float]] = {}
    for pattern in over:
        found = [name for name in known if fnmatchcase(name, pattern)]
        if not found:
            raise ParameterError(f"{pattern!r} names no parameter with a sweep range", where="over", allowed=nearest(pattern, known))
        out |= {name: known[name] for name in found if known[name] is not None}  # type: ignore[misc]
    if not out:
        raise ParameterError("no parameter is named", where="over", allowed='for example "succession.*"')
    return out


def sensitivity(
    scenario: Scenario | str | Path,
    over: Sequence[str],
    *,
    method: str = "morris",
    outcome: str = "practice_alive_months",
    points: int | None = None,
    replicates: int = 20,
    years: int = 20,
    seed: int = 1,
    point: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Say which parameters matter to an outcome, over their sweep ranges.

    Parameters
    ----------
    scenario
        A scenario, the name of a shipped one, or the path of a scenario file.
    over
        Parameters, or globs such as "succession.*".
    method
        "tornado": one at a time, low and high end against the scenario itself; "morris": screening over the whole space; "sobol": shares
        of variance, for the few that screening leaves.
    outcome
        As for `attribute`.
    points
        Trajectories of Morris (20 usually) or the base sample of Sobol (128; a power of two).
    replicates, years, seed, point, workers
        As for `run`; the same worlds at each point. Parameters that a point does not set have the values of the replicate's member of
        the band.
    progress
        Called with the number of finished runs and of all runs.
    """
    import pandas as pd

    from partnersim.analysis import sensitivity as maths

    scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if method not in METHODS:
        raise ParameterError(f"there is no method {method!r}", where="sensitivity", allowed=nearest(method, METHODS))
    if outcome not in UNITS:
        raise ParameterError(f"{outcome!r} is no outcome", where="sensitivity", allowed=nearest(outcome, UNITS))
    if replicates < 2:
        raise ParameterError(f"replicates = {replicates} is too few", where="sensitivity", allowed="2 or more")
    checked_years(years)
    space = space_of(scenario, over)
    size = METHODS[method] if points is None else points
    began = time.perf_counter()
    if method == "tornado":
        # only what is moved is set: the scenario itself stays as it is, over the band
        moved: list[Mapping[str, float]] = [{}, *({name: end} for name, ends in space.items() for end in ends)]
    else:
        design = (maths.morris_design if method == "morris" else maths.sobol_design)(space, size, seed)
        moved = _rows(design, space)
    worlds = np.tile(np.arange(replicates), (len(moved), 1))
    values = _played(scenario, moved, worlds, years, seed, point, workers, progress)
    column = values[:, :, MEASURED.index(outcome)]
    notes: tuple[str, ...] = ()
    if method == "tornado":
        ends_of = {name: tuple((end, column[1 + 2 * n + k]) for k, end in enumerate(ends)) for n, (name, ends) in enumerate(space.items())}
        table = maths.tornado(column[0], ends_of)  # type: ignore[arg-type]
        notes = maths.tornado_notes(table)
    else:
        long = pd.DataFrame(column).rename_axis("point").reset_index().melt("point", var_name="replicate", value_name=outcome)
        found: Indices = (maths.morris_effects if method == "morris" else maths.sobol_indices)(space, design, long, outcome, seed)
        table, notes = found.table, found.notes
    return Sensitivity(
        scenario, method, outcome, space, size, table, notes, column.size, replicates, years, seed, band.choose(point=point),
        time.perf_counter() - began,
    )  # fmt: skip


def discover(
    scenario: Scenario | str | Path,
    over: Sequence[str],
    *,
    within_years: float = 5,
    points: int = 400,
    replicates: int = 4,
    years: int = 10,
    seed: int = 1,
    point: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Say under which conditions practice dies early: a sample over the sweep ranges (Latin hypercube), searched for boxes.

    Arguments as for `sensitivity`; `within_years` is what counts as early. Each point has `replicates` worlds of its own.
    """
    import pandas as pd
    from scipy.stats import qmc

    from partnersim.analysis.discovery import check_installed

    scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if checked_years(years) < within_years:
        raise ParameterError(f"runs of {years} years cannot show deaths within {within_years:g}", where="discover", fix="run longer")
    if points < 40:
        raise ParameterError(f"{points} points are too few", where="discover", allowed="40 or more")
    space = space_of(scenario, over)
    check_installed()
    began = time.perf_counter()
    low, high = np.array(list(space.values())).T
    unit = qmc.LatinHypercube(len(space), rng=np.random.default_rng([seed, 0xD15])).random(points)
    design = pd.DataFrame(low + unit * (high - low), columns=list(space))
    design.insert(0, "point", np.arange(points))
    # worlds of its own for each point: in the same few, conditions would be those under which these few districts die
    worlds = np.arange(points * replicates).reshape(points, replicates)
    values = _played(scenario, _rows(design, space), worlds, years, seed, point, workers, progress)
    months, alive = (values[:, :, MEASURED.index(name)] for name in ("practice_alive_months", "practice_alive"))
    died = (alive == 0) & (months > 0)
    design["share"] = (died & (months <= 12 * within_years)).mean(axis=1)
    lives = design.loc[np.repeat(np.arange(points), replicates), list(space)].reset_index(drop=True)
    lives["replicate"] = worlds.ravel()
    lives["practice_born_month"] = np.where(months.ravel() > 0, 1, -1)
    lives["practice_alive_months"], lives["practice_died"] = months.ravel().astype(int), died.ravel()
    return Discovery(
        scenario, within_years, space, design, lives, months.size, replicates, years, seed, band.choose(point=point),
        time.perf_counter() - began,
    )  # fmt: skip


def _played(
    scenario: Scenario,
    moved: Sequence[Mapping[str, float]],
    worlds: np.ndarray,
    years: int,
    seed: int,
    point: bool,
    workers: int | None,
    progress: Progress | None,
) -> np.ndarray:
    """Run the scenario with what each point moves, in the point's worlds [point, world], and return [point, world, MEASURED]."""
    variants = [scenario.replace(name=f"{scenario.name}, point {n}", parameters=row) for n, row in enumerate(moved)]
    jobs = [(variant, int(world)) for variant, row in zip(variants, worlds, strict=True) for world in row]
    count = len(jobs)
    told = None if progress is None else lambda done: progress(done, count)
    return play(jobs, years=years, seed=seed, point=point, workers=workers, progress=told).reshape(*worlds.shape, -1)


def _rows(design: pd.DataFrame, space: Mapping[str, tuple[float, float]]) -> list[Mapping[str, float]]:
    """Return what each point of a design sets."""
    return [{str(name): float(value) for name, value in row.items()} for row in design[list(space)].to_dict("records")]


def _over(space: Mapping[str, tuple[float, float]]) -> str:
    return " ".join(f"--over {name}" for name in space)


def _footer(of: Sensitivity | Discovery) -> str:
    return (
        f"partnersim {__version__}, model {of.scenario.plan.digest[:12]}; scenario {of.scenario.name}; {of.runs} runs of {of.years} years, "
        f"{of.replicates} worlds a point, seed {of.seed}, {of.values_used} where nothing is moved. Ranges: `partnersim params`."
    )
