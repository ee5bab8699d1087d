"""The patterns the model is judged by and what it is known to miss: the one place where documents take them from."""

from __future__ import annotations

from dataclasses import dataclass

from partnersim.tables import evidence


@dataclass(frozen=True)
class Pattern:
    """A pattern that a credible model shows: its label, what it says, what counts as shown, the evidence behind it."""

    label: str
    says: str
    shown: str
    source: str


def patterns() -> list[Pattern]:
    """Return the patterns in order."""
    return [Pattern(label, row["what"], row["value"], row["source"]) for label, row in evidence().items() if label[0] == "P"]


def misses() -> list[str]:
    """Return what is known to come out otherwise than in the published evidence, in sentences."""
    return [
        "Pivotal events that strengthen a partnership are not reproduced: an event that is handled together makes its meaning clearer, "
        "but practice is not more alive after it than without it.",
        "Interest-based bargaining makes members vote their leaders out less often; evidence F13 suggests more often.",
        "Whether peers are the people one is tied to or everybody on one's side changes no pattern, so the network of the staff is a "
        "plain reading of the literature and not a measured effect.",
    ]
