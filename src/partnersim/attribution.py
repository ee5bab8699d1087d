"""Attribution: what each sustaining factor of a scenario contributes, with factors taken away in the same worlds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim import __version__
from partnersim.analysis import attribution as maths
from partnersim.analysis.attribution import Game
from partnersim.analysis.plain import plain
from partnersim.analysis.precision import needed
from partnersim.errors import ParameterError, ResultError, nearest
from partnersim.model import band
from partnersim.model.band import Band
from partnersim.playing import LABELS, MEASURED, UNITS, play
from partnersim.scenarios.factors import FACTORS, Factor, chosen, without_factors
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import checked_years

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Attribution", "attribute"]

WANTED = 0.025
"""Half-width at which a factor is well placed, as a share of what all bring together."""


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """What each factor of a scenario contributes.

    `table()` holds the Shapley values of an outcome, `interactions()` the pairs; any outcome of `outcomes` can be asked for, as all were
    recorded. `absent_already` names the factors that the scenario does not have, which contribute nothing.
    """

    scenario: Scenario
    outcome: str
    years: int
    seed: int
    factors: tuple[Factor, ...]
    absent_already: tuple[Factor, ...]
    present: np.ndarray
    values: np.ndarray
    runs: int
    band: Band | None
    """None at the default parameters."""
    seconds: float

    def __repr__(self) -> str:
        return f"<Attribution of {self.outcome}, {self.scenario.name}: {len(self.factors)} factors, {self.worlds} worlds, {self.runs} runs>"

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return len(self.present)

    @property
    def outcomes(self) -> dict[str, str]:
        """What can be attributed, with its unit."""
        return UNITS

    @property
    def title(self) -> str:
        """Heading of figures."""
        return self.scenario.heading

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return (
            f"partnersim {__version__}, model {self.scenario.plan.digest[:12]}; scenario {self.scenario.name}; {self.worlds} worlds, "
            f"{self.runs} runs of {self.years} years, seed {self.seed}, {self.values_used}. "
            "Absent levels: `partnersim attribute --factors list`."
        )

    @property
    def values_used(self) -> str:
        """Which parameter values the runs have, in words."""
        return band.described(self.band, self.worlds)

    @property
    def options(self) -> str:
        """What makes the same attribution again, on the command line."""
        names = [factor.name for factor in (*self.factors, *self.absent_already)]
        factors = "" if set(names) == {factor.name for factor in FACTORS} else f" --factors {','.join(names)}"
        point = " --point" if self.band is None else ""
        return f"--outcome {self.outcome}{factors} --replicates {self.worlds} --years {self.years} --seed {self.seed}{point}"

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What too few worlds leave open, and how many would do; none if nothing is."""
        table, notes = self.table(), []
        difference = table.attrs["difference"]
        if difference[1] <= 0 <= difference[2]:
            notes.append("What all factors bring together is not clear of 0, so the shares of single ones are left out.")
        reach = (table["high"] - table["low"]) / 2
        wanted = WANTED * abs(difference[0])
        wide = table[(table["low"] <= 0) & (table["high"] >= 0) & (reach > wanted)]
        if len(wide) and wanted > 0:
            worlds = needed(float(reach[wide.index].max()), wanted, self.worlds)
            names = ", ".join(label.lower() for label in wide["label"])
            notes.append(
                f"Too few worlds to place {names}: about {worlds} would tell every factor to within {wanted:.2g} {table['unit'].iloc[0]}."
            )
        if len(self.factors) > 1 and not self.can_pair:
            pairs = len(self.factors) * (len(self.factors) + 1) // 2
            notes.append(f"Too few worlds for pairs of factors: {-(-pairs // 2)} or more are needed.")
        return tuple(notes)

    def game(self, outcome: str | None = None) -> Game:
        """Return the raw material: which factors were present in each run, and what came of it."""
        name = self.outcome if outcome is None else outcome
        _check(name)
        return Game(tuple(factor.name for factor in self.factors), self.present, self.values[:, :, MEASURED.index(name)])

    def table(self, outcome: str | None = None) -> pd.DataFrame:
        """Return the Shapley value of each factor, largest first: factor, label, value, low, high, share, n, without; absent ones last.

        Values add up to what all factors bring together (`attrs["difference"]`); intervals are 95 %, for each factor on its own.
        """
        import pandas as pd

        found = maths.shapley(self.game(outcome))
        named = {factor.name: factor for factor in (*self.factors, *self.absent_already)}
        gone = [(factor.name, 0.0, 0.0, 0.0, 0.0, self.worlds) for factor in self.absent_already]
        full = pd.concat([found, pd.DataFrame(gone, columns=found.columns)], ignore_index=True) if gone else found
        full.insert(1, "label", [named[name].label for name in full["factor"]])
        full["unit"] = UNITS[self.outcome if outcome is None else outcome]
        full["without"] = [("the scenario has none" if n >= len(found) else named[name].without) for n, name in enumerate(full["factor"])]
        full.attrs.update(found.attrs)
        return full

    def interactions(self, outcome: str | None = None) -> pd.DataFrame:
        """Return how much more (complements) or less (substitutes) two factors bring together than the sum of each, largest first."""
        table = maths.interactions(self.game(outcome))
        order = (-table["value"].abs()).argsort(kind="stable")
        return table.iloc[order].reset_index(drop=True)

    def together(self, *names: str, outcome: str | None = None) -> tuple[float, float, float]:
        """Return what some factors contribute together, with the 95 % interval of their sum."""
        known = [factor.name for factor in self.factors]
        for name in names:
            if name not in known:
                raise ParameterError(f"there is no factor {name!r} here", where="together", allowed=nearest(name, known))
        return maths.together(self.game(outcome), names)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Labels of the factors."""
        return {factor.name: factor.label for factor in (*self.factors, *self.absent_already)}

    def label(self, outcome: str | None = None) -> str:
        """Return the label of an outcome with its unit."""
        name = self.outcome if outcome is None else outcome
        return f"{LABELS[name]} [{UNITS[name]}]"

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        table = self.table()
        ends = {name: dict(zip(("value", "low", "high"), table.attrs[name], strict=True)) for name in ("none", "all", "difference")}
        pairs = plain(self.interactions().to_dict("records")) if self.can_pair else []
        return {
            "scenario": self.scenario.name,
            "outcome": self.outcome,
            "unit": UNITS[self.outcome],
            "worlds": self.worlds,
            "runs": self.runs,
            "years": self.years,
            "seed": self.seed,
            **ends,
            "factors": plain(table.to_dict("records")),
            "interactions": pairs,
            "notes": list(self.notes),
            "values": self.values_used,
            "seconds": round(self.seconds, 1),
        }

    @property
    def can_pair(self) -> bool:
        """Whether there are enough worlds for interactions."""
        count = len(self.factors) * (len(self.factors) + 1) // 2
        return len(self.factors) > 1 and (len(self.factors) <= maths.FEW or 2 * self.worlds >= count)


def attribute(
    scenario: Scenario | str | Path,
    *,
    outcome: str = "practice_alive_months",
    factors: Sequence[str] | None = None,
    replicates: int = 128,
    years: int = 20,
    seed: int = 1,
    point: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Attribution:
    """Say what each sustaining factor of a scenario contributes to an outcome.

    Each world is run with factors present and absent, with the same luck: every set of up to five factors, and else one random order of
    arriving factors and its reverse. Sixteen factors take 32 runs a world.

    Parameters
    ----------
    scenario
        A scenario, the name of a shipped one, or the path of a scenario file: all its factors present.
    outcome
        `practice_alive_months`, `form_alive_months`, `practice_alive` (at the end) or any recorded outcome (mean of the last 24 months).
    factors
        Names of factors (`partnersim.scenarios.factors`); the sixteen if left out.
    replicates
        Number of worlds.
    years, seed, point, workers
        As for `run`.
    progress
        Called with the number of finished runs and of all runs.

    Raises
    ------
    ParameterError
        Unknown factor or outcome, or a scenario that has none of the factors.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    _check(outcome)
    checked_years(years)
    if isinstance(replicates, bool) or not isinstance(replicates, int) or not 2 <= replicates <= 1_000_000:
        raise ParameterError(
            f"replicates = {replicates!r} is not possible", where="replicates", allowed="a whole number from 2 to 1,000,000"
        )
    asked = chosen(factors)
    there = tuple(factor for factor in asked if without_factors(scenario, [factor]) is not scenario)
    if not there:
        raise ParameterError(f"{scenario.name} has none of the factors", where="attribute", fix="choose another scenario or other factors")
    began = time.perf_counter()
    present = maths.sets(len(there), replicates, seed)
    jobs: dict[tuple[bytes, int], int] = {}
    variants: dict[bytes, Scenario] = {}
    where = np.zeros(present.shape[:2], np.int64)
    for world in range(replicates):
        for play_of, mask in enumerate(present[world]):
            key = mask.tobytes()
            where[world, play_of] = jobs.setdefault((key, world), len(jobs))
            if key not in variants:
                variants[key] = without_factors(scenario, [factor for factor, is_there in zip(there, mask, strict=True) if not is_there])
    count = len(jobs)
    found = play(
        [(variants[key], world) for key, world in jobs],
        years=years,
        seed=seed,
        point=point,
        workers=workers,
        progress=None if progress is None else lambda done: progress(done, count),
    )
    return Attribution(
        scenario=scenario,
        outcome=outcome,
        years=years,
        seed=seed,
        factors=there,
        absent_already=tuple(factor for factor in asked if factor not in there),
        present=present,
        values=found[where],
        runs=count,
        band=band.choose(point=point),
        seconds=time.perf_counter() - began,
    )


def _check(outcome: str) -> None:
    if outcome not in UNITS:
        raise ResultError(f"{outcome!r} is no outcome", where="attribute", allowed=nearest(outcome, UNITS))
