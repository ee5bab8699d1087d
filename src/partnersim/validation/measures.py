"""The patterns measured: one function a pattern, which plays its recipe and returns statistics of the replicates it is given.

Every function takes a `Lab` and returns a function of replicate numbers, so that intervals come from drawing replicates anew without
playing again. Districts have 14 schools, a launch at month 0 and default parameters unless said. Practice is alive at C >= .30 and breaks
with the first month of 12 below (`model/outcomes.py`). Cohorts are chosen in months before anything was done to them, which two scenarios
with the same luck share to the bit. Statistics that `model/patterns.py` has targets for carry the same names; others explain, or serve as
probes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from partnersim.analysis.survival import REGIMES
from partnersim.engine.record import word
from partnersim.model import outcomes, trust
from partnersim.scenarios.scenario import Scenario
from partnersim.validation.playing import (
    ADVERSARIAL,
    CONTACT,
    DELIVERED,
    DENSITY,
    DISTRICT,
    EXITS,
    FOR_SELF,
    PARTNERSHIP,
    POVERTY,
    SCORE,
    STAY,
    Lab,
    Measure,
    Runs,
    Statistics,
    first_dispositions,
    mean,
    median,
    new_holders,
    over,
    ratio,
    slope,
    superintendents_tenure,
    ties,
)  # fmt: skip


def hazard(lab: Lab) -> Measure:
    """P1: breaks are most likely early. Annual hazard of months 1-36 over that of months 84-180; hazard of months 180-228."""
    times = 3
    low = lab.play(DISTRICT, years=20, times=times).low
    first = np.where(low.any(axis=1), low.argmax(axis=1), 12 * 20)

    def rate(kept: np.ndarray, begin: int, end: int) -> float:
        month = first[lab.each(kept, times)]
        lived = np.clip(month, begin, end) - begin
        return ratio(12 * ((begin <= month) & (month < end)), lived)

    return lambda kept: {
        "hazard, years 1-3": rate(kept, 0, 36),
        "hazard, years 1-3 minus 1.5 x years 8-15": rate(kept, 0, 36) - 1.5 * rate(kept, 84, 180),
        "hazard, years 1-3 over 8-15": over(rate(kept, 0, 36), rate(kept, 84, 180)),
        "hazard, years 16-19": rate(kept, 180, 228),
    }


def bands(lab: Lab) -> Measure:
    """P2: survival of pseudo-participation, default and all sustaining factors at five years; of the default at three."""
    poor = {
        "authority.ceiling": 0.2, "capability.sessions_per_year": 0.25, "capability.induction": 0, "support.national": 0.2,
        "support.community": 0.3, "support.facilitation": 0.2,
    }  # fmt: skip
    rich = {
        "capability.sessions_per_year": 1.5, "capability.induction": 1, "support.national": 0.8, "support.community": 0.7,
        "support.facilitation": 0.8, "succession.outside": 0.2, "succession.middle_disposition": 0.1,
    }  # fmt: skip
    pseudo = lab.play(DISTRICT.replace(start={"language": 0.1, "board": 0.4}, parameters=poor), years=6)
    sustained = lab.play(DISTRICT.replace(start={"language": 0.5}, parameters=rich), years=6)
    default = lab.usual()
    return lambda kept: {
        "alive at 5 years, pseudo": mean(~pseudo.broke(1, 60)[kept]),
        "alive at 5 years, default": mean(~default.broke(1, 60)[kept]),
        "alive at 5 years, all factors": mean(~sustained.broke(1, 60)[kept]),
        "alive at 3 years, default": mean(~default.broke(1, 36)[kept]),
    }


def honeymoon(lab: Lab) -> Measure:
    """P3: gains over those of no programme, six months' mean: what is left at month 48 of the peak, with and without renewal."""
    no_renewal = {"capability.sessions_per_year": 4, "capability.induction": 0, "structures.retreat_meetings": 0}
    launch = DISTRICT.replace(parameters=no_renewal).with_event(7, "training_changed", sessions_per_year=0, induction=0)
    renewal = DISTRICT.replace(parameters={"capability.induction": 1})
    without = DISTRICT.replace(start={"exists": 0}, parameters={"structures.founding": 0})
    base, once, yearly = (lab.play(s, years=5)["joint_gains"] for s in (without, launch, renewal))

    def curve(gains: np.ndarray, kept: np.ndarray) -> np.ndarray:
        net = (gains - base)[kept].mean(axis=0)[1:49]
        return np.convolve(net, np.ones(6) / 6, mode="valid")  # month n + 6 at n

    def measure(kept: np.ndarray) -> Statistics:
        fading, kept_up = curve(once, kept), curve(yearly, kept)
        return {
            "month of the peak": float(fading.argmax() + 6),
            "left at month 12, no renewal": float(fading[6] / fading.max()),
            "left at month 48, no renewal": float(fading[-1] / fading.max()),
            "left at month 48, renewal": float(kept_up[-1] / kept_up.max()),
            "gain at month 48, renewal": float(kept_up[-1]),
        }

    return measure


def news(lab: Lab) -> Measure:
    """P4: bad news against good at trust .2, .5, .8; trust eight to ten years after half a year of breach.

    Honest or deceitful, over that without a breach, where the leaders collaborated in .8 of the months since.
    """

    shift, weigh = (getattr(f, "py_func", f) for f in (trust.shift, trust.bad_news))
    defaults = {f"trust.{p.name}": p.default for p in trust.MECHANISM.parameters}

    def asymmetry(level: float) -> float:
        found = []
        for member in lab.members():
            p = defaults | dict(member)
            down = level - shift(level, -p["trust.news"] * weigh(level, p["trust.bad_news_ratio"]), 1.0)
            found.append(down / (shift(level, p["trust.news"], 1.0) - level))
        return float(np.mean(found))

    stable = DISTRICT.replace(sites=6, parameters=STAY, start={"trust": 0.7, "disposition": {"strategic": 0.6}})
    breach = {"side": "management", "months": 6, "stake": 0.8}
    twin = lab.play(stable, years=15)
    honest, deceit = (lab.play(stable.with_event(61, "breach", **breach, deceit=answer), years=15) for answer in ("no", "yes"))
    usual = twin.mean("trust_union_strategic", 157, 180)

    def repaired(runs: Runs, kept: np.ndarray) -> float:
        # repair takes years of collaboration: districts that had them, after the breach and without it
        worked = (runs.mean("leaders_collaborate", 85, 180) >= 0.8) & (twin.mean("leaders_collaborate", 85, 180) >= 0.8)
        here = kept[worked[kept]]
        return ratio(runs.mean("trust_union_strategic", 157, 180)[here], usual[here])

    return lambda kept: {
        "bad over good news at .5": asymmetry(0.5),
        "at .5 over at .2 and .8": asymmetry(0.5) / max(asymmetry(0.2), asymmetry(0.8)),
        "trust after honest breach": repaired(honest, kept),
        "trust after deceit": repaired(deceit, kept),
    }


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


def churn(lab: Lab) -> Measure:
    """P8: ties of those who stay, after four years in which half of the staff were replaced; the same under pressure; calm years."""
    calm = {
        "succession.management_tenure_months": 260, "succession.union_tenure_months": 400, "succession.team_exit": 0.004,
        "succession.manager_exit_low": 0.004, "succession.manager_exit_high": 0.004, "succession.steward_exit": 0.004,
    }  # fmt: skip
    restless = {
        "succession.management_tenure_months": 70, "succession.union_tenure_months": 70, "succession.team_exit": 0.0144,
        "succession.manager_exit_low": 0.0144, "succession.manager_exit_high": 0.0144, "succession.steward_exit": 0.0144,
    }  # fmt: skip
    base = DISTRICT.replace(start={"kind": "mature"}, parameters=calm)
    left = base
    for name, value in restless.items():
        left = left.with_event(61, "set", parameter=name, value=value)
    scenarios = {"calm": base, "churn": left, "pressed": left.with_event(61, "accountability_pressure", strength=0.6, months=60)}
    runs = {n: lab.play(s, years=9, look=ties, at=(60, 108)) for n, s in scenarios.items()}

    def kept_ties(name: str, which: int, kept: np.ndarray) -> float:
        before, after = runs[name].seen[60][kept], runs[name].seen[108][kept]
        stayed = after[:, :, 2] >= 48
        return ratio(after[:, :, which][stayed], before[:, :, which][stayed])

    def central(name: str, kept: np.ndarray) -> float:
        return mean(runs[name]["centralisation"][kept, 108]) - mean(runs[name]["centralisation"][kept, 60])

    def measure(kept: np.ndarray) -> Statistics:
        out = {}
        for name in scenarios:
            out[f"strong ties left, {name}"] = kept_ties(name, 0, kept)
            out[f"weak ties left, {name}"] = kept_ties(name, 1, kept)
        return out | {
            "centralisation, pressed minus churn": central("pressed", kept) - central("churn", kept),
            "authority at the top, pressed minus churn": mean(
                (runs["pressed"].mean("authority_strategic", 72, 108) - runs["churn"].mean("authority_strategic", 72, 108))[kept]
            ),
        }

    return measure


def through_density(lab: Lab) -> Measure:
    """P9: score on partnership, given poverty and district, without and with density, at twelve years; contact by partnership."""
    runs = lab.usual()
    # each school's mean over three years of partnership, density and contact, and of the published scores
    years = np.mean([runs.seen[m] for m in (120, 132, 143)], axis=0)
    alive = runs["alive_index"][:, 144] >= outcomes.ALIVE

    def measure(kept: np.ndarray) -> Statistics:
        table = years[kept[alive[kept]]]
        own = table - table.mean(axis=1, keepdims=True)
        score, partnership, poverty, density = (own[:, :, n] for n in (SCORE, PARTNERSHIP, POVERTY, DENSITY))
        without = slope(score, partnership, poverty)
        given = slope(score, partnership, poverty, density)
        every = years[kept].reshape(-1, years.shape[2])
        low, high = np.quantile(every[:, PARTNERSHIP], [1 / 3, 2 / 3])
        contact = every[:, CONTACT]
        return {
            "score on partnership": without,
            "score on poverty": slope(score, poverty, partnership),
            "share that density takes": 1 - given / without,
            "contact, top over bottom third": contact[every[:, PARTNERSHIP] >= high].mean() / contact[every[:, PARTNERSHIP] <= low].mean(),
            "sd of partnership within a district": float(partnership.std()),
        }

    return measure


def poverty_gap(lab: Lab) -> Measure:
    """P10: members' exits in months 120-143, top over bottom quarter of poverty, in the quarters of schools of least and most ties."""
    runs = lab.usual()
    window = np.array([runs.seen[m] for m in range(120, 144)])
    exits, density, poverty = window[..., EXITS].sum(axis=0) / 2, window[..., DENSITY].mean(axis=0), window[0, ..., POVERTY]

    def gap(where: np.ndarray, e: np.ndarray, p: np.ndarray) -> float:
        low, high = np.quantile(p[where], [0.25, 0.75])
        return float(e[where & (p >= high)].mean() / e[where & (p <= low)].mean())

    def measure(kept: np.ndarray) -> Statistics:
        e, d, p = exits[kept].ravel(), density[kept].ravel(), poverty[kept].ravel()
        low, high = np.quantile(d, [0.25, 0.75])
        return {
            "poor over rich, fewest ties": gap(d <= low, e, p),
            "poor over rich, most ties": gap(d >= high, e, p),
            "exits a year": float(e.mean()),
        }

    return measure


def middle(lab: Lab) -> Measure:
    """P11: principals' support for the institution's and for their own sake; gains where they resist; a layoff and a divided cabinet."""
    runs = lab.usual()
    years = np.mean([runs.seen[m] for m in (12, 24, 36, 48, 60)], axis=0)
    twin = lab.play(DISTRICT, years=3)
    layoff = lab.play(DISTRICT.with_event(24, "layoff", share=0.05), years=3)
    divided = lab.play(DISTRICT.replace(parameters={"succession.team_spread": 0.3}), years=3)

    def measure(kept: np.ndarray) -> Statistics:
        own, gain = years[kept, :, FOR_SELF].ravel(), years[kept, :, DELIVERED].ravel()
        low, high = np.quantile(own, [1 / 3, 2 / 3])
        return {
            "institution minus self, month 1": mean((twin["for_institution"] - twin["for_self"])[kept, 1]),
            "gain, lowest over highest third": gain[own <= low].mean() / gain[own >= high].mean(),
            "self-support, a year after a layoff": mean((layoff["for_self"] - twin["for_self"])[kept, 36]),
            "self-support, divided cabinet": mean((divided["for_self"] - twin["for_self"])[kept, 12]),
            "practice in schools, years 2-5": mean(runs.mean("practice_workplace", 13, 60)[kept]),
        }

    return measure


def participation(lab: Lab) -> Measure:
    """P12: a union present and excluded does worse than none: trust of the union's side and quality in months 25-60, by participation."""
    runs = {
        name: lab.play(DISTRICT.replace(start={"authority": depth}, parameters={"authority.ceiling": depth}), years=6)
        for name, depth in (("pseudo", 0.15), ("partial", 0.45), ("full", 1.0))
    }
    none = DISTRICT.replace(start={"exists": 0}, parameters={"structures.founding": 0})
    runs["none"] = lab.play(none, years=6)
    trusts = {n: (r.mean("trust_union_strategic", 25, 60) + r.mean("trust_union_workplace", 25, 60)) / 2 for n, r in runs.items()}
    quality = {n: r.mean("quality", 25, 60) for n, r in runs.items()}
    return lambda kept: {
        "trust, none minus pseudo": mean((trusts["none"] - trusts["pseudo"])[kept]),
        "trust, partial minus none": mean((trusts["partial"] - trusts["none"])[kept]),
        "quality, none minus pseudo": mean((quality["none"] - quality["pseudo"])[kept]),
        "quality, partial minus none": mean((quality["partial"] - quality["none"])[kept]),
        "alive at 5 years, full minus others": mean(~runs["full"].broke(1, 60)[kept])
        - max(mean(~runs[name].broke(1, 60)[kept]) for name in ("none", "pseudo", "partial")),
        "alive at 5 years, pseudo": mean(~runs["pseudo"].broke(1, 60)[kept]),
    }


def sacrifice(lab: Lab) -> Measure:
    """P13: breaks within three years of a promise honoured and broken; small triggers and suspensions by trust; resumption."""
    times = 2
    cut = DISTRICT.with_event(96, "budget_cut", share=0.1, months=18, how="shared", promised=0.5)
    honoured = lab.play(cut.with_event(126, "sacrifice_restored"), years=15, times=times)
    broken = lab.play(cut.with_event(126, "promise_broken"), years=15, times=times)
    cohort = honoured.mean("practice_workplace", 90, 95) >= 0.5
    spark = DISTRICT.with_event(25, "pivotal_event", level="strategic", stake=0.4)
    wary, trusting = (lab.play(spark.replace(start={"trust": {"strategic": t}}), years=5, times=times) for t in (0.4, 0.7))
    faith = np.concatenate([runs["trust_union_strategic"][:, 24] for runs in (wary, trusting)])
    suspended = np.concatenate([runs.count("partnership suspended", 25, 36) > 0 for runs in (wary, trusting)])
    shaken = np.concatenate([runs.broke(25, 48) for runs in (wary, trusting)])
    default = lab.usual()
    begun, ended = default.dates("partnership suspended", 1, 168), default.dates("partnership resumed", 1, 240)
    spells = np.array([len(months) for months in begun])
    back = np.array([sum(any(a < b <= a + 72 for b in over) for a in since) for since, over in zip(begun, ended, strict=True)])
    withheld = default.count("return of pay withheld", 1, 240)

    def measure(kept: np.ndarray) -> Statistics:
        every = lab.each(kept, times)
        here, both = every[cohort[every]], lab.each(kept, 2 * times)
        low, high = (mean(suspended[both], chosen[both]) for chosen in (faith < 0.4, faith > 0.65))
        return {
            "breaks, honoured": mean(honoured.broke(126, 162)[here]),
            "breaks, broken minus twice honoured": mean(broken.broke(126, 162)[here]) - 2 * mean(honoured.broke(126, 162)[here]),
            "C, honoured minus broken": mean((honoured["alive_index"] - broken["alive_index"])[here, 132:163]),
            "trust, honoured minus broken": mean((honoured["trust_union_strategic"] - broken["trust_union_strategic"])[here, 162]),
            "suspended by a quarrel, low minus 3 x high trust": low - 3 * high,
            "breaks after a quarrel, high trust": mean(shaken[both], faith[both] > 0.65),
            "suspensions in 20 years": mean(spells[kept]),
            "resumed in 6 years": ratio(back[kept], spells[kept]),
            "promises of pay broken in 20 years": mean(withheld[kept]),
        }

    return measure


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


def founding(lab: Lab) -> Measure:
    """Evidence I12: partnerships founded within ten years of a strike and without one, and how soon."""
    base = ADVERSARIAL.replace(start={"trust": 0.25, "disposition": {"strategic": -0.2}, "language": 0.1, "authority": 0.2})
    strike, twin = (lab.play(s, years=10) for s in (base.with_event(1, "strike"), base))
    first = {
        n: np.array([min(m, default=999) for m in r.dates("partnership founded", 1, 120)]) for n, r in (("strike", strike), ("none", twin))
    }

    def measure(kept: np.ndarray) -> Statistics:
        months = first["strike"][kept]
        found = months <= 120
        return {
            "founded after a strike": mean(found),
            "founded without": mean(first["none"][kept] <= 120),
            "founded, strike minus none": mean(found) - mean(first["none"][kept] <= 120),
            "years to the founding, median": median(months[found]) / 12,
            "of these within two years": mean(months[found] <= 24),
        }

    return measure


def coverage(lab: Lab) -> Measure:
    """Schools that have joined at two and five years, and years until nine in ten have, where a partnership begins at the top."""
    runs = lab.play(DISTRICT.replace(parameters={"structures.joined_at_start": 0}), years=12)
    covered = runs["joined"] >= 0.9
    years = np.where(covered.any(axis=1), covered.argmax(axis=1), 144) / 12
    return lambda kept: {
        "schools joined at two years": mean(runs["joined"][kept, 24]),
        "years to nine in ten schools": mean(years[kept]),
    }


def contracts(lab: Lab) -> Measure:
    """Evidence E28, E29: share of time under an expired contract, strikes a district-year, in typical and adversarial districts."""
    default, fighting = lab.usual(), lab.play(ADVERSARIAL, years=20)
    return lambda kept: {
        "overrun, typical": mean(default.mean("overrun", 37, 240)[kept]),
        "overrun, adversarial": mean(fighting.mean("overrun", 37, 240)[kept]),
        "strikes a year, default": mean(12 * default.mean("strike", 1, 240)[kept]),
        "strikes a year, adversarial": mean(12 * fighting.mean("strike", 1, 240)[kept]),
        "pay, adversarial": mean(fighting["pay_index"][kept, 240]),
        "contracts rejected, typical": mean(default.count("contract rejected by members", 1, 240)[kept] / 20),
    }


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


def bargaining(lab: Lab) -> Measure:
    """Evidence F13: what bargaining over interests brings and costs: .8 against 0, over twelve years."""
    none, much = (lab.play(DISTRICT.replace(parameters={"stance.interest_based": level}), years=12) for level in (0.0, 0.8))
    votes = {name: runs.count("union leader voted out", 1, 144) / 12 for name, runs in (("none", none), ("much", much))}

    def change(outcome: str, kept: np.ndarray) -> float:
        return mean((much.mean(outcome, 73, 144) - none.mean(outcome, 73, 144))[kept])

    return lambda kept: {
        "language": change("contract_language", kept),
        "pay": change("pay_index", kept),
        "pay conceded": change("pay_conceded", kept),
        "leaders' approval": change("leader_approval", kept),
        "voted out a year": mean((votes["much"] - votes["none"])[kept]),
    }


def storms(lab: Lab) -> Measure:
    """Factors in context, where pivotal events are twice as frequent: C in months 1-120 with much against none; a handled event teaches."""
    stormy = DISTRICT.replace(parameters={"pivotal_events.strategic_rate": 2 / 18, "pivotal_events.workplace_rate": 2 / 15})

    def gain(scenario: Scenario, name: str, none: float, much: float) -> np.ndarray:
        levels = (lab.play(scenario.replace(parameters={name: v}), years=10) for v in (much, none))
        high, low = (runs.mean("alive_index", 1, 120) for runs in levels)
        return high - low

    help_, care = gain(stormy, "support.facilitation", 0, 1), gain(stormy, "pivotal_events.dual_track", 0, 0.9)
    open_ = gain(DISTRICT.replace(parameters={"politics.leak": 0}), "politics.transparency", 0, 1)
    steady = DISTRICT.replace(start={"kind": "mature"}, parameters=STAY)
    event, twin = (lab.play(s, years=6) for s in (steady.with_event(25, "pivotal_event", level="all", stake=1), steady))
    taught = event.mean("clarity_workplace", 37, 60) - twin.mean("clarity_workplace", 37, 60)
    lived = event.mean("alive_index", 37, 72) - twin.mean("alive_index", 37, 72)
    return lambda kept: {
        "facilitation": mean(help_[kept]),
        "dual track": mean(care[kept]),
        "openness, no leak": mean(open_[kept]),
        "clarity after an event": mean(taught[kept]),
        "C after an event": mean(lived[kept]),
    }


def dispositions(lab: Lab) -> Measure:
    """Share of the variance of practice over ten years that the leaders' first dispositions explain, squares and product included."""
    runs = lab.play(DISTRICT, years=10, look=first_dispositions, at=(0,))
    start, practice = runs.seen[0], runs.mean("alive_index", 1, 120)

    def measure(kept: np.ndarray) -> Statistics:
        y, (union, management) = practice[kept], start[kept].T
        table = np.stack([np.ones(len(kept)), union, management, union**2, management**2, union * management], axis=1)
        left = y - table @ np.linalg.lstsq(table, y, rcond=None)[0]
        return {"explained by leaders' dispositions": float(1 - left.var() / y.var())}

    return measure


def regimes(lab: Lab) -> Measure:
    """Shares of regimes of default districts at twenty years."""
    runs = lab.usual()
    where = np.array([outcomes.regime(series) for series in runs.series])
    return lambda kept: (
        {name: mean(where[kept] == name) for name in REGIMES} | {"paper or mixed": mean(np.isin(where[kept], ["paper", "mixed"]))}
    )


MEASURES: dict[str, Callable[[Lab], Measure]] = {
    "P1": hazard, "P2": bands, "P3": honeymoon, "P4": news, "P5": top_pair, "P6": successor, "P7": cascade, "P8": churn,
    "P9": through_density, "P10": poverty_gap, "P11": middle, "P12": participation, "P13": sacrifice, "P14": imbalance, "lag": founding,
    "coverage": coverage, "strikes": contracts, "exits": exits, "bargaining": bargaining, "storms": storms, "dispositions": dispositions,
    "regimes": regimes,
}  # fmt: skip
