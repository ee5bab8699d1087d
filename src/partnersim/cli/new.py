"""`partnersim new`: working stubs of a mechanism or a scenario of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partnersim.cli.feedback import print_json
from partnersim.cli.options import Json

group = typer.Typer(
    help="Begin a mechanism or a scenario of your own, with its tests.\n\nExample: partnersim new mechanism peer_review",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; nothing in it is overwritten.")]


@group.command()
def mechanism(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and _, such as peer_review.")],
    out: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Write a mechanism in one Python file that runs as it is, and its tests.

    Example: partnersim new mechanism peer_review --out mine
    """
    from partnersim.stubs import make

    file, test = make.mechanism(name, out)
    _tell([file, test], f"partnersim run typical-district --with {file}", test, as_json=as_json)


@group.command()
def scenario(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and -, such as our-district.")],
    extends: Annotated[
        str, typer.Option(metavar="SCENARIO", help="What it starts from: a shipped name or the path of a TOML file.")
    ] = "typical-district",
    out: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Write a scenario as a commented TOML file that runs as it is, and its tests.

    Example: partnersim new scenario our-district --extends abc-unified --out mine
    """
    from partnersim.stubs import make

    file, test = make.scenario(name, out, extends)
    _tell([file, test], f"partnersim run {file}", test, as_json=as_json)


def _tell(written: list[Path], run: str, test: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"written": [str(path) for path in written]})
    else:
        print(f"wrote {written[0]} and {written[1]}\n\nrun it:   {run}\ntest it:  python -m pytest {test}")
