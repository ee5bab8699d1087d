"""Every declared parameter and start value is alive, and the expected signs hold."""

import numpy as np
import pytest

import partnersim as ps
from partnersim.scenarios.scenario import Scenario, declared_parameters, start_columns
from partnersim.simulate import plan

SMALL = Scenario(name="small", sites=4)
STUCK = SMALL.replace(  # for what only happens where leaders fall, boards turn or a partnership is founded anew
    name="stuck",
    start={"exists": 0, "trust": 0.6, "disposition": (0.5, 0.3), "leader_approval": 0.3, "flip_age": 10, "authority": 0.1},
)
PRESSED = (  # for what only happens under pressure, in a suspension, while support fades, or when language is written or falls
    SMALL.replace(
        name="pressed",
        start={"suspended": 1, "trust": 0.5},
        parameters={"support.fading_months": 60, "support.follows_success": 0.5},
    )
    .with_event(3, "accountability_pressure", strength=0.5, months=60)
    .with_event(20, "contract_language", level=0.8)
    .with_event(50, "mandate_removed")
)
STRIFE = SMALL.replace(  # for what only happens where leaders fight over contracts
    name="strife",
    start={"trust": 0.2, "disposition": -0.5},
    parameters={"economy.strike_chance": 0.2},
)
LARGE = SMALL.replace(name="large", parameters={"succession.large_sites": 4})  # for what only large districts know, or a threat changes
LARGE = LARGE.with_event(3, "layoff", share=0.1)
PROBES = ((SMALL, 6, 12), (STUCK, 12, 10), (PRESSED, 6, 10), (STRIFE, 6, 10), (LARGE, 12, 12))


@pytest.fixture(scope="module")
def untouched():
    return [_series(*probe) for probe in PROBES]


def _series(scenario, replicates, years):
    return ps.run(scenario, replicates=replicates, years=years, seed=3, point=True).series.drop(columns="scenario").to_numpy()


def _alive(variants, untouched):
    for (scenario, replicates, years), before in zip(PROBES, untouched, strict=True):
        for variant in variants:
            if not np.array_equal(_series(variant(scenario), replicates, years), before):
                return True
    return False


@pytest.mark.parametrize("mechanism", sorted(plan().mechanisms))
def test_every_parameter_changes_something(mechanism, untouched):
    dead = []
    for name, parameter in declared_parameters(plan()).items():
        if name.startswith(mechanism + "."):
            values = [v for v in parameter.sweep or parameter.bounds if v != parameter.default]
            if not _alive([lambda s, v=v, n=name: s.replace(parameters={n: v}) for v in values], untouched):
                dead.append(name)
    assert not dead, dead


def test_every_start_value_changes_something(untouched):
    dead = []
    for name, column in start_columns(plan()).items():
        default = np.atleast_1d(column.start)[0]
        value = default + 30 if column.high > 100 else (column.high if default != column.high else column.low)
        if not _alive([lambda s, v=value, n=name: s.replace(start={n: v})], untouched):
            dead.append(name)
    assert not dead, dead


SIGNED = [(name, p) for name, p in declared_parameters(plan()).items() if p.sign in ("+", "-") and p.sweep]


FAINT = ("politics.political", "structures.founding_months")  # what happens seldom needs more districts


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parameter"), SIGNED, ids=[name for name, _ in SIGNED])
def test_expected_sign(name, parameter):
    """From the low to the high end of the sweep range on the same luck; z of 2 in 160 pairs, 640 for the faint (error rate .02 each)."""
    # founding matters only where nothing is founded yet, a flip only after one, a shortfall where authority is withheld
    stuck = dict(STUCK.start) if name in ("support.launch", "structures.founding") else {}
    flipped = {"flip_age": 0} if "flip" in name else {}
    withheld = {"authority.ceiling": 0.2} if name == "authority.shortfall_weight" else {}
    base = Scenario(name="probe", sites=8, start=stuck | flipped, parameters=withheld)

    def life(value):
        series = ps.run(
            base.replace(parameters={name: value}), replicates=640 if name in FAINT else 160, years=12, seed=3, point=True
        ).series
        return series.groupby("replicate")["alive_index"].mean().to_numpy()

    low, high = (life(value) for value in parameter.sweep)
    change = high - low
    z = change.mean() / (change.std() / np.sqrt(len(change)) + 1e-12)
    assert (z > 2) if parameter.sign == "+" else (z < -2), f"{name}: {change.mean():+.4f}, z {z:+.1f}, expected {parameter.sign}"
