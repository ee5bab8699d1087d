# %% [markdown]
# # Compare two policies on the same luck
#
# *The superintendent who built the partnership leaves after eight years. What helps it to outlive the person: a successor from within, or
# half a year in which an outsider works beside the predecessor?*

# %%
import os

import matplotlib.pyplot as plt
import pandas as pd

import partnersim as ps
from partnersim.plots.style import look

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS, YEARS = (8, 10) if SMALL else (200, 15)
MONTH = 96

# %% [markdown]
# ## Three districts that differ in one event
#
# All three are mature partnerships in the same ordinary district. In month 96 the superintendent is replaced. The dispositions of
# successors are drawn, inside and outside, by the model's own rules.

# %%
mature = ps.load_scenario("typical-district").replace(start={"kind": "mature"}, name="mature")


def replaced(name, **how):
    """Return the mature district in which the superintendent is replaced in this way."""
    return mature.with_event(MONTH, "leader_replaced", side="management", **how).replace(name=name)


outsider = replaced("outsider", successor="outside")
policies = [
    outsider,
    replaced("insider", successor="inside"),
    replaced("outsider with overlap", successor="outside", overlap_months=6),
]

# %% [markdown]
# ## The same worlds
#
# World 7 has the same retirements, elections and recessions in all three districts, up to what the policy itself changes. So each world
# can be compared with itself, as if one could replay history. The first scenario is the baseline.

# %%
found = ps.compare(policies, replicates=WORLDS, years=YEARS, seed=1)
ps.plot_comparison(found, "alive_index", scenario="insider")

# %% [markdown]
# **How to read it.** Above: each thin line is a world, and the two clouds lie over each other; two groups of separate districts could
# hardly be told apart. Below: the same worlds, each less itself under the other policy. Up to the succession all lines are at zero,
# exactly, because nothing has been changed yet. What comes after is the policy and nothing else. Many worlds stay near zero: for them it
# made no difference who came.

# %%
table = found.summary(["practice_alive_months", "practice_alive_at_120", "practice_workplace", "trust_management_strategic"])
table[["outcome", "scenario", "mean_baseline", "mean", "difference", "low", "high", "n", "runs_saved", "unit"]].round(3)

# %% [markdown]
# `low` and `high` bound the mean difference (95 %, corrected for asking about two policies at once). If they have the same sign the
# policy does something, in this model. `runs_saved` says how many times as many worlds a comparison of separate districts would have
# needed for the same interval.
#
# How large is it? A difference that is clear need not be one that matters: the figure has the scale of months of living practice.

# %%
ps.plot_differences(found, "practice_alive_months")

# %% [markdown]
# ## For whom does it make a difference?
#
# A mean hides who gains. These are worlds in which practice lives at least a year longer, or shorter, than with an outsider.

# %%
months = found.runs.pivot(index="replicate", columns="scenario", values="practice_alive_months")
gained = months.drop(columns="outsider").sub(months["outsider"], axis=0)
kinds = {"a year shorter or more": gained <= -12, "about the same": gained.abs() < 12, "a year longer or more": gained >= 12}
share = 100 * pd.DataFrame({kind: which.mean() for kind, which in kinds.items()})
with look():
    figure, ax = plt.subplots(figsize=(7.4, 2.3), layout="constrained")
    share.plot.barh(stacked=True, color=["#d9601f", "#d8d8d8", "#12436d"], xlabel="Worlds (%)", ylabel="", ax=ax)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
share.round(1)

# %% [markdown]
# ## Does the answer depend on what else is there?
#
# Ask again where there is less to carry the partnership over: neither weekly meetings in schools nor joint training.

# %%
bare = {"structures.workplace_meetings": 0.5, "capability.sessions_per_year": 0}
weak = ps.compare([policy.replace(name=policy.name, parameters=bare) for policy in policies[:2]], replicates=WORLDS, years=YEARS, seed=1)
rows = []
for district, each in {"as it is": found, "without meetings and training": weak}.items():
    row = each.summary(["practice_alive_months"]).set_index("scenario").loc["insider"]
    rows.append((district, row["mean_baseline"], row["difference"], row["low"], row["high"]))
    print(f"{district}: with an outsider practice lives {row['mean_baseline']:.0f} months of {12 * YEARS}")
    print(f"    an insider adds {row['difference']:.1f} [{row['low']:.1f}, {row['high']:.1f}]")

# %%
with look():
    figure, ax = plt.subplots(figsize=(6.4, 2.2), layout="constrained")
    for n, (_, _, difference, low, high) in enumerate(rows):
        ax.plot([low, high], [n, n], color="#12436d")
        ax.plot(difference, n, "o", color="#12436d")
    ax.axvline(0, color="#222222", linewidth=0.8)
    ax.set_yticks(range(len(rows)), labels=[row[0] for row in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel("An insider in place of an outsider: months of practice gained")

# %% [markdown]
# **How to read it.** A smaller gain in the barer district need not mean that insiders matter less there. Look at the baseline: where
# practice has mostly died before the succession, there is little left for a successor to save. "It depends" has to be asked twice: on
# what, and by which way.
#
# ## What it does not say
#
# - The same luck makes the comparison sharp, not right. If the model is wrong about what outsiders do, it is wrong in every world at
#   once.
# - A superintendent here is a disposition, a stock of trust and a share of skill. Why boards choose whom they choose is not in it.
# - The intervals hold what chance and the open constants leave unclear. They do not hold what the model leaves out.
