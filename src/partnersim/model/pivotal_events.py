"""Pivotal events (M15): open issues raise stakes; a contest in procedure leaves joint work alone, a breach poisons it.

Claim
    Pivotal events test a relationship, and how they are handled decides what they leave (Cutcher-Gershenfeld, Brooks & Mulloy 2015);
    lasting partnerships run bargaining and joint work side by side (Walton & McKersie 1965; Cooke 1990).

Equations
    ::

        arrival     leaders 1/18 months, size Exp(.60) up to 1.5; each school 1/15, Exp(.32) up to 1;   z = max(z, new)
        procedure   pr = 1 - (1 - dt sqrt(kappa K)) (1 - .35 fac F) if there is something to contest, else 0; schools .2 for .35
                    separation: leaders pr w.p. pr, else 0; schools pr
        closing     C-C: z = 0;  somebody contests: z *= .5;  avoided: z *= 1.05
        learning    of what was settled by C-C or in procedure, dz:  kappa += .25 dz (1 - kappa),  K += .10 dz (1 - K)
        breach      a leader's contest without separation, severity b = min(z + .15, 1.5); the other side's people in schools:
                    l -= spill [4 b (1 - .5 kappa) R(T)/rho + 2 (1 + z)(1 - .7 kappa)],   J *= 1 - jbr min(1, b (1 - .5 kappa))
        deceit      a breach is read as deceit w.p. dec_0 (1 - chi) min(b, 1): ceiling of the other leader = dec max(T, .3), of reps half
                    way; once for a spell of deceitful months
        debt        a promise withheld (economy) keeps z_0 >= .6 b, z_s >= .3 b and costs v .003 b a month, b = min(1, owed/.03)

    A contest within procedure spills only 2 spill (1 + z)(1 - separation)(1 - .7 kappa).

Instead of the prototype
    Losses are log-odds steps (trust). The step first specified, 4 b R(T), is divided by rho, so that at T = .5 a breach costs what the
    prototype's factor 1 - 2 spill b did; with R undivided it cost two and a half times as much. Handled events teach: in the
    prototype events only harmed. Facilitation was added to skill and clarity; now it fills the gap that they leave, so it is worth most
    where they are low.

Limits
    One open issue a dyad; what it is about is not modelled. A rep's ceiling after a superintendent's deceit heals when the principal changes,
    not when the superintendent does. Leaders who contest where no partnership exists spill into schools by the same rule, though nothing
    agreed is broken; the log calls it a breach only where one exists. An event handled together makes meaning clearer, but practice is not more
    alive after it than without it: pivotal events that strengthen a partnership are not reproduced.

Sources
    Cutcher-Gershenfeld, Brooks & Mulloy 2015; Walton & McKersie 1965; Rousseau 1995; Schweitzer, Hershey & Bradlow 2006.
"""

import math

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import exponential
from partnersim.engine.random import block, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import CONTEST, NOBODY, STRATEGIC, UNION
from partnersim.model.trust import bad_news, shift
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="pivotal_events",
    claim="Pivotal events test the relationship; how they are handled decides what they leave.",
    off="absent",
    parameters=(
        Parameter(name="strategic_rate", default=1 / 18, bounds=(0, 1), sweep=(0, 4 / 18), unit="1/month", role="world", status="assumed",
                  source="assumed; eight pivotal episodes in ten years at Xerox", meaning="pivotal events of the leaders", sign="-"),
        Parameter(name="strategic_size", default=0.60, bounds=(0, 3), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="mean stake of a strategic event"),
        Parameter(name="workplace_rate", default=1 / 15, bounds=(0, 1), sweep=(0, 4 / 15), unit="1/month", role="world", status="assumed",
                  source="assumed", meaning="pivotal events of a school", sign="-"),
        Parameter(name="workplace_size", default=0.32, bounds=(0, 3), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="mean stake of a school's event"),
        Parameter(name="fester", default=1.05, bounds=(1, 2), unit="factor/month", role="fixed", status="assumed",
                  source="assumed", meaning="growth of an avoided issue"),
        Parameter(name="dual_track", symbol="dt", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="Walton & McKersie 1965 (idea), level assumed", meaning="care taken to keep contest and joint work apart", sign="+"),
        Parameter(name="spill", default=0.05, bounds=(0, 1), sweep=(0, 0.15), unit="log-odds", role="world", status="calibrated",
                  source="assumed", meaning="spill of a leaders' contest into schools' trust", sign="-"),
        Parameter(name="breach", symbol="jbr", default=0.25, bounds=(0, 1), sweep=(0, 0.5), unit="share", role="world", status="assumed",
                  source="Rousseau 1995 (idea), size assumed", meaning="value lost by a breach of severity 1", sign="-"),
        Parameter(name="clarity_lesson", default=0.25, bounds=(0, 1), sweep=(0, 0.5), unit="1/gu", role="world", status="assumed",
                  source="assumed", meaning="clarity gained by handling an event of stake 1", sign="+"),
        Parameter(name="skill_lesson", default=0.10, bounds=(0, 1), sweep=(0, 0.3), unit="1/gu", role="world", status="assumed",
                  source="assumed", meaning="skill gained by handling an event of stake 1", sign="+"),
        Parameter(name="facilitated_talks", default=0.35, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="leaders' contests that full facilitation keeps in procedure where nothing else would"),
        Parameter(name="facilitated_schools", default=0.2, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="the same in schools"),
        Parameter(name="facilitated_stake", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="how far facilitation shrinks leaders' issues"),
    ),
)  # fmt: skip

ARRIVES = stream("pivotal_events.arrives")
PROCEDURE = stream("pivotal_events.stays_in_procedure")
DECEIT = stream("pivotal_events.read_as_deceit")
ARRIVED, BREACH = word("pivotal event"), word("breach")
DECEITFUL = word("read as deceit")


@step(writes=("issue", "issue_stake", "issue_open"))
def arrive(
    dyad_group, dyad_id, dyad_site, grievances, facilitation, exists, window, broken, issue, issue_stake, issue_open,
    p, p_members, key0, key1, month, events,
):  # fmt: skip
    """Issues arise; a broken promise keeps one open."""
    for d in range(issue.shape[0]):
        top = dyad_group[d] == STRATEGIC
        a, b, _, _ = block(key0, key1, ARRIVES, month, dyad_id[d], 0)
        if unit(a) < (p.strategic_rate if top else p.workplace_rate):
            size = min((p.strategic_size if top else p.workplace_size) * exponential(unit(b)), 1.5 if top else 1.0)
            note(events, month, ARRIVED, dyad_group[d], dyad_site[d], NOBODY, NOTHING, size)
            issue[d] = max(issue[d], size)
        issue[d] = max(issue[d], (0.6 if top else 0.3) * broken[0])
        if top:
            issue_stake[d] = issue[d] * (1.0 - p.facilitated_stake * facilitation[0] * exists[0])
            issue_open[d] = 1 if issue[d] > 0.1 or window[0] == 1 else 0
        else:
            issue_stake[d] = issue[d]
            issue_open[d] = 1 if issue[d] > 0.1 or grievances[dyad_site[d]] > 1.2 * p_members.usual_grievances else 0


@step(writes=("separation",))
def contain(
    dyad_group, dyad_id, union_of, management_of, clarity, working_skill, facilitation, exists, issue_open, breach_until, separation,
    p, key0, key1, month,
):  # fmt: skip
    """Skill, shared understanding and facilitators keep a contest in procedure; an announced breach stays outside it."""
    for d in range(separation.shape[0]):
        top = dyad_group[d] == STRATEGIC
        shared_skill = 0.5 * (working_skill[union_of[d]] + working_skill[management_of[d]])
        left_to_chance = 1.0 - p.dual_track * math.sqrt(clarity[d] * shared_skill)
        help_at_hand = (p.facilitated_talks if top else p.facilitated_schools) * facilitation[0] * exists[0]
        chance = (1.0 - left_to_chance * (1.0 - help_at_hand)) * issue_open[d]
        separation[d] = chance
        if top and unit(block(key0, key1, PROCEDURE, month, dyad_id[d], 0)[0]) >= chance:
            separation[d] = 0.0
        if top and max(breach_until[0, 0], breach_until[0, 1]) >= month:
            separation[d] = 0.0


@step(writes=("ceiling", "deceit_month"), adds=("trust", "value", "approval"))
def spill(
    union_of, management_of, stance, clarity, separation, issue, exists, broken, breach_deceit, trust, value, ceiling, deceit_month,
    approval, p, p_trust, p_politics, key0, key1, month, events,
):  # fmt: skip
    """A leader's contest reaches the schools; outside procedure it is a breach, and may be read as deceit."""
    for side in range(2):
        offender = management_of[0] if side == UNION else union_of[0]
        if stance[offender] != CONTEST:
            continue
        severity = min(issue[0] + 0.15, 1.5) if separation[0] == 0.0 else 0.0
        doubt = p_politics.deceit_reading * (1.0 - p_politics.transparency) * min(severity, 1.0)
        deceit = severity > 0.0 and unit(block(key0, key1, DECEIT, month, side, 0)[0]) < doubt
        if breach_deceit[0, 1 - side] >= 0.0 and severity > 0.0:
            deceit = breach_deceit[0, 1 - side] > 0.5
        if severity > 0.0 and exists[0] == 1:
            note(events, month, BREACH, STRATEGIC, NOBODY, 1 - side, DECEITFUL if deceit else NOTHING, severity)
        new_deceit = deceit and month - deceit_month[0, side] > 1
        if deceit:
            deceit_month[0, side] = month
        if new_deceit:
            ceiling[0, side] = min(ceiling[0, side], p_trust.deceit_ceiling * max(trust[0, side], 0.3))
            trust[0, side] = min(trust[0, side], ceiling[0, side])
        for d in range(1, trust.shape[0]):
            now = trust[d, side]
            if new_deceit:
                ceiling[d, side] = min(ceiling[d, side], 0.5 * (1.0 + p_trust.deceit_ceiling * now))
            shielded = severity * (1.0 - 0.5 * clarity[d])
            step_down = 4.0 * shielded * bad_news(now, p_trust.bad_news_ratio) / p_trust.bad_news_ratio
            step_down += 2.0 * (1.0 + issue[0]) * (1.0 - separation[0]) * (1.0 - 0.7 * clarity[d])
            trust[d, side] = shift(now, -p.spill * step_down, ceiling[d, side])
            value[d, side] *= 1.0 - p.breach * min(1.0, shielded)
    if broken[0] > 0.0:
        for k in range(approval.shape[0]):
            approval[k] = max(0.0, approval[k] - 0.003 * broken[0])


@step(writes=("issue",), adds=("clarity", "skill"))
def close(union_of, management_of, stance, joint, separation, issue, clarity, skill, p):
    """Issues are settled together, fought out or avoided; what is settled in an orderly way teaches."""
    for d in range(issue.shape[0]):
        before = issue[d]
        contested = stance[union_of[d]] == CONTEST or stance[management_of[d]] == CONTEST
        if joint[d] >= 1.0:
            issue[d] = 0.0
        elif contested:
            issue[d] = 0.5 * before
        else:
            issue[d] = min(p.fester * before, 1.5 if d == 0 else 1.0)
        if issue[d] < 0.02:
            issue[d] = 0.0
        orderly = 1.0 if joint[d] >= 1.0 else (separation[d] if contested else 0.0)
        settled = orderly * max(0.0, before - issue[d])
        clarity[d] += min(1.0, p.clarity_lesson * settled) * (1.0 - clarity[d])
        for i in (union_of[d], management_of[d]):
            skill[i] += min(1.0, p.skill_lesson * settled) * (1.0 - skill[i])
