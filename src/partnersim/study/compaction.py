"""Bring small parts together: fewer files for readers, and for file systems that count them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from partnersim.errors import ResultError
from partnersim.folders import trouble
from partnersim.study.disk import sizes
from partnersim.study.session import Session
from partnersim.study.store import PARTS, TABLES, Store
from partnersim.study.work import write

LARGE = 256 * 2**20
"""Bytes of tables in a part that is not worth joining to another; also about the memory this takes, twice."""


def compact(folder: str | Path) -> dict[str, int]:
    """Write new parts that hold the rows of many small ones, in order, and move those aside; return the number of parts before and after.

    Killed in between, the store stands as it did: a part that brings others together names them, and they no longer count.
    """
    store = Store(folder)
    edition = store.edition()
    with store.locked(), trouble(store.folder):
        found = store.coverage(edition)
        store.set_aside(found)
        before = len(found.parts)
        session = Session(store, edition, {"workers": "compaction"})
        try:
            for note in found.unlisted:
                session.log(note)
            notes = store.lines()
            after = 0
            for names in _groups(store, found.parts):
                after += 1
                if len(names) > 1:
                    session.log(_join(store, [notes[name] for name in names], session.next_part(), edition.digest))
            store.set_aside(store.coverage(edition))
        finally:
            session.close()
        return {"before": before, "after": after}


def _groups(store: Store, names: list[str]) -> list[list[str]]:
    groups: list[list[str]] = []
    room = 0
    for name in names:
        size = sum(pq.read_metadata(path).row_group(0).total_byte_size if pq.read_metadata(path).num_row_groups else 0
                   for path in (store.folder / PARTS / name).glob("*.parquet"))  # fmt: skip
        if size > room:
            groups.append([])
            room = LARGE
        groups[-1].append(name)
        room -= size
    return groups


def _runs(note: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """The runs that succeeded in a part."""
    failed = {tuple(failure) for failure in note["failures"]}
    for p0, p1, r0, r1 in note["spans"]:
        yield from (run for run in product(range(p0, p1), range(r0, r1)) if run not in failed)


def _join(store: Store, notes: list[dict[str, Any]], part: str, digest: str) -> dict[str, Any]:
    # a run that failed and was tried again with success has not failed
    tried = {tuple(failure) for note in notes for failure in note["failures"]}
    done = {run for note in notes for run in _runs(note) if run in tried} if tried else set()
    tables = {}
    for table in TABLES:
        files = [path for note in notes if (path := store.folder / PARTS / note["part"] / f"{table}.parquet").is_file()]
        if files:
            joined = pa.concat_tables([_read(path) for path in files])
            keys = [(name, "ascending") for name in ("point", "replicate", "month") if name in joined.column_names]
            tables[table] = joined.sort_by(keys)
    joined_note: dict[str, Any] = {
        "part": part,
        "spans": [span for note in notes for span in note["spans"]],
        "failures": [failure for note in notes for failure in note["failures"] if tuple(failure) not in done],
        "replaces": [name for note in notes for name in (note["part"], *note["replaces"])],
        "digest": digest,
        "seconds": sum(note["seconds"] for note in notes),
        "rows": {name: table.num_rows for name, table in tables.items()},
    }
    write(store, joined_note, tables)
    return joined_note | {"bytes": sizes(store.folder / PARTS / part), "at": time.time()}


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path).replace_schema_metadata(None)
    except (OSError, pa.ArrowException) as problem:
        raise ResultError(
            f"{path} is damaged: {problem}", where=str(path), fix="move that part to set-aside/ and give the study command again"
        ) from problem
