"""Side by side: many small jobs in threads, which the compiled engine lets run at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from numbers import Integral
from typing import TypeVar

from partnersim.errors import ParameterError

__all__ = ["cores", "in_threads", "threads_for"]

MOST = 1024

Job = TypeVar("Job")
Found = TypeVar("Found")


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_for(jobs: int, workers: int | None) -> int:
    """Return how many threads so many jobs get: one a core where `workers` is left out. Raises ParameterError."""
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, Integral) or not 1 <= workers <= MOST):
        raise ParameterError(f"workers = {workers!r} is not possible", where="workers", allowed=f"a whole number from 1 to {MOST}")
    return max(1, min(jobs, cores() if workers is None else workers))


def in_threads(
    work: Callable[[Job], Found], jobs: Iterable[Job], threads: int, progress: Callable[[int], None] | None = None
) -> list[Found]:
    """Do the work on each job and return what came of it, in the order of the jobs.

    `progress` is called with the number of finished jobs. On an error and on Ctrl-C those under way are waited for and the others dropped.
    """
    with ThreadPoolExecutor(threads) as pool:
        try:
            futures = [pool.submit(work, job) for job in jobs]
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if progress is not None:
                    progress(done)
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
