"""Stance (M1): each month everybody collaborates, holds back or contests, by what each is expected to bring.

Claim
    Labour relations are mixed-motive: the same parties create value together and divide it, and each weighs both
    (Walton & McKersie 1965). Collaborate, hold back and contest are fostering, escape and forcing (Walton,
    Cutcher-Gershenfeld & McKersie 1994).

Equations
    Stage payoff to a person (own stance, counterpart's), with experienced gain J and effective stake s, in gain units (gu)::

        u(C,C) = J - k         u(C,H) = eta J - k          u(C,D) = -s - k
        u(H,C) = eta J         u(H,H) = 0                  u(H,D) = -phi_H s
        u(D,C) = theta s - k_D u(D,H) = theta phi_H s - k_D  u(D,D) = -k_c - k_D

    Beliefs come from trust T without a further parameter: P(C) = T, P(H) = T (1 - T), P(D) = (1 - T)^2. With the shadow of the
    future W = w H/(H + 24) T J (H: expected months in office)::

        V(C) = EU(C) + psi phi + a_C      V(H) = EU(H) - W/2      V(D) = EU(D) - W - psi phi - P + a_D
        Pr(stance) = exp(V/tau) / sum

    phi is disposition, P memory of conflict; a_C and a_D are what the other mechanisms add (peers, leader's signal, habit,
    strain, grievances, mandate, session cost, pulls). The effective stake is
    s = (sigma_0 [workplace: .6 sigma_0] + economy + open issue) (1 - ib Kbar): skilled people keep stakes small.
    Leaders choose first; their signal reaches the schools in the same month. A principal who deals with several representatives has one
    stance, judged by the mean over them. A leader acts with the team: T and phi are (1 - tw) own + tw team's mean.

Instead of the prototype
    Effort was .12 gu and stood for all that makes joint work tiresome. Threat, need of control and the stewards' lost role have terms of their
    own now (role strain); with .12 on top the default district had five-year survival .52 and a quarter of runs vital.

Ledger of the will
    While a ledger is kept, the change of V(C) - V(D) since last month is split by input, switching inputs from old to new in
    the order of `WILL_INPUTS`, so the parts add up.

Limits
    Beliefs are about conduct, not about motives. Only ratios to tau matter; tau is fixed by convention.

Sources
    Walton & McKersie 1965; Walton, Cutcher-Gershenfeld & McKersie 1994; McKelvey & Palfrey 1995 (logit response).
"""

import numpy as np

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import exp
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST, HOLD, LEADS, STRATEGIC, UNION, WORKPLACE, team_mean
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="stance",
    claim="Mixed-motive choice by expected value, with beliefs from trust.",
    off="never",
    parameters=(
        Parameter(name="effort", symbol="k", default=0.08, bounds=(0, 1), sweep=(0.05, 0.30), unit="gu", role="world", status="calibrated",
                  source="assumed: a third of the choice noise", meaning="effort of collaborating", sign="-"),
        Parameter(name="contest_cost", symbol="k_D", default=0.10, bounds=(0, 1), unit="gu", role="fixed", status="definition",
                  source="convention", meaning="cost of contesting"),
        Parameter(name="conflict_cost", symbol="k_c", default=0.45, bounds=(0, 2), sweep=(0.2, 1.0), unit="gu", role="world", status="calibrated",
                  source="assumed: about two units of choice noise", meaning="cost of mutual contest", sign="?"),
        Parameter(name="half_hearted", symbol="eta", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="convention; 0-.5 is plausible", meaning="share of the joint gain if one side holds back"),
        Parameter(name="contest_win", symbol="theta", default=0.8, bounds=(0, 1.5), unit="share", role="fixed", status="assumed",
                  source="convention; lower for the union under hostile law", meaning="share of the stake that contesting wins"),
        Parameter(name="guarded_loss", symbol="phi_H", default=0.6, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="convention; .3-.9 is plausible", meaning="share of the stake lost when holding back against a contest"),
        Parameter(name="noise", symbol="tau", default=0.24, bounds=(0.01, 5), unit="gu", role="fixed", status="definition",
                  source="sets the gain unit", meaning="choice noise"),
        Parameter(name="disposition_weight", symbol="psi", default=0.40, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed; swept in structural tests only", meaning="weight of a person's disposition"),
        Parameter(name="stake", symbol="sigma_0", default=0.40, bounds=(0, 3), sweep=(0.2, 0.8), unit="gu", role="world", status="calibrated",
                  source="assumed; compare P2", meaning="distributive stake in ordinary months", sign="-"),
        Parameter(name="workplace_stake", default=0.6, bounds=(0, 2), unit="share", role="fixed", status="assumed",
                  source="convention: pay is settled at the top", meaning="workplace stake as a share of the leaders'"),
        Parameter(name="interest_based", symbol="ib", default=0.5, bounds=(0, 1), sweep=(0, 0.8), unit="share", role="lever", status="assumed",
                  source="assumed: skilled parties find more to settle jointly (evidence F13, direction)", meaning="how far skill shrinks stakes", sign="+"),
        Parameter(name="future_weight", symbol="w", default=0.52, bounds=(0, 2), sweep=(0, 1), unit="-", role="world", status="calibrated",
                  source="assumed; compare P1", meaning="weight of the shadow of the future", sign="+"),
        Parameter(name="horizon_scale", default=24, bounds=(1, 120), unit="months", role="fixed", status="assumed",
                  source="assumed; 12-48 is plausible", meaning="expected stay at which the future has half its weight"),
        Parameter(name="ready_founded", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; evidence I7: about a third support it for themselves",
                  meaning="workplace people who collaborate at the start where a partnership exists"),
        Parameter(name="ready_unfounded", default=0.1, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="the same where none exists"),
    ),
)  # fmt: skip

FIRST, LEADERS = np.int64(0), np.int64(2)
CHOOSES = stream("stance.chooses")
STARTS = stream("stance.starts")

WILL_INPUTS = (
    "trust", "value", "horizon", "economic stake", "issue stake", "skill",
    "disposition", "memory", "peers", "leader signal", "habit", "strain", "grievances", "mandate", "session cost", "pulls",
)  # fmt: skip
LINEAR = 6  # the first six inputs enter nonlinearly, the others are added


@helper
def worth(p, trust, value, horizon, stake):
    """Return the expected worth [gu] of collaborating, holding back and contesting, before personal terms."""
    c = trust
    h = trust * (1.0 - trust)
    d = (1.0 - trust) * (1.0 - trust)
    future = p.future_weight * horizon / (horizon + p.horizon_scale) * trust * value
    collaborate = c * value + h * p.half_hearted * value - d * stake - (c + h + d) * p.effort
    hold = c * p.half_hearted * value - d * p.guarded_loss * stake - 0.5 * future
    contest = (c + h * p.guarded_loss) * p.contest_win * stake - d * p.conflict_cost - (c + h + d) * p.contest_cost - future
    return collaborate, hold, contest


@helper
def effective_stake(p, base, economic, issue, skill):
    """Return the stake [gu] that is left when skilled people frame it as a common problem."""
    return (p.stake * base + economic + issue) * (1.0 - p.interest_based * skill)


@helper
def margin(p, base, x):
    """Return the nonlinear part of V(C) - V(D) for inputs x."""
    collaborate, _, contest = worth(p, x[0], x[1], x[2], effective_stake(p, base, x[3], x[4], x[5]))
    return collaborate - contest


@helper
def book_will(p, base, last, now, group, count, month, will):
    """Split the change of V(C) - V(D) since last month by input, switching one input after the other."""
    if last[0] > 0.0:
        before = margin(p, base, last)
        for n in range(LINEAR):
            last[n] = now[n]
            after = margin(p, base, last)
            will[month, group, n] += (after - before) / count
            before = after
        for n in range(LINEAR, len(now)):
            will[month, group, n] += (now[n] - last[n]) / count
    for n in range(len(now)):
        last[n] = now[n]


@step(writes=("expected", "worthwhile", "economic_load", "issue_load", "shared_skill", "inclination"))
def consider(
    person_side, person_rank, first_dyad, dyad_count, union_of, management_of, trust, team_trust, value, economic_stake, issue_stake,
    working_skill, disposition, expected, worthwhile, economic_load, issue_load, shared_skill, inclination, p_succession,
):  # fmt: skip
    """Everybody sums up the people they deal with; leaders hear their team."""
    for i in range(expected.shape[0]):
        side, many = person_side[i], dyad_count[i]
        if many == 0:
            continue
        expected[i] = 0.0
        worthwhile[i] = 0.0
        economic_load[i] = 0.0
        issue_load[i] = 0.0
        shared_skill[i] = 0.0
        for d in range(first_dyad[i], first_dyad[i] + many):
            expected[i] += trust[d, side] / many
            worthwhile[i] += value[d, side] / many
            economic_load[i] += economic_stake[d] / many
            issue_load[i] += issue_stake[d] / many
            shared_skill[i] += 0.5 * (working_skill[union_of[d]] + working_skill[management_of[d]]) / many
        inclination[i] = disposition[i]
    share = p_succession.team_weight
    for side in range(2):
        i = union_of[0] if side == UNION else management_of[0]
        expected[i] += share * (team_mean(team_trust, person_rank, person_side, side, expected[i]) - expected[i])
        inclination[i] += share * (team_mean(disposition, person_rank, person_side, side, inclination[i]) - inclination[i])


@helper
def choose(
    first, last, count, person_group, person_id, person_rank, expected, worthwhile, economic_load, issue_load, shared_skill, inclination,
    horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest, mandate_collaborate,
    mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, p, key0, key1, month, will, fault,
):  # fmt: skip
    """Let persons `first` .. `last - 1` (`count` of them choose) take their stances at the same time."""
    booking = will.shape[0] > 0
    for i in range(first, last):
        if person_rank[i] != LEADS:
            continue
        base = 1.0 if person_group[i] == STRATEGIC else p.workplace_stake
        stake = effective_stake(p, base, economic_load[i], issue_load[i], shared_skill[i])
        common = peer_norm[i] + leader_signal[i]
        collaborate, hold, contest = worth(p, expected[i], worthwhile[i], horizon[i], stake)
        personal = p.disposition_weight * inclination[i]
        collaborate += (
            personal + common + habit[0] - strain[i] + grievance_collaborate[i] + mandate_collaborate[i]
            - training_burden[i] + pull_collaborate[i]
        )  # fmt: skip
        contest += grievance_contest[i] + mandate_contest[i] + pull_contest[i] - personal - memory[i] - common
        if booking:
            now = (
                expected[i], worthwhile[i], horizon[i], economic_load[i], issue_load[i], shared_skill[i],
                2.0 * personal, memory[i], 2.0 * peer_norm[i], 2.0 * leader_signal[i], habit[0], -strain[i],
                grievance_collaborate[i] - grievance_contest[i], mandate_collaborate[i] - mandate_contest[i],
                -training_burden[i], pull_collaborate[i] - pull_contest[i],
            )  # fmt: skip
            book_will(p, base, will_inputs[i], now, person_group[i], count, month, will)
        top = max(collaborate, hold, contest)
        weight_c = exp((collaborate - top) / p.noise)
        weight_h = exp((hold - top) / p.noise)
        total = weight_c + weight_h + exp((contest - top) / p.noise)
        if not total >= 1.0:
            fault[0] = 1
            fault[1] = i
            return
        u = unit(block(key0, key1, CHOOSES, month, person_id[i], 0)[0]) * total
        stance[i] = COLLABORATE if u < weight_c else (HOLD if u < weight_c + weight_h else CONTEST)
        pull_collaborate[i] = 0.0
        pull_contest[i] = 0.0


@helper
def output(p, union, management):
    """Return the joint output of a dyad's month, given both stances."""
    if union == CONTEST or management == CONTEST or union + management == 2 * HOLD:
        return 0.0
    return 1.0 if union + management == 2 * COLLABORATE else p.half_hearted


@step(writes=("stance", "joint", "pull_collaborate", "pull_contest", "will_inputs"))
def lead(
    person_group, person_id, person_rank, union_of, management_of, expected, worthwhile, economic_load, issue_load, shared_skill,
    inclination, horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest,
    mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, joint, breach_until,
    stance_until, stance_taken,
    p, key0, key1, month, will, fault,
):  # fmt: skip
    """The two leaders choose, unless the scenario prescribes a stance or a breach."""
    choose(
        FIRST, LEADERS, LEADERS, person_group, person_id, person_rank, expected, worthwhile, economic_load, issue_load, shared_skill, inclination,
        horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest, mandate_collaborate,
        mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, p, key0, key1, month, will, fault,
    )  # fmt: skip
    for side in range(2):
        i = union_of[0] if side == UNION else management_of[0]
        if stance_until[0, side] >= month:
            stance[i] = stance_taken[0, side]
        if breach_until[0, side] >= month:
            stance[i] = CONTEST
    joint[0] = output(p, stance[union_of[0]], stance[management_of[0]])


@step(writes=("stance", "joint", "pull_collaborate", "pull_contest", "will_inputs"))
def respond(
    person_group, person_id, person_rank, union_of, management_of, expected, worthwhile, economic_load, issue_load, shared_skill,
    inclination, horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest,
    mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, joint,
    p, key0, key1, month, will, fault,
):  # fmt: skip
    """Managers and stewards choose, after their leaders."""
    people = stance.shape[0]
    count = np.int64(0)
    for i in range(LEADERS, people):
        count += 1 if person_rank[i] == LEADS else 0
    choose(
        LEADERS, people, count, person_group, person_id, person_rank, expected, worthwhile, economic_load, issue_load, shared_skill,
        inclination, horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest,
        mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, p, key0, key1, month,
        will, fault,
    )  # fmt: skip
    for d in range(1, joint.shape[0]):
        joint[d] = output(p, stance[union_of[d]], stance[management_of[d]])


@step(writes=("stance",))
def begin(person_id, person_group, exists, stance, p, key0, key1, month):
    """At the start leaders collaborate where a partnership exists, else hold back; at the workplace some collaborate."""
    ready = p.ready_founded if exists[0] == 1 else p.ready_unfounded
    for i in range(stance.shape[0]):
        if person_group[i] == WORKPLACE:
            u = unit(block(key0, key1, STARTS, month, person_id[i], 0)[0])
            stance[i] = COLLABORATE if u < ready else HOLD
        else:
            stance[i] = COLLABORATE if exists[0] == 1 else HOLD
