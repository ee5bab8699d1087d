# %% [markdown]
# # Use it from Mesa
#
# *I know Mesa. Can I work with this model as with any other: step it, look at agents, collect data, run batches, put it on a page?*
#
# Yes: `PartnershipModel` is a `mesa.Model`. A step is a month. The numbers are, to the bit, those of `ps.run`.

# %%
import os

import matplotlib.pyplot as plt
import mesa
import numpy as np
import pandas as pd

import partnersim as ps
from partnersim.mesa_model import ManagementLeader, Member, MiddleManager, Steward, UnionLeader
from partnersim.plots.style import SCENARIOS, look

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS, YEARS = (2, 3) if SMALL else (10, 10)
district = ps.load_scenario("abc-unified")
if SMALL:
    district = district.replace(name="abc-unified", sites=3, members_per_site=8)

# %% [markdown]
# ## Step it

# %%
model = ps.PartnershipModel(district, seed=1, replicate=0, years=YEARS)
for _ in range(24):
    model.step()
print(f"month {model.month}: practice in schools {model.practice_workplace:.2f}, form {model.form:.2f}")

# %% [markdown]
# ## Look at agents
#
# Agents are live views: they show the world as it is and cannot be set. `AgentSet` does what it does everywhere in Mesa. `dir(agent)`
# lists what an agent knows.

# %%
president = next(agent for agent in model.agents_by_type[UnionLeader] if agent.rank == 0)
superintendent = next(agent for agent in model.agents_by_type[ManagementLeader] if agent.rank == 0)
print(f"president: {president.tenure} months in office, trust {president.trust:.2f}")
print(f"superintendent: {superintendent.tenure} months in office, trust {superintendent.trust:.2f}")
print("mean trust of building representatives:", round(model.agents_by_type[Steward].agg("trust", np.mean), 3))

# %%
managers = model.agents_by_type[MiddleManager]
reluctant = managers.select(lambda manager: manager.disposition < 0)
print(f"{len(reluctant)} of {len(managers)} principals would rather do without joint work")
support = model.agents_by_type[Member].groupby("site").agg("support", np.mean)
print("schools with most and least support among members:", max(support, key=support.get), min(support, key=support.get))

# %% [markdown]
# Setting an attribute is refused, because it would make a history that no scenario describes. To change something, let something happen:

# %%
try:
    president.trust = 1.0
except AttributeError as refused:
    print(refused)
model.happen("strike", days=5)
while model.running:
    model.step()
print(model.world.scenario.timeline[-1])

# %% [markdown]
# ## Collect data
#
# The model's own `datacollector` has every outcome of every month.

# %%
frame = model.datacollector.get_model_vars_dataframe()
with look():
    figure, ax = plt.subplots(figsize=(7.0, 3.4), layout="constrained")
    names = ["practice_workplace", "trust_union_workplace", "trust_union_strategic"]
    for name, line in zip(names, SCENARIOS, strict=False):
        ax.plot(frame[name].loc[1:], color=line.colour, linestyle=line.style, label=name)
    ax.set(ylim=(0, 1.01), xlabel="Month", ylabel="Share, probability")
    ax.axvline(25, color="#666666", linewidth=0.8)
    ax.annotate("strike", (25, 0.02), xytext=(3, 0), textcoords="offset points")
    ax.legend(frameon=False)

# %% [markdown]
# Reporters of your own go into a `mesa.DataCollector` of a subclass; agents can be collected by type.


# %%
class Watched(ps.PartnershipModel):
    """The same model, watched by a collector of its own."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.datacollector = mesa.DataCollector(
            model_reporters={"lowest trust": lambda m: m.agents_by_type[Steward].agg("trust", min)},
            agenttype_reporters={Steward: {"trust": "trust", "site": "site"}},
        )
        self.datacollector.collect(self)


watched = Watched(district, seed=1, years=1)
watched.run_model()
print(watched.datacollector.get_model_vars_dataframe().tail(3).round(3))
print(watched.datacollector.get_agenttype_vars_dataframe(Steward).groupby("Step")["trust"].std().tail(3).round(3))

# %% [markdown]
# ## Run batches
#
# `mesa.batch_run` works. Repeat by `replicate`, which is the number of a world; write a parameter's dot as two underscores.

# %%
parameters = {
    "district": [district],
    "structures__workplace_meetings": [0, 2, 8],
    "replicate": range(WORLDS),
    "years": YEARS + 1,
}
rows = mesa.batch_run(ps.PartnershipModel, parameters, max_steps=12 * YEARS, data_collection_period=12, display_progress=False)
batch = pd.DataFrame(rows).query("Step == 12 * @YEARS")  # a row for every twelfth month; this is the last
batch.groupby("structures__workplace_meetings")["practice_workplace"].agg(["mean", "std", "count"]).round(3)

# %% [markdown]
# Hundreds of runs are better made as a study: the same dictionary, many times faster, kept in a folder and resumed after a stop. The runs
# are the same runs.

# %%
del parameters["replicate"]
study = ps.Study.from_mesa(parameters, iterations=WORLDS, record={"every_months": 1, "outcomes": ["practice_workplace"]})
print(study)

# %% [markdown]
# Without a folder, `ps.run` gives the worlds of one point, and it is easy to see that they are those of the batch:

# %%
point = district.replace(parameters={"structures.workplace_meetings": 8})
of_run = ps.run(point, replicates=WORLDS, years=YEARS, seed=1).series.query("month == 12 * @YEARS")["practice_workplace"]
of_batch = batch.loc[batch["structures__workplace_meetings"] == 8, "practice_workplace"]
print("the same to the bit:", sorted(of_run) == sorted(of_batch))

# %%
with look():
    figure, ax = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
    for n, (_, part) in enumerate(batch.groupby("structures__workplace_meetings")):
        ax.plot(part["practice_workplace"], [n] * len(part), "o", color="#12436d", alpha=0.5)
    ax.set_yticks(range(3), labels=["none", "2 a month", "8 a month"])
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.6, 2.6), xlabel="Practice in schools at the end (share of schools); a dot is a world")
    ax.set_ylabel("Planned meetings in schools")

# %% [markdown]
# **How to read it.** A dot is a world at the end of its run. The rows hold the same worlds, so what differs between rows is what the
# meetings did. So few dots show a spread and no more; for a difference with its interval see
# [compare_two_policies.py](compare_two_policies.py).
#
# ## Put it on a page
#
# [mesa_page.py](mesa_page.py) is a page for Mesa's own SolaraViz: sliders, two charts, and two things that a class can let happen.
#
#     pip install "mesa[viz]" "ipyvuetify<2" "ipyvue<2"
#     solara run notebooks/mesa_page.py
#
# The classroom page (`partnersim app`) has much more, and needs no Mesa.
#
# ## What it does not do
#
# - Agents cannot be moved, added or removed, and nothing draws from Mesa's random numbers: shuffling agents changes nothing.
# - To change *how* agents act, write a mechanism ([write_a_mechanism.py](write_a_mechanism.py)). A subclass with a new `step` cannot.
