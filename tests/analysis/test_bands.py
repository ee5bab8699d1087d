"""Bands of runs by month, and outcomes at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partnersim.analysis.bands import bands, final_outcomes
from partnersim.errors import ResultError

SERIES = pd.DataFrame(
    {
        "scenario": "abc",
        "replicate": np.repeat(np.arange(11), 3),
        "month": np.tile([0, 1, 2], 11),
        "quality": np.repeat(np.arange(11.0), 3) + np.tile([0, 100, 200], 11),
        "form": 1.0,
    }
)
RUNS = pd.DataFrame({"scenario": "abc", "quality": [0.0, 1.0, 2.0, 3.0, 4.0, np.nan], "form": 1.0})


def test_a_band_holds_the_middle_of_the_runs_in_each_month():
    table = bands(SERIES, ["quality"])
    assert table["month"].tolist() == [0, 1, 2]
    assert table["median"].tolist() == [5, 105, 205]
    assert table["low"].tolist() == [1, 101, 201]
    assert table["high"].tolist() == [9, 109, 209]
    assert table["n"].tolist() == [11, 11, 11]
    assert table.attrs == {"n": 11, "low": 0.10, "high": 0.90}


def test_the_table_is_tidy_in_the_order_asked_for_and_takes_one_name():
    table = bands(SERIES, ["form", "quality", "form"])
    assert list(table.columns) == ["outcome", "month", "median", "low", "high", "n"]
    assert table["outcome"].tolist() == ["form"] * 3 + ["quality"] * 3
    assert bands(SERIES, "form")["outcome"].tolist() == ["form"] * 3


def test_the_order_of_rows_does_not_matter():
    mixed = SERIES.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(bands(mixed, ["quality"]), bands(SERIES, ["quality"]))


def test_runs_without_a_value_are_left_out_and_n_says_so():
    holes = SERIES.copy()
    holes.loc[(holes["replicate"] > 4) & (holes["month"] == 1), "quality"] = np.nan
    holes.loc[holes["month"] == 2, "quality"] = np.nan
    table = bands(holes, ["quality"])
    assert table["n"].tolist() == [11, 5, 0]
    assert table["median"].tolist()[:2] == [5, 102]
    assert table[["median", "low", "high"]].iloc[2].isna().all()


def test_other_quantiles_make_another_band():
    table = bands(SERIES, ["quality"], low=0.0, high=1.0)
    assert (table["low"][0], table["high"][0]) == (0, 10)


def test_final_outcomes_summarise_the_runs_that_have_a_value():
    table = final_outcomes(RUNS, ["quality", "form"])
    assert list(table.columns) == ["name", "mean", "median", "p10", "p90", "n"]
    quality = table.set_index("name").loc["quality"]
    assert quality.tolist() == pytest.approx([2, 2, 0.4, 3.6, 5])
    assert final_outcomes(RUNS, "form")["n"].tolist() == [6]


@pytest.mark.parametrize("table_of", [lambda frame, names: bands(frame, names), final_outcomes])
def test_every_table_refuses_what_it_cannot_summarise(table_of):
    both = SERIES.assign(scenario=["abc", "mandate", "abc"] * 11)
    for frame, names, message in [
        (SERIES, ["qualty"], "'qualty' is missing(.|\n)*did you mean quality"),
        (SERIES.iloc[:0], ["quality"], "no rows"),
        (both, ["quality"], "2 scenarios"),
        (SERIES, [], "no outcome is named"),
    ]:
        with pytest.raises(ResultError, match=message):
            table_of(frame, names)


@pytest.mark.parametrize(("low", "high"), [(0.9, 0.1), (0.5, 0.5), (-0.1, 0.9), (0.1, 1.1), (float("nan"), 0.9)])
def test_quantiles_that_bound_no_band_are_refused(low, high):
    with pytest.raises(ResultError, match="bound no band"):
        bands(SERIES, ["quality"], low=low, high=high)


def test_a_run_with_two_rows_for_one_month_is_refused():
    with pytest.raises(ResultError, match="replicate 0 has two rows for month 0"):
        bands(pd.concat([SERIES, SERIES.iloc[:1]]), ["quality"])
