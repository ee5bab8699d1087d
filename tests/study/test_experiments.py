"""The shipped experiments: each runs in miniature, says something with an interval, and stands in the index with its figure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from partnersim.report import index
from partnersim.study.small import small
from partnersim.study.study import Study

FOLDER = Path(__file__).parents[2] / "experiments"
EXPERIMENTS = index.studies(FOLDER)
INTERVAL = re.compile(r"\[[-+]?[\d.]+(, |-)[-+]?[\d.]+\]")


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_an_experiment_runs_in_miniature(path, tmp_path):
    study = small(Study.load(path))
    store = study.run(tmp_path / "store")
    assert store.counts()["left"] == store.counts()["failed"] == 0
    found = index.entry(study, path.name, store)
    assert "{" not in found.sentence
    assert INTERVAL.search(found.sentence) or "can be told" in found.sentence
    assert found.png.startswith(b"\x89PNG")
    assert found.seconds > 0
    assert f"]({path.name})" in index.table([found])


def test_the_index_holds_every_experiment_and_its_figure():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = text.partition(index.BEGIN)[2].partition(index.END)[0]
    for path in EXPERIMENTS:
        study = Study.load(path)
        row = next(line for line in shown.splitlines() if f"({path.name})" in line)
        assert " ".join(study.question.split()) in row
        assert f"| {study.runs:,} |" in row
        assert INTERVAL.search(row)
        assert (FOLDER / index.FIGURES / f"{path.stem}.png").is_file()
    assert len(EXPERIMENTS) >= 13


def test_the_study_that_the_page_shows_can_be_read():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    study = Study.read("\n".join(re.findall(r"```toml\n(.*?)```", text, re.S)))
    assert [finding.kind for finding in study.findings] == ["difference"]
