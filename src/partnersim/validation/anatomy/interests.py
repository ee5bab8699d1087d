"""Where members are better off without a partnership: their outcomes with one against none, on the same luck.

Without: no partnership at the start, and none may be founded; leaders, trust and luck are the same. The grid: how much authority
management will share at most, and a representative's release time, with eight meetings a month in every school. A cell is counted as
better without where more of the members' seven outcomes are worse with a partnership than are better (intervals exclude 0).
"""

from __future__ import annotations

from dataclasses import dataclass

from partnersim.model.outcomes import OUTCOMES
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed, short
from partnersim.validation.playing import DISTRICT

CEILINGS, HOURS, MEETINGS = (0.15, 0.3, 0.45, 0.7, 1.0), (8, 20, 40), 8
YEARS, FIRST, LAST = 10, 25, 120
GOOD = {
    "member_support": 1, "leader_approval": 1, "grievances": -1, "member_exit": -1, "pay_index": 1, "engagement": 1, "quality": 1,
}  # fmt: skip
"""Members' outcomes, and whether more of it is better or worse for them."""


@dataclass(frozen=True)
class Place:
    """A place of the grid: by how much each outcome differs from that without a partnership."""

    ceiling: float
    hours: float
    changes: dict[str, Estimate]

    @property
    def better(self) -> list[str]:
        """Outcomes in which members are better off with the partnership."""
        return [name for name, change in self.changes.items() if change.sign * GOOD[name] > 0]

    @property
    def worse(self) -> list[str]:
        """Outcomes in which they are worse off."""
        return [name for name, change in self.changes.items() if change.sign * GOOD[name] < 0]

    @property
    def verdict(self) -> str:
        """What prevails."""
        better, worse = len(self.better), len(self.worse)
        return "without" if worse > better else "with" if better > worse else "even"


def part(bench: Bench) -> Part:
    """Play the grid."""
    base = DISTRICT.replace(parameters={"structures.workplace_meetings": MEETINGS})
    lab = bench.lab()
    none = {
        h: lab.play(base.replace(start={"exists": 0}, parameters={"structures.founding": 0, "members.release_hours": h}), years=YEARS)
        for h in HOURS
    }
    places = []
    for ceiling in CEILINGS:
        for hours in HOURS:
            bench.progress(f"ceiling {ceiling:g}, {hours} hours")
            runs = lab.play(base.replace(parameters={"authority.ceiling": ceiling, "members.release_hours": hours}), years=YEARS)
            changes = {name: bench.difference(runs.mean(name, FIRST, LAST), none[hours].mean(name, FIRST, LAST)) for name in GOOD}
            places.append(Place(ceiling, hours, changes))
    units = {o.name: (o.label, o.unit) for o in OUTCOMES}
    titles = [f"{units[name][0]} [{units[name][1]}]" for name in GOOD]
    levels = tuple(("none", hours, *(bench.estimate(runs.mean(name, FIRST, LAST)) for name in GOOD), "") for hours, runs in none.items())
    rows = tuple(
        (short(p.ceiling), p.hours, *p.changes.values(), f"{p.verdict} ({len(p.worse)} worse, {len(p.better)} better)") for p in places
    )
    caption = bench.caption(
        f"Means of years {FIRST // 12 + 1}-{LAST // 12}, {MEETINGS} meetings a month: levels without a partnership, below them differences "
        "of with minus without on the same luck"
    )
    return Part(
        "interests",
        "Where members are better off without",
        "A partnership is no good in itself: where do members fare worse with it than without?",
        (sentence(places), detail(places)),
        (Table(("Authority shared at most", "Release [hours a month]", *titles, "Better for members"), (*levels, *rows), caption),),
    )


def sentence(places: list[Place]) -> str:
    """State the region in which members are better off without, as the grid has it."""
    without = [p for p in places if p.verdict == "without"]
    if not without:
        return "In no place of the grid are members better off without a partnership."
    by_hours = []
    for hours in sorted({p.hours for p in places}):
        here = sorted(p.ceiling for p in without if p.hours == hours)
        others = [p.ceiling for p in places if p.hours == hours and p.verdict != "without"]
        if not here:
            continue
        if not others:
            by_hours.append(f"with {hours:g} hours of release whatever authority is shared")
        elif max(here) < min(others):
            by_hours.append(f"with {hours:g} hours where at most {short(max(here))} of authority is shared")
        else:
            by_hours.append(f"with {hours:g} hours at a ceiling of {listed([short(c) for c in here])}")
    return f"Members are better off without a partnership in {len(without)} of {len(places)} places: {'; '.join(by_hours)}."


def detail(places: list[Place]) -> str:
    """Say what members lose at the worst place and gain at the best."""
    worst = max(places, key=lambda p: len(p.worse) - len(p.better))
    best = min(places, key=lambda p: len(p.worse) - len(p.better))
    labels = {o.name: o.label.lower() for o in OUTCOMES}

    def said(place: Place, names: list[str]) -> str:
        return listed([f"{labels[name]} ({place.changes[name]})" for name in names], "nothing")

    return (
        f"Worst, at a ceiling of {short(worst.ceiling)} and {worst.hours:g} hours, they fare worse in {said(worst, worst.worse)}; best, at "
        f"{short(best.ceiling)} and {best.hours:g} hours, they fare better in {said(best, best.better)}."
    )
