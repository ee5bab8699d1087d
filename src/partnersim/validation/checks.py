"""Patterns checked: every target measured, with an interval, and whether it is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from partnersim.model import band
from partnersim.model.patterns import PATTERNS, Pattern, Target
from partnersim.validation.measures import MEASURES
from partnersim.validation.playing import SEED, Lab

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
    def tightest(self) -> Result:
        """The target that is missed by most, or met with the least room, in widths of its interval."""

        def room(r: Result) -> float:
            width = max(r.high - r.low, 1e-9)
            return min(r.measured - r.target.low, r.target.high - r.measured) / width if np.isfinite(r.measured) else -np.inf

        return min(self.results, key=room)


@dataclass(frozen=True)
class Validation:
    """All patterns as measured, and over how many runs and members of the band."""

    checks: tuple[Check, ...]
    replicates: int
    members: int
    seed: int

    @property
    def note(self) -> str:
        """Over what it was measured."""
        over = f"over a band of {self.members} calibrated parameter vectors" if self.members > 1 else "at the default parameter values"
        return f"{self.replicates} runs of each recipe, {over}, seed {self.seed}"

    def to_json(self) -> dict[str, Any]:
        """Return what `partnersim validate --json` prints: a row a pattern, for which its tightest target stands, and all targets."""
        rows = []
        for check in self.checks:
            tightest = check.tightest
            rows.append(
                {"id": check.pattern.id, "status": "pass" if check.passes else "miss", "use": check.pattern.use}
                | _as_json(tightest)
                | {"lacks": "" if check.passes else check.pattern.lacks, "targets": [_as_json(r) for r in check.results]}
            )
        return {"patterns": rows, "replicates": self.replicates, "members": self.members, "seed": self.seed}


def _as_json(r: Result) -> dict[str, Any]:
    numbers = {"measured": r.measured, "low": r.low, "high": r.high}
    finite = {name: value if np.isfinite(value) else None for name, value in numbers.items()}
    return {"statistic": r.target.statistic, "target": r.target.text, "met": r.passes} | finite


def validate(
    replicates: int,
    *,
    point: bool = False,
    seed: int = SEED,
    ids: Iterable[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Validation:
    """Play and measure patterns.

    Parameters
    ----------
    replicates
        Runs of each recipe; rounded up so that each member of the band has as many.
    point
        Use the default parameter values and not the band.
    seed
        The luck of all runs.
    ids
        Only these patterns.
    progress
        Called with the number of patterns done.
    """
    members = 1 if point else len(band.read())
    lab = Lab(replicates=-(-replicates // members) * members, seed=seed, point=point)
    wanted = set(ids) if ids is not None else {p.id for p in PATTERNS}
    checks = []
    for pattern in PATTERNS:
        if pattern.id in wanted:
            checks.append(measure(pattern, lab, members))
            if progress is not None:
                progress(len(checks))
    return Validation(tuple(checks), lab.replicates, members, seed)


def measure(pattern: Pattern, lab: Lab, members: int = 1) -> Check:
    """Play one pattern and measure its targets.

    Intervals come from drawing replicates anew; over a band, from drawing members anew with all their replicates, so that what the evidence
    leaves open about the parameters is in them.
    """
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
