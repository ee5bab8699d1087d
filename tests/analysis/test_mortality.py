"""Competing causes, restricted means, Cox models and precision against known answers."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from partnersim.analysis.cox import cox
from partnersim.analysis.precision import decimals, needed, running, short, telling
from partnersim.analysis.survival import cumulative_incidence, restricted_mean, survival
from partnersim.errors import ResultError


def lives(times: np.ndarray, end: int, causes: np.ndarray | None = None, **factors: np.ndarray) -> pd.DataFrame:
    months = np.ceil(np.minimum(times, end)).astype(int)
    died = times <= end
    return pd.DataFrame(
        {
            "replicate": np.arange(len(times)),
            "practice_born_month": 1,
            "practice_alive_months": np.maximum(months, 1),
            "practice_died": died,
            "cause_of_death": np.where(died, "" if causes is None else causes, ""),
            **factors,
        }
    )


# -- competing causes ---------------------------------------------------------------------------------------------


def test_two_constant_hazards_share_deaths_as_their_sizes():
    # rates .01 and .03 a month: the first takes a quarter of all deaths; n = 4000, 4 standard errors = .027
    rng = np.random.default_rng(1)
    first, second = rng.exponential(100, 4000), rng.exponential(100 / 3, 4000)
    runs = lives(np.minimum(first, second), 240, np.where(first < second, "slow", "fast"))
    table = cumulative_incidence(runs)
    end = table[table["months"] == 240].set_index("cause")
    assert end.loc["slow", "share"] == pytest.approx(0.25, abs=0.028)
    assert end.loc["fast", "low"] < 0.75 < end.loc["fast", "high"]
    assert list(table["cause"].unique()) == ["fast", "slow"]


def test_shares_of_causes_add_up_to_all_deaths_with_censoring():
    rng = np.random.default_rng(2)
    runs = lives(rng.exponential(100, 300), 240, rng.choice(["a", "b", "c"], 300))
    early = rng.random(300) < 0.3  # watched for less time
    runs.loc[early, "practice_alive_months"] = np.minimum(runs.loc[early, "practice_alive_months"], 60)
    runs.loc[early, "practice_died"] &= runs.loc[early, "practice_alive_months"] < 60
    table = cumulative_incidence(runs)
    dead = 1 - survival(runs)["alive"]
    assert table.groupby("months")["share"].sum().to_numpy() == pytest.approx(dead.to_numpy())
    assert ((table["low"] <= table["share"] + 1e-12) & (table["share"] <= table["high"] + 1e-12)).all()


def test_cumulative_incidence_is_that_of_lifelines():
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(3)
    runs = lives(rng.exponential(100, 80), 120, rng.choice(["a", "b"], 80))
    code = np.where(runs["practice_died"], np.where(runs["cause_of_death"] == "a", 1, 2), 0)
    fitter = lifelines.AalenJohansenFitter(calculate_variance=False, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it moves ties apart
        fitted = fitter.fit(runs["practice_alive_months"], code, event_of_interest=1)
    mine = cumulative_incidence(runs).set_index(["cause", "months"])
    # lifelines jitters ties, so that it differs a little
    assert mine.loc[("a", 120), "share"] == pytest.approx(fitted.cumulative_density_.iloc[-1, 0], abs=0.005)


def test_nothing_died():
    runs = lives(np.full(5, 500.0), 240)
    assert len(cumulative_incidence(runs)) == 0


# -- restricted mean ----------------------------------------------------------------------------------------------


def test_restricted_mean_of_exponential_lives():
    # 1 / h (1 - exp(-h T)) = 100 (1 - exp(-1.2)) = 69.9, plus about .5 (1 - exp(-1.2)) as months are whole; 4 standard errors = 2.5
    rng = np.random.default_rng(4)
    found = restricted_mean(lives(rng.exponential(100, 4000), 120), 120)
    assert found["months"] == pytest.approx(69.9 + 0.35, abs=2.5)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * 43 / np.sqrt(4000), rel=0.15)


def test_without_censoring_it_is_the_mean_of_lives():
    times = np.array([10.0, 20, 30, 40])
    assert restricted_mean(lives(times, 100), 100)["months"] == pytest.approx(25)
    assert restricted_mean(lives(times, 100), 25)["months"] == pytest.approx((10 + 20 + 25 + 25) / 4)


def test_a_horizon_nobody_was_watched_for_is_refused():
    with pytest.raises(ResultError, match="nobody was watched for 200 months"):
        restricted_mean(lives(np.full(4, 500.0), 100), 200)


# -- Cox ----------------------------------------------------------------------------------------------------------


def sweep(seed: int = 5, n: int = 1500) -> tuple[pd.DataFrame, np.random.Generator]:
    pytest.importorskip("lifelines")
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"strong": rng.uniform(0, 2, n), "none": rng.uniform(-1, 1, n), "switch": rng.integers(0, 2, n)}), rng


def test_cox_finds_known_ratios_of_exponential_lives():
    x, rng = sweep()
    runs = lives(rng.exponential(1 / (0.01 * np.exp(0.8 * x["strong"] - 0.6 * x["switch"]))), 240, **x)
    reading = cox(runs, list(x), labels={"strong": "Turnover"})
    table = reading.table.set_index("factor")
    for name, effect in (("strong", 0.8), ("switch", -0.6), ("none", 0.0)):
        step = table.loc[name, "high_level"] - table.loc[name, "low_level"]
        assert table.loc[name, "low"] <= np.exp(effect * step) <= table.loc[name, "high"]  # seed fixed
    assert not reading.notes
    assert table["p_age"].min() > 0.01
    assert reading.sentences[0].startswith("Turnover at 1.8")
    assert "times the risk of dying" in reading.sentences[0]
    assert "lower risk of dying" in reading.sentences[1]
    assert "no clear difference" in reading.sentences[2]


def test_cox_compares_within_worlds_that_were_played_at_many_points():
    # two worlds, one four times as dangerous: a pooled model would still find the effect, but two clusters would give it no honest error
    x, rng = sweep(11, 600)
    world = np.arange(600) % 2
    times = rng.exponential(1 / (0.01 * np.exp(0.8 * x["strong"] + 1.4 * world)))
    row = cox(lives(times, 240, **x).assign(replicate=world), list(x)).table.set_index("factor").loc["strong"]
    step = row["high_level"] - row["low_level"]
    assert row["low"] <= np.exp(0.8 * step) <= row["high"]  # seed fixed
    assert 1.5 < row["high"] / row["low"] < 3


def test_cox_says_when_an_effect_changes_with_age():
    x, rng = sweep(6)
    shape = np.where(x["switch"] == 1, 3.0, 0.7)
    runs = lives(100 * rng.exponential(1, len(x)) ** (1 / shape), 240, **x)
    reading = cox(runs, ["switch", "none"])
    assert reading.table.set_index("factor").loc["switch", "with_age"] == "grows"
    assert any("switch differs with age" in note for note in reading.notes)


def test_cox_says_when_an_effect_bends():
    x, rng = sweep(7)
    runs = lives(rng.exponential(1 / (0.01 * np.exp(3 * (x["strong"] - 1) ** 2))), 240, **x)
    assert any("not the same at every level" in note for note in cox(runs, ["strong", "none"]).notes)


def test_cox_refuses_what_it_cannot_fit():
    x, rng = sweep(8, 60)
    runs = lives(rng.exponential(100, 60), 240, **x)
    with pytest.raises(ResultError, match="constant does not vary"):
        cox(runs.assign(constant=1.0), ["constant"])
    with pytest.raises(ResultError, match="0 deaths"):
        cox(runs.assign(practice_died=False), ["strong"])
    with pytest.raises(ResultError, match="column 'nonsense' is missing"):
        cox(runs, ["nonsense"])
    with pytest.raises(ResultError, match="cannot be fitted"):
        cox(runs.assign(twin=2 * runs["strong"]), ["strong", "twin"])


# -- precision ----------------------------------------------------------------------------------------------------


def test_decimals_show_two_figures_of_what_is_known():
    assert [decimals([width]) for width in (123.0, 12.0, 1.2, 0.12, 0.012)] == [0, 0, 1, 2, 3]
    assert decimals([]) == decimals([0.0, np.nan]) == 2
    assert decimals([0.1, 30, 40]) == 0, "one that is known very well does not decide"


def test_replicates_needed():
    assert needed(0.10, 0.05, 100) == 400
    assert needed(0.02, 0.05, 100) == 16
    with pytest.raises(ResultError, match="not possible"):
        needed(0.1, 0, 10)


def test_telling_a_difference_has_the_stated_power():
    # sd 1, difference .3: 2.8 squared / .09 = 88 worlds; power 4 in 5, 400 samples: 320 with sd 8, so 288 to 352 is 4 sd
    runs = telling(0.3, 1.96 / np.sqrt(50), 50)
    assert runs == 88
    rng = np.random.default_rng(9)
    samples = rng.normal(0.3, 1, (400, runs))
    found = (np.abs(samples.mean(axis=1)) > 1.96 / np.sqrt(runs)).sum()
    assert 288 <= found <= 352
    assert telling(0.0, 1, 50) is None


def test_running_mean_ends_at_the_mean():
    x = np.random.default_rng(10).random(200)
    table = running(x)
    assert table["n"].iloc[-1] == 200
    assert table["mean"].iloc[-1] == pytest.approx(x.mean())
    assert table["n"].is_monotonic_increasing


def test_a_summary_says_when_it_has_too_few_runs():
    rows = [
        ("practice", "ever born", 1.0, np.nan, np.nan, "", 100),
        ("practice", "alive at 60 months", 0.5, 0.4, 0.6, "95 % confidence", 90),
    ]
    summary = pd.DataFrame(rows, columns=["section", "quantity", "value", "low", "high", "interval", "n"])
    assert "about 400 runs" in short(summary)
    assert "to within 10 points" in short(summary)
    assert short(summary, 0.1) == ""
