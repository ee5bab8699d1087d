"""What exists: a district, its people, their dyads and sites, its members, and everything the model remembers about them.

A *dyad* is a union person and a management person who deal with each other. Row 0 is the leader dyad (union president and
superintendent: the strategic tier, and the bargaining tier in the contract window); every other dyad is a workplace dyad, a building
representative with the principal, one for each representative of a school.

Rows of `person`: the union leader, the management leader, the union's executive board, the superintendent's cabinet (together the
*core*), the middle managers, the stewards. Leaders, managers and stewards choose a stance (rank 0); members of the two teams advise
their leader (rank 1). Rows of `member`: the seats of school 0, of school 1, ... Groups: 0 strategic, 1 workplace. Sides: 0 union,
1 management.

A row of `contact` is a place in a person's address book: first the people of the core, then those of the about seven neighbouring
schools, the own one included. A row of `seat` is a place in a school's staff list: the members a member can be tied to.

Random draws are addressed by ids made of (kind, site, seat), never by row numbers, so a district with one more school or one more member
has the same luck in all the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.engine.mechanism import helper
from partnersim.engine.state import LAYOUT, Array, Column

# numpy integers, because numba compiles a function anew for every plain integer constant it is called with
UNION, MANAGEMENT = np.int64(0), np.int64(1)
STRATEGIC, WORKPLACE = np.int64(0), np.int64(1)
COLLABORATE, HOLD, CONTEST = np.int64(0), np.int64(1), np.int64(2)
LEADS, ADVISES = np.int64(0), np.int64(1)
NOBODY = np.int64(-1)
DISTRICT = np.int64(0)
"""The district's own address."""
GROUPS = ("strategic", "workplace")
SIDES = ("union", "management")
STANCES = ("collaborate", "hold back", "contest")

_, LEADER_KIND, MANAGER_KIND, STEWARD_KIND, SITE_KIND, DYAD_KIND, TEAM_KIND, MEMBER_KIND = range(8)
MAX_SITES, MAX_MEMBERS, MAX_STEWARDS, MAX_TEAM = 1000, 400, 20, 20
NEIGHBOURS = 7
"""Schools whose people meet as neighbours."""


def entity_id(kind: int, site: int, seat: int = 0) -> int:
    """Return the id that addresses an entity's draws."""
    return kind << 24 | site << 10 | seat


def layout(sites: int, members: int = 33, stewards: int = 1, team: int = 4) -> dict[str, Array]:
    """Return the layout columns of a district: schools, members and stewards of each, people in each leadership team."""
    schools, reps = range(sites), range(stewards)
    core = 2 + 2 * team
    people = [
        (entity_id(LEADER_KIND, 0, 0), UNION, STRATEGIC, -1, LEADS, 0, 1),
        (entity_id(LEADER_KIND, 0, 1), MANAGEMENT, STRATEGIC, -1, LEADS, 0, 1),
        *((entity_id(TEAM_KIND, int(side), n), side, STRATEGIC, -1, ADVISES, 0, 0) for side in (UNION, MANAGEMENT) for n in range(team)),
        *((entity_id(MANAGER_KIND, s), MANAGEMENT, WORKPLACE, s, LEADS, 1 + s * stewards, stewards) for s in schools),
        *((entity_id(STEWARD_KIND, s, r), UNION, WORKPLACE, s, LEADS, 1 + s * stewards + r, 1) for s in schools for r in reps),
    ]
    dyads = [
        (entity_id(DYAD_KIND, 0), STRATEGIC, -1, 0, 1),
        *(
            (entity_id(DYAD_KIND, s, 1 + r), WORKPLACE, s, core + sites + s * stewards + r, core + s)
            for s in schools
            for r in reps
        ),
    ]  # fmt: skip
    named: dict[tuple[str, ...], list[tuple[Any, ...]]] = {
        ("person_id", "person_side", "person_group", "person_site", "person_rank", "first_dyad", "dyad_count"): people,
        ("dyad_id", "dyad_group", "dyad_site", "union_of", "management_of"): dyads,
        ("site_id", "site_group"): [(entity_id(SITE_KIND, s), WORKPLACE) for s in schools],
        ("member_id", "member_group"): [(entity_id(MEMBER_KIND, s, k), WORKPLACE) for s in schools for k in range(members)],
        ("seat_group",): [(WORKPLACE,)] * members,
        ("draw_group",): [(WORKPLACE,)] * 4,
        ("contact_group",): [(STRATEGIC,)] * core + [(WORKPLACE,)] * (NEIGHBOURS * (1 + stewards)),
        ("district_group",): [(STRATEGIC,)],
    }
    return {
        name: np.array(values, np.int64)
        for names, rows in named.items()
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }


@helper
def team_mean(column, person_rank, person_side, side, own):  # type: ignore[no-untyped-def]
    """Return the mean of a person column over a leader's team, `own` if there is no team."""
    total = 0.0
    count = 0
    for i in range(2, person_rank.shape[0]):
        if person_rank[i] != ADVISES:
            break
        if person_side[i] == side:
            total += column[i]
            count += 1
    return total / count if count > 0 else own


def _who(name: str, entity: str, meaning: str) -> Column:
    return Column(name=name, entity=entity, meaning=meaning, unit="code", owner=LAYOUT, low=-1, high=1 << 31, integer=True)


def _column(owner: str, entity: str, name: str, unit: str, low: float, high: float, meaning: str, **more: Any) -> Column:
    return Column(name=name, entity=entity, meaning=meaning, unit=unit, owner=owner, low=low, high=high, **more)


MANY = 1e6  # an upper bound for counts that grow with the horizon

# fmt: off
COLUMNS: tuple[Column, ...] = (
    # who is who
    _who("person_id", "person", "address of a person's draws"),
    _who("person_side", "person", "0 union, 1 management"),
    _who("person_group", "person", "0 strategic, 1 workplace"),
    _who("person_site", "person", "site row, -1 at the top"),
    _who("person_rank", "person", "0 chooses a stance, 1 advises the leader of the side"),
    _who("first_dyad", "person", "first row of the dyads this person belongs to"),
    _who("dyad_count", "person", "how many dyads that are; 0 for advisers"),
    _who("dyad_id", "dyad", "address of a dyad's draws"),
    _who("dyad_group", "dyad", "0 strategic, 1 workplace"),
    _who("dyad_site", "dyad", "site row, -1 for the leader dyad"),
    _who("union_of", "dyad", "person row of the union side"),
    _who("management_of", "dyad", "person row of the management side"),
    _who("site_id", "site", "address of a site's draws"),
    _who("site_group", "site", "always 1"),
    _who("district_group", "district", "always 0"),
    _who("member_id", "member", "address of a member's draws: the seat, whoever sits on it"),
    _who("member_group", "member", "always 1"),
    _who("seat_group", "seat", "always 1: a row for each seat of a school"),
    _who("draw_group", "draw", "always 1: a row for each draw of a member's month"),
    _who("contact_group", "contact", "0 for the core, 1 for people of neighbouring schools"),
    # stance
    _column("stance", "person", "stance", "code", 0, 2, "0 collaborate, 1 hold back, 2 contest", start=(0, 1), integer=True),
    _column("stance", "dyad", "joint", "share", 0, 1, "output of the dyad's month: 1 if both collaborate, eta if one holds back, else 0", lasting=False),
    _column("stance", "person", "expected", "probability", 0, 1, "trust as it counts when choosing: mean over the counterparts, leaders with their team", lasting=False),
    _column("stance", "person", "worthwhile", "gu", 0, 20, "value of collaborating, mean over the counterparts", lasting=False),
    _column("stance", "person", "economic_load", "gu", 0, 99, "economic stake, mean over the counterparts", lasting=False),
    _column("stance", "person", "issue_load", "gu", 0, 9, "stake of open issues, mean over the counterparts", lasting=False),
    _column("stance", "person", "shared_skill", "share", 0, 1, "mean skill of oneself and the counterparts", lasting=False),
    _column("stance", "person", "inclination", "-", -1, 1, "disposition as it counts when choosing: leaders with their team", lasting=False),
    _column("stance", "person", "pull_collaborate", "gu", -9, 9, "what other mechanisms added to the value of collaborating since the last choice"),
    _column("stance", "person", "pull_contest", "gu", -9, 9, "what other mechanisms added to the value of contesting since the last choice"),
    _column("stance", "person", "will_inputs", "mixed", -99, MANY, "inputs of the last choice, for the ledger of the will", width=16, lasting=False),
    # trust, clarity, commitment
    _column("trust", "dyad", "trust", "probability", 0, 1, "subjective probability that the counterpart collaborates", start=0.5, width=2, ledger="log-odds"),
    _column("trust", "person", "team_trust", "probability", 0, 1, "an adviser's trust in the leader of the other side", start=0.5, lasting=False),
    _column("clarity", "dyad", "clarity", "share", 0, 1, "shared understanding of what the partnership means", start=(0.5, 0.4), ledger="level"),
    _column("commitment", "dyad", "value", "gu", 0, 20, "experienced value of a month of mutual collaboration", start=0.64, width=2, ledger="level"),
    _column("commitment", "person", "memory", "gu", 0, 20, "felt cost of going back to open conflict", start=(0.24, 0.0), ledger="level"),
    # joint gains
    _column("joint_gains", "dyad", "richness", "factor", 0, MANY, "how rich in joint gains this relationship can be", start=1.0, lasting=False),
    _column("joint_gains", "dyad", "gain", "gu", 0, MANY, "joint gain a side if both collaborate this month", lasting=False),
    _column("joint_gains", "dyad", "realised", "share", 0, 1, "share of the gain realised this month", lasting=False),
    _column("joint_gains", "dyad", "felt", "gu", 0, MANY, "gain as the people feel it, given recognised results", lasting=False),
    _column("joint_gains", "site", "backlog", "share", 0, 1, "problems worth solving together that are left", start=1.0),
    _column("joint_gains", "dyad", "delivered", "gu/month", 0, MANY, "joint gains delivered, a year's running mean"),
    _column("joint_gains", "site", "quality", "share", 0, 1, "quality of practice", start=0.4),
    _column("joint_gains", "site", "aspiration", "share", 0, 1, "quality that has come to be expected", start=0.4),
    _column("joint_gains", "site", "poverty", "share", 0, 1, "students of the school who live in poverty", start=0.5),
    _column("joint_gains", "site", "base", "share", 0, 1, "quality of practice that the school has without joint work", start=0.4, lasting=False),
    _column("joint_gains", "site", "score", "share", 0, 1, "published score of the school's results, once a year", start=0.4, lasting=False),
    _column("joint_gains", "site", "recognition", "factor", 0, 1.5, "results above what was expected", lasting=False),
    # capability
    _column("capability", "person", "skill", "share", 0, 1, "partnering skill", start=(0.5, 0.4), ledger="level"),
    _column("capability", "person", "working_skill", "share", 0, 1, "skill at a person's disposal: leaders draw on their team", lasting=False),
    _column("capability", "dyad", "session", "flag", 0, 1, "joint training this month", lasting=False),
    _column("capability", "person", "training_burden", "gu", 0, 5, "burden of this month's sessions on collaborating", lasting=False),
    # structures, networks
    _column("structures", "district", "exists", "flag", 0, 1, "the partnership formally exists", start=1, integer=True),
    _column("structures", "district", "suspended", "flag", 0, 1, "the partnership is suspended: nothing meets, nobody trains", integer=True),
    _column("structures", "district", "suspended_since", "month", 0, MANY, "month of the last suspension", integer=True),
    _column("structures", "site", "joined", "flag", 0, 1, "the school takes part in the partnership", start=1, integer=True, lasting=False),
    _column("structures", "district", "retreat", "flag", 0, 1, "leaders and teams are on a retreat this month", integer=True, lasting=False),
    _column("structures", "district", "retreat_paid", "flag", 0, 1, "whether each side paid its share of it", width=2, integer=True, lasting=False),
    _column("structures", "dyad", "meetings", "1/month", 0, 99, "formal meetings held", lasting=False),
    _column("structures", "district", "team_reach", "share", 0, 1, "how much of a month of working together the teams' meetings allow", lasting=False),
    _column("structures", "dyad", "contact", "1/month", 0, 199, "all contacts: formal, informal and unavoidable", lasting=False),
    _column("structures", "dyad", "reach", "share", 0, 1, "how much of a month of working together the contacts allow", lasting=False),
    _column("structures", "district", "together_history", "flag", 0, 1, "both leaders collaborated, in each of the last twelve months", integer=True, width=12),
    _column("structures", "district", "contest_history", "flag", 0, 1, "leader contest in each of the last twelve months", integer=True, width=12),
    _column("networks", "dyad", "informal", "1/month", 0, 20, "informal contacts", start=(1.0, 0.5)),
    _column("networks", "person", "link", "1/month", 0, 40, "ties of the staff: contacts with each in the address book; of staff and core in the staff's book only", width="contact"),
    _column("networks", "person", "heard", "1/month", 0, MANY, "contacts by which a person hears of peers", lasting=False),
    _column("networks", "person", "strong_ties", "ties", 0, 999, "ties of two contacts a month or more", lasting=False),
    _column("networks", "person", "weak_ties", "ties", 0, 999, "ties below two contacts a month", lasting=False),
    _column("networks", "person", "peer_norm", "gu", -5, 5, "pressure of peers' conduct", lasting=False),
    _column("networks", "member", "tie", "share", 0, 1, "ties to the colleagues on each seat of the school", width="seat"),
    _column("networks", "draw", "initiative", "share", 0, 1, "this month's draws of every member: approaching, whom", width="member", lasting=False),
    _column("networks", "site", "density", "share", 0, 1, "density of the members' collaboration network", start=0.22),
    # authority, alignment
    _column("authority", "dyad", "authority", "share", 0, 1, "share of decisions really made together", start=0.4),
    _column("authority", "dyad", "shortfall", "share", 0, 1, "authority promised and not shared"),
    _column("alignment", "district", "alignment", "share", 0, 1, "alignment of the partnership with district strategy", start=0.6),
    _column("alignment", "district", "focus", "share", 0, 1, "share of the agenda that can yield gains", lasting=False),
    # members
    _column("members", "site", "member_support", "share", 0, 1, "members' support for working together", start=0.5),
    _column("members", "site", "leader_approval", "share", 0, 1, "members' approval of the union's leaders", start=0.55),
    _column("members", "site", "grievances", "issues per head", 0, 50, "unresolved grievances", start=0.6),
    _column("members", "site", "idea", "logit", -99, 99, "what this month says for working together", lasting=False),
    _column("members", "site", "office", "logit", -99, 99, "what this month says for the union's leaders", lasting=False),
    _column("members", "site", "irritation", "factor", 0, 9, "how much a grievance counts against union leaders", lasting=False),
    _column("members", "site", "member_exits", "share", 0, 1, "members who leave this month", lasting=False),
    _column("members", "member", "present", "flag", 0, 1, "the post is filled", start=1.0, lasting=False),
    _column("members", "member", "support", "share", 0, 1, "the member's support for working together", start=0.5, lasting=False),
    _column("members", "member", "approval", "share", 0, 1, "the member's approval of the union's leaders", start=0.55, lasting=False),
    _column("members", "member", "engaged", "flag", 0, 1, "the member takes part in collaborative work", lasting=False),
    _column("members", "member", "seniority", "months", 0, MANY, "months in the school", integer=True, lasting=False),
    _column("members", "member", "grievance_exposure", "factor", 0, MANY, "exposure to grievances", start=1.0, lasting=False),
    _column("members", "member", "leaning", "logit", -99, 99, "lasting leaning toward working together and the union", lasting=False),
    _column("members", "draw", "luck", "share", 0, 1, "this month's draws of every member: idea, office, taking part, leaving", width="member", lasting=False),
    _column("members", "member", "leaving", "flag", 0, 1, "the member leaves at the end of the month", lasting=False),
    _column("members", "person", "grievance_collaborate", "gu", -9, 9, "what members' grievances and support add to collaborating", lasting=False),
    _column("members", "person", "grievance_contest", "gu", -9, 9, "what members' grievances and support add to contesting", lasting=False),
    # role strain
    _column("role_strain", "person", "strain", "gu", 0, MANY, "role strain of shared authority", lasting=False),
    _column("role_strain", "district", "threat", "gu", 0, 9, "threat to managers' posts above the usual"),
    _column("role_strain", "district", "divide", "-", 0, 2, "how far the cabinet's dispositions lie from the superintendent's, as it shows in schools", lasting=False),
    _column("role_strain", "site", "for_institution", "share", 0, 1, "manager's support for working together, for the institution's sake: a survey", lasting=False),
    _column("role_strain", "site", "for_self", "share", 0, 1, "manager's support for working together, for the manager's own sake: a survey", lasting=False),
    _column("role_strain", "district", "leader_average", "stance", -1, 1, "running average of the leaders' stance", start=1.0, width=2, lasting=False),
    _column("role_strain", "person", "leader_signal", "gu", -5, 5, "signal from one's own leader", lasting=False),
    # politics
    _column("politics", "district", "board", "share", 0, 1, "board confidence in superintendent and partnership", start=0.55),
    _column("politics", "person", "mandate_collaborate", "gu", -5, 5, "what constituents and board add to a leader's collaborating", lasting=False),
    _column("politics", "person", "mandate_contest", "gu", -5, 5, "what constituents add to a leader's contesting", lasting=False),
    _column("politics", "district", "discretion", "factor", 0, 1, "share of strategic gains left after what openness costs in leaks", start=1.0, lasting=False),
    _column("politics", "district", "election_phase", "month", 0, 199, "month of the union's electoral cycle at month 0", integer=True, lasting=False),
    _column("politics", "district", "ousted", "flag", 0, 1, "the union leader lost this month's election", integer=True, held=0.0, lasting=False),
    _column("politics", "district", "board_phase", "month", 0, 99, "month of the board's electoral cycle at month 0", integer=True, lasting=False),
    _column("politics", "district", "opposed", "flag", 0, 1, "board seats opposed to the present course", integer=True, width=7, held=0.0, lasting=False),
    _column("politics", "district", "flip_age", "months", 0, MANY, "months since the board's majority flipped", start=999, integer=True, held=999.0),
    # succession
    _column("succession", "person", "disposition", "-", -1, 1, "disposition toward joint work", start=(0.35, 0.05), held=0.0, ledger="level"),
    _column("succession", "person", "tenure", "months", 0, MANY, "months in office", start=24, integer=True, held=0.0),
    _column("succession", "person", "exit_hazard", "1/month", 0, 1, "hazard of leaving", held=0.0, lasting=False),
    _column("succession", "person", "horizon", "months", 0, MANY, "expected months still in office", start=60.0, held=1e5, lasting=False),
    _column("succession", "dyad", "age", "months", 0, MANY, "months since either person changed", integer=True, held=0.0),
    _column("succession", "district", "came_from_inside", "flag", 0, 1, "the superintendent came from inside", integer=True, held=0.0),
    _column("succession", "person", "mover", "flag", 0, 1, "a manager of the kind that moves on", integer=True, held=0.0, lasting=False),
    _column("succession", "person", "vacant", "flag", 0, 1, "promoted this month, so that the post has to be filled", integer=True, held=0.0, lasting=False),
    _column("succession", "district", "successor", "code", -2, MANY, "who follows a leader who leaves this month: a person row, -1 an outsider, -2 nobody leaves", start=-2, integer=True, width=2, held=-2.0, lasting=False),
    _column("succession", "district", "upheaval", "share", 0, 1, "change that an outside superintendent brings this month", held=0.0, lasting=False),
    # pivotal events
    _column("pivotal_events", "dyad", "issue", "gu", 0, 1.5, "open pivotal issue", held=0.0),
    _column("pivotal_events", "dyad", "issue_stake", "gu", 0, 1.5, "stake that the open issue adds", held=0.0, lasting=False),
    _column("pivotal_events", "dyad", "issue_open", "flag", 0, 1, "there is something legitimate to contest", integer=True, held=0.0, lasting=False),
    _column("pivotal_events", "dyad", "separation", "share", 0, 1, "how far a contest stays in procedure, apart from joint work", held=0.0, lasting=False),
    _column("pivotal_events", "dyad", "ceiling", "probability", 0, 1, "trust that deceit has left possible", start=1.0, width=2, held=1.0),
    _column("pivotal_events", "district", "deceit_month", "month", -99, MANY, "last month of deceit that each side suffered", start=-99, integer=True, width=2, held=-99.0, lasting=False),
    # economy
    _column("economy", "district", "recession", "flag", 0, 1, "national recession", integer=True, held=0.0),
    _column("economy", "district", "exposure", "factor", 0, 1.5, "how hard it hits the district, 0 if it is spared", start=1.0, held=0.0, lasting=False),
    _column("economy", "district", "fiscal_shortfall", "share of budget", 0, 1, "revenue missing, which schools come to feel as the budget gap", held=0.0),
    _column("economy", "district", "gap", "share of budget", 0, 1, "budget gap", held=0.0),
    _column("economy", "dyad", "economic_stake", "gu", 0, 99, "stake that the budget gap and the contract window add", held=0.0, lasting=False),
    _column("economy", "district", "contract_age", "months", 0, MANY, "months since the contract was signed", integer=True, held=0.0, lasting=False),
    _column("economy", "district", "window", "flag", 0, 1, "contract talks are on: in the contract's last months, and beyond its end until one is signed", integer=True, held=0.0, lasting=False),
    _column("economy", "district", "expiry", "flag", 0, 1, "a contract is signed this month", integer=True, held=0.0, lasting=False),
    _column("economy", "district", "strike", "flag", 0, 1, "strike this month", integer=True, held=0.0, lasting=False),
    _column("economy", "district", "pay", "start = 1", -9, 9, "pay", start=1.0, held=1.0),
    _column("economy", "district", "pay_to_come", "share of pay", 0, 9, "raise that strikes have won and that is still to come", held=0.0),
    _column("economy", "district", "conceded", "share of pay", 0, 9, "pay that union leaders conceded", held=0.0),
    _column("economy", "district", "given_up", "share of pay", 0, 9, "pay given up in this lean spell", held=0.0, lasting=False),
    _column("economy", "district", "owed", "share of pay", 0, 9, "pay given up and promised back", held=0.0),
    _column("economy", "district", "due", "month", 0, MANY, "month in which the return is due", integer=True, held=0.0),
    _column("economy", "district", "broken", "share", 0, 1, "weight of a promise of pay that was not kept", held=0.0),
    _column("economy", "district", "sacrifice", "gu", 0, 1.5, "stake of a pay cut shared this month", held=0.0, lasting=False),
    # institutions
    _column("institutions", "district", "language", "share", 0, 1, "enabling contract and board language", start=0.4),
    _column("institutions", "district", "decree", "flag", 0, 1, "the partnership is ordered from above", integer=True),
    _column("institutions", "district", "institutionalisation", "share", 0, 1, "taken-for-grantedness of joint practice", start=0.1),
    _column("institutions", "district", "habit", "gu", 0, 5, "what habit adds to collaborating", lasting=False),
    _column("institutions", "district", "window_months", "months", 0, MANY, "months of contract talks since the last signing", integer=True),
    _column("institutions", "district", "window_collaboration", "months", 0, MANY, "months of this contract window with both leaders collaborating", integer=True),
    _column("institutions", "district", "window_contest", "months", 0, MANY, "months of this contract window with a leader contesting", integer=True),
    _column("institutions", "district", "window_practice", "share", 0, 1, "share of the last contract window in which both leaders collaborated"),
    # support
    _column("support", "district", "facilitation", "share", 0, 1, "facilitators at work", start=0.5, lasting=False),
    _column("support", "district", "community", "share", 0, 1, "community engagement", start=0.5, lasting=False),
    _column("support", "district", "national", "share", 0, 1, "support of the national union", start=0.5, lasting=False),
    _column("support", "district", "level_set", "share", 0, 1, "facilitation and national support as last set by the scenario", start=0.5, width=2, lasting=False),
    _column("support", "district", "level_since", "month", 0, MANY, "month in which they were set", width=2, integer=True),
    _column("support", "district", "reputation", "share", 0, 1, "what published results have made of the partnership's name", start=0.5),
    # timeline
    _column("timeline", "district", "departure", "code", 0, 2, "leader who leaves this month: 1 for a successor from inside, 2 from outside", integer=True, width=2, lasting=False),
    _column("timeline", "district", "departure_disposition", "-", -1, 9, "successor's disposition, 9 if drawn", start=9.0, width=2, lasting=False),
    _column("timeline", "district", "departure_overlap", "months", 0, 12, "overlap with the successor", width=2, lasting=False),
    _column("timeline", "district", "staff_departure", "share", 0, 1, "stewards and managers who leave this month", width=2, lasting=False),
    _column("timeline", "district", "staff_disposition", "-", -1, 9, "their successors' disposition, 9 if drawn", start=9.0, width=2, lasting=False),
    _column("timeline", "district", "recession_until", "month", 0, MANY, "last month of a prescribed recession", integer=True),
    _column("timeline", "district", "recession_depth", "share of budget", 0, 1, "its depth"),
    _column("timeline", "district", "cut_now", "code", 0, 2, "pay cut this month: 1 shared, 2 imposed", integer=True, lasting=False),
    _column("timeline", "district", "cut_until", "month", 0, MANY, "last month of a prescribed budget gap", integer=True),
    _column("timeline", "district", "cut_share", "share of budget", 0, 1, "its size"),
    _column("timeline", "district", "cut_promised", "share", 0, 1, "share of the pay cut that is promised back"),
    _column("timeline", "district", "cut_due", "months", 0, MANY, "months until the return is due", integer=True),
    _column("timeline", "district", "restored_now", "share", 0, 1, "share of the pay owed that is returned this month", lasting=False),
    _column("timeline", "district", "broken_now", "flag", 0, 1, "a promised return is withheld this month", integer=True, lasting=False),
    _column("timeline", "district", "broken_until", "month", 0, MANY, "last month in which a promise broken by the scenario stays open", integer=True),
    _column("timeline", "district", "layoff_now", "share", 0, 1, "members laid off this month", lasting=False),
    _column("timeline", "district", "layoff_joint", "flag", 0, 1, "whether the layoff was worked out together", integer=True, lasting=False),
    _column("timeline", "district", "threat_now", "share", 0, 9, "threat to managers' posts that this month's events add", lasting=False),
    _column("timeline", "district", "breach_until", "month", 0, MANY, "last month of a prescribed breach by each side", integer=True, width=2),
    _column("timeline", "district", "breach_stake", "gu", 0, 1.5, "its stake", width=2),
    _column("timeline", "district", "breach_deceit", "code", -1, 1, "whether it is deceit: -1 drawn", start=-1.0, width=2),
    _column("timeline", "district", "strike_now", "days", 0, 60, "length of a strike that the scenario calls this month", lasting=False),
    _column("timeline", "district", "board_now", "share", -1, 1, "support in the board from this month on, -1 if unchanged", start=-1.0, lasting=False),
    _column("timeline", "district", "board_political", "code", 0, 2, "whether the change of the board is about the course: 0 no, 1 yes, 2 if support falls by .3", integer=True, lasting=False),
    _column("timeline", "district", "mandate_removed", "flag", 0, 1, "the decree behind the partnership falls this month", integer=True, lasting=False),
    _column("timeline", "district", "language_now", "share", -1, 1, "contract language from this month on, -1 if unchanged", start=-1.0, lasting=False),
    _column("timeline", "district", "language_decreed", "flag", 0, 1, "whether it was decreed and not agreed", integer=True, lasting=False),
    _column("timeline", "district", "pressure_until", "month", 0, MANY, "last month of accountability pressure", integer=True),
    _column("timeline", "district", "pressure", "share", 0, 1, "accountability pressure on the district this month"),
    _column("timeline", "district", "harm_until", "month", 0, MANY, "last month in which a joint programme harms members", integer=True),
    _column("timeline", "district", "harm", "share", 0, 1, "how much it harms them"),
    _column("timeline", "district", "stance_until", "month", 0, MANY, "last month in which each leader's stance is prescribed", integer=True, width=2),
    _column("timeline", "district", "stance_taken", "stance", 0, 2, "the stance it is: 0 collaborate, 1 hold back, 2 contest", integer=True, width=2),
)
# fmt: on
