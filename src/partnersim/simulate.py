"""Scenario -> arrays: many runs side by side in threads, with the same results whatever their number."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from partnersim.engine.compose import Plan
from partnersim.engine.random import check_key
from partnersim.engine.record import Record
from partnersim.engine.state import LAYOUT, Array
from partnersim.engine.world import World, filled
from partnersim.errors import ParameterError, ResultError, ScenarioError
from partnersim.model import band, outcomes, reference
from partnersim.model.band import AT_POINT, Band
from partnersim.model.columns import GROUPS, layout
from partnersim.model.stance import WILL_INPUTS
from partnersim.results import Histories, RunSet
from partnersim.scenarios.declared import plan
from partnersim.scenarios.events import agenda, levers
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import SET, Scenario
from partnersim.threads import in_threads, threads_for

__all__ = ["OpenWorld", "open_world", "plan", "run"]

MAX_YEARS = 100
MAX_REPLICATES = 1_000_000


def run(
    scenario: Scenario | str | Path,
    *,
    replicates: int = 200,
    years: int = 20,
    seed: int = 1,
    point: bool = False,
    ledger: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> RunSet:
    """Simulate a scenario many times.

    Parameters
    ----------
    scenario
        A scenario, the name of a shipped one, or the path of a scenario file.
    replicates
        Number of possible worlds. World r has the same luck in every scenario and in every run with this seed, and the same
        member of the band of calibrated parameter vectors: number r mod size. What the scenario sets itself wins over the band.
    years
        Length of each run [years], 1 to 100.
    seed
        A whole number from 0 to 4,294,967,295.
    point
        Leave the band alone and run every world at the default parameters.
    ledger
        Keep the ledgers of all runs (about .5 MB a run of 20 years) as `RunSet.histories.ledger` and `.will`.
    workers
        Threads; all cores when left out. Changes nothing but the time.
    progress
        Called with the number of finished runs.

    Raises
    ------
    ScenarioError, ParameterError
        Something asked for is not possible.
    RunError
        A run reached an impossible state; names mechanism, month and replicate.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    replicates = _whole(replicates, "replicates", MAX_REPLICATES)
    months = 12 * checked_years(years)
    seed = check_key(seed, "seed")
    threads = threads_for(replicates, workers)

    began = time.perf_counter()
    settings = Settings.of(scenario, point=point)
    try:
        out = Histories.empty(replicates, months, settings.plan, ledger=ledger)
    except MemoryError as problem:
        raise ParameterError(
            f"{replicates:,} runs of {years} years do not fit into memory",
            where="replicates",
            fix="fewer, or as a study: `partnersim study`",
        ) from problem
    worlds: SimpleQueue[tuple[OpenWorld, OpenWorld]] = SimpleQueue()
    for _ in range(threads):
        booked = OpenWorld.of(settings, months=months, ledger=True)
        worlds.put((booked if ledger else OpenWorld.of(settings, months=months, ledger=False), booked))
    booked.begin(seed=seed, replicate=0)  # in the calling thread, so that Ctrl-C can stop the compiler

    def one(replicate: int) -> None:
        world, booked = pair = worlds.get()
        try:
            world.begin(seed=seed, replicate=replicate).advance(months)
            out.keep(replicate, world.world, founded=settings.founded)
            life = out.practice[replicate]
            if life.died:
                # keeping a ledger takes as long as the run itself: it is kept only where something is to be explained
                if world is not booked:
                    booked.begin(seed=seed, replicate=replicate).advance(life.end)
                out.find_cause(replicate, booked.world)
        finally:
            worlds.put(pair)

    in_threads(one, range(replicates), threads, progress)
    seconds = time.perf_counter() - began
    return RunSet(scenario=scenario, years=years, seed=seed, band=settings.band, histories=out, seconds=seconds)


def open_world(scenario: Scenario | str | Path, *, seed: int, replicate: int, months: int, ledger: bool, point: bool = False) -> OpenWorld:
    """Return one world at month 0, to be moved forward with `advance`; `months` is the longest it can go."""
    scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return OpenWorld.of(Settings.of(scenario, point=point), months=months, ledger=ledger).begin(seed=seed, replicate=replicate)


@dataclass(frozen=True)
class Values:
    """Parameters in the form the engine takes them: at the start, and from a month on, in order of the months."""

    start: tuple[Any, ...]
    changes: tuple[tuple[int, tuple[Any, ...]], ...]


@dataclass(frozen=True)
class Settings:
    """A scenario in the form the engine takes it: arrays and parameter tuples; shared by all its runs."""

    scenario: Scenario
    plan: Plan
    layout: Mapping[str, Array]
    start: Mapping[str, Array]
    held: Mapping[str, Array]
    agenda: Array
    founded: bool
    band: Band | None
    """None at the default parameters."""
    known: dict[int, Values] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Values of the members that were asked for."""

    @classmethod
    def of(cls, scenario: Scenario, *, point: bool = False) -> Settings:
        """Resolve a scenario."""
        used = scenario.plan
        rows = layout(scenario.sites, scenario.members_per_site, scenario.stewards_per_site, scenario.team_size)
        columns = [c for c in used.columns.values() if c.owner != LAYOUT]
        values = {c.name: scenario.start.get(c.name, c.start) for c in columns} | {"poverty": scenario.poverty}
        start = filled(columns, rows, values)
        held = filled(columns, rows, values | _held_values(scenario)) if scenario.left_out else start
        return cls(
            scenario=scenario,
            plan=used,
            layout=rows,
            start=start,
            held=held,
            agenda=_agenda(scenario),
            founded=bool((held if "structures" in scenario.left_out else start)["exists"][0] == 1),
            band=band.choose(point=point),
        )

    def member(self, replicate: int) -> int:
        """Return the number of the band's member that a replicate has."""
        return AT_POINT if self.band is None else replicate % len(self.band)

    def values(self, replicate: int) -> Values:
        """Return the parameters of a replicate."""
        member = self.member(replicate)
        if member not in self.known:  # if two threads make it at once, they make the same
            calibrated = {} if self.band is None else self.band.member(member)
            self.known[member] = _values(self.scenario, self.plan, calibrated)
        return self.known[member]

    def with_timeline_of(self, scenario: Scenario) -> Settings:
        """Return settings for a scenario that differs from this one in its timeline alone."""
        return replace(self, scenario=scenario, agenda=_agenda(scenario))

    def with_parameters_of(self, scenario: Scenario) -> Settings:
        """Return settings for a scenario that differs from this one in its parameter values alone; takes a tenth of `of`."""
        return replace(self, scenario=scenario)


@dataclass(eq=False)
class OpenWorld:
    """A world that knows its scenario: it begins and advances as the scenario says, `set` events included.

    Whatever is made to `happen` on the way joins the scenario's timeline, so `scenario` always tells the whole history: run it, or
    write it down with `scenario.to_toml()`, and the same things happen.
    """

    world: World
    settings: Settings

    @classmethod
    def of(cls, settings: Settings, *, months: int, ledger: bool) -> OpenWorld:
        """Allocate a world that can go on for that many months."""
        used = settings.plan
        rows = sum(len(settings.layout[name]) for name in ("person_id", "dyad_id"))  # at most about one event each a month
        record = Record.empty(
            months,
            outcomes=len(outcomes.NAMES),
            events=months * (rows + 10) + 100,
            stocks=len(used.stocks),
            lines=len(used.lines),
            groups=len(GROUPS),
            inputs=len(WILL_INPUTS),
            ledger=ledger,
        )
        return cls(World(used, settings.layout, record), settings)

    @property
    def scenario(self) -> Scenario:
        """The scenario, with everything that was made to happen."""
        return self.settings.scenario

    @property
    def month(self) -> int:
        """The last month simulated."""
        return self.world.month

    @property
    def band_member(self) -> int:
        """The member of the band that this replicate has; -1 at the default parameters."""
        return self.settings.member(self.world.key[1])

    def begin(self, *, seed: int, replicate: int) -> OpenWorld:
        """Go (back) to month 0 of a replicate."""
        s = self.settings
        params = s.values(check_key(replicate, "replicate")).start
        self.world.begin(seed=seed, replicate=replicate, start=s.start, params=params, held=s.held, agenda=s.agenda)
        return self

    def advance(self, month: int) -> None:
        """Simulate up to and including `month`."""
        for change, params in self.settings.values(self.world.key[1]).changes:
            if self.world.month < change <= month:
                if self.world.month < change - 1:
                    self.world.advance(change - 1)
                self.world.advance(change, params)
        if self.world.month < month:
            self.world.advance(month)

    def happen(self, event: str, /, *, at_month: int | None = None, **arguments: object) -> None:
        """Let an event of the timeline (`set` included) happen at the start of the next month, or of a later one.

        It has the arguments, checks and consequences of an event in a scenario file. The past stays as it is, and the future
        is, to the bit, that of a scenario which had the event from the beginning.

        Raises
        ------
        ScenarioError
            The event does not exist, its arguments are not possible, or its month has passed.
        """
        scenario = self.scenario.with_event(self.month + 1 if at_month is None else at_month, event, **arguments)
        if at_month is not None and at_month <= self.month:
            raise ScenarioError(
                f"{event} cannot happen in month {at_month}: the world is in month {self.month}",
                where="at_month",
                allowed=f"a month from {self.month + 1} on",
                fix="to change the past, run `scenario.with_event(...)` from the start",
            )
        self.settings = self.settings.with_timeline_of(scenario)
        self.world.agenda = self.settings.agenda


def checked_years(years: int) -> int:
    """Return the length of a run, or raise ParameterError if it is absurd."""
    return _whole(years, "years", MAX_YEARS)


def by_mechanism(parameters: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return values by mechanism and parameter, of values by "mechanism.parameter"."""
    out: dict[str, dict[str, float]] = {}
    for key, value in parameters.items():
        mechanism, _, name = key.partition(".")
        out.setdefault(mechanism, {})[name] = value
    return out


def _agenda(scenario: Scenario) -> Array:
    """The rows of the events that the engine carries out."""
    happens = [event for event in scenario.timeline if event["event"] != SET]
    return agenda(happens, where=f"scenario {scenario.name}")


def _values(scenario: Scenario, used: Plan, calibrated: Mapping[str, float]) -> Values:
    """The parameters of a scenario over calibrated ones, and what `set` events make of them, each on top of those before."""
    now, out = {**calibrated, **scenario.parameters}, {}
    start = used.params(by_mechanism(now), scenario.left_out)
    for event in sorted(scenario.timeline, key=lambda e: int(str(e["at_month"]))):
        if moved := levers(event):
            now |= moved
            out[int(str(event["at_month"]))] = used.params(by_mechanism(now), scenario.left_out)
    return Values(start, tuple(out.items()))


def _held_values(scenario: Scenario) -> dict[str, Any]:
    """Values of the columns of mechanisms left out: their declared null, else the usual level."""
    used, own = scenario.plan, plan()
    found: dict[str, Any] = {}
    for name, column in used.columns.items():
        if column.owner not in scenario.left_out:
            continue
        if column.held is not None:
            found[name] = column.held
        elif name in own.columns:  # a user's own column has no usual level but its start
            usual = reference.read().get(name)
            if usual is None:
                raise ResultError(
                    f"there is no reference value for {name}",
                    where="model/reference.csv",
                    fix="the table is older than the model: run `python -m partnersim.reference`",
                )
            values = np.nan_to_num(np.asarray(usual))
            found[name] = tuple(np.round(values) if column.integer else values)
    return found


def _whole(value: object, name: str, highest: int) -> int:
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and 1 <= value <= highest:
        return int(value)
    raise ParameterError(f"{name} = {value!r} is not possible", where=name, allowed=f"a whole number from 1 to {highest}")
