"""History matching: which parameter vectors are not ruled out by targets, and what the targets say about each parameter.

Wave after wave (Craig et al. 1997; Vernon, Goldstein & Bower 2010): vectors are simulated, an emulator (Gaussian process) is fitted to
each statistic, and the next vectors are drawn where no emulator rules them out. A vector is ruled out where some statistic is expected
further from its target range than a cutoff of standard deviations, of the emulator and of Monte Carlo error together; the cutoff falls
as emulators get to know the region. In the end simulated vectors themselves are judged, without an emulator: those that
miss no target by more than Monte Carlo error explains are accepted. Vectors and statistics are plain frames here, one row a vector; who
simulates them is no business of this module. Needs scikit-learn (extra `calibrate`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import qmc

from partnersim.errors import PartnersimError

NARROW, LINK = 0.8, 0.3
PARTICLES, SURVIVE, MOVES, LEVELS = 1000, 0.2, 6, 12


@dataclass(frozen=True)
class Range:
    """Where a statistic must lie; ends may be infinite."""

    low: float
    high: float

    def miss(self, values: np.ndarray) -> np.ndarray:
        """How far values lie outside."""
        return np.maximum(np.maximum(self.low - values, values - self.high), 0.0)


Priors = Mapping[str, tuple[float, float]]
Targets = Mapping[str, Range]


def first_wave(priors: Priors, points: int, seed: int) -> pd.DataFrame:
    """Return vectors spread evenly over the priors (Latin hypercube)."""
    unit = qmc.LatinHypercube(len(priors), seed=seed).random(points)
    return _scaled(unit, priors)


def next_wave(
    priors: Priors,
    targets: Targets,
    vectors: pd.DataFrame,
    statistics: pd.DataFrame,
    errors: pd.DataFrame,
    cutoff: float,
    points: int,
    seed: int,
) -> tuple[pd.DataFrame, float]:
    """Return vectors that no target rules out, and the share of the prior that is left.

    What is left is a small part of a large cube, which uniform draws would not hit, so it is approached by levels (subset simulation;
    Williamson & Vernon 2013): of particles spread over the prior the fifth that is ruled out least survives, multiplies and moves at
    random without becoming worse than the worst survivor, and so on until the cutoff is reached; or, if targets cannot be met together, for
    a dozen levels.

    Parameters
    ----------
    priors
        Low and high end of each parameter.
    targets
        Range of each statistic.
    vectors, statistics, errors
        What was simulated: parameters, statistics, and their Monte Carlo standard errors; one row a vector.
    cutoff
        Standard deviations beyond which a target rules a vector out.
    points
        Vectors wanted.
    seed
        Of the particles.
    """
    check_installed()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # many small matrices: threads would wait for each other, and could change the last bits
        return _approached(priors, targets, _unit(vectors, priors), statistics, errors, cutoff, points, seed)


def check_installed() -> None:
    """Raise PartnersimError without scikit-learn: to be asked before hours of simulation, not after."""
    try:
        import sklearn  # noqa: F401
    except ImportError as missing:
        raise PartnersimError("the calibration needs scikit-learn", fix="pip install 'partnersim[calibrate]'") from missing


def _approached(
    priors: Priors,
    targets: Targets,
    unit: np.ndarray,
    statistics: pd.DataFrame,
    errors: pd.DataFrame,
    cutoff: float,
    points: int,
    seed: int,
) -> tuple[pd.DataFrame, float]:
    ruled_out = _judge(targets, unit, statistics, errors, seed)
    rng = np.random.default_rng(seed)
    particles = qmc.LatinHypercube(len(priors), seed=seed).random(PARTICLES)
    implausible = ruled_out(particles)
    left = 1.0
    for _ in range(LEVELS):
        level = max(cutoff, float(np.quantile(implausible, SURVIVE)))
        survivors = implausible <= level
        left *= float(survivors.mean())
        particles, implausible = particles[survivors], implausible[survivors]
        again = rng.integers(0, len(particles), PARTICLES)
        particles, implausible = particles[again], implausible[again]
        step = np.linalg.cholesky(np.cov(particles.T) + 1e-6 * np.eye(len(priors))) * 1.2 / np.sqrt(len(priors))
        for _ in range(MOVES):
            moved = particles + rng.standard_normal(particles.shape) @ step.T
            inside = ((moved >= 0) & (moved <= 1)).all(axis=1)
            moved[~inside] = particles[~inside]
            worse = ruled_out(moved)
            taken = inside & (worse <= level)
            particles[taken], implausible[taken] = moved[taken], worse[taken]
        if level == cutoff:
            break
    particles, first = np.unique(particles, axis=0, return_index=True)
    order = np.argsort(implausible[first], kind="stable")
    best = order[: max(points, int(SURVIVE * PARTICLES))] if level > cutoff else order
    return _scaled(particles[rng.choice(best, min(points, len(best)), replace=False)], priors), left


def implausibility(
    priors: Priors,
    targets: Targets,
    vectors: pd.DataFrame,
    statistics: pd.DataFrame,
    errors: pd.DataFrame,
    candidates: pd.DataFrame,
    seed: int,
) -> np.ndarray:
    """Return by how many standard deviations each candidate misses the target it misses most, by what was simulated of other vectors.

    Arguments as for `next_wave`.
    """
    check_installed()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _judge(targets, _unit(vectors, priors), statistics, errors, seed)(_unit(candidates, priors))


def _judge(
    targets: Targets, unit: np.ndarray, statistics: pd.DataFrame, errors: pd.DataFrame, seed: int
) -> Callable[[np.ndarray], np.ndarray]:
    emulators = {name: Emulator.fit(unit, statistics[name].to_numpy(), errors[name].to_numpy(), seed) for name in targets}
    noise = {name: float(np.nanmedian(errors[name])) for name in targets}

    def ruled_out(candidates: np.ndarray) -> np.ndarray:
        worst = np.zeros(len(candidates))
        for name, target in targets.items():
            expected, sd = emulators[name].expect(candidates)
            worst = np.maximum(worst, target.miss(expected) / np.sqrt(sd**2 + noise[name] ** 2 + 1e-12))
        return worst

    return ruled_out


@dataclass(frozen=True)
class Emulator:
    """A Gaussian process with a linear mean for one statistic on the unit cube."""

    mean: float
    scale: float
    process: Any

    @classmethod
    def fit(cls, unit: np.ndarray, values: np.ndarray, errors: np.ndarray, seed: int) -> Emulator:
        """Fit to simulated values with known Monte Carlo errors; a statistic that never moves needs no process."""
        check_installed()
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

        known = np.isfinite(values)
        mean, scale = float(np.mean(values[known])), float(np.std(values[known]))
        if scale < 1e-12 or known.sum() < 5:
            return cls(mean, 0.0, None)
        kernel = ConstantKernel(1.0, (1e-3, 1e3)) * DotProduct(1.0, (1e-2, 1e2)) + ConstantKernel(0.5, (1e-3, 1e2)) * RBF(2.0, (0.3, 30))
        noise = np.maximum((np.nan_to_num(errors[known], nan=scale) / scale) ** 2, 1e-4)
        process = GaussianProcessRegressor(kernel, alpha=noise, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(unit[known] - 0.5, (values[known] - mean) / scale)
        return cls(mean, scale, process)

    def expect(self, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what is expected at points, and its standard deviation."""
        if self.process is None:
            return np.full(len(unit), self.mean), np.full(len(unit), self.scale)
        middle, sd = self.process.predict(unit - 0.5, return_std=True)
        return self.mean + self.scale * middle, self.scale * sd


def worst(targets: Targets, statistics: pd.DataFrame, errors: pd.DataFrame) -> pd.Series:
    """Return how far each simulated vector misses the target it misses most, in Monte Carlo standard errors; not measurable is a miss."""
    misses = [target.miss(statistics[name].to_numpy()) / np.maximum(errors[name].to_numpy(), 1e-9) for name, target in targets.items()]
    return pd.Series(np.nan_to_num(np.array(misses), nan=99.0).max(axis=0), index=statistics.index)


def accepted(targets: Targets, statistics: pd.DataFrame, errors: pd.DataFrame, tolerance: float) -> pd.Series:
    """Return which simulated vectors miss no target by more than `tolerance` Monte Carlo standard errors."""
    return worst(targets, statistics, errors) <= tolerance


def learnt(priors: Priors, band: pd.DataFrame, constrained: pd.DataFrame) -> pd.DataFrame:
    """Compare prior and accepted values of each parameter.

    One row a parameter: prior ends, 5th, 50th and 95th percentile of the accepted, their spread over that of the prior, and the strongest
    link to a pattern (`constrained_by`). `identified`: the spread is below .8 and the link at least .3; a narrow spread alone can come from
    the few ancestors that vectors of the last wave have.
    """
    rows = []
    for name, (low, high) in priors.items():
        values = band[name].to_numpy()
        spread = float(values.std() / ((high - low) / np.sqrt(12)))
        q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95])
        link = float(constrained.loc[name].max())
        rows.append((name, low, high, q05, median, q95, spread, link, spread < NARROW and link >= LINK))
    return pd.DataFrame(rows, columns=["parameter", "prior_low", "prior_high", "q05", "median", "q95", "spread", "link", "identified"])


def constrained_by(priors: Priors, groups: Mapping[str, Sequence[str]], vectors: pd.DataFrame, statistics: pd.DataFrame) -> pd.DataFrame:
    """Return, for each parameter and group of statistics (a pattern), the largest partial rank correlation, in absolute terms.

    Partial: net of all other parameters, over all simulated vectors. Values below .2 are noise at a few hundred vectors.
    """
    ranks = stats.rankdata(vectors[list(priors)].to_numpy(), axis=0)
    ranks = np.column_stack([np.ones(len(ranks)), (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)])
    table = {}
    for group, names in groups.items():
        largest = np.zeros(len(priors))
        for name in names:
            values = statistics[name].to_numpy()
            known = np.isfinite(values)
            y = stats.rankdata(values[known])
            if np.ptp(y) == 0:
                continue
            y = (y - y.mean()) / y.std()
            x = ranks[known]
            inverse = np.linalg.pinv(x.T @ x)
            slopes = inverse @ x.T @ y
            left = max(len(y) - x.shape[1], 1)
            variance = ((y - x @ slopes) ** 2).sum() / left
            t = slopes[1:] / np.sqrt(np.maximum(np.diag(inverse)[1:] * variance, 1e-12))
            largest = np.maximum(largest, np.abs(t) / np.sqrt(t**2 + left))
        table[group] = largest
    return pd.DataFrame(table, index=pd.Index(priors, name="parameter"))


def _unit(vectors: pd.DataFrame, priors: Priors) -> np.ndarray:
    low, high = np.array(list(priors.values())).T
    return (vectors[list(priors)].to_numpy() - low) / (high - low)


def _scaled(unit: np.ndarray, priors: Priors) -> pd.DataFrame:
    low, high = np.array(list(priors.values())).T
    return pd.DataFrame(low + unit * (high - low), columns=list(priors))
