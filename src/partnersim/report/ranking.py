"""Which factors matter, by what a design was made for: Shapley values, elementary effects, Sobol's indices, or main effects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from partnersim.analysis import attribution, sensitivity
from partnersim.errors import ResultError
from partnersim.playing import LABELS
from partnersim.report.runs import Found, Interval, Runs, chosen, interval, mean_of, plain
from partnersim.study.design import ORDERS_SEED
from partnersim.study.findings import SCENARIO, Finding

__all__ = ["SENSITIVITY", "coded", "places", "ranking"]

TAIL = 0.025
SENSITIVITY = {"morris": "effect", "sobol": "total"}
"""Designs that SALib reads, and what their factors are ranked by."""
DRAWN, TWO_SIDED = ("sequence", "latin"), 1.96
"""Designs whose points could have been others; standard errors of a 95 % interval."""
SHORT = 240
"""Letters of a note that still fits a figure; the report has all."""


@dataclass(frozen=True)
class _Steps:
    """Shapley values as their figure wants them."""

    title: str
    footer: str
    worlds: int
    labels: dict[str, str]
    unit: str
    values: pd.DataFrame

    def label(self, outcome: str | None = None) -> str:
        return self.unit

    def table(self, outcome: str | None = None) -> pd.DataFrame:
        return self.values

    def interactions(self, outcome: str | None = None) -> pd.DataFrame:
        raise ResultError("a study has no pairs", where="interactions", fix="`partnersim attribute` has them")


@dataclass(frozen=True)
class _Indices:
    """Effects or indices as their figure wants them."""

    title: str
    footer: str
    replicates: int
    label: str
    table: pd.DataFrame
    method: str
    notes: tuple[str, ...]
    space: dict[str, tuple[float, float]]
    labels: dict[str, str]
    units: dict[str, str]


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


def _title(runs: Runs, finding: Finding) -> str:
    return runs.title(str(finding.at.get(SCENARIO, next(iter(runs.edition.scenarios)))))


def coded(points: pd.DataFrame) -> pd.DataFrame:
    """Return factors as numbers, switches as 0 and 1; refuse words."""
    for name in points.columns:
        if not all(isinstance(plain(value), int | float) for value in points[name]):
            raise ResultError(f"{name} is no number and not on or off", where="a ranking", fix="rank a design over numbers")
    return points.astype(float)


def _ranges(runs: Runs, points: pd.DataFrame) -> dict[str, tuple[float, float]]:
    factors = runs.edition.design["factors"]
    return {name: (float(min(factors[name])), float(max(factors[name]))) for name in points.columns}


def places(rows: Sequence[str]) -> dict[str, str]:
    """Return the words for the first three; a place that nobody has is empty."""
    return dict(zip(("first", "second", "third"), [*rows, "", "", ""], strict=False))


def _words(rows: Sequence[str], clear: int | None, count: int, worlds: int) -> dict[str, str]:
    words = places(rows) | {"count": str(count), "worlds": str(worlds)}
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
    drawn = _Steps(_title(runs, finding), runs.footer, units, labels, runs.outcome(finding.outcome), table)

    def draw() -> Any:
        from partnersim.plots.attribution import plot_attribution

        return plot_attribution(drawn)

    notes = (f"Shapley values over {orders} orders and their reverses, the same in all worlds; intervals hold worlds and orders.",)
    return Found(finding, finding.sentence.format(**words), table, draw, f"What each factor adds to: {LABELS[finding.outcome]}.", notes)


def _sensitivity(runs: Runs, finding: Finding, kind: str, points: pd.DataFrame, values: pd.DataFrame) -> Found:
    if kind == "morris" and runs.edition.design["levels"] != sensitivity.LEVELS:
        raise ResultError("effects need a Morris design of other levels", where="a ranking", allowed=f"levels = {sensitivity.LEVELS}")
    if values.to_numpy().std() == 0:
        raise ResultError(f"{finding.outcome} is the same in all runs", where="a ranking", fix="another outcome, or longer runs")
    space = _ranges(runs, points)
    design = coded(points).reset_index()
    long = values.rename_axis("point").reset_index().melt("point", var_name="replicate", value_name=finding.outcome)
    estimate = sensitivity.morris_effects if kind == "morris" else sensitivity.sobol_indices
    found = estimate(space, design, long, finding.outcome)
    column = SENSITIVITY[kind]
    unit = finding.outcome if kind == "morris" else ""
    rows = []
    for row in found.table.head(3).to_dict("records"):
        ends = ("low", "high") if kind == "morris" else ("total_low", "total_high")
        rows.append(f"{runs.label(row['parameter'])} {interval((row[column], row[ends[0]], row[ends[1]]), unit, signed=False)}")
    short = tuple(note for note in found.notes if len(note) < SHORT)
    drawn = _Indices(
        _title(runs, finding),
        runs.footer,
        values.shape[1],
        runs.outcome(finding.outcome),
        found.table,
        kind,
        short,
        space,
        {name: runs.label(name) for name in space},
        {name: runs.unit(name) for name in space},
    )
    words = _words(rows, None, len(space), runs.worlds)

    def draw() -> Any:
        from partnersim.plots.sensitivity import plot_sensitivity

        return plot_sensitivity(drawn)

    caption = f"What moves: {LABELS[finding.outcome]}."
    table = found.table.assign(meaning=[runs.label(name) for name in found.table["parameter"]])
    return Found(finding, finding.sentence.format(**words), table, draw, caption, found.notes)


def _wider(found: Interval, reach: float) -> Interval:
    """Return an interval with more uncertainty, independent of what it holds already."""
    value, low, high = found
    return (value, value - math.hypot(value - low, reach), value + math.hypot(high - value, reach))


def _effects(runs: Runs, finding: Finding, points: pd.DataFrame, values: pd.DataFrame, frame: pd.DataFrame) -> Found:
    """Main effects: a plane fitted to the points of each unit; what crossing the range of a factor, or switching it on, changes."""
    ranges = _ranges(runs, points)
    keys = [name for name in points.columns if ranges[name][0] < ranges[name][1]]
    numbers = coded(points[keys])
    x = np.column_stack(
        [np.ones(len(numbers)), *((numbers[name] - ranges[name][0]) / (ranges[name][1] - ranges[name][0]) for name in keys)]
    )
    scenario = frame.groupby("point")[SCENARIO].first().reindex(points.index)
    x = np.column_stack([x, *((scenario == name).astype(float) for name in list(dict.fromkeys(scenario))[1:])])
    if len(x) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ResultError(f"{len(x)} points cannot tell {len(keys)} factors apart", where="a ranking", fix="more points")
    unit_of = runs.table.groupby("replicate")["unit"].first().reindex(values.columns)
    by_unit = values.T.groupby(unit_of).mean().to_numpy(float)
    inverse = np.linalg.pinv(x)
    each = by_unit @ inverse.T[:, 1 : 1 + len(keys)]
    found = [mean_of(column) for column in each.T]
    if drawn := runs.edition.design.get("kind") in DRAWN:
        # another draw of points would fit another plane: what it leaves at these points says by how much
        means = by_unit.mean(axis=0)
        left = means - x @ (inverse @ means)
        error = np.sqrt((left @ left) / (len(x) - x.shape[1]) * (inverse**2).sum(axis=1))[1 : 1 + len(keys)]
        found = [_wider(one, TWO_SIDED * float(se)) for one, se in zip(found, error, strict=True)]
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

        notes = [
            f"n = {runs.worlds} worlds at {len(x)} points. Mark: what crossing its range, or switching it on, does; line: 95 % interval."
        ]
        return plot_effects(table, y=runs.outcome(finding.outcome), title=runs.question, notes=notes, source=runs.footer)

    held = "worlds and the draw of the points" if drawn else "worlds"
    notes = (f"Main effects: a plane fitted to the points in each world. Intervals hold {held}, not what bends between the points.",)
    return Found(finding, finding.sentence.format(**words), table, draw, f"What moves: {LABELS[finding.outcome]}.", notes)
