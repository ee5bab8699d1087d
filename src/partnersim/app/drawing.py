"""The district drawn: leaders, their teams, and a small house for each school; positions never move and nothing is drawn by chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from partnersim.app import words
from partnersim.app.worlds import Shown, Staff
from partnersim.scenarios.scenario import Scenario

__all__ = ["District", "district", "months_of", "staff"]

MOST = 300
"""Nodes of a drawing; of larger districts every so many-th school is drawn."""
WIDTH, HEIGHT, TOP = 400.0, 258.0, 86.0
LEADERS, TEAM_WIDTH = 28.0, 15.0


@dataclass(frozen=True)
class District:
    """Where everything stands: people as (row, x, y, kind), schools as (number, x, y, size), and how many schools there are."""

    people: tuple[tuple[int, float, float, str], ...]
    schools: tuple[tuple[int, float, float, float], ...]
    all_schools: int
    reps: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "width": WIDTH,
            "height": HEIGHT,
            "top": TOP,
            "people": [[row, round(x, 1), round(y, 1), kind] for row, x, y, kind in self.people],
            "schools": [[number, round(x, 1), round(y, 1), round(size, 1)] for number, x, y, size in self.schools],
            "all": self.all_schools,
            "reps": self.reps,
        }


def district(scenario: Scenario) -> District:
    """Lay a district out: the three tiers from top to bottom."""
    team, reps = scenario.team_size, scenario.stewards_per_site
    core = 2 + 2 * team
    room = max(1, (MOST - core) // (2 + reps))
    step = math.ceil(scenario.sites / room)
    numbers = range(0, scenario.sites, step)
    across = min(len(numbers), max(1, math.ceil(math.sqrt(len(numbers) * WIDTH / (HEIGHT - TOP) * 0.62))))
    down = math.ceil(len(numbers) / across)
    wide, high = WIDTH / across, (HEIGHT - TOP) / down
    size = min(wide * 0.86, high * 1.3, 52.0)
    people = [(0, WIDTH / 2 - 34, LEADERS, "president"), (1, WIDTH / 2 + 34, LEADERS, "superintendent")]
    for side, sign in ((0, -1.0), (1, 1.0)):
        for n in range(team):
            row = 2 + side * team + n
            people.append((row, WIDTH / 2 + sign * (96 + TEAM_WIDTH * n), LEADERS, "board" if side == 0 else "cabinet"))
    schools = []
    for place, number in enumerate(numbers):
        x, y = (place % across + 0.5) * wide, TOP + (place // across + 0.5) * high
        schools.append((number, x, y, size))
        people.append((core + number, x + size * 0.22, y, "principal"))
        for r in range(reps):
            lift = (r - (reps - 1) / 2) * size * 0.3
            people.append((core + scenario.sites + number * reps + r, x - size * 0.22, y + lift, "rep"))
    return District(tuple(people), tuple(schools), scenario.sites, reps)


def labels(say: Callable[[str], str]) -> dict[str, Any]:
    """Return what is written into the drawing."""
    names = {key: say(key) for key in ("president", "superintendent", "school")}
    more = {"title": words.DISTRICT, "schools": words.SCHOOLS_SHOWN, "open": words.OPEN_SCHOOL}
    return names | {key: say(text) for key, text in more.items()} | {"teams": [say(team) for team in words.TEAMS]}


def months_of(drawn: District, shown: Shown) -> dict[str, list[str]]:
    """Return a letter for each person and tie drawn, month by month: stances 0 to 2, strength of ties 0 to 9."""
    rows = np.array([row for row, *_ in drawn.people])
    stances = shown.stances[:, rows] + ord("0")
    advisers = np.array([kind in ("board", "cabinet") for *_, kind in drawn.people])
    stances[:, advisers] = ord("-")
    dyads = [0] + [1 + number * drawn.reps for number, *_ in drawn.schools]
    ties = np.clip(shown.ties[:, dyads] * 10, 0, 9).astype(np.uint8) + ord("0")
    joined = shown.joined[:, [number for number, *_ in drawn.schools]].astype(np.uint8) * shown.exists[:, None].astype(np.uint8) + ord("0")
    return {
        "stances": [bytes(row).decode() for row in stances.astype(np.uint8)],
        "ties": [bytes(row).decode() for row in ties],
        "joined": [bytes(row).decode() for row in joined],
    }


STRONG = 0.12
"""Ties of teachers that are drawn."""


def staff(found: Staff) -> dict[str, Any]:
    """Lay a school's teachers out in rings, those who support joint work most in the middle, with the ties between them."""
    order = np.argsort(-found.support, kind="stable")
    places: dict[int, tuple[float, float]] = {}
    rings = math.ceil((math.sqrt(12 * len(order) - 3) - 3) / 6) if len(order) > 1 else 1  # a ring of one, then of 6, 12, 18, ...
    apart = min(34.0, 136.0 / rings)
    ring, put = 0, 0
    while put < len(order):
        room = 1 if ring == 0 else 6 * ring
        for n, k in enumerate(order[put : put + room]):
            angle = 2 * math.pi * (n + 0.5 * (ring % 2)) / min(room, len(order) - put)
            places[int(k)] = 150 + apart * ring * math.cos(angle), 150 + apart * ring * math.sin(angle)
        put, ring = put + room, ring + 1
    both = np.maximum(found.ties, found.ties.T)
    pairs = [(int(i), int(j)) for i, j in np.argwhere(np.triu(both, 1) > STRONG)]
    pairs = sorted(pairs, key=lambda pair: -both[pair])[: 3 * len(order)]
    here = found.present > 0
    return {
        "size": 300,
        "dot": round(apart / 34, 2),
        "people": [
            [round(x, 1), round(y, 1), round(float(found.support[k]), 2), int(found.engaged[k] > 0), int(here[k])]
            for k, (x, y) in places.items()
        ],
        "order": list(places),
        "ties": [[i, j, round(float(both[i, j]), 2)] for i, j in pairs if here[i] and here[j]],
    }
