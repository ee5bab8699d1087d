"""What the compiler says of a step it cannot compile, in a few words that name the step and the line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from partnersim.engine.mechanism import Act
from partnersim.errors import MechanismError

PREAMBLE = "Failed in nopython mode"
CURE = "steps are compiled: use numbers, columns and plain loops; with NUMBA_DISABLE_JIT=1 the same code runs as plain Python"


def refusal(problem: Exception, acts: Iterable[Act]) -> MechanismError:
    """Return the error to raise for what numba raised while the loop over these functions was compiled."""
    text = str(problem)
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(PREAMBLE)]
    reason = said[0].split(" Raised from")[0].rstrip(".") if said else type(problem).__name__
    if reason.endswith("found for signature:"):
        reason = next(line for line in lines if line.startswith(">>>")).removeprefix(">>> ") + " is not possible"
    for act in acts:
        file = act.plain.__code__.co_filename
        found = re.search(rf" at {re.escape(file)} \((\d+)\)", text)
        if found or re.search(rf"\bstep_{act.mechanism}_{act.plain.__name__}\(", text):
            where = f"{file}, line {found[1]}, function {act.plain.__name__}" if found else act.where
            return MechanismError(f"{act.name} cannot be compiled: {reason}", where=where, fix=CURE)
    return MechanismError(f"the month cannot be compiled: {reason}", fix=CURE)
