"""Succession (M14): people leave, and their successors bring another disposition, less skill and little of the trust.

Equations
    hazards a month: M 1/72 exp(2(.5 - B)); U retires 1/120 or loses; principals .0165; reps .024.
    A new holder's T = iota I * (mean trust of the own side in schools) + (1 - iota I)(.4 + .25 phi).
"""

from numba import njit

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip, exp, normal
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import note, word
from partnersim.model.columns import MANAGEMENT, NOBODY, STRATEGIC, UNION, WORKPLACE
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="succession",
    claim="Relationships live in persons; only what is taken for granted outlives them.",
    off="absent",
    parameters=(
        Parameter(name="management_tenure_months", default=72, bounds=(6, 2400), sweep=(36, 144), unit="months", role="lever", status="measured",
                  source="evidence E4: about six years", meaning="mean tenure of superintendents at even board confidence", sign="+"),
        Parameter(name="union_tenure_months", default=120, bounds=(6, 2400), sweep=(60, 240), unit="months", role="lever", status="assumed",
                  source="evidence E22", meaning="mean tenure of union leaders who are not voted out", sign="+"),
        Parameter(name="manager_exit", default=0.0165, bounds=(0, 1), sweep=(0.005, 0.04), unit="1/month", role="world", status="measured",
                  source="evidence E15-E18", meaning="principals leaving", sign="?"),
        Parameter(name="steward_exit", default=0.024, bounds=(0, 1), sweep=(0.008, 0.05), unit="1/month", role="world", status="assumed",
                  source="evidence E21", meaning="reps leaving", sign="?"),
        Parameter(name="inside", symbol="q_in", default=0.4, bounds=(0, 1), sweep=(0, 1), unit="probability", role="lever", status="measured",
                  source="evidence E7", meaning="superintendents appointed from within", sign="+"),
        Parameter(name="outside_disposition", symbol="phi_ext", default=-0.27, bounds=(-1, 1), sweep=(-0.6, 0.3), unit="-", role="world", status="assumed",
                  source="assumed", meaning="mean disposition of outside candidates", sign="+"),
        Parameter(name="middle_disposition", symbol="phi_mid", default=0.05, bounds=(-1, 1), sweep=(-0.3, 0.3), unit="-", role="world", status="assumed",
                  source="assumed", meaning="mean disposition of new managers and reps", sign="+"),
        Parameter(name="disposition_spread", symbol="phi_sd", default=0.5, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="assumed", meaning="sd of dispositions in candidate pools"),
        Parameter(name="leader_spread", default=0.2, bounds=(0, 1), unit="-", role="fixed", status="assumed",
                  source="assumed", meaning="sd of the founding leaders' disposition"),
        Parameter(name="inherited", symbol="iota", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="Harrison & Carroll 1991 (idea)", meaning="what a successor inherits where practice is taken for granted"),
        Parameter(name="new_skill", symbol="K_new", default=0.30, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="partnering skill of a newcomer"),
        Parameter(name="kept_memory", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="conflict memory that a successor takes over"),
    ),
)  # fmt: skip

STARTS = stream("succession.starts")
UNION_LEAVES = stream("succession.union_leader_leaves")
UNION_FOLLOWS = stream("succession.union_leader_follows")
MANAGEMENT_LEAVES = stream("succession.management_leader_leaves")
MANAGEMENT_FOLLOWS = stream("succession.management_leader_follows")
STAFF_LEAVES = stream("succession.staff_leaves")
STAFF_FOLLOWS = stream("succession.staff_follows")
REPLACED, DEFEATED, RETIRED, INSIDE, OUTSIDE = word("leader replaced"), word("defeated"), word("from the ranks"), word("from inside"), word("from outside")
MANAGER_REPLACED, STEWARD_REPLACED, LEFT = word("middle manager replaced"), word("steward replaced"), word("left")


@step(writes=("disposition",))
def appoint(person_group, person_id, disposition, p, key0, key1, month):
    """Founding leaders and the first managers and reps differ in disposition."""
    for i in range(disposition.shape[0]):
        spread = p.leader_spread if person_group[i] == STRATEGIC else p.disposition_spread
        disposition[i] = clip(disposition[i] + spread * normal(unit(block(key0, key1, STARTS, month, person_id[i], 0)[0])), -1.0, 1.0)


@step(writes=("horizon",))
def look_ahead(person_side, person_group, board, horizon, p, p_politics):
    """Everybody has an idea of how long they will stay."""
    for i in range(horizon.shape[0]):
        if person_group[i] == STRATEGIC:
            if person_side[i] == UNION:
                horizon[i] = 1.0 / (1.0 / p.union_tenure_months + 0.3 / p_politics.term_months)
            else:
                horizon[i] = p.management_tenure_months / exp(2.0 * (0.5 - board[0]))
        else:
            horizon[i] = 1.0 / (p.steward_exit if person_side[i] == UNION else p.manager_exit)


@njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def workplace_mean(table, side):
    """Mean of a dyad column over workplace dyads, one side."""
    total = 0.0
    for d in range(1, table.shape[0]):
        total += table[d, side]
    return total / (table.shape[0] - 1)


@step(
    writes=("disposition", "tenure"),
    resets=("trust", "value", "memory", "skill", "clarity", "informal", "alignment"),
)
def replace(
    person_id, person_side, dyad_site, union_of, management_of, member_support, board, ousted, institutionalisation,
    disposition, tenure, trust, value, memory, skill, clarity, informal, alignment, p, p_commitment, key0, key1, month, events,
):  # fmt: skip
    """Leaders, managers and reps leave; successors take over what can be taken over."""
    sites = member_support.shape[0]
    taken = institutionalisation[0]
    kept = p.inherited * taken
    hope = 0.7 * p_commitment.promise
    for i in range(tenure.shape[0]):
        tenure[i] += 1
    mood = 0.0
    for s in range(sites):
        mood += member_support[s] / sites

    # union leader
    i = union_of[0]
    retires = unit(block(key0, key1, UNION_LEAVES, month, person_id[i], 0)[0]) < 1.0 / p.union_tenure_months
    if ousted[0] == 1 or retires:
        a, b, _, _ = block(key0, key1, UNION_FOLLOWS, month, person_id[i], 0)
        expected = hope
        if ousted[0] == 1:
            disposition[i] = clip(1.5 * (mood - 0.5) + 0.25 * normal(unit(a)), -1.0, 1.0)
            skill[i] = p.new_skill
        else:
            rep = union_of[1 + pick(b, sites)]
            disposition[i] = disposition[rep]
            skill[i] = skill[rep]
            expected = workplace_mean(value, UNION)
        trust[0, UNION] = kept * workplace_mean(trust, UNION) + (1.0 - kept) * clip(0.4 + 0.25 * disposition[i], 0.0, 1.0)
        trust[0, MANAGEMENT] = taken * trust[0, MANAGEMENT] + (1.0 - taken) * 0.4
        value[0, UNION] = taken * value[0, UNION] + (1.0 - taken) * expected
        memory[i] *= p.kept_memory
        clarity[0] *= 0.4 + 0.5 * taken
        informal[0] *= 0.2
        note(events, month, REPLACED, STRATEGIC, NOBODY, UNION, DEFEATED if ousted[0] == 1 else RETIRED, float(tenure[i]))
        tenure[i] = 0

    # management leader
    i = management_of[0]
    a, _, _, _ = block(key0, key1, MANAGEMENT_LEAVES, month, person_id[i], 0)
    if unit(a) < exp(2.0 * (0.5 - board[0])) / p.management_tenure_months:
        a, b, c, d4 = block(key0, key1, MANAGEMENT_FOLLOWS, month, person_id[i], 0)
        e, f, g, _ = block(key0, key1, MANAGEMENT_FOLLOWS, month, person_id[i], 1)
        inside = unit(a) < p.inside
        if inside:
            principal = management_of[1 + pick(b, sites)]
            disposition[i] = disposition[principal]
            skill[i] = skill[principal]
            expected = workplace_mean(value, MANAGEMENT)
            brought = workplace_mean(trust, MANAGEMENT)
        else:
            first = p.outside_disposition + p.disposition_spread * normal(unit(e))
            second = p.outside_disposition + p.disposition_spread * normal(unit(f))
            third = p.outside_disposition + p.disposition_spread * normal(unit(g))
            chosen = max(first, second, third) if unit(c) < board[0] else first
            disposition[i] = clip(chosen, -1.0, 1.0)
            skill[i] = p.new_skill
            expected = hope
            brought = clip(0.4 + 0.25 * disposition[i], 0.0, 1.0)
            alignment[0] *= 0.5 + 0.5 * taken
        trust[0, MANAGEMENT] = kept * workplace_mean(trust, MANAGEMENT) + (1.0 - kept) * brought
        trust[0, UNION] = kept * trust[0, UNION] + (1.0 - kept) * (0.55 if inside else 0.45)
        value[0, MANAGEMENT] = kept * value[0, MANAGEMENT] + (1.0 - kept) * expected
        memory[i] *= p.kept_memory
        clarity[0] *= 0.4 + 0.5 * taken
        informal[0] *= 0.2
        note(events, month, REPLACED, STRATEGIC, NOBODY, MANAGEMENT, INSIDE if inside else OUTSIDE, float(tenure[i]))
        tenure[i] = 0

    # reps, then principals
    for side in range(2):
        usual_trust = workplace_mean(trust, side)
        usual_value = workplace_mean(value, side)
        for d in range(1, union_of.shape[0]):
            i = union_of[d] if side == UNION else management_of[d]
            leaves = p.steward_exit if side == UNION else p.manager_exit
            if unit(block(key0, key1, STAFF_LEAVES, month, person_id[i], 0)[0]) < leaves:
                s = dyad_site[d]
                climate = member_support[s] - 0.5 if side == UNION else 0.5 * disposition[management_of[0]]
                a, _, _, _ = block(key0, key1, STAFF_FOLLOWS, month, person_id[i], 0)
                drawn = p.disposition_spread * normal(unit(a)) + p.middle_disposition + 0.4 * climate + 0.2 * taken
                disposition[i] = clip(drawn, -1.0, 1.0)
                skill[i] = p.new_skill + 0.25 * taken
                trust[d, side] = kept * usual_trust + (1.0 - kept) * clip(0.42 + 0.25 * disposition[i], 0.0, 1.0)
                trust[d, 1 - side] = kept * trust[d, 1 - side] + (1.0 - kept) * 0.45
                value[d, side] = 0.5 * usual_value + 0.5 * hope
                memory[i] *= p.kept_memory
                clarity[d] *= 0.4 + 0.5 * taken
                informal[d] *= 0.3
                note(events, month, STEWARD_REPLACED if side == UNION else MANAGER_REPLACED, WORKPLACE, s, side, LEFT, float(tenure[i]))
                tenure[i] = 0
