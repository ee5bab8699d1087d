"""What was added to the model for a pattern is switched off, and its pattern is seen to weaken or fail.

Every addition is switched off by values of existing parameters, on the same luck. Its statistic, with minus without it, must have the
sign measured once (240 replicates), at least half the size, and three standard errors: where nothing differs, that happens once in 700.
Seeds are fixed. Additions that their own pattern does not miss are listed in `NOT_MISSED`, those that parameters cannot switch off in
`NO_OFF_VALUE`.

Run as a program, the module prints how far every pattern moves when each addition is switched off: `python test_additions.py [replicates]`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache

import patterns
import pytest
from patterns import PATTERNS, Measure, difference

CLEAR = 3.0


@dataclass(frozen=True)
class Addition:
    """An addition, how it is switched off, and the statistic of its own pattern, as measured once with it and without it."""

    name: str
    off: dict[str, float]
    pattern: str
    statistic: str
    on: float
    without: float


ADDITIONS = (
    Addition("bad news weighs more", {"trust.bad_news_ratio": 1}, "P4 news", "bad over good news at .5", 2.49, 1),
    Addition("young relationships are fragile", {"trust.young": 0}, "P1 hazard", "hazard, years 1-3", 0.055, 0.045),
    Addition("deceit leaves a ceiling", {"trust.deceit_ceiling": 1}, "P4 news", "trust after deceit", 0.74, 0.84),
    Addition("breaches are read as deceit", {"politics.deceit_reading": 0}, "storms", "openness, no leak", 0.037, 0.030),
    Addition("shortfall of authority", {"authority.shortfall_weight": 0}, "P12 participation", "trust, none minus pseudo", 0.12, -0.09),
    Addition(
        "few problems without shared authority", {"joint_gains.uninformed": 0.3},
        "P12 participation", "quality, none minus pseudo", 0.012, 0.004,
    ),
    Addition("morale", {"joint_gains.morale": 0}, "P12 participation", "quality, none minus pseudo", 0.012, -0.005),
    Addition("backlog", {"joint_gains.recurrent": 1}, "P3 honeymoon", "left at month 48, no renewal", 0.69, 1),
    Addition("sessions refill the backlog", {"joint_gains.session_refill": 0}, "P3 honeymoon", "gain at month 48, renewal", 0.25, 0.21),
    Addition("delivery takes a year", {"joint_gains.delivery_months": 1}, "P3 honeymoon", "month of the peak", 21, 11),
    Addition(
        "skill fades sooner", {"capability.fading": 0.01, "capability.session_gain": 0.25},
        "P3 honeymoon", "left at month 48, no renewal", 0.69, 0.77,
    ),
    Addition("induction", {"capability.induction": 0}, "P3 honeymoon", "gain at month 48, renewal", 0.25, 0.16),
    Addition("retreats", {"structures.retreat_meetings": 0}, "P3 honeymoon", "gain at month 48, renewal", 0.25, 0.21),
    Addition("leaders act with their teams", {"succession.team_weight": 0}, "P5 top pair", "C after, structures", 0.53, 0.5),
    Addition("peers' and upward norms", {"networks.internal_density": 0}, "P5 top pair", "lives on, structures", 0.85, 0.67),
    Addition("an outsider shakes", {"succession.shake": 0}, "P6 successor", "dip of gains", 0.94, 1.07),
    Addition(
        "flips cost superintendents their post", {"succession.flip_multiplier": 1},
        "P7 cascade", "exits after a flip over usual", 2.29, 1.30,
    ),
    Addition("flips bring outsiders", {"succession.outside_after_flip": 0.65}, "P7 cascade", "outsiders after a flip", 0.73, 0.66),
    Addition("political elections", {"politics.political": 0}, "exits", "superintendents", 0.162, 0.143),
    Addition("fiscal stress costs superintendents", {"succession.stress_multiplier": 1}, "exits", "superintendents", 0.162, 0.153),
    Addition("pressure makes weak ties", {"networks.pressed_ties": 0}, "P8 churn", "weak ties left, pressed", 0.99, 0.94),
    Addition("pressure keeps ties shallow", {"networks.pressed_depth": 0}, "P8 churn", "strong ties left, pressed", 0.88, 0.99),
    Addition("pressure centralises", {"authority.centralised": 0}, "P8 churn", "authority at the top, pressed minus churn", -0.10, -0.00),
    Addition("members' ties carry results", {"networks.member_approach": 0}, "P9 density", "share that density takes", 0.73, 0.01),
    Addition("schools differ in what they can gain", {"joint_gains.school_spread": 0}, "P9 density", "score on partnership", 0.53, 0.38),
    Addition("poverty drives members out", {"members.poverty_exit": 0}, "P10 poverty", "poor over rich, fewest ties", 3.43, 0.98),
    Addition("threat and division", {"role_strain.threat_weight": 0}, "P11 middle", "self-support, a year after a layoff", -0.016, 0.001),
    Addition("suspension", {"structures.suspension": 0}, "P13 sacrifice", "suspensions in 20 years", 1.01, 0.05),
    Addition("suspension lapses late", {"structures.lapsing_months": 0}, "P13 sacrifice", "resumed in 6 years", 0.62, 0.52),
    Addition("shared cuts are owed", {"economy.promise": 0}, "P13 sacrifice", "promises of pay broken in 20 years", 0.1, 0),
    Addition("the office is judged slowly", {"members.office_speed": 0.06}, "P14 imbalance", "years to the vote", 14.7, 11.0),
    Addition("challengers rebalance", {"politics.rebalance": 0}, "P14 imbalance", "C in the 3 years after it", 0.70, 0.75),
    Addition("founding takes half a year", {"structures.founding_months": 1}, "founding", "founded, after a strike", 0.13, 0.95),
    Addition("roll-out", {"structures.joining": 1}, "coverage", "years to nine in ten", 5.1, 0.1),
    Addition("contracts run over", {"economy.signing": 1, "economy.signing_contested": 1}, "contracts", "overrun, typical", 0.33, 0.00),
    Addition("ratification", {"economy.ratified_at": 0}, "contracts", "overrun, adversarial", 0.44, 0.34),
    Addition("strikes pay", {"economy.strike_raise": 0}, "contracts", "pay, adversarial", 0.975, 0.970),
    Addition("joint talks concede", {"economy.concession": 0}, "bargaining", "pay", -0.008, -0.001),
    Addition("concessions cost approval", {"members.concessions": 0}, "bargaining", "leaders' approval", 0.009, 0.016),
    Addition("joint talks write clauses", {"economy.joint_clauses": 0}, "bargaining", "language", 0.18, 0.15),
    Addition("recessions before the start", {"economy.history_months": 0}, "P1 hazard", "hazard, early over late", 1.69, 1.03),
    Addition(
        "handled events teach", {"pivotal_events.clarity_lesson": 0, "pivotal_events.skill_lesson": 0},
        "storms", "clarity after an event", 0.019, -0.003,
    ),
    Addition(
        "facilitators fill gaps", {"pivotal_events.facilitated_talks": 0, "pivotal_events.facilitated_schools": 0},
        "storms", "facilitation", 0.058, 0.042,
    ),
    Addition("facilitators shrink issues", {"pivotal_events.facilitated_stake": 0}, "storms", "facilitation", 0.058, 0.038),
)  # fmt: skip

NOT_MISSED = (
    Addition(
        "adaptation of leaders", {"succession.adaptation": 0},
        "P6 successor", "C lost to an outsider, long predecessor", 0.064, 0.078,
    ),
    Addition("leadership teams meet", {"structures.team_meetings": 0}, "P5 top pair", "lives on, structures", 0.847, 0.851),
    Addition(
        "candidates from the team", {"succession.from_team": 0},
        "P6 successor", "C lost to an outsider, long predecessor", 0.064, 0.060,
    ),
    Addition(
        "peers are those one is tied to", {"networks.side_weight": 100},
        "P9 density", "sd of partnership within a district", 0.0922, 0.0926,
    ),
    Addition("ties take time", {"networks.time_for_ties": 400}, "P8 churn", "strong ties left, churn", 1.01, 0.88),
    Addition(
        "districts differ in what they can gain", {"joint_gains.district_spread": 0},
        "P1 hazard", "hazard, early over late", 1.69, 1.85,
    ),
    Addition("poverty lowers base quality", {"joint_gains.poverty_burden": 0}, "P9 density", "score on partnership", 0.532, 0.534),
    Addition(
        "managers differ in need of control", {"role_strain.need_spread": 0},
        "P11 middle", "gain, lowest over highest third", 0.47, 0.50,
    ),
    Addition("reps' role strain", {"role_strain.steward_strain": 0}, "P11 middle", "gain, lowest over highest third", 0.468, 0.468),
    Addition(
        "fewer meetings after a vote", {"structures.rebalanced_meetings": 1},
        "P14 imbalance", "ended within 8 years of it", 0.23, 0.24,
    ),
    Addition("credit for contesting", {"members.independence": 0}, "P14 imbalance", "years to the vote", 14.7, 14.6),
    Addition("colleagues' opinions", {"members.social_influence": 0}, "P14 imbalance", "years to the vote", 14.7, 14.9),
    Addition("concessions are won back", {"economy.won_back": 0}, "bargaining", "pay conceded", 0.0092, 0.0093),
    Addition("talks at the table", {"structures.bargaining_meetings": 0}, "bargaining", "language", 0.182, 0.185),
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


@lru_cache(maxsize=1)
def with_everything(pattern: str) -> Measure:
    """Return a pattern with every addition in place; the last one is kept."""
    return PATTERNS[pattern]()


BY_PATTERN = sorted(ADDITIONS, key=lambda addition: addition.pattern)


@pytest.mark.slow
@pytest.mark.parametrize("addition", BY_PATTERN, ids=[addition.name for addition in BY_PATTERN])
def test_its_pattern_misses_it(addition):
    on, off, error = difference(with_everything(addition.pattern), PATTERNS[addition.pattern](**addition.off))[addition.statistic]
    expected = addition.on - addition.without
    sign = 1 if expected > 0 else -1
    assert sign * (on - off) >= max(0.5 * abs(expected), CLEAR * error), f"{on:.4f} on, {off:.4f} off, standard error {error:.4f}"


def main(replicates: int) -> None:
    """Print each statistic on and off, and the difference in standard errors, for all additions and patterns."""
    patterns.REPLICATES = replicates
    everything = {name: measured() for name, measured in PATTERNS.items()}
    for addition in (*ADDITIONS, *NOT_MISSED):
        for name, measured in PATTERNS.items():
            for statistic, (on, off, error) in difference(everything[name], measured(**addition.off)).items():
                moved = (on - off) / error if error > 0 else 0.0 if on == off else float("inf")
                print(addition.name, name, statistic, f"{on:.4f}", f"{off:.4f}", f"{moved:+.1f}", sep="\t", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
