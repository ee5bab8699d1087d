"""A run on disk: tables, figures, scenario and provenance, all there or not at all, never over anything else."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import partnersim
from partnersim.errors import ResultError
from partnersim.folders import ANOTHER, check_free, whole_folder
from partnersim.model.band import Band
from partnersim.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from partnersim.results import RunSet

PROVENANCE, SUMMARY, BAND = "provenance.json", "summary.json", "band.csv"
LIBRARIES = ("numpy", "numba", "llvmlite", "pandas", "pyarrow", "scipy", "matplotlib")


def identity(scenario: Scenario, *, replicates: int, years: int, seed: int, band: Band | None) -> dict[str, Any]:
    """Return what makes two runs the same run."""
    text = scenario.name + "\n" + scenario.to_toml(beside=True)
    return {
        "scenario": scenario.name,
        "scenario_hash": hashlib.sha256(text.encode()).hexdigest(),
        "replicates": replicates,
        "years": years,
        "seed": seed,
        "point": band is None,
        "band": None if band is None else band.digest,
        "kernel": scenario.plan.digest,
    }


def is_there(folder: Path, wanted: dict[str, Any]) -> bool:
    """Whether `folder` holds this very run; False if it is free to be written.

    Raises ResultError if it holds anything else.
    """
    if not (folder / PROVENANCE).exists():
        check_free(folder)
        return False
    try:
        known = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ResultError(f"{folder} holds something else", where=str(folder), fix=ANOTHER) from None
    if known == wanted:
        return True
    other = [f"{key} {known.get(key)!r} and not {value!r}" for key, value in wanted.items() if known.get(key) != value]
    raise ResultError(f"{folder} holds another run: {'; '.join(other)}", where=str(folder), fix=ANOTHER)


def save(result: RunSet, folder: Path) -> bool:
    """Write a run to `folder`, whole; False if it is there already."""
    run = identity(result.scenario, replicates=result.replicates, years=result.years, seed=result.seed, band=result.band)
    if is_there(folder, run):
        return False
    with whole_folder(folder) as unfinished:
        _write(result, unfinished, run)
    return True


def _write(result: RunSet, folder: Path, run: dict[str, Any]) -> None:
    from partnersim.plots.outcomes import plot_outcomes
    from partnersim.plots.style import close
    from partnersim.plots.survival import plot_survival

    for name in ("runs", "series", "events"):
        getattr(result, name).to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    for path in result.scenario.mechanisms:
        shutil.copyfile(path, folder / Path(path).name)
    (folder / "scenario.toml").write_text(result.scenario.to_toml(beside=True), encoding="utf-8")
    if result.band is not None:
        (folder / BAND).write_text(result.band.to_csv(), encoding="utf-8")
    result.summary().to_csv(folder / "summary.csv", index=False, lineterminator="\n")
    (folder / SUMMARY).write_text(json.dumps(result.to_json(), indent=1) + "\n", encoding="utf-8")
    # the figure of each picture is closed again: pyplot, where it is in use, would keep it
    pictures: dict[str, Any] = {"survival": plot_survival(result), "outcomes": plot_outcomes(result)[0]}
    for name, axes in pictures.items():
        axes.figure.savefig(folder / f"{name}.png", dpi=150)
        close(axes.figure)
    (folder / PROVENANCE).write_text(json.dumps(provenance(result, run), indent=1) + "\n", encoding="utf-8")


def provenance(result: RunSet, run: dict[str, Any]) -> dict[str, Any]:
    """Return what is needed to make this run again, and where and when it was made.

    `parameters` are the values that all runs share; the others a run has from the row of `band.csv` that its `band_member` counts to.
    """
    size = f"--replicates {result.replicates} --years {result.years} --seed {result.seed}"
    by_member = set() if result.band is None else set(result.band.names) - set(result.scenario.parameters)
    return {
        "run": run,
        "command": f"partnersim run scenario.toml {size}{' --point' if result.band is None else ''}",
        "versions": versions(),
        "commit": commit(),
        "platform": platform.platform(),
        "seconds": round(result.seconds, 3),
        "agent_months": result.agent_months,
        "values": result.values_used,
        "parameters": {name: value for name, value in result.scenario.parameter_values().items() if name not in by_member},
    }


def versions() -> dict[str, str]:
    """Return the versions of this package, Python and the libraries that matter."""
    out = {"partnersim": partnersim.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out


def commit() -> str | None:
    """Return the commit if the package lies in a git checkout, with "+changes" if files differ from it; else None."""
    home = Path(__file__).resolve().parents[2]
    if not (home / ".git").exists():
        return None
    try:
        head = _git(home, "rev-parse", "HEAD")
        return head + ("+changes" if _git(home, "status", "--porcelain", "--", "src") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
