"""`partnersim scenarios`: what is shipped, and what can happen in a scenario."""

from __future__ import annotations

import typer

from partnersim.cli.feedback import print_json
from partnersim.cli.options import Json, ScenarioName

group = typer.Typer(
    help="List the shipped scenarios, or show one.\n\nExample: partnersim scenarios show abc-unified",
    rich_markup_mode=None,
)


@group.callback(invoke_without_command=True)
def scenarios(context: typer.Context, as_json: Json = False) -> None:
    """List the shipped scenarios.

    Example: partnersim scenarios
    """
    if context.invoked_subcommand is not None:
        return
    from partnersim.scenarios.files import headline, scenario_names

    found = {name: headline(name) for name in scenario_names()}
    if as_json:
        print_json([{"name": name, "title": title, "summary": summary} for name, (title, summary) in found.items()])
        return
    width = max(map(len, found))
    for name, (title, _) in found.items():
        print(f"{name:<{width}}  {title}")


@group.command()
def show(scenario: ScenarioName, as_json: Json = False) -> None:
    """Print a scenario in full, with its sources.

    Example: partnersim scenarios show abc-unified
    """
    from partnersim.scenarios.files import load_scenario

    found = load_scenario(scenario)
    if as_json:
        print_json(found.fields())
    else:
        print(found.to_toml(), end="")


@group.command()
def events(as_json: Json = False) -> None:
    """List the dated events a scenario's timeline can hold, with their arguments.

    Example: partnersim scenarios events
    """
    from partnersim.model.timeline import EVENTS

    if as_json:
        from dataclasses import asdict

        print_json([{"event": name, **asdict(event)} for name, event in EVENTS.items()])
        return
    wide = 1 + max(len(key) for event in EVENTS.values() for key in event.arguments)
    for name, event in EVENTS.items():
        print(f"{name}: {event.meaning}")
        for key, argument in event.arguments.items():
            needed = "" if argument.default is None else "; may be left out"
            print(f"    {key:<{wide}}{argument.meaning} ({argument.allowed}{needed})")
        print()
    print("set: A parameter has another value from its month on (levers and world parameters, not conventions).")
    print(f"    {'parameter':<{wide}}mechanism.parameter")
    print(f"    {'value':<{wide}}a number within the bounds of the parameter")
