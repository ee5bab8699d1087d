"""Peers to measure the model against, written as able users of Mesa write: agents with attributes and a `step`, no arrays.

`Peers` does far less than this package does in a month. `Opinions` does exactly what `members.judge` does, with the same results.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import mesa
import numpy as np

from partnersim.model.members import NEWCOMER_MONTHS, UNIFORM


class Peer(mesa.Agent):
    """Somebody who deals with eight others each step and learns whom to trust."""

    def __init__(self, model: Peers) -> None:
        super().__init__(model)
        self.goodwill = self.random.uniform(0.2, 0.9)
        self.trust: dict[Peer, float] = {}

    def meet(self, others: list[Peer]) -> None:
        """Get to know those one deals with."""
        self.trust = {other: 0.5 for other in others if other is not self}

    def step(self) -> None:
        """See what each of them does, and learn from it."""
        for other, trust in self.trust.items():
            kept_word = self.random.random() < other.goodwill
            self.trust[other] = trust + 0.1 * (kept_word - trust)


class Peers(mesa.Model):
    """A thousand people, eight acquaintances each: a small model, about the textbook way."""

    def __init__(self, people: int = 1000, acquaintances: int = 8, seed: int = 1) -> None:
        super().__init__(seed=seed)
        Peer.create_agents(self, people)
        everybody = list(self.agents)
        for peer in everybody:
            peer.meet(self.random.sample(everybody, acquaintances))

    def step(self) -> None:
        """Let everybody act, in random order."""
        self.agents.shuffle_do("step")


class School(mesa.Agent):
    """What is the same for all members of a school in a month."""

    def __init__(self, model: Opinions, columns: Mapping[str, np.ndarray], row: int) -> None:
        super().__init__(model)
        reps = (len(columns["joint"]) - 1) // len(columns["grievances"])
        self.grievances, self.idea = float(columns["grievances"][row]), float(columns["idea"][row])
        self.office, self.irritation = float(columns["office"][row]), float(columns["irritation"][row])
        self.density, self.poverty = float(columns["density"][row]), float(columns["poverty"][row])
        self.joint = [float(joint) for joint in columns["joint"][1 + row * reps : 1 + (row + 1) * reps]]

    def sum_up(self) -> None:
        """Work out the month's load, output and usual leaving."""
        p = self.model.p
        self.output = sum(self.joint) / len(self.joint)
        self.load = self.grievances / p.usual_grievances
        apart = 1.0 - min(1.0, self.density / p.embedded)
        self.usual = p.leaving * math.exp(p.poverty_exit * (self.poverty - 0.5) * apart * apart)


class Teacher(mesa.Agent):
    """A member with two opinions."""

    def __init__(self, model: Opinions, school: School, columns: Mapping[str, np.ndarray], row: int) -> None:
        super().__init__(model)
        self.school = school
        self.present, self.leaning = float(columns["present"][row]), float(columns["leaning"][row])
        self.grievance_exposure, self.seniority = float(columns["grievance_exposure"][row]), int(columns["seniority"][row])
        self.support, self.approval = float(columns["support"][row]), float(columns["approval"][row])
        self.engaged, self.leaving = 0.0, 0.0

    def judge(self, luck: Sequence[float] | None = None) -> None:
        """Judge idea and office, take part or not, stay or leave; with the draws handed in, if any."""
        p, school, draw = self.model.p, self.school, self.random.random
        for_idea, for_office, for_part, for_exit = luck or (draw(), draw(), draw(), draw())
        jitter = p.noise * UNIFORM
        excess = min(max(self.grievance_exposure * school.load - 1.0, -0.5), 2.0)
        w = school.office + self.leaning + 2.0 * (self.support - 0.5) - p.grievance * school.irritation * excess
        drift = 0.5 * jitter * (for_office - 0.5)
        self.approval = min(max(self.approval + p.office_speed * (logistic(w) - self.approval) + drift, 0.0), 1.0)
        u = school.idea + self.leaning - p.grievance_on_idea * p.grievance * excess
        drift = jitter * (for_idea - 0.5)
        self.support = min(max(self.support + p.speed * (logistic(u) - self.support) + drift, 0.0), 1.0)
        self.engaged = self.present if for_part < logistic(2.0 * self.support + 1.5 * school.output - 1.0) else 0.0
        likely = school.usual * math.exp(0.8 * (0.5 - self.support) + (0.35 if self.seniority < NEWCOMER_MONTHS else 0.0))
        self.leaving = self.present if for_exit < likely else 0.0
        self.seniority += 1


class Opinions(mesa.Model):
    """The mechanism `members.judge`, one agent a member."""

    def __init__(self, columns: Mapping[str, np.ndarray], p: object) -> None:
        super().__init__()
        self.p = p
        self.schools = [School(self, columns, row) for row in range(len(columns["grievances"]))]
        seats = len(columns["member_id"]) // len(self.schools)
        self.teachers = [Teacher(self, self.schools[row // seats], columns, row) for row in range(len(columns["member_id"]))]

    def step(self) -> None:
        """Let a month pass, with Mesa's own draws."""
        self.agents_by_type[School].do("sum_up")
        self.agents_by_type[Teacher].do("judge")

    def follow(self, luck: np.ndarray) -> None:
        """Let a month pass with these draws [draw, member]."""
        self.agents_by_type[School].do("sum_up")
        for teacher, own in zip(self.teachers, luck.T.tolist(), strict=True):
            teacher.judge(own)

    def column(self, name: str) -> np.ndarray:
        """Return an attribute of all members, as the package's columns hold it."""
        return np.array(self.agents_by_type[Teacher].get(name))


def logistic(x: float) -> float:
    """Return the share that log-odds x stand for."""
    return 1.0 / (1.0 + math.exp(-x))
