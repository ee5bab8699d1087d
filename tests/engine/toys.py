"""Ponds, a world small enough to compile in seconds: rain fills them, frogs live and drink in them, birds look on.

Everything is made from source text, so that a test can change a line and see what the engine says to it. This module is
also what tests run in processes of their own (`python toys.py` with the folder of the mechanisms as argument).
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import partnersim
from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import Schedule
from partnersim.engine.record import Record
from partnersim.engine.state import LAYOUT, Column
from partnersim.engine.world import World, filled

HEAD = """
from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import logistic, logit
from partnersim.engine.random import block, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.parameters import Parameter


def number(name, default):
    return Parameter(name=name, default=default, bounds=(-1e9, 1e9), unit="-", role="fixed", status="assumed",
                     source="assumed: a toy", meaning="a number of a toy")

"""
SOURCES = {
    "rain": HEAD
    + """
from helper import drain

MECHANISM = Mechanism(name="rain", claim="Rain fills ponds.", parameters=(number("amount", 2.0), number("scale", 1.0)))
FALLS = stream("rain.falls")
STARTS = stream("rain.starts")

@step(writes=("water",))
def begin(pond_id, water, key0, key1, month):
    for i in range(water.shape[0]):
        water[i] += unit(block(key0, key1, STARTS, month, pond_id[i], 0)[0])

@step(writes=("water",))
def fall(pond_id, water, p, key0, key1, month):
    for i in range(water.shape[0]):
        water[i] += p.amount * unit(block(key0, key1, FALLS, month, pond_id[i], 0)[0]) - drain(water[i])
""",
    "frogs": HEAD
    + """
MECHANISM = Mechanism(name="frogs", claim="Frogs drink.",
                      parameters=(number("thirst", 0.1), number("dies_in", -1.0)), off="absent")
BREEDS = stream("frogs.breeds")
BORN = word("born")

@step(writes=("frogs", "cover"), adds=("water",))
def breed(pond_id, frogs, cover, water, p, p_rain, key0, key1, month, events, fault):
    for i in range(water.shape[0]):
        a, b, _, _ = block(key0, key1, BREEDS, month, pond_id[i], 0)
        frogs[i, 0] = 0.5 * frogs[i, 0] + unit(a)
        frogs[i, 1] = 0.5 * frogs[i, 1] + unit(b)
        cover[i] = logistic(logit(cover[i]) + 0.1 * (water[i] - p_rain.amount) * unit(a))
        water[i] = max(0.0, water[i] - p.thirst * (frogs[i, 0] + frogs[i, 1]))
        note(events, month, BORN, 0, i, -1, NOTHING, frogs[i, 0])
        if month == p.dies_in:
            fault[0] = 1
            fault[1] = i
            return
""",
    "birds": HEAD
    + """
MECHANISM = Mechanism(name="birds", claim="Birds look on, and nobody minds them.")
FLIES = stream("birds.flies")

@step(writes=("birds",))
def fly(pond_id, water, birds, key0, key1, month):
    for i in range(water.shape[0]):
        birds[i] = water[i] + unit(block(key0, key1, FLIES, month, pond_id[i], 0)[0])
""",
    "watch": HEAD
    + """
@step()
def collect(water, frogs, cover, series, month, p_rain):
    for i in range(water.shape[0]):
        series[month, 0] += water[i] / p_rain.scale
        series[month, 1] += frogs[i, 0] + frogs[i, 1]
        series[month, 2] += cover[i]
""",
    "helper": """
from numba import njit
from numbers_of_helper import RATE

@njit(error_model="numpy")
def drain(x):
    return RATE * x
""",
    "numbers_of_helper": "RATE = 0.25\n",
}
LAYOUT_ROWS = {"pond_id": np.array([7, 8, 9]), "pond_group": np.array([0, 1, 1])}
STEPS = {"opening": [("rain", "begin")], "month": [("rain", "fall"), ("frogs", "breed"), ("birds", "fly")]}


def column(name: str, owner: str, **more: Any) -> Column:
    usual: dict[str, Any] = {"entity": "pond", "low": -1e9, "high": 1e9, "meaning": "a toy", "unit": "-"}
    return Column(name=name, owner=owner, **usual | more)


COLUMNS = (
    column("pond_id", LAYOUT, integer=True),
    column("pond_group", LAYOUT, integer=True),
    column("water", "rain", start=(3.0, 5.0), ledger="level"),
    column("frogs", "frogs", start=1.0, width=2, held=2.0, ledger="level"),
    column("cover", "frogs", low=0, high=1, start=0.4, held=0.25, ledger="log-odds"),
    column("birds", "birds"),
)
_numbers = count()


def fresh() -> int:
    """Return a number that nobody has had yet, for the name of a module."""
    return next(_numbers)


def write(folder: Path, sources: Mapping[str, str], edits: Iterable[tuple[str, str, str]] = ()) -> None:
    """Write modules after edits (module, old, new); an edit that finds nothing is a mistake of the test."""
    texts = dict(sources)
    for module, old, new in edits:
        assert old in texts[module], f"{old!r} is not in {module}"
        texts[module] = texts[module].replace(old, new, 1)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)


def plan_of(folder: Path, *, columns: Iterable[Column] = COLUMNS, steps: Mapping[str, Any] = STEPS, tag: object = None) -> Plan:
    """Make the plan of the modules in a folder, each imported under a name of its own (or with the tag given)."""
    tag = fresh() if tag is None else tag

    def load(name: str, known: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(known, folder / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    for name in ("numbers_of_helper", "helper"):  # imported by their own names: the last folder counts
        load(name, name)
    names = [*dict.fromkeys(n for part in steps.values() for n, _ in part), "watch"]
    modules = {name: load(name, f"{name}_{tag}") for name in names}
    functions = {part: tuple(getattr(modules[m], f) for m, f in entries) for part, entries in steps.items()}
    return Plan(Schedule(**functions, observe=(modules["watch"].collect,)), columns)


def world_of(plan: Plan, months: int = 24, *, ledger: bool = False, events: int = 1000) -> World:
    record = Record.empty(
        months,
        outcomes=3,
        events=events,
        stocks=len(plan.stocks),
        lines=len(plan.lines),
        groups=2,
        inputs=1,
        ledger=ledger,
    )
    return World(plan, LAYOUT_ROWS, record)


def begin(
    world: World,
    *,
    replicate: int = 0,
    values: Mapping[str, Mapping[str, float]] | None = None,
    off: Iterable[str] = (),
    held: Mapping[str, Any] | None = None,
) -> World:
    columns = world.plan.columns
    start = filled(columns.values(), LAYOUT_ROWS, {c.name: c.start for c in columns.values()})
    stays = {c.name: c.start if c.held is None else c.held for c in columns.values()} | dict(held or {})
    world.begin(
        seed=3,
        replicate=replicate,
        start=start,
        params=world.plan.params(values or {}, off),
        held=filled(columns.values(), LAYOUT_ROWS, stays),
        agenda=np.zeros((0, 2)),
    )
    return world


def records(world: World) -> dict[str, Any]:
    """Return the recorders of a world as they count: of the events only the rows written."""
    return {**world.record.arrays(), "events": world.record.event_rows()}


def fingerprint_of(arrays: Mapping[str, Any]) -> str:
    """Hash every bit of some arrays."""
    hashed = sha256()
    for name, array in arrays.items():
        hashed.update(f"{name} {array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


def fingerprint(world: World) -> str:
    """Hash every bit that a run left behind."""
    return fingerprint_of({**world.columns, **records(world)})


def command(*arguments: object, code: str = "", cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """Start a Python process with warnings as errors."""
    source = Path(partnersim.__file__).parents[1]
    path = os.pathsep.join(filter(None, [str(source), str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-W", "error", *(["-c", code] if code else []), *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_DISABLE_JIT": "0",
            **environment,
        },
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> Any:
    """Wait for a process and return what it said, as JSON."""
    out, wrong = process.communicate(timeout=500)
    assert process.returncode == 0, wrong
    return json.loads(out)


def main(folder: Path) -> None:
    plan = plan_of(folder)
    known = plan.is_cached
    world = begin(world_of(plan))
    world.advance(12)
    stats = getattr(plan.loop.module.run, "stats", None)  # none where nothing is compiled
    print(
        json.dumps(
            {
                "digest": plan.digest,
                "runner": plan.loop.module.__file__,
                "known": known,
                "hits": sum(stats.cache_hits.values()) if stats else 0,
                "misses": sum(stats.cache_misses.values()) if stats else 0,
                "bits": fingerprint(world),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
