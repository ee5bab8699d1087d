"""Structures (M7): meetings are held if people turn up, or because the contract says so; form is founded, suspended and dissolved.

Claim
    Collaboration needs structures at every tier (Kochan, Katz & McKersie 1986); contract language keeps meetings on the calendar
    when nobody collaborates, which is what makes a paper partnership possible (Meyer & Rowan 1977). Where trust is low a quarrel
    outside procedure suspends the partnership, and it can come back.

Equations
    ::

        held = F (1 - S) f max(.8 L, mean attendance of last month)    n = held + talks + informal + f_base    reach = 1 - exp(-n/n0)
        talks        2 a month between the leaders while a contract is negotiated, partnership or not
        roll-out     after a founding a school joins w.p. .03 + .05 [principal and all its reps collaborated] a month; none meets before
        founding     in a decision month (the sixth of a year, or when a contract is signed): F = 1 if both leaders collaborated in
                     >= 6 of the last 12 months and the board's confidence is above .5
        suspension   a leader contests outside procedure: S = 1 w.p. logistic((T_susp - T of that leader)/.04)
        resumption   after two months in a row of mutual collaboration of the leaders (one if facilitation is above .5)
        dissolution  a leader contested in >= 6 of 12 months, no decree bars it, and L < .25 or the contract expires; L is halved.
                     A month of suspension counts as contest from the 25th on
        retreat      in the second month of the year (and the eighth, if there are two): each side pays its share w.p. coop(its leader's
                     stance last month); held if a side pays

    coop(C, H, D) = 1, .3, 0. A founding lifts the leaders' expected value to J_0 and their clarity to .4. When a school joins, `launch` of
    its distance to J_0 is closed and trust below .5 is lifted half as far. A start with a partnership may have schools that have not
    joined yet. While suspended nothing meets and nobody trains; language and clarity stay. In the month of a strike that the scenario calls
    nothing meets. What a retreat does stands with clarity, capability and joint gains; that paying for it is seen as good faith, by the
    leaders, stands with trust.

Instead of the prototype
    There three collaborative months in a row founded a partnership: 76 % within ten years, two thirds of those within two.
    Evidence I12 has a lag of two to six years, and most crises found nothing (assumed), so founding waits for a decision month.
    All schools joined at once. Retreats were not in it; one that neither side pays for is not held, or partnerships that live on paper
    only would learn from it. A decree bars dissolution when the contract expires, too; the order does not lapse with it. Talks are a duty of both parties and so go on in suspension and strikes, but are no part of the form.

Limits
    Schools join and never leave one by one. Dissolution does not ask whether anybody still wants the partnership.

Sources
    Kochan, Katz & McKersie 1986; Meyer & Rowan 1977; meeting doses: evidence F16; lag: evidence I12; suspension: pattern P13.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import exp, logistic
from partnersim.engine.random import block, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import COLLABORATE, CONTEST, DISTRICT, NOBODY, STRATEGIC, UNION, WORKPLACE
from partnersim.model.trust import shift
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="structures",
    claim="Meetings at every tier carry joint work; contract language keeps them on the calendar even when nobody collaborates.",
    parameters=(
        Parameter(name="strategic_meetings", symbol="f_L", default=5, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16 (one celebrated district): weekly, plus the monthly cabinet and board", meaning="planned meetings of the leaders", sign="+"),
        Parameter(name="bargaining_meetings", default=2, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="assumed",
                  source="assumed", meaning="meetings of the leaders at the table while a contract is negotiated", sign="?"),
        Parameter(name="workplace_meetings", symbol="f_S", default=4, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16 (one celebrated district): weekly", meaning="planned meetings of principal and rep", sign="?"),
        Parameter(name="team_meetings", symbol="f_T", default=1.5, bounds=(0, 20), sweep=(0, 6), unit="1/month", role="lever", status="assumed",
                  source="evidence F16: cabinet and union board monthly; the half assumed", meaning="planned meetings of cabinet and executive board", sign="+"),
        Parameter(name="retreat_meetings", default=1, bounds=(0, 2), sweep=(0, 2), unit="1/year", role="lever", status="measured",
                  source="evidence F16 (one celebrated district): one a year", meaning="joint retreats of leaders and their teams", sign="+"),
        Parameter(name="unavoidable", symbol="f_base", default=0.4, bounds=(0, 5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that happen anyway"),
        Parameter(name="contact_scale", symbol="n0", default=2.0, bounds=(0.1, 10), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that reach 63 % of a month of joint work"),
        Parameter(name="lukewarm", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="attendance and openness of somebody who holds back"),
        Parameter(name="by_contract", default=0.8, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; federal councils met on paper (Masters et al. 2006)", meaning="meetings that full contract language secures"),
        Parameter(name="founding", default=1, bounds=(0, 1), sweep=(0, 1), unit="0/1", role="lever", status="definition",
                  source="scale", meaning="whether a partnership may be founded at all", sign="+"),
        Parameter(name="founding_months", default=6, bounds=(1, 12), sweep=(5, 9), unit="of 12 months", role="world", status="assumed",
                  source="evidence I12; calibrate on the lag", meaning="months with both leaders collaborating before they found", sign="-"),
        Parameter(name="joined_at_start", default=1.0, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="definition",
                  source="scale", meaning="schools that take part from the start where a partnership exists", sign="+", at_start=True),
        Parameter(name="joining", default=0.03, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed; spread over a district takes years (evidence F17, direction)", meaning="chance that a school joins"),
        Parameter(name="joining_willing", default=0.05, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="further chance if principal and reps collaborate already"),
        Parameter(name="suspension", symbol="T_susp", default=0.30, bounds=(0, 1), sweep=(0.1, 0.45), unit="probability", role="world", status="calibrated",
                  source="Toledo (that small quarrels suspended it), level assumed; compare P13",
                  meaning="trust at which every second contest outside procedure suspends the partnership", sign="-"),
        Parameter(name="suspension_slope", default=0.04, bounds=(0.001, 1), unit="probability", role="fixed", status="assumed",
                  source="assumed", meaning="how sharply trust decides on suspension"),
        Parameter(name="lapsing_months", default=24, bounds=(0, 240), unit="months", role="fixed", status="assumed",
                  source="assumed", meaning="months of suspension before it counts as contest"),
        Parameter(name="dissolving_months", default=6, bounds=(1, 12), unit="of 12 months", role="fixed", status="assumed",
                  source="assumed", meaning="months with a leader contesting that end the partnership"),
        Parameter(name="protection", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="contract language that protects from dissolution between contracts"),
    ),
)  # fmt: skip

JOINS = stream("structures.joins")
SUSPENDS = stream("structures.suspends")
PAYS = stream("structures.pays_for_retreat")
FOUNDED, DISSOLVED = word("partnership founded"), word("partnership dissolved")
SUSPENDED, RESUMED = word("partnership suspended"), word("partnership resumed")
JOINED = word("school joins")


@step(writes=("joined",))
def begin(site_id, exists, joined, p, key0, key1, month):
    """Where a partnership exists at the start, all or some schools take part."""
    for s in range(joined.shape[0]):
        joined[s] = exists[0] if unit(block(key0, key1, JOINS, month, site_id[s], 0)[0]) < p.joined_at_start else 0


@step(writes=("meetings", "contact", "reach", "team_reach"))
def meet(
    dyad_group, dyad_site, union_of, management_of, stance, exists, suspended, joined, window, strike_now, language, informal, meetings,
    contact, reach, team_reach, p,
):  # fmt: skip
    """Meetings are held as people turned up last month, or as the contract prescribes; talks whenever a contract is negotiated."""
    cooperative = (1.0, p.lukewarm, 0.0)
    open_now = exists[0] * (1.0 - suspended[0]) * (0.0 if strike_now[0] > 0.0 else 1.0)
    secured = p.by_contract * language[0]
    for d in range(meetings.shape[0]):
        top = dyad_group[d] == STRATEGIC
        planned = p.strategic_meetings if top else p.workplace_meetings * joined[dyad_site[d]]
        attendance = 0.5 * (cooperative[stance[union_of[d]]] + cooperative[stance[management_of[d]]])
        meetings[d] = open_now * planned * max(secured, attendance)
        talks = p.bargaining_meetings * window[0] if top else 0.0
        contact[d] = meetings[d] + talks + informal[d] + p.unavoidable
        reach[d] = 1.0 - exp(-contact[d] / p.contact_scale)
    attendance = 0.5 * (cooperative[stance[union_of[0]]] + cooperative[stance[management_of[0]]])
    team_reach[0] = 1.0 - exp(-open_now * p.team_meetings * max(secured, attendance) / p.contact_scale)


@step(writes=("retreat", "retreat_paid"))
def withdraw(union_of, management_of, stance, exists, suspended, strike_now, retreat, retreat_paid, p, key0, key1, month):
    """Once or twice a year leaders and teams go on a retreat, if a side pays; who pays shows good faith."""
    retreat[0] = 0
    season = month % 12
    due = (season == 2 and p.retreat_meetings >= 0.5) or (season == 8 and p.retreat_meetings >= 1.5)
    possible = due and exists[0] == 1 and suspended[0] == 0 and strike_now[0] == 0.0
    cooperative = (1.0, p.lukewarm, 0.0)
    words = block(key0, key1, PAYS, month, DISTRICT, 0)
    for side in range(2):
        leader = union_of[0] if side == UNION else management_of[0]
        retreat_paid[0, side] = 1 if possible and unit(words[side]) < cooperative[stance[leader]] else 0
        if retreat_paid[0, side] == 1:
            retreat[0] = 1


@step(writes=("suspended", "suspended_since"))
def suspend(
    union_of, management_of, stance, separation, trust, facilitation, exists, together_history, suspended, suspended_since,
    p, key0, key1, month, events,
):  # fmt: skip
    """A leader of little trust who contests outside procedure suspends the partnership; leaders who collaborate again resume it."""
    if exists[0] == 0:
        return
    union, management = stance[union_of[0]], stance[management_of[0]]
    if suspended[0] == 1:
        before = together_history[0, (month + 11) % 12] == 1 or facilitation[0] > 0.5
        if union == COLLABORATE and management == COLLABORATE and before:
            suspended[0] = 0
            note(events, month, RESUMED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(month - suspended_since[0]))
        return
    words = block(key0, key1, SUSPENDS, month, DISTRICT, 0)
    for side in range(2):
        conduct = union if side == UNION else management
        doubt = logistic((p.suspension - trust[0, side]) / p.suspension_slope)
        if suspended[0] == 0 and conduct == CONTEST and separation[0] == 0.0 and unit(words[side]) < doubt:
            suspended[0] = 1
            suspended_since[0] = month
            note(events, month, SUSPENDED, STRATEGIC, NOBODY, side, NOTHING, trust[0, side])


@step(writes=("joined",), adds=("value", "trust"))
def spread(
    site_id, union_of, management_of, stance, exists, suspended, ceiling, joined, value, trust,
    p, p_commitment, p_support, key0, key1, month, events,
):  # fmt: skip
    """Schools join the partnership one by one, the willing sooner."""
    if exists[0] == 0 or suspended[0] == 1:
        return
    reps = (union_of.shape[0] - 1) // joined.shape[0]
    for s in range(joined.shape[0]):
        if joined[s] == 1:
            continue
        first = 1 + s * reps
        willing = 1.0 if stance[management_of[first]] == COLLABORATE else 0.0
        for d in range(first, first + reps):
            if stance[union_of[d]] != COLLABORATE:
                willing = 0.0
        if unit(block(key0, key1, JOINS, month, site_id[s], 0)[0]) < p.joining + p.joining_willing * willing:
            joined[s] = 1
            for d in range(first, first + reps):
                for side in range(2):
                    value[d, side] += p_support.launch * max(0.0, p_commitment.promise - value[d, side])
                    raised = trust[d, side] + 0.5 * p_support.launch * max(0.0, 0.5 - trust[d, side])
                    trust[d, side] = shift(raised, 0.0, ceiling[d, side])
            note(events, month, JOINED, WORKPLACE, s, NOBODY, NOTHING, willing)


@step(writes=("exists", "suspended", "joined", "together_history", "contest_history"), adds=("clarity", "value", "language"))
def found_or_dissolve(
    union_of, management_of, stance, expiry, board, decree, suspended_since, exists, suspended, joined, together_history,
    contest_history, clarity, value, language, p, p_commitment, month, events,
):  # fmt: skip
    """Leaders who go on collaborating found a partnership when decisions are due; leaders who go on contesting end it."""
    union, management = stance[union_of[0]], stance[management_of[0]]
    lapsed = suspended[0] == 1 and month - suspended_since[0] >= p.lapsing_months
    together_history[0, month % 12] = 1 if union == COLLABORATE and management == COLLABORATE else 0
    contest_history[0, month % 12] = 1 if union == CONTEST or management == CONTEST or lapsed else 0
    together = 0
    contested = 0
    for n in range(12):
        together += together_history[0, n]
        contested += contest_history[0, n]
    decision = month % 12 == 6 or expiry[0] == 1
    if exists[0] == 0 and decision and together >= p.founding_months and board[0] > 0.5 and p.founding > 0.5:
        exists[0] = 1
        suspended[0] = 0
        clarity[0] = max(clarity[0], 0.4)
        for side in range(2):
            value[0, side] = max(value[0, side], p_commitment.promise)
        contested = 0  # what was fought out before is not the partnership's
        for n in range(12):
            contest_history[0, n] = 0
        note(events, month, FOUNDED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(together))
    unprotected = decree[0] == 0 and (language[0] < p.protection or expiry[0] == 1)
    if exists[0] == 1 and contested >= p.dissolving_months and unprotected:
        exists[0] = 0
        suspended[0] = 0
        language[0] *= 0.5
        for s in range(joined.shape[0]):
            joined[s] = 0
        for n in range(12):
            contest_history[0, n] = 0
        note(events, month, DISSOLVED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(contested))
