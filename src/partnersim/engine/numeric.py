"""Scalar functions for kernels with the same bits on every machine, compiled or not.

The C library rounds `exp` and `log` differently from one machine to the next, and a threshold can turn a last bit into
another history. These functions use only additions, multiplications, divisions, square roots, comparisons and the bit
pattern of a double, all of which IEEE 754 fixes; never write `**`, `math.exp` or `fastmath` here. Conditions only
choose between values, so that a loop over agents becomes vector code. The functions never raise: an argument outside
the range is moved to its end, and NaN stays NaN. The accuracies are measured against 50 digits.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

LARGEST = 1.7976931348623157e308  # largest double
SMALLEST = 2.2250738585072014e-308  # smallest normal double, 2^-1022
BELOW_ONE = 0.9999999999999999  # 1 - 2^-53, the largest double below 1
EXP_LIMIT = 708.0  # up to here exp and exp(-) are normal doubles

LOG2E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # ends in 21 zero bits, so its product with an exponent is exact
LN2_LOW = 1.90821492927058770002e-10
# Adding this rounds to an integer k and leaves k + 1023, the exponent field of 2^k, in the lowest bits of the sum.
TO_EXPONENT = 6755399441055744.0 + 1023.0
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


@njit(error_model="numpy")
def clip(x: float, low: float, high: float) -> float:
    """Return `x`, or the bound it has passed; NaN stays NaN."""
    x = low if x < low else x
    return high if x > high else x


@njit(error_model="numpy")
def exp(x: float) -> float:
    """Return e^x within 1 ulp for |x| <= 708; beyond, the value at 708 or -708, so never inf or 0."""
    x = clip(float(x), -EXP_LIMIT, EXP_LIMIT)
    shifted = x * LOG2E + TO_EXPONENT
    k = shifted - TO_EXPONENT
    r = (x - k * LN2_HIGH) - k * LN2_LOW  # |r| <= ln(2) / 2: the series to r^13 leaves 4e-18
    s = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    s = 1.0 / 39916800.0 + r * s
    s = 1.0 / 3628800.0 + r * s
    s = 1.0 / 362880.0 + r * s
    s = 1.0 / 40320.0 + r * s
    s = 1.0 / 5040.0 + r * s
    s = 1.0 / 720.0 + r * s
    s = 1.0 / 120.0 + r * s
    s = 1.0 / 24.0 + r * s
    s = 1.0 / 6.0 + r * s
    s = 0.5 + r * s
    s = 1.0 + (r + r * r * s)
    # A table of powers gives the same bits and costs twice as much: a look-up does not become vector code.
    field = int(np.float64(shifted).view(np.int64)) & 0x7FF
    return s * float(np.int64(field << 52).view(np.float64))


@njit(error_model="numpy")
def _atanh_tail(s: float) -> float:
    """Return 2 atanh(s) / s - 2 for |s| <= 0.1716; the terms of the series left out are below 2e-18."""
    z = s * s
    t = 2.0 / 19.0 + z * (2.0 / 21.0)
    t = 2.0 / 17.0 + z * t
    t = 2.0 / 15.0 + z * t
    t = 2.0 / 13.0 + z * t
    t = 2.0 / 11.0 + z * t
    t = 2.0 / 9.0 + z * t
    t = 2.0 / 7.0 + z * t
    t = 2.0 / 5.0 + z * t
    t = 2.0 / 3.0 + z * t
    return z * t


@njit(error_model="numpy")
def log(x: float) -> float:
    """Return the natural logarithm within 1 ulp for normal x > 0.

    Zero, negative and subnormal x give log(2^-1022) = -708.396..., infinity that of the largest double, 709.78...
    """
    x = clip(float(x), SMALLEST, LARGEST)
    bits = int(np.float64(x).view(np.int64))
    k = (bits - SQRT_HALF_BITS) >> 52  # x = 2^k m with m in [sqrt(1/2), sqrt(2))
    f = float(np.int64(bits - (k << 52)).view(np.float64)) - 1.0
    s = f / (2.0 + f)
    # log(1 + f) = 2 atanh(s) = f - (h - s (h + tail)) with h = f^2 / 2; the large term f is exact and is added last.
    h = 0.5 * f * f
    nan = x - x  # 0, or NaN: the bits of a NaN would pass for a number
    return k * LN2_HIGH - ((h - (s * (h + _atanh_tail(s)) + k * LN2_LOW)) - f) + nan


@njit(error_model="numpy")
def logistic(x: float) -> float:
    """Return 1 / (1 + e^-x), the share that log-odds x stand for, within 3 ulp; below -708, the value at -708."""
    return 1.0 / (1.0 + exp(-x))


@njit(error_model="numpy")
def logit(p: float) -> float:
    """Return the log-odds log(p / (1 - p)) of a share within 4 ulp; p <= 0 gives -708.396..., p >= 1 gives 36.7..."""
    p = clip(float(p), SMALLEST, BELOW_ONE)
    s = 2.0 * p - 1.0  # logit(p) = 2 atanh(2 p - 1); near p = 1/2 the quotient would lose its digits
    near = clip(s, -0.1716, 0.1716)
    return 2.0 * near + near * _atanh_tail(near) if s == near else log(p / (1.0 - p))


@njit(error_model="numpy")
def exponential(u: float) -> float:
    """Return -log(u), a waiting time with mean 1 for a uniform u in (0, 1), within 1 ulp."""
    return -log(u)


@njit(error_model="numpy")
def normal(u: float) -> float:
    """Return the standard normal quantile of `u` in (0, 1) by AS241, PPND16 (Wichura 1988), within 6 ulp.

    u <= 0 gives -37.5..., u >= 1 gives 8.2...; normal(1 - u) is -normal(u) wherever 1 - u is exact.
    """
    u = clip(float(u), SMALLEST, BELOW_ONE)
    q = u - 0.5
    if abs(q) <= 0.425:
        scale = q
        t = 0.180625 - q * q
        n = 33430.575583588128105 + t * 2509.0809287301226727
        n = 67265.770927008700853 + t * n
        n = 45921.953931549871457 + t * n
        n = 13731.693765509461125 + t * n
        n = 1971.5909503065514427 + t * n
        n = 133.14166789178437745 + t * n
        n = 3.387132872796366608 + t * n
        d = 28729.085735721942674 + t * 5226.495278852854561
        d = 39307.89580009271061 + t * d
        d = 21213.794301586595867 + t * d
        d = 5394.1960214247511077 + t * d
        d = 687.1870074920579083 + t * d
        d = 42.313330701600911252 + t * d
        d = 1.0 + t * d
    else:
        scale = -1.0 if q < 0.0 else 1.0
        r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
        if r <= 5.0:
            t = r - 1.6
            n = 2.27238449892691845833e-2 + t * 7.7454501427834140764e-4
            n = 2.4178072517745061177e-1 + t * n
            n = 1.27045825245236838258 + t * n
            n = 3.64784832476320460504 + t * n
            n = 5.7694972214606914055 + t * n
            n = 4.6303378461565452959 + t * n
            n = 1.42343711074968357734 + t * n
            d = 5.475938084995344946e-4 + t * 1.05075007164441684324e-9
            d = 1.51986665636164571966e-2 + t * d
            d = 1.4810397642748007459e-1 + t * d
            d = 6.8976733498510000455e-1 + t * d
            d = 1.6763848301838038494 + t * d
            d = 2.05319162663775882187 + t * d
            d = 1.0 + t * d
        else:  # tails below 1.4e-11, which a 32-bit draw never reaches
            t = r - 5.0
            n = 2.71155556874348757815e-5 + t * 2.01033439929228813265e-7
            n = 1.2426609473880784386e-3 + t * n
            n = 2.6532189526576123093e-2 + t * n
            n = 2.9656057182850489123e-1 + t * n
            n = 1.7848265399172913358 + t * n
            n = 5.4637849111641143699 + t * n
            n = 6.6579046435011037772 + t * n
            d = 1.4215117583164458887e-7 + t * 2.04426310338993978564e-15
            d = 1.8463183175100546818e-5 + t * d
            d = 7.868691311456132591e-4 + t * d
            d = 1.48753612908506148525e-2 + t * d
            d = 1.3692988092273580531e-1 + t * d
            d = 5.9983220655588793769e-1 + t * d
            d = 1.0 + t * d
    return scale * n / d
