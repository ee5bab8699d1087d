# %% [markdown]
# # Which factors matter
#
# *Of all that is said to sustain a partnership, what does the work here? Which parameters move the result? And under which conditions
# does practice die early?*
#
# Three questions that sound alike and are not:
#
# | question | method | changes |
# |---|---|---|
# | what does each factor of *this* district contribute? | attribution (Shapley values) | factors present or absent |
# | what would move the result most, over all values it may have? | sensitivity (tornado, Morris, Sobol) | parameters over ranges |
# | where does it go wrong? | scenario discovery (PRIM) | the same, searched for boxes |
#
# Sensitivity and discovery need `pip install "partnersim[analysis]"`.

# %%
import os

import partnersim as ps

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
abc = ps.load_scenario("abc-unified")
typical = ps.load_scenario("typical-district")
if SMALL:
    abc, typical = (one.replace(name=one.name, sites=2, members_per_site=5) for one in (abc, typical))

# %% [markdown]
# ## What does each factor contribute?
#
# Take a factor away, in the same worlds, and see what is lost. But what one factor does depends on which others are there, so each is
# taken away with and without the others, in many orders, and the average is its share (Shapley value). The shares add up to what all
# factors bring together.

# %%
FACTORS = ["leadership", "structures", "training"] if SMALL else None  # None: all sixteen
attribution = ps.attribute(abc, factors=FACTORS, replicates=6 if SMALL else 80, years=5 if SMALL else 20)
ps.plot_attribution(attribution)

# %% [markdown]
# **How to read it.** From the grey bar at the top (none of the factors) to the one at the bottom (all of them), step by step. The line on
# a step is the 95 % interval of its length; where it covers zero length, the factor's own share is unclear. "Absent" is a convention, and
# the table says which one:

# %%
attribution.table()[["factor", "value", "low", "high", "without"]].round(1)

# %% [markdown]
# Factors that need each other (complements) bring more together than the sum of both; substitutes bring less, because either would do.
# Pairs are harder to see than single factors. Of up to five factors every set is run in every world, which shows them best.

# %%
FIVE = FACTORS or ["leadership", "networks", "structures", "training", "gains"]
five = ps.attribute(abc, factors=FIVE, replicates=6 if SMALL else 40, years=5 if SMALL else 20)
ps.plot_interactions(five)

# %% [markdown]
# ## Which parameters move the result?
#
# A *tornado* moves one parameter at a time to the ends of its range. It is quick and easy to explain, and blind to everything that shows
# only when two things change.

# %%
DECIDED = [
    "capability.sessions_per_year",
    "structures.workplace_meetings",
    "succession.outside",
    "succession.management_tenure_months",
    "structures.strategic_meetings",
    "members.release_hours",
    "support.facilitation",
    "support.national",
]
if SMALL:
    DECIDED = DECIDED[:3]
tornado = ps.sensitivity(typical, DECIDED, method="tornado", replicates=4 if SMALL else 60, years=5 if SMALL else 20)
ps.plot_sensitivity(tornado)

# %% [markdown]
# *Morris'* method walks through the whole space and so also meets combinations. It screens: what is near zero may be fixed. Globs name
# many parameters at once: `"succession.*"` takes all of a mechanism.

# %%
screened = ps.sensitivity(typical, DECIDED, points=4 if SMALL else 15, replicates=2 if SMALL else 15, years=5 if SMALL else 20)
ps.plot_sensitivity(screened)

# %% [markdown]
# **How to read it.** Bar: how far the parameter moves the result over its whole range, on average. Diamond: how much that differs from
# place to place; where it lies beyond the bar, the parameter works through others. Below the heading stand the method's own warnings,
# such as a share of luck that is too large to trust the order.

# %%
print(*screened.notes, sep="\n")
screened.table.head(8).round(2)

# %% [markdown]
# ## Under which conditions does it die early?
#
# Points all over the space, a few worlds each; then a search for boxes: a few limits within which most partnerships die.

# %%
WITHIN = 3 if SMALL else 5
found = ps.discover(
    typical, DECIDED, within_years=WITHIN, points=40 if SMALL else 400, replicates=2 if SMALL else 4, years=WITHIN if SMALL else 10
)
print(f"In {100 * found.design['share'].mean():.0f} % of all runs {found.what}.")
try:
    boxes = found.boxes()
except ps.ResultError as none:  # nearly all points are alike
    boxes = []
    print(none.what)
for box in boxes:
    print(box.sentence)
print(f"Boxes that hold more of them than the space at large: {len(boxes)}")

# %%
ps.plot_map(found.map(), found.what, found.labels, found.footer)

# %% [markdown]
# **How to read it.** Each cell holds points that share two conditions and differ in all others. Dark: most die. The two parameters are
# those with the highest scores; `found.map("a", "b")` draws any other two.
#
# A Cox model of the same runs asks for each parameter how it changes the risk of dying, all else equal:

# %%
try:
    reading = found.cox()
    ps.plot_cox(reading, found.labels, found.footer)
except ps.ResultError as none:
    print(none.what)

# %% [markdown]
# ## What it does not say
#
# - A factor that does nothing here may do much elsewhere: ask again with another scenario.
# - Ranges decide. A parameter that matters little over a narrow range may matter most over a wide one; `partnersim params` prints them.
# - Attribution answers what factors contribute in the model. It does not say what they cost, nor who would have to agree to them.
