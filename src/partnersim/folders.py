"""Folders and files that are there whole or not at all, and what a disk can refuse in words."""

from __future__ import annotations

import errno
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partnersim.errors import ResultError

__all__ = ["ANOTHER", "check_free", "told", "trouble", "whole_file", "whole_folder"]

ANOTHER = "name a new or empty folder with --out"


@contextmanager
def trouble(folder: Path) -> Iterator[None]:
    """Turn what the system says of a full disk or a forbidden folder into a clear error."""
    try:
        yield
    except OSError as problem:
        raise told(problem, folder) from problem


def told(problem: OSError, folder: Path) -> ResultError:
    """Return a clear error for what the system says."""
    full = problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    closed = problem.errno in (errno.EACCES, errno.EROFS, errno.EPERM)
    what = "there is no room left" if full else "writing is not allowed" if closed else problem.strerror or str(problem)
    fix = "make room and give the same command again: what is done is kept" if full else "name a folder you can write to with --out"
    return ResultError(f"{folder} cannot be written: {what}", where=str(problem.filename or folder), fix=fix)


def check_free(folder: Path) -> None:
    """Raise ResultError unless `folder` is new or empty and can be written; nothing is made."""
    if folder.exists() and not folder.is_dir():
        raise ResultError(f"{folder} is a file", where=str(folder), fix=ANOTHER)
    with trouble(folder):
        if folder.exists() and any(folder.iterdir()):
            raise ResultError(f"{folder} is not empty", where=str(folder), fix=ANOTHER)
        final = folder.resolve()
        if final.is_mount():
            raise ResultError(f"{folder} is a disk of its own", where=str(folder), fix="name a folder in it")  # nothing can take its place
        _hidden(next(above for above in final.parents if above.exists()) / final.name).rmdir()  # as `whole_folder` will


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a hidden folder beside a new or empty one to write in; it takes that one's place at the end. Raises ResultError.

    What is interrupted leaves nothing half.
    """
    check_free(folder)
    final = folder.resolve()
    with trouble(folder):
        final.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _hidden(final)
    try:
        with trouble(folder):
            yield unfinished
            if final.exists():
                final.rmdir()  # empty, as was seen; not every system renames over an empty folder
            unfinished.rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def whole_file(path: Path, text: str) -> None:
    """Write a text file, so that at every moment the old one or the new one is there, whole."""
    unfinished = path.with_name(f".{path.name}.unfinished-{uuid.uuid4().hex[:8]}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _hidden(folder: Path) -> Path:
    """Make an empty folder beside one, under a name that nobody else has."""
    made = folder.with_name(f".{folder.name}.unfinished-{uuid.uuid4().hex[:12]}")
    made.mkdir()
    return made
