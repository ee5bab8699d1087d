"""The page in-process: its controls do what they say. (What only a browser shows is in test_browser.)"""

import asyncio
import importlib.util
import sys
import time

import pytest

if importlib.util.find_spec("nicegui") is None:
    pytest.skip("needs NiceGUI: pip install partnersim[app]", allow_module_level=True)

from partnersim.scenarios.scenario import Scenario

pytestmark = [pytest.mark.filterwarnings("ignore")]


def visit(play, query="s=typical-district&years=6", several=False):
    """Open the page as one user, or several times, and play a scene on it."""
    modules = dict(sys.modules)
    try:
        from nicegui.testing.user_simulation import user_simulation

        from partnersim.app import page

        async def scene():
            desks, shared = [], []

            async def root():
                desks.append(await page.build(shared[0]))

            async with user_simulation(root=root) as user:
                shared.append(page.prepare())
                await user.open(f"/?{query}")
                desk = desks[0]
                await desk.settled()
                await play(user, desk)
                assert several or len(desks) == 1
                for one in desks:
                    one.close()
                shared[0].close()

        asyncio.run(scene())
    finally:
        sys.modules.update(modules)  # the simulation forgets modules that it takes for the user's


def mark(user, name):
    return user.find(marker=name)


def element(user, name):
    return next(iter(mark(user, name).elements))


def test_a_lever_moves_district_b_and_undo_brings_it_back():
    async def play(user, desk):
        mark(user, "dial-capability.sessions_per_year").trigger("update:modelValue", 3)
        assert desk.session.setup.levers == {"capability.sessions_per_year": 3}
        await desk.settled()
        assert element(user, "dial-capability.sessions_per_year").value == 3
        mark(user, "undo").click()
        await desk.settled()
        assert not desk.session.setup.changed
        assert element(user, "dial-capability.sessions_per_year").value == 1

    visit(play)


def test_an_event_is_injected_in_the_marked_month_told_and_taken_back():
    async def play(user, desk):
        mark(user, "tab-Events").click()
        desk.mark(30)
        mark(user, "event-leader_replaced").click()
        await user.should_see("A leader leaves")
        mark(user, "happen").click()
        await asyncio.sleep(0.2)
        (event,) = desk.session.setup.events
        assert event["at_month"] == 30
        assert event["side"] == "management"
        await desk.settled()
        await user.should_see("Year 3, month 6: The superintendent leaves")
        assert element(user, "differs").text == "In B: The superintendent leaves (year 3, month 6)."
        assert any(sentence.month == 30 and "by scenario" in sentence.text for sentence in desk.stories["b"].told)
        mark(user, "withdraw-0").click()
        assert not desk.session.setup.events

    visit(play)


def test_why_and_story_tell_of_the_marked_month():
    async def play(user, desk):
        desk.mark(40)
        assert element(user, "why-head").text == "What moved district B"
        assert "Year 3, month 5" in element(user, "why-when").text
        assert "Trust between the leaders" in element(user, "why").content
        mark(user, "tab-Story").click()
        await user.should_see("Presidents, years in office", retries=5)

    visit(play)


def test_a_bet_hides_b_until_it_is_shown_and_counts():
    async def play(user, desk):
        mark(user, "tab-Bet").click()
        mark(user, "bet-hide").click()
        assert desk.hidden
        element(user, "bet-choice").set_value("lives on")
        mark(user, "bet-place").click()
        assert desk.book.open
        mark(user, "bet-show").click()
        assert not desk.hidden
        assert desk.book.score[1] == 1
        await user.should_see("predictions were right")

    visit(play)


def test_stepping_in_shows_what_the_leader_would_have_done():
    async def play(user, desk):
        mark(user, "tab-Step").click()
        desk.mark(1)
        mark(user, "step-next").click()
        mark(user, "step-contest").click()
        await asyncio.sleep(0.3)
        await desk.settled()
        (event,) = desk.session.setup.events
        assert event["event"] == "stance_taken"
        assert "By the leader's own reasons" in element(user, "step-said").text

    visit(play)


def test_every_lesson_opens():
    async def play(user, desk):
        from partnersim.app.lessons import all_lessons

        lesson = all_lessons()["crisis"]
        mark(user, "tab-Lessons").click()
        mark(user, "lesson-crisis").click()
        await desk.settled()
        assert desk.session.setup == lesson.setup()
        assert desk.hidden
        assert desk.book.open is None

    visit(play)


def test_files_are_handed_out_and_a_bad_address_is_said():
    async def play(user, desk):
        mark(user, "save-toml").click()
        response = await user.download.next()
        assert b"[district]" in response.content
        mark(user, "save-csv").click()
        assert (await user.download.next(timeout=5)).content.startswith(b"district,replicate,month")
        mark(user, "save-replay").click()
        assert (await user.download.next(timeout=10)).content.startswith(b"<!doctype html>")
        assert any("1 to 100" in message for message in user.notify.messages)

    visit(play, query="years=4000")


def test_plant_words():
    async def play(user, desk):
        mark(user, "words-plant").click()
        await desk.settled()
        await user.should_see("A typical plant")
        assert desk.plant

    visit(play)


def test_the_page_follows_a_district_that_is_told_in_plant_words():
    async def play(user, desk):
        plant = {"name": "mill", "title": "A mill", "words": "plant", "sites": 3, "members_per_site": 4}
        desk.attempt(lambda: desk.session.choose(Scenario(**desk.session.setup.baseline.fields() | plant)))
        await desk.settled()
        await user.should_see("Picture: Plant A", retries=100)  # the page is built anew

    visit(play)


def test_assumptions_are_apart_and_made_when_looked_at():
    async def play(user, desk):
        mark(user, "tab-Assumptions").click()
        await user.should_not_see(marker="dial-stance.effort")
        element(user, "open-Stance").set_value(True)
        await user.should_see(marker="dial-stance.effort", retries=5)
        mark(user, "dial-stance.effort").trigger("update:modelValue", 0.2)
        assert desk.session.setup.levers == {"stance.effort": 0.2}

    visit(play)


def test_printable_lessons():
    async def play(user, desk):
        page = await user.http_client.get("/lessons/recession")
        assert page.status_code == 200
        assert "What the model cannot say" in page.text
        assert (await user.http_client.get("/lessons/nothing")).status_code == 404

    visit(play)


@pytest.mark.slow
def test_nothing_keeps_the_event_loop_for_long(monkeypatch, capsys):
    """The page is opened three times over, changed, hidden and said in other words: no step takes 50 ms of the processor."""
    from partnersim.app.worlds import keep_loaded

    steps, mine, run = [], [], asyncio.events.Handle._run

    def timed(handle):
        mine.clear()
        began = time.thread_time()
        run(handle)
        if not mine:  # looking for a control in the simulated page is work that no browser asks for
            steps.append(time.thread_time() - began)

    async def act(user, name, do):
        found = mark(user, name)
        began = time.thread_time()
        do(found)
        steps.append(time.thread_time() - began)
        mine.append(name)
        await asyncio.sleep(0.05)

    async def play(user, desk):
        keep_loaded()  # the first page loaded modules, and pytest its own
        steps.clear()
        monkeypatch.setattr(asyncio.events.Handle, "_run", timed)
        for query in ("s=recession", "s=typical-district&set=members.release_hours:30", "s=overloaded-stewards"):
            await user.open(f"/?{query}")
            await act(user, "dial-capability.sessions_per_year", lambda found: found.trigger("update:modelValue", 3))
            await asyncio.sleep(0.5)
            for press in ("tab-Lessons", "lesson-crisis", "tab-Bet", "bet-show", "tab-Story", "tab-Events", "event-strike", "happen"):
                await act(user, press, lambda found: found.click())
            await asyncio.sleep(2.0)
        await act(user, "words-plant", lambda found: found.click())
        await asyncio.sleep(1.0)
        monkeypatch.setattr(asyncio.events.Handle, "_run", run)

    visit(play, query="s=typical-district", several=True)
    longest = sorted(steps, reverse=True)[:3]
    with capsys.disabled():
        print(f"\nlongest steps of the event loop: {', '.join(f'{1000 * seconds:.0f} ms' for seconds in longest)} of {len(steps)}")
    assert longest[0] < 0.05
