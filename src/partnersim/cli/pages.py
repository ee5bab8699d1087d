"""`partnersim report`: one page for a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partnersim.cli.feedback import print_json, say
from partnersim.cli.options import Json


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder written with --out, or by a study, finished or not.")],
    as_json: Json = False,
) -> None:
    """Write one self-contained HTML page, and a folder of figures and tables, for what a folder holds.

    Example: partnersim report abc
    """
    from partnersim.report.saved import report as reported

    page = reported(folder)
    path = page.write(folder)
    if as_json:
        print_json({"page": str(path), "question": page.question, "answer": list(page.answer), "notes": page.notes})
    else:
        print("\n".join(page.answer))
    say(f"wrote {path}")
