"""The top of the page: scenario, luck, back and forth, what to take away, and the look of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import events, ui

from partnersim.app import words
from partnersim.app.session import LARGEST_FILE, from_file
from partnersim.app.takeaway import replay, series_csv
from partnersim.errors import PartnersimError, ScenarioError
from partnersim.scenarios.files import headline, scenario_names

if TYPE_CHECKING:
    from partnersim.app.desk import Desk

__all__ = ["Head"]


class Head:
    """The top of the page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        titles = {name: desk.say(headline(name)[0]) for name in scenario_names()}
        with ui.element("div").classes("head"):
            ui.label(words.NAME).classes("word")
            baseline = desk.session.setup.baseline.name
            self.scenario = ui.select(titles, value=baseline if baseline in titles else None).props(
                f'dense outlined options-dense aria-label="{words.SCENARIO}"'
            )
            self.scenario.mark("scenario").on_value_change(lambda e: self.choose(e.value))
            with (
                ui.button(words.OTHER_LUCK, icon="casino", on_click=self.luck).props("flat no-caps dense color=primary").mark("luck-button")
            ):
                ui.tooltip("Show the next world: other luck, all else the same.")
            self.world = ui.label().classes("quiet").mark("world")
            ui.element("div").classes("space")
            self.undo = self._button("undo", words.UNDO, lambda: self.back(desk.session.undo), "undo")
            self.redo = self._button("redo", words.REDO, lambda: self.back(desk.session.redo), "redo")
            self.clear = self._button("layers_clear", words.CLEAR, lambda: desk.attempt(desk.session.clear), "clear")
            with (
                ui.button(words.TAKE_AWAY, icon="download").props("flat no-caps dense color=primary").classes("spare").mark("take-away"),
                ui.menu(),
            ):
                self._menu()
            with ui.button(icon="more_vert").props('flat round dense color="grey-8" aria-label="more"').classes("spare"), ui.menu():
                for key, text in words.SETTING.items():
                    ui.menu_item(text, on_click=lambda k=key: self.speak(k)).mark(f"words-{key}")
            self._button("present_to_all", f"{words.ROOM} (P)", self.room, "projector")
        self.upload = ui.upload(on_upload=self.open, auto_upload=True, max_file_size=LARGEST_FILE, on_rejected=lambda: self.refuse())
        self.upload.props('accept=".toml,text/plain"').classes("hidden").mark("upload")
        self.projector = False
        desk.listen("setup", self.follow)
        self.follow()

    def _button(self, icon: str, label: str, action: object, mark: str) -> ui.button:
        with ui.button(icon=icon, on_click=action).props(f'flat round dense color="grey-8" aria-label="{label}"').mark(mark) as button:  # type: ignore[arg-type]
            ui.tooltip(label)
        return button

    def _menu(self) -> None:
        desk = self.desk
        ui.menu_item(words.COPY_LINK, on_click=self.copy).mark("copy-link")
        ui.separator()
        ui.menu_item(words.SAVE_TOML, on_click=self.toml).mark("save-toml")
        ui.menu_item(words.SAVE_CSV, on_click=self.csv).mark("save-csv")
        ui.menu_item(words.SAVE_STORY, on_click=self.story).mark("save-story")
        ui.menu_item(words.SAVE_REPLAY, on_click=self.replay).mark("save-replay")
        ui.separator()
        for slot, name in (
            ("main", words.CHART_LABELS["alive_index"]),
            ("one", "1"),
            ("two", "2"),
            ("three", "3"),
            ("spread", words.SPREAD),
            ("compare", words.COMPARE),
        ):
            label = desk.say(f"Picture: {'small chart ' if name.isdigit() else ''}{name}")
            ui.menu_item(label, on_click=lambda s=slot: desk.show("picture", s, f"{self.stem}-{s}.png")).mark(f"picture-{slot}")
        for side in ("a", "b"):
            ui.menu_item(
                desk.say(f"Picture: {words.DISTRICT_A if side == 'a' else words.DISTRICT_B}"),
                on_click=lambda s=side: desk.show("svgPicture", f"district-{s}", f"{self.stem}-district-{s}.png"),
            )
        ui.separator()
        ui.menu_item(words.OPEN_FILE, on_click=lambda: self.upload.run_method("pickFiles")).mark("open-file")

    @property
    def stem(self) -> str:
        """Name of files that are saved."""
        setup = self.desk.session.setup
        return setup.variant.name if setup.changed else f"{setup.baseline.name}-class"

    # -- actions --------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Show what the setup says."""
        session = self.desk.session
        name = session.setup.baseline.name
        if name != self.scenario.value:
            if name not in self.scenario.options:
                self.scenario.options[name] = session.setup.baseline.heading  # type: ignore[call-overload]
            self.scenario.set_value(name)
        self.world.set_text(f"{words.WORLD} {session.setup.replicate}")
        self.undo.set_enabled(bool(session.before))
        self.redo.set_enabled(bool(session.undone))
        self.clear.set_enabled(session.setup.changed)

    def choose(self, name: str | None) -> None:
        """Choose a scenario."""
        session = self.desk.session
        if name and name != session.setup.baseline.name and not self.desk.attempt(lambda: session.choose(name)):
            self.follow()

    def luck(self) -> None:
        """Show the next world."""
        session = self.desk.session
        self.desk.attempt(lambda: session.other_luck((session.setup.replicate + 1) % 1000))

    def back(self, step: object) -> None:
        """Undo or redo."""
        if step():  # type: ignore[operator]
            self.desk.changed()

    def room(self) -> None:
        """Turn projector mode on or off."""
        self.projector = not self.projector
        self.desk.show("projector", self.projector)

    def speak(self, setting: str) -> None:
        """Say everything in the words of schools or of plants."""
        self.desk.plant = setting == "plant"
        self.desk.announce("rebuild")

    # -- take away ------------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Copy the address."""
        query = self.desk.session.setup.address()
        if not query:
            self.desk.complain(words.NO_LINK)
            return
        self.desk.browser(f"classroom.copy(location.origin + location.pathname + {query!r}.replace(/^/, '?'))")
        ui.notify(words.COPIED)

    def toml(self) -> None:
        """Save district B as a scenario file."""
        ui.download.content(self.desk.session.setup.to_toml().encode(), f"{self.stem}.toml", "application/toml")

    async def csv(self) -> None:
        """Save the series."""
        text = await self.desk.workshop.do_slowly(series_csv, dict(self.desk.shown))
        ui.download.content(text.encode(), f"{self.stem}.csv", "text/csv")

    async def story(self) -> None:
        """Save the story."""
        desk = self.desk
        story = desk.stories.get("b") or await desk.workshop.story(desk.session.setup, desk.scenario("b"))
        ui.download.content(desk.say(str(story)).encode(), f"{self.stem}-story.txt", "text/plain")

    async def replay(self) -> None:
        """Save the replay."""
        desk, setup = self.desk, self.desk.session.setup
        if desk.drawn is None:
            return
        story = desk.stories.get("b") or await desk.workshop.story(setup, desk.scenario("b"))
        page = await desk.workshop.do_slowly(replay, setup, dict(desk.shown), dict(desk.fans), desk.drawn, str(story), desk.say)
        ui.download.content(page.encode(), f"{self.stem}-replay.html", "text/html")

    async def open(self, upload: events.UploadEventArguments) -> None:
        """Take a scenario file in."""
        raw = await upload.file.read()
        self.upload.reset()
        try:
            setup = from_file(raw.decode("utf-8"), upload.file.name)
        except UnicodeDecodeError:
            self.desk.complain(str(ScenarioError("this is no text", where=upload.file.name, fix="choose a scenario file (TOML)")))
            return
        except PartnersimError as error:
            self.desk.complain(str(error))
            return
        if self.desk.attempt(lambda: self.desk.session.open(setup)):
            ui.notify(words.OPENED.format(name=upload.file.name))

    def refuse(self) -> None:
        """Say why a file was not taken."""
        self.desk.complain(f"the file is too large for a scenario; allowed are {LARGEST_FILE // 1000} kB")
