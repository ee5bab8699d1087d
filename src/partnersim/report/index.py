"""The index of a folder of studies: question, file, size, time, finding and figure of each, from what their stores hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partnersim.errors import ResultError
from partnersim.report.findings import work_out
from partnersim.report.runs import Runs
from partnersim.report.study import picture
from partnersim.study.store import STATUS
from partnersim.study.study import Study
from partnersim.study.tables import StudySet

__all__ = ["BEGIN", "END", "Entry", "entry", "studies", "table", "write"]

BEGIN, END = "<!-- index: written by `partnersim experiments` -->", "<!-- end of index -->"
FIGURES = "figures"


@dataclass(frozen=True)
class Entry:
    """A study in the index."""

    name: str
    file: str
    question: str
    runs: int
    seconds: float
    """Of one core, as measured."""
    sentence: str
    png: bytes


def studies(folder: Path) -> list[Path]:
    """Return the files of a folder that declare a finding, by name.

    Raises ResultError if there is none.
    """
    found = [path for path in sorted(folder.glob("*.toml")) if "[[finding]]" in path.read_text(encoding="utf-8")]
    if not found:
        raise ResultError(f"{folder} holds no study with a [[finding]]", where=str(folder), fix="name a folder of study files")
    return found


def entry(study: Study, file: str, store: StudySet) -> Entry:
    """Return the entry of a study from its store: its first finding, as the study file now words it.

    Raises ResultError if the store holds another study, or too little of this one.
    """
    store.store.compare(study)
    found = work_out(Runs(store), study.findings[0])
    return Entry(
        name=study.name,
        file=file,
        question=" ".join(study.question.split()),
        runs=store.counts()["done"],
        seconds=seconds(store),
        sentence=found.sentence,
        png=picture(found, study.name).png,
    )


def seconds(store: StudySet) -> float:
    """Return the seconds of one core that the runs of a store took, as the logs of its sessions have it."""
    total = 0.0
    for path in (store.store.folder / STATUS).glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            try:
                total += json.loads(line).get("worked", 0.0)  # a line about parts brought together has none
            except (ValueError, AttributeError):  # torn, as by a power cut
                continue
    return total


def table(entries: Sequence[Entry], figures: str = FIGURES) -> str:
    """Return the index in Markdown."""
    rows = [
        "| question | file | runs | minutes of one core | finding (95 % interval) | figure |",
        "|---|---|---|---|---|---|",
    ]
    for one in entries:
        cells = (
            _cell(one.question),
            f"[{one.file}]({one.file})",
            f"{one.runs:,}",
            f"{one.seconds / 60:.1f}",
            _cell(one.sentence),
            f"[{one.name}]({figures}/{one.name}.png)",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def write(folder: Path, entries: Sequence[Entry]) -> Path:
    """Write figures to `folder`/figures, and the index between its marks in `folder`/README.md, which is begun if there is none."""
    page = folder / "README.md"
    try:
        (folder / FIGURES).mkdir(parents=True, exist_ok=True)
        for one in entries:
            (folder / FIGURES / f"{one.name}.png").write_bytes(one.png)
        text = page.read_text(encoding="utf-8") if page.exists() else f"# Studies\n\n{BEGIN}\n{END}\n"
        before, mark, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not mark or not end:
            raise ResultError(f"{page} has no place for the index", where=str(page), fix=f"write the lines {BEGIN} and {END}")
        page.write_text(f"{before}{BEGIN}\n\n{table(entries)}\n{END}{after}", encoding="utf-8", newline="\n")
    except OSError as problem:
        raise ResultError(f"the index cannot be written: {problem}", where=str(folder)) from problem
    return page


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
