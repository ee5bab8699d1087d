"""Joint gains (M5): problems solved together improve practice; problems run out, results arrive late and come to be expected.

Claim
    Partnership pays through joint problem solving and the ties it makes among educators (Rubinstein & McCarthy 2016), easy
    problems first (Schneiderman), and people judge results against what they have come to expect (Cyert & March 1963).

Equations
    ::

        backlog    O += r_0 (1 - O) + r_1 [session](1 - O) - sol (1.7 - A) q O                      per school, O = 1 at the start
                   O += .10 (1 - O)                                                                 after a retreat, in schools that have joined
        gain       g = g_max xi [hrec + (1 - hrec) O] sqrt(K_r K_p) [pi_lo + (1 - pi_lo) pi] A_eff L (1 - k_train [session])
        realised   q = 1 (C,C), eta (one holds back), separation (one contests in procedure), else 0
        delivered  W += (g q - W)/12
        practice   Q += zeta W (.4 + 2 D)(1 - Q) - d_Q (Q - Q0 - q_m (m - .5)) - .002 (gap/.08)(Q - .2)
        base       Q0 = .4 - .15 (poverty - .5) + N(0, .03)                                         per school, drawn at the start
        score      Y = Q + N(0, .03)                                                                published in May, eleventh month of the year
        aspiration Qref += (Q - Qref)/48
        felt       gf = g [v0 + (1 - v0) rho],   rho = clip((Q - Qref - .03 press)/r*, 0, 1.5)
        leaders    gf_0 = 1.2 [.4 g_0 + .6 mean(g q)] [v0 + (1 - v0) mean rho]

    Quality starts at the scenario's level, moved by as much as the school's base differs. Accountability pressure raises what is
    expected. g_0 has the leaders' skill and authority, the mean backlog, and what openness leaves of it (politics). L is reach, D density of
    the members' network (networks), m their support. xi is lognormal between districts and between schools.

Instead of the prototype
    Opportunity was a function of quality, gains were felt in practice at once and peaked in month 3; a backlog that training
    refills and a year's delivery give the honeymoon of evidence P3. Density carries the effect (1 at D = .3) instead of adding
    to it, as F2 asks. Morale lets practice fall below its base where members are put off (F12). A retreat was to refill as
    much as a session; it gathers the top and not the schools, and with so much one retreat a year did more than all training. `potential` rose from 2.8 to
    4.0 gu because the backlog, pi_lo .1 and fading skill take more than that away (3.6-4.2 gave living districts in the prototype).

Limits
    One kind of problem; of a school's covariates only poverty.

Sources
    Rubinstein & McCarthy 2016; Sterman, Repenning & Kofman 1997; Cyert & March 1963; honeymoon: evidence S8.
"""

import math

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip, exp, logistic, logit, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="joint_gains",
    claim="Joint problem solving improves practice, with diminishing opportunity and rising aspiration.",
    parameters=(
        Parameter(name="potential", symbol="g_max", default=4.0, bounds=(0, 10), sweep=(2.5, 5.5), unit="gu", role="world", status="calibrated",
                  source="assumed; calibrate", meaning="joint gain a side with full skill, authority and contact", sign="+"),
        Parameter(name="uninformed", symbol="pi_lo", default=0.1, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the gain that needs no shared authority"),
        Parameter(name="recurrent", symbol="hrec", default=0.20, bounds=(0, 1), sweep=(0.05, 0.5), unit="share", role="world", status="calibrated",
                  source="assumed; compare P3", meaning="share of problems that recur", sign="+"),
        Parameter(name="recognised", symbol="v0", default=0.49, bounds=(0, 1), sweep=(0.2, 0.8), unit="share", role="world", status="assumed",
                  source="assumed", meaning="share of the gain felt without results above expectation", sign="+"),
        Parameter(name="recognition_scale", symbol="r*", default=0.05, bounds=(0.005, 0.5), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="rise of quality above expectation that is fully felt"),
        Parameter(name="improvement", symbol="zeta", default=0.012, bounds=(0, 0.1), unit="1/gu/month", role="fixed", status="assumed",
                  source="assumed", meaning="improvement of practice by realised gains"),
        Parameter(name="erosion", symbol="d_Q", default=0.01, bounds=(0, 0.1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="erosion of practice toward its base"),
        Parameter(name="base_quality", symbol="Q0", default=0.4, bounds=(0, 0.9), unit="share", role="fixed", status="definition",
                  source="scale", meaning="quality of practice without joint work"),
        Parameter(name="poverty_burden", default=0.15, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; evidence F1 nets results of poverty", meaning="base quality that full poverty costs"),
        Parameter(name="base_spread", default=0.03, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of base quality between schools of equal poverty"),
        Parameter(name="score_noise", default=0.03, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of luck in a year's published score"),
        Parameter(name="pressed_aspiration", default=0.03, bounds=(0, 0.5), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="rise of what is expected under full accountability pressure"),
        Parameter(name="aspiration_months", default=48, bounds=(6, 240), unit="months", role="fixed", status="assumed",
                  source="Cyert & March 1963 (idea); time assumed", meaning="time in which results come to be expected"),
        Parameter(name="refill", symbol="r_0", default=0.01, bounds=(0, 0.2), sweep=(0.003, 0.02), unit="1/month", role="world", status="calibrated",
                  source="assumed; compare P3", meaning="new problems worth solving together", sign="+"),
        Parameter(name="session_refill", symbol="r_1", default=0.25, bounds=(0, 1), sweep=(0.1, 0.4), unit="share", role="world",
                  status="assumed", source="evidence S8 (renewal), size assumed; compare P3",
                  meaning="share of the emptied backlog that a training session refills", sign="+"),
        Parameter(name="retreat_refill", default=0.10, bounds=(0, 1), sweep=(0, 0.25), unit="share", role="world",
                  status="assumed", source="evidence S8 (renewal), size assumed; compare P3",
                  meaning="share of the emptied backlog that a retreat of leaders and teams refills", sign="+"),
        Parameter(name="solving", symbol="sol", default=0.08, bounds=(0, 0.5), sweep=(0.04, 0.14), unit="1/month", role="world",
                  status="calibrated", source="assumed; compare P3", meaning="problems solved in a month of joint work on a middling agenda", sign="-"),
        Parameter(name="delivery_months", default=12, bounds=(1, 60), unit="months", role="fixed", status="assumed",
                  source="assumed: a school year", meaning="time from decision to delivered result"),
        Parameter(name="morale", symbol="q_m", default=0.5, bounds=(0, 2), sweep=(0, 0.6), unit="-", role="world", status="calibrated",
                  source="assumed; evidence F12: excluded unions do worse than none; compare P12", meaning="how members' support moves base quality", sign="?"),
        Parameter(name="district_spread", symbol="xi_sd", default=0.25, bounds=(0, 1), sweep=(0, 0.4), unit="log", role="world",
                  status="assumed", source="assumed; mixture for P1", meaning="sd of what districts can gain together", sign="?", at_start=True),
        Parameter(name="school_spread", symbol="xi_sd_s", default=0.35, bounds=(0, 1), sweep=(0, 0.5), unit="log", role="world",
                  status="assumed", source="assumed; schools of one district differ (Rubinstein & McCarthy, 27 schools)",
                  meaning="sd of what schools of a district can gain", sign="?", at_start=True),
        Parameter(name="poverty_spread", default=1.1, bounds=(0, 4), sweep=(0, 2), unit="logit", role="world", status="assumed",
                  source="assumed: sd .22 between schools of a district at the middle", meaning="sd of poverty between schools", sign="?", at_start=True),
        Parameter(name="session_burden", symbol="k_train", default=0.15, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="output lost in a month with a session"),
        Parameter(name="leaders_own", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed: partnership must pay at the workplace", meaning="weight of strategic gains in the leaders' felt gain"),
        Parameter(name="leaders_scale", default=1.2, bounds=(0, 5), unit="factor", role="fixed", status="assumed",
                  source="assumed", meaning="scale of the leaders' felt gain"),
    ),
)  # fmt: skip

ENDOWS = stream("joint_gains.endows")
PUBLISHES = stream("joint_gains.publishes")
MAY = 11


@step(writes=("richness", "poverty", "base", "quality", "aspiration", "score"))
def endow(dyad_id, site_id, richness, poverty, base, quality, aspiration, score, p, key0, key1, month):
    """Districts and schools differ in what working together can bring, and schools in poverty and in what they start from."""
    district = exp(p.district_spread * normal(unit(block(key0, key1, ENDOWS, month, dyad_id[0], 0)[0])))
    for s in range(poverty.shape[0]):
        a, b, c, _ = block(key0, key1, ENDOWS, month, site_id[s], 0)
        poverty[s] = logistic(logit(clip(poverty[s], 0.02, 0.98)) + p.poverty_spread * normal(unit(a)))
        differs = p.base_spread * normal(unit(b)) - p.poverty_burden * (poverty[s] - 0.5)
        base[s] = clip(p.base_quality + differs, 0.0, 1.0)
        quality[s] = clip(quality[s] + differs, 0.0, 1.0)
        aspiration[s] = clip(aspiration[s] + differs, 0.0, 1.0)
        score[s] = clip(quality[s] + p.score_noise * normal(unit(c)), 0.0, 1.0)
    for d in range(richness.shape[0]):
        school = exp(p.school_spread * normal(unit(block(key0, key1, ENDOWS, month, dyad_id[d], 0)[1])))
        richness[d] = district * (school if d > 0 else 1.0)


@step(writes=("gain", "recognition"))
def offer(
    dyad_site, union_of, management_of, richness, working_skill, authority, focus, reach, session, discretion, backlog, quality, aspiration,
    pressure, gain, recognition, p,
):  # fmt: skip
    """What collaborating could bring this month, before anyone chooses."""
    sites = quality.shape[0]
    mean_backlog = 0.0
    for s in range(sites):
        mean_backlog += backlog[s] / sites
        above = quality[s] - aspiration[s] - p.pressed_aspiration * pressure[0]
        recognition[s] = clip(above / p.recognition_scale, 0.0, 1.5)
    for d in range(gain.shape[0]):
        left = mean_backlog if d == 0 else backlog[dyad_site[d]]
        opportunity = p.potential * richness[d] * (p.recurrent + (1.0 - p.recurrent) * left)
        skills = math.sqrt(working_skill[union_of[d]] * working_skill[management_of[d]])
        influence = p.uninformed + (1.0 - p.uninformed) * authority[d]
        hindrance = discretion[0] if d == 0 else 1.0 - p.session_burden * session[d]
        gain[d] = opportunity * skills * influence * focus[0] * reach[d] * hindrance


@step(writes=("realised", "felt"))
def realise(dyad_site, union_of, management_of, stance, joint, separation, gain, recognition, realised, felt, p):
    """What the month's stances made of it, and how it was felt."""
    sites = recognition.shape[0]
    schools = gain.shape[0] - 1
    achieved = 0.0
    recognised = 0.0
    for s in range(sites):
        recognised += recognition[s] / sites
    for d in range(gain.shape[0]):
        union, management = stance[union_of[d]], stance[management_of[d]]
        one_contests = union + management == CONTEST + COLLABORATE and union != management
        realised[d] = separation[d] if one_contests else joint[d]
        if d > 0:
            felt[d] = gain[d] * (p.recognised + (1.0 - p.recognised) * recognition[dyad_site[d]])
            achieved += gain[d] * realised[d] / schools
    own = p.leaders_own
    felt[0] = p.leaders_scale * (own * gain[0] + (1.0 - own) * achieved) * (p.recognised + (1.0 - p.recognised) * recognised)


@step(writes=("backlog", "delivered", "quality", "aspiration"))
def improve(
    gain, realised, session, retreat, joined, density, member_support, gap, base, backlog, delivered, quality, aspiration, p, p_alignment,
):  # fmt: skip
    """Solved problems leave the backlog, are delivered within a year and improve practice, which comes to be expected."""
    for d in range(gain.shape[0]):
        delivered[d] += (gain[d] * realised[d] - delivered[d]) / p.delivery_months
    reps = (gain.shape[0] - 1) // quality.shape[0]
    for s in range(quality.shape[0]):
        sessions = 0.0
        worked = 0.0
        results = 0.0
        for d in range(1 + s * reps, 1 + (s + 1) * reps):
            sessions += session[d] / reps
            worked += realised[d] / reps
            results += delivered[d] / reps
        new = (p.refill + p.session_refill * sessions + p.retreat_refill * retreat[0] * joined[s]) * (1.0 - backlog[s])
        solved = p.solving * (1.7 - p_alignment.scope) * worked * backlog[s]
        backlog[s] = clip(backlog[s] + new - solved, 0.0, 1.0)
        q = quality[s]
        usual = base[s] + p.morale * (member_support[s] - 0.5)
        change = p.improvement * results * (0.4 + 2.0 * density[s]) * (1.0 - q) - p.erosion * (q - usual)
        quality[s] = clip(q + change - 0.002 * gap[0] / 0.08 * (q - 0.2), 0.0, 1.0)
        aspiration[s] += (quality[s] - aspiration[s]) / p.aspiration_months


@step(writes=("score",))
def publish(site_id, quality, score, p, key0, key1, month):
    """Once a year schools' results are published, with some luck in them."""
    if month % 12 != MAY:
        return
    for s in range(score.shape[0]):
        luck = normal(unit(block(key0, key1, PUBLISHES, month, site_id[s], 0)[0]))
        score[s] = clip(quality[s] + p.score_noise * luck, 0.0, 1.0)
