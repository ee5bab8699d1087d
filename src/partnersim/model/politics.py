"""Politics (M13): union leaders hold office by their members' vote, superintendents by a board whose seats turn over.

Claim
    Agreements are bargained inside each party too (Putnam 1988; Walton & McKersie 1965). A political change of the board, not
    turnover as such, brings superintendents down (Alsbury 2003); members vote on their leaders, not on the idea (Saturn).

Equations
    Seven board seats; every 24 months 3 and 4 in turn are up, each changes hands w.p. .5. An election is political w.p.
    min(.8, .25 exp(2 (.5 - B))): then newcomers oppose the present course, else they keep the seat's side::

        board      B += .04 (logistic(.2 + .8 (1 + press) mean rho - [D-D] - .5 (gap/.08)(1 - .5 comm) - 1.5 [strike] + .4 (comm - .5)
                             + .6 (.3 - opposed/7)) - B) + N(0, .015)
        flip       opposed passes from < 4 to >= 4 of 7 (succession: superintendent's hazard x 2.5 for 24 months, or until one goes)
        election   every 36 months: Pr(U loses) = logistic(-(mean v - .42 + .02 nat)/.05)
        leaders    E_U(C) = .05 nat + .3 (.5 m + .5 v - .5);   E_U(D) = -.3 (v - .5) + .05 nat [z_0 > .1];   E_M(C) = .2 (B - .5)
        openness   strategic gains x (1 - leak chi/2)

    Under accountability pressure (press) results weigh more for the board; the national union backs a local that contests an open issue.
    A board changed by scenario to a share of supporters: opposed = round(7 (1 - support)). If the change is about the course (as said, or
    when support falls by .3 or more), also B = .5 B + .5 support, and a majority that passes to the opposed is a flip; else seats alone.

    A leader voted out leaves a challenger with a mandate to rebalance, and members who expect better:
    v -> .5 + .3 (v - .5).

Instead of the prototype
    The board was one number and never flipped; the vote was on support for the idea.
    A challenger was to hold fewer joint meetings for 36 months; partnerships ended as often without (.23, .24 within eight years), so no more.

Limits
    The board has no own strategy; turnout and factions are noise in the vote.

Sources
    Putnam 1988; Alsbury 2003; board seats: evidence E9-E13; turnout: E25.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.engine.numeric import clip, exp, logistic, normal
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import CONTEST, DISTRICT, NOBODY, STRATEGIC
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="politics",
    claim="Leaders hold office by the consent of members and board.",
    parameters=(
        Parameter(name="term_months", default=36, bounds=(6, 120), sweep=(12, 60), unit="months", role="lever", status="assumed",
                  source="assumed; two- and three-year terms are common", meaning="union election cycle", sign="?"),
        Parameter(name="vote_midpoint", default=0.42, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="approval at which an election is even"),
        Parameter(name="vote_slope", default=0.05, bounds=(0.005, 1), unit="share", role="fixed", status="assumed",
                  source="evidence E25: few vote, so chance matters", meaning="noise of a union election"),
        Parameter(name="rebalance", symbol="reb_phi", default=0.5, bounds=(0, 2), sweep=(0, 1), unit="-", role="world", status="calibrated",
                  source="Saturn 1999 (direction), size assumed; compare P14", meaning="challengers' distance from joint work", sign="-"),
        Parameter(name="board_speed", default=0.04, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed: about two years", meaning="speed of board confidence"),
        Parameter(name="board_noise", default=0.015, bounds=(0, 0.2), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="sd of monthly noise in board confidence"),
        Parameter(name="seat_turnover", default=0.5, bounds=(0, 1), unit="probability", role="fixed", status="measured",
                  source="evidence E10: a quarter of all seats an election, half of those up", meaning="seats up that change hands"),
        Parameter(name="political", default=0.25, bounds=(0, 1), sweep=(0.1, 0.5), unit="probability", role="world", status="assumed",
                  source="assumed: evidence E10 has a quarter of seat changes by defeat or politically motivated exit", meaning="elections about the course, at even confidence", sign="-"),
        Parameter(name="opposed_at_start", default=2, bounds=(0, 7), unit="seats", role="fixed", status="assumed",
                  source="assumed", meaning="board seats opposed to the course at the start"),
        Parameter(name="transparency", symbol="chi", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="assumed", meaning="how openly joint decisions are made", sign="?"),
        Parameter(name="leak", default=0.3, bounds=(0, 1), sweep=(0, 0.9), unit="share", role="world", status="assumed",
                  source="assumed", meaning="strategic gains that openness puts at risk", sign="-"),
        Parameter(name="deceit_reading", symbol="dec_0", default=0.5, bounds=(0, 1), sweep=(0, 1), unit="probability", role="world",
                  status="assumed", source="assumed", meaning="breaches that are read as deceit where nothing is open", sign="-"),
        Parameter(name="member_weight", default=0.3, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of members' opinion for the union leader"),
        Parameter(name="board_weight", default=0.2, bounds=(0, 2), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="weight of board confidence for the superintendent"),
        Parameter(name="national_weight", default=0.05, bounds=(0, 1), unit="gu", role="fixed", status="assumed",
                  source="assumed", meaning="legitimacy that the national union lends"),
    ),
)  # fmt: skip

STARTS = stream("politics.starts")
VOTES = stream("politics.votes")
SEATS = stream("politics.seats")
DRIFTS = stream("politics.board_drifts")
ELECTION, FLIP = word("board election"), word("board majority flips")
POLITICAL, APOLITICAL, OUSTED = word("political"), word("apolitical"), word("union leader voted out")
BOARD_SEATS, MAJORITY, BOARD_CYCLE = 7, 4, 24
OPEN_ISSUE = 0.1  # gu, the size from which an issue is open (pivotal events)
TURN_OF_COURSE = 0.3  # fall of support from which a change of the board is about the course


@step(writes=("election_phase", "board_phase", "opposed"))
def begin(election_phase, board_phase, opposed, p, key0, key1, month):
    """Electoral cycles of districts are out of step; some of the board is sceptical from the start."""
    a, b, _, _ = block(key0, key1, STARTS, month, DISTRICT, 0)
    election_phase[0] = pick(a, int(p.term_months))
    board_phase[0] = pick(b, BOARD_CYCLE)
    first, second = block(key0, key1, STARTS, month, DISTRICT, 1), block(key0, key1, STARTS, month, DISTRICT, 2)
    wanted = int(p.opposed_at_start)
    for seat in range(BOARD_SEATS):
        word_of = first[seat] if seat < 4 else second[seat - 4]
        opposed[0, seat] = 1 if pick(word_of, BOARD_SEATS - seat) < wanted else 0
        wanted -= opposed[0, seat]


@step(writes=("mandate_collaborate", "mandate_contest", "discretion"))
def instruct(
    union_of, management_of, member_support, leader_approval, board, national, issue, mandate_collaborate, mandate_contest, discretion, p
):
    """Leaders feel their constituents, their board and the national union."""
    idea = 0.0
    office = 0.0
    for s in range(member_support.shape[0]):
        idea += (member_support[s] - 0.5) / member_support.shape[0]
        office += (leader_approval[s] - 0.5) / member_support.shape[0]
    mandate_collaborate[union_of[0]] = p.national_weight * national[0] + p.member_weight * 0.5 * (idea + office)
    backing = p.national_weight * national[0] if issue[0] > OPEN_ISSUE else 0.0
    mandate_contest[union_of[0]] = backing - p.member_weight * office
    mandate_collaborate[management_of[0]] = p.board_weight * (board[0] - 0.5)
    discretion[0] = 1.0 - 0.5 * p.leak * p.transparency


@step(writes=("opposed", "board", "flip_age"))
def reshape_board(board_now, board_political, opposed, board, flip_age, month, events):
    """The scenario seats another board: as many opposed as it says, and its confidence half way if the change is about the course."""
    support = board_now[0]
    if support < 0.0:
        return
    wanted = int(BOARD_SEATS * (1.0 - support) + 0.5)
    before = 0
    for seat in range(BOARD_SEATS):
        before += opposed[0, seat]
    political = board_political[0] == 1 or (board_political[0] == 2 and 1.0 - before / BOARD_SEATS - support >= TURN_OF_COURSE)
    after = before
    for seat in range(BOARD_SEATS):
        if opposed[0, seat] == 0 and after < wanted:
            opposed[0, seat] = 1
            after += 1
        elif opposed[0, seat] == 1 and after > wanted:
            opposed[0, seat] = 0
            after -= 1
    if political:
        board[0] = 0.5 * board[0] + 0.5 * support
        if before < MAJORITY <= after:
            flip_age[0] = 0
            note(events, month, FLIP, STRATEGIC, NOBODY, NOBODY, NOTHING, float(after))


@step(writes=("opposed", "flip_age"))
def elect_board(board, board_phase, opposed, flip_age, p, key0, key1, month, events):
    """Every two years some board seats are up."""
    flip_age[0] += 1
    turn = month - 1 + board_phase[0]
    if turn % BOARD_CYCLE != 0 or month == 1:
        return
    a, b, c, d = block(key0, key1, SEATS, month, DISTRICT, 0)
    political = unit(block(key0, key1, SEATS, month, DISTRICT, 1)[0]) < min(0.8, p.political * exp(2.0 * (0.5 - board[0])))
    words = (a, b, c, d)
    first, last = (0, 3) if (turn // BOARD_CYCLE) % 2 == 0 else (3, 7)
    before = 0
    after = 0
    changed = 0
    for seat in range(BOARD_SEATS):
        before += opposed[0, seat]
        if first <= seat < last and unit(words[seat - first]) < p.seat_turnover:
            changed += 1
            if political:
                opposed[0, seat] = 1
        after += opposed[0, seat]
    note(events, month, ELECTION, STRATEGIC, NOBODY, NOBODY, POLITICAL if political else APOLITICAL, float(changed))
    if before < MAJORITY <= after:
        flip_age[0] = 0
        note(events, month, FLIP, STRATEGIC, NOBODY, NOBODY, NOTHING, float(after))


@step(writes=("board",))
def watch(union_of, management_of, stance, recognition, gap, strike, community, pressure, opposed, board, p, key0, key1, month):
    """The board's confidence follows results, peace, money and its own composition."""
    results = 0.0
    for s in range(recognition.shape[0]):
        results += recognition[s] / recognition.shape[0]
    against = 0.0
    for seat in range(BOARD_SEATS):
        against += opposed[0, seat] / BOARD_SEATS
    fight = 1.0 if stance[union_of[0]] == CONTEST and stance[management_of[0]] == CONTEST else 0.0
    hard_times = 0.5 * gap[0] / 0.08 * (1.0 - 0.5 * community[0])
    praise = 0.8 * (1.0 + pressure[0]) * results
    target = logistic(0.2 + praise - fight - hard_times - 1.5 * strike[0] + 0.4 * (community[0] - 0.5) + 0.6 * (0.3 - against))
    drift = p.board_noise * normal(unit(block(key0, key1, DRIFTS, month, DISTRICT, 0)[0]))
    board[0] = clip(board[0] + p.board_speed * (target - board[0]) + drift, 0.0, 1.0)


@step(writes=("ousted",), adds=("approval",))
def vote(present, approval, national, election_phase, departure, ousted, p, p_succession, key0, key1, month, events):
    """When the union leader's term is over, or the scenario has a challenger, members vote on how they are represented."""
    challenged = departure[0, 0] == 2
    ousted[0] = 0
    if p_succession.on == 0.0:
        return  # nobody leaves office, so there is nobody to vote out
    in_favour = 0.0
    voters = 0.0
    for k in range(approval.shape[0]):
        in_favour += present[k] * approval[k]
        voters += present[k]
    in_favour /= max(1.0, voters)
    due = (month - 1 + election_phase[0]) % int(p.term_months) == 0 and month > 1
    loses = logistic(-(in_favour - p.vote_midpoint + 0.02 * national[0]) / p.vote_slope)
    if challenged or (due and unit(block(key0, key1, VOTES, month, DISTRICT, 0)[0]) < loses):
        ousted[0] = 1
        for k in range(approval.shape[0]):
            approval[k] = 0.5 + 0.3 * (approval[k] - 0.5)
        note(events, month, OUSTED, STRATEGIC, NOBODY, NOBODY, NOTHING, in_favour)
