"""A scenario with the options `--set`, `--without` and `--with` laid over it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.errors import ParameterError, nearest

if TYPE_CHECKING:
    from partnersim.scenarios.scenario import Scenario


def variant(name: str, settings: list[str] | None, without: list[str] | None, own: list[Path] | None) -> Scenario:
    """Load a scenario and lay the options over it."""
    from partnersim.scenarios.files import DISTRICT, load_scenario
    from partnersim.scenarios.scenario import laid_over

    chosen = load_scenario(name)
    for file in own or ():
        chosen = chosen.with_mechanism(file)
    district: dict[str, Any] = {}
    start: dict[str, Any] = {}
    parameters: dict[str, float] = {}
    for setting in settings or ():
        key, equals, text = setting.partition("=")
        table, _, column = key.strip().partition(".")
        try:
            number = float(text)
        except ValueError:
            equals = ""
        else:
            if not math.isfinite(number):
                raise ParameterError(f"--set {setting} is no number to work with", allowed="a finite number")
        if not equals or not column:
            raise ParameterError(f"--set {setting} is not understood", allowed="key=number, for example --set succession.outside=0")
        if table == "district":
            if column not in DISTRICT:
                raise ParameterError(f"a district has no {column!r}", where=f"--set {setting}", allowed=nearest(column, DISTRICT))
            district[column] = int(number) if number == int(number) else number
        elif table == "start":
            column, _, tier = column.partition(".")
            start = laid_over(start, {column: {tier: number} if tier else number})
        else:
            parameters[key.strip()] = number
    if district or start or parameters:
        chosen = chosen.replace(**district, start=start, parameters=parameters)
    return chosen.without(*without) if without else chosen
