"""Role strain (M12): sharing authority hurts managers without the new skills; leaders' conduct is a signal to those below.

Claim
    Middle managers resist participation that takes their role and gives them none (Klein 1984), less when they have learnt the new one;
    what the top does tells those below what is meant (Fenton-O'Creevy 1998; Repenning 2002).

Equations
    ::

        strain of a principal  = r_p pi (1 - K_p)               taken from the value of collaborating
        signal                 = mu Xbar                        added to collaborating, taken from contesting, of the side's people
        Xbar = .8 Xbar + .2 x(stance of the side's leader),     x(C, H, D) = 1, 0, -1

Limits
    Managers differ in skill, not in how much control means to them; threat to their posts and a divided top are not in it yet.

Sources
    Klein 1984; Fenton-O'Creevy 1998; Walton, Cutcher-Gershenfeld & McKersie 1994; Repenning 2002; evidence I7-I9.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.model.columns import MANAGEMENT, WORKPLACE
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="role_strain",
    claim="Middle managers resist what they cannot handle, and follow the signal from the top.",
    parameters=(
        Parameter(name="manager_strain", symbol="r_p", default=0.36, bounds=(0, 2), sweep=(0, 1), unit="gu", role="world", status="assumed",
                  source="evidence I7-I9 (direction), size assumed", meaning="strain of fully shared authority on an unskilled manager", sign="-"),
        Parameter(name="signal_weight", symbol="mu", default=0.15, bounds=(0, 1), sweep=(0, 0.3), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="weight of the leader's conduct", sign="+"),
        Parameter(name="signal_memory", default=0.8, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of last month's signal that stays"),
    ),
)  # fmt: skip


@step(writes=("strain",))
def feel(person_side, first_dyad, dyad_count, authority, skill, strain, p):
    """Managers without skill feel shared authority as loss of control."""
    for i in range(2, strain.shape[0]):
        if person_side[i] == MANAGEMENT and dyad_count[i] > 0:
            shared = 0.0
            for d in range(first_dyad[i], first_dyad[i] + dyad_count[i]):
                shared += authority[d] / dyad_count[i]
            strain[i] = p.manager_strain * shared * (1.0 - skill[i])


@step(writes=("leader_average",))
def begin(stance, leader_average):
    """At the start the signal is what the leaders do."""
    for side in range(2):
        leader_average[0, side] = 1.0 - stance[side]


@step(writes=("leader_average", "leader_signal"))
def signal(person_side, person_group, stance, leader_average, leader_signal, p):
    """Those below watch what their leader does."""
    for side in range(2):
        leader_average[0, side] = p.signal_memory * leader_average[0, side] + (1.0 - p.signal_memory) * (1.0 - stance[side])
    for i in range(stance.shape[0]):
        if person_group[i] == WORKPLACE:
            leader_signal[i] = p.signal_weight * leader_average[0, person_side[i]]
