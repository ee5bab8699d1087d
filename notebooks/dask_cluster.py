# %% [markdown]
# # A study on a cluster
#
# *My study takes days on my machine. How do I give it to many?*
#
# The runs of a study know nothing of each other, so they can be made anywhere. With Dask a scheduler hands out pieces of about a second,
# workers make the runs and write them into the store themselves, and only a line about each piece comes back. This page does it with a
# cluster inside this computer; at the end stands what changes for SLURM. (`pip install "partnersim[cluster]"`)

# %%
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import dask
import matplotlib.pyplot as plt
from distributed import LocalCluster

import partnersim as ps
from partnersim.plots.style import look

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS = 10 if SMALL else 1000
OUT = Path("out/small" if SMALL else "out")

# %% [markdown]
# ## The study
#
# Nothing in it says where it runs.

# %%
study = ps.Study.read(
    f"""
    question = "Does release time decide how many meetings are good for a partnership?"
    replicates = {WORLDS}
    years = 5

    [scenario.small]
    extends = "typical-district"
    district = {{ sites = 3, members_per_site = 10 }}

    [design]
    kind = "grid"
    [design.factors]
    "structures.workplace_meetings" = [1, 4, 12]
    "members.release_hours" = [5, 40]

    [record]
    outcomes = ["alive_index", "member_support"]
    """,
    name="meetings",
)
study

# %% [markdown]
# ## The cluster
#
# Two workers, threads of this process: everything goes through a scheduler as it would between machines. On one machine alone you need
# none of this: `study.run(folder)` uses all cores.

# %%
dask.config.set(temporary_directory=tempfile.mkdtemp())  # Dask's own scratch files
cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0")
print(cluster.scheduler_address, "-", len(cluster.workers), "workers")

# %% [markdown]
# ## Run it there
#
# The only difference is `cluster=` and an address. `progress` is told how far it is.

# %%
began, told = time.perf_counter(), []
result = study.run(
    OUT / "meetings", cluster=cluster.scheduler_address, progress=lambda tally: told.append((time.perf_counter() - began, tally.done))
)
cluster.close()
print(result)

# %%
with look():
    figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    ax.step([0, *(second for second, _ in told)], [0, *(done for _, done in told)], where="post", color="#12436d")
    ax.axhline(study.runs, color="#666666", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.set(xlabel="Seconds", ylabel="Runs done")

# %% [markdown]
# **How to read it.** A step is a piece that came back. Steps are small at first, while nobody knows how long a run takes, then they grow
# to about a second. If a worker is lost, its piece is given to another; if everything is lost, the same call goes on where it stopped. If
# this page has run before, nothing was left to do and the line is empty.
#
# ## The same runs, wherever they are made

# %%
here = study.run(OUT / "meetings-in-threads")
names = ["practice_alive_months", "practice_workplace", "member_support"]
print("the same to the bit:", result.runs[names].equals(here.runs[names]))

# %%
ps.plot_survivals(result.survivals("members.release_hours"), source=result.footer)

# %% [markdown]
# ## On SLURM
#
# Workers write into the store, so they must see its folder under the same path, and they must have the same version of partnersim. From a
# login node:

# %%
if find_spec("dask_jobqueue"):
    from dask_jobqueue import SLURMCluster

    slurm = SLURMCluster(
        queue="normal",
        account="my-account",
        cores=20,
        processes=20,
        memory="40GB",
        walltime="04:00:00",
        scheduler_options={"dashboard_address": ":0"},
    )
    print(slurm.job_script())  # what SLURM is given for each job
    slurm.close()

# %% [markdown]
# then `slurm.adapt(minimum_jobs=1, maximum_jobs=10)` and `study.run("/shared/out/meetings", cluster=slurm.scheduler_address)`.
#
# Without Dask, as an array of jobs, each with its shard of the same study:
#
#     #SBATCH --array=1-20
#     partnersim study meetings.toml --out /shared/out/meetings --shard $SLURM_ARRAY_TASK_ID/20
#
# `experiments/SCALE.md` says what a study costs, and what breaks first when it grows.
#
# ## What it does not say
#
# - Two workers inside one process are no measure of speed. `partnersim study FILE --dry-run` measures runs on your machine.
# - More runs make chance smaller, and nothing else. What the model leaves out is left out in every one of them.
