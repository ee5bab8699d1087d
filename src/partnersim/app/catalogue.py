"""The panels of the page, made from the declarations: dials for levers and assumptions, forms for events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from partnersim.app import words
from partnersim.app.session import Setup
from partnersim.model import band
from partnersim.model.timeline import EVENTS, Argument
from partnersim.parameters import Parameter
from partnersim.scenarios.scenario import SET, Scenario, declared_parameters

__all__ = ["Dial", "Form", "amount", "dials", "differences", "forms", "happening"]

STEPS = 40
"""About so many steps on a dial."""


@dataclass(frozen=True)
class Dial:
    """A parameter on the page."""

    name: str
    title: str
    unit: str
    low: float
    high: float
    step: float
    default: float
    source: str
    sentence: str
    at_start: bool


@dataclass(frozen=True)
class Form:
    """An event on the page: its title, what it does, and its arguments with the values they are offered with."""

    name: str
    title: str
    sentence: str
    arguments: dict[str, Argument]
    offered: dict[str, float | str | None]


def dials(scenario: Scenario, role: Literal["lever", "world"]) -> dict[str, list[Dial]]:
    """Return the dials of a panel by heading: what the parties decide ("lever"), or how the world works ("world")."""
    found: dict[str, list[Dial]] = {}
    for name, p in declared_parameters(scenario.plan).items():
        if p.role == role:
            found.setdefault(_heading(name, role), []).append(_dial(name, p))
    order = list(dict.fromkeys(words.LEVER_GROUPS.values()))
    return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def forms() -> dict[str, list[Form]]:
    """Return the events of the timeline by group."""
    found: dict[str, list[Form]] = {group: [] for group in words.EVENT_GROUPS}
    for name, event in EVENTS.items():
        group = next((group for group, names in words.EVENT_GROUPS.items() if name in names), list(found)[-1])
        offered = {key: _offered(name, key, argument) for key, argument in event.arguments.items()}
        title = words.EVENT_TITLES.get(name, name.replace("_", " ").capitalize())
        found[group].append(Form(name, title, event.meaning, dict(event.arguments), offered))
    return found


def amount(value: float, unit: str) -> str:
    """Say a value with its unit."""
    return f"{value:.4g} {words.UNIT_WORDS.get(unit, unit)}".strip()


def happening(event: Mapping[str, Any]) -> str:
    """Say an event of the class."""
    if event["event"] == SET:
        return f"{words.DIAL_TITLES.get(event['parameter'], event['parameter'])}: {event['value']:g}"
    if event["event"] == "stance_taken":
        return f"The {words.ROLES[event['side']]} {words.STANCES[event['stance']]}"
    who = words.LEADERS.get(event["event"], {}).get(event.get("side", ""))
    return who or words.EVENT_TITLES.get(event["event"], event["event"])


def differences(setup: Setup) -> list[str]:
    """Say what the class changed in B, levers first."""
    declared = declared_parameters(setup.baseline.plan)
    moved = [f"{words.DIAL_TITLES.get(n, declared[n].meaning)} {amount(v, declared[n].unit)}" for n, v in setup.levers.items()]
    return moved + [f"{happening(event)} ({words.when(event['at_month'])})" for event in setup.events]


def _heading(name: str, role: str) -> str:
    mechanism = name.split(".")[0]
    if role == "lever":
        return words.LEVER_GROUPS.get(name) or words.LEVER_GROUPS.get(mechanism) or words.title(mechanism)
    return words.title(mechanism)


def _dial(name: str, p: Parameter) -> Dial:
    low, high = p.sweep or p.bounds
    low, high = min(low, p.default), max(high, p.default)
    rough = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999)
    if p.unit == "0/1":
        step = 1.0
    elif p.unit in ("months", "h/month"):
        step = max(1.0, round(step))
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    low, high = max(low, p.bounds[0]), min(high, p.bounds[1])
    title = words.DIAL_TITLES.get(name, p.meaning[0].upper() + p.meaning[1:])
    sign = words.SIGNS[p.sign]
    sentence = f"{p.meaning[0].upper() + p.meaning[1:]}. {sign}".strip()
    if name in (calibrated := band.read()).names:
        values = [calibrated.member(n)[name] for n in range(len(calibrated))]
        sentence += words.VARIES.format(low=min(values), high=max(values))
    return Dial(name, title, p.unit, low, high, round(step, 10), p.default, f"{p.status}; {p.source}", sentence, p.at_start)


def _offered(event: str, key: str, argument: Argument) -> float | str | None:
    """What a form offers at first; None stands for leaving the argument out."""
    if (event, key) in words.OFFERED:
        return words.OFFERED[event, key]
    if argument.default is not None:
        drawn = not argument.choices and not argument.low <= float(argument.default) <= argument.high
        return None if drawn else argument.default
    return argument.choices[0] if argument.choices else round((argument.low + argument.high) / 2, 3)
