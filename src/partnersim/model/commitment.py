"""Commitment (M4): people value working together by what it has brought them, and remember open conflict for years.

Claim
    Commitment is renewed by results and lost without them, so new practice has a motivation threshold (Repenning 2002); the
    memory of a hurting stalemate keeps people from going back (Zartman 1985), and fades.

Equations
    With felt gain gf (joint gains) and joint output q of the dyad's month::

        q = 1:      J += a_J (gf - J)
        q = 0:      J += .01 (.6 J_0 - J)
        P *= 1 - 1/84 ;   P += .05 (leaders) or .03 (workplace) in a month of mutual contest

    The horizon (expected months in office) that weighs the future stands with succession.

Half-hearted months
    A month in which one side held back (0 < q < 1) teaches nothing. The stricter rule J += a_J (q gf - J) was tried: a fifth of all
    workplace months are half-hearted, and practice alive at five years fell from .70 to .44, below what published rates allow.

Limits
    Value is judged from one's own dyad; leaders look at the schools through the felt gain of the leader dyad.

Sources
    Repenning 2002; Axelrod 1984; Baker, Gibbons & Murphy 2002; Zartman 1985.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.model.columns import CONTEST, STRATEGIC
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="commitment",
    claim="Experienced results renew the will to collaborate; memory of conflict deters contest and fades.",
    parameters=(
        Parameter(name="learning", symbol="a_J", default=0.09, bounds=(0, 1), sweep=(0.04, 0.15), unit="1/month", role="world", status="calibrated",
                  source="assumed: about a year", meaning="speed at which felt gains change experienced value", sign="?"),
        Parameter(name="promise", symbol="J_0", default=0.64, bounds=(0, 3), sweep=(0.4, 0.9), unit="gu", role="world", status="calibrated",
                  source="assumed: just above the motivation threshold at trust .5", meaning="value that people expect before experience", sign="+"),
        Parameter(name="disuse", default=0.01, bounds=(0, 0.2), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="drift of value toward a faded promise without joint work"),
        Parameter(name="faded_promise", default=0.6, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the promise that is believed without experience"),
        Parameter(name="memory_months", default=84, bounds=(6, 600), sweep=(24, 120), unit="months", role="world", status="assumed",
                  source="assumed; partnerships followed strikes by two to six years (evidence I12)", meaning="time in which memory of conflict fades", sign="+"),
        Parameter(name="conflict_leaders", default=0.05, bounds=(0, 1), unit="gu/month", role="fixed", status="assumed",
                  source="assumed", meaning="memory added by a month of mutual contest of the leaders"),
        Parameter(name="conflict_workplace", default=0.03, bounds=(0, 1), unit="gu/month", role="fixed", status="assumed",
                  source="assumed", meaning="memory added by a month of mutual contest at the workplace"),
    ),
)  # fmt: skip

HIGHEST = 20.0  # gu: no expectation is higher


@step(writes=("value", "memory"))
def experience(dyad_group, union_of, management_of, stance, joint, felt, value, memory, p):
    """What the month brought changes what people expect of the next."""
    for i in range(memory.shape[0]):
        memory[i] *= 1.0 - 1.0 / p.memory_months
    for d in range(joint.shape[0]):
        for side in range(2):
            if joint[d] >= 1.0:
                value[d, side] = min(HIGHEST, value[d, side] + p.learning * (felt[d] - value[d, side]))
            elif joint[d] == 0.0:
                value[d, side] += p.disuse * (p.faded_promise * p.promise - value[d, side])
        if stance[union_of[d]] == CONTEST and stance[management_of[d]] == CONTEST:
            hurt = p.conflict_leaders if dyad_group[d] == STRATEGIC else p.conflict_workplace
            memory[union_of[d]] += hurt
            memory[management_of[d]] += hurt
