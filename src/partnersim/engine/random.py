"""Random draws addressed by (seed, replicate, stream, month, entity, block): a pure function of the address, no state.

What one mechanism draws never moves what another draws, a run can start in any month, and the order of a loop is free.
An address gives a block of four 32-bit words (Philox4x32-10, Salmon et al. 2011, doi:10.1145/2063384.2063405); every
decision takes one uniform from a word of its own, never a rejection loop. The words are held in int64 and masked: that
is exact in plain Python and wraps to the same bits when compiled, and LLVM makes it vector code. With uint64 the two
lanes part: numpy turns `uint64 + int64` into a float and warns of overflow.
"""

from __future__ import annotations

from hashlib import blake2s

import numpy as np
from numba import njit
from numpy.typing import NDArray

from partnersim.errors import MechanismError, ParameterError

MASK = 0xFFFFFFFF
UNIT = 2.0**-32

STREAMS: dict[int, str] = {}  # every stream name of this process, by id


def stream(name: str) -> np.int64:
    """Return the 32-bit id of a stream, made from its name alone, and enter it in `STREAMS`.

    Call it once for each purpose, at module level, so that the id is frozen in the compiled code. It is a numpy integer
    because numba compiles a function anew for every plain integer constant it is called with.
    """
    number = int.from_bytes(blake2s(name.encode(), digest_size=4).digest(), "little")
    holder = STREAMS.setdefault(number, name)
    if holder != name:
        raise MechanismError(
            f"streams {name!r} and {holder!r} have the same id {number}, so their draws would be equal",
            where=f"stream({name!r})",
            allowed="any name whose id is free",
            fix="rename one of the two streams",
        )
    return np.int64(number)


def check_key(value: object, what: str) -> int:
    """Return `value` (seed or replicate, called `what`) as an int; only an integer 0 to 2^32 - 1 is accepted."""
    # Seed and replicate are the two key words as they are; folding larger values in would give two seeds equal draws.
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= value <= MASK:
        return int(value)
    raise ParameterError(
        f"{what} is {value!r}",
        where=what,
        allowed=f"an integer from 0 to {MASK}",
        fix="give a whole number in this range, not text, a fraction or True",
    )


@njit(inline="always")
def _rounds(key0: int, key1: int, stream: int, month: int, entity: int, number: int) -> tuple[int, int, int, int]:
    # int(): numpy integers would overflow with a warning when this runs uncompiled.
    key0, key1 = int(key0) & MASK, int(key1) & MASK
    a, b, c, d = int(entity) & MASK, int(number) & MASK, int(month) & MASK, int(stream) & MASK
    for _ in range(10):
        p = 0xD2511F53 * a
        q = 0xCD9E8D57 * c
        a, b, c, d = ((q >> 32) & MASK) ^ b ^ key0, q & MASK, ((p >> 32) & MASK) ^ d ^ key1, p & MASK
        key0 = (key0 + 0x9E3779B9) & MASK
        key1 = (key1 + 0xBB67AE85) & MASK
    return a, b, c, d


@njit(error_model="numpy")
def block(key0: int, key1: int, stream: int, month: int, entity: int, number: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words at an address (Philox4x32-10); only the low 32 bits of each argument count.

    The counter is (entity, number, month, stream), the key (seed, replicate); `number` counts the blocks of an entity.
    """
    return _rounds(key0, key1, stream, month, entity, number)


@njit(inline="always")
def unit(word: int) -> float:
    """Return the uniform of a word, in (0, 1): never 0 or 1, so `log` and `normal` are safe; step 2^-32."""
    return (int(word) + 0.5) * UNIT


@njit(error_model="numpy")
def units(key0: int, key1: int, stream: int, month: int, entities: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Fill `out` [4, entity] with the uniforms of block 0 of many entities; a row a word, which is what becomes vector code."""
    for n in range(entities.shape[0]):
        a, b, c, d = _rounds(key0, key1, stream, month, entities[n], 0)
        out[0, n] = unit(a)
        out[1, n] = unit(b)
        out[2, n] = unit(c)
        out[3, n] = unit(d)


@njit(inline="always")
def pick(word: int, size: int) -> int:
    """Return an index 0 to size - 1 (size from 1 to 2^31), each equally likely up to size / 2^32."""
    return (int(word) * int(size)) >> 32
