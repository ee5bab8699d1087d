"""Sizes and locks of files."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import IO


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
