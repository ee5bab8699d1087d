"""Print the lowest versions that pyproject.toml allows, as constraints for an installer.

python tests/packaging/lowest.py > lowest.txt; pip install -c lowest.txt ".[analysis]"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[.*?\])?\s*>=\s*(?P<version>[0-9][0-9a-z.]*)")


def lowest(requirements: Iterable[str]) -> dict[str, str]:
    """Return name -> lowest version; a requirement without one is an error."""
    out = {}
    for requirement in requirements:
        found = BOUND.match(requirement)
        if found is None:
            raise ValueError(f"{requirement!r} has no lower bound")
        out[found["name"]] = found["version"]
    return out


def constraints() -> dict[str, str]:
    """Return the lowest versions of everything the package and its extras name; tools of development have any version."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = [names for extra, names in project["optional-dependencies"].items() if extra != "dev"]
    return lowest(name for names in (project["dependencies"], *extras) for name in names)


if __name__ == "__main__":
    for name, version in constraints().items():
        print(f"{name}=={version}")
