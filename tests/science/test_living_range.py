"""Districts live and die in the range that published rates allow, and shipped scenarios do what their summaries say.

Pairs of scenarios have the same luck, so differences are taken run by run. `sign` is the mean difference in standard errors; more than
2.4 has a chance of .01 where there is no difference. Seeds are fixed.
"""

import pytest

import partnersim as ps
from partnersim.analysis.survival import hazard
from partnersim.model.outcomes import ALIVE
from partnersim.scenarios.scenario import Scenario

CLEAR = 2.4


def mean(runs, outcome, first, last):
    """Each run's mean of an outcome from the first month to the last."""
    return runs.series.query("@first <= month <= @last").groupby("replicate")[outcome].mean()


def living(runs, first, last):
    """Each run's share of months in which practice is alive."""
    series = runs.series.query("@first <= month <= @last")
    return (series["alive_index"] >= ALIVE).groupby(series["replicate"]).mean()


def sign(differences):
    """The mean of paired differences in standard errors."""
    return differences.mean() / (differences.std(ddof=1) / len(differences) ** 0.5)


def uneventful(scenario):
    """The same district without its timeline."""
    return Scenario(**scenario.fields() | {"timeline": (), "name": f"{scenario.name}, uneventful"})


@pytest.fixture(scope="module")
def typical():
    return ps.run("typical-district", replicates=400, seed=1, point=True)


def test_neither_all_live_nor_all_die(typical):
    shares = typical.runs["regime"].value_counts(normalize=True)
    assert 0.15 <= shares["vital"] <= 0.70, shares
    assert 0.15 <= shares["collapsed"] <= 0.70, shares


def test_between_two_fifths_and_six_sevenths_practise_at_five_years(typical):
    alive = typical.survival(by="practice").set_index("months")["alive"]
    assert 0.40 <= alive[60] <= 0.85


def test_hazard_is_front_loaded_and_never_ends(typical):
    rates = hazard(typical.runs, [0, 36, 84, 180, 240])["hazard_per_year"]
    assert rates[0] > rates[2] > 0, rates
    assert rates[3] > 0, rates


def test_paper_mandate_is_form_without_practice():
    runs = ps.run("paper-mandate", replicates=200, years=20, seed=1, point=True)
    early = runs.series.query("13 <= month <= 24").groupby("replicate")[["exists", "practice_workplace"]].mean()
    assert ((early["exists"] > 0.5) & (early["practice_workplace"] < 0.3)).mean() > 0.5
    assert (runs.runs["regime"] == "vital").mean() < 0.1


def test_abc_lives_longer_than_a_typical_district(typical):
    abc = ps.run("abc-unified", replicates=200, seed=1, point=True)
    assert (abc.runs["regime"] == "vital").mean() > (typical.runs["regime"] == "vital").mean() + 0.1


def test_an_adversarial_district_seldom_becomes_vital():
    runs = ps.run("adversarial", replicates=200, seed=1, point=True).runs
    assert (runs["regime"] == "vital").mean() < 0.2
    assert (runs["practice_born_month"] < 0).mean() > 0.3


# -- shipped districts and experiments ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def montgomery():
    scenario = ps.load_scenario("montgomery-county").replace(sites=28)
    return ps.run(scenario, replicates=60, years=13, seed=1, point=True)


def test_montgomery_county_has_its_dated_facts(montgomery):
    events = montgomery.events
    cuts = events[(events["kind"] == "pay cut") & events["month"].isin([114, 126, 138])]
    assert (cuts["cause"] == "shared").all()
    assert len(cuts) == 3 * 60
    retired = events.query("kind == 'superintendent replaced' and month == 145")
    assert (retired["cause"] == "from outside").all()
    assert len(retired) == 60
    assert set(events.query("kind == 'union leader replaced' and month in (49, 121)").groupby("month").size()) == {60}


def test_montgomery_county_outlives_its_raises_and_the_typical_district(montgomery, typical):
    alive, usual = living(montgomery, 133, 144), living(typical, 133, 144)
    assert 0.65 <= alive.mean() <= 1.0
    assert alive.mean() > usual.mean()
    assert mean(montgomery, "pay_index", 139, 144).mean() < mean(montgomery, "pay_index", 108, 113).mean() - 0.04
    assert mean(montgomery, "authority_strategic", 1, 12).mean() > mean(typical, "authority_strategic", 1, 12).mean() + 0.1


def test_support_helps_an_adversarial_district_and_guarantees_nothing():
    helped, alone = (ps.run(name, replicates=60, years=15, seed=1, point=True) for name in ("adversarial-supported", "adversarial"))
    assert sign(mean(helped, "alive_index", 1, 180) - mean(alone, "alive_index", 1, 180)) > CLEAR
    assert (helped.runs["regime"] == "vital").mean() < 0.6


def test_an_outsider_after_a_long_serving_insider_costs_practice():
    scenario = ps.load_scenario("outsider-superintendent")
    shaken, steady = (ps.run(s, replicates=120, years=13, seed=1, point=True) for s in (scenario, uneventful(scenario)))
    early = shaken.events.query("kind == 'superintendent replaced' and month < 96")
    assert early["replicate"].nunique() <= 0.08 * 120, "the insider stays, but for a board that is quicker now and then"
    assert living(steady, 84, 95).mean() > 0.8, "the district is mature and alive before"
    assert living(shaken, 84, 95).equals(living(steady, 84, 95)), "the same luck until then"
    assert sign(living(steady, 97, 156) - living(shaken, 97, 156)) > CLEAR
    assert sign(mean(steady, "practice_strategic", 97, 120) - mean(shaken, "practice_strategic", 97, 120)) > CLEAR


def test_a_recession_costs_less_where_trust_is_high():
    scenario = ps.load_scenario("recession")
    losses = {}
    for trust in (0.7, 0.3):
        district = scenario.replace(start={"trust": trust})
        lean, plain = (ps.run(s, replicates=60, years=8, seed=1, point=True) for s in (district, uneventful(district)))
        losses[trust] = mean(plain, "alive_index", 13, 96) - mean(lean, "alive_index", 13, 96)
    assert sign(losses[0.7]) > CLEAR
    assert sign(losses[0.3] - losses[0.7]) > CLEAR


def test_stewards_without_time_settle_less_and_their_leaders_fall_in_esteem():
    scenario = ps.load_scenario("overloaded-stewards")
    released = scenario.replace(parameters={"members.release_hours": 40})
    busy, free = (ps.run(s, replicates=60, years=10, seed=1, point=True) for s in (scenario, released))
    assert sign(mean(busy, "grievances", 25, 120) - mean(free, "grievances", 25, 120)) > CLEAR
    assert sign(mean(free, "leader_approval", 25, 120) - mean(busy, "leader_approval", 25, 120)) > CLEAR
