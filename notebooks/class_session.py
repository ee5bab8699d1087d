# %% [markdown]
# # A class session
#
# *Does a partnership outlive the superintendent who grew up with it, and what could a class do for it?*
#
# This is the fifty-minute lesson on succession of the classroom page, played through in cells: for an instructor who prepares it, has no
# browser at hand, or wants to see what the page does. In class use the page: `pip install "partnersim[app]"`, then `partnersim app`.
# Nothing here needs that extra; what is saved at the end opens in the page, and the other way round.

# %%
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import partnersim as ps
from partnersim.app import bets, drawing, takeaway
from partnersim.app.lessons import all_lessons
from partnersim.app.session import Session, from_file
from partnersim.app.why import why
from partnersim.app.worlds import show
from partnersim.plots.style import SCENARIOS, look
from partnersim.story import tell

SMALL = bool(os.environ.get("PARTNERSIM_SMALL"))  # a quick check that the page runs; its answers mean nothing
WORLDS, LUCKS = (4, 2) if SMALL else (50, 12)
OUT = Path("out")

# %% [markdown]
# ## The case (five minutes)
#
# A session has two districts. A stays as it is; B is the one the class may change. Both have the same luck.

# %%
lesson = all_lessons()["succession"]
session = Session(lesson.setup())
print(lesson.title, "-", lesson.about)
print(session.setup.baseline.summary)
for event in session.setup.baseline.timeline:
    print(dict(event))


# %%
def world(scenario, setup):
    """Play the world that is shown."""
    return show(scenario, seed=setup.seed, replicate=setup.replicate, months=setup.months)


a = world(session.setup.baseline, session.setup)
print("Superintendent in month 95:", a.stance("management", 95), "- in month 99:", a.stance("management", 99))


# %%
def draw(**districts):
    """Draw how alive practice is in each district, from month 1 on: at month 0 nobody has acted."""
    with look():
        _, ax = plt.subplots(figsize=(7.4, 3.4), layout="constrained")
        for (name, shown), line in zip(districts.items(), SCENARIOS, strict=False):
            years = [month / 12 for month in range(1, shown.months + 1)]
            ax.plot(years, shown.line("alive_index")[1:], color=line.colour, linestyle=line.style, label=name)
        ax.axhline(0.3, color="#666666", linewidth=0.8)
        ax.annotate("dead: below this for a year", (20, 0.3), xytext=(0, 3), textcoords="offset points", ha="right", fontsize=8)
        for month in {event["at_month"] for event in session.setup.variant.timeline}:
            ax.axvline(month / 12, color="#666666", linewidth=0.8, linestyle=(0, (1, 2)))
        ax.set(xlim=(0, 20), ylim=(0, 1), xlabel="Year", ylabel="How alive practice is (index C)")
        ax.set_xticks(range(0, 21, 5))
        ax.legend(frameon=False, loc="lower left", ncols=3)
    return ax


draw(A=a)

# %% [markdown]
# ## Bet before you look (seven minutes)
#
# The class says what will become of practice in B before anybody plays it. A prediction that was written down is hard to explain away.

# %%
book = bets.Book()
print(lesson.question)
print("Choices:", *bets.CHOICES["fate"], sep="\n  ")
book.place(bets.Bet("fate", lesson.question, "lives on"))

# %% [markdown]
# ## A plan (eighteen minutes)
#
# One group asks for the levers it can pay: newcomers are all trained, and there is a joint session more every year. Another asks for a
# second event: the contract gets stronger language while the old superintendent is still there. Every change is checked as it is made;
# what is not possible is refused with a reason, and nothing has changed.

# %%
session.move("capability.induction", 1)
session.move("capability.sessions_per_year", 2)
session.inject("contract_language", 60, level=0.9)
try:
    session.inject("contract_language", 60, level=9)
except ps.PartnersimError as refused:
    print(refused)

# %%
b = world(session.setup.variant, session.setup)
print("Fate of practice in A:", bets.fate(a.life), "- in B:", bets.fate(b.life))
bet = book.settle(a.life, b.life, b.line("alive_index"))
print(f"The class bet: {bet.pick}. It came: {bet.came}. {'Right' if bet.right else 'Wrong'}.")
draw(A=a, B=b)

# %% [markdown]
# **How to read it.** The two lines are one line until the first thing the class changed, and training it changed from the start. From
# then on the distance between them is what the plan did, in this world and only there. Dotted lines are dated events.
#
# ## Undo, and one thing at a time
#
# Two changes at once leave open which of them did it. Every step can be taken back, and a state can be kept under a name.

# %%
session.keep("both")
session.undo()
print("after undo:", dict(session.setup.levers), [dict(event) for event in session.setup.events])
training = world(session.setup.variant, session.setup)
session.redo()
draw(A=a, B=b, **{"B, training only": training})

# %% [markdown]
# Where two lines lie on each other, the change that tells them apart did nothing in this world.
#
# ## Why (ten minutes)
#
# The ledger says what moved trust and the will to collaborate in the year after the succession. Ask the class for its explanation first.

# %%
setup = session.setup
story = tell(setup.variant, replicate=setup.replicate, seed=setup.seed, years=setup.years)
first, last, moved = why(story, 108)
print(f"District B, months {first} to {last}")
for one in moved:
    lines = ", ".join(f"{name} {change:+.2f}" for name, change in one.lines) or "nothing much"
    print(f"  {one.stock} of {'leaders' if one.tier == 'strategic' else 'schools'} {one.change:+.2f} {one.unit}: {lines}")

# %% [markdown]
# ## Other luck
#
# One world says little. Before anybody draws a lesson from it, look at others: the same plan, other retirements, elections and
# recessions.

# %%
for number in range(LUCKS):
    session.other_luck(number)
    here = session.setup
    print(number, "A:", bets.fate(world(here.baseline, here).life), "- B:", bets.fate(world(here.variant, here).life))
session.other_luck(lesson.replicate)

# %% [markdown]
# And many of them at once, each compared with itself:

# %%
setup = session.setup
districts = [setup.baseline.replace(name="A"), setup.variant.replace(name="B")]
both = ps.compare(districts, replicates=WORLDS, years=setup.years, seed=setup.seed)
ps.plot_survivals(both)

# %%
ps.plot_differences(both, "practice_alive_months", style="talk")

# %% [markdown]
# ## Take it home
#
# The scenario of the class is a file that `partnersim run` and the page take; the replay is one page that plays both districts again,
# with no server and no internet; the series are a table. They go into a new folder each time.

# %%
OUT.mkdir(exist_ok=True)
home = Path(tempfile.mkdtemp(prefix="class-", dir=OUT))
shown = {"a": a, "b": b}
(home / "district-b.toml").write_text(setup.to_toml(), encoding="utf-8")
(home / "series.csv").write_text(takeaway.series_csv(shown), encoding="utf-8")
page = takeaway.replay(setup, shown, {}, drawing.district(setup.baseline), str(story))
(home / "replay.html").write_text(page, encoding="utf-8")
print("Open", home / "replay.html", "in a browser.")

# %% [markdown]
# The file brings the class back to where it was, world and all. So does an address, if the page runs: what stands after its question mark
# is the whole setup.

# %%
again = from_file((home / "district-b.toml").read_text(encoding="utf-8"), "district-b.toml")
print("the same setup:", again == setup)
print("partnersim app, then http://127.0.0.1:8080/?" + setup.address())

# %% [markdown]
# ## What it does not say
#
# The lesson itself says what it cannot do:

# %%
print(*lesson.cannot, sep="\n")
print(*lesson.debrief, sep="\n")
