"""Alignment (M10): gains need an agenda about teaching and learning, and a partnership tied to district strategy.

Claim
    Partnerships that handle personnel matters only run out of problems worth solving; those that work on operations gain only
    as far as the district's strategy takes up what they decide (Kochan, Katz & McKersie 1986).

Equations
    ::

        A_eff = (1 - A) a_HR + A Z
        Z += .04 ( .9 if both leaders collaborate else .3  - Z )        an outside superintendent resets Z (succession)

Limits
    The agenda is one share; which problems are on it is not modelled.

Sources
    Kochan, Katz & McKersie 1986; Rubinstein 2000.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="alignment",
    claim="An agenda of teaching and learning pays as far as it is aligned with district strategy.",
    parameters=(
        Parameter(name="scope", symbol="A", default=0.7, bounds=(0, 1), sweep=(0.1, 0.95), unit="share", role="lever", status="assumed",
                  source="assumed; seed districts put teaching first", meaning="share of the agenda on teaching and learning", sign="+"),
        Parameter(name="personnel_yield", symbol="a_HR", default=0.35, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="yield of personnel matters"),
        Parameter(name="speed", default=0.04, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed: about two years", meaning="speed of alignment"),
        Parameter(name="aligned", default=0.9, bounds=(0, 1), unit="share", role="fixed", status="definition",
                  source="scale", meaning="alignment that collaborating leaders reach"),
        Parameter(name="unaligned", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="definition",
                  source="scale", meaning="alignment left without them"),
    ),
)  # fmt: skip


@step(writes=("focus",))
def agenda(alignment, focus, p):
    """The share of the agenda that can yield gains this month."""
    focus[0] = (1.0 - p.scope) * p.personnel_yield + p.scope * alignment[0]


@step(writes=("alignment",))
def align(joint, alignment, p):
    """Leaders who collaborate align the partnership with the district's strategy."""
    alignment[0] += p.speed * ((p.aligned if joint[0] >= 1.0 else p.unaligned) - alignment[0])
