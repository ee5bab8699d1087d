"""External support (M18): facilitators, community and national union act through a few declared channels.

Claim
    Partnerships are islands in a setting that helps or not (Eaton, Cutcher-Gershenfeld & Rubinstein 2016); outside support
    works by what it supplies, never by itself. It may be lent for a time only, and success draws more of it.

Equations
    ::

        facilitation = fac e^(-t/fading)                         t: months since the level was set; fading 0: for good
        national     = (1 - fs) nat e^(-t/fading) + fs R         fs: follows_success
        community    = (1 - fs) comm + fs R
        reputation   R += (clip(mean(score - base)/.2, 0, 1) - R)/24

    Levels 0-1, read by: facilitation - misreading (trust), leaders' stakes and procedure (pivotal events), resumption (structures);
    community - budget gap (economy), board (politics); national - training (capability), legitimacy and vote (politics).
    `launch` is the help given when a school joins (structures). A level that changes acts at once and restarts its fading.

Limits
    Facilitators do not follow success. The public looks at published scores above the school's base, that is, it allows for poverty.

Sources
    Eaton, Cutcher-Gershenfeld & Rubinstein 2016; DiMaggio 1988; "success to the successful": Senge 1990.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip, exp
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
                  source="scale", meaning="help given to a school that joins", sign="+"),
        Parameter(name="fading_months", default=0, bounds=(0, 600), sweep=(12, 120), unit="months", role="world", status="definition",
                  source="scale; 0: support does not fade", meaning="time in which facilitation and national support fade once they are set", sign="+"),
        Parameter(name="follows_success", symbol="fs", default=0, bounds=(0, 1), sweep=(0, 1), unit="share", role="world", status="definition",
                  source="scale; Senge 1990 (idea)", meaning="how far community and national support follow published results", sign="?"),
        Parameter(name="full_success", default=0.2, bounds=(0.01, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="mean score above base that the public takes for full success"),
        Parameter(name="reputation_months", default=24, bounds=(1, 240), unit="months", role="fixed", status="assumed",
                  source="assumed", meaning="time in which results make a name"),
    ),
)  # fmt: skip


@step(writes=("level_set",))
def begin(level_set, p):
    """The scenario's levels are in force from the start."""
    level_set[0, 0] = p.facilitation
    level_set[0, 1] = p.national


@step(writes=("facilitation", "community", "national", "level_set", "level_since", "reputation"))
def provide(score, base, facilitation, community, national, level_set, level_since, reputation, p, month):
    """Support is what the scenario says, unless it fades or follows success."""
    sites = score.shape[0]
    above = 0.0
    for s in range(sites):
        above += (score[s] - base[s]) / sites
    reputation[0] += (clip(above / p.full_success, 0.0, 1.0) - reputation[0]) / p.reputation_months
    left = (1.0, 1.0)
    if p.facilitation != level_set[0, 0]:
        level_set[0, 0] = p.facilitation
        level_since[0, 0] = month
    if p.national != level_set[0, 1]:
        level_set[0, 1] = p.national
        level_since[0, 1] = month
    if p.fading_months > 0.0:
        left = (exp(-(month - level_since[0, 0]) / p.fading_months), exp(-(month - level_since[0, 1]) / p.fading_months))
    facilitation[0] = left[0] * p.facilitation
    community[0] = p.community + p.follows_success * (reputation[0] - p.community)
    national[0] = left[1] * p.national
    national[0] += p.follows_success * (reputation[0] - national[0])
