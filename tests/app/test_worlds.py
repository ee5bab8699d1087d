"""What the page computes is what `partnersim run` computes; it comes in pieces, can be dropped, and blocks nobody."""

import asyncio
import threading
import time

import numpy as np
import pytest
from districts import small

import partnersim as ps
from partnersim.app import worlds
from partnersim.app.session import Session, Setup
from partnersim.app.worlds import CHARTED, CHARTED_AT, WORLDS, Workshop
from partnersim.model import outcomes
from partnersim.simulate import open_world


def shown(scenario, replicate=0, months=72):
    return worlds.show(scenario, seed=1, replicate=replicate, months=months)


@pytest.fixture(scope="module")
def runs():
    return ps.run(small(), replicates=WORLDS, years=6, seed=1)


def test_the_shown_world_is_that_of_the_command_line_to_the_bit(runs):
    for replicate in (0, 3):
        assert np.array_equal(shown(small(), replicate).series, runs.histories.series[replicate])
        assert shown(small(), replicate).life == runs.histories.practice[replicate]


def test_the_fan_is_that_of_the_command_line(runs):
    async def last():
        async for fan in Workshop().fan(Setup(small(), years=6), small()):
            found.append(fan)

    found = []
    asyncio.run(last())
    assert found[0].worlds < WORLDS
    whole = found[-1]
    series = runs.histories.series[:, :, CHARTED_AT].astype(np.float32)
    np.testing.assert_array_equal(whole.bands, np.percentile(series, (10, 50, 90), axis=0).astype(np.float32))
    lives = runs.histories.practice
    assert whole.alive == sum(life.born >= 0 and not life.died for life in lives)
    assert (whole.band("form") == whole.bands[:, :, CHARTED.index("form")]).all()


def test_stances_and_ties_are_those_of_the_world_in_that_month():
    seen = shown(small())
    opened = open_world(small(), seed=1, replicate=0, months=72, ledger=False)
    opened.advance(30)
    assert (seen.stances[30] == opened.world.columns["stance"]).all()
    np.testing.assert_allclose(seen.ties[30], opened.world.columns["trust"].mean(axis=1), rtol=1e-6)


def test_injecting_an_event_leaves_the_months_before_it_alone():
    session = Session(Setup(small(), years=6))
    session.inject("leader_replaced", 40, side="management", successor="outside", disposition=-1.0)
    a, b = shown(session.setup.baseline), shown(session.setup.variant)
    assert np.array_equal(a.series[:40], b.series[:40])
    assert not np.array_equal(a.series[40:], b.series[40:])


def test_contract_and_budget_rounds_are_where_talks_and_gaps_begin():
    scenario = small().with_event(10, "recession", depth=0.15, months=24)
    seen = shown(scenario)
    kinds = {one.kind for one in seen.rounds}
    assert kinds == {"contract", "budget"}
    budget = next(one.month for one in seen.rounds if one.kind == "budget")
    assert seen.line("budget_gap")[budget] > worlds.BUDGET_ROUND >= seen.line("budget_gap")[budget - 1]


@pytest.mark.parametrize("side", ["union", "management"])
@pytest.mark.parametrize("stance", ["collaborate", "hold back", "contest"])
def test_a_class_that_steps_in_gets_the_stance_it_chose_for_as_long(side, stance):
    session = Session(Setup(small(), years=6))
    session.step_in(side, stance, 20, 6)
    seen = shown(session.setup.variant)
    assert {seen.stance(side, month) for month in range(20, 26)} == {stance}


def test_what_the_leader_would_have_done_is_what_the_leader_does_if_let():
    session = Session(Setup(small(), years=6))
    free = shown(session.setup.variant)
    for month in (5, 20, 33):
        for side in ("union", "management"):
            alone = worlds.own_choice(session.setup.variant, seed=1, replicate=0, month=month, side=side)
            assert alone == free.stance(side, month)
            session.step_in(side, "contest" if alone != "contest" else "collaborate", month, 3)
            assert worlds.own_choice(session.setup.variant, seed=1, replicate=0, month=month, side=side) == alone
            session.undo()


def test_futures_of_one_month_differ_in_luck_and_share_the_past():
    assert 0 <= worlds.lives_on(small(), seed=1, replicate=0, month=12, months=72) <= 1
    doomed = next(r for r in range(50) if shown(small(), r).life.died)
    life = shown(small(), doomed).life
    assert worlds.lives_on(small(), seed=1, replicate=doomed, month=life.end, months=72) == 0
    found = worlds.no_return(small(), seed=1, replicate=doomed, months=72, end=life.end)
    assert 0 < found <= life.end
    assert worlds.lives_on(small(), seed=1, replicate=doomed, month=found, months=72) < worlds.HARDLY


def test_the_teachers_of_a_school_are_those_of_the_world():
    staff = worlds.teachers(small(), seed=1, replicate=0, month=24, school=2)
    opened = open_world(small(), seed=1, replicate=0, months=24, ledger=False)
    opened.advance(24)
    assert (staff.support == opened.world.columns["support"][12:18]).all()
    assert staff.ties.shape == (6, 6)


# -- many tabs -----------------------------------------------------------------------------------------------------


def test_thirty_tabs_that_open_the_same_lesson_compute_it_once(monkeypatch):
    made = []
    piece = worlds.piece
    monkeypatch.setattr(worlds, "piece", lambda *a, **k: made.append(1) or piece(*a, **k))

    async def tab(workshop):
        async for fan in workshop.fan(Setup(small(), years=2), small()):
            last = fan
        return last

    async def all_tabs():
        workshop = Workshop()
        return await asyncio.gather(*(tab(workshop) for _ in range(30)))

    fans = asyncio.run(all_tabs())
    assert len(made) == len(worlds.FIRST) + len(range(worlds.FIRST[-1].stop, WORLDS, worlds.PIECE))
    assert all(fan is fans[0] for fan in fans[1:]) or len({id(fan) for fan in fans}) <= 2


def test_a_tab_s_long_work_does_not_keep_another_waiting():
    """The spread of one tab runs in a thread of its own: another tab's world comes before it ends."""

    async def both():
        workshop, cancel = Workshop(), threading.Event()
        setup = Setup(small(), years=20)
        await workshop.shown(setup, small())
        long = asyncio.ensure_future(workshop.spread(setup, small(), lambda done: None, cancel))
        await asyncio.sleep(0.01)
        await workshop.shown(setup, small())
        before = not long.done()
        cancel.set()
        return before, await long

    waited, result = asyncio.run(both())
    assert waited
    assert result is None


def test_a_cancelled_spread_stops_at_once():
    async def stop():
        workshop, cancel, done = Workshop(), threading.Event(), []

        def told(n):
            done.append(n)
            if n == 5:
                cancel.set()

        began = time.monotonic()
        result = await workshop.spread(Setup(small(), years=20), small(), told, cancel)
        return result, done, time.monotonic() - began

    result, done, _ = asyncio.run(stop())
    assert result is None
    assert done[-1] < 20


def test_the_spread_is_that_of_the_command_line():
    async def whole():
        return await Workshop().spread(Setup(small(), years=3), small(), lambda n: None, threading.Event())

    ours = asyncio.run(whole()).survival()
    theirs = ps.run(small(), replicates=worlds.SPREAD, years=3).survival()
    assert ours.equals(theirs)


def test_whoever_stops_listening_stops_the_work():
    async def drop():
        workshop = Workshop()
        fans = workshop.fan(Setup(small(), years=20), small())
        first = await anext(fans)
        await fans.aclose()
        await asyncio.sleep(0.3)
        return first, workshop

    first, workshop = asyncio.run(drop())
    assert first.worlds < WORLDS
    assert not workshop.fans
    assert outcomes.NAMES[CHARTED_AT[0]] == "alive_index"
