"""One tab at work: keeps session, computed worlds and what the browser shows in step; knows no widget.

Whatever changes is announced to those who listen: "setup" (levers and events), "shown" (the worlds), "fan", "story" (the ledger is
read), "month" (the marked month), "bet". Only the newest wish is worked on: what was begun for an older one is dropped.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from partnersim.app import charts, drawing
from partnersim.app.bets import Book
from partnersim.app.session import Session, Setup
from partnersim.app.worlds import Fan, Shown, Workshop
from partnersim.errors import PartnersimError
from partnersim.model.outcomes import ALIVE
from partnersim.scenarios.scenario import Scenario
from partnersim.scenarios.words import in_plant_words
from partnersim.story import Story

__all__ = ["Desk"]

MEASURES = ["trust_union_strategic", "trust_union_workplace", "member_support"]
"""Small charts at first."""
SIDES = ("a", "b")
PATIENCE = 0.5
"""Seconds without a change before the ledger is read."""


class Desk:
    """Everything a tab needs; `browser` takes a line of JavaScript, `complain` a message for the people."""

    def __init__(self, workshop: Workshop, setup: Setup | None, *, browser: Callable[[str], Any], complain: Callable[[str], Any]) -> None:
        self.workshop, self.session = workshop, Session(setup)
        self.browser, self.complain = browser, complain
        self.book = Book()
        self.measures = list(MEASURES)
        self._told_in = self.session.setup.baseline.words
        self.plant = self._told_in == "plant"
        self.hidden = False
        self.month = self.session.setup.months
        self.shown: dict[str, Shown] = {}
        self.fans: dict[str, Fan] = {}
        self.stories: dict[str, Story] = {}
        self.drawn: drawing.District | None = None
        self.timings: list[float] = []
        """Seconds from a wish to the first fan drawn for it."""
        self.cancel = threading.Event()
        self._listeners: dict[str, list[Callable[[], Any]]] = {}
        self._keys: dict[str, tuple[Any, ...]] = {}
        self._wanted = self._done = 0
        self._asked = 0.0
        self._worker: asyncio.Task[None] | None = None
        self._growing: asyncio.Future[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._closed = False
        self._marked: Scenario | None = None
        self._played: Setup | None = None
        self._sent: drawing.District | None = None

    # -- listening and saying -------------------------------------------------------------------------------------

    def listen(self, what: str, callback: Callable[[], Any]) -> None:
        """Call back whenever something of this kind changes."""
        self._listeners.setdefault(what, []).append(callback)

    def forget_listeners(self) -> None:
        """Nobody listens any more: the page is built anew."""
        self._sent = None
        self._listeners.clear()

    def announce(self, *kinds: str) -> None:
        """Tell those who listen."""
        for kind in kinds:
            for callback in self._listeners.get(kind, ()):
                if not self._closed:
                    callback()

    def say(self, text: str) -> str:
        """Say a text in the words of the class."""
        return in_plant_words(text) if self.plant else text

    def show(self, what: str, *values: Any) -> None:
        """Let the browser do something."""
        if not self._closed:
            self.browser(f"classroom.{what}({', '.join(json.dumps(value, separators=(',', ':')) for value in values)})")

    @property
    def names(self) -> list[str]:
        """Outcomes that are drawn now."""
        return ["alive_index", *self.measures]

    def scenario(self, side: str) -> Scenario:
        """Return a district's scenario."""
        return _scenario(self.session.setup, side)

    # -- changing -------------------------------------------------------------------------------------------------

    def attempt(self, change: Callable[[], Any]) -> bool:
        """Make a change of the session; what is not possible is said and leaves everything as it was."""
        before = self.session.setup
        try:
            change()
        except PartnersimError as error:
            self.complain(str(error))
            self.announce("setup")  # a slider goes back to what holds
            return False
        if self.session.setup != before:  # a slider tells each of its values twice
            self.changed()
        return True

    def changed(self) -> None:
        """Compute and draw what the session now says."""
        self.month = min(self.month, self.session.setup.months)
        self.show("address", self.session.setup.address())
        self.announce("setup")
        if self._told_in != self.session.setup.baseline.words:  # another district, told in other words
            self._told_in = self.session.setup.baseline.words
            self.plant = self._told_in == "plant"
            self.announce("rebuild")
        self._wanted += 1
        self._asked = time.perf_counter()
        if self._growing is not None:
            self._growing.cancel()  # the fan of an older wish
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def settled(self) -> None:
        """Wait until everything that was asked for is drawn."""
        while (task := self._busy()) is not None:
            await asyncio.wait({task})

    def _busy(self) -> asyncio.Task[None] | None:
        return next((task for task in (self._worker, self._reader) if task is not None and not task.done()), None)

    def mark(self, month: int) -> None:
        """Mark a month."""
        self.month = max(1, min(int(month), self.session.setup.months))
        self.announce("month")

    def hide(self, hidden: bool) -> None:
        """Hide district B from the class, or show it."""
        self.hidden = hidden
        self.draw_others()
        self.announce("bet", "story")

    def draw_others(self) -> None:
        """Draw again with other measures, in other words, or with B hidden; the first time is left to who computes."""
        if self._played is not None:
            self._draw_lines()
            self._draw_fans()

    def close(self) -> None:
        """The tab is gone: stop the work and let go of everything."""
        self._closed = True
        self.cancel.set()
        for task in (self._worker, self._reader):
            if task is not None:
                task.cancel()
        for held in (self._listeners, self.shown, self.fans, self.stories, self._keys):
            held.clear()

    # -- computing ------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while self._done != self._wanted and not self._closed:
            self._done, setup = self._wanted, self.session.setup
            lines = asyncio.ensure_future(self._redraw_lines(setup))
            self._growing = asyncio.ensure_future(self._redraw_fans(setup, lines))  # under way while the lines are made
            for problem in await asyncio.gather(lines, self._growing, return_exceptions=True):
                if isinstance(problem, PartnersimError):
                    self.complain(str(problem))
                elif isinstance(problem, Exception):
                    raise problem
        if not self._closed and (self._reader is None or self._reader.done()):
            self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _redraw_fans(self, setup: Setup, lines: asyncio.Future[None]) -> None:
        """Draw the fans as they grow, until a newer wish puts an end to it."""
        asked = self._asked
        order = ["a"] if not setup.changed else ["a", "b"] if self.hidden else ["b", "a"]  # first what is looked for
        for side in order:
            async with aclosing(self.workshop.fan(setup, _scenario(setup, side))) as growing:
                async for fan in growing:
                    await asyncio.wait([lines])
                    if lines.exception() is not None:
                        return
                    if self.fans.get(side) is fan:
                        continue  # drawn already
                    self.fans[side] = fan
                    if not setup.changed:
                        self.fans["b"] = fan
                    self._draw_fans(*((side,) if setup.changed else SIDES))
                    self.announce("fan")
                    if side == order[0] and asked:
                        self.timings.append(time.perf_counter() - asked)
                        asked = 0.0

    async def _redraw_lines(self, setup: Setup) -> None:
        """Simulate and draw the shown worlds."""
        found: dict[str, tuple[tuple[Any, ...], Shown]] = {}
        for side in SIDES:
            scenario = _scenario(setup, side)
            key = (scenario, setup.seed, setup.replicate, setup.months)
            if side == "b" and not setup.changed:
                found["b"] = key, found["a"][1]
            elif self._keys.get(side) == key:
                found[side] = key, self.shown[side]
            else:
                found[side] = key, await self.workshop.shown(setup, scenario)
        for side, (key, world) in found.items():
            self.shown[side] = world
            if self._keys.get(side) != key:
                self._keys[side] = key
                self.stories.pop(side, None)
                self.fans.pop(side, None)
        self.drawn, self._played = drawing.district(setup.baseline), setup
        self._draw_lines()
        self.announce("shown")

    async def _read(self) -> None:
        """Read the ledger once nothing has changed for a moment."""
        await asyncio.sleep(PATIENCE)
        turn = self._wanted
        for side in reversed(SIDES):
            if side not in self.stories and side in self.shown:
                other = SIDES[1 - SIDES.index(side)]
                if not self.session.setup.changed and other in self.stories:
                    self.stories[side] = self.stories[other]
                    continue
                story = await self.workshop.story(self.session.setup, self.scenario(side))
                if self._closed:
                    return
                if turn != self._wanted:
                    return await self._read()
                self.stories[side] = story
                self.announce("story")
        self.announce("story")

    # -- drawing --------------------------------------------------------------------------------------------------

    def _draw_lines(self) -> None:
        setup = self._played  # not what the session has by now: worlds and months belong together
        assert setup is not None
        assert self.drawn is not None
        data: dict[str, Any] = {
            "months": setup.months,
            "alive": ALIVE,
            "thin": charts.THIN,
            "names": dict(zip(("main", "one", "two", "three"), self.names, strict=True)),
            "a": charts.lines(self.names, self.shown["a"], None),
            "b": None if self.hidden else charts.lines(self.names, self.shown["b"], None),
            "marks": charts.marks(self.shown["b"], setup.events, self.say),
            "serial": self._wanted,
        }
        if self._marked is not setup.baseline:  # another district: mark what matters first, the end of practice
            self._marked = setup.baseline
            life = self.shown["a" if self.hidden else "b"].life
            data["bet"] = []  # a line drawn for another district
            data["cursor"] = self.month = life.end if life.died else setup.months
            self.announce("month")
        if self.drawn != self._sent:
            self._sent = self.drawn
            data["drawn"] = self.drawn.to_json()
        sides = ["a"] if self.hidden else SIDES
        data["frames"] = {side: drawing.months_of(self.drawn, self.shown[side]) for side in sides}
        self.show("set", data)

    def _draw_fans(self, *sides: str) -> None:
        data = {side: charts.lines(self.names, None, self.fans[side]) for side in sides or SIDES if side in self.fans}
        if self.hidden:
            data.pop("b", None)
        if data:
            self.show("set", data)


def _scenario(setup: Setup, side: str) -> Scenario:
    return setup.baseline if side == "a" else setup.variant
