"""What many runs of one scenario came to: tables, a summary, a story, and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from partnersim import __version__
from partnersim.engine.compose import Plan
from partnersim.engine.record import WORDS
from partnersim.engine.world import World
from partnersim.errors import ResultError, nearest
from partnersim.model import outcomes
from partnersim.model.band import AT_POINT, Band, described
from partnersim.model.columns import GROUPS, NOBODY, SIDES
from partnersim.model.outcomes import Life, Outcome
from partnersim.model.stance import WILL_INPUTS
from partnersim.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.story import Story
    from partnersim.turning import Turning

__all__ = ["Histories", "RunSet", "Tables"]

HAZARD_AGES = (0, 12, 24, 36, 60, 84, 120, 180)
"""Ages [months] that bound the intervals of the hazard."""
AGES = (12, 36, 60, 120, 240)
"""Ages [months] of the survival table."""


@dataclass
class Histories:
    """What the runs left behind, by replicate.

    series [replicate, month, outcome]; events [row, field] for each replicate; ledger [replicate, month, tier, stock,
    mechanism] and will [replicate, month, tier, input], with no replicates unless asked for.
    """

    series: np.ndarray
    events: list[np.ndarray]
    practice: list[Life]
    form: list[Life]
    cause: list[str]
    ledger: list[np.ndarray]
    will: list[np.ndarray]
    plan: Plan

    @classmethod
    def empty(cls, replicates: int, months: int, plan: Plan, *, ledger: bool) -> Histories:
        """Make room for that many runs."""
        nothing = np.zeros(0)
        unborn = Life(-1, 0, False)
        kept = replicates if ledger else 0
        return cls(
            series=np.zeros((replicates, months + 1, len(outcomes.NAMES))),
            events=[nothing] * replicates,
            practice=[unborn] * replicates,
            form=[unborn] * replicates,
            cause=[""] * replicates,
            ledger=[nothing] * kept,
            will=[nothing] * kept,
            plan=plan,
        )

    def keep(self, replicate: int, world: World, *, founded: bool) -> None:
        """Take over a finished run; the world can then be used for another."""
        record = world.record
        self.series[replicate] = record.series
        self.events[replicate] = record.event_rows().copy()
        self.practice[replicate] = outcomes.practice_life(record.series[:, outcomes.ALIVE_INDEX], founded=founded)
        self.form[replicate] = outcomes.form_life(record.series[:, outcomes.EXISTS])
        if self.ledger:
            self.ledger[replicate], self.will[replicate] = record.ledger.copy(), record.will.copy()

    def find_cause(self, replicate: int, world: World) -> None:
        """Say why practice died, from a world of the same history with its ledger booked up to the death."""
        record, end = world.record, self.practice[replicate].end
        plan = self.plan
        self.cause[replicate] = outcomes.cause_of_death(record.ledger, record.will, end, plan.lines, plan.stocks, WILL_INPUTS)


class Runs(Protocol):
    """Runs of one scenario, in memory or read from a folder: a row a run, and a row a run and month."""

    @property
    def scenario(self) -> Scenario: ...
    @property
    def years(self) -> int: ...
    @property
    def runs(self) -> pd.DataFrame: ...
    @property
    def series(self) -> pd.DataFrame: ...


class Tables:
    """Tables of runs."""

    @property
    def title(self: Runs) -> str:
        """Heading of figures."""
        return self.scenario.heading

    @property
    def outcomes(self: Runs) -> tuple[Outcome, ...]:
        """The declared outcomes, with unit, label and stakeholder group, in the words of the scenario."""
        say = self.scenario.say
        return tuple(replace(o, label=say(o.label), unit=say(o.unit)) for o in outcomes.OUTCOMES)

    def survival(self: Runs, by: str = "practice") -> pd.DataFrame:
        """Kaplan-Meier table by "practice" or "form": months (age), alive, low, high, at_risk."""
        from partnersim.analysis import survival

        return survival.survival(self.runs, by, horizon_months=12 * self.years)  # type: ignore[arg-type]

    def hazard(self: Runs, edges_months: Sequence[int] = HAZARD_AGES, by: str = "practice") -> pd.DataFrame:
        """Deaths per year at risk by age: see `partnersim.analysis.survival.hazard`."""
        from partnersim.analysis import survival

        inside = [age for age in edges_months if age < 12 * self.years]
        return survival.hazard(self.runs, [*inside, 12 * self.years], by)  # type: ignore[arg-type]

    def cumulative_incidence(self: Runs) -> pd.DataFrame:
        """Share that has died of each cause by each age: see `partnersim.analysis.survival.cumulative_incidence`."""
        from partnersim.analysis import survival

        return survival.cumulative_incidence(self.runs)

    def restricted_mean(self: Runs, horizon_months: int | None = None, by: str = "practice") -> dict[str, float]:
        """Mean life up to a horizon (the length of the runs): see `partnersim.analysis.survival.restricted_mean`."""
        from partnersim.analysis import survival

        return survival.restricted_mean(self.runs, 12 * self.years if horizon_months is None else horizon_months, by)  # type: ignore[arg-type]

    def bands(self: Runs, names: Iterable[str]) -> pd.DataFrame:
        """Median and middle 80 % of runs, by outcome and month; from month 1, as nobody has acted before."""
        from partnersim.analysis.bands import bands

        return bands(self.series[self.series["month"] > 0], names)


@dataclass(frozen=True, eq=False, repr=False)
class RunSet(Tables):
    """Runs of one scenario on the replicates 0, 1, 2, ...

    `runs` (one row a run), `series` (a run and month) and `events` (a dated fact) are pandas frames; the methods are
    tables made of them.
    """

    scenario: Scenario
    years: int
    seed: int
    band: Band | None
    """None at the default parameters."""
    histories: Histories
    seconds: float

    def __repr__(self) -> str:
        return f"<RunSet {self.scenario.name}: {self.replicates} runs of {self.years} years, seed {self.seed}>"

    @property
    def replicates(self) -> int:
        """Number of runs."""
        return len(self.histories.events)

    @property
    def kernel(self) -> str:
        """Hash of everything the machine code was made of: equal hashes, equal results."""
        return self.histories.plan.digest

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return (
            f"partnersim {__version__}, model {self.kernel[:12]}; scenario {self.scenario.name}; "
            f"{self.replicates} runs of {self.years} years, seed {self.seed}, {self.values_used}."
        )

    @property
    def values_used(self) -> str:
        """Which parameter values the runs have, in words."""
        return described(self.band, self.replicates)

    @property
    def agent_months(self) -> int:
        """Person-months simulated: leaders and their teams, middle managers, stewards and members."""
        s = self.scenario
        return self.replicates * 12 * self.years * (2 + 2 * s.team_size + s.sites * (1 + s.stewards_per_site + s.members_per_site))

    # -- frames ---------------------------------------------------------------------------------------------------

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: lives, cause of death, regime, and the mean of each outcome over the last 24 months.

        `band_member` is the number of its parameter vector in the band, from 0; -1 at the default parameters.
        """
        import pandas as pd

        h = self.histories
        replicates = np.arange(self.replicates)
        last = h.series[:, max(1, h.series.shape[1] - outcomes.FINAL) :].mean(axis=1)
        data: dict[str, Any] = {
            "scenario": self.scenario.name,
            "replicate": replicates,
            "band_member": AT_POINT if self.band is None else replicates % len(self.band),
            "seed": self.seed,
        }
        for kind, lives in (("practice", h.practice), ("form", h.form)):
            data[f"{kind}_born_month"] = [life.born for life in lives]
            data[f"{kind}_alive_months"] = [life.months for life in lives]
            data[f"{kind}_died"] = [life.died for life in lives]
        data["cause_of_death"] = h.cause
        data["regime"] = [outcomes.regime(series) for series in h.series]
        data["participation"] = [outcomes.pateman(authority) for authority in last[:, outcomes.AUTHORITY_WORKPLACE]]
        return pd.DataFrame(data | {name: last[:, n] for n, name in enumerate(outcomes.NAMES)})

    @cached_property
    def series(self) -> pd.DataFrame:
        """One row a run and month (from 0), one column an outcome; units in `outcomes`."""
        import pandas as pd

        count, months, _ = self.histories.series.shape
        flat = self.histories.series.reshape(count * months, -1)
        who = {
            "scenario": self.scenario.name,
            "replicate": np.repeat(np.arange(count), months),
            "month": np.tile(np.arange(months), count),
        }
        return pd.DataFrame(who | {name: flat[:, n] for n, name in enumerate(outcomes.NAMES)})

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row a dated event: month, kind, level, site (-1: the district), side, cause, size."""
        import pandas as pd

        rows = np.concatenate(self.histories.events)
        month, kind, group, site, side, cause, size = rows.T
        sides = np.array([*SIDES, ""])
        return pd.DataFrame(
            {
                "scenario": self.scenario.name,
                "replicate": np.repeat(np.arange(self.replicates), [len(part) for part in self.histories.events]),
                "month": month.astype(np.int64),
                "kind": _words(kind),
                "level": np.array(GROUPS)[group.astype(np.int64)],
                "site": site.astype(np.int64),
                "side": sides[np.where(side == NOBODY, len(SIDES), side).astype(np.int64)],
                "cause": _words(cause),
                "size": size,
            }
        )

    # -- tables ---------------------------------------------------------------------------------------------------

    def summary(self) -> pd.DataFrame:
        """Everything on one page: section, quantity, value, low, high, interval, unit, n.

        Sections: practice and form (share of runs in which it was ever born, and alive at 1, 3, 5, 10 and 20 years of
        age), regime, cause of death, and the outcomes by stakeholder. `interval` says what `low` and `high` are.
        """
        import pandas as pd

        from partnersim.analysis import survival

        confidence, spread = "95 % confidence", "10th to 90th percentile of runs"
        rows: list[tuple[Any, ...]] = []
        for by in ("practice", "form"):
            table = self.survival(by)
            born = int(table.attrs["n"])
            rows.append((by, "ever born", born / self.replicates, np.nan, np.nan, "", "share of runs", self.replicates))
            for age, alive, low, high, n in survival.at_months(table, AGES).itertuples(index=False):
                rows.append((by, f"alive at {age} months", alive, low, high, confidence, "share of those born", n))
        for section, table in (("regime", survival.regimes(self.runs)), ("cause of death", survival.causes(self.runs))):
            unit = "share of runs" if section == "regime" else "share of deaths"
            for name, runs, share, low, high in table.itertuples(index=False):
                rows.append((section, name, share, low, high, confidence, unit, runs))
        for outcome in self.outcomes:
            low, middle, high = self.runs[outcome.name].quantile([0.1, 0.5, 0.9])
            rows.append((outcome.group, outcome.name, middle, low, high, spread, outcome.unit, self.replicates))
        return pd.DataFrame(rows, columns=["section", "quantity", "value", "low", "high", "interval", "unit", "n"])

    def story(self, replicate: int) -> Story:
        """Tell one run: dated events, practice by year, and the ledger of what moved trust and will before its end.

        Print it, or use its tables. The run is simulated again, which gives the same history.
        """
        from partnersim.story import tell

        return tell(self.scenario, replicate=replicate, seed=self.seed, years=self.years, point=self.band is None)

    def early_warning(self, outcome: str = "trust_union_workplace") -> pd.DataFrame:
        """Skill of early warnings of death in one outcome: see `partnersim.analysis.early_warning`."""
        from partnersim.analysis.early_warning import early_warning

        if outcome not in outcomes.NAMES:
            raise ResultError(f"{outcome!r} is no outcome", where="early_warning", allowed=nearest(outcome, outcomes.NAMES))
        return early_warning(self.series[self.series["month"] > 0], self.runs, outcome)

    def turning(self, replicate: int, futures: int = 40) -> Turning:
        """Say when a run was lost, and which single change would have saved it: see `partnersim.turning`."""
        from partnersim.turning import turning_points

        return turning_points(
            self.scenario, replicate=replicate, seed=self.seed, years=self.years, futures=futures, point=self.band is None
        )

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain data, as `partnersim run --json` prints it."""
        table = self.summary()
        shares = {name: part.set_index("quantity")["value"].to_dict() for name, part in table.groupby("section")}
        spread = self.runs[list(outcomes.NAMES)].quantile([0.1, 0.5, 0.9])
        return {
            "scenario": self.scenario.name,
            "runs": self.replicates,
            "years": self.years,
            "seed": self.seed,
            "survival": {by: {str(age): shares[by].get(f"alive at {age} months") for age in AGES} for by in ("practice", "form")},
            "regimes": shares["regime"],
            "causes": shares.get("cause of death", {}),
            "outcomes": {name: dict(zip(("p10", "median", "p90"), spread[name].tolist(), strict=True)) for name in outcomes.NAMES},
            "seconds": round(self.seconds, 3),
            "agent_months": self.agent_months,
        }

    def save(self, folder: str | Path) -> bool:
        """Write tables, figures, scenario and provenance to a folder; False if it holds this very run already.

        Raises ResultError if the folder holds anything else, or cannot be written. Nothing is ever overwritten.
        """
        from partnersim.saving import save

        return save(self, Path(folder))


def _words(codes: np.ndarray) -> np.ndarray:
    """Decode the words of an event column."""
    found, where = np.unique(codes.astype(np.int64), return_inverse=True)
    return np.array([WORDS[int(code)] for code in found], dtype=object)[where]
