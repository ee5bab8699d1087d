"""The same studies on Dask: equal tables, lost workers, an address that leads nowhere, and the recipe for SLURM."""

import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_study import SMALL

from partnersim.errors import ResultError
from partnersim.study.study import Study
from partnersim.study.tables import StudySet

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # those of distributed, at its end

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL) as made:
        yield made


def test_a_cluster_gives_the_same_tables(small, whole, same, tmp_path, cluster):
    told = []
    result = small.run(tmp_path / "store", cluster=cluster.scheduler_address, progress=told.append)
    same(result, whole)
    assert told[-1].to_json() == {"runs": 48, "done": 48, "failed": 0, "left": 0}


def test_only_numbers_pass_through_the_scheduler(cluster):
    """A piece goes out and comes back in less than 2 kB, however many runs it has."""
    from distributed.protocol import serialize_bytes

    from partnersim.study.work import Job

    job = Job("/a/folder/somewhere/on/a/cluster", 1, "5a20a5dcae61622b" * 4, "20261122T053848-955f2e-000008", ((0, 40, 0, 64),))
    assert job.runs == 2560
    assert len(serialize_bytes(job)) < 2000


def test_a_worker_lost_in_dask_costs_only_time(tmp_path, same, cluster):
    study = Study.read(SMALL.replace("replicates = 6", "replicates = 200"))
    killed = []

    def kill(tally):
        if tally.done and not killed:
            killed.append(next(iter(cluster.scheduler_info["workers"])))
            pids = {name: worker.pid for name, worker in cluster.workers.items()}
            pid = next(iter(pids.values()))
            children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
            os.kill(int(children[0]) if children else pid, signal.SIGKILL)

    result = study.run(tmp_path / "store", cluster=cluster.scheduler_address, progress=kill)
    assert killed
    assert result.counts() == {"runs": 1600, "done": 1600, "failed": 0, "left": 0}
    same(result, study.run(tmp_path / "whole"))


def test_an_address_that_leads_nowhere_is_told(small, tmp_path, monkeypatch):
    client = distributed.Client
    monkeypatch.setattr(distributed, "Client", lambda address, timeout: client(address, timeout="1s"))
    with pytest.raises(ResultError, match="no Dask scheduler"):
        small.run(tmp_path / "store", cluster="tcp://127.0.0.1:1")
    assert StudySet(tmp_path / "store").counts()["done"] == 0


@pytest.mark.slow
def test_the_command_starts_a_cluster_of_its_own(tmp_path, small_file, whole, same, cluster):
    """Another one on this machine, the fixture's, which has Dask's usual ports."""
    words = [
        sys.executable,
        "-m",
        "partnersim.cli",
        "study",
        str(small_file),
        "--out",
        str(tmp_path / "store"),
        "--cluster",
        "local",
        "--workers",
        "2",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "already in use" not in done.stderr
    same(StudySet(tmp_path / "store"), whole)


def test_the_recipe_for_slurm_makes_a_job_script():
    jobqueue = pytest.importorskip("dask_jobqueue")
    text = (ROOT / "experiments" / "SCALE.md").read_text()
    code = re.search(r"```python\n(from dask_jobqueue.*?)```", text, re.DOTALL)[1]
    made = re.search(r"SLURMCluster\(.*?\n\)", code, re.DOTALL)[0]
    with eval(made, {"SLURMCluster": jobqueue.SLURMCluster}) as found:
        script = found.job_script()
    assert "#SBATCH -t 04:00:00" in script
    assert "dask" in script
