"""The runs of a study cut into cells that share their worlds, and numbers with their intervals in words.

Intervals are 95 %, each on its own. Runs are paired by world; where runs go over the band, worlds with the same member are averaged first
and the members of the band are what is sampled, so that an interval holds what the evidence leaves open and not luck alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim import __version__
from partnersim.analysis import attribution
from partnersim.analysis.compare import differences
from partnersim.errors import ResultError
from partnersim.playing import LABELS, UNITS
from partnersim.study.factors import meaning
from partnersim.study.factors import unit as unit_of
from partnersim.study.findings import MONTH, SCENARIO, Finding, Selection, same

if TYPE_CHECKING:
    from partnersim.study.edition import Edition

__all__ = ["Found", "Interval", "Runs", "StudyResult", "chosen", "compared", "interval", "mean_of", "moves", "paired", "plain", "told"]

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]
"""Value, low, high."""


class StudyResult(Protocol):
    """What is read of a study: its edition and its runs."""

    @property
    def edition(self) -> Edition:
        """What is to be run."""

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run."""

    def counts(self) -> dict[str, int]:
        """Runs, done, failed and left."""

    def frame(self, table: str, *, columns: Sequence[str] | None = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """A table, or a part of it."""


@dataclass(frozen=True)
class Found:
    """A finding worked out: its sentence, the table behind it, what to mind, and how to draw it (returns axes)."""

    finding: Finding
    sentence: str
    table: pd.DataFrame
    draw: Callable[[], Any]
    caption: str
    notes: tuple[str, ...] = field(default=())


class Runs:
    """The runs of a study, ready to be cut into cells."""

    def __init__(self, study: StudyResult) -> None:
        self.study, self.edition = study, study.edition

    @cached_property
    def table(self) -> pd.DataFrame:
        """The table of runs, with `practice_alive` and `unit`: the band's member, or the world where there is no band."""
        runs = self.study.runs
        alive = ((runs["practice_born_month"] >= 0) & ~runs["practice_died"].astype(bool)).astype(float)
        unit = runs["replicate"]
        if "band_member" in runs.columns and (runs["band_member"] >= 0).all():
            unit = runs["band_member"]
        return runs.assign(practice_alive=alive, unit=unit)

    def values(self, outcome: str, *, by_month: bool) -> pd.DataFrame:
        """Return point, scenario, factors, replicate, unit, and the outcome (by month)."""
        if not by_month:
            return self.table
        columns = ["point", SCENARIO, "replicate", MONTH, outcome, *self.edition.factors]
        series = self.study.frame("series", columns=list(dict.fromkeys(columns)))
        return series.assign(unit=series["replicate"].map(self.table.groupby("replicate")["unit"].first()))

    def cells(self, outcome: str, selections: Sequence[Selection]) -> Floats:
        """Return the mean outcome of each selection in each unit, [selection, unit]; only worlds that are complete in all of them."""
        frame = self.values(outcome, by_month=any(MONTH in s for s in selections))
        parts = [frame[chosen(frame, selection)] for selection in selections]
        common: set[int] | None = None
        for selection, part in zip(selections, parts, strict=True):
            counts = part["replicate"].value_counts()
            whole = set(counts.index[counts == counts.max()]) if len(counts) else set()
            common = whole if common is None else common & whole
            if not len(part):
                raise ResultError(f"no run is done of {told(selection)}", where="a finding", fix="finish the study")
        kept = [part[part["replicate"].isin(common or set())] for part in parts]
        columns = [part.groupby(["unit", "replicate"])[outcome].mean().groupby("unit").mean() for part in kept]
        out = np.array([column.to_numpy(float) for column in columns])
        if out.shape[1] < 2:
            raise ResultError("fewer than two worlds are complete", where="a finding", fix="more replicates, or finish the study")
        return out

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return int(self.table["replicate"].nunique())

    @property
    def question(self) -> str:
        """What the study asks, in one line."""
        return " ".join(self.edition.question.split()) or self.edition.name

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        e = self.edition
        model = ", ".join(sorted({kernel[:12] for kernel in e.kernels.values()}))
        return (
            f"partnersim {__version__}, model {model}; study {e.name}: {len(self.table)} runs of {e.years} years, {self.worlds} worlds a "
            f"point, seed {e.seed}."
        )

    def label(self, key: str) -> str:
        """Return a factor in words."""
        return meaning(key, next(iter(self.edition.scenarios.values())).plan)

    def unit(self, key: str) -> str:
        """Return the unit of a factor, "" if it has none."""
        return unit_of(key, next(iter(self.edition.scenarios.values())).plan)

    def measure(self, key: str) -> str:
        """Return a factor in words with its unit."""
        found = self.unit(key)
        return f"{self.label(key)} [{found}]" if found else self.label(key)

    def levels(self, key: str) -> list[Any]:
        """Return the values that a scenario or factor takes, in order."""
        found = list(dict.fromkeys(self.table[key].dropna()))
        return found if key == SCENARIO or any(isinstance(value, str) for value in found) else sorted(found)

    def outcome(self, name: str) -> str:
        """Return an outcome in words, with its unit."""
        return f"{LABELS[name]} [{UNITS[name]}]"

    def title(self, name: str) -> str:
        """Return a scenario in words: its title, or its name where it shares the title of what it extends."""
        titles = [scenario.title for scenario in self.edition.scenarios.values()]
        title = self.edition.scenarios[name].title
        return title if title and titles.count(title) == 1 else name


def chosen(frame: pd.DataFrame, selection: Selection) -> NDArray[np.bool_]:
    """Return which rows a selection takes."""
    keep = np.ones(len(frame), bool)
    for name, wanted in selection.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        levels = {level: any(same(plain(level), value) for value in values) for level in frame[name].dropna().unique()}
        keep &= frame[name].map(levels).fillna(False).to_numpy(bool)
    return keep


def plain(value: Any) -> Any:
    """Return a numpy value as Python's own, so that true and false stay apart from numbers; a month is a number."""
    return value.item() if isinstance(value, np.generic) else value


def told(selection: Selection) -> str:
    """Return a selection in words."""
    return ", ".join(f"{name} {value:g}" if isinstance(value, int | float) else f"{name} {value}" for name, value in selection.items())


# -- numbers in words -----------------------------------------------------------------------------------------------


def paired(base: Floats, other: Floats) -> Interval:
    """Return the mean of other less base with its interval, unit by unit."""
    count = len(base)
    frame = pd.DataFrame(
        {
            SCENARIO: np.repeat(["base", "other"], count),
            "replicate": np.tile(np.arange(count), 2),
            "value": np.concatenate([base, other]),
        }
    )
    row = differences(frame, ["value"], "base").iloc[0]
    return float(row["difference"]), float(row["low"]), float(row["high"])


def mean_of(values: Floats) -> Interval:
    """Return a mean with its interval, over units."""
    return attribution.total(values)


def interval(found: Interval, outcome: str, *, signed: bool = True) -> str:
    """Return an interval as text: months whole, all else with two places."""
    unit = UNITS.get(outcome, "")
    places = 0 if unit == "months" else 2
    form = f"{'+' if signed else ''}.{places}f"
    value, low, high = (format(round(number, places) + 0.0, form) for number in found)
    return f"{value} [{low}, {high}]{' months' if unit == 'months' else ''}"


def moves(found: Interval) -> str:
    """Return what an interval says of a change."""
    return "raises" if found[1] > 0 else "lowers" if found[2] < 0 else "does not clearly change"


def compared(found: Interval) -> str:
    """Return what an interval says of two levels."""
    return "clearly higher" if found[1] > 0 else "clearly lower" if found[2] < 0 else "not clearly higher or lower"
