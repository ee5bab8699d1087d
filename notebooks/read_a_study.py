"""Read a study: with partnersim, pandas, DuckDB and Polars; a page of cells (`# %%`) for any notebook editor."""

# %% [markdown]
# # Read a study
#
# A study writes Parquet files into a folder, its *store*. This page reads one in four ways: with partnersim, with pandas alone, with DuckDB
# and with Polars. It makes a tiny study of its own; `FOLDER` may be any store.

# %%
import tempfile
from importlib.util import find_spec
from pathlib import Path

import partnersim as ps

FOLDER = Path(tempfile.mkdtemp()) / "store"

STUDY = """
question = "Does it matter whether superintendents come from within?"
replicates = 20
years = 10

[scenario.small]
extends = "typical-district"
district = { sites = 4, members_per_site = 10 }

[design]
kind = "grid"
[design.factors]
"succession.outside" = [0.0, 0.5, 1.0]

[record]
outcomes = ["alive_index", "practice_workplace", "exists"]
every_months = 12
events = true
"""

study = ps.Study.read(STUDY)
result = study.run(FOLDER)
print(result)

# %% [markdown]
# ## With partnersim
#
# `runs` has one row a run, with the factors as columns. `frame` reads only the columns and rows asked for, however large the store is.

# %%
print(result.runs.groupby("succession.outside")["practice_alive_months"].describe().round(1))
print(
    result.frame(
        "series", columns=["succession.outside", "replicate", "alive_index"], where={"month": 120, "succession.outside": 0.0}
    ).head()
)

# %% [markdown]
# Any run can be made again in full, every month of it, from its point and its replicate.

# %%
full = result.rebuild(point=2, replicate=7)
print(full["series"][["month", "alive_index", "trust_union_workplace"]].tail(3))
print(full["events"]["kind"].value_counts().head())

# %% [markdown]
# ## With pandas alone
#
# Points are numbered; `plan/*/points.parquet` says what each number stands for.

# %%
import pandas as pd  # noqa: E402

runs = pd.concat(pd.read_parquet(path) for path in sorted(FOLDER.glob("parts/*/runs.parquet")))
points = pd.concat(pd.read_parquet(path) for path in sorted(FOLDER.glob("plan/*/points.parquet")))
print(runs.merge(points, on=["point", "scenario"]).groupby("succession.outside")["practice_died"].mean())

# %% [markdown]
# ## With DuckDB
#
# SQL over the files as they lie there; nothing is loaded first. (`pip install duckdb`)

# %%
if find_spec("duckdb"):
    import duckdb

    print(
        duckdb.sql(f"""
            select p."succession.outside", s.month, round(avg(s.alive_index), 3) as alive, count(*) as runs
            from '{FOLDER.as_posix()}/parts/*/series.parquet' s join '{FOLDER.as_posix()}/plan/*/points.parquet' p using (point)
            where s.month % 60 = 0 group by all order by all
        """)
    )

# %% [markdown]
# ## With Polars
#
# The same, lazily. (`pip install polars`)

# %%
if find_spec("polars"):
    import polars as pl

    alive = (
        pl.scan_parquet(FOLDER / "parts/*/series.parquet")
        .filter(pl.col("month") == 120)
        .join(pl.scan_parquet(FOLDER / "plan/*/points.parquet"), on="point")
        .group_by("succession.outside")
        .agg(pl.col("alive_index").mean().round(3), pl.len().alias("runs"))
        .sort("succession.outside")
        .collect()
    )
    print(alive)
