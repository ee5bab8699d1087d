"""Which parameters matter: screening (Morris), shares of variance (Sobol), one at a time (tornado), and effects over a band.

Designs and values are plain tables joined by `point`, so that a shuffled file cannot give wrong indices. The model is stochastic: values
are means over replicates, the same worlds at each point; intervals come from drawing replicates and blocks of the design again (95 %), and
`luck` says which share of the variance between points is noise of those means. SALib does the estimates (extra `analysis`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.analysis.precision import telling
from partnersim.errors import ParameterError, PartnersimError, ResultError

__all__ = ["Indices", "band_effects", "morris_design", "morris_effects", "sobol_design", "sobol_indices", "tornado", "tornado_notes"]

Space = Mapping[str, tuple[float, float]]
"""Low and high end of each parameter."""
Floats = NDArray[np.float64]

RESAMPLES = 300
TAIL = 0.025
WIDE = 0.2
NOISY = 0.1
LEVELS = 4
NAMED = 4
"""Parameters named in a note; of more it gives the number."""


@dataclass(frozen=True)
class Indices:
    """A table of sensitivity, one row a parameter, strongest first; what to mind; and the share of variance that is luck."""

    method: str
    table: pd.DataFrame
    notes: tuple[str, ...]
    luck: float
    points: int
    replicates: int


def sobol_design(space: Space, n: int, seed: int) -> pd.DataFrame:
    """Return a Saltelli design: `point` and the parameters, n (d + 2) rows; n must be a power of two.

    Raises ParameterError for another n: the sequence behind it is balanced for powers of two only.
    """
    if isinstance(n, bool) or n < 2 or n & (n - 1):
        below = 1 << max(1, int(n).bit_length() - 1) if n >= 2 else 2
        raise ParameterError(f"n = {n} is no power of two", where="sobol_design", allowed=f"{below} or {2 * below}, for example")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = _problem(space)
        from SALib.sample import sobol

        values = sobol.sample(problem, n, calc_second_order=False, seed=seed)
    return _frame(values, space)


def morris_design(space: Space, trajectories: int, seed: int) -> pd.DataFrame:
    """Return Morris trajectories over four levels: `point` and the parameters, trajectories (d + 1) rows."""
    if isinstance(trajectories, bool) or trajectories < 4:
        raise ParameterError(f"{trajectories} trajectories are too few", where="morris_design", allowed="4 or more; 10 to 50 are usual")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = _problem(space)
        from SALib.sample import morris

        values = morris.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    return _frame(values, space)


def sobol_indices(space: Space, design: pd.DataFrame, values: pd.DataFrame, outcome: str, seed: int = 1) -> Indices:
    """Estimate Sobol's indices: share of the variance over the space that a parameter explains alone (first) and with others (total).

    Parameters
    ----------
    space, design
        As for `sobol_design`, and what it returned.
    values
        One row a run: `point`, `replicate` and the outcome.
    outcome
        A column of `values`.
    seed
        Of the bootstrap.

    Returns
    -------
    `Indices` whose table has `parameter`, `first`, `first_low`, `first_high`, `total`, `total_low`, `total_high`.

    Notes
    -----
    Saltelli et al. (2010), Jansen's total index, through SALib, of the means over replicates. Luck that is left in those means would raise
    total indices and lower first ones; its part is estimated from the replicates and taken out. Indices are shares of the variance over
    the given ranges: other ranges, other indices.
    """
    y = _by_point(design, values, outcome)
    block = len(space) + 2
    if len(y) % block or (len(y) // block) & (len(y) // block - 1):
        raise ResultError(f"{len(y)} points are no Saltelli design of {len(space)} parameters", where="sobol_indices")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = _problem(space)
        from SALib.analyze import sobol

    def estimate(sample: Floats, _: NDArray[np.int64]) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = sobol.analyze(problem, sample.mean(axis=1), calc_second_order=False, num_resamples=2, seed=1)
        return _without_luck(np.array([found["S1"], found["ST"]]), sample.reshape(-1, block, sample.shape[1]))

    middle, low, high = _bootstrap(y, block, estimate, seed)
    if not np.isfinite(middle).all():
        raise ResultError(
            f"all the variance of {outcome} between points is luck of {y.shape[1]} replicates", where="sobol_indices", fix="more replicates"
        )
    table = pd.DataFrame({"parameter": list(space)})
    for row, name in enumerate(("first", "total")):
        table[name], table[f"{name}_low"], table[f"{name}_high"] = middle[row], low[row], high[row]
    order = np.argsort(-middle[1], kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    luck = _luck(y)
    return Indices("sobol", table, tuple(_sobol_notes(table, luck, len(y) // block, y.shape[1])), luck, len(y), y.shape[1])


def _without_luck(indices: Floats, y: Floats) -> Floats:
    """Return indices [first/total, parameter] of means over replicates without what luck adds; y [row, point of a block, replicate].

    Worlds are the same at all points, so that luck is what a world does to one point and not to another. A square, or a product, of means
    over R worlds is too large by the variance, or covariance, over worlds divided by R.
    """
    worlds = y.shape[2]
    if worlds < 2:
        return indices
    a, mixed, b = y[:, 0], y[:, 1:-1], y[:, -1]
    step = mixed - a[:, None]
    ends = np.concatenate([a, b])
    variance = float(ends.mean(axis=1).var())
    left = variance - float((ends - ends.mean(axis=0)).var(axis=1, ddof=1).mean()) / worlds
    if left <= 0:
        return np.full(indices.shape, np.nan)
    about_b, about_step = b - b.mean(axis=1, keepdims=True), step - step.mean(axis=2, keepdims=True)
    in_first = (about_b[:, None] * about_step).sum(axis=2).mean(axis=0) / (worlds - 1) / worlds
    in_total = about_step.var(axis=2, ddof=1).mean(axis=0) / worlds / 2
    return (indices * variance - np.array([in_first, in_total])) / left


def _sobol_notes(table: pd.DataFrame, luck: float, n: int, replicates: int) -> list[str]:
    """What to mind, and what to do about it."""
    notes = []
    negative = table[(table["first"] < 0) | (table["total"] < 0)]
    if len(negative):
        real = negative[(negative["first_high"] < 0) | (negative["total_high"] < 0)]
        names = ", ".join(negative["parameter"])
        notes.append(
            f"Estimates below 0 ({names}) are sampling noise about small indices: read them as 0."
            + (" Some intervals lie below 0 altogether: double n." if len(real) else "")
        )
    widths = np.maximum(table["first_high"] - table["first_low"], table["total_high"] - table["total_low"])
    if widths.max() > WIDE:
        times = 1 << int(np.ceil(np.log2((widths.max() / WIDE) ** 2)))
        notes.append(f"Intervals are up to {widths.max():.2f} wide: n = {n * times} instead of {n} would bring them to about {WIDE:g}.")
    if luck > NOISY:
        notes.append(
            f"{100 * luck:.0f} % of the variance between points is luck of {replicates} replicates. It is taken out, which makes intervals "
            f"wide: about {int(np.ceil(replicates * luck / NOISY))} replicates would bring it to {100 * NOISY:.0f} %."
        )
    together = float(table["first"].clip(lower=0).sum())
    if together < 0.7 and not luck > NOISY:  # luck of one replicate is unknown
        notes.append(
            f"Alone, parameters explain {100 * together:.0f} % of the variance; the rest is their interplay: look at total indices."
        )
    return notes


def morris_effects(space: Space, design: pd.DataFrame, values: pd.DataFrame, outcome: str, seed: int = 1) -> Indices:
    """Screen parameters by their elementary effects.

    Arguments as for `sobol_indices`. The table has `parameter`, `effect` (mean absolute effect of crossing the whole range, unit of the
    outcome), `low`, `high`, `direction` (mean effect), `spread` (standard deviation over the space: large against the effect means that it
    bends or depends on others), `luck` (absolute effect that luck alone would give; not-a-number with one replicate): an effect below twice
    that is none.

    Notes
    -----
    Morris (1991) with the absolute mean of Campolongo et al. (2007), through SALib. Effects are over the whole range of a parameter.
    """
    y = _by_point(design, values, outcome)
    block = len(space) + 1
    if len(y) % block:
        raise ResultError(f"{len(y)} points are no trajectories of {len(space)} parameters", where="morris_effects")
    problem = _problem(dict.fromkeys(space, (0.0, 1.0)))  # the unit cube, so that effects are those of the whole range
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import morris
    unit = np.column_stack([(design[name] - low) / (high - low) for name, (low, high) in space.items()])
    rows = np.arange(len(y)).reshape(-1, block)

    def estimate(sample: Floats, chosen: NDArray[np.int64]) -> Floats:
        found = morris.analyze(problem, unit[rows[chosen].ravel()], sample.mean(axis=1), num_resamples=2, num_levels=LEVELS, seed=1)
        return np.array([found["mu_star"], found["mu"], found["sigma"]], dtype=float)

    middle, low, high = _bootstrap(y, block, estimate, seed)
    low = np.maximum(low, 0.0)
    table = pd.DataFrame(
        {"parameter": list(space), "effect": middle[0], "low": low[0], "high": high[0], "direction": middle[1], "spread": middle[2]}
    )
    table = table.iloc[np.argsort(-middle[0], kind="stable")].reset_index(drop=True)
    luck, notes = _luck(y), []
    steps = np.diff(y.mean(axis=1).reshape(-1, block), axis=1)
    noise = (
        float(np.sqrt((np.diff(y.reshape(-1, block, y.shape[1]), axis=1).var(axis=2, ddof=1) / y.shape[1]).mean()))
        if y.shape[1] > 1
        else np.nan
    )
    floor = noise * np.sqrt(2 / np.pi) * (LEVELS - 1) / (LEVELS / 2)
    table["luck"] = floor
    lost = table[table["effect"] <= 2 * floor]["parameter"].tolist() if np.isfinite(floor) else []
    if lost and float(np.abs(steps).max()) > 0:
        named = ", ".join(lost) if len(lost) <= NAMED else f"the {len(lost)} weakest, from {lost[0]} on,"
        notes.append(f"Luck alone gives an absolute effect of {floor:.2g}: {named} cannot be told from it at {y.shape[1]} replicates.")
    return Indices("morris", table, tuple(notes), luck, len(y), y.shape[1])


def tornado(baseline: Floats, moved: Mapping[str, tuple[tuple[float, Floats], tuple[float, Floats]]]) -> pd.DataFrame:
    """Compare the outcome at the low and at the high end of each parameter with the baseline, world by world.

    Parameters
    ----------
    baseline
        The outcome of each world.
    moved
        Parameter -> (low level, outcome of each world), (high level, outcome of each world).

    Returns
    -------
    One row a parameter, widest first: `parameter`, `low_level`, `at_low`, `at_low_low`, `at_low_high`, `high_level`, `at_high`,
    `at_high_low`, `at_high_high` (differences from the baseline with 95 % intervals), `span`
    (from the lowest to the highest of the outcome at both ends and at the baseline), `n`.
    """
    from scipy import stats

    rows = []
    n = len(baseline)
    if n < 2:
        raise ResultError("one world tells nothing of its own uncertainty", where="tornado", allowed="two replicates or more")
    t = float(stats.t.isf(TAIL, n - 1))
    for name, ends in moved.items():
        row: list[Any] = [name]
        for level, values in ends:
            if len(values) != n:
                raise ResultError(f"{name} has {len(values)} worlds and the baseline {n}", where="tornado")
            apart = np.asarray(values, dtype=float) - baseline
            middle, reach = float(apart.mean()), t * float(apart.std(ddof=1)) / np.sqrt(n)
            row += [level, middle, middle - reach, middle + reach]
        rows.append((*row, max(0.0, row[2], row[6]) - min(0.0, row[2], row[6]), n))
    parts = [f"{end}{part}" for end in ("low", "high") for part in ("_level", "", "_low", "_high")]
    columns = ["parameter", *(part if part.endswith("level") else f"at_{part}" for part in parts), "span", "n"]
    table = pd.DataFrame(rows, columns=columns).sort_values("span", ascending=False, kind="stable").reset_index(drop=True)
    table.attrs["baseline"] = float(np.mean(baseline))
    return table


def tornado_notes(table: pd.DataFrame) -> tuple[str, ...]:
    """Say which parameters of a tornado cannot be told from no effect, and how many worlds would tell the clearest of them."""
    unclear = (table["at_low_low"] <= 0) & (table["at_low_high"] >= 0) & (table["at_high_low"] <= 0) & (table["at_high_high"] >= 0)
    lost = table[unclear]
    if lost.empty:
        return ()
    n = int(table["n"].iloc[0])
    names = ", ".join(lost["parameter"]) if len(lost) <= NAMED else f"{len(lost)} of {len(table)} parameters"
    ends = [
        (row[f"at_{end}"], (row[f"at_{end}_high"] - row[f"at_{end}_low"]) / 2) for row in lost.to_dict("records") for end in ("low", "high")
    ]
    worlds = [found for effect, reach in ends if (found := telling(effect, reach, n)) is not None and found > n]
    more = f" The clearest of these would show (4 times in 5) with about {min(worlds)} worlds." if worlds else ""
    return (f"Not told from no effect by {n} worlds: {names}.{more}",)


def band_effects(vectors: pd.DataFrame, values: Floats, seed: int = 1) -> pd.DataFrame:
    """Say what parameters do to an outcome over a band of vectors that all pass the evidence.

    Parameters
    ----------
    vectors
        One row a run (or a vector): its parameters.
    values
        The outcome of each row.
    seed
        Of the bootstrap, over vectors.

    Returns
    -------
    One row a parameter, strongest first: `parameter`, `correlation` (partial rank correlation: net of all other parameters), `low`, `high`
    (95 %), `n` (vectors).
    """
    names = list(vectors.columns)
    frame = vectors.assign(_value=np.asarray(values, dtype=float)).groupby(names, as_index=False, sort=False)["_value"].mean()
    x, y = frame[names].to_numpy(dtype=float), frame["_value"].to_numpy()
    if len(frame) < len(names) + 10:
        raise ResultError(
            f"{len(frame)} vectors cannot tell {len(names)} parameters apart", where="band_effects", allowed=f"{len(names) + 10} or more"
        )
    rng = np.random.default_rng(seed)
    middle = _partial_ranks(x, y)
    draws = [_partial_ranks(x[rows], y[rows]) for rows in rng.integers(0, len(y), (RESAMPLES, len(y)))]
    low, high = np.nanquantile(draws, [TAIL, 1 - TAIL], axis=0)
    table = pd.DataFrame({"parameter": names, "correlation": middle, "low": low, "high": high, "n": len(y)})
    return table.iloc[np.argsort(-np.abs(middle), kind="stable")].reset_index(drop=True)


def _partial_ranks(x: Floats, y: Floats) -> Floats:
    from scipy import stats

    ranks = np.column_stack([stats.rankdata(x, axis=0), stats.rankdata(y)])
    inverse = np.linalg.pinv(np.corrcoef(ranks, rowvar=False))
    return np.asarray(-inverse[:-1, -1] / np.sqrt(np.maximum(np.diag(inverse)[:-1] * inverse[-1, -1], 1e-300)))


def _problem(space: Space) -> dict[str, Any]:
    try:
        import SALib  # noqa: F401
    except ImportError as missing:
        raise PartnersimError("sensitivity analysis needs SALib", fix="pip install 'partnersim[analysis]'") from missing
    for name, (low, high) in space.items():
        if not low < high:
            raise ParameterError(f"{name} has the range {low} to {high}", where="the space of a design", allowed="a low and a higher end")
    if not space:
        raise ParameterError("no parameter is named", where="the space of a design", allowed="one or more")
    return {"num_vars": len(space), "names": list(space), "bounds": [list(ends) for ends in space.values()]}


def _frame(values: Floats, space: Space) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=list(space))
    frame.insert(0, "point", np.arange(len(frame)))
    return frame


def _by_point(design: pd.DataFrame, values: pd.DataFrame, outcome: str) -> Floats:
    """Return the outcome [point, replicate] in the order of the design; every point must have the same replicates."""
    for name, frame in (("point", design), ("point", values), ("replicate", values), (outcome, values)):
        if name not in frame.columns:
            raise ResultError(f"column {name!r} is missing", where="sensitivity")
    if values.duplicated(["point", "replicate"]).any():
        raise ResultError("a run stands there twice", where="sensitivity", fix="one row a point and replicate")
    table = values.pivot(index="point", columns="replicate", values=outcome).reindex(design["point"])
    if table.isna().to_numpy().any():
        missing = int(table.isna().any(axis=1).sum())
        raise ResultError(f"{missing} points lack runs", where="sensitivity", fix="finish the study; a design with holes has no indices")
    y = table.to_numpy(dtype=float)
    if len(y) and float(y.mean(axis=1).var()) == 0.0:
        raise ResultError(
            f"{outcome} is the same at all points", where="sensitivity", fix="choose another outcome, wider ranges or longer runs"
        )
    return y


def _bootstrap(y: Floats, block: int, estimate: Callable[[Floats, NDArray[np.int64]], Floats], seed: int) -> tuple[Floats, Floats, Floats]:
    """Return the estimate and its interval over blocks of the design and over replicates, drawn again together.

    Draws have the luck of the sample and their own on top of it, so that they lie about another middle than the estimate does: the interval
    has their spread, about the estimate.
    """
    rng = np.random.default_rng(seed)
    blocks, replicates = len(y) // block, y.shape[1]
    by_block = y.reshape(blocks, block, replicates)
    draws = []
    for _ in range(RESAMPLES):
        chosen = rng.integers(0, blocks, blocks)
        sample = by_block[chosen][:, :, rng.integers(0, replicates, replicates)].reshape(-1, replicates)
        if sample.mean(axis=1).var() > 0:
            draws.append(estimate(sample, chosen))
    middle = estimate(y, np.arange(blocks))
    low, high = np.nanquantile(draws, [TAIL, 1 - TAIL], axis=0) - np.nanmean(draws, axis=0)
    return middle, middle + np.minimum(low, 0.0), middle + np.maximum(high, 0.0)


def _luck(y: Floats) -> float:
    """Share of the variance of point means that is noise; worlds are the same at all points, so what they share is none."""
    if y.shape[1] < 2:
        return float("nan")
    own = y - y.mean(axis=0)  # net of what a world does to all points
    noise = own.var(axis=1, ddof=1).mean() / y.shape[1]
    between = float(y.mean(axis=1).var(ddof=1))
    return min(1.0, float(noise) / between) if between > 0 else 1.0
