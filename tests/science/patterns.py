"""Patterns that a credible model shows, measured at small replicate counts: one function a pattern.

A pattern is measured as `pattern(**changed)`: the parameters `changed` are laid over those of every scenario that the pattern needs, so
an addition can be switched off and its pattern measured again on the same luck. The answer is a function that takes replicates and
returns the statistics of those replicates by name; `difference` compares two such answers, with standard errors by leaving out one
twentieth of the replicates after the other.

Districts have 14 schools, a launch at month 0 and default parameters unless said. Practice is alive at C >= .30 and breaks with the first
month of 12 below (`outcomes.py`). Cohorts are chosen in months before anything was done to them, which two scenarios with the same luck
share to the bit. Labels P1 to P14 are those of `evidence.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

import numpy as np

from partnersim.engine.record import word
from partnersim.model import outcomes, trust
from partnersim.model.columns import MANAGEMENT
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import cores, open_world

Statistics = dict[str, float]
Measure = Callable[[np.ndarray], Statistics]

SEED = 11
REPLICATES = 200
GROUPS = 20
DISTRICT = Scenario(name="district", sites=14)
ADVERSARIAL = DISTRICT.replace(name="adversarial", start={"kind": "adversarial"}, parameters={"succession.middle_disposition": 0})
STAY = {"succession.management_tenure_months": 5000, "succession.union_tenure_months": 5000}


# -- playing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runs:
    """Runs of a scenario: a series by its name, dated events by their kind, and what was looked at by month."""

    series: np.ndarray
    events: list[np.ndarray]
    seen: Mapping[int, np.ndarray]

    def __getitem__(self, outcome: str) -> np.ndarray:
        """Return a series [replicate, month]."""
        return self.series[:, :, outcomes.NAMES.index(outcome)]

    def mean(self, outcome: str, first: int, last: int) -> np.ndarray:
        """Return each run's mean of an outcome over months."""
        return self[outcome][:, first : last + 1].mean(axis=1)

    @property
    def low(self) -> np.ndarray:
        """Whether a spell of twelve months without practice begins, [replicate, month]; month 0 is not lived."""
        low = self["alive_index"] < outcomes.ALIVE
        low[:, 0] = False
        return np.lib.stride_tricks.sliding_window_view(low, outcomes.SPELL, axis=1).all(axis=2)

    def broke(self, first: int, last: int) -> np.ndarray:
        """Return which runs have a break in these months."""
        return self.low[:, first : last + 1].any(axis=1)

    def alive(self, month: int) -> np.ndarray:
        """Return which runs have practice alive in a month, and no break up to it."""
        return (self["alive_index"][:, month] >= outcomes.ALIVE) & ~self.broke(1, month - outcomes.SPELL)

    def count(self, kind: str, first: int, last: int, cause: str | None = None, side: int | None = None) -> np.ndarray:
        """Return how often something happened in these months, by run."""
        return np.array([len(rows) for rows in self.dates(kind, first, last, cause, side)])

    def dates(self, kind: str, first: int, last: int, cause: str | None = None, side: int | None = None) -> list[np.ndarray]:
        """Return the months in which something happened, by run."""
        out = []
        for rows in self.events:
            found = (rows[:, 1] == word(kind)) & (first <= rows[:, 0]) & (rows[:, 0] <= last)
            if cause is not None:
                found &= rows[:, 5] == word(cause)
            if side is not None:
                found &= rows[:, 4] == side
            out.append(rows[found, 0].astype(int))
        return out


def play(
    scenario: Scenario,
    changed: Mapping[str, float],
    *,
    years: int,
    look: Callable[[Mapping[str, np.ndarray]], np.ndarray] | None = None,
    at: Sequence[int] = (),
    times: int = 1,
) -> Runs:
    """Run a scenario with changed parameters; `look` returns an array from the columns of a world in the months `at`.

    What is rare is looked for in so many `times` as many runs.
    """
    scenario = scenario.replace(name="probe", parameters=changed)
    threads = min(cores(), REPLICATES)
    months = 12 * years
    worlds: SimpleQueue[Any] = SimpleQueue()
    for _ in range(threads):
        worlds.put(open_world(scenario, seed=SEED, replicate=0, months=months, ledger=False, point=True))

    def one(replicate: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        opened = worlds.get()
        opened.begin(seed=SEED, replicate=replicate)
        found = []
        for month in at:
            opened.advance(month)
            found.append(look(opened.world.columns))
        opened.advance(months)
        out = opened.world.record.series.copy(), opened.world.record.event_rows().copy(), found
        worlds.put(opened)
        return out

    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(one, range(times * REPLICATES)))
    seen = {month: np.array([found[n] for _, _, found in done]) for n, month in enumerate(at)}
    return Runs(np.array([series for series, _, _ in done]), [events for _, events, _ in done], seen)


def difference(on: Measure, off: Measure) -> dict[str, tuple[float, float, float]]:
    """Return each statistic on, off, and the standard error of their difference."""
    every = np.arange(REPLICATES)
    groups = [every[every % GROUPS != g] for g in range(GROUPS)]
    with np.errstate(divide="ignore", invalid="ignore"):
        here, there = on(every), off(every)
        left = [(on(kept), off(kept)) for kept in groups]
    out = {}
    for name in here:
        gaps = np.array([a[name] - b[name] for a, b in left])
        error = np.sqrt((GROUPS - 1) * np.mean((gaps - gaps.mean()) ** 2))
        out[name] = float(here[name]), float(there[name]), float(error)
    return out


def ratio(a: np.ndarray, b: np.ndarray) -> float:
    """Return the ratio of two sums."""
    return float(np.sum(a) / np.sum(b)) if np.sum(b) != 0 else float("nan")


def mean(values: np.ndarray, where: np.ndarray | None = None) -> float:
    """Return the mean, of nothing not a number."""
    values = values if where is None else values[where]
    return float(values.mean()) if values.size else float("nan")


# -- runs that several patterns share ------------------------------------------------------------------------------

SCHOOLS_AT = (12, 24, 36, 48, 60, 96, *range(120, 144), 144)


def schools(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return, by school: partnership, score, poverty, density, contact, exits, self-support, gain delivered."""
    c = columns
    return np.stack(
        [
            (c["trust"][1:].mean(axis=1) + c["authority"][1:]) / 2, c["score"], c["poverty"], c["density"],
            c["meetings"][1:] + c["informal"][1:], c["member_exits"], c["for_self"], c["delivered"][1:],
        ],
        axis=1,
    )  # fmt: skip


PARTNERSHIP, SCORE, POVERTY, DENSITY, CONTACT, EXITS, FOR_SELF, DELIVERED = range(8)


@lru_cache(maxsize=2)
def _usual(changed: tuple[tuple[str, float], ...]) -> Runs:
    return play(DISTRICT, dict(changed), years=20, look=schools, at=SCHOOLS_AT)


def usual(changed: Mapping[str, float]) -> Runs:
    """Return default districts over twenty years, which most patterns look at."""
    return _usual(tuple(sorted(changed.items())))


# -- patterns ------------------------------------------------------------------------------------------------------


def hazard(**changed: float) -> Measure:
    """P1: breaks are most likely early. Annual hazard of months 1-36 over that of months 84-180."""
    times = 6
    low = play(DISTRICT, changed, years=16, times=times).low
    first = np.where(low.any(axis=1), low.argmax(axis=1), 12 * 16).reshape(times, REPLICATES)

    def rate(kept: np.ndarray, begin: int, end: int) -> float:
        month = first[:, kept]
        lived = np.clip(month, begin, end) - begin
        return ratio(12 * ((begin <= month) & (month < end)), lived)

    return lambda kept: {
        "hazard, years 1-3": rate(kept, 0, 36),
        "hazard, early over late": rate(kept, 0, 36) / rate(kept, 84, 180),
    }


def bands(**changed: float) -> Measure:
    """P2: survival of pseudo-participation, default and all sustaining factors at five years; of the default at three."""
    poor = {
        "authority.ceiling": 0.2, "capability.sessions_per_year": 0.25, "capability.induction": 0, "support.national": 0.2,
        "support.community": 0.3, "support.facilitation": 0.2,
    }  # fmt: skip
    rich = {
        "capability.sessions_per_year": 1.5, "capability.induction": 1, "support.national": 0.8, "support.community": 0.7,
        "support.facilitation": 0.8, "succession.outside": 0.2, "succession.middle_disposition": 0.1,
    }  # fmt: skip
    pseudo = play(DISTRICT.replace(start={"language": 0.1, "board": 0.4}, parameters=poor), changed, years=6)
    sustained = play(DISTRICT.replace(start={"language": 0.5}, parameters=rich), changed, years=6)
    default = usual(changed)
    return lambda kept: {
        "alive at 5 years, pseudo": mean(~pseudo.broke(1, 60)[kept]),
        "alive at 5 years, default": mean(~default.broke(1, 60)[kept]),
        "alive at 5 years, all factors": mean(~sustained.broke(1, 60)[kept]),
        "alive at 3 years, default": mean(~default.broke(1, 36)[kept]),
    }


def honeymoon(**changed: float) -> Measure:
    """P3: gains over those of no programme, six months' mean: what is left at month 48 of the peak, with and without renewal."""
    no_renewal = {"capability.sessions_per_year": 4, "capability.induction": 0, "structures.retreat_meetings": 0}
    launch = DISTRICT.replace(parameters=no_renewal).with_event(7, "training_changed", sessions_per_year=0, induction=0)
    renewal = DISTRICT.replace(parameters={"capability.induction": 1})
    without = DISTRICT.replace(start={"exists": 0}, parameters={"structures.founding": 0})
    base, once, yearly = (play(s, changed, years=5)["joint_gains"] for s in (without, launch, renewal))

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


def news(**changed: float) -> Measure:
    """P4: bad news against good at trust .2, .5, .8; trust ten years after a breach of half a year, honest or deceitful, of no breach."""

    class Values:
        """The parameters of trust as a step sees them."""

    for p in trust.MECHANISM.parameters:
        setattr(Values, p.name, changed.get(f"trust.{p.name}", p.default))
    shift, weigh = (getattr(f, "py_func", f) for f in (trust.shift, trust.bad_news))

    def asymmetry(level: float) -> float:
        down = level - shift(level, -Values.news * weigh(level, Values.bad_news_ratio), 1.0)
        return down / (shift(level, Values.news, 1.0) - level)

    stable = DISTRICT.replace(sites=6, parameters=STAY, start={"trust": 0.7, "disposition": {"strategic": 0.6}})
    breach = {"side": "management", "months": 6, "stake": 0.8}
    twin = play(stable, changed, years=15).mean("trust_union_strategic", 157, 180)
    honest, deceit = (play(stable.with_event(61, "breach", **breach, deceit=answer), changed, years=15) for answer in ("no", "yes"))
    honest, deceit = (runs.mean("trust_union_strategic", 157, 180) for runs in (honest, deceit))
    return lambda kept: {
        "bad over good news at .5": asymmetry(0.5),
        "at .5 over at .2 and .8": asymmetry(0.5) / max(asymmetry(0.2), asymmetry(0.8)),
        "trust after honest breach": ratio(honest[kept], twin[kept]),
        "trust after deceit": ratio(deceit[kept], twin[kept]),
    }


def top_pair(**changed: float) -> Measure:
    """P5: alive two years after the superintendent went in month 30, with a top pair alone and with structures below."""
    start = {"trust": {"strategic": 0.75}, "disposition": {"strategic": 0.6}}
    pair = DISTRICT.replace(start=start, parameters={"succession.management_tenure_months": 5000})
    bare = {
        "structures.workplace_meetings": 0, "structures.team_meetings": 0, "structures.retreat_meetings": 0,
        "capability.sessions_per_year": 0.25,
    }  # fmt: skip
    found = {}
    for name, parameters in (("top pair alone", bare), ("structures", {})):
        scenario = pair.replace(parameters=parameters).with_event(30, "leader_replaced", side="management", successor="outside")
        runs = play(scenario, changed, years=6)
        cohort = (runs.mean("leaders_collaborate", 18, 29) >= 0.6) & ~runs.broke(1, 30)
        found[name] = cohort, ~runs.broke(31, 54), runs.mean("alive_index", 36, 54)

    def measure(kept: np.ndarray) -> Statistics:
        out = {f"lives on, {name}": mean(lives[kept], cohort[kept]) for name, (cohort, lives, _) in found.items()}
        out["gap"] = out["lives on, structures"] - out["lives on, top pair alone"]
        return out | {f"C after, {name}": mean(after[kept], cohort[kept]) for name, (cohort, _, after) in found.items()}

    return measure


def superintendents_tenure(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return how long the superintendent has served."""
    return columns["tenure"][MANAGEMENT]


def successor(**changed: float) -> Measure:
    """P6: outsiders break more than insiders do, more so after a long predecessor; what is lost even if survived.

    Loss: C in the two years after an insider minus that after an outsider. Dip: lowest gain in the 30 months after an outsider, over
    that before.
    """
    found = {}
    for name, months in (("short", 36), ("long", 240)):
        base = DISTRICT.replace(parameters={"succession.management_tenure_months": months})
        for origin in ("inside", "outside"):
            event = base.with_event(96, "leader_replaced", side="management", successor=origin)
            found[name, origin] = play(event, changed, years=13, look=superintendents_tenure, at=(95,))
    cohort = {}
    for name in ("short", "long"):
        runs = found[name, "inside"]
        served = runs.seen[95]
        cohort[name] = (runs["alive_index"][:, 95] >= 0.40) & (served <= 36 if name == "short" else served > 60)

    def measure(kept: np.ndarray) -> Statistics:
        breaks, loss = {"inside": [], "outside": []}, {}
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
        return {
            "breaks, outsider over insider": mean(np.concatenate(breaks["outside"])) / mean(np.concatenate(breaks["inside"])),
            "C lost to an outsider, long predecessor": loss["long"],
            "C lost, long minus short": loss["long"] - loss["short"],
            "dip of gains": float(gains[102:127].min() / gains[90:96].mean()),
        }

    return measure


def cascade(**changed: float) -> Measure:
    """P7: superintendents who leave within two years of a political flip of the board, and of elections that changed seats only."""
    flip = DISTRICT.with_event(61, "board_changed", support=0.3, political="yes")
    flipped, calm = (play(scenario, changed, years=8) for scenario in (flip, DISTRICT))
    gone, usual_gone = (runs.count("superintendent replaced", 61, 84) > 0 for runs in (flipped, calm))
    # whom the board appoints in the first three years
    new, usual_new = (runs.count("superintendent replaced", 61, 96) for runs in (flipped, calm))
    outside, usual_outside = (runs.count("superintendent replaced", 61, 96, "from outside") for runs in (flipped, calm))
    runs = usual(changed)
    leaves = np.zeros((REPLICATES, 241))
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


def ties(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return, by person: strong and weak ties, and tenure."""
    return np.stack([columns[name] for name in ("strong_ties", "weak_ties", "tenure")], axis=1)


def churn(**changed: float) -> Measure:
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
    runs = {n: play(s, changed, years=9, look=ties, at=(60, 108)) for n, s in scenarios.items()}

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


def slope(outcome: np.ndarray, *causes: np.ndarray) -> float:
    """Return the least-squares slope on the first cause; everything is a deviation from its district's mean."""
    table = np.stack([c.ravel() for c in causes], axis=1)
    return float(np.linalg.solve(table.T @ table, table.T @ outcome.ravel())[0])


def through_density(**changed: float) -> Measure:
    """P9: score on partnership, given poverty and district, without and with density, at twelve years; contact by partnership."""
    runs = usual(changed)
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


def poverty_gap(**changed: float) -> Measure:
    """P10: members' exits in months 120-143, top over bottom quarter of poverty, in the quarters of schools of least and most ties."""
    runs = usual(changed)
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


def middle(**changed: float) -> Measure:
    """P11: principals' support for the institution's and for their own sake; gains where they resist; a layoff and a divided cabinet."""
    runs = usual(changed)
    years = np.mean([runs.seen[m] for m in (12, 24, 36, 48, 60)], axis=0)
    twin = play(DISTRICT, changed, years=3)
    layoff = play(DISTRICT.with_event(24, "layoff", share=0.05), changed, years=3)
    divided = play(DISTRICT.replace(parameters={"succession.team_spread": 0.3}), changed, years=3)

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


def participation(**changed: float) -> Measure:
    """P12: a union present and excluded does worse than none: trust of the union's side and quality in months 25-60, by participation."""
    runs = {
        name: play(DISTRICT.replace(start={"authority": depth}, parameters={"authority.ceiling": depth}), changed, years=6)
        for name, depth in (("pseudo", 0.15), ("partial", 0.45), ("full", 1.0))
    }
    none = DISTRICT.replace(start={"exists": 0}, parameters={"structures.founding": 0})
    runs["none"] = play(none, changed, years=6)
    trusts = {n: (r.mean("trust_union_strategic", 25, 60) + r.mean("trust_union_workplace", 25, 60)) / 2 for n, r in runs.items()}
    quality = {n: r.mean("quality", 25, 60) for n, r in runs.items()}
    return lambda kept: {
        "trust, none minus pseudo": mean((trusts["none"] - trusts["pseudo"])[kept]),
        "trust, partial minus none": mean((trusts["partial"] - trusts["none"])[kept]),
        "quality, none minus pseudo": mean((quality["none"] - quality["pseudo"])[kept]),
        "quality, partial minus none": mean((quality["partial"] - quality["none"])[kept]),
        "alive at 5 years, full minus partial": mean(~runs["full"].broke(1, 60)[kept]) - mean(~runs["partial"].broke(1, 60)[kept]),
        "alive at 5 years, pseudo": mean(~runs["pseudo"].broke(1, 60)[kept]),
    }


def sacrifice(**changed: float) -> Measure:
    """P13: breaks within three years of a promise honoured and broken; small triggers and suspensions by trust; resumption."""
    cut = DISTRICT.with_event(96, "budget_cut", share=0.1, months=18, how="shared", promised=0.5)
    honoured = play(cut.with_event(126, "sacrifice_restored"), changed, years=15)
    broken = play(cut.with_event(126, "promise_broken"), changed, years=15)
    cohort = honoured.mean("practice_workplace", 90, 95) >= 0.5
    spark = DISTRICT.with_event(25, "pivotal_event", level="strategic", stake=0.4)
    wary, trusting = (play(spark.replace(start={"trust": {"strategic": t}}), changed, years=5) for t in (0.4, 0.7))
    faith = np.concatenate([runs["trust_union_strategic"][:, 24] for runs in (wary, trusting)])
    suspended = np.concatenate([runs.count("partnership suspended", 25, 36) > 0 for runs in (wary, trusting)])
    shaken = np.concatenate([runs.broke(25, 48) for runs in (wary, trusting)])
    default = usual(changed)
    begun, ended = default.dates("partnership suspended", 1, 168), default.dates("partnership resumed", 1, 240)
    spells = np.array([len(months) for months in begun])
    back = np.array([sum(any(a < b <= a + 72 for b in over) for a in since) for since, over in zip(begun, ended, strict=True)])
    withheld = default.count("return of pay withheld", 1, 240)

    def measure(kept: np.ndarray) -> Statistics:
        here, both = kept[cohort[kept]], np.concatenate([kept, kept + REPLICATES])
        return {
            "breaks, honoured": mean(honoured.broke(126, 162)[here]),
            "breaks, broken minus honoured": mean(broken.broke(126, 162)[here]) - mean(honoured.broke(126, 162)[here]),
            "C, honoured minus broken": mean((honoured["alive_index"] - broken["alive_index"])[here, 132:163]),
            "trust, honoured minus broken": mean((honoured["trust_union_strategic"] - broken["trust_union_strategic"])[here, 162]),
            "suspended by a spark, low trust": mean(suspended[both], faith[both] < 0.4),
            "breaks after a spark, high trust": mean(shaken[both], faith[both] > 0.65),
            "suspensions in 20 years": mean(spells[kept]),
            "resumed in 6 years": ratio(back[kept], spells[kept]),
            "promises of pay broken in 20 years": mean(withheld[kept]),
        }

    return measure


def imbalance(**changed: float) -> Measure:
    """P14: leaders who co-manage are voted out while the idea is popular, and the arrangement ends some years later."""
    co_managed = DISTRICT.replace(
        start={"authority": 0.6, "disposition": {"strategic": 0.55}, "memory": {"strategic": 0.6}},
        parameters={
            "structures.workplace_meetings": 9, "members.release_hours": 14, "capability.sessions_per_year": 1.5,
            "succession.union_tenure_months": 400,
        },
    )  # fmt: skip
    runs = play(co_managed, changed, years=25)
    lean = play(co_managed.replace(parameters={"economy.downturn_rate": 3 / 84}), changed, years=25)

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
            "idea popular before it": mean(here[fell, 1]),
            "ended within 3 years of it": mean(here[early, 2] <= 36),
            "ended within 8 years of it": mean(here[early, 2] <= 96),
            "C in the 3 years after it": mean(here[early, 3]),
            "years to the vote, usual minus lean": mean(np.minimum(here[:, 0], 300) - np.minimum(there[:, 0], 300)) / 12,
            "leaders' approval": mean(runs.mean("leader_approval", 60, 120)[kept]),
        }

    return measure


def founding(**changed: float) -> Measure:
    """Evidence I12: partnerships founded within ten years of a strike and without one, and how soon."""
    base = ADVERSARIAL.replace(start={"trust": 0.25, "disposition": {"strategic": -0.2}, "language": 0.1, "authority": 0.2})
    strike, twin = (play(s, changed, years=10) for s in (base.with_event(1, "strike"), base))
    first = {
        n: np.array([min(m, default=999) for m in r.dates("partnership founded", 1, 120)]) for n, r in (("strike", strike), ("twin", twin))
    }

    def measure(kept: np.ndarray) -> Statistics:
        months = first["strike"][kept]
        found = months <= 120
        return {
            "founded, after a strike": mean(found),
            "founded, strike minus twin": mean(found) - mean(first["twin"][kept] <= 120),
            "of these within two years": mean(months[found] <= 24),
        }

    return measure


def coverage(**changed: float) -> Measure:
    """Schools that have joined at two and five years, and years until nine in ten have, where a partnership begins at the top."""
    runs = play(DISTRICT.replace(parameters={"structures.joined_at_start": 0}), changed, years=12)
    covered = runs["joined"] >= 0.9
    years = np.where(covered.any(axis=1), covered.argmax(axis=1), 144) / 12
    return lambda kept: {
        "schools joined at two years": mean(runs["joined"][kept, 24]),
        "years to nine in ten": mean(years[kept]),
    }


def contracts(**changed: float) -> Measure:
    """Evidence E28, E29: share of time under an expired contract, strikes a district-year, in typical and adversarial districts."""
    default, fighting = usual(changed), play(ADVERSARIAL, changed, years=20)
    return lambda kept: {
        "overrun, typical": mean(default.mean("overrun", 37, 240)[kept]),
        "overrun, adversarial": mean(fighting.mean("overrun", 37, 240)[kept]),
        "strikes a year, typical": mean(12 * default.mean("strike", 1, 240)[kept]),
        "strikes a year, adversarial": mean(12 * fighting.mean("strike", 1, 240)[kept]),
        "pay, adversarial": mean(fighting["pay_index"][kept, 240]),
        "contracts rejected, typical": mean(default.count("contract rejected by members", 1, 240)[kept] / 20),
    }


def exits(**changed: float) -> Measure:
    """Evidence E1-E20: yearly rates of leaving."""
    runs = usual(changed)
    top, teams = runs.count("superintendent replaced", 1, 240), runs.count("cabinet member replaced", 1, 240)
    principals, reps = runs.count("principal replaced", 1, 240), runs.count("building rep replaced", 1, 240)
    return lambda kept: {
        "superintendents": mean(top[kept] / 20),
        "cabinet": mean(teams[kept] / 80),
        "principals": mean(principals[kept] / 280),
        "reps": mean(reps[kept] / 280),
        "members": mean(runs.mean("member_exit", 1, 240)[kept]),
    }


def bargaining(**changed: float) -> Measure:
    """Evidence F13: what bargaining over interests brings and costs: .8 against 0, over twelve years."""
    none, much = (play(DISTRICT.replace(parameters={"stance.interest_based": level}), changed, years=12) for level in (0.0, 0.8))
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


def storms(**changed: float) -> Measure:
    """Factors in context, where pivotal events are twice as frequent: C in months 1-120 with much against none; a handled event teaches."""
    stormy = DISTRICT.replace(parameters={"pivotal_events.strategic_rate": 2 / 18, "pivotal_events.workplace_rate": 2 / 15})

    def gain(scenario: Scenario, name: str, none: float, much: float) -> np.ndarray:
        levels = (play(scenario.replace(parameters={name: v}), changed, years=10) for v in (much, none))
        high, low = (runs.mean("alive_index", 1, 120) for runs in levels)
        return high - low

    help_, care = gain(stormy, "support.facilitation", 0, 1), gain(stormy, "pivotal_events.dual_track", 0, 0.9)
    open_ = gain(DISTRICT.replace(parameters={"politics.leak": 0}), "politics.transparency", 0, 1)
    steady = DISTRICT.replace(start={"kind": "mature"}, parameters=STAY)
    event, twin = (play(s, changed, years=6) for s in (steady.with_event(25, "pivotal_event", level="all", stake=1), steady))
    taught = event.mean("clarity_workplace", 37, 60) - twin.mean("clarity_workplace", 37, 60)
    lived = event.mean("alive_index", 37, 72) - twin.mean("alive_index", 37, 72)
    return lambda kept: {
        "facilitation": mean(help_[kept]),
        "dual track": mean(care[kept]),
        "openness, no leak": mean(open_[kept]),
        "clarity after an event": mean(taught[kept]),
        "C after an event": mean(lived[kept]),
    }


PATTERNS: dict[str, Callable[..., Measure]] = {
    "P1 hazard": hazard, "P2 bands": bands, "P3 honeymoon": honeymoon, "P4 news": news, "P5 top pair": top_pair, "P6 successor": successor,
    "P7 cascade": cascade, "P8 churn": churn, "P9 density": through_density, "P10 poverty": poverty_gap, "P11 middle": middle,
    "P12 participation": participation, "P13 sacrifice": sacrifice, "P14 imbalance": imbalance, "founding": founding,
    "coverage": coverage, "contracts": contracts, "exits": exits, "bargaining": bargaining, "storms": storms,
}  # fmt: skip
