"""Trust (M2): experience of the counterpart's conduct moves trust, bad news more than good.

Equations
    With reach l (share of a month of work that contact allows) and stakes weight o = 1 + omega_z z::

        saw C: T += lam+ l o (1 - T)
        saw D: T -= lam- max(l, .5) o T (1.3 if I collaborated) (1 - separation)
        saw H: T += lam_H l (T_H - T)
"""

from numba import njit

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import COLLABORATE, CONTEST, HOLD, MANAGEMENT, STRATEGIC, UNION
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="trust",
    claim="Trust is a belief learnt from conduct, destroyed more easily than built.",
    parameters=(
        Parameter(name="gain", symbol="lam+", default=0.043, bounds=(0, 1), sweep=(0.02, 0.10), unit="1/month", role="world", status="assumed",
                  source="assumed: half-time about 16 months at full contact", meaning="rise after seen collaboration", sign="+"),
        Parameter(name="loss", symbol="lam-", default=0.17, bounds=(0, 1), sweep=(0.05, 0.35), unit="1/month", role="world", status="assumed",
                  source="evidence F18 (direction), size assumed", meaning="fall after seen contest", sign="-"),
        Parameter(name="betrayal", default=1.3, bounds=(1, 3), unit="factor", role="fixed", status="assumed",
                  source="assumed", meaning="worse if I collaborated"),
        Parameter(name="drift", symbol="lam_H", default=0.02, bounds=(0, 0.5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="drift after lukewarm conduct"),
        Parameter(name="calculus_level", symbol="T_H", default=0.45, bounds=(0, 1), unit="probability", role="fixed", status="assumed",
                  source="Lewicki & Bunker 1996 (idea), level assumed", meaning="trust that rests on calculation alone"),
        Parameter(name="stake_weight", symbol="omega_z", default=1.0, bounds=(0, 5), unit="1/gu", role="fixed", status="assumed",
                  source="assumed", meaning="how much more conduct under an open issue tells"),
        Parameter(name="misreading", symbol="eps_0", default=0.15, bounds=(0, 0.5), sweep=(0, 0.3), unit="probability", role="world",
                  status="assumed", source="assumed", meaning="misreading of collaboration without shared understanding", sign="-"),
        Parameter(name="start_spread", default=0.08, bounds=(0, 0.3), unit="probability", role="fixed", status="assumed",
                  source="assumed", meaning="sd of trust at the start between people at the workplace"),
    ),
)  # fmt: skip

READS = stream("trust.reads")
STARTS = stream("trust.starts")


@step(writes=("trust",))
def begin(dyad_group, dyad_id, trust, p, key0, key1, month):
    """Workplace dyads start with different trust."""
    for d in range(trust.shape[0]):
        if dyad_group[d] != STRATEGIC:
            a, b, _, _ = block(key0, key1, STARTS, month, dyad_id[d], 0)
            trust[d, UNION] = clip(trust[d, UNION] + p.start_spread * normal(unit(a)), 0.0, 1.0)
            trust[d, MANAGEMENT] = clip(trust[d, MANAGEMENT] + p.start_spread * normal(unit(b)), 0.0, 1.0)


@njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def read(u, conduct, doubt):
    """Return how conduct is read: collaboration is taken for contest or holding back with probability doubt/2 each."""
    if conduct != COLLABORATE or u >= doubt:
        return conduct
    return CONTEST if u < 0.5 * doubt else HOLD


@step(writes=("trust",))
def learn(dyad_id, union_of, management_of, stance, clarity, reach, issue, separation, facilitation, trust, p, key0, key1, month):
    """Both sides of each dyad learn from what they saw."""
    for d in range(trust.shape[0]):
        a, b, _, _ = block(key0, key1, READS, month, dyad_id[d], 0)
        doubt = p.misreading * (1.0 - clarity[d]) * (1.0 - 0.4 * facilitation[0])
        weight = 1.0 + p.stake_weight * issue[d]
        union, management = stance[union_of[d]], stance[management_of[d]]
        for side in range(2):
            own = union if side == UNION else management
            seen = read(unit(a if side == UNION else b), management if side == UNION else union, doubt)
            now = trust[d, side]
            if seen == COLLABORATE:
                now += p.gain * reach[d] * weight * (1.0 - now)
            elif seen == CONTEST:
                hurt = p.betrayal if own == COLLABORATE else 1.0
                now -= (1.0 - separation[d]) * p.loss * max(reach[d], 0.5) * weight * now * hurt
            else:
                now += p.drift * reach[d] * (p.calculus_level - now)
            trust[d, side] = clip(now, 0.0, 1.0)
