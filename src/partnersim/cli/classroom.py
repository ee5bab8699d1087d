"""`partnersim app`: the classroom page."""

from __future__ import annotations

from typing import Annotated

import typer

from partnersim.cli.feedback import tell_of_compiling
from partnersim.errors import PartnersimError


def app(
    port: Annotated[int, typer.Option(help="Port to listen on, 1 to 65535.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on; anything but 127.0.0.1 lets others in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Open the classroom page in the browser: two districts on the same luck, for a class; works with no internet.

    Example: partnersim app
    """
    from partnersim.app.serve import serve
    from partnersim.scenarios.files import load_scenario

    if not 1 <= port <= 65535:
        raise PartnersimError(f"{port} is no port", where="--port", allowed="1 to 65535")
    tell_of_compiling(load_scenario("typical-district"))
    serve(host=host, port=port, open_browser=browser)
