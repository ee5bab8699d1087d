"""Economy (M16): recessions open budget gaps, contracts expire, pay is cut and promised back, and talks can end in a strike.

Claim
    Hard times raise distributive stakes; a sacrifice that is shared and honoured is survivable, one whose return is withheld is
    not (Cappelli & McKersie 1985; Toledo 1995-2016: evidence P13).

Equations
    ::

        recession   on w.p. 1/84, off w.p. 1/18 a month;   gap += .15 (depth (1 - .4 comm)[recession] - gap)
        stakes      leaders: sigma_gap gap/.08 + sigma_neg in the last 6 months of each contract; schools: .6 sigma_gap gap/.08
        cut         in the budget month (the sixth of a year) with gap > .04: pay -= .5 gap, less what was given up in this lean spell.
                    Shared, if both leaders collaborate: half of it is owed, due in 30 months, and both are seen to collaborate at stake
                    2 cut/.08. Else imposed: management contests outside procedure, the issue is at least 2 cut/.08, nothing is owed
        due         gap > .06 and chi > .3: put off a year, v - .02. Else honoured w.p. coop(a_M) + .3 (1 - coop(a_M)), else reneged
        honoured    union side l += lam (1 + b) (schools half);  m + .03 b, v + .05 b;  pay += owed;  b = min(1, owed/.03)
        reneged     union side l -= 12 lam R(T) b (reps half), ceiling = min(ceiling, 1 - (1 - dec T) b) (reps half way),
                    J *= 1 - jbr b, m - .12 b, v - .06 b; open until paid (pivotal events); looked at again every 12 months
        strike      w.p. .15 in a month of mutual contest during talks: P_U + .35, P_M + .50, l_0 - .8, l_s - .25, B - .10

Instead of the prototype
    A cut was a pressure on members; now it is a debt that can be honoured or not. The rule first specified took half the gap from pay in every
    budget month; a gap of 7 % that lasts four years then cost 16 % of pay and imposed four breaches, so only what is not yet given up in
    the lean spell is taken.

Limits
    Pay is an index of what it would have been; imposed cuts never come back and half of shared ones do not, so it only falls. One date serves
    all that is owed: the oldest promise's. Contracts are signed on time; strikes bring no pay; recession strikes districts alike.

Sources
    Cooke 1990; Cappelli & McKersie 1985; recessions: evidence E31, E32; contracts: E27; strikes: E29.
"""

import numpy as np

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import COLLABORATE, CONTEST, DISTRICT, NOBODY, STRATEGIC
from partnersim.model.trust import bad_news, shift
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="economy",
    claim="Hard times raise stakes; shared and honoured sacrifice is survivable, a broken promise is not.",
    off="absent",
    parameters=(
        Parameter(name="downturn_rate", default=1 / 84, bounds=(0, 1), sweep=(0, 1 / 30), unit="1/month", role="world", status="measured",
                  source="evidence E31: .10-.17 a year", meaning="recessions starting", sign="-"),
        Parameter(name="recovery_rate", default=1 / 18, bounds=(0.001, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed: between contractions of 11 months (E31) and school stress of four to six years (E32)", meaning="recessions ending"),
        Parameter(name="depth", default=0.12, bounds=(0, 0.5), sweep=(0, 0.2), unit="share of budget", role="world", status="assumed",
                  source="assumed: before community support; evidence E32 has 7 % of spending", meaning="budget gap of a recession without community support", sign="-"),
        Parameter(name="gap_stake", symbol="sigma_gap", default=0.25, bounds=(0, 2), sweep=(0, 0.5), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by a gap of 8 % of the budget", sign="-"),
        Parameter(name="window_stake", symbol="sigma_neg", default=0.15, bounds=(0, 2), sweep=(0, 0.4), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by contract talks", sign="-"),
        Parameter(name="contract_months", default=36, bounds=(12, 120), sweep=(12, 60), unit="months", role="lever", status="assumed",
                  source="evidence E27 (from memory): three years are common", meaning="length of contracts", sign="?"),
        Parameter(name="promise", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="Toledo (idea), level assumed", meaning="share of a shared cut that is promised back", sign="?"),
        Parameter(name="strike_chance", default=0.15, bounds=(0, 1), sweep=(0, 0.4), unit="probability/month", role="world", status="assumed",
                  source="assumed; evidence E29: .0035 strikes a district-year", meaning="strike in a month of mutual contest during talks", sign="?"),
    ),
)  # fmt: skip

STARTS = stream("economy.starts")
TURNS = stream("economy.turns")
STRIKES = stream("economy.strikes")
HONOURS = stream("economy.honours")
RECESSION, RECOVERY, STRIKE = word("recession"), word("recovery"), word("strike")
CUT, SHARED, IMPOSED = word("pay cut"), word("shared"), word("imposed")
PUT_OFF, HONOURED, RENEGED = word("return of pay put off"), word("return of pay honoured"), word("return of pay withheld")
BUDGET_MONTH, FIRST_DUE, NEXT_DUE = 6, np.int64(30), 12
LEAN, SMALLEST_CUT = 0.04, 0.005


@step(writes=("contract_phase",))
def begin(contract_phase, p, key0, key1, month):
    """Contract cycles of districts are out of step."""
    contract_phase[0] = pick(block(key0, key1, STARTS, month, DISTRICT, 0)[0], int(p.contract_months))


@step(writes=("recession", "gap", "window", "expiry", "economic_stake"))
def turn(
    dyad_group, community, contract_phase, recession_until, recession_depth, cut_until, cut_share,
    recession, gap, window, expiry, economic_stake, p, p_stance, key0, key1, month, events,
):  # fmt: skip
    """Recessions come and go, the budget gap follows, contracts run."""
    a, b, _, _ = block(key0, key1, TURNS, month, DISTRICT, 0)
    starts, ends = unit(a) < p.downturn_rate, unit(b) < p.recovery_rate
    if starts and recession[0] == 0:
        note(events, month, RECESSION, STRATEGIC, NOBODY, NOBODY, NOTHING, p.depth * (1.0 - 0.4 * community[0]))
    if ends and not starts and recession[0] == 1:
        note(events, month, RECOVERY, STRATEGIC, NOBODY, NOBODY, NOTHING, gap[0])
    recession[0] = 1 if starts or (recession[0] == 1 and not ends) else 0
    depth = p.depth if recession[0] == 1 else 0.0
    if recession_until[0] >= month:
        depth = max(depth, recession_depth[0])
    gap[0] += 0.15 * (depth * (1.0 - 0.4 * community[0]) - gap[0])
    if cut_until[0] >= month:
        gap[0] = max(gap[0], cut_share[0])
    age = (month - 1 + contract_phase[0]) % int(p.contract_months)
    window[0] = 1 if age >= int(p.contract_months) - 6 else 0
    expiry[0] = 1 if age == int(p.contract_months) - 1 else 0
    for d in range(economic_stake.shape[0]):
        if dyad_group[d] == STRATEGIC:
            economic_stake[d] = p.gap_stake * gap[0] / 0.08 + p.window_stake * window[0]
        else:
            economic_stake[d] = p_stance.workplace_stake * p.gap_stake * gap[0] / 0.08


@step(writes=("pay", "owed", "due", "sacrifice", "given_up", "conceded"), adds=("stance", "joint", "separation", "issue"))
def cut(
    union_of, management_of, stance, joint, separation, issue, gap, cut_now, cut_share, cut_promised, cut_due, pay, owed, due, sacrifice,
    given_up, conceded, p, month, events,
):  # fmt: skip
    """Pay is cut: in the budget month of a lean year, shared if both leaders collaborate and imposed if not; or as the timeline says."""
    sacrifice[0] = 0.0
    conceded[0] *= 1.0 - 1.0 / 60.0
    if gap[0] < LEAN:
        given_up[0] = 0.0
    wanted = 0.5 * gap[0] - given_up[0]
    if cut_now[0] > 0:
        wanted, together, promised, wait = 0.5 * cut_share[0], cut_now[0] == 1, cut_promised[0], cut_due[0]
    elif month % 12 == BUDGET_MONTH and gap[0] > LEAN and wanted > SMALLEST_CUT:
        together = stance[union_of[0]] == COLLABORATE and stance[management_of[0]] == COLLABORATE
        promised, wait = p.promise if together else 0.0, FIRST_DUE
    else:
        return
    pay[0] -= wanted
    given_up[0] += wanted
    if promised > 0.0:
        if owed[0] == 0.0:
            due[0] = month + wait
        owed[0] += promised * wanted
    stake = min(1.5, 2.0 * wanted / 0.08)
    if together:
        sacrifice[0] = stake
    else:
        stance[management_of[0]] = CONTEST
        joint[0] = 0.0
        separation[0] = 0.0
        issue[0] = max(issue[0], stake)
    note(events, month, CUT, STRATEGIC, NOBODY, NOBODY, SHARED if together else IMPOSED, wanted)


@step(writes=("pay", "owed", "due", "broken"), adds=("trust", "ceiling", "value", "support", "approval"))
def repay(
    management_of, stance, gap, pay, owed, due, broken, trust, ceiling, value, support, approval,
    p_trust, p_politics, p_pivotal_events, p_structures, key0, key1, month, events,
):  # fmt: skip
    """When the return of a sacrifice is due it is put off, honoured or withheld."""
    if owed[0] <= 0.0 or due[0] != month:
        return
    b = min(1.0, owed[0] / 0.03)
    due[0] = month + NEXT_DUE
    if gap[0] > 0.06 and p_politics.transparency > 0.3 and broken[0] == 0.0:
        for k in range(approval.shape[0]):
            approval[k] = max(0.0, approval[k] - 0.02)
        note(events, month, PUT_OFF, STRATEGIC, NOBODY, NOBODY, NOTHING, owed[0])
        return
    goodwill = (1.0, p_structures.lukewarm, 0.0)[stance[management_of[0]]]
    honoured = unit(block(key0, key1, HONOURS, month, DISTRICT, 0)[0]) < goodwill + 0.3 * (1.0 - goodwill)
    if not honoured and broken[0] > 0.0:
        return
    for d in range(trust.shape[0]):
        weight = b if d == 0 else 0.5 * b
        now = trust[d, 0]
        if honoured:
            change = p_trust.news * (1.0 + b) * (1.0 if d == 0 else 0.5)
        else:
            change = -12.0 * p_trust.news * bad_news(now, p_trust.bad_news_ratio) * weight
            ceiling[d, 0] = min(ceiling[d, 0], 1.0 - (1.0 - p_trust.deceit_ceiling * now) * weight)
            value[d, 0] *= 1.0 - p_pivotal_events.breach * b
        trust[d, 0] = shift(now, change, ceiling[d, 0])
    for k in range(support.shape[0]):
        support[k] = clip(support[k] + (0.03 if honoured else -0.12) * b, 0.0, 1.0)
        approval[k] = clip(approval[k] + (0.05 if honoured else -0.06) * b, 0.0, 1.0)
    note(events, month, HONOURED if honoured else RENEGED, STRATEGIC, NOBODY, NOBODY, NOTHING, owed[0])
    if honoured:
        pay[0] += owed[0]
        owed[0] = 0.0
        broken[0] = 0.0
    else:
        broken[0] = b


@step(writes=("strike",), adds=("memory", "trust", "board"))
def walk_out(union_of, management_of, stance, window, ceiling, strike, memory, trust, board, p, key0, key1, month, events):
    """Mutual contest during talks may end in a strike, which both remember."""
    strike[0] = 0
    both = stance[union_of[0]] == CONTEST and stance[management_of[0]] == CONTEST
    if window[0] == 1 and both and unit(block(key0, key1, STRIKES, month, DISTRICT, 0)[0]) < p.strike_chance:
        strike[0] = 1
        memory[union_of[0]] += 0.35
        memory[management_of[0]] += 0.50
        for d in range(trust.shape[0]):
            for side in range(2):
                trust[d, side] = shift(trust[d, side], -0.8 if d == 0 else -0.25, ceiling[d, side])
        board[0] = clip(board[0] - 0.1, 0.0, 1.0)
        note(events, month, STRIKE, STRATEGIC, NOBODY, NOBODY, NOTHING, 1.0)
