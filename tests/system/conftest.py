"""Runs that all system tests share, so that the model is compiled and run once."""

from __future__ import annotations

import sys

import pytest

import partnersim as ps
from partnersim import cli
from partnersim.results import RunSet


@pytest.fixture(scope="session")
def runs() -> RunSet:
    return ps.run("abc-unified", replicates=20, years=20, seed=1, workers=2)


@pytest.fixture
def partnersim(monkeypatch, capsys):
    """Run the command line in this process; return (exit status, standard output, standard error)."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partnersim", *words])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call
