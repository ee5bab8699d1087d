"""What once went wrong with stores: two studies in one folder, files that moved, parts that were damaged, pauses, broken executors."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import pandas as pd
import pytest
from small_study import SMALL

from partnersim.errors import PartnersimError, ResultError
from partnersim.study.forecast import forecast
from partnersim.study.status import status_of
from partnersim.study.store import PARTS, STATUS
from partnersim.study.study import Study
from partnersim.study.tables import StudySet

MECHANISM = '''
"""A user's mechanism."""
from partnersim.engine.mechanism import Mechanism, step

MECHANISM = Mechanism(name="{name}", claim="Members become hopeful by themselves.", after={{"hope": "members.judge"}})


@step(adds=("support",))
def hope(support):
    """Raise each member's support a little."""
    for k in range(support.shape[0]):
        support[k] = min(1.0, support[k] + {push})
'''


def own_study(folder: Path, name: str, push: float = 0.01) -> Study:
    """A study with a mechanism of the user's own, in a file beside it."""
    folder.mkdir()
    (folder / f"{name}.py").write_text(MECHANISM.format(name=name, push=push))
    scenario = f'[mechanisms]\nhope = "{name}.py"\n[district]\nsites = 2\nmembers_per_site = 4\n'
    (folder / "hopeful.toml").write_text(scenario)
    (folder / "study.toml").write_text('replicates = 2\nyears = 1\n[scenario.hopeful]\nextends = "hopeful.toml"\n')
    return Study.load(folder / "study.toml")


def test_two_studies_one_after_the_other_in_one_folder_and_one_process(small, whole, same, tmp_path):
    Study.read(SMALL.replace("seed = 3", "seed = 4"), name="small").run(tmp_path / "store", workers=1)
    shutil.rmtree(tmp_path / "store")
    same(small.run(tmp_path / "store", workers=1), whole)


def test_a_store_has_all_it_needs_of_mechanisms_of_ones_own(tmp_path):
    study = own_study(tmp_path / "mine", "hopefulness")
    found = study.run(tmp_path / "store")
    shutil.move(tmp_path / "mine", tmp_path / "elsewhere")
    assert StudySet(tmp_path / "store").rebuild(0, 1)["runs"].equals(found.rebuild(0, 1)["runs"])
    assert status_of(tmp_path / "store").counts["done"] == 2
    plan = next((tmp_path / "store").rglob("hopeful.toml")).read_text()
    assert str(tmp_path) not in plan


def test_a_run_is_not_made_again_with_another_model(small, tmp_path):
    small.run(tmp_path / "store", workers=1)
    note = next((tmp_path / "store" / "plan").glob("*/plan.json"))
    known = json.loads(note.read_text())
    note.write_text(json.dumps(known | {"kernels": dict.fromkeys(known["kernels"], "0" * 64)}))
    with pytest.raises(ResultError, match="another model than the study"):
        StudySet(tmp_path / "store").rebuild(0, 0)


def test_a_damaged_part_is_named_and_the_cure(small, tmp_path):
    small.run(tmp_path / "store", workers=1)
    part = next((tmp_path / "store" / PARTS).glob("*/runs.parquet"))
    content = bytearray(part.read_bytes())
    content[4:400] = bytes(396)
    part.write_bytes(content)
    with pytest.raises(ResultError, match=r"damaged[\s\S]*set-aside"):
        StudySet(tmp_path / "store").frame("runs")


def test_a_night_between_two_sessions_is_no_work(small, tmp_path):
    Study.read(SMALL.replace("replicates = 6", "replicates = 3"), name="small").run(tmp_path / "store", workers=1)
    log = next((tmp_path / "store" / STATUS).glob("*.jsonl"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps(line | {"at": line["at"] - 40_000}) + "\n" for line in lines))
    small.run(tmp_path / "store", workers=1)
    assert status_of(tmp_path / "store").rate_over < 3_000


class Broken(Executor):
    def submit(self, *_, **__):
        raise BrokenExecutor("a worker died")


def test_a_broken_executor_of_ones_own_is_told(small, tmp_path):
    with pytest.raises(ResultError, match="the executor that was given is broken"):
        small.run(tmp_path / "store", executor=Broken())


def test_every_scenario_knows_what_a_design_varies(tmp_path):
    own_study(tmp_path / "mine", "gladness")
    text = """
    replicates = 2
    years = 1
    [scenario.hopeful]
    extends = "hopeful.toml"
    [scenario.plain]
    extends = "typical-district"
    [design]
    kind = "grid"
    over = ["mechanisms.gladness"]
    """
    (tmp_path / "mine" / "two.toml").write_text(text.replace("\n    ", "\n"))
    with pytest.raises(PartnersimError, match="gladness"):
        Study.load(tmp_path / "mine" / "two.toml")


def test_a_forecast_needs_a_worker(small):
    with pytest.raises(PartnersimError, match="workers = 0 is not possible"):
        forecast(small, workers=0)


def test_one_run_again_is_written_whole_and_never_over_anything(small, whole, tmp_path, partnersim):
    there = whole.store.folder
    status, _, _ = partnersim("rerun", there, 0, 1, "--out", tmp_path / "one")
    assert status == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} >= {"scenario.toml", "runs.parquet", "series.parquet"}
    assert len(pd.read_parquet(tmp_path / "one" / "series.parquet")) == 37
    status, _, told = partnersim("rerun", there, 0, 1, "--out", tmp_path / "one")
    assert status == 2
    assert "is not empty" in told
