"""Members (M11): grievances, voice and results make members' support, which their representatives feel.

Equations
    ::

        G += nu_G (1 + .4 gap/.08 + .6 [a_p = D]) - ( r_rep t + r_inf l (1 if nobody D else sep) + r_D [a_r = D, issue open] ) G
        t  = clip(1 - h_m held/B - .3 (20/B) session, 0, 1)
        u  = b0 + b_v pi (.3 + .7 q)(.4 + .6 v) + b_y rho - b_g Gt (1 + [a_r = C](1 - chi)) + b_ind [a_r = D, open] - b_w (gap/.08) fair
        m += a_m ( logistic(u) - m ) + noise            Gt = clip(G/Gref - 1, -.5, 2)
"""

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, logistic, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="members",
    claim="A union that manages must still represent: unsettled grievances cost support, voice and results earn it.",
    parameters=(
        Parameter(name="base", symbol="b0", default=-0.1, bounds=(-3, 3), unit="logit", role="fixed", status="assumed",
                  source="assumed", meaning="base level of support"),
        Parameter(name="voice", symbol="b_v", default=1.4, bounds=(0, 5), sweep=(0, 3), unit="logit", role="world", status="assumed",
                  source="evidence I5 (demand for influence), size assumed", meaning="weight of influence at work", sign="+"),
        Parameter(name="results", symbol="b_y", default=0.5, bounds=(0, 5), sweep=(0, 1.5), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="weight of results", sign="+"),
        Parameter(name="grievance", symbol="b_g", default=0.8, bounds=(0, 5), sweep=(0, 2), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="weight of unsettled grievances", sign="-"),
        Parameter(name="independence", symbol="b_ind", default=0.25, bounds=(0, 3), sweep=(0, 1), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="credit for contesting an open issue", sign="?"),
        Parameter(name="hardship", symbol="b_w", default=0.6, bounds=(0, 5), sweep=(0, 2), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="weight of a budget gap", sign="-"),
        Parameter(name="shared_hardship", default=0.45, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Cappelli & McKersie 1985 (idea)", meaning="hardship as felt when leaders share it openly"),
        Parameter(name="speed", symbol="a_m", default=0.06, bounds=(0, 1), sweep=(0.02, 0.15), unit="1/month", role="world", status="assumed",
                  source="assumed", meaning="speed of members' opinion", sign="?"),
        Parameter(name="noise", default=0.01, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of monthly noise in support"),
        Parameter(name="issues", symbol="nu_G", default=0.10, bounds=(0, 1), unit="issues per head/month", role="fixed", status="assumed",
                  source="assumed", meaning="new grievances"),
        Parameter(name="settled_by_rep", symbol="r_rep", default=0.15, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="settlement by a rep with time"),
        Parameter(name="settled_informally", symbol="r_inf", default=0.10, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="evidence F11 (direction)", meaning="settlement in contact with the principal"),
        Parameter(name="settled_by_contest", symbol="r_D", default=0.10, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="settlement by contesting"),
        Parameter(name="usual_grievances", symbol="Gref", default=0.6, bounds=(0.05, 5), unit="issues per head", role="fixed", status="definition",
                  source="level without partnership", meaning="grievances that members take as normal"),
        Parameter(name="release_hours", symbol="B", default=20, bounds=(1, 160), sweep=(5, 60), unit="h/month", role="lever", status="assumed",
                  source="assumed", meaning="release time of a rep", sign="+"),
        Parameter(name="meeting_hours", symbol="h_m", default=2.5, bounds=(0, 10), unit="h", role="fixed", status="assumed",
                  source="assumed", meaning="rep's time for one meeting"),
        Parameter(name="session_hours", default=6, bounds=(0, 60), unit="h", role="fixed", status="assumed",
                  source="assumed", meaning="rep's time for one training session"),
        Parameter(name="steward_pressure", symbol="r_r", default=0.23, bounds=(0, 2), sweep=(0, 0.6), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="pressure of grievances on a rep to contest", sign="?"),
        Parameter(name="steward_backing", default=0.2, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of members' support for a rep"),
    ),
)  # fmt: skip

DRIFTS = stream("members.support_drifts")


@step(writes=("grievance_collaborate", "grievance_contest"))
def press(dyad_site, union_of, grievances, member_support, grievance_collaborate, grievance_contest, p):
    """Reps feel their members' grievances and support."""
    for d in range(1, union_of.shape[0]):
        s = dyad_site[d]
        excess = clip(grievances[s] / p.usual_grievances - 1.0, -0.5, 2.0)
        backing = p.steward_backing * (member_support[s] - 0.5)
        grievance_collaborate[union_of[d]] = -0.5 * p.steward_pressure * excess + backing
        grievance_contest[union_of[d]] = p.steward_pressure * excess - backing


@step(writes=("member_support", "grievances"))
def judge(
    dyad_site, site_id, union_of, management_of, stance, joint, realised, meetings, reach, session, separation, issue_open,
    authority, recognition, gap, member_support, grievances, p, p_politics, p_networks, key0, key1, month,
):  # fmt: skip
    """Grievances arise and are settled; members judge what working together does for them."""
    visible = min(1.0, p_politics.transparency + 0.4 * p_networks.internal_density)
    hardship = p.hardship * gap[0] / 0.08 * (p.shared_hardship if joint[0] >= 1.0 else 1.0)
    for d in range(1, union_of.shape[0]):
        s = dyad_site[d]
        union, management = stance[union_of[d]], stance[management_of[d]]
        excess = clip(grievances[s] / p.usual_grievances - 1.0, -0.5, 2.0)
        fights = 1.0 if union == CONTEST and issue_open[d] == 1 else 0.0
        peace = separation[d] if union == CONTEST or management == CONTEST else 1.0
        time = clip(1.0 - p.meeting_hours * meetings[d] / p.release_hours - p.session_hours / p.release_hours * session[d], 0.0, 1.0)
        arising = p.issues * (1.0 + 0.4 * gap[0] / 0.08 + (0.6 if management == CONTEST else 0.0))
        settled = p.settled_by_rep * time + p.settled_informally * reach[d] * peace + p.settled_by_contest * fights
        grievances[s] = max(0.0, grievances[s] + arising - settled * grievances[s])
        suspicion = 1.0 + ((1.0 - p_politics.transparency) if union == COLLABORATE else 0.0)
        utility = (
            p.base
            + p.voice * authority[d] * (0.3 + 0.7 * realised[d]) * (0.4 + 0.6 * visible)
            + p.results * recognition[s]
            - p.grievance * excess * suspicion
            + p.independence * fights
            - hardship
        )
        drift = p.noise * normal(unit(block(key0, key1, DRIFTS, month, site_id[s], 0)[0]))
        member_support[s] = clip(member_support[s] + p.speed * (logistic(utility) - member_support[s]) + drift, 0.0, 1.0)
