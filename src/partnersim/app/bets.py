"""Place your bet: the class says what will happen before it sees it; predictions are counted, people are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from partnersim.errors import ScenarioError
from partnersim.model.outcomes import Life

__all__ = ["CHOICES", "Bet", "Book"]

Kind = Literal["fate", "against", "drawn"]
CHOICES: dict[str, tuple[str, ...]] = {
    "fate": ("dies by year 5", "dies in years 6 to 10", "dies after year 10", "lives on"),
    "against": ("B lives longer", "about the same", "A lives longer"),
}
SAME = 12
"""Lives that differ by no more months than this are about the same."""
CLOSE = 0.15
"""A drawn line is right if it is this close to what came, on average."""


@dataclass(frozen=True)
class Bet:
    """A prediction; `points` are (month, value) of a drawn line."""

    kind: Kind
    question: str
    pick: str = ""
    points: tuple[tuple[float, float], ...] = ()
    came: str = ""
    right: bool | None = None

    def __post_init__(self) -> None:
        if self.kind != "drawn" and self.pick not in CHOICES[self.kind]:
            raise ScenarioError(f"{self.pick!r} is no answer", where="bet", allowed=", ".join(CHOICES[self.kind]))
        if self.kind == "drawn" and len(self.points) < 2:
            raise ScenarioError("the drawn line is too short", where="bet", fix="draw from left to right across the chart")


@dataclass
class Book:
    """The bets of a class; the last one may still be open."""

    bets: list[Bet] = field(default_factory=list)

    @property
    def open(self) -> Bet | None:
        """The bet that waits for its answer."""
        return self.bets[-1] if self.bets and self.bets[-1].right is None else None

    @property
    def score(self) -> tuple[int, int]:
        """Predictions that were right, and all that were settled."""
        settled = [bet for bet in self.bets if bet.right is not None]
        return sum(bool(bet.right) for bet in settled), len(settled)

    def place(self, bet: Bet) -> None:
        """Take a bet; it replaces one that is still open."""
        if self.open:
            self.bets.pop()
        self.bets.append(bet)

    def settle(self, a: Life, b: Life, alive_index: Sequence[float]) -> Bet:
        """Say what came, and whether the open bet was right."""
        bet = self.open
        if bet is None:
            raise ScenarioError("there is no open bet", where="bet")
        if bet.kind == "drawn":
            distance = apart(bet.points, alive_index)
            came, right = f"{distance:.2f} away on average", distance <= CLOSE
        else:
            came = fate(b) if bet.kind == "fate" else against(a, b)
            right = came == bet.pick
        self.bets[-1] = Bet(bet.kind, bet.question, bet.pick, bet.points, came, right)
        return self.bets[-1]


def fate(life: Life) -> str:
    """Say what became of practice, as a bet does."""
    early, middle, late, alive = CHOICES["fate"]
    if life.born < 0:
        return early
    if not life.died:
        return alive
    return early if life.end <= 60 else middle if life.end <= 120 else late


def against(a: Life, b: Life) -> str:
    """Say which district's practice lived longer; one that is alive at the end outlives all that are not."""
    longer, same, shorter = CHOICES["against"]
    if a.died == b.died and (not a.died or abs(a.months - b.months) <= SAME):
        return same
    if a.died != b.died:
        return longer if a.died else shorter
    return longer if b.months > a.months else shorter


def apart(points: Sequence[tuple[float, float]], alive_index: Sequence[float]) -> float:
    """Return the mean distance between a drawn line and what came, over the months drawn."""
    ordered = sorted(points)
    x, y = np.array([p[0] for p in ordered]), np.array([p[1] for p in ordered])
    months = np.arange(max(1, int(np.ceil(x[0]))), min(len(alive_index) - 1, int(x[-1])) + 1)
    if not len(months):
        return float("inf")
    return float(np.abs(np.interp(months, x, y) - np.asarray(alive_index)[months]).mean())
