"""Compare scenarios on the same luck: run each in the same worlds, and tabulate what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim import __version__
from partnersim.analysis.plain import plain
from partnersim.analysis.precision import telling
from partnersim.errors import ParameterError, ResultError, nearest
from partnersim.model import outcomes
from partnersim.results import RunSet
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

LIVES = {
    "practice_alive_months": "months",
    "practice_alive_at_60": "share of worlds",
    "practice_alive_at_120": "share of worlds",
    "practice_alive_at_240": "share of worlds",
    "form_alive_months": "months",
}
"""Outcomes of lives, with their unit: months alive within the runs, and whether the first life lasts beyond a month."""
LABELS = {
    "practice_alive_months": "Life of practice",
    "practice_alive_at_60": "Practice alive after 5 years",
    "practice_alive_at_120": "Practice alive after 10 years",
    "practice_alive_at_240": "Practice alive after 20 years",
    "form_alive_months": "Life of the form",
} | {outcome.name: outcome.label for outcome in outcomes.OUTCOMES}
CHOSEN = (*LIVES, "practice_workplace", "trust_union_workplace", "member_support", "quality", "grievances")
"""Outcomes compared when nothing is said."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Scenarios run in the same worlds; the first is the baseline.

    `summary()` is the table of paired differences, `by_month(outcome)` the same along time, `survival(by)` the survival of each scenario.
    """

    results: tuple[RunSet, ...]

    def __post_init__(self) -> None:
        if len(self.results) < 2:
            raise ResultError("there is nothing to compare", where="compare", allowed="two scenarios or more")
        _check_names([result.scenario.name for result in self.results])
        base = self.results[0]
        for other in self.results[1:]:
            if (other.seed, other.replicates, other.years) != (base.seed, base.replicates, base.years):
                raise ResultError(
                    f"runs of {other.scenario.name} and {base.scenario.name} are not paired",
                    where="compare",
                    allowed="the same seed, replicates and years",
                    fix="ps.compare([a, b]) runs scenarios in the same worlds",
                )
            if other.band != base.band:
                raise ResultError(
                    f"runs of {other.scenario.name} and {base.scenario.name} are not paired: they have other parameter values",
                    where="compare",
                    allowed="the same band, or the default parameters (`point=True`), in every scenario",
                    fix="ps.compare([a, b]) runs scenarios in the same worlds",
                )

    def __repr__(self) -> str:
        return f"<Comparison {' / '.join(self.names)}: {self.results[0].replicates} worlds of {self.results[0].years} years>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, the baseline first."""
        return tuple(result.scenario.name for result in self.results)

    @property
    def baseline(self) -> str:
        """The scenario the others are compared with."""
        return self.names[0]

    @property
    def title(self) -> str:
        """Heading of figures."""
        return " / ".join(self.names)

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        first = self.results[0]
        return (
            f"partnersim {__version__}, model {first.kernel[:12]}; {first.replicates} worlds of {first.years} years, seed {first.seed}, "
            f"{self.values_used}; world by world the same luck and the same parameters in every scenario."
        )

    @property
    def values_used(self) -> str:
        """Which parameter values the runs have, in words."""
        return self.results[0].values_used

    @property
    def options(self) -> str:
        """What makes the same comparison again, on the command line."""
        first = self.results[0]
        point = " --point" if first.band is None else ""
        return f"--replicates {first.replicates} --years {first.years} --seed {first.seed}{point}"

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What too few worlds leave open, and how many would do; none if nothing is."""
        table, notes = self.summary(), []
        life = table[table["outcome"] == CHOSEN[0]]
        for row in life[(life["low"] <= 0) & (life["high"] >= 0)].itertuples():
            worlds = telling(row.difference, (row.high - row.low) / 2, row.n)
            if worlds is not None and worlds > row.n:
                notes.append(
                    f"Too few worlds to tell {row.scenario} from {self.baseline}: a difference in {LABELS[row.outcome].lower()} as large "
                    f"as this one would show (4 times in 5) with about {worlds} worlds."
                )
        return tuple(notes)

    @property
    def outcomes(self) -> dict[str, str]:
        """Everything that can be compared, with its unit."""
        return {**LIVES, **{outcome.name: outcome.unit for outcome in outcomes.OUTCOMES}}

    @property
    def labels(self) -> dict[str, str]:
        """Everything that can be compared, in words."""
        return LABELS

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The runs of all scenarios, one below the other, with the outcomes of lives."""
        import pandas as pd

        from partnersim.analysis.compare import alive_at

        frame = pd.concat([result.runs for result in self.results], ignore_index=True)
        for name in LIVES:
            if "_at_" in name:
                by, _, month = name.partition("_alive_at_")
                frame[name] = alive_at(frame, int(month), by)
        return frame

    def summary(self, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the paired differences from the baseline; see `partnersim.analysis.compare.differences` for the columns.

        Outcomes that are not lives are means over the last 24 months of each run, whether its partnership lives or not.
        """
        from partnersim.analysis.compare import differences

        months = 12 * self.results[0].years
        chosen = [name for name in CHOSEN if "_at_" not in name or int(name.rpartition("_")[2]) <= months] if names is None else list(names)
        for name in chosen:
            self._check(name)
        return differences(self.runs, chosen, self.baseline, units=self.outcomes)

    def by_month(self, outcome: str = "alive_index") -> pd.DataFrame:
        """Return the paired differences of an outcome month by month; see `partnersim.analysis.compare.differences_by_month`."""
        import pandas as pd

        from partnersim.analysis.compare import differences_by_month

        if outcome not in outcomes.NAMES:
            raise ResultError(f"{outcome!r} is not recorded by month", where="by_month", allowed=nearest(outcome, outcomes.NAMES))
        series = pd.concat([result.series[["scenario", "replicate", "month", outcome]] for result in self.results], ignore_index=True)
        return differences_by_month(series[series["month"] > 0], outcome, self.baseline)

    def paths(self, outcome: str = "alive_index") -> dict[str, np.ndarray]:
        """Return an outcome of each run by scenario, [replicate, month], from month 1: the spaghetti behind the differences."""
        n = outcomes.NAMES.index(outcome)
        return {result.scenario.name: result.histories.series[:, 1:, n] for result in self.results}

    def survival(self, by: str = "practice") -> dict[str, pd.DataFrame]:
        """Return the Kaplan-Meier table of each scenario."""
        return {result.scenario.name: result.survival(by) for result in self.results}

    def to_json(self) -> dict[str, Any]:
        """Return the differences as plain data."""
        first = self.results[0]
        rows = self.summary().to_dict("records")
        return {
            "baseline": self.baseline,
            "scenarios": list(self.names),
            "runs": first.replicates,
            "years": first.years,
            "seed": first.seed,
            "confidence": 0.95,
            "differences": plain(rows),
            "notes": list(self.notes),
            "values": self.values_used,
        }

    def _check(self, name: str) -> None:
        if name not in self.outcomes:
            raise ResultError(f"{name!r} is no outcome", where="compare", allowed=nearest(name, self.outcomes))


def compare(
    scenarios: Sequence[Scenario | str | Path],
    *,
    replicates: int = 200,
    years: int = 20,
    seed: int = 1,
    point: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Run scenarios in the same worlds and compare the others with the first.

    Parameters
    ----------
    scenarios
        Two or more: scenarios, names of shipped ones or paths.
    replicates, years, seed, point, workers
        As for `run`, the same for every scenario.
    progress
        Called with the number of finished runs, over all scenarios.
    """
    if isinstance(scenarios, Scenario | str | Path) or len(scenarios) < 2:
        raise ParameterError("one scenario cannot be compared", where="compare", allowed="a list of two or more")
    loaded = [one if isinstance(one, Scenario) else load_scenario(one) for one in scenarios]
    _check_names([scenario.name for scenario in loaded])
    if replicates < 2:
        raise ParameterError(f"replicates = {replicates} is too few to compare", where="compare", allowed="2 or more")
    results = []
    for n, scenario in enumerate(loaded):

        def told(done: int, before: int = n * replicates) -> None:
            if progress is not None:
                progress(before + done)

        results.append(run(scenario, replicates=replicates, years=years, seed=seed, point=point, workers=workers, progress=told))
    return Comparison(tuple(results))


def _check_names(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ParameterError(
            f"two scenarios are called {twice!r}",
            where="compare",
            fix='compare different ones; in Python, name variants: scenario.replace(name="...")',
        )
