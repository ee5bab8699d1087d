"""Clarity (M3): what the partnership means becomes shared by working together, and fades without practice.

Claim
    Relational contracts fail for want of clarity as much as for want of credibility (Gibbons & Henderson 2012): people who do
    not share an understanding misread each other's conduct.

Equations
    ::

        kappa += a_k l [joint > 0] (1 - kappa) - d_k kappa          a month; l: reach of the month's contact
        kappa += .15 (1 - kappa)                                    after a joint training session
        kappa_0 += .10 (1 - kappa_0)                                between the leaders, after a retreat

    A change of person in the dyad cuts kappa (succession). Misreading itself stands with trust: collaboration is read as
    something else with probability eps_0 (1 - kappa) (1 - .4 facilitation).

Limits
    One number a dyad; what exactly is understood (principles, roles, procedure) is not distinguished.

Sources
    Gibbons & Henderson 2012; Argyris & Schon 1978; Schein 1985.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="clarity",
    claim="Shared understanding grows with joint work and keeps people from misreading each other.",
    parameters=(
        Parameter(name="gain", symbol="a_k", default=0.03, bounds=(0, 0.5), sweep=(0.01, 0.06), unit="1/month", role="world", status="assumed",
                  source="assumed: about two years of full contact", meaning="growth of clarity in a month of joint work", sign="+"),
        Parameter(name="fading", symbol="d_k", default=0.006, bounds=(0, 0.2), unit="1/month", role="fixed", status="assumed",
                  source="assumed: half-life ten years", meaning="fading of clarity"),
        Parameter(name="session_gain", default=0.15, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the missing clarity that a joint session supplies"),
        Parameter(name="retreat_gain", default=0.10, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the leaders' missing clarity that a retreat supplies"),
    ),
)  # fmt: skip


@step(writes=("clarity",))
def grow(joint, reach, session, retreat, clarity, p):
    """Joint work, joint training and retreats make the meaning of the partnership common."""
    clarity[0] += p.retreat_gain * retreat[0] * (1.0 - clarity[0])
    for d in range(clarity.shape[0]):
        worked = 1.0 if joint[d] > 0.0 else 0.0
        clarity[d] += p.gain * reach[d] * worked * (1.0 - clarity[d]) - p.fading * clarity[d]
        clarity[d] += p.session_gain * session[d] * (1.0 - clarity[d])
