"""Networks (M8): ties among leaders, managers and stewards, ties among members, and the norms that travel along them.

Claim
    Dense ties carry contact when formal meetings lapse (Coleman 1988) and make collaborating, or contesting, normal among peers and
    for the leaders above them (Centola 2018); bridges that are not used are soon gone (Burt 2002).

Equations
    Contacts of a dyad beside the meetings, a month (f*: usual meetings, 5 of leaders, 4 at the workplace)::

        c += a_c (held/f* + .1) [C-C](1 - c/16) - d_c c

    Ties of leaders, advisers, managers and stewards, w in contacts a month. Two people's work meets if they are on one side, or if the
    partnership meets. Each approaches at most one a month, drawn from the core and the about seven neighbouring schools::

        new tie     w = .6, tried w.p. f n/2 (f = .03, n places in the address book), if their work meets
        w += .12 w (1 - w/10)(1 - .3 press) if their work meets, else -.04 w;   -.01 w always;   below .15 it is gone
        pressure: a tie to one of the cabinet w.p. .012 press a member of it

    Members of a school, w in [0, 1] (s: seats; y: engaged; q: joint output of the month)::

        new tie     w = .5, tried by the engaged w.p. p_f (.2 + q) s/2 with a colleague drawn from all seats, if engaged and not tied
        w = keep w + .25 y_k y_l w (1 - w);   below .05 it is gone;   a leaver's ties go at once (members, succession)
        density     D = min(1, mean ties a member / 32)

    Norm: N_i = nu dens (sum w x + w_0 xbar)/(sum w + w_0) over the staff of one's side one is tied to, x(C, H, D) = 1, 0, -1 last month, xbar the
    mean of the side. It is added to the value of collaborating and taken from that of contesting, for the staff (peers) and for the leader
    (upward norm: what happens below is what the leader stands for).

Instead of the prototype
    Peers were everybody on one's side, so schools of a district were too alike (evidence P9), and ties had no price, so churn could not cost
    strong ties and leave weak ones (P8). One approach a person and month replaces a draw for each pair: a pair forms with nearly the same
    chance, and the draws do not grow with the square of a school. People of the staff see neighbours and the core, not the whole district, so
    cost grows with the number of schools and not with its square.

    Nobody's time for ties was to exceed 40 contacts a month. Then those who stay use what others leave: when half of the leaders went within
    four years, stayers kept 1.02 of their strong ties and .92 of their weak ones; without the budget .91 and 1.03, and .86 and 1.31 under
    pressure, as evidence F25 and F26 have it. So there is none.

Limits
    Ties are equal for both and about work in general; topics (data, curriculum, instruction, mentoring) are not told apart. The side as a
    whole counts as one contact: whether peers are those one is tied to or everybody on the side changes no pattern (the spread of partnership
    within a district is .092 either way), so the clusters stand for a plain reading of the literature and not for a measured effect.

Sources
    Granovetter 1973; Coleman 1988; Burt 2002; Centola 2018; Daly & Finnigan 2011; contact and sizes: evidence F5, F16, N2-N4.
"""

from partnersim.engine.mechanism import Mechanism, helper, step
from partnersim.engine.numeric import clip
from partnersim.engine.random import block, pick, stream, unit, units
from partnersim.model.columns import NEIGHBOURS, NOBODY, STRATEGIC, UNION, WORKPLACE
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="networks",
    claim="Ties carry contact when meetings lapse, and peers make collaborating, or contesting, normal.",
    parameters=(
        Parameter(name="tie_gain", symbol="a_c", default=1.0, bounds=(0, 5), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="informal contacts gained in a month of joint work at usual meetings"),
        Parameter(name="tie_decay", symbol="d_c", default=0.10, bounds=(0, 1), sweep=(0.05, 0.19), unit="1/month", role="world", status="measured",
                  source="Burt 2002: nine in ten bridges gone in a year among bankers is the upper end", meaning="decay of unused ties", sign="-"),
        Parameter(name="tie_ceiling", default=16, bounds=(1, 20), unit="1/month", role="fixed", status="assumed",
                  source="evidence F5: daily or weekly contact in strong schools", meaning="informal contacts a dyad can sustain"),
        Parameter(name="usual_leader_meetings", default=5, bounds=(1, 20), unit="1/month", role="fixed", status="definition",
                  source="evidence F16", meaning="meetings at which the leaders' ties form at full speed"),
        Parameter(name="usual_workplace_meetings", default=4, bounds=(1, 20), unit="1/month", role="fixed", status="definition",
                  source="evidence F16", meaning="meetings at which workplace ties form at full speed"),
        Parameter(name="approach", default=0.03, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="chance that two of the staff whose work meets become tied"),
        Parameter(name="first_weight", default=0.6, bounds=(0.15, 2), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts of a new tie among the staff"),
        Parameter(name="strengthening", default=0.12, bounds=(0, 1), sweep=(0.05, 0.25), unit="1/month", role="world", status="calibrated",
                  source="assumed; compare P8", meaning="growth of a tie of the staff by working together", sign="?"),
        Parameter(name="weakening", default=0.04, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="decay of a tie of the staff whose work does not meet"),
        Parameter(name="fading", default=0.01, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="decay of every tie of the staff"),
        Parameter(name="strongest", default=10, bounds=(1, 40), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="contacts that no tie of the staff exceeds"),
        Parameter(name="pressed_ties", default=0.012, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="evidence F26 (direction), size assumed", meaning="ties to a member of the cabinet that full accountability pressure makes"),
        Parameter(name="pressed_depth", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="evidence F26 (direction), size assumed", meaning="growth of ties that full accountability pressure prevents"),
        Parameter(name="peer_weight", symbol="nu", default=0.20, bounds=(0, 1), sweep=(0, 0.35), unit="gu", role="world", status="calibrated",
                  source="assumed", meaning="weight of peers' conduct", sign="+"),
        Parameter(name="side_weight", symbol="w_0", default=1.0, bounds=(0.01, 100), unit="1/month", role="fixed", status="assumed",
                  source="assumed: word of the side as a whole counts as one contact", meaning="weight of the side as a whole beside one's own ties"),
        Parameter(name="internal_density", symbol="dens", default=0.6, bounds=(0, 1), sweep=(0, 1), unit="share", role="lever", status="assumed",
                  source="assumed; evidence N9: one rep for ten members is dense organising", meaning="how densely each side is organised within itself", sign="+"),
        Parameter(name="member_approach", symbol="p_f", default=0.02, bounds=(0, 0.1), sweep=(0.01, 0.04), unit="1/month", role="world", status="assumed",
                  source="assumed: density .2-.3 where people collaborate (evidence N4)", meaning="chance that two engaged colleagues become tied", sign="+"),
        Parameter(name="member_keep", default=0.94, bounds=(0, 1), unit="share/month", role="fixed", status="assumed",
                  source="assumed: half-life of an unused tie eleven months; Burt 2002 has them go faster", meaning="what is left of an unused tie of members after a month"),
        Parameter(name="member_strengthening", default=0.25, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed", meaning="growth of a tie between members who are both engaged"),
        Parameter(name="dense", default=32, bounds=(1, 400), unit="ties", role="fixed", status="definition",
                  source="a member tied to everybody in a school of the usual size", meaning="ties a member that count as density 1"),
    ),
)  # fmt: skip

APPROACHES = stream("networks.approaches")
MEMBERS_APPROACH = stream("networks.members_approach")
STARTS = stream("networks.starts")
MEMBER_STARTS = stream("networks.member_starts")
STRONG, GONE, START_WEIGHT, START_TRIES = 2.0, 0.15, 2.0, 3
MEMBERS_GONE, NEW_TIE, START_TIE = 0.05, 0.5, 0.4
MOST_INFORMAL = 20.0  # contacts a month, a working day each
SCHOOLS_NEAR = int(NEIGHBOURS)


@helper
def met(i, place, core, sites, reps, person_site):
    """Return the person at a place of somebody's address book, NOBODY if the place is empty or one's own."""
    if place < core:
        return place if place != i else NOBODY
    home = person_site[i]
    if home < 0:
        return NOBODY
    school = home - home % SCHOOLS_NEAR + (place - core) // (1 + reps)
    if school >= sites:
        return NOBODY
    post = (place - core) % (1 + reps)
    other = core + school if post == 0 else core + sites + school * reps + post - 1
    return other if other != i else NOBODY


@helper
def place_of(i, core, sites, reps, person_site):
    """Return where somebody of a neighbouring school stands in the other's address book."""
    if i < core:
        return i
    post = 0 if i < core + sites else 1 + (i - core - sites) % reps
    return core + (person_site[i] % SCHOOLS_NEAR) * (1 + reps) + post


@helper
def connect(link, i, place, other, weight, core, sites, reps, person_site):
    """Tie two people with at least this weight; a tie between staff and core stands in the staff's book only."""
    link[i, place] = max(link[i, place], weight)
    if (i < core) == (other < core):
        back = place_of(i, core, sites, reps, person_site)
        link[other, back] = max(link[other, back], weight)


@helper
def forget(link, i, core, sites, reps, person_site):
    """Remove all ties of a person, whoever's book they stand in."""
    for place in range(link.shape[1]):
        other = met(i, place, core, sites, reps, person_site)
        link[i, place] = 0.0
        if other != NOBODY and (i < core) == (other < core):
            link[other, place_of(i, core, sites, reps, person_site)] = 0.0
    if i < core:
        for staff in range(core, link.shape[0]):
            link[staff, i] = 0.0


@helper
def side_means(person_group, person_side, stance):
    """Return the mean stance, 1 to -1, of the people in schools: union, management."""
    total, other_total = 0.0, 0.0
    count, other_count = 0, 0
    for i in range(stance.shape[0]):
        if person_group[i] != WORKPLACE:
            continue
        if person_side[i] == UNION:
            total += 1.0 - stance[i]
            count += 1
        else:
            other_total += 1.0 - stance[i]
            other_count += 1
    return total / count, other_total / other_count


@step(writes=("link", "peer_norm"))
def begin(
    person_id, person_site, person_side, person_group, contact_group, site_id, dyad_id, stance, link, peer_norm, p, key0, key1, month,
):  # fmt: skip
    """At the start leaders, advisers, managers and stewards know some of their own side."""
    sites, reps = site_id.shape[0], (dyad_id.shape[0] - 1) // site_id.shape[0]
    places = contact_group.shape[0]
    core = places - SCHOOLS_NEAR * (1 + reps)
    means = side_means(person_group, person_side, stance)
    for i in range(link.shape[0]):
        words = block(key0, key1, STARTS, month, person_id[i], 0)
        for n in range(START_TRIES):
            place = pick(words[n], places)
            other = met(i, place, core, sites, reps, person_site)
            if other != NOBODY and person_side[i] == person_side[other]:
                connect(link, i, place, other, START_WEIGHT, core, sites, reps, person_site)
        peer_norm[i] = p.peer_weight * p.internal_density * means[person_side[i]]


@step(writes=("tie", "density"))
def acquaint(member_id, tie, density, p, key0, key1, month):
    """At the start every member works with a few colleagues."""
    seats = tie.shape[1]
    for s in range(density.shape[0]):
        first = s * seats
        colleagues = 0.5 * density[s] * p.dense  # each knows so many and is known by as many
        for k in range(seats):
            for n in range(seats):
                if n >= colleagues:
                    break
                a, b, _, _ = block(key0, key1, MEMBER_STARTS, month, member_id[first + k], n)
                other = pick(a, seats)
                if other != k and unit(b) < colleagues - n:
                    tie[first + k, other] = START_TIE
                    tie[first + other, k] = START_TIE
        ties = 0.0
        for k in range(seats):
            for other in range(seats):
                ties += 1.0 if tie[first + k, other] > 0.0 else 0.0
        density[s] = min(1.0, ties / seats / p.dense)


@step(writes=("informal",))
def keep_in_touch(dyad_group, joint, meetings, informal, p):
    """Joint work turns meetings into informal contact, which fades without it."""
    for d in range(informal.shape[0]):
        usual = p.usual_leader_meetings if dyad_group[d] == STRATEGIC else p.usual_workplace_meetings
        gained = p.tie_gain * (meetings[d] / usual + 0.1) * (1.0 - informal[d] / p.tie_ceiling) if joint[d] >= 1.0 else 0.0
        informal[d] = clip(informal[d] + gained - p.tie_decay * informal[d], 0.0, MOST_INFORMAL)


@step(writes=("link",))
def approach(
    person_id, person_site, person_side, contact_group, site_id, dyad_id, meetings, pressure, tenure, link,
    p, p_succession, key0, key1, month,
):  # fmt: skip
    """Each of the staff approaches at most one other; the ties of those who left are gone."""
    sites, reps = site_id.shape[0], (dyad_id.shape[0] - 1) // site_id.shape[0]
    places = contact_group.shape[0]
    core = places - SCHOOLS_NEAR * (1 + reps)
    team = (core - 2) // 2
    together = meetings[0] > 0.0
    tries = min(1.0, 0.5 * p.approach * places)
    if p_succession.on > 0.0 and month > 1:
        for i in range(link.shape[0]):
            if tenure[i] == 0:
                forget(link, i, core, sites, reps, person_site)
    for i in range(link.shape[0]):
        a, b, c, d = block(key0, key1, APPROACHES, month, person_id[i], 0)
        if i >= core and team > 0 and unit(c) < p.pressed_ties * pressure[0] * team:
            place = 2 + team + pick(d, team)
            link[i, place] = max(link[i, place], p.first_weight)
        if unit(a) >= tries:
            continue
        place = pick(b, places)
        other = met(i, place, core, sites, reps, person_site)
        if other == NOBODY or link[i, place] > 0.0:
            continue
        alike = person_side[i] == person_side[other]
        own_counterpart = not alike and person_site[i] == person_site[other] and person_site[i] >= 0
        if (alike or together) and not own_counterpart:
            connect(link, i, place, other, p.first_weight, core, sites, reps, person_site)


@step(writes=("link", "heard", "strong_ties", "weak_ties", "peer_norm"))
def associate(
    person_site, person_side, person_group, first_dyad, dyad_count, contact_group, site_id, dyad_id, informal, meetings, pressure, stance,
    link, heard, strong_ties, weak_ties, peer_norm, p,
):  # fmt: skip
    """Ties of the staff grow where work meets and fade where it does not; what those one is tied to did becomes a norm."""
    sites, reps = site_id.shape[0], (dyad_id.shape[0] - 1) // site_id.shape[0]
    places, people = contact_group.shape[0], link.shape[0]
    core = places - SCHOOLS_NEAR * (1 + reps)
    together = meetings[0] > 0.0
    growth = p.strengthening * (1.0 - p.pressed_depth * pressure[0])
    means = side_means(person_group, person_side, stance)
    for i in range(people):
        heard[i] = p.side_weight
        strong_ties[i] = 0.0
        weak_ties[i] = 0.0
        peer_norm[i] = p.side_weight * means[person_side[i]]
    for i in range(people):
        for d in range(first_dyad[i], first_dyad[i] + dyad_count[i]):
            strong_ties[i] += 1.0 if informal[d] >= STRONG else 0.0
            weak_ties[i] += 1.0 if GONE <= informal[d] < STRONG else 0.0
        for place in range(places):
            w = link[i, place]
            if w == 0.0:
                continue
            j = met(i, place, core, sites, reps, person_site)
            alike = person_side[i] == person_side[j]
            if alike or together:
                w += growth * w * (1.0 - w / p.strongest)
            else:
                w -= p.weakening * w
            w -= p.fading * w
            link[i, place] = w if w >= GONE else 0.0
            if w < GONE:
                continue
            strong = 1.0 if w >= STRONG else 0.0
            strong_ties[i] += strong
            weak_ties[i] += 1.0 - strong
            if i >= core > j:  # this tie stands in one book only
                strong_ties[j] += strong
                weak_ties[j] += 1.0 - strong
                if alike:
                    heard[j] += w
                    peer_norm[j] += w * (1.0 - stance[i])
            if alike and j >= core:
                heard[i] += w
                peer_norm[i] += w * (1.0 - stance[j])
    for i in range(people):
        peer_norm[i] *= p.peer_weight * p.internal_density / heard[i]


@step(writes=("initiative", "tie", "density"))
def weave(
    member_id, present, engaged, joint, initiative, tie, density, p, key0, key1, month,
):  # fmt: skip
    """Engaged members approach colleagues; ties between the engaged grow, others fade."""
    seats = tie.shape[1]
    reps = (joint.shape[0] - 1) // density.shape[0]
    units(key0, key1, MEMBERS_APPROACH, month, member_id, initiative)
    for s in range(density.shape[0]):
        first = s * seats
        output = 0.0
        for d in range(1 + s * reps, 1 + (s + 1) * reps):
            output += joint[d] / reps
        tries = min(1.0, p.member_approach * (0.2 + output) * 0.5 * seats)
        for k in range(seats):
            if engaged[first + k] > 0.0 and initiative[0, first + k] < tries:
                other = int(initiative[1, first + k] * seats)
                if other != k and engaged[first + other] > 0.0 and tie[first + k, other] == 0.0:
                    tie[first + k, other] = NEW_TIE
                    tie[first + other, k] = NEW_TIE
        # one view a school and no branches: so the inner loop becomes vector code
        eager = engaged[first : first + seats]
        ties = 0
        people = 0.0
        for k in range(seats):
            row = tie[first + k]
            growth = p.member_strengthening * eager[k]
            for other in range(seats):
                w = row[other]
                w = w * p.member_keep + growth * eager[other] * w * (1.0 - w)
                w = w if w >= MEMBERS_GONE else 0.0
                row[other] = w
                ties += 1 if w > 0.0 else 0
            people += present[first + k]
        density[s] = min(1.0, ties / max(1.0, people) / p.dense)
