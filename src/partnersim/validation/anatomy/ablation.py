"""Each mechanism left out alone, its state held at the usual level, against the whole model on the same luck.

Leaving out is mean-preserving (`Scenario.without`): what the mechanism moves stays where it usually is, so that a difference is due to its
working and not to a shifted mean. Mechanisms of which nothing is the theoretical null (`off="absent"`) are absent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partnersim.model import outcomes
from partnersim.scenarios.declared import plan
from partnersim.scenarios.files import load_scenario
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed
from partnersim.validation.playing import Runs

SCENARIOS = ("typical-district", "abc-unified")
STATISTICS = ("vital at 20 years", "alive at 5 years", "alive at 20 years")


@dataclass(frozen=True)
class Without:
    """What changed when a mechanism was left out: without it minus with it, for each statistic."""

    mechanism: str
    off: str
    changes: tuple[Estimate, ...]


def measured(runs: Runs) -> tuple[np.ndarray, ...]:
    """Return, for each run, whether it is vital at the end, and alive at 5 and 20 years."""
    vital = np.array([outcomes.regime(series) == "vital" for series in runs.series])
    return vital, ~runs.broke(1, 60), ~runs.broke(1, 240)


def part(bench: Bench) -> Part:
    """Leave out each mechanism in each scenario."""
    mechanisms = {name: m for name, m in plan().mechanisms.items() if m.off != "never"}
    said, tables = [], []
    for scenario in SCENARIOS:
        whole_district = load_scenario(scenario)
        usual = measured(bench.lab().play(whole_district, years=20))
        found = []
        for name, mechanism in mechanisms.items():
            bench.progress(f"{scenario} without {name}")
            without = measured(bench.lab().play(whole_district.without(name), years=20))
            changes = tuple(bench.difference(w, u) for w, u in zip(without, usual, strict=True))
            found.append(Without(name, mechanism.off, changes))
        found.sort(key=lambda f: f.changes[0].value)
        base = ("the whole model", "", *(bench.estimate(u) for u in usual))
        rows = (base, *((f.mechanism, f.off, *f.changes) for f in found))
        caption = bench.caption(f"`{scenario}`: shares of runs, and by how much they change when a mechanism is left out, on the same luck")
        tables.append(Table(("Left out", "its state is", *STATISTICS), rows, caption))
        said.append(sentence(scenario, found))
    return Part(
        "ablation",
        "What each mechanism does",
        "What becomes of districts if one mechanism is left out and what it moves stays at its usual level?",
        tuple(said),
        tuple(tables),
    )


def sentence(scenario: str, found: list[Without]) -> str:
    """Say which mechanisms sustain and which wear down, by the share of vital districts."""
    sustain = [f for f in found if f.changes[0].sign < 0]
    wear = [f for f in reversed(found) if f.changes[0].sign > 0]
    silent = [f.mechanism for f in found if all(change.sign == 0 for change in f.changes)]

    def most(those: list[Without]) -> str:
        return listed([f"{f.mechanism} ({f.changes[0]})" for f in those[:3]], "nothing")

    return (
        f"In `{scenario}`, what most sustains vital practice as it works is {most(sustain)}; what most wears it down is {most(wear)}; "
        f"no change was shown for {listed(silent, 'no mechanism')}."
    )
