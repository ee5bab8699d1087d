"""The command line: every command in the order in which help shows it, and what runs it.

Each file beside this one holds the commands of one purpose. Heavy imports stand inside the commands, so that help and lists come at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from partnersim import __version__
from partnersim.cli import check, classroom, describe, explain, new, pages, questions, scenarios, simulate, study
from partnersim.errors import PartnersimError, RunError

app = typer.Typer(
    name="partnersim",
    help="Simulate why union-management partnerships live or die.\n\nStart with: partnersim run typical-district",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (
    simulate.run,
    explain.explain,
    questions.compare,
    questions.attribute,
    questions.sensitivity,
    questions.discover,
    pages.report,
    describe.params,
    describe.evidence,
    describe.plan,
    describe.odd,
    describe.card,
    classroom.app,
    check.validate,
    check.calibrate,
    check.anatomy,
    check.doctor,
    study.study,
    study.experiments,
    study.status,
    study.rerun,
    study.compact,
):
    app.command()(command)
app.add_typer(scenarios.group, name="scenarios")
app.add_typer(new.group, name="new")


def main() -> None:
    """Run the command line: exit status 2 for a user's mistake, 1 for a failed run."""
    try:
        app()
    except PartnersimError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, RunError) else 2)


def _version(asked: bool) -> None:
    if asked:
        print(f"partnersim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass
