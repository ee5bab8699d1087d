# %% [markdown]
# # Read a study
#
# *A study lies in a folder. How do I get at its numbers with the tools I know?*
#
# A study writes Parquet files into its folder, the *store*. This page reads one in four ways: with partnersim, with pandas alone, with
# DuckDB and with Polars. It makes a tiny study of its own; `FOLDER` may be any store.

# %%
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import partnersim as ps
from partnersim.plots.style import SCENARIOS, look

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS = 6 if SMALL else 40
FOLDER = Path(tempfile.mkdtemp()) / "store"

STUDY = f"""
question = "Does it matter whether superintendents come from within?"
replicates = {WORLDS}
years = 10

[scenario.small]
extends = "typical-district"
district = {{ sites = 4, members_per_site = 10 }}

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
result

# %% [markdown]
# ## What is in it
#
# `runs` has one row a run, with what was varied as columns; `series` a row a run and recorded month; `events` a row for each thing that
# happened. In the files themselves points of the design are numbered, and `plan/*/points.parquet` says what each number stands for.
# `README.txt` in the store says the same.

# %%
for path in sorted(FOLDER.rglob("*"))[:12]:
    print(path.relative_to(FOLDER))

# %% [markdown]
# ## With partnersim
#
# `frame` reads only the columns and rows asked for, however large the store is.

# %%
result.runs.groupby("succession.outside")["practice_alive_months"].describe().round(1)

# %%
result.frame("series", columns=["succession.outside", "replicate", "alive_index"], where={"month": 120, "succession.outside": 0.0}).head()

# %% [markdown]
# Any run can be made again in full, every month of it, from its point and its replicate.

# %%
full = result.rebuild(point=2, replicate=3)
print(full["series"][["month", "alive_index", "trust_union_workplace"]].tail(3))
print(full["events"]["kind"].value_counts().head())

# %% [markdown]
# ## With pandas alone

# %%
runs = pd.concat(pd.read_parquet(path) for path in sorted(FOLDER.glob("parts/*/runs.parquet")))
points = pd.concat(pd.read_parquet(path) for path in sorted(FOLDER.glob("plan/*/points.parquet")))
runs.merge(points, on=["point", "scenario"]).groupby("succession.outside")["practice_died"].mean()

# %% [markdown]
# ## With DuckDB
#
# SQL over the files as they lie there; nothing is loaded first. (`pip install duckdb`)

# %%
if find_spec("duckdb"):
    import duckdb

    query = f"""
        select p."succession.outside", s.month, avg(s.alive_index) as alive, count(*) as runs
        from '{FOLDER.as_posix()}/parts/*/series.parquet' s join '{FOLDER.as_posix()}/plan/*/points.parquet' p using (point)
        where s.month > 0
        group by all order by all
    """
    by_year = duckdb.sql(query).df()
    print(by_year[by_year["month"] % 60 == 0].round(3).to_string(index=False))

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

# %% [markdown]
# ## A figure
#
# All four ways lead to a frame, and a frame to a figure.

# %%
frame = result.frame("series", columns=["succession.outside", "month", "alive_index"], where={"month": (12, 120)})
lines = frame.groupby(["month", "succession.outside"])["alive_index"].mean().unstack()
with look():
    figure, ax = plt.subplots(figsize=(6.6, 3.4), layout="constrained")
    for (value, mean), line in zip(lines.items(), SCENARIOS, strict=False):
        ax.plot(mean.index / 12, mean, color=line.colour, linestyle=line.style, label=f"{value:g}")
    ax.set(xlabel="Year", ylabel="How alive practice is (mean of runs)", ylim=(0, 1))
    ax.legend(title="Chance of an outsider", frameon=False)

# %% [markdown]
# **How to read it.** A line is the mean of all runs with one value. Month 0 is left out: nobody has acted yet, so practice is zero in
# every run. A mean says how a group of districts fares and not how one does: most single districts are near the top or near the bottom.
#
# ## What it does not say
#
# Differences between these lines have no interval here. The runs are paired (replicate 3 has the same luck at every point), so a
# difference is best taken world by world first; [sweep_and_survival.py](sweep_and_survival.py) does so.
