"""Opens the door: starts the server of the classroom page."""

from __future__ import annotations

import socket
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
        from nicegui import ui
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("nicegui"):
            raise
        raise PartnersimError(words.NEEDS, fix=words.NEEDS_FIX) from None
    from partnersim.app.page import build, prepare
    from partnersim.app.session import Session
    from partnersim.app.worlds import show

    if host not in LOOPBACK:
        print(words.OPEN_TO_OTHERS.format(host=host), file=sys.stderr, flush=True)
    _check_free(host, port)
    first = Session().setup
    show(
        first.baseline, seed=first.seed, replicate=first.replicate, months=1
    )  # loads, or makes, the machine code: nobody waits for it later
    workshop = prepare()

    @ui.page("/", title=words.TITLE)
    async def page() -> None:
        await build(workshop)

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
        tailwind=False,  # the page has a style sheet of its own; the browser need not make one
    )


def _check_free(host: str, port: int) -> None:
    """Raise PartnersimError if nobody can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PartnersimError(
                f"the page cannot listen on {host}, port {port}: {problem.strerror or problem}",
                where="--port",
                fix="give another port, for example --port 8090; another `partnersim app` may be running",
            ) from None
