"""Patterns checked: every target measured, with an interval, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from partnersim.model.patterns import PATTERNS, Pattern, Target
from partnersim.validation.measures import MEASURES
from partnersim.validation.playing import Lab

DRAWS, CONFIDENCE = 200, 0.95


@dataclass(frozen=True)
class Result:
    """A target as measured: the estimate and its interval [low, high] over replicates."""

    target: Target
    measured: float
    low: float
    high: float

    @property
    def passes(self) -> bool:
        """Whether the estimate lies in the target's range."""
        return self.target.holds(self.measured)


@dataclass(frozen=True)
class Check:
    """A pattern as measured."""

    pattern: Pattern
    results: tuple[Result, ...]

    @property
    def passes(self) -> bool:
        """Whether all targets are met."""
        return all(result.passes for result in self.results)

    @property
    def narrowest(self) -> Result:
        """The target that is missed by most, or met with the least room, in widths of its interval."""

        def room(r: Result) -> float:
            width = max(r.high - r.low, 1e-9)
            return min(r.measured - r.target.low, r.target.high - r.measured) / width if np.isfinite(r.measured) else -np.inf

        return min(self.results, key=room)

    def row(self) -> dict[str, Any]:
        """Return the pattern as one row: the narrowest target stands for it."""
        r = self.narrowest
        return {
            "id": self.pattern.id,
            "status": "pass" if self.passes else "miss",
            "use": self.pattern.use,
            "statistic": r.target.statistic,
            "target": r.target.text,
            "measured": r.measured,
            "low": r.low,
            "high": r.high,
        }


def check(
    replicates: int,
    *,
    members: int = 1,
    seed: int | None = None,
    ids: Iterable[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Check]:
    """Play and measure patterns.

    Parameters
    ----------
    replicates
        Runs of each scenario; a multiple of `members`.
    members
        Size of the band. Intervals draw members of the band anew, with all their replicates, so they hold parameter uncertainty too.
    seed
        Another seed than the usual one.
    ids
        Only these patterns.
    progress
        Called with a pattern's id before it is played.
    """
    lab = Lab(replicates=replicates) if seed is None else Lab(replicates=replicates, seed=seed)
    wanted = set(ids) if ids is not None else {p.id for p in PATTERNS}
    out = []
    for pattern in PATTERNS:
        if pattern.id in wanted:
            if progress is not None:
                progress(pattern.id)
            out.append(measure(pattern, lab, members))
    return out


def measure(pattern: Pattern, lab: Lab, members: int = 1) -> Check:
    """Play one pattern and measure its targets, with intervals by drawing replicates (or members of the band) anew."""
    statistics = MEASURES[pattern.id](lab)
    every = np.arange(lab.replicates)
    groups = [every[every % members == m] for m in range(members)] if members > 1 else [every[r : r + 1] for r in every]
    rng = np.random.default_rng(lab.seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = statistics(every)
        drawn = [statistics(np.concatenate([groups[g] for g in rng.integers(0, len(groups), len(groups))])) for _ in range(DRAWS)]
    tail = 100 * (1 - CONFIDENCE) / 2
    results = []
    for target in pattern.targets:
        values = np.array([d[target.statistic] for d in drawn])
        values = values[np.isfinite(values)]
        low, high = np.percentile(values, [tail, 100 - tail]) if len(values) else (float("nan"), float("nan"))
        results.append(Result(target, float(estimate[target.statistic]), float(low), float(high)))
    return Check(pattern, tuple(results))
