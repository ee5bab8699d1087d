"""The studies that are shipped can be read."""

from pathlib import Path

import pytest

from partnersim.study.study import Study

ROOT = Path(__file__).parents[2]


STUDIES = [path for path in sorted((ROOT / "experiments").glob("*.toml")) if path.stem != "calibration"]  # that one is no study of runs


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_shipped_study_can_be_read_and_stands_in_the_index(path):
    study = Study.load(path)
    assert study.question
    assert study.findings
    assert study.replicates >= 6
    assert f"({path.name})" in (ROOT / "experiments" / "README.md").read_text()
