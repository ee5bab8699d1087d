"""The same run has the same bits: compiled or not, in one go or in pieces, watched or not, whatever ran before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import toys
import worlds

from partnersim.engine.record import WORDS
from partnersim.engine.state import LAYOUT
from partnersim.engine.world import World
from partnersim.errors import RunError
from partnersim.model.columns import layout


def run_elsewhere(**environment):
    return toys.command(worlds.__file__, **environment)


def test_the_real_model_has_the_same_bits_compiled_and_plain(real):
    plain = run_elsewhere(NUMBA_DISABLE_JIT="1")
    world = worlds.begin(worlds.world_of(real, months=30, ledger=True), happens=worlds.EVENTS)
    world.advance(30)
    found = toys.answer(plain)
    assert found["events"] == len(world.record.event_rows()) > 20
    for name, array in world.columns.items():
        assert found["columns"][name] == toys.fingerprint_of({name: array}), f"column {name}"
    for name, array in toys.records(world).items():
        assert found["records"][name] == toys.fingerprint_of({name: array}), name


@pytest.mark.slow  # a whole compilation, with a test around every index
def test_no_index_of_the_real_model_leaves_its_array(tmp_path):
    checked, usual = run_elsewhere(NUMBA_BOUNDSCHECK="1", PARTNERSIM_CACHE=str(tmp_path)), run_elsewhere()
    assert toys.answer(checked) == toys.answer(usual)


@pytest.mark.parametrize("month", [1, 2, 11, 12, 29])
def test_a_run_in_two_pieces_is_the_run_in_one(month, real):
    whole = worlds.begin(worlds.world_of(real, months=30, ledger=True), happens=worlds.EVENTS)
    whole.advance(30)
    split = worlds.begin(worlds.world_of(real, months=30, ledger=True), happens=worlds.EVENTS)
    split.advance(month)
    split.advance(30)
    assert toys.fingerprint(split) == toys.fingerprint(whole)


def test_a_run_month_by_month_is_the_run_in_one(real):
    whole = worlds.begin(worlds.world_of(real, months=30, ledger=True), happens=worlds.EVENTS)
    whole.advance(30)
    split = worlds.begin(worlds.world_of(real, months=30, ledger=True), happens=worlds.EVENTS)
    for month in range(1, 31):
        split.advance(month)
    assert toys.fingerprint(split) == toys.fingerprint(whole)


def test_keeping_a_ledger_changes_no_bit_of_a_run(real):
    runs = []
    for ledger in (False, True):
        world = worlds.begin(worlds.world_of(real, months=60, ledger=ledger), happens=worlds.EVENTS)
        world.advance(60)
        columns = {name: array for name, array in world.columns.items() if name != "will_inputs"}  # kept for the ledger
        runs.append(toys.fingerprint_of({**columns, "series": world.record.series, "events": world.record.event_rows()}))
    assert runs[0] == runs[1]


def test_a_replicate_is_the_same_whatever_ran_in_its_world_before(real):
    def run(world, replicate, **more):
        worlds.begin(world, replicate=replicate, **more).advance(36)
        return toys.fingerprint(world)

    fresh = run(worlds.world_of(real, months=36, ledger=True), 4)
    used = worlds.world_of(real, months=36, ledger=True)
    run(used, 0, happens=worlds.EVENTS)
    run(used, 1, off=["trust", "economy"])
    run(used, 2, values={"capability": {"sessions_per_year": 4.0}})
    assert run(used, 4) == fresh
    assert run(used, 5) != fresh
    assert run(used, 4, seed=6) != fresh


def test_a_failed_run_leaves_its_world_ready_for_the_next(toy):
    world = toys.world_of(toy, 10)
    with pytest.raises(RunError):
        toys.begin(world, values={"frogs": {"dies_in": 4.0}}).advance(10)
    toys.begin(world).advance(10)
    other = toys.begin(toys.world_of(toy, 10))
    other.advance(10)
    assert toys.fingerprint(world) == toys.fingerprint(other)


# -- one more of something --------------------------------------------------------------------------------------------

SIZES = {"sites": 9, "members": 8, "stewards": 2, "team": 3}
IDS = {"person": "person_id", "dyad": "dyad_id", "site": "site_id", "member": "member_id"}
SUMS = {
    "peer_norm": "the mean of a side is part of it",
    "divide": "the mean of the cabinet",
    "link": "its places are counted from the size of the core and the number of reps; a new neighbour may be known",
    "tie": "a colleague is drawn from all seats of the school",
    "density": "the same",
}
"""Columns that differ in a larger district by their meaning."""


def district_of(plan, months=0, **more):
    sizes = SIZES | more
    sites = sizes.pop("sites")
    record = worlds.world_of(plan, months=months, events=20_000).record
    world = World(plan, layout(sites, **sizes), record)
    worlds.begin(world, sizes=sizes)
    return world


def shared_rows(few, more, entity):
    """Rows of the same people, dyads, sites or members in two districts, by id; row 0 of what has none."""
    if entity not in IDS:
        return [0], [0]
    ids = list(few.columns[IDS[entity]])
    found = {n: row for row, n in enumerate(more.columns[IDS[entity]])}
    return list(range(len(ids))), [found[n] for n in ids]


def assert_same(plan, few, more, except_for=()):
    for name, column in plan.columns.items():
        if column.owner == LAYOUT or name in SUMS or name in except_for or column.entity in ("seat", "draw", "contact"):
            continue
        here, there = shared_rows(few, more, column.entity)
        assert (few.columns[name][here] == more.columns[name][there]).all(), name


@pytest.mark.parametrize("what", SIZES)
def test_one_more_of_anything_changes_no_start_of_the_others(what, real):
    few, more = district_of(real), district_of(real, **{what: SIZES[what] + 1})
    assert sum(len(more.columns[n]) for n in IDS.values()) > sum(len(few.columns[n]) for n in IDS.values())
    assert_same(real, few, more)


@pytest.mark.parametrize("what", SIZES)
def test_one_more_of_anything_changes_no_draw_of_the_others(what):
    """In the first month every draw for somebody who is in both districts has the same address and the same words."""
    found = toys.answer(run_elsewhere_draws(what))
    assert found["missing"] == []
    assert found["shared"] > 100
    assert found["new"] > 0


def run_elsewhere_draws(what):
    return toys.command(Path(toys.__file__).with_name("draws.py"), what, NUMBA_DISABLE_JIT="1")


ALONE = {
    # what schools have in common, set to weigh nothing
    "networks": {"peer_weight": 0.0},
    "joint_gains": {"leaders_own": 1.0, "recurrent": 1.0, "recognised": 1.0},
    "institutions": {"habit_weight": 0.0},
    "politics": {"member_weight": 0.0},
    "structures": {"founding": 0.0},
    "support": {"follows_success": 0.0},
}
NOT_OWN = {
    "institutionalisation": "the mean of all schools",
    "reputation": "the mean of all schools' results, without weight",
    "heard": "an address book with one more in it",
    "load": "the same",
    "strong_ties": "the same",
    "weak_ties": "the same",
}


def test_one_more_school_changes_no_month_of_the_others_where_nothing_is_shared(real):
    """Means over schools weigh nothing, nobody leaves, votes or bargains: the history of everybody else is the same, to the bit."""
    runs = []
    for sites in (8, 9):
        world = district_of(real, months=60, sites=sites)
        sizes = {k: v for k, v in SIZES.items() if k != "sites"}
        worlds.begin(world, values=ALONE, off=["succession", "politics", "economy"], sizes=sizes)
        world.advance(60)
        runs.append(world)
    few, more = runs
    assert len(set(few.columns["stance"])) > 1
    assert_same(real, few, more, except_for=NOT_OWN)


def test_one_more_member_changes_no_month_of_the_others_where_nothing_is_shared(real):
    """Nobody is tied, speaks for others or leaves: colleagues and their school have the same history, to the bit."""
    apart = {
        "networks": {"member_approach": 0.0},
        "members": {"steward_backing": 0.0, "leaving": 0.0},
        "joint_gains": {"morale": 0.0},
        "politics": {"member_weight": 0.0},
    }
    runs = []
    for members in (8, 9):
        sizes = {k: v for k, v in SIZES.items() if k != "sites"} | {"members": members}
        world = district_of(real, months=60, members=members)
        worlds.begin(world, values=apart, off=["succession", "politics", "economy"], sizes=sizes, start={"density": 0.0})
        world.advance(60)
        runs.append(world)
    assert_same(real, *runs, except_for=("member_support", "leader_approval"))
    assert runs[0].columns["support"].std() > 0.01


def test_what_is_thought_on_an_empty_post_moves_nothing(real):
    """A post that was cut is inert: whatever its row holds, the history of everything else is the same, to the bit."""
    runs = []
    for support, leaning in ((0.0, -2.0), (1.0, 2.0)):
        world = district_of(real, months=48)
        empty = 5 * SIZES["members"] + 3  # somebody in the sixth school
        c = world.columns
        c["present"][empty] = c["engaged"][empty] = 0.0
        c["tie"][empty] = 0.0
        c["tie"][5 * SIZES["members"] : 6 * SIZES["members"], 3] = 0.0
        c["support"][empty] = c["approval"][empty] = support
        c["leaning"][empty] = leaning
        world.advance(48)
        runs.append({n: np.delete(a, empty, 0) if real.columns[n].entity == "member" else a for n, a in c.items()} | toys.records(world))
        assert not c["tie"][empty].any()
        assert not c["tie"][5 * SIZES["members"] : 6 * SIZES["members"], 3].any()
    assert toys.fingerprint_of(runs[0]) == toys.fingerprint_of(runs[1])


@pytest.mark.parametrize(
    "off", ["members", "networks", "economy", "pivotal_events", "succession", "politics", "trust", "capability", "joint_gains"]
)
def test_t14_one_switch_leaves_the_luck_of_everything_else_alone(off, real):
    """Members' draws, recessions, arrivals of events and the kinds of schools do not depend on what else is left out."""

    def luck(off):
        world = district_of(real, months=48)
        sizes = {k: v for k, v in SIZES.items() if k != "sites"}
        worlds.begin(world, off=off, sizes=sizes)
        found = {name: [] for name in ("luck", "initiative", "recession", "exposure", "poverty", "base", "richness")}
        for month in range(1, 49):
            world.advance(month)
            for name, values in found.items():
                values.append(world.columns[name].copy())
        arrived = [row[:4].tolist() + row[6:].tolist() for row in world.record.event_rows() if WORDS[int(row[1])] == "pivotal event"]
        return {name: np.array(values) for name, values in found.items()}, arrived

    (usual, events), (switched, fewer) = luck([]), luck([off])
    assert len(events) > 20
    for name, values in usual.items():
        if real.columns[name].owner != off:
            assert np.array_equal(values, switched[name]), name
    assert fewer == (events if off != "pivotal_events" else [])


def test_a_world_only_goes_forward_and_never_past_its_record(toy):
    world = toys.begin(toys.world_of(toy, 10))
    world.advance(6)
    before = toys.fingerprint(world)
    world.advance(6)
    for month in (5, 0, -1, 11, 1000):
        with pytest.raises(RunError, match=rf"a world in month 6 cannot go to month {month}(.|\n)*record of 10 months"):
            world.advance(month)
    assert toys.fingerprint(world) == before
    world.advance(10)
