"""A variant of the month in which schools choose one after the other: two random halves, the second knowing what the first did.

In the model everybody in a school chooses at the same time, by what colleagues did last month. Here each month half of the principals and
representatives, drawn anew, choose first; the norm of colleagues' conduct is then heard again, over the same ties; and the others choose.
Everybody's luck is the same as in the model, so that differences are due to the order alone.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import Act, Function, helper, step
from partnersim.engine.random import block, stream, unit
from partnersim.model import stance as usual
from partnersim.model.columns import ADVISES, COLUMNS, LEADS
from partnersim.model.month import SCHEDULE
from partnersim.model.networks import GONE, SCHOOLS_NEAR, met, side_means
from partnersim.model.stance import LEADERS, choose, output

MECHANISM = usual.MECHANISM  # the step takes the place of one of its own

GOES_FIRST = stream("stance.goes_first")


@helper
def hear(person_site, person_side, person_group, contact_group, site_id, dyad_id, link, stance, peer_norm, p_networks):
    """Make the norms anew from the ties there are, as `networks.associate` makes them, but let no tie grow or fade."""
    sites, reps = site_id.shape[0], (dyad_id.shape[0] - 1) // site_id.shape[0]
    places, people = contact_group.shape[0], link.shape[0]
    core = places - SCHOOLS_NEAR * (1 + reps)
    heard = np.full(people, p_networks.side_weight)
    means = side_means(person_group, person_side, stance)
    for i in range(people):
        peer_norm[i] = p_networks.side_weight * means[person_side[i]]
    for i in range(people):
        for place in range(places):
            w = link[i, place]
            if w < GONE:
                continue
            j = met(i, place, core, sites, reps, person_site)
            if person_side[i] != person_side[j]:
                continue
            if i >= core > j:  # this tie stands in one book only
                heard[j] += w
                peer_norm[j] += w * (1.0 - stance[i])
            if j >= core:
                heard[i] += w
                peer_norm[i] += w * (1.0 - stance[j])
    for i in range(people):
        peer_norm[i] *= p_networks.peer_weight * p_networks.internal_density / heard[i]


@step(writes=("stance", "joint", "pull_collaborate", "pull_contest", "will_inputs"), adds=("peer_norm",))
def respond(
    person_group, person_id, person_rank, person_site, person_side, contact_group, site_id, dyad_id, union_of, management_of, expected,
    worthwhile, economic_load, issue_load, shared_skill, inclination, horizon, memory, peer_norm, leader_signal, habit, strain,
    grievance_collaborate, grievance_contest, mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest,
    will_inputs, stance, joint, link, p, p_networks, key0, key1, month, will, fault,
):  # fmt: skip
    """Half of the managers and representatives choose, the others hear of it, and choose."""
    people = stance.shape[0]
    waiting = person_rank.copy()
    now = person_rank.copy()
    count = LEADERS - LEADERS
    for i in range(LEADERS, people):
        if person_rank[i] == LEADS:
            count += 1
            if unit(block(key0, key1, GOES_FIRST, month, person_id[i], 0)[0]) < 0.5:
                waiting[i] = ADVISES
            else:
                now[i] = ADVISES
    choose(
        LEADERS, people, count, person_group, person_id, now, expected, worthwhile, economic_load, issue_load, shared_skill,
        inclination, horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest,
        mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, p, key0, key1, month,
        will, fault,
    )  # fmt: skip
    hear(person_site, person_side, person_group, contact_group, site_id, dyad_id, link, stance, peer_norm, p_networks)
    choose(
        LEADERS, people, count, person_group, person_id, waiting, expected, worthwhile, economic_load, issue_load, shared_skill,
        inclination, horizon, memory, peer_norm, leader_signal, habit, strain, grievance_collaborate, grievance_contest,
        mandate_collaborate, mandate_contest, training_burden, pull_collaborate, pull_contest, will_inputs, stance, p, key0, key1, month,
        will, fault,
    )  # fmt: skip
    for d in range(1, joint.shape[0]):
        joint[d] = output(p, stance[union_of[d]], stance[management_of[d]])


class Variant(Plan):
    """A plan in which a mechanism's step is replaced by one from another module; its own module still stands for the mechanism."""

    def _act(self, function: Function) -> Act:
        known = dict(self.modules)
        act = super()._act(function)
        self.modules |= known
        return act


def plan() -> Plan:
    """Return the plan of the month by halves."""
    replaced: dict[Any, Any] = {usual.respond: respond}
    return Variant(dataclasses.replace(SCHEDULE, month=tuple(replaced.get(f, f) for f in SCHEDULE.month)), COLUMNS)
