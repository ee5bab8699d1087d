"""The functions of kernels: close to the exact value, monotone, tame at the ends, and the same bits everywhere."""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import partnersim.engine.numeric as numeric
from partnersim.engine.numeric import clip, exp, exponential, log, logistic, logit, normal

FUNCTIONS = {f.__name__: f for f in (exp, log, logistic, logit, exponential, normal)}
NAN, INF = math.nan, math.inf
BELOW_ONE = math.nextafter(1.0, 0.0)

# Exact arithmetic only: a grid made with the C library's functions would differ between machines.
HASH_OF_VALUES = """
from hashlib import sha256
from struct import pack
from partnersim.engine.numeric import exp, exponential, log, logistic, logit, normal
digest = sha256()
for i in range(10_000):
    x = (i - 5000) * 0.1416
    u = (i + 0.5) / 10_000
    power = 2.0 ** (i % 2044 - 1022)
    for value in (exp(x), exp(x / 128), log(power * (1 + u)), logistic(x / 16), logit(u), exponential(u), normal(u)):
        digest.update(pack("<d", value))
    digest.update(pack("<2d", normal(u * power if power < 1 else u / power), logit(u / 4096)))
digest = digest.hexdigest()
"""
PINNED_HASH = "e6b9e5238572f3051309eeb76a73deb20207fa53f6d97ecc2677143321013b07"


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@cache
def compiled_loop(f):
    """The function in a loop over an array, which LLVM turns into vector code."""

    @njit(error_model="numpy")
    def loop(xs, out):
        for i in range(xs.size):
            out[i] = f(xs[i])

    return loop


def over(f, xs: np.ndarray) -> np.ndarray:
    out = np.empty_like(xs)
    compiled_loop(f)(xs, out)
    return out


def worst_ulp(f, exact, xs: np.ndarray) -> float:
    """Largest distance from the exact value in units of its last place."""
    with mpmath.workdps(50):
        worst = mpmath.mpf(0)
        for x in xs.tolist():
            wanted = exact(mpmath.mpf(x))
            worst = max(worst, abs(f(x) - wanted) / math.ulp(float(wanted)))
        return float(worst)


def exact_normal(u: mpmath.mpf) -> mpmath.mpf:
    """Newton's method on the smaller tail, from a start that is right to 15 digits."""
    tail, side = (u, -1) if u <= 0.5 else (1 - u, 1)
    x = side * mpmath.mpf(normal(float(u)))
    for _ in range(3):
        x += (mpmath.erfc(x / mpmath.sqrt(2)) / 2 - tail) / mpmath.npdf(x)
    return side * x


def random() -> np.random.Generator:
    return np.random.default_rng(19)


def wide_positive(count: int) -> np.ndarray:
    """Doubles of every size from the smallest normal to the largest."""
    return np.ldexp(random().uniform(0.5, 1.0, count), random().integers(-1021, 1025, count))


def both_tails(count: int) -> np.ndarray:
    tails = np.ldexp(random().uniform(0.5, 1.0, count), random().integers(-50, 1, count))
    return np.concatenate([tails, 1.0 - tails[tails > 2.0**-52], 0.5 + 1e-6 * random().standard_normal(count)])


def test_exp_is_within_1_ulp():
    xs = np.concatenate([random().uniform(-708, 708, 4000), random().standard_normal(4000), np.arange(-708.0, 709.0)])
    assert worst_ulp(exp, mpmath.exp, xs) <= 1.0


def test_log_and_exponential_are_within_1_ulp():
    xs = np.concatenate([wide_positive(4000), random().uniform(0.3, 3.0, 4000), 1 + 1e-9 * np.arange(-500, 500)])
    xs = xs[xs != 1.0]
    assert worst_ulp(log, mpmath.log, xs) <= 1.0
    assert worst_ulp(exponential, lambda u: -mpmath.log(u), xs) <= 1.0


def test_logistic_is_within_3_ulp():
    xs = np.concatenate([random().uniform(-708, 708, 3000), 10.0 * random().standard_normal(5000)])
    assert worst_ulp(logistic, lambda x: 1 / (1 + mpmath.exp(-x)), xs) <= 3.0


def test_logit_is_within_4_ulp():
    xs = np.concatenate([random().uniform(0.0, 1.0, 4000), random().uniform(0.35, 0.65, 3000), both_tails(2000)])
    assert worst_ulp(logit, lambda p: mpmath.log(p) - mpmath.log1p(-p), xs[(xs != 0.5) & (xs < 1.0)]) <= 4.0


@pytest.mark.parametrize("part", ["middle", "outer", "far"])
def test_normal_is_within_6_ulp(part):
    xs = {
        "middle": np.concatenate([random().uniform(0.075, 0.925, 800), 0.5 + 1e-6 * random().standard_normal(200)]),
        "outer": np.concatenate([random().uniform(0.0, 0.075, 400), both_tails(800)]),
        "far": np.ldexp(random().uniform(0.5, 1.0, 600), random().integers(-1021, -36, 600)),
    }[part]
    assert worst_ulp(normal, exact_normal, xs[(xs != 0.5) & (xs < 1.0)]) <= 6.0


# Neighbouring doubles may come out in the wrong order by a last place; the step of a 32-bit draw is far wider.
@pytest.mark.parametrize("name", ["exp", "logistic"])
def test_functions_of_a_real_never_fall(name):
    values = over(FUNCTIONS[name], np.arange(-40 * 4096, 36 * 4096) / 4096)
    assert np.all(np.diff(values) >= 0.0)
    assert np.all(np.diff(over(FUNCTIONS[name], np.arange(-720.0, 720.0, 0.01))) >= 0.0)


@pytest.mark.parametrize(("name", "sign"), [("log", 1), ("exponential", -1), ("logit", 1), ("normal", 1)])
def test_functions_of_a_draw_keep_the_order_of_the_draws(name, sign):
    step = 2.0**-32
    starts = [0.0, 0.075, 0.4142, 0.5 - 1e-5, 0.5858, 0.7071, 0.925, 1.0 - 40000 * step, math.exp(-25.0)]
    for start in starts:
        draws = (math.floor(start / step) + np.arange(40000) + 0.5) * step
        assert np.all(sign * np.diff(over(FUNCTIONS[name], draws)) > 0.0)
    assert np.all(sign * np.diff(over(FUNCTIONS[name], np.arange(1, 2**18) * 2.0**-18)) > 0.0)


def test_normal_is_antisymmetric_to_the_bit_for_every_32_bit_draw():
    u = (random().integers(0, 2**32, 20000) + 0.5) * 2.0**-32
    assert np.array_equal(over(normal, u), -over(normal, 1.0 - u))
    assert normal(0.5) == 0.0


@given(st.floats(-36.0, 36.0))
def test_the_two_shares_of_a_choice_add_up_to_one(x):
    assert abs(logistic(x) + logistic(-x) - 1.0) <= 2.0**-52


@given(st.floats(-12.0, 12.0))
def test_logit_undoes_logistic(x):
    assert logit(logistic(x)) == pytest.approx(x, abs=1e-10)


@given(st.floats(-708.0, 708.0))
def test_log_undoes_exp(x):
    assert log(exp(x)) == pytest.approx(x, rel=1e-15, abs=3e-16)


def test_values_that_are_exact_come_out_exact():
    assert exp(0.0) == 1.0
    assert log(1.0) == 0.0
    assert [log(2.0**k) for k in (-2, -1, 1, 2)] == [k * math.log(2.0) for k in (-2, -1, 1, 2)]
    assert logistic(0.0) == 0.5
    assert logit(0.5) == 0.0
    assert exponential(1.0) == 0.0


def test_beyond_its_range_a_function_stays_at_the_end_of_it():
    assert exp(709.0) == exp(INF) == exp(708.0) < INF
    assert exp(-709.0) == exp(-INF) == exp(-708.0) >= sys.float_info.min
    smallest = log(sys.float_info.min)
    assert smallest == pytest.approx(-708.3964185322641, rel=1e-15)
    assert [log(x) for x in (0.0, -0.0, -1.0, -INF, 5e-324)] == [smallest] * 5
    assert log(INF) == log(sys.float_info.max) == pytest.approx(709.782712893384, rel=1e-15)
    assert exponential(0.0) == -smallest
    assert logistic(-INF) == logistic(-708.0) > 0.0
    assert logistic(INF) == 1.0
    assert [logit(p) for p in (0.0, -1.0, -INF)] == [smallest] * 3
    assert [logit(p) for p in (1.0, 2.0, INF)] == [logit(BELOW_ONE)] * 3
    assert logit(1.0) == pytest.approx(36.7368005696771, rel=1e-14)
    assert [normal(u) for u in (0.0, -1.0, -INF)] == [normal(sys.float_info.min)] * 3
    assert normal(0.0) == pytest.approx(-37.5193793471445, rel=1e-14)
    assert [normal(u) for u in (1.0, 2.0, INF)] == [normal(BELOW_ONE)] * 3
    assert normal(1.0) == pytest.approx(8.20953615160139, rel=1e-14)


def test_clip_returns_the_value_or_the_bound_it_has_passed():
    assert [clip(x, -1.0, 2.0) for x in (-INF, -1.0, 0.5, 2.0, INF)] == [-1.0, -1.0, 0.5, 2.0, 2.0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_is_passed_on_and_never_hidden(name):
    assert math.isnan(FUNCTIONS[name](NAN))
    assert np.isnan(over(FUNCTIONS[name], np.full(19, NAN))).all()
    assert math.isnan(clip(NAN, 0.0, 1.0))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_single_calls_vector_code_and_plain_python_give_the_same_bits(name):
    f = FUNCTIONS[name]
    plain = getattr(f, "py_func", f)  # with NUMBA_DISABLE_JIT it is plain already
    ends = [0.0, -0.0, 1.0, -1.0, INF, -INF, 5e-324, sys.float_info.min, sys.float_info.max, BELOW_ONE, 708.0, -708.0]
    xs = np.concatenate([random().uniform(0.0, 1.0, 4000), random().uniform(-750, 750, 3000), wide_positive(3000), ends])
    for x, value in zip(xs.tolist(), over(f, xs).tolist(), strict=True):
        assert bits(f(x)) == bits(plain(x)) == bits(value)


@pytest.mark.parametrize("kind", [int, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_other_number_types_are_taken_as_doubles(name, kind):
    f = FUNCTIONS[name]
    plain = getattr(f, "py_func", f)
    assert f(kind(1)) == plain(kind(1)) == f(1.0)
    assert type(plain(kind(1))) is float


@pytest.mark.parametrize("setting", [{"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}], ids=str)
def test_a_process_without_compiler_or_for_an_old_processor_computes_the_same(setting):
    source = Path(numeric.__file__).parents[2]
    path = os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-W", "error", "-c", HASH_OF_VALUES + "print(digest)"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path, **setting}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == PINNED_HASH


def test_this_process_computes_the_pinned_hash():
    space: dict[str, str] = {}
    exec(HASH_OF_VALUES, space)
    assert space["digest"] == PINNED_HASH
