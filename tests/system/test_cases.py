"""Scenarios told after cases: what is dated happens, and what each is there to show shows against the same worlds without it.

Districts are smaller here than in the files, to spare time. Differences are paired, over the band, at fixed seeds; they have to be three
standard errors from zero in the stated direction, which chance alone brings about once in 700 times for each comparison.
"""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest

import partnersim as ps
from partnersim.errors import ScenarioError
from partnersim.model.outcomes import ALIVE, SPELL
from partnersim.results import RunSet
from partnersim.scenarios.scenario import declared_parameters
from partnersim.scenarios.words import PLANT, in_plant_words

CASES = ("toledo", "hillsborough", "saturn-plant", "six-district-composite", "hr-only", "hostile-law", "small-town", "big-city")
HORIZON = 240
WORLDS, CLEAR = 48, 3.0


def small(name: str, sites: int = 8) -> ps.Scenario:
    """The scenario with fewer and smaller schools."""
    return ps.load_scenario(name).replace(name=name, sites=sites, members_per_site=8)


def without(scenario: ps.Scenario, *kinds: str) -> ps.Scenario:
    """The scenario without its dated events of these kinds."""
    fields = scenario.fields()
    fields["timeline"] = tuple(event for event in fields["timeline"] if event["event"] not in kinds)
    return ps.Scenario(**fields)


def as_usual(scenario: ps.Scenario, *parameters: str, start: tuple[str, ...] = ()) -> ps.Scenario:
    """The scenario with these parameters and start values at the model's defaults."""
    fields = scenario.fields()
    for name in parameters:
        del fields["parameters"][name]
    for name in start:
        del fields["start"][name]
    return ps.Scenario(**fields)


def play(scenario: ps.Scenario, years: int = 20) -> RunSet:
    return ps.run(scenario, replicates=WORLDS, years=years, seed=1, workers=2)


def over(runs: RunSet, outcome: str, first: int, last: int) -> np.ndarray:
    """Mean of an outcome over months, by world."""
    part = runs.series[runs.series["month"].between(first, last)]
    return part.groupby("replicate")[outcome].mean().to_numpy()


def errors_above_zero(difference: np.ndarray) -> float:
    """How many standard errors a mean paired difference lies above zero."""
    return float(difference.mean() / (difference.std(ddof=1) / np.sqrt(difference.size)))


def living(runs: RunSet, month: int) -> float:
    """Share of worlds whose practice has not died by a month."""
    return float((~runs.runs["practice_died"] | (runs.runs["practice_alive_months"] >= month)).mean())


@pytest.fixture(scope="module")
def typical() -> RunSet:
    return play(small("typical-district"), years=10)


# -- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_what_it_shows_and_what_it_cannot(name):
    text = (files("partnersim.scenarios") / f"{name}.toml").read_text(encoding="utf-8")
    assert "\n# What it shows: " in text
    assert "\n# What it cannot show: " in text


@pytest.mark.parametrize("name", ps.scenario_names())
def test_every_shipped_timeline_lies_within_twenty_years_and_every_year_in_it_fits_its_month(name):
    scenario = ps.load_scenario(name)
    assert all(1 <= event["at_month"] <= HORIZON for event in scenario.timeline)
    began = re.search(r"from (\w+) (\d{4})$", scenario.title)
    if not began:
        return
    assert began[1] == "July"
    text = (files("partnersim.scenarios") / f"{name}.toml").read_text(encoding="utf-8")
    months = ("July", "August", "September", "October", "November", "December", "January", "February", "March", "April", "May", "June")
    dates = re.findall(rf"^at_month = (\d+) +# ({'|'.join(months)}) (\d{{4}})", text, re.MULTILINE)
    for number, month, year in dates:
        n = months.index(month)
        assert int(number) == 12 * (int(year) - int(began[2]) - (n >= 6)) + n + 1, f"{name}: {month} {year} is not month {number}"
    assert dates or not scenario.timeline


@pytest.mark.parametrize("name", CASES)
def test_a_case_runs_and_tells_its_dated_events(name):
    scenario = ps.load_scenario(name).replace(sites=3, members_per_site=4)
    story = ps.run(scenario, replicates=1, years=20).story(0)
    told = " ".join(s.text for s in story.told)
    assert told.count("by scenario, ") == len(scenario.timeline)


# -- words --------------------------------------------------------------------------------------------------------


def test_a_plant_is_told_in_the_words_of_a_plant():
    saturn = ps.load_scenario("saturn-plant").replace(sites=3, members_per_site=4)
    assert saturn.words == "plant"
    runs = ps.run(saturn, replicates=1, years=6)
    story = runs.story(0)
    text = f"{story}{story.month_by_month(3, 5)}"
    assert all(word in text for word in ("Plant managers", "stewards", "supervisors", "departments"))
    of_schools = re.compile(r"\b(" + "|".join(PLANT) + r")\b", re.IGNORECASE)
    assert not of_schools.search(text)
    assert not of_schools.search(" ".join(f"{o.label} {o.unit}" for o in runs.outcomes))
    assert max(map(len, str(story).splitlines())) <= 120


def test_words_change_no_number_and_travel_with_the_file(tmp_path):
    plain = ps.load_scenario("typical-district").replace(sites=3, members_per_site=4)
    plant = ps.Scenario(**plain.fields() | {"words": "plant"})
    one, other = (ps.run(scenario, replicates=2, years=3) for scenario in (plain, plant))
    assert one.series.equals(other.series)
    (tmp_path / "mine.toml").write_text(plant.to_toml(), encoding="utf-8")
    assert ps.load_scenario(tmp_path / "mine.toml").words == "plant"
    assert plant.without("trust").replace(sites=4).words == "plant"
    assert "words" not in plain.to_toml(), "files of schools are as they were"
    facts = [(a.facts, b.facts) for a, b in zip(one.story(0).told, other.story(0).told, strict=True)]
    assert all(a == b for a, b in facts)
    assert [in_plant_words(s.text) for s in one.story(0).told] == [s.text for s in other.story(0).told]


def test_other_words_are_refused(tmp_path):
    path = tmp_path / "mill.toml"
    path.write_text('[district]\nwords = "mill"\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        ps.load_scenario(path)
    assert told.value.where == f"{path}, line 2"
    assert told.value.allowed == "school or plant"


# -- the point of each --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def toledo() -> RunSet:
    return play(small("toledo"), years=16)


def test_toledo_has_its_dated_facts(toledo):
    events = toledo.events
    cuts = events[(events["kind"] == "pay cut") & events["month"].isin([13, 108, 120])]
    assert cuts.groupby("month")["cause"].agg(set).to_dict() == {13: {"shared"}, 108: {"shared"}, 120: {"imposed"}}
    assert len(cuts) == 3 * WORLDS
    assert set(events.query("kind == 'superintendent replaced' and month in (59, 110, 146)").groupby("month").size()) == {WORLDS}
    assert over(toledo, "pay_owed", 107, 107).max() < 0.02, "the deferred raise was paid in 2008"


def test_toledo_pays_for_the_promise_that_was_withheld(toledo):
    scenario = small("toledo")
    kept = play(without(scenario, "promise_broken").with_event(171, "sacrifice_restored"), years=16)
    assert over(kept, "alive_index", 1, 170) == pytest.approx(over(toledo, "alive_index", 1, 170)), "the same worlds until then"
    for outcome in ("trust_union_strategic", "leader_approval", "member_support", "alive_index"):
        assert errors_above_zero(over(kept, outcome, 172, 192) - over(toledo, outcome, 172, 192)) > CLEAR, outcome


def test_toledo_mostly_lives_until_the_promise_is_withheld_and_through_the_year_after(toledo):
    alive = toledo.runs["practice_alive_months"] >= 171
    assert 0.5 < living(toledo, 171) < 0.9
    assert (toledo.runs["practice_alive_months"][alive] >= 171 + SPELL).mean() > 0.5


@pytest.fixture(scope="module")
def hillsborough() -> RunSet:
    return play(small("hillsborough"), years=14)


def test_hillsborough_is_worn_away_by_the_harm_first_in_the_leaders_office(hillsborough):
    unharmed = play(without(small("hillsborough"), "joint_program_harms_members"), years=14)
    office, idea = (over(unharmed, of, 104, 114) - over(hillsborough, of, 104, 114) for of in ("leader_approval", "member_support"))
    assert errors_above_zero(office) > CLEAR
    assert errors_above_zero(idea) > CLEAR
    assert errors_above_zero(office - idea) > CLEAR
    assert errors_above_zero(over(unharmed, "alive_index", 134, 168) - over(hillsborough, "alive_index", 134, 168)) > CLEAR


def test_hillsboroughs_joint_work_outlives_the_programme_in_most_worlds(hillsborough):
    events = hillsborough.events
    assert len(events.query("kind == 'superintendent replaced' and month == 117 and cause == 'from inside'")) == WORLDS
    assert living(hillsborough, 124 + SPELL) > 0.5
    assert (over(hillsborough, "alive_index", 133, 144) >= ALIVE).mean() > 0.5


@pytest.fixture(scope="module")
def saturn() -> RunSet:
    return play(small("saturn-plant"))


def test_saturns_stewards_had_no_time_to_represent(saturn):
    timely = play(small("saturn-plant").replace(parameters={"members.release_hours": 60}))
    assert errors_above_zero(over(timely, "leader_approval", 104, 150) - over(saturn, "leader_approval", 104, 150)) > CLEAR


def test_saturns_leaders_fall_while_the_idea_is_popular(saturn):
    ousted = saturn.events.query("kind == 'union leader voted out'").groupby("replicate")["month"].agg(["min", "max"])
    assert (saturn.events.query("kind == 'union leader voted out' and month == 164").groupby("replicate").size() == 1).sum() == WORLDS
    assert 0.1 < (ousted["min"] < 164).mean() < 0.9, "in many worlds members are quicker"
    backing, office = (over(saturn, of, 140, 163) for of in ("member_support", "leader_approval"))
    assert (backing >= 0.6).mean() > 0.5
    assert errors_above_zero(backing - office) > CLEAR


def test_saturn_hangs_on_its_sponsor(saturn):
    sponsored = ps.Scenario(
        **(fields := small("saturn-plant").fields()) | {"timeline": tuple(e for e in fields["timeline"] if e["at_month"] < 217)}
    )
    kept = play(sponsored)
    assert over(kept, "exists", 240, 240).all(), "the agreement bars dissolution while it stands"
    assert errors_above_zero(over(kept, "exists", 240, 240) - over(saturn, "exists", 240, 240)) > CLEAR
    assert over(saturn, "exists", 240, 240).mean() > 0.3, "in many worlds something is left"


def test_the_composite_outlives_the_typical_district(typical):
    composite = play(small("six-district-composite"), years=10)
    assert errors_above_zero(over(composite, "alive_index", 13, 120) - over(typical, "alive_index", 13, 120)) > CLEAR
    assert living(composite, 120) > living(typical, 120)


def test_personnel_practices_alone_die_sooner_and_authority_helps(typical):
    scenario = small("hr-only")
    alone = play(scenario, years=10)
    assert errors_above_zero(over(typical, "alive_index", 13, 120) - over(alone, "alive_index", 13, 120)) > CLEAR
    meetings = (f"structures.{tier}_meetings" for tier in ("strategic", "team", "retreat"))
    voiced = play(as_usual(scenario, "authority.ceiling", *meetings), years=10)
    assert errors_above_zero(over(voiced, "alive_index", 13, 120) - over(alone, "alive_index", 13, 120)) > CLEAR


def test_a_bargaining_law_prolongs_practice():
    scenario = small("hostile-law")
    lawless = play(scenario, years=11)
    bargained = play(
        as_usual(
            scenario,
            "structures.bargaining_meetings", "economy.joint_clauses", "institutions.signing_gain", "economy.strike_chance",
            "economy.contract_months", "members.release_hours", start=("language",),
        ),
        years=11,
    )  # fmt: skip
    assert errors_above_zero(over(bargained, "alive_index", 13, 132) - over(lawless, "alive_index", 13, 132)) > CLEAR
    assert living(lawless, 120) < 0.5, "gone in most worlds after ten years"
    assert len(lawless.events.query("kind == 'superintendent replaced' and month in (61, 77, 85, 117)")) == 4 * WORLDS
    assert not (lawless.events["kind"] == "strike").any()


def test_a_small_town_swings_more_than_a_larger_district():
    town = ps.load_scenario("small-town").replace(members_per_site=8)
    swings = []
    for scenario in (town, town.replace(sites=28)):
        runs = play(scenario, years=4)
        by_month = runs.series.pivot(index="replicate", columns="month", values="practice_workplace").to_numpy()[:, 1:]
        swings.append(np.abs(np.diff(by_month, axis=1)).mean(axis=1))
    assert errors_above_zero(swings[0] - swings[1]) > CLEAR


def test_a_big_city_loses_superintendents_and_practice_with_them(typical):
    scenario = small("big-city", sites=int(declared_parameters(ps.load_scenario("big-city").plan)["succession.large_sites"].default))
    city = play(scenario, years=10)
    changes = [(runs.events["kind"] == "superintendent replaced").sum() for runs in (city, typical)]
    assert 1.5 < changes[0] / changes[1] < 3
    assert (city.events.query("kind == 'superintendent replaced'")["cause"] == "from outside").mean() > 0.5
    steady = play(scenario.replace(parameters={"succession.management_tenure_months": 5000}), years=10)
    assert errors_above_zero(over(steady, "alive_index", 13, 120) - over(city, "alive_index", 13, 120)) > CLEAR
