"""How long partnerships live, what ends them, and what is left: survival, hazard, causes, regimes.

Every function takes the `runs` frame of one scenario (one row a run) and returns a plain frame. Intervals are 95 %.
Ages are whole months since birth. A run still alive when it ends is censored; a run never born is not at risk.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from partnersim.errors import ResultError, nearest

__all__ = [
    "CONFIDENCE",
    "REGIMES",
    "By",
    "at_months",
    "causes",
    "cumulative_incidence",
    "hazard",
    "regimes",
    "restricted_mean",
    "survival",
]

By = Literal["practice", "form"]
CONFIDENCE = 0.95
REGIMES = ("vital", "mixed", "paper", "informal", "collapsed")
TAIL = (1.0 - CONFIDENCE) / 2.0
BOOTSTRAP = 400


class _Lives(NamedTuple):
    months: np.ndarray  # int, age at death or at the end of the run
    died: np.ndarray  # bool, False = censored
    never_born: int


def survival(runs: pd.DataFrame, by: By = "practice", *, horizon_months: int | None = None) -> pd.DataFrame:
    """Share of partnerships still alive at each age, counting the runs that outlive the simulation.

    Parameters
    ----------
    runs
        One row a run, one scenario. Needs `<by>_born_month` (-1 = never), `<by>_alive_months`, `<by>_died`.
    by
        Whose life: "practice" (people do it) or "form" (it exists on paper).
    horizon_months
        Last age of the table [months]; default the longest life seen. Past the longest life a row is added only when
        all have died (alive = 0); otherwise the curve is unknown there and the table ends.

    Returns
    -------
    One row an age 0, 1, ... : `months`, `alive` (share), `low`, `high` (95 %, for each age on its own), `at_risk`
    (runs under observation just before that age). No rows if no run was ever born. In `attrs`: `by`, `n` (runs born),
    `never_born`, `died`, `censored`, `confidence`.

    Raises
    ------
    ResultError
        Empty frame, missing or impossible columns, unknown `by`, or more than one scenario.

    Notes
    -----
    Estimate of Kaplan & Meier (1958); variance of Greenwood (1926); interval on the log(-log) scale (Kalbfleisch &
    Prentice 1980). That interval does not exist where the estimate is 1 or 0, and is replaced there:

    * alive = 1 at age 0: a life begins alive, so low = high = 1;
    * alive = 1 later: high = 1 and low is the exact binomial limit for no death among the m runs at risk, .025^(1/m);
    * alive = 0: low = 0 and high is the limit of the month before times the exact binomial limit for no survivor
      among the last d runs at risk, 1 - .025^(1/d). This is on the wide side.

    A death at age t counts as dead at t. Deaths come before censorings of the same age. Partnerships born late are
    watched for less time: the estimate takes a late birth to say nothing about how long a life would be.
    """
    from scipy import stats

    lives = _lives(runs, by)
    deaths = int(lives.died.sum())
    attrs: dict[Hashable, object] = {
        "by": by,
        "n": lives.months.size,
        "never_born": lives.never_born,
        "died": deaths,
        "censored": lives.months.size - deaths,
        "confidence": CONFIDENCE,
    }
    if horizon_months is not None and horizon_months < 0:
        raise ResultError(
            f"horizon_months = {horizon_months} lies before birth",
            where="survival",
            allowed="0 or more months",
            fix="leave it out to use the longest life seen",
        )
    if lives.months.size == 0:
        columns = {"months": int, "alive": float, "low": float, "high": float, "at_risk": int}
        return _with(pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()}), attrs)

    sample = stats.CensoredData(uncensored=lives.months[lives.died], right=lives.months[~lives.died])
    estimate = stats.ecdf(sample).sf
    with warnings.catch_warnings():  # scipy warns that the interval is undefined at 1 and 0; both are filled in below
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = estimate.confidence_interval(confidence_level=CONFIDENCE, method="log-log")

    end = int(lives.months.max())
    if horizon_months is not None:
        everyone_died = estimate.probabilities[-1] == 0.0
        end = horizon_months if everyone_died else min(end, horizon_months)
    ages = np.arange(end + 1)
    step = np.searchsorted(estimate.quantiles, ages, side="right")  # 0 = before the first age seen
    alive = np.concatenate([[1.0], estimate.probabilities])[step]
    low = np.concatenate([[np.nan], interval.low.probabilities])[step]
    high = np.concatenate([[np.nan], interval.high.probabilities])[step]
    at_risk = lives.months.size - np.searchsorted(np.sort(lives.months), ages, side="left")

    everyone = alive == 1.0
    low[everyone] = TAIL ** (1.0 / at_risk[everyone])
    high[everyone] = 1.0
    if everyone[0]:
        low[0] = 1.0
    nobody = np.flatnonzero(alive == 0.0)
    if nobody.size:
        first = nobody[0]
        before = high[first - 1] if first else 1.0
        low[nobody] = 0.0
        high[nobody] = before * (1.0 - TAIL ** (1.0 / at_risk[first]))
    frame = pd.DataFrame({"months": ages, "alive": alive, "low": low, "high": high, "at_risk": at_risk})
    return _with(frame, attrs)


def at_months(table: pd.DataFrame, months: Iterable[int] = (12, 36, 60, 120, 240)) -> pd.DataFrame:
    """Rows of a `survival` table at some ages [months]; ages past its end are left out.

    Raises
    ------
    ResultError
        `table` is not a survival table.
    """
    need_columns(table, ["months", "alive", "low", "high", "at_risk"], where="at_months")
    return _with(table[table["months"].isin(list(months))].reset_index(drop=True), dict(table.attrs))


def hazard(runs: pd.DataFrame, edges_months: Sequence[int], by: By = "practice") -> pd.DataFrame:
    """Deaths per year at risk in each age interval: when in its life is a partnership most in danger.

    Parameters
    ----------
    runs
        As for `survival`.
    edges_months
        Ages [months] that bound the intervals, rising; two or more. An interval holds ages above its lower and up to
        its upper edge, so that it agrees with `survival`.
    by
        "practice" or "form".

    Returns
    -------
    One row an interval: `from_month`, `to_month`, `deaths`, `exposure_years`, `hazard_per_year`, `low`, `high` (exact
    95 % Poisson interval). Not-a-number where nobody was at risk. `attrs` as for `survival`.

    Raises
    ------
    ResultError
        As for `survival`, and edges that are too few, negative or not rising.

    Notes
    -----
    Garwood (1936). A month in which a death falls counts as lived in full, so a constant hazard of h a year reads as
    12 (1 - exp(-h/12)), about h (1 - h/24).
    """
    from scipy import stats

    edges = np.asarray(list(edges_months), dtype=float)
    if edges.ndim != 1 or edges.size < 2 or not np.isfinite(edges).all() or edges[0] < 0 or (np.diff(edges) <= 0).any():
        raise ResultError(
            f"edges_months = {list(edges_months)!r} does not bound age intervals",
            where="hazard",
            allowed="two or more rising ages in months, from 0",
            fix="for example (0, 12, 36, 60, 120, 240)",
        )
    lives = _lives(runs, by)
    start, stop = edges[:-1, None], edges[1:, None]
    inside = (lives.months > start) & (lives.months <= stop)
    if edges[0] == 0:
        inside[0] |= lives.months == 0
    deaths = (inside & lives.died).sum(axis=1)
    years = np.clip(lives.months - start, 0, stop - start).sum(axis=1) / 12.0
    lowest = np.where(deaths > 0, stats.chi2.ppf(TAIL, 2 * np.maximum(deaths, 1)) / 2.0, 0.0)
    highest = stats.chi2.ppf(1.0 - TAIL, 2 * deaths + 2) / 2.0
    per_year = np.divide(1.0, years, out=np.full(years.shape, np.nan), where=years > 0)
    whole = edges.astype(int) if (edges == edges.astype(int)).all() else edges
    frame = pd.DataFrame(
        {
            "from_month": whole[:-1],
            "to_month": whole[1:],
            "deaths": deaths,
            "exposure_years": years,
            "hazard_per_year": deaths * per_year,
            "low": lowest * per_year,
            "high": highest * per_year,
        }
    )
    return _with(frame, {"by": by, "n": lives.months.size, "never_born": lives.never_born, "confidence": CONFIDENCE})


def causes(runs: pd.DataFrame) -> pd.DataFrame:
    """What ended the practice, among the runs in which it died.

    Parameters
    ----------
    runs
        One row a run, one scenario. Needs `practice_died` and `cause_of_death`; an empty cause of a dead run is
        counted as "not recorded".

    Returns
    -------
    One row a cause, commonest first: `cause`, `runs`, `share` (of the deaths), `low`, `high` (95 %, Wilson 1927). No
    rows if nothing died. In `attrs`: `n` (deaths), `confidence`.

    Raises
    ------
    ResultError
        Empty frame, missing columns or more than one scenario.
    """
    need_one_scenario(runs, ["practice_died", "cause_of_death"], where="causes")
    died = _flags(runs, "practice_died", where="causes")
    named = runs.loc[died, "cause_of_death"].fillna("").astype(str).replace("", "not recorded")
    counts = named.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return _shares("cause", [str(name) for name in counts.index], counts.to_numpy(dtype=int))


def cumulative_incidence(runs: pd.DataFrame, *, horizon_months: int | None = None) -> pd.DataFrame:
    """Share of partnerships whose practice has died of each cause by each age: causes compete, and the shares add up to all deaths.

    Parameters
    ----------
    runs
        One row a run, one scenario. Needs the lives of practice and `cause_of_death`.
    horizon_months
        Last age of the table [months]; default the longest life seen.

    Returns
    -------
    One row a cause and age, commonest cause first: `cause`, `months`, `share`, `low`, `high` (95 %, for each age on its own), `deaths`
    (up to that age). No rows if nothing died. In `attrs`: `n` (runs born), `died`, `confidence`.

    Raises
    ------
    ResultError
        As for `survival`, and a missing cause column.

    Notes
    -----
    Estimate of Aalen & Johansen (1978), which counts a death only among those whom no other cause has taken before; one minus a
    Kaplan-Meier curve for a single cause would say too much. Intervals are percentiles of 400 bootstrap samples of runs with a fixed seed.
    """
    lives = _lives(runs, "practice")
    need_columns(runs, ["cause_of_death"], where="cumulative_incidence")
    born = runs["practice_born_month"].to_numpy() >= 0
    named = runs.loc[born, "cause_of_death"].fillna("").astype(str).replace("", "not recorded").to_numpy()
    dead = named[lives.died]
    counts = pd.Series(dead, dtype=object).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    order = [str(name) for name in counts.index]
    attrs: dict[Hashable, object] = {"n": lives.months.size, "died": int(lives.died.sum()), "confidence": CONFIDENCE}
    columns = {"cause": object, "months": int, "share": float, "low": float, "high": float, "deaths": int}
    if not order:
        return _with(pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()}), attrs)
    end = int(lives.months.max()) if horizon_months is None else min(horizon_months, int(lives.months.max()))
    code = np.where(lives.died, [order.index(name) if is_dead else -1 for name, is_dead in zip(named, lives.died, strict=True)], -1)

    def incidence(weight: np.ndarray) -> np.ndarray:
        """Shares [cause, age]; `weight` is how often each run is in the sample."""
        size = int(lives.months.max()) + 1
        left = np.bincount(lives.months, weight, size)
        at_risk = weight.sum() - np.concatenate([[0.0], np.cumsum(left)[:-1]])
        deaths = np.array([np.bincount(lives.months[code == k], weight[code == k], size) for k in range(len(order))])
        rate = np.divide(deaths, at_risk, out=np.zeros_like(deaths), where=at_risk > 0)
        alive = np.cumprod(1.0 - rate.sum(axis=0))
        return np.cumsum(rate * np.concatenate([[1.0], alive[:-1]]), axis=1)[:, : end + 1]

    n = lives.months.size
    rng = np.random.default_rng(n)
    samples = rng.multinomial(n, np.full(n, 1.0 / n), size=BOOTSTRAP).astype(float)
    low, high = np.quantile([incidence(weight) for weight in samples], [TAIL, 1.0 - TAIL], axis=0)
    share = incidence(np.ones(n))
    ages = np.arange(end + 1)
    deaths = np.array([np.searchsorted(np.sort(lives.months[code == k]), ages, side="right") for k in range(len(order))])
    frame = pd.DataFrame(
        {
            "cause": np.repeat(np.array(order, dtype=object), end + 1),
            "months": np.tile(ages, len(order)),
            "share": share.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "deaths": deaths.ravel(),
        }
    )
    return _with(frame, attrs)


def restricted_mean(runs: pd.DataFrame, horizon_months: int, by: By = "practice") -> dict[str, float]:
    """Mean life up to a horizon, counting those who outlive it as having lived that long.

    Use this instead of the plain mean of lives, which takes runs that end alive for dead.

    Returns
    -------
    `months` (of `horizon_months`), `low`, `high` (95 %), `horizon_months`, `n`.

    Raises
    ------
    ResultError
        As for `survival`, and a horizon beyond the longest life that was watched, where the curve is unknown.

    Notes
    -----
    Area under the Kaplan-Meier curve (Irwin 1949) with Greenwood's variance.
    """
    from scipy import stats

    table = survival(runs, by, horizon_months=horizon_months)
    if len(table) == 0:
        raise ResultError("born in no run", where="restricted_mean", fix="choose a scenario with a partnership")
    if int(table["months"].iloc[-1]) < horizon_months:
        raise ResultError(
            f"nobody was watched for {horizon_months} months", where="restricted_mean", allowed=f"up to {table['months'].iloc[-1]} months"
        )
    lives = _lives(runs, by)
    alive = table["alive"].to_numpy()
    area = float(alive[:horizon_months].sum())
    left = np.concatenate([np.cumsum(alive[:horizon_months][::-1])[::-1], [0.0]])  # area beyond each age
    deaths = np.bincount(lives.months[lives.died], minlength=horizon_months + 1)[: horizon_months + 1]
    at_risk = table["at_risk"].to_numpy()[: horizon_months + 1]
    survivors = at_risk - deaths
    terms = np.divide(deaths, at_risk * survivors, out=np.zeros(horizon_months + 1), where=survivors > 0)
    reach = float(stats.norm.isf(TAIL) * np.sqrt((left**2 * terms).sum()))
    return {
        "months": area,
        "low": max(0.0, area - reach),
        "high": min(float(horizon_months), area + reach),
        "horizon_months": float(horizon_months),
        "n": float(lives.months.size),
    }


def regimes(runs: pd.DataFrame) -> pd.DataFrame:
    """In which regime the runs end, from the last 24 months.

    Returns
    -------
    One row a regime, in the order vital, mixed, paper, informal, collapsed, also when none ended there: `regime`,
    `runs`, `share`, `low`, `high` (95 %, Wilson 1927). In `attrs`: `n` (runs, never born included), `confidence`.

    Raises
    ------
    ResultError
        Empty frame, missing column, unknown regime or more than one scenario.
    """
    need_one_scenario(runs, ["regime"], where="regimes")
    found = runs["regime"].astype(str)
    unknown = sorted(set(found) - set(REGIMES))
    if unknown:
        raise ResultError(
            f"{unknown[0]!r} is no regime",
            where="regimes, column 'regime'",
            allowed=", ".join(REGIMES),
            fix=nearest(unknown[0], REGIMES),
        )
    return _shares("regime", list(REGIMES), np.array([(found == name).sum() for name in REGIMES], dtype=int))


def _shares(what: str, names: list[str], counts: np.ndarray) -> pd.DataFrame:
    """Counts as shares of their sum with Wilson's score interval."""
    from scipy import stats

    n = int(counts.sum())
    rows = []
    for name, count in zip(names, counts.tolist(), strict=True):
        interval = stats.binomtest(count, n).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
        rows.append((name, count, count / n, float(interval.low), float(interval.high)))
    frame = pd.DataFrame(rows, columns=[what, "runs", "share", "low", "high"])
    frame = frame.astype({"runs": int, "share": float, "low": float, "high": float})
    return _with(frame, {"n": n, "confidence": CONFIDENCE})


def _lives(runs: pd.DataFrame, by: str) -> _Lives:
    """Ages and deaths of the runs that were born, checked."""
    if by not in get_args(By):
        raise ResultError(
            f"by = {by!r} is no kind of life",
            where="survival",
            allowed='"practice" or "form"',
            fix=nearest(str(by), get_args(By)),
        )
    born, alive, died = f"{by}_born_month", f"{by}_alive_months", f"{by}_died"
    need_one_scenario(runs, [born, alive, died], where=f'survival by "{by}"')
    starts = _whole(runs, born, lowest=-1)
    dead = _flags(runs, died, where=f'survival by "{by}"')
    is_born = starts >= 0
    months = _whole(runs[is_born], alive, lowest=0)
    return _Lives(months, dead[is_born], int((~is_born).sum()))


def need_columns(frame: pd.DataFrame, columns: Sequence[str], *, where: str) -> None:
    """Refuse a frame that lacks columns."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ResultError(
            f"column {missing[0]!r} is missing",
            where=where,
            allowed="needs " + ", ".join(columns),
            fix=nearest(missing[0], map(str, frame.columns)) if len(frame.columns) else "pass a frame with columns",
        )


def need_one_scenario(frame: pd.DataFrame, columns: Sequence[str], *, where: str) -> None:
    """Refuse a `runs` or `series` frame that lacks columns, is empty or mixes scenarios."""
    need_columns(frame, columns, where=where)
    if len(frame) == 0:
        raise ResultError("the frame has no rows", where=where, allowed="one row or more", fix="run a scenario first")
    if "scenario" in frame.columns and frame["scenario"].nunique(dropna=False) > 1:
        names = [str(name) for name in frame["scenario"].unique()]
        raise ResultError(
            f"the frame holds {len(names)} scenarios ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})",
            where=where,
            allowed="one scenario at a time",
            fix='group first: for name, one in frame.groupby("scenario")',
        )


def _whole(frame: pd.DataFrame, column: str, *, lowest: int) -> np.ndarray:
    """A column as whole months, refused when a value is missing, broken or below `lowest`."""
    values = frame[column].to_numpy(dtype=float)
    wrong = ~np.isfinite(values) | (values != np.floor(values)) | (values < lowest)
    if wrong.any():
        raise ResultError(
            f"{column} = {values[wrong][0]:g} is no number of months",
            where=f"row {frame.index[wrong][0]}",
            allowed=f"whole months, {lowest} or more",
        )
    return np.asarray(values, dtype=np.int64)


def _flags(frame: pd.DataFrame, column: str, *, where: str) -> np.ndarray:
    """A column as booleans, refused when it holds anything but true and false."""
    values = frame[column]
    if not values.isin([True, False]).all():
        raise ResultError(f"{column} holds something else than true and false", where=where, allowed="True, False, 1 or 0")
    return np.asarray(values, dtype=bool)


def _with(frame: pd.DataFrame, attrs: dict[Hashable, object]) -> pd.DataFrame:
    frame.attrs.update(attrs)
    return frame
