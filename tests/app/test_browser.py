"""The page in a real browser: what a class does, and what the machine is asked for. Needs Chromium and Playwright."""

import importlib.util
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None or importlib.util.find_spec("playwright") is None or importlib.util.find_spec("nicegui") is None:
    pytest.skip("needs Chromium, Playwright and NiceGUI", allow_module_level=True)

from playwright.sync_api import sync_playwright  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SHOTS = os.environ.get("PARTNERSIM_SHOTS")
"""A folder for screenshots, if somebody wants to look."""


@contextmanager
def serving():
    """Run `partnersim app` as a user does; yields its address once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "partnersim.cli", "app", "--port", str(port), "--no-browser"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "NICEGUI"))}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            for _ in range(6000):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if process.poll() is not None:
                    said.seek(0)
                    pytest.fail(said.read().decode())
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def server():
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())


@pytest.fixture
def tab(server, browser):
    """A tab that remembers what it asked for and what went wrong in it."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
    page.home = server
    yield page
    context.close()
    # nothing ever leaves the machine
    assert page.asked
    assert not [url for url in page.asked if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|file:", url)]
    assert not page.wrong


def opened(tab, query=""):
    tab.goto(f"{tab.home}/{query}")
    tab.wait_for_selector("#play")
    drawn(tab)


def drawn(tab):
    """Wait for lines and fan of both districts; the first of all waits for the compiler too."""
    tab.wait_for_function(
        "() => { const s = classroom.state.sides; return s.a && s.b && s.a.fans.alive_index && s.b.fans.alive_index }", timeout=180_000
    )


def month(tab):
    return tab.evaluate("classroom.state.cursor")


def shot(tab, name):
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        for width, height in ((1366, 768), (1920, 1080)):
            tab.set_viewport_size({"width": width, "height": height})
            tab.wait_for_timeout(600)
            tab.screenshot(path=f"{SHOTS}/{name}-{width}.png")
        tab.set_viewport_size({"width": 1366, "height": 768})


def slide(tab, name, keys):
    """Move a slider by keys."""
    dial = tab.locator(".dial", has=tab.get_by_text(name, exact=True)).locator("[role=slider] [tabindex]")
    dial.focus()
    for key in keys:
        dial.press(key)


def test_a_class_predicts_watches_and_understands(tab, tmp_path):
    opened(tab)
    shot(tab, "opened")

    # a lever
    before = tab.evaluate("classroom.state.serial")
    slide(tab, "Joint training", ["ArrowRight"] * 5)
    tab.wait_for_function(f"() => classroom.state.serial > {before}")
    tab.wait_for_function("() => JSON.stringify(classroom.state.sides.a.lines) !== JSON.stringify(classroom.state.sides.b.lines)")
    assert "set=capability.sessions_per_year" in tab.url

    # the superintendent leaves, in the month that was clicked
    box = tab.locator(".chart-main canvas").bounding_box()
    tab.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    marked = month(tab)
    assert 40 < marked < 100
    tab.get_by_role("tab", name="Events").click()
    tab.get_by_role("button", name="A leader leaves").click()
    tab.get_by_role("button", name="Let it happen").click()
    tab.wait_for_function("() => classroom.state.marks.some(m => m.own)")
    own = tab.evaluate("classroom.state.marks.find(m => m.own)")
    assert abs(own["month"] - marked) <= 1
    shot(tab, "event")

    # why
    tab.get_by_text("Trust between the leaders").wait_for(timeout=20_000)
    tab.wait_for_function("() => document.querySelectorAll('.bars .bar').length > 6", timeout=20_000)
    assert "What moved district B" in tab.locator(".panel").last.inner_text()
    tab.get_by_role("tab", name="Story").click()
    tab.get_by_text("by scenario").first.wait_for(timeout=20_000)
    shot(tab, "story")

    # play, and stop at once
    tab.get_by_role("button", name="To the start (R)").click()
    tab.keyboard.press("Space")
    tab.wait_for_function("() => classroom.state.cursor > 20", timeout=20_000)
    tab.keyboard.press("Space")
    stopped = month(tab)
    assert stopped < 230
    tab.wait_for_timeout(700)
    assert month(tab) == stopped
    tab.keyboard.press("ArrowRight")
    assert month(tab) == stopped + 1
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("r")
    assert month(tab) == 0

    # the district, and a school of it
    tab.get_by_role("tab", name="District").click()
    tab.keyboard.press("ArrowRight")
    school = tab.locator("#district-b .school").nth(3)
    school.wait_for(state="visible")
    shot(tab, "district")
    school.click(force=True)
    tab.get_by_text("School 4, district B").first.wait_for(timeout=20_000)
    tab.wait_for_function("() => document.querySelectorAll('#staff circle').length === 33")
    shot(tab, "school")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Picture").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    tab.keyboard.press("Escape")
    tab.wait_for_timeout(500)

    # the same by keys alone
    tab.locator("#district-b .school[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        tab.keyboard.press(key)
    tab.get_by_text("School 3, district B").first.wait_for(timeout=20_000)
    assert month(tab) == 1
    tab.keyboard.press("Escape")
    tab.wait_for_timeout(500)

    # out and in again
    tab.get_by_role("button", name="Take away").click()
    with tab.expect_download() as download:
        tab.get_by_text("Scenario as a file").click()
    saved = tmp_path / "class.toml"
    download.value.save_as(saved)
    address = tab.url
    tab.keyboard.press("z")
    tab.wait_for_function("() => !classroom.state.marks.some(m => m.own)")
    assert tab.url != address
    tab.locator("input[type=file]").set_input_files(saved)
    tab.wait_for_function("() => classroom.state.marks.some(m => m.own)", timeout=20_000)
    assert tab.url == address

    # a reload, or a student, gets the same
    lines = tab.evaluate("JSON.stringify(classroom.state.sides.b.lines.alive_index)")
    opened(tab, "?" + address.split("?")[1])
    assert tab.evaluate("JSON.stringify(classroom.state.sides.b.lines.alive_index)") == lines


def test_the_saved_replay_plays_without_a_server(tab, tmp_path):
    opened(tab, "?s=typical-district&do=30~breach~side:management~months:3")
    tab.get_by_role("button", name="Take away").click()
    with tab.expect_download(timeout=60_000) as download:
        tab.get_by_text("Replay for students").click()
    page = tmp_path / "replay.html"
    download.value.save_as(page)
    tab.asked.clear()
    tab.goto(page.as_uri())
    tab.get_by_role("button", name="Play").click()
    tab.wait_for_timeout(1200)
    tab.get_by_role("button", name="Pause").click()
    assert tab.locator("#when").inner_text() != "Year 20, month 12"
    assert "The leaders' trust" in tab.locator("pre").inner_text()
    shot(tab, "replay")
    assert [url for url in tab.asked if not url.startswith("data:")] == [page.as_uri()]


def test_every_chart_becomes_a_picture(tab):
    opened(tab)
    for label in ("Picture: How alive", "Picture: small chart 2", "Picture: District A"):
        tab.get_by_role("button", name="Take away").click()
        with tab.expect_download() as download:
            tab.get_by_text(label).click()
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
        tab.wait_for_timeout(400)


def test_a_bet_is_drawn_on_the_chart_and_b_comes_after_it(tab):
    opened(tab, "?s=typical-district&set=capability.sessions_per_year:3")
    tab.get_by_role("tab", name="Bet").click()
    tab.get_by_role("button", name="Hide B and bet").click()
    tab.wait_for_function("() => classroom.state.sides.b === null")
    tab.get_by_text("What becomes of practice").first.click()
    tab.get_by_text("Draw how alive").last.click()
    tab.get_by_role("button", name="Draw on the chart").click()
    tab.wait_for_timeout(300)
    box = tab.locator(".chart-main canvas").bounding_box()
    tab.mouse.move(box["x"] + 60, box["y"] + 80)
    tab.mouse.down()
    for k in range(1, 20):
        tab.mouse.move(box["x"] + 60 + 28 * k, box["y"] + 80 + 4 * k)
    tab.mouse.up()
    tab.locator(".card", has_text="Draw how alive").wait_for()
    shot(tab, "bet")
    tab.get_by_role("button", name="Show what came").click()
    tab.get_by_text("predictions were right").wait_for()
    tab.wait_for_function("() => classroom.state.sides.b !== null")


def test_projector_mode_shows_few_controls_in_large_type(tab):
    opened(tab)
    tab.keyboard.press("p")
    tab.wait_for_function("() => document.body.classList.contains('projector')")
    assert not tab.locator(".left").is_visible()
    assert float(tab.locator(".verdict .says").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 26
    shot(tab, "projector")


FAN = """() => { const fan = () => classroom.state.sides.b.fans.alive_index, before = fan();
  window.seen = new Promise(async (done) => {
    addEventListener('keydown', () => { window.pressed = performance.now(); }, { once: true, capture: true });
    const until = performance.now() + 60000;
    while (fan() === before && performance.now() < until) await new Promise(r => setTimeout(r, STEP));
    const early = performance.now(), then = fan();
    while (fan() === then && performance.now() < early + 3000) await new Promise(r => setTimeout(r, STEP));
    done([early - window.pressed, performance.now() - window.pressed]); }); }"""
"""Watches for the fan of B to change after a key: milliseconds to the first worlds, and to all fifty."""


def is_busy():
    """Whether others use this machine so much that times say nothing of the page."""
    return os.getloadavg()[0] > 1.0


def said(busy):
    return f"; load of the machine {os.getloadavg()[0]:.1f}, too busy to be judged" if busy else ""


@pytest.mark.slow
def test_the_command_is_followed_by_a_page_within_four_seconds(browser, capsys):
    """From the command to controls that can be used; the machine code is compiled and the browser runs."""
    busy, took = is_busy(), []
    for _ in range(3):
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        tab = context.new_page()
        began = time.monotonic()
        with serving() as home:
            listens = time.monotonic() - began
            tab.goto(home, wait_until="commit")
            tab.wait_for_selector("#play")
            took.append((time.monotonic() - began, listens))
            drawn(tab)
        context.close()
    controls, listens = sorted(took)[1]
    with capsys.disabled():
        print(f"\ncommand to controls {controls:.2f} s, of which the server {listens:.2f} s (median of 3){said(busy)}")
    if not busy:
        assert controls < 4


@pytest.mark.slow
def test_what_is_promised_about_time(server, browser, capsys):
    """A lever's fan within .3 s, eight steps a second: printed always, judged on a machine that is free."""
    busy = is_busy()
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    tab = context.new_page()
    tab.home = server
    opened(tab)
    tab.wait_for_timeout(3000)

    first, whole = [], []
    for k in range(9):
        tab.evaluate(FAN.replace("STEP", "4"))
        slide(tab, "Joint training", ["ArrowRight" if k < 6 else "ArrowLeft"])
        early, late = tab.evaluate("window.seen")
        if k < 6:  # going back, the fan is known already
            first.append(early / 1000)
            whole.append(late / 1000)
        tab.wait_for_timeout(300)

    tab.get_by_role("tab", name="District").click()
    rate = tab.evaluate("""async () => {
      classroom.setSpeed(24); classroom.reset(); classroom.play();
      const began = performance.now(), from = classroom.state.drawn;
      await new Promise(r => setTimeout(r, 4000));
      const steps = (classroom.state.drawn - from) / ((performance.now() - began) / 1000);
      classroom.pause(); return steps; }""")
    context.close()
    with capsys.disabled():
        print(
            f"\nlever to first fan {statistics.median(first):.2f} s, to all 50 worlds "
            f"{statistics.median(whole):.2f} s (median of {len(first)}); {rate:.1f} steps shown a second{said(busy)}"
        )
    if not busy:
        assert statistics.median(first) < 0.3
        assert rate > 8


@pytest.mark.slow
def test_thirty_tabs_at_once(server, browser, capsys):
    """All change a lever of their own in the same moment: each gets its fan, and the server answers others meanwhile."""
    busy, many = is_busy(), 30
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    tabs = [context.new_page() for _ in range(many)]
    began = time.monotonic()
    for n, tab in enumerate(tabs):
        tab.set_default_timeout(300_000)
        tab.goto(f"{server}/?s=typical-district&set=members.release_hours:{22 + n}", wait_until="commit")
    for tab in tabs:
        tab.wait_for_function("() => window.classroom && classroom.state.sides.b && classroom.state.sides.b.fans.alive_index")
    opening = time.monotonic() - began
    for tab in tabs:  # all fifty worlds of both
        tab.get_by_text(re.compile(r"B in \d+ of 50 worlds")).wait_for()
    for tab in tabs:
        tab.evaluate(FAN.replace("STEP", "100"))
    for tab in tabs:
        slide(tab, "Joint training", ["ArrowRight"])
    answers = []
    for _ in range(10):
        asked = time.monotonic()
        urllib.request.urlopen(f"{server}/lessons/crisis", timeout=60).read()
        answers.append(time.monotonic() - asked)
        time.sleep(0.2)
    waited = sorted(tab.evaluate("window.seen")[0] / 1000 for tab in tabs)
    context.close()
    with capsys.disabled():
        print(
            f"\n{many} tabs open in {opening:.1f} s; lever to first fan {statistics.median(waited):.2f} s (median), "
            f"{waited[-1]:.2f} s (last); another page meanwhile {statistics.median(answers):.2f} s (median), "
            f"{max(answers):.2f} s (longest){said(busy)}"
        )
    assert waited[-1] < 60
    if not busy:
        assert statistics.median(waited) < 5
        assert statistics.median(answers) < 0.5
