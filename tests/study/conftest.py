"""A small study that all tests of the study layer share, and what two stores must have in common."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from small_study import SMALL

from partnersim import cli
from partnersim.study.study import Study
from partnersim.study.tables import StudySet


@pytest.fixture(scope="session")
def small() -> Study:
    return Study.read(SMALL, name="small")


@pytest.fixture(scope="session")
def whole(small, tmp_path_factory) -> StudySet:
    """The small study, run without any trouble."""
    return small.run(tmp_path_factory.mktemp("whole") / "store", workers=1)


@pytest.fixture
def small_file(tmp_path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def partnersim(monkeypatch, capsys):
    """Run the command line in this process; return (exit status, standard output, standard error)."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partnersim", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call


def assert_same(here: StudySet, there: StudySet, tables=("runs", "series", "events")) -> None:
    """The tables of two stores are equal, bit for bit."""
    for name in tables:
        pd.testing.assert_frame_equal(here.frame(name), there.frame(name), check_exact=True, obj=name)


@pytest.fixture(scope="session")
def same():
    return assert_same
