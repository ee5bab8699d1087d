"""Dated events as they are written in scenarios: what is wrong with them, the levers they move, and the rows the world gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from partnersim.errors import ScenarioError, nearest
from partnersim.model.timeline import EVENTS, FIELDS, KINDS, Argument

__all__ = ["LAST_MONTH", "agenda", "levers", "problems"]

LAST_MONTH = 1200


def levers(event: Mapping[str, object]) -> dict[str, float]:
    """Return the levers that an event moves, "mechanism.parameter" -> value; empty for an event that acts on the state."""
    if event["event"] == "set":
        return {str(event["parameter"]): float(event["value"])}  # type: ignore[arg-type]
    moved = EVENTS[str(event["event"])].levers
    names = {key: value for key, value in event.items() if isinstance(value, str)}
    return {lever.format(**names): float(event[key]) for key, lever in moved.items() if key in event}  # type: ignore[arg-type]


def problems(event: Mapping[str, object]) -> list[str]:
    """Return what is wrong with an event, in sentences; nothing if it is well-formed."""
    found = []
    month, name = event.get("at_month"), event.get("event")
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= LAST_MONTH:
        found.append(f"at_month = {month!r}: give the month, a whole number from 1 to {LAST_MONTH}")
    if not isinstance(name, str) or name not in EVENTS:
        return [*found, f"event = {name!r} is unknown; {nearest(str(name), [*EVENTS, 'set'])}"]
    arguments = EVENTS[name].arguments
    for key, value in event.items():
        if key in ("at_month", "event"):
            continue
        if key not in arguments:
            found.append(f"{name} knows no {key!r}; {nearest(key, arguments)}")
        elif _code(arguments[key], value) is None:
            found.append(f"{key} = {value!r} of {name}: allowed is {arguments[key].allowed} ({arguments[key].meaning})")
    missing = [key for key, argument in arguments.items() if argument.default is None and key not in event]
    if missing:
        found.append(f"{name} needs {', '.join(missing)}")
    return found


def agenda(events: Sequence[Mapping[str, object]], where: str = "timeline") -> NDArray[np.float64]:
    """Return events (without `set`) as rows for the engine, by month and in the order written.

    Raises ScenarioError that lists every problem.
    """
    wrong = [f"event {n + 1}: {text}" for n, event in enumerate(events) for text in problems(event)]
    if wrong:
        raise ScenarioError("\n".join(wrong), where=where, fix="`partnersim scenarios events` lists all events with their arguments")
    rows = np.zeros((len(events), FIELDS))
    for row, event in zip(rows, events, strict=True):
        name = str(event["event"])
        row[0], row[1] = float(event["at_month"]), KINDS[name]  # type: ignore[arg-type]
        for n, (key, argument) in enumerate(EVENTS[name].arguments.items()):
            row[2 + n] = _code(argument, event[key]) or 0.0 if key in event else _unless_given(argument)
    return rows[np.argsort(rows[:, 0], kind="stable")]


def _code(argument: Argument, value: object) -> float | None:
    """Return the number that stands for a value in a row, None if the value is not allowed."""
    if argument.choices:
        if isinstance(value, bool):
            value = "yes" if value else "no"
        return float(argument.choices.index(value)) if isinstance(value, str) and value in argument.choices else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not argument.low <= value <= argument.high:
        return None
    return float(value)


def _unless_given(argument: Argument) -> float:
    """Return the number that stands in a row where an argument is left out."""
    return float(argument.choices.index(str(argument.default))) if argument.choices else float(argument.default or 0.0)
