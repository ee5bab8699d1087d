"""What a disk can refuse, and how that is told; sizes and locks of files."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from partnersim.errors import ResultError


@contextmanager
def trouble(folder: Path) -> Iterator[None]:
    """Turn what the system says of a full disk or a forbidden folder into a clear error."""
    try:
        yield
    except OSError as problem:
        if isinstance(problem, ResultError):
            raise
        raise told(problem, folder) from problem


def told(problem: OSError, folder: Path) -> ResultError:
    """Return a clear error for what the system says."""
    full = problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    closed = problem.errno in (errno.EACCES, errno.EROFS, errno.EPERM)
    what = "there is no room left" if full else "writing is not allowed" if closed else str(problem)
    fix = "make room and give the same command again: what is done is kept" if full else "name a folder you can write to with --out"
    return ResultError(f"{folder} cannot be written: {what}", where=str(problem.filename or folder), fix=fix)


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of each file in a folder."""
    try:
        return {entry.name: entry.stat().st_size for entry in os.scandir(folder)}
    except OSError:
        return {}


def lock(file: IO[bytes], *, shared: bool, wait: float = 0.0) -> bool:
    """Whether the lock was got; True where the file system has no locks."""
    time.sleep(wait)
    if sys.platform == "win32":
        import msvcrt

        if shared:  # this system knows no shared locks: a shard is guarded by its own
            return True
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
