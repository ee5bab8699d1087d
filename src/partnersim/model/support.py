"""External support (M18): facilitators, community and national union act through a few declared channels.

Claim
    Partnerships are islands in a setting that helps or not (Eaton, Cutcher-Gershenfeld & Rubinstein 2016); outside support
    works by what it supplies, never by itself.

Equations
    Levels 0-1 in the columns `facilitation`, `community`, `national`, read by: facilitation - misreading (trust), leaders'
    stakes and procedure (pivotal events); community - budget gap (economy), board (politics); national - training (capability),
    legitimacy and vote (politics). `launch` is the help given at founding (structures).

Limits
    Support is a level set by the scenario; it does not answer to success.

Sources
    Eaton, Cutcher-Gershenfeld & Rubinstein 2016; DiMaggio 1988.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="support",
    claim="Facilitators, community and national union help through what they supply.",
    parameters=(
        Parameter(name="facilitation", symbol="fac", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="definition",
                  source="scale", meaning="facilitators at hand", sign="+"),
        Parameter(name="community", symbol="comm", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="definition",
                  source="scale", meaning="community engagement", sign="+"),
        Parameter(name="national", symbol="nat", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="definition",
                  source="scale", meaning="support of the national union", sign="+"),
        Parameter(name="launch", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="definition",
                  source="scale", meaning="help given at founding", sign="+"),
    ),
)  # fmt: skip


@step(writes=("facilitation", "community", "national"))
def provide(facilitation, community, national, p):
    """Support is what the scenario says."""
    facilitation[0] = p.facilitation
    community[0] = p.community
    national[0] = p.national
