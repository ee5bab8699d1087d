"""A parameter is a number with bounds, unit, status and source, or it is refused when it is declared."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from partnersim.errors import MechanismError, ParameterError, PartnersimError, nearest
from partnersim.parameters import Parameter

RIGHT = {
    "name": "pace",
    "default": 0.5,
    "bounds": (0, 1),
    "unit": "1/month",
    "role": "world",
    "status": "assumed",
    "source": "assumed: a test",
    "meaning": "pace of learning",
    "sweep": (0.2, 0.8),
    "sign": "+",
}


def declare(**changes):
    return Parameter(**RIGHT | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"default": 0.0},
        {"default": 1.0},
        {"sweep": (0, 1)},
        {"role": "lever"},
        {"role": "fixed", "sweep": None},
        {"sign": ""},
        *({"status": s} for s in ("measured", "calibrated", "definition")),
    ],
    ids=str,
)
def test_what_is_declared_rightly_is_accepted(changes):
    assert declare(**changes).name == "pace"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"default": 1.01}, "default 1.01 of pace is outside 0 to 1"),
        ({"default": -0.01}, "default -0.01 of pace is outside 0 to 1"),
        ({"default": float("nan")}, "default nan of pace is outside 0 to 1"),
        ({"bounds": (1, 0)}, "default 0.5 of pace is outside 1 to 0"),
        ({"role": "levr"}, r"role 'levr' of pace is unknown(.|\n)*world, lever, fixed"),
        ({"status": "guessed"}, r"status 'guessed' of pace is unknown(.|\n)*measured, calibrated, assumed, definition"),
        ({"sign": "up"}, "sign 'up' of pace is unknown"),
        ({"source": ""}, r"pace lacks a unit, a source or a meaning(.|\n)*assumed: why"),
        ({"meaning": ""}, "pace lacks a unit, a source or a meaning"),
        ({"unit": ""}, "pace lacks a unit, a source or a meaning"),
        ({"sweep": None}, "a sweep range goes with world and lever parameters"),
        ({"role": "fixed"}, "and only with them"),
        ({"sweep": (-0.1, 0.5)}, r"sweep range \(-0.1, 0.5\) of pace does not lie inside \(0, 1\)"),
        ({"sweep": (0.5, 1.1)}, "does not lie inside"),
        ({"sweep": (0.8, 0.2)}, "does not lie inside"),
        ({"sweep": (0.5, 0.5)}, "does not lie inside"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_declared_wrongly_is_refused(changes, message):
    with pytest.raises(ParameterError, match=message) as found:
        declare(**changes)
    assert found.value.where == "parameter pace"


@pytest.mark.parametrize("value", [0, 1, 0.25, 1.0])
def test_a_value_inside_the_bounds_comes_back_as_a_float(value):
    found = declare().check(value, mechanism="learning")
    assert found == value
    assert type(found) is float


@pytest.mark.parametrize("value", [-0.001, 1.001, float("nan"), float("inf"), 10**400])
def test_a_value_outside_the_bounds_is_refused_with_all_a_user_needs(value):
    with pytest.raises(ParameterError) as found:
        declare().check(value, mechanism="learning", where="my.toml, line 3")
    error = found.value
    assert error.what == f"learning.pace = {value} is outside 0 to 1 (1/month)"
    assert error.where == "my.toml, line 3"
    assert error.allowed == "0 to 1; default 0.5"
    assert error.fix.endswith("this one means: pace of learning")


@pytest.mark.parametrize("value", [True, False, "0.5", None, [0.5], 0.5j])
def test_what_is_no_number_is_refused_and_so_is_true(value):
    with pytest.raises(ParameterError, match=r"learning\.pace = .* is not a number(.|\n)*a number \(1/month\)"):
        declare().check(value, mechanism="learning")


@pytest.mark.parametrize("value", [np.float32(0.5), np.int64(1), np.int32(0)])
def test_a_numpy_number_is_a_number(value):
    assert declare().check(value, mechanism="learning") == float(value)


def test_numpys_true_is_refused_too():
    with pytest.raises(ParameterError, match="is not a number"):
        declare().check(np.True_, mechanism="learning")


def test_every_parameter_of_the_model_accepts_its_default_and_both_bounds(real):
    for name, mechanism in real.mechanisms.items():
        for parameter in mechanism.parameters:
            for value in (parameter.default, *parameter.bounds, *(parameter.sweep or ())):
                assert parameter.check(value, mechanism=name) == value


def test_an_error_shows_what_it_knows_and_leaves_out_what_it_does_not():
    error = MechanismError("It is wrong", where="file x", fix="mend it")
    assert str(error) == "It is wrong\n  where   file x\n  fix     mend it"
    assert str(PartnersimError("It is wrong", allowed="this")) == "It is wrong\n  allowed this"
    assert SimpleNamespace(**vars(error)) == SimpleNamespace(what="It is wrong", where="file x", allowed="", fix="mend it")


def test_the_nearest_names_are_offered_and_all_of_a_few_where_none_is_near():
    assert nearest("trsut", ["trust", "clarity"]) == "did you mean trust?"
    assert nearest("xyz", ["b", "a"]) == "known: a, b"
    assert nearest("xyz", [f"name{n}" for n in range(20)]).endswith(" ...")
