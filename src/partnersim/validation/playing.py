"""Playing the recipes of the patterns: runs of a scenario with what was looked at on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import numpy as np

from partnersim.engine.record import word
from partnersim.model import band, outcomes
from partnersim.model.columns import ADVISES, MANAGEMENT, UNION, WORKPLACE
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import open_world
from partnersim.threads import cores

Statistics = dict[str, float]
Measure = Callable[[np.ndarray], Statistics]
Columns = Mapping[str, np.ndarray]

SEED = 11
DISTRICT = Scenario(name="district", sites=14)
ADVERSARIAL = DISTRICT.replace(name="adversarial", start={"kind": "adversarial"}, parameters={"succession.middle_disposition": 0})
STAY = {"succession.management_tenure_months": 5000, "succession.union_tenure_months": 5000}
SCHOOLS_AT = (12, 24, 36, 48, 60, 96, *range(120, 144), 144)
PARTNERSHIP, SCORE, POVERTY, DENSITY, CONTACT, EXITS, FOR_SELF, DELIVERED = range(8)


@dataclass(frozen=True)
class Runs:
    """Runs of a scenario: a series by its name, dated events by their kind, and what was looked at by month.

    Practice counts as alive from C = `alive` on.
    """

    series: np.ndarray
    events: list[np.ndarray]
    seen: Mapping[int, np.ndarray]
    alive: float = outcomes.ALIVE

    def __getitem__(self, outcome: str) -> np.ndarray:
        """Return a series [replicate, month]."""
        return self.series[:, :, outcomes.NAMES.index(outcome)]

    def mean(self, outcome: str, first: int, last: int) -> np.ndarray:
        """Return each run's mean of an outcome over months."""
        return self[outcome][:, first : last + 1].mean(axis=1)

    @property
    def low(self) -> np.ndarray:
        """Whether a spell of twelve months without practice begins, [replicate, month]; month 0 is not lived."""
        low = self["alive_index"] < self.alive
        low[:, 0] = False
        return np.asarray(np.lib.stride_tricks.sliding_window_view(low, outcomes.SPELL, axis=1).all(axis=2))

    def broke(self, first: int, last: int) -> np.ndarray:
        """Return which runs have a break in these months."""
        return np.asarray(self.low[:, first : last + 1].any(axis=1))

    def count(self, kind: str, first: int, last: int, cause: str | None = None, side: int | None = None) -> np.ndarray:
        """Return how often something happened in these months, by run."""
        return np.array([len(rows) for rows in self.dates(kind, first, last, cause, side)])

    def dates(self, kind: str, first: int, last: int, cause: str | None = None, side: int | None = None) -> list[np.ndarray]:
        """Return the months in which something happened, by run."""
        out = []
        for rows in self.events:
            found = (rows[:, 1] == word(kind)) & (rows[:, 0] >= first) & (rows[:, 0] <= last)
            if cause is not None:
                found &= rows[:, 5] == word(cause)
            if side is not None:
                found &= rows[:, 4] == side
            out.append(rows[found, 0].astype(int))
        return out


@dataclass
class Lab:
    """Plays recipes with one number of replicates and one seed; `changed` parameters are laid over those of every scenario.

    Replicates have the members of the band in turn; at the `point`, the default parameters.
    """

    replicates: int = 200
    seed: int = SEED
    changed: Mapping[str, float] = field(default_factory=dict)
    point: bool = False
    threads: int = field(default_factory=cores)
    _usual: Runs | None = None

    def play(
        self,
        scenario: Scenario,
        *,
        years: int,
        look: Callable[[Columns], np.ndarray] | None = None,
        at: Sequence[int] = (),
        times: int = 1,
    ) -> Runs:
        """Run a scenario; `look` returns an array from the columns of a world in the months `at`.

        What is rare is looked for in so many `times` as many runs.
        """
        scenario = scenario.replace(name="probe", parameters=self.changed)
        threads = min(self.threads, self.replicates)
        months = 12 * years
        worlds: SimpleQueue[Any] = SimpleQueue()
        for _ in range(threads):
            worlds.put(open_world(scenario, seed=self.seed, replicate=0, months=months, ledger=False, point=self.point))

        def one(replicate: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
            opened = worlds.get()
            opened.begin(seed=self.seed, replicate=replicate)
            found = []
            for month in at:
                opened.advance(month)
                found.append(look(opened.world.columns) if look else np.empty(0))
            opened.advance(months)
            out = opened.world.record.series.copy(), opened.world.record.event_rows().copy(), found
            worlds.put(opened)
            return out

        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(one, range(times * self.replicates)))
        seen = {month: np.array([found[n] for _, _, found in done]) for n, month in enumerate(at)}
        return Runs(np.array([series for series, _, _ in done]), [events for _, events, _ in done], seen)

    def members(self) -> list[Mapping[str, float]]:
        """Return the parameters that differ from their defaults, for each member of the band."""
        if self.point:
            return [self.changed]
        known = band.read()
        return [known.member(m) | dict(self.changed) for m in range(len(known))]

    def each(self, kept: np.ndarray, times: int) -> np.ndarray:
        """Return the rows of replicates in what was played so many times as often."""
        return np.concatenate([kept + n * self.replicates for n in range(times)])

    def usual(self) -> Runs:
        """Return default districts over twenty years, which most patterns look at; played once."""
        if self._usual is None:
            self._usual = self.play(DISTRICT, years=20, look=schools, at=SCHOOLS_AT)
        return self._usual


def schools(c: Columns) -> np.ndarray:
    """Return, by school: partnership, score, poverty, density, contact, exits, self-support, gain delivered."""
    return np.stack(
        [
            (c["trust"][1:].mean(axis=1) + c["authority"][1:]) / 2, c["score"], c["poverty"], c["density"],
            c["meetings"][1:] + c["informal"][1:], c["member_exits"], c["for_self"], c["delivered"][1:],
        ],
        axis=1,
    )  # fmt: skip


def ties(columns: Columns) -> np.ndarray:
    """Return, by person: strong and weak ties, and tenure."""
    return np.stack([columns[name] for name in ("strong_ties", "weak_ties", "tenure")], axis=1)


def superintendents_tenure(columns: Columns) -> np.ndarray:
    """Return how long the superintendent has served."""
    return columns["tenure"][MANAGEMENT]


def new_holders(c: Columns) -> np.ndarray:
    """Return the shares of superintendents, cabinet members, principals and reps in office for less than a year."""
    new = c["tenure"] < 12
    management = c["person_side"] == MANAGEMENT
    cabinet, schools = management & (c["person_rank"] == ADVISES), c["person_group"] == WORKPLACE
    return np.array([new[MANAGEMENT], new[cabinet].mean(), new[management & schools].mean(), new[~management & schools].mean()])


def first_dispositions(columns: Columns) -> np.ndarray:
    """Return the dispositions of the two leaders."""
    return columns["disposition"][[UNION, MANAGEMENT]]


def ratio(a: np.ndarray, b: np.ndarray) -> float:
    """Return the ratio of two sums."""
    return float(np.sum(a) / np.sum(b)) if np.sum(b) != 0 else float("nan")


def mean(values: np.ndarray, where: np.ndarray | None = None) -> float:
    """Return the mean, of nothing not a number."""
    values = values if where is None else values[where]
    return float(values.mean()) if values.size else float("nan")


def median(values: np.ndarray) -> float:
    """Return the median, of nothing not a number."""
    return float(np.median(values)) if values.size else float("nan")


def over(a: float, b: float, most: float = 99.0) -> float:
    """Return a ratio of two shares, at most 99: what never happened is not infinitely rare."""
    return min(a / b, most) if b > 0 else (most if a > 0 else float("nan"))


def slope(outcome: np.ndarray, *causes: np.ndarray) -> float:
    """Return the least-squares slope on the first cause; everything is a deviation from its district's mean."""
    table = np.stack([c.ravel() for c in causes], axis=1)
    return float(np.linalg.lstsq(table, outcome.ravel(), rcond=None)[0][0])
