"""Results: tables agree with each other, files are whole or absent, stories add up."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import partnersim as ps
from partnersim import saving
from partnersim.engine.numeric import logit
from partnersim.errors import ResultError
from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import NAMES, REGIMES
from partnersim.simulate import open_world

FILES = {
    "runs.parquet", "series.parquet", "events.parquet", "scenario.toml", "band.csv", "provenance.json",
    "summary.csv", "summary.json", "survival.png", "outcomes.png",
}  # fmt: skip


# -- frames -------------------------------------------------------------------------------------------------------


def test_frames_hold_a_row_a_run_a_row_a_month_and_a_row_an_event(runs):
    assert list(runs.runs.columns[:13]) == [
        "scenario", "replicate", "band_member", "seed", "practice_born_month", "practice_alive_months", "practice_died",
        "form_born_month", "form_alive_months", "form_died", "cause_of_death", "regime", "participation",
    ]  # fmt: skip
    assert list(runs.runs.columns[13:]) == list(NAMES)
    assert len(runs.series) == 20 * 241
    last = runs.series[runs.series["month"] > 216].groupby("replicate")[list(NAMES)].mean()
    assert np.allclose(runs.runs[list(NAMES)], last)
    assert list(runs.events.columns) == [
        "scenario",
        "replicate",
        "month",
        "kind",
        "level",
        "site",
        "side",
        "cause",
        "size",
    ]
    assert set(runs.events["level"]) == set(GROUPS)
    assert set(runs.events["side"]) == {"union", "management", ""}
    assert (runs.events.loc[runs.events["level"] == "strategic", "site"] == -1).all()
    assert runs.events["month"].between(1, 240).all()
    died = runs.runs["practice_died"]
    assert (runs.runs["cause_of_death"] != "").equals(died)
    assert (runs.runs.loc[~died, "practice_alive_months"] == 240).all()
    assert repr(runs) == "<RunSet abc-unified: 20 runs of 20 years, seed 1>"


def test_a_run_without_events_or_births_has_frames_too():
    cold = ps.load_scenario("adversarial").replace(sites=1, start={"trust": 0.01})
    result = ps.run(cold, replicates=2, years=1)
    assert (result.runs["practice_born_month"] == -1).all()
    table = result.summary()
    assert table.loc[(table["section"] == "practice") & (table["quantity"] == "ever born"), "value"].item() == 0.0
    assert result.to_json()["survival"]["practice"]["12"] is None
    assert "never born" in result.story(0).ending
    nothing = replace(result.histories, events=[np.zeros((0, 7))] * 2)
    assert len(replace(result, histories=nothing).events) == 0


def test_the_summary_says_what_the_tables_say(runs):
    table = runs.summary().set_index(["section", "quantity"])
    survival = runs.survival("form").set_index("months")
    assert table.loc[("form", "alive at 60 months"), "value"] == survival.loc[60, "alive"]
    shares = table.loc["regime", "value"]
    assert list(shares.index) == list(REGIMES)
    assert shares.sum() == pytest.approx(1.0)
    assert table.loc[("members", "member_support"), "value"] == runs.runs["member_support"].median()
    outcomes = {outcome.name: outcome.unit for outcome in runs.outcomes}
    assert {name: table.xs(name, level="quantity")["unit"].item() for name in NAMES} == outcomes
    assert runs.bands(["form"])["month"].min() == 1


def test_json_of_a_run_is_the_agreed_document(runs):
    document = json.loads(json.dumps(runs.to_json(), allow_nan=False))
    assert set(document) == {
        "scenario", "runs", "years", "seed", "survival", "regimes", "causes", "outcomes", "seconds", "agent_months",
    }  # fmt: skip
    assert set(document["survival"]["practice"]) == {"12", "36", "60", "120", "240"}
    assert set(document["outcomes"]["form"]) == {"median", "p10", "p90"}
    assert document["agent_months"] == 20 * 240 * (10 + 28 * 35)


# -- files --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "deep" / "abc"
    assert runs.save(folder)
    return folder


def test_a_saved_run_can_be_read_and_made_again(runs, saved):
    assert {path.name for path in saved.iterdir()} == FILES
    assert [path.name for path in saved.parent.iterdir()] == ["abc"]  # nothing unfinished lies about
    for name in ("runs", "series", "events"):
        frame = pd.read_parquet(saved / f"{name}.parquet")
        assert frame.columns.tolist() == getattr(runs, name).columns.tolist()
        assert len(frame) == len(getattr(runs, name))
    assert json.loads((saved / "summary.json").read_text()) == json.loads(json.dumps(runs.to_json()))
    assert len(pd.read_csv(saved / "summary.csv")) == len(runs.summary())
    for name in ("survival.png", "outcomes.png"):
        assert (saved / name).read_bytes().startswith(b"\x89PNG")
    known = json.loads((saved / "provenance.json").read_text())
    assert known["run"]["kernel"] == runs.kernel
    assert known["versions"]["partnersim"] == ps.__version__
    assert known["parameters"]["succession.outside"] == 0.0
    again = ps.run(saved / "scenario.toml", replicates=20, years=known["run"]["years"], seed=known["run"]["seed"])
    assert np.array_equal(again.histories.series, runs.histories.series)


def test_the_same_run_again_is_a_no_op_and_another_is_refused(runs, saved, tmp_path):
    before = {path.name: path.stat().st_mtime_ns for path in saved.iterdir()}
    assert runs.save(saved) is False
    other = ps.run("abc-unified", replicates=2, years=1)
    with pytest.raises(ResultError, match=r"holds another run[\s\S]*replicates 20 and not 2"):
        other.save(saved)
    assert {path.name: path.stat().st_mtime_ns for path in saved.iterdir()} == before
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ResultError, match="is not empty"):
        other.save(tmp_path)
    with pytest.raises(ResultError, match="is a file"):
        other.save(tmp_path / "thesis.tex")
    with pytest.raises(ResultError, match="cannot be written"):
        other.save(tmp_path / "thesis.tex" / "below")
    (tmp_path / "empty").mkdir()
    assert other.save(tmp_path / "empty")


def test_an_interrupted_save_leaves_nothing_half(runs, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(saving, "provenance", interrupt)
    with pytest.raises(KeyboardInterrupt):
        runs.save(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_ones_own_mechanism_takes_the_file_along(runs, tmp_path):
    path = tmp_path / "quiet_addition.py"
    path.write_text(
        "from partnersim.engine.mechanism import Mechanism, step\n"
        'MECHANISM = Mechanism(name="quiet", claim="Nothing changes.", after={"nothing": "members.judge"})\n'
        '@step(adds=("member_support",))\ndef nothing(member_support):\n    """Do nothing."""\n'
    )
    scenario = runs.scenario.with_mechanism(path)
    replace(runs, scenario=scenario).save(tmp_path / "out")
    assert (tmp_path / "out" / path.name).read_text() == path.read_text()
    assert str(tmp_path) not in (tmp_path / "out" / "scenario.toml").read_text()


def test_commit_is_known_only_in_a_checkout(monkeypatch):
    def broken(*_):
        raise OSError("no git")

    monkeypatch.setattr(saving, "_git", broken)
    assert saving.commit() is None
    monkeypatch.setattr(saving, "__file__", "/nowhere/src/partnersim/saving.py")
    assert saving.commit() is None


# -- stories ------------------------------------------------------------------------------------------------------


def test_a_story_ends_as_the_run_did_and_its_numbers_are_those_of_the_tables(runs):
    for row in runs.runs.iloc[:8].itertuples():
        story = runs.story(row.replicate)
        assert ("Practice died" in story.ending) == row.practice_died
        if row.practice_died:
            assert row.cause_of_death in story.ending
            assert story.window[1] == row.practice_born_month + row.practice_alive_months - 1
        else:
            assert story.window == (229, 240)
        mine = runs.series[(runs.series["replicate"] == row.replicate) & (runs.series["month"] > 12 * 19)]
        assert story.years["alive_index"].iloc[-1] == pytest.approx(mine["alive_index"].mean())
        assert story.ending in " ".join(str(story).split())
        assert json.loads(json.dumps(story.to_json(), allow_nan=False))["window"]["last_month"] == story.window[1]


def test_the_lines_of_the_ledger_add_up(runs):
    story = runs.story(3)
    first, last = story.window
    opened = open_world(runs.scenario, seed=1, replicate=3, months=240, ledger=True)
    levels = []
    for month in (first - 1, last):
        opened.advance(month)
        columns = opened.world.columns
        for g, tier in enumerate(GROUPS):
            rows = columns["dyad_group"] == g
            levels.append((tier, "trust", np.mean([logit(x) for x in columns["trust"][rows].ravel()])))
            levels.append((tier, "relationship value", columns["value"][rows].mean()))
    months = story.ledger[story.ledger["month"].between(first, last)]
    booked = months.groupby(["tier", "stock"])["change"].sum()
    moved = story.moved(first, last).groupby(["tier", "stock"])["change"].sum()
    for (tier, stock, before), (_, _, after) in zip(levels[:4], levels[4:], strict=True):
        assert booked[tier, stock] == pytest.approx(after - before, abs=1e-9)
    will = opened.world.record.will[first : last + 1].sum(axis=(0, 2))
    for g, tier in enumerate(GROUPS):
        assert booked[tier, "will to collaborate"] == pytest.approx(will[g], abs=1e-9)
        assert moved[tier, "will to collaborate"] == pytest.approx(will[g], abs=1e-9)


def test_tables_of_survival_come_from_the_runs(runs):
    assert runs.hazard()["deaths"].sum() == runs.runs.practice_died.sum()
    shares = runs.cumulative_incidence()
    assert shares.groupby("cause")["share"].max().sum() == pytest.approx(1 - runs.survival()["alive"].iloc[-1])
    assert runs.restricted_mean()["months"] == pytest.approx(runs.runs.practice_alive_months.mean())  # all are born in month 1
    with pytest.raises(ResultError, match="no outcome"):
        runs.early_warning("nonsense")


def test_every_outcome_is_written_where_its_name_says():
    """`collect` writes by constants that match the declarations by order alone."""
    assert {name: getattr(outcomes, name.upper()) for name in outcomes.NAMES} == {name: n for n, name in enumerate(outcomes.NAMES)}
