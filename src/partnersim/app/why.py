"""Why? What moved trust and the will to collaborate in the months up to the marked one, by mechanism, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnersim.analysis.accounts import WILL
from partnersim.analysis.narrative import LABELS

if TYPE_CHECKING:
    from partnersim.story import Story

__all__ = ["Moved", "why"]

SPAN = 12
"""Months that the panel looks back."""
LINES = 5
STOCKS = (("strategic", "trust"), ("workplace", "trust"), ("strategic", WILL), ("workplace", WILL))


@dataclass(frozen=True)
class Moved:
    """What a stock of a tier did over some months, and the mechanisms that did most, the largest first."""

    tier: str
    stock: str
    unit: str
    change: float
    lines: tuple[tuple[str, float], ...]
    rest: float


def why(story: Story, month: int, span: int = SPAN) -> tuple[int, int, list[Moved]]:
    """Return the months looked at, and what moved trust and will at both tiers."""
    last = max(1, min(month, story.accounts.months))
    first = max(1, last - span + 1)
    moved = story.accounts.moved(first, last)
    out = []
    for tier, stock in STOCKS:
        lines = sorted(moved[tier, stock].items(), key=lambda item: -abs(item[1]))
        shown = [(LABELS.get(name, name.replace("_", " ")), change) for name, change in lines[:LINES] if abs(change) >= 0.005]
        total = sum(change for _, change in lines)
        rest = total - sum(change for _, change in shown)
        out.append(Moved(tier, stock, story.accounts.units[stock], total, tuple(shown), rest))
    return first, last, out
