"""The middle of the page: what became of the districts, the large chart, the controls, and what lies below it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from partnersim.app import catalogue, charts, drawing, words
from partnersim.app.widgets import Tabs
from partnersim.app.worlds import CHARTED, SPREAD, WORLDS, own_choice, show, teachers
from partnersim.errors import PartnersimError

if TYPE_CHECKING:
    from partnersim.app.desk import Desk

__all__ = ["Middle"]

SPEEDS = (4, 12, 24, 60)
"""Months a second."""
LINES = ((charts.ACCENT, "solid"), (charts.CONTEST, [7, 3]), ("#1b8f86", [2, 3]), ("#a2266b", [9, 3, 2, 3]))
"""How snapshots are drawn, told apart by dashes too."""


class Middle:
    """The middle of the page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        months = desk.session.setup.months
        with ui.element("div").classes("panel middle").props('id="charts"'):
            with ui.element("div").classes("verdict"):
                self.says = ui.html("", sanitize=False).classes("says").mark("verdict")
                self.differs = ui.label().classes("differs").mark("differs")
                self.luck = ui.html("&nbsp;", sanitize=False).classes("quiet").mark("luck")
            with ui.element("div").classes("stage"):
                self.main = ui.echart(charts.axes("alive_index", months, large=True, label=desk.say)).classes("chart-main")
                self.main.props(_image(desk, "alive_index"))
                ui.label().classes("caption quiet").props('id="caption" aria-live="polite"')
            self._deck()
            with ui.element("div").classes("lower"):
                names = (words.MEASURES, words.DISTRICT, words.SPREAD, words.COMPARE, words.STEP_IN)
                self.tabs = Tabs(*names, label=desk.say)
                with self.tabs.sheet(words.MEASURES, "flat"):
                    self.small = self._measures()
                with self.tabs.sheet(words.DISTRICT, "flat"):
                    self._districts()
                with self.tabs.sheet(words.SPREAD, "flat"):
                    self.spread = Spread(desk)
                with self.tabs.sheet(words.COMPARE, "flat"):
                    self.compare = Compare(desk)
                with self.tabs.sheet(words.STEP_IN):
                    StepIn(desk)
        for kind in ("shown", "bet"):
            desk.listen(kind, self.judge)
        desk.listen("fan", self.count)
        desk.listen("bet", self.count)
        desk.listen("setup", self.follow)
        desk.listen("words", self.relabel)
        self.months = months

    def slots(self) -> dict[str, dict[str, Any]]:
        """Tell the browser which chart is where."""
        small = dict(zip(("one", "two", "three"), self.small, strict=True))
        out: dict[str, dict[str, Any]] = {"main": {"id": self.main.id, "name": "alive_index", "main": True}}
        out |= {slot: {"id": chart.id, "name": name} for (slot, chart), name in zip(small.items(), self.desk.measures, strict=True)}
        return out | {"spread": {"id": self.spread.chart.id, "plot": True}, "compare": {"id": self.compare.chart.id, "plot": True}}

    # -- what is said ---------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Say what became of practice in both districts."""
        desk = self.desk
        parts = []
        if "b" not in desk.shown:
            return
        for side in ("a", "b"):
            life = desk.shown[side].life
            if side == "b" and desk.hidden:
                text = words.HIDDEN
            elif side == "b" and not desk.session.setup.changed:
                text = words.SAME
            else:
                text = words.fate(life)
            weak = ' style="font-weight:400"' if text in (words.SAME, words.HIDDEN) else ""
            parts.append(f'<span class="tag {side}">{side.upper()}</span><span{weak}>{escape(text)}</span>')
        self.says.set_content(desk.say("&emsp;".join(parts)))
        self.count()

    def count(self) -> None:
        """Say in how many worlds practice lives on."""
        desk, setup = self.desk, self.desk.session.setup
        seen = {"a": desk.fans.get("a")}
        if setup.changed and not desk.hidden:
            seen["b"] = desk.fans.get("b")
        counts = [
            (words.LUCK_OF if fan.worlds == WORLDS else words.LUCK_SO_FAR).format(side=side.upper(), alive=fan.alive, worlds=fan.worlds)
            for side, fan in seen.items()
            if fan is not None
        ]
        text = words.LUCK.format(years=setup.years, counts=", ".join(counts)) if counts else f"{setup.baseline.title}: {words.COUNTING} ..."
        self.luck.set_content(escape(text))

    def follow(self) -> None:
        """Say what differs, and redraw the frames when the length of the runs changes."""
        changes = catalogue.differences(self.desk.session.setup)
        self.differs.set_text(self.desk.say(words.DIFFERS.format(changes="; ".join(changes)) if changes else words.BEGIN))
        months = self.desk.session.setup.months
        if months != self.months:
            self.months = months
            self.relabel()

    def relabel(self) -> None:
        """Write the charts' titles again."""
        for chart, name in zip((self.main, *self.small), self.desk.names, strict=True):
            frame = charts.axes(name, self.desk.session.setup.months, large=chart is self.main, label=self.desk.say)
            frame.pop("series")
            chart.run_chart_method("setOption", {key: frame[key] for key in ("title", "yAxis")})
            chart.props(_image(self.desk, name))
            chart.run_chart_method("setOption", {"xAxis": {key: frame["xAxis"][key] for key in ("max", "interval")}})
        self.desk.show("sizes")

    # -- controls -------------------------------------------------------------------------------------------------

    def _deck(self) -> None:
        desk = self.desk
        with ui.element("div").classes("deck"):
            _control("replay", words.RESET, "classroom.reset()")
            _control("chevron_left", words.STEP_BACK, "classroom.step(-1)")
            with (
                ui.button(on_click=None).props(f'flat round dense id="play" aria-label="{words.PLAY}"').classes("play").mark("play") as play
            ):
                ui.icon("play_arrow").classes("play-icon")
                ui.icon("pause").classes("pause-icon")
                ui.tooltip(f"{words.PLAY}. {words.KEYS}").props(':delay="600"')
            play.on("click", js_handler="() => classroom.toggle()")
            _control("chevron_right", words.STEP_ON, "classroom.step(1)")
            _control("last_page", words.WHOLE, "classroom.whole()")
            ui.label().classes("when").props('id="when"')
            with ui.element("div").classes("track") as track:
                ui.element("div").classes("done").props('id="progress"')
            track.on(
                "click", js_handler="(e) => classroom.mark(Math.round(classroom.state.months * e.offsetX / e.currentTarget.clientWidth))"
            )
            speeds = {speed: words.SPEED.format(speed=speed) for speed in SPEEDS}
            ui.select(speeds, value=12, on_change=lambda e: desk.show("setSpeed", e.value)).props("dense borderless options-dense").classes(
                "spare"
            )

    # -- below ----------------------------------------------------------------------------------------------------

    def _measures(self) -> list[ui.echart]:
        desk, made = self.desk, []
        labels = {name: words.CHART_LABELS.get(name, charts.BY_NAME[name].label) for name in CHARTED[1:]}
        with ui.element("div").classes("three"):
            for n in range(3):
                with ui.element("div").classes("cell"):
                    made.append(ui.echart(charts.axes(desk.measures[n], desk.session.setup.months, large=False, label=desk.say)))
                    made[-1].props(_image(desk, desk.measures[n]))
                    with (
                        ui.button(icon="expand_more").props('flat round dense size=sm aria-label="another measure"').classes("pick spare"),
                        ui.menu(),
                    ):
                        for name, label in labels.items():
                            ui.menu_item(desk.say(label), on_click=lambda k=n, new=name: self._choose(k, new))
        return made

    def _choose(self, place: int, name: str) -> None:
        self.desk.measures[place] = name
        self.relabel()
        self.desk.draw_others()

    def _districts(self) -> None:
        with ui.element("div").classes("two"):
            for side in ("a", "b"):
                with ui.element("div").classes("cell"):
                    ui.html(f'<span class="tag {side}">{side.upper()}</span>', sanitize=False).style(
                        "position: absolute; left: 2px; top: 2px"
                    )
                    ui.element("div").classes("district").props(f'id="district-{side}"')
        self.tabs.bar.props('style="align-items:center"')
        with self.tabs.bar:
            ui.element("div").style("flex: 1")
            legend = ui.element("div").classes("legend").props('id="legend"')
        legend.bind_visibility_from(self.tabs, "now", lambda now: now == words.DISTRICT)

    async def open_school(self, side: str, school: int, month: int) -> None:
        """Show the teachers of a school."""
        desk, setup = self.desk, self.desk.session.setup
        scenario = desk.scenario(side)
        if not 0 <= school < scenario.sites or (side == "b" and desk.hidden):
            return
        month = max(0, min(month, setup.months))
        found = await desk.workshop.do(teachers, scenario, seed=setup.seed, replicate=setup.replicate, month=month, school=school)
        title = desk.say(words.TEACHERS.format(number=school + 1, side=side.upper(), when=words.when(month)))
        with ui.dialog(value=True) as dialog, ui.element("div").classes("panel-dialog school-dialog"):
            ui.label(title).classes("text-h6").mark("school-title")
            ui.element("div").props('id="staff"').classes("staff")
            ui.label(desk.say(words.TEACHERS_LEGEND)).classes("help")
            with ui.row().classes("justify-end full-width"):
                name = f"{scenario.name}-{side}-school-{school + 1}-month-{month}.png"
                ui.button(words.SAVE_SCHOOL, icon="download", on_click=lambda: desk.show("svgPicture", "staff", name)).props(
                    "flat no-caps dense color=primary"
                ).mark("picture-school")
                ui.button(words.CLOSE, on_click=dialog.close).props("flat no-caps dense color=primary")
        dialog.on_value_change(lambda e: None if e.value else dialog.delete())
        desk.show("staff", "staff", drawing.staff(found), title)


def _image(desk: Desk, name: str) -> str:
    """Say what a chart is to those who cannot see it; what came of it stands above it and in the story."""
    label = desk.say(words.CHART_LABELS.get(name, charts.BY_NAME[name].label))
    return f'role="img" aria-label="{label}, by year"'


def _control(icon: str, label: str, script: str) -> None:
    with ui.button(icon=icon).props(f'flat round dense color="grey-8" aria-label="{label}"') as button:
        ui.tooltip(label).props(':delay="500"')
    button.on("click", js_handler=f"() => {script}")


class Spread:
    """The survival curve of 200 worlds, on demand."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.running = desk, False
        self.done = 0
        with ui.row().classes("items-center q-gutter-sm full-width no-wrap"):
            self.start = ui.button(words.COUNT, on_click=self.run).props("unelevated no-caps dense color=primary").mark("spread-run")
            self.stop = (
                ui.button(words.CANCEL, on_click=lambda: desk.cancel.set())
                .props("outline no-caps dense color=primary")
                .mark("spread-cancel")
            )
            self.progress = ui.label(desk.say(words.SPREAD_HELP)).classes("quiet").mark("spread-progress")
        self.chart = ui.echart(_frame("Years of age", "Still alive", 20)).style("height: calc(100% - 40px)")
        self.stop.set_visibility(False)

    async def run(self) -> None:
        """Run both districts off the event loop."""
        desk, setup = self.desk, self.desk.session.setup
        if self.running:
            return
        self.running = True
        self.done = 0
        desk.cancel.clear()
        self.start.set_visibility(False)
        self.stop.set_visibility(True)
        sides = ("a", "b") if setup.changed and not desk.hidden else ("a",)
        timer = ui.timer(0.25, lambda: self.progress.set_text(words.COUNTED.format(done=self.done, all=SPREAD * len(sides))))
        tables, alive = {}, {}
        try:
            for n, side in enumerate(sides):
                scenario = setup.baseline if side == "a" else setup.variant
                result = await desk.workshop.spread(setup, scenario, self._progress(n * SPREAD), desk.cancel)
                if result is None:
                    self.progress.set_text(words.CANCELLED)
                    return
                tables[side] = await desk.workshop.do_slowly(result.survival)
                alive[side] = float((~result.runs["practice_died"] & (result.runs["practice_born_month"] >= 0)).mean())
        except PartnersimError as error:
            desk.complain(str(error))
            return
        finally:
            timer.cancel()
            self.running = False
            self.start.set_visibility(True)
            self.stop.set_visibility(False)
        looks = {"a": (charts.BASE, [5, 4]), "b": (charts.ACCENT, "solid")}
        data = charts.survival_data(tables)
        lines = [
            {"name": side.upper(), "colour": looks[side][0], "dash": looks[side][1], "step": True, "points": [p[:2] for p in points],
             "band": [[p[0], p[2], p[3]] for p in points], "label": f"{side.upper()}  {100 * points[-1][1]:.0f} %"}
            for side, points in data.items()
        ]  # fmt: skip
        desk.show("plot", "spread", {"lines": lines, "option": {"xAxis": {"max": setup.years}}})
        text = ", ".join(f"{side.upper()} {100 * share:.0f} %" for side, share in alive.items())
        self.progress.set_text(f"Alive after {setup.years} years: {text}. Band: 95 % confidence.")

    def _progress(self, before: int) -> Callable[[int], None]:
        def told(done: int) -> None:
            self.done = before + done

        return told


class Compare:
    """Up to four named snapshots of B laid over each other, with the fixed district A."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with ui.element("div").classes("stack"):
            with ui.row().classes("items-center q-gutter-sm full-width no-wrap"):
                self.name = (
                    ui.input(placeholder=words.NAME_IT).props("dense outlined maxlength=40").style("width: 170px").mark("snapshot-name")
                )
                ui.button(words.KEEP, on_click=self.keep).props("unelevated no-caps dense color=primary").mark("snapshot-keep")
                self.list = ui.row().classes("q-gutter-xs items-center").mark("snapshots")
                self.help = ui.label(desk.say(words.COMPARE_HELP)).classes("quiet")
            self.chart = ui.echart(_frame("Years", desk.say(words.CHART_LABELS["alive_index"]), 20))

    async def keep(self) -> None:
        """Keep the present B."""
        session = self.desk.session
        try:
            session.keep(str(self.name.value or "") or f"B{len(session.snapshots) + 1}")
        except PartnersimError as error:
            self.desk.complain(str(error))
            return
        self.name.set_value("")
        await self.draw()

    async def drop(self, name: str) -> None:
        """Let a snapshot go."""
        self.desk.session.drop(name)
        await self.draw()

    async def draw(self) -> None:
        """Lay them over each other."""
        desk = self.desk
        kept = desk.session.snapshots
        self.help.set_visibility(not kept)
        self.list.clear()
        with self.list:
            for name in kept:
                ui.chip(name, removable=True).props("dense outline color=primary").on("remove", lambda _, n=name: self.drop(n))
        months = desk.session.setup.months
        a = desk.shown["a"].line("alive_index")
        lines = [{"name": "A", "colour": charts.BASE, "dash": [5, 4], "points": _points(a)}]
        for (name, setup), (colour, dash) in zip(kept.items(), LINES, strict=False):
            shown = await desk.workshop.do(
                show, setup.variant, seed=setup.seed, replicate=desk.session.setup.replicate, months=setup.months
            )
            lines.append({"name": name, "colour": colour, "dash": dash, "points": _points(shown.line("alive_index"))})
        desk.show("plot", "compare", {"lines": lines, "option": {"xAxis": {"max": months / 12}}})


def _points(values: Any) -> list[list[float]]:
    return [[round(month / 12, 3), round(float(value), 3)] for month, value in enumerate(values) if month]


def _frame(x: str, y: str, years: int) -> dict[str, Any]:
    frame = charts.axes("alive_index", 12 * years, large=False)
    frame["title"] = {"show": False}
    frame["grid"] = {"left": 44, "right": 126, "top": 14, "bottom": 34}
    frame["xAxis"] |= {"max": years, "interval": 5, "name": x, "nameLocation": "middle", "nameGap": 20}
    frame["xAxis"]["axisLabel"] = {"fontSize": 11}
    frame["yAxis"] |= {"name": y, "nameLocation": "middle", "nameGap": 30, "min": 0, "max": 1}
    return frame


class StepIn:
    """The class plays a leader at each budget or contract round."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        ui.label(desk.say(words.STEP_IN_HELP)).classes("help")
        with ui.row().classes("items-center q-gutter-md"):
            roles = {side: desk.say(role) for side, role in words.ROLES.items()}
            self.side = ui.select(roles, value="union", label=words.AS_WHO).props("dense outlined").style("width: 180px").mark("step-side")
            self.months = ui.number(words.FOR_MONTHS, value=6, min=1, max=36, precision=0).props("dense outlined").style("width: 110px")
            ui.button(words.NEXT_ROUND, on_click=self.next).props("outline no-caps color=primary").mark("step-next")
            self.round = ui.label().mark("step-round")
        with ui.row().classes("items-center q-gutter-sm q-mt-sm"):
            self.buttons = [
                ui.button(text.capitalize(), on_click=lambda s=stance: self.choose(s))
                .props("unelevated no-caps color=primary")
                .mark(f"step-{stance}")
                for stance, text in words.STANCES.items()
            ]
        self.said = ui.label().classes("q-mt-sm").style("font-weight: 600").mark("step-said")
        self.month = 0
        self._offer(False)

    def _offer(self, offered: bool) -> None:
        for button in self.buttons:
            button.set_enabled(offered)

    def next(self) -> None:
        """Go to the next round of negotiations after the marked month."""
        shown = self.desk.shown.get("b")
        if shown is None:
            return
        from_month = 0 if self.month == 0 and self.desk.month >= shown.months else max(self.month, self.desk.month if self.month else 0)
        found = next((one for one in shown.rounds if one.month > from_month), None)
        self._offer(found is not None)
        self.said.set_text("")
        if found is None:
            self.month = 0
            self.round.set_text(words.NO_ROUND)
            return
        self.month = found.month
        self.round.set_text(self.desk.say(f"{words.at_head(found.month)}: {words.ROUNDS[found.kind]}."))
        self.desk.show("mark", found.month)

    async def choose(self, stance: str) -> None:
        """Take the class's choice, and say what the leader would have done."""
        desk, setup, side, month = self.desk, self.desk.session.setup, str(self.side.value), self.month
        own = await desk.workshop.do(own_choice, setup.variant, seed=setup.seed, replicate=setup.replicate, month=month, side=side)
        if desk.attempt(lambda: desk.session.step_in(side, stance, month, int(self.months.value or 6))):
            self.said.set_text(desk.say(words.OWN_CHOICE.format(own=words.STANCES[own], chosen=words.STANCES[stance])))
