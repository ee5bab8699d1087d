"""What a scenario prescribes happens by the world's own rules, and does what the events' sentences say."""

import pytest

import partnersim as ps
from partnersim.model.columns import COLLABORATE, CONTEST, HOLD, MANAGEMENT, UNION
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import open_world

SMALL = Scenario(name="small", sites=6)


def at(scenario, month, replicate=0):
    """The columns of a world after that month."""
    opened = open_world(scenario, seed=1, replicate=replicate, months=120, ledger=False, point=True)
    opened.advance(month)
    return opened.world.columns


@pytest.mark.parametrize("replicate", range(5))
def test_an_imposed_cut_is_a_contest_by_management_outside_procedure(replicate):
    imposed = at(SMALL.with_event(24, "budget_cut", share=0.1, months=12, how="imposed"), 24, replicate)
    assert imposed["stance"][MANAGEMENT] == CONTEST
    assert imposed["joint"][0] == imposed["separation"][0] == 0
    assert imposed["owed"][0] == at(SMALL, 23, replicate)["owed"][0]
    assert imposed["contest_history"][0, 24 % 12] == 1
    assert imposed["issue"][0] >= 0.6  # 1.25, halved by the contest
    assert imposed["trust"][0, UNION] < at(SMALL, 24, replicate)["trust"][0, UNION]


def test_a_shared_cut_between_collaborating_leaders_raises_their_trust_and_is_owed():
    event = {"share": 0.1, "months": 12, "how": "shared"}
    found = 0
    for replicate in range(20):
        twin = at(SMALL, 24, replicate)
        if not (twin["stance"][:2] == COLLABORATE).all() or twin["issue"][0] > 0:
            continue
        shared = at(SMALL.with_event(24, "budget_cut", **event), 24, replicate)
        if (shared["stance"][:2] == COLLABORATE).all():
            found += 1
            assert shared["owed"][0] == pytest.approx(0.025 + twin["owed"][0])
            assert shared["trust"][0, UNION] >= twin["trust"][0, UNION]
    assert found >= 3


def test_deceit_caps_trust_once_in_a_spell_and_the_cap_eases_with_the_deceiver():
    spell = SMALL.replace(start={"trust": 0.8}).with_event(3, "breach", side="management", months=6, stake=0.8, deceit="yes")
    first, last = at(spell, 3)["ceiling"][0, UNION], at(spell, 8)["ceiling"][0, UNION]
    assert 0.5 < first == last < 0.75
    gone = spell.with_event(12, "leader_replaced", side="management", successor="inside")
    assert at(gone, 12)["ceiling"][0, UNION] == pytest.approx(1 - 0.3 * (1 - first))


def test_the_deceived_leader_trusts_no_more_than_deceit_leaves_from_the_month_of_the_deceit_on():
    spell = SMALL.replace(start={"trust": 0.8}).with_event(24, "breach", side="management", months=3, deceit="yes")
    for replicate in range(5):
        columns = at(spell, 24, replicate)
        assert columns["trust"][0, UNION] <= columns["ceiling"][0, UNION]
        assert columns["trust"][0, UNION] < at(SMALL.replace(start={"trust": 0.8}), 24, replicate)["trust"][0, UNION]


def test_an_event_is_logged_with_its_side_and_size():
    events = {
        "strike": {"days": 20}, "recession": {"depth": 0.1, "months": 12}, "pivotal_event": {"level": "strategic", "stake": 0.7},
        "breach": {"side": "union", "months": 2, "stake": 0.9}, "layoff": {"share": 0.1}, "community_changed": {"level": 0.25},
        "structures_changed": {"tier": "team", "meetings_per_month": 3}, "stewards_replaced": {"share": 0.4}, "mandate_removed": {},
        "leader_replaced": {"side": "management", "successor": "inside"},
    }  # fmt: skip
    sizes = {"strike": 20, "recession": 0.1, "pivotal_event": 0.7, "breach": 0.9, "layoff": 0.1, "community_changed": 0.25,
             "structures_changed": 3, "stewards_replaced": 0.4, "mandate_removed": 0, "leader_replaced": 0}  # fmt: skip
    sides = {"breach": "union", "stewards_replaced": "union", "leader_replaced": "management"}
    scenario = SMALL
    for name, arguments in events.items():
        scenario = scenario.with_event(12, name, **arguments)
    told = ps.run(scenario, replicates=1, years=2, point=True).events
    told = told[told["cause"] == "by scenario"].set_index("kind")
    assert told["size"].to_dict() == pytest.approx(sizes)
    assert told.loc[told["side"] != "", "side"].to_dict() == sides


def test_without_succession_nobody_is_voted_out_of_office():
    runs = ps.run(SMALL.without("succession"), replicates=40, seed=1)
    assert not (runs.events["kind"] == "union leader voted out").any()
    with_it = ps.run(SMALL, replicates=40, seed=1)
    assert (with_it.events["kind"] == "union leader voted out").sum() > 5


def test_a_district_whose_structures_are_held_is_judged_as_what_it_is_held_at():
    scenario = ps.load_scenario("adversarial").without("structures")
    opened = open_world(scenario, seed=1, replicate=0, months=12, ledger=False, point=True)
    opened.advance(1)
    assert opened.settings.founded == bool(opened.world.columns["exists"][0])


def test_a_union_leader_replaced_from_outside_is_a_challenger_with_a_mandate_to_rebalance():
    before = at(SMALL, 29)
    after = at(SMALL.with_event(30, "leader_replaced", side="union", successor="outside"), 30)
    assert abs(after["leader_approval"] - 0.5).max() < abs(before["leader_approval"] - 0.5).max()
    assert after["tenure"][UNION] == 0


def test_where_no_partnership_exists_leaders_hold_back_at_the_start():
    columns = at(SMALL.replace(start={"exists": 0}), 0)
    assert (columns["stance"][:2] == HOLD).all()
    assert (columns["leader_average"] == 0).all()
    assert (at(SMALL, 0)["stance"][:2] == COLLABORATE).all()


def test_board_majorities_flip_at_elections_of_three_seats_and_of_four():
    """Expected by the draw: about 39 and 61 of 100; below 20 of 100 is four standard errors away (error rate 1e-4; fixed seed)."""
    runs = ps.run(SMALL, replicates=300, seed=1, point=True)
    flips = runs.events[runs.events["kind"] == "board majority flips"]
    assert len(flips) > 100
    phase = {r: at(SMALL, 0, r)["board_phase"][0] for r in flips["replicate"].unique()}
    of_three = ((flips["month"] - 1 + flips["replicate"].map(phase)) // 24) % 2 == 0
    assert 0.2 < of_three.mean() < 0.6, of_three.mean()
