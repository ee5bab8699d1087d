"""Placebos: what is given without its substance must not work, and a lever must work through what it is said to move.

Runs are paired by their luck. `z` is the mean difference in standard errors; where there is no difference it passes 2.6 in one of a hundred
sets of seeds. Practice is the alive index, .4 [leaders] + .6 X, at five years.
"""

import numpy as np
import pytest
from histories import histories

from partnersim.model import outcomes
from partnersim.scenarios.scenario import Scenario

SMALL = Scenario(name="small", sites=8, members_per_site=16)
SUPPORT = {"support.facilitation": 1, "support.community": 1, "support.national": 1, "support.launch": 1}
RUNS = 150


def five_years(scenario, outcome=outcomes.ALIVE_INDEX):
    """Each run's mean of an outcome over the fourth and fifth year."""
    return histories(scenario, RUNS, years=5)[:, 37:61, outcome].mean(axis=1)


def z(more, less):
    change = more - less
    return change.mean() / (change.std(ddof=1) / np.sqrt(len(change)) + 1e-12)


def test_support_helps_where_there_is_something_to_gain_and_sustains_nothing_where_there_is_not():
    barren = {"joint_gains.potential": 0.3}
    rich, poor = (five_years(SMALL.replace(parameters=SUPPORT | extra)) for extra in ({}, barren))
    assert z(rich, five_years(SMALL)) > 2.6
    assert poor.mean() < 0.3
    assert rich.mean() > poor.mean() + 0.15


@pytest.mark.parametrize("sessions", [1, 4])
def test_training_that_costs_and_teaches_nothing_is_no_better_than_none(sessions):
    """Nor are more sessions: they take time from the rep and output from the month."""
    empty = {"capability.session_gain": 0, "joint_gains.session_refill": 0, "clarity.session_gain": 0}
    none = five_years(SMALL.replace(parameters=empty | {"capability.sessions_per_year": 0}))
    some = five_years(SMALL.replace(parameters=empty | {"capability.sessions_per_year": sessions}))
    assert z(some, none) < 1
    assert some.mean() <= none.mean() + 0.01


def test_training_works_by_skill_and_new_problems():
    none, some = (five_years(SMALL.replace(parameters={"capability.sessions_per_year": n})) for n in (0, 2))
    assert z(some, none) > 2.6


def test_language_without_authority_is_a_promise_that_is_not_kept():
    """Authority capped at .2: more language, less practice and less trust of the reps. Where authority follows conduct it does no harm."""
    capped = {"authority.ceiling": 0.2}
    silent, loud = (SMALL.replace(start={"language": level, "authority": 0.1}, parameters=capped) for level in (0, 0.9))
    assert z(five_years(loud), five_years(silent)) < -2.6
    trust = outcomes.TRUST_UNION_WORKPLACE
    assert five_years(loud, trust).mean() < five_years(silent, trust).mean() - 0.05
    free = [five_years(SMALL.replace(start={"language": level})) for level in (0, 0.9)]
    assert abs(free[1].mean() - free[0].mean()) < 0.06


def test_a_mediator_that_is_held_takes_the_lever_with_it():
    """Learning by doing works by skill: with skill held at its usual level it changes no bit."""
    held = SMALL.without("capability")
    runs = [five_years(held.replace(parameters={"capability.by_doing": value})) for value in (0, 0.1)]
    assert np.array_equal(*runs)


def test_release_time_works_by_grievances_alone():
    """Grievances weigh on members and reps and open issues in schools; where they do none of these, release time changes no bit."""
    short, long = (five_years(SMALL.replace(parameters={"members.release_hours": hours})) for hours in (5, 60))
    assert z(long, short) > 2.6
    mute = SMALL.replace(parameters={"members.grievance": 0, "members.steward_pressure": 0}).without("pivotal_events")
    assert np.array_equal(*(five_years(mute.replace(parameters={"members.release_hours": hours})) for hours in (5, 60)))
