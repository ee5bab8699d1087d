"""Members and ties: each rule alone, against what it says, and what a district makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from alone import Values, plain

from partnersim.model import members, networks, politics
from partnersim.model.columns import COLLABORATE, CONTEST, HOLD
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import open_world

SMALL = Scenario(name="small", sites=3, members_per_site=12, stewards_per_site=2)


def columns_after(scenario, months, replicate=0):
    world = open_world(scenario, seed=8, replicate=replicate, months=max(1, months), ledger=False, point=True)
    world.advance(months)
    return {name: column.copy() for name, column in world.world.columns.items()}


# --- ties of members -----------------------------------------------------------------------------------------------


def woven(tie, engaged, months=1):
    """Ties of one school after some months in which the same members are engaged and nobody approaches anybody."""
    seats = len(tie)
    p = Values(networks.MECHANISM, member_approach=0.0)
    density, tie = np.zeros(1), tie.copy()
    for month in range(1, months + 1):
        plain(networks.weave)(
            np.arange(seats), np.ones(seats), engaged, np.array([0.0, 1.0]), np.zeros((4, seats)), tie, density, p, 1, 0, month
        )
    return tie, density[0]


def chain(weight=0.5):
    tie = np.zeros((3, 3))
    tie[0, 1] = tie[1, 0] = tie[1, 2] = tie[2, 1] = weight
    return tie


def test_an_unused_tie_loses_half_within_a_year_and_is_then_gone():
    eleven, twelve, last, gone = (woven(chain(), np.zeros(3), months)[0][0, 1] for months in (11, 12, 37, 38))
    assert eleven > 0.25 > twelve
    assert last > 0.05 > gone == 0


def test_a_tie_between_engaged_members_settles_where_use_makes_up_for_decay_and_one_sided_effort_does_not():
    both, density = woven(chain(), np.ones(3), 200)
    assert both[0, 1] == pytest.approx(1 - 0.06 / 0.25, abs=1e-3)
    assert both[0, 2] == 0  # nobody approached anybody
    assert density == pytest.approx(4 / 3 / 32)
    assert woven(chain(), np.array([1.0, 0.0, 1.0]), 40)[0].max() == 0


# --- ties of the staff ---------------------------------------------------------------------------------------------


def associated(weight, months, *, meetings=5.0, pressure=0.0, stance=COLLABORATE):
    """Tie of two principals, and a principal's and rep's, in a district of two schools without teams; norm of the first principal."""
    district = columns_after(Scenario(name="two", sites=2, members_per_site=2, team_size=0), 0)
    p = Values(networks.MECHANISM)
    district["link"][...] = 0.0
    first, second, rep = 2, 3, 5
    core, sites, reps = 2, 2, 1
    for i, j in ((first, second), (first, rep)):
        for one, other in ((i, j), (j, i)):
            district["link"][one, plain(networks.place_of)(other, core, sites, reps, district["person_site"])] = weight
    district["stance"][...] = HOLD
    district["stance"][second] = stance
    district["meetings"][0] = meetings
    district["pressure"][0] = pressure
    names = plain(networks.associate).__code__.co_varnames[: plain(networks.associate).__code__.co_argcount]
    for _ in range(months):
        plain(networks.associate)(*(p if name == "p" else district[name] for name in names))
    link, site = district["link"], district["person_site"]
    ties = [link[first, plain(networks.place_of)(other, core, sites, reps, site)] for other in (second, rep)]
    return ties, district["peer_norm"][first], district


def test_ties_across_sides_need_a_partnership_that_meets_and_pressure_keeps_all_shallow():
    (peer, across), _, _ = associated(1.0, 12)
    assert peer == across > 1.5
    (peer, across), _, _ = associated(1.0, 12, meetings=0.0)
    assert peer > 1.5
    assert across == pytest.approx((0.96 * 0.99) ** 12)
    assert associated(1.0, 12, pressure=1.0)[0][0] < 0.95 * associated(1.0, 12)[0][0]


def test_peers_one_is_tied_to_count_more_than_the_side():
    p = Values(networks.MECHANISM)
    _, tied, _ = associated(2.0, 1)
    _, loose, district = associated(0.0, 1)
    mean = 0.5  # of the two principals one collaborates and one holds back
    assert loose == pytest.approx(p.peer_weight * p.internal_density * mean)
    assert tied > 1.2 * loose
    assert associated(2.0, 1, stance=CONTEST)[1] == pytest.approx(-tied)
    assert district["strong_ties"].sum() == 0


# --- members -------------------------------------------------------------------------------------------------------


def leaving_share(monkeypatch, *, poverty, density, seats=2000):
    """Share of members of one school who leave in a month, over an even grid of luck."""
    monkeypatch.setattr(members, "units", lambda *address: None)
    luck = np.full((4, seats), 0.5)
    luck[3] = (np.arange(seats) + 0.5) / seats
    flat, full = np.zeros(seats), np.full(seats, 0.5)
    leaving = np.zeros(seats)
    plain(members.judge)(
        np.arange(seats), np.ones(seats), flat, np.ones(seats), np.array([0.6]), np.zeros(1), np.zeros(1), np.ones(1),
        np.array([0.0, 0.0]), np.array([density]), np.array([poverty]), luck, full.copy(), full.copy(), np.zeros(seats),
        np.full(seats, 100), leaving, Values(members.MECHANISM), 1, 0, 1,
    )  # fmt: skip
    return leaving.mean()


def test_poverty_drives_members_out_where_nobody_works_together_and_not_where_all_do(monkeypatch):
    apart = leaving_share(monkeypatch, poverty=0.85, density=0.0) / leaving_share(monkeypatch, poverty=0.15, density=0.0)
    together = leaving_share(monkeypatch, poverty=0.85, density=0.5) / leaving_share(monkeypatch, poverty=0.15, density=0.5)
    assert apart == pytest.approx(np.exp(3.2 * 0.7), rel=0.2)
    assert together == 1


def test_the_newest_are_laid_off_first_and_working_it_out_together_halves_what_it_costs():
    before = columns_after(SMALL, 11)
    alone = columns_after(SMALL.with_event(12, "layoff", share=0.2), 12)
    joint = columns_after(SMALL.with_event(12, "layoff", share=0.2, joint=True), 12)
    gone = alone["present"] == 0
    assert gone.reshape(3, 12).sum(axis=1).tolist() == [2, 2, 2]
    for s in range(3):
        own = slice(12 * s, 12 * (s + 1))
        assert before["seniority"][own][gone[own]].max() <= before["seniority"][own][~gone[own]].min()
    assert alone["tie"][gone].max() == 0
    assert alone["tie"].reshape(3, 12, 12)[gone.reshape(3, 12)].max() == 0
    assert alone["engaged"][gone].max() == 0
    usual = columns_after(SMALL, 12)
    cost = [(usual["approval"] - shocked["approval"])[~gone].mean() for shocked in (alone, joint)]
    assert cost[0] == pytest.approx(0.3, abs=0.03)
    assert cost[1] == pytest.approx(0.15, abs=0.02)


def represented(union, *, open_issue=1, conceded=0.0):
    """Grievances, the month's case for the union's leaders, and how much a grievance counts, by a rep's stance."""
    stance = np.array([HOLD, HOLD, COLLABORATE, union])
    site = {name: np.zeros(1) for name in ("idea", "office", "irritation")}
    grievances = np.array([0.6])
    plain(members.represent)(
        np.array([0, 3]), np.array([1, 2]), stance, np.zeros(2), np.zeros(2), np.zeros(2), np.ones(2), np.zeros(2), np.zeros(2),
        np.array([0, open_issue]), np.full(2, 0.4), np.zeros(2), np.zeros(1), np.zeros(1), np.array([conceded]), grievances,
        site["idea"], site["office"], site["irritation"], Values(members.MECHANISM), Values(politics.MECHANISM),
        Values(networks.MECHANISM),
    )  # fmt: skip
    return grievances[0], site["office"][0], site["irritation"][0]


def test_a_rep_who_contests_an_open_issue_is_given_credit_and_one_who_collaborates_is_suspected():
    contests, holds, collaborates = represented(CONTEST), represented(HOLD), represented(COLLABORATE)
    assert contests[1] == pytest.approx(holds[1] + 0.25)
    assert represented(CONTEST, open_issue=0)[1] == holds[1]
    assert collaborates[2] == pytest.approx(1.4)
    assert holds[2] == contests[2] == 1
    assert represented(HOLD, conceded=0.01)[1] == pytest.approx(holds[1] - 0.08)


def test_a_joint_programme_that_harms_members_costs_support_and_ends_when_the_union_contests_it_in_procedure():
    twin = [columns_after(SMALL, 30, r) for r in range(6)]
    hurt = [columns_after(SMALL.with_event(6, "joint_program_harms_members", severity=1, months=25), 30, r) for r in range(6)]
    assert all(h["member_support"].mean() < t["member_support"].mean() - 0.05 for h, t in zip(hurt, twin, strict=True))
    harm_until = np.array([30])
    stance = np.array([CONTEST, COLLABORATE])
    for separation, end in ((0.0, 30), (0.4, 9)):
        plain(members.suffer)(
            np.array([0]), np.array([1]), stance, np.array([separation]), np.ones(1), harm_until, np.ones((1, 2)), np.ones(2), np.ones(2),
            np.ones(1), 9,
        )  # fmt: skip
        assert harm_until[0] == end
