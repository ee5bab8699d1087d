"""What is published, built once: a source archive, and from it the wheel, without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = (".git", ".venv", "build", "dist", "out", "__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, f'build_{sys.argv[1]}')(sys.argv[2])"


@dataclass(frozen=True)
class Built:
    """What a release consists of, and the same unpacked."""

    repository: Path
    """A copy of the repository as it stood."""
    wheel: Path
    installed: Path
    """The wheel unpacked: of a package without compiled parts, that is what an installer does."""
    source: Path
    """The source archive unpacked."""


def build(kind: str, folder: Path, into: Path) -> None:
    done = subprocess.run([sys.executable, "-c", BUILD, kind, str(into)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Built:
    pytest.importorskip("setuptools", minversion="77")
    here = tmp_path_factory.mktemp("release")
    shutil.copytree(ROOT, here / "repository", ignore=shutil.ignore_patterns(*NOT_OURS))
    build("sdist", here / "repository", here)
    with tarfile.open(next(here.glob("*.tar.gz"))) as archive:
        archive.extractall(here / "source", filter="data")
    source = next((here / "source").iterdir())
    build("wheel", source, here)
    wheel = next(here.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(here / "installed")
    return Built(here / "repository", wheel, here / "installed", source)
