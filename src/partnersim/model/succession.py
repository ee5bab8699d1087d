"""Succession (M14): people leave, and their successors bring another disposition, less skill and little of the trust.

Claim
    Relationships live in persons; only what is taken for granted outlives them (Zucker 1977; Harrison & Carroll 1991). An outsider
    unsettles most where the predecessor served long (Karaevli & Zajac 2013). Where only the two at the top know each other, the
    partnership leaves with them (evidence F30): leadership teams carry it over, and supply successors.

Equations
    Hazards a month (poverty: share of students, district or school; stress: budget gap above 4 %)::

        superintendent  1/tenure exp(2 (.5 - B)) x (1 + .7 (poverty - .5)) x 2 in a large district x 2.5 for 24 months after a board
                        flip (until one goes) x .7 if from inside x 1.4 under stress
        president       1/tenure x (members/924)^-.15 retirement; voted out (politics); at the term limit, where there is one
        team member     constant;  let go w.p. Dl by an outside superintendent;  half of the executive board goes with an ousted president
        principal       two kinds, who stay or move on, x (1 + .4 (poverty - .5));   rep constant
        hubs            team members, principals and reps x clip(1 + .5 (n/mean - 1), .2, 3);  n: strong ties, mean: of all the staff

    The base rates are set so that, with all that comes on top (flips, votes, promotions, new leaders' own people, hubs), the share of
    posts that have another holder a year later is .155, .19, .30 and .16 (superintendents, principals, reps, teams).

    Superintendent's successor: from outside w.p. q_out (x .9 in a large district), .8 for 36 months after a flip. Both pools alike: the
    best of three candidates w.p. B, else the first. A candidate from inside is any of the cabinet and the principals; a
    president who retires is followed by any of the executive board and the reps. Insiders keep their own disposition,
    skill and trust, and their value (a team member that of the leader); an outsider has phi ~ N(-.2, .5), K_new and
    T = iota I (mean trust of the side's own people) + (1 - iota I)(.4 + .25 phi). With the change Dl = shake n/(n + 60) that an outsider
    brings after a predecessor of n months (0 for an insider)::

        alignment *= 1 - Dl (1 - .5 I);   kappa_0 *= (.4 + .5 I)(1 - .5 Dl)
        counterpart's T += (1 - iota I)(.55 insider, .45 outsider - T);   so the trust of its team, x (1 - reach of the teams' meetings)

    A president voted out is followed by a challenger with phi ~ N(1.5 (m - .5) - reb_phi, .25). Conflict memory x .3, informal ties
    x .2 (schools .3), deceit's ceiling 1 - .3 (1 - ceiling). Overlap saves up to half of what trust, clarity and ties lose.

    Executive board: reps move up; a challenger's slate thinks like the challenger. Cabinet: from outside w.p. q_out, else a principal,
    and of three candidates the one whose disposition is nearest to the superintendent's. New principals and reps:
    phi ~ N(phi_mid + .4 local climate + .2 I, .5), induction by capability; all dyads of the person start anew.

One post a person
    Posts are filled from the top down within the month: leaders, teams, schools. Whoever is promoted leaves a vacancy that the next step
    fills, so nobody holds two posts and no post is empty. A rep who is wanted by two takes the first offer; if none is free, the
    newcomer comes from the ranks or from outside. The row of a post, and so its luck, stays when the person changes.

Instead of the prototype
    Insiders were drawn at random but outsiders as the best of three, which favoured outsiders; tenure of the predecessor did not
    matter, so neither the interaction nor the dip of evidence P6 could appear; leaders stood alone.
    A cabinet drawn without regard to its superintendent would be as divided as a random group, and a top grow more divided with age;
    like chooses like. A term limit shortens the horizon as a whole; there is no end game in the last year, of which no data are known.
    Dispositions were to adapt to what leaders live through, so that they would not decide alone; they explain .07 of the variance of practice in
    the first three years with it and .09 without, and an outsider destroys more without it (evidence P6), so it is gone.
    The teams' trust is in the top of the other side, not in one person: what their meetings taught them about the other team stays when
    its leader goes. Were all of it lost, teams would carry nothing over, and their meetings would not matter (evidence P5).

Limits
    Advisers choose no stance. Hazards do not know of other offers, age or health; people who leave do not come back.

Sources
    Zucker 1977; Harrison & Carroll 1991; Karaevli & Zajac 2013; Grissom & Andersen 2012; Hambrick & Mason 1984 (top teams);
    rates: evidence E1-E22, E24.
"""

import numpy as np

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip, exp, log, normal
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import note, word
from partnersim.model.columns import ADVISES, MANAGEMENT, NOBODY, STRATEGIC, UNION, WORKPLACE
from partnersim.model.trust import HIGHEST, LOWEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="succession",
    claim="Relationships live in persons; only what is taken for granted outlives them.",
    off="absent",
    parameters=(
        Parameter(name="management_tenure_months", default=63, bounds=(6, 5000), sweep=(36, 240), unit="months", role="lever", status="measured",
                  source="evidence E1, E4: .155 a year", meaning="mean tenure of superintendents at even board confidence, without what comes on top", sign="+"),
        Parameter(name="union_tenure_months", default=150, bounds=(6, 5000), sweep=(60, 400), unit="months", role="lever", status="assumed",
                  source="evidence E22 (.05-.10 a year without term limits)", meaning="mean tenure of union leaders who are not voted out", sign="?"),
        Parameter(name="term_limit_months", default=0, bounds=(0, 600), sweep=(24, 120), unit="months", role="lever", status="assumed",
                  source="evidence E22: most NEA locals limit terms, most AFT locals do not", meaning="term limit of the union leader; 0 for none", sign="?"),
        Parameter(name="size_steadies", default=0.15, bounds=(0, 1), sweep=(0, 0.4), unit="exponent", role="world", status="assumed",
                  source="evidence E24 (direction), size assumed", meaning="how far the union leader's hazard falls with the number of members", sign="?"),
        Parameter(name="poverty_multiplier", default=0.7, bounds=(0, 2), unit="factor", role="fixed", status="measured",
                  source="evidence E4: 1.7 between the poorest and the richest quarter", meaning="superintendent's hazard by poverty of the district"),
        Parameter(name="large_sites", default=50, bounds=(1, 1000), unit="sites", role="fixed", status="assumed",
                  source="assumed: about the largest tenth of districts in evidence E3", meaning="sites from which a district is large"),
        Parameter(name="large_multiplier", default=2, bounds=(1, 5), unit="factor", role="fixed", status="measured",
                  source="evidence E3", meaning="superintendent's hazard in a large district"),
        Parameter(name="large_outside", default=0.9, bounds=(0, 1), unit="factor", role="fixed", status="measured",
                  source="evidence E7: .58 against .65", meaning="chance of an outsider in a large district"),
        Parameter(name="team_exit", default=0.0083, bounds=(0, 1), sweep=(0.003, 0.03), unit="1/month", role="world", status="measured",
                  source="evidence E14 (.16 a year), less those who are promoted or let go", meaning="team members leaving", sign="-"),
        Parameter(name="flip_multiplier", default=2.5, bounds=(1, 10), sweep=(1, 4), unit="factor", role="world", status="assumed",
                  source="evidence E13 (direction), size assumed", meaning="superintendent's hazard after a board flip", sign="-"),
        Parameter(name="insider_stays", default=0.7, bounds=(0.1, 2), unit="factor", role="fixed", status="assumed",
                  source="evidence E8 (direction), size assumed", meaning="superintendent's hazard if from inside"),
        Parameter(name="stress_multiplier", default=1.4, bounds=(1, 5), unit="factor", role="fixed", status="assumed",
                  source="assumed; evidence E2 has a rise of this size after 2020, for other reasons", meaning="superintendent's hazard under fiscal stress"),
        Parameter(name="manager_exit_low", default=0.0076, bounds=(0, 1), sweep=(0.003, 0.02), unit="1/month", role="world", status="measured",
                  source="evidence E15-E17 (.19 a year, heterogeneous), split assumed", meaning="principals of the staying kind leaving", sign="?"),
        Parameter(name="manager_exit_high", default=0.0256, bounds=(0, 1), sweep=(0.01, 0.06), unit="1/month", role="world", status="measured",
                  source="evidence E15-E17 (.19 a year, heterogeneous), split assumed", meaning="principals of the moving kind leaving", sign="?"),
        Parameter(name="school_poverty", default=0.4, bounds=(0, 2), unit="factor", role="fixed", status="measured",
                  source="evidence E18", meaning="principals' hazard by poverty of the school"),
        Parameter(name="steward_exit", default=0.0297, bounds=(0, 1), sweep=(0.01, 0.06), unit="1/month", role="world", status="assumed",
                  source="evidence E21: no data, .25-.40 a year", meaning="reps leaving", sign="?"),
        Parameter(name="outside", symbol="q_out", default=0.65, bounds=(0, 1), sweep=(0, 1), unit="probability", role="lever", status="measured",
                  source="evidence E7", meaning="superintendents appointed from outside", sign="-"),
        Parameter(name="outside_after_flip", default=0.8, bounds=(0, 1), sweep=(0.6, 1), unit="probability", role="world", status="assumed",
                  source="evidence E13 (direction, two years), size and third year assumed", meaning="the same for three years after a board flip", sign="-"),
        Parameter(name="team_weight", symbol="tw", default=0.35, bounds=(0, 1), sweep=(0, 0.6), unit="share", role="world", status="calibrated",
                  source="evidence F30 (a top pair does not suffice), size assumed; compare P5",
                  meaning="weight of a leader's team in what the leader believes, wants and can", sign="?"),
        Parameter(name="shake", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="world", status="assumed",
                  source="evidence F28 (direction), size assumed; compare P6", meaning="change an outsider brings after a long predecessor", sign="-"),
        Parameter(name="outside_disposition", symbol="phi_ext", default=-0.2, bounds=(-1, 1), sweep=(-0.6, 0.3), unit="-", role="world",
                  status="assumed", source="assumed", meaning="mean disposition of outside candidates", sign="+"),
        Parameter(name="middle_disposition", symbol="phi_mid", default=0.05, bounds=(-1, 1), sweep=(-0.3, 0.3), unit="-", role="world",
                  status="assumed", source="assumed; evidence I7 (support varies widely)", meaning="mean disposition of new managers and reps", sign="+"),
        Parameter(name="disposition_spread", symbol="phi_sd", default=0.5, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="evidence I7 (spread)", meaning="sd of dispositions in candidate pools"),
        Parameter(name="leader_spread", default=0.2, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="assumed", meaning="sd of the founding leaders' disposition"),
        Parameter(name="team_spread", default=0.15, bounds=(0, 1), sweep=(0.05, 0.4), unit="-", role="world", status="assumed",
                  source="assumed: gives the division of .1 at the top that pattern P11 starts from", meaning="sd of the founding teams' disposition about their leader's", sign="?"),
        Parameter(name="inherited", symbol="iota", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Harrison & Carroll 1991 (idea), size assumed", meaning="what a successor inherits where practice is taken for granted"),
        Parameter(name="new_skill", symbol="K_new", default=0.30, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="partnering skill of a newcomer"),
        Parameter(name="kept_memory", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="conflict memory, and suspicion of deceit, that survive the person"),
    ),
)  # fmt: skip

STARTS = stream("succession.starts")
UNION_LEAVES = stream("succession.union_leader_leaves")
UNION_FOLLOWS = stream("succession.union_leader_follows")
MANAGEMENT_LEAVES = stream("succession.management_leader_leaves")
MANAGEMENT_FOLLOWS = stream("succession.management_leader_follows")
NEWCOMERS = stream("succession.newcomer_at_the_top")
SEATS = stream("succession.board_is_content")
TEAM_LEAVES = stream("succession.team_leaves")
TEAM_FOLLOWS = stream("succession.team_follows")
STAFF_LEAVES = stream("succession.staff_leaves")
STAFF_FOLLOWS = stream("succession.staff_follows")

UNION_REPLACED, MANAGEMENT_REPLACED = word("union leader replaced"), word("superintendent replaced")
BOARD_REPLACED, CABINET_REPLACED = word("executive board member replaced"), word("cabinet member replaced")
MANAGER_REPLACED, STEWARD_REPLACED = word("principal replaced"), word("building rep replaced")
CHALLENGER, INSIDE, OUTSIDE = word("by a challenger"), word("from inside"), word("from outside")
LEFT, LET_GO, PROMOTED = word("left"), word("let go by a new leader"), word("promoted")

MOVERS_AT_WORK, MOVERS_ARRIVING = 0.45, 0.734  # shares of principals of the moving kind that give .19 a year in the long run
FLIP_HAZARD_MONTHS, FLIP_OUTSIDER_MONTHS, NO_FLIP = 24, 36, 999
USUAL_MEMBERS = 924.0  # 28 schools of 33
STAYS, OUTSIDER = np.int64(-2), np.int64(-1)


@step(writes=("disposition", "mover"))
def appoint(person_group, person_rank, person_side, person_id, disposition, mover, p, key0, key1, month):
    """Founding leaders and the first managers and reps differ in disposition and in how long they stay; teams think like their leader."""
    for i in range(disposition.shape[0]):
        a, b, _, _ = block(key0, key1, STARTS, month, person_id[i], 0)
        level, spread = disposition[i], p.disposition_spread
        if person_group[i] == STRATEGIC:
            spread = p.leader_spread
            if person_rank[i] == ADVISES:
                level, spread = disposition[person_side[i]], p.team_spread
        disposition[i] = clip(level + spread * normal(unit(a)), -1.0, 1.0)
        if person_group[i] != STRATEGIC and person_side[i] == MANAGEMENT:
            mover[i] = 1 if unit(b) < MOVERS_AT_WORK else 0


@helper
def hub_factor(strong, mean):
    """Return how much more likely than others somebody with so many strong ties leaves, given the mean of all."""
    return clip(1.0 + 0.5 * (strong / mean - 1.0), 0.2, 3.0) if mean > 0.0 else 1.0


@helper
def large(p, sites):
    """Return 1 for a large district, else 0."""
    return 1.0 if sites >= p.large_sites else 0.0


@step(writes=("horizon", "exit_hazard"))
def look_ahead(
    person_side, person_group, person_rank, person_site, member_id, poverty, board, flip_age, gap, came_from_inside, mover, strong_ties,
    horizon, exit_hazard, p, p_politics,
):  # fmt: skip
    """Everybody has an idea of how long they will stay."""
    sites = poverty.shape[0]
    poor = 0.0
    for s in range(sites):
        poor += (poverty[s] - 0.5) / sites
    known = 0.0
    for i in range(horizon.shape[0]):
        known += strong_ties[i] / horizon.shape[0]
    for i in range(horizon.shape[0]):
        hub = hub_factor(strong_ties[i], known)
        if person_rank[i] == ADVISES:
            exit_hazard[i] = min(p.team_exit * hub, 1.0)
        elif person_group[i] == STRATEGIC and person_side[i] == UNION:
            exit_hazard[i] = min(exp(-p.size_steadies * log(member_id.shape[0] / USUAL_MEMBERS)) / p.union_tenure_months, 1.0)
            ends = exit_hazard[i] + 0.3 / p_politics.term_months
            horizon[i] = (1.0 - exp(-ends * p.term_limit_months) if p.term_limit_months > 0.0 else 1.0) / ends
        elif person_group[i] == STRATEGIC:
            # the own base hazard counts, constant within a tenure; a flip or a crisis comes as a surprise
            place = (1.0 + p.poverty_multiplier * poor) * (1.0 + (p.large_multiplier - 1.0) * large(p, sites))
            exit_hazard[i] = exp(2.0 * (0.5 - board[0])) * place / p.management_tenure_months
            horizon[i] = 1.0 / exit_hazard[i]
            exit_hazard[i] *= (p.flip_multiplier if flip_age[0] < FLIP_HAZARD_MONTHS else 1.0) * (
                p.insider_stays if came_from_inside[0] == 1 else 1.0
            )
            if gap[0] > 0.04:
                exit_hazard[i] *= p.stress_multiplier
            exit_hazard[i] = min(exit_hazard[i], 1.0)
        else:
            exit_hazard[i] = p.steward_exit
            if person_side[i] == MANAGEMENT:
                kind = p.manager_exit_high if mover[i] == 1 else p.manager_exit_low
                exit_hazard[i] = min(kind * (1.0 + p.school_poverty * (poverty[person_site[i]] - 0.5)), 1.0)
            horizon[i] = 1.0 / max(exit_hazard[i], 1e-5)
            exit_hazard[i] = min(exit_hazard[i] * hub, 1.0)


@step(writes=("tenure", "age"))
def serve(tenure, age):
    """Everybody is one month longer in office."""
    for i in range(tenure.shape[0]):
        tenure[i] += 1
    for d in range(age.shape[0]):
        age[d] += 1


@helper
def workplace_mean(table, side):
    """Return the mean of a dyad column over workplace dyads, one side."""
    total = 0.0
    for d in range(1, table.shape[0]):
        total += table[d, side]
    return total / (table.shape[0] - 1)


@helper
def own_mean(table, first, many, side):
    """Return the mean of a dyad column over one person's dyads."""
    total = 0.0
    for d in range(first, first + many):
        total += table[d, side]
    return total / many


@helper
def mood(member_support):
    """Return how far members' support is above even, mean over sites."""
    total = 0.0
    for s in range(member_support.shape[0]):
        total += (member_support[s] - 0.5) / member_support.shape[0]
    return total


@helper
def first_trust(disposition, level, kept, usual):
    """Return the trust a newcomer arrives with: partly that of the own side, partly the own disposition."""
    return clip(kept * usual + (1.0 - kept) * (level + 0.25 * disposition), LOWEST, HIGHEST)


@helper
def outsider_chance(p, sites, flip_age):
    """Return the probability that a management post is filled from outside."""
    usual = p.outside * (1.0 + (p.large_outside - 1.0) * large(p, sites))
    return p.outside_after_flip if flip_age < FLIP_OUTSIDER_MONTHS else usual


@helper
def insider(person_side, side, who):
    """Return the row of a candidate from inside: one of the leader's team, or of the side's people in schools."""
    people = 0
    for i in range(2, person_side.shape[0]):
        people += 1 if person_side[i] == side else 0
    left = pick(who, people)
    for i in range(2, person_side.shape[0]):
        if person_side[i] == side:
            if left == 0:
                return i
            left -= 1
    return 0


@step(writes=("successor", "upheaval", "vacant"))
def choose_successors(
    person_id, person_side, union_of, management_of, member_support, board, flip_age, ousted, departure, disposition,
    exit_hazard, tenure, successor, upheaval, vacant, p, key0, key1, month,
):  # fmt: skip
    """Leaders leave, and somebody is found to follow: a row of the district's people, or an outsider."""
    upheaval[0] = 0.0
    for side in range(2):
        successor[0, side] = STAYS
        i = union_of[0] if side == UNION else management_of[0]
        ordered = departure[0, side]
        leaves = unit(block(key0, key1, UNION_LEAVES if side == UNION else MANAGEMENT_LEAVES, month, person_id[i], 0)[0]) < exit_hazard[i]
        if side == UNION:
            leaves = leaves or ousted[0] == 1 or 0.0 < p.term_limit_months <= tenure[i]
        if not leaves and ordered == 0:
            continue
        follows = UNION_FOLLOWS if side == UNION else MANAGEMENT_FOLLOWS
        a, b, _, _ = block(key0, key1, follows, month, person_id[i], 0)
        rows = block(key0, key1, follows, month, person_id[i], 1)
        if ordered > 0:
            inside = ordered == 1
        elif side == UNION:
            inside = ousted[0] == 0
        else:
            inside = unit(a) >= outsider_chance(p, member_support.shape[0], flip_age[0])
        if not inside:
            successor[0, side] = OUTSIDER
            if side == MANAGEMENT:
                upheaval[0] = p.shake * tenure[i] / (tenure[i] + 60.0)
            continue
        found = insider(person_side, side, rows[0])
        if side == MANAGEMENT and unit(b) < board[0]:
            for n in range(1, 3):
                other = insider(person_side, side, rows[n])
                if disposition[other] > disposition[found]:
                    found = other
        successor[0, side] = found
        vacant[found] = 1


@step(writes=("disposition", "came_from_inside"), resets=("trust", "team_trust", "ceiling", "value", "memory", "skill"))
def take_office(
    person_id, person_rank, person_side, first_dyad, dyad_count, union_of, management_of, member_support, board, institutionalisation,
    team_reach, departure_disposition, departure_overlap, successor, disposition, came_from_inside, trust, team_trust, ceiling, value, memory, skill,
    p, p_commitment, p_politics, key0, key1, month,
):  # fmt: skip
    """New leaders bring what they are; the other side's leader and team meet somebody new."""
    kept = p.inherited * institutionalisation[0]
    for side in range(2):
        source = successor[0, side]
        if source == STAYS:
            continue
        i = union_of[0] if side == UNION else management_of[0]
        if source != OUTSIDER:
            advises = person_rank[source] == ADVISES
            disposition[i] = disposition[source]
            skill[i] = skill[source]
            arriving = team_trust[source] if advises else own_mean(trust, first_dyad[source], dyad_count[source], side)
            if not advises:
                value[0, side] = own_mean(value, first_dyad[source], dyad_count[source], side)
        else:
            a, b, c, d = block(key0, key1, NEWCOMERS, month, person_id[i], 0)
            if side == UNION:
                disposition[i] = clip(1.5 * mood(member_support) - p_politics.rebalance + 0.25 * normal(unit(a)), -1.0, 1.0)
            else:
                drawn = normal(unit(a))
                if unit(d) < board[0]:
                    drawn = max(drawn, normal(unit(b)), normal(unit(c)))
                disposition[i] = clip(p.outside_disposition + p.disposition_spread * drawn, -1.0, 1.0)
            skill[i] = p.new_skill
            value[0, side] = kept * value[0, side] + (1.0 - kept) * 0.7 * p_commitment.promise
            arriving = -1.0
        if departure_disposition[0, side] <= 1.0:
            disposition[i] = departure_disposition[0, side]
        if arriving < 0.0:
            arriving = first_trust(disposition[i], 0.4, kept, workplace_mean(trust, side))
        # overlap with the predecessor saves up to half of what a handover loses
        lost = 1.0 - 0.5 * min(1.0, departure_overlap[0, side] / 12.0)
        trust[0, side] += lost * (arriving - trust[0, side])
        welcome = 0.55 if source != OUTSIDER else 0.45
        trust[0, 1 - side] += lost * (1.0 - kept) * (welcome - trust[0, 1 - side])
        for k in range(2, person_rank.shape[0]):
            if person_rank[k] == ADVISES and person_side[k] != side:
                # what was learnt of the colleagues in the other team does not leave with their leader
                team_trust[k] += lost * (1.0 - kept) * (1.0 - team_reach[0]) * (welcome - team_trust[k])
        ceiling[0, side] = 1.0
        ceiling[0, 1 - side] = 1.0 - p.kept_memory * (1.0 - ceiling[0, 1 - side])
        memory[i] *= p.kept_memory
        if side == MANAGEMENT:
            came_from_inside[0] = 1 if source != OUTSIDER else 0


@step(writes=("age", "tenure"), resets=("clarity", "informal", "alignment", "opposed", "flip_age"))
def settle_in(
    person_id, union_of, management_of, institutionalisation, departure_overlap, successor, upheaval, age, tenure, clarity, informal,
    alignment, opposed, flip_age, key0, key1, month, events,
):  # fmt: skip
    """With a new leader understanding, ties and strategy have to be made anew, the more the greater the change."""
    taken, change = institutionalisation[0], upheaval[0]
    for side in range(2):
        if successor[0, side] == STAYS:
            continue
        i = union_of[0] if side == UNION else management_of[0]
        lost = 1.0 - 0.5 * min(1.0, departure_overlap[0, side] / 12.0)
        shaken = change if side == MANAGEMENT else 0.0
        clarity[0] *= 1.0 - lost * (1.0 - (0.4 + 0.5 * taken) * (1.0 - 0.5 * shaken))
        informal[0] *= 1.0 - lost * 0.8
        alignment[0] *= 1.0 - shaken * (1.0 - 0.5 * taken)
        age[0] = 0
        if side == MANAGEMENT:
            # a board that has chosen its superintendent is content for a while: at most two seats stay opposed, whichever
            flip_age[0] = NO_FLIP
            left = 0
            for seat in range(opposed.shape[1]):
                left += opposed[0, seat]
            spared = min(2, left)
            lots = (block(key0, key1, SEATS, month, person_id[i], 0), block(key0, key1, SEATS, month, person_id[i], 1))
            for seat in range(opposed.shape[1]):
                if opposed[0, seat] == 1:
                    opposed[0, seat] = 1 if pick(lots[seat // 4][seat % 4], left) < spared else 0
                    spared -= opposed[0, seat]
                    left -= 1
        cause = INSIDE if successor[0, side] != OUTSIDER else (CHALLENGER if side == UNION else OUTSIDE)
        note(events, month, UNION_REPLACED if side == UNION else MANAGEMENT_REPLACED, STRATEGIC, NOBODY, side, cause, float(tenure[i]))
        tenure[i] = 0


@step(writes=("disposition", "tenure", "vacant"), resets=("team_trust", "memory", "skill"))
def renew_teams(
    person_id, person_rank, person_side, first_dyad, dyad_count, union_of, management_of, member_support, institutionalisation, flip_age,
    exit_hazard, successor, upheaval, trust, disposition, tenure, vacant, team_trust, memory, skill,
    p, p_politics, key0, key1, month, events,
):  # fmt: skip
    """Team members leave, are promoted, or are let go by a new leader; reps and principals move up, others come from outside."""
    kept = p.inherited * institutionalisation[0]
    dyads = union_of.shape[0] - 1
    seats = 0
    for i in range(2, person_rank.shape[0]):
        seats += 1 if person_rank[i] == ADVISES and person_side[i] == UNION else 0
    challenged = successor[0, UNION] == OUTSIDER
    slate = seats // 2 if challenged else 0
    for i in range(2, person_rank.shape[0]):
        if person_rank[i] != ADVISES:
            break
        side = person_side[i]
        u = block(key0, key1, TEAM_LEAVES, month, person_id[i], 0)
        replaced = False
        if side == UNION:
            replaced = challenged and pick(u[1], seats) < slate
            slate -= 1 if replaced else 0
            seats -= 1
        elif unit(u[1]) < upheaval[0]:
            replaced = True
        if not replaced and vacant[i] == 0 and unit(u[0]) >= exit_hazard[i]:
            continue
        cause = PROMOTED if vacant[i] == 1 else (LET_GO if replaced else LEFT)
        origin, b, c, d = block(key0, key1, TEAM_FOLLOWS, month, person_id[i], 0)
        own = block(key0, key1, TEAM_FOLLOWS, month, person_id[i], 1)
        source = NOBODY
        wanted = disposition[management_of[0]]
        outside = replaced if side == UNION else unit(origin) < outsider_chance(p, member_support.shape[0], flip_age[0])
        if not outside:
            for candidate in (b, c, d):
                found = union_of[1 + pick(candidate, dyads)] if side == UNION else management_of[1 + pick(candidate, dyads)]
                if vacant[found] == 1:
                    continue
                if source == NOBODY or (side == MANAGEMENT and abs(disposition[found] - wanted) < abs(disposition[source] - wanted)):
                    source = found
        if source != NOBODY:
            disposition[i] = disposition[source]
            skill[i] = skill[source]
            memory[i] = memory[source]
            team_trust[i] = own_mean(trust, first_dyad[source], dyad_count[source], side)
            vacant[source] = 1
        else:
            if side == UNION and replaced:
                drawn = 1.5 * mood(member_support) - p_politics.rebalance + 0.25 * normal(unit(own[0]))
            elif side == UNION:
                drawn = p.middle_disposition + 0.4 * mood(member_support) + p.disposition_spread * normal(unit(own[0]))
            else:
                drawn = p.outside_disposition + p.disposition_spread * normal(unit(own[0]))
                for n in range(1, 3):
                    other = p.outside_disposition + p.disposition_spread * normal(unit(own[n]))
                    if abs(other - wanted) < abs(drawn - wanted):
                        drawn = other
            disposition[i] = clip(drawn, -1.0, 1.0)
            skill[i] = p.new_skill
            memory[i] *= p.kept_memory
            team_trust[i] = first_trust(disposition[i], 0.4, kept, workplace_mean(trust, side))
        note(events, month, BOARD_REPLACED if side == UNION else CABINET_REPLACED, STRATEGIC, NOBODY, side, cause, float(tenure[i]))
        tenure[i] = 0
        vacant[i] = 0


@step(
    writes=("disposition", "mover", "tenure", "age", "vacant"),
    resets=("trust", "ceiling", "value", "memory", "skill", "clarity", "informal"),
)
def renew_schools(
    person_id, person_group, person_side, person_site, first_dyad, dyad_count, management_of, member_support, institutionalisation, exists,
    staff_departure, staff_disposition, exit_hazard, disposition, mover, tenure, age, vacant, trust, ceiling, value, memory, skill,
    clarity, informal, p, p_commitment, p_capability, key0, key1, month, events,
):  # fmt: skip
    """Reps and principals leave or are promoted; with newcomers all their relationships start anew."""
    taken = institutionalisation[0]
    kept = p.inherited * taken
    usual_trust = (workplace_mean(trust, 0), workplace_mean(trust, 1))
    usual_value = (workplace_mean(value, 0), workplace_mean(value, 1))
    for i in range(2, person_id.shape[0]):
        if person_group[i] != WORKPLACE:
            continue
        side, s = person_side[i], person_site[i]
        u = block(key0, key1, STAFF_LEAVES, month, person_id[i], 0)
        if vacant[i] == 0 and unit(u[0]) >= exit_hazard[i] and unit(u[1]) >= staff_departure[0, side]:
            continue
        a, b, c, _ = block(key0, key1, STAFF_FOLLOWS, month, person_id[i], 0)
        climate = member_support[s] - 0.5 if side == UNION else 0.5 * disposition[management_of[0]]
        drawn = p.disposition_spread * normal(unit(a)) + p.middle_disposition + 0.4 * climate + 0.2 * taken
        disposition[i] = staff_disposition[0, side] if staff_disposition[0, side] <= 1.0 else clip(drawn, -1.0, 1.0)
        skill[i] = min(1.0, p.new_skill + 0.25 * taken)
        if unit(b) < p_capability.induction * exists[0]:
            skill[i] += 2.0 * p_capability.session_gain * (1.0 - skill[i])
        if side == MANAGEMENT:
            mover[i] = 1 if unit(c) < MOVERS_ARRIVING else 0
        memory[i] *= p.kept_memory
        for d in range(first_dyad[i], first_dyad[i] + dyad_count[i]):
            trust[d, side] = first_trust(disposition[i], 0.42, kept, usual_trust[side])
            trust[d, 1 - side] = kept * trust[d, 1 - side] + (1.0 - kept) * 0.45
            ceiling[d, side] = 1.0
            ceiling[d, 1 - side] = 1.0 - p.kept_memory * (1.0 - ceiling[d, 1 - side])
            value[d, side] = 0.5 * usual_value[side] + 0.5 * 0.7 * p_commitment.promise
            clarity[d] *= 0.4 + 0.5 * taken
            informal[d] *= 0.3
            age[d] = 0
        cause = PROMOTED if vacant[i] == 1 else LEFT
        note(events, month, STEWARD_REPLACED if side == UNION else MANAGER_REPLACED, WORKPLACE, s, side, cause, float(tenure[i]))
        tenure[i] = 0
        vacant[i] = 0
