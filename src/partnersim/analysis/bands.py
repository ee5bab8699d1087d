"""The middle of the runs and how far they spread, month by month or over the last 24 months."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from partnersim.analysis.survival import need_one_scenario
from partnersim.errors import ResultError

__all__ = ["bands", "final_outcomes"]


def bands(series: pd.DataFrame, outcomes: Iterable[str], low: float = 0.10, high: float = 0.90) -> pd.DataFrame:
    """Median and spread of the runs in each month.

    The band is the spread of single runs, not the uncertainty of the median: it does not shrink with more runs.

    Parameters
    ----------
    series
        One row a run and month, one scenario. Needs `replicate`, `month` and the outcomes.
    outcomes
        Columns of `series`; a single name will do.
    low, high
        Quantiles of the band, 0 <= low < high <= 1; the defaults hold the middle 80 % of runs.

    Returns
    -------
    One row an outcome and month, in the order asked for: `outcome`, `month`, `median`, `low`, `high` (unit of the
    outcome), `n` (runs that have a value in that month; the others are left out). In `attrs`: `n` (runs), `low`,
    `high`.

    Raises
    ------
    ResultError
        Empty frame, missing column, no outcome, quantiles out of order, more than one scenario, or a run with two rows
        for one month.
    """
    names = _names(outcomes, where="bands")
    if not 0.0 <= low < high <= 1.0:
        raise ResultError(
            f"low = {low}, high = {high} bound no band",
            where="bands",
            allowed="0 <= low < high <= 1",
            fix="low=0.10, high=0.90 holds the middle 80 % of runs",
        )
    need_one_scenario(series, ["replicate", "month", *names], where="bands")
    twice = series.duplicated(["replicate", "month"])
    if twice.any():
        row = series[twice].iloc[0]
        raise ResultError(
            f"replicate {row['replicate']} has two rows for month {row['month']}",
            where="bands",
            allowed="one row a run and month",
            fix="pass the series of one scenario and one set of runs",
        )
    by_month = series[names].astype(float).groupby(series["month"])
    middle, lower, upper, count = by_month.median(), by_month.quantile(low), by_month.quantile(high), by_month.count()
    parts = [
        pd.DataFrame(
            {
                "outcome": name,
                "month": middle.index,
                "median": middle[name].to_numpy(),
                "low": lower[name].to_numpy(),
                "high": upper[name].to_numpy(),
                "n": count[name].to_numpy(),
            }
        )
        for name in names
    ]
    table = pd.concat(parts, ignore_index=True)
    table.attrs.update({"n": int(series["replicate"].nunique()), "low": low, "high": high})
    return table


def final_outcomes(runs: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Where the runs stand at the end: outcomes averaged over the last 24 months of each run.

    Parameters
    ----------
    runs
        One row a run, one scenario, with the outcomes as columns.
    names
        Columns of `runs`; a single name will do.

    Returns
    -------
    One row an outcome, in the order asked for: `name`, `mean`, `median`, `p10`, `p90` (over runs, unit of the
    outcome), `n` (runs that have a value).

    Raises
    ------
    ResultError
        Empty frame, missing column, no name or more than one scenario.
    """
    chosen = _names(names, where="final_outcomes")
    need_one_scenario(runs, chosen, where="final_outcomes")
    values = runs[chosen].astype(float)
    return pd.DataFrame(
        {
            "name": chosen,
            "mean": values.mean().to_numpy(),
            "median": values.median().to_numpy(),
            "p10": values.quantile(0.10).to_numpy(),
            "p90": values.quantile(0.90).to_numpy(),
            "n": values.count().to_numpy(),
        }
    )


def _names(names: Iterable[str], *, where: str) -> list[str]:
    """A list of names without repeats, from one name or many."""
    chosen = [names] if isinstance(names, str) else list(dict.fromkeys(names))
    if not chosen:
        raise ResultError("no outcome is named", where=where, allowed="one name or more", fix="name a column")
    return chosen
