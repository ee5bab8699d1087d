"""What a worker does with a piece of a study: simulate its runs and write one part. Only numbers go back to whoever asked."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partnersim.engine.compose import Plan
from partnersim.errors import PartnersimError, ResultError, RunError
from partnersim.folders import told
from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.stance import WILL_INPUTS
from partnersim.results import Histories, RunSet
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import OpenWorld, Settings
from partnersim.study.disk import sizes
from partnersim.study.edition import Edition
from partnersim.study.factors import only_parameters, vary
from partnersim.study.identity import band_of
from partnersim.study.store import ABOUT, PARTS, Failure, Span, Store, failures_table
from partnersim.study.study import Recording

BATCH = 64
"""Runs whose full histories are in memory at a time."""
WILL = "will"


@dataclass(frozen=True)
class Job:
    """A piece of a study: small enough to send anywhere."""

    folder: str
    edition: int
    digest: str
    """What parts call the plan that this edition stands in."""
    part: str
    spans: tuple[Span, ...]

    @property
    def runs(self) -> int:
        """Number of runs."""
        return sum((p1 - p0) * (r1 - r0) for p0, p1, r0, r1 in self.spans)


def work(job: Job) -> dict[str, Any]:
    """Simulate a piece and write it; return what the log says of it.

    Raises ResultError if it cannot be written, or if this worker has another model.
    """
    began, busy = time.perf_counter(), time.thread_time()
    store = Store(job.folder)
    edition = _edition(job.folder, job.edition, job.digest)
    same_model(edition)
    tables = simulate(edition, _runs(job))
    simulated = time.perf_counter() - began
    failures = list(zip(*(tables["failures"].column(name).to_pylist() for name in ("point", "replicate")), strict=True))
    note = {
        "part": job.part,
        "spans": [list(span) for span in job.spans],
        "failures": [list(failure) for failure in failures],
        "replaces": [],
        "digest": edition.digest,
        "seconds": round(simulated, 4),
        "rows": {name: table.num_rows for name, table in tables.items() if name != "failures" or failures},
    }
    try:
        write(store, note, tables)
    except OSError as problem:
        raise told(problem, store.folder) from problem
    return {
        **note,
        "bytes": sizes(store.folder / PARTS / job.part),
        "at": time.time(),
        "memory": sum(table.nbytes for table in tables.values()),
        # of the processor: on a crowded machine the clock on the wall would make ever smaller pieces
        "worked": time.thread_time() - busy,
    }


def write(store: Store, note: dict[str, Any], tables: dict[str, pa.Table]) -> None:
    """Write a part: its tables, and in the first of them what it holds."""
    with store.new_folder(store.folder / PARTS / note["part"]) as folder:
        for name in note["rows"]:
            table = tables[name]
            if name == "runs":
                about = {key: value for key, value in note.items() if key != "part"}
                table = table.replace_schema_metadata({ABOUT: json.dumps(about).encode()})
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _runs(job: Job) -> Iterator[tuple[int, int]]:
    for p0, p1, r0, r1 in job.spans:
        for point in range(p0, p1):
            for replicate in range(r0, r1):
                yield point, replicate


# -- scenarios of points --------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _edition(folder: str, number: int, digest: str) -> Edition:
    edition = Store(folder).edition(number)
    if edition.digest != digest:
        raise ResultError(f"{folder} holds another study than when this session began", where=folder, fix="give the study command again")
    return edition


@lru_cache(maxsize=8)
def _kernel(plan: Plan) -> str:
    return plan.digest


def same_model(edition: Edition) -> None:
    """Raise ResultError if this process has another model, or another band, than the study was planned with."""
    if (mine := band_of(edition.point)) != edition.band:
        raise ResultError(
            f"this worker has another band than the study: {str(mine)[:12]} and not {str(edition.band)[:12]}",
            fix="give all workers the same version of partnersim",
        )
    for name, scenario in edition.scenarios.items():
        if (here := _kernel(scenario.plan)) != edition.kernels[name]:
            raise ResultError(
                f"this worker has another model than the study: {here[:12]} and not {edition.kernels[name][:12]}",
                where=f"scenario {name}",
                fix="give all workers the same version of partnersim, numba and numpy",
            )


def scenario_of(edition: Edition, point: int) -> Scenario:
    """Return the scenario of a point."""
    return vary(edition.scenarios[edition.scenario_of(point)], edition.values(point))


class Bench:
    """Settings and worlds that a thread uses again, as making them costs as much as a short run."""

    def __init__(self) -> None:
        self._settings: dict[tuple[int, bool], Settings] = {}
        """By the identity of the scenario, which they hold and so keep from being used again."""
        self._worlds: dict[tuple[Any, ...], OpenWorld] = {}

    def settings(self, edition: Edition, point: int) -> Settings:
        """Return the settings of a point."""
        base = self._base(edition, edition.scenario_of(point))
        values = edition.values(point)
        if not any(value is not None for value in values.values()):
            return base
        scenario = vary(base.scenario, values)
        if not only_parameters(values):
            return Settings.of(scenario, point=edition.point)
        return base.with_parameters_of(scenario)

    def _base(self, edition: Edition, name: str) -> Settings:
        scenario = edition.scenarios[name]
        key = (id(scenario), edition.point)
        if key not in self._settings:
            if len(self._settings) >= 16:
                self._settings.clear()
            self._settings[key] = Settings.of(scenario, point=edition.point)
        return self._settings[key]

    def world(self, settings: Settings, months: int, *, ledger: bool) -> OpenWorld:
        """Return a world with these settings, at no particular month."""
        s = settings.scenario
        key = (s.sites, s.members_per_site, s.stewards_per_site, s.team_size, s.mechanisms, months, ledger)
        found = self._worlds.pop(key, None)
        if found is None:
            if len(self._worlds) >= 8:
                self._worlds.pop(next(iter(self._worlds)))
            found = OpenWorld.of(settings, months=months, ledger=ledger)
        self._worlds[key] = found
        found.settings = settings
        return found


_here = threading.local()


def bench() -> Bench:
    """Return the bench of this thread."""
    if not hasattr(_here, "bench"):
        _here.bench = Bench()
    return _here.bench  # type: ignore[no-any-return]


# -- simulating -----------------------------------------------------------------------------------------------------


def simulate(edition: Edition, runs: Iterable[tuple[int, int]], record: Recording | None = None) -> dict[str, pa.Table]:
    """Simulate runs (point, replicate) and return their tables: runs, failures, and what is recorded besides."""
    record = edition.record if record is None else record
    batches: list[dict[str, pa.Table]] = []
    failures: list[Failure] = []
    batch: _Batch | None = None
    months = 12 * edition.years
    own = bench()
    last, settings = -1, None
    for point, replicate in runs:
        if point != last or settings is None:
            last, settings = point, own.settings(edition, point)
        if batch is None or batch.full or batch.plan is not settings.plan:
            if batch is not None:
                batches.append(batch.tables())
            batch = _Batch(edition, settings.plan, record, months)
        try:
            batch.run(settings, own, point, replicate)
        except (OSError, MemoryError):
            raise
        except Exception as error:
            command = f"partnersim rerun FOLDER {point} {replicate}"
            what = error.what if isinstance(error, PartnersimError) else str(error)
            detail = "" if isinstance(error, RunError) else traceback.format_exc()
            failures.append((point, edition.scenario_of(point), replicate, type(error).__name__, what, detail, command))
    if batch is not None:
        batches.append(batch.tables())
    tables = {name: pa.concat_tables([b[name] for b in batches]) for name in (batches[0] if batches else ())}
    return tables | {"failures": failures_table(failures)}


class _Batch:
    """Some runs of one plan, of any points, with their full histories until they are made into tables."""

    def __init__(self, edition: Edition, plan: Plan, record: Recording, months: int) -> None:
        self.edition, self.plan, self.record, self.months = edition, plan, record, months
        self.histories = Histories.empty(BATCH, months, plan, ledger=record.ledger)
        self.points: list[int] = []
        self.replicates: list[int] = []
        self.members: list[int] = []

    @property
    def full(self) -> bool:
        """Whether there is no room for another run."""
        return len(self.points) == BATCH

    def run(self, settings: Settings, own: Bench, point: int, replicate: int) -> None:
        """Simulate one run."""
        row, seed, out = len(self.points), self.edition.seed, self.histories
        world = own.world(settings, self.months, ledger=self.record.ledger)
        world.begin(seed=seed, replicate=replicate).advance(self.months)
        out.keep(row, world.world, founded=settings.founded)
        life = out.practice[row]
        if life.died:
            # keeping a ledger takes as long as the run itself: it is kept only where something is to be explained
            if not self.record.ledger:
                world = own.world(settings, self.months, ledger=True)
                world.begin(seed=seed, replicate=replicate).advance(life.end)
            out.find_cause(row, world.world)
        self.points.append(point)
        self.replicates.append(replicate)
        self.members.append(settings.member(replicate))

    def tables(self) -> dict[str, pa.Table]:
        """Return the tables of the runs that succeeded."""
        n, h = len(self.points), self.histories
        if n == 0:  # all failed: one empty row gives the columns their types
            self.points, self.replicates, self.members = [0], [0], [0]
        kept = dataclasses.replace(
            h,
            **{name: getattr(h, name)[: max(n, 1)] for name in ("series", "events", "practice", "form", "cause", "ledger", "will")},
        )
        self.who = {
            "point": pa.array(self.points, pa.int64()),
            "scenario": self.edition.table.column("scenario").take(pa.array(self.points)).combine_chunks(),
            "replicate": pa.array(self.replicates, pa.int64()),
        }
        member = {"band_member": pa.array(self.members, pa.int64())}
        some = next(iter(self.edition.scenarios.values()))
        result = RunSet(scenario=some, years=self.edition.years, seed=self.edition.seed, band=None, histories=kept, seconds=0.0)
        runs = _arrow(result.runs)
        out = {"runs": pa.table({**self.who, **{name: runs.column(name) for name in runs.column_names if name not in self.who}, **member})}
        if self.record.outcomes:
            out["series"] = self._series(kept)
        if self.record.events:
            out["events"] = self._events(result)
        if self.record.ledger:
            out["ledger"] = self._ledger(kept)
        return out if n else {name: table.slice(0, 0) for name, table in out.items()}

    def _rows(self, which: np.ndarray) -> dict[str, pa.Array]:
        """Who rows belong to, given the run of each."""
        index = pa.array(which, pa.int64())
        return {name: values.take(index) for name, values in self.who.items()}

    def _series(self, h: Histories) -> pa.Table:
        months = np.arange(0, self.months + 1, self.record.every_months)
        numbers = [outcomes.NAMES.index(name) for name in self.record.outcomes]
        values = h.series[:, months][:, :, numbers].reshape(-1, len(numbers))
        who = self._rows(np.repeat(np.arange(len(self.points)), len(months)))
        data = {name: np.ascontiguousarray(values[:, n]) for n, name in enumerate(self.record.outcomes)}
        return pa.table(who | {"month": pa.array(np.tile(months, len(self.points)), pa.int64())} | data)

    def _events(self, result: RunSet) -> pa.Table:
        counts = [len(rows) if rows.ndim == 2 else 0 for rows in result.histories.events]
        frame = _arrow(result.events) if sum(counts) else _NO_EVENTS
        who = self._rows(np.repeat(np.arange(len(counts)), counts))
        return pa.table(who | {name: frame.column(name) for name in frame.column_names if name not in who})

    def _ledger(self, h: Histories) -> pa.Table:
        """The ledgers, summed over the months between two recorded ones, and the parts of the will as means over them."""
        every = self.record.every_months
        cells: dict[str, list[np.ndarray]] = {name: [] for name in ("run", "month", "level", "stock", "line", "change")}
        stocks, lines = [*self.plan.stocks, WILL], [*self.plan.lines, *WILL_INPUTS]
        starts = np.arange(1, self.months + 1, every)
        lengths = np.diff([*starts, self.months + 1])
        for run, (booked, will) in enumerate(zip(h.ledger, h.will, strict=True)):
            if booked.ndim == 1:
                continue  # no run
            moved = np.add.reduceat(booked[1:], starts - 1, axis=0)
            month, level, stock, line = np.nonzero(moved)
            mean = np.add.reduceat(will[1:], starts - 1, axis=0) / lengths[:, None, None]
            at, tier, part = np.nonzero(mean)
            for name, first, second in (
                ("run", np.full(len(month), run), np.full(len(at), run)),
                ("month", (starts + lengths - 1)[month], (starts + lengths - 1)[at]),
                ("level", level, tier),
                ("stock", stock, np.full(len(at), len(stocks) - 1)),
                ("line", line, part + len(self.plan.lines)),
                ("change", moved[month, level, stock, line], mean[at, tier, part]),
            ):
                cells[name] += [first, second]
        flat = {name: np.concatenate([np.zeros(0), *parts]) for name, parts in cells.items()}
        out = self._rows(flat["run"].astype(np.int64)) | {"month": pa.array(flat["month"].astype(np.int64))}
        for name, words in (("level", list(GROUPS)), ("stock", stocks), ("line", lines)):
            out[name] = pa.array(words, pa.string()).take(pa.array(flat[name].astype(np.int64)))
        return pa.table(out | {"change": flat["change"]})


def _arrow(frame: Any) -> pa.Table:
    """A frame as a table, with texts of one type whatever the version of pandas."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [pa.field(f.name, pa.string()) if pa.types.is_large_string(f.type) or pa.types.is_null(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


_NO_EVENTS = pa.table(
    {
        "month": pa.array([], pa.int64()),
        "kind": pa.array([], pa.string()),
        "level": pa.array([], pa.string()),
        "site": pa.array([], pa.int64()),
        "side": pa.array([], pa.string()),
        "cause": pa.array([], pa.string()),
        "size": pa.array([], pa.float64()),
    }
)


def prepare(edition: Edition) -> None:
    """Compile the model, in the calling thread so that Ctrl-C can stop it, and load it."""
    for plan in {id(s.plan): s for s in edition.scenarios.values()}.values():
        OpenWorld.of(Settings.of(plan), months=1, ledger=False).begin(seed=edition.seed, replicate=0).advance(1)
