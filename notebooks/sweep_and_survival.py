# %% [markdown]
# # Sweep and survival
#
# *Does practice live longer where superintendents come from within, and does it depend on how long they stay?*
#
# A comparison changes one thing. A *study* varies several at once, keeps every run in a folder, and goes on where it was stopped. This
# page makes a small one and reads survival curves from it.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt

import partnersim as ps
from partnersim.plots.style import SCENARIOS, look

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS, YEARS = (4, 8) if SMALL else (80, 20)
OUT = Path("out/small" if SMALL else "out")

# %% [markdown]
# ## The study
#
# It is a text: a question, a scenario, a design over its parameters, and how much to keep. As a file it runs with `partnersim study
# FILE.toml`. The design here is a grid: every combination of the values.

# %%
TEXT = f"""
question = "Does practice live longer where superintendents come from within, and does it depend on how long they stay?"
replicates = {WORLDS}
years = {YEARS}

[scenario.founded]
extends = "typical-district"

[design]
kind = "grid"
[design.factors]
"succession.outside" = [0.0, 0.5, 1.0]
"succession.management_tenure_months" = [30, 60, 120]

[record]
outcomes = ["alive_index", "practice_workplace"]
every_months = 12
"""
study = ps.Study.read(TEXT, name="successors")
study

# %% [markdown]
# ## Run it, and stop it when you like
#
# What is done stays done. The same call again does only what is missing; more worlds, or more values, extend the store. `partnersim study
# --dry-run` says beforehand how long a study takes on this machine.

# %%
result = study.run(OUT / "successors")
print(result)
print(study.run(OUT / "successors").counts())

# %% [markdown]
# Every point of the design is run in the same worlds, so the points can be compared as two policies can.
#
# ## Survival by what was varied

# %%
curves = result.survivals("succession.outside")
ps.plot_survivals(curves, source=result.footer)

# %% [markdown]
# **How to read it.** One curve for each value of the chance that a superintendent comes from outside, over all values of tenure. At an
# age at which a band covers the line of another curve the two cannot be told apart by their curves alone.
#
# The worlds are the same for each curve, and the bands do not know it. A paired table is sharper:

# %%
runs = result.runs
outside = runs.pivot_table(
    index=["succession.management_tenure_months", "replicate"], columns="succession.outside", values="practice_alive_months"
)
gain = (outside[0.0] - outside[1.0]).groupby("replicate").mean()  # a world counts once, whatever its tenures
print(f"Always from within, less always from outside: {gain.mean():.1f} months of practice")
print(f"95 % interval: {gain.mean() - 1.96 * gain.sem():.1f} to {gain.mean() + 1.96 * gain.sem():.1f}, n = {len(gain)} worlds")

# %% [markdown]
# ## Does one depend on the other?

# %%
means = runs.groupby(["succession.management_tenure_months", "succession.outside"])["practice_alive_months"].agg(["mean", "sem"])
with look():
    figure, ax = plt.subplots(figsize=(7.0, 4.0), layout="constrained")
    for n, ((tenure, part), line) in enumerate(zip(means.groupby(level=0), SCENARIOS, strict=False)):
        x = part.index.get_level_values(1) + 0.02 * (n - 1)  # beside each other
        ax.errorbar(
            x, part["mean"], 1.96 * part["sem"], marker="o", color=line.colour, linestyle=line.style, capsize=3, label=f"{tenure:g} months"
        )
    ax.legend(title="Mean tenure", frameon=False)
    ax.set(xlabel="Chance that a superintendent comes from outside", ylabel="Life of practice (months, mean)")
means.round(1)

# %% [markdown]
# **How to read it.** Lines side by side: each factor does its own work. Lines that open or cross: what one does depends on the other. The
# bars are 95 % intervals of each mean; because of the shared worlds they are wider than those of differences.
#
# ## When in life, and what of
#
# The same curves for chosen points. `survival` takes a part of the runs by the values of columns.

# %%
corners = {
    "from within, long": {"succession.outside": 0.0, "succession.management_tenure_months": 120},
    "from outside, short": {"succession.outside": 1.0, "succession.management_tenure_months": 30},
}
ps.plot_survivals({name: result.survival("practice", where) for name, where in corners.items()}, source=result.footer)

# %%
for name, where in corners.items():
    part = result.frame("runs", where=where)
    print(name, "-", part.loc[part["practice_died"], "cause_of_death"].value_counts().to_dict())

# %% [markdown]
# Nothing is lost by keeping little: any run can be made again in full, from its point and its replicate.

# %%
full = result.rebuild(point=0, replicate=0)
print({name: table.shape for name, table in full.items()})

# %% [markdown]
# ## What it does not say
#
# - The grid varies what its author thought of. Which of all parameters matter: [which_factors_matter.py](which_factors_matter.py).
# - Tenure is a mean of the model's own process: boards also end it, so people do not stay exactly as long as the number says.
# - A pooled curve is an average over the other factor as it was varied here. Other values, other curve.
