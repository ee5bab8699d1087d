"""Authority (M9): who decides follows what management does, and what the contract prescribes.

Equations
    ::

        pi_0 += w_pi ( max(coop(a_M), lam_L L) - pi_0 )
        pi_s += w_pi ( max( min(coop(a_p), pi_0 + .1), .6 lam_L L ) - pi_s )
"""

from partnersim.engine.compose import Mechanism, step
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="authority",
    claim="Real influence makes gains and voice; a principal cannot share what was not delegated.",
    parameters=(
        Parameter(name="speed", symbol="w_pi", default=0.06, bounds=(0, 1), sweep=(0.03, 0.12), unit="1/month", role="world", status="assumed",
                  source="assumed", meaning="speed at which authority follows conduct", sign="?"),
        Parameter(name="by_contract", symbol="lam_L", default=0.45, bounds=(0, 1), sweep=(0.2, 0.7), unit="share", role="world", status="assumed",
                  source="assumed", meaning="authority that full contract language secures", sign="?"),
        Parameter(name="delegation_slack", default=0.1, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="authority a school may take beyond the district's"),
        Parameter(name="site_floor", default=0.6, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="how much of the contract's floor reaches schools"),
    ),
)  # fmt: skip


@step(writes=("authority",))
def share(management_of, stance, language, authority, p, p_structures):
    """Authority moves toward what management's conduct and the contract grant."""
    cooperative = (1.0, p_structures.lukewarm, 0.0)
    floor = p.by_contract * language[0]
    authority[0] += p.speed * (max(cooperative[stance[management_of[0]]], floor) - authority[0])
    for d in range(1, authority.shape[0]):
        granted = min(cooperative[stance[management_of[d]]], authority[0] + p.delegation_slack)
        authority[d] += p.speed * (max(granted, p.site_floor * floor) - authority[d])
