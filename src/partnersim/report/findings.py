"""Findings worked out: the statistic that a study declares, with its interval, in the declared sentence, a table and a figure.

Intervals are 95 %, each on its own. Runs are paired by world; where runs go over the band, worlds with the same member are averaged first
and the members of the band are what is sampled, so that an interval holds what the evidence leaves open and not luck alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim import __version__
from partnersim.analysis import attribution, discovery, sensitivity
from partnersim.analysis.compare import differences
from partnersim.attribution import LABELS, UNITS
from partnersim.errors import ResultError
from partnersim.model import timeline
from partnersim.study.design import ORDERS_SEED
from partnersim.study.factors import meaning
from partnersim.study.findings import MONTH, SCENARIO, Finding, Selection, same

if TYPE_CHECKING:
    from partnersim.study.store import Edition

__all__ = ["Found", "Runs", "StudyResult", "ranking", "work_out"]

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]
"""Value, low, high."""
RESAMPLES = 2000
SURE = 0.95
TAIL = 0.025
MOST_LINES = 6
SENSITIVITY = {"morris": "effect", "sobol": "total"}
"""Designs that SALib reads, and what their factors are ranked by."""


class StudyResult(Protocol):
    """What is read of a study: its edition and its runs."""

    @property
    def edition(self) -> Edition: ...
    @property
    def runs(self) -> pd.DataFrame: ...
    def counts(self) -> dict[str, int]: ...
    def frame(self, table: str, *, columns: Sequence[str] | None = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Found:
    """A finding worked out: its sentence, the table behind it, what to mind, and how to draw it (returns axes)."""

    finding: Finding
    sentence: str
    table: pd.DataFrame
    draw: Callable[[], Any]
    caption: str
    notes: tuple[str, ...] = field(default=())


def work_out(study: StudyResult | Runs, finding: Finding) -> Found:
    """Work out a finding.

    Raises ResultError if the runs that are done do not allow it.
    """
    runs = study if isinstance(study, Runs) else Runs(study)
    return {"difference": difference, "optimum": optimum, "ranking": ranking, "conditions": conditions}[finding.kind](runs, finding)


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

    def levels(self, key: str) -> list[Any]:
        """Return the values that a scenario or factor takes, in order."""
        found = list(dict.fromkeys(self.table[key].dropna()))
        return found if key == SCENARIO or any(isinstance(value, str) for value in found) else sorted(found)

    def title(self, name: str) -> str:
        """Return a scenario in words."""
        return str(self.edition.scenarios[name].title or name)


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
    return "clearly higher" if found[1] > 0 else "clearly lower" if found[2] < 0 else "not clearly different"


# -- difference -----------------------------------------------------------------------------------------------------


def difference(runs: Runs, finding: Finding) -> Found:
    """Compare runs in the same worlds, and the comparison at two places."""
    outcome = finding.outcome
    selections = [{**finding.at, **finding.of}, {**finding.at, **finding.less}]
    if finding.against:
        selections += [{**finding.against, **finding.of}, {**finding.against, **finding.less}]
    cells = runs.cells(outcome, selections)
    first = paired(cells[1], cells[0])
    words = {"of": interval(mean_of(cells[0]), outcome, signed=False), "from": interval(mean_of(cells[1]), outcome, signed=False)}
    found = first
    if finding.against:
        second = paired(cells[3], cells[2])
        found = paired(cells[2] - cells[3], cells[0] - cells[1])
        words |= {"at": interval(first, outcome), "against": interval(second, outcome)}
    words |= {"value": interval(found, outcome), "moves": moves(found), "compared": compared(found), "worlds": str(runs.worlds)}
    table, draw = path(runs, finding, selections) if finding.by_month else levels(runs, finding, selections)
    caption = f"{LABELS[outcome]}, mean with its 95 % interval."
    return Found(finding, finding.sentence.format(**words), table, draw, caption)


def axes_of(runs: Runs, finding: Finding) -> tuple[str, str]:
    """Return the factor along the axis, that with most numbers, and what makes a line of its own (or nothing)."""
    keys = [key for part in (finding.at, finding.against, finding.of, finding.less) for key in part]
    keys = [finding.over, *keys] if finding.over else keys
    keys = [key for key in dict.fromkeys(keys) if key != MONTH and len(runs.levels(key)) > 1]
    numbers = {key: len(runs.levels(key)) for key in keys if all(isinstance(plain(v), int | float) for v in runs.levels(key))}
    x = finding.over or (max(numbers, key=lambda key: numbers[key]) if numbers else keys[0] if keys else SCENARIO)
    return x, next((key for key in keys if key != x and 1 < len(runs.levels(key)) <= MOST_LINES), "")


def levels(runs: Runs, finding: Finding, selections: Sequence[Selection]) -> tuple[pd.DataFrame, Callable[[], Any]]:
    """Return the mean outcome at each level, and the figure of it."""
    x, lines = axes_of(runs, finding)
    fixed = {key: value for key, value in selections[0].items() if key not in (x, lines)}
    rows = []
    for line in runs.levels(lines) if lines else [""]:
        for level in runs.levels(x):
            cell = {**fixed, x: plain(level), **({lines: plain(line)} if lines else {})}
            values = runs.cells(finding.outcome, [cell])[0]
            rows.append((said(runs, lines, line), said(runs, x, level), *mean_of(values), len(values)))
    table = pd.DataFrame(rows, columns=["line", "level", "mean", "low", "high", "n"])
    return table, lambda: draw_levels(runs, finding, table, x, lines, fixed)


def said(runs: Runs, key: str, value: Any) -> Any:
    """Return a level as it stands in a table: scenarios and switches in words, numbers as they are."""
    value = plain(value)
    if key == SCENARIO:
        return runs.title(value)
    if isinstance(value, bool):
        return ("with " if value else "without ") + runs.label(key)
    return value


def draw_levels(runs: Runs, finding: Finding, table: pd.DataFrame, x: str, lines: str, fixed: Selection) -> Any:
    """Draw means by level."""
    from partnersim.plots.findings import plot_levels

    notes = [f"n = {runs.worlds} worlds at each point. Bars and bands: 95 % interval of each mean; differences in the same worlds are sharper."]
    if fixed:
        notes.append("Here: " + ", ".join(f"{runs.label(key) if key != SCENARIO else key} {value}" for key, value in fixed.items()) + ".")
    return plot_levels(
        table,
        x="" if x == SCENARIO else runs.label(x),
        lines="" if lines in ("", SCENARIO) else runs.label(lines),
        y=f"{LABELS[finding.outcome]} [{UNITS[finding.outcome]}]",
        notes=notes,
        source=runs.footer,
    )


def path(runs: Runs, finding: Finding, selections: Sequence[Selection]) -> tuple[pd.DataFrame, Callable[[], Any]]:
    """Return the mean outcome by month of what is compared, and the figure of it."""
    bare = [{key: value for key, value in selection.items() if key != MONTH} for selection in selections]
    if all(set(cell) <= {SCENARIO} for cell in bare) and len(runs.edition.scenarios) <= MOST_LINES:
        bare = [{SCENARIO: name} for name in runs.edition.scenarios]
    frame = runs.values(finding.outcome, by_month=True)
    parts = []
    for cell in dict((told(cell), cell) for cell in bare).values():
        some = frame[chosen(frame, cell)]
        if some.empty:
            raise ResultError(f"no run is done of {told(cell)}", where="a finding", fix="finish the study")
        by_unit = some.groupby([MONTH, "unit"])[finding.outcome].mean().unstack(MONTH)
        found = [mean_of(by_unit[month].dropna().to_numpy(float)) for month in by_unit.columns]
        name = runs.title(cell[SCENARIO]) if set(cell) == {SCENARIO} else told(cell)
        part = pd.DataFrame(found, columns=["mean", "low", "high"]).assign(line=name, month=by_unit.columns, n=len(by_unit))
        parts.append(part[["line", "month", "mean", "low", "high", "n"]])
    table = pd.concat(parts, ignore_index=True)
    marks: list[int] = []
    for selection in selections:
        months = selection.get(MONTH, [])
        marks += months if isinstance(months, list) else [months]
    scenarios = [cell[SCENARIO] for cell in bare if SCENARIO in cell]
    return table, lambda: draw_path(runs, finding, table, sorted(set(marks)), scenarios)


def draw_path(runs: Runs, finding: Finding, table: pd.DataFrame, marks: list[int], scenarios: list[str]) -> Any:
    """Draw means by month, and beneath them the lever that a scenario moves on the way."""
    from partnersim.plots.findings import plot_path

    moved = {name: lever_of(runs, name) for name in scenarios}
    moved = {name: found for name, found in moved.items() if found[0]}
    lever = max(moved.values(), key=lambda found: len(found[1]), default=("", []))
    events: dict[int, str] = {}
    for name in scenarios:
        for event in runs.edition.scenarios[name].timeline:
            if not timeline.levers(event):
                events.setdefault(int(str(event["at_month"])), str(event["event"]).replace("_", " "))
    return plot_path(
        table,
        y=f"{LABELS[finding.outcome]} [{UNITS[finding.outcome]}]",
        marks=marks,
        events=sorted(events.items()),
        lever=(runs.label(lever[0]), lever[1]) if lever[0] else None,
        notes=[f"n = {runs.worlds} worlds, the same in all lines. Bands: 95 % interval of each mean. Dots: the months compared."],
        source=runs.footer,
    )


def lever_of(runs: Runs, name: str) -> tuple[str, list[tuple[int, float]]]:
    """Return the lever that a scenario moves most often, if more than twice, and its values from their months on."""
    scenario = runs.edition.scenarios[name]
    steps: dict[str, list[tuple[int, float]]] = {}
    for event in scenario.timeline:
        for key, value in timeline.levers(event).items():
            steps.setdefault(key, []).append((int(str(event["at_month"])), value))
    if not steps:
        return "", []
    key = max(steps, key=lambda one: len(steps[one]))
    if len(steps[key]) < 3:
        return "", []
    return key, [(0, scenario.parameter_values()[key]), *sorted(steps[key]), (12 * runs.edition.years, sorted(steps[key])[-1][1])]


# -- optimum --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Peak:
    """Where a mean is highest: its level with an interval, where that lies, and what it gains over the better end."""

    best: Interval
    place: str
    gain: Interval
    draws: Floats


def optimum(runs: Runs, finding: Finding) -> Found:
    """Find the level with the highest mean."""
    there = np.array([float(level) for level in runs.levels(finding.over)])
    if len(there) < 3:
        raise ResultError(f"{finding.over} has {len(there)} levels", where="a finding", allowed="three or more")
    places: list[Selection] = [finding.at, finding.against] if finding.against else [finding.at]
    cells = runs.cells(finding.outcome, [{**place, finding.over: level} for place in places for level in there])
    values = cells.reshape(len(places), len(there), -1)
    draws = np.random.default_rng(1).integers(0, values.shape[2], (RESAMPLES, values.shape[2]))
    peaks = [peak(there, curve, draws) for curve in values]
    first = peaks[0]
    words = {"best": at_level(first.best), "place": first.place, "gain": interval(first.gain, finding.outcome), "worlds": str(runs.worlds)}
    if finding.against:
        second = peaks[1]
        low, high = np.quantile(first.draws - second.draws, [TAIL, 1 - TAIL], method="inverted_cdf")
        shift = (first.best[0] - second.best[0], float(low), float(high))
        words |= {"best_against": at_level(second.best), "place_against": second.place, "shift": at_level(shift, signed=True)}
    table, draw = levels(runs, finding, [{**finding.at, finding.over: there[0]}])
    return Found(finding, finding.sentence.format(**words), table, draw, f"{LABELS[finding.outcome]}, mean with its 95 % interval.")


def peak(there: Floats, curve: Floats, draws: NDArray[np.int64]) -> Peak:
    """Return the peak of a curve [level, unit].

    The interval is that of a bootstrap over units. The gain of the best level inside over the better end is measured in the half of the
    units that had no say in which levels these are, as the highest of several means flatters itself.
    """
    at = np.array([int(curve[:, rows].mean(axis=1).argmax()) for rows in draws])
    low, high = np.quantile(there[at], [TAIL, 1 - TAIL], method="inverted_cdf")
    shares = {"at the low end": (at == 0).mean(), "at the high end": (at == len(there) - 1).mean()}
    shares["inside the range"] = 1.0 - sum(shares.values())
    place = next((name for name, share in shares.items() if share >= SURE), "not clearly inside the range or at an end")
    halves = np.arange(curve.shape[1]) % 2
    gain = np.zeros(curve.shape[1])
    for half in (0, 1):
        means = curve[:, halves != half].mean(axis=1)
        inside = 1 + int(means[1:-1].argmax())
        end = 0 if means[0] >= means[-1] else -1
        gain[halves == half] = curve[inside, halves == half] - curve[end, halves == half]
    best = float(there[int(curve.mean(axis=1).argmax())])
    return Peak((best, float(low), float(high)), place, mean_of(gain), there[at])


def at_level(found: Interval, *, signed: bool = False) -> str:
    """Return a level with its interval as text."""
    value, low, high = (f"{number:+g}" if signed else f"{number:g}" for number in found)
    return f"{value} [{low}, {high}]"


# -- ranking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranked:
    """A ranking as its figure wants it."""

    title: str
    footer: str
    worlds: int
    labels: dict[str, str]
    unit: str
    ranked: pd.DataFrame
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def replicates(self) -> int:
        """Worlds at each point."""
        return self.worlds

    def label(self, outcome: str | None = None) -> str:
        """Return the outcome with its unit."""
        return self.unit

    @property
    def sensitivity(self) -> pd.DataFrame:
        """The table by the words for parameters."""
        return self.ranked.assign(parameter=[self.labels[name] for name in self.ranked["parameter"]])


class _Steps(Ranked):
    """Shapley values as their figure wants them."""

    def table(self, outcome: str | None = None) -> pd.DataFrame:
        return self.ranked

    def interactions(self, outcome: str | None = None) -> pd.DataFrame:
        raise ResultError("a study has no pairs", where="interactions", fix="`partnersim attribute` has them")


class _Indices(Ranked):
    """Effects or indices as their figure wants them."""

    @property
    def table(self) -> pd.DataFrame:
        return self.sensitivity


def ranking(runs: Runs, finding: Finding) -> Found:
    """Rank the factors by what the design allows."""
    kind = runs.edition.design.get("kind", "")
    frame = runs.table[chosen(runs.table, finding.at)]
    points = frame.groupby("point", sort=True)[runs.edition.factors].first()
    values = frame.pivot(index="point", columns="replicate", values=finding.outcome).reindex(points.index)
    values = values[values.columns[values.notna().all()]]
    if values.shape[1] < 2:
        raise ResultError("fewer than two worlds are complete at all points", where="a finding", fix="finish the study")
    if kind == "shapley":
        return _shapley(runs, finding, points, values)
    if kind in SENSITIVITY:
        return _sensitivity(runs, finding, kind, points, values)
    return _effects(runs, finding, points, values, frame)


def _coded(runs: Runs, points: pd.DataFrame) -> pd.DataFrame:
    """Return factors as numbers, switches as 0 and 1; refuse words."""
    for name in points.columns:
        if not all(isinstance(plain(value), int | float) for value in points[name]):
            raise ResultError(f"{name} is no number and not on or off", where="a ranking", fix="rank a design over numbers")
    return points.astype(float)


def _ranges(runs: Runs, points: pd.DataFrame) -> dict[str, tuple[float, float]]:
    factors = runs.edition.design["factors"]
    return {name: (float(min(factors[name])), float(max(factors[name]))) for name in points.columns}


def _words(rows: Sequence[str], clear: int | None, count: int, worlds: int) -> dict[str, str]:
    """Words of a ranking's sentence; a place that nobody has is empty."""
    places = [*rows, "", "", ""][:3]
    words = dict(zip(("first", "second", "third"), places, strict=True)) | {"count": str(count), "worlds": str(worlds)}
    return words if clear is None else words | {"clear": str(clear)}


def _shapley(runs: Runs, finding: Finding, points: pd.DataFrame, values: pd.DataFrame) -> Found:
    """Shapley values from the sets along orders that all worlds play.

    Each order gives the value of each factor in each world. Means over worlds vary by order, means over orders by unit; both count.
    """
    from scipy import stats

    keys = list(points.columns)
    present = points.to_numpy(bool)
    row_of = {mask.tobytes(): n for n, mask in enumerate(present)}
    plays = attribution.sets(len(keys), int(runs.edition.design["n"]), ORDERS_SEED)
    plays = plays[:1] if len(keys) <= attribution.FEW else plays
    try:
        at = np.array([[row_of[mask.tobytes()] for mask in order] for order in plays])
    except KeyError:
        raise ResultError("sets of factors are missing", where="a ranking", fix="finish the study") from None
    unit_of = runs.table.groupby("replicate")["unit"].first().reindex(values.columns)
    by_unit = values.T.groupby(unit_of).mean().to_numpy(float)  # [unit, point]
    names = tuple(keys)
    each = np.array(
        [
            attribution.by_world(attribution.Game(names, np.broadcast_to(order, (len(by_unit), *order.shape)), by_unit[:, rows]))
            for order, rows in zip(plays, at, strict=True)
        ]
    )  # [order, unit, factor]
    orders, units, _ = each.shape
    parts = [each.mean(axis=0).var(axis=0, ddof=1) / units]
    free = [units - 1]
    if orders > 1:
        parts.append(each.mean(axis=1).var(axis=0, ddof=1) / orders)
        free.append(orders - 1)
    variance = np.sum(parts, axis=0)
    freedom = variance**2 / np.maximum(np.sum([part**2 / f for part, f in zip(parts, free, strict=True)], axis=0), 1e-300)
    value = each.mean(axis=(0, 1))
    reach = stats.t.isf(TAIL, np.maximum(freedom, 1.0)) * np.sqrt(variance)
    labels = {key: runs.label(key) for key in keys}
    table = pd.DataFrame({"factor": keys, "label": list(labels.values()), "value": value, "low": value - reach, "high": value + reach})
    table["n"] = units
    table = table.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    none, everything = (by_unit[:, row_of[np.full(len(keys), mask).tobytes()]] for mask in (False, True))
    ends = {"none": mean_of(none), "all": mean_of(everything), "difference": mean_of(everything - none)}
    table.attrs.update(ends)
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    rows = [f"{row.label.lower()} {interval((row.value, row.low, row.high), finding.outcome)}" for row in table.head(3).itertuples()]
    words = _words(rows, clear, len(keys), runs.worlds)
    title = runs.title(str(finding.at.get(SCENARIO, next(iter(runs.edition.scenarios)))))
    label = f"{LABELS[finding.outcome]} [{UNITS[finding.outcome]}]"
    drawn = _Steps(title, runs.footer, units, labels, label, table)

    def draw() -> Any:
        from partnersim.plots.attribution import plot_attribution

        return plot_attribution(drawn)

    notes = (f"Shapley values over {orders} orders of arrival and their reverses, the same in all worlds; intervals hold worlds and orders.",)
    return Found(finding, finding.sentence.format(**words), table, draw, f"What each factor adds to: {LABELS[finding.outcome]}.", notes)


def _sensitivity(runs: Runs, finding: Finding, kind: str, points: pd.DataFrame, values: pd.DataFrame) -> Found:
    if kind == "morris" and runs.edition.design["levels"] != sensitivity.LEVELS:
        raise ResultError(f"a Morris design of {runs.edition.design['levels']} levels", where="a ranking", allowed=f"{sensitivity.LEVELS} levels")
    space = _ranges(runs, points)
    design = _coded(runs, points).reset_index()
    long = values.rename_axis("point").reset_index().melt("point", var_name="replicate", value_name=finding.outcome)
    estimate = sensitivity.morris_effects if kind == "morris" else sensitivity.sobol_indices
    found = estimate(space, design, long, finding.outcome)
    column = SENSITIVITY[kind]
    unit = finding.outcome if kind == "morris" else ""
    rows = []
    for row in found.table.head(3).to_dict("records"):
        ends = ("low", "high") if kind == "morris" else ("total_low", "total_high")
        rows.append(f"{runs.label(row['parameter'])} {interval((row[column], row[ends[0]], row[ends[1]]), unit, signed=False)}")
    labels = {key: key for key in space}
    label = f"{LABELS[finding.outcome]} [{UNITS[finding.outcome]}]"
    title = runs.title(str(finding.at.get(SCENARIO, next(iter(runs.edition.scenarios)))))
    drawn = _Indices(title, runs.footer, values.shape[1], labels, label, found.table, kind, found.notes)
    words = _words(rows, None, len(space), runs.worlds)

    def draw() -> Any:
        from partnersim.plots.sensitivity import plot_sensitivity

        return plot_sensitivity(drawn)

    caption = f"What moves: {LABELS[finding.outcome]}."
    table = found.table.assign(meaning=[runs.label(name) for name in found.table["parameter"]])
    return Found(finding, finding.sentence.format(**words), table, draw, caption, found.notes)


def _effects(runs: Runs, finding: Finding, points: pd.DataFrame, values: pd.DataFrame, frame: pd.DataFrame) -> Found:
    """Main effects: a plane fitted to the points of each unit; what crossing the range of a factor, or switching it on, changes."""
    ranges = _ranges(runs, points)
    keys = [name for name in points.columns if ranges[name][0] < ranges[name][1]]
    coded = _coded(runs, points[keys])
    x = np.column_stack([np.ones(len(coded)), *((coded[name] - ranges[name][0]) / (ranges[name][1] - ranges[name][0]) for name in keys)])
    scenario = frame.groupby("point")[SCENARIO].first().reindex(points.index)
    x = np.column_stack([x, *((scenario == name).astype(float) for name in list(dict.fromkeys(scenario))[1:])])
    if len(x) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ResultError(f"{len(x)} points cannot tell {len(keys)} factors apart", where="a ranking", fix="more points")
    unit_of = runs.table.groupby("replicate")["unit"].first().reindex(values.columns)
    by_unit = values.T.groupby(unit_of).mean().to_numpy(float)
    each = by_unit @ np.linalg.pinv(x).T[:, 1 : 1 + len(keys)]
    found = [mean_of(column) for column in each.T]
    table = pd.DataFrame(found, columns=["effect", "low", "high"])
    table.insert(0, "factor", keys)
    table.insert(1, "label", [runs.label(key) for key in keys])
    table["n"] = len(by_unit)
    table = table.iloc[np.argsort(-table["effect"].abs().to_numpy(), kind="stable")].reset_index(drop=True)
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    rows = [f"{row.label} {interval((row.effect, row.low, row.high), finding.outcome)}" for row in table.head(3).itertuples()]
    words = _words(rows, clear, len(keys), runs.worlds)

    def draw() -> Any:
        from partnersim.plots.findings import plot_effects

        notes = [f"n = {runs.worlds} worlds at {len(x)} points. Mark: effect of crossing its range, or of switching it on. Line: 95 % interval."]
        return plot_effects(table, f"{LABELS[finding.outcome]} [{UNITS[finding.outcome]}]", notes, runs.footer)

    notes = ("Main effects: a plane fitted to the points in each world. Intervals hold worlds, not what bends between the points.",)
    return Found(finding, finding.sentence.format(**words), table, draw, f"What moves: {LABELS[finding.outcome]}.", notes)


# -- conditions -----------------------------------------------------------------------------------------------------


def conditions(runs: Runs, finding: Finding) -> Found:
    """Say under which conditions practice dies early."""
    frame = runs.table[chosen(runs.table, finding.at)]
    years = finding.within_years
    what = f"practice dies within {years:g} years in most worlds"
    early = frame["practice_died"].astype(bool) & (frame["practice_alive_months"] <= 12 * years)
    points = frame.groupby("point", sort=True)[runs.edition.factors].first()
    share = early.astype(float).groupby(frame["point"]).mean().reindex(points.index).to_numpy()
    x = _coded(runs, points).reset_index(drop=True)
    labels = {name: runs.label(name) for name in x.columns}
    notes: tuple[str, ...] = ()
    try:
        found = discovery.boxes(x, share, what, labels=labels)
        box = found[0].sentence if found else f"No box of conditions tells where {what}."
        notes = tuple(one.sentence for one in found[1:])
    except ResultError as error:
        box = f"No box of conditions can be told: {error.what}."
    scores = discovery.scores(x, share)
    words = {"box": box, "base": f"{100 * share.mean():.0f} %", "worlds": str(runs.worlds)}
    best = list(scores["parameter"])
    first, second = (best[0], best[1]) if len(best) > 1 else (best[0], best[0])

    def draw() -> Any:
        from partnersim.plots.sensitivity import plot_map

        table = discovery.map_of_two(x, share, first, second, cells=6)
        return plot_map(table, f"practice dies within {years:g} years", labels, runs.footer)

    sentence = finding.sentence.format(**words)
    return Found(finding, sentence, scores, cast(Callable[[], Any], draw), f"Where practice dies within {years:g} years.", notes)
