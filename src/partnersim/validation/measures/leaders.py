"""Who leads, and what goes with them: P5 to P7, P14, posts that change hands."""

from __future__ import annotations

import numpy as np

from partnersim.engine.record import word
from partnersim.model import outcomes
from partnersim.validation.playing import (
    DISTRICT,
    Lab,
    Measure,
    Runs,
    Statistics,
    mean,
    median,
    new_holders,
    over,
    ratio,
    superintendents_tenure,
)


def top_pair(lab: Lab) -> Measure:
    """P5: no break in two years after the superintendent went in month 30, with a top pair alone and with structures below.

    Who follows is drawn as usual: .65 of replicates, evenly spread, get an outsider.
    """
    start = {"trust": {"strategic": 0.75}, "disposition": {"strategic": 0.6}}
    pair = DISTRICT.replace(start=start, parameters={"succession.management_tenure_months": 5000})
    bare = {
        "structures.workplace_meetings": 0, "structures.team_meetings": 0, "structures.retreat_meetings": 0,
        "capability.sessions_per_year": 0.25,
    }  # fmt: skip
    times = 2
    found = {}
    for name, parameters in (("top pair alone", bare), ("structures", {})):
        base = pair.replace(parameters=parameters)
        outside, inside = (
            lab.play(base.with_event(30, "leader_replaced", side="management", successor=origin), years=6, times=times)
            for origin in ("outside", "inside")
        )
        from_outside = np.arange(times * lab.replicates) * 13 % 20 < 13
        cohort = (outside.mean("leaders_collaborate", 18, 29) >= 0.6) & ~outside.broke(1, 17)
        lives = np.where(from_outside, ~outside.broke(18, 54), ~inside.broke(18, 54))
        after = np.where(from_outside, outside.mean("alive_index", 36, 54), inside.mean("alive_index", 36, 54))
        found[name] = cohort, lives, after

    def measure(kept: np.ndarray) -> Statistics:
        every = lab.each(kept, times)
        out = {f"lives on, {name}": mean(lives[every], cohort[every]) for name, (cohort, lives, _) in found.items()}
        out["lives on, difference"] = out["lives on, structures"] - out["lives on, top pair alone"]
        return out | {f"C after, {name}": mean(after[every], cohort[every]) for name, (cohort, _, after) in found.items()}

    return measure


def successor(lab: Lab) -> Measure:
    """P6: outsiders break more than insiders do, more so after a long predecessor; what is lost even if survived.

    Loss: C in the two years after an insider minus that after an outsider. Dip: lowest gain delivered in months 6 to 30 after an
    outsider, over that before, of survivors; regained: the share of the dip that is made up for by month 48. Where gains do not dip,
    nothing is regained.
    """
    found = {}
    for name, months in (("short", 36), ("long", 240)):
        base = DISTRICT.replace(parameters={"succession.management_tenure_months": months})
        for origin in ("inside", "outside"):
            event = base.with_event(96, "leader_replaced", side="management", successor=origin)
            found[name, origin] = lab.play(event, years=13, look=superintendents_tenure, at=(95,))
    cohort = {}
    for name in ("short", "long"):
        runs = found[name, "inside"]
        served = runs.seen[95]
        cohort[name] = (runs["alive_index"][:, 95] >= 0.40) & (served <= 36 if name == "short" else served > 60)

    def measure(kept: np.ndarray) -> Statistics:
        breaks: dict[str, list[np.ndarray]] = {"inside": [], "outside": []}
        loss = {}
        for name, chosen in cohort.items():
            here = kept[chosen[kept]]
            for origin, collected in breaks.items():
                collected.append(found[name, origin].broke(97, 120)[here])
            after = {origin: found[name, origin].mean("alive_index", 102, 126)[here] for origin in breaks}
            loss[name] = mean(after["inside"] - after["outside"])
        outside = found["long", "outside"]
        survivors = kept[cohort["long"][kept]]
        survivors = survivors[~outside.broke(97, 144)[survivors]]
        gains = outside["joint_gains"][survivors].mean(axis=0)
        before, lowest = gains[90:96].mean(), gains[102:127].min()
        later = gains[141:148].mean()
        return {
            "breaks, outsider over insider": over(mean(np.concatenate(breaks["outside"])), mean(np.concatenate(breaks["inside"]))),
            "C lost to an outsider, long predecessor": loss["long"],
            "C lost to an outsider, long minus short": loss["long"] - loss["short"],
            "dip of gains": float(lowest / before),
            "gains regained in 4 years": float(np.clip((later - lowest) / (before - lowest), 0, 2)) if lowest < before else 0.0,
        }

    return measure


def cascade(lab: Lab) -> Measure:
    """P7: superintendents who leave within two years of a political flip of the board, and of elections that changed seats only."""
    flip = DISTRICT.with_event(61, "board_changed", support=0.3, political="yes")
    flipped, calm = (lab.play(scenario, years=8) for scenario in (flip, DISTRICT))
    gone, usual_gone = (runs.count("superintendent replaced", 61, 84) > 0 for runs in (flipped, calm))
    # whom the board appoints in the first three years
    new, usual_new = (runs.count("superintendent replaced", 61, 96) for runs in (flipped, calm))
    outside, usual_outside = (runs.count("superintendent replaced", 61, 96, "from outside") for runs in (flipped, calm))
    runs = lab.usual()
    leaves = np.zeros((lab.replicates, 241))
    for r, months in enumerate(runs.dates("superintendent replaced", 1, 240)):
        for month in months:
            leaves[r, max(0, month - 23) : month + 1] = 1  # a superintendent leaves within 24 months, this one included
    turned = np.zeros_like(leaves)
    for r, rows in enumerate(runs.events):
        quiet = rows[(rows[:, 1] == word("board election")) & (rows[:, 5] == word("apolitical")) & (rows[:, 6] >= 2) & (rows[:, 0] <= 216)]
        turned[r, quiet[:, 0].astype(int)] = 1
    return lambda kept: {
        "exits after a flip over usual": ratio(gone[kept], usual_gone[kept]),
        "outsiders after a flip": ratio(outside[kept], new[kept]),
        "outsiders, flip minus usual": ratio(outside[kept], new[kept]) - ratio(usual_outside[kept], usual_new[kept]),
        "exits after other elections over usual": ratio((leaves * turned)[kept], turned[kept]) / leaves[kept, 1:217].mean(),
    }


def imbalance(lab: Lab) -> Measure:
    """P14: leaders who co-manage are voted out while the idea is popular, and the arrangement ends some years later."""
    co_managed = DISTRICT.replace(
        start={"authority": 0.6, "disposition": {"strategic": 0.55}, "memory": {"strategic": 0.6}},
        parameters={
            "structures.workplace_meetings": 9, "members.release_hours": 14, "capability.sessions_per_year": 1.5,
            "succession.union_tenure_months": 400,
        },
    )  # fmt: skip
    runs = lab.play(co_managed, years=25)
    lean = lab.play(co_managed.replace(parameters={"economy.downturn_rate": 3 / 84}), years=25)

    def falls(of: Runs) -> np.ndarray:
        """Month of the first ouster with practice alive (999: none), if the idea was popular, months to the end (999), C in three years."""
        out = []
        gone = of.dates("partnership dissolved", 1, 300)
        for r, months in enumerate(of.dates("union leader voted out", 1, 288)):
            alive = [m for m in months if of["alive_index"][r, m] >= outcomes.ALIVE]
            if not alive:
                out.append((999, np.nan, 999, np.nan))
                continue
            month = alive[0]
            popular = of["member_support"][r, max(1, month - 24) : month].max() >= 0.6
            ends = [m - month for m in (*gone[r], *np.flatnonzero(of.low[r])) if m > month]
            out.append((month, popular, min(ends, default=999), of["alive_index"][r, month : month + 36].mean()))
        return np.array(out)

    usual_falls, lean_falls = falls(runs), falls(lean)

    def measure(kept: np.ndarray) -> Statistics:
        here, there = usual_falls[kept], lean_falls[kept]
        fell = here[:, 0] < 999
        early = here[:, 0] <= 204  # so that eight years after the fall are seen
        return {
            "voted out in 25 years": mean(fell),
            "years to the vote": mean(np.minimum(here[:, 0], 300)) / 12,
            "years to the vote, median": median(here[fell, 0]) / 12,
            "years from the vote to the end, median": median(here[here[:, 2] < 999, 2]) / 12,
            "ended after the vote, lean minus usual": mean(there[there[:, 0] <= 204, 2] <= 96) - mean(here[early, 2] <= 96),
            "idea popular before the vote": mean(here[fell, 1]),
            "ended within 3 years of it": mean(here[early, 2] <= 36),
            "ended within 8 years of it": mean(here[early, 2] <= 96),
            "C in the 3 years after it": mean(here[early, 3]),
            "years to the vote, usual minus lean": (median(here[fell, 0]) - median(there[there[:, 0] < 999, 0])) / 12,
            "leaders' approval": mean(runs.mean("leader_approval", 60, 120)[kept]),
        }

    return measure


def exits(lab: Lab) -> Measure:
    """Evidence E1-E20: share of posts that have another holder a year later; members who leave in a year."""
    years = range(24, 241, 12)
    runs = lab.play(DISTRICT, years=20, look=new_holders, at=years)
    new = np.mean([runs.seen[month] for month in years], axis=0)
    return lambda kept: {
        "superintendents": mean(new[kept, 0]),
        "cabinet": mean(new[kept, 1]),
        "principals": mean(new[kept, 2]),
        "reps": mean(new[kept, 3]),
        "members": mean(runs.mean("member_exit", 13, 240)[kept]),
    }
