"""Early warning: does a series grow restless before practice dies, and is that worth watching?

Before a tipping point a system recovers more slowly, so that variance and autocorrelation rise (Scheffer et al. 2009). Whether they do
here, and whether they tell more than the level itself, is a question of skill: at each look every living run gets an indicator from its
last months, and the area under the ROC curve says how often a run that is about to die has the higher one. .5 is guessing. Intervals come
from drawing whole runs again, as the looks of one run hang together.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.analysis.survival import need_columns
from partnersim.errors import ResultError

__all__ = ["INDICATORS", "early_warning", "roc"]

Floats = NDArray[np.float64]
RESAMPLES = 200
INDICATORS = {
    "variance": "Variance of the last months, net of trend",
    "autocorrelation": "Autocorrelation of the last months, net of trend",
    "fall": "Fall over the last months",
    "level": "Low level (for comparison)",
}


def early_warning(
    series: pd.DataFrame, runs: pd.DataFrame, outcome: str, *, window: int = 24, ahead: int = 24, every: int = 6, seed: int = 1
) -> pd.DataFrame:
    """Measure the skill of each indicator.

    Parameters
    ----------
    series
        One row a run and month: `replicate`, `month`, the outcome.
    runs
        One row a run: `replicate` and the life of practice.
    outcome
        A column of `series` to be watched.
    window
        Months an indicator looks back.
    ahead
        A warning is right if practice dies within so many months.
    every
        Months between looks.
    seed
        Of the bootstrap.

    Returns
    -------
    One row an indicator, best first: `indicator`, `skill` (area under the ROC curve), `low`, `high` (95 %), `looks`, `deaths` (looks
    followed by a death), `runs`. In `attrs`: the arguments, and `values` for `roc`.
    """
    need_columns(series, ["replicate", "month", outcome], where="early_warning")
    need_columns(runs, ["replicate", "practice_born_month", "practice_alive_months", "practice_died"], where="early_warning")
    table = series.pivot(index="replicate", columns="month", values=outcome)
    y, months = table.to_numpy(dtype=float), table.columns.to_numpy()
    lives = runs.set_index("replicate").loc[table.index]
    born = lives["practice_born_month"].to_numpy()
    last = born + lives["practice_alive_months"].to_numpy() - 1
    died = lives["practice_died"].to_numpy(dtype=bool)
    time = np.arange(window) - (window - 1) / 2.0
    rows: list[NDArray[np.int64]] = []
    found: dict[str, list[Floats]] = {name: [] for name in INDICATORS}
    labels: list[NDArray[np.bool_]] = []
    for end in range(window, len(months), every):
        month = months[end - 1]
        watched = (born >= 0) & (born <= month) & (last > month) & (died | (last >= month + ahead))
        if not watched.any():
            continue
        part = y[watched, end - window : end]
        trend = part @ time / (time @ time)
        left = part - part.mean(axis=1, keepdims=True) - trend[:, None] * time
        variance = left.var(axis=1)
        shifted = (left[:, 1:] * left[:, :-1]).mean(axis=1)
        found["variance"].append(variance)
        found["autocorrelation"].append(np.divide(shifted, variance, out=np.zeros_like(variance), where=variance > 1e-12))
        found["fall"].append(-trend)
        found["level"].append(-part[:, -6:].mean(axis=1))
        rows.append(np.flatnonzero(watched))
        labels.append(died[watched] & (last[watched] <= month + ahead))
    run = np.concatenate(rows) if rows else np.zeros(0, int)
    doomed = np.concatenate(labels) if labels else np.zeros(0, bool)
    if doomed.sum() < 10 or (~doomed).sum() < 10:
        raise ResultError(
            f"{int(doomed.sum())} looks are followed by a death and {int((~doomed).sum())} are not", where="early_warning",
            allowed="10 of each or more", fix="more or longer runs",
        )  # fmt: skip
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(y), np.full(len(y), 1 / len(y)), RESAMPLES).astype(float)
    out, values = [], {"doomed": doomed}
    for name, parts in found.items():
        x = np.concatenate(parts)
        values[name] = x
        draws = [_area(x, doomed, weights[run]) for weights in counts]
        low, high = np.nanquantile(draws, [0.025, 0.975])
        out.append((name, _area(x, doomed, np.ones(len(x))), low, high, len(x), int(doomed.sum()), len(np.unique(run))))
    frame = pd.DataFrame(out, columns=["indicator", "skill", "low", "high", "looks", "deaths", "runs"])
    frame = frame.sort_values("skill", ascending=False, kind="stable").reset_index(drop=True)
    frame.attrs.update({"outcome": outcome, "window": window, "ahead": ahead, "every": every, "values": values})
    return frame


def roc(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Return the ROC curve of an indicator: `false_alarms` and `hits` (shares) as the threshold falls."""
    values = table.attrs["values"]
    if indicator not in values or indicator == "doomed":
        raise ResultError(f"there is no indicator {indicator!r}", where="roc", allowed=", ".join(INDICATORS))
    x, doomed = values[indicator], values["doomed"]
    order = np.argsort(-x, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(x[order]) != 0), len(x) - 1)
    hits, alarms = np.cumsum(doomed[order])[ends], np.cumsum(~doomed[order])[ends]
    return pd.DataFrame({"false_alarms": np.append(0, alarms) / (~doomed).sum(), "hits": np.append(0, hits) / doomed.sum()})


def _area(x: Floats, doomed: NDArray[np.bool_], weight: Floats) -> float:
    """Area under the weighted ROC curve; ties count half."""
    values, place = np.unique(x, return_inverse=True)
    sick = np.bincount(place, weight * doomed, len(values))
    well = np.bincount(place, weight * ~doomed, len(values))
    if sick.sum() == 0 or well.sum() == 0:
        return float("nan")
    below = np.cumsum(well) - well
    return float((sick * (below + 0.5 * well)).sum() / (sick.sum() * well.sum()))
