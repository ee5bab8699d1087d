"""What a command tells: notes and a bar on standard error, documents on standard output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.errors import PartnersimError

if TYPE_CHECKING:
    from partnersim.scenarios.scenario import Scenario
    from partnersim.study.runner import Tally

SLOW = 2.0
"""Seconds after which a progress bar appears."""


def say(text: str) -> None:
    """Tell a person something, on standard error, so that standard output stays the result."""
    print(text, file=sys.stderr, flush=True)


def print_json(document: object) -> None:
    """Print one JSON document; not-a-number is an error, never output."""
    print(json.dumps(document, indent=1, allow_nan=False, default=dict))


def document(text: str, as_data: Callable[[str], dict[str, Any]], out: Path | None, as_json: bool) -> None:
    """Print a document, or write it to a file."""
    if as_json:
        text = json.dumps(as_data(text), indent=1, allow_nan=False, default=dict) + "\n"
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise PartnersimError(
            f"{out} cannot be written: {problem.strerror}", where="--out", fix="name a file in a folder that exists"
        ) from problem
    say(f"wrote {out}")


def tell_of_compiling(scenario: Scenario) -> None:
    """Warn of the one long wait: the first run of a version."""
    if not scenario.plan.is_cached:
        say("the model is compiled, once for this version; this takes up to a minute ...")


@contextmanager
def progress(total: int | None, what: str = "runs") -> Iterator[Callable[..., None] | None]:
    """A bar on standard error, for a person who has waited a little; nothing for a file. Without a total, that is told with each step."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(what, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)
    began = time.monotonic()

    def advance(done: int, total: int | None = total) -> None:
        if not bar.live.is_started and time.monotonic() - began > SLOW:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        bar.stop()


@contextmanager
def study_progress(total: int) -> Iterator[Callable[[Tally], None] | None]:
    """The same for a study, with its speed and its failures."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    text = TextColumn("{task.fields[speed]}")
    bar = Progress("runs", BarColumn(), MofNCompleteColumn(), text, console=Console(stderr=True), transient=True)
    task = bar.add_task("runs", total=total, speed="")
    began = time.monotonic()

    def advance(tally: Tally) -> None:
        if not bar.live.is_started and time.monotonic() - began > SLOW:
            bar.start()
        speed = f"{tally.rate:.1f}/s, {duration(tally.seconds_left)} left" if tally.rate else ""
        bar.update(task, completed=tally.done + tally.failed, speed=f"{speed}, {tally.failed} failed" if tally.failed else speed)

    try:
        yield advance
    finally:
        bar.stop()


def size(number: float) -> str:
    """Return a number of bytes in words."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} TB"


def duration(seconds: float) -> str:
    """Return a length of time in words."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
