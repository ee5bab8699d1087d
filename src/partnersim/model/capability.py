"""Capability (M6): partnering skill comes from joint training and from doing, fades, and leaves with people.

Claim
    Training that is cut in hard times opens a capability trap: less skill, smaller gains, less joint work, less learning by
    doing (Repenning & Sterman 2002). Unions often lack the capacity for both of their roles (Eaton & Rubinstein 2006).

Equations
    ::

        session  w.p. train * F (1 - S) [management leader does not contest] (1 - gap/.10)+ (.5 + .5 nat) max(.3, mean attendance)
        K += dtrain (1 - K) [session] + lbd q (1 - K) - d_K K          a month, both people of the dyad
        K += .10 (1 - K)                                               leaders and their teams, after a retreat

    Only schools that have joined train, and nobody while the partnership is suspended (S). At the bargaining table, in the contract
    window, a leader has the mean skill of the team; in other months a part of it (succession).

    Newcomers bring K_new + .25 I (succession); with probability induct, where a partnership exists, they are taken through two
    sessions' worth at once: K += 2 dtrain (1 - K). In a month with a session joint work in the school yields less and costs the
    rep time (joint gains), and collaborating there costs `session_cost` more (stance). The leaders' sessions are always attended and cost them
    nothing.

Instead of the prototype
    Skill fades faster (d_K .015, was .010) and sessions give more (dtrain .30, was .25), so that a partnership without renewal loses
    its edge within the two years that evidence S8 reports.

Limits
    One skill for problem solving, meeting leadership and bargaining.

Sources
    Repenning & Sterman 2002; Kochan, Katz & McKersie 1986; Eaton & Rubinstein 2006; training doses: evidence F15, F16.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import CONTEST, STRATEGIC, UNION, team_mean
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="capability",
    claim="Joint training and practice build the skill that makes joint work pay.",
    parameters=(
        Parameter(name="sessions_per_year", symbol="train", default=1.0, bounds=(0, 12), sweep=(0, 4), unit="1/year", role="lever", status="assumed",
                  source="evidence F15, F16: yearly", meaning="joint training sessions planned a dyad and year", sign="+"),
        Parameter(name="session_gain", symbol="dtrain", default=0.30, bounds=(0, 0.5), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the missing skill that a session supplies"),
        Parameter(name="retreat_gain", default=0.10, bounds=(0, 0.5), unit="share", role="fixed", status="assumed",
                  source="assumed: a third of a session, for everybody at the top at once", meaning="share of the missing skill that a retreat supplies"),
        Parameter(name="by_doing", symbol="lbd", default=0.008, bounds=(0, 0.1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="learning by doing in a month of mutual collaboration"),
        Parameter(name="fading", symbol="d_K", default=0.015, bounds=(0, 0.1), sweep=(0.005, 0.03), unit="1/month", role="world", status="calibrated",
                  source="assumed; compare P3", meaning="fading of skill", sign="-"),
        Parameter(name="induction", symbol="induct", default=0.3, bounds=(0, 1), sweep=(0, 1), unit="probability", role="lever",
                  status="assumed", source="evidence S6 (training of new hires), level assumed", meaning="newcomers who are trained when they arrive", sign="+"),
        Parameter(name="session_cost", default=0.15, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="burden of a session on the month's collaborating"),
    ),
)  # fmt: skip

HOLDS = stream("capability.holds_session")


@step(writes=("working_skill", "session", "training_burden"))
def train(
    person_rank, person_side, dyad_id, dyad_site, union_of, management_of, stance, exists, suspended, joined, window, gap, national, skill,
    working_skill, session, training_burden, p, p_structures, p_succession, key0, key1, month,
):  # fmt: skip
    """Sessions are held where planned, paid for and attended; leaders have the skill of their team at their disposal."""
    for i in range(skill.shape[0]):
        working_skill[i] = skill[i]
        training_burden[i] = 0.0
    for side in range(2):
        i = union_of[0] if side == UNION else management_of[0]
        advice = team_mean(skill, person_rank, person_side, side, skill[i])
        working_skill[i] += (1.0 if window[0] == 1 else p_succession.team_weight) * (advice - skill[i])
    paid = clip(1.0 - gap[0] / 0.10, 0.0, 1.0) * exists[0] * (1.0 - suspended[0]) * (0.5 + 0.5 * national[0])
    if stance[management_of[0]] == CONTEST:
        paid = 0.0
    cooperative = (1.0, p_structures.lukewarm, 0.0)
    for d in range(session.shape[0]):
        a, b, _, _ = block(key0, key1, HOLDS, month, dyad_id[d], 0)
        attended = 1.0
        if d > 0:
            mean = 0.5 * (cooperative[stance[union_of[d]]] + cooperative[stance[management_of[d]]])
            attended = joined[dyad_site[d]] * max(0.3, mean)
        session[d] = 1 if unit(a) < p.sessions_per_year / 12.0 and unit(b) < paid * attended else 0
        if d > 0:
            training_burden[union_of[d]] += p.session_cost * session[d]
            training_burden[management_of[d]] = max(training_burden[management_of[d]], p.session_cost * session[d])


@step(writes=("skill",))
def learn(person_group, first_dyad, dyad_count, session, retreat, joint, skill, p):
    """People learn in sessions, on retreats and by doing, and forget; advisers learn with their leader."""
    for i in range(skill.shape[0]):
        many = max(1, dyad_count[i])
        trained = 0.0
        worked = 0.0
        for d in range(first_dyad[i], first_dyad[i] + many):
            trained = max(trained, session[d])
            worked += joint[d] / many
        k = skill[i]
        if person_group[i] == STRATEGIC:
            k += p.retreat_gain * retreat[0] * (1.0 - k)
        k = k + p.session_gain * trained * (1.0 - k) + p.by_doing * worked * (1.0 - k) - p.fading * k
        skill[i] = min(1.0, k)
