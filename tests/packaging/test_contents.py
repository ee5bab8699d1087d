"""Wheel and source archive hold what they should, and nothing else."""

import email
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def files(folder):
    """Every file below a folder that is no machine's or tool's own."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not re.search(r"(^|/)(__pycache__|[^/]*\.egg-info|\.[^/]*_cache)/", path.relative_to(folder).as_posix())
    }


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(built):
    about = f"partnersim-{PROJECT['version']}.dist-info"
    package = {f"partnersim/{name}" for name in files(built.repository / "src" / "partnersim")}
    wheel = {name for name in files(built.installed) if not name.startswith(about)}
    assert wheel == package
    assert f"{about}/licenses/LICENSE" in files(built.installed)


@pytest.mark.parametrize("name", ["py.typed", "model/band.csv", "report/validation.json", "report/texts/odd.md",
                                  "scenarios/abc-unified.toml", "app/static/classroom.js", "app/lessons/1-succession.toml"])  # fmt: skip
def test_what_is_no_code_is_there_too(built, name):
    assert (built.installed / "partnersim" / name).read_bytes() == (built.repository / "src" / "partnersim" / name).read_bytes()


@pytest.mark.parametrize("folder", ["src/partnersim", "docs", "experiments", "notebooks", "tests", ".ci"])
def test_the_source_archive_is_the_repository(built, folder):
    assert files(built.repository / folder)
    assert files(built.repository / folder) == files(built.source / folder)


def test_the_texts_at_the_top_are_in_the_source_archive(built):
    for pattern in ("*.md", "*.cff", "LICENSE", "pyproject.toml"):
        assert {path.name for path in built.repository.glob(pattern)} <= {path.name for path in built.source.glob(pattern)}


def test_an_installer_is_told_what_the_project_says(built):
    told = email.message_from_bytes(next(built.installed.glob("*.dist-info/METADATA")).read_bytes())
    assert told["Version"] == PROJECT["version"]
    assert told["Requires-Python"] == PROJECT["requires-python"]
    assert set(told.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
    points = next(built.installed.glob("*.dist-info/entry_points.txt")).read_text()
    assert re.search(r"partnersim = partnersim\.cli:main", points)
