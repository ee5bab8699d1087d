"""Under which conditions practice dies early: a sample over the sweep ranges, searched for boxes, a tree and a model of the risk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim.analysis.plain import plain
from partnersim.analysis.precision import needed
from partnersim.engine.random import check_key
from partnersim.errors import ParameterError, ResultError
from partnersim.model import band
from partnersim.playing import MEASURED
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario, declared_parameters
from partnersim.simulate import checked_years
from partnersim.sweeping.sweep import Progress, Sweep, played, rows, space_of

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.analysis.cox import Reading
    from partnersim.analysis.discovery import Box

__all__ = ["Discovery", "discover"]

WANTED_BOX = 0.10
"""Half-width at which the share of a box is well known: ten points."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Discovery(Sweep):
    """Under which conditions practice dies early: `boxes` and `tree` in words, `scores`, a `map` of two parameters, and a `cox` model.

    `design` holds one row a point with its parameters and the share of its replicates in which practice died in time.
    """

    within_years: float
    design: pd.DataFrame
    lives: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Discovery, {self.scenario.name}: {len(self.design)} points, {self.runs} runs>"

    @property
    def worlds(self) -> int:
        """Number of different worlds: each point has its own."""
        return self.runs

    @property
    def options(self) -> str:
        """What makes the same discovery again, on the command line."""
        return f"{self.over} --within-years {self.within_years:g} --points {len(self.design)} {self.size}"

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
    check_key(seed, "seed")
    if replicates < 1:
        raise ParameterError(f"replicates = {replicates} is too few", where="discover", allowed="1 or more")
    if not within_years > 0:
        raise ParameterError(f"within_years = {within_years:g} is no time", where="discover", allowed="more than 0")
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
    values = played(scenario, rows(design, space), worlds, years, seed, point, workers, progress)
    months, alive = (values[:, :, MEASURED.index(name)] for name in ("practice_alive_months", "practice_alive"))
    died = (alive == 0) & (months > 0)
    design["share"] = (died & (months <= 12 * within_years)).mean(axis=1)
    lives = design.loc[np.repeat(np.arange(points), replicates), list(space)].reset_index(drop=True)
    lives["replicate"] = worlds.ravel()
    lives["practice_born_month"] = np.where(months.ravel() > 0, 1, -1)
    lives["practice_alive_months"], lives["practice_died"] = months.ravel().astype(int), died.ravel()
    return Discovery(
        scenario=scenario,
        space=space,
        runs=months.size,
        replicates=replicates,
        years=years,
        seed=seed,
        band=band.choose(point=point),
        seconds=time.perf_counter() - began,
        within_years=within_years,
        design=design,
        lives=lives,
    )
