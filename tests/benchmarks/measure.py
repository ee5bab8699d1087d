"""Time what users wait for, each beside a control: `python tests/benchmarks/measure.py` prints the tables.

Machines are shared and differ, so a time alone says little. Every timing is processor time, the best of several, and stands beside the
best of a fixed control that runs in between: plain Python for start-up and compiling, a compiled spin loop for the engine. Quote the
ratios; a budget in seconds is one on the machine where the controls take `PYTHON_SECONDS` and `SPIN_SECONDS`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from mesa_peer import Opinions, Peers
from numba import njit

import partnersim as ps
from partnersim.engine.mechanism import Act
from partnersim.engine.random import units
from partnersim.model.members import LIVES
from partnersim.scenarios.files import load_scenario
from partnersim.simulate import OpenWorld, Settings

PYTHON_SECONDS, SPIN_SECONDS = 0.085, 0.065
"""What the controls take on the two-core machine for which the budgets were set."""
MONTHS = 240
SIZES = (6, 28, 150)
PEER_STEPS = 30

Work = Callable[[], Any]


@dataclass(frozen=True)
class Timing:
    """What was timed, its processor seconds, those of the control beside it, and what the control takes where budgets are set.

    `crowding` is time on the wall by processor time: above 1 the work had to wait, and what it shared a core with slowed it down too.
    """

    what: str
    seconds: float
    control: float
    usual: float
    crowding: float

    @property
    def ratio(self) -> float:
        """Time in units of the control."""
        return self.seconds / self.control

    @property
    def there(self) -> float:
        """Seconds it would take on the machine for which the budgets were set."""
        return self.ratio * self.usual


# -- controls and clocks --------------------------------------------------------------------------------------------


def plain_python() -> int:
    """Do a fixed piece of plain Python."""
    total = 0
    for n in range(3_000_000):
        total += n & 7
    return total


@njit(nogil=True)
def spin(steps: int) -> float:
    """Do a fixed piece of compiled work without memory traffic."""
    x = 0.5
    for _ in range(steps):
        x = 3.9 * x * (1.0 - x)
    return x


def compiled() -> float:
    """Do a fixed piece of compiled work, on one core."""
    return spin(40_000_000)


def elapsed(work: Work, clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of a call; processor seconds unless another clock is given."""
    began = clock()
    work()
    return clock() - began


def children() -> float:
    """Processor seconds of all finished child processes, in hundredths."""
    times = os.times()
    return times.children_user + times.children_system


def beside(what: str, work: Work, *, repeats: int, python: bool = False) -> Timing:
    """Time `work` and its control in turn, the best of each: what disturbs a shared machine only ever adds time.

    With `python` it is a child process, which plain Python is the control of.
    """
    control, clock, usual = (plain_python, children, PYTHON_SECONDS) if python else (compiled, time.process_time, SPIN_SECONDS)
    controls, works, crowding = [elapsed(control)], [], []
    for _ in range(repeats):
        began = time.perf_counter()
        works.append(elapsed(work, clock))
        crowding.append((time.perf_counter() - began) / works[-1])
        controls.append(elapsed(control))
    return Timing(what, min(works), min(controls), usual, min(crowding))


def in_turn(works: dict[Any, Work], *, repeats: int) -> dict[Any, float]:
    """Best processor seconds of several things, each done once a round, so that all share the quiet moments."""
    rounds = [{name: elapsed(work) for name, work in works.items()} for _ in range(repeats)]
    return {name: min(taken[name] for taken in rounds) for name in works}


# -- start-up -------------------------------------------------------------------------------------------------------


def start_up() -> list[Timing]:
    """Import, cold and warm first result, each in a fresh process."""
    first = "import partnersim as ps; print(ps.run('typical-district', replicates=2).summary())"
    with tempfile.TemporaryDirectory() as folder:

        def process(code: str) -> None:
            subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PARTNERSIM_CACHE": folder}, capture_output=True)

        return [
            beside("import partnersim", lambda: process("import partnersim"), repeats=5, python=True),
            beside("first result, cold", lambda: process(first), repeats=1, python=True),
            beside("first result, warm", lambda: process(first), repeats=3, python=True),
        ]


# -- the engine -----------------------------------------------------------------------------------------------------


def world_of(sites: int = 28, *, ledger: bool = False) -> OpenWorld:
    """Return a world of so many schools of 33 members that has run once; 28 is the size of ABC Unified, about 1,000 agents."""
    world = OpenWorld.of(Settings.of(load_scenario("typical-district").replace(sites=sites), point=True), months=MONTHS, ledger=ledger)
    simulate(world, 1)
    return world


def simulate(world: OpenWorld, runs: int) -> None:
    """Simulate 20 years so many times."""
    for replicate in range(runs):
        world.begin(seed=1, replicate=replicate).advance(MONTHS)


def agents(world: OpenWorld) -> int:
    """Members and staff of a district."""
    return len(world.world.columns["member_id"]) + len(world.world.columns["person_id"])


def run_time(*, ledger: bool = False) -> Timing:
    """One run of a district of 28 schools: 20 years of about 1,000 agents on one core; a mean of five, the best of ten such."""
    world = world_of(ledger=ledger)
    timing = beside("a run, with ledger" if ledger else "a run", lambda: simulate(world, 5), repeats=10)
    return replace(timing, seconds=timing.seconds / 5)


def by_size() -> dict[int, float]:
    """Nanoseconds of a member or staff person's month, by the number of schools."""
    worlds = {sites: world_of(sites) for sites in SIZES}
    runs = {sites: max(1, 150 // sites) for sites in SIZES}
    seconds = in_turn({sites: lambda sites=sites: simulate(worlds[sites], runs[sites]) for sites in SIZES}, repeats=10)
    return {sites: 1e9 * seconds[sites] / runs[sites] / MONTHS / agents(worlds[sites]) for sites in SIZES}


def two_threads(rounds: int = 12) -> tuple[float, float]:
    """How much faster two threads are than one: the control loop, and the model. Best times of many rounds, by the clock on the wall."""
    worlds = [world_of(), world_of()]
    works: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "control": (spin, [120_000_000, 120_000_000]),
        "model": (lambda world: simulate(world, 10), worlds),
    }
    alone, both = {name: float("inf") for name in works}, {name: float("inf") for name in works}

    def together(work: Callable[[Any], Any], arguments: list[Any]) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, arguments))

    for _ in range(rounds):
        for name, (work, arguments) in works.items():
            alone[name] = min(alone[name], *(elapsed(lambda f=work, x=x: f(x), time.perf_counter) for x in arguments))
            both[name] = min(both[name], elapsed(lambda f=work, x=arguments: together(f, x), time.perf_counter))
    return 2 * alone["control"] / both["control"], 2 * alone["model"] / both["model"]


def repeated(act: Act, world: OpenWorld) -> tuple[Callable[..., None], dict[str, Any]]:
    """Return a compiled function that does a step of a world for some months in a row, and what it works on: copies of the columns.

    Call it as `function(months, *values.values())`.
    """
    w, plan = world.world, world.world.plan
    params = dict(zip(plan.lines, w.params, strict=True))
    own = {"p": params.get(act.mechanism), "key0": w.key[0], "key1": w.key[1], "month": w.month + 1, "agenda": w.agenda}
    known = {f"p_{name}": p for name, p in params.items()} | w.record.arrays() | own
    values = {name: w.columns[name].copy() if name in w.columns else known[name] for name in act.arguments}
    given, passed = ", ".join(values), ", ".join("month + n" if name == "month" else name for name in values)
    scope = {"step": act.function}
    exec(f"def function(months, {given}):\n for n in range(months):\n  step({passed})", scope)
    return njit(error_model="numpy")(scope["function"]), values


def steps(months: int = 24) -> tuple[float, dict[str, float]]:
    """Milliseconds of a run, and of each step of it: each compiled alone and done for two years on a copy of a running world."""
    world = world_of()
    whole = in_turn({"run": lambda: simulate(world, 3)}, repeats=10)["run"] / 3
    world.begin(seed=1, replicate=0).advance(100)
    taken = {}
    for act in (*world.world.plan.month, *world.world.plan.observe):
        function, values = repeated(act, world)
        best = float("inf")
        for _ in range(7):
            fresh = [value.copy() if isinstance(value, np.ndarray) else value for value in values.values()]
            best = min(best, elapsed(lambda function=function, fresh=fresh: function(months, *fresh)))
        taken[act.name] = 1e3 * best / months * MONTHS
    return 1e3 * whole, taken


# -- beside Mesa ----------------------------------------------------------------------------------------------------


def beside_mesa() -> tuple[float, float]:
    """Microseconds of an agent's month: here, and of the Mesa peer that does far less."""
    world, peers = world_of(), Peers()

    def play() -> None:
        for _ in range(PEER_STEPS):
            peers.step()

    seconds = in_turn({"here": lambda: simulate(world, 3), "mesa": play}, repeats=7)
    return 1e6 * seconds["here"] / (3 * MONTHS * agents(world)), 1e6 * seconds["mesa"] / (PEER_STEPS * len(peers.agents))


def equal_work(months: int = 12) -> tuple[float, float, float]:
    """Microseconds of a member's month of `members.judge`: compiled, and one Mesa agent a member; and the largest difference of results."""
    world = world_of()
    world.begin(seed=1, replicate=0).advance(100)
    (act,) = (act for act in world.world.plan.month if act.name == "members.judge")
    function, values = repeated(act, world)
    here = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    peer = Opinions(here, here["p"])
    members, luck = len(here["member_id"]), np.zeros_like(here["luck"])
    apart = 0.0
    for month in range(months):
        here["month"] = values["month"] + month
        function(1, *here.values())
        units(here["key0"], here["key1"], LIVES, here["month"], here["member_id"], luck)
        peer.follow(luck)
        for name in ("support", "approval", "engaged", "leaving", "seniority"):
            apart = max(apart, float(np.abs(here[name] - peer.column(name)).max()))
    seconds = in_turn({"here": lambda: function(100, *here.values()), "mesa": peer.step}, repeats=200)
    return 1e6 * seconds["here"] / 100 / members, 1e6 * seconds["mesa"] / members, apart


# -- memory ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """Bytes that 150 more runs take: of a world that is used again, and of a set of runs beside what its results take."""

    world: float
    process: float
    kept: float
    results: float


def resident() -> float:
    """Memory of this process [bytes]; nan where the system does not tell."""
    file = Path("/proc/self/statm")
    return float(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if file.exists() else float("nan")


def memory() -> Memory:
    """Memory after 50 and after 200 runs."""
    world = world_of()

    def peaks(work: Callable[[int], Any]) -> tuple[float, Any]:
        peak, out = {}, {}
        for runs in (50, 200):
            tracemalloc.start()
            out[runs] = work(runs)
            peak[runs] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak[200] - peak[50], out

    simulate(world, 50)
    before = resident()
    simulate(world, 150)
    process = resident() - before
    again, _ = peaks(lambda runs: simulate(world, runs))
    ps.run("typical-district", replicates=2, years=5, point=True)  # what is loaded on first use is no result
    kept, sets = peaks(lambda runs: ps.run("typical-district", replicates=runs, years=5, workers=1, point=True))
    return Memory(world=again, process=process, kept=kept, results=size(sets[200]) - size(sets[50]))


def size(runs: ps.RunSet) -> float:
    """Bytes of the arrays that a set of runs holds."""
    return float(runs.histories.series.nbytes + sum(table.nbytes for table in runs.histories.events))


# -- printing -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Print the tables."""
    print(f"{'what':24}{'seconds':>9}{'control':>9}{'ratio':>8}{'where budgets are set':>24}{'crowding':>10}")
    for timing in (*start_up(), run_time(), run_time(ledger=True)):
        print(f"{timing.what:24}{timing.seconds:9.3f}{timing.control:9.3f}{timing.ratio:8.3f}", end="")
        print(f"{timing.there:24.3f}{timing.crowding:10.2f}", flush=True)

    here, there = beside_mesa()
    print(f"\nan agent's month: {here:.3f} us; of a Mesa peer that does far less {there:.2f} us: {there / here:.0f} times")
    here, there, apart = equal_work()
    print(f"a member's month of members.judge: {here:.4f} us; in Mesa {there:.2f} us: {there / here:.0f} times, results within {apart:.0e}")

    sizes = by_size()
    print("an agent's month by number of schools: " + ", ".join(f"{sites}: {ns:.0f} ns" for sites, ns in sizes.items()))
    used = memory()
    print(
        f"150 more runs: {used.world / 1e3:.0f} kB traced in a world used again, {used.process / 1e3:.0f} kB in the process; "
        f"{used.kept / 1e3:.0f} kB in a set of runs, whose results take {used.results / 1e3:.0f} kB"
    )
    control, model = two_threads()
    print(f"two threads against one: {model:.2f} times as fast, the control {control:.2f}: {model / control:.2f} of it")

    whole, taken = steps()
    print(f"\n{'step':28}{'ms a run':>9}{'share':>7}")
    for name, ms in sorted(taken.items(), key=lambda row: -row[1]):
        if ms > 0.01 * whole:
            print(f"{name:28}{ms:9.2f}{ms / whole:7.0%}")
    few = [ms for ms in taken.values() if ms <= 0.01 * whole]
    print(f"{f'{len(few)} others':28}{sum(few):9.2f}{sum(few) / whole:7.0%}")
    rest = whole - sum(taken.values())
    print(f"{'setting up and the loop':28}{rest:9.2f}{rest / whole:7.0%}")
    print(f"{'a run':28}{whole:9.2f}")


if __name__ == "__main__":
    main()
