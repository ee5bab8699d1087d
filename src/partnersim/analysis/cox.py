"""Which factors keep partnerships alive, all else equal: Cox regression over a sweep, checked, and read out in plain words.

The hazard of death at each age is multiplied by a constant for each step of a factor (Cox 1972). Runs of one replicate share their luck:
where each world was played at many points it has a baseline hazard of its own (strata), so that factors are compared within worlds; where
there are many worlds with few points each, errors are clustered by world (Lin & Wei 1989). What the model assumes is tested beside it:
that a factor's effect is the same at every age (scaled Schoenfeld residuals, Grambsch & Therneau 1994), that it is the same at every
level of the factor (a squared term), and that there are deaths enough. Needs lifelines (extra `analysis`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.analysis.survival import By, need_columns
from partnersim.errors import PartnersimError, ResultError

__all__ = ["Reading", "cox"]

DEATHS_A_FACTOR = 10
POINTS_A_WORLD = 20
DOUBT = 0.01
"""p below which an assumption is called into doubt; over many factors, Holm's correction."""


@dataclass(frozen=True)
class Reading:
    """A Cox model, its checks and its words.

    table
        One row a factor, strongest first: `factor`, `low_level`, `high_level` (10th and 90th percentile in the sweep), `ratio` (hazard at
        the high over that at the low level), `low`, `high` (95 %), `p` (Holm), `p_age` (that the effect is the same at every age),
        `p_level` (that it is the same at every level), `with_age` (`fades`, `grows` or empty).
    concordance
        Share of pairs of runs whose order of death the model gets right; .5 is guessing.
    notes
        What is in doubt, in sentences; none if nothing is.
    sentences
        The table in plain words.
    """

    table: pd.DataFrame
    concordance: float
    runs: int
    deaths: int
    notes: tuple[str, ...]
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*self.sentences, *(f"But: {note}" for note in self.notes)])


def cox(runs: pd.DataFrame, factors: Sequence[str], by: By = "practice", *, labels: Mapping[str, str] | None = None) -> Reading:
    """Fit a Cox model of how factors of a sweep change the hazard.

    Parameters
    ----------
    runs
        One row a run, many design points: the factors, `replicate`, `<by>_born_month`, `<by>_alive_months`, `<by>_died`.
    factors
        Columns of numbers that vary.
    by
        Whose life: "practice" or "form".
    labels
        Words for factors.

    Raises
    ------
    ResultError
        Missing columns, factors that do not vary or are the same, or fewer deaths than factors.
    PartnersimError
        lifelines is not installed.
    """
    try:
        from lifelines import CoxPHFitter
        from lifelines.exceptions import ConvergenceError
        from lifelines.statistics import proportional_hazard_test
    except ImportError as missing:
        raise PartnersimError("Cox models need lifelines", fix="pip install 'partnersim[analysis]'") from missing
    need_columns(runs, [*factors, "replicate", f"{by}_born_month", f"{by}_alive_months", f"{by}_died"], where="cox")
    born = runs[runs[f"{by}_born_month"] >= 0]
    levels = born[list(factors)].astype(float)
    for name in factors:
        if not np.isfinite(levels[name]).all() or levels[name].nunique() < 2:
            raise ResultError(f"{name} does not vary", where="cox", allowed="factors with two finite levels or more", fix="leave it out")
    low, high = levels.quantile(0.1), levels.quantile(0.9)
    flat = high <= low
    low[flat], high[flat] = levels.min()[flat], levels.max()[flat]
    # a step from the low to the high level is one unit
    frame = ((levels - low) / (high - low)).reset_index(drop=True)
    frame.columns = [f"x{n}" for n in range(len(factors))]
    columns = list(frame.columns)
    frame["months"] = np.maximum(born[f"{by}_alive_months"].to_numpy(dtype=float), 0.5)
    frame["died"] = born[f"{by}_died"].to_numpy(dtype=bool)
    deaths = int(frame["died"].sum())
    if deaths <= len(factors):
        raise ResultError(f"{deaths} deaths cannot tell {len(factors)} factors apart", where="cox", fix="more replicates or longer runs")
    fitter = CoxPHFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of its warnings is checked below
        try:
            worlds = born["replicate"].to_numpy()
            strata = None
            if len(frame) >= POINTS_A_WORLD * len(np.unique(worlds)):
                frame["world"], strata = worlds, ["world"]
                fitter.fit(frame, "months", "died", strata=strata)
                plain = fitter
            else:
                fitter.fit(frame.assign(world=worlds), "months", "died", cluster_col="world")
                plain = CoxPHFitter().fit(frame, "months", "died")
            age = np.atleast_1d(proportional_hazard_test(plain, frame, time_transform="rank").p_value)
            bent = []
            for name in columns:
                if frame[name].nunique() < 3:
                    bent.append(np.nan)
                    continue
                squared = frame.assign(square=(frame[name] - frame[name].mean()) ** 2)
                bent.append(float(CoxPHFitter().fit(squared, "months", "died", strata=strata).summary.loc["square", "p"]))
            residuals = plain.compute_residuals(frame, "scaled_schoenfeld")
            at = np.argsort(np.argsort(frame.loc[residuals.index, "months"].to_numpy(), kind="stable"))
            slope = np.array([np.polyfit(at, residuals.iloc[:, n].to_numpy(), 1)[0] for n in range(len(columns))])
        except (ConvergenceError, np.linalg.LinAlgError) as problem:
            raise ResultError(
                f"the model cannot be fitted: {str(problem).splitlines()[0]}", where="cox", fix="leave out factors that move together"
            ) from problem
    found = fitter.summary
    effect = found["coef"].to_numpy()
    table = pd.DataFrame(
        {
            "factor": list(factors),
            "low_level": low.to_numpy(),
            "high_level": high.to_numpy(),
            "ratio": np.exp(effect),
            "low": np.exp(found["coef lower 95%"].to_numpy()),
            "high": np.exp(found["coef upper 95%"].to_numpy()),
            "p": _holm(found["p"].to_numpy()),
            "p_age": _holm(age),
            "p_level": _holm(np.array(bent)),
        }
    )
    changing = table["p_age"].to_numpy() < DOUBT
    table["with_age"] = np.where(changing, np.where(np.sign(slope) == np.sign(effect), "grows", "fades"), "")
    table = table.iloc[np.argsort(-np.abs(effect), kind="stable")].reset_index(drop=True)
    words = labels or {}
    return Reading(
        table=table,
        concordance=float(fitter.concordance_index_),
        runs=len(frame),
        deaths=deaths,
        notes=tuple(_notes(table, words, deaths, float(fitter.concordance_index_))),
        sentences=tuple(_sentence(row, words) for row in table.to_dict("records")),
    )


def _sentence(row: Mapping[str, object], words: Mapping[str, str]) -> str:
    """Read one row of the table out."""
    name = words.get(str(row["factor"]), str(row["factor"]))
    ratio, low, high = (float(row[key]) for key in ("ratio", "low", "high"))  # type: ignore[arg-type]
    step = f"{name} at {float(row['high_level']):.3g} instead of {float(row['low_level']):.3g}"  # type: ignore[arg-type]
    interval = f"(x {ratio:.2f}, 95 % interval {low:.2f} to {high:.2f})"
    if low <= 1.0 <= high:
        return f"{step}: no clear difference {interval}."
    risk = f"{ratio:.1f} times the risk" if ratio >= 3 else f"{100 * abs(ratio - 1):.0f} % {'higher' if ratio > 1 else 'lower'} risk"
    later = {"grows": " on average; the effect grows with age", "fades": " on average; the effect fades with age"}
    return f"{step}: {risk} of dying {interval}{later.get(str(row['with_age']), ', at any age')}."


def _notes(table: pd.DataFrame, words: Mapping[str, str], deaths: int, concordance: float) -> list[str]:
    notes = []
    if deaths < DEATHS_A_FACTOR * len(table):
        notes.append(f"there are only {deaths} deaths for {len(table)} factors; {DEATHS_A_FACTOR} a factor are advised.")
    for column, what in (
        ("p_age", "differs with age, so its ratio is an average over ages"),
        ("p_level", "is not the same at every level, so its ratio holds for the whole step only"),
    ):
        doubtful = [words.get(name, name) for name in table.loc[table[column] < DOUBT, "factor"]]
        if doubtful:
            notes.append(f"the effect of {', '.join(doubtful)} {what}.")
    if concordance < 0.6:
        notes.append(f"the factors say little about which runs die first (concordance {concordance:.2f}; .5 is guessing).")
    return notes


def _holm(p: np.ndarray) -> np.ndarray:
    """Correct p-values for their number (Holm 1979); not-a-number stays."""
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    out = np.full(len(p), np.nan)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return out
