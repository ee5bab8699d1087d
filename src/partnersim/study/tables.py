"""What a store holds, as frames that are read when they are asked for, column by column and row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from partnersim import __version__
from partnersim.errors import ResultError, nearest
from partnersim.scenarios.scenario import Scenario
from partnersim.study.edition import Edition
from partnersim.study.store import PARTS, TABLES, Store, failures_table

if TYPE_CHECKING:
    import pandas as pd

ORDER = ("point", "replicate", "month")


class StudySet:
    """The runs of a study that are done, read from its store.

    `runs` is a pandas frame; `frame` reads any table, or a part of it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.store = Store(folder)
        self.edition: Edition = self.store.edition()
        self._found = self.store.coverage(self.edition)

    def __repr__(self) -> str:
        c = self.counts()
        return f"<StudySet {self.edition.name}: {c['done']} of {c['runs']} runs done, {c['failed']} failed>"

    def counts(self) -> dict[str, int]:
        """Return runs, done, failed and left."""
        return self._found.counts()

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        e = self.edition
        model = ", ".join(dict.fromkeys(digest[:12] for digest in e.kernels.values()))
        return (
            f"partnersim {__version__}, model {model}; study {e.name}; {self.counts()['done']} runs of {e.years} years, "
            f"{e.replicates} worlds, seed {e.seed}."
        )

    @property
    def points(self) -> pd.DataFrame:
        """One row a point: point, scenario, the factors."""
        return self.edition.table.drop_columns(["id"]).to_pandas()

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run: point, scenario, the factors, replicate, lives, cause of death, regime, outcomes of the last two years."""
        return self.frame("runs")

    @property
    def series(self) -> pd.DataFrame:
        """One row a run and recorded month."""
        return self.frame("series")

    @property
    def events(self) -> pd.DataFrame:
        """One row a dated event, if the study records them."""
        return self.frame("events")

    def frame(self, table: str, *, columns: Sequence[str] | None = None, where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Read a table, or some columns and rows of it.

        Parameters
        ----------
        table
            "runs", "series", "events", "ledger" or "failures".
        columns
            Names of columns; all when left out. Factors are columns of every table.
        where
            Rows to keep, by column: a value, a list of values, or a pair (low, high) of numbers, both included; for example
            `{"scenario": "mature", "month": [120, 240], "succession.outside": (0, 0.3)}`.
        """
        return self.table(table, columns=columns, where=where).to_pandas()

    def table(self, table: str, *, columns: Sequence[str] | None = None, where: Mapping[str, Any] | None = None) -> pa.Table:
        """Read like `frame`, as an Arrow table."""
        if table not in TABLES:
            raise ResultError(f"there is no table {table!r}", allowed=nearest(table, TABLES))
        files = [str(path) for name in self._found.parts if (path := self.store.folder / PARTS / name / f"{table}.parquet").is_file()]
        if not files and table == "failures":
            return failures_table([])
        if not files:
            kept = "nothing is done yet" if table == "runs" else "it was not recorded, or nothing is done yet"
            raise ResultError(f"{self.store.folder} holds no {table}: {kept}", where=str(self.store.folder))
        data = ds.dataset(files, format="parquet")
        factors = self.edition.factors
        names = [*data.schema.names, *(f for f in factors if f not in data.schema.names)]
        for name in [*(columns or ()), *(where or {})]:
            if name not in names:
                raise ResultError(f"{table} has no column {name!r}", where=str(self.store.folder), allowed=nearest(name, names))
        rows = None
        points = self.edition.table
        for name, wanted in (where or {}).items():
            if name in factors:
                points = points.filter(_matches(name, wanted))
            else:
                rows = _matches(name, wanted) if rows is None else rows & _matches(name, wanted)
        if points.num_rows < self.edition.points:
            some = pc.field("point").isin(points.column("point"))
            rows = some if rows is None else rows & some
        shown = [name for name in columns if name in data.schema.names] if columns is not None else data.schema.names
        order = [name for name in ORDER if name in data.schema.names]
        try:
            found = data.to_table(columns=list(dict.fromkeys([*shown, *order])), filter=rows)
        except (OSError, pa.ArrowException) as problem:
            raise ResultError(
                f"a part of {self.store.folder} is damaged: {problem}",
                where=str(self.store.folder / PARTS),
                fix="move that part to set-aside/ and give the study command again",
            ) from problem
        if table == "failures":
            # what failed once and was tried again with success has not failed
            point, replicate = (found.column(name).to_numpy() for name in ("point", "replicate"))
            found = found.filter(pa.array(~self._found.done[point, replicate]))
        # within a run the rows stand in order; parts come as they were finished
        found = found.take(pc.sort_indices(found, sort_keys=[(name, "ascending") for name in order])) if found.num_rows else found
        varied = [f for f in factors if (table in ("runs", "failures") if columns is None else f in columns)]
        for name in varied:
            found = found.append_column(name, self.edition.table.column(name).take(found.column("point")))
        if columns is not None:
            return found.select(list(columns))
        first = [n for n in ("point", "scenario", *varied, "replicate") if n in found.column_names]
        return found.select([*first, *(n for n in found.column_names if n not in first)])

    def failures(self) -> pd.DataFrame:
        """One row a failed run: what went wrong, and the command that makes it go wrong again."""
        frame = self.table("failures").to_pandas()
        frame["command"] = frame["command"].str.replace("FOLDER", str(self.store.folder), regex=False)
        return frame

    def survival(self, by: str = "practice", where: Mapping[str, Any] | None = None, **more: Any) -> pd.DataFrame:
        """Kaplan-Meier table of the runs of one scenario, or of some of them.

        `survival("practice", scenario="mature")`; rows as for `frame`: `survival("form", {"succession.outside": (0, 0.3)})`.
        """
        from partnersim.analysis import survival

        columns = ["scenario", f"{by}_born_month", f"{by}_alive_months", f"{by}_died"]
        runs = self.frame("runs", columns=columns, where={**(where or {}), **more})
        return survival.survival(runs, by, horizon_months=12 * self.edition.years)  # type: ignore[arg-type]

    def survivals(
        self, over: str = "scenario", by: str = "practice", where: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, pd.DataFrame]:
        """Kaplan-Meier tables by the values of `over`, "scenario" or a factor, for `plot_survivals`; whatever else varies is pooled.

        Raises ResultError if the study does not vary `over`.
        """
        if over != "scenario" and over not in self.edition.factors:
            raise ResultError(
                f"the study does not vary {over!r}", where="survivals", allowed=nearest(over, ["scenario", *self.edition.factors])
            )
        wanted = {**(where or {}), **more}
        values = self.frame("runs", columns=[over], where=wanted)[over].dropna().drop_duplicates().tolist()
        ordered = values if over == "scenario" else sorted(values)
        short = over.rpartition(".")[2]
        named = {value: f"{short} = {value:g}" if isinstance(value, float) else f"{short} = {value}" for value in ordered}
        return {value if over == "scenario" else named[value]: self.survival(by, {**wanted, over: value}) for value in ordered}

    def summary(self) -> pd.DataFrame:
        """One row a scenario and quantity: runs, regimes at the end, survival of practice and of form, over all its points."""
        import pandas as pd

        from partnersim.analysis import survival

        runs = self.frame("runs")
        rows: list[tuple[Any, ...]] = []
        for scenario, part in runs.groupby("scenario", sort=False):
            rows.append((scenario, "runs", "done", len(part), None, None, len(part)))
            for by in ("practice", "form"):
                table = survival.survival(part, by, horizon_months=12 * self.edition.years)  # type: ignore[arg-type]
                for age, alive, low, high, n in survival.at_months(table).itertuples(index=False):
                    rows.append((scenario, by, f"alive at {age} months", alive, low, high, n))
            for name, n, share, low, high in survival.regimes(part).itertuples(index=False):
                rows.append((scenario, "regime", name, share, low, high, n))
        return pd.DataFrame(rows, columns=["scenario", "section", "quantity", "value", "low", "high", "n"])

    # -- one run --------------------------------------------------------------------------------------------------

    def scenario(self, point: int) -> Scenario:
        """Return the scenario of a point, to be run, told or written down by itself."""
        from partnersim.study.work import scenario_of

        self._check(point, 0)
        return scenario_of(self.edition, point)

    def rebuild(self, point: int, replicate: int) -> dict[str, pd.DataFrame]:
        """Simulate one run again, in full: "runs", "series" (every outcome and month), "events" and "ledger" (every month).

        Raises RunError if the run fails, as it did, and ResultError if the model is another one than that of the study.
        """
        from partnersim.study.study import Recording
        from partnersim.study.work import same_model, simulate

        self._check(point, replicate)
        same_model(self.edition)
        tables = simulate(self.edition, [(point, replicate)], Recording(every_months=1, events=True, ledger=True))
        if tables["failures"].num_rows:
            from partnersim.errors import RunError

            row = tables["failures"].to_pylist()[0]
            raise RunError(f"{row['kind']}: {row['error']}", where=f"point {point}, replicate {replicate} of {self.store.folder}")
        return {name: table.to_pandas() for name, table in tables.items() if name != "failures"}

    def _check(self, point: int, replicate: int) -> None:
        if not 0 <= point < self.edition.points or not 0 <= replicate < self.edition.replicates:
            raise ResultError(
                f"the study has no point {point} with replicate {replicate}",
                where=str(self.store.folder),
                allowed=f"points 0 to {self.edition.points - 1}, replicates 0 to {self.edition.replicates - 1}",
            )


def _matches(name: str, wanted: Any) -> pc.Expression:
    """The rows in which a column is a value, one of a list, or within a pair."""
    field = pc.field(name)
    if isinstance(wanted, tuple) and len(wanted) == 2:
        return (field >= wanted[0]) & (field <= wanted[1])
    if isinstance(wanted, list | set | range | tuple):
        return field.isin(list(wanted))
    return field == wanted
