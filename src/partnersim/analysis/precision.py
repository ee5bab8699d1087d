"""How precisely something is known, and how many replicates a wanted precision takes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from partnersim.analysis.survival import CONFIDENCE, TAIL, need_columns
from partnersim.errors import ResultError

__all__ = ["WANTED_SHARE", "decimals", "needed", "running", "short", "telling"]

WANTED_SHARE = 0.05
"""Half-width at which a share is called well known: five points."""


def decimals(half_widths: Iterable[float]) -> int:
    """Return how many decimals to write, one number for a column: two figures of what all but a quarter of the half-widths exceed."""
    known = np.array([width for width in half_widths if np.isfinite(width) and width > 0])
    return max(0, 1 - math.floor(math.log10(float(np.quantile(known, 0.25))))) if len(known) else 2


def needed(half_width: float, wanted: float, n: int) -> int:
    """Return the replicates that give a half-width of `wanted`, where `n` gave `half_width`: widths shrink with the root of n."""
    if not (half_width >= 0 and wanted > 0 and n > 0):
        raise ResultError(f"half-width {half_width}, wanted {wanted}, n {n} are not possible", where="needed", allowed="positive numbers")
    return max(2, math.ceil(n * (half_width / wanted) ** 2 - 1e-9))


def telling(difference: float, half_width: float, n: int, power: float = 0.8) -> int | None:
    """Return the worlds in which a difference of this size would be told from none with the given chance; None if there is none.

    `half_width` is that of the 95 % interval that `n` worlds gave.
    """
    from scipy import stats

    if difference == 0 or half_width <= 0:
        return None
    z = float(stats.norm.isf(TAIL))
    spread = half_width / z * math.sqrt(n)
    return max(2, math.ceil(((z + float(stats.norm.isf(1 - power))) * spread / difference) ** 2))


def running(values: np.ndarray | pd.Series, points: int = 40) -> pd.DataFrame:
    """Return the mean of the first n replicates with its 95 % interval for growing n: has it settled?

    Columns `n`, `mean`, `low`, `high`.
    """
    from scipy import stats

    x = np.asarray(values, dtype=float)
    if len(x) < 2 or not np.isfinite(x).all():
        raise ResultError("a running mean needs two values or more, all known", where="running")
    sizes = np.unique(np.geomspace(2, len(x), min(points, len(x) - 1)).round().astype(int))
    rows = []
    for n in sizes:
        part = x[:n]
        reach = float(stats.t.isf(TAIL, n - 1) * part.std(ddof=1) / math.sqrt(n))
        rows.append((int(n), float(part.mean()), float(part.mean()) - reach, float(part.mean()) + reach))
    table = pd.DataFrame(rows, columns=["n", "mean", "low", "high"])
    table.attrs["confidence"] = CONFIDENCE
    return table


def short(summary: pd.DataFrame, wanted: float = WANTED_SHARE) -> str:
    """Say how precise the shares of a summary are, and how many runs would do, if they do not.

    Parameters
    ----------
    summary
        `RunSet.summary()`, or any frame with `quantity`, `value`, `low`, `high`, `n` and `interval`.
    wanted
        Half-width that is good enough.

    Returns
    -------
    A sentence; empty if every share is known well enough.
    """
    need_columns(summary, ["section", "quantity", "low", "high", "interval", "n"], where="short")
    shares = summary[(summary["section"] == "practice") & summary["interval"].str.contains("confidence")]
    shares = shares[shares["quantity"].str.startswith("alive")]
    if shares.empty:
        return ""
    half = ((shares["high"] - shares["low"]) / 2).to_numpy()
    worst = int(half.argmax())
    if half[worst] <= wanted:
        return ""
    row = shares.iloc[worst]
    runs = int(summary.loc[summary["quantity"] == "ever born", "n"].max())
    return (
        f"Too few runs for fine points: the share {row['quantity']} is known to within {100 * half[worst]:.0f} points; "
        f"{100 * wanted:.0f} points would take about {needed(float(half[worst]), wanted, runs)} runs."
    )
