"""Run what is left of a study: cut it into pieces of about a second, give them to workers, log what comes back.

Workers are threads, processes, Dask, or anything else behind `concurrent.futures.Executor`; they write the parts themselves, and only
numbers come back, so that a million runs do not pass through one process.
"""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim.errors import ParameterError, PartnersimError, ResultError
from partnersim.folders import trouble
from partnersim.study import work as bench
from partnersim.study.edition import Edition
from partnersim.study.session import Session
from partnersim.study.store import Coverage, Span, Store
from partnersim.study.work import Job, work
from partnersim.threads import cores, threads_for

if TYPE_CHECKING:
    from partnersim.study.study import Study
    from partnersim.study.tables import StudySet

PIECE = 1.0
"""Seconds a piece should take."""
LONGEST = 30.0
"""... in a long study, so that it has not more parts than this for each worker:"""
PIECES = 500
LARGEST = 64 * 2**20
"""Bytes of tables in a piece."""
FIRST = 4
"""Runs in the first pieces, before the speed is known."""
BLOCK = 64
"""Replicates of a point that stand together: all points have their first replicates before any has its last."""
TRIES = 3
"""How often a piece whose worker was lost is given to another."""
HEARTBEAT = 0.5


@dataclass(frozen=True)
class Tally:
    """How far a study is."""

    runs: int
    done: int
    failed: int
    rate: float
    """Runs a second in this session; 0 if not known yet."""
    here: int
    """Runs this session has finished or has still to do."""
    here_done: int

    @property
    def left(self) -> int:
        """Runs still to be done."""
        return self.runs - self.done - self.failed

    @property
    def seconds_left(self) -> float:
        """Seconds until this session ends; infinity if not known."""
        return (self.here - self.here_done) / self.rate if self.rate > 0 else math.inf

    def to_json(self) -> dict[str, int]:
        """Return runs, done, failed and left."""
        return {"runs": self.runs, "done": self.done, "failed": self.failed, "left": self.left}


def run_study(
    study: Study,
    folder: Path,
    *,
    workers: int | None = None,
    processes: bool = False,
    cluster: str | None = None,
    executor: Executor | None = None,
    shard: tuple[int, int] | None = None,
    allow_mixed_code: bool = False,
    retry_failed: bool = False,
    progress: Callable[[Tally], None] | None = None,
) -> StudySet:
    """Run what is not yet in the folder (see `Study.run`)."""
    from partnersim.study.tables import StudySet

    if shard is not None and not (1 <= shard[0] <= shard[1] <= 100_000):
        raise ParameterError(f"shard {shard[0]}/{shard[1]} is not possible", where="shard", allowed="1/20 to 20/20")
    threads_for(1, workers)
    if cluster is not None:
        _check_dask()
    store = Store(folder)
    store.check_free()
    with store.locked(shard), trouble(folder):
        store.check_free()
        edition = store.take(study, allow_mixed_code=allow_mixed_code)
        found = store.coverage(edition)
        aside = store.set_aside(found) if shard is None else {}
        wanted = pending(found, shard, retry_failed=retry_failed)
        if wanted.any() or found.unlisted:
            kind = "executor" if executor is not None else "dask" if cluster else "processes" if processes else "threads"
            about = {"workers": kind, "shard": shard, "set_aside": aside, "wanted": int(wanted.sum())}
            session = Session(store, edition, about)
            try:
                for note in found.unlisted:
                    session.log(note)
                if wanted.any():
                    bench.prepare(edition)
                    with backend(workers, processes=processes, cluster=cluster, executor=executor) as (pool, slots):
                        _Sitting(store, edition, session, found, wanted, progress).sit(pool, slots)
            finally:
                session.close()
    return StudySet(folder)


def pending(found: Coverage, shard: tuple[int, int] | None, *, retry_failed: bool) -> np.ndarray:
    """Return which runs (point, replicate) a session is to do: a shard has its share of each block of points in turn."""
    wanted = ~found.done if retry_failed else ~(found.done | found.failed)
    if shard is not None:
        number, of = shard
        runs = wanted.size
        mine = np.zeros(runs, bool)
        mine[runs * (number - 1) // of : runs * number // of] = True
        wanted &= mine.reshape(wanted.shape)
    return wanted


def pieces(wanted: np.ndarray, size: Callable[[], int]) -> Iterator[tuple[Span, ...]]:
    """Cut the wanted runs into pieces of `size()` runs, as few rectangles each: blocks of replicates, and in them the points in turn."""
    replicates = wanted.shape[1]
    spans: list[Span] = []
    have, want = 0, size()
    for first in range(0, replicates, BLOCK):
        last = min(first + BLOCK, replicates)
        block = wanted[:, first:last]
        full: list[bool] = np.logical_and.reduce(block, axis=1).tolist()
        for point in np.flatnonzero(block.any(axis=1)).tolist():
            row = [(first, last)] if full[point] else [(first + a, first + b) for a, b in _stretches(block[point])]
            for r0, r1 in row:
                while r0 < r1:
                    end = min(r1, r0 + want - have)
                    before = spans[-1] if spans else None
                    if before is not None and before[1] == point and before[2:] == (r0, end):
                        spans[-1] = (before[0], point + 1, r0, end)
                    else:
                        spans.append((point, point + 1, r0, end))
                    have, r0 = have + end - r0, end
                    if have >= want:
                        yield tuple(spans)
                        spans, have, want = [], 0, size()
    if spans:
        yield tuple(spans)


def _stretches(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


class _Sitting:
    """One session's work: what is under way, how fast it goes, what is done."""

    def __init__(
        self,
        store: Store,
        edition: Edition,
        session: Session,
        found: Coverage,
        wanted: np.ndarray,
        progress: Callable[[Tally], None] | None,
    ) -> None:
        self.store, self.edition, self.session, self.progress, self.wanted = store, edition, session, progress, wanted
        counts = found.counts()
        self.done, self.failed = counts["done"], counts["failed"] - int((wanted & found.failed).sum())
        self.left, self.here = int(wanted.sum()), int(wanted.sum())
        self.under_way: dict[Future[dict[str, Any]], tuple[Job, int]] = {}
        self.run_seconds = self.run_bytes = 0.0
        self.began = time.perf_counter()
        self.slots: Callable[[], int] = lambda: 1

    def sit(self, pool: _Pool, slots: Callable[[], int]) -> None:
        """Work until nothing is left; on Ctrl-C or trouble, keep what is done."""
        self.slots = slots
        cut = pieces(self.wanted, self.size)
        again: list[tuple[Job, int]] = []
        try:
            while True:
                while len(self.under_way) < 2 * slots() and (job := again.pop() if again else self._next(cut)) is not None:
                    self.under_way[pool.submit(job[0])] = job
                if not self.under_way:
                    break
                finished, _ = wait(self.under_way, timeout=HEARTBEAT, return_when=FIRST_COMPLETED)
                again += self._take(finished, pool)
                self._tell()
        except BaseException:
            # what is under way is finished and logged: it takes a second; what waits is dropped
            for future in self.under_way:
                future.cancel()
            wait(self.under_way, timeout=LONGEST)
            self._take({f for f in self.under_way if f.done() and not f.cancelled()}, pool, quietly=True)
            self._tell()
            raise

    def _next(self, cut: Iterator[tuple[Span, ...]]) -> tuple[Job, int] | None:
        spans = next(cut, None)
        return (
            None
            if spans is None
            else (
                Job(str(self.store.folder.resolve()), self.edition.number, self.edition.digest, self.session.next_part(), spans),
                1,
            )
        )

    def size(self) -> int:
        """How many runs the next piece has: about a second of them, fewer at the end, so that all workers stop together."""
        if self.run_seconds == 0.0:
            return FIRST
        slots = self.slots()
        seconds = min(max(PIECE, self.left * self.run_seconds / (slots * PIECES)), LONGEST)
        most = min(seconds / self.run_seconds, LARGEST / max(self.run_bytes, 1.0), self.left / (2 * slots))
        return max(1, int(most))

    def _take(self, finished: set[Future[dict[str, Any]]], pool: _Pool, *, quietly: bool = False) -> list[tuple[Job, int]]:
        again = []
        for future in finished:
            job, tries = self.under_way.pop(future)
            try:
                note = future.result()
            except (*pool.losses,) as problem:
                if quietly:
                    continue
                pool.mend()
                if tries >= TRIES:
                    raise ResultError(
                        f"a worker was lost {tries} times at the same {job.runs} runs, last by {type(problem).__name__}",
                        where=f"point {job.spans[0][0]}, replicate {job.spans[0][2]} and after",
                        fix="look at the workers' memory and logs; then give the same command again: what is done is kept",
                    ) from problem
                again.append((job, tries + 1))
                continue
            except (PartnersimError, OSError):
                if quietly:
                    continue
                raise
            self._count(job, note)
        return again

    def _count(self, job: Job, note: dict[str, Any]) -> None:
        worked, memory = note["worked"], note.pop("memory")
        self.session.log(note)
        failures = len(note["failures"])
        self.done += job.runs - failures
        self.failed += failures
        self.left -= job.runs
        seconds, size = worked / job.runs, memory / job.runs
        # fast to learn, slow to forget; the first piece of a worker also pays for its start
        self.run_seconds = seconds if self.run_seconds == 0.0 else 0.7 * self.run_seconds + 0.3 * min(seconds, 4 * self.run_seconds)
        self.run_bytes = max(size, 0.9 * self.run_bytes)

    def _tell(self) -> None:
        if self.progress is not None:
            finished, took = self.here - self.left, time.perf_counter() - self.began
            self.progress(
                Tally(
                    runs=self.edition.runs,
                    done=self.done,
                    failed=self.failed,
                    rate=finished / took if finished else 0.0,
                    here=self.here,
                    here_done=finished,
                )
            )


class _Pool:
    """An executor, and how to make another when it breaks."""

    def __init__(self, make: Callable[[], Executor], *, own: bool = True, losses: tuple[type[BaseException], ...] = ()) -> None:
        self._make, self._own = make, own
        self.losses: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError, *losses)
        """What it says when a worker was lost, and not its work's fault."""
        self._executor: Executor | None = make()

    def submit(self, job: Job) -> Future[dict[str, Any]]:
        """Give out a piece."""
        if self._executor is None:
            self._executor = self._make()
        try:
            return self._executor.submit(work, job)
        except BrokenExecutor as problem:
            if not self._own:
                raise ResultError(
                    f"the executor that was given is broken: {problem}", fix="give a new one; what is done is kept"
                ) from problem
            self.mend()
            return self.submit(job)

    def mend(self) -> None:
        """Let a broken executor go, unless it is the caller's; the next piece gets another."""
        if not self._own:
            return
        if isinstance(self._executor, ProcessPoolExecutor):
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    def close(self) -> None:
        """Wait for what is under way and end."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def backend(
    workers: int | None, *, processes: bool, cluster: str | None, executor: Executor | None
) -> Iterator[tuple[_Pool, Callable[[], int]]]:
    """Give an executor and the number of pieces it works on at a time."""
    count = workers if workers is not None else cores()
    if executor is not None:
        slots = workers or getattr(executor, "_max_workers", None) or cores()
        yield _Pool(lambda: executor, own=False), lambda: slots  # the caller's own: left open
        return
    if cluster is not None:
        with _dask(cluster, count) as (pool, threads):
            yield pool, threads
        return
    made = _Pool(lambda: _processes(count) if processes else ThreadPoolExecutor(count))
    try:
        yield made, lambda: count
    finally:
        made.close()


def _processes(count: int) -> Executor:
    import multiprocessing

    # spawn: a fork would inherit the compiler's threads; it is also what every system has
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_ctrl_c)


def _ignore_ctrl_c() -> None:
    """A worker finishes its piece: Ctrl-C is for the one that hands them out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes begun in here do not hear Ctrl-C: they finish their piece."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say so
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _check_dask() -> None:
    """Raise ResultError without Dask: before a store is begun."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ResultError("there is no Dask here", where="cluster", fix="pip install 'partnersim[cluster]'") from None


@contextmanager
def _dask(address: str, count: int) -> Iterator[tuple[_Pool, Callable[[], int]]]:
    from distributed import Client, KilledWorker, LocalCluster

    own = None
    try:
        if address == "local":
            with _deaf_to_ctrl_c():
                own = LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    # without a dashboard too the scheduler serves pages: any free port, or a second cluster here would complain
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.ERROR,
                )  # type: ignore[no-untyped-call]
            client = Client(own)  # type: ignore[no-untyped-call]
        else:
            client = Client(address, timeout="20s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as problem:
        if own is not None:
            own.close()
        raise ResultError(
            f"there is no Dask scheduler at {address}: {problem}",
            where="cluster",
            allowed="the address that `dask scheduler` prints, such as tcp://10.0.0.1:8786, or local",
        ) from problem
    known = [0.0, 0]

    def threads() -> int:
        # asked now and then: a cluster may grow while it works
        if time.monotonic() - known[0] > 5.0:
            known[:] = [time.monotonic(), sum(client.nthreads().values())]
        return max(1, int(known[1]))

    try:
        executor = client.get_executor(pure=False)
        yield _Pool(lambda: executor, losses=(KilledWorker,)), threads
    finally:
        client.close()
        if own is not None:
            own.close()
