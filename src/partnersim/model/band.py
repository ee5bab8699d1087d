"""The band that runs go over: calibrated parameter vectors, in `band.csv` a row a member and a column a parameter.

With every member the model shows the published patterns, so what differs between members is what the evidence leaves open. Replicate r
has member r mod size, whatever the scenario, so that two scenarios differ neither by luck nor by member. What a scenario sets itself
wins over the band; a lever can be no part of it, because levers are what users choose.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from partnersim.engine.mechanism import plain
from partnersim.errors import ParameterError, nearest
from partnersim.model.month import SCHEDULE
from partnersim.parameters import Parameter

AT_POINT = -1
"""The member of runs at the default parameters."""
FILE = "model/band.csv"
CURE = "install partnersim again, or run at the default parameters (`--point`, in Python `point=True`)"


@dataclass(frozen=True)
class Band:
    """Parameter vectors: the names, "mechanism.parameter", and for each member its values in that order."""

    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def member(self, number: int) -> dict[str, float]:
        """Return the values of a member, "mechanism.parameter" -> number, as `Scenario.parameters` has them."""
        return dict(zip(self.names, self.rows[number], strict=True))

    def to_csv(self) -> str:
        """Return the text of its file; each number reads back as it is, to the bit."""
        return "".join(",".join(cells) + "\n" for cells in (self.names, *(map(repr, row) for row in self.rows)))

    @cached_property
    def digest(self) -> str:
        """Hash of names and values; recorded with every result."""
        return hashlib.sha256(self.to_csv().encode()).hexdigest()


def choose(*, point: bool) -> Band | None:
    """Return the band, or None if a run is to be at the default parameters."""
    return None if point else read()


def described(band: Band | None, replicates: int | None = None) -> str:
    """Say which parameter values so many runs have."""
    if band is None:
        return "at the default parameters"
    part = f" (the first {replicates})" if replicates is not None and replicates < len(band) else ""
    return f"over a band of {len(band)} calibrated parameter vectors{part}"


@cache
def read() -> Band:
    """Return the band that is shipped.

    Raises ParameterError if its file is missing, broken, or does not fit the model.
    """
    path = files("partnersim.model").joinpath("band.csv")
    if not path.is_file():
        raise ParameterError("there is no band of calibrated parameters", where=FILE, fix=CURE)
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise ParameterError(f"the band cannot be read: {problem}", where=FILE, fix=CURE) from problem


def parsed(text: str) -> Band:
    """Return the band that a text in the form of `band.csv` holds.

    Raises ParameterError for the first thing that is wrong, with its line.
    """
    lines = csv.reader(io.StringIO(text, newline=""))
    names = tuple(next(lines, ()))
    known = _declared()
    for name in names:
        _check_name(name, names, known)
    rows = tuple(_row(cells, names, known, f"{FILE}, line {lines.line_num}") for cells in lines)
    if not names or not rows:
        raise ParameterError("the band has no member", where=FILE, fix=CURE)
    return Band(names, rows)


def _declared() -> dict[str, Parameter]:
    """Every parameter of the package's mechanisms."""
    modules = dict.fromkeys(sys.modules[plain(f).__module__] for f in (*SCHEDULE.opening, *SCHEDULE.month))
    return {f"{m.MECHANISM.name}.{p.name}": p for m in modules for p in m.MECHANISM.parameters}


def _check_name(name: str, names: tuple[str, ...], known: Mapping[str, Parameter]) -> None:
    where = f"{FILE}, line 1"
    if name not in known:
        raise ParameterError(
            f"the band has a parameter {name!r} that the model does not have", where=where, allowed=nearest(name, known), fix=CURE
        )
    if known[name].role == "lever":
        raise ParameterError(f"{name} cannot be in the band: it is a lever, which only users set", where=where, fix=CURE)
    if names.count(name) > 1:
        raise ParameterError(f"the band has two columns {name}", where=where, fix=CURE)


def _row(cells: list[str], names: tuple[str, ...], known: Mapping[str, Parameter], where: str) -> tuple[float, ...]:
    if len(cells) != len(names):
        raise ParameterError(f"a member of the band has {len(cells)} values", where=where, allowed=f"{len(names)}, as line 1", fix=CURE)
    out = []
    for name, cell in zip(names, cells, strict=True):
        try:
            value = float(cell)
        except ValueError:
            raise ParameterError(f"{name} = {cell!r} in the band is not a number", where=where, fix=CURE) from None
        out.append(known[name].check(value, mechanism=name.split(".")[0], where=where))
    return tuple(out)
