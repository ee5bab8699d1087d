"""Branches with fresh luck, single changes, and sentences that hold: when was a run lost, and what would have saved it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import partnersim as ps
from partnersim.errors import ParameterError
from partnersim.plots.turning import plot_turning
from partnersim.scenarios.scenario import declared_parameters
from partnersim.simulate import open_world
from partnersim.turning import BEFORE, CHANGES, LOOKS, _kept, _restore, turning_points

YEARS, SEED = 8, 1


@pytest.fixture(scope="module")
def small() -> ps.Scenario:
    return ps.load_scenario("typical-district").replace(name="small", sites=4, members_per_site=8)


@pytest.fixture(scope="module")
def runs(small) -> ps.RunSet:
    return ps.run(small, replicates=30, years=YEARS, seed=SEED)


@pytest.fixture(scope="module")
def dead(small, runs):
    replicate = int(runs.runs.index[runs.runs.practice_died & (runs.runs.practice_alive_months > 30)][0])
    return turning_points(small, replicate=replicate, seed=SEED, years=YEARS, futures=12, workers=2)


def test_a_branch_with_its_own_luck_is_the_run_itself(small, runs):
    opened = open_world(small, seed=SEED, replicate=3, months=12 * YEARS, ledger=False)
    opened.advance(40)
    kept = _kept(opened)
    opened.advance(12 * YEARS)
    assert np.array_equal(opened.world.record.series, runs.histories.series[3])
    _restore(opened, kept, 999, 3)
    opened.advance(12 * YEARS)
    assert np.array_equal(opened.world.record.series[:41], runs.histories.series[3][:41]), "the past stays"
    assert not np.array_equal(opened.world.record.series, runs.histories.series[3]), "the future does not"
    _restore(opened, kept, SEED, 3)
    opened.advance(12 * YEARS)
    assert np.array_equal(opened.world.record.series, runs.histories.series[3])


def test_the_changes_exist_and_are_possible(small):
    known = declared_parameters(small.plan)
    for change in CHANGES:
        for name, value in change.levers:
            assert known[name].bounds[0] <= value <= known[name].bounds[1]
            assert not known[name].at_start
        if change.event:
            small.with_event(10, **dict(change.event))
    assert len({change.name for change in CHANGES}) == len(CHANGES)


def test_chances_and_changes_of_a_run_that_died(dead, small, runs):
    life = runs.runs.loc[dead.replicate]
    assert (dead.died, dead.end) == (True, life.practice_born_month + life.practice_alive_months - 1)
    months = dead.chances["month"].tolist()
    assert months[0] == 0
    assert months[-1] == dead.end - 1
    assert len(months) <= LOOKS + 1
    assert (dead.chances["low"] <= dead.chances["survive"]).all()
    assert set(dead.changes["at_month"]) == {1, *(dead.end - before for before in BEFORE if dead.end - before > 1)}
    # what is said of a change is what its scenario does
    row = dead.changes[dead.changes["change"] == "training"].iloc[-1]
    at = int(row["at_month"])
    variant = small.with_event(at, "set", parameter="capability.sessions_per_year", value=2)
    variant = variant.with_event(at, "set", parameter="capability.induction", value=1)
    again = ps.run(variant, replicates=dead.replicate + 1, years=YEARS, seed=SEED).runs.loc[dead.replicate]
    assert again.practice_alive_months == row["practice_alive_months"]
    assert (not again.practice_died) == row["alive"]


def test_the_point_of_no_return_is_where_futures_end(dead):
    point = dead.point_of_no_return
    after = dead.chances[dead.chances["month"] >= (point if point is not None else dead.end)]
    assert (after["survive"] <= 0.1).all()
    if point is not None and point > 0:
        before = dead.chances[dead.chances["month"] < point].iloc[-1]
        assert before["survive"] > 0.1


@pytest.fixture(scope="module")
def several(small, runs, dead):
    died = runs.runs.index[runs.runs.practice_died]
    lived = runs.runs.index[~runs.runs.practice_died]
    chosen = [int(r) for r in (*died[1:4], *lived[:1])]
    return [dead, *(turning_points(small, replicate=r, seed=SEED, years=YEARS, futures=6) for r in chosen)]


def test_every_number_of_every_sentence_is_a_cell_of_a_table(several):
    for turning in several:
        for told in turning.sentences:
            words = re.sub(r"year \d+ month \d+", "", told.text)  # months in words, checked below
            numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", words)]
            known = {round(value) for value in told.facts.values()}
            assert all(number in known for number in numbers), told
            for address, value in told.facts.items():
                table, *rest = address.split("/")
                if table in ("chances", "changes") and len(rest) == 2:
                    cell = float(getattr(turning, table).iloc[int(rest[0])][rest[1]])
                    assert value == pytest.approx(100 * cell if rest[1] in ("survive", "fresh_with", "fresh_without") else cell)
                elif address == "life/0/end":
                    assert value == turning.end
            for month, year, of in re.findall(r"month (\d+)(?: on)? \(year (\d+) month (\d+)\)", told.text):
                assert (int(year) - 1) * 12 + int(of) == int(month)


def test_a_run_that_lived_has_chances_and_nothing_to_save(several):
    lived = several[-1]
    assert not lived.died
    assert lived.point_of_no_return is None
    assert len(lived.changes) == 0
    assert "lived to the end" in str(lived)


def test_figures_draw_dead_and_living_runs(several):
    for turning in (several[0], several[-1]):
        axes = plot_turning(turning)
        assert axes[0].lines[0].get_ydata().tolist() == turning.chances["survive"].tolist()


def test_what_if_on_the_command_line(partnersim):
    words = ("explain", "typical-district", "--replicate", "0", "--years", "2", "--what-if", "--futures", "5")
    status, out, _ = partnersim(*words)
    assert status == 0
    assert "WHAT IF" in out
    found = json.loads(partnersim(*words, "--json")[1])
    assert found["what_if"]["chances"][0]["n"] == 5
    with pytest.raises(ParameterError, match="futures = 2"):
        turning_points(ps.load_scenario("typical-district"), replicate=0, futures=2)
