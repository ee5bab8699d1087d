"""Comparing and attributing: the same luck, what adds up, files, and what people see."""

from __future__ import annotations

import json

import numpy as np
import pytest

import partnersim as ps
from partnersim.analysis.attribution import by_world
from partnersim.errors import ParameterError, PartnersimError, ResultError
from partnersim.model import timeline
from partnersim.playing import MEASURED, play
from partnersim.scenarios import factors
from partnersim.scenarios.events import levers
from partnersim.scenarios.factors import ALL, FACTORS, without_factors
from partnersim.scenarios.files import scenario_names
from partnersim.scenarios.scenario import declared_parameters

FEW = ["community", "national", "training"]


@pytest.fixture(scope="module")
def small() -> ps.Scenario:
    return ps.load_scenario("abc-unified").replace(name="small", sites=4, members_per_site=8)


@pytest.fixture(scope="module")
def comparison(small) -> ps.Comparison:
    return ps.compare([small, small.replace(name="alone", parameters={"support.national": 0})], replicates=12, years=6, seed=3)


@pytest.fixture(scope="module")
def attribution(small) -> ps.Attribution:
    return ps.attribute(small, factors=FEW, replicates=6, years=6, seed=3)


# -- factors ------------------------------------------------------------------------------------------------------


def test_the_sixteen_factors_are_there_and_every_setting_exists():
    assert len(FACTORS) == 16
    plan = ps.load_scenario("typical-district").plan
    known = declared_parameters(plan)
    for factor in ALL.values():
        for level in factor.levels:
            if level.name.startswith("start."):
                assert level.name.partition(".")[2] in plan.columns
            else:
                assert known[level.name].bounds[0] <= level.absent <= known[level.name].bounds[1]
        for kind in (*factor.events, *(kind for kind, _, _ in factor.arguments)):
            assert kind in timeline.EVENTS
    assert {row["factor"] for row in factors.table()} == set(ALL)


@pytest.mark.parametrize("name", scenario_names())
def test_every_factor_can_be_taken_from_every_scenario(name):
    scenario = ps.load_scenario(name)
    for factor in ALL.values():
        gone = without_factors(scenario, [factor])
        assert without_factors(gone, [factor]) is gone, "twice is once"
    bare, reverse = (without_factors(scenario, order).fields() | {"name": ""} for order in (FACTORS, FACTORS[::-1]))
    assert bare == reverse, "the order does not matter"


def test_an_absent_factor_stays_absent_whatever_the_timeline_says(small):
    eventful = small.with_event(3, "community_changed", level=0.9).with_event(4, "set", parameter="support.national", value=0.7)
    eventful = eventful.with_event(5, "contract_language", level=0.8).with_event(9, "set", parameter="succession.outside", value=0.1)
    gone = without_factors(eventful, FACTORS)
    moved = {key: value for event in gone.timeline for key, value in levers(event).items()}
    assert moved == {"support.community": 0, "support.national": 0, "succession.outside": 1}
    assert "contract_language" not in [event["event"] for event in gone.timeline]
    cut = next(event for event in gone.timeline if event["event"] == "budget_cut")
    assert cut["how"] == "imposed"


def test_taking_a_factor_away_never_helps_a_setting(small):
    poor = small.replace(
        parameters={"succession.management_tenure_months": 20, "succession.outside": 1, "succession.union_tenure_months": 12}
    )
    assert without_factors(poor, [ALL["leadership"]]) is poor


# -- single runs --------------------------------------------------------------------------------------------------


def test_single_runs_are_those_of_run(small):
    result = ps.run(small, replicates=5, years=4, seed=3)
    found = play([(small, r) for r in (4, 0, 2)], years=4, seed=3, workers=2)
    for row, r in zip(found, (4, 0, 2), strict=True):
        of = dict(zip(MEASURED, row, strict=True))
        assert of["practice_alive_months"] == result.runs.practice_alive_months[r]
        assert of["practice_alive"] == (not result.runs.practice_died[r])
        assert of["member_support"] == result.runs.member_support[r]


def test_every_question_goes_over_the_band_or_the_default_parameters(small):
    """Replicate r has member r mod size in every scenario, or none with `point`; results say which."""
    twin = small.replace(name="twin", parameters={"support.national": 0})
    usual, pointed = (ps.run(small, replicates=3, years=2, seed=3, point=point).runs.practice_workplace for point in (False, True))
    assert not np.array_equal(usual, pointed)
    for point, known in ((False, usual), (True, pointed)):
        said = "at the default parameters" if point else "over a band of"
        column = MEASURED.index("practice_workplace")
        assert play([(small, r) for r in range(3)], years=2, seed=3, point=point)[:, column].tolist() == known.tolist()
        size = {"replicates": 3, "years": 2, "seed": 3, "point": point}
        compared = ps.compare([small, twin], **size)
        assert [compared.runs.practice_workplace[r] for r in range(3)] == known.tolist()
        assert compared.runs.band_member[:3].tolist() == compared.runs.band_member[3:].tolist()
        found = ps.attribute(small, factors=FEW, **size)
        assert found.game("practice_workplace").all.tolist() == known.tolist()
        moved = ps.sensitivity(small, ["support.national"], method="tornado", outcome="practice_workplace", **size)
        low = ps.run(twin, **size).runs.practice_workplace
        assert moved.table["at_low"].iloc[0] == pytest.approx((low - known).mean())
        for one in (compared, found, moved):
            assert said in one.footer
            assert said in one.to_json()["values"]
            assert one.options.endswith("--point") == point


def test_the_band_holds_where_a_tornado_moves_nothing(small):
    """A parameter of the band keeps its member's value in the baseline, and while others are moved."""
    found = ps.sensitivity(
        small, ["stance.effort", "support.national"], method="tornado", replicates=3, years=2, seed=3, outcome="member_support"
    )
    base, low = (
        ps.run(s, replicates=3, years=2, seed=3).runs.member_support for s in (small, small.replace(parameters={"support.national": 0}))
    )
    row = found.table.set_index("parameter").loc["support.national"]
    assert row["at_low"] == pytest.approx((low - base).mean())


def test_too_few_worlds_are_told(small, comparison, attribution):
    assert any("Too few worlds to tell alone from small" in note for note in comparison.notes)
    assert any("Too few worlds to place" in note or "not clear of 0" in note for note in attribution.notes)
    assert comparison.to_json()["notes"] == list(comparison.notes)
    assert attribution.to_json()["notes"] == list(attribution.notes)


# -- compare ------------------------------------------------------------------------------------------------------


def test_comparison_pairs_worlds(comparison):
    table = comparison.summary().set_index("outcome")
    a, b = (result.runs.practice_workplace for result in comparison.results)
    assert table.loc["practice_workplace", "difference"] == pytest.approx((b - a).mean())
    assert table.loc["practice_workplace", "n"] == 12
    assert "practice_alive_at_60" in table.index
    assert "practice_alive_at_120" not in table.index, "the runs are shorter"
    by_month = comparison.by_month("alive_index")
    assert by_month["month"].tolist() == list(range(1, 73))
    assert comparison.paths("alive_index")["alone"].shape == (12, 72)


def test_what_cannot_be_compared_is_refused(small, comparison):
    with pytest.raises(ParameterError, match="one scenario cannot be compared"):
        ps.compare([small])
    with pytest.raises(ParameterError, match="two scenarios are called 'small'"):
        ps.compare([small, small], replicates=2, years=1)
    other = ps.run(small.replace(name="other"), replicates=12, years=6, seed=4)
    with pytest.raises(ResultError, match="not paired"):
        ps.Comparison((comparison.results[0], other))
    pointed = ps.run(small.replace(name="other"), replicates=12, years=6, seed=3, point=True)
    with pytest.raises(ResultError, match="not paired: they have other parameter values"):
        ps.Comparison((comparison.results[0], pointed))
    with pytest.raises(ResultError, match="no outcome"):
        comparison.summary(["nonsense"])
    with pytest.raises(ResultError, match="not recorded by month"):
        comparison.by_month("practice_alive_months")


def test_compare_on_the_command_line(partnersim, tmp_path):
    words = ("compare", "typical-district", "paper-mandate", "--replicates", "4", "--years", "2")
    status, out, _ = partnersim(*words, "--out", str(tmp_path / "found"))
    assert status == 0
    assert "Life of practice" in out
    there = {path.name for path in (tmp_path / "found").iterdir()}
    assert {"differences.csv", "comparison-1.png", "comparison-1.svg", "survival.png", "result.json"} <= there
    status, _, err = partnersim(*words, "--out", str(tmp_path / "found"))
    assert (status, "not empty" in err) == (2, True)
    status, out, _ = partnersim(*words, "--json")
    found = json.loads(out)
    assert found["baseline"] == "typical-district"
    assert {row["scenario"] for row in found["differences"]} == {"paper-mandate"}


# -- attribute ----------------------------------------------------------------------------------------------------


def test_attribution_adds_up_and_ends_at_the_scenario_itself(small, attribution):
    table = attribution.table()
    difference = table.attrs["difference"][0]
    assert table["value"].sum() == pytest.approx(difference)
    itself = ps.run(small, replicates=6, years=6, seed=3).runs.practice_alive_months
    assert attribution.game().all.tolist() == itself.tolist()
    bare = ps.run(without_factors(small, [ALL[name] for name in FEW]), replicates=6, years=6, seed=3).runs.practice_alive_months
    assert attribution.game().none.tolist() == bare.tolist()
    assert attribution.runs == 6 * 2**3
    assert attribution.together(*FEW)[0] == pytest.approx(difference)


def test_every_outcome_can_be_asked_for(attribution):
    for outcome in ("member_support", "form_alive_months", "practice_alive"):
        assert attribution.table(outcome)["value"].sum() == pytest.approx(attribution.table(outcome).attrs["difference"][0])
    with pytest.raises(ResultError, match="no outcome"):
        attribution.table("nonsense")


def test_many_factors_are_played_in_orders(small):
    names = ["community", "national", "training", "transparency", "dual_track", "facilitation"]
    found = ps.attribute(small, factors=names, replicates=3, years=3, seed=3)
    assert found.runs == 3 * 2 * 6
    assert by_world(found.game()).sum(axis=1) == pytest.approx(found.game().all - found.game().none)
    assert not found.can_pair
    assert found.to_json()["interactions"] == []


def test_more_worlds_or_threads_leave_the_first_as_they_are(small, attribution):
    more = ps.attribute(small, factors=FEW, replicates=8, years=6, seed=3, workers=1)
    assert np.array_equal(more.values[:6], attribution.values)


def test_factors_that_a_scenario_lacks_earn_nothing(small):
    lacks = small.replace(parameters={"support.national": 0})
    found = ps.attribute(lacks, factors=FEW, replicates=3, years=2)
    row = found.table().set_index("factor").loc["national"]
    assert (row["value"], row["without"]) == (0, "the scenario has none")
    with pytest.raises(ParameterError, match="has none of the factors"):
        ps.attribute(lacks, factors=["national"], replicates=2, years=1)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"factors": ["nonsense"]}, "no factor 'nonsense'"),
        ({"factors": ["tenure", "leadership"]}, "share succession"),
        ({"factors": []}, "no factor is named"),
        ({"outcome": "nonsense"}, "no outcome"),
        ({"replicates": 1}, "replicates = 1"),
    ],
)
def test_mistakes_are_named(small, arguments, why):
    with pytest.raises(PartnersimError, match=why):
        ps.attribute(small, **arguments)


def test_attribute_on_the_command_line(partnersim, tmp_path):
    status, out, _ = partnersim("attribute", "--factors", "list")
    assert status == 0
    assert "Long-term leadership" in out
    words = ("attribute", "typical-district", "--factors", "community,national", "--replicates", "4", "--years", "2")
    status, out, _ = partnersim(*words, "--out", str(tmp_path / "found"))
    assert status == 0
    assert "Community engagement" in out
    assert {path.name for path in (tmp_path / "found").iterdir()} == {
        "factors.csv", "factors.png", "factors.svg", "interactions.csv", "interactions.png", "interactions.svg", "result.json",
            "typical-district.toml", "band.csv",
    }  # fmt: skip
    status, out, _ = partnersim(*words, "--json")
    found = json.loads(out)
    assert sum(row["value"] for row in found["factors"]) == pytest.approx(found["difference"]["value"])
    assert partnersim("attribute")[0] == 2


# -- sweeps -------------------------------------------------------------------------------------------------------

OVER = ["support.community", "support.national", "capability.sessions_per_year"]


@pytest.mark.parametrize(("method", "points", "runs"), [("tornado", None, 7), ("morris", 4, 16), ("sobol", 4, 20)])
def test_sensitivity_by_every_method(small, method, points, runs):
    pytest.importorskip("SALib")
    found = ps.sensitivity(small, OVER, method=method, points=points, replicates=3, years=2, outcome="member_support")
    assert found.runs == 3 * runs
    assert set(found.table["parameter"]) == set(OVER)
    assert ps.plot_sensitivity(found).get_yticklabels()
    json.dumps(found.to_json(), allow_nan=False)


def test_tornado_ends_are_those_runs(small):
    found = ps.sensitivity(small, ["support.national"], method="tornado", replicates=4, years=3, seed=3)
    base, low = (
        ps.run(scenario, replicates=4, years=3, seed=3).runs.practice_alive_months
        for scenario in (small, small.replace(parameters={"support.national": 0}))
    )
    assert found.table["at_low"].iloc[0] == pytest.approx((low - base).mean())


def test_discovery_ends_in_words(partnersim, tmp_path):
    pytest.importorskip("ema_workbench")
    pytest.importorskip("lifelines")
    over = ["support.community", "capability.sessions_per_year", "succession.management_tenure_months"]
    district = ps.load_scenario("typical-district").replace(name="small", sites=4, members_per_site=8)
    found = ps.discover(district, over, within_years=5, points=80, replicates=1, years=6)
    assert found.design["share"].between(0, 1).all()
    assert set(found.scores["parameter"]) == set(over)
    assert len(found.cox().sentences) == 3
    words = [word for name in over for word in ("--over", name)]
    arguments = ("discover", "typical-district", *words, "--points", "60", "--replicates", "1", "--years", "5", "--seed", "2")
    status, out, err = partnersim(*arguments, "--out", str(tmp_path / "found"))
    assert status == 0, err
    assert "Under which conditions" in out
    assert {"design.csv", "scores.csv", "cox.png", "map.svg"} <= {path.name for path in (tmp_path / "found").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"over": ["nonsense.*"]}, "names no parameter"),
        ({"over": []}, "no parameter is named"),
        ({"over": OVER, "method": "nonsense"}, "no method"),
        ({"over": OVER, "outcome": "nonsense"}, "no outcome"),
        ({"over": OVER, "replicates": 1}, "too few"),
    ],
)
def test_mistakes_of_sweeps_are_named(small, arguments, why):
    with pytest.raises(PartnersimError, match=why):
        ps.sensitivity(small, **arguments)
    with pytest.raises(PartnersimError, match="cannot show deaths within 5"):
        ps.discover(small, OVER, years=3)


def test_sensitivity_on_the_command_line(partnersim, tmp_path):
    words = ("sensitivity", "typical-district", "--over", "support.national", "--method", "tornado", "--replicates", "2", "--years", "1")
    status, out, _ = partnersim(*words, "--out", str(tmp_path / "found"))
    assert status == 0
    assert "support.national" in out
    assert {path.name for path in (tmp_path / "found").iterdir()} == {
        "sensitivity.csv",
        "sensitivity.png",
        "sensitivity.svg",
        "result.json",
        "typical-district.toml",
        "band.csv",
    }
