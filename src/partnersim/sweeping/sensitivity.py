"""Which parameters matter to an outcome: one at a time (tornado), by screening (Morris) or by shares of variance (Sobol)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim.analysis.plain import plain
from partnersim.engine.random import check_key
from partnersim.errors import ParameterError, nearest
from partnersim.model import band
from partnersim.playing import LABELS, MEASURED, UNITS
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario, declared_parameters
from partnersim.simulate import checked_years
from partnersim.sweeping.sweep import Progress, Sweep, played, rows, space_of

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.analysis.sensitivity import Indices

__all__ = ["Sensitivity", "sensitivity"]

METHODS = {"tornado": 1, "morris": 20, "sobol": 128}
"""Methods, with their usual size: nothing, trajectories, rows of the base sample."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sensitivity(Sweep):
    """Which parameters matter to an outcome, strongest first in `table`; `notes` say what to mind."""

    method: str
    outcome: str
    points: int
    table: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Sensitivity ({self.method}) of {self.outcome}, {self.scenario.name}: {len(self.space)} parameters, {self.runs} runs>"

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
    def options(self) -> str:
        """What makes the same analysis again, on the command line."""
        points = "" if self.method == "tornado" else f" --points {self.points}"
        return f"{self.over} --method {self.method} --outcome {self.outcome}{points} {self.size}"

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
    check_key(seed, "seed")
    space = space_of(scenario, over)
    size = METHODS[method] if points is None else points
    began = time.perf_counter()
    if method == "tornado":
        # only what is moved is set: the scenario itself stays as it is, over the band
        moved: list[Mapping[str, float]] = [{}, *({name: end} for name, ends in space.items() for end in ends)]
    else:
        design = (maths.morris_design if method == "morris" else maths.sobol_design)(space, size, seed)
        moved = rows(design, space)
    worlds = np.tile(np.arange(replicates), (len(moved), 1))
    values = played(scenario, moved, worlds, years, seed, point, workers, progress)
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
        scenario=scenario,
        space=space,
        runs=column.size,
        replicates=replicates,
        years=years,
        seed=seed,
        band=band.choose(point=point),
        seconds=time.perf_counter() - began,
        method=method,
        outcome=outcome,
        points=size,
        table=table,
        notes=notes,
    )
