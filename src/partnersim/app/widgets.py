"""Small parts of the page that NiceGUI does not have in this form."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

__all__ = ["Tabs", "pressable"]


def pressable(label: ui.label, action: Callable[[], object]) -> ui.label:
    """Let a text be pressed, by mouse or by key."""
    label.props('role="button" tabindex="0"').style("cursor: pointer")
    return label.on("click", action).on("keydown.enter", action)


class Tabs:
    """A row of tabs whose sheets all stay on the page, so that charts in them live on while another one is open."""

    def __init__(self, *names: str, label: Callable[[str], str] = str) -> None:
        self.sheets: dict[str, ui.element] = {}
        self.buttons: dict[str, ui.button] = {}
        with ui.element("div").classes("tabs").props('role="tablist"') as self.bar:
            for name in names:
                button = (
                    ui.button(label(name), on_click=lambda n=name: self.open(n))
                    .props('flat no-caps dense role="tab"')
                    .mark(f"tab-{name.split()[0]}")
                )
                self.buttons[name] = button
        self.now = names[0]

    def sheet(self, name: str, classes: str = "") -> ui.element:
        """Return the sheet of a tab, to be filled."""
        self.sheets[name] = ui.element("div").classes(f"sheet {classes}").props('role="tabpanel"')
        self.open(self.now)
        return self.sheets[name]

    def open(self, name: str) -> None:
        """Open a tab."""
        self.now = name
        for other, button in self.buttons.items():
            button.classes(add="is-open") if other == name else button.classes(remove="is-open")
            button.props(f"aria-selected={'true' if other == name else 'false'}")
        for other, sheet in self.sheets.items():
            sheet.set_visibility(other == name)
