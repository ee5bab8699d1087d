"""The classroom page: one tab, one desk; everything else is built around it."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import Any

from nicegui import Client, app, background_tasks, ui
from starlette.responses import HTMLResponse

from partnersim.app import charts, drawing, lessons, words
from partnersim.app.center import Middle
from partnersim.app.desk import Desk
from partnersim.app.head import Head
from partnersim.app.panels import left_side
from partnersim.app.session import Setup, from_address
from partnersim.app.side import right_side
from partnersim.app.worlds import Workshop, keep_loaded
from partnersim.errors import PartnersimError

__all__ = ["build", "prepare"]

STATIC = "/classroom"


def prepare() -> Workshop:
    """Make what all tabs share: files of the page, printable lessons, and the threads that compute."""
    workshop = Workshop()
    keep_loaded()
    app.add_static_files(STATIC, str(files(__package__).joinpath("static")))
    app.on_shutdown(workshop.close)

    @app.get("/lessons/{name}")
    def lesson(name: str) -> HTMLResponse:
        found = lessons.all_lessons().get(name)
        return HTMLResponse(lessons.page(found)) if found else HTMLResponse("There is no such lesson.", status_code=404)

    return workshop


async def build(workshop: Workshop) -> Desk:
    """Build the page for the tab that asks for it."""
    client = ui.context.client
    problem, setup = "", None
    try:
        setup = from_address(client.request.url.query)
    except PartnersimError as error:
        problem = str(error)
    desk = await _page(workshop, setup, client)
    if problem:
        desk.complain(problem)
    return desk


async def _page(workshop: Workshop, setup: Setup | None, client: Client) -> Desk:
    ui.colors(primary=charts.ACCENT)
    ui.add_head_html(f'<link rel="stylesheet" href="{STATIC}/classroom.css">')
    for script in ("drawing.js", "classroom.js"):
        ui.add_head_html(f'<script src="{STATIC}/{script}"></script>')
    root = ui.element("div").classes("room")

    def complain(text: str) -> None:
        with root:
            ui.notify(text, type="warning", multi_line=True, close_button=True, timeout=9000, classes="complaint")

    desk = Desk(workshop, setup, browser=client.run_javascript, complain=complain)
    parts: dict[str, Any] = {}

    async def furnish() -> None:
        desk.forget_listeners()
        root.clear()
        # part by part: a whole page at once would keep all other tabs waiting
        with root:
            parts["head"] = Head(desk)
            floor = ui.element("div").classes("desk")
        for build_part in (left_side, middle, right):
            await asyncio.sleep(0)
            with floor:
                await build_part(desk)
        desk.listen("rebuild", lambda: background_tasks.create(furnish()))
        desk.show("start", parts["middle"].slots(), _spoken(desk))
        if client.has_socket_connection:
            desk.changed()

    async def middle(desk: Desk) -> None:
        parts["middle"] = Middle(desk)

    async def right(desk: Desk) -> None:
        parts["right"] = right_side(desk)

    async def heard(e: Any) -> None:
        said = e.args if isinstance(e.args, dict) else {}
        kind = said.get("kind")
        if kind == "month":
            desk.mark(said["month"])
        elif kind == "event":
            parts["right"].tabs.open(words.STORY)
        elif kind == "drawn":
            parts["right"].betting.drawn(said["points"])
        elif kind == "undo":
            parts["head"].back(desk.session.undo)
        elif kind == "room":
            parts["head"].room()
        elif kind == "school":
            with root:
                await parts["middle"].open_school(str(said["side"]), int(said["school"]), int(said["month"]))

    ui.on("classroom", heard)
    client.on_delete(desk.close)
    client.on_connect(lambda: None if desk.shown else desk.changed())  # the page comes first, then the worlds
    await furnish()
    return desk


def _spoken(desk: Desk) -> dict[str, Any]:
    """Words that the browser writes itself."""
    return {
        "play": words.PLAY,
        "pause": words.PAUSE,
        "alive": words.ALIVE,
        "legend": [desk.say(text) for text in words.LEGEND],
        "labels": drawing.labels(desk.say),
    }
