"""What was added to the model for a pattern is switched off, and its pattern is seen to weaken or fail.

Every addition is switched off by values of existing parameters, on the same luck. Its statistic, with minus without it, must have the
sign measured once (240 replicates), at least half the size, and three standard errors: where nothing differs, that happens once in 700.
Seeds are fixed. Additions that their own pattern does not miss are listed in `NOT_MISSED`, those that parameters cannot switch off in
`NO_OFF_VALUE`.

Run as a program, the module prints how far every pattern moves when each addition is switched off: `python test_additions.py [replicates]`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pytest

from partnersim.validation.measures import MEASURES
from partnersim.validation.playing import Lab, Measure

CLEAR, REPLICATES, GROUPS = 3.0, 200, 20


@dataclass
class Bench:
    """Measures patterns with parameters changed; patterns that look at the same runs play them once."""

    replicates: int = REPLICATES
    labs: dict[tuple[tuple[str, float], ...], Lab] = field(default_factory=dict)

    def measure(self, pattern: str, **changed: float) -> Measure:
        key = tuple(sorted(changed.items()))
        if key not in self.labs:
            self.labs = {k: lab for k, lab in self.labs.items() if k == ()}  # runs take memory: keep those with everything in place
            self.labs[key] = Lab(replicates=self.replicates, changed=changed, point=True)
        return MEASURES[pattern](self.labs[key])

    def difference(self, on: Measure, off: Measure) -> dict[str, tuple[float, float, float]]:
        """Return each statistic on, off, and the standard error of their difference, by leaving out a twentieth after the other."""
        every = np.arange(self.replicates)
        groups = [every[every % GROUPS != g] for g in range(GROUPS)]
        with np.errstate(divide="ignore", invalid="ignore"):
            here, there = on(every), off(every)
            left = [(on(kept), off(kept)) for kept in groups]
        out = {}
        for name in here:
            gaps = np.array([a[name] - b[name] for a, b in left])
            out[name] = here[name], there[name], float(np.sqrt((GROUPS - 1) * np.mean((gaps - gaps.mean()) ** 2)))
        return out


@dataclass(frozen=True)
class Addition:
    """An addition, how it is switched off, and the statistic of its own pattern, as measured once with it and without it."""

    name: str
    off: dict[str, float]
    pattern: str
    statistic: str
    on: float
    without: float
    times: int = 1
    """So many times the usual replicates, where the difference is small beside its luck."""


ADDITIONS = (
    Addition("bad news weighs more", {"trust.bad_news_ratio": 1}, "P4", "bad over good news at .5", 2.49, 1),
    Addition("young relationships are fragile", {"trust.young": 0}, "P1", "hazard, years 1-3", 0.058, 0.05),
    Addition("deceit leaves a ceiling", {"trust.deceit_ceiling": 1}, "P4", "trust after deceit", 0.76, 0.876),
    Addition("breaches are read as deceit", {"politics.deceit_reading": 0}, "storms", "openness, no leak", 0.034, 0.029),
    Addition("shortfall of authority", {"authority.shortfall_weight": 0}, "P12", "trust, none minus pseudo", 0.121, -0.093),
    Addition(
        "few problems without shared authority", {"joint_gains.uninformed": 0.3},
        "P12", "quality, none minus pseudo", 0.012, 0.004,
    ),
    Addition("morale", {"joint_gains.morale": 0}, "P12", "quality, none minus pseudo", 0.012, -0.005),
    Addition("backlog", {"joint_gains.recurrent": 1}, "P3", "left at month 48, no renewal", 0.661, 1),
    Addition("sessions refill the backlog", {"joint_gains.session_refill": 0}, "P3", "gain at month 48, renewal", 0.236, 0.197),
    Addition("delivery takes a year", {"joint_gains.delivery_months": 1}, "P3", "month of the peak", 21, 11),
    Addition(
        "skill fades sooner", {"capability.fading": 0.01, "capability.session_gain": 0.25},
        "P3", "left at month 48, no renewal", 0.661, 0.738,
    ),
    Addition("induction", {"capability.induction": 0}, "P3", "gain at month 48, renewal", 0.236, 0.153),
    Addition("retreats", {"structures.retreat_meetings": 0}, "P3", "gain at month 48, renewal", 0.236, 0.204),
    Addition("leaders act with their teams", {"succession.team_weight": 0}, "P5", "C after, structures", 0.486, 0.454),
    Addition("peers' and upward norms", {"networks.internal_density": 0}, "P5", "lives on, structures", 0.851, 0.685),
    Addition("an outsider shakes", {"succession.shake": 0}, "P6", "dip of gains", 0.939, 1.08),
    Addition(
        "flips cost superintendents their post", {"succession.flip_multiplier": 1},
        "P7", "exits after a flip over usual", 2.33, 1.35,
    ),
    Addition("flips bring outsiders", {"succession.outside_after_flip": 0.65}, "P7", "outsiders after a flip", 0.715, 0.592),
    Addition("political elections", {"politics.political": 0}, "exits", "superintendents", 0.169, 0.149),
    Addition("fiscal stress costs superintendents", {"succession.stress_multiplier": 1}, "exits", "superintendents", 0.169, 0.158),
    Addition("pressure makes weak ties", {"networks.pressed_ties": 0}, "P8", "weak ties left, pressed", 1.39, 1.32),
    Addition("pressure keeps ties shallow", {"networks.pressed_depth": 0}, "P8", "strong ties left, pressed", 0.862, 0.909),
    Addition("pressure centralises", {"authority.centralised": 0}, "P8", "authority at the top, pressed minus churn", -0.097, -0.005),
    Addition("members' ties carry results", {"networks.member_approach": 0}, "P9", "share that density takes", 0.809, 0.007),
    Addition("schools differ in what they can gain", {"joint_gains.school_spread": 0}, "P9", "score on partnership", 0.488, 0.384),
    Addition("poverty drives members out", {"members.poverty_exit": 0}, "P10", "poor over rich, fewest ties", 3.42, 0.985),
    Addition("poverty lowers base quality", {"joint_gains.poverty_burden": 0}, "P9", "score on poverty", -0.133, -0.027),
    Addition("reps' role strain", {"role_strain.steward_strain": 0}, "P11", "practice in schools, years 2-5", 0.395, 0.409),
    Addition("threat and division", {"role_strain.threat_weight": 0}, "P11", "self-support, a year after a layoff", -0.016, 0.001),
    Addition("suspension", {"structures.suspension": 0}, "P13", "suspensions in 20 years", 1.09, 0.046),
    Addition("suspension lapses late", {"structures.lapsing_months": 0}, "P13", "resumed in 6 years", 0.651, 0.567, times=3),
    Addition("shared cuts are owed", {"economy.promise": 0}, "P13", "promises of pay broken in 20 years", 0.083, 0),
    Addition("the office is judged slowly", {"members.office_speed": 0.06}, "P14", "years to the vote", 15.1, 10.8),
    Addition("challengers rebalance", {"politics.rebalance": 0}, "P14", "C in the 3 years after it", 0.621, 0.67),
    Addition("founding takes half a year", {"structures.founding_months": 1}, "lag", "founded after a strike", 0.121, 0.921),
    Addition("roll-out", {"structures.joining": 1}, "coverage", "years to nine in ten schools", 5.24, 0.083),
    Addition("contracts run over", {"economy.signing": 1, "economy.signing_contested": 1}, "strikes", "overrun, typical", 0.343, 0.002),
    Addition("ratification", {"economy.ratified_at": 0}, "strikes", "overrun, adversarial", 0.44, 0.346),
    Addition("strikes pay", {"economy.strike_raise": 0}, "strikes", "pay, adversarial", 0.974, 0.969),
    Addition("joint talks concede", {"economy.concession": 0}, "bargaining", "pay", -0.008, 0),
    Addition("concessions cost approval", {"members.concessions": 0}, "bargaining", "leaders' approval", 0.008, 0.014),
    Addition("joint talks write clauses", {"economy.joint_clauses": 0}, "bargaining", "language", 0.153, 0.124),
    Addition("recessions before the start", {"economy.history_months": 0}, "P1", "hazard, years 1-3 over 8-15", 1.44, 0.851),
    Addition(
        "handled events teach", {"pivotal_events.clarity_lesson": 0, "pivotal_events.skill_lesson": 0},
        "storms", "clarity after an event", 0.018, -0.004,
    ),
    Addition(
        "facilitators fill gaps", {"pivotal_events.facilitated_talks": 0, "pivotal_events.facilitated_schools": 0},
        "storms", "facilitation", 0.045, 0.03,
    ),
    Addition("facilitators shrink issues", {"pivotal_events.facilitated_stake": 0}, "storms", "facilitation", 0.045, 0.031),
)  # fmt: skip

NOT_MISSED = (
    Addition("leadership teams meet", {"structures.team_meetings": 0}, "P5", "lives on, structures", 0.851, 0.848),
    Addition(
        "peers are those one is tied to", {"networks.side_weight": 100},
        "P9", "sd of partnership within a district", 0.101, 0.101,
    ),
    Addition(
        "districts differ in what they can gain", {"joint_gains.district_spread": 0},
        "P1", "hazard, years 1-3 over 8-15", 1.44, 1.51,
    ),
    Addition("credit for contesting", {"members.independence": 0}, "P14", "years to the vote", 15.1, 14.9),
    Addition("talks at the table", {"structures.bargaining_meetings": 0}, "bargaining", "language", 0.153, 0.153),
)  # fmt: skip

NO_OFF_VALUE = (
    "trust in log-odds",
    "density as a factor of what joint work brings (nearest: no ties between members)",
    "two opinions, of the idea and of the office (nearest: office judged as fast as the idea)",
    "hubs of the network leave more often",
    "a broken promise stays open",
    "both pools of candidates alike",
    "seven board seats (nearest: no political elections)",
    "a challenger's half of the executive board",
    "division at the top weakens the signal to principals",
)


@lru_cache(maxsize=2)
def bench(times: int) -> Bench:
    """Return the bench of so many times the usual replicates."""
    return Bench(times * REPLICATES)


@lru_cache(maxsize=1)
def with_everything(pattern: str, times: int) -> Measure:
    """Return a pattern with every addition in place; the last one is kept."""
    return bench(times).measure(pattern)


BY_PATTERN = sorted(ADDITIONS, key=lambda addition: (addition.times, addition.pattern))


@pytest.mark.slow
@pytest.mark.parametrize("addition", BY_PATTERN, ids=[addition.name for addition in BY_PATTERN])
def test_its_pattern_misses_it(addition):
    here = bench(addition.times)
    off = here.measure(addition.pattern, **addition.off)
    on, off, error = here.difference(with_everything(addition.pattern, addition.times), off)[addition.statistic]
    expected = addition.on - addition.without
    sign = 1 if expected > 0 else -1
    assert sign * (on - off) >= max(0.5 * abs(expected), CLEAR * error), f"{on:.4f} on, {off:.4f} off, standard error {error:.4f}"


def main(replicates: int) -> None:
    """Print each statistic on and off, and the difference in standard errors, for all additions and patterns."""
    played = Bench(replicates)
    everything = {name: played.measure(name) for name in MEASURES}
    for addition in (*ADDITIONS, *NOT_MISSED):
        for name in MEASURES:
            for statistic, (on, off, error) in played.difference(everything[name], played.measure(name, **addition.off)).items():
                moved = (on - off) / error if error > 0 else 0.0 if on == off else float("inf")
                print(addition.name, name, statistic, f"{on:.4f}", f"{off:.4f}", f"{moved:+.1f}", sep="\t", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
