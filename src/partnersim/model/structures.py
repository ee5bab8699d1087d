"""Structures (M7): meetings are held if somebody comes, or because the contract says so; form is founded and dissolved.

Equations
    ::

        held = F f max(.8 L, mean attendance of last month)      n = held + c + f_base      l = 1 - exp(-n/n0)
        founding: 3 C-C leader months in a row;  dissolution: a leader contests in >= 6 of 12 months and (L < .25 or contract expiry)
"""

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import exp
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import COLLABORATE, CONTEST, NOBODY, STRATEGIC
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="structures",
    claim="Meetings at every tier carry joint work; contract language keeps them on the calendar even when nobody collaborates.",
    parameters=(
        Parameter(name="leader_meetings", symbol="f_L", default=5, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16: weekly, plus the monthly cabinet and board", meaning="planned meetings of the leaders", sign="+"),
        Parameter(name="workplace_meetings", symbol="f_S", default=4, bounds=(0, 20), sweep=(0, 12), unit="1/month", role="lever", status="measured",
                  source="evidence F16: weekly", meaning="planned meetings of principal and rep", sign="?"),
        Parameter(name="unavoidable", symbol="f_base", default=0.4, bounds=(0, 5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that happen anyway"),
        Parameter(name="contact_scale", symbol="n0", default=2.0, bounds=(0.1, 10), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that reach 63 % of a month of joint work"),
        Parameter(name="lukewarm", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="attendance and openness of somebody who holds back"),
        Parameter(name="by_contract", default=0.8, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; federal partnership councils met on paper (Masters et al. 2006)", meaning="meetings that full contract language secures"),
        Parameter(name="founding_months", default=3, bounds=(1, 12), unit="months", role="fixed", status="assumed",
                  source="assumed", meaning="months in a row in which both leaders collaborate before they found"),
        Parameter(name="dissolving_months", default=6, bounds=(1, 12), unit="of 12 months", role="fixed", status="assumed",
                  source="assumed", meaning="months with a leader contesting that end the partnership"),
        Parameter(name="protection", default=0.25, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="contract language that protects from dissolution between contracts"),
        Parameter(name="start_trust", default=0.5, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="pull of a launch on trust, as a share of the pull on expected value"),
    ),
)  # fmt: skip

FOUNDED, DISSOLVED = word("partnership founded"), word("partnership dissolved")


@step(writes=("meetings", "contact", "reach"))
def meet(dyad_group, union_of, management_of, stance, exists, language, informal, meetings, contact, reach, p):
    """Meetings are held as people turned up last month, or as the contract prescribes."""
    cooperative = (1.0, p.lukewarm, 0.0)
    for d in range(meetings.shape[0]):
        planned = p.leader_meetings if dyad_group[d] == STRATEGIC else p.workplace_meetings
        attendance = 0.5 * (cooperative[stance[union_of[d]]] + cooperative[stance[management_of[d]]])
        meetings[d] = exists[0] * planned * max(p.by_contract * language[0], attendance)
        contact[d] = meetings[d] + informal[d] + p.unavoidable
        reach[d] = 1.0 - exp(-contact[d] / p.contact_scale)


@step(writes=("exists", "leader_run", "contest_history"), adds=("clarity", "value", "trust", "language"))
def found_or_dissolve(
    union_of, management_of, stance, expiry, exists, leader_run, contest_history, clarity, value, trust, language,
    p, p_commitment, p_support, month, events,
):  # fmt: skip
    """Leaders who go on collaborating found a partnership; leaders who go on contesting end it."""
    union, management = stance[union_of[0]], stance[management_of[0]]
    together = union == COLLABORATE and management == COLLABORATE
    leader_run[0] = leader_run[0] + 1 if together else 0
    contest_history[0, month % 12] = 1 if union == CONTEST or management == CONTEST else 0
    contested = 0
    for n in range(12):
        contested += contest_history[0, n]
    if exists[0] == 0 and leader_run[0] >= p.founding_months:
        exists[0] = 1
        clarity[0] = max(clarity[0], 0.4)
        for d in range(clarity.shape[0]):
            for side in range(2):
                lift = 1.0 if d == 0 else p_support.launch
                value[d, side] += lift * max(0.0, p_commitment.promise - value[d, side])
                if d > 0:
                    trust[d, side] += lift * p.start_trust * max(0.0, 0.5 - trust[d, side])
        note(events, month, FOUNDED, STRATEGIC, NOBODY, NOBODY, NOTHING, 1.0)
    if exists[0] == 1 and contested >= p.dissolving_months and (language[0] < p.protection or expiry[0] == 1):
        exists[0] = 0
        language[0] *= 0.5
        for n in range(12):
            contest_history[0, n] = 0
        note(events, month, DISSOLVED, STRATEGIC, NOBODY, NOBODY, NOTHING, float(contested))
