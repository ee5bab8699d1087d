"""Findings worked out: the statistic that a study declares, with its interval, in the declared sentence, a table and a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.analysis import discovery
from partnersim.errors import ResultError
from partnersim.playing import LABELS
from partnersim.report.ranking import coded, places, ranking
from partnersim.report.runs import Found, Interval, Runs, chosen, compared, interval, mean_of, moves, paired, plain, told
from partnersim.scenarios.events import levers
from partnersim.study.findings import MONTH, SCENARIO, Finding, Selection

__all__ = ["work_out"]

Floats = NDArray[np.float64]
RESAMPLES = 2000
SURE = 0.95
TAIL = 0.025
MOST_LINES = 6
SHARES = ("share", "probability", "0/1")
"""Units that go without saying."""
CELLS = 6
"""Cells along a side of the map of conditions."""


def work_out(runs: Runs, finding: Finding) -> Found:
    """Work out a finding.

    Raises ResultError if the runs that are done do not allow it.
    """
    return {"difference": difference, "optimum": optimum, "ranking": ranking, "conditions": conditions}[finding.kind](runs, finding)


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

    notes = [
        f"n = {runs.worlds} worlds at each point. Bars and bands: 95 % interval of each mean; differences in the same worlds are sharper."
    ]
    if fixed:
        notes.append("Here: " + ", ".join(f"{runs.label(key) if key != SCENARIO else key} {value}" for key, value in fixed.items()) + ".")
    return plot_levels(
        table,
        x="" if x == SCENARIO else runs.measure(x),
        lines="" if lines in ("", SCENARIO) else runs.measure(lines),
        y=runs.outcome(finding.outcome),
        title=runs.question,
        notes=notes,
        source=runs.footer,
    )


def path(runs: Runs, finding: Finding, selections: Sequence[Selection]) -> tuple[pd.DataFrame, Callable[[], Any]]:
    """Return the mean outcome by month of what is compared, and the figure of it."""
    bare = [{key: value for key, value in selection.items() if key != MONTH} for selection in selections]
    if all(set(cell) <= {SCENARIO} for cell in bare) and len(runs.edition.scenarios) <= MOST_LINES:
        bare = [{SCENARIO: name} for name in runs.edition.scenarios]
    frame = runs.values(finding.outcome, by_month=True)
    frame = frame[frame[MONTH] > 0]  # nobody has acted before
    parts = []
    for cell in dict((told(cell), cell) for cell in bare).values():
        some = frame[chosen(frame, cell)]
        if some.empty:
            raise ResultError(f"no run is done of {told(cell)}", where="a finding", fix="finish the study")
        by_unit = some.groupby([MONTH, "unit"])[finding.outcome].mean().unstack(MONTH)
        found = [mean_of(by_unit[month].dropna().to_numpy(float)) for month in by_unit.columns]
        rest = ", ".join(f"{runs.label(key)} {said(runs, key, value)}" for key, value in cell.items() if key != SCENARIO)
        name = ", ".join(part for part in (runs.title(cell[SCENARIO]) if SCENARIO in cell else "", rest) if part)
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
    whose = max(moved, key=lambda name: len(moved[name][1]), default="")
    events: dict[int, str] = {}
    for name in scenarios:
        for event in runs.edition.scenarios[name].timeline:
            if not levers(event):
                events.setdefault(int(str(event["at_month"])), str(event["event"]).replace("_", " "))
    return plot_path(
        table,
        y=runs.outcome(finding.outcome),
        title=runs.question,
        marks=marks,
        events=sorted(events.items()),
        lever=(runs.measure(moved[whose][0]), runs.title(whose), moved[whose][1]) if whose and moved[whose][0] else None,
        notes=[f"n = {runs.worlds} worlds, the same in all lines. Bands: 95 % interval of each mean. Dots: the months compared."],
        source=runs.footer,
    )


def lever_of(runs: Runs, name: str) -> tuple[str, list[tuple[int, float]]]:
    """Return the lever that a scenario moves most often, if more than twice, and its values from their months on."""
    scenario = runs.edition.scenarios[name]
    steps: dict[str, list[tuple[int, float]]] = {}
    for event in scenario.timeline:
        for key, value in levers(event).items():
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
    where: list[Selection] = [finding.at, finding.against] if finding.against else [finding.at]
    cells = runs.cells(finding.outcome, [{**selection, finding.over: level} for selection in where for level in there])
    values = cells.reshape(len(where), len(there), -1)
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

    The interval is that of a bootstrap over units. The gain of the best level inside over the better end is measured in each half of the
    units at the levels that the other half chose, as the highest of several means flatters itself. The two halves are not independent (what
    is high in both is chosen in both), so the interval is as wide as that of one half.
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
    value, lower, upper = mean_of(gain)
    half_gain = (value, value - np.sqrt(2) * (value - lower), value + np.sqrt(2) * (upper - value))
    return Peak((best, float(low), float(high)), place, half_gain, there[at])


def at_level(found: Interval, *, signed: bool = False) -> str:
    """Return a level with its interval as text."""
    value, low, high = (f"{number:+g}" if signed else f"{number:g}" for number in found)
    return f"{value} [{low}, {high}]"


# -- conditions -----------------------------------------------------------------------------------------------------


def conditions(runs: Runs, finding: Finding) -> Found:
    """Say under which conditions practice dies early."""
    frame = runs.table[chosen(runs.table, finding.at)]
    years = finding.within_years
    what = f"practice dies within {years:g} years"
    early = frame["practice_died"].astype(bool) & (frame["practice_alive_months"] <= 12 * years)
    points = frame.groupby("point", sort=True)[runs.edition.factors].first()
    share = early.astype(float).groupby(frame["point"]).mean().reindex(points.index).to_numpy()
    x = coded(points).reset_index(drop=True)
    labels = {name: runs.label(name) for name in x.columns}
    measured = {name: labels[name] if runs.unit(name).startswith(SHARES) else runs.measure(name) for name in x.columns}
    notes: tuple[str, ...] = ()
    try:
        found = discovery.boxes(x, share, what, labels=measured)
        box = found[0].sentence if found else f"No box of conditions tells where {what}."
        notes = tuple(one.sentence for one in found[1:])
    except ResultError as error:
        box = f"No box of conditions can be told: {error.what}."
    scores = discovery.scores(x, share)
    rows = [f"{labels[row.parameter]} {interval((row.score, row.low, row.high), '', signed=False)}" for row in scores.head(3).itertuples()]
    words = places(rows) | {"box": box, "base": f"{100 * share.mean():.0f} %", "worlds": str(runs.worlds)}
    best = list(scores["parameter"])
    first, second = (best[0], best[1]) if len(best) > 1 else (best[0], best[0])

    def draw() -> Any:
        from partnersim.plots.sensitivity import plot_map

        table = discovery.map_of_two(x, share, first, second, cells=CELLS)
        return plot_map(table, f"practice dies within {years:g} years", labels, runs.footer)

    sentence = finding.sentence.format(**words)
    return Found(finding, sentence, scores, draw, f"Where practice dies within {years:g} years.", notes)
