"""Members (M11): what a member thinks of working together, and of the leaders who do it, are two opinions.

Claim
    A union that helps manage must still represent: members back the idea for its voice and results, and the leaders for settled
    grievances and visible independence; so leaders can fall while the idea is popular (Saturn: evidence P14).

Equations
    Grievances per head G, rep's time t, excess Gt = clip(G/Gref - 1, -.5, 2), visibility vis = min(1, chi + .4 dens)::

        G += nu_G (1 + .4 gap/.08 + .6 [a_p = D]) - (r_rep t + r_inf L [peace] + r_D [a_r = D, issue open]) G
        t  = clip(1 - h_m held/B - h_s [session]/B, 0, 1);    peace: 1 if nobody contests, else the separation
        idea    u = b0 + b_v (pi - 2 shortfall)(.3 + .7 q)(.4 + .6 vis) + b_y rho - .25 b_g Gt - b_w (gap/.08) fair
        m += a_m (logistic(u) - m) + noise
        office  w = b_e + 2 (m - .5) - b_g Gt (1 + [a_r = C](1 - chi)) + b_ind [a_r or a_U contests an open issue] - .5 b_w (gap/.08) fair
        v += a_v (logistic(w) - v) + noise
        rep     E(C) = -.5 r_r Gt + .2 (m - .5);   E(D) = r_r Gt - .2 (m - .5)

    fair = .45 in a month in which both leaders collaborate: hardship shared openly is accepted.

Instead of the prototype
    One opinion served for both, so leaders fell only when the idea did; the vote is now on v (politics).

Limits
    Members are a mean of their school: no ties between them, no exit.

Sources
    Hirschman 1970; Freeman & Rogers 1999; Selznick 1949; Guest & Peccei 2001; Cappelli & McKersie 1985.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip, logistic, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="members",
    claim="A union that manages must still represent; the idea and the office are judged apart.",
    parameters=(
        Parameter(name="base", symbol="b0", default=-0.1, bounds=(-3, 3), unit="logit", role="fixed", status="assumed",
                  source="assumed", meaning="base level of support for the idea"),
        Parameter(name="voice", symbol="b_v", default=1.4, bounds=(0, 5), sweep=(0, 3), unit="logit", role="world", status="assumed",
                  source="evidence I5 (demand for influence), size assumed", meaning="weight of influence at work", sign="+"),
        Parameter(name="results", symbol="b_y", default=0.5, bounds=(0, 5), sweep=(0, 1.5), unit="logit", role="world", status="assumed",
                  source="evidence I6 (members value quality), size assumed", meaning="weight of results", sign="+"),
        Parameter(name="grievance", symbol="b_g", default=0.8, bounds=(0, 5), sweep=(0, 2), unit="logit", role="world", status="assumed",
                  source="evidence I6 (members value protection), size assumed", meaning="weight of unsettled grievances", sign="-"),
        Parameter(name="grievance_on_idea", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="how much of that weight falls on the idea"),
        Parameter(name="office_base", symbol="b_e", default=0.1, bounds=(-3, 3), unit="logit", role="fixed", status="assumed",
                  source="assumed", meaning="base level of approval of union leaders"),
        Parameter(name="independence", symbol="b_ind", default=0.25, bounds=(0, 3), sweep=(0, 1), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="credit for contesting an open issue", sign="?"),
        Parameter(name="hardship", symbol="b_w", default=0.6, bounds=(0, 5), sweep=(0, 2), unit="logit", role="world", status="assumed",
                  source="assumed", meaning="weight of a budget gap", sign="-"),
        Parameter(name="shared_hardship", default=0.45, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Cappelli & McKersie 1985 (idea), size assumed", meaning="hardship as felt when leaders share it openly"),
        Parameter(name="speed", symbol="a_m", default=0.06, bounds=(0, 1), sweep=(0.02, 0.15), unit="1/month", role="world", status="assumed",
                  source="assumed: about a year and a half", meaning="speed of opinion about the idea", sign="?"),
        Parameter(name="office_speed", symbol="a_v", default=0.012, bounds=(0, 1), sweep=(0.006, 0.03), unit="1/month", role="world",
                  status="assumed", source="assumed; calibrate on P14", meaning="speed of opinion about union leaders", sign="?"),
        Parameter(name="noise", default=0.01, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of monthly noise in support; half of it in approval"),
        Parameter(name="issues", symbol="nu_G", default=0.10, bounds=(0, 1), unit="issues per head/month", role="fixed", status="assumed",
                  source="assumed", meaning="new grievances"),
        Parameter(name="settled_by_rep", symbol="r_rep", default=0.15, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="fixed so that G = Gref without partnership", meaning="settlement by a rep with time"),
        Parameter(name="settled_informally", symbol="r_inf", default=0.10, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed; grievances fell where contact rose (evidence F11, from memory)", meaning="settlement in contact with the principal"),
        Parameter(name="settled_by_contest", symbol="r_D", default=0.10, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="settlement by contesting"),
        Parameter(name="usual_grievances", symbol="Gref", default=0.6, bounds=(0.05, 5), unit="issues per head", role="fixed",
                  status="definition", source="level without partnership", meaning="grievances that members take as normal"),
        Parameter(name="release_hours", symbol="B", default=20, bounds=(1, 160), sweep=(5, 60), unit="h/month", role="lever", status="assumed",
                  source="assumed", meaning="release time of a rep", sign="+"),
        Parameter(name="meeting_hours", symbol="h_m", default=2.5, bounds=(0, 10), unit="h", role="fixed", status="assumed",
                  source="assumed: an hour and a half, with preparation", meaning="rep's time for one meeting"),
        Parameter(name="session_hours", symbol="h_s", default=6, bounds=(0, 60), unit="h", role="fixed", status="assumed",
                  source="assumed: a day of the month's session", meaning="rep's time for one training session"),
        Parameter(name="steward_pressure", symbol="r_r", default=0.23, bounds=(0, 2), sweep=(0, 0.6), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="pressure of grievances on a rep to contest", sign="?"),
        Parameter(name="steward_backing", default=0.2, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of members' support for a rep"),
    ),
)  # fmt: skip

DRIFTS = stream("members.opinion_drifts")


@step(writes=("grievance_collaborate", "grievance_contest"))
def press(dyad_site, union_of, grievances, member_support, grievance_collaborate, grievance_contest, p):
    """Reps feel their members' grievances and support."""
    for d in range(1, union_of.shape[0]):
        s = dyad_site[d]
        excess = clip(grievances[s] / p.usual_grievances - 1.0, -0.5, 2.0)
        backing = p.steward_backing * (member_support[s] - 0.5)
        grievance_collaborate[union_of[d]] = -0.5 * p.steward_pressure * excess + backing
        grievance_contest[union_of[d]] = p.steward_pressure * excess - backing


@step(writes=("member_support", "leader_approval", "grievances"))
def judge(
    dyad_site, site_id, union_of, management_of, stance, joint, realised, meetings, reach, session, separation, issue_open,
    authority, shortfall, recognition, gap, member_support, leader_approval, grievances, p, p_politics, p_networks, key0, key1, month,
):  # fmt: skip
    """Grievances arise and are settled; members judge what working together does for them, and who speaks for them."""
    visible = min(1.0, p_politics.transparency + 0.4 * p_networks.internal_density)
    hardship = p.hardship * gap[0] / 0.08 * (p.shared_hardship if joint[0] >= 1.0 else 1.0)
    leader_fights = stance[union_of[0]] == CONTEST and issue_open[0] == 1
    for d in range(1, union_of.shape[0]):
        s = dyad_site[d]
        union, management = stance[union_of[d]], stance[management_of[d]]
        excess = clip(grievances[s] / p.usual_grievances - 1.0, -0.5, 2.0)
        fights = union == CONTEST and issue_open[d] == 1
        peace = separation[d] if union == CONTEST or management == CONTEST else 1.0
        time = clip(1.0 - (p.meeting_hours * meetings[d] + p.session_hours * session[d]) / p.release_hours, 0.0, 1.0)
        arising = p.issues * (1.0 + 0.4 * gap[0] / 0.08 + (0.6 if management == CONTEST else 0.0))
        settled = p.settled_by_rep * time + p.settled_informally * reach[d] * peace + (p.settled_by_contest if fights else 0.0)
        grievances[s] = max(0.0, grievances[s] + arising - settled * grievances[s])
        drift = block(key0, key1, DRIFTS, month, site_id[s], 0)
        voice = p.voice * (authority[d] - 2.0 * shortfall[d]) * (0.3 + 0.7 * realised[d]) * (0.4 + 0.6 * visible)
        idea = p.base + voice + p.results * recognition[s] - p.grievance_on_idea * p.grievance * excess - hardship
        suspicion = 1.0 + ((1.0 - p_politics.transparency) if union == COLLABORATE else 0.0)
        credit = p.independence if fights or leader_fights else 0.0
        office = p.office_base + 2.0 * (member_support[s] - 0.5) - p.grievance * excess * suspicion + credit - 0.5 * hardship
        m, v = member_support[s], leader_approval[s]
        member_support[s] = clip(m + p.speed * (logistic(idea) - m) + p.noise * normal(unit(drift[0])), 0.0, 1.0)
        leader_approval[s] = clip(v + p.office_speed * (logistic(office) - v) + 0.5 * p.noise * normal(unit(drift[1])), 0.0, 1.0)
