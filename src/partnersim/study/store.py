"""A store: the plan of a study, the parts that workers have written, and a log of both; nothing in it is overwritten or deleted.

    plan/0001/        the study as given, its scenarios, its points; a study that is extended adds 0002, with the new points only
    parts/NAME/       a folder for each finished piece of work: runs, series, events, ledger, failures, each a Parquet file
    status/NAME.jsonl one line a part, from each session; a summary of what parts/ holds, to be read while it grows
    sessions/         when, where and with what each session ran
    set-aside/        parts that were damaged, or double
    unfinished/       what is being written

A part appears whole or not at all: it is written under another name and then moved. So the parts are the truth, whatever happens to the
log: what a killed session had not yet logged is found in the part itself, and copying the parts of several stores of one study together
makes one store.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partnersim.errors import ResultError
from partnersim.folders import ANOTHER, trouble
from partnersim.scenarios.files import load_scenario
from partnersim.study.disk import lock, sizes
from partnersim.study.edition import Edition, described, points_table
from partnersim.study.findings import Finding
from partnersim.study.identity import band_of, point_ids
from partnersim.study.study import Recording, Study

FORMAT = 1
PLAN, PARTS, STATUS, SESSIONS, ASIDE, UNFINISHED, LOCK, README = (
    "plan", "parts", "status", "sessions", "set-aside", "unfinished", "lock", "README.txt",
)  # fmt: skip
TABLES = ("runs", "series", "events", "ledger", "failures")
ABOUT = b"partnersim"
"""Where a part says in its own file what it holds."""
Span = tuple[int, int, int, int]
"""Runs: first point, end of the points, first replicate, end of the replicates."""
Failure = tuple[int, str, int, str, str, str, str]
"""A run that failed: point, scenario, replicate, kind of error, what it says, traceback, command that repeats it."""
NOTE = """A store of partnersim. `partnersim status FOLDER` says what it holds, `partnersim study FILE --out FOLDER` goes on with it.

Read it with anything that reads Parquet, for example DuckDB:

    select r.*, p.* exclude (point, scenario) from 'parts/*/runs.parquet' r join 'plan/*/points.parquet' p using (point)

parts/*/series.parquet holds the outcomes by month, where events and ledger were asked for events.parquet and ledger.parquet, and
failures.parquet the runs that failed. Folders of several shards are merged by copying what is in parts/, status/ and sessions/ together.
"""


@dataclass
class Coverage:
    """What the parts hold, by point and replicate."""

    done: np.ndarray
    failed: np.ndarray
    parts: list[str] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)
    double: list[str] = field(default_factory=list)
    unlisted: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return runs, done, failed and left."""
        runs, done = self.done.size, int(self.done.sum())
        failed = int((self.failed & ~self.done).sum())
        return {"runs": runs, "done": done, "failed": failed, "left": runs - done - failed}


class Store:
    """A folder that holds a study."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    # -- the plan -------------------------------------------------------------------------------------------------

    @property
    def is_there(self) -> bool:
        """Whether the folder holds a study."""
        return (self.folder / PLAN / "0001" / "plan.json").is_file()

    def check_free(self) -> None:
        """Raise ResultError unless the folder is a store, or could become one."""
        if self.is_there or not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise ResultError(f"{self.folder} is a file", where=str(self.folder), fix=ANOTHER)
        strange = [path.name for path in self.folder.iterdir() if path.name not in (PLAN, UNFINISHED) and not path.name.startswith(LOCK)]
        if strange:
            raise ResultError(f"{self.folder} holds something else: {', '.join(sorted(strange)[:3])}", where=str(self.folder), fix=ANOTHER)

    def edition(self, number: int | None = None) -> Edition:
        """Return the study as it stands, or as it stood.

        Raises ResultError if the folder holds none, or one that cannot be read.
        """
        if not self.is_there:
            raise ResultError(f"{self.folder} holds no study", where=str(self.folder), fix="name a folder that `partnersim study` wrote to")
        folders = sorted(path for path in (self.folder / PLAN).iterdir() if path.name.isdigit())[:number]
        try:
            notes = [json.loads((path / "plan.json").read_text(encoding="utf-8")) for path in folders]
            if any(note["format"] > FORMAT for note in notes):
                raise ResultError(f"{self.folder} was written by a newer partnersim", where=str(self.folder), fix="update partnersim")
            table = pa.concat_tables(
                [pq.read_table(path / "points.parquet") for path in folders], promote_options="default"
            ).combine_chunks()
            last = notes[-1]
            scenarios = {}
            for name in last["kernels"]:
                path = next(p for p in reversed(folders) if (p / "scenarios" / f"{name}.toml").is_file()) / "scenarios" / f"{name}.toml"
                scenarios[name] = load_scenario(path)
            return Edition(
                number=len(folders),
                name=last["name"],
                question=last["question"],
                seed=last["seed"],
                years=last["years"],
                replicates=last["replicates"],
                point=last["point"],
                band=last["band"],
                record=Recording(**{**last["record"], "outcomes": tuple(last["record"]["outcomes"])}),
                scenarios=scenarios,
                table=table,
                kernels=last["kernels"],
                digests=tuple(note["digest"] for note in notes),
                design=last.get("design", {}),
                findings=tuple(Finding(**found) for found in last.get("findings", ())),
            )
        except (OSError, ValueError, KeyError, TypeError, StopIteration, pa.ArrowException) as problem:
            if isinstance(problem, ResultError):
                raise
            what = f"the plan of {self.folder} cannot be read: {problem}"
            raise ResultError(
                what, where=str(self.folder / PLAN), fix="copy it from another shard or a backup; the parts are unharmed"
            ) from problem

    def take(self, study: Study, *, allow_mixed_code: bool = False) -> Edition:
        """Plan a study here: begin, find it unchanged, or extend it.

        Raises ResultError if the store holds another study, or this one made with another model.
        """
        columns = study.columns()
        ids = point_ids(study, columns)
        known: Edition | None = self.edition() if self.is_there else None
        before = known.table.column("id").to_pylist() if known is not None else []
        if known is not None:
            self._compare(known, study, set(ids), allow_mixed_code=allow_mixed_code)
            there = set(before)
            new = [n for n, name in enumerate(ids) if name not in there]
            if (
                not new
                and study.findings == known.findings
                and study.replicates == known.replicates
                and study.kernels() == dict(known.kernels)
            ):
                return known
        else:
            new = list(range(len(ids)))
        digest = hashlib.sha256(
            json.dumps(
                [
                    before,
                    [ids[n] for n in new],
                    study.replicates,
                    asdict(study.record),
                    study.point,
                    band_of(study.point),
                    sorted(study.kernels().items()),
                ]
            ).encode()
        ).hexdigest()[:16]
        note = {
            "format": FORMAT,
            "name": study.name,
            "question": study.question.strip(),
            "seed": study.seed,
            "years": study.years,
            "replicates": study.replicates,
            "points": len(before) + len(new),
            "point": study.point,
            "band": band_of(study.point),
            "record": asdict(study.record),
            "kernels": study.kernels(),
            "digest": digest,
            "design": described(study),
            "findings": [asdict(found) for found in study.findings],
        }
        number = 1 if known is None else known.number + 1
        with self.new_folder(self.folder / PLAN / f"{number:04d}") as folder:
            (folder / "plan.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
            if study.text:
                (folder / "study.toml").write_bytes(study.text.encode())
            (folder / "scenarios").mkdir()
            for scenario in study.scenarios:
                (folder / "scenarios" / f"{scenario.name}.toml").write_text(scenario.to_toml(beside=True), encoding="utf-8")
                for path in scenario.mechanisms:
                    shutil.copyfile(path, folder / "scenarios" / Path(path).name)
            pq.write_table(points_table(columns, ids, new, first=len(before)), folder / "points.parquet", compression="zstd")
        if not (self.folder / README).exists():
            (self.folder / README).write_text(NOTE, encoding="utf-8")
        edition = self.edition()
        if edition.digest != digest:  # two shards began at the same moment, and the other was first
            return self.take(study, allow_mixed_code=allow_mixed_code)
        return edition

    def compare(self, study: Study) -> None:
        """Raise ResultError if the store holds another study than this one or a smaller one."""
        self._compare(self.edition(), study, set(point_ids(study, study.columns())), allow_mixed_code=True)

    def _compare(self, known: Edition, study: Study, ids: set[str], *, allow_mixed_code: bool) -> None:
        """A store only grows: everything planned before is still wanted, and made in the same way."""
        different = [
            f"{name} {old!r} and not {new!r}"
            for name, old, new in (
                ("seed", known.seed, study.seed),
                ("years", known.years, study.years),
                ("point", known.point, study.point),
                ("band", known.band, band_of(study.point)),
                *((f"record.{key}", value, getattr(study.record, key)) for key, value in asdict(known.record).items()),
            )
            if old != new
        ]
        if study.replicates < known.replicates:
            different.append(f"{known.replicates} replicates and not {study.replicates}: a store only grows")
        if not different:
            missing = [n for n, name in enumerate(known.table.column("id").to_pylist()) if name not in ids]
            if missing:
                point = missing[0]
                shown = ", ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                                  for key, value in list(known.values(point).items())[:4] if value is not None)  # fmt: skip
                different.append(
                    f"{len(missing)} of {known.points} points that the study no longer has, "
                    f"such as point {point} (scenario {known.scenario_of(point)}{'; ' + shown if shown else ''})"
                )
        if different:
            what = "\n    ".join(f"{self.folder} holds another study: {'; '.join(different)}".split("\n"))
            raise ResultError(
                what, where=str(self.folder), fix="a study may gain replicates, points and scenarios; for anything else " + ANOTHER
            )
        moved = {name for name, kernel in known.kernels.items() if study.kernels().get(name) != kernel}
        if moved and not allow_mixed_code:
            name = sorted(moved)[0]
            raise ResultError(
                f"{self.folder} was begun with another model: {known.kernels[name][:12]} and not {study.kernels()[name][:12]}",
                where=str(self.folder),
                allowed="runs of one model; two in one table cannot be told apart",
                fix=ANOTHER + "; go back to the version in its sessions/ folder; or mix them knowingly with --allow-mixed-code",
            )

    # -- what is done ---------------------------------------------------------------------------------------------

    def lines(self) -> dict[str, dict[str, Any]]:
        """Return what the log says of each part; a torn or broken line says nothing, and the part is asked itself."""
        out: dict[str, dict[str, Any]] = {}
        folder = self.folder / STATUS
        for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
            for line in path.read_bytes().split(b"\n"):
                try:
                    note = json.loads(line)
                    out[note["part"]] = {
                        key: note[key] for key in ("part", "spans", "failures", "replaces", "digest", "bytes", "seconds", "at")
                    }
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue
        return out

    def coverage(self, edition: Edition | None = None) -> Coverage:
        """Look through all parts and say what they hold; reads only."""
        edition = self.edition() if edition is None else edition
        shape = (edition.points, edition.replicates)
        found = Coverage(np.zeros(shape, bool), np.zeros(shape, bool))
        folder = self.folder / PARTS
        names = sorted(os.listdir(folder)) if folder.is_dir() else []
        logged, notes = self.lines(), {}
        for name in names:
            note = logged.get(name)
            if note is None or note["bytes"] != sizes(folder / name):
                try:
                    note = self.part_note(name, edition)
                except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as problem:
                    if isinstance(problem, ResultError):
                        raise
                    # a part may just have been moved away by a compaction
                    if (folder / name).exists():
                        found.damaged[name] = str(problem) or type(problem).__name__
                    continue
                found.unlisted.append(note)
            notes[name] = note
        # a part that brings several together stands for them; larger ones first, in case a compaction was interrupted
        replaced = {old for note in notes.values() for old in note["replaces"]}
        for name, note in notes.items():
            if note["digest"] not in edition.digests:
                raise ResultError(
                    f"{PARTS}/{name} belongs to another study, or to another state of this one",
                    where=str(folder / name),
                    fix="only the parts of shards of one and the same study file can be copied together",
                )
            if name in replaced or self._repeats(note, found):
                found.double.append(name)
                continue
            failures = [(p, r, bool(found.done[p, r])) for p, r in note["failures"]]
            for p0, p1, r0, r1 in note["spans"]:
                found.done[p0:p1, r0:r1] = True
            for p, r, was in failures:
                found.done[p, r] = was
                found.failed[p, r] = True
            found.parts.append(name)
        return found

    @staticmethod
    def _repeats(note: Mapping[str, Any], found: Coverage) -> bool:
        """Whether a run that succeeded in this part has succeeded in another."""
        fails = {(p, r) for p, r in note["failures"]}
        for p0, p1, r0, r1 in note["spans"]:
            again = found.done[p0:p1, r0:r1]
            for p, r in np.argwhere(again) if again.any() else ():
                if (int(p) + p0, int(r) + r0) not in fails:
                    return True
        return False

    def part_note(self, name: str, edition: Edition) -> dict[str, Any]:
        """Ask a part itself what it holds; raises an error if any of its files is damaged."""
        folder = self.folder / PARTS / name
        about = pq.read_schema(folder / "runs.parquet").metadata
        if about is None or ABOUT not in about:
            raise ValueError("it does not say what it holds")
        note = dict(json.loads(about[ABOUT]))
        note["part"], note["bytes"], note["at"] = name, sizes(folder), os.stat(folder).st_mtime
        for table in note["rows"]:
            if pq.read_metadata(folder / f"{table}.parquet").num_rows != note["rows"][table]:
                raise ValueError(f"{table}.parquet has lost rows")
        return note

    def set_aside(self, found: Coverage) -> dict[str, str]:
        """Move damaged and double parts out of the way of readers; returns why, by name."""
        why = {**found.damaged, **dict.fromkeys(found.double, "its runs are in other parts")}
        for name in why:
            (self.folder / ASIDE).mkdir(exist_ok=True)
            (self.folder / PARTS / name).rename(self.folder / ASIDE / f"{name}-{uuid.uuid4().hex[:8]}")
        found.damaged.clear()
        found.double.clear()
        return why

    # -- writing --------------------------------------------------------------------------------------------------

    @contextmanager
    def new_folder(self, final: Path) -> Iterator[Path]:
        """Give a folder to write in, which then appears as `final`, whole; if that exists by then, it stays as it is."""
        hidden = self.folder / UNFINISHED / f"{final.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            hidden.mkdir(parents=True)
            final.parent.mkdir(exist_ok=True)
            yield hidden
            try:
                hidden.rename(final)
            except OSError:
                if not final.exists():
                    raise
        finally:
            shutil.rmtree(hidden, ignore_errors=True)

    @contextmanager
    def locked(self, shard: tuple[int, int] | None = None) -> Iterator[None]:
        """Keep every other session out, or for a shard those that run the same shard or all.

        The system lets go of the lock when the process ends, however it ends.
        """
        with trouble(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            files = [(LOCK, shard is not None), *([(f"{LOCK}-{shard[0]}-of-{shard[1]}", False)] if shard else [])]
            opened: list[IO[bytes]] = []
            try:
                for name, shared in files:
                    file: IO[bytes] = (self.folder / name).open("ab")
                    opened.append(file)
                    # `status` holds the lock for a moment to see whether it is free
                    if not (lock(file, shared=shared) or lock(file, shared=shared, wait=0.5)):
                        raise ResultError(
                            f"another session is at work on {self.folder}",
                            where=str(self.folder / name),
                            fix="wait for it (`partnersim status` shows how far it is), or run shards, each once: --shard 1/2, --shard 2/2",
                        )
                yield
            finally:
                for file in opened:
                    file.close()


def failures_table(failures: Sequence[Failure]) -> pa.Table:
    """Return what went wrong, a row a run."""
    names = ("point", "scenario", "replicate", "kind", "error", "traceback", "command")
    kinds = (pa.int64(), pa.string(), pa.int64(), *[pa.string()] * 4)
    return pa.table({name: pa.array([row[n] for row in failures], kind) for n, (name, kind) in enumerate(zip(names, kinds, strict=True))})
