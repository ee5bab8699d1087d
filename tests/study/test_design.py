"""Designs are what they are called, grow without losing points, and stay within bounds."""

import itertools

import numpy as np
import pytest

from partnersim.errors import PartnersimError
from partnersim.scenarios.declared import plan
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import declared_parameters
from partnersim.study.design import KINDS, Design, _words, two_levels
from partnersim.study.factors import Factor, chosen, vary

AB = (Factor("trust.news", low=0.1, high=0.9), Factor("succession.outside", (0.0, 0.5, 1.0)))


def drawn(kind, n=8, factors=AB, **more):
    return Design(kind, factors, n=n, **more)


def test_a_grid_has_every_combination_once():
    columns = Design("grid", AB, levels=3).columns(seed=1)
    points = list(zip(*columns.values(), strict=True))
    assert sorted(points) == sorted(itertools.product((0.1, 0.5, 0.9), (0.0, 0.5, 1.0)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_design_has_as_many_points_as_it_says(kind):
    two = (Factor("trust.news", (0.1, 0.9)), Factor("succession.outside", (0.0, 1.0)))
    design = drawn(kind, factors=two, rows=({"trust.news": 0.1}, {"succession.outside": 1.0}), levels=4 if kind == "morris" else 0)
    columns = design.columns(seed=1)
    assert {len(values) for values in columns.values()} == {design.size}


@pytest.mark.parametrize("kind", ["latin", "sequence", "sobol", "morris"])
def test_drawn_points_stay_within_bounds_and_repeat_with_the_seed(kind):
    design = drawn(kind, 16)
    a, b, c = design.columns(1), design.columns(1), design.columns(2)
    assert a == b != c
    assert all(0.1 <= value <= 0.9 for value in a["trust.news"])
    assert set(a["succession.outside"]) <= {0.0, 0.5, 1.0}


@pytest.mark.parametrize("kind", ["sequence", "sobol", "morris"])
def test_a_larger_design_begins_with_the_smaller_one(kind):
    few, many = drawn(kind, 8).shares(7), drawn(kind, 16).shares(7)
    assert np.array_equal(few, many[: len(few)])


def test_a_latin_hypercube_has_one_point_in_each_slice():
    shares = drawn("latin", 20).shares(1)
    for column in shares.T:
        assert sorted((column * 20).astype(int)) == list(range(20))


def test_a_trajectory_moves_one_factor_at_a_time_by_half_the_levels():
    shares = drawn("morris", 5, levels=4).shares(1).reshape(5, 3, 2)
    moved = np.diff(shares, axis=1)
    assert np.allclose(np.abs(moved).max(axis=2), 2 / 3)
    assert (np.count_nonzero(moved, axis=2) == 1).all()
    assert (np.count_nonzero(moved, axis=1) == 1).all()


@pytest.mark.parametrize("resolution", [3, 4, 5])
@pytest.mark.parametrize("k", [2, 5, 11])
def test_no_fewer_factors_than_the_resolution_are_mixed_up(k, resolution):
    words, _ = _words(k, resolution)
    for count in range(1, resolution):
        for some in itertools.combinations(words, count):
            assert np.bitwise_xor.reduce(some) != 0


def test_a_fractional_factorial_is_balanced_and_smaller_than_the_full_one():
    points = two_levels(*_words(11, 4))
    assert len(points) == 32 < 2**11
    signs = 2 * points - 1
    assert np.array_equal(signs.T @ signs, 32 * np.eye(11))


def test_salib_finds_the_effects_of_a_known_function_in_our_designs():
    """Effects of 1 and 3 on a line: elementary effects are exact, Sobol indices .1 and .9 within .02 at 1024 points and a fixed seed."""
    pytest.importorskip("SALib")
    from SALib.analyze import morris, sobol

    two = (Factor("a.a"), Factor("b.b"))
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1], [0, 1]]}
    x = Design("morris", two, n=10, levels=4).shares(1)
    found = morris.analyze(problem, x, x @ [1.0, 3.0], num_levels=4, seed=1)
    assert list(found["mu_star"]) == pytest.approx([1.0, 3.0])
    x = Design("sobol", two, n=1024).shares(1)
    indices = sobol.analyze(problem, x @ [1.0, 3.0], calc_second_order=False, seed=1)
    assert indices["S1"] == pytest.approx([0.1, 0.9], abs=0.02)
    assert indices["ST"] == pytest.approx([0.1, 0.9], abs=0.02)


def test_a_factor_takes_each_of_its_values_equally_often():
    factor = Factor("start.kind", ("founding", "mature", "adversarial"))
    assert [factor.at(share) for share in (0.0, 0.3, 0.4, 0.7, 1.0)] == ["founding", "founding", "mature", "adversarial", "adversarial"]
    sites = Factor("district.sites", low=1, high=4)
    assert {sites.at(share) for share in np.linspace(0, 1, 50)} == {1, 2, 3, 4}


def test_equal_steps_of_a_logarithmic_range_are_equal_ratios():
    factor = Factor("succession.team_exit", low=0.001, high=0.1, log=True)
    assert factor.levels(3) == pytest.approx((0.001, 0.01, 0.1))


def test_globs_take_the_sweep_ranges_and_leave_conventions_out():
    found = {factor.key: factor for factor in chosen("succession.*", plan())}
    parameters = declared_parameters(plan())
    wanted = {key for key, p in parameters.items() if key.startswith("succession.") and p.sweep is not None}
    assert set(found) == wanted
    assert (found["succession.outside"].low, found["succession.outside"].high) == (0.0, 1.0)
    assert all(factor.values == (True, False) for factor in chosen("mechanisms.*", plan()))
    with pytest.raises(PartnersimError, match=r"succession\."):
        chosen("succesion.*", plan())
    with pytest.raises(PartnersimError, match="no usual range"):
        chosen("succession.inherited", plan())


def test_points_become_scenarios_that_keep_everything_else():
    base = load_scenario("abc-unified")
    values = {
        "start.trust.workplace": 0.2,
        "district.sites": 3.0,
        "mechanisms.networks": False,
        "succession.outside": 0.7,
        "trust.news": None,
    }
    varied = vary(base, values)
    assert varied.name == base.name
    assert varied.start["trust"] == (0.55, 0.2)
    assert (varied.sites, varied.left_out) == (3, ("networks",))
    assert dict(varied.parameters) == {**base.parameters, "succession.outside": 0.7}
    assert vary(varied, {"mechanisms.networks": True}).left_out == ()
    assert vary(base, {}) is base
