"""The model card (after Mitchell et al. 2019): what the model is for and what not, what it rests on, and what it gets wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, get_args

from partnersim import __version__
from partnersim.parameters import Role, Status
from partnersim.report import odd
from partnersim.report.markdown import bullets, escape, fill, from_docstring, table, written
from partnersim.report.mechanisms import descriptions
from partnersim.report.patterns import misses, patterns
from partnersim.scenarios.declared import plan
from partnersim.tables import EVIDENCE, evidence

FIELDS = {
    "Choice, trust and what people learn": ("stance", "trust", "clarity", "commitment", "capability", "joint_gains"),
    "Structures, authority and the form of the partnership": ("structures", "authority", "alignment", "institutions"),
    "Members, ties and managers": ("networks", "members", "role_strain"),
    "Leaders, politics, money and support": ("politics", "succession", "pivotal_events", "economy", "support"),
}
"""Under which heading the limits of each mechanism are read; any other stands under the last."""
ELSE = "What else"


def card() -> str:
    """Return the model card as Markdown."""
    return fill(written("card"), odd.PARTS | PARTS, {})


def as_json(text: str) -> dict[str, Any]:
    """Return the card as data: its text, and what the code knows."""
    return {
        "version": __version__,
        "markdown": text,
        "parameters": {
            role: {status: count for status in get_args(Status) if (count := counts()[role, status])} for role in get_args(Role)
        },
        "limits": {name: " ".join(one.sections["Limits"].split()) for name, one in descriptions().items() if "Limits" in one.sections},
        "misses": misses(),
        "patterns": [asdict(pattern) for pattern in patterns()],
    }


def counts() -> Counter[tuple[str, str]]:
    """Return how many parameters have each role and status."""
    return Counter((p.role, p.status) for m in plan().mechanisms.values() for p in m.parameters)


def _parameters() -> str:
    found, roles = counts(), get_args(Role)
    rows = []
    for status in get_args(Status):
        here = [found[role, status] for role in roles]
        rows.append((status, *here, sum(here), f"{sum(here) / found.total():.0%}"))
    sums = [sum(found[role, status] for status in get_args(Status)) for role in roles]
    rows.append(("all", *sums, found.total(), "100%"))
    return table(("Status", *roles, "all", "share"), rows)


def _assumed() -> str:
    found = counts()
    return f"{sum(n for (_, status), n in found.items() if status == 'assumed') / found.total():.0%}"


def _evidence() -> str:
    def marked(rows: list[dict[str, str]], word: str) -> int:
        return sum(word in row["standing"].split(", ") for row in rows)

    words = ("seen", "derived", "from memory", "assumption")
    kinds = {
        heading.partition(": ")[2]: [row for label, row in evidence().items() if label[0] == kind] for kind, heading in EVIDENCE.items()
    }
    rows = ((heading, len(those), *(marked(those, word) for word in words)) for heading, those in kinds.items())
    return table(("What", "rows", *words), rows)


def _limits() -> str:
    known = {name: heading for heading, names in FIELDS.items() for name in names}
    said: dict[str, list[str]] = {heading: [] for heading in (*FIELDS, ELSE)}
    for name, one in descriptions().items():
        if "Limits" in one.sections:
            said[known.get(name, ELSE)].append(f"*{one.title}.* {from_docstring(one.sections['Limits'])}")
    return "\n\n".join(f"**{heading}**\n\n{bullets(lines)}" for heading, lines in said.items() if lines)


PARTS: dict[str, Callable[[], str]] = {
    "parameters": _parameters,
    "assumed_share": _assumed,
    "facts": _evidence,
    "limits": _limits,
    "misses": lambda: bullets(escape(miss) for miss in misses()),
}
"""What fills the places of the hand-written text, besides the parts of the ODD."""
