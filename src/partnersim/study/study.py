"""A study: a question, scenarios, a design over them, replicates and a seed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.errors import ParameterError, ScenarioError
from partnersim.model import outcomes
from partnersim.scenarios.files import HELP, load_scenario
from partnersim.scenarios.scenario import Scenario
from partnersim.study.design import (
    Columns,
    Design,
)
from partnersim.study.findings import Finding

if TYPE_CHECKING:
    from partnersim.study.runner import Tally
    from partnersim.study.tables import StudySet

MAX_BYTES = 5_000_000
USUAL = "typical-district"
"""The scenario of a design that names none."""


@dataclass(frozen=True)
class Recording:
    """What is kept of every run besides its row in the table of runs.

    outcomes: those kept by month; every_months: in months 0, 12, 24 ...; events: every dated event; ledger: what moved trust and will, by
    mechanism, summed over those months. A run can always be simulated again in full.
    """

    outcomes: tuple[str, ...] = outcomes.NAMES
    every_months: int = 12
    events: bool = False
    ledger: bool = False


@dataclass(frozen=True)
class Study:
    """Many variants of scenarios, each in the same possible worlds.

    Parameters
    ----------
    name
        Short name, as in titles; the stem of its file.
    scenarios
        The scenarios, by name.
    design
        Varies every scenario; None for the scenarios as they are.
    question, notes
        For people.
    seed, replicates, years, point
        As in `partnersim.run`.
    record
        What is kept of each run.
    findings
        What is to be said of the runs; the first is the answer.
    text
        The file it was read from, as it stood.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    design: Design | None = None
    question: str = ""
    notes: str = ""
    seed: int = 1
    replicates: int = 200
    years: int = 20
    point: bool = False
    record: Recording = field(default_factory=Recording)
    findings: tuple[Finding, ...] = ()
    text: str = ""

    def __repr__(self) -> str:
        return f"<Study {self.name}: {self.points} points, {self.runs} runs of {self.years} years, seed {self.seed}>"

    # -- making one -----------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Return the study in a TOML file.

        Raises
        ------
        ScenarioError
            Everything that is wrong with the file, each with its line.
        """
        path = Path(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ScenarioError(f"{path} is too large for a study file", where=str(path), allowed=f"up to {MAX_BYTES} bytes")
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError, ValueError) as problem:
            if isinstance(problem, ScenarioError):
                raise
            raise ScenarioError(f"{path} cannot be read: {problem}", where=str(path), fix="a study is a text file in UTF-8") from problem
        return cls.read(text, name=path.stem, source=str(path), folder=path.parent)

    @classmethod
    def read(cls, text: str, *, name: str = "study", source: str = "the study", folder: Path | None = None) -> Study:
        """Return the study in a TOML text; paths in it are relative to `folder`."""
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as problem:  # numbers too long and tables too deep are no TOMLDecodeError
            what = "it is nested too deeply" if isinstance(problem, RecursionError) else problem
            raise ScenarioError(f"{source} is no valid TOML: {what}", where=source, fix=HELP) from problem
        return cls.of(data, name=name, source=source, folder=folder, text=text)

    @classmethod
    def of(
        cls, data: Mapping[str, Any], *, name: str = "study", source: str = "the study", folder: Path | None = None, text: str = ""
    ) -> Study:
        """Return the study that plain data describe, in the form of a study file; a scenario may also be a `Scenario`."""
        from partnersim.study.reading import Reader

        return Reader(data, name, source, folder or Path(), text).study()

    @classmethod
    def from_mesa(
        cls,
        parameters: Mapping[str, Any],
        *,
        iterations: int | None = None,
        rng: Sequence[int] | int | None = None,
        name: str = "batch",
        **others: Any,
    ) -> Study:
        """Return the study that `mesa.batch_run(PartnershipModel, parameters, iterations=...)` would run: every combination.

        Parameters
        ----------
        parameters
            As for `mesa.batch_run`: keyword of `PartnershipModel` -> a value or a list of values. `district` (names, paths or
            scenarios), `years`, `seed`, `mechanism__parameter`.
        iterations
            Number of replicates; 200 when left out. (In `batch_run` it says how often each seed is run; here each has its own luck.)
        rng
            The seed, if it does not stand among the parameters.
        others
            Anything else a study has, such as `record={"every_months": 1}`.
        """
        many = {key: list(value) if _is_many(value) else [value] for key, value in parameters.items()}
        data: dict[str, Any] = dict(others)
        seeds = many.pop("seed", None) or (list(rng) if isinstance(rng, Sequence) else [1 if rng is None else rng])
        for key, found in (("seed", seeds), ("years", many.pop("years", [20]))):
            if len(found) != 1:
                raise ParameterError(f"a study has one {key}, not {found!r}", where=key, fix="replicates are its possible worlds")
            data[key] = found[0]
        if "replicate" in many:
            raise ParameterError("a study runs all replicates from 0", where="replicate", fix="give iterations=...")
        if iterations is not None:
            data["replicates"] = iterations
        districts = [d if isinstance(d, Scenario) else load_scenario(d) for d in many.pop("district", [USUAL])]
        data["scenario"] = {d.name: d for d in districts}
        for key in many:
            if "__" not in key:
                raise ParameterError(f"a study has no {key!r}", where=key, allowed="district, years, seed and mechanism__parameter")
        if many:
            data["design"] = {"kind": "grid", "factors": {key.replace("__", ".", 1): values for key, values in many.items()}}
        return cls.of(data, name=name)

    # -- what it comes to -----------------------------------------------------------------------------------------

    @property
    def points(self) -> int:
        """Number of points: variants of scenarios."""
        return len(self.scenarios) * (1 if self.design is None else self.design.size)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.points * self.replicates

    def columns(self) -> Columns:
        """Return the points as columns: scenario, and one for each factor."""
        if self.design is None:
            return {"scenario": [s.name for s in self.scenarios]}
        points = self.design.columns(self.seed)
        size = self.design.size
        out: Columns = {"scenario": [s.name for s in self.scenarios for _ in range(size)]}
        return out | {key: values * len(self.scenarios) for key, values in points.items()}

    def kernels(self) -> dict[str, str]:
        """Return the hash of the machine code of each scenario."""
        return {s.name: s.plan.digest for s in self.scenarios}

    # -- running it -----------------------------------------------------------------------------------------------

    def run(
        self,
        folder: str | Path,
        *,
        workers: int | None = None,
        processes: bool = False,
        cluster: str | None = None,
        executor: Executor | None = None,
        shard: tuple[int, int] | None = None,
        allow_mixed_code: bool = False,
        retry_failed: bool = False,
        progress: Callable[[Tally], None] | None = None,
    ) -> StudySet:
        """Run what is not yet in `folder`, and return what is there.

        Parameters
        ----------
        folder
            The store: new, empty, or holding this study or a smaller one (fewer replicates or points), which is then extended.
        workers
            Threads or processes; all cores when left out.
        processes
            Processes in place of threads.
        cluster
            The address of a Dask scheduler ("tcp://..."), or "local" for one on this machine. Its workers must see the folder.
        executor
            Any other `concurrent.futures.Executor`, whose workers see the folder.
        shard
            (3, 20) runs the third of twenty parts; the stores of all parts can be copied together.
        allow_mixed_code
            Go on though the store was begun with another model.
        retry_failed
            Try failed runs again.
        progress
            Called as runs are finished, and about twice a second.

        Raises
        ------
        ResultError
            The folder holds something else, or cannot be written.
        """
        from partnersim.study.runner import run_study

        return run_study(
            self,
            Path(folder),
            workers=workers,
            processes=processes,
            cluster=cluster,
            executor=executor,
            shard=shard,
            allow_mixed_code=allow_mixed_code,
            retry_failed=retry_failed,
            progress=progress,
        )


def _is_many(value: object) -> bool:
    return not isinstance(value, str | Scenario | Path | Mapping) and hasattr(value, "__iter__")
