"""Under which conditions does something happen: boxes, trees and scores over a sweep, in words, and a map of two parameters.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010) peels a box of conditions down until most runs in it are of interest; a tree (CART)
divides all runs; scores say how much each parameter matters for telling runs apart. All three come from the EMA workbench (extra
`analysis`). What is found on one half of the design points is measured on the other half, so that a box's numbers are not its own praise.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import PartnersimError, ResultError

__all__ = ["Box", "boxes", "map_of_two", "scores", "tree"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Conditions under which something happens.

    limits
        Parameter -> lowest and highest value; only those that restrict.
    sentence
        The box in words.
    density
        Share of the runs inside that are of interest, with its 95 % interval, among points that had no part in finding the box.
    coverage
        Share of all runs of interest that lie inside, among the same points.
    mass
        Share of the same points that lie inside.
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


def boxes(
    design: pd.DataFrame,
    share: Sequence[float] | NDArray[np.float64],
    of_interest: str,
    *,
    labels: Mapping[str, str] | None = None,
    threshold: float = 0.5,
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
        Rows with this share or more are of interest, and boxes are peeled until they hold .8 of such.
    most
        Boxes at most, one after another on what the ones before leave.
    seed
        Of the halves.

    Returns
    -------
    Boxes, the best first; none if no box holds more than the sample at large.
    """
    x, y = _checked(design, share)
    interest = y >= threshold
    rng = np.random.default_rng(seed)
    learn = np.zeros(len(x), bool)
    learn[rng.permutation(len(x))[: len(x) // 2]] = True
    if interest[learn].sum() < 10 or (~interest[learn]).sum() < 10:
        raise ResultError(
            f"{int(interest.sum())} of {len(x)} points are of interest",
            where="boxes",
            allowed="20 of each kind or more",
            fix="move the threshold",
        )
    prim = _ema("prim")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        finder = prim.Prim(x[learn].reset_index(drop=True), interest[learn], threshold=0.8, mass_min=max(0.02, 20 / learn.sum()))
        found = []
        taken = np.zeros(len(x), bool)
        for _ in range(most):
            box = finder.find_box()
            if box is None or len(box.peeling_trajectory) < 2:
                break
            path = box.peeling_trajectory
            # the simplest box within a tenth of the best trade of coverage and density above that of all points
            worth = ((path["density"] - interest[learn].mean()) * path["coverage"]).to_numpy()
            fit = np.flatnonzero(worth >= 0.9 * worth.max())
            at = int(fit[np.argmin(path["res_dim"].to_numpy()[fit])])
            box.select(at)
            limits = _limits(box.box_lims[at], x)
            if not limits:
                break
            one = _measured(limits, x[~learn & ~taken], y[~learn & ~taken], interest[~learn & ~taken], of_interest, labels or {})
            if one.density <= one.base:
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
    threshold: float = 0.5,
    seed: int = 1,
) -> list[Box]:
    """Divide the whole design by a tree and return its leaves as boxes, the most dangerous first; arguments as for `boxes`."""
    x, y = _checked(design, share)
    interest = y >= threshold
    rng = np.random.default_rng(seed)
    learn = np.zeros(len(x), bool)
    learn[rng.permutation(len(x))[: len(x) // 2]] = True
    cart = _ema("cart")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grown = cart.CART(x[learn].reset_index(drop=True), interest[learn], mass_min=0.1)
        grown.build_tree()
        leaves = [_limits(leaf, x) for leaf in grown.boxes]
    test = ~learn
    found = [_measured(limits, x[test], y[test], interest[test], of_interest, labels or {}) for limits in leaves if limits]
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
    design: pd.DataFrame, share: Sequence[float] | NDArray[np.float64], first: str, second: str, *, cells: int = 8
) -> pd.DataFrame:
    """Return the mean share over a grid of two parameters, whatever the others are.

    One row a cell: `first_low`, `first_high`, `second_low`, `second_high`, `share`, `n` (points). In `attrs`: `first`, `second`.
    """
    x, y = _checked(design, share)
    for name in (first, second):
        if name not in x.columns:
            raise ResultError(f"there is no parameter {name!r}", where="map_of_two", allowed=", ".join(map(str, x.columns[:12])))
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
    interest: Flags,
    what: str,
    labels: Mapping[str, str],
) -> Box:
    """Measure a box on points that had no part in finding it."""
    from scipy import stats

    inside = _inside(limits, x)
    n, all_of_interest = int(inside.sum()), int(interest.sum())
    hits = int((inside & interest).sum())
    interval = stats.binomtest(hits, n).proportion_ci(method="wilson") if n else None
    low, high = (float(interval.low), float(interval.high)) if interval is not None else (0.0, 1.0)
    density = hits / n if n else float("nan")
    coverage = hits / all_of_interest if all_of_interest else float("nan")
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
    base = float(interest.mean())
    sentence = (
        f"Where {' and '.join(parts)}, {what} at {100 * density:.0f} % of points [{100 * low:.0f}-{100 * high:.0f}], against "
        f"{100 * base:.0f} % anywhere; this covers {100 * coverage:.0f} % of all such points."
    )
    return Box(dict(limits), sentence, density, low, high, coverage, n / len(x), base, len(x))


def _inside(limits: Mapping[str, tuple[float, float]], x: pd.DataFrame) -> Flags:
    inside = np.ones(len(x), bool)
    for name, (low, high) in limits.items():
        inside &= (x[name] >= low).to_numpy() & (x[name] <= high).to_numpy()
    return inside


def _limits(box: pd.DataFrame, x: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return what of a box restricts; an end at the edge of the sample is none."""
    out = {}
    for name in x.columns:
        low, high = float(box[name].iloc[0]), float(box[name].iloc[1])
        bottom, top = float(x[name].min()), float(x[name].max())
        # half of the points cannot see the outermost percent
        margin = 0.02 * (top - bottom)
        low, high = (bottom if low <= bottom + margin else low), (top if high >= top - margin else high)
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


def _ema(module: str) -> Any:
    """Load a module of the EMA workbench without its talk."""
    from importlib import import_module

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(f"ema_workbench.analysis.{module}")
    except ImportError as missing:
        raise PartnersimError("scenario discovery needs the EMA workbench", fix="pip install 'partnersim[analysis]'") from missing
