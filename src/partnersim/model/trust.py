"""Trust (M2): conduct moves trust in log-odds; bad news weighs most for the undecided, and deceit leaves a ceiling.

Claim
    Trust is learnt from what the other side does and is destroyed more easily than built (Slovic 1993), most of all among
    people who have not made up their minds (Poortinga & Pidgeon 2004). Honest breaches heal; deceit never quite does
    (Schweitzer, Hershey & Bradlow 2006).

Equations
    With l = logit T, reach L of the month's contact, stakes weight o = 1 + omega_z z (open issue z, gu; for the leaders in a month of
    shared sacrifice at least its stake)::

        saw C:   l += lam L o cr
        saw D:   l -= lam R(T) max(L, .5) o y (1 - separation),    R(T) = 1 + (rho - 1) 4 T (1 - T)
        saw H:   l += 2 lam_H L (logit T_H - l)
        always:  l -= f_g (l - logit T*);    T = min(logistic l, ceiling), kept in [.01, .99]
        y  = 1 + young exp(-age/18)          (months since one of the two changed)
        cr = 1 for management; for the union side 1 - b_sh shortfall of promised authority

    Advisers of a leader learn from the other side's leader in the same way, by what they see in the teams' meetings; without them they
    only forget.

    In a month with a retreat a side that pays its share is seen to collaborate, one that does not to hold back, unless it contests.

    cr may be negative: attention without influence is no evidence of good faith (Kim & Voos). Deceit sets the ceiling to
    dec T for as long as the deceiver stays. C is read as D or H with probability eps_0 (1 - kappa)(1 - .4 facilitation).

Instead of the prototype's linear rule
    Linear learning gave a loss:gain ratio of .6, 5 and 20 at T = .1, .5, .8, against evidence P4; log-odds give 1.5, 2.5, 1.9.

Limits
    Trust is about conduct in this dyad; reputation of absent people enters only through succession.

Sources
    Slovic 1993; Poortinga & Pidgeon 2004; Schweitzer, Hershey & Bradlow 2006; Lount et al. 2008; Lewicki & Bunker 1996.
"""

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip, exp, logistic, logit, normal
from partnersim.engine.random import block, stream, unit
from partnersim.model.columns import ADVISES, COLLABORATE, CONTEST, HOLD, STRATEGIC, UNION
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="trust",
    claim="Trust is a belief learnt from conduct, destroyed more easily than built, capped by deceit.",
    parameters=(
        Parameter(name="news", symbol="lam", default=0.08, bounds=(0, 0.5), sweep=(0.04, 0.14), unit="log-odds/month", role="world",
                  status="calibrated", source="assumed; compare P1, P4", meaning="weight of a month's good news at full contact", sign="?"),
        Parameter(name="bad_news_ratio", symbol="rho", default=2.5, bounds=(1, 8), sweep=(1, 4), unit="factor", role="world",
                  status="calibrated", source="evidence F18, F19 (direction), size assumed", meaning="bad against good news for the undecided", sign="-"),
        Parameter(name="forgetting", symbol="f_g", default=0.015, bounds=(0, 0.2), unit="1/month", role="fixed", status="assumed",
                  source="assumed: half-life four years", meaning="drift of trust toward the level without news"),
        Parameter(name="resting_level", symbol="T*", default=0.45, bounds=(0.05, 0.95), unit="probability", role="fixed", status="assumed",
                  source="assumed", meaning="trust without news"),
        Parameter(name="lukewarm_drift", symbol="lam_H", default=0.02, bounds=(0, 0.5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="drift after lukewarm conduct"),
        Parameter(name="calculus_level", symbol="T_H", default=0.45, bounds=(0.05, 0.95), unit="probability", role="fixed", status="assumed",
                  source="Lewicki & Bunker 1996 (idea), level assumed", meaning="trust that rests on calculation alone"),
        Parameter(name="stake_weight", symbol="omega_z", default=1.0, bounds=(0, 5), unit="1/gu", role="fixed", status="assumed",
                  source="assumed", meaning="how much more conduct under an open issue tells"),
        Parameter(name="young", default=1.0, bounds=(0, 5), sweep=(0, 2), unit="factor", role="world", status="calibrated",
                  source="evidence F21 (direction), size assumed; compare P1", meaning="extra weight of bad news in a new relationship", sign="-"),
        Parameter(name="deceit_ceiling", symbol="dec", default=0.85, bounds=(0, 1), sweep=(0.6, 1), unit="share", role="world",
                  status="assumed", source="evidence F20 (direction), size assumed; compare P4", meaning="share of former trust that can be regained after deceit", sign="+"),
        Parameter(name="misreading", symbol="eps_0", default=0.15, bounds=(0, 0.5), sweep=(0, 0.3), unit="probability", role="world",
                  status="assumed", source="assumed; Haber et al. (misperception kills reciprocity)",
                  meaning="misreading of collaboration without shared understanding", sign="-"),
        Parameter(name="start_spread", default=0.08, bounds=(0, 0.3), unit="probability", role="fixed", status="assumed",
                  source="assumed; evidence I3: sd .13 between leaders of one district", meaning="sd of trust at the start between workplace people"),
    ),
)  # fmt: skip

READS = stream("trust.reads")
STARTS = stream("trust.starts")
LOWEST, HIGHEST = 0.01, 0.99


@helper
def shift(trust, change, ceiling):
    """Return trust moved by `change` [log-odds], never above the ceiling that deceit left."""
    return clip(min(logistic(logit(trust) + change), ceiling), LOWEST, HIGHEST)


@helper
def bad_news(trust, ratio):
    """Return how much more bad news weighs than good: `ratio` for the undecided, 1 for those sure either way."""
    return 1.0 + (ratio - 1.0) * 4.0 * trust * (1.0 - trust)


@helper
def read(u, conduct, doubt):
    """Return how conduct is read: collaboration passes for contest or for holding back with probability doubt/2 each."""
    if conduct != COLLABORATE or u >= doubt:
        return conduct
    return CONTEST if u < 0.5 * doubt else HOLD


@helper
def news(p, seen, now, reach, weight, credit, fragile, apart):
    """Return the change of trust [log-odds] by a month in which the other side's conduct was seen as `seen`."""
    if seen == COLLABORATE:
        change = p.news * reach * weight * credit
    elif seen == CONTEST:
        change = -p.news * bad_news(now, p.bad_news_ratio) * max(reach, 0.5) * weight * fragile * (1.0 - apart)
    else:
        change = 2.0 * p.lukewarm_drift * reach * (logit(p.calculus_level) - logit(now))
    return change - p.forgetting * (logit(now) - logit(p.resting_level))


@step(writes=("trust", "team_trust"))
def begin(dyad_group, dyad_id, person_rank, person_side, person_id, trust, team_trust, p, key0, key1, month):
    """Workplace dyads start with different trust, advisers with that of their leader, more or less."""
    for d in range(trust.shape[0]):
        if dyad_group[d] != STRATEGIC:
            a, b, _, _ = block(key0, key1, STARTS, month, dyad_id[d], 0)
            trust[d, 0] = clip(trust[d, 0] + p.start_spread * normal(unit(a)), LOWEST, HIGHEST)
            trust[d, 1] = clip(trust[d, 1] + p.start_spread * normal(unit(b)), LOWEST, HIGHEST)
    for i in range(team_trust.shape[0]):
        if person_rank[i] == ADVISES:
            drawn = p.start_spread * normal(unit(block(key0, key1, STARTS, month, person_id[i], 0)[0]))
            team_trust[i] = clip(trust[0, person_side[i]] + drawn, LOWEST, HIGHEST)


@step(writes=("trust", "team_trust"))
def learn(
    dyad_id, union_of, management_of, person_rank, person_side, person_id, stance, clarity, reach, team_reach, issue, separation,
    facilitation, age, shortfall, sacrifice, retreat, retreat_paid, trust, team_trust, ceiling, p, p_authority, key0, key1, month,
):  # fmt: skip
    """Both sides of each dyad learn from what they saw; advisers learn about the other side's leader."""
    for d in range(trust.shape[0]):
        words = block(key0, key1, READS, month, dyad_id[d], 0)
        doubt = p.misreading * (1.0 - clarity[d]) * (1.0 - 0.4 * facilitation[0])
        fragile = 1.0 + p.young * exp(-age[d] / 18.0)
        # sharing a sacrifice is collaboration at a stake
        weight = 1.0 + p.stake_weight * (max(issue[0], sacrifice[0]) if d == 0 else issue[d])
        credit = 1.0 - p_authority.shortfall_weight * shortfall[d]
        for side in range(2):
            other = management_of[d] if side == UNION else union_of[d]
            conduct = stance[other]
            if d == 0 and retreat[0] == 1 and conduct != CONTEST:
                conduct = COLLABORATE if retreat_paid[0, 1 - side] > 0 else HOLD
            seen = read(unit(words[side]), conduct, doubt)
            change = news(p, seen, trust[d, side], reach[d], weight, credit if side == UNION else 1.0, fragile, separation[d])
            trust[d, side] = shift(trust[d, side], change, ceiling[d, side])
    doubt = p.misreading * (1.0 - clarity[0]) * (1.0 - 0.4 * facilitation[0])
    fragile = 1.0 + p.young * exp(-age[0] / 18.0)
    weight = 1.0 + p.stake_weight * max(issue[0], sacrifice[0])
    credit = 1.0 - p_authority.shortfall_weight * shortfall[0]
    for i in range(team_trust.shape[0]):
        if person_rank[i] == ADVISES:
            side = person_side[i]
            other = management_of[0] if side == UNION else union_of[0]
            seen = HOLD  # with no reach it teaches nothing
            if team_reach[0] > 0.0:
                seen = read(unit(block(key0, key1, READS, month, person_id[i], 0)[0]), stance[other], doubt)
            change = news(p, seen, team_trust[i], team_reach[0], weight, credit if side == UNION else 1.0, fragile, separation[0])
            team_trust[i] = shift(team_trust[i], change, ceiling[0, side])
