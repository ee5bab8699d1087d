"""Who earned it: Shapley values and interactions of factors, from the same worlds with factors present and absent.

A *game* is what comes out of a world for every set of factors that are present. The Shapley value of a factor (Shapley 1953) is what it
adds when factors arrive one by one, averaged over all orders; the values add up to the difference between all present and all absent, in
every world, so their means do and so do their intervals' totals. With few factors every set is played; with many, orders are drawn:

* Each world plays one order and its reverse (antithetic; Mitchell et al. 2022), which costs 2 n runs.
* Orders come in blocks: the rows of a Williams (1949) square, in which each factor stands once in each place and follows each other factor
  once; factors are dealt out anew for each block. Each order by itself is equally likely, so the estimate of each world is unbiased.

The interaction of two factors is the Faith-Shap index of order two (Tsai, Yeh & Ravikumar 2023): the pair's coefficient in the additive
model with pairs that follows the game most faithfully, sets being weighted as in the Shapley value. It is positive for complements
(together more than the sum of each), negative for substitutes, and needs no runs beyond those of the orders.

Intervals are 95 % over worlds, each factor on its own: they hold the luck of worlds and of orders. Worlds of one block are a little more
alike in their errors' balance than independent ones, so the intervals are a little wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import ResultError

__all__ = ["Game", "interactions", "orders", "sets", "shapley", "total"]

FEW = 5
"""Up to so many factors every set is played."""
CONFIDENCE = 0.95

Masks = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Game:
    """What came out of each world for sets of factors.

    names
        The factors.
    present [world, play, factor]
        Which factors were present. With every set played: all sets, in one order in every world. Else: the sets along an order, from none
        to all, and then those along its reverse.
    values [world, play]
        What came out.
    """

    names: tuple[str, ...]
    present: Masks
    values: Floats

    def __post_init__(self) -> None:
        worlds, plays, factors = self.present.shape
        if self.values.shape != (worlds, plays) or factors != len(self.names) or worlds < 2:
            raise ResultError(
                f"present {self.present.shape}, values {self.values.shape} and {len(self.names)} names do not fit",
                where="a game of factors",
                allowed="two worlds or more",
            )
        if not np.isfinite(self.values).all():
            raise ResultError("a value is missing", where="a game of factors", fix="choose an outcome that every run has")

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return len(self.values)

    @property
    def complete(self) -> bool:
        """Whether every set was played."""
        return self.present.shape[1] == 2 ** len(self.names)

    @property
    def none(self) -> Floats:
        """What came out of each world with no factor."""
        return self.values[:, 0]

    @property
    def all(self) -> Floats:
        """What came out of each world with every factor."""
        last = -1 if self.complete else len(self.names)
        return self.values[:, last]


def orders(factors: int, worlds: int, seed: int) -> NDArray[np.int64]:
    """Return an order of the factors for each world, [world, place], in blocks of Williams squares."""
    rng = np.random.default_rng([seed, 0x5A9])
    zigzag = np.zeros(factors, np.int64)
    zigzag[1::2] = np.arange(factors - 1, factors - 1 - len(zigzag[1::2]), -1)
    zigzag[2::2] = np.arange(1, 1 + len(zigzag[2::2]))
    # of an even number, half the shifts and their reverses make the square; of an odd one, all shifts
    shifts = factors // 2 if factors % 2 == 0 else factors
    out = np.zeros((worlds, factors), np.int64)
    for first in range(0, worlds, shifts):
        names, shift_of = rng.permutation(factors), rng.permutation(shifts)
        for n in range(min(shifts, worlds - first)):
            out[first + n] = names[(zigzag + shift_of[n]) % factors]
    return out


def sets(factors: int, worlds: int, seed: int) -> Masks:
    """Return which sets each world has to play, [world, play, factor]: all of them with few factors, else along an order and back.

    The sets of none and of all appear twice in the second case; they need to be run once.
    """
    if factors <= FEW:
        every = (np.arange(2**factors)[:, None] >> np.arange(factors)) & 1
        return np.broadcast_to(every.astype(bool), (worlds, 2**factors, factors)).copy()
    out = np.zeros((worlds, 2 * factors + 2, factors), bool)
    for world, order in enumerate(orders(factors, worlds, seed)):
        for half, sequence in enumerate((order, order[::-1])):
            for place, factor in enumerate(sequence, 1):
                out[world, half * (factors + 1) + place :, factor] = True
            if half == 0:
                out[world, factors + 1 :] = False
    return out


def shapley(game: Game) -> pd.DataFrame:
    """Return the Shapley value of each factor.

    One row a factor, largest first: `factor`, `value` (unit of the outcome), `low`, `high` (95 %), `share` (of the difference between all
    and none; not-a-number where that is within its error), `n` (worlds). In `attrs`: `none`, `all`, `difference` (each value, low, high).
    """
    each = by_world(game)
    table = _means(each)
    table.insert(0, "factor", list(game.names))
    difference = total(game.all - game.none)
    certain = difference[1] > 0 or difference[2] < 0
    table["share"] = table["value"] / difference[0] if certain else np.nan
    table["n"] = game.worlds
    table = table.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    table.attrs.update({"none": total(game.none), "all": total(game.all), "difference": difference, "confidence": CONFIDENCE})
    return table


def by_world(game: Game) -> Floats:
    """Return the Shapley value of each factor in each world, [world, factor]; a row adds up to the world's difference."""
    worlds, _, factors = game.present.shape
    if game.complete:
        from math import factorial

        each = np.zeros((worlds, factors))
        index = np.arange(2**factors)
        sizes = game.present[0].sum(axis=1)
        for factor in range(factors):
            without = index[(index >> factor) & 1 == 0]
            weights = np.array([factorial(s) * factorial(factors - s - 1) / factorial(factors) for s in sizes[without]])
            each[:, factor] = (game.values[:, without | (1 << factor)] - game.values[:, without]) @ weights
        return each
    each = np.zeros((worlds, factors))
    for half in (slice(0, factors + 1), slice(factors + 1, None)):
        came = game.present[:, half][:, 1:] & ~game.present[:, half][:, :-1]
        each += np.einsum("wpf,wp->wf", came, np.diff(game.values[:, half], axis=1)) / 2.0
    return each


def interactions(game: Game) -> pd.DataFrame:
    """Return the interaction of each pair of factors.

    One row a pair, in the order of the names: `first`, `second`, `value` (unit of the outcome), `low`, `high` (95 %, each on its
    own), `kind` (`complements`, `substitutes`, or `unclear`: of those called clear 5 % are false on average: Benjamini & Hochberg 1995),
    `n` (worlds).

    Raises
    ------
    ResultError
        One factor, or too few worlds to tell so many pairs apart.
    """
    from scipy import stats

    worlds, _, factors = game.present.shape
    if factors < 2:
        raise ResultError("one factor has nothing to interact with", where="interactions", allowed="two factors or more")
    pairs = [(i, j) for i in range(factors) for j in range(i + 1, factors)]
    sizes = game.present.sum(axis=2)
    inside = (sizes > 0) & (sizes < factors)
    weight = np.zeros(sizes.shape)
    if game.complete:
        from math import comb

        weight[inside] = [(factors - 1) / (comb(factors, s) * s * (factors - s)) for s in sizes[inside]]
    else:  # each size is drawn equally often, each set of a size equally likely
        weight[inside] = 1.0 / (sizes[inside] * (factors - sizes[inside]))
    first, second = np.array(pairs).T

    # all coefficients add up to what all factors bring; the last one is the rest, so that the fit is exact at none and at all
    def columns(present: Masks) -> Floats:
        full = np.concatenate([present, present[..., first] & present[..., second]], axis=-1).astype(float)
        return full[..., :-1] - full[..., -1:]

    last = game.present[..., first[-1]] & game.present[..., second[-1]]
    brought = (game.all - game.none)[:, None]
    left = game.values - game.none[:, None] - last * brought
    count = factors + len(pairs) - 1
    grams, moments = np.zeros((worlds, count, count)), np.zeros((worlds, count))
    for world in range(worlds):
        x = columns(game.present[world])
        weighted = x * weight[world][:, None]
        grams[world], moments[world] = weighted.T @ x, weighted.T @ left[world]
    gram, moment = grams.sum(axis=0), moments.sum(axis=0)
    if (worlds * 2 < count and not game.complete) or np.linalg.matrix_rank(gram) < count:
        raise ResultError(
            f"{worlds} worlds cannot tell {len(pairs)} pairs of {factors} factors apart",
            where="interactions",
            allowed=f"{-(-count // 2)} worlds or more",
            fix="more replicates, or fewer factors",
        )

    def fit(gram: Floats, moment: Floats, difference: float) -> Floats:
        some = np.linalg.solve(gram, moment)
        return np.append(some, difference - some.sum())[factors:]

    value = fit(gram, moment, float(brought.mean()))
    # jackknife over worlds: plays of one world are not independent, and with few worlds to a coefficient a sandwich is too narrow
    others = (brought.sum() - brought[:, 0]) / (worlds - 1)
    without = np.array([fit(gram - grams[w], moment - moments[w], others[w]) for w in range(worlds)])
    error = np.sqrt((worlds - 1) / worlds * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    reach = stats.t.isf((1 - CONFIDENCE) / 2, worlds - 1) * error
    low, high = value - reach, value + reach
    exact = np.where(value == 0, 0.0, np.inf)  # nothing varies
    p = 2 * stats.t.sf(np.divide(np.abs(value), error, out=exact, where=error > 0), worlds - 1)
    clear = stats.false_discovery_control(p) < 1 - CONFIDENCE
    kind = np.where(clear, np.where(value > 0, "complements", "substitutes"), "unclear")
    names = np.array(game.names, dtype=object)
    frame = {"first": names[first], "second": names[second], "value": value, "low": low, "high": high, "kind": kind, "n": worlds}
    return pd.DataFrame(frame)


def total(each: Floats) -> tuple[float, float, float]:
    """Return the mean over worlds with its 95 % interval."""
    row = _means(np.asarray(each, dtype=float)[:, None]).iloc[0]
    return float(row["value"]), float(row["low"]), float(row["high"])


def together(game: Game, names: Sequence[str]) -> tuple[float, float, float]:
    """Return what some factors earned together, the sum of their values, with its own 95 % interval."""
    at = [game.names.index(name) for name in names]
    return total(by_world(game)[:, at].sum(axis=1))


def _means(each: Floats) -> pd.DataFrame:
    """Return mean and interval of each column over its rows."""
    from scipy import stats

    n = len(each)
    middle = each.mean(axis=0)
    reach = stats.t.isf((1 - CONFIDENCE) / 2, n - 1) * each.std(axis=0, ddof=1) / np.sqrt(n)
    return pd.DataFrame({"value": middle, "low": middle - reach, "high": middle + reach})
