"""Authority (M9): decisions are really shared as management's conduct and the contract grant; what is promised is expected.

Claim
    Participation ranges from pseudo over partial to full (Pateman 1970), and promised influence that does not come is worse than
    none promised (Kim & Voos: excluded unions do worse than no union).

Equations
    ::

        pi_0 += w_pi ( min(ceiling, max(coop(a_M), lam_L L)) (1 - tr press) - pi_0 )
        pi_s += w_pi ( min(ceiling, max(min(coop(a_p), pi_0 + .1), .6 lam_L L)) - pi_s )
        promised = F (.25 + .35 L);   shortfall = [promised - pi]+      read by trust (M2) and members (M11)

    coop(C, H, D) = 1, .3, 0. A principal cannot share what was not delegated. Accountability pressure draws decisions to the top. While
    the partnership is suspended no authority moves. Schools that have not joined were promised nothing.

Limits
    Promised authority is a guess at what members expect; no survey of it was found.

Sources
    Pateman 1970; Kochan, Katz & McKersie 1986; Kim & Voos 1997; Staw, Sandelands & Dutton 1981 (threat and rigidity).
"""

from partnersim.engine.mechanism import Mechanism, step
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
        Parameter(name="ceiling", default=1.0, bounds=(0, 1), sweep=(0.15, 1), unit="share", role="lever", status="assumed",
                  source="evidence I13 (three depths); their places on the scale (.15-.20, .45, 1) are assumed", meaning="most authority that management will share", sign="+"),
        Parameter(name="centralised", symbol="tr", default=0.2, bounds=(0, 1), sweep=(0, 0.5), unit="share", role="world", status="assumed",
                  source="Staw, Sandelands & Dutton 1981 (direction), size assumed",
                  meaning="shared authority at the top that full accountability pressure takes away", sign="?"),
        Parameter(name="promised", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="authority that a partnership as such promises"),
        Parameter(name="promised_by_contract", default=0.35, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="further authority that full contract language promises"),
        Parameter(name="shortfall_weight", symbol="b_sh", default=6.0, bounds=(0, 20), sweep=(0, 10), unit="1/share", role="world",
                  status="calibrated", source="evidence F12 (direction), size assumed; compare P12, P2",
                  meaning="how fast withheld authority empties the union's trust in attention", sign="-"),
        Parameter(name="site_floor", default=0.6, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="how much of the contract's floor reaches schools"),
    ),
)  # fmt: skip


@step(writes=("authority", "shortfall"))
def share(
    dyad_site, management_of, stance, language, exists, suspended, joined, pressure, authority, shortfall, p, p_structures,
):  # fmt: skip
    """Authority moves toward what management's conduct and the contract grant; what is missing of the promise is felt."""
    cooperative = (1.0, p_structures.lukewarm, 0.0)
    floor = p.by_contract * language[0]
    promise = exists[0] * min(1.0, p.promised + p.promised_by_contract * language[0])
    speed = p.speed * (1.0 - suspended[0])
    granted = min(p.ceiling, max(cooperative[stance[management_of[0]]], floor)) * (1.0 - p.centralised * pressure[0])
    authority[0] += speed * (granted - authority[0])
    shortfall[0] = max(0.0, promise - authority[0])
    for d in range(1, authority.shape[0]):
        granted = max(min(cooperative[stance[management_of[d]]], authority[0] + p.delegation_slack), p.site_floor * floor)
        authority[d] += speed * (min(p.ceiling, granted) - authority[d])
        shortfall[d] = max(0.0, promise * joined[dyad_site[d]] - authority[d])
