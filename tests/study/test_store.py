"""A study runs, resumes and grows; what is there stays; any run can be made again; failures are rows."""

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from small_study import SMALL

import partnersim as ps
from partnersim.errors import ResultError, RunError
from partnersim.study import work
from partnersim.study.store import Store
from partnersim.study.study import Study
from partnersim.study.tables import StudySet


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and not path.name.startswith("lock")}


def test_a_study_has_every_run_of_every_point_once(small, whole):
    assert whole.counts() == {"runs": 48, "done": 48, "failed": 0, "left": 0}
    runs = whole.runs
    assert len(runs) == 48 == len(runs.drop_duplicates(["point", "replicate"]))
    assert set(runs["succession.outside"]) == {0.0, 1.0}
    assert len(whole.series) == 48 * 7  # months 0, 6 ... 36


def test_a_study_gives_what_run_gives(whole):
    for point in (0, 7):
        alone = ps.run(whole.scenario(point), replicates=6, years=3, seed=3, workers=1)
        ours = whole.frame("runs", where={"point": point})
        pd.testing.assert_frame_equal(ours[alone.runs.columns], alone.runs, check_exact=True)
        series = whole.frame("series", where={"point": point})
        theirs = alone.series[alone.series["month"] % 6 == 0].reset_index(drop=True)
        pd.testing.assert_frame_equal(series[theirs.columns], theirs, check_exact=True)
        events = whole.frame("events", where={"point": point})
        pd.testing.assert_frame_equal(events[alone.events.columns], alone.events, check_exact=True, check_dtype=False)


def test_the_same_study_again_does_nothing(small, whole):
    before = files(whole.store.folder)
    again = small.run(whole.store.folder)
    assert files(whole.store.folder) == before
    assert again.counts() == whole.counts()


def test_a_longer_study_extends_the_store_and_keeps_what_is_there(small, whole, same, tmp_path):
    folder = tmp_path / "store"
    Study.read(SMALL.replace("replicates = 6", "replicates = 2").replace("[0.0, 1.0]", "[0.0]")).run(folder, workers=1)
    before = files(folder)
    more_points = Study.read(SMALL.replace("replicates = 6", "replicates = 2")).run(folder, workers=1)
    assert more_points.counts()["runs"] == 16
    result = small.run(folder, workers=1)
    assert result.counts() == whole.counts()
    assert before.items() <= files(folder).items()
    # points are numbered as they came, so rows are compared by what they are
    for table, more in (("runs", []), ("series", ["month"])):
        keys = ["scenario", "succession.outside", "start.trust.workplace", "replicate", *more]
        here, there = (
            s.frame(table, columns=[*dict.fromkeys([*keys, "practice_workplace"])]).sort_values(keys, ignore_index=True)
            for s in (result, whole)
        )
        pd.testing.assert_frame_equal(here, there, check_exact=True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seed = 3", "seed = 4", "seed 3 and not 4"),
        ("years = 3", "years = 4", "years 3 and not 4"),
        ("replicates = 6", "replicates = 5", "a store only grows"),
        ("[0.0, 1.0]", "[0.0, 0.5]", "4 of 8 points that the study no longer has"),
        ("every_months = 6", "every_months = 12", "record.every_months"),
        ("days = 5", "days = 6", "4 of 8 points"),
    ],
)
def test_an_edited_study_that_is_another_one_is_refused(whole, old, new, words):
    before = files(whole.store.folder)
    with pytest.raises(ResultError, match=words):
        Study.read(SMALL.replace(old, new)).run(whole.store.folder)
    assert files(whole.store.folder) == before


FINDING = """
[[finding]]
kind = "difference"
outcome = "practice_alive_months"
of = { scenario = "strained" }
from = { scenario = "small" }
sentence = "A strike {moves} the life of practice: {value}."
"""


def test_words_may_be_edited(whole, tmp_path):
    """Another question changes nothing; another finding makes another edition of the plan, and no run is simulated again."""
    folder = Path(shutil.copytree(whole.store.folder, tmp_path / "copy"))
    before = files(folder)
    Study.read(SMALL.replace("Does it matter", "Why does it matter") + "# more").run(folder)
    assert files(folder) == before
    Study.read(SMALL + FINDING).run(folder)
    after = files(folder)
    assert {path: after[path] for path in before} == before
    assert {path.relative_to(folder).parts[:2] for path in after.keys() - before} == {("plan", "0002")}
    assert len(Store(folder).edition().findings) == 1


def test_another_model_is_refused_unless_told_to(small, tmp_path):
    folder = tmp_path / "store"
    Study.read(SMALL.replace("replicates = 6", "replicates = 1")).run(folder, workers=1)
    path = folder / "plan" / "0001" / "plan.json"
    note = json.loads(path.read_text())
    note["kernels"] = dict.fromkeys(note["kernels"], "0" * 64)
    path.write_text(json.dumps(note))
    with pytest.raises(ResultError, match="begun with another model: 000000000000"):
        small.run(folder, workers=1)
    assert StudySet(folder).counts()["done"] == 8
    assert small.run(folder, workers=1, allow_mixed_code=True).counts()["left"] == 0


def test_a_worker_with_another_model_refuses(small, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_kernel", lambda plan: "f" * 64)
    with pytest.raises(ResultError, match="this worker has another model"):
        small.run(tmp_path / "store", workers=1)


def test_a_folder_that_holds_something_else_is_refused(small, tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(ResultError, match=r"holds something else: thesis\.doc"):
        small.run(tmp_path)
    with pytest.raises(ResultError, match="is a file"):
        small.run(tmp_path / "thesis.doc")
    with pytest.raises(ResultError, match="holds no study"):
        StudySet(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.doc"]


# -- failures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch):
    """Let replicate 4 of point 2 fail, and everything of point 5."""
    run = work._Batch.run

    def fails(self, settings, own, point, replicate):
        if (point, replicate) == (2, 4):
            raise RunError("trust stopped in month 7: no possible value (row 1)")
        if point == 5:
            raise ZeroDivisionError("something nobody thought of")
        run(self, settings, own, point, replicate)

    monkeypatch.setattr(work._Batch, "run", fails)


def test_a_failed_run_is_a_row_and_the_rest_goes_on(small, whole, tmp_path, failing):
    result = small.run(tmp_path / "store", workers=1)
    assert result.counts() == {"runs": 48, "done": 41, "failed": 7, "left": 0}
    failures = result.failures()
    assert len(failures) == 7
    one = failures[failures["point"] == 2].iloc[0]
    assert (one["kind"], one["error"]) == ("RunError", "trust stopped in month 7: no possible value (row 1)")
    assert one["command"] == f"partnersim rerun {tmp_path / 'store'} 2 4"
    assert "ZeroDivisionError" in failures[failures["point"] == 5]["traceback"].iloc[0]
    there = whole.runs.set_index(["point", "replicate"]).drop([(2, 4), *((5, r) for r in range(6))])
    pd.testing.assert_frame_equal(result.runs.set_index(["point", "replicate"]), there, check_exact=True)


def test_a_study_with_failures_ends_with_status_1_and_says_how_to_repeat_them(small_file, tmp_path, partnersim, failing):
    status, out, err = partnersim("study", small_file, "--out", tmp_path / "store", "--json", "--workers", 1)
    assert status == 1
    assert json.loads(out) == {"runs": 48, "done": 41, "failed": 7, "left": 0}
    assert f"partnersim rerun {tmp_path / 'store'} 2 4" in err
    status, _, err = partnersim("rerun", tmp_path / "store", 2, 4)
    assert status == 1
    assert "trust stopped in month 7" in err
    assert partnersim("study", small_file, "--out", tmp_path / "store", "--json")[0] == 1  # failed runs are not tried again


def test_failed_runs_are_tried_again_when_asked_to(small, whole, same, tmp_path, failing, monkeypatch):
    small.run(tmp_path / "store", workers=1)
    monkeypatch.undo()
    result = small.run(tmp_path / "store", workers=1, retry_failed=True)
    assert result.counts() == whole.counts()
    assert result.failures().empty
    same(result, whole)
    from partnersim.study.compaction import compact

    compact(tmp_path / "store")
    same(StudySet(tmp_path / "store"), whole)
    assert StudySet(tmp_path / "store").failures().empty


def test_a_part_in_which_all_failed_can_be_read(small, tmp_path, monkeypatch):
    def fails(*_):
        raise RunError("no")

    monkeypatch.setattr(work._Batch, "run", fails)
    result = small.run(tmp_path / "store", workers=1)
    assert result.counts()["failed"] == 48
    assert result.runs.empty
    assert result.series.empty
    assert result.events.empty


# -- one run ----------------------------------------------------------------------------------------------------------


def test_any_run_can_be_made_again_in_full_from_its_row(whole):
    row = whole.runs.iloc[29]
    full = whole.rebuild(int(row["point"]), int(row["replicate"]))
    again = full["runs"].iloc[0]
    assert all(again[name] == row[name] for name in full["runs"].columns)
    assert len(full["series"]) == 37
    assert len(full["ledger"]) > 100
    with pytest.raises(ResultError, match="points 0 to 7"):
        whole.rebuild(8, 0)


def test_rerun_writes_a_run_in_full(whole, tmp_path, partnersim):
    status, out, _ = partnersim("rerun", whole.store.folder, 3, 2, "--out", tmp_path / "run", "--json")
    assert status == 0
    assert json.loads(out)["replicate"] == 2
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "events.parquet", "ledger.parquet", "runs.parquet", "scenario.toml", "series.parquet",
    ]  # fmt: skip
    assert dict(ps.load_scenario(tmp_path / "run" / "scenario.toml").parameters) == dict(whole.scenario(3).parameters)


def test_the_ledger_of_a_study_adds_up_to_the_one_of_a_run(small, tmp_path):
    study = Study.read(SMALL.replace("events = true", "ledger = true").replace("replicates = 6", "replicates = 1"))
    result = study.run(tmp_path / "store", workers=1)
    keys = ["level", "stock", "line"]
    coarse = result.frame("ledger", where={"point": 1})
    fine = result.rebuild(1, 0)["ledger"]
    assert set(coarse["month"]) <= {6, 12, 18, 24, 30, 36}
    booked = [frame[frame["stock"] != "will"].groupby(keys)["change"].sum() for frame in (coarse, fine)]
    pd.testing.assert_series_equal(*booked, rtol=1e-12)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_frames_are_read_by_column_and_row(whole):
    where = {"scenario": "strained", "succession.outside": (0.5, 1.0), "month": [12, 24], "replicate": 3}
    frame = whole.frame("series", columns=["alive_index", "start.trust.workplace"], where=where)
    assert list(frame.columns) == ["alive_index", "start.trust.workplace"]
    assert len(frame) == 4
    with pytest.raises(ResultError, match="did you mean alive_index"):
        whole.frame("series", columns=["alive_indx"])
    with pytest.raises(ResultError, match="no table"):
        whole.frame("serie")
    with pytest.raises(ResultError, match="not recorded"):
        whole.frame("ledger")


def test_duckdb_reads_the_store_as_its_note_says(whole):
    duckdb = pytest.importorskip("duckdb")
    sql = next(line.strip() for line in (whole.store.folder / "README.txt").read_text().splitlines() if "select" in line)
    for name in ("parts", "plan"):
        sql = sql.replace(f"'{name}/", f"'{whole.store.folder}/{name}/")
    found = duckdb.sql(sql).df().sort_values(["point", "replicate"], ignore_index=True)
    pd.testing.assert_frame_equal(found[whole.runs.columns], whole.runs, check_dtype=False, check_exact=True)


def test_a_study_is_summed_up_by_scenario(whole):
    table = whole.summary()
    assert set(table["scenario"]) == {"small", "strained"}
    regimes = table[table["section"] == "regime"].groupby("scenario")["value"].sum()
    assert regimes.to_list() == pytest.approx([1.0, 1.0])
    survival = whole.survival(scenario="small")
    assert survival.attrs["n"] <= 24


def test_survival_is_told_by_whatever_the_study_varies(whole):
    tables = whole.survivals("succession.outside", by="form", scenario="small")
    assert list(tables) == ["outside = 0", "outside = 1"]
    runs = whole.runs.query("scenario == 'small'")
    inside = runs[runs["succession.outside"] == 0.0]
    assert tables["outside = 0"].attrs["n"] == (inside["form_born_month"] >= 0).sum()
    pd.testing.assert_frame_equal(tables["outside = 0"], whole.survival("form", {"succession.outside": 0.0}, scenario="small"))
    assert list(whole.survivals()) == ["small", "strained"]
    assert whole.edition.name in whole.footer
    with pytest.raises(ResultError, match="does not vary"):
        whole.survivals("succession.outsider")


def test_compaction_keeps_every_row_and_nothing_is_deleted(small, whole, same, tmp_path):
    from partnersim.study.compaction import compact

    shutil.copytree(whole.store.folder, tmp_path / "store")
    before = len(os.listdir(tmp_path / "store" / "parts"))
    assert compact(tmp_path / "store") == {"before": before, "after": 1}
    assert len(os.listdir(tmp_path / "store" / "set-aside")) == before
    same(StudySet(tmp_path / "store"), whole)
    # interrupted before the small parts were moved away: they do not count twice
    for path in (tmp_path / "store" / "set-aside").iterdir():
        path.rename(tmp_path / "store" / "parts" / path.name.rpartition("-")[0])
    same(StudySet(tmp_path / "store"), whole)
    same(small.run(tmp_path / "store"), whole)


# -- shards -----------------------------------------------------------------------------------------------------------


def test_shards_copied_together_are_the_study(small, whole, same, tmp_path):
    together = tmp_path / "together"
    for number in (1, 2, 3):
        result = small.run(tmp_path / f"shard{number}", shard=(number, 3), workers=1)
        assert result.counts()["done"] == 16
        shutil.copytree(tmp_path / f"shard{number}", together, dirs_exist_ok=True)
    merged = StudySet(together)
    assert merged.counts() == whole.counts()
    same(merged, whole)
    same(small.run(together), whole)


def test_shards_of_another_study_cannot_be_copied_together(small, whole, tmp_path):
    shutil.copytree(whole.store.folder, tmp_path / "store")
    other = Study.read(SMALL.replace("seed = 3", "seed = 4")).run(tmp_path / "other", shard=(1, 8), workers=1)
    part = next((other.store.folder / "parts").iterdir())
    shutil.copytree(part, tmp_path / "store" / "parts" / part.name)
    with pytest.raises(ResultError, match="belongs to another study"):
        StudySet(tmp_path / "store")


def test_overlapping_shards_count_once(small, whole, same, tmp_path):
    small.run(tmp_path / "a", shard=(1, 2), workers=1)
    small.run(tmp_path / "b", shard=(1, 3), workers=1)
    shutil.copytree(tmp_path / "b", tmp_path / "a", dirs_exist_ok=True)
    counts = StudySet(tmp_path / "a").counts()
    assert counts["done"] <= 24
    result = small.run(tmp_path / "a", workers=1)
    same(result, whole)
    assert Store(tmp_path / "a").coverage().double == []


# -- the command line -------------------------------------------------------------------------------------------------


def test_the_command_runs_says_how_far_it_is_and_resumes(small_file, tmp_path, partnersim, whole, same):
    out = tmp_path / "store"
    status, text, _ = partnersim("study", small_file, "--out", out, "--dry-run", "--json")
    assert status == 0
    planned = json.loads(text)
    assert (planned["points"], planned["runs"], planned["left"]) == (8, 48, 48)
    assert planned["seconds"] > 0
    assert planned["bytes"] > 1000
    assert not out.exists()
    assert partnersim("status", out)[0] == 2
    assert partnersim("study", small_file, "--out", out, "--shard", "2/4", "--json")[0] == 0
    status, text, _ = partnersim("status", out, "--json")
    assert json.loads(text) == {"runs": 48, "done": 12, "failed": 0, "left": 36}
    status, text, _ = partnersim("study", small_file, "--out", out)
    assert status == 0
    assert "48 runs: 48 done, 0 failed, 0 left" in text
    assert "ends collapsed" in text or "ends vital" in text
    assert json.loads(partnersim("study", small_file, "--out", out, "--dry-run", "--json")[1])["left"] == 0
    same(StudySet(out), whole)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3"])
def test_an_impossible_shard_is_refused(small_file, tmp_path, partnersim, shard):
    status, _, err = partnersim("study", small_file, "--out", tmp_path / "store", f"--shard={shard}")
    assert status == 2
    assert "shard" in err
    assert not (tmp_path / "store").exists()


def test_status_says_what_is_left_and_how_fast_it_went(small, tmp_path, partnersim):
    small.run(tmp_path / "store", shard=(1, 2), workers=1)
    status, out, _ = partnersim("status", tmp_path / "store")
    assert status == 0
    assert "48 runs: 24 done, 0 failed, 24 left" in out
    assert "runs a second" in out
    assert "no session is at work" in out
