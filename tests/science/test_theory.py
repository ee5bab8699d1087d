"""What theory demands of any model of this kind: T1 to T11. T12 stands with the economy, T13 with the invariants, T14 with the lanes.

Seeds are fixed, so a test gives the same answer every time. Variants of a scenario have the same luck, so a difference between two of
them has a standard error of about .025 with 200 runs, a share alone of .035. The measured value stands beside each bound; bounds lie at
least two standard errors from it and mostly much more, so another set of seeds fails in less than one in forty per test.
"""

import numpy as np
import pytest
from alone import Values, plain
from histories import histories, practice, regimes

from partnersim.model import outcomes, stance, trust
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario

SMALL = Scenario(name="small", sites=8, members_per_site=16)
PLACEBO = {"capability.session_gain": 0, "joint_gains.session_refill": 0, "clarity.session_gain": 0}


@pytest.fixture(scope="module")
def usual():
    """Share of runs of the usual small district in each regime."""
    return regimes(histories(SMALL, 200))


def vital(scenario, replicates=200):
    return regimes(histories(scenario, replicates))["vital"]


def p_collaborate(level, *, value=0.64, stake=0.3):
    """Probability that a neutral person with nothing else in mind collaborates at a level of trust."""
    p = Values(stance.MECHANISM)
    worths = np.array(plain(stance.worth)(p, level, value, 60.0, stake)) / p.noise
    return np.exp(worths[0]) / np.exp(worths).sum()


def test_t1_without_any_gain_nobody_goes_on_collaborating():
    nothing = SMALL.replace(parameters={"commitment.promise": 0, "joint_gains.potential": 0}, start={"value": 0})
    runs = histories(nothing, 60)[:, 1:]
    assert practice(runs).mean() < 0.12  # .08
    assert runs[:, :, outcomes.LEADERS_COLLABORATE].mean() < 0.15  # .08


def test_t2_without_stakes_and_with_costly_contest_nobody_contests():
    calm = SMALL.replace(parameters={"stance.stake": 0, "stance.contest_cost": 1}).without("economy", "pivotal_events")
    assert histories(calm, 40)[:, 1:, outcomes.CONTEST_SHARE].mean() < 0.005  # .0005


@pytest.mark.parametrize("value", [0.4, 0.64, 1.0, 1.5])
def test_t3_trust_alone_makes_collaborating_more_likely(value):
    chances = [p_collaborate(level, value=value) for level in np.linspace(0.05, 0.95, 19)]
    assert np.all(np.diff(chances) > 0), chances


def test_t4_one_contest_moves_trust_more_than_one_collaboration_and_most_for_the_undecided():
    """Losses are steps in log-odds now, so the ratio peaks in the middle; with the linear rule once specified it grew without bound."""
    p = Values(trust.MECHANISM)

    def ratio(level):
        bad = p.news * plain(trust.bad_news)(level, p.bad_news_ratio)
        up = plain(trust.shift)(level, p.news, 1.0) - level
        return (level - plain(trust.shift)(level, -bad, 1.0)) / up

    middle = ratio(0.5)
    assert 1.5 < middle < 4.0
    assert middle > ratio(0.2) > 1.0
    assert middle > ratio(0.8) > 1.0


def test_t5_two_starts_end_in_two_basins_when_nothing_else_moves():
    """Medians: some districts with neutral leaders slip from the good start, so its mean is lower. Measured .96 and .11; .84 end low."""
    still = SMALL.without("succession", "pivotal_events", "economy", "politics").replace(start={"disposition": 0})
    low_start = {"trust": 0.3, "exists": 0, "language": 0, "authority": 0.1}
    high = practice(histories(still.replace(start={"trust": 0.6}), 100))[:, -24:].mean(axis=1)
    low = practice(histories(still.replace(start=low_start), 100))[:, -24:].mean(axis=1)
    assert np.median(high) > 0.75
    assert np.median(low) < 0.25
    assert (high > 0.75).mean() > 0.65  # .79
    assert (low < 0.25).mean() > 0.70  # .84


def test_t6_restoring_the_old_conditions_does_not_restore_the_partnership():
    """Leaders stay, no recessions; the stake of districts that practise rises by .8 gu in 24 years and falls again in as many."""
    frozen = {"succession.management_tenure_months": 5000, "succession.union_tenure_months": 5000, "economy.downturn_rate": 0}
    ramp, begin, hold = SMALL.replace(parameters=frozen), 96, 36
    added = [*np.arange(0, 9) / 10, *np.arange(7, -1, -1) / 10]
    for n, extra in enumerate(added[1:], 1):
        ramp = ramp.with_event(begin + hold * n, "set", parameter="stance.stake", value=round(0.4 + float(extra), 3))
    x = practice(histories(ramp, 60, years=(begin + hold * len(added)) // 12))
    x = x[x[:, begin - 23 : begin + 1].mean(axis=1) >= 0.5]
    assert len(x) > 30
    level = [x[:, begin + hold * n + 12 : begin + hold * (n + 1)].mean() for n in range(len(added))]
    assert level[3] - level[-4] > 0.3, level  # at .3 gu: .87 on the way up, .29 on the way down
    assert level[0] - level[-1] > 0.3, level  # .86 before, .37 after


def test_t7_a_breach_kills_at_once_or_not_and_an_outsider_slowly():
    """Of districts that practise: fallen within a year, and in years two to five, net of what befalls them without either.

    Measured: .31 and .01 after a breach of six months, .03 and .15 after an outsider of disposition -.5; earlier versions, with four
    seeds, .29 to .32 and -.03 to .01, .01 to .06 and .08 to .19.
    """
    months, replicates = 13 * 12, 500
    twin = practice(histories(SMALL, replicates, years=13))
    cohort = twin[:, 84:96].mean(axis=1) >= 0.5
    assert cohort.sum() > 150

    def falls(scenario):
        x = practice(histories(scenario, replicates, years=13))
        assert np.array_equal(x[:, :96], twin[:, :96]), "months before an event must stay as they were"
        smooth = np.apply_along_axis(lambda row: np.convolve(row, np.ones(6) / 6)[: len(row)], 1, x[cohort])
        below = smooth[:, 97:months] < 0.3
        first = np.where(below.any(axis=1), below.argmax(axis=1) + 1, 999)
        return (first <= 12).mean(), ((first > 12) & (first <= 60)).mean()

    usual = falls(SMALL)
    breach = falls(SMALL.with_event(96, "breach", side="management", months=6, stake=1.5, deceit="yes"))
    outsider = falls(SMALL.with_event(96, "leader_replaced", side="management", successor="outside", disposition=-0.5))
    assert breach[0] - usual[0] > 3 * max(0.05, outsider[0] - usual[0]), (breach, outsider, usual)
    assert outsider[1] - usual[1] > 3 * max(0.02, breach[1] - usual[1]), (breach, outsider, usual)


def test_t8_meetings_have_an_inner_optimum_that_release_time_moves(usual):
    few, many = (vital(SMALL.replace(parameters={"structures.workplace_meetings": n})) for n in (0.5, 16))
    assert usual["vital"] > few + 0.12  # .38 with 4 a month against .13
    assert usual["vital"] > many + 0.03  # against .28
    short, long = (
        vital(SMALL.replace(parameters={"structures.workplace_meetings": 8, "members.release_hours": hours})) for hours in (8, 40)
    )
    assert long > short + 0.08  # .41 against .24


def test_t9_support_without_gains_sustains_nothing():
    """Full support, twice the training, successors from within and full language, but nothing to gain. Vital: .00, with gains .86."""
    supported = SMALL.replace(
        parameters={
            "support.facilitation": 1, "support.community": 1, "support.national": 1, "support.launch": 1,
            "capability.sessions_per_year": 2, "succession.outside": 0,
        },
        start={"language": 0.9},
    )  # fmt: skip
    runs = histories(supported.replace(parameters={"joint_gains.potential": 0.3}), 150)
    assert regimes(runs)["vital"] < 0.02
    assert practice(runs)[:, -24:].mean() < 0.2
    assert vital(supported, 100) > 0.7


def test_t9_training_that_teaches_nothing_is_no_better_than_none(usual):
    none = vital(SMALL.replace(parameters={"capability.sessions_per_year": 0}))
    assert vital(SMALL.replace(parameters=PLACEBO)) <= none + 0.02  # .07 against .09
    assert usual["vital"] > none + 0.2  # .38


def test_t10_contract_language_alone_never_makes_a_partnership_vital(usual):
    """At most .1 more, where authority follows conduct and where it is capped. Measured .36, .38, .38; capped .00 at any level."""
    shares = [vital(SMALL.replace(start={"language": level})) for level in (0, 0.9)]
    assert max(shares[1], usual["vital"]) - shares[0] < 0.1, (shares, usual)
    assert vital(SMALL.replace(start={"language": 0.9}, parameters={"authority.ceiling": 0.2}), 100) < 0.05


def test_t11_a_mandate_gives_form_without_practice():
    """The reading at year two is of its last twelve months: half a year of good will is in the two before. Measured .96 (28 schools)."""
    runs = histories(load_scenario("paper-mandate").replace(sites=12), 80)
    last = runs[:, 13:25]
    exists, x = last[:, :, outcomes.EXISTS].mean(axis=1) > 0.5, practice(last).mean(axis=1)
    assert (exists & (x < 0.3)).mean() > 0.5
    assert regimes(runs)["vital"] < 0.1  # .00
