"""Opens the door: starts the server of the classroom page."""

from __future__ import annotations

import asyncio
import sys

from partnersim.errors import PartnersimError

__all__ = ["serve"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(*, host: str = "127.0.0.1", port: int = 8080, open_browser: bool = True) -> None:
    """Serve the classroom until stopped.

    Raises PartnersimError if NiceGUI is not installed, or the port is taken.
    """
    from partnersim.app import words

    try:
        from nicegui import app, ui
    except ModuleNotFoundError as missing:
        if missing.name != "nicegui":
            raise
        raise PartnersimError(words.NEEDS, fix=words.NEEDS_FIX) from None
    from partnersim.app.page import build, prepare
    from partnersim.app.session import Session

    if host not in LOOPBACK:
        print(words.OPEN_TO_OTHERS.format(host=host), file=sys.stderr, flush=True)
    workshop = prepare()

    @ui.page("/", title=words.TITLE)
    async def page() -> None:
        await build(workshop)

    async def warm() -> None:
        """Make the first fan before anybody asks for it."""

        async def first() -> None:
            setup = Session().setup
            await workshop.shown(setup, setup.baseline)
            async for _ in workshop.fan(setup, setup.baseline):
                pass

        app.state.warming = asyncio.create_task(first())

    app.on_startup(warm)
    ui.run(
        host=host,
        port=port,
        title=words.TITLE,
        favicon="🤝",
        show=open_browser,
        reload=False,
        show_welcome_message=False,
        reconnect_timeout=10.0,
        uvicorn_logging_level="warning",
    )
