"""Survival tables against hand-computed numbers and known laws; every guard is tripped."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from partnersim.analysis.survival import REGIMES, at_months, causes, hazard, regimes, survival
from partnersim.errors import ResultError

Z95 = 1.959963984540054


def make_runs(months, died, **columns) -> pd.DataFrame:
    """Runs of one scenario whose practice and form both live `months`."""
    months, died = np.asarray(months, dtype=int), np.asarray(died, dtype=bool)
    frame = pd.DataFrame({"scenario": "abc", "replicate": range(len(months))})
    for kind in ("practice", "form"):
        frame[f"{kind}_born_month"] = 1
        frame[f"{kind}_alive_months"] = months
        frame[f"{kind}_died"] = died
    frame["cause_of_death"] = np.where(died, "succession", "")
    frame["regime"] = np.where(died, "collapsed", "vital")
    return frame.assign(**columns)


def row(table: pd.DataFrame, month: int) -> pd.Series:
    return table.set_index("months").loc[month]


# --- Kaplan-Meier ---------------------------------------------------------------------------------------------


def test_a_small_example_with_censoring_equals_the_product_by_hand():
    # 1 dead, 2 dead, 2 dead, 2 censored, 3 dead, 5 censored, 5 censored
    table = survival(make_runs([1, 2, 2, 2, 3, 5, 5], [1, 1, 1, 0, 1, 0, 0]))
    assert table["months"].tolist() == [0, 1, 2, 3, 4, 5]
    assert table["at_risk"].tolist() == [7, 7, 6, 3, 2, 2]
    by_hand = [1, 6 / 7, 6 / 7 * 4 / 6, 6 / 7 * 4 / 6 * 2 / 3, 8 / 21, 8 / 21]
    assert table["alive"].tolist() == pytest.approx(by_hand, rel=1e-12)
    assert table.attrs == {"by": "practice", "n": 7, "never_born": 0, "died": 4, "censored": 3, "confidence": 0.95}


def test_the_interval_is_greenwood_on_the_log_log_scale():
    table = survival(make_runs([1, 2, 2, 2, 3, 5, 5], [1, 1, 1, 0, 1, 0, 0]))
    greenwood = 1 / (7 * 6) + 2 / (6 * 4)
    alive = 4 / 7
    spread = Z95 * math.sqrt(greenwood) / abs(math.log(alive))
    at_two = row(table, 2)
    assert at_two["low"] == pytest.approx(alive ** math.exp(spread), rel=1e-9)
    assert at_two["high"] == pytest.approx(alive ** math.exp(-spread), rel=1e-9)


def test_no_death_leaves_everyone_alive_and_the_exact_binomial_limit_below():
    table = survival(make_runs([240] * 50, [0] * 50))
    assert (table["alive"] == 1).all()
    assert (table["high"] == 1).all()
    assert row(table, 0)["low"] == 1
    assert table["low"].iloc[1:].to_numpy() == pytest.approx(0.025 ** (1 / 50))


def test_the_limit_before_the_first_death_follows_the_runs_at_risk():
    table = survival(make_runs([10, 20, 30], [0, 0, 1]))
    assert row(table, 15)["low"] == pytest.approx(0.025 ** (1 / 2))


def test_everyone_dead_leaves_a_limit_above_zero_that_is_never_wider_than_the_month_before():
    table = survival(make_runs([10, 20, 30, 30], [1, 1, 1, 1]))
    end = row(table, 30)
    assert end["alive"] == end["low"] == 0
    assert end["high"] == pytest.approx(row(table, 29)["high"] * (1 - 0.025 ** (1 / 2)))
    at_birth = survival(make_runs([0] * 4, [1] * 4))
    assert at_birth["high"].tolist() == pytest.approx([1 - 0.025 ** (1 / 4)])


def test_every_row_has_a_finite_interval_around_the_estimate():
    rng = np.random.default_rng(3)
    for n in (1, 2, 5, 40):
        for _ in range(20):
            table = survival(make_runs(rng.integers(0, 30, n), rng.random(n) < 0.6))
            assert table.notna().all(axis=None)
            assert (table["low"] <= table["alive"]).all()
            assert (table["alive"] <= table["high"]).all()
            assert table["alive"].is_monotonic_decreasing
            assert table[["low", "high"]].stack().between(0, 1).all()


def test_exponential_lives_give_the_exponential_curve():
    """4000 lives, .12 a year, censored at random and at 240 months; |z| < 5 at 5 ages errs once in 3e5 seeds."""
    rng = np.random.default_rng(20)
    life = np.ceil(rng.exponential(12 / 0.12, 4000)).astype(int)
    watched = rng.integers(120, 241, 4000)
    table = survival(make_runs(np.minimum(life, watched), life <= watched), horizon_months=240)
    for month in (12, 36, 60, 120, 200):
        expected = math.exp(-0.12 * month / 12)
        error = (row(table, month)["high"] - row(table, month)["low"]) / (2 * Z95)
        z = (row(table, month)["alive"] - expected) / error
        assert abs(z) < 5, f"month {month}: {row(table, month)['alive']:.4f}, expected {expected:.4f}, z = {z:.1f}"


def test_the_interval_holds_the_truth_19_times_in_20():
    """600 samples of 60 lives. Exact coverage there is .95 +- .01; beyond +-.04 by chance about once in 1e3 seeds."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        life = np.ceil(rng.exponential(100, 60)).astype(int)
        table = survival(make_runs(np.minimum(life, 120), life <= 120), horizon_months=60)
        held += row(table, 60)["low"] <= math.exp(-0.6) <= row(table, 60)["high"]
    assert 0.91 < held / 600 < 0.99, f"held {held} of 600"


def test_runs_never_born_are_counted_and_not_at_risk():
    born = make_runs([10, 20, 30], [1, 0, 1])
    never = make_runs([0, 0], [0, 0], practice_born_month=-1)
    table = survival(pd.concat([born, never], ignore_index=True))
    assert (table.attrs["n"], table.attrs["never_born"]) == (3, 2)
    pd.testing.assert_frame_equal(table, survival(born), check_flags=False)
    assert survival(pd.concat([born, never], ignore_index=True), by="form").attrs["n"] == 5


def test_no_run_ever_born_gives_a_table_without_rows():
    table = survival(make_runs([0, 0], [0, 0], practice_born_month=-1))
    assert list(table.columns) == ["months", "alive", "low", "high", "at_risk"]
    assert len(table) == 0
    assert (table.attrs["n"], table.attrs["never_born"]) == (0, 2)
    assert len(at_months(table)) == 0


def test_the_table_ends_where_knowledge_ends():
    someone_left = make_runs([10, 20], [1, 0])
    everyone_died = make_runs([10, 20], [1, 1])
    assert survival(someone_left, horizon_months=40)["months"].max() == 20
    assert survival(someone_left, horizon_months=15)["months"].max() == 15
    later = survival(everyone_died, horizon_months=40)
    assert later["months"].max() == 40
    assert (later[later["months"] > 20][["alive", "low", "at_risk"]] == 0).all(axis=None)


def test_form_and_practice_have_their_own_columns():
    runs = make_runs([10, 20], [1, 1], form_alive_months=[30, 40])
    assert survival(runs, by="form")["months"].max() == 40


def test_at_months_keeps_the_ages_inside_the_horizon():
    table = survival(make_runs([10, 70, 100], [1, 0, 0]))
    chosen = at_months(table)
    assert chosen["months"].tolist() == [12, 36, 60]
    assert chosen.attrs == table.attrs
    assert chosen["alive"].tolist() == [row(table, month)["alive"] for month in (12, 36, 60)]


# --- hazard ---------------------------------------------------------------------------------------------------


def test_hazard_recovers_a_piecewise_constant_hazard():
    """3000 lives with monthly death chances .03, .005, .015; |z| < 5 in 3 intervals errs once in 6e5 seeds."""
    rng = np.random.default_rng(8)
    chance = np.repeat([0.03, 0.005, 0.015], [24, 96, 120])
    dies = rng.random((3000, 240)) < chance
    died = dies.any(axis=1)
    months = np.where(died, dies.argmax(axis=1) + 1, 240)
    table = hazard(make_runs(months, died), [0, 24, 120, 240])
    assert table["deaths"].sum() == died.sum()
    assert table["exposure_years"].sum() == pytest.approx(months.sum() / 12)
    for got, expected in zip(table.itertuples(), (0.36, 0.06, 0.18), strict=True):
        error = expected / math.sqrt(got.deaths)
        assert abs(got.hazard_per_year - expected) < 5 * error, f"{got.from_month}: {got.hazard_per_year:.3f}"
        assert got.low < got.hazard_per_year < got.high


def test_hazard_interval_is_the_exact_poisson_one():
    table = hazard(make_runs([12] * 10, [1] * 3 + [0] * 7), (0, 12))
    one = table.iloc[0]
    assert (one["deaths"], one["exposure_years"], one["hazard_per_year"]) == (3, 10, pytest.approx(0.3))
    # Garwood: P(X >= 3 | mean low) = P(X <= 3 | mean high) = .025
    mass = [math.exp(-10 * one["low"]) * (10 * one["low"]) ** k / math.factorial(k) for k in range(3)]
    assert 1 - sum(mass) == pytest.approx(0.025)
    mass = [math.exp(-10 * one["high"]) * (10 * one["high"]) ** k / math.factorial(k) for k in range(4)]
    assert sum(mass) == pytest.approx(0.025)


def test_hazard_without_deaths_or_without_exposure():
    table = hazard(make_runs([12, 12], [0, 0]), (0, 12, 24))
    first, second = table.iloc[0], table.iloc[1]
    assert (first["hazard_per_year"], first["low"]) == (0, 0)
    assert first["high"] == pytest.approx(-math.log(0.025) / 2)
    assert second[["hazard_per_year", "low", "high"]].isna().all()


def test_a_death_on_an_edge_belongs_to_the_interval_that_ends_there():
    table = hazard(make_runs([0, 12, 13], [1, 1, 1]), (0, 12, 24))
    assert table["deaths"].tolist() == [2, 1]


# --- causes and regimes ---------------------------------------------------------------------------------------


def wilson(count: int, n: int) -> tuple[float, float]:
    share = count / n
    middle, half = share + Z95**2 / (2 * n), Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return (middle - half) / (1 + Z95**2 / n), (middle + half) / (1 + Z95**2 / n)


def test_causes_are_shares_of_deaths_commonest_first():
    runs = make_runs([9] * 6, [1, 1, 1, 1, 1, 0])
    runs["cause_of_death"] = ["economy", "succession", "succession", "", "breach and events", ""]
    table = causes(runs)
    assert table["cause"].tolist() == ["succession", "breach and events", "economy", "not recorded"]
    assert table["runs"].tolist() == [2, 1, 1, 1]
    assert table["share"].sum() == pytest.approx(1)
    assert table.attrs["n"] == 5
    assert (table["low"][0], table["high"][0]) == pytest.approx(wilson(2, 5))


def test_no_death_gives_no_causes():
    table = causes(make_runs([9, 9], [0, 0]))
    assert len(table) == 0
    assert table.attrs["n"] == 0


def test_regimes_come_in_their_order_with_the_empty_ones():
    table = regimes(make_runs([9] * 4, [1, 0, 0, 0]))
    assert table["regime"].tolist() == list(REGIMES)
    assert table["runs"].tolist() == [3, 0, 0, 0, 1]
    assert (table["low"][1], table["high"][1]) == pytest.approx(wilson(0, 4), abs=1e-12)


# --- guards ---------------------------------------------------------------------------------------------------

GOOD = make_runs([10, 20], [1, 0])
TWO_SCENARIOS = GOOD.assign(scenario=["abc", "mandate"])


@pytest.mark.parametrize("table_of", [survival, causes, regimes, lambda runs: hazard(runs, (0, 12))])
def test_every_table_refuses_an_empty_frame_and_mixed_scenarios_and_missing_columns(table_of):
    with pytest.raises(ResultError, match="no rows"):
        table_of(GOOD.iloc[:0])
    with pytest.raises(ResultError, match=r"2 scenarios.*\n.*\n.*\n.*group first"):
        table_of(TWO_SCENARIOS)
    with pytest.raises(ResultError, match="is missing"):
        table_of(GOOD[["scenario", "replicate"]])
    with pytest.raises(ResultError, match="is missing"):
        table_of(pd.DataFrame())


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"practice_alive_months": [10.0, np.nan]}, "practice_alive_months = nan is no number of months"),
        ({"practice_alive_months": [10.0, 2.5]}, "practice_alive_months = 2.5"),
        ({"practice_alive_months": [10, -1]}, "practice_alive_months = -1"),
        ({"practice_born_month": [1, -2]}, "practice_born_month = -2"),
        ({"practice_died": ["yes", "no"]}, "something else than true and false"),
    ],
)
def test_impossible_columns_are_refused(broken, message):
    with pytest.raises(ResultError, match=message):
        survival(GOOD.assign(**broken))


def test_other_wrong_arguments_are_refused():
    with pytest.raises(ResultError, match=r"by = 'practise'(.|\n)*did you mean practice"):
        survival(GOOD, by="practise")  # type: ignore[arg-type]
    with pytest.raises(ResultError, match="horizon_months = -1"):
        survival(GOOD, horizon_months=-1)
    with pytest.raises(ResultError, match="is missing"):
        at_months(GOOD)
    with pytest.raises(ResultError, match="'vitale' is no regime"):
        regimes(GOOD.assign(regime="vitale"))


@pytest.mark.parametrize("edges", [(), (0,), (0, 12, 12), (12, 0), (-1, 12), (0, math.nan), (0, math.inf)])
def test_edges_that_bound_no_intervals_are_refused(edges):
    with pytest.raises(ResultError, match="does not bound age intervals"):
        hazard(GOOD, edges)
