"""What the charts need, as plain data: the frame of each, and the lines, fans and events that are laid into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from partnersim.analysis.accounts import BY_SCENARIO
from partnersim.app import words
from partnersim.app.catalogue import happening
from partnersim.app.worlds import Fan, Shown
from partnersim.model import outcomes
from partnersim.plots.style import GRID, INK, LIVES, QUIET

__all__ = ["ACCENT", "BASE", "CONTEST", "axes", "lines", "marks", "survival_data"]

ACCENT, BASE, CONTEST = LIVES["practice"].colour, "#8b929c", LIVES["form"].colour
FONT = "'Roboto', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
THIN = 3
"""A fan has a point every so many months."""
BY_NAME = {outcome.name: outcome for outcome in outcomes.OUTCOMES}
EVERYDAY = ("breach", "pivotal event", "executive board member replaced", "cabinet member replaced", "board election", "recovery")
"""Kinds that happen too often to be marked, or say nothing alone."""
TOLD_MARKS = 18
"""Most events of the world marked on the chart, the rarest kinds first."""


def axes(name: str, months: int, *, large: bool, label: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the frame of a chart of an outcome: axes, title, no data yet."""
    outcome = BY_NAME[name]
    size = 13 if large else 11
    step = 60 if months >= 120 else 12
    title = label(words.CHART_LABELS.get(name, outcome.label))
    unit = "" if not large and (outcome.low, outcome.high) == (0.0, 1.0) else outcome.unit  # the axis says it
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "color": INK},
        "title": {
            "text": f"{{name|{title}}}{{unit|   {unit}}}",
            "left": 2,
            "top": 0,
            "textStyle": {
                "rich": {
                    "name": {"fontSize": size + 1, "fontWeight": 600, "color": INK, "fontFamily": FONT},
                    "unit": {"fontSize": size - 1, "color": QUIET, "fontFamily": FONT},
                }
            },
        },
        "grid": {"left": 34, "right": 26 if large else 20, "top": 34 if large else 28, "bottom": 24},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": months,
            "interval": step,
            "axisLabel": {"fontSize": size - 1, "color": QUIET, ":formatter": "v => v / 12"},
            "axisLine": {"lineStyle": {"color": QUIET}, "onZero": False},
            "axisTick": {"length": 4},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "min": outcome.low if outcome.low is not None else None,
            "max": outcome.high,
            "scale": outcome.low is None,
            "interval": (0.25 if large else 0.5) if (outcome.low, outcome.high) == (0.0, 1.0) else None,
            "splitNumber": 4 if large else 2,
            "axisLabel": {"fontSize": size - 1, "color": QUIET},
            "splitLine": {"lineStyle": {"color": GRID}},
        },
        "tooltip": {
            "trigger": "axis",
            "show": large,
            "axisPointer": {"lineStyle": {"color": QUIET, "type": "dotted"}},
            ":formatter": "window.classroomTip",
        },
        "series": [],
    }


def lines(names: Sequence[str], shown: Shown | None, fan: Fan | None) -> dict[str, Any]:
    """Return a district's lines and fans: name -> by month, and name -> [low, high] every few months."""
    out: dict[str, Any] = {"lines": {}, "fans": {}}
    for name in names:
        if shown is not None:
            out["lines"][name] = np.round(shown.line(name), 4).tolist()
        if fan is not None:
            band = np.round(fan.band(name)[:, ::THIN], 4)
            band[:, 0] = np.round(fan.band(name)[:, 1], 4)  # nobody has acted in month 0
            out["fans"][name] = [band[0].tolist(), band[2].tolist()]
    return out


def marks(shown: Shown, own: Sequence[Any], label: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """Return the events to be marked on the main chart, by month; `own` are those the class made happen, and all of them are."""
    mine = {(int(event["at_month"]), str(event["event"])) for event in own}
    found = [e for e in shown.events if e[2] == "strategic" and (e[0], e[1]) not in mine and e[1] not in EVERYDAY]
    many: dict[str, int] = {}
    for _, kind, *_ in found:
        many[kind] = many.get(kind, 0) + 1
    out = [{"month": int(event["at_month"]), "text": label(happening(event)), "own": True} for event in own]
    for month, kind, _, _, side, cause, _ in sorted(found, key=lambda e: many[e[1]])[:TOLD_MARKS]:
        text = words.EVENT_TITLES.get(kind) or words.EVENT_WORDS.get(kind, kind)
        who = f" ({side})" if side and "replaced" not in kind else ""
        why = f", {cause}" if cause and cause != BY_SCENARIO else ""
        out.append({"month": month, "text": label(text[0].upper() + text[1:] + who + why), "own": False})
    return sorted(out, key=lambda one: (one["month"], one["own"]))


def survival_data(tables: dict[str, Any]) -> dict[str, Any]:
    """Return survival tables as steps: side -> [year, alive, low, high]."""
    return {
        side: [
            [round(float(m) / 12, 3), round(a, 4), round(lo, 4), round(hi, 4)]
            for m, a, lo, hi in t[["months", "alive", "low", "high"]].itertuples(index=False)
        ]
        for side, t in tables.items()
    }
