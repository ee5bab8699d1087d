"""What the page shows of a scenario: one world month by month, and a fan of many worlds behind it.

Everything is made in small pieces in a few threads, first come first served, so that no tab waits for the whole of another's work.
What many tabs ask for (a class that opens the same lesson) is made once.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from partnersim.engine.record import WORDS
from partnersim.model import outcomes
from partnersim.model.columns import GROUPS, MANAGEMENT, NOBODY, SIDES, STANCES, UNION
from partnersim.model.outcomes import Life
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import OpenWorld, Settings, run

if TYPE_CHECKING:
    from partnersim.app.session import Setup
    from partnersim.results import RunSet
    from partnersim.story import Story

__all__ = ["CHARTED", "Fan", "Round", "Shown", "Workshop", "keep_loaded", "teachers"]

WORLDS = 50
"""Worlds of a fan."""
FIRST = (range(2), range(2, 4))
"""Worlds after which a fan is drawn first, made side by side."""
BREATH = 0.15
"""Seconds for a browser on the same machine to draw the first fan in, before the others are worked on."""
PIECE, AHEAD = 6, 3
"""Further worlds made at a time, and how many such pieces of one tab wait for a thread at a time."""
SPREAD = 200
"""Worlds of a survival curve."""
FUTURES, YEARS_ON, HARDLY = 24, 5, 0.1
"""The point of no return: other futures tried from a month on, how long practice has to live in them, and the share that is too few."""
CHARTED = (
    "alive_index", "practice_workplace", "form", "trust_union_strategic", "trust_management_strategic", "trust_union_workplace",
    "trust_management_workplace", "member_support", "leader_approval", "grievances", "authority_workplace", "joint_gains", "quality",
    "pay_index", "budget_gap", "board_confidence", "institutionalisation", "readiness",
)  # fmt: skip
"""Outcomes that the page draws."""
CHARTED_AT = [outcomes.NAMES.index(name) for name in CHARTED]
LEVELS = (10, 50, 90)
"""Percentiles of a fan."""
BUDGET_ROUND = 0.01
"""A budget round: the gap begins to exceed this share of the budget."""
OTHER_LUCK = 7919
"""Added to the seed for another future of the same world: the luck differs, the world's parameters do not."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Round:
    """A month in which something is negotiated: "contract" or "budget"."""

    month: int
    kind: str


@dataclass(frozen=True, eq=False)
class Shown:
    """One world, month by month.

    series [month, outcome]; stances [month, person] (0 collaborate, 1 hold back, 2 contest); ties [month, dyad] (mean trust of the two);
    exists [month]; joined [month, school]; events as (month, kind, level, school, side, cause, size).
    """

    scenario: Scenario
    seed: int
    replicate: int
    series: np.ndarray
    stances: np.ndarray
    ties: np.ndarray
    exists: np.ndarray
    joined: np.ndarray
    events: tuple[tuple[int, str, str, int, str, str, float], ...]
    rounds: tuple[Round, ...]
    life: Life

    @property
    def months(self) -> int:
        """Length of the run."""
        return len(self.series) - 1

    def line(self, name: str) -> np.ndarray:
        """Return an outcome by month."""
        return self.series[:, outcomes.NAMES.index(name)]

    def stance(self, side: str, month: int) -> str:
        """Say what a leader did in a month."""
        return STANCES[int(self.stances[month, SIDES.index(side)])]


@dataclass(frozen=True, eq=False)
class Fan:
    """Many worlds of a scenario: percentiles [level, month, outcome charted], and how many lived on."""

    bands: np.ndarray
    worlds: int
    born: int
    alive: int

    def band(self, name: str) -> np.ndarray:
        """Return the percentiles of an outcome: [level, month]."""
        return self.bands[:, :, CHARTED.index(name)]


def show(scenario: Scenario, *, seed: int, replicate: int, months: int) -> Shown:
    """Simulate a world and keep what is drawn of it."""
    settings = Settings.of(scenario)
    opened = OpenWorld.of(settings, months=months, ledger=False).begin(seed=seed, replicate=replicate)
    columns = opened.world.columns
    people, dyads, schools = len(columns["stance"]), len(columns["trust"]), len(columns["site_id"])
    stances, ties = np.zeros((months + 1, people), np.int8), np.zeros((months + 1, dyads), np.float32)
    exists, joined = np.zeros(months + 1, np.int8), np.zeros((months + 1, schools), np.int8)
    window, gap = np.zeros(months + 1), np.zeros(months + 1)
    for month in range(months + 1):
        opened.advance(month)
        stances[month], ties[month] = columns["stance"], columns["trust"].mean(axis=1)
        exists[month], joined[month] = columns["exists"][0], columns["joined"]
        window[month], gap[month] = columns["window"][0], columns["gap"][0]
    record = opened.world.record
    begins = [(window > 0, "contract"), (gap > BUDGET_ROUND, "budget")]
    rounds = [Round(int(m), kind) for now, kind in begins for m in np.flatnonzero(now[1:] & ~now[:-1]) + 1]
    return Shown(
        scenario=scenario,
        seed=seed,
        replicate=replicate,
        series=record.series.copy(),
        stances=stances,
        ties=ties,
        exists=exists,
        joined=joined,
        events=tuple(_event(row) for row in record.event_rows()),
        rounds=tuple(sorted(rounds, key=lambda one: one.month)),
        life=outcomes.practice_life(record.series[:, outcomes.ALIVE_INDEX], founded=settings.founded),
    )


def _event(row: np.ndarray) -> tuple[int, str, str, int, str, str, float]:
    month, kind, group, site, side, cause, size = row
    who = "" if side == NOBODY else SIDES[int(side)]
    return int(month), WORDS[int(kind)], GROUPS[int(group)], int(site), who, WORDS[int(cause)], float(size)


@dataclass(frozen=True, eq=False)
class Staff:
    """A school's teachers in a month: support [member], engaged [member], present [member], ties [member, member]."""

    support: np.ndarray
    engaged: np.ndarray
    present: np.ndarray
    ties: np.ndarray


def teachers(scenario: Scenario, *, seed: int, replicate: int, month: int, school: int) -> Staff:
    """Simulate a world up to a month and return the staff of a school."""
    opened = OpenWorld.of(Settings.of(scenario), months=month, ledger=False).begin(seed=seed, replicate=replicate)
    opened.advance(month)
    many = scenario.members_per_site
    rows = slice(school * many, (school + 1) * many)
    columns = opened.world.columns
    return Staff(*(columns[name][rows].copy() for name in ("support", "engaged", "present", "tie")))


def own_choice(scenario: Scenario, *, seed: int, replicate: int, month: int, side: str) -> str:
    """Say what a leader would choose in a month of this scenario by the leader's own reasons."""
    own = scenario.fields()
    own["timeline"] = tuple(e for e in own["timeline"] if not _covers(e, side, month))
    opened = OpenWorld.of(Settings.of(Scenario(**own)), months=month, ledger=False).begin(seed=seed, replicate=replicate)
    opened.advance(month)
    return STANCES[int(opened.world.columns["stance"][int(UNION) if side == SIDES[0] else int(MANAGEMENT)])]


def _covers(event: Any, side: str, month: int) -> bool:
    begins = event["at_month"]
    return event["event"] == "stance_taken" and event["side"] == side and begins <= month < begins + event["months"]


def lives_on(scenario: Scenario, *, seed: int, replicate: int, month: int, months: int) -> float:
    """Return the share of other futures, from a month of a world on, in which practice lives on for five years."""
    settings = Settings.of(scenario)
    end = min(months, month + 12 * YEARS_ON)
    opened = OpenWorld.of(settings, months=end, ledger=False)
    alive = 0
    for future in range(FUTURES):
        opened.begin(seed=seed, replicate=replicate)
        opened.advance(month)
        opened.world.key = ((seed + OTHER_LUCK * (future + 1)) % (1 << 32), opened.world.key[1])
        opened.advance(end)
        alive += not outcomes.practice_life(opened.world.record.series[:, outcomes.ALIVE_INDEX], founded=settings.founded).died
    return alive / FUTURES


def no_return(scenario: Scenario, *, seed: int, replicate: int, months: int, end: int) -> int:
    """Return the first month from which practice lives on in fewer than a tenth of other futures, found by halving; `end` at the latest."""
    low, high = 0, end
    while high - low > 1:
        middle = (low + high) // 2
        if lives_on(scenario, seed=seed, replicate=replicate, month=middle, months=months) < HARDLY:
            high = middle
        else:
            low = middle
    return high


def piece(settings: Settings, *, seed: int, months: int, worlds: range) -> tuple[np.ndarray, list[Life]]:
    """Simulate some worlds of a fan: what is charted [world, month, outcome], and their lives."""
    opened = OpenWorld.of(settings, months=months, ledger=False)
    out = np.empty((len(worlds), months + 1, len(CHARTED)), np.float32)
    lives = []
    for n, replicate in enumerate(worlds):
        opened.begin(seed=seed, replicate=replicate).advance(months)
        series = opened.world.record.series
        out[n] = series[:, CHARTED_AT]
        lives.append(outcomes.practice_life(series[:, outcomes.ALIVE_INDEX], founded=settings.founded))
    return out, lives


def fan_of(parts: list[tuple[np.ndarray, list[Life]]]) -> Fan:
    """Summarise the worlds made so far."""
    series = np.concatenate([part for part, _ in parts])
    lives = [life for _, some in parts for life in some]
    bands = np.percentile(series, LEVELS, axis=0).astype(np.float32)
    return Fan(bands, len(lives), sum(life.born >= 0 for life in lives), sum(life.born >= 0 and not life.died for life in lives))


def keep_loaded() -> None:
    """Let the garbage collector pass over what is loaded: looking through it takes 0.15 s, now and then, and all tabs wait."""
    gc.freeze()


class Stopped(Exception):
    """Somebody pressed cancel."""


class Workshop:
    """The threads all tabs share, and the fans they made lately.

    Lines come before fans, and fans before spreads and stories; fans are made a few worlds at a time, so tabs take turns.
    """

    def __init__(self, threads: int = 2) -> None:
        self.quick = ThreadPoolExecutor(threads, thread_name_prefix="classroom-quick")
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="classroom-fan")
        self.slow = ThreadPoolExecutor(1, thread_name_prefix="classroom-slow")
        self.fans: OrderedDict[tuple[str, int, int], Fan] = OrderedDict()
        self.locks: dict[tuple[str, int, int], asyncio.Lock] = {}
        self.asked = 0
        """Quick things that are under way, of all tabs."""
        self.calm = asyncio.Event()
        self.calm.set()

    async def do(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Do something quick, before all fans."""
        self.asked += 1
        self.calm.clear()
        try:
            return await asyncio.get_running_loop().run_in_executor(self.quick, lambda: work(*args, **kwargs))
        finally:
            self.asked -= 1
            if not self.asked:
                self.calm.set()

    async def do_slowly(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Do something of a second or more, one after the other, so that the quick things go on."""
        return await asyncio.get_running_loop().run_in_executor(self.slow, lambda: work(*args, **kwargs))

    async def shown(self, setup: Setup, scenario: Scenario) -> Shown:
        """Show the world of a setup."""
        return await self.do(show, scenario, seed=setup.seed, replicate=setup.replicate, months=setup.months)

    async def fan(self, setup: Setup, scenario: Scenario) -> AsyncGenerator[Fan, None]:
        """Yield the fan of a scenario as it grows; the last one is whole. Whoever stops listening stops the work."""
        key = (await self.do(scenario.to_toml), setup.seed, setup.months)
        lock = self.locks.setdefault(key, asyncio.Lock())
        async with lock:
            if key not in self.fans:
                settings = await self.do(Settings.of, scenario)
                work = partial(piece, settings, seed=setup.seed, months=setup.months)
                loop = asyncio.get_running_loop()
                parts = list(await asyncio.gather(*(self.do(work, worlds=some) for some in FIRST)))
                yield await asyncio.to_thread(fan_of, list(parts))
                await asyncio.sleep(BREATH)
                begun = FIRST[-1].stop
                many = [range(a, min(a + PIECE, WORLDS)) for a in range(begun, WORLDS, PIECE)]
                ahead: deque[asyncio.Future[tuple[np.ndarray, list[Life]]]] = deque()
                try:
                    while many or ahead:
                        while many and len(ahead) < AHEAD:  # a few at a time, so that others' pieces come in between
                            await self.calm.wait()  # what nobody has seen anything of yet comes first
                            ahead.append(loop.run_in_executor(self.pool, partial(work, worlds=many.pop(0))))
                        parts.append(await ahead.popleft())
                    self.fans[key] = await asyncio.to_thread(fan_of, parts)
                finally:
                    for task in ahead:
                        task.cancel()
                while len(self.fans) > 40:
                    self.fans.popitem(last=False)
            self.fans.move_to_end(key)
            found = self.fans[key]
        if not lock.locked():
            self.locks.pop(key, None)
        yield found

    async def story(self, setup: Setup, scenario: Scenario) -> Story:
        """Tell the shown world."""

        def work() -> Story:
            first = "partnersim.story" not in sys.modules
            from partnersim.story import tell

            if first:
                keep_loaded()
            in_school_words = replace(scenario, words="school")  # the page says it in the words of the class
            return tell(in_school_words, replicate=setup.replicate, seed=setup.seed, years=setup.years)

        return await self.do_slowly(work)

    async def spread(self, setup: Setup, scenario: Scenario, progress: Callable[[int], None], cancel: threading.Event) -> RunSet | None:
        """Run many worlds for a survival curve; None if it was cancelled."""

        def told(done: int) -> None:
            progress(done)
            if cancel.is_set():
                raise Stopped

        def work() -> RunSet | None:
            if cancel.is_set():
                return None
            try:
                return run(scenario, replicates=SPREAD, years=setup.years, seed=setup.seed, workers=1, progress=told)
            except Stopped:
                return None

        return await self.do_slowly(work)

    def close(self) -> None:
        """Let the threads go."""
        self.quick.shutdown(wait=False, cancel_futures=True)
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.slow.shutdown(wait=False, cancel_futures=True)
