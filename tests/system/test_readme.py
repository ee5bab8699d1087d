"""The README keeps its word: its commands run, its files appear, its names exist."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import partnersim as ps

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def commands():
    return [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]


def test_the_python_example_runs():
    code = re.search(r"in Python,\n\n((?:      .*\n|\n)+)", README)[1]
    lines = "\n".join(line[6:] for line in code.splitlines()).replace("replicates=200", "replicates=3")
    scope = {}
    exec(lines, scope)  # the README's own text
    assert scope["result"].runs.shape[0] == 3


def test_the_files_it_lists_are_the_files_that_appear(tmp_path):
    listed = set(re.findall(r"`([a-z]+\.(?:parquet|png|csv|toml|json))`", README))
    ps.run("typical-district", replicates=2, years=3).save(tmp_path / "out")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert listed <= written, listed - written


def test_the_regimes_it_explains_are_the_models():
    from partnersim.model.outcomes import REGIMES

    assert tuple(re.findall(r"^\| (vital|mixed|paper|informal|collapsed) \|", README, re.MULTILINE)) == REGIMES


@pytest.mark.slow
def test_the_first_command_installs_and_simulates_a_district(tmp_path):
    """As a newcomer: a copy of the repository, a machine with Python and pip."""
    copy = tmp_path / "partnersim"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.egg-info", ".*_cache"))
    first = commands()[0].replace("python3", sys.executable, 1)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PARTNERSIM_CACHE": str(tmp_path / "cache")}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "LANG"))}
    done = subprocess.run(first, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Still alive after" in done.stdout
    assert json.loads((copy / "abc" / "provenance.json").read_text())["run"]["replicates"] == 200
    again = subprocess.run(
        ".venv/bin/partnersim run abc-unified --replicates 200 --out abc",
        shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 0
    assert "already" in again.stdout + again.stderr
