"""Pivotal events (M15): open issues raise stakes; a contest in procedure leaves joint work alone, a breach poisons it.

Equations
    arrival: leaders 1/18 months, size Exp(.60) cap 1.5; each school 1/15, Exp(.32) cap 1; z = max(z, new)
    C-C: z = 0; any D: z *= .5; otherwise z *= 1.05
    procedure: sep_0 = pr w.p. pr else 0, pr = clip(dt sqrt(kappa K) + .3 fac F, 0, .95) if open; schools sep = dt sqrt(kappa K) + .2 fac F
    breach: a leader's D with sep = 0, severity b = min(z + .15, 1.5)
"""

import math

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, exponential
from partnersim.engine.random import block, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import CONTEST, NOBODY, STRATEGIC, UNION
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="pivotal_events",
    claim="Pivotal events test the relationship; how they are handled decides what they leave.",
    off="absent",
    parameters=(
        Parameter(name="strategic_rate", default=1 / 18, bounds=(0, 1), sweep=(0, 4 / 18), unit="1/month", role="world", status="assumed",
                  source="assumed", meaning="pivotal events of the leaders", sign="-"),
        Parameter(name="strategic_size", default=0.60, bounds=(0, 3), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="mean stake of a strategic event"),
        Parameter(name="workplace_rate", default=1 / 15, bounds=(0, 1), sweep=(0, 4 / 15), unit="1/month", role="world", status="assumed",
                  source="assumed", meaning="pivotal events of a school", sign="-"),
        Parameter(name="workplace_size", default=0.32, bounds=(0, 3), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="mean stake of a school's event"),
        Parameter(name="fester", default=1.05, bounds=(1, 2), unit="factor/month", role="fixed", status="assumed",
                  source="assumed", meaning="growth of an avoided issue"),
        Parameter(name="dual_track", symbol="dt", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="Walton & McKersie 1965 (idea)", meaning="care taken to keep contest and joint work apart", sign="+"),
        Parameter(name="spill", default=0.05, bounds=(0, 1), sweep=(0, 0.15), unit="share", role="world", status="assumed",
                  source="assumed", meaning="spill of a leaders' contest into schools' trust", sign="-"),
        Parameter(name="breach", symbol="jbr", default=0.25, bounds=(0, 1), sweep=(0, 0.5), unit="share", role="world", status="assumed",
                  source="assumed", meaning="value lost by a breach of severity 1", sign="-"),
        Parameter(name="facilitated_stake", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="how far facilitation shrinks leaders' issues"),
    ),
)  # fmt: skip

ARRIVES = stream("pivotal_events.arrives")
PROCEDURE = stream("pivotal_events.stays_in_procedure")
ARRIVED, BREACH = word("pivotal event"), word("breach")


@step(writes=("issue", "issue_stake", "issue_open"))
def arrive(dyad_group, dyad_id, dyad_site, grievances, facilitation, exists, window, issue, issue_stake, issue_open, p, p_members, key0, key1, month, events):
    """Issues arise."""
    for d in range(issue.shape[0]):
        top = dyad_group[d] == STRATEGIC
        a, b, _, _ = block(key0, key1, ARRIVES, month, dyad_id[d], 0)
        if unit(a) < (p.strategic_rate if top else p.workplace_rate):
            size = min((p.strategic_size if top else p.workplace_size) * exponential(unit(b)), 1.5 if top else 1.0)
            note(events, month, ARRIVED, dyad_group[d], dyad_site[d], NOBODY, NOTHING, size)
            issue[d] = max(issue[d], size)
        if top:
            issue_stake[d] = issue[d] * (1.0 - p.facilitated_stake * facilitation[0] * exists[0])
            issue_open[d] = 1 if issue[d] > 0.1 or window[0] == 1 else 0
        else:
            issue_stake[d] = issue[d]
            issue_open[d] = 1 if issue[d] > 0.1 or grievances[dyad_site[d]] > 1.2 * p_members.usual_grievances else 0


@step(writes=("separation",))
def contain(dyad_group, dyad_id, union_of, management_of, clarity, skill, facilitation, exists, issue_open, separation, p, key0, key1, month):
    """Whether a contest stays in procedure."""
    for d in range(separation.shape[0]):
        top = dyad_group[d] == STRATEGIC
        shared_skill = 0.5 * (skill[union_of[d]] + skill[management_of[d]])
        help_at_hand = (0.3 if top else 0.2) * facilitation[0] * exists[0]
        chance = clip(p.dual_track * math.sqrt(clarity[d] * shared_skill) + help_at_hand, 0.0, 0.95) * issue_open[d]
        if top:
            stays = unit(block(key0, key1, PROCEDURE, month, dyad_id[d], 0)[0]) < chance
            separation[d] = chance if stays else 0.0
        else:
            separation[d] = chance


@step(writes=("issue",), adds=("trust", "value"))
def resolve(dyad_site, union_of, management_of, stance, joint, clarity, separation, issue, trust, value, p, month, events):
    """A leader's contest outside procedure is a breach that spills into schools; issues close, halve or fester."""
    for side in range(2):
        offender = management_of[0] if side == UNION else union_of[0]
        if stance[offender] == CONTEST:
            breached = separation[0] == 0.0
            severity = min(issue[0] + 0.15, 1.5) if breached else 0.0
            if breached:
                note(events, month, BREACH, STRATEGIC, NOBODY, 1 - side, NOTHING, severity)
            for d in range(1, trust.shape[0]):
                shielded = severity * (1.0 - 0.5 * clarity[d])
                trust[d, side] *= 1.0 - 2.0 * p.spill * shielded
                value[d, side] *= 1.0 - p.breach * shielded
                trust[d, side] *= 1.0 - p.spill * (1.0 + issue[0]) * (1.0 - separation[0]) * (1.0 - 0.7 * clarity[d])
    for d in range(issue.shape[0]):
        contested = stance[union_of[d]] == CONTEST or stance[management_of[d]] == CONTEST
        if joint[d] >= 1.0:
            issue[d] = 0.0
        elif contested:
            issue[d] *= 0.5
        else:
            issue[d] = min(issue[d] * p.fester, 1.5 if d == 0 else 1.0)
        if issue[d] < 0.02:
            issue[d] = 0.0
