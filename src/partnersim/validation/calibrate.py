"""The calibration as a study: waves of parameter vectors, played, measured against the calibration patterns, and thinned to a band.

A folder holds everything: `wave-N.csv` (the vectors drawn, written before they are played), `played-N.csv` (a line a vector, appended
when it is played), and at the end `band.csv`, `learnt.csv` and `constrained.csv`. A folder that holds an unfinished calibration is taken up
where it stopped, with the same result.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.analysis import calibration as matching
from partnersim.analysis.plain import plain
from partnersim.errors import PartnersimError
from partnersim.folders import trouble, whole_file
from partnersim.model.patterns import CALIBRATION, PATTERNS
from partnersim.scenarios.declared import plan
from partnersim.scenarios.scenario import declared_parameters
from partnersim.threads import cores
from partnersim.validation.measures import MEASURES
from partnersim.validation.playing import Lab

FITTED = tuple(p for p in PATTERNS if p.use == CALIBRATION)
TARGETS = {t.statistic: matching.Range(t.low, t.high) for p in FITTED for t in p.targets}
GROUPS = 10
CUTOFF = 2.0  # standard deviations; the last wave is drawn where all targets are expected to be met


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "question": (lambda value: isinstance(value, str), "a text"),
    "seed": (lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0, "a whole number from 0"),
    "replicates": (_is_count, "a number of runs"),
    "points": (
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_count, value)),
        "a list of numbers of vectors, one a wave",
    ),
    "tolerance": (lambda value: _is_number(value) and value >= 0, "a number from 0"),
    "largest_band": (_is_count, "a number of vectors"),
    "priors": (lambda value: isinstance(value, dict) and bool(value), "a table: parameter = [low, high]"),
}
"""What each field of a calibration file may be, and how that is said."""


@dataclass(frozen=True)
class Design:
    """What a calibration file says."""

    question: str
    seed: int
    replicates: int
    points: list[int]
    tolerance: float
    largest_band: int
    priors: dict[str, tuple[float, float]]

    @classmethod
    def load(cls, path: Path) -> Design:
        """Read a calibration file; all problems at once."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PartnersimError(f"cannot read {path}: {error}", fix="see experiments/calibration.toml") from error
        wanted = {name for name in cls.__dataclass_fields__}
        problems = [f"{name!r} is missing" for name in sorted(wanted - set(data))]
        problems += [f"{name!r} is not known" for name in sorted(set(data) - wanted)]
        problems += [
            f"{name} = {data[name]!r} is not {allowed}" for name, (fits, allowed) in FIELDS.items() if name in data and not fits(data[name])
        ]
        known = declared_parameters(plan())
        priors = data.get("priors", {})
        for name, ends in priors.items() if isinstance(priors, dict) else ():
            if name not in known:
                problems.append(f"there is no parameter {name!r}")
            elif known[name].role == "lever":
                problems.append(f"{name!r} is a lever, which users set")
            elif not (
                isinstance(ends, list)
                and len(ends) == 2
                and all(map(_is_number, ends))
                and known[name].bounds[0] <= ends[0] < ends[1] <= known[name].bounds[1]
            ):
                problems.append(f"{name!r} needs [low, high] within {known[name].bounds}")
        if problems:
            raise PartnersimError("; ".join(problems), where=str(path), fix="see experiments/calibration.toml")
        return cls(**data | {"priors": {name: (float(a), float(b)) for name, (a, b) in data["priors"].items()}})

    @property
    def vectors(self) -> int:
        """How many vectors are played."""
        return sum(self.points)

    def reduced(self, points: int, replicates: int) -> Design:
        """Return a smaller calibration, to try it or to test it."""
        return Design(**asdict(self) | {"points": [points] * len(self.points), "replicates": replicates})


def play(vector: dict[str, float], replicates: int, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Play all calibration patterns with a vector; return statistics and their standard errors by leaving out a tenth after the other."""
    lab = Lab(replicates=replicates, seed=seed, changed=vector, point=True, threads=1)
    every = np.arange(replicates)
    values, errors = {}, {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for pattern in FITTED:
            statistics = MEASURES[pattern.id](lab)
            all_of_them = statistics(every)
            left = [statistics(every[every % GROUPS != g]) for g in range(GROUPS)]
            for target in pattern.targets:
                name = target.statistic
                parts = np.array([part[name] for part in left])
                values[name] = float(all_of_them[name])
                errors[name] = float(np.sqrt((GROUPS - 1) * np.mean((parts - parts.mean()) ** 2)))
    return values, errors


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found.

    Accepted vectors, what is learnt of each parameter, from which patterns, and the share of the prior from which each wave was drawn.
    """

    band: pd.DataFrame
    learnt: pd.DataFrame
    constrained: pd.DataFrame
    left: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the accepted vectors, what is learnt of each parameter, and the shares of the prior, as plain data."""
        return {
            "band": plain(self.band.to_dict("records")),
            "learnt": plain(self.learnt.to_dict("records")),
            "constrained": plain(self.constrained.to_dict("index")),
            "left": list(self.left),
        }


def calibrate(design: Design, folder: Path, progress: Callable[[int], None] | None = None) -> Calibrated:
    """Run, or go on with, a calibration.

    Parameters
    ----------
    design
        What to do.
    folder
        Where everything is kept; new, or one that this design has begun.
    progress
        Called with the number of vectors played.
    """
    matching.check_installed()
    with trouble(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _same(folder / "design.json", json.dumps(asdict(design), indent=1, sort_keys=True))
    played: list[pd.DataFrame] = []
    left: list[float] = []
    for wave, points in enumerate(design.points, 1):
        plan_file = folder / f"wave-{wave}.csv"
        if not plan_file.exists():
            share = 1.0
            if wave == 1:
                vectors = matching.first_wave(design.priors, points, design.seed)
            else:
                known = _split(design, pd.concat(played))
                cutoff = CUTOFF if wave < len(design.points) else 0.0
                vectors, share = matching.next_wave(design.priors, TARGETS, *known, cutoff, points, design.seed + wave)
            whole_file(plan_file, vectors.assign(left=share).to_csv(index=False, lineterminator="\n"))
        planned = _read(plan_file)
        left.append(float(planned["left"].iloc[0]))
        played.append(_play_wave(design, folder / f"played-{wave}.csv", planned[list(design.priors)], sum(map(len, played)), progress))
    band = _accept(design, pd.concat(played[::-1]))  # those of the last wave first: they were drawn where most is known
    vectors, statistics, _ = _split(design, pd.concat(played))
    groups = {p.id: [t.statistic for t in p.targets] for p in FITTED}
    constrained = matching.constrained_by(design.priors, groups, vectors, statistics)
    learnt = matching.learnt(design.priors, band, constrained)
    for name, rows in (("band.csv", band), ("learnt.csv", learnt), ("constrained.csv", constrained.reset_index())):
        rows.to_csv(folder / name, index=False)
    return Calibrated(band, learnt, constrained, tuple(left))


def _play_wave(design: Design, file: Path, vectors: pd.DataFrame, before: int, progress: Callable[[int], None] | None) -> pd.DataFrame:
    header = [*design.priors, *TARGETS, *(f"se {name}" for name in TARGETS)]
    if not file.exists():
        whole_file(file, pd.DataFrame(columns=header).to_csv(index=False, lineterminator="\n"))
    done = len(_whole_lines(file))
    left = [{str(name): float(value) for name, value in row.items()} for row in vectors.iloc[done:].to_dict("records")]
    # a process a core: recipes are short, and Python between them would hold up threads
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        found = pool.map(play, left, repeat(design.replicates), repeat(design.seed))
        for n, (vector, (values, errors)) in enumerate(zip(left, found, strict=True)):
            row = [*vector.values(), *(values[name] for name in TARGETS), *(errors[name] for name in TARGETS)]
            with file.open("a", encoding="utf-8") as lines:
                lines.write(",".join(repr(float(value)) for value in row) + "\n")
            if progress is not None:
                progress(before + done + n + 1)
    return _whole_lines(file)


def _whole_lines(file: Path) -> pd.DataFrame:
    """Return the rows of a table that was being appended to; a last line that was cut off is taken away."""
    written = file.read_bytes()
    os.truncate(file, written.rindex(b"\n") + 1)
    return _read(file)


def _read(file: Path) -> pd.DataFrame:
    """Return a table of numbers as they were written, to the bit."""
    return pd.read_csv(file, dtype=str).astype(float)


def _accept(design: Design, played: pd.DataFrame) -> pd.DataFrame:
    vectors, statistics, errors = _split(design, played)
    band = vectors[matching.accepted(TARGETS, statistics, errors, design.tolerance)]
    if len(band) == 0:
        nearest = int(matching.worst(TARGETS, statistics, errors).argmin())
        missed = [n for n, t in TARGETS.items() if t.miss(statistics[n].to_numpy()[[nearest]])[0] > 0]
        raise PartnersimError(
            f"no vector meets all targets; the nearest misses {', '.join(missed)}",
            fix="more waves or wider priors; else the structure is wrong",
        )
    return band.iloc[: design.largest_band].reset_index(drop=True)


def _split(design: Design, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Part a table of played vectors into vectors, statistics and errors."""
    table = table.reset_index(drop=True)
    errors = table[[f"se {name}" for name in TARGETS]].set_axis(list(TARGETS), axis=1)
    return table[list(design.priors)], table[list(TARGETS)], errors


def _same(file: Path, text: str) -> None:
    """Write down what a folder is for; refuse a folder that is for something else."""
    if not file.exists():
        whole_file(file, text)
    elif file.read_text(encoding="utf-8") != text:
        raise PartnersimError(f"{file.parent} holds another calibration", fix="choose a new folder")
