"""Write a stub and its tests into a folder; nothing that exists is overwritten."""

from __future__ import annotations

import json
import keyword
import os
import re
import sys
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path

from partnersim.errors import MechanismError, ScenarioError
from partnersim.scenarios.files import load_scenario, scenario_names

LONGEST = 40


def mechanism(name: str, folder: Path) -> list[Path]:
    """Write NAME.py, a mechanism that runs as it is, and test_NAME.py; return their paths.

    Raises
    ------
    MechanismError
        The name cannot be that of a mechanism and of a module, or a file exists already.
    """
    from partnersim.scenarios.declared import plan

    known = plan()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name.startswith("test_") or len(name) > LONGEST:
        raise MechanismError(
            f"{name!r} cannot be the name of a mechanism",
            where="NAME",
            allowed=f"a word of Python: small letters, digits and _, a letter first, at most {LONGEST} long",
            fix="for example peer_review",
        )
    if name in known.mechanisms or name in known.columns:
        raise MechanismError(
            f"the model has a {'mechanism' if name in known.mechanisms else 'column'} called {name} already",
            where="NAME",
            fix=f"choose another name, for example my_{name}",
        )
    if name in sys.stdlib_module_names or name in packages_distributions():
        raise MechanismError(
            f"a module of Python or of an installed package is called {name}",
            where="NAME",
            fix=f"choose another name, for example my_{name}",
        )
    texts = {f"{name}.py": _text("mechanism.py"), f"test_{name}.py": _text("test_mechanism.py")}
    return _written({file: text.replace("NAME", name) for file, text in texts.items()}, folder, MechanismError)


def scenario(name: str, folder: Path, extends: str = "typical-district") -> list[Path]:
    """Write NAME.toml, a scenario that runs as it is, and its test; return their paths.

    `extends` is the name of a shipped scenario or the path of a file.

    Raises
    ------
    ScenarioError
        The name cannot be that of a scenario, `extends` is none, or a file exists already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name) or len(name) > LONGEST:
        raise ScenarioError(
            f"{name!r} cannot be the name of a scenario",
            where="NAME",
            allowed=f"small letters and digits, with - between words, at most {LONGEST} long",
            fix="for example our-district",
        )
    if name in scenario_names():
        raise ScenarioError(f"a shipped scenario is called {name}", where="NAME", fix=f"choose another name, for example our-{name}")
    base = load_scenario(extends)
    if extends in scenario_names():
        beside, python = extends, json.dumps(extends)
    else:
        beside = Path(os.path.relpath(extends, folder)).as_posix()
        python = f"Path(__file__).parent / {json.dumps(beside)}"
    module = name.replace("-", "_")
    toml = _text("scenario.toml").replace("EXTENDS", json.dumps(beside)).replace("SITES", str(base.sites))
    test = _text("test_scenario.py").replace("EXTENDS", python).replace("MODULE", module)
    texts = {f"{name}.toml": toml, f"test_{module}.py": test}
    return _written({file: text.replace("NAME", name) for file, text in texts.items()}, folder, ScenarioError)


def _text(name: str) -> str:
    return files("partnersim.stubs").joinpath("texts", f"{name}.txt").read_text(encoding="utf-8")


def _written(texts: dict[str, str], folder: Path, error: type[MechanismError] | type[ScenarioError]) -> list[Path]:
    paths = [folder / name for name in texts]
    for path in paths:
        if path.exists():
            raise error(f"{path} exists already", where="NAME", fix="choose another name, or another folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts.values(), strict=True):
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as problem:
        raise error(f"{problem.filename or folder} cannot be written: {problem.strerror}", where="--out") from problem
    return paths
