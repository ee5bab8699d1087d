"""The wheel alone, in an empty folder, without repository and without extras: what works, and what says which extra it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTRAS = {
    "app": {"nicegui": "nicegui"},
    "calibrate": {"scikit-learn": "sklearn"},
    "cluster": {"distributed": "distributed", "dask-jobqueue": "dask_jobqueue"},
    "analysis": {"lifelines": "lifelines", "SALib": "SALib", "ema-workbench": "ema_workbench", "duckdb": "duckdb"},
}
"""What an extra installs, and the name by which it is imported."""
COMES_ALONG = ("dask", "threadpoolctl", "joblib", "seaborn", "statsmodels")
"""Packages that only come with an extra's; whoever has none of the extras lacks these too."""
HEAVY = ("numpy", "numba", "pandas", "scipy", "matplotlib", "mesa", "pyarrow", "typer", "rich")

STUDY = """
replicates = 2
years = 1
[scenario.small]
extends = "typical-district"
district = { sites = 2, members_per_site = 4 }
"""
WORKS = (
    ["scenarios"],
    ["scenarios", "show", "abc-unified"],
    ["odd"],
    ["card"],
    ["params"],
    ["evidence"],
    ["plan"],
    ["attribute", "--factors", "list"],
    ["run", "abc-unified", "--replicates", "2", "--years", "2", "--out", "abc"],
    ["report", "abc"],
    ["study", "small.toml", "--out", "small"],
    ["status", "small"],
    ["explain", "typical-district", "--years", "2", "--point"],
)
NEEDS = {
    "app": [["app", "--no-browser"]],
    "calibrate": [["calibrate", str(ROOT / "experiments" / "calibration.toml"), "--out", "calibration"]],
    "cluster": [["study", "small.toml", "--out", "elsewhere", "--cluster", "local"]],
    "analysis": [
        ["sensitivity", "typical-district", "--over", "succession.*", "--method", "morris"],
        ["sensitivity", "typical-district", "--over", "succession.*", "--method", "sobol"],
        ["discover", "typical-district", "--over", "succession.*"],
        ["anatomy", "--quick"],
    ],
}
"""Commands that need an extra."""
AT_ONCE = 3.0
"""Seconds of processor time within which a command says that it needs an extra: nobody should wait for a simulation first."""


def test_the_table_of_extras_is_that_of_the_project():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {extra: {re.match(r"[A-Za-z0-9-]+", name)[0] for name in names} for extra, names in extras.items() if extra != "dev"}
    assert named == {extra: set(packages) for extra, packages in EXTRAS.items()}


@pytest.fixture(scope="module")
def alone(built, tmp_path_factory):
    """What happened in an empty folder to whom has the wheel and no extra."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "small.toml").write_text(STUDY)
    missing = [name for packages in EXTRAS.values() for name in packages.values()] + list(COMES_ALONG)
    commands = [*WORKS, *(words for group in NEEDS.values() for words in group), ["run"]]
    environment = os.environ | {"PYTHONPATH": str(built.installed)}
    call = [sys.executable, str(Path(__file__).with_name("alone.py")), json.dumps(missing), json.dumps(commands)]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert Path(found["file"]).is_relative_to(built.installed), "another partnersim was tested"
    return found | {"folder": folder}


@pytest.mark.parametrize("words", WORKS, ids=" ".join)
def test_it_works_without_the_repository_and_without_extras(alone, words):
    said = alone["said"][" ".join(words)]
    assert said["status"] == 0, said["err"]
    assert said["out"].strip()


def test_it_says_what_the_repository_says(alone):
    said = alone["said"]
    assert said["odd"]["out"] == (ROOT / "docs" / "odd.md").read_text()
    assert said["card"]["out"] == (ROOT / "docs" / "model-card.md").read_text()
    shipped = {path.stem for path in (ROOT / "src" / "partnersim" / "scenarios").glob("*.toml")}
    assert {line.split()[0] for line in said["scenarios"]["out"].splitlines()} == shipped
    assert (alone["folder"] / "abc" / "survival.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("extra", "words"), [(e, w) for e, group in NEEDS.items() for w in group], ids=lambda v: v if isinstance(v, str) else v[0]
)
def test_a_command_without_its_extra_says_at_once_what_to_install(alone, extra, words):
    said = alone["said"][" ".join(words)]
    assert said["status"] == 2, said
    assert "error: " in said["err"]
    assert re.search(rf"fix +pip install ['\"]partnersim\[{extra}\]['\"]", said["err"]), said["err"]
    assert said["seconds"] < AT_ONCE
    assert not (alone["folder"] / "calibration").exists()
    assert not (alone["folder"] / "elsewhere").exists()


def test_a_missing_argument_is_said(alone):
    """Some pairs of typer and click, which it stands on, let it pass."""
    said = alone["said"]["run"]
    assert said["status"] == 2
    assert "Missing argument 'SCENARIO'" in said["err"]


def test_importing_it_is_quick_and_loads_nothing_heavy(alone):
    assert not set(alone["loaded"]) & set(HEAVY)
    assert alone["import_seconds"] < 0.3, "seconds of processor time"
