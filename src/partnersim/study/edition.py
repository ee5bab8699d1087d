"""The plan of a study as a store keeps it: what was asked, its points, and what they vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from partnersim.scenarios.scenario import Scenario
from partnersim.study.factors import Value
from partnersim.study.findings import Finding
from partnersim.study.identity import band_of, point_ids
from partnersim.study.study import Recording, Study


@dataclass(frozen=True)
class Edition:
    """The study as the store holds it now: what is to be run, and how."""

    number: int
    name: str
    question: str
    seed: int
    years: int
    replicates: int
    point: bool
    band: str | None
    """Hash of the band that the runs go over; None at the default parameters."""
    record: Recording
    scenarios: Mapping[str, Scenario]
    table: pa.Table
    kernels: Mapping[str, str]
    digests: tuple[str, ...]
    """What parts of this and of earlier editions call the plan they belong to."""
    design: Mapping[str, Any] = field(default_factory=dict)
    """Kind and n of the design, and the range of each factor; empty if the scenarios stand as they are."""
    findings: tuple[Finding, ...] = ()
    """What is to be said of the runs."""

    @property
    def points(self) -> int:
        """Number of points."""
        return int(self.table.num_rows)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.points * self.replicates

    @property
    def digest(self) -> str:
        """What new parts call the plan they belong to."""
        return self.digests[-1]

    @property
    def factors(self) -> list[str]:
        """What varies besides the scenario."""
        return [name for name in self.table.column_names if name not in ("point", "scenario", "id")]

    # a million points stay a table: as Python's own objects they would fill the memory of every worker

    @cached_property
    def _varied(self) -> pa.Table:
        return self.table.select(self.factors)

    def scenario_of(self, point: int) -> str:
        """Return the name of a point's scenario."""
        return str(self.table.column("scenario")[point].as_py())

    def values(self, point: int) -> dict[str, Value | None]:
        """Return the factors of a point."""
        found = self._varied.slice(point, 1).to_pylist()
        return found[0] if found else {}


def edition_of(study: Study) -> Edition:
    """Return a study as a store would hold it, without a store."""
    columns = study.columns()
    ids = point_ids(study, columns)
    return Edition(
        number=0,
        name=study.name,
        question=study.question,
        seed=study.seed,
        years=study.years,
        replicates=study.replicates,
        point=study.point,
        band=band_of(study.point),
        record=study.record,
        scenarios={scenario.name: scenario for scenario in study.scenarios},
        table=points_table(columns, ids, range(len(ids)), first=0),
        kernels=study.kernels(),
        digests=("",),
        design=described(study),
        findings=study.findings,
    )


def described(study: Study) -> dict[str, Any]:
    """Return the design of a study as plain data: kind, n, and for each factor its range or its levels."""
    if study.design is None:
        return {}
    factors = {f.key: list(f.values) or [f.low, f.high] for f in study.design.factors}
    return {"kind": study.design.kind, "n": study.design.n, "levels": study.design.levels, "factors": factors}


def points_table(columns: Mapping[str, Sequence[Value | None]], ids: Sequence[str], new: Sequence[int], *, first: int) -> pa.Table:
    """Return the points that are new, numbered from `first`: point, scenario, the factors, and the name that says what a point is."""
    data: dict[str, pa.Array] = {"point": pa.array(range(first, first + len(new)), pa.int64())}
    for key, values in columns.items():
        chosen = [values[n] for n in new]
        texts = all(v is None or isinstance(v, str | bool) for v in values)
        data[key] = pa.array(chosen if texts else [None if v is None else float(v) for v in chosen])
    return pa.table(data | {"id": pa.array([ids[n] for n in new])})
