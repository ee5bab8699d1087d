"""Role strain (M12): sharing authority hurts those without the new skills; leaders' conduct is a signal to those below.

Claim
    Middle managers resist participation that takes their role and gives them none (Klein 1984), less when they have learnt the new one,
    more when posts are at risk or the top is divided (Fenton-O'Creevy 1998); stewards lose a role where problems are solved
    informally. What the top does tells those below what is meant (Repenning 2002).

Equations
    ::

        strain of a principal  = r_p pi (1 - K_p) + r_j (threat + divide)       taken from the value of collaborating
        strain of a rep        = .3 r_p (1 - K_r) inf                             inf: informal share of the contacts, c/(c + held)
        threat   = threat - threat/24 + events (layoffs, cuts, sanctions)
        divide  += (mean |phi of a cabinet member - phi_M| - divide)/12           0 without a cabinet
        signal   = mu Xbar, of management mu Xbar (1 - divide)                    added to collaborating, taken from contesting
        Xbar     = .8 Xbar + .2 x(what the side's leader chose),                  x(C, H, D) = 1, 0, -1

Two surveys
    What a principal would answer, without feedback, from this month's expectations: support for the institution's sake,
    logistic((EU(C) + k - EU(H))/tau) without the shadow of the future, and for the own sake, logistic((psi phi - k - strain)/tau).

Instead of the prototype
    Managers were to differ in what control means to them (LogNormal(0, .6)). Their dispositions and skills already tell schools apart: the lowest
    third in self-support delivered .47 of the gain of the highest with it and .50 without (evidence P11), so it is gone.

    The surveys counted the effort k of collaborating against the institution; it is the manager who makes it. In the first month of
    default runs .75 of principals now speak for the institution's sake and .3 for their own, against .72 and .31 in evidence I7.
    The threat is what
    events add to a usual level, which had been .3: a burden that never changes cannot be told from the effort of collaborating, and
    together with a cabinet that is never quite of one mind it took .1 gu from every principal (practice at five years .71 -> .51).
    A division felt at once made the month of a superintendent's departure the worst (theory test T7: a breach kills at once, an outsider
    slowly), so it shows within a year, and r_j is .15, not .25. Reps' share is .3, not .5: with more, districts with neutral leaders slip
    from a good start (theory test T5).

Limits
    The threat is the district's; no manager's own post is at risk. A divided top confuses, but factions do not form.

Sources
    Klein 1984; Fenton-O'Creevy 1998; Walton, Cutcher-Gershenfeld & McKersie 1994; Repenning 2002; evidence I7-I9.
"""

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import logistic
from partnersim.model.columns import ADVISES, MANAGEMENT, UNION, WORKPLACE
from partnersim.model.stance import effective_stake, worth
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="role_strain",
    claim="Middle managers resist what they cannot handle or what threatens them, and follow the signal from the top.",
    parameters=(
        Parameter(name="manager_strain", symbol="r_p", default=0.36, bounds=(0, 2), sweep=(0, 1), unit="gu", role="world", status="calibrated",
                  source="evidence I7-I9 (direction), size assumed", meaning="strain of fully shared authority on an unskilled manager", sign="-"),
        Parameter(name="threat_weight", symbol="r_j", default=0.15, bounds=(0, 2), sweep=(0, 0.4), unit="1", role="world", status="calibrated",
                  source="evidence I9 (direction), size assumed; compare P11", meaning="strain of threatened posts and a divided top", sign="-"),
        Parameter(name="threat_months", default=24, bounds=(1, 240), unit="months", role="fixed", status="assumed",
                  source="assumed", meaning="time in which a threat fades"),
        Parameter(name="divide_months", default=12, bounds=(1, 120), unit="months", role="fixed", status="assumed",
                  source="assumed", meaning="time in which a division at the top shows in schools"),
        Parameter(name="steward_strain", default=0.3, bounds=(0, 3), sweep=(0, 1), unit="share", role="world", status="assumed",
                  source="assumed; Rubinstein & Kochan 2001 (direction)", meaning="reps' strain of a shrinking grievance role, against managers' strain", sign="-"),
        Parameter(name="signal_weight", symbol="mu", default=0.15, bounds=(0, 1), sweep=(0, 0.3), unit="gu", role="world", status="calibrated",
                  source="assumed", meaning="weight of the leader's conduct", sign="+"),
        Parameter(name="signal_memory", default=0.8, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of last month's signal that stays"),
    ),
)  # fmt: skip


@helper
def apart(person_rank, person_side, disposition, superintendent):
    """Return how far the cabinet's dispositions lie from the superintendent's, on average."""
    total = 0.0
    cabinet = 0
    for i in range(2, person_rank.shape[0]):
        if person_rank[i] != ADVISES:
            break
        if person_side[i] == MANAGEMENT:
            total += abs(disposition[i] - disposition[superintendent])
            cabinet += 1
    return total / cabinet if cabinet > 0 else 0.0


@step(writes=("leader_average", "divide"))
def begin(person_rank, person_side, management_of, stance, disposition, leader_average, divide):
    """At the start the signal is what the leaders do."""
    divide[0] = apart(person_rank, person_side, disposition, management_of[0])
    for side in range(2):
        leader_average[0, side] = 1.0 - stance[side]


@step(writes=("threat", "divide"))
def divide_top(person_rank, person_side, management_of, disposition, threat_now, threat, divide, p):
    """Threats to posts arise and fade; whether a cabinet agrees with its superintendent shows within a year."""
    threat[0] = min(threat[0] - threat[0] / p.threat_months + threat_now[0], 9.0)
    divide[0] += (apart(person_rank, person_side, disposition, management_of[0]) - divide[0]) / p.divide_months


@step(writes=("strain",))
def feel(person_side, person_group, first_dyad, dyad_count, authority, skill, informal, meetings, threat, divide, strain, p):
    """Managers without skill feel shared authority as loss of control, and threats and divisions; reps miss their grievances."""
    for i in range(2, strain.shape[0]):
        if person_group[i] != WORKPLACE:
            continue
        unskilled = p.manager_strain * (1.0 - skill[i])
        first, many = first_dyad[i], dyad_count[i]
        if person_side[i] == UNION:
            contacts = informal[first] + meetings[first]
            strain[i] = p.steward_strain * unskilled * (informal[first] / contacts if contacts > 0.0 else 0.0)
        else:
            shared = 0.0
            for d in range(first, first + many):
                shared += authority[d] / many
            strain[i] = unskilled * shared + p.threat_weight * (threat[0] + divide[0])


@step(writes=("leader_average", "leader_signal"))
def signal(person_side, person_group, stance, divide, leader_average, leader_signal, p):
    """Those below watch what their leader does; a divided top gives a weak signal."""
    for side in range(2):
        leader_average[0, side] = p.signal_memory * leader_average[0, side] + (1.0 - p.signal_memory) * (1.0 - stance[side])
    for i in range(stance.shape[0]):
        if person_group[i] == WORKPLACE:
            clear = max(0.0, 1.0 - divide[0]) if person_side[i] == MANAGEMENT else 1.0
            leader_signal[i] = p.signal_weight * leader_average[0, person_side[i]] * clear


@step(writes=("for_institution", "for_self"))
def report(
    person_group, person_side, person_site, expected, worthwhile, economic_load, issue_load, shared_skill, inclination, strain,
    for_institution, for_self, p_stance,
):  # fmt: skip
    """What managers would say in a survey: is it good for the institution, is it good for them."""
    for i in range(2, strain.shape[0]):
        if person_group[i] == WORKPLACE and person_side[i] == MANAGEMENT:
            s = person_site[i]
            stake = effective_stake(p_stance, p_stance.workplace_stake, economic_load[i], issue_load[i], shared_skill[i])
            collaborate, hold, _ = worth(p_stance, expected[i], worthwhile[i], 0.0, stake)
            for_institution[s] = logistic((collaborate + p_stance.effort - hold) / p_stance.noise)
            for_self[s] = logistic((p_stance.disposition_weight * inclination[i] - p_stance.effort - strain[i]) / p_stance.noise)
