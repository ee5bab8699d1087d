"""Discovery finds planted boxes and says so in words; early warnings have the skill they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partnersim.analysis.discovery import boxes, interval, map_of_two, scores, tree
from partnersim.analysis.early_warning import early_warning, roc
from partnersim.errors import ResultError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def planted(seed: int = 1, n: int = 1200) -> tuple[pd.DataFrame, np.ndarray]:
    """Death is likely where a > .7 and b < .4, and rare elsewhere."""
    pytest.importorskip("ema_workbench")
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"point": range(n), "a": rng.random(n), "b": 10 * rng.random(n), "c": rng.random(n), "d": rng.random(n)})
    inside = (x["a"] > 0.7) & (x["b"] < 4)
    return x, np.where(rng.random(n) < np.where(inside, 0.95, 0.05), 1.0, 0.0)


def test_conditions_that_tell_little_are_left_out():
    """Six parameters of pure noise, and much luck: PRIM peels some of them, and never takes a condition back."""
    x, _ = planted(seed=3, n=600)
    rng = np.random.default_rng(3)
    x = x.drop(columns="point").assign(**{f"noise_{n}": rng.random(len(x)) for n in range(6)})
    inside = (x["a"] > 0.5) & (x["b"] < 5)
    y = rng.binomial(8, np.where(inside, 0.75, 0.45)) / 8
    found = set(boxes(x, y, "practice dies within five years")[0].limits)
    assert {"a", "b"} <= found
    assert len(found) <= 3  # five or six with all that was peeled


def test_a_tree_of_few_points_tells_of_no_leaf_that_nobody_has_seen():
    for seed in range(8):
        x, y = planted(seed, n=40)
        for leaf in tree(x, y, "practice dies within five years"):
            assert np.isfinite(leaf.density)
            assert "nan" not in leaf.sentence


def test_prim_finds_a_planted_box_and_says_it():
    x, y = planted()
    box = boxes(x, y, "practice dies within five years", labels={"a": "turnover"})[0]
    assert set(box.limits) == {"a", "b"}
    assert box.limits["a"][0] == pytest.approx(0.7, abs=0.08)
    assert box.limits["b"][1] == pytest.approx(4, abs=0.8)
    assert box.low < 0.95 < box.high + 0.1
    assert box.coverage == pytest.approx(0.75, abs=0.15)  # .12 x .95 of .12 x .95 + .88 x .05
    assert box.base == pytest.approx(0.158, abs=0.05)
    assert box.sentence.startswith("Where turnover is 0.")
    assert "or more and b is" in box.sentence
    assert f"in {100 * box.density:.0f} % of runs [{100 * box.low:.0f}-{100 * box.high:.0f}]" in box.sentence
    assert f"{100 * box.coverage:.0f} % of all such runs lie there" in box.sentence


def test_a_box_counts_runs_where_points_hold_several():
    """Three replicates a point, death rare (.12 on average): the box holds the share of runs, and is found though few points lose most."""
    pytest.importorskip("ema_workbench")
    rng = np.random.default_rng(4)
    x = pd.DataFrame({"a": rng.random(1500), "b": rng.random(1500), "c": rng.random(1500)})
    risk = np.where((x["a"] > 0.6) & (x["b"] < 0.5), 0.45, 0.04)
    share = rng.binomial(3, risk) / 3
    box = boxes(x, share, "it happens")[0]
    assert set(box.limits) == {"a", "b"}
    inside = (x["a"] >= box.limits["a"][0]) & (x["b"] <= box.limits["b"][1])
    assert box.low < risk[inside].mean() < box.high  # seed fixed; 95 %
    assert risk[inside].mean() > 0.35
    assert box.base == pytest.approx(risk.mean(), abs=0.03)
    assert box.coverage == pytest.approx(0.2 * 0.45 / risk.mean(), abs=0.1)


def test_the_interval_of_a_share_of_runs_covers_though_points_differ():
    # 600 samples of 60 points with 4 runs each, whose risks differ (Beta(2, 6)): 95 % holds; 549 to 589 is within 3.9 sd
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(600):
        low, high = interval(rng.binomial(4, rng.beta(2, 6, 60)) / 4)
        held += low <= 0.25 <= high
    assert 549 <= held <= 589
    assert interval(np.zeros(20)) == pytest.approx((0, 0.161), abs=0.001)  # Wilson for 0 of 20


def test_a_box_is_measured_on_points_that_did_not_find_it():
    """Of pure noise nothing remarkable is found: what it holds is the sample's share."""
    pytest.importorskip("ema_workbench")
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.random((800, 6)), columns=list("abcdef"))
    for box in boxes(x, (rng.random(800) < 0.3).astype(float), "it happens"):
        assert box.density < 0.55


def test_tree_divides_and_finds_the_same_corner():
    x, y = planted()
    leaves = tree(x, y, "it happens")
    assert leaves[0].density > 0.8
    assert leaves[0].limits["a"][0] == pytest.approx(0.7, abs=0.08)
    assert sum(leaf.mass for leaf in leaves) == pytest.approx(1, abs=0.02)


def test_scores_find_what_matters_and_what_noise_scores():
    x, y = planted()
    table = scores(x, y).set_index("parameter")
    assert set(table.index[:2]) == {"a", "b"}
    chance = table["chance"].iloc[0]
    assert (table.loc[["a", "b"], "low"] > chance).all()
    assert (table.loc[["c", "d"], "low"] < chance).all()


def test_the_map_shows_shares_by_cell():
    x, y = planted()
    table = map_of_two(x, y, "a", "b", cells=5)
    assert len(table) == 25
    assert table["n"].sum() == 1200
    corner = table[(table["first_low"] > 0.75) & (table["second_high"] < 4.1)]
    assert corner["share"].mean() > 0.8
    with pytest.raises(ResultError, match="no parameter 'z'"):
        map_of_two(x, y, "a", "z")


def test_what_cannot_be_searched_is_refused():
    x, y = planted()
    for wrong, shares, why in (
        (x.iloc[:30], y[:30], "40 or more"),
        (x, y[:-1], "as many of each"),
        (x, 2 * y, "0 to 1"),
        (x[["point"]].assign(a=1.0), y, "no parameter varies"),
        (x, 0 * y, "too much alike"),
    ):
        with pytest.raises(ResultError, match=why):
            boxes(wrong, shares, "it happens")


# -- early warning ------------------------------------------------------------------------------------------------


def restless(seed: int, rising: bool, n: int = 150, months: int = 120) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Half of the runs die in month 100; if `rising`, they swing ever wider from month 60 on."""
    rng = np.random.default_rng(seed)
    dies = np.arange(n) % 2 == 0
    noise = rng.standard_normal((n, months))
    wide = np.ones((n, months))
    if rising:
        wide[dies] = 1 + 0.1 * np.clip(np.arange(months) - 60, 0, None)
    y = 0.5 + 0.02 * wide * noise
    series = pd.DataFrame(y, columns=range(1, months + 1)).rename_axis("replicate").reset_index()
    runs = pd.DataFrame({"replicate": range(n), "practice_born_month": 1, "practice_alive_months": np.where(dies, 100, months)})
    return series.melt("replicate", var_name="month", value_name="trust").astype({"month": int}), runs.assign(practice_died=dies)


def test_a_rising_variance_is_found_and_the_level_tells_nothing():
    series, runs = restless(1, rising=True)
    table = early_warning(series, runs, "trust").set_index("indicator")
    assert table.loc["variance", "skill"] > 0.9
    assert table.loc["level", "high"] < 0.6
    curve = roc(table.reset_index().pipe(lambda frame: _with(frame, table)), "variance")
    area = np.trapezoid(curve["hits"], curve["false_alarms"])
    assert area == pytest.approx(table.loc["variance", "skill"])


def test_without_a_sign_skill_is_a_coin():
    table = early_warning(*restless(2, rising=False), "trust")
    assert ((table["low"] < 0.53) & (table["high"] > 0.47)).all()


def test_too_few_deaths_are_refused():
    series, runs = restless(3, rising=False)
    with pytest.raises(ResultError, match="followed by a death"):
        early_warning(series, runs.assign(practice_died=False, practice_alive_months=120), "trust")


def _with(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    frame.attrs.update(table.attrs)
    return frame


def test_where_nothing_differs_there_is_no_tree():
    x = pd.DataFrame({"a": np.linspace(0, 1, 80)})
    assert tree(x, np.zeros(80), "it happens") == []
    assert tree(x, np.ones(80), "it happens") == []
