"""Leaving a mechanism out is a value: the same machine code, its columns at rest, and every other draw untouched."""

from __future__ import annotations

import numpy as np
import pytest
import toys
import worlds
from numba import config


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_switch_needs_no_other_plan_and_no_other_machine_code(toy):
    toys.begin(toys.world_of(toy)).advance(6)
    digest, runner = toy.digest, toy.loop.module
    for off in (["frogs"], ["birds"], ["rain", "frogs", "birds"]):
        for ledger in (False, True):
            toys.begin(toys.world_of(toy, ledger=ledger), off=off).advance(6)
    assert (toy.digest, toy.loop.module) == (digest, runner)
    assert len(runner.run.signatures) == 1


def test_columns_of_a_mechanism_left_out_stay_at_held_though_others_add_to_them(toy):
    """Frogs drink of the water that no rain fills."""
    held = np.array([1.25, 7.5])
    world = toys.begin(toys.world_of(toy, ledger=True), off=["rain"], held={"water": held})
    for month in range(0, 13):
        world.advance(month)
        assert (world.columns["water"] == held[toys.LAYOUT_ROWS["pond_group"]]).all(), month
    stock = toy.stocks.index("water")
    assert not world.record.ledger[:, :, stock].any()
    assert world.record.ledger[:, :, toy.stocks.index("frogs")].any()


def test_a_mechanism_left_out_neither_acts_nor_adds_nor_notes(toy):
    world = toys.begin(toys.world_of(toy), off=["frogs"])
    world.advance(12)
    assert (world.columns["frogs"] == 2.0).all()
    assert (world.columns["cover"] == 0.25).all()
    assert len(world.record.event_rows()) == 0
    thirstless = toys.begin(toys.world_of(toy), values={"frogs": {"thirst": 0.0}})
    thirstless.advance(12)
    assert (world.columns["water"] == thirstless.columns["water"]).all()


def test_a_mechanism_that_nobody_reads_can_be_left_out_without_moving_a_bit(toy):
    runs = []
    for off in ([], ["birds"]):
        world = toys.begin(toys.world_of(toy, ledger=True), off=off)
        world.advance(24)
        columns = {name: array for name, array in world.columns.items() if name != "birds"}
        runs.append(toys.fingerprint_of({**columns, **toys.records(world)}))
    assert runs[0] == runs[1]


def test_a_switch_thrown_in_the_midst_of_a_run_leaves_the_months_before_as_they_were(toy):
    usual, switched = (toys.begin(toys.world_of(toy)) for _ in range(2))
    usual.advance(24)
    switched.advance(12)
    switched.advance(24, toy.params({}, ["frogs"]))
    assert (switched.record.series[:13] == usual.record.series[:13]).all()
    assert (switched.record.series[13:] != usual.record.series[13:]).any(axis=1).all()


LEFT_OUT = ("trust", "commitment", "capability", "economy", "succession", "members", "clarity", "authority", "networks")


@pytest.mark.parametrize("name", LEFT_OUT)
def test_columns_of_a_mechanism_of_the_real_model_rest_while_it_is_left_out(name, real):
    world = worlds.begin(worlds.world_of(real, months=60), off=[name], happens=worlds.EVENTS)
    own = [c for c, column in real.columns.items() if column.owner == name]
    before = {c: world.columns[c].copy() for c in own}
    held = {c: real.columns[c].held for c in own if real.columns[c].held is not None}
    for month in (1, 5, 24, 60):
        world.advance(month)
        for column in own:
            assert (world.columns[column] == before[column]).all(), f"{column} moved by month {month}"
            if column in held:
                assert (world.columns[column] == held[column]).all(), column
