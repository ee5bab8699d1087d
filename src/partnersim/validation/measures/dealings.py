"""What the parties do to each other: news, authority, sacrifice, contracts, crises: P4, P12, P13 and further checks."""

from __future__ import annotations

import numpy as np

from partnersim.model import trust
from partnersim.scenarios.scenario import Scenario
from partnersim.validation.playing import ADVERSARIAL, DISTRICT, STAY, Lab, Measure, Runs, Statistics, mean, median, ratio


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
