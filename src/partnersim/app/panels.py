"""The left side of the page: levers, assumptions and events, all made from the declarations."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from partnersim.app import catalogue, words
from partnersim.app.catalogue import Dial, Form
from partnersim.app.widgets import Tabs, pressable

if TYPE_CHECKING:
    from partnersim.app.desk import Desk

__all__ = ["left_side"]

THROTTLE = 0.12
"""Seconds between two values that a moving slider sends."""


async def left_side(desk: Desk) -> None:
    """Build the panel, and let others run in between."""
    with ui.element("div").classes("panel left"):
        tabs = Tabs(words.LEVERS, words.ASSUMPTIONS, words.EVENTS)
        with tabs.sheet(words.LEVERS):
            await _levers(desk)
        await asyncio.sleep(0)
        with tabs.sheet(words.ASSUMPTIONS):
            _assumptions(desk)
        await asyncio.sleep(0)
        with tabs.sheet(words.EVENTS):
            _events(desk)


class Dials:
    """Sliders that move parameters of B and follow them back."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.rows = desk, {}  # type: ignore[var-annotated]
        self.from_mark = False
        desk.listen("setup", self.follow)

    def add(self, dial: Dial) -> None:
        """Add a slider."""
        desk = self.desk
        value = desk.session.setup.value(dial.name)
        with ui.element("div").classes("dial") as row:
            with ui.element("div").classes("top"):
                with ui.label(desk.say(dial.title)).classes("name").mark(f"name-{dial.name}"):
                    default = f"{words.DEFAULT.capitalize()} {dial.default:g} {dial.unit}."
                    text = desk.say(f"{dial.sentence} {default} {words.SOURCE.capitalize()}: {dial.source}.")
                    ui.tooltip(text).props('anchor="center right" self="center left" :delay="250"')
                amount = ui.label(catalogue.amount(value, dial.unit)).classes("amount")
            slider = (
                ui.slider(min=dial.low, max=dial.high, step=dial.step, value=_within(value, dial)).props("dense").mark(f"dial-{dial.name}")
            )
            slider.props(f'aria-label="{dial.title}"')
        slider.on("update:model-value", lambda e, d=dial: self.move(d, e.args), throttle=THROTTLE)
        self.rows[dial.name] = (dial, row, amount, slider)

    def move(self, dial: Dial, value: Any) -> None:
        """Take a value from a slider."""
        if not isinstance(value, int | float):
            return
        desk = self.desk
        month = desk.month if self.from_mark and not dial.at_start else None
        self.rows[dial.name][2].set_text(catalogue.amount(float(value), dial.unit))
        desk.attempt(lambda: desk.session.move(dial.name, float(value), from_month=month))

    def follow(self) -> None:
        """Show what the setup says."""
        for dial, row, amount, slider in self.rows.values():
            value = self.desk.session.setup.value(dial.name)
            moved = dial.name in self.desk.session.setup.levers
            if slider.value != _within(value, dial):
                slider.set_value(_within(value, dial))
            text = catalogue.amount(value, dial.unit)
            if amount.text != text:
                amount.set_text(text)
            if ("is-moved" in row.classes) != moved:
                row.classes(add="is-moved") if moved else row.classes(remove="is-moved")


def _within(value: float, dial: Dial) -> float:
    return min(max(value, dial.low), dial.high)


async def _levers(desk: Desk) -> None:
    ui.label(desk.say(words.LEVERS_HELP)).classes("help")
    panel = Dials(desk)
    choice = (
        ui.toggle([words.FROM_START, words.FROM_MARK], value=words.FROM_START)
        .props("dense no-caps unelevated size=sm")
        .classes("full-width")
    )
    choice.on_value_change(lambda e: setattr(panel, "from_mark", e.value == words.FROM_MARK))
    ui.element("div").style("height: 10px")
    for group, dials in catalogue.dials(desk.session.setup.baseline, "lever").items():
        ui.label(desk.say(group)).classes("group")
        for dial in dials:
            panel.add(dial)
        await asyncio.sleep(0)


def _assumptions(desk: Desk) -> None:
    ui.label(desk.say(words.ASSUMPTIONS_HELP)).classes("help")
    panel = Dials(desk)
    for group, dials in catalogue.dials(desk.session.setup.baseline, "world").items():
        with ui.expansion(desk.say(group)).props("dense dense-toggle").classes("full-width").mark(f"open-{group}") as box:
            pass
        # a hundred sliders at once would keep every tab waiting: they are made when somebody looks
        box.on_value_change(lambda e, b=box, ds=dials: _fill(panel, b, ds) if e.value else None)


def _fill(panel: Dials, box: ui.expansion, dials: list[Dial]) -> None:
    if dials[0].name in panel.rows:
        return
    with box:
        for dial in dials:
            panel.add(dial)
            ui.label(panel.desk.say(f"{dial.sentence} {dial.source}.")).classes("note")


def _events(desk: Desk) -> None:
    ui.label(desk.say(words.EVENTS_HELP)).classes("help")
    for group, forms in catalogue.forms().items():
        ui.label(group).classes("group")
        with ui.element("div").classes("event-buttons"):
            for form in forms:
                with (
                    ui.button(desk.say(form.title), on_click=lambda f=form: _form(desk, f))
                    .props("flat no-caps dense")
                    .mark(f"event-{form.name}")
                ):
                    ui.tooltip(desk.say(form.sentence)).props(':delay="350"')
    ui.label(desk.say(words.HAPPENED)).classes("group")
    box = ui.element("div")

    def follow() -> None:
        box.clear()
        with box:
            events = desk.session.setup.events
            if not events:
                ui.label(words.NOTHING_HAPPENED).classes("quiet")
            for n, event in enumerate(events):
                with ui.element("div").classes("happened"):
                    text = f"{words.at_head(event['at_month'])}: {catalogue.happening(event)}"
                    pressable(ui.label(desk.say(text)), partial(desk.show, "mark", event["at_month"]))
                    ui.button(icon="close", on_click=lambda k=n: desk.attempt(lambda: desk.session.withdraw(k))).props(
                        "flat round dense size=sm"
                    ).mark(f"withdraw-{n}").props('aria-label="take back"')

    desk.listen("setup", follow)
    follow()


def _form(desk: Desk, form: Form) -> None:
    """Ask for the arguments of an event."""
    month = desk.month
    given: dict[str, Any] = {}
    with ui.dialog(value=True) as dialog, ui.element("div").classes("panel-dialog").style("width: 600px"):
        ui.label(desk.say(form.title)).classes("text-h6")
        ui.label(desk.say(form.sentence)).classes("help")
        when = ui.number(desk.say(f"{words.LET_HAPPEN} month"), value=month, min=1, max=desk.session.setup.months, step=1, precision=0)
        when.props("dense outlined").classes("full-width")
        for key, argument in form.arguments.items():
            label = desk.say(argument.meaning[0].upper() + argument.meaning[1:])
            offered = form.offered[key]
            if argument.choices:
                given[key] = ui.select(list(argument.choices), value=offered, label=label).props("dense outlined")
            else:
                given[key] = ui.number(f"{label} ({argument.allowed})", value=offered, min=argument.low, max=argument.high)  # type: ignore[arg-type]
                given[key].props("dense outlined clearable" + (f' placeholder="{words.DRAWN}"' if offered is None else ""))
            given[key].classes("full-width q-mt-sm").mark(f"argument-{key}")
        with ui.row().classes("q-mt-md justify-end full-width"):
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")

            def happen() -> None:
                values = {key: field.value for key, field in given.items() if field.value is not None}
                if desk.attempt(lambda: desk.session.inject(form.name, int(when.value or 0), **values)):
                    dialog.close()
                    desk.show("mark", int(when.value))

            ui.button(desk.say(words.LET_HAPPEN.split(" in")[0]), on_click=happen).props("unelevated no-caps color=primary").mark("happen")
    dialog.on_value_change(lambda e: None if e.value else dialog.delete())
