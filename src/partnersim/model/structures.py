"""Structures (M7): meetings are held if people turn up, or because the contract says so; form is founded and dissolved.

Claim
    Collaboration needs structures at every tier (Kochan, Katz & McKersie 1986); contract language keeps meetings on the calendar
    when nobody collaborates, which is what makes a paper partnership possible (Meyer & Rowan 1977).

Equations
    ::

        held = F f max(.8 L, mean attendance of last month)       n = held + informal + f_base       reach = 1 - exp(-n/n0)
        founding     in a decision month (the sixth of a year, or when a contract is signed): F = 1 if both leaders collaborated in
                     >= 6 of the last 12 months and the board's confidence is above .5
        dissolution  a leader contested in >= 6 of 12 months, and L < .25 or the contract expires; L is halved

    A founding lifts the leaders' expected value to J_0 and closes `launch` of the schools' distance to it, lifts trust below .5 half as
    far, and the leaders' clarity to .4. For 36 months after members voted out a leader meetings are cut to .6 (politics).

Instead of the prototype
    There three collaborative months in a row founded a partnership: 76 % within ten years, two thirds of those within two.
    Evidence I12 has a lag of two to six years, and most crises found nothing (assumed), so founding waits for a decision month.

Limits
    All schools join at once; nothing is suspended, only dissolved.

Sources
    Kochan, Katz & McKersie 1986; meeting doses: evidence F16; lag: evidence I12.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import exp
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import COLLABORATE, CONTEST, NOBODY, STRATEGIC
from partnersim.model.trust import shift
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="structures",
    claim="Meetings at every tier carry joint work; contract language keeps them on the calendar even when nobody collaborates.",
    parameters=(
        Parameter(name="strategic_meetings", symbol="f_L", default=5, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16 (one celebrated district): weekly, plus the monthly cabinet and board", meaning="planned meetings of the leaders", sign="+"),
        Parameter(name="workplace_meetings", symbol="f_S", default=4, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16 (one celebrated district): weekly", meaning="planned meetings of principal and rep", sign="?"),
        Parameter(name="team_meetings", symbol="f_T", default=1.5, bounds=(0, 20), sweep=(0, 6), unit="1/month", role="lever", status="assumed",
                  source="evidence F16: cabinet and union board monthly; the half assumed", meaning="planned meetings of cabinet and executive board", sign="+"),
        Parameter(name="unavoidable", symbol="f_base", default=0.4, bounds=(0, 5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that happen anyway"),
        Parameter(name="contact_scale", symbol="n0", default=2.0, bounds=(0.1, 10), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that reach 63 % of a month of joint work"),
        Parameter(name="lukewarm", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="attendance and openness of somebody who holds back"),
        Parameter(name="by_contract", default=0.8, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; federal councils met on paper (Masters et al. 2006)", meaning="meetings that full contract language secures"),
        Parameter(name="rebalanced_meetings", default=0.6, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Saturn after 1999 (direction), size assumed", meaning="joint meetings left while a new union leader rebalances"),
        Parameter(name="founding", default=1, bounds=(0, 1), sweep=(0, 1), unit="0/1", role="lever", status="definition",
                  source="scale", meaning="whether a partnership may be founded at all", sign="+"),
        Parameter(name="founding_months", default=6, bounds=(1, 12), sweep=(5, 9), unit="of 12 months", role="world", status="assumed",
                  source="evidence I12; calibrate on the lag", meaning="months with both leaders collaborating before they found", sign="-"),
        Parameter(name="dissolving_months", default=6, bounds=(1, 12), unit="of 12 months", role="fixed", status="assumed",
                  source="assumed", meaning="months with a leader contesting that end the partnership"),
        Parameter(name="protection", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="contract language that protects from dissolution between contracts"),
    ),
)  # fmt: skip

FOUNDED, DISSOLVED = word("partnership founded"), word("partnership dissolved")


@step(writes=("meetings", "contact", "reach", "team_reach"))
def meet(dyad_group, union_of, management_of, stance, exists, language, informal, rebalancing, meetings, contact, reach, team_reach, p):
    """Meetings are held as people turned up last month, or as the contract prescribes."""
    cooperative = (1.0, p.lukewarm, 0.0)
    kept = p.rebalanced_meetings if rebalancing[0] > 0 else 1.0
    for d in range(meetings.shape[0]):
        planned = p.strategic_meetings if dyad_group[d] == STRATEGIC else p.workplace_meetings * kept
        attendance = 0.5 * (cooperative[stance[union_of[d]]] + cooperative[stance[management_of[d]]])
        meetings[d] = exists[0] * planned * max(p.by_contract * language[0], attendance)
        contact[d] = meetings[d] + informal[d] + p.unavoidable
        reach[d] = 1.0 - exp(-contact[d] / p.contact_scale)
    attendance = 0.5 * (cooperative[stance[union_of[0]]] + cooperative[stance[management_of[0]]])
    team_reach[0] = 1.0 - exp(-exists[0] * p.team_meetings * max(p.by_contract * language[0], attendance) / p.contact_scale)


@step(writes=("exists", "together_history", "contest_history"), adds=("clarity", "value", "trust", "language"))
def found_or_dissolve(
    union_of, management_of, stance, expiry, board, ceiling, exists, together_history, contest_history, clarity, value, trust, language,
    p, p_commitment, p_support, month, events,
):  # fmt: skip
    """Leaders who go on collaborating found a partnership when decisions are due; leaders who go on contesting end it."""
    union, management = stance[union_of[0]], stance[management_of[0]]
    together_history[0, month % 12] = 1 if union == COLLABORATE and management == COLLABORATE else 0
    contest_history[0, month % 12] = 1 if union == CONTEST or management == CONTEST else 0
    together = 0
    contested = 0
    for n in range(12):
        together += together_history[0, n]
        contested += contest_history[0, n]
    decision = month % 12 == 6 or expiry[0] == 1
    if exists[0] == 0 and decision and together >= p.founding_months and board[0] > 0.5 and p.founding > 0.5:
        exists[0] = 1
        clarity[0] = max(clarity[0], 0.4)
        for d in range(clarity.shape[0]):
            lift = 1.0 if d == 0 else p_support.launch
            for side in range(2):
                value[d, side] += lift * max(0.0, p_commitment.promise - value[d, side])
                if d > 0:
                    raised = trust[d, side] + 0.5 * lift * max(0.0, 0.5 - trust[d, side])
                    trust[d, side] = shift(raised, 0.0, ceiling[d, side])
        note(events, month, FOUNDED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(together))
    if exists[0] == 1 and contested >= p.dissolving_months and (language[0] < p.protection or expiry[0] == 1):
        exists[0] = 0
        language[0] *= 0.5
        for n in range(12):
            contest_history[0, n] = 0
        note(events, month, DISSOLVED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(contested))
