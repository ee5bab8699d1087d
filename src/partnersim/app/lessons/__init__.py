"""Lessons of fifty minutes, one a file: a scenario, a question to bet on, what to do, what to look for, and what to talk about."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from partnersim.app import words
from partnersim.app.session import Setup
from partnersim.scenarios.files import load_scenario

__all__ = ["Lesson", "all_lessons", "body", "page"]

LIST_PARTS = ("minutes", "do", "look", "debrief", "cannot")


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson; `bet` is the kind of bet, `measures` are its small charts, `levers` and `events` what differs in B when it opens."""

    name: str
    title: str
    about: str
    scenario: str
    question: str
    bet: str
    minutes: tuple[str, ...]
    do: tuple[str, ...]
    look: tuple[str, ...]
    debrief: tuple[str, ...]
    cannot: tuple[str, ...]
    measures: tuple[str, str, str]
    replicate: int = 0
    start: dict[str, Any] = field(default_factory=dict)
    levers: dict[str, float] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()

    def setup(self) -> Setup:
        """Return the setup the lesson opens with."""
        baseline = load_scenario(self.scenario)
        if self.start:
            baseline = baseline.replace(start=self.start)
        return Setup(baseline, dict(self.levers), self.events, replicate=self.replicate)


@cache
def all_lessons() -> dict[str, Lesson]:
    """Return the lessons by name, in their order."""
    found = {}
    for path in sorted(files(__package__).iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            name = path.name.removesuffix(".toml").partition("-")[2]
            lists: dict[str, Any] = {key: tuple(data.pop(key)) for key in (*LIST_PARTS, "measures")}
            events = tuple(data.pop("events", ()))
            found[name] = Lesson(name=name, events=events, **lists, **data)
    return found


def body(lesson: Lesson, *, folded: bool = True) -> str:
    """Return a lesson as HTML; what to look for gives answers, and is folded away where a class can read it."""
    out = [f"<h2>{escape(lesson.title)}</h2><p>{escape(lesson.about)}</p>"]
    out.append(f"<h3>{words.LESSON_PARTS['question']}</h3><p>{escape(lesson.question)}</p>")
    for part in LIST_PARTS:
        kind = "ol" if part == "do" else "ul"
        items = "".join(f"<li>{escape(line)}</li>" for line in getattr(lesson, part))
        title, listed = words.LESSON_PARTS[part], f"<{kind}>{items}</{kind}>"
        fold = folded and part == "look"
        out.append(f"<details><summary>{title}</summary>{listed}</details>" if fold else f"<h3>{title}</h3>{listed}")
    return "".join(out)


def page(lesson: Lesson) -> str:
    """Return a page to be printed."""
    style = (
        "body{font:15px/1.5 Roboto,'Segoe UI',Arial,sans-serif;color:#222;max-width:44em;margin:2.5em auto;padding:0 1.5em}"
        "h2{color:#12436d;font-size:1.6em;margin-bottom:.2em}h3{font-size:1.05em;margin:1.3em 0 .2em}li{margin:.25em 0}"
        "footer{margin-top:2em;color:#666;font-size:.85em}@media print{body{margin:0}a{display:none}}"
    )
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(lesson.title)}</title><style>{style}</style></head>"
        f"<body>{body(lesson, folded=False)}<footer>{escape(words.LIMITS)} partnersim, scenario {escape(lesson.scenario)}, "
        f"world {lesson.replicate}.</footer></body></html>"
    )
