"""What every sweep over parameters of a scenario has: a space, points in it, worlds at each point, and how to make it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from partnersim import __version__
from partnersim.errors import ParameterError, nearest
from partnersim.model import band
from partnersim.model.band import Band
from partnersim.playing import play
from partnersim.scenarios.scenario import Scenario, declared_parameters

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Progress", "Space", "Sweep", "played", "rows", "space_of"]

Progress = Callable[[int, int], None]
Space = dict[str, tuple[float, float]]
"""Parameters with the lowest and highest value of their sweep."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sweep:
    """A scenario played all over a space of parameters."""

    scenario: Scenario
    space: Space
    runs: int
    replicates: int
    years: int
    seed: int
    band: Band | None
    """None at the default parameters. A parameter has the values of the design, and no member's, in runs that vary it."""
    seconds: float

    @property
    def title(self) -> str:
        """Heading of figures."""
        return self.scenario.heading

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return (
            f"partnersim {__version__}, model {self.scenario.plan.digest[:12]}; scenario {self.scenario.name}; "
            f"{self.runs} runs of {self.years} years, {self.replicates} worlds a point, seed {self.seed}, {self.values_used} "
            "where nothing is moved. Ranges: `partnersim params`."
        )

    @property
    def worlds(self) -> int:
        """Number of different worlds."""
        return self.replicates

    @property
    def values_used(self) -> str:
        """Which values the parameters have that are not varied, in words."""
        return band.described(self.band, self.worlds)

    @property
    def size(self) -> str:
        """Worlds, years, seed and values, as options of the command line."""
        return f"--replicates {self.replicates} --years {self.years} --seed {self.seed}{' --point' if self.band is None else ''}"

    @property
    def over(self) -> str:
        """The parameters, as options of the command line."""
        return " ".join(f"--over {name}" for name in self.space)


def space_of(scenario: Scenario, over: Sequence[str]) -> Space:
    """Return parameters by glob ("succession.*") with their sweep ranges.

    Raises ParameterError for a pattern that finds nothing to sweep.
    """
    known = {name: p.sweep for name, p in declared_parameters(scenario.plan).items() if p.sweep is not None}
    out: Space = {}
    for pattern in over:
        found = [name for name in known if fnmatchcase(name, pattern)]
        if not found:
            raise ParameterError(f"{pattern!r} names no parameter with a sweep range", where="over", allowed=nearest(pattern, known))
        out |= {name: known[name] for name in found if known[name] is not None}  # type: ignore[misc]
    if not out:
        raise ParameterError("no parameter is named", where="over", allowed='for example "succession.*"')
    return out


def played(
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


def rows(design: pd.DataFrame, space: Space) -> list[Mapping[str, float]]:
    """Return what each point of a design sets."""
    return [{str(name): float(value) for name, value in row.items()} for row in design[list(space)].to_dict("records")]
