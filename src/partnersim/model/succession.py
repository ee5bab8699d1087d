"""Succession (M14): people leave, and their successors bring another disposition, less skill and little of the trust.

Claim
    Relationships live in persons; only what is taken for granted outlives them (Zucker 1977; Harrison & Carroll 1991). An outsider
    unsettles most where the predecessor served long (Karaevli & Zajac 2013).

Equations
    Hazards a month (n: months served; stress: budget gap above 4 %)::

        superintendent   1/78 exp(2 (.5 - B)) x 2.5 for 24 months after a board flip (until one goes) x .7 if from inside x 1.4 under stress
        union leader     1/150 retirement, or voted out (politics)
        principal        .10 or .30 leave in a year (two kinds of people, mean .19);   rep .30 leave in a year

    Superintendent's successor: from outside w.p. q_out, .8 for 36 months after a flip. Both pools alike: the best of three w.p. B, else the
    first. An insider (a principal) keeps own trust, value and skill; an outsider has phi ~ N(-.2, .5), K_new and
    T = iota I (mean trust of the side's own people) + (1 - iota I)(.4 + .25 phi). With the change Dl = shake n/(n + 60) of an outsider
    (0 for an insider)::

        alignment *= 1 - Dl (1 - .5 I);   kappa_0 *= (.4 + .5 I)(1 - .5 Dl);   counterpart's T -> iota I T + (1 - iota I)(.55 insider, .45 outsider)

    A retiring union leader is followed by a rep, who keeps own trust, value and skill; one voted out by a challenger with
    phi ~ N(1.5 (m - .5) - reb_phi, .25). Conflict memory x .3, informal ties x .2 (schools .3), deceit's ceiling 1 - .3 (1 - ceiling).
    New principals and reps: phi ~ N(phi_mid + .4 local climate + .2 I, .5), induction by capability. Leaders' disposition adapts:
    phi += .02 (y - phi), y = .5 if both collaborate, -.5 if one contests, else 0.

Instead of the prototype
    Insiders were drawn at random but outsiders as the best of three, which favoured outsiders; tenure of the predecessor did not
    matter, so neither the interaction nor the dip of evidence P6 could appear; dispositions never adapted.

Limits
    Leaders have no teams; presidents know no term limits; hazards do not know poverty or size.

Sources
    Zucker 1977; Harrison & Carroll 1991; Karaevli & Zajac 2013; Grissom & Andersen 2012; rates: evidence E1-E22.
"""

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip, exp, normal
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import note, word
from partnersim.model.columns import ADVISES, COLLABORATE, CONTEST, LEADS, MANAGEMENT, NOBODY, STRATEGIC, UNION, WORKPLACE
from partnersim.model.trust import HIGHEST, LOWEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="succession",
    claim="Relationships live in persons; only what is taken for granted outlives them.",
    off="absent",
    parameters=(
        Parameter(name="management_tenure_months", default=78, bounds=(6, 5000), sweep=(36, 240), unit="months", role="lever", status="measured",
                  source="evidence E1, E4: .155 a year", meaning="mean tenure of superintendents at even board confidence", sign="+"),
        Parameter(name="union_tenure_months", default=150, bounds=(6, 5000), sweep=(60, 400), unit="months", role="lever", status="assumed",
                  source="evidence E22 (.05-.10 a year without term limits)", meaning="mean tenure of union leaders who are not voted out", sign="?"),
        Parameter(name="flip_multiplier", default=2.5, bounds=(1, 10), sweep=(1, 4), unit="factor", role="world", status="assumed",
                  source="evidence E13 (direction), size assumed", meaning="superintendent's hazard after a board flip", sign="-"),
        Parameter(name="insider_stays", default=0.7, bounds=(0.1, 2), unit="factor", role="fixed", status="assumed",
                  source="evidence E8 (direction), size assumed", meaning="superintendent's hazard if from inside"),
        Parameter(name="stress_multiplier", default=1.4, bounds=(1, 5), unit="factor", role="fixed", status="assumed",
                  source="assumed; evidence E2 has a rise of this size after 2020, for other reasons", meaning="superintendent's hazard under fiscal stress"),
        Parameter(name="manager_exit_low", default=0.0087, bounds=(0, 1), sweep=(0.003, 0.02), unit="1/month", role="world", status="measured",
                  source="evidence E15-E17 (.19 a year, heterogeneous), split assumed", meaning="principals of the staying kind leaving", sign="?"),
        Parameter(name="manager_exit_high", default=0.0293, bounds=(0, 1), sweep=(0.01, 0.06), unit="1/month", role="world", status="measured",
                  source="evidence E15-E17 (.19 a year, heterogeneous), split assumed", meaning="principals of the moving kind leaving", sign="?"),
        Parameter(name="steward_exit", default=0.0293, bounds=(0, 1), sweep=(0.01, 0.06), unit="1/month", role="world", status="assumed",
                  source="evidence E21: no data, .25-.40 a year", meaning="reps leaving", sign="?"),
        Parameter(name="outside", symbol="q_out", default=0.65, bounds=(0, 1), sweep=(0, 1), unit="probability", role="lever", status="measured",
                  source="evidence E7", meaning="superintendents appointed from outside", sign="-"),
        Parameter(name="outside_after_flip", default=0.8, bounds=(0, 1), sweep=(0.6, 1), unit="probability", role="world", status="assumed",
                  source="evidence E13 (direction, two years), size and third year assumed", meaning="the same for three years after a board flip", sign="-"),
        Parameter(name="team_weight", symbol="tw", default=0.35, bounds=(0, 1), sweep=(0, 0.6), unit="share", role="world", status="assumed",
                  source="evidence F30 (a top pair does not suffice), size assumed; calibrate on P5",
                  meaning="weight of a leader's team in what the leader believes, wants and can", sign="?"),
        Parameter(name="shake", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="world", status="assumed",
                  source="evidence F28 (direction), size assumed; calibrate on P6", meaning="change an outsider brings after a long predecessor", sign="-"),
        Parameter(name="outside_disposition", symbol="phi_ext", default=-0.2, bounds=(-1, 1), sweep=(-0.6, 0.3), unit="-", role="world",
                  status="assumed", source="assumed", meaning="mean disposition of outside candidates", sign="+"),
        Parameter(name="middle_disposition", symbol="phi_mid", default=0.05, bounds=(-1, 1), sweep=(-0.3, 0.3), unit="-", role="world",
                  status="assumed", source="assumed; evidence I7 (support varies widely)", meaning="mean disposition of new managers and reps", sign="+"),
        Parameter(name="disposition_spread", symbol="phi_sd", default=0.5, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="evidence I7 (spread)", meaning="sd of dispositions in candidate pools"),
        Parameter(name="leader_spread", default=0.2, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="assumed", meaning="sd of the founding leaders' disposition"),
        Parameter(name="adaptation", default=0.02, bounds=(0, 0.5), sweep=(0, 0.04), unit="1/month", role="world", status="assumed",
                  source="assumed, so that one disposition does not decide alone", meaning="speed at which leaders' disposition follows experience", sign="?"),
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
STAFF_LEAVES = stream("succession.staff_leaves")
STAFF_FOLLOWS = stream("succession.staff_follows")

UNION_REPLACED, MANAGEMENT_REPLACED = word("union leader replaced"), word("superintendent replaced")
MANAGER_REPLACED, STEWARD_REPLACED = word("principal replaced"), word("building rep replaced")
CHALLENGER, INSIDE, OUTSIDE, LEFT = word("by a challenger"), word("from inside"), word("from outside"), word("left")

MOVERS_AT_WORK, MOVERS_ARRIVING = 0.45, 0.734  # shares of principals of the moving kind that give .19 a year in the long run
FLIP_HAZARD_MONTHS, FLIP_OUTSIDER_MONTHS, NO_FLIP = 24, 36, 999


@step(writes=("disposition", "exit_hazard"))
def appoint(person_group, person_rank, person_side, person_id, disposition, exit_hazard, p, key0, key1, month):
    """Founding leaders and the first managers and reps differ in disposition and in how long they stay."""
    for i in range(disposition.shape[0]):
        a, b, _, _ = block(key0, key1, STARTS, month, person_id[i], 0)
        spread = p.leader_spread if person_group[i] == STRATEGIC and person_rank[i] == LEADS else p.disposition_spread
        disposition[i] = clip(disposition[i] + spread * normal(unit(a)), -1.0, 1.0)
        if person_group[i] != STRATEGIC:
            exit_hazard[i] = p.steward_exit
            if person_side[i] == MANAGEMENT:
                exit_hazard[i] = p.manager_exit_high if unit(b) < MOVERS_AT_WORK else p.manager_exit_low


@step(writes=("horizon", "exit_hazard"))
def look_ahead(person_side, person_group, person_rank, board, flip_age, gap, came_from_inside, horizon, exit_hazard, p, p_politics):
    """Everybody has an idea of how long they will stay."""
    for i in range(horizon.shape[0]):
        if person_rank[i] == ADVISES:
            continue
        if person_group[i] == STRATEGIC:
            if person_side[i] == UNION:
                exit_hazard[i] = 1.0 / p.union_tenure_months
                horizon[i] = 1.0 / (exit_hazard[i] + 0.3 / p_politics.term_months)
            else:
                # the own base hazard counts, constant within a tenure; a flip or a crisis comes as a surprise
                exit_hazard[i] = exp(2.0 * (0.5 - board[0])) / p.management_tenure_months
                horizon[i] = 1.0 / exit_hazard[i]
                exit_hazard[i] *= (p.flip_multiplier if flip_age[0] < FLIP_HAZARD_MONTHS else 1.0) * (
                    p.insider_stays if came_from_inside[0] == 1 else 1.0
                )
                if gap[0] > 0.04:
                    exit_hazard[i] *= p.stress_multiplier
        else:
            if person_side[i] == UNION:
                exit_hazard[i] = p.steward_exit
            horizon[i] = 1.0 / max(exit_hazard[i], 1e-5)


@step(writes=("disposition",))
def adapt(union_of, management_of, stance, disposition, p):
    """Leaders come to like what works, and to distrust what does not."""
    union, management = stance[union_of[0]], stance[management_of[0]]
    lesson = 0.5 if union == COLLABORATE and management == COLLABORATE else (-0.5 if union == CONTEST or management == CONTEST else 0.0)
    for i in (union_of[0], management_of[0]):
        disposition[i] += p.adaptation * (lesson - disposition[i])


@helper
def workplace_mean(table, side):
    """Return the mean of a dyad column over workplace dyads, one side."""
    total = 0.0
    for d in range(1, table.shape[0]):
        total += table[d, side]
    return total / (table.shape[0] - 1)


@helper
def first_trust(disposition, level, kept, usual):
    """Return the trust a newcomer arrives with: partly that of the own side, partly the own disposition."""
    return clip(kept * usual + (1.0 - kept) * (level + 0.25 * disposition), LOWEST, HIGHEST)


@step(
    writes=("disposition", "exit_hazard", "tenure", "age", "came_from_inside"),
    resets=("trust", "ceiling", "value", "memory", "skill", "clarity", "informal", "alignment", "opposed", "flip_age"),
)
def replace(
    person_id, dyad_site, union_of, management_of, member_support, board, flip_age, ousted, institutionalisation, exists,
    departure, departure_disposition, departure_overlap, opposed,
    disposition, exit_hazard, tenure, age, came_from_inside, trust, ceiling, value, memory, skill, clarity, informal, alignment,
    p, p_commitment, p_capability, p_politics, key0, key1, month, events,
):  # fmt: skip
    """Leaders, reps and principals leave; successors take over what can be taken over."""
    sites = member_support.shape[0]
    taken = institutionalisation[0]
    kept = p.inherited * taken
    hope = 0.7 * p_commitment.promise
    mood = 0.0
    for s in range(sites):
        mood += (member_support[s] - 0.5) / sites
    for i in range(tenure.shape[0]):
        tenure[i] += 1
    for d in range(age.shape[0]):
        age[d] += 1

    for side in range(2):
        i = union_of[0] if side == UNION else management_of[0]
        ordered = departure[0, side]
        leaves = unit(block(key0, key1, UNION_LEAVES if side == UNION else MANAGEMENT_LEAVES, month, person_id[i], 0)[0]) < exit_hazard[i]
        if not (leaves or ordered > 0 or (side == UNION and ousted[0] == 1)):
            continue
        a, b, c, d4 = block(key0, key1, UNION_FOLLOWS if side == UNION else MANAGEMENT_FOLLOWS, month, person_id[i], 0)
        e, f, g, _ = block(key0, key1, UNION_FOLLOWS if side == UNION else MANAGEMENT_FOLLOWS, month, person_id[i], 1)
        best_of_three = unit(c) < board[0] and side == MANAGEMENT
        if ordered > 0:
            inside = ordered == 1
        elif side == UNION:
            inside = ousted[0] == 0
        else:
            inside = unit(a) >= (p.outside_after_flip if flip_age[0] < FLIP_OUTSIDER_MONTHS else p.outside)
        change = 0.0 if inside or side == UNION else p.shake * tenure[i] / (tenure[i] + 60.0)
        # overlap with the predecessor saves up to half of what a handover loses
        saved = 0.5 * min(1.0, departure_overlap[0, side] / 12.0)
        lost = 1.0 - saved
        if inside:
            dyad = 1 + pick(b, sites)
            if best_of_three:
                for word_of in (d4, e):
                    other = 1 + pick(word_of, sites)
                    if disposition[management_of[other]] > disposition[management_of[dyad]]:
                        dyad = other
            source = union_of[dyad] if side == UNION else management_of[dyad]
            disposition[i] = disposition[source]
            skill[i] = skill[source]
            arriving_trust = trust[dyad, side]
            arriving_value = value[dyad, side]
        else:
            if side == UNION:
                disposition[i] = clip(1.5 * mood - p_politics.rebalance + 0.25 * normal(unit(e)), -1.0, 1.0)
            else:
                candidate = normal(unit(e))
                if best_of_three:
                    candidate = max(candidate, normal(unit(f)), normal(unit(g)))
                disposition[i] = clip(p.outside_disposition + p.disposition_spread * candidate, -1.0, 1.0)
            skill[i] = p.new_skill
            arriving_trust = -1.0
            arriving_value = kept * value[0, side] + (1.0 - kept) * hope
        if departure_disposition[0, side] <= 1.0:
            disposition[i] = departure_disposition[0, side]
        if arriving_trust < 0.0:
            arriving_trust = first_trust(disposition[i], 0.4, kept, workplace_mean(trust, side))
        trust[0, side] = saved * trust[0, side] + lost * arriving_trust
        welcome = kept * trust[0, 1 - side] + (1.0 - kept) * (0.55 if inside else 0.45)
        trust[0, 1 - side] = saved * trust[0, 1 - side] + lost * welcome
        ceiling[0, side] = 1.0
        ceiling[0, 1 - side] = 1.0 - p.kept_memory * (1.0 - ceiling[0, 1 - side])
        value[0, side] = arriving_value
        memory[i] *= p.kept_memory
        clarity[0] *= 1.0 - lost * (1.0 - (0.4 + 0.5 * taken) * (1.0 - 0.5 * change))
        informal[0] *= 1.0 - lost * 0.8
        alignment[0] *= 1.0 - change * (1.0 - 0.5 * taken)
        age[0] = 0
        if side == MANAGEMENT:
            came_from_inside[0] = 1 if inside else 0
            # a board that has chosen its superintendent is content for a while: at most two seats stay opposed, whichever
            flip_age[0] = NO_FLIP
            left = 0
            for seat in range(opposed.shape[1]):
                left += opposed[0, seat]
            spared = min(2, left)
            lots = (
                block(key0, key1, MANAGEMENT_FOLLOWS, month, person_id[i], 2),
                block(key0, key1, MANAGEMENT_FOLLOWS, month, person_id[i], 3),
            )
            for seat in range(opposed.shape[1]):
                if opposed[0, seat] == 1:
                    opposed[0, seat] = 1 if pick(lots[seat // 4][seat % 4], left) < spared else 0
                    spared -= opposed[0, seat]
                    left -= 1
        note(
            events, month, UNION_REPLACED if side == UNION else MANAGEMENT_REPLACED, STRATEGIC, NOBODY, side,
            INSIDE if inside else (CHALLENGER if side == UNION else OUTSIDE), float(tenure[i]),
        )  # fmt: skip
        tenure[i] = 0

    for side in range(2):
        usual_trust = workplace_mean(trust, side)
        usual_value = workplace_mean(value, side)
        for d in range(1, union_of.shape[0]):
            i = union_of[d] if side == UNION else management_of[d]
            if unit(block(key0, key1, STAFF_LEAVES, month, person_id[i], 0)[0]) >= exit_hazard[i]:
                continue
            s = dyad_site[d]
            climate = member_support[s] - 0.5 if side == UNION else 0.5 * disposition[management_of[0]]
            a, b, c, _ = block(key0, key1, STAFF_FOLLOWS, month, person_id[i], 0)
            drawn = p.disposition_spread * normal(unit(a)) + p.middle_disposition + 0.4 * climate + 0.2 * taken
            disposition[i] = clip(drawn, -1.0, 1.0)
            arriving = min(1.0, p.new_skill + 0.25 * taken)
            if unit(b) < p_capability.induction * exists[0]:
                arriving += 2.0 * p_capability.session_gain * (1.0 - arriving)
            skill[i] = arriving
            if side == MANAGEMENT:
                exit_hazard[i] = p.manager_exit_high if unit(c) < MOVERS_ARRIVING else p.manager_exit_low
            trust[d, side] = first_trust(disposition[i], 0.42, kept, usual_trust)
            trust[d, 1 - side] = kept * trust[d, 1 - side] + (1.0 - kept) * 0.45
            ceiling[d, side] = 1.0
            ceiling[d, 1 - side] = 1.0 - p.kept_memory * (1.0 - ceiling[d, 1 - side])
            value[d, side] = 0.5 * usual_value + 0.5 * hope
            memory[i] *= p.kept_memory
            clarity[d] *= 0.4 + 0.5 * taken
            informal[d] *= 0.3
            age[d] = 0
            note(events, month, STEWARD_REPLACED if side == UNION else MANAGER_REPLACED, WORKPLACE, s, side, LEFT, float(tenure[i]))
            tenure[i] = 0
