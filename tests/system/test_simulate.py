"""Running: the same seed gives the same result however it is computed, and a scenario does what it says."""

from __future__ import annotations

import time

import numpy as np
import pytest

import partnersim as ps
from partnersim.errors import PartnersimError, ResultError
from partnersim.model import reference
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import NAMES
from partnersim.reference import measure, write
from partnersim.scenarios.scenario import start_columns
from partnersim.simulate import open_world, plan, run
from partnersim.threads import cores

SMALL = ps.load_scenario("typical-district").replace(sites=4, name="small")


def same(a, b, count: int) -> bool:
    return np.array_equal(a.histories.series[:count], b.histories.series[:count]) and all(
        np.array_equal(x, y) for x, y in zip(a.histories.events[:count], b.histories.events[:count], strict=True)
    )


def test_workers_change_nothing_and_more_replicates_keep_the_first():
    ten = run(SMALL, replicates=10, years=10, workers=1)
    twenty = run(SMALL, replicates=20, years=10, workers=2)
    assert same(ten, twenty, 10)
    assert ten.runs["cause_of_death"].tolist() == twenty.runs["cause_of_death"].tolist()[:10]
    assert not same(ten, run(SMALL, replicates=10, years=10, seed=2), 10)


def test_a_world_moved_by_hand_has_the_same_history():
    scenario = SMALL.with_event(30, "set", parameter="structures.workplace_meetings", value=0)
    many = run(scenario, replicates=4, years=5)
    opened = open_world(scenario, seed=1, replicate=3, months=60, ledger=False)
    for month in (1, 29, 30, 31, 60):
        opened.advance(month)
    assert np.array_equal(opened.world.record.series, many.histories.series[3])
    assert open_world("typical-district", seed=1, replicate=0, months=1, ledger=False).world.month == 0


def test_set_changes_a_parameter_from_its_month_on():
    base = run(SMALL, replicates=1, years=5).histories.series[0]
    late = SMALL.with_event(40, "set", parameter="structures.workplace_meetings", value=0)
    none = run(late.with_event(30, "set", parameter="structures.workplace_meetings", value=0), replicates=1, years=5).histories.series[0]
    contact = NAMES.index("contact_workplace")
    assert np.array_equal(none[:30], base[:30])
    assert none[30, contact] < base[30, contact]
    restored = late.with_event(20, "set", parameter="structures.workplace_meetings", value=0).with_event(
        25, "set", parameter="structures.workplace_meetings", value=4
    )
    contacts = run(restored, replicates=1, years=5).histories.series[0, :, contact]
    assert contacts[20:25].max() < contacts[25:40].min()
    assert contacts[40:].max() < contacts[25:40].min()


def test_an_event_leaves_the_months_before_it_alone():
    base = run(SMALL, replicates=2, years=5)
    shocked = run(
        SMALL.with_event(30, "leader_replaced", side="management", successor="outside", disposition=-1),
        replicates=2,
        years=5,
    )
    assert np.array_equal(base.histories.series[:, :30], shocked.histories.series[:, :30])
    assert not np.array_equal(base.histories.series, shocked.histories.series)


def test_what_is_left_out_stays_at_its_usual_level():
    opened = open_world(SMALL.without("networks", "succession"), seed=1, replicate=0, months=24, ledger=False)
    opened.advance(24)
    columns = opened.world.columns
    assert columns["density"] == pytest.approx(reference.read()["density"][1])
    assert columns["informal"][0] == pytest.approx(reference.read()["informal"][0])
    assert (columns["disposition"] == 0.0).all()  # declared null
    assert (columns["tenure"] == 0).all()


def test_reference_values_cover_every_column_and_come_from_default_runs(tmp_path):
    known = reference.read()
    measured, mature = measure(runs=2, months=12, mature=12)
    there = {(name, group) for name, values in known.items() for group, value in zip(GROUPS, values, strict=True) if value == value}
    assert there == set(measured)
    assert {name for name, _ in mature} == set(start_columns(plan())) == set(reference.read("mature"))
    write(tmp_path / "r.csv", {("trust", "strategic"): 0.5})
    assert (tmp_path / "r.csv").read_text() == "column,group,value\ntrust,strategic,0.5\n"


def test_a_reference_table_older_than_the_model_is_an_error(monkeypatch):
    monkeypatch.setattr(reference, "read", dict)
    with pytest.raises(ResultError, match="older than the model"):
        run(SMALL.without("networks"), replicates=1, years=1)


def test_a_missing_reference_table_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "files", lambda package: tmp_path)
    reference.read.cache_clear()
    with pytest.raises(ResultError, match=r"python -m partnersim\.reference"):
        reference.read()
    reference.read.cache_clear()


@pytest.mark.parametrize(
    "wrong",
    [
        {"replicates": 0},
        {"replicates": 2.0},
        {"replicates": True},
        {"years": 0},
        {"years": 101},
        {"seed": -1},
        {"seed": "one"},
        {"workers": 0},
    ],
)
def test_absurd_arguments_are_refused(wrong):
    with pytest.raises(PartnersimError, match=next(iter(wrong))):
        run(SMALL, **wrong)


def test_progress_counts_up_and_an_interrupt_stops_at_once():
    seen: list[int] = []
    run(SMALL, replicates=5, years=1, progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]

    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        run(SMALL, replicates=20_000, years=20, progress=interrupt)
    assert time.perf_counter() - began < 5.0


def test_ledgers_are_kept_on_request():
    h = run(SMALL, replicates=20, years=10, ledger=True).histories
    assert h.ledger[1].shape == (121, 2, len(h.plan.stocks), len(h.plan.lines))
    assert h.will[1].shape[:2] == (121, 2)
    without = run(SMALL, replicates=20, years=10).histories
    assert without.ledger == []
    assert np.array_equal(without.series, h.series)
    assert any(h.cause)
    assert without.cause == h.cause  # found by a second run of those that died, up to their death


def test_this_machine_has_a_core():
    assert cores() >= 1
