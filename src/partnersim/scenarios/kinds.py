"""Kinds of start: `[start] kind = "mature"` stands for a table of start values, over which a scenario lays its own.

founding: the defaults, a partnership that has just been founded. mature: the usual state of default districts whose practice is
alive after eight years (`model/mature.csv`, measured like the reference values). adversarial: no partnership, little trust. mandate: a
partnership ordered from above. The last two are illustrations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from partnersim.model import reference

Values = Mapping[str, float | tuple[float, float]]

KINDS = ("founding", "mature", "adversarial", "mandate")

ADVERSARIAL: Values = {
    "exists": 0,  # there is no partnership
    "trust": 0.3,  # wary at every level
    "disposition": (-0.1, 0),  # leaders lean towards contest
    "memory": (0.1, 0),  # no recent strike that anybody wants to avoid repeating
    "language": 0,  # nothing enabling in the contract
    "authority": 0.1,  # decisions are management's
}
MANDATE: Values = {
    "language": 0.9,  # the mandate is written down in full
    "disposition": (-0.25, -0.1),  # nobody was asked
    "authority": 0.1,  # talk without influence: Pateman's pseudo-participation
    "trust": 0.45,  # a little below even
}


def start_values(kind: str) -> Values:
    """Return the start values a kind stands for."""
    if kind == "mature":
        tiers = {name: tuple(v for v in values if not math.isnan(v)) for name, values in reference.read("mature").items()}
        return {name: (values[0], values[1]) if len(values) == 2 else values[0] for name, values in tiers.items()}
    return {"founding": {}, "adversarial": ADVERSARIAL, "mandate": MANDATE}[kind]
