"""Branches with fresh luck, single changes, and sentences that hold: when was a run lost, and what would have saved it."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

import partnersim as ps
from partnersim.errors import ParameterError
from partnersim.plots.turning import plot_turning
from partnersim.scenarios.scenario import declared_parameters
from partnersim.simulate import open_world
from partnersim.turning import BEFORE, CHANGES, LOST, TOLD, Turning, _differ, _kept, _restore, turning_points

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
    return turning_points(small, replicate=replicate, seed=SEED, years=YEARS, futures=12, every=6, workers=2)


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
    assert months[:-1] == list(range(0, dead.end, 6))[: len(months) - 1]
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
    return [dead, *(turning_points(small, replicate=r, seed=SEED, years=YEARS, futures=6, every=6) for r in chosen)]


PERCENT = ("survive", "low", "high", "fresh_with", "fresh_without", "fresh_low", "fresh_high")


def looked_up(turning, address: str) -> float:
    """Return what a fact should be, from the tables."""
    table, *rest = address.split("/")
    match table, rest:
        case "chances" | "changes", [row, column]:
            cell = float(getattr(turning, table).iloc[int(row)][column])
            return 100 * cell if column in PERCENT else cell
        case "life", ["0", "end"]:
            return turning.end
        case "rule", ["lost"]:
            return 100 * LOST
        case "changes", ["count"]:
            return turning.changes["change"].nunique()
        case "changes", ["more"]:
            return turning.changes.loc[turning.changes["alive"], "change"].nunique() - TOLD
    raise AssertionError(f"nothing lies at {address}")


def test_every_number_of_every_sentence_is_a_cell_of_a_table(several):
    kinds = set()
    for turning in several:
        for told in turning.sentences:
            words = re.sub(r"year \d+ month \d+", "", told.text)  # months in words, checked below
            numbers = [float(text) for text in re.findall(r"(?<!\d)-?\d+(?:\.\d+)?|(?<=-)\d+", words)]
            known = [float(f"{looked_up(turning, address):.0f}") for address in told.facts]
            assert sorted(numbers) == sorted(known), told  # every number is a fact, and every fact is told
            for address, value in told.facts.items():
                assert value == pytest.approx(looked_up(turning, address)), (told, address)
            for month, year, of in re.findall(r"month (\d+)(?: on)? \(year (\d+) month (\d+)\)", told.text):
                assert (int(year) - 1) * 12 + int(of) == int(month)
            kinds.add(told.text.split(" ")[0])
    assert {"Begun", "Its"} <= kinds


def test_a_point_of_no_return_and_what_would_have_saved_it_are_told():
    """Tables made by hand: lost from month 30 on; one change clearly helps, one only on this luck."""
    chances = pd.DataFrame({"month": [0, 10, 20, 30, 40], "survive": [0.9, 0.8, 0.3, 0.1, 0.05]}).assign(low=0.02, high=0.95, n=40)
    rows = [
        ("clear", "they had met", 29, 96, 55, True, 0.1, 0.6, 0.3, 0.7, 40),
        ("clear", "they had met", 17, 96, 55, True, np.nan, np.nan, np.nan, np.nan, 40),
        ("luck", "it had rained", 5, 96, 55, True, 0.5, 0.55, -0.1, 0.2, 40),
        ("none", "nothing had been done", 29, 41, 0, False, np.nan, np.nan, np.nan, np.nan, 40),
    ]
    names = ["change", "words", "at_month", "practice_alive_months", "gained", "alive", "fresh_without", "fresh_with", "fresh_low"]
    changes = pd.DataFrame(rows, columns=[*names, "fresh_high", "n"])
    found = Turning(ps.load_scenario("typical-district"), 3, 1, 8, -1, True, True, 41, chances, changes)
    assert found.point_of_no_return == 30
    told = [sentence.text for sentence in found.sentences]
    assert told == [
        "Begun with other luck, it survives to the end of the run in 90 % [2-95] of 40 futures; in this run practice died in year 4 "
        "month 5 (month 41).",
        "Its chances fell most between months 10 and 30 (year 1 month 10 to year 3 month 6): from 80 % to 10 %.",
        "From month 30 on (year 3 month 6) it was lost: in no later month did more than 10 % of futures survive (lost: 10 % or less).",
        "It would have lived if from month 29 on (year 3 month 5) they had met; with other luck from then on 60 % of futures survive with "
        "this change and 10 % without (difference [30, 70]).",
        "It would have lived if from month 5 on (year 1 month 5) it had rained; with other luck from then on 55 % of futures survive with "
        "this change and 50 % without (difference [-10, 20]), which is no clear difference: on this luck the change was enough, in general "
        "it is not shown to help.",
    ]
    for sentence in found.sentences:
        for address, value in sentence.facts.items():
            assert value == pytest.approx(looked_up(found, address))
    assert "40 give shares to within" in found.notes[0]
    hopeless = dataclasses.replace(found, changes=changes.iloc[3:])
    assert hopeless.sentences[-1].text == "No single change of the 1 tried would have helped it on the same luck."


def test_branches_have_the_parameters_of_the_run(small):
    """At the default parameters and over the band: the run, its branches and what is said of it are those of `run`."""
    for point in (True, False):
        life = ps.run(small, replicates=4, years=4, seed=5, point=point).runs.iloc[3]
        found = turning_points(small, replicate=3, seed=5, years=4, futures=5, every=48, point=point)
        assert found.died == life.practice_died
        assert found.band_member == (-1 if point else 3)
    told = ps.run(small, replicates=1, years=1, point=True).turning(0, futures=5)
    assert told.band_member == -1
    assert "default parameters" in told.footer


def test_intervals_of_changes_hold_together():
    # 300 sets of 8 changes that do nothing: all hold in 95 % or more of the sets; 270 or fewer has a chance below 1e-3
    rng, held = np.random.default_rng(6), 0
    for _ in range(300):
        usual = rng.random(60) < 0.4
        sets = [np.where(rng.random(60) < 0.5, usual, rng.random(60) < 0.4) for _ in range(8)]
        held += all(low <= 0 <= high for _, _, low, high in (_differ(usual, with_it, 8) for with_it in sets))
    assert 270 < held <= 300


def test_a_run_that_lived_has_chances_and_nothing_to_save(several):
    lived = several[-1]
    assert not lived.died
    assert lived.point_of_no_return is None
    assert len(lived.changes) == 0
    assert "lived to the end" in lived.sentences[0].text
    assert "was never born" in dataclasses.replace(lived, born=False).sentences[0].text


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
