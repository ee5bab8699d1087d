"""Designs: which points of the space of factors are simulated.

A design of `n` points that is grown to more keeps its first ones wherever its mathematics allows it (all kinds but "latin").
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from partnersim.analysis import attribution
from partnersim.study.factors import Factor, Value

Kind = Literal["grid", "list", "zip", "latin", "sequence", "sobol", "morris", "fractional", "shapley"]
KINDS: dict[str, str] = {
    "grid": "every combination of the factors' values; a range has `levels` of them (3)",
    "list": "the points of [[design.points]], one by one",
    "zip": "the first values of all factors, then the second ones, ...",
    "latin": "Latin hypercube of `n` points; another n gives other points",
    "sequence": "the first `n` points of a Sobol sequence, n a power of two: fills the space evenly, and can grow",
    "sobol": "for Sobol indices: n (k + 2) points for k factors, n a power of two",
    "morris": "for elementary effects: `n` trajectories of k + 1 points on `levels` (4) levels",
    "fractional": "for factors of two values: few points in which no main effect mixes with another (`resolution` 3), with an "
    "interaction of two (4), and no such interaction with another (5)",
    "shapley": "for factors that are on or off: the sets of factors along `n` orders in which they arrive and the reverse orders; all sets "
    "of up to five factors",
}
assert set(KINDS) == set(get_args(Kind))
NEED_N = ("latin", "sequence", "sobol", "morris", "shapley")
POWERS = ("sequence", "sobol")
MAX_POINTS = 10_000_000
MAX_FACTORS = 10_000
"""Half of what the Sobol sequence has dimensions for."""
LEVELS = {"grid": 3, "morris": 4}
RESOLUTION = 4

Columns = dict[str, list[Value | None]]


@dataclass(frozen=True)
class Design:
    """Points over factors.

    Parameters
    ----------
    kind
        One of `KINDS`.
    factors
        What varies.
    n
        Number of points, of base points or of trajectories, for the kinds that are drawn.
    levels
        Levels of a range in a grid or in Morris' design.
    resolution
        Of a fractional design: 3, 4 or 5.
    rows
        The points of a list; a factor that a row lacks stays as the scenario has it.
    """

    kind: Kind
    factors: tuple[Factor, ...]
    n: int = 0
    levels: int = 0
    resolution: int = RESOLUTION
    rows: tuple[Mapping[str, Value], ...] = ()

    @property
    def size(self) -> int:
        """Number of points."""
        k = len(self.factors)
        match self.kind:
            case "grid":
                return math.prod(len(f.values) or len(f.levels(self._levels)) for f in self.factors)
            case "list":
                return len(self.rows)
            case "zip":
                return len(self.factors[0].values)
            case "sobol":
                return self.n * (k + 2)
            case "morris":
                return self.n * (k + 1)
            case "fractional":
                return 1 << _words(k, self.resolution)[1]
            case "shapley":
                return len(coalitions(k, self.n))
            case _:
                return self.n

    def levels_of(self, factor: Factor) -> tuple[Value, ...]:
        """Return the levels of a factor in this design; none if it takes any value of a range."""
        if factor.values:
            return factor.values
        return factor.levels(self._levels) if self.kind == "grid" else factor.ends if self.kind == "fractional" else ()

    @property
    def _levels(self) -> int:
        return self.levels or LEVELS.get(self.kind, 0)

    def columns(self, seed: int) -> Columns:
        """Return the points, a list of values for each factor."""
        keys = [factor.key for factor in self.factors]
        match self.kind:
            case "grid":
                points = itertools.product(*(f.levels(self._levels) for f in self.factors))
                return dict(zip(keys, map(list, zip(*points, strict=True)), strict=True))
            case "list":
                return {key: [row.get(key) for row in self.rows] for key in keys}
            case "zip":
                return {f.key: list(f.values) for f in self.factors}
            case "shapley":
                present = coalitions(len(keys), self.n)
                return {key: present[:, n].tolist() for n, key in enumerate(keys)}
        shares = self.shares(seed)
        return {f.key: [f.at(float(share)) for share in shares[:, n]] for n, f in enumerate(self.factors)}

    def shares(self, seed: int) -> np.ndarray:
        """Return the points of a drawn design in the unit cube."""
        from scipy.stats import qmc

        k = len(self.factors)
        own = np.random.default_rng([seed, list(KINDS).index(self.kind)])
        match self.kind:
            case "latin":
                return np.asarray(qmc.LatinHypercube(k, rng=own).random(self.n))
            case "sequence":
                return np.asarray(qmc.Sobol(k, rng=own).random_base2(_power(self.n)))
            case "sobol":
                return saltelli(np.asarray(qmc.Sobol(2 * k, rng=own).random_base2(_power(self.n))))
            case "morris":
                return np.concatenate([trajectory(k, self._levels, np.random.default_rng([seed, 1, t])) for t in range(self.n)])
            case "fractional":
                return two_levels(*_words(k, self.resolution))
        raise ValueError(f"{self.kind} is not drawn")


ORDERS_SEED = 0
"""Orders of arrival are the same whatever the seed of the study: the number of different sets depends on them."""


def coalitions(k: int, n: int) -> np.ndarray:
    """Return the different sets of factors along `n` orders and their reverses, in the order of their first use, [set, factor]."""
    played = attribution.sets(k, n, ORDERS_SEED).reshape(-1, k)
    first = np.unique(played, axis=0, return_index=True)[1]
    return np.asarray(played[np.sort(first)])


def saltelli(pairs: np.ndarray) -> np.ndarray:
    """Return the points for Sobol indices of first order and total, from points [a, b] in twice the dimensions.

    For each pair: a; a with its first coordinate from b; ...; b. This is the order that SALib's `sobol.analyze` reads
    (`calc_second_order=False`).
    """
    k = pairs.shape[1] // 2
    a, b = pairs[:, :k], pairs[:, k:]
    out = np.repeat(a[:, None, :], k + 2, axis=1)
    for j in range(k):
        out[:, 1 + j, j] = b[:, j]
    out[:, k + 1] = b
    return out.reshape(-1, k)


def trajectory(k: int, levels: int, rng: np.random.Generator) -> np.ndarray:
    """Return k + 1 points on a grid of levels, each differing from the last in one coordinate, by half the levels (Morris 1991)."""
    half = levels // 2
    low = rng.integers(0, half, k)
    up = rng.random(k) < 0.5
    order = rng.permutation(k)
    first, last = np.where(up, low, low + half), np.where(up, low + half, low)
    out = np.repeat(first[None, :], k + 1, axis=0)
    for step, coordinate in enumerate(order, 1):
        out[step:, coordinate] = last[coordinate]
    return out / (levels - 1)


def two_levels(words: Sequence[int], bits: int) -> np.ndarray:
    """Return the 2^bits points of a fractional factorial: coordinate j of point n is the parity of the bits that n and word j share."""
    points = np.arange(1 << bits, dtype=np.int64)
    return np.stack([np.array([int(n & word).bit_count() & 1 for n in points], float) for word in words], axis=1)


def _words(k: int, resolution: int) -> tuple[list[int], int]:
    """Return k words of few bits of which no fewer than `resolution` add up (bit by bit) to nothing.

    Each word is the smallest that is no sum of up to resolution - 2 words before it; this is how greedy codes are built.
    """
    words: list[int] = []
    sums = [{0}]  # sums[m]: what exactly m of the words can add up to
    sums += [set() for _ in range(resolution - 2)]
    candidate = 0
    while len(words) < k:
        candidate += 1
        if any(candidate in reached for reached in sums):
            continue
        for m in range(resolution - 2, 0, -1):
            sums[m] |= {candidate ^ word for word in sums[m - 1]}
        words.append(candidate)
    return words, max(words).bit_length()


def _power(n: int) -> int:
    return n.bit_length() - 1
