"""Under which conditions does something happen: boxes, trees and scores over a sweep, in words, and a map of two parameters.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010) peels a box of conditions down until most runs in it are of interest; a tree (CART)
divides all runs; scores say how much each parameter matters for telling runs apart. All three come from the EMA workbench (extra
`analysis`). What is found on one half of the design points is measured on the other half, so that a box's numbers are not its own praise.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import PartnersimError, ResultError

__all__ = ["Box", "boxes", "interval", "map_of_two", "scores", "tree"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Conditions under which something happens.

    limits
        Parameter -> lowest and highest value; only those that restrict.
    sentence
        The box in words.
    density
        Share of the runs inside in which it happens, with `low` and `high` (95 %), among points that had no part in finding the box.
    coverage
        Share of all runs in which it happens that lie inside, among the same points.
    mass
        Share of the same points that lie inside.
    base
        Share of all runs in which it happens, among the same points.
    """

    limits: Mapping[str, tuple[float, float]]
    sentence: str
    density: float
    low: float
    high: float
    coverage: float
    mass: float
    base: float
    points: int

    @property
    def clear(self) -> bool:
        """Whether it is clearly more, or less, common inside than anywhere."""
        return self.low > self.base or self.high < self.base


def boxes(
    design: pd.DataFrame,
    share: Sequence[float] | NDArray[np.float64],
    of_interest: str,
    *,
    labels: Mapping[str, str] | None = None,
    threshold: float | None = None,
    most: int = 2,
    seed: int = 1,
) -> list[Box]:
    """Find boxes of conditions by PRIM.

    Parameters
    ----------
    design
        One row a design point (or a run): its parameters.
    share
        For each row the share of replicates of interest (0 or 1 for a single run).
    of_interest
        What is of interest, to end the sentence "... : practice dies within five years".
    labels
        Words for parameters.
    threshold
        Rows with this share or more are searched for. When left out it is the level nearest to .5 that a tenth to nine tenths of the rows
        reach.
    most
        Boxes at most, one after another on what the ones before leave.
    seed
        Of the halves.

    Returns
    -------
    Boxes, the best first; none if in no box it is clearly more common than in the sample at large.
    """
    x, y = _checked(design, share)
    interest = y >= (_level(y) if threshold is None else threshold)
    rng = np.random.default_rng(seed)
    learn = np.zeros(len(x), bool)
    learn[rng.permutation(len(x))[: len(x) // 2]] = True
    if interest[learn].sum() < 10 or (~interest[learn]).sum() < 10:
        raise ResultError(
            f"{of_interest} in {100 * y.mean():.0f} % of runs, and the {len(x)} points are too much alike to look for conditions",
            where="boxes",
            allowed="20 points where it is common and 20 where it is rare, or more",
            fix="more points, or parameters that matter",
        )
    prim = _ema("prim")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # before its version 3 the workbench handed over only boxes above a threshold: where outcomes hang on luck, none is nearly pure
        usual = {"threshold": float(interest[learn].mean())} if "threshold" in signature(prim.Prim).parameters else {}
        finder = prim.Prim(x[learn].reset_index(drop=True), interest[learn], mass_min=max(0.02, 20 / learn.sum()), **usual)
        found = []
        taken = np.zeros(len(x), bool)
        for _ in range(most):
            box = finder.find_box()
            if box is None or len(box.peeling_trajectory) < 2:
                break
            path = box.peeling_trajectory
            # how far its density lies above the whole in standard errors (Kloesgen 1996); density times coverage would prefer the whole
            # space where what is looked for is common. Of boxes nearly as good, the simplest
            worth = (np.sqrt(path["mass"]) * (path["density"] - path["density"].iloc[0])).to_numpy()
            fit = np.flatnonzero(worth >= 0.9 * worth.max())
            at = int(fit[np.argmin(path["res_dim"].to_numpy()[fit])])
            box.select(at)
            limits = _limits(box.box_lims[at], x, x[learn])
            if not limits:
                break
            limits = _fewest(limits, x[learn & ~taken], interest[learn & ~taken])
            one = _measured(limits, x[~learn & ~taken], y[~learn & ~taken], of_interest, labels or {})
            if one.low <= one.base:
                break
            found.append(one)
            taken |= _inside(limits, x)
    return found


def tree(
    design: pd.DataFrame,
    share: Sequence[float] | NDArray[np.float64],
    of_interest: str,
    *,
    labels: Mapping[str, str] | None = None,
    threshold: float | None = None,
    seed: int = 1,
) -> list[Box]:
    """Divide the whole design by a tree and return its leaves as boxes, the most dangerous first; arguments as for `boxes`."""
    x, y = _checked(design, share)
    interest = y >= (_level(y) if threshold is None else threshold)
    rng = np.random.default_rng(seed)
    learn = np.zeros(len(x), bool)
    learn[rng.permutation(len(x))[: len(x) // 2]] = True
    if interest[learn].all() or not interest[learn].any():
        return []
    cart = _ema("cart")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grown = cart.CART(x[learn].reset_index(drop=True), interest[learn], mass_min=0.1)
        grown.build_tree()
        leaves = [_limits(leaf, x, x[learn]) for leaf in grown.boxes]
    test = ~learn
    # of a leaf that none of the other half lies in nothing is known
    seen = [limits for limits in leaves if limits and _inside(limits, x[test]).any()]
    found = [_measured(limits, x[test], y[test], of_interest, labels or {}) for limits in seen]
    return sorted(found, key=lambda box: -box.density)


def scores(design: pd.DataFrame, share: Sequence[float] | NDArray[np.float64], *, repeats: int = 10, seed: int = 1) -> pd.DataFrame:
    """Score how much each parameter matters for telling points apart (extremely randomised trees).

    Returns one row a parameter, highest first: `parameter`, `score` (scores add up to 1), `low`, `high` (over halves of the sample drawn
    anew), `chance` (what a parameter of pure noise scores here): a score whose interval does not exceed it says nothing.
    """
    x, y = _checked(design, share)
    scoring = _ema("feature_scoring")
    rng = np.random.default_rng([seed, 0x5C0])  # a stream of its own: a design made with the same seed must not be the noise
    x = x.assign(_noise=rng.random(len(x)))
    draws = []
    for repeat in range(repeats):
        rows = rng.permutation(len(x))[: max(20, len(x) // 2)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, _ = scoring.get_ex_feature_scores(
                x.iloc[rows].reset_index(drop=True),
                y[rows],
                mode=scoring.RuleInductionType.REGRESSION,
                nr_trees=100,
                min_samples_leaf=max(2, len(rows) // 50),
                random_state=repeat,
            )
        draws.append(found.iloc[:, 0].astype(float).reindex(x.columns).to_numpy())
    middle, spread = np.mean(draws, axis=0), np.std(draws, axis=0, ddof=1)
    table = pd.DataFrame({"parameter": x.columns, "score": middle, "low": middle - 2 * spread, "high": middle + 2 * spread})
    table["chance"] = float(middle[-1] + 2 * spread[-1])
    table = table[table["parameter"] != "_noise"]
    return table.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)


def map_of_two(
    design: pd.DataFrame, share: Sequence[float] | NDArray[np.float64], first: str, second: str, *, cells: int | None = None
) -> pd.DataFrame:
    """Return the mean share over a grid of two parameters, whatever the others are.

    When `cells` (along each side) is left out there are as many as leave ten points to a cell on average, 3 to 8.

    One row a cell: `first_low`, `first_high`, `second_low`, `second_high`, `share`, `n` (points). In `attrs`: `first`, `second`.
    """
    x, y = _checked(design, share)
    for name in (first, second):
        if name not in x.columns:
            raise ResultError(f"there is no parameter {name!r}", where="map_of_two", allowed=", ".join(map(str, x.columns[:12])))
    cells = int(np.clip(np.sqrt(len(x) / 10), 3, 8)) if cells is None else cells
    edges = [np.linspace(x[name].min(), x[name].max(), cells + 1) for name in (first, second)]
    at = [
        np.clip(np.searchsorted(edge, x[name], side="right") - 1, 0, cells - 1) for edge, name in zip(edges, (first, second), strict=True)
    ]
    rows = []
    for i in range(cells):
        for j in range(cells):
            here = y[(at[0] == i) & (at[1] == j)]
            mean = float(here.mean()) if len(here) else np.nan
            rows.append((edges[0][i], edges[0][i + 1], edges[1][j], edges[1][j + 1], mean, len(here)))
    table = pd.DataFrame(rows, columns=["first_low", "first_high", "second_low", "second_high", "share", "n"])
    table.attrs.update({"first": first, "second": second})
    return table


def _measured(
    limits: Mapping[str, tuple[float, float]],
    x: pd.DataFrame,
    y: NDArray[np.float64],
    what: str,
    labels: Mapping[str, str],
) -> Box:
    """Measure a box on points that had no part in finding it."""
    inside = _inside(limits, x)
    n, here = int(inside.sum()), float(y[inside].sum())
    density = here / n if n else float("nan")
    low, high = interval(y[inside]) if n else (0.0, 1.0)
    coverage = here / float(y.sum()) if y.sum() > 0 else float("nan")
    parts = []
    for name, (lowest, highest) in limits.items():
        label, bottom, top = labels.get(name, name), float(x[name].min()), float(x[name].max())
        margin = 1e-9 * (top - bottom)
        if lowest <= bottom + margin:
            parts.append(f"{label} is {highest:.3g} or less")
        elif highest >= top - margin:
            parts.append(f"{label} is {lowest:.3g} or more")
        else:
            parts.append(f"{label} is between {lowest:.3g} and {highest:.3g}")
    base = float(y.mean())
    sentence = (
        f"Where {' and '.join(parts)}, {what} in {100 * density:.0f} % of runs [{100 * low:.0f}-{100 * high:.0f}], against "
        f"{100 * base:.0f} % anywhere; "
        + (f"{100 * coverage:.0f} % of all such runs lie there." if y.sum() > 0 else "there are no such runs.")
    )
    return Box(dict(limits), sentence, density, low, high, coverage, n / len(x), base, len(x))


def _level(y: NDArray[np.float64]) -> float:
    """Return the share nearest to .5 that a tenth to nine tenths of the points reach; .5 if there is none."""
    levels = np.array([level for level in np.unique(y) if 0.1 <= (y >= level).mean() <= 0.9])
    return float(levels[np.abs(levels - 0.5).argmin()]) if len(levels) else 0.5


def interval(y: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of a mean of shares: Wilson's (1927), for as many runs as the spread between points is worth."""
    n, p = len(y), float(y.mean())
    spread = float(y.var(ddof=1)) if n > 1 else 0.0
    worth = n * p * (1.0 - p) / spread if spread > 0 else n
    z2 = 1.959964**2 / worth
    centre, reach = (p + z2 / 2) / (1 + z2), np.sqrt(z2 * (p * (1 - p) + z2 / 4)) / (1 + z2)
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def _inside(limits: Mapping[str, tuple[float, float]], x: pd.DataFrame) -> Flags:
    inside = np.ones(len(x), bool)
    for name, (low, high) in limits.items():
        inside &= (x[name] >= low).to_numpy() & (x[name] <= high).to_numpy()
    return inside


def _fewest(limits: dict[str, tuple[float, float]], x: pd.DataFrame, interest: NDArray[np.bool_]) -> dict[str, tuple[float, float]]:
    """Leave out conditions, the least telling first, as long as nine tenths of the worth remain; PRIM never takes one back."""

    def worth(box: Mapping[str, tuple[float, float]]) -> float:
        inside = _inside(box, x)
        return float(np.sqrt(inside.mean()) * (interest[inside].mean() - interest.mean())) if inside.any() else 0.0

    def looser(box: dict[str, tuple[float, float]]) -> Iterator[dict[str, tuple[float, float]]]:
        for name, (low, high) in box.items():
            bottom, top = float(x[name].min()), float(x[name].max())
            if low > bottom and high < top:
                yield box | {name: (bottom, high)}
                yield box | {name: (low, top)}
            elif len(box) > 1:
                yield {key: ends for key, ends in box.items() if key != name}

    enough = 0.9 * worth(limits)
    while fewer := max(looser(limits), key=worth, default=None):
        if worth(fewer) < enough:
            break
        limits = fewer
    return limits


def _limits(box: pd.DataFrame, x: pd.DataFrame, seen: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return what of a box restricts; an end at the edge of the points it was found on is none."""
    out = {}
    for name in x.columns:
        low, high = float(box[name].iloc[0]), float(box[name].iloc[1])
        bottom, top = float(x[name].min()), float(x[name].max())
        margin = 0.02 * (top - bottom)  # an end that cuts off next to nothing is none
        low = bottom if low <= float(seen[name].min()) + margin else low
        high = top if high >= float(seen[name].max()) - margin else high
        if low > bottom or high < top:
            out[str(name)] = (low, high)
    return out


def _checked(design: pd.DataFrame, share: Any) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    x, y = design.drop(columns=["point", "replicate"], errors="ignore").astype(float).reset_index(drop=True), np.asarray(share, dtype=float)
    if len(x) != len(y) or len(x) < 40:
        raise ResultError(f"{len(x)} points and {len(y)} shares", where="discovery", allowed="as many of each, 40 or more")
    if not (np.isfinite(x.to_numpy()).all() and np.isfinite(y).all() and ((y >= 0) & (y <= 1)).all()):
        raise ResultError("shares are 0 to 1 and nothing may be missing", where="discovery")
    varying = [name for name in x.columns if x[name].nunique() > 1]
    if not varying:
        raise ResultError("no parameter varies", where="discovery", allowed="a design over one parameter or more")
    return x[varying], y


def check_installed() -> None:
    """Raise PartnersimError without the EMA workbench: to be asked before the simulations, not after."""
    _ema("prim")


def _ema(module: str) -> Any:
    """Load a module of the EMA workbench without its talk."""
    from importlib import import_module

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(f"ema_workbench.analysis.{module}")
    except ImportError as missing:
        raise PartnersimError("scenario discovery needs the EMA workbench", fix="pip install 'partnersim[analysis]'") from missing
