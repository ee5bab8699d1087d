"""Members (M11): what a member thinks of working together, and of the leaders who do it, are two opinions.

Claim
    A union that helps manage must still represent: members back the idea for its voice and results, and the leaders for settled
    grievances and visible independence; so leaders can fall while the idea is popular (Saturn: evidence P14).

Equations
    Grievances per head of a school G, rep's time t, visibility vis = min(1, chi + .4 dens); sums over several reps are means::

        G += nu_G (1 + .4 gap/.08 + .6 [a_p = D]) - (r_rep t + r_inf L [peace] + r_D [a_r = D, issue open]) G
        t  = clip(1 - h_m held/B - h_s [session]/B, 0, 1);    peace: 1 if nobody contests, else the separation
        rep     E(C) = -.5 r_r Gt + .2 (m - .5);   E(D) = r_r Gt - .2 (m - .5)

    A member with exposure x to grievances and leaning o, excess Gt = clip(x G/Gref - 1, -.5, 2)::

        idea    u = b0 + o + b_v (pi - 2 shortfall)(.3 + .7 q)(.4 + .6 vis) + b_y rho - .25 b_g Gt - b_w (gap/.08) fair
        m += a_m (logistic(u) - m) + noise
        office  w = b_e + o + 2 (m - .5) - b_g Gt (1 + [a_r = C](1 - chi)) + b_ind [a_r or a_U contests an open issue]
                    - .5 b_w (gap/.08) fair - 8 (pay conceded)
        v += a_v (logistic(w) - v) + noise
        engaged next month w.p. logistic(-1 + 2 m + 1.5 q)
        leaves  h = h_T exp(b_pov (pov - .5)(1 - col)^2 + .8 (.5 - m) + .35 [tenure < 36]),   col = min(1, D/D*)

    fair = .45 in a month in which both leaders collaborate: hardship shared openly is accepted. q: joint output, D: density of the school's
    network. Whoever leaves is followed by a newcomer without ties; posts that were cut stay empty. A joint programme that harms members
    (timeline) costs each .02 of m and of v a month at full severity, and the reps and the union leader 2 % of the value they saw in it.

Instead of the prototype
    One opinion served for both, so leaders fell only when the idea did; the vote is now on v (politics). Members were a mean of their school.
    Opinions were to move towards those of tied colleagues; members of a school are alike already, and no pattern missed it (years to the vote
    of evidence P14: 14.7 with it and 14.9 without), so ties carry results and keep people, and no opinions.

Limits
    Members have no stance of their own; they act by opinion, engagement, vote and exit. Noise is uniform, which nothing here can tell from normal.

Sources
    Hirschman 1970; Freeman & Rogers 1999; Selznick 1949; Guest & Peccei 2001; Cappelli & McKersie 1985; exit: evidence F4, E19, E20.
"""

import math

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip, exp, exponential, logistic, normal
from partnersim.engine.random import block, stream, unit, units
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import COLLABORATE, CONTEST, NOBODY, WORKPLACE
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="members",
    claim="A union that manages must still represent; the idea and the office are judged apart.",
    parameters=(
        Parameter(name="base", symbol="b0", default=-0.1, bounds=(-3, 3), unit="logit", role="fixed", status="assumed",
                  source="assumed", meaning="base level of support for the idea"),
        Parameter(name="voice", symbol="b_v", default=1.4, bounds=(0, 5), sweep=(0, 3), unit="logit", role="world", status="calibrated",
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
        Parameter(name="concessions", default=8.0, bounds=(0, 40), sweep=(0, 16), unit="logit", role="world", status="assumed",
                  source="evidence F13, F14 (direction), size assumed", meaning="weight of pay conceded in the approval of union leaders", sign="?"),
        Parameter(name="shared_hardship", default=0.45, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Cappelli & McKersie 1985 (idea), size assumed", meaning="hardship as felt when leaders share it openly"),
        Parameter(name="speed", symbol="a_m", default=0.06, bounds=(0, 1), sweep=(0.02, 0.15), unit="1/month", role="world", status="assumed",
                  source="assumed: about a year and a half", meaning="speed of opinion about the idea", sign="?"),
        Parameter(name="office_speed", symbol="a_v", default=0.012, bounds=(0, 1), sweep=(0.006, 0.03), unit="1/month", role="world",
                  status="calibrated", source="assumed; compare P14", meaning="speed of opinion about union leaders", sign="?"),
        Parameter(name="noise", default=0.02, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of monthly noise in support; half of it in approval"),
        Parameter(name="leaning_spread", default=0.5, bounds=(0, 3), unit="logit", role="fixed", status="assumed",
                  source="assumed", meaning="sd of members' lasting leanings"),
        Parameter(name="exposure_spread", default=0.5, bounds=(0, 2), unit="log", role="fixed", status="assumed",
                  source="assumed", meaning="sd of members' exposure to grievances"),
        Parameter(name="leaving", symbol="h_T", default=0.0115, bounds=(0, 0.5), sweep=(0.006, 0.02), unit="1/month", role="world", status="measured",
                  source="evidence E19: .16 a year, of all reasons", meaning="members leaving, before poverty, opinion and experience", sign="?"),
        Parameter(name="poverty_exit", symbol="b_pov", default=3.2, bounds=(0, 10), sweep=(1.5, 4), unit="logit", role="world", status="assumed",
                  source="evidence F4, E20 (direction); compare P10", meaning="how far poverty drives members out where they do not work together", sign="?"),
        Parameter(name="embedded", symbol="D*", default=0.5, bounds=(0.05, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; compare P10", meaning="density of the members' network at which poverty drives nobody out"),
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

STARTS = stream("members.starts")
LIVES = stream("members.lives")
ARRIVES = stream("members.arrives")
SPREAD_AT_START = 0.1
LAID_OFF = word("members laid off")
MOST_GRIEVANCES = 50.0  # issues per head
NEWCOMER_MONTHS, USUAL_STAY, UNIFORM = 36, 75.0, math.sqrt(12.0)


@step(writes=("support", "approval", "engaged", "seniority", "grievance_exposure", "leaning"))
def begin(
    member_id, member_support, leader_approval, support, approval, engaged, seniority, grievance_exposure, leaning, p, key0, key1, month,
):  # fmt: skip
    """Members start with different leanings, opinions and years in the school."""
    seats = support.shape[0] // member_support.shape[0]
    for k in range(support.shape[0]):
        a, b, c, d = block(key0, key1, STARTS, month, member_id[k], 0)
        e, f, _, _ = block(key0, key1, STARTS, month, member_id[k], 1)
        leaning[k] = p.leaning_spread * normal(unit(a))
        grievance_exposure[k] = exp(p.exposure_spread * normal(unit(b)) - 0.5 * p.exposure_spread * p.exposure_spread)
        support[k] = clip(member_support[k // seats] + SPREAD_AT_START * normal(unit(c)), 0.0, 1.0)
        approval[k] = clip(leader_approval[k // seats] + SPREAD_AT_START * normal(unit(d)), 0.0, 1.0)
        seniority[k] = int(USUAL_STAY * exponential(unit(e)))
        engaged[k] = 1.0 if unit(f) < logistic(2.0 * support[k] - 1.0) else 0.0


@step(writes=("present", "engaged", "support", "approval", "grievances"), adds=("tie",))
def lay_off(layoff_now, layoff_joint, seniority, present, engaged, support, approval, grievances, tie, month, events):
    """The newest members lose their posts, and the others feel it."""
    if layoff_now[0] <= 0.0:
        return
    seats = tie.shape[1]
    mild = 0.5 if layoff_joint[0] == 1 else 1.0
    for s in range(grievances.shape[0]):
        first = s * seats
        employed = 0.0
        for k in range(first, first + seats):
            employed += present[k]
        for _ in range(int(layoff_now[0] * employed + 0.5)):
            newest = NOBODY
            for k in range(first, first + seats):
                if present[k] > 0.0 and (newest < 0 or seniority[k] < seniority[newest]):
                    newest = k
            leave(tie, newest, first, seats)
            present[newest] = 0.0
            engaged[newest] = 0.0
        for k in range(first, first + seats):
            support[k] = max(0.0, support[k] - mild * layoff_now[0])
            approval[k] = max(0.0, approval[k] - mild * 1.5 * layoff_now[0])
        grievances[s] += 2.0 * layoff_now[0]
    note(events, month, LAID_OFF, WORKPLACE, NOBODY, NOBODY, NOTHING, layoff_now[0])


@helper
def leave(tie, k, first, seats):
    """Remove all ties of the member in row k."""
    for other in range(seats):
        tie[k, other] = 0.0
        tie[first + other, k - first] = 0.0


@step(writes=("grievance_collaborate", "grievance_contest"))
def press(dyad_site, union_of, grievances, member_support, grievance_collaborate, grievance_contest, p):
    """Reps feel their members' grievances and support."""
    for d in range(1, union_of.shape[0]):
        s = dyad_site[d]
        excess = clip(grievances[s] / p.usual_grievances - 1.0, -0.5, 2.0)
        backing = p.steward_backing * (member_support[s] - 0.5)
        grievance_collaborate[union_of[d]] = -0.5 * p.steward_pressure * excess + backing
        grievance_contest[union_of[d]] = p.steward_pressure * excess - backing


@step(writes=("support", "approval", "grievances"), adds=("value", "harm_until"))
def suffer(union_of, management_of, stance, separation, harm, harm_until, value, support, approval, grievances, month):
    """A joint programme that harms members costs those who back it, until the union contests it in procedure and management gives way."""
    if harm[0] <= 0.0:
        return
    for k in range(support.shape[0]):
        support[k] = max(0.0, support[k] - 0.02 * harm[0])
        approval[k] = max(0.0, approval[k] - 0.02 * harm[0])
    for s in range(grievances.shape[0]):
        grievances[s] += 0.03 * harm[0]
    for d in range(value.shape[0]):
        value[d, 0] *= 1.0 - 0.02 * harm[0]
    if stance[union_of[0]] == CONTEST and separation[0] > 0.0 and stance[management_of[0]] == COLLABORATE:
        harm_until[0] = month


@step(writes=("grievances", "idea", "office", "irritation"))
def represent(
    union_of, management_of, stance, joint, realised, meetings, reach, session, separation, issue_open, authority, shortfall, recognition,
    gap, conceded, grievances, idea, office, irritation, p, p_politics, p_networks,
):  # fmt: skip
    """Grievances arise and are settled; what working together did for a school's members this month, and who spoke for them."""
    visible = min(1.0, p_politics.transparency + 0.4 * p_networks.internal_density)
    hardship = p.hardship * gap[0] / 0.08 * (p.shared_hardship if joint[0] >= 1.0 else 1.0)
    leader_fights = stance[union_of[0]] == CONTEST and issue_open[0] == 1
    reps = (joint.shape[0] - 1) // grievances.shape[0]
    for s in range(grievances.shape[0]):
        time, peace, fights, fought, loyal, influence = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for d in range(1 + s * reps, 1 + (s + 1) * reps):
            union, management = stance[union_of[d]], stance[management_of[d]]
            time += clip(1.0 - (p.meeting_hours * meetings[d] + p.session_hours * session[d]) / p.release_hours, 0.0, 1.0) / reps
            peace += reach[d] * (separation[d] if union == CONTEST or management == CONTEST else 1.0) / reps
            fights += (1.0 if union == CONTEST and issue_open[d] == 1 else 0.0) / reps
            fought += (0.6 if management == CONTEST else 0.0) / reps
            loyal += (1.0 if union == COLLABORATE else 0.0) / reps
            influence += (authority[d] - 2.0 * shortfall[d]) * (0.3 + 0.7 * realised[d]) / reps
        arising = p.issues * (1.0 + 0.4 * gap[0] / 0.08 + fought)
        settled = p.settled_by_rep * time + p.settled_informally * peace + p.settled_by_contest * fights
        grievances[s] = clip(grievances[s] + arising - settled * grievances[s], 0.0, MOST_GRIEVANCES)
        idea[s] = p.base + p.voice * influence * (0.4 + 0.6 * visible) + p.results * recognition[s] - hardship
        credit = p.independence * (1.0 if leader_fights else fights)
        office[s] = p.office_base + credit - 0.5 * hardship - p.concessions * conceded[0]
        irritation[s] = 1.0 + (1.0 - p_politics.transparency) * loyal


@step(writes=("luck", "support", "approval", "engaged", "seniority", "leaving"))
def judge(
    member_id, present, leaning, grievance_exposure, grievances, idea, office, irritation, joint, density, poverty,
    luck, support, approval, engaged, seniority, leaving, p, key0, key1, month,
):  # fmt: skip
    """Each member judges, takes part or not, and stays or leaves."""
    sites = grievances.shape[0]
    seats = support.shape[0] // sites
    reps = (joint.shape[0] - 1) // sites
    units(key0, key1, LIVES, month, member_id, luck)
    jitter = p.noise * UNIFORM
    for s in range(sites):
        output = 0.0
        for d in range(1 + s * reps, 1 + (s + 1) * reps):
            output += joint[d] / reps
        load = grievances[s] / p.usual_grievances
        apart = 1.0 - min(1.0, density[s] / p.embedded)
        usual = p.leaving * exp(p.poverty_exit * (poverty[s] - 0.5) * apart * apart)
        on_idea, on_office = p.grievance_on_idea * p.grievance, p.grievance * irritation[s]
        here = slice(s * seats, (s + 1) * seats)
        for_idea, for_office, for_part, for_exit = luck[0, here], luck[1, here], luck[2, here], luck[3, here]
        leans, bears, there = leaning[here], grievance_exposure[here], present[here]
        m, v = support[here], approval[here]
        takes_part, leaves, months = engaged[here], leaving[here], seniority[here]
        # no branches and few arrays in a loop: so these become vector code
        for k in range(seats):
            excess = clip(bears[k] * load - 1.0, -0.5, 2.0)
            w = office[s] + leans[k] + 2.0 * (m[k] - 0.5) - on_office * excess
            drift = 0.5 * jitter * (for_office[k] - 0.5)
            v[k] = clip(v[k] + p.office_speed * (logistic(w) - v[k]) + drift, 0.0, 1.0)
        for k in range(seats):
            excess = clip(bears[k] * load - 1.0, -0.5, 2.0)
            u = idea[s] + leans[k] - on_idea * excess
            drift = jitter * (for_idea[k] - 0.5)
            m[k] = clip(m[k] + p.speed * (logistic(u) - m[k]) + drift, 0.0, 1.0)
        for k in range(seats):
            takes_part[k] = there[k] if for_part[k] < logistic(2.0 * m[k] + 1.5 * output - 1.0) else 0.0
        for k in range(seats):
            likely = usual * exp(0.8 * (0.5 - m[k]) + (0.35 if months[k] < NEWCOMER_MONTHS else 0.0))
            leaves[k] = there[k] if for_exit[k] < likely else 0.0
            months[k] += 1


@step(
    writes=(
        "support",
        "approval",
        "engaged",
        "seniority",
        "grievance_exposure",
        "leaning",
        "member_support",
        "leader_approval",
        "member_exits",
    ),
    adds=("tie",),
)
def come_and_go(
    member_id, present, leaving, support, approval, engaged, seniority, grievance_exposure, leaning, member_support, leader_approval, member_exits,
    tie, p, key0, key1, month,
):  # fmt: skip
    """Newcomers take the posts of those who leave; opinions are summed up."""
    seats = tie.shape[1]
    for s in range(member_support.shape[0]):
        first = s * seats
        idea, office, people, exits = 0.0, 0.0, 0.0, 0.0
        for k in range(first, first + seats):
            if leaving[k] > 0.0:
                exits += 1.0
                leave(tie, k, first, seats)
                a, b, c, d = block(key0, key1, ARRIVES, month, member_id[k], 0)
                leaning[k] = p.leaning_spread * normal(unit(a))
                grievance_exposure[k] = exp(p.exposure_spread * normal(unit(b)) - 0.5 * p.exposure_spread * p.exposure_spread)
                support[k] = clip(member_support[s] + SPREAD_AT_START * normal(unit(c)), 0.0, 1.0)
                approval[k] = clip(leader_approval[s] + SPREAD_AT_START * normal(unit(d)), 0.0, 1.0)
                engaged[k] = 0.0
                seniority[k] = 0
            idea += present[k] * support[k]
            office += present[k] * approval[k]
            people += present[k]
        member_exits[s] = exits / max(1.0, people)
        if people > 0.0:
            member_support[s] = idea / people
            leader_approval[s] = office / people
