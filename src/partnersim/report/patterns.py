"""The patterns the model is judged by, and what it is known to miss: the one place where documents take them from.

`validation.json` is what `partnersim validate --json` printed for this version; a slow test plays it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from partnersim.model.patterns import BY_ID, CALIBRATION, PATTERNS


@dataclass(frozen=True)
class Pattern:
    """A pattern that a credible model shows: its label, what it says, what counts as shown, its evidence, what it was used for."""

    label: str
    says: str
    shown: str
    source: str
    use: str


def patterns() -> list[Pattern]:
    """Return the patterns in order."""
    return [
        Pattern(
            p.id,
            p.claim,
            "; ".join(f"{t.statistic} {t.text}" for t in p.targets),
            ", ".join(p.sources) or "convention",
            "fitted" if p.use == CALIBRATION else "kept for checking",
        )
        for p in PATTERNS
    ]


def validation() -> dict[str, Any]:
    """Return the patterns as they were measured for this version."""
    found: dict[str, Any] = json.loads(files("partnersim.report").joinpath("validation.json").read_text(encoding="utf-8"))
    return found


def met(use: str = "") -> tuple[int, int]:
    """Return how many of the published patterns P1-P14 (of a use) were met, and their number."""
    rows = [row for row in validation()["patterns"] if row["id"].startswith("P") and use in ("", row["use"])]
    return sum(row["status"] == "pass" for row in rows), len(rows)


def misses() -> list[str]:
    """Return what is known to come out otherwise than in the published evidence, in sentences: measured misses first."""
    out = []
    for row in validation()["patterns"]:
        for target in row["targets"]:
            if not target["met"]:
                pattern = BY_ID[row["id"]]
                interval = (
                    f"{target['measured']:.2g} [{target['low']:.2g}, {target['high']:.2g}]" if target["measured"] is not None else "unknown"
                )
                what = f"{pattern.id}, {pattern.name.lower()}: {target['statistic']} is {interval}, and should be {target['target']}."
                out.append(f"{what} {row['lacks']}")
    return [
        *out,
        "Pivotal events that strengthen a partnership are not reproduced: an event that is handled together makes its meaning clearer, "
        "but practice is not more alive after it than without it.",
        "Whether peers are the people one is tied to or everybody on one's side changes no pattern, so the network of the staff is a "
        "plain reading of the literature and not a measured effect.",
    ]
