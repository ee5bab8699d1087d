"""The same run has the same bits: compiled or not, in one go or in pieces, watched or not, whatever ran before it."""

from __future__ import annotations

import pytest
import toys
import worlds

from partnersim.errors import RunError


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


def test_one_more_school_changes_no_draw_of_the_others(real):
    """Where nothing connects the schools but the leaders, who are the same: month 0."""
    few, more = (worlds.begin(worlds.world_of(real, sites=n)) for n in (3, 4))
    for name in ("trust", "richness"):
        assert (more.columns[name][:4] == few.columns[name]).all()
    for name in ("disposition", "tenure", "stance"):
        managers, stewards = more.columns[name][2:5], more.columns[name][6:9]
        assert (managers == few.columns[name][2:5]).all()
        assert (stewards == few.columns[name][5:8]).all()


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
