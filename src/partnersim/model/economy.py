"""Economy (M16): fiscal stress lasts for years, contracts run over, pay is cut and promised back, and talks can end in a strike.

Claim
    Hard times raise distributive stakes; a sacrifice that is shared and honoured is survivable, one whose return is withheld is
    not (Cappelli & McKersie 1985; Toledo 1995-2016: evidence P13). Joint bargaining has a price that leaders pay in approval, and
    strikes pay: the outside option is real (Lyon, Kraft & Steinberg 2024).

Equations
    ::

        recession   national, on w.p. 1/84, off w.p. 1/12 a month; at its onset the district is hit w.p. .7, exposure e ~ U(.5, 1.5)
        shortfall   += (depth e (1 - .4 comm)[recession] - shortfall) x (1/8 if rising, 1/36 if falling);   gap += .08 (shortfall - gap)
        stakes      leaders: sigma_gap gap/.08 + sigma_neg while a contract is negotiated; schools: .6 sigma_gap gap/.08
        cut         in the budget month (the sixth of a year) with gap > .04: pay -= .5 gap, less what was given up in this lean spell.
                    Shared, if both leaders collaborate: half of it is owed, due in 30 months, and both are seen to collaborate at stake
                    2 cut/.08. Else imposed: management contests outside procedure, the issue is at least 2 cut/.08, nothing is owed
        due         gap > .06 and chi > .3: put off a year, v - .02. Else honoured w.p. coop(a_M) + .3 (1 - coop(a_M)), else reneged
        honoured    union side, board too: l += lam (1 + b) (schools half);  m + .03 b, v + .05 b;  pay += paid;  b = min(1, paid/.03)
        reneged     union side, board too: l -= 12 lam R(T) b (reps half), ceiling = min(ceiling, 1 - (1 - dec T) b) (reps half way),
                    J *= 1 - jbr b, m - .12 b, v - .06 b; open until less than .003 is owed (pivotal events); looked at again every 12 months
        talks       from 6 months before a contract's end until a new one is signed; signed from the last month on w.p. .07 a month, .02 if
                    somebody contests, and ratified w.p. logistic((mean m - .4 + .5 offer)/.1),
                    offer = - concession - .5 gap;  members' no is the union leader's contest, kept in procedure by half
        joint talks signed with nobody contesting: language += .1 ib Kbar (1 - language); pay -= .01 ib Kbar, a concession
        conceded    + what joint talks concede, + the part of a shared cut that is not promised back; - what a strike's raise brings
        strike      w.p. .007 in a month of mutual contest during talks; days exponential, median 2: P_U + .35, P_M + .50, l_0 - .8,
                    l_s - .25, B - .10, v + .05, pay + .08 over 60 months, Q - .01 if days > 10; a contract is signed, without a vote

    Recessions run for ten years before month 0, so some districts begin in hard times; a scenario's start values are the least there is.

    By scenario: a recession has exposure 1 and hits for certain. A strike makes the month one of mutual contest. A cut that is shared makes
    both leaders collaborate, unless a breach or a strike is prescribed for the same month. A promise broken is withheld as above (b = 1/3 if
    nothing is owed), stays open for its months and is not honoured in them by chance.

Instead of the prototype
    A cut was a pressure on members; now it is a debt that can be honoured or not. The rule first specified took half the gap from pay in every
    budget month; a gap of 7 % that lasts four years then cost 16 % of pay and imposed four breaches, so only what is not yet given up in
    the lean spell is taken. What is promised back never counts as conceded, so its return wins nothing back: pay lost in a shared cut is owed
    plus conceded. Orderly contest in talks was to win concessions back; no pattern missed that, so it is gone.

    Recessions opened the gap at once and closed it at once; the two stages reproduce evidence E32. As stress now builds up for two years,
    districts that all began without any lived through three quiet years, and their hazard was no longer highest when young (evidence P1):
    hence the years before month 0.

    Contracts were to be signed at .35 a month (.10 if contested), which leaves one district in twenty in overrun; evidence E28 has a third,
    and .07 (.02) gives .30 in the typical and .40 in the adversarial district. Talks that last longer see more mutual contest, so the chance
    of a strike is .007 and not .05: .0015 strikes a district-year in the typical district, .005 in the adversarial one (E29: .001-.006).

Limits
    Pay is an index of what it would have been; imposed cuts never come back and half of shared ones do not. One date serves all that is owed:
    the oldest promise's. Interest-based talks concede pay but make ousters of union leaders rarer, not more frequent as F13 suggests, because
    they also shrink stakes. Raises come only by strikes. A second strike's raise follows the first one's.

Sources
    Cooke 1990; Cappelli & McKersie 1985; Putnam 1988 (ratification); recessions: evidence E31-E34; contracts: E27, E28; strikes: E29, E30;
    joint bargaining: F13.
"""

import numpy as np

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip, exponential, logistic
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import ADVISES, COLLABORATE, CONTEST, DISTRICT, MANAGEMENT, NOBODY, STRATEGIC, UNION
from partnersim.model.trust import bad_news, shift
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="economy",
    claim="Hard times raise stakes; shared and honoured sacrifice is survivable, a broken promise is not.",
    off="absent",
    parameters=(
        Parameter(name="downturn_rate", default=1 / 84, bounds=(0, 1), sweep=(0, 1 / 30), unit="1/month", role="world", status="measured",
                  source="evidence E31: .10-.17 a year", meaning="national recessions starting", sign="-"),
        Parameter(name="recovery_rate", default=1 / 12, bounds=(0.001, 1), unit="1/month", role="fixed", status="measured",
                  source="evidence E31: contractions of 11 months on average", meaning="national recessions ending"),
        Parameter(name="hit", default=0.7, bounds=(0, 1), sweep=(0, 1), unit="probability", role="world", status="measured",
                  source="evidence E33: .65-.75", meaning="districts that a recession hits", sign="-"),
        Parameter(name="depth", default=0.12, bounds=(0, 0.5), sweep=(0, 0.2), unit="share of budget", role="world", status="assumed",
                  source="evidence E32: gives a peak shortfall of 8 % after a year at mean exposure, where 7 % of spending was seen",
                  meaning="fiscal shortfall that a lasting recession would bring without community support", sign="-"),
        Parameter(name="onset_months", default=8, bounds=(1, 120), unit="months", role="fixed", status="assumed",
                  source="evidence E32 (peak in years two to four), split assumed", meaning="time in which a shortfall builds up"),
        Parameter(name="relief_months", default=36, bounds=(1, 240), unit="months", role="fixed", status="assumed",
                  source="evidence E32 (felt for four to six years), split assumed", meaning="time in which a shortfall fades"),
        Parameter(name="felt", default=0.08, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="evidence E32 (peak in years two to four), split assumed", meaning="speed at which schools feel a shortfall, behind reserves and budgets"),
        Parameter(name="history_months", default=120, bounds=(0, 600), unit="months", role="fixed", status="assumed",
                  source="assumed: long enough for a shortfall to fade", meaning="months of recessions and recoveries before month 0"),
        Parameter(name="gap_stake", symbol="sigma_gap", default=0.25, bounds=(0, 2), sweep=(0, 0.5), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by a gap of 8 % of the budget", sign="-"),
        Parameter(name="window_stake", symbol="sigma_neg", default=0.15, bounds=(0, 2), sweep=(0, 0.4), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by contract talks", sign="-"),
        Parameter(name="contract_months", default=36, bounds=(12, 120), sweep=(12, 60), unit="months", role="lever", status="assumed",
                  source="evidence E27 (from memory): three years are common", meaning="length of contracts", sign="?"),
        Parameter(name="signing", default=0.07, bounds=(0, 1), sweep=(0.03, 0.35), unit="1/month", role="world", status="calibrated",
                  source="evidence E28: a third work under an expired contract", meaning="agreement once a contract is due, if nobody contests", sign="?"),
        Parameter(name="signing_contested", default=0.02, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed: two sevenths of the peaceful rate", meaning="the same if somebody contests"),
        Parameter(name="ratified_at", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="members' support at which a ratification is even"),
        Parameter(name="ratification_slope", default=0.1, bounds=(0.005, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="noise of a ratification"),
        Parameter(name="offer_weight", default=0.5, bounds=(0, 10), unit="-", role="fixed", status="assumed",
                  source="assumed", meaning="weight of the offer of pay in a ratification"),
        Parameter(name="joint_clauses", default=0.1, bounds=(0, 1), sweep=(0, 0.3), unit="share", role="world", status="assumed",
                  source="evidence F13 (direction), size assumed", meaning="enabling language gained by joint talks at full skill", sign="?"),
        Parameter(name="concession", default=0.01, bounds=(0, 0.2), sweep=(0, 0.03), unit="share of pay", role="world", status="assumed",
                  source="evidence F13 (direction), size assumed", meaning="pay conceded in joint talks at full skill", sign="?"),
        Parameter(name="promise", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="Toledo (idea), level assumed", meaning="share of a shared cut that is promised back", sign="?"),
        Parameter(name="strike_chance", default=0.007, bounds=(0, 1), sweep=(0, 0.1), unit="probability/month", role="world", status="calibrated",
                  source="evidence E29: .001-.006 strikes a district-year", meaning="strike in a month of mutual contest during talks", sign="?"),
        Parameter(name="strike_days", default=2, bounds=(0.5, 30), unit="days", role="fixed", status="measured",
                  source="evidence E29: most end within 2 days", meaning="median length of a strike"),
        Parameter(name="strike_raise", default=0.08, bounds=(0, 0.5), sweep=(0, 0.16), unit="share of pay", role="world", status="measured",
                  source="evidence E30", meaning="raise that a strike brings over five years", sign="?"),
    ),
)  # fmt: skip

STARTS = stream("economy.starts")
HISTORY = stream("economy.history")
TURNS = stream("economy.turns")
STRIKES = stream("economy.strikes")
SIGNS = stream("economy.signs")
HONOURS = stream("economy.honours")
RECESSION, RECOVERY, STRIKE = word("recession"), word("recovery"), word("strike")
CUT, SHARED, IMPOSED = word("pay cut"), word("shared"), word("imposed")
PUT_OFF, HONOURED, RENEGED = word("return of pay put off"), word("return of pay honoured"), word("return of pay withheld")
SIGNED, REJECTED = word("contract signed"), word("contract rejected by members")
BUDGET_MONTH, TALK_MONTHS, RAISE_MONTHS = 6, 6, 60
FIRST_DUE, NEXT_DUE = np.int64(30), 12
LEAN, SMALLEST_CUT = 0.04, 0.005
MILDEST = 0.5  # exposures lie between this and this plus one (evidence E34)
MENDED, VAGUE = 0.003, 0.01  # pay owed below which a promise counts as kept, and that a broken promise is worth where none is owed
LONG_STRIKE, LN2 = 10.0, 0.6931471805599453
IN_PROCEDURE = 0.5  # how far members' no stays apart from joint work: the other side knows that it was not the leader's


@helper
def cycle(p, words, recession, exposure):
    """Let a national recession begin or end; one that begins may spare the district."""
    if recession[0] == 0 and unit(words[0]) < p.downturn_rate:
        recession[0] = 1
        exposure[0] = MILDEST + unit(words[3]) if unit(words[2]) < p.hit else 0.0
    elif recession[0] == 1 and unit(words[1]) < p.recovery_rate:
        recession[0] = 0


@helper
def follow(p, expected, fiscal_shortfall, gap):
    """Move the shortfall toward what the recession makes one expect, and the gap after it."""
    wanting = expected - fiscal_shortfall[0]
    fiscal_shortfall[0] += wanting / (p.onset_months if wanting > 0.0 else p.relief_months)
    gap[0] += p.felt * (fiscal_shortfall[0] - gap[0])


@step(writes=("contract_age", "due", "recession", "exposure", "fiscal_shortfall", "gap"))
def begin(owed, contract_age, due, recession, exposure, fiscal_shortfall, gap, p, p_support, key0, key1, month):
    """Contract cycles of districts are out of step; recessions lie behind them all, and may outweigh what the scenario gives."""
    contract_age[0] = pick(block(key0, key1, STARTS, month, DISTRICT, 0)[0], int(p.contract_months))
    if owed[0] > 0.0:
        due[0] = FIRST_DUE
    given = (recession[0], fiscal_shortfall[0], gap[0])
    recession[0] = 0
    fiscal_shortfall[0] = 0.0
    gap[0] = 0.0
    for past in range(int(p.history_months)):
        cycle(p, block(key0, key1, HISTORY, month, DISTRICT, past), recession, exposure)
        follow(p, p.depth * exposure[0] * recession[0] * (1.0 - 0.4 * p_support.community), fiscal_shortfall, gap)
    if given[0] == 1:
        recession[0] = 1
        exposure[0] = 1.0
    fiscal_shortfall[0] = max(fiscal_shortfall[0], given[1])
    gap[0] = max(gap[0], given[2])


@step(writes=("recession", "exposure", "fiscal_shortfall", "gap", "contract_age", "window", "economic_stake"))
def turn(
    dyad_group, community, recession_until, recession_depth, cut_until, cut_share, recession, exposure, fiscal_shortfall, gap,
    contract_age, window, economic_stake, p, p_stance, key0, key1, month, events,
):  # fmt: skip
    """Recessions come and go, shortfall and budget gap follow for years, contracts run."""
    shelter = 1.0 - 0.4 * community[0]
    drawn = exposure[0] * recession[0]
    before = drawn > 0.0 or 0 < month - 1 <= recession_until[0]
    cycle(p, block(key0, key1, TURNS, month, DISTRICT, 0), recession, exposure)
    now = exposure[0] * recession[0]
    depth = p.depth * now
    if now > 0.0 and drawn == 0.0:
        note(events, month, RECESSION, STRATEGIC, NOBODY, NOBODY, NOTHING, depth * shelter)
    if recession_until[0] >= month:
        depth = max(depth, recession_depth[0])
    elif before and now == 0.0:
        note(events, month, RECOVERY, STRATEGIC, NOBODY, NOBODY, NOTHING, gap[0])
    follow(p, depth * shelter, fiscal_shortfall, gap)
    if cut_until[0] >= month:
        gap[0] = max(gap[0], cut_share[0])
    contract_age[0] += 1
    window[0] = 1 if contract_age[0] > int(p.contract_months) - TALK_MONTHS else 0
    for n in range(economic_stake.shape[0]):
        if dyad_group[n] == STRATEGIC:
            economic_stake[n] = p.gap_stake * gap[0] / 0.08 + p.window_stake * window[0]
        else:
            economic_stake[n] = p_stance.workplace_stake * p.gap_stake * gap[0] / 0.08


@step(writes=("pay", "owed", "due", "sacrifice", "given_up", "conceded"), adds=("stance", "joint", "separation", "issue"))
def cut(
    union_of, management_of, stance, joint, separation, issue, gap, cut_now, cut_share, cut_promised, cut_due, strike_now, breach_until,
    pay, owed, due, sacrifice, given_up, conceded, p, month, events,
):  # fmt: skip
    """Pay is cut: in the budget month of a lean year, shared if both leaders collaborate and imposed if not; or as the timeline says."""
    union, management = union_of[0], management_of[0]
    sacrifice[0] = 0.0
    if gap[0] < LEAN:
        given_up[0] = 0.0
    wanted = 0.5 * gap[0] - given_up[0]
    if cut_now[0] > 0:
        wanted, together, promised, wait = 0.5 * cut_share[0], cut_now[0] == 1, cut_promised[0], cut_due[0]
        if together and strike_now[0] == 0.0 and max(breach_until[0, UNION], breach_until[0, MANAGEMENT]) < month:
            stance[union] = COLLABORATE
            stance[management] = COLLABORATE
            joint[0] = 1.0
    elif month % 12 == BUDGET_MONTH and gap[0] > LEAN and wanted > SMALLEST_CUT:
        together = stance[union] == COLLABORATE and stance[management] == COLLABORATE and strike_now[0] == 0.0
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
        conceded[0] += (1.0 - promised) * wanted
        sacrifice[0] = stake
    else:
        stance[management] = CONTEST
        joint[0] = 0.0
        separation[0] = 0.0
        issue[0] = max(issue[0], stake)
    note(events, month, CUT, STRATEGIC, NOBODY, NOBODY, SHARED if together else IMPOSED, wanted)


@step(writes=("strike", "pay_to_come"), adds=("stance", "joint", "memory", "trust", "board", "approval", "quality"))
def walk_out(
    union_of, management_of, window, ceiling, strike_now, strike, pay_to_come, stance, joint, memory, trust, board, approval,
    quality, p, key0, key1, month, events,
):  # fmt: skip
    """Mutual contest during talks may end in a strike, which both remember and which pays; or the scenario calls one."""
    strike[0] = 0
    union, management = union_of[0], management_of[0]
    both = stance[union] == CONTEST and stance[management] == CONTEST
    a, b, _, _ = block(key0, key1, STRIKES, month, DISTRICT, 0)
    days = strike_now[0]
    if days > 0.0:
        stance[union] = CONTEST
        stance[management] = CONTEST
        joint[0] = 0.0
    elif window[0] == 1 and both and unit(a) < p.strike_chance:
        days = p.strike_days * exponential(unit(b)) / LN2
        note(events, month, STRIKE, STRATEGIC, NOBODY, NOBODY, NOTHING, days)
    else:
        return
    strike[0] = 1
    pay_to_come[0] += p.strike_raise
    memory[union] += 0.35
    memory[management] += 0.50
    for d in range(trust.shape[0]):
        for side in range(2):
            trust[d, side] = shift(trust[d, side], -0.8 if d == 0 else -0.25, ceiling[d, side])
    board[0] = clip(board[0] - 0.1, 0.0, 1.0)
    for k in range(approval.shape[0]):
        approval[k] = min(1.0, approval[k] + 0.05)
    if days > LONG_STRIKE:
        for s in range(quality.shape[0]):
            quality[s] = max(0.0, quality[s] - 0.01)


@step(writes=("expiry", "contract_age", "pay", "conceded"), adds=("stance", "joint", "separation", "language"))
def sign(
    union_of, management_of, working_skill, member_support, gap, strike, expiry, contract_age, pay, conceded, stance, joint, separation,
    language, p, p_stance, key0, key1, month, events,
):  # fmt: skip
    """A contract that is due is agreed sooner if nobody contests, and needs the members' yes; a strike ends in one."""
    expiry[0] = 0
    late = contract_age[0] - int(p.contract_months)
    if late < 0 and strike[0] == 0:
        return
    union, management = union_of[0], management_of[0]
    contested = stance[union] == CONTEST or stance[management] == CONTEST
    a, b, _, _ = block(key0, key1, SIGNS, month, DISTRICT, 0)
    if strike[0] == 0:
        if unit(a) >= (p.signing_contested if contested else p.signing):
            return
        skill = 0.0 if contested else p_stance.interest_based * 0.5 * (working_skill[union] + working_skill[management])
        given = p.concession * skill
        support = 0.0
        for s in range(member_support.shape[0]):
            support += member_support[s] / member_support.shape[0]
        offer = -given - 0.5 * gap[0]
        if unit(b) >= logistic((support - p.ratified_at + p.offer_weight * offer) / p.ratification_slope):
            note(events, month, REJECTED, STRATEGIC, NOBODY, NOBODY, NOTHING, support)
            if not contested:
                separation[0] = max(separation[0], IN_PROCEDURE)
            stance[union] = CONTEST
            joint[0] = 0.0
            return
        language[0] += p.joint_clauses * skill * (1.0 - language[0])
        pay[0] -= given
        conceded[0] += given
    expiry[0] = 1
    contract_age[0] = 0
    note(events, month, SIGNED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(max(0, late)))


@step(writes=("pay", "pay_to_come", "conceded"))
def earn(pay, pay_to_come, conceded, p):
    """Raises that a strike won arrive month by month, and make up for what was conceded."""
    instalment = min(pay_to_come[0], p.strike_raise / RAISE_MONTHS)
    pay_to_come[0] -= instalment
    conceded[0] = max(0.0, conceded[0] - instalment)
    pay[0] += instalment


@step(writes=("pay", "owed", "due", "broken"), adds=("trust", "team_trust", "ceiling", "value", "support", "approval"))
def repay(
    person_rank, person_side, management_of, stance, gap, restored_now, broken_now, broken_until, pay, owed, due, broken, trust,
    team_trust, ceiling, value, support, approval, p_trust, p_politics, p_pivotal_events, p_structures,
    key0, key1, month, events,
):  # fmt: skip
    """When the return of a sacrifice is due it is put off, honoured or withheld; or the scenario decides."""
    if 0 < broken_until[0] == month - 1:
        broken[0] = 0.0
    fell_due = owed[0] > 0.0 and due[0] == month
    if fell_due:
        due[0] = month + NEXT_DUE
    honoured = restored_now[0] > 0.0
    if honoured:
        amount = restored_now[0] * owed[0]
    elif broken_now[0] == 1:
        amount = owed[0] if owed[0] > 0.0 else VAGUE
    elif fell_due:
        amount = owed[0]
        if broken[0] > 0.0 and broken_until[0] >= month:
            return
        if gap[0] > 0.06 and p_politics.transparency > 0.3 and broken[0] == 0.0:
            for k in range(approval.shape[0]):
                approval[k] = max(0.0, approval[k] - 0.02)
            note(events, month, PUT_OFF, STRATEGIC, NOBODY, NOBODY, NOTHING, amount)
            return
        goodwill = (1.0, p_structures.lukewarm, 0.0)[stance[management_of[0]]]
        honoured = unit(block(key0, key1, HONOURS, month, DISTRICT, 0)[0]) < goodwill + 0.3 * (1.0 - goodwill)
        if not honoured and broken[0] > 0.0:
            return
    else:
        return
    if honoured:
        pay[0] += amount
        owed[0] -= amount
    b = min(1.0, amount / 0.03)
    if honoured and owed[0] < MENDED:
        broken[0] = 0.0
    elif not honoured:
        broken[0] = max(broken[0], b)
    if b == 0.0:
        return
    note(events, month, HONOURED if honoured else RENEGED, STRATEGIC, NOBODY, NOBODY, NOTHING, amount)
    for d in range(trust.shape[0]):
        weight = b if d == 0 else 0.5 * b
        now = trust[d, UNION]
        if honoured:
            change = p_trust.news * (1.0 + b) * (1.0 if d == 0 else 0.5)
        else:
            change = -12.0 * p_trust.news * bad_news(now, p_trust.bad_news_ratio) * weight
            ceiling[d, UNION] = min(ceiling[d, UNION], 1.0 - (1.0 - p_trust.deceit_ceiling * now) * weight)
            value[d, UNION] *= 1.0 - p_pivotal_events.breach * b
        trust[d, UNION] = shift(now, change, ceiling[d, UNION])
    for i in range(team_trust.shape[0]):
        if person_rank[i] == ADVISES and person_side[i] == UNION:
            now = team_trust[i]
            bad = -12.0 * p_trust.news * bad_news(now, p_trust.bad_news_ratio) * b
            team_trust[i] = shift(now, p_trust.news * (1.0 + b) if honoured else bad, ceiling[0, UNION])
    for k in range(support.shape[0]):
        support[k] = clip(support[k] + (0.03 if honoured else -0.12) * b, 0.0, 1.0)
        approval[k] = clip(approval[k] + (0.05 if honoured else -0.06) * b, 0.0, 1.0)
