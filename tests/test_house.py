"""The house is in order: style, types and import directions hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["importlinter.cli", "lint"],
    ],
    ids=["ruff", "format", "mypy", "import-linter"],
)
def test_tools_find_nothing(command):
    module, *arguments = command
    code = "from importlinter.cli import lint_imports_command as main; main()" if module == "importlinter.cli" else None
    call = [sys.executable, "-c", code] if code else [sys.executable, "-m", module, *arguments]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_versions_agree():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_ci_runs_what_the_readme_says():
    command = next(line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("python3"))
    assert command.replace(" --clear", "").replace(" --quiet", "") in (ROOT / "README.md").read_text()
