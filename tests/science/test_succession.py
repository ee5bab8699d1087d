"""People leave at the published rates, posts are filled from the top down, and what newcomers bring matters.

Seeds are fixed, so a test gives the same answer every time; the error rate of a statistical test is that of another set of seeds.
"""

import numpy as np
import pytest

import partnersim as ps
from partnersim.model import succession
from partnersim.model.columns import ADVISES, MANAGEMENT, STRATEGIC, UNION, WORKPLACE
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import open_world

SMALL = Scenario(name="small", sites=6)
STAY = {
    "succession.management_tenure_months": 5000, "succession.union_tenure_months": 5000, "succession.team_exit": 0,
    "succession.manager_exit_low": 0, "succession.manager_exit_high": 0, "succession.steward_exit": 0,
}  # fmt: skip


def at(scenario, month, replicate=0, seed=1):
    """The columns of a world after that month."""
    opened = open_world(scenario, seed=seed, replicate=replicate, months=240, ledger=False, point=True)
    opened.advance(month)
    return opened.world.columns


def rows(columns, side, group=WORKPLACE, rank=0):
    return (columns["person_side"] == side) & (columns["person_group"] == group) & (columns["person_rank"] == rank)


def left_in_a_year(scenario, replicates, years=20, seed=11):
    """Share of posts whose holder of a year ago is gone, by post."""
    opened = open_world(scenario, seed=seed, replicate=0, months=12 * years, ledger=False, point=True)
    columns = opened.world.columns
    posts = {
        "superintendent": rows(columns, MANAGEMENT, STRATEGIC),
        "team": columns["person_rank"] == ADVISES,
        "principal": rows(columns, MANAGEMENT),
        "rep": rows(columns, UNION),
    }
    gone = {post: [] for post in posts}
    for replicate in range(replicates):
        opened.begin(seed=seed, replicate=replicate)
        for year in range(1, years + 1):
            opened.advance(12 * year)
            for post, here in posts.items():
                assert here.any()
                gone[post].append((columns["tenure"][here] < 12).mean())
    return {post: np.mean(shares) for post, shares in gone.items()}


def test_people_leave_at_the_published_rates():
    """Within a tenth. Standard error: .005 for superintendents (a rate on target fails in 3 of 1000 sets of seeds), .002 for others."""
    rates = left_in_a_year(load_scenario("typical-district"), 300)
    for post, published in {"superintendent": 0.155, "principal": 0.19, "rep": 0.30, "team": 0.16}.items():
        assert rates[post] == pytest.approx(published, rel=0.1), rates


def test_principals_with_several_reps_leave_no_more_often():
    """Standard error .004: 4 of them to the bound."""
    rates = left_in_a_year(SMALL.replace(stewards_per_site=3, team_size=1), 60, years=10)
    assert rates["principal"] == pytest.approx(0.19, abs=0.02), rates
    assert rates["rep"] == pytest.approx(0.3, abs=0.03), rates  # fewer are promoted where the executive board is small


def test_nobody_holds_two_posts_and_no_post_is_empty():
    """Dispositions are drawn from a continuum, so two rows with the same one, not at a bound, would be one person."""
    restless = SMALL.replace(
        parameters={
            "succession.management_tenure_months": 15, "succession.union_tenure_months": 15, "succession.team_exit": 0.1,
            "succession.outside": 0.2,
        }
    )  # fmt: skip
    promoted = 0
    for replicate in range(3):
        opened = open_world(restless, seed=2, replicate=replicate, months=120, ledger=False, point=True)
        columns = opened.world.columns
        for month in range(1, 121):
            opened.advance(month)
            assert not columns["vacant"].any()
            inner = columns["disposition"][abs(columns["disposition"]) < 1]
            assert len(np.unique(inner)) == len(inner), (replicate, month)
            for side in (UNION, MANAGEMENT):
                source = columns["successor"][0, side]
                if source >= 0:
                    promoted += 1
                    assert columns["person_side"][source] == side
                    assert columns["tenure"][source] == columns["tenure"][side] == 0
    assert promoted > 20


def test_an_insider_brings_disposition_skill_and_trust_along():
    frozen = SMALL.replace(parameters=STAY)
    event = {"side": "management", "successor": "inside"}
    origins = set()
    for replicate in range(12):
        before = at(frozen, 20, replicate)
        after = at(frozen.with_event(20, "leader_replaced", **event), 20, replicate)
        source = after["successor"][0, MANAGEMENT]
        origins.add(after["person_rank"][source])
        assert after["disposition"][MANAGEMENT] == before["disposition"][source]
        assert after["skill"][MANAGEMENT] == before["skill"][source]
        if after["person_rank"][source] == ADVISES:
            assert after["trust"][0, MANAGEMENT] == pytest.approx(before["team_trust"][source])
            continue
        dyad = before["first_dyad"][source]
        assert after["trust"][0, MANAGEMENT] == pytest.approx(before["trust"][dyad, MANAGEMENT])
        assert after["value"][0, MANAGEMENT] == pytest.approx(before["value"][dyad, MANAGEMENT])
        assert after["age"][0] == after["age"][dyad] == 0
    assert len(origins) == 2, "neither the cabinet nor the schools alone"


def test_an_outside_superintendent_brings_own_people_after_a_long_predecessor():
    """Dl = .6 x 121/181 = .4 of 400 cabinet members: standard error .025, bounds 4 of them away; nobody after an insider."""
    base = SMALL.replace(parameters=STAY)

    def let_go(successor):
        runs = ps.run(
            base.with_event(97, "leader_replaced", side="management", successor=successor), replicates=100, years=9, seed=3, point=True
        )
        found = runs.events.query("kind == 'cabinet member replaced' and cause == 'let go by a new leader' and month == 97")
        return len(found) / 400

    assert 0.3 < let_go("outside") < 0.5
    assert let_go("inside") == 0


def test_a_challenger_takes_half_of_the_executive_board_along():
    event = {"side": "union", "successor": "outside"}
    for replicate in range(10):
        after = at(SMALL.replace(parameters=STAY).with_event(30, "leader_replaced", **event), 30, replicate)
        new = rows(after, UNION, STRATEGIC, ADVISES) & (after["tenure"] == 0)
        assert new.sum() == 2
        assert abs(after["disposition"][new] - (1.5 * (after["member_support"].mean() - 0.5) - 0.5)).max() < 1.2  # nearly 5 sd


def test_cabinets_are_nearer_to_their_superintendent_than_principals_are():
    """After turnover and ten years, over 60 districts: .37 against .57."""
    own, others = [], []
    for replicate in range(60):
        columns = at(SMALL.replace(parameters={"succession.team_exit": 0.03}), 120, replicate)
        apart = abs(columns["disposition"] - columns["disposition"][MANAGEMENT])
        own.append(apart[rows(columns, MANAGEMENT, STRATEGIC, ADVISES)].mean())
        others.append(apart[rows(columns, MANAGEMENT)].mean())
    assert np.mean(own) < 0.75 * np.mean(others), (np.mean(own), np.mean(others))


def test_a_term_limit_ends_every_presidency_and_hands_over_inside():
    limited = SMALL.replace(parameters={"succession.term_limit_months": 48, "succession.union_tenure_months": 5000})
    events = ps.run(limited, replicates=40, years=12, seed=1, point=True).events.query("kind == 'union leader replaced'")
    assert events["size"].max() == 48
    at_limit = events[events["size"] == 48]
    assert len(at_limit) > 60
    assert (at_limit["cause"] == "from inside").mean() > 0.9  # an election may fall into the same month
    assert (events[events["size"] < 24]["cause"] == "by a challenger").mean() > 0.5


def test_presidents_of_large_locals_stay_longer_and_superintendents_of_poor_and_large_districts_shorter():
    small, large = at(SMALL, 1), at(SMALL.replace(members_per_site=100), 1)
    assert large["exit_hazard"][UNION] == pytest.approx(small["exit_hazard"][UNION] * (100 / 33) ** -0.15)
    poor, rich = at(SMALL.replace(poverty=0.9), 1), at(SMALL.replace(poverty=0.1), 1)
    assert 1.5 < poor["exit_hazard"][MANAGEMENT] / rich["exit_hazard"][MANAGEMENT] < 1.9  # evidence E4: 1.7
    many = at(SMALL.replace(parameters={"succession.large_sites": 6}), 1)
    assert many["exit_hazard"][MANAGEMENT] == pytest.approx(2 * small["exit_hazard"][MANAGEMENT])
    principals = rows(poor, MANAGEMENT) & (poor["mover"] == 1)
    shift = 1 + 0.4 * (poor["poverty"][poor["person_site"][principals]] - 0.5)
    np.testing.assert_allclose(poor["exit_hazard"][principals], 0.0256 * shift)


def test_a_share_of_the_principals_or_reps_leaves_when_the_scenario_says_so():
    twin = at(SMALL.replace(sites=40, parameters=STAY), 12)
    for name, side, other in (("middle_managers_replaced", MANAGEMENT, UNION), ("stewards_replaced", UNION, MANAGEMENT)):
        half = at(SMALL.replace(sites=40, parameters=STAY).with_event(12, name, share=0.5, disposition=-0.3), 12)
        new = half["tenure"] == 0
        assert 10 <= new[rows(half, side)].sum() <= 30  # binomial(40, .5): three standard deviations
        assert not new[rows(half, other)].any()
        assert (half["disposition"][new] == -0.3).all()
        stayed = ~new
        assert np.array_equal(half["disposition"][stayed], twin["disposition"][stayed])
    everybody = at(SMALL.replace(parameters=STAY).with_event(12, "middle_managers_replaced", share=1), 12)
    assert (everybody["tenure"][rows(everybody, MANAGEMENT)] == 0).all()
    assert everybody["disposition"][rows(everybody, MANAGEMENT)].std() > 0.1  # drawn


def test_a_principal_who_leaves_leaves_all_reps_of_the_school():
    several = SMALL.replace(stewards_per_site=3, parameters=STAY)
    before, after = at(several, 11), at(several.with_event(12, "middle_managers_replaced", share=0.5), 12)
    new = np.flatnonzero(rows(after, MANAGEMENT) & (after["tenure"] == 0))
    assert 0 < len(new) < 6
    fresh = np.zeros(len(after["age"]), bool)
    for i in new:
        dyads = slice(after["first_dyad"][i], after["first_dyad"][i] + 3)
        fresh[dyads] = True
        assert len(set(after["trust"][dyads, MANAGEMENT])) == 1, "one person arrives with one trust"
        assert (after["informal"][dyads] < before["informal"][dyads]).all()
    assert np.array_equal(after["age"] == 0, fresh)
    assert (after["tenure"][rows(after, UNION)] > 0).all()


def test_hubs_leave_more_often_within_bounds():
    factor = succession.hub_factor.py_func
    assert factor(4.0, 4.0) == factor(7.0, 0.0) == 1.0
    assert factor(8.0, 4.0) == 1.5
    assert factor(0.0, 4.0) == 0.5
    assert factor(100.0, 4.0) == 3.0


def test_what_teams_learnt_of_each_other_outlives_a_leader():
    """Trust of the executive board the month a superintendent goes, with and without meetings of the teams; each pair has the same luck."""
    start = {"trust": {"strategic": 0.8}}
    kept = {}
    for meetings in (0, 6):
        frozen = SMALL.replace(start=start, parameters=STAY | {"structures.team_meetings": meetings})
        gone = frozen.with_event(12, "leader_replaced", side="management", successor="outside")
        kept[meetings] = []
        for replicate in range(10):
            before, after = at(frozen, 12, replicate), at(gone, 12, replicate)
            board = rows(after, UNION, STRATEGIC, ADVISES)
            kept[meetings].append((after["team_trust"][board] - 0.45) / (before["team_trust"][board] - 0.45))
    assert np.mean(kept[0]) < 0.15
    assert np.mean(kept[6]) > np.mean(kept[0]) + 0.2


def test_structures_and_norms_below_carry_the_loss_of_the_top_pair():
    """Measured .52 with a top pair alone, .85 with structures, .68 without norms; standard error .05, bounds two of them away or more.

    Pattern P5 wants at most .45 alone: a target of calibration, which the defaults, set by hand, miss.
    """

    def lives_on(parameters):
        stay = {"succession.management_tenure_months": 5000}
        start = {"trust": {"strategic": 0.75}, "disposition": {"strategic": 0.6}}
        scenario = load_scenario("typical-district").replace(start=start, parameters=stay | parameters)
        series = ps.run(
            scenario.with_event(30, "leader_replaced", side="management", successor="outside"),
            replicates=200,
            years=6,
            seed=4,
            point=True,
        ).series
        alive, leaders = (
            series.pivot(index="replicate", columns="month", values=v).to_numpy() for v in ("alive_index", "leaders_collaborate")
        )
        spells = np.lib.stride_tricks.sliding_window_view(alive[:, 1:] < 0.3, 12, axis=1).all(axis=2)
        died = np.where(spells.any(axis=1), spells.argmax(axis=1) + 1, 999)
        cohort = (leaders[:, 18:30].mean(axis=1) >= 0.6) & (died > 30)
        assert cohort.sum() > 50
        return (died[cohort] > 54).mean()

    off = ("workplace", "team", "retreat")
    alone = {f"structures.{tier}_meetings": 0 for tier in off} | {"capability.sessions_per_year": 0.25}
    pair, whole, no_norm = lives_on(alone), lives_on({}), lives_on({"networks.internal_density": 0})
    assert pair <= 0.65
    assert whole >= 0.70
    assert whole - pair >= 0.25
    assert whole - no_norm >= 0.1


# --- role strain ------------------------------------------------------------------------------------------------


def surveys(scenario, month, replicates=20):
    found = [at(scenario, month, r) for r in range(replicates)]
    return tuple(float(np.mean([c[name].mean() for c in found])) for name in ("for_institution", "for_self"))


def test_managers_speak_for_the_institution_more_than_for_themselves():
    """Evidence I7 and P11: .72 and .31, a gap of 30 to 50 points. Standard error .01."""
    institution, own = surveys(load_scenario("typical-district"), 1)
    assert 0.60 <= institution <= 0.80
    assert 0.25 <= own <= 0.40
    assert 0.30 <= institution - own <= 0.50


def test_threatened_posts_and_a_divided_top_cost_managers_support():
    """On the same luck, so differences have no noise in the first month; a layoff of .05 adds .25 to the threat."""
    _, calm = surveys(SMALL, 1)
    one_mind = surveys(SMALL.replace(parameters={"succession.team_spread": 0}), 1)[1]
    divided = surveys(SMALL.replace(parameters={"succession.team_spread": 0.4}), 1)[1]
    threatened = surveys(SMALL.with_event(1, "layoff", share=0.05), 1)[1]
    assert one_mind > calm > divided
    assert calm > threatened


def test_threat_fades():
    layoff = SMALL.with_event(5, "layoff", share=0.1)
    assert at(layoff, 4)["threat"][0] == 0
    assert at(layoff, 5)["threat"][0] == pytest.approx(0.5)
    assert at(layoff, 29)["threat"][0] == pytest.approx(0.5 * (23 / 24) ** 24)


def test_a_divided_top_gives_a_weaker_signal_to_principals_only():
    one_mind, divided = (at(SMALL.replace(parameters={"succession.team_spread": spread}), 1) for spread in (0, 0.4))
    principals, reps = rows(divided, MANAGEMENT), rows(divided, UNION)
    assert (abs(divided["leader_signal"][principals]) < abs(one_mind["leader_signal"][principals])).all()
    assert np.array_equal(divided["leader_signal"][reps], one_mind["leader_signal"][reps])
    assert at(SMALL.replace(team_size=0), 1)["divide"][0] == 0


def test_reps_lose_a_role_where_contacts_are_informal_and_skill_cures_it():
    strained = at(SMALL.replace(parameters={"structures.workplace_meetings": 0}), 1)
    skilled = at(SMALL.replace(parameters={"structures.workplace_meetings": 0}, start={"skill": 0.9}), 1)
    usual = at(SMALL, 1)
    reps = rows(usual, UNION)
    assert strained["strain"][reps].mean() > usual["strain"][reps].mean() > 0
    assert strained["strain"][reps].mean() > 3 * skilled["strain"][reps].mean()
