"""Politics (M13): union leaders answer to members, superintendents to a board; openness is seen and leaks.

Equations
    ::

        election   Pr(U loses) = logistic( -(mean m - .42 + .02 nat)/.08 )           every 36 months
        board      B += .04 ( logistic(.2 + .8 rho - [D-D] - .5 (gap/.08)(1 - .5 comm) - 1.5 [strike] + .4 (comm - .5)) - B ) + N(0, .015)
        E_U(C) = .05 nat + .3 (mean m - .5) ; E_U(D) = -.3 (mean m - .5) ; E_M(C) = .2 (B - .5)
        strategic gains x (1 - leak chi/2)
"""

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, logistic, normal
from partnersim.engine.random import block, pick, stream, unit
from partnersim.model.columns import CONTEST, DISTRICT
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="politics",
    claim="Leaders hold office by the consent of members and board.",
    parameters=(
        Parameter(name="term_months", default=36, bounds=(6, 120), sweep=(12, 60), unit="months", role="lever", status="assumed",
                  source="assumed; two- and three-year terms are common", meaning="union election cycle", sign="?"),
        Parameter(name="vote_midpoint", default=0.42, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="support at which an election is even"),
        Parameter(name="vote_slope", default=0.08, bounds=(0.005, 1), unit="share", role="fixed", status="assumed",
                  source="evidence E25: few vote", meaning="noise of an election"),
        Parameter(name="board_speed", default=0.04, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="speed of board confidence"),
        Parameter(name="board_noise", default=0.015, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of monthly noise in board confidence"),
        Parameter(name="transparency", symbol="chi", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="assumed", meaning="how openly joint decisions are made", sign="?"),
        Parameter(name="leak", default=0.3, bounds=(0, 1), sweep=(0, 0.9), unit="share", role="world", status="assumed",
                  source="assumed", meaning="strategic gains that openness puts at risk", sign="-"),
        Parameter(name="member_weight", default=0.3, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of members' support for the union leader"),
        Parameter(name="board_weight", default=0.2, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of board confidence for the superintendent"),
        Parameter(name="national_weight", default=0.05, bounds=(0, 1), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="legitimacy that the national union lends"),
    ),
)  # fmt: skip

STARTS = stream("politics.starts")
VOTES = stream("politics.votes")
DRIFTS = stream("politics.board_drifts")


@step(writes=("election_phase",))
def begin(election_phase, p, key0, key1, month):
    """Electoral cycles of districts are out of step."""
    election_phase[0] = pick(block(key0, key1, STARTS, month, DISTRICT, 0)[0], int(p.term_months))


@step(writes=("mandate_collaborate", "mandate_contest", "discretion"))
def instruct(union_of, management_of, member_support, board, national, mandate_collaborate, mandate_contest, discretion, p):
    """Leaders feel their constituents and their board."""
    mood = 0.0
    for s in range(member_support.shape[0]):
        mood += (member_support[s] - 0.5) / member_support.shape[0]
    mandate_collaborate[union_of[0]] = p.national_weight * national[0] + p.member_weight * mood
    mandate_contest[union_of[0]] = -p.member_weight * mood
    mandate_collaborate[management_of[0]] = p.board_weight * (board[0] - 0.5)
    discretion[0] = 1.0 - 0.5 * p.leak * p.transparency


@step(writes=("board", "ousted"))
def answer(
    union_of, management_of, stance, recognition, member_support, gap, strike, community, national, election_phase, board, ousted,
    p, key0, key1, month,
):  # fmt: skip
    """The board's confidence moves; when the term is over, members vote."""
    sites = member_support.shape[0]
    results = 0.0
    mood = 0.0
    for s in range(sites):
        results += recognition[s] / sites
        mood += member_support[s] / sites
    fight = 1.0 if stance[union_of[0]] == CONTEST and stance[management_of[0]] == CONTEST else 0.0
    target = logistic(
        0.2 + 0.8 * results - fight - 0.5 * gap[0] / 0.08 * (1.0 - 0.5 * community[0]) - 1.5 * strike[0] + 0.4 * (community[0] - 0.5)
    )
    drift = p.board_noise * normal(unit(block(key0, key1, DRIFTS, month, DISTRICT, 0)[0]))
    board[0] = clip(board[0] + p.board_speed * (target - board[0]) + drift, 0.0, 1.0)
    ousted[0] = 0
    if (month - 1 + election_phase[0]) % int(p.term_months) == 0 and month > 1:
        p_loses = logistic(-(mood - p.vote_midpoint + 0.02 * national[0]) / p.vote_slope)
        ousted[0] = 1 if unit(block(key0, key1, VOTES, month, DISTRICT, 0)[0]) < p_loses else 0
