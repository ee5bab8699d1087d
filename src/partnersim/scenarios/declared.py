"""The plan a scenario is checked against and run by: the package's mechanisms, and any of the user's own."""

from __future__ import annotations

from functools import cache

from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import load_mechanism
from partnersim.model.columns import COLUMNS
from partnersim.model.month import SCHEDULE


@cache
def plan(mechanism_files: tuple[str, ...] = ()) -> Plan:
    """Return the plan of the package with these user mechanisms; made once a process, compiled when first run.

    Raises MechanismError if a file cannot be loaded or does not fit.
    """
    return Plan(SCHEDULE, COLUMNS, [load_mechanism(path) for path in mechanism_files])
