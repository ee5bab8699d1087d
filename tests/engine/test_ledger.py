"""The ledgers add up: every change of a followed column, and of the will to collaborate, has a line, and no line is made up."""

from __future__ import annotations

import numpy as np
import pytest
import toys
import worlds
from numba import config

from partnersim.engine.numeric import logit
from partnersim.engine.record import WORDS, word
from partnersim.errors import MechanismError, RunError
from partnersim.model.columns import LEADS
from partnersim.model.stance import LINEAR, WILL_INPUTS


def means(plan, world):
    """Mean of each followed column by group, on the ledger's scale: an independent count."""
    out = np.zeros((2, len(plan.stocks)))
    for n, name in enumerate(plan.stocks):
        column, values = plan.columns[name], world.columns[name]
        group = world.columns[f"{column.entity}_group"]
        for g in range(2):
            found = values[group == g].ravel()
            scaled = [float(logit(v)) for v in found] if column.ledger == "log-odds" else found.tolist()
            out[g, n] = np.mean(scaled)
    return out


def assert_lines_add_up(plan, world, months):
    before = means(plan, world)
    assert not world.record.ledger[0].any()
    moved = np.zeros_like(before)
    for month in range(1, months + 1):
        world.advance(month)
        after = means(plan, world)
        lines = world.record.ledger[month].sum(axis=2)
        np.testing.assert_allclose(lines, after - before, rtol=0, atol=1e-12, err_msg=f"month {month} of {plan.stocks}")
        moved += abs(after - before)
        before = after
    return moved


def test_lines_add_up_in_the_toy(toy):
    moved = assert_lines_add_up(toy, toys.begin(toys.world_of(toy, ledger=True)), 24)
    assert (moved > 0).all()


def test_each_change_is_booked_to_who_made_it(toy):
    world = toys.begin(toys.world_of(toy, ledger=True))
    world.advance(24)
    lines = {stock: world.record.ledger[1:, :, n] for n, stock in enumerate(toy.stocks)}
    rain, frogs, birds = (toy.lines.index(name) for name in ("rain", "frogs", "birds"))
    assert (lines["water"][:, :, rain] != 0).all()
    assert (lines["water"][:, :, frogs] <= 0).all()
    assert not lines["frogs"][:, :, rain].any()
    assert not world.record.ledger[:, :, :, birds].any()
    # so much do frogs drink, where there is enough water: thirst times the frogs of both sides
    drunk = 0.1 * world.columns["frogs"].sum(axis=1)
    enough = world.columns["water"] > 0
    assert enough.all()
    assert lines["water"][-1, 0, frogs] == pytest.approx(-drunk[0], abs=1e-12)
    assert lines["water"][-1, 1, frogs] == pytest.approx(-drunk[1:].mean(), abs=1e-12)


@pytest.mark.parametrize("off", [[], ["trust"], ["succession", "clarity"]], ids=str)
def test_lines_add_up_in_the_real_model(off, real):
    moved = np.zeros((2, len(real.stocks)))
    for replicate in range(3):
        world = worlds.begin(worlds.world_of(real, sites=4, months=60, ledger=True), replicate=replicate, happens=worlds.EVENTS, off=off)
        moved += assert_lines_add_up(real, world, 60)
    still = [s for s, by_group in zip(real.stocks, moved.T, strict=True) if not by_group.all()]
    assert still == [s for s in real.stocks if real.columns[s].owner in off]


def will(p, workplace, x):
    """V(C) - V(D) by the equations of `model/stance.py`, written anew."""
    x = dict(zip(WILL_INPUTS, x.tolist(), strict=True))
    t, j = x["trust"], x["value"]
    both, half, none = t, t * (1 - t), (1 - t) ** 2
    base = p.stake * (p.workplace_stake if workplace else 1.0)
    s = (base + x["economic stake"] + x["issue stake"]) * (1 - p.interest_based * x["skill"])
    future = p.future_weight * x["horizon"] / (x["horizon"] + p.horizon_scale) * t * j
    collaborate = both * (j - p.effort) + half * (p.half_hearted * j - p.effort) + none * (-s - p.effort)
    contest = (
        both * (p.contest_win * s - p.contest_cost)
        + half * (p.contest_win * p.guarded_loss * s - p.contest_cost)
        + none * (-p.conflict_cost - p.contest_cost)
    )
    return collaborate - contest + future + sum(x[name] for name in WILL_INPUTS[LINEAR:])


def test_inputs_add_up_to_the_change_of_the_will_of_each_tier(real):
    months = 120
    peaceful = [event for event in worlds.EVENTS if event["event"] not in ("breach", "budget_cut")]  # so that sessions are held
    often = {"capability": {"sessions_per_year": 4.0}}
    world = worlds.begin(worlds.world_of(real, sites=4, months=months, ledger=True), values=often, happens=peaceful)
    p = dict(zip(real.lines, world.params, strict=True))["stance"]
    inputs = world.columns["will_inputs"]
    group = np.where(world.columns["person_rank"] == LEADS, world.columns["person_group"], -1)  # advisers want nothing of their own
    world.advance(1)
    assert not world.record.will[:2].any()  # the first choice has nothing to be compared with
    before = inputs.copy()
    changes = []
    for month in range(2, months + 1):
        world.advance(month)
        for g in range(2):
            change = np.mean([will(p, g == 1, inputs[i]) - will(p, g == 1, before[i]) for i in np.flatnonzero(group == g)])
            assert world.record.will[month, g].sum() == pytest.approx(change, abs=1e-12), (month, g)
            changes.append(abs(change))
        before = inputs.copy()
    assert min(changes) > 0
    moved = abs(world.record.will).sum(axis=(0, 1))
    still = [name for name, m in zip(WILL_INPUTS, moved, strict=True) if m == 0]
    assert still == ["pulls"]  # an opening for users' mechanisms: the package itself adds to no pull


def test_the_will_is_not_booked_without_a_ledger(real):
    world = worlds.begin(worlds.world_of(real, months=6))
    world.advance(6)
    assert world.record.will.shape[0] == world.record.ledger.shape[0] == 0
    assert not world.columns["will_inputs"].any()


# -- events and faults ----------------------------------------------------------------------------------------------------


def test_events_come_in_order_and_their_words_can_be_read(toy):
    world = toys.begin(toys.world_of(toy))
    world.advance(5)
    rows = world.record.event_rows()
    assert rows[:, 0].tolist() == [m for m in range(1, 6) for _ in range(3)]
    assert {WORDS[int(code)] for code in rows[:, 1]} == {"born"}
    assert rows[:, 3].tolist() == [0, 1, 2] * 5


def test_a_table_holds_as_many_events_as_it_was_made_for_and_more_stop_the_run(toy):
    world = toys.begin(toys.world_of(toy, events=12))
    world.advance(4)
    assert world.record.event_rows()[:, 0].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    with pytest.raises(RunError, match=r"more than 12 events(.|\n)*seed 3, replicate 0(.|\n)*size of the event table"):
        world.advance(5)
    assert world.record.events.shape == (13, 7)


def test_too_many_events_stop_a_run_of_the_real_model(real):
    world = worlds.begin(worlds.world_of(real, events=3), happens=worlds.EVENTS)
    with pytest.raises(RunError, match="more than 3 events"):
        world.advance(24)


def test_a_fault_stops_the_run_and_names_mechanism_month_row_seed_and_replicate(toy):
    world = toys.begin(toys.world_of(toy), replicate=11, values={"frogs": {"dies_in": 7.0}})
    with pytest.raises(RunError) as found:
        world.advance(24)
    assert found.value.what == "frogs stopped in month 7: no possible value (row 0)"
    assert found.value.where == "seed 3, replicate 11"
    assert world.record.series[6].any()
    assert not world.record.series[7:].any()


def test_an_impossible_choice_stops_a_run_of_the_real_model(real):
    world = worlds.begin(worlds.world_of(real), replicate=2)
    world.advance(5)
    world.columns["trust"][2, 1] = np.nan
    with pytest.raises(RunError, match=r"stance stopped in month 6: no possible value \(row \d+\)(.|\n)*replicate 2"):
        world.advance(24)


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="plain Python raises at the division itself")
def test_an_outcome_that_is_no_number_stops_the_run(toy):
    world = toys.begin(toys.world_of(toy))
    world.advance(4)
    with pytest.raises(RunError, match="an outcome is no number from month 5 on(.|\n)*seed 3, replicate 0"):
        world.advance(24, toy.params({"rain": {"scale": 0.0}}))


def test_two_words_with_one_code_are_refused(monkeypatch):
    monkeypatch.setitem(WORDS, int(word("toy word")), "another")
    with pytest.raises(MechanismError, match="'another' and 'toy word' share the code"):
        word("toy word")
