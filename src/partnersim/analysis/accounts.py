"""The tables of one run, and every number in them by an address, so that whatever is told can be looked up again.

Addresses
    ::

        series/alive_index/52                            an outcome in a month; `41-52`: its mean over these months
        ledger/strategic/trust/29-34                     change of a stock over months (one month: `29`)
        ledger/strategic/trust/succession/29-34          one line of it
        moved/workplace/will to collaborate/economy/41-52   what a mechanism did to the will over these months
        event/17/size                                    a field (month, size) of a row of the events
        count/breach/1-52, count/breach/union/1-52       events of a kind, of one side, without those the scenario prescribes
        timeline/0/share                                 an argument of an event of the scenario
        life/0/end, life/0/months, life/0/height         a life of practice: born, end, months, month of its highest C
        form/end                                         the first life of the form
        window/41-52, rule/alive                         length of a window; a convention

What adds up
    Lines of a stock are booked by mechanism and month, and sums of them are exact. The will moves month by month through its
    inputs (trust, stakes, signals ...), exactly too; what is behind an input is found by passing it on in proportion to what
    moved the stock, which has a meaning over a window of months and not for one alone, as gains and losses cancel within it. So
    the ledger holds the will by input, and `moved` splits it by mechanism over any window, as the cause of death is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import ALIVE, SMOOTHING, Floats, Life

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BY_SCENARIO", "WILL", "Accounts", "lives_of", "window"]

BY_SCENARIO = "by scenario"
"""Cause of events that note what a scenario prescribes."""
WILL = "will to collaborate"
STOCKS = {"value": "relationship value", "memory": "conflict memory"}
"""Followed columns whose name says too little by itself."""


def window(first: int, last: int) -> str:
    """Write months as addresses do."""
    return f"{first}-{last}"


def lives_of(alive_index: Floats, *, founded: bool) -> list[Life]:
    """Return all lives of practice, one after another; `outcomes.practice_life` finds the first."""
    out: list[Life] = []
    before = 0
    while before < len(alive_index) - 1:
        life = outcomes.practice_life(alive_index[before:], founded=founded and not out)
        if life.born < 0:
            break
        life = Life(before + life.born, life.months, life.died)
        out.append(life)
        if not life.died:
            break
        before = life.end
    return out


@dataclass(frozen=True)
class Accounts:
    """What one run left behind: series [month, outcome], events, ledger [month, tier, stock, mechanism], will [month, tier, input]."""

    series: Floats
    events: pd.DataFrame
    booked: Floats
    will: Floats
    lines: Sequence[str]
    stocks: Mapping[str, str]
    """Unit of each followed stock, in the order of the ledger."""
    inputs: Sequence[str]
    timeline: Sequence[Mapping[str, object]]
    lives: Sequence[Life]
    form: Life

    @property
    def months(self) -> int:
        """Length of the run."""
        return len(self.series) - 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the stocks as they are told."""
        return tuple(STOCKS.get(name, name) for name in self.stocks)

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of each stock and of the will."""
        return dict(zip(self.names, self.stocks.values(), strict=True)) | {WILL: "gu"}

    # -- tables ---------------------------------------------------------------------------------------------------

    def ledger(self) -> pd.DataFrame:
        """Return every booked change: month, tier, stock, line, change, unit."""
        import pandas as pd

        parts = []
        for what, table, lines in [(n, self.booked[:, :, k], self.lines) for k, n in enumerate(self.names)] + [
            (WILL, self.will, self.inputs)
        ]:
            month, tier, line = np.nonzero(table)
            columns = {
                "month": month,
                "tier": np.array(GROUPS, object)[tier],
                "stock": what,
                "line": np.array(lines, object)[line],
                "change": table[month, tier, line],
                "unit": self.units[what],
            }
            parts.append(pd.DataFrame(columns))
        frame = pd.concat(parts, ignore_index=True)
        return frame.sort_values("month", kind="stable").reset_index(drop=True)

    def moved(self, first: int, last: int) -> dict[tuple[str, str], dict[str, float]]:
        """Return what each mechanism did over these months: (tier, stock) -> mechanism -> change, the will among the stocks."""
        if (first, last) not in self._known:
            self._known[first, last] = self._moves(first, last)
        return self._known[first, last]

    @cached_property
    def _known(self) -> dict[tuple[int, int], dict[tuple[str, str], dict[str, float]]]:
        return {}

    def _moves(self, first: int, last: int) -> dict[tuple[str, str], dict[str, float]]:
        months = slice(first, last + 1)
        wills = outcomes.parts_of_will(self.booked, self.will, months, self.lines, tuple(self.stocks), self.inputs)
        out = {}
        for g, tier in enumerate(GROUPS):
            for n, stock in enumerate(self.names):
                out[tier, stock] = _nonzero(dict(zip(self.lines, self.booked[months, g, n].sum(axis=0).tolist(), strict=True)))
            out[tier, WILL] = _nonzero(wills[g])
        return out

    def moved_frame(self, spans: Sequence[tuple[int, int]]) -> pd.DataFrame:
        """Return `moved` of several spans of months: first_month, last_month, tier, stock, line, change, unit."""
        import pandas as pd

        rows = [
            (first, last, tier, stock, line, change, self.units[stock])
            for first, last in spans
            for (tier, stock), lines in self.moved(first, last).items()
            for line, change in sorted(lines.items(), key=lambda item: item[1])
        ]
        return pd.DataFrame(rows, columns=["first_month", "last_month", "tier", "stock", "line", "change", "unit"])

    # -- one number -----------------------------------------------------------------------------------------------

    def value(self, address: str) -> float:
        """Return the number at an address."""
        table, *parts = address.split("/")
        return float(getattr(self, f"_{table}")(*parts))

    def _series(self, name: str, when: str) -> float:
        return self.series[_months(when), outcomes.NAMES.index(name)].mean()

    def _ledger(self, tier: str, stock: str, *rest: str) -> float:
        *line, when = rest
        table, lines = (self.will, self.inputs) if stock == WILL else (self.booked[:, :, self.names.index(stock)], self.lines)
        booked = table[_months(when), GROUPS.index(tier)]
        return booked[:, lines.index(line[0])].sum() if line else booked.sum()

    def _moved(self, tier: str, stock: str, line: str, when: str) -> float:
        months = _months(when)
        return self.moved(months.start, months.stop - 1)[tier, stock].get(line, 0.0)

    def _event(self, row: str, name: str) -> float:
        return self.events[name].iloc[int(row)]

    def _count(self, kind: str, *rest: str) -> int:
        *side, when = rest
        months = _months(when)
        found = (self.events["kind"] == kind) & self.events["month"].between(months.start, months.stop - 1)
        found &= self.events["cause"] != BY_SCENARIO
        return int((found & (self.events["side"] == side[0]) if side else found).sum())

    def _timeline(self, row: str, key: str) -> float:
        return float(self.timeline[int(row)][key])  # type: ignore[arg-type]

    def _life(self, row: str, name: str) -> int:
        life = self.lives[int(row)]
        if name == "height":
            # in the first months of a run C is a mean of few months
            first = min(max(life.born, SMOOTHING), life.end)
            return first + int(np.argmax(self.series[first : life.end + 1, outcomes.ALIVE_INDEX]))
        return int(getattr(life, name))

    def _form(self, name: str) -> int:
        return int(getattr(self.form, name))

    def _window(self, when: str) -> int:
        months = _months(when)
        return months.stop - months.start

    def _rule(self, name: str) -> float:
        return {"alive": ALIVE}[name]


def _months(when: str) -> slice:
    first, _, last = when.partition("-")
    return slice(int(first), int(last or first) + 1)


def _nonzero(lines: Mapping[str, float]) -> dict[str, float]:
    return {line: change for line, change in lines.items() if change != 0.0}
