"""Phases of a run, found in the alive index: stretches of like practice within each life, the year of death, and what came after.

Within a life the months are divided where the mean of C changes: of all divisions into stretches of a year and more, the one with the
least sum of squared deviations plus a price for each stretch (Jackson et al. 2005, optimal partitioning). The price, and
the length from which a later life counts, grow until the whole run has no more phases than asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from partnersim.model.outcomes import SPELL, Floats, Life

__all__ = ["Phase", "phases_of"]

PRICE = 0.25
"""Price of one more stretch [squared C x months]: a change of .15 has to last for about a year and a half to be worth it."""
LIKE = 0.05
"""Levels of C closer than this are told as the same."""
SHORT = 24
"""Later lives of fewer months than this are part of the aftermath."""
BLOOM = 0.6
"""A level of C from which a stretch is called a bloom: as in a district whose leaders always and three schools in ten collaborate."""


@dataclass(frozen=True)
class Phase:
    """A stretch of months with a name; `life` is the number of the life of practice it belongs to, -1 between lives."""

    name: str
    first: int
    last: int
    life: int = -1


def phases_of(alive_index: Floats, lives: Sequence[Life], most: int = 5) -> list[Phase]:
    """Return the phases of months 1..T in order, without gaps; more than `most` only where fewer cannot be."""
    months = len(alive_index) - 1
    price, short = PRICE, float(SHORT)
    while True:
        found, next_month = [], 1
        for n, life in enumerate(lives):
            if n and life.died and life.months < short:
                continue
            if life.born > next_month:
                found.append(Phase("Aftermath" if n else "Before", next_month, life.born - 1))
            living = life.end - SPELL if life.died else life.end
            if living >= life.born:
                found += _named(alive_index, _stretches(alive_index, life.born, living, price), n, life.born == 1)
            if life.died:
                found.append(Phase("Death" if n == 0 else "Death again", max(life.born, living + 1), life.end, n))
            next_month = life.end + 1
        if next_month <= months:
            found.append(Phase("Aftermath" if lives else "No partnership in practice", next_month, months))
        if len(found) <= most or price > months:
            return found
        price, short = 1.5 * price, 1.2 * short


def _named(alive_index: Floats, stretches: Sequence[tuple[int, int]], life: int, from_start: bool) -> list[Phase]:
    levels = [float(alive_index[first : last + 1].mean()) for first, last in stretches]
    names = ["Founding" if from_start else "Practice begins" if life == 0 else "A new beginning"]
    for before, now in pairwise(levels):
        if abs(now - before) < LIKE:
            names.append("More of the same")
        elif now > before:
            names.append(
                "Recovery"
                if names[-1] in ("Decline", "A setback")
                else "Growth"
                if now < BLOOM
                else "Full bloom"
                if "Bloom" in names
                else "Bloom"
            )
        else:
            names.append("A setback" if now >= BLOOM else "Decline")
    return [Phase(name, first, last, life) for name, (first, last) in zip(names, stretches, strict=True)]


def _stretches(alive_index: Floats, first: int, last: int, price: float) -> list[tuple[int, int]]:
    """Divide months first..last into stretches of at least SPELL months at the least cost."""
    x = alive_index[first : last + 1]
    total, squares = np.concatenate([[0.0], np.cumsum(x)]), np.concatenate([[0.0], np.cumsum(x * x)])
    cost, begins = np.full(len(x) + 1, np.inf), np.zeros(len(x) + 1, np.int64)
    cost[0] = -price
    for end in range(1, len(x) + 1):
        begin = np.arange(max(1, end - SPELL + 1))
        mean = (total[end] - total[begin]) / (end - begin)
        spread = squares[end] - squares[begin] - (end - begin) * mean * mean
        tried = np.where((begin == 0) | (begin >= SPELL), cost[begin] + spread + price, np.inf)
        begins[end] = begin[np.argmin(tried)]
        cost[end] = tried.min()
    out, end = [], len(x)
    while end > 0:
        out.append((first + int(begins[end]), first + end - 1))
        end = int(begins[end])
    return out[::-1]
