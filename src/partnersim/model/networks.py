"""Networks (M8): informal ties grow out of meetings and fade without use; what people in schools do becomes a norm.

Claim
    Dense ties carry contact when formal meetings lapse (Coleman 1988) and make collaborating, or contesting, normal among peers and
    for the leaders above them (Centola 2018); bridges that are not used are soon gone (Burt 2002).

Equations
    ::

        informal  c += a_c (held/f* + .1) [C-C](1 - c/12) - d_c c           f*: usual meetings (5 leaders, 4 workplace)
        norm      N = nu dens mean x of the side's people in schools last month,   x(C, H, D) = 1, 0, -1
        density   D += .02 q m (1 - D) - .006 D                             members' network in a school; m: their support

    N is added to the value of collaborating and taken from that of contesting, for the school's people (peers) and for the leader
    (upward norm: what happens below is what the leader stands for).

Limits
    Networks are means, not graphs: everybody on a side is everybody's peer.

Sources
    Granovetter 1973; Coleman 1988; Burt 2002; Centola 2018; contact: evidence F5, F16.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.model.columns import STRATEGIC
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="networks",
    claim="Informal ties carry contact when meetings lapse, and peers make collaborating, or contesting, normal.",
    parameters=(
        Parameter(name="tie_gain", symbol="a_c", default=0.5, bounds=(0, 5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="informal contacts gained in a month of joint work at usual meetings"),
        Parameter(name="tie_decay", symbol="d_c", default=0.10, bounds=(0, 1), sweep=(0.05, 0.19), unit="1/month", role="world", status="measured",
                  source="Burt 2002: nine in ten bridges gone in a year among bankers is the upper end", meaning="decay of unused ties", sign="-"),
        Parameter(name="tie_ceiling", default=12, bounds=(1, 20), unit="1/month", role="fixed", status="assumed",
                  source="evidence F5", meaning="informal contacts a dyad can sustain"),
        Parameter(name="usual_leader_meetings", default=5, bounds=(1, 20), unit="1/month", role="fixed", status="definition",
                  source="evidence F16", meaning="meetings at which the leaders' ties form at full speed"),
        Parameter(name="usual_workplace_meetings", default=4, bounds=(1, 20), unit="1/month", role="fixed", status="definition",
                  source="evidence F16", meaning="meetings at which workplace ties form at full speed"),
        Parameter(name="peer_weight", symbol="nu", default=0.20, bounds=(0, 1), sweep=(0, 0.35), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="weight of peers' conduct", sign="+"),
        Parameter(name="internal_density", symbol="dens", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="assumed; evidence N9: one rep for ten members is dense organising", meaning="how densely each side is organised within itself", sign="+"),
        Parameter(name="density_gain", default=0.02, bounds=(0, 0.5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="growth of members' network where people collaborate"),
        Parameter(name="density_decay", default=0.006, bounds=(0, 0.5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="decay of members' network"),
    ),
)  # fmt: skip


@step(writes=("peer_norm",))
def norm(person_side, stance, peer_norm, person_group, p):
    """Everybody, leaders included, looks at what the side's people in schools did last month."""
    for side in range(2):
        total = 0.0
        count = 0
        for i in range(stance.shape[0]):
            if person_side[i] == side and person_group[i] != STRATEGIC:
                total += 1.0 - stance[i]
                count += 1
        for i in range(stance.shape[0]):
            if person_side[i] == side:
                peer_norm[i] = p.peer_weight * p.internal_density * total / count


@step(writes=("informal", "density"))
def tie(dyad_group, dyad_site, joint, meetings, member_support, informal, density, p):
    """Joint work turns meetings into ties; ties fade without use."""
    for d in range(informal.shape[0]):
        usual = p.usual_leader_meetings if dyad_group[d] == STRATEGIC else p.usual_workplace_meetings
        gained = p.tie_gain * (meetings[d] / usual + 0.1) * (1.0 - informal[d] / p.tie_ceiling) if joint[d] >= 1.0 else 0.0
        informal[d] += gained - p.tie_decay * informal[d]
        if d > 0:
            s = dyad_site[d]
            density[s] += p.density_gain * joint[d] * member_support[s] * (1.0 - density[s]) - p.density_decay * density[s]
