"""What a run leaves behind: series by month, dated events, and the ledger of what moved each followed column.

Recorders receive no random key, so watching a world can never change it. Every recorder is an array; one of zero rows
is switched off and has the same type, so it costs no second compilation.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from partnersim.engine.numeric import logit
from partnersim.errors import MechanismError

WORDS: dict[int, str] = {}
"""Words that events use, by code."""

EVENT_FIELDS = ("month", "kind", "group", "site", "side", "cause", "size")


def word(text: str) -> float:
    """Return the code of a word for the event table: stable, from the text alone, a float as the whole table is."""
    code = int.from_bytes(blake2s(text.encode(), digest_size=4).digest(), "little")
    if WORDS.setdefault(code, text) != text:
        raise MechanismError(f"the words {WORDS[code]!r} and {text!r} share the code {code}", fix="rename one of them")
    return float(code)


NOTHING = word("")


@njit(error_model="numpy")
def note(events, month, kind, group, site, side, cause, size):  # type: ignore[no-untyped-def]
    """Write one event. Row 0 holds the count; a full table keeps counting, and the caller sees that rows are missing."""
    if events.shape[0] == 0:
        return
    row = int(events[0, 0]) + 1
    events[0, 0] = row
    if row < events.shape[0]:
        events[row, 0] = month
        events[row, 1] = kind
        events[row, 2] = group
        events[row, 3] = site
        events[row, 4] = side
        events[row, 5] = cause
        events[row, 6] = size


@njit(error_model="numpy")
def account(column, group, book, month, marks, ledger):  # type: ignore[no-untyped-def]
    """Book the change of the group means of `column` since the last look; `book` holds scale, stock and mechanism.

    The runner calls this after every function that may change the column, so the lines of a month add up to its change
    whatever the functions did inside (clipping included). `column` is flat; scale 1 follows the log-odds; a mechanism below
    0 only looks. The numbers come in an array because numba would compile a version for each combination of literals.
    """
    scale, stock, line = book[0], book[1], book[2]
    width = column.size // group.size
    for g in range(marks.shape[1]):
        total = 0.0
        count = 0
        for n in range(column.size):
            if group[n // width] == g:
                total += logit(column[n]) if scale == 1 else column[n]
                count += 1
        mean = total / count if count > 0 else 0.0
        if line >= 0:
            ledger[month, g, stock, line] += mean - marks[stock, g]
        marks[stock, g] = mean


@njit(error_model="numpy")
def pin(column, held, offset):  # type: ignore[no-untyped-def]
    """Set a flat column to its held values."""
    for n in range(column.size):
        column[n] = held[offset + n]


@dataclass(frozen=True)
class Record:
    """The arrays of one run, as the compiled loop fills them.

    series [month, outcome]; events [row, field] with the count in row 0; ledger [month, group, stock, mechanism];
    will [month, group, input]; marks [stock, group] (last means, so that a run may stop and go on); fault (code, entity, month).
    """

    series: NDArray[np.float64]
    events: NDArray[np.float64]
    ledger: NDArray[np.float64]
    will: NDArray[np.float64]
    marks: NDArray[np.float64]
    fault: NDArray[np.int64]

    @classmethod
    def empty(cls, months: int, *, outcomes: int, events: int, stocks: int, lines: int, groups: int, inputs: int, ledger: bool) -> Record:
        """Allocate for months 0 .. `months`; the ledger has zero months when not wanted."""
        booked = months + 1 if ledger else 0
        return cls(
            series=np.zeros((months + 1, outcomes)),
            events=np.zeros((events + 1, len(EVENT_FIELDS))),
            ledger=np.zeros((booked, groups, stocks, lines)),
            will=np.zeros((booked, groups, inputs)),
            marks=np.zeros((stocks, groups)),
            fault=np.zeros(3, np.int64),
        )

    def clear(self) -> None:
        """Make the arrays ready for another run."""
        for array in (self.series, self.events[:1], self.ledger, self.will, self.marks, self.fault):
            array.fill(0)

    def event_rows(self) -> NDArray[np.float64]:
        """Return the events written so far, oldest first."""
        return self.events[1 : int(self.events[0, 0]) + 1]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name the arrays as functions of the plan ask for them."""
        return {name: getattr(self, name) for name in ("series", "events", "ledger", "will", "marks", "fault")}
