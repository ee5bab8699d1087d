"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Years = Annotated[int, typer.Option(help="Length of each run, 1 to 100.")]
Point = Annotated[bool, typer.Option("--point", help="Use the default parameters and not the band of calibrated ones.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same worlds in every scenario.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="mechanism.parameter=value, start.column=value, start.column.tier=value or district.sites=value. May be repeated.",
    ),
]
Without = Annotated[list[str] | None, typer.Option("--without", metavar="MECHANISM", help="A mechanism to leave out. May be repeated.")]
With = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="FILE.py", help="A mechanism of your own (see `partnersim new mechanism`). May be repeated."),
]
ScenarioName = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A shipped name (see `partnersim scenarios`) or the path of a TOML file."),
]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file.")]
