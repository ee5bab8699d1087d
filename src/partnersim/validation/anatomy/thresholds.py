"""What hangs on a threshold: the labels of regimes, and the level of C at which practice counts as alive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from partnersim.model import outcomes
from partnersim.model.outcomes import REGIMES
from partnersim.model.patterns import BY_ID
from partnersim.scenarios.scenario import Scenario
from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import Estimate, Part, Table, listed, short
from partnersim.validation.checks import Check, measure
from partnersim.validation.playing import Columns, Lab, Runs

USUAL = {"vital": 0.5, "mixed": 0.3, "informal": 0.4}
SHIFT = 0.1
USUALLY = "as usual: " + ", ".join(f"{name} from {value:.1f}" for name, value in USUAL.items())
ALIVE = (0.25, 0.30, 0.35)
PATTERNS = ("P1", "P2", "P5", "P13")


def labels(series: np.ndarray, *, vital: float, mixed: float, informal: float) -> np.ndarray:
    """Return the regime of each run from its last two years, [replicate, month, outcome], with these thresholds of practice."""
    last = series[:, max(1, series.shape[1] - outcomes.FINAL) :]
    practice = last[:, :, outcomes.PRACTICE_WORKPLACE].mean(axis=1)
    form = last[:, :, outcomes.EXISTS].mean(axis=1) > 0.5
    there = np.where(practice >= vital, "vital", np.where(practice >= mixed, "mixed", "paper"))
    return np.where(form, there, np.where(practice >= informal, "informal", "collapsed"))


def variants() -> list[tuple[str, dict[str, float]]]:
    """Return the usual thresholds, and each moved down and up alone."""
    moved = [(f"{name} from {value + by:.1f}", USUAL | {name: value + by}) for name, value in USUAL.items() for by in (-SHIFT, SHIFT)]
    return [(USUALLY, USUAL), *moved]


@dataclass
class Kept:
    """Runs that were played, so that patterns are measured with other thresholds on the very same runs."""

    bench: Bench
    runs: dict[str, Runs] = field(default_factory=dict)

    def lab(self, alive: float) -> Lab:
        """Return a lab in which practice counts as alive from `alive` on."""
        usual = self.bench.lab()
        return _Again(replicates=usual.replicates, seed=usual.seed, point=usual.point, kept=self.runs, alive=alive)


@dataclass
class _Again(Lab):
    """A lab that plays a recipe once and then remembers it."""

    kept: dict[str, Runs] = field(default_factory=dict)
    alive: float = outcomes.ALIVE

    def play(
        self,
        scenario: Scenario,
        *,
        years: int,
        look: Callable[[Columns], np.ndarray] | None = None,
        at: Sequence[int] = (),
        times: int = 1,
    ) -> Runs:
        """Run a scenario, or return the runs of before."""
        key = repr((scenario.to_toml(), years, look, tuple(at), times))
        if key not in self.kept:
            self.kept[key] = super().play(scenario, years=years, look=look, at=at, times=times)
        return replace(self.kept[key], alive=self.alive)


def part(bench: Bench) -> Part:
    """Move the thresholds of the regimes, and that of life."""
    bench.progress("default districts")
    default = Scenario(name="default")
    series = bench.lab().play(default, years=20).series
    shares = {name: labels(series, **cuts) for name, cuts in variants()}
    rows = tuple((name, *(bench.estimate(found == regime) for regime in REGIMES)) for name, found in shares.items())
    checks: dict[tuple[str, float], Check] = {}
    for pattern in PATTERNS:
        bench.progress(pattern)
        kept = Kept(bench)  # one pattern's runs at a time: they take memory
        for alive in ALIVE:
            checks[pattern, alive] = measure(BY_ID[pattern], kept.lab(alive), bench.members)
    targets = []
    for pattern in PATTERNS:
        for n, result in enumerate(checks[pattern, ALIVE[0]].results):
            here = [checks[pattern, alive].results[n] for alive in ALIVE]
            cells = [f"{Estimate(r.measured, r.low, r.high)} {'met' if r.passes else 'missed'}" for r in here]
            targets.append((pattern, result.target.statistic, result.target.text, *cells))
    return Part(
        "thresholds",
        "What hangs on a threshold",
        "Regimes and the life of practice are read off by thresholds. How much do the answers owe to where they stand?",
        (regimes_sentence(shares), alive_sentence(checks)),
        (
            Table(
                ("Thresholds of practice", *(f"{regime} [share]" for regime in REGIMES)),
                rows,
                bench.caption(f"Default districts of {default.sites} schools, last two of 20 years"),
            ),
            Table(
                ("Pattern", "Statistic", "Target", *(f"alive from C = {short(alive)}" for alive in ALIVE)),
                tuple(targets),
                bench.caption("The same runs at each threshold; P1 and P5 are played in more replicates, as their recipes say"),
            ),
        ),
    )


def regimes_sentence(found: dict[str, np.ndarray]) -> str:
    """Say which share moves most, and whether vital and collapsed both stay the main ends."""
    usual = found[USUALLY]
    moves = {
        (name, regime): float((labelled == regime).mean() - (usual == regime).mean())
        for name, labelled in found.items()
        for regime in REGIMES
    }
    (name, regime), most = max(moves.items(), key=lambda item: abs(item[1]))
    small = [min((labelled == end).mean() for labelled in found.values()) for end in ("vital", "collapsed")]
    return (
        f"Moving one threshold by {short(SHIFT)} moves no share by more than {short(abs(most))} ({regime}, with {name}); whatever the "
        f"thresholds, at least {short(float(small[0]))} of default districts are vital and {short(float(small[1]))} collapsed."
    )


def alive_sentence(checks: dict[tuple[str, float], Check]) -> str:
    """Say which patterns are shown whatever the threshold of life, and which are not."""
    shown = {pattern: [checks[pattern, alive].passes for alive in ALIVE] for pattern, _ in checks}
    always = [pattern for pattern, passes in shown.items() if all(passes)]
    never = [pattern for pattern, passes in shown.items() if not any(passes)]
    hangs = [
        f"{pattern} (only at {listed([short(a) for a, p in zip(ALIVE, passes, strict=True) if p])})"
        for pattern, passes in shown.items()
        if any(passes) and not all(passes)
    ]
    return (
        f"With practice alive from {listed([short(a) for a in ALIVE])}: shown at each, {listed(always)}; shown at some, {listed(hangs)}; "
        f"at none, {listed(never)}."
    )
