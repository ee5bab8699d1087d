"""Paired comparison: what a change did, world by world, with an interval, and what pairing was worth.

Replicate r is one possible world, the same in every scenario, so scenarios are compared within worlds: the difference of a world is free
of the luck that both scenarios share. An unpaired test of the same runs would be wrong, as the two samples are not independent, and far
less sharp. Every function takes plain frames with the columns `scenario` and `replicate`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from partnersim.analysis.survival import need_columns
from partnersim.errors import ResultError, nearest

__all__ = ["alive_at", "differences", "differences_by_month", "worlds"]

CONFIDENCE = 0.95
SAME_WORLD = ("replicate", "band_member", "seed")
"""What two runs must share to be the same world; those of the columns that are there."""


def differences(
    runs: pd.DataFrame, outcomes: Iterable[str], baseline: str, *, units: dict[str, str] | None = None, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Compare scenarios with a baseline, world by world.

    Parameters
    ----------
    runs
        One row a run of two scenarios or more, in the same worlds: `scenario`, `replicate`, and `seed` and `band_member` where known.
    outcomes
        Columns of `runs`; columns of true and false (or 0 and 1) are compared as shares.
    baseline
        The scenario the others are compared with.
    units
        Unit of each outcome, for the table.
    confidence
        Chance that all intervals of one outcome hold together.

    Returns
    -------
    One row an outcome and scenario: `outcome`, `scenario`, `baseline`, `mean_baseline`, `mean`, `difference`, `low`, `high`, `p` (for no
    difference), `n` (worlds), `correlation` (of the scenarios over worlds), `runs_saved` (how many times as many runs would have been
    needed without pairing; not-a-number if nothing varies), `unit`. In `attrs`: `confidence`, `comparisons`.

    Raises
    ------
    ResultError
        Fewer than two scenarios or two worlds, an unknown baseline or outcome, missing values, or runs that are not paired.

    Notes
    -----
    Student's t of the paired differences. Of shares the interval is that of Agresti & Min (2005), half a world added to each of the four
    cells, which also holds where no world, or every world, changes sides. With several scenarios against one baseline each interval is
    widened (Sidak 1967) so that all hold together with the stated confidence, and p is corrected by the same rule; different outcomes
    are different questions and are not corrected for each other.
    """
    from scipy import stats

    names = list(dict.fromkeys(outcomes))
    by_scenario = worlds(runs, names)
    if baseline not in by_scenario:
        raise ResultError(f"there is no scenario {baseline!r}", where="differences", allowed=nearest(baseline, by_scenario))
    others = [name for name in by_scenario if name != baseline]
    tail = (1.0 - confidence ** (1.0 / len(others))) / 2.0
    rows = []
    for outcome in names:
        base = by_scenario[baseline][outcome].to_numpy()
        for name in others:
            value = by_scenario[name][outcome].to_numpy()
            apart, n = value - base, len(base)
            difference = float(apart.mean())
            if set(np.unique(np.concatenate([base, value]))) <= {0.0, 1.0}:
                gained, lost = int((apart > 0).sum()), int((apart < 0).sum())
                centre = (gained - lost) / (n + 2)
                spread = np.sqrt((gained + lost + 1) / (n + 2) - centre**2) / np.sqrt(n + 2)
                reach = stats.norm.isf(tail) * spread
                low, high = max(-1.0, centre - reach), min(1.0, centre + reach)
                p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
            else:
                centre, spread = difference, float(apart.std(ddof=1)) / np.sqrt(n)
                reach = stats.t.isf(tail, n - 1) * spread
                low, high = centre - reach, centre + reach
                p = float(2 * stats.t.sf(abs(difference) / spread, n - 1)) if spread > 0 else float(difference == 0.0)
            unpaired = float(base.var(ddof=1) + value.var(ddof=1))
            paired = float(apart.var(ddof=1))
            both = float(base.std() * value.std())
            correlation = float(np.mean((base - base.mean()) * (value - value.mean())) / both) if both > 0 else np.nan
            rows.append(
                (
                    outcome, name, baseline, base.mean(), value.mean(), difference, low, high, 1.0 - (1.0 - p) ** len(others), n,
                    correlation, unpaired / paired if paired > 0 else np.nan, (units or {}).get(outcome, ""),
                )
            )  # fmt: skip
    columns = [
        "outcome",
        "scenario",
        "baseline",
        "mean_baseline",
        "mean",
        "difference",
        "low",
        "high",
        "p",
        "n",
        "correlation",
        "runs_saved",
    ]
    table = pd.DataFrame(rows, columns=[*columns, "unit"])
    table.attrs.update({"confidence": confidence, "comparisons": len(others)})
    return table


def differences_by_month(series: pd.DataFrame, outcome: str, baseline: str) -> pd.DataFrame:
    """Compare scenarios with a baseline month by month.

    Parameters
    ----------
    series
        One row a run and month of two scenarios or more, in the same worlds: `scenario`, `replicate`, `month` and the outcome.
    outcome
        A column of `series`.
    baseline
        The scenario the others are compared with.

    Returns
    -------
    One row a scenario and month: `scenario`, `month`, `mean_baseline`, `mean`, `difference`, `low`, `high` (95 %, for each month and
    scenario on its own), `n`. In `attrs`: `outcome`, `baseline`, `confidence`.

    Raises
    ------
    ResultError
        As for `differences`, or months that differ.
    """
    from scipy import stats

    need_columns(series, ["scenario", "replicate", "month", outcome], where="differences_by_month")
    tables = {
        str(name): part.pivot(index="replicate", columns="month", values=outcome) for name, part in series.groupby("scenario", sort=False)
    }
    if baseline not in tables:
        raise ResultError(f"there is no scenario {baseline!r}", where="differences_by_month", allowed=nearest(baseline, tables))
    base = tables[baseline]
    n = len(base)
    if len(tables) < 2 or n < 2:
        raise ResultError("nothing to compare", where="differences_by_month", allowed="two scenarios and two worlds, or more")
    parts = []
    for name, table in tables.items():
        if name == baseline:
            continue
        if not (table.index.equals(base.index) and table.columns.equals(base.columns)):
            raise _unpaired(name, baseline, "they hold other worlds or months")
        apart = table - base
        reach = stats.t.isf((1.0 - CONFIDENCE) / 2.0, n - 1) * apart.std(ddof=1) / np.sqrt(n)
        middle = apart.mean()
        parts.append(
            pd.DataFrame(
                {
                    "scenario": name,
                    "month": base.columns,
                    "mean_baseline": base.mean().to_numpy(),
                    "mean": table.mean().to_numpy(),
                    "difference": middle.to_numpy(),
                    "low": (middle - reach).to_numpy(),
                    "high": (middle + reach).to_numpy(),
                    "n": n,
                }
            )
        )
    out = pd.concat(parts, ignore_index=True)
    out.attrs.update({"outcome": outcome, "baseline": baseline, "confidence": CONFIDENCE})
    return out


def worlds(runs: pd.DataFrame, outcomes: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Divide runs by scenario, each with the same worlds in the same order, or refuse them as unpaired."""
    names = list(outcomes)
    need_columns(runs, ["scenario", "replicate", *names], where="a paired comparison")
    by = {str(name): part.sort_values("replicate").reset_index(drop=True) for name, part in runs.groupby("scenario", sort=False)}
    if len(by) < 2:
        raise ResultError(f"there is nothing to compare: {len(by)} scenario", where="a paired comparison", allowed="two scenarios or more")
    keys = [name for name in SAME_WORLD if name in runs.columns]
    first, base = next(iter(by.items()))
    for name, part in by.items():
        if part["replicate"].duplicated().any():
            raise _unpaired(name, first, f"{name} has two runs of one replicate")
        if len(part) != len(base):
            raise _unpaired(name, first, f"one has {len(part)} runs and the other {len(base)}")
        for key in keys:
            if not (part[key].to_numpy() == base[key].to_numpy()).all():
                raise _unpaired(name, first, f"they differ in {key}")
    if len(base) < 2:
        raise ResultError("one world tells nothing of its own uncertainty", where="a paired comparison", allowed="two replicates or more")
    out = {name: part[names].astype(float) for name, part in by.items()}
    for name, part in out.items():
        if not np.isfinite(part.to_numpy()).all():
            bad = next(column for column in names if not np.isfinite(part[column]).all())
            raise ResultError(
                f"{bad} of {name} has missing values", where="a paired comparison", fix="choose an outcome that every run has"
            )
    return out


def alive_at(runs: pd.DataFrame, month: int, by: str = "practice") -> np.ndarray:
    """Return for each run whether the first life of practice (or of the form) lasts beyond that month of the simulation."""
    need_columns(runs, [f"{by}_born_month", f"{by}_alive_months", f"{by}_died"], where="alive_at")
    born = runs[f"{by}_born_month"].to_numpy()
    last = born + runs[f"{by}_alive_months"].to_numpy() - 1
    return (born >= 0) & (born <= month) & (~runs[f"{by}_died"].to_numpy(dtype=bool) | (last > month))


def _unpaired(name: str, other: str, why: str) -> ResultError:
    return ResultError(
        f"runs of {name} and {other} are not paired: {why}",
        where="a paired comparison",
        allowed="the same replicates, seed and band in every scenario",
        fix="run the scenarios with one seed and one number of replicates: ps.compare([a, b]) does",
    )
