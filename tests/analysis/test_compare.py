"""Paired differences: right numbers, honest intervals, and no unpaired data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partnersim.analysis.compare import alive_at, differences, differences_by_month
from partnersim.errors import ResultError


def frame(columns: dict[str, np.ndarray], outcome: str = "life") -> pd.DataFrame:
    parts = [pd.DataFrame({"scenario": name, "replicate": range(len(x)), "seed": 1, outcome: x}) for name, x in columns.items()]
    return pd.concat(parts, ignore_index=True)


def worlds(n: int, shift: float, seed: int, shared: float = 3.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    luck = shared * rng.standard_normal(n)
    return {"a": luck + rng.standard_normal(n), "b": luck + rng.standard_normal(n) + shift}


def test_the_difference_is_students_of_the_pairs():
    columns = worlds(40, 0.5, 1)
    row = differences(frame(columns), ["life"], "a").iloc[0]
    known = stats.ttest_rel(columns["b"], columns["a"])
    interval = known.confidence_interval(0.95)
    assert row["difference"] == pytest.approx(np.mean(columns["b"] - columns["a"]))
    assert (row["low"], row["high"], row["p"]) == pytest.approx((interval.low, interval.high, known.pvalue))
    assert row["correlation"] == pytest.approx(np.corrcoef(columns["a"], columns["b"])[0, 1])


def test_pairing_saves_what_the_shared_luck_is_worth():
    # shared variance 9, own variance 1 each: (10 + 10) / (1 + 1) = 10 times as many runs; seed fixed
    row = differences(frame(worlds(4000, 0.0, 2)), ["life"], "a").iloc[0]
    assert row["runs_saved"] == pytest.approx(10, rel=0.1)


def test_intervals_of_several_scenarios_hold_together():
    # 400 sets of three scenarios against one baseline without a difference; all hold in 95 % or more: below 362 has a chance of 1e-4
    held = 0
    rng = np.random.default_rng(3)
    for _ in range(400):
        luck = rng.standard_normal(30)
        columns = {name: luck + rng.standard_normal(30) for name in "abcd"}
        table = differences(frame(columns), ["life"], "a")
        held += bool(((table["low"] <= 0) & (table["high"] >= 0)).all())
    assert 362 <= held < 400


def test_shares_that_never_change_sides_still_have_an_interval():
    same = np.tile([0.0, 1.0], 25)
    row = differences(frame({"a": same, "b": same}), ["life"], "a").iloc[0]
    assert row["difference"] == 0
    assert -0.06 < row["low"] < 0 < row["high"] < 0.06
    assert row["p"] == 1
    every = differences(frame({"a": np.zeros(50), "b": np.ones(50)}), ["life"], "a").iloc[0]
    assert every["difference"] == 1
    assert 0.85 < every["low"] < every["high"] <= 1


def test_shares_cover():
    # 400 samples of 60 pairs; true difference .1; 95 % holds, and 362 to 398 are within 1e-3
    rng, held = np.random.default_rng(4), 0
    for _ in range(400):
        luck = rng.random(60)
        a, b = (luck < 0.5).astype(float), ((luck < 0.5) | (rng.random(60) < 0.2)).astype(float)
        row = differences(frame({"a": a, "b": b}), ["life"], "a").iloc[0]
        held += bool(row["low"] <= 0.1 <= row["high"])
    assert 362 <= held <= 398


def test_unpaired_runs_are_refused():
    good = frame(worlds(10, 0, 5))
    for wrong, why in (
        (good.iloc[:-1], "runs and the other"),
        (good.assign(seed=np.where(good["scenario"] == "b", 2, 1)), "differ in seed"),
        (good.assign(replicate=np.where(good["scenario"] == "b", good["replicate"] + 1, good["replicate"])), "differ in replicate"),
        (good.assign(band_member=np.where(good["scenario"] == "b", 3, good["replicate"])), "differ in band_member"),
        (pd.concat([good, good]), "two runs of one replicate"),
        (good[good["scenario"] == "a"], "nothing to compare"),
        (good[good["replicate"] == 0], "one world"),
        (good.assign(life=np.nan), "missing values"),
    ):
        with pytest.raises(ResultError, match=why):
            differences(wrong, ["life"], "a")
    with pytest.raises(ResultError, match="no scenario 'x'"):
        differences(good, ["life"], "x")
    with pytest.raises(ResultError, match="column 'nonsense' is missing"):
        differences(good, ["nonsense"], "a")


def test_differences_by_month_are_those_of_each_month():
    rng = np.random.default_rng(6)
    rows = [(name, r, m, rng.random()) for name in "ab" for r in range(12) for m in (1, 2, 3)]
    series = pd.DataFrame(rows, columns=["scenario", "replicate", "month", "x"])
    table = differences_by_month(series, "x", "a").set_index("month")
    for month in (1, 2, 3):
        at = series[series["month"] == month].rename(columns={"x": "life"})
        row = differences(at, ["life"], "a").iloc[0]
        assert table.loc[month, ["difference", "low", "high"]].tolist() == pytest.approx([row["difference"], row["low"], row["high"]])
    with pytest.raises(ResultError, match="not paired"):
        differences_by_month(series[~((series["scenario"] == "b") & (series["month"] == 3))], "x", "a")


def test_alive_at_counts_a_death_as_dead():
    born, months, died = [1, 1, 1, -1, 30], [12, 12, 60, 0, 31], [True, False, False, False, False]
    runs = pd.DataFrame({"practice_born_month": born, "practice_alive_months": months, "practice_died": died})
    assert alive_at(runs, 11).tolist() == [True, True, True, False, False]
    assert alive_at(runs, 12).tolist() == [False, True, True, False, False]
    assert alive_at(runs, 40).tolist() == [False, True, True, False, True]
