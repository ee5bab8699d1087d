"""Joint gains (M5): problems solved together improve practice; easy problems go first and results come to be expected.

Equations
    ::

        opportunity  O_s = hrec + (1 - hrec)(1 - Q_s)/(1 - Q0)
        gain         g = g_max xi O sqrt(K_r K_p) [pi_lo + (1 - pi_lo) pi] A_eff l (1 - k_train session)
        practice     Q += zeta g q (1 + D)(1 - Q) - d_Q (Q - Q0) - .002 (gap/.08)(Q - .2)
        aspiration   Qref += (Q - Qref)/48
        felt         gf = g [v0 + (1 - v0) rho],  rho = clip((Q - Qref)/r*, 0, 1.5)
"""

import math

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, exp, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="joint_gains",
    claim="Joint problem solving improves practice, with diminishing opportunity and rising aspiration.",
    parameters=(
        Parameter(name="potential", symbol="g_max", default=2.8, bounds=(0, 10), sweep=(1.5, 4.5), unit="gu", role="world", status="assumed",
                  source="assumed; calibrate", meaning="joint gain a side with full skill, authority and contact", sign="+"),
        Parameter(name="uninformed", symbol="pi_lo", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the gain that needs no shared authority"),
        Parameter(name="recurrent", symbol="hrec", default=0.42, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of problems that recur"),
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
        Parameter(name="aspiration_months", default=48, bounds=(6, 240), unit="months", role="fixed", status="assumed",
                  source="Cyert & March 1963 (idea); time assumed", meaning="time in which results come to be expected"),
        Parameter(name="spread", symbol="xi_sd", default=0.15, bounds=(0, 1), sweep=(0, 0.4), unit="log", role="world", status="assumed",
                  source="assumed", meaning="sd of what districts and schools can gain", sign="?"),
        Parameter(name="session_burden", symbol="k_train", default=0.15, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="output lost in a month with a session"),
        Parameter(name="leaders_own", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed: partnership must pay at the workplace", meaning="weight of strategic gains in the leaders' felt gain"),
        Parameter(name="leaders_scale", default=1.2, bounds=(0, 5), unit="factor", role="fixed", status="assumed",
                  source="assumed", meaning="scale of the leaders' felt gain"),
    ),
)  # fmt: skip

ENDOWS = stream("joint_gains.endows")


@step(writes=("richness",))
def endow(dyad_group, dyad_id, dyad_site, richness, p, key0, key1, month):
    """Districts and schools differ in what working together can bring."""
    whole = exp(p.spread * normal(unit(block(key0, key1, ENDOWS, month, dyad_id[0], 0)[0])))
    for d in range(richness.shape[0]):
        own = normal(unit(block(key0, key1, ENDOWS, month, dyad_id[d], 1)[0]))
        richness[d] = whole * (exp(p.spread * own) if d > 0 else 1.0)


@step(writes=("gain", "recognition"))
def offer(dyad_site, union_of, management_of, richness, skill, authority, focus, reach, session, discretion, quality, aspiration, gain, recognition, p):
    """What collaborating could bring this month, before anyone chooses."""
    sites = quality.shape[0]
    mean_quality = 0.0
    for s in range(sites):
        mean_quality += quality[s] / sites
        recognition[s] = clip((quality[s] - aspiration[s]) / p.recognition_scale, 0.0, 1.5)
    for d in range(gain.shape[0]):
        q = mean_quality if d == 0 else quality[dyad_site[d]]
        opportunity = p.recurrent + (1.0 - p.recurrent) * (1.0 - q) / (1.0 - p.base_quality)
        skills = math.sqrt(skill[union_of[d]] * skill[management_of[d]])
        gain[d] = opportunity * richness[d] * p.potential * skills * (p.uninformed + (1.0 - p.uninformed) * authority[d]) * focus[0] * reach[d]
        if d == 0:
            gain[d] *= discretion[0]
        else:
            gain[d] *= 1.0 - p.session_burden * session[d]


@step(writes=("realised", "felt"))
def realise(dyad_site, union_of, management_of, stance, joint, separation, gain, recognition, realised, felt, p):
    """What the month's stances made of it, and how it was felt."""
    sites = recognition.shape[0]
    delivered = 0.0
    seen = 0.0
    for d in range(gain.shape[0]):
        union, management = stance[union_of[d]], stance[management_of[d]]
        one_contests = union + management == CONTEST + COLLABORATE and union != management
        realised[d] = separation[d] if one_contests else joint[d]
        if d > 0:
            rho = recognition[dyad_site[d]]
            felt[d] = gain[d] * (p.recognised + (1.0 - p.recognised) * rho)
            delivered += gain[d] * realised[d] / (gain.shape[0] - 1)
    for s in range(sites):
        seen += recognition[s] / sites
    own = p.leaders_own
    felt[0] = p.leaders_scale * (own * gain[0] + (1.0 - own) * delivered) * (p.recognised + (1.0 - p.recognised) * seen)


@step(writes=("quality", "aspiration"))
def improve(dyad_site, gain, realised, density, gap, quality, aspiration, p):
    """Solved problems improve practice, which erodes toward its base and comes to be expected."""
    for d in range(1, gain.shape[0]):
        s = dyad_site[d]
        q = quality[s]
        quality[s] = q + (
            p.improvement * gain[d] * realised[d] * (1.0 + density[s]) * (1.0 - q)
            - p.erosion * (q - p.base_quality)
            - 0.002 * gap[0] / 0.08 * (q - 0.2)
        )
        aspiration[s] += (quality[s] - aspiration[s]) / p.aspiration_months
