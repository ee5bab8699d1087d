"""The right side of the page: why, the story, the bet, and the lesson that is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from partnersim.app import lessons, words
from partnersim.app.bets import CHOICES, Bet
from partnersim.app.lessons import Lesson
from partnersim.app.why import Moved, why
from partnersim.app.widgets import Tabs, pressable
from partnersim.app.worlds import no_return
from partnersim.errors import PartnersimError

if TYPE_CHECKING:
    from partnersim.app.desk import Desk
    from partnersim.story import Story

__all__ = ["right_side"]


@dataclass(frozen=True)
class Right:
    """The right side, for those who turn to it."""

    tabs: Tabs
    betting: Betting


def right_side(desk: Desk) -> Right:
    """Build the panel."""
    with ui.element("div").classes("panel"):
        tabs = Tabs(words.WHY, words.STORY, words.BET, words.LESSONS)
        with tabs.sheet(words.WHY):
            Why(desk)
        with tabs.sheet(words.STORY):
            Told(desk)
        with tabs.sheet(words.BET):
            betting = Betting(desk)
        with tabs.sheet(words.LESSONS):
            Teaching(desk, betting)
    return Right(tabs, betting)


class Why:
    """What moved trust and will in the year up to the marked month."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.side = desk, "b"
        self.head = ui.label().classes("group").mark("why-head")
        self.when = ui.label().classes("quiet q-mb-sm").mark("why-when")
        self.body = ui.html("", sanitize=False).mark("why")
        ui.label(words.WHY_HELP).classes("help")
        ui.switch(desk.say(words.WHY_A), on_change=lambda e: self.turn("a" if e.value else "b")).props("dense size=sm").classes("quiet")
        self.button = (
            ui.button(words.FIND_NO_RETURN, on_click=self.find).props("outline no-caps dense color=primary").classes("q-mt-md full-width")
        )
        self.button.mark("no-return")
        self.found = ui.label().classes("q-mt-sm").mark("no-return-found")
        for kind in ("story", "month", "shown", "bet"):
            desk.listen(kind, self.follow)
        desk.listen("setup", lambda: self.found.set_text(""))
        self.follow()

    def turn(self, side: str) -> None:
        """Look at the other district."""
        self.side = side
        self.found.set_text("")
        self.follow()

    def follow(self) -> None:
        """Show the marked month."""
        desk = self.desk
        story = desk.stories.get(self.side)
        hidden = desk.hidden and self.side == "b"
        self.button.set_visibility(not hidden)
        if hidden or story is None:
            self.head.set_text(words.HIDDEN if hidden else f"{words.WAITING} ...")
            self.when.set_text("")
            self.body.set_content("")
            return
        first, last, moved = why(story, desk.month)
        self.head.set_text(desk.say(words.WHY_HEAD.format(side=self.side.upper())))
        self.when.set_text(words.WHY_WHEN.format(first=words.at_head(first), last=words.when(last)))
        largest = max((abs(change) for one in moved for _, change in one.lines), default=1.0) or 1.0
        self.body.set_content(desk.say("".join(_bars(one, largest) for one in moved)))

    async def find(self) -> None:
        """Look for the point of no return, which takes seconds."""
        desk, side = self.desk, self.side
        shown = desk.shown.get(side)
        if shown is None:
            return
        if not shown.life.died:
            self.found.set_text(words.NO_RETURN_ALIVE)
            return
        self.button.props(add="loading")
        setup = desk.session.setup
        month = await desk.workshop.do_slowly(
            no_return, desk.scenario(side), seed=setup.seed, replicate=setup.replicate, months=setup.months, end=shown.life.end
        )
        self.button.props(remove="loading")
        if desk.shown.get(side) is shown:
            self.found.set_text(words.NO_RETURN.format(when=words.when(month)))
            desk.show("mark", month)


def _bars(one: Moved, largest: float) -> str:
    """Draw what moved a stock: a row for each mechanism."""
    verb = words.STEADY if abs(one.change) < 0.02 else words.ROSE if one.change > 0 else words.FELL
    amount = "" if verb == words.STEADY else f" {abs(one.change):.2f} {words.UNITS.get(one.unit, one.unit)}"
    head = f'<span>{escape(words.STOCKS[one.tier, one.stock])}</span><span class="quiet">{verb}{amount}</span>'
    rows = []
    for name, change in (*one.lines, *([(words.REST, one.rest)] if abs(one.rest) >= 0.005 else [])):
        width = 50 * min(1.0, abs(change) / largest)
        left = 50.0 if change > 0 else 50 - width
        rows.append(
            f'<div class="bar"><span>{escape(name)}</span><span class="rule">'
            f'<i class="{"plus" if change > 0 else "minus"}" style="left:{left:.1f}%;width:{width:.1f}%"></i></span>'
            f'<span class="number">{change:+.2f}</span></div>'
        )
    return f'<div class="bars"><div class="stock">{head}</div>{"".join(rows)}</div>'


class Told:
    """The dated story of a district; a click on an event marks its month."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.side = desk, "b"
        ui.switch(desk.say(words.WHY_A), on_change=lambda e: self.turn("a" if e.value else "b")).props("dense size=sm").classes("quiet")
        self.box = ui.element("div").classes("q-mt-sm").mark("story")
        self.events: list[tuple[int, ui.element]] = []
        desk.listen("story", self.follow)
        desk.listen("month", self.find)
        desk.listen("bet", self.follow)
        self.last: tuple[Story | None, bool, bool] | None = None
        self.follow()

    def turn(self, side: str) -> None:
        """Tell of the other district."""
        self.side = side
        self.follow()

    def follow(self) -> None:
        """Tell the story that is known."""
        desk = self.desk
        story, hidden = desk.stories.get(self.side), desk.hidden and self.side == "b"
        now = (story, hidden, desk.plant)
        if now == self.last:
            return
        self.last = now
        self.box.clear()
        self.events = []
        with self.box:
            if hidden or story is None:
                ui.label(words.HIDDEN if hidden else f"{words.WAITING} ...").classes("quiet")
                return
            for one in story.told:
                if one.about == "leaders":
                    ui.label(desk.say(one.text)).classes("told quiet")
            for n, phase in enumerate(story.stretches):
                ui.label(f"{phase.name}, {words.when(phase.first)} to {words.when(phase.last)}").classes("phase")
                for one in story.told:
                    if one.phase != n:
                        continue
                    label = ui.label(desk.say(one.text)).classes("told" + (" event" if one.about in ("event", "death") else ""))
                    if one.about in ("event", "death"):
                        pressable(label, partial(desk.show, "mark", one.month))
                        self.events.append((one.month, label))
            ui.label(words.LIMITS).classes("quiet q-mt-md")
            with ui.element("div").classes("told").style("font-weight: 600"):
                ui.label(desk.say(story.ending))

    def find(self) -> None:
        """Light up the event of the marked month."""
        near = min(self.events, key=lambda one: abs(one[0] - self.desk.month), default=(-99, None))
        for month, label in self.events:
            here = month == near[0] and abs(month - self.desk.month) <= 2
            if ("here" in label.classes) != here:
                label.classes(add="here") if here else label.classes(remove="here")


class Betting:
    """Hide B, take a bet, show what came, keep score of predictions."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        ui.label(desk.say(words.BET_HELP)).classes("help")
        self.kind = (
            ui.select({kind: desk.say(text) for kind, text in words.BET_QUESTIONS.items()}, value="fate")
            .props("dense outlined")
            .classes("full-width")
        )
        self.kind.mark("bet-kind").on_value_change(lambda: self.offer())
        self.choice = ui.radio(list(CHOICES["fate"])).props("dense").classes("choice q-my-sm").mark("bet-choice")
        self.draw = (
            ui.button(words.DRAW, icon="gesture", on_click=lambda: desk.show("drawBet"))
            .props("outline no-caps dense color=primary")
            .classes("q-my-sm")
        )
        with ui.row().classes("q-gutter-sm"):
            self.hide = (
                ui.button(words.HIDE_B, on_click=lambda: desk.hide(True)).props("outline no-caps dense color=primary").mark("bet-hide")
            )
            self.place = ui.button(words.PLACE, on_click=self.take).props("unelevated no-caps dense color=primary").mark("bet-place")
            self.reveal = ui.button(words.SHOW_B, on_click=self.settle).props("unelevated no-caps dense color=primary").mark("bet-show")
        self.list = ui.element("div").classes("q-mt-md").mark("bets")
        self.question = ""
        desk.listen("bet", self.follow)
        self.offer()

    def ask(self, kind: str, question: str) -> None:
        """Put a lesson's question."""
        self.question = question
        self.kind.set_value(kind)
        self.offer()
        self.desk.hide(True)

    def offer(self) -> None:
        """Offer the answers of the chosen question."""
        kind = self.kind.value
        self.choice.set_visibility(kind != "drawn")
        self.draw.set_visibility(kind == "drawn")
        if kind != "drawn":
            self.choice.set_options(list(CHOICES[kind]), value=None)
        self.follow()

    def take(self) -> None:
        """Take a picked answer as the bet."""
        if self.kind.value == "drawn":
            self.desk.show("drawBet")
            return
        if self.choice.value is None:
            self.desk.complain(words.PICK_FIRST)
            return
        self._place(lambda: Bet(self.kind.value, self._question(), str(self.choice.value)))

    def drawn(self, points: list[list[float]]) -> None:
        """Take a line drawn on the chart as the bet."""
        good = [(float(x), float(y)) for x, y in points[:500]]
        self._place(lambda: Bet("drawn", self._question(), points=tuple(good)))

    def _place(self, bet: object) -> None:
        try:
            self.desk.book.place(bet())  # type: ignore[operator]
        except PartnersimError as error:
            self.desk.complain(str(error))
        if not self.desk.hidden and self.desk.book.open:
            self.desk.hide(True)
        self.desk.announce("bet")

    def _question(self) -> str:
        return self.question or words.BET_QUESTIONS[self.kind.value]

    def settle(self) -> None:
        """Show B, and what became of the bet."""
        desk = self.desk
        desk.hidden = False
        if desk.book.open and "b" in desk.shown:
            b = desk.shown["b"]
            desk.book.settle(desk.shown["a"].life, b.life, b.line("alive_index").tolist())
        self.question = ""
        desk.hide(False)
        desk.show("reset")
        desk.show("play")

    def follow(self) -> None:
        """Show the bets so far."""
        desk = self.desk
        self.hide.set_visibility(not desk.hidden)
        self.place.set_visibility(desk.book.open is None and self.kind.value != "drawn")
        self.reveal.set_visibility(desk.hidden)
        self.list.clear()
        with self.list:
            right, settled = desk.book.score
            if settled:
                ui.label(words.SCORE.format(right=right, all=settled)).classes("group").mark("score")
            for bet in reversed(desk.book.bets):
                with ui.element("div").classes("card"):
                    ui.label(desk.say(bet.question)).classes("quiet")
                    ui.label(bet.pick or words.DRAWN_LINE).style("font-weight: 600")
                    if bet.right is not None:
                        ui.label(f"{words.CAME.format(came=bet.came)} {(words.RIGHT if bet.right else words.WRONG).capitalize()}.")


class Teaching:
    """The six lessons: choose one, open it, and have its questions at hand."""

    def __init__(self, desk: Desk, betting: Betting) -> None:
        self.desk, self.betting = desk, betting
        self.box = ui.element("div").mark("lessons")
        self.list()

    def list(self) -> None:
        """List the lessons."""
        self.box.clear()
        with self.box:
            for lesson in lessons.all_lessons().values():
                with ui.element("div").classes("card"):
                    ui.label(self.desk.say(lesson.title)).style("font-weight: 600")
                    ui.label(self.desk.say(lesson.about)).classes("quiet")
                    with ui.row().classes("q-mt-xs q-gutter-sm items-center"):
                        ui.button(words.OPEN_LESSON, on_click=lambda one=lesson: self.open(one)).props(
                            "outline no-caps dense color=primary"
                        ).mark(f"lesson-{lesson.name}")
                        ui.link(words.PRINT, f"/lessons/{lesson.name}", new_tab=True).classes("quiet")

    def open(self, lesson: Lesson) -> None:
        """Open a lesson: its scenario, its question, and what to do."""
        desk = self.desk
        desk.measures = list(lesson.measures)
        desk.announce("words")
        desk.attempt(lambda: desk.session.open(lesson.setup()))
        self.box.clear()
        with self.box:
            with ui.row().classes("items-center justify-between full-width"):
                ui.button(icon="arrow_back", on_click=self.list).props('flat round dense aria-label="all lessons"')
                ui.link(words.PRINT, f"/lessons/{lesson.name}", new_tab=True).classes("quiet")
            ui.html(desk.say(lessons.body(lesson)), sanitize=False)
        self.betting.ask(lesson.bet, lesson.question)
