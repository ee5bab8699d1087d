# %% [markdown]
# # A first run
#
# *How long would a partnership like that of ABC Unified live, and what would it die of?*
#
# ABC Unified, a school district near Los Angeles, has had a partnership of union and management since 1999. It is one history. The model
# plays the same district in many possible worlds: other people retire, other recessions come, other school boards are elected.

# %%
import os
from pathlib import Path

import partnersim as ps

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS, YEARS = (8, 10) if SMALL else (200, 20)
OUT = Path("out/small" if SMALL else "out")

# %% [markdown]
# ## The district
#
# A *scenario* is a district: its size, how it starts, what the parties have decided, and a timeline of what happens when. Seventeen
# are shipped; `ps.scenario_names()` lists them, and a TOML file of your own works the same way.

# %%
abc = ps.load_scenario("abc-unified")
print(abc.summary)
print()
print(abc.to_toml())

# %% [markdown]
# Whatever does not stand there has its usual value: `partnersim params` lists every parameter with its unit, its bounds and its source.
#
# ## Two hundred worlds
#
# World 0 has the same luck in every scenario, and so has world 1, and so on: that is what later allows a fair comparison. The worlds also
# differ in what is not known about partnerships: each has its own set of values for the constants that evidence leaves open.

# %%
result = ps.run(abc, replicates=WORLDS, years=YEARS, seed=1)
result

# %% [markdown]
# ## How long it lives
#
# *Practice* is what people do: the share of schools, and the leaders, who work together. *Form* is what stands on paper: meetings and
# contract language. Each can outlive the other, so each has a curve.

# %%
ps.plot_survival(result)

# %% [markdown]
# **How to read it.** A curve starts at the top, with all worlds alive, and takes a step down with every death. Partnerships that are
# still alive when the run ends are *censored*: we know that they lived so long, not how much longer. The band says how far another sample
# of as many worlds could be off. It is not the range of what may happen to one district: that district either keeps its partnership or
# loses it.

# %%
table = result.survival("practice")
table[table["months"] % 60 == 0]

# %% [markdown]
# ## What it dies of
#
# In the year before a death the model keeps a ledger of every change of trust and of the will to collaborate. The *cause* is the
# mechanism that lowered the will most.

# %%
ps.plot_causes(result)

# %%
summary = result.summary()
summary[summary["section"].isin(["regime", "cause of death"])]

# %% [markdown]
# The *regime* says what is there at the end: `vital` and `mixed` partnerships live, `paper` is form without practice, `informal` is
# practice without form, `collapsed` is neither.
#
# ## What becomes of people, members and the district
#
# A partnership that lives is not the aim in itself. Fifty outcomes are recorded every month; twelve are drawn here.

# %%
ps.plot_outcomes(result)

# %% [markdown]
# **How to read it.** Line: the world in the middle. Band: four worlds of five. A wide band with the line near one of its edges often
# hides two kinds of worlds, those where the partnership lives and those where it died. `result.runs` has one row a world, to look at them
# apart:

# %%
result.runs.groupby("regime")[["practice_workplace", "member_support", "grievances", "quality"]].median().round(2)

# %% [markdown]
# ## One world as a story
#
# Averages hide how things come about. Any world can be told, with what moved trust and will in each phase.

# %%
died = result.runs.query("practice_died")["replicate"]
world = int(died.iloc[0]) if len(died) else 0
print(result.story(replicate=world))

# %% [markdown]
# ## Keep it
#
# Tables, figures, the scenario and its provenance go into a folder. Doing so again changes nothing, and a folder that holds anything else
# is refused.

# %%
result.save(OUT / "abc")
sorted(path.name for path in (OUT / "abc").iterdir())

# %% [markdown]
# ## What it does not say
#
# - It is no forecast for the real ABC Unified. The scenario is an illustration of published accounts; trust and dispositions in it are
#   assumed.
# - ABC Unified is known *because* its partnership lived. A model set to its description tells nothing of districts like it that nobody
#   wrote about.
# - A cause is what moved the ledger last, in this model. It is not what a historian would find.
#
# Next: [compare_two_policies.py](compare_two_policies.py) changes one thing and asks what it does.
