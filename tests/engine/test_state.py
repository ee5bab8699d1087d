"""Columns are declared once, start and stay inside their range, and lie in memory as the compiled loop expects."""

from __future__ import annotations

import numpy as np
import pytest
import toys
import worlds
from numba import config
from toys import column

from partnersim.engine.state import LAYOUT, allocate, by_name, violations
from partnersim.engine.world import filled
from partnersim.errors import MechanismError


@pytest.mark.parametrize("start", [-0.1, 1.1, (0.5, 1.1), np.nan, (0.5, np.nan)])
def test_a_start_value_outside_the_range_is_refused(start):
    with pytest.raises(MechanismError, match=r"start value .* of column trust is outside 0 to 1(.|\n)*owner faith"):
        column("trust", "faith", low=0, high=1, start=start)


@pytest.mark.parametrize("start", [0.0, 1.0, (0.0, 1.0)])
def test_the_ends_of_the_range_belong_to_it(start):
    assert column("trust", "faith", low=0, high=1, start=start).start == start


@pytest.mark.parametrize("name", ["two words", "2nd", ""])
def test_a_column_needs_a_name_that_code_can_use(name):
    with pytest.raises(MechanismError, match="is not an identifier"):
        column(name, "faith")


def test_two_columns_of_one_name_are_refused_with_both_owners():
    with pytest.raises(MechanismError, match=r"column trust is declared twice(.|\n)*by faith and by hope(.|\n)*rename"):
        by_name([column("trust", "faith"), column("trust", "hope")])


def test_columns_keep_their_order():
    assert list(by_name([column("b", "x"), column("a", "x")])) == ["b", "a"]


def test_every_array_is_contiguous_float64_or_int64_of_the_declared_shape():
    columns = by_name([column("a", "x"), column("b", "x", width=2), column("c", "x", integer=True, entity="lake")])
    arrays = allocate(columns, {"pond": 3, "lake": 1})
    assert {n: (a.shape, a.dtype.str) for n, a in arrays.items()} == {
        "a": ((3,), "<f8"),
        "b": ((3, 2), "<f8"),
        "c": ((1,), "<i8"),
    }
    assert all(a.flags.c_contiguous and not a.any() for a in arrays.values())


def test_start_values_are_spread_over_groups_and_sides():
    columns = [
        column("pond_id", LAYOUT),
        column("even", "x"),
        column("grouped", "x"),
        column("sided", "x", width=2),
        column("whole", "x", integer=True),
    ]
    found = filled(
        columns,
        toys.LAYOUT_ROWS,
        {"even": 0.5, "grouped": (1.0, 2.0), "sided": ((1.0, 2.0), (3.0, 4.0)), "whole": (7, 8)},
    )
    assert found["even"].tolist() == [0.5] * 3
    assert found["grouped"].tolist() == [1.0, 2.0, 2.0]
    assert found["sided"].tolist() == [[1.0, 2.0], [3.0, 4.0], [3.0, 4.0]]
    assert found["whole"].tolist() == [7, 8, 8]
    assert found["whole"].dtype == np.int64
    assert "pond_id" not in found
    assert all(a.flags.c_contiguous and a.flags.writeable for a in found.values())


def test_a_world_begins_from_copies_of_its_start_values(toy):
    world = toys.begin(toys.world_of(toy))
    first = toys.fingerprint(world)
    world.advance(8)
    toys.begin(world)
    assert toys.fingerprint(world) == first


def test_violations_name_the_column_the_value_and_the_range():
    columns = by_name([column("a", "x", low=0, high=1), column("b", "x", low=0, high=1), column("c", "x")])
    good = {"a": np.array([0.0, 1.0]), "b": np.array([0.5]), "c": np.zeros(1)}
    assert violations(columns, good) == []
    bad = {"a": np.array([0.0, 1.5]), "b": np.array([np.nan]), "c": np.array([np.inf])}
    found = violations(columns, bad)
    assert found[0] == "a: 1.5 is outside 0 to 1"
    assert [text.split(":")[0] for text in found] == ["a", "b", "c"]


compiled = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="takes minutes uncompiled; test_contract checks ranges there")


def left(world, months):
    """Columns that leave their range in a run."""
    found = set()
    for month in range(0, months + 1, 12):
        world.advance(month)
        found |= {text.split(":")[0] for text in violations(world.plan.columns, world.columns)}
    return found


@compiled
def test_all_columns_stay_in_their_ranges_through_thirty_runs_of_twenty_years(real):
    world = worlds.world_of(real, sites=15, months=240, ledger=True)
    for replicate in range(30):
        worlds.begin(world, replicate=replicate, happens=worlds.EVENTS if replicate % 3 == 0 else ())
        assert left(world, 240) == set(), replicate


@compiled
def test_all_columns_stay_in_their_ranges_whatever_is_left_out_or_at_a_bound(real):
    world = worlds.world_of(real, sites=6, months=120, ledger=True)
    found = {}
    for name, mechanism in real.mechanisms.items():
        if mechanism.off != "never":
            worlds.begin(world, off=[name], happens=worlds.EVENTS)
            found[f"without {name}"] = left(world, 120)
        for parameter in mechanism.parameters:
            for bound in parameter.bounds:
                worlds.begin(world, values={name: {parameter.name: bound}})
                found[f"{name}.{parameter.name} = {bound}"] = left(world, 120)
    assert {case: names for case, names in found.items() if names} == {}
