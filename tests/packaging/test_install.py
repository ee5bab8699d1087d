"""A fresh virtual environment, the wheel and the package index: each extra alone, all together, and the lowest versions. Minutes each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

import pytest
from lowest import constraints

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow

STUDY = """
replicates = 2
years = 1
[scenario.small]
extends = "typical-district"
district = { sites = 2, members_per_site = 4 }
"""
SENSITIVITY = "sensitivity typical-district --over support.* --points 4 --replicates 4 --years 10"
DISCOVER = "discover typical-district --over support.* --points 40 --replicates 2 --years 5 --out found"
WORKS = {
    "": ["run abc-unified --replicates 20 --out abc", "report abc", "scenarios", "odd", "card", "attribute --factors list"],
    "cluster": ["study small.toml --out small --cluster local --workers 2"],
    "analysis": [SENSITIVITY, DISCOVER, "report found"],
}
"""Commands that work with an extra alone."""


class Environment:
    """A virtual environment, and an empty folder in which its commands are called."""

    def __init__(self, folder: Path, *what: str) -> None:
        venv.create(folder / "venv", with_pip=True, symlinks=sys.platform != "win32")
        self.scripts, self.folder = folder / "venv" / ("Scripts" if os.name == "nt" else "bin"), folder / "empty"
        self.folder.mkdir()
        (self.folder / "small.toml").write_text(STUDY)
        # without what would have a command believe that it is tested
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
        self.call("python", "-m", "pip", "install", "--quiet", *what)

    def call(self, program: str, *words: str) -> str:
        done = subprocess.run([self.scripts / program, *words], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{program} {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.mark.parametrize("extra", WORKS)
def test_it_works_with_one_extra_alone(built, tmp_path, extra):
    there = Environment(tmp_path, f"{built.wheel}[{extra}]" if extra else str(built.wheel))
    for words in WORKS[extra]:
        assert there.call("partnersim", *words.split()), words


def test_the_classroom_opens_with_its_extra_alone(built, tmp_path):
    there = Environment(tmp_path, f"{built.wheel}[app]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    call = [there.scripts / "partnersim", "app", "--port", str(port), "--no-browser"]
    server = subprocess.Popen(call, cwd=there.folder, env=there.environment)
    try:
        until = time.monotonic() + 300
        page = ""
        while not page and server.poll() is None and time.monotonic() < until:
            time.sleep(1)
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
            except OSError:
                continue
        assert "<title>" in page
    finally:
        server.terminate()
        server.wait(30)


def test_the_calibration_begins_with_its_extra_alone(built, tmp_path):
    there = Environment(tmp_path, f"{built.wheel}[calibrate]")
    there.call("python", "-c", "from partnersim.analysis.calibration import check_installed; check_installed()")


def test_all_extras_go_together(built, tmp_path):
    there = Environment(tmp_path, f"{built.wheel}[dev]")
    there.call("python", "-m", "pip", "check")


def test_the_lowest_versions_that_the_project_allows_do(built, tmp_path):
    """With what is newest of everything the project does not name: that is what an installer takes."""
    (tmp_path / "lowest.txt").write_text("".join(f"{name}=={version}\n" for name, version in constraints().items()))
    there = Environment(
        tmp_path, f"{built.wheel}[app,calibrate,cluster,analysis]", "-c", str(tmp_path / "lowest.txt"), "pytest", "hypothesis"
    )
    for words in [*WORKS[""], *WORKS["cluster"], *WORKS["analysis"]]:
        there.call("partnersim", *words.split())
    # warnings of old libraries about newer ones are not ours; one test allows none
    parts = [str(ROOT / "tests" / part) for part in ("analysis", "system/test_mesa.py", "system/test_cli.py", "study")]
    quiet = ["-W", "ignore::DeprecationWarning", "-W", "ignore::FutureWarning"]
    strict = ["--deselect", "tests/analysis/test_figures.py::test_batch_drawing_never_loads_pyplot"]
    there.call("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *quiet, *strict, *parts)
