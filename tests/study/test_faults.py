"""Whatever happens to a study - killed, torn, full, lost, forbidden - nothing is lost, and it ends as if nothing had happened."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from pathlib import Path

import pytest
from small_study import SMALL

from partnersim.errors import ResultError
from partnersim.study import runner, work
from partnersim.study import store as stores
from partnersim.study.session import Session
from partnersim.study.store import Store
from partnersim.study.study import Study
from partnersim.study.tables import StudySet

KILLS = 3
"""In the fast tests; fifty under `slow`."""


def command(file, out, *more):
    return [sys.executable, "-m", "partnersim.cli", "study", str(file), "--out", str(out), "--workers", "2", "--json", *more]


def longer(runs):
    """The small study with about so many runs."""
    return SMALL.replace("replicates = 6", f"replicates = {runs // 8}")


def killed(path, out, times, seed, *, more=()):
    """Start a study again and again and kill it at random moments; return how often it had finished something by then."""
    chance, at_work = random.Random(seed), 0
    for _ in range(times):
        before, parts = done(out), _parts(out)
        running = subprocess.Popen(command(path, out, *more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        # a fifth are killed while they get ready, the others within a second from when they begin to write
        until = time.monotonic() + (chance.random() * 2 if chance.random() < 0.2 else 60)
        while running.poll() is None and _parts(out) == parts and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(chance.random())
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        after = done(out)
        assert after >= before, "something that was done is lost"
        at_work += before < after
    return at_work


def _parts(out):
    """What is written, and what is being written."""
    return {name for folder in ("parts", "unfinished") if (out / folder).exists() for name in os.listdir(out / folder)}


def _begun(out):
    return (out / "plan" / "0001" / "plan.json").exists()


def done(out):
    return Store(out).coverage().counts()["done"] if _begun(out) else 0


def test_killed_at_random_moments_and_resumed_it_ends_as_if_nothing_had_happened(tmp_path, same):
    path = tmp_path / "small.toml"
    path.write_text(longer(2400))
    killed(path, tmp_path / "store", KILLS, 1)
    last = subprocess.run(command(path, tmp_path / "store"), capture_output=True, text=True, check=True)
    assert json.loads(last.stdout) == {"runs": 2400, "done": 2400, "failed": 0, "left": 0}
    same(StudySet(tmp_path / "store"), Study.load(path).run(tmp_path / "whole"))


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--processes",)], ids=["threads", "processes"])
def test_killed_at_fifty_random_moments(tmp_path, same, more):
    path = tmp_path / "small.toml"
    path.write_text(longer(16_000))
    at_work = killed(path, tmp_path / "store", 50, 2, more=more)
    assert at_work > 10
    last = subprocess.run(command(path, tmp_path / "store", *more), capture_output=True, text=True, check=True)
    assert json.loads(last.stdout)["left"] == 0
    same(StudySet(tmp_path / "store"), Study.load(path).run(tmp_path / "whole"))


class Crash(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.mark.parametrize("nth", range(1, 12))
def test_it_may_end_at_any_write(small, whole, same, tmp_path, monkeypatch, nth):
    """The n-th step that changes the store is the last: before it, and after it."""
    for after in (False, True):
        folder = tmp_path / f"store{after}"
        count = iter(range(1, 10_000))

        def wrapped(function, after=after, count=count):
            def step(*arguments, **keywords):
                number = next(count)
                if number == nth and not after:
                    raise Crash
                value = function(*arguments, **keywords)
                if number == nth:
                    raise Crash
                return value

            return step

        with monkeypatch.context() as patch:
            patch.setattr(stores.Path, "rename", wrapped(stores.Path.rename))
            patch.setattr(stores.Path, "mkdir", wrapped(stores.Path.mkdir))
            patch.setattr(Session, "log", wrapped(Session.log))
            patch.setattr(stores.shutil, "rmtree", lambda *_, **__: None)  # a dead process clears nothing up
            with suppress(Crash):
                small.run(folder, workers=1)
        result = small.run(folder, workers=1)
        assert result.counts() == whole.counts()
        same(result, whole)


def test_a_second_session_on_the_same_store_is_refused_cleanly(tmp_path, same):
    path = tmp_path / "small.toml"
    path.write_text(longer(1600))
    out = tmp_path / "store"
    both = [subprocess.Popen(command(path, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [p.communicate() for p in both]
    status = sorted(p.returncode for p in both)
    # as a rule one is refused; where the second starts late, it finds the study done
    assert status in ([0, 2], [0, 0]), said
    assert all("Traceback" not in err for _, err in said)
    if status == [0, 2]:
        assert any("another session is at work" in err for _, err in said)
    assert StudySet(out).counts() == {"runs": 1600, "done": 1600, "failed": 0, "left": 0}
    assert len(StudySet(out).runs) == 1600


def test_shards_may_share_a_folder_but_not_with_a_whole_run(small, whole, same, tmp_path):
    out = tmp_path / "store"
    held = Store(out)
    with held.locked((1, 2)):
        with pytest.raises(ResultError, match="another session"):
            small.run(out, workers=1)
        with pytest.raises(ResultError, match="another session"):
            small.run(out, shard=(1, 2), workers=1)
        small.run(out, shard=(2, 2), workers=1)
    same(small.run(out, workers=1), whole)


def test_status_is_right_at_each_moment(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(longer(3200))
    out = tmp_path / "store"
    running = subprocess.Popen(command(path, out), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seen = []
    while running.poll() is None:
        if _begun(out):
            seen.append(Store(out).coverage().counts())
        time.sleep(0.05)
    final = json.loads(running.communicate()[0])
    assert final == {"runs": 3200, "done": 3200, "failed": 0, "left": 0}
    assert all(s["done"] + s["failed"] + s["left"] == s["runs"] == 3200 for s in seen)
    numbers = [s["done"] for s in seen]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 2, "the study was too short to be watched"


def test_two_shards_of_different_studies_that_begin_at_the_same_moment_do_not_mix(small, tmp_path, monkeypatch):
    other = Study.read(SMALL.replace("seed = 3", "seed = 4"))
    (tmp_path / "store").mkdir()
    Store(tmp_path / "store").take(other)
    there, asked = Store.is_there, iter([False])
    monkeypatch.setattr(Store, "is_there", property(lambda self: next(asked, True) and there.fget(self)))
    with pytest.raises(ResultError, match="seed 4 and not 3"):
        Store(tmp_path / "store").take(small)


# -- the disk ---------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_is_lost(small, whole, same, tmp_path, monkeypatch):
    write, written = work.pq.write_table, []

    def full(table, where, **keywords):
        written.append(where)
        if len(written) > 12:
            where.write_bytes(b"PAR1")  # what fitted
            raise OSError(errno.ENOSPC, "No space left on device", str(where))
        write(table, where, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(work.pq, "write_table", full)
        with pytest.raises(ResultError, match="no room left") as told:
            small.run(tmp_path / "store", workers=1)
    assert "what is done is kept" in str(told.value)
    assert list((tmp_path / "store" / "unfinished").iterdir()) == []
    counts = StudySet(tmp_path / "store").counts()
    assert 0 < counts["done"] < 48
    same(small.run(tmp_path / "store", workers=1), whole)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are a Unix matter")
def test_a_limit_of_the_system_on_files_is_told_without_traceback(tmp_path, small_file):
    """The real thing: the system refuses to write more than 15 kB to a file."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, 15_000)); "
        "sys.argv = sys.argv[1:]; from partnersim.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command(small_file, tmp_path / "store")[2:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "no room left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_told(small, whole, tmp_path, monkeypatch, number):
    def refused(self, *_, **__):
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(stores.Path, "mkdir", refused)
    with pytest.raises(ResultError, match="writing is not allowed"):
        small.run(tmp_path / "store", workers=1)
    assert StudySet(whole.store.folder).counts() == whole.counts(), "it can still be read"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is allowed to the superuser")
def test_a_folder_without_permission_is_told(small, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ResultError, match="writing is not allowed"):
            small.run(tmp_path / "store", workers=1)
    finally:
        tmp_path.chmod(0o700)


# -- damage -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def half(small, tmp_path):
    """A store with half of the runs."""
    small.run(tmp_path / "store", shard=(1, 2), workers=1)
    return tmp_path / "store"


def log_of(folder):
    return max((folder / "status").iterdir(), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_torn_last_line_of_the_log_costs_nothing(small, whole, same, half, cut):
    log = log_of(half)
    log.write_bytes(log.read_bytes()[:-cut])
    assert StudySet(half).counts()["done"] == 24
    same(small.run(half, workers=1), whole)


@pytest.mark.parametrize("rubbish", [b"", b"\x00" * 100, b"[" * 3000 + b"\n", b'{"part": 3}\n', b'{"part": "x", "spans": []}\n'])
def test_a_broken_or_missing_log_costs_nothing(small, whole, same, half, rubbish):
    log_of(half).write_bytes(rubbish)
    assert StudySet(half).counts()["done"] == 24
    same(small.run(half, workers=1), whole)


@pytest.mark.parametrize("name", ["runs", "series", "events"])
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
@pytest.mark.parametrize("logged", [True, False])
def test_a_truncated_part_is_set_aside_and_made_again(small, whole, same, half, name, keep, logged):
    part = sorted((half / "parts").iterdir())[0]
    file = part / f"{name}.parquet"
    data = file.read_bytes()
    file.write_bytes(data[: int(keep * len(data)) if keep < 1 else keep])
    if not logged:
        log_of(half).unlink()
    read_only = StudySet(half)
    assert 0 < read_only.counts()["done"] < 24
    assert len(read_only.runs) == read_only.counts()["done"]
    result = small.run(half, workers=1)
    same(result, whole)
    assert [p.name.rpartition("-")[0] for p in (half / "set-aside").iterdir()] == [part.name]


def test_a_missing_file_of_a_part_is_noticed(small, whole, same, half):
    part = sorted((half / "parts").iterdir())[0]
    (part / "series.parquet").unlink()
    same(small.run(half, workers=1), whole)


def test_a_broken_plan_is_told_and_the_parts_are_left_alone(small, half):
    parts = sorted((half / "parts").iterdir())
    path = half / "plan" / "0001" / "plan.json"
    text = path.read_text()
    for broken in (text[:100], "{}", "[]", text.replace('"format": 1', '"format": 9')):
        path.write_text(broken)
        with pytest.raises(ResultError, match=r"cannot be read|newer partnersim"):
            small.run(half, workers=1)
    path.write_text(text)
    (path.parent / "points.parquet").write_bytes(b"PAR1")
    with pytest.raises(ResultError, match="cannot be read"):
        StudySet(half)
    assert sorted((half / "parts").iterdir()) == parts


# -- stopping, and losing workers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), pytest.param(("--processes",), marks=pytest.mark.slow)], ids=["threads", "processes"])
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path, more):
    path = tmp_path / "small.toml"
    path.write_text(longer(16_000))
    out = tmp_path / "store"
    # a shell's background jobs ignore Ctrl-C, and what they start inherits that
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(command(path, out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    signal.signal(signal.SIGINT, before)
    until = time.monotonic() + 300
    while not (_begun(out) and done(out)) and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all processes
    began = time.monotonic()
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - began < 15
    assert running.returncode == 130, err
    assert "Go on with the same command" in err
    assert "Traceback" not in err
    counts = Store(out).coverage().counts()
    assert 0 < counts["done"] < counts["runs"]
    assert list((out / "unfinished").iterdir()) == []
    assert not Store(out).coverage().unlisted, "what was under way is logged as well"


def test_ctrl_c_in_a_notebook_leaves_a_store_that_goes_on(small, whole, same, tmp_path):
    def stop(tally):
        if tally.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small.run(tmp_path / "store", workers=2, progress=stop)
    assert 0 < StudySet(tmp_path / "store").counts()["done"] < 48
    same(small.run(tmp_path / "store", workers=2), whole)


class Losing(Executor):
    """Does the work, but loses some of its workers; after the work or before it."""

    def __init__(self, lost, *, after=False):
        self.lost, self.after, self.count = set(lost), after, 0

    def submit(self, function, /, *arguments, **keywords):
        self.count += 1
        future = Future()
        lost = self.count in self.lost
        if not lost or self.after:
            value = function(*arguments, **keywords)
        if lost:
            future.set_exception(BrokenExecutor("a worker is gone"))
        else:
            future.set_result(value)
        return future


@pytest.mark.parametrize("after", [False, True], ids=["before its work", "after it, unheard"])
def test_a_lost_worker_costs_only_time(small, whole, same, tmp_path, after):
    result = small.run(tmp_path / "store", executor=Losing({1, 3, 4}, after=after), workers=1)
    assert result.counts() == whole.counts()
    same(result, whole)


def test_a_piece_that_kills_every_worker_is_named(small, tmp_path):
    with pytest.raises(ResultError, match="lost 3 times at the same 4 runs"):
        small.run(tmp_path / "store", executor=Losing(range(1, 100)), workers=1)


@pytest.mark.slow
def test_a_killed_process_of_the_pool_costs_only_time(tmp_path, same):
    path = tmp_path / "small.toml"
    path.write_text(longer(2400))
    out = tmp_path / "store"
    running = subprocess.Popen(command(path, out, "--processes"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 300
    while not (_begun(out) and done(out)) and time.monotonic() < until:
        time.sleep(0.05)
    children = [
        int(pid) for pid in subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True, check=False).stdout.split()
    ]
    workers = [pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    text, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert json.loads(text)["done"] == 2400
    same(StudySet(out), Study.load(path).run(tmp_path / "whole"))


# -- runners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"workers": 2}, {"workers": 2, "processes": True}], ids=["threads", "processes"])
def test_workers_of_any_kind_and_number_give_the_same(small, whole, same, tmp_path, how):
    same(small.run(tmp_path / "store", **how), whole)


def test_progress_is_told(small, tmp_path):
    told = []
    small.run(tmp_path / "store", workers=2, progress=told.append)
    assert told[-1].to_json() == {"runs": 48, "done": 48, "failed": 0, "left": 0}
    assert told[-1].seconds_left == 0.0
    assert [t.done for t in told] == sorted(t.done for t in told)
    assert all(t.rate > 0 for t in told if t.done)


def test_pieces_cover_every_wanted_run_once():
    import numpy as np

    rng = np.random.default_rng(1)
    for shape, share in (((7, 150), 1.0), ((7, 150), 0.5), ((300, 1), 1.0), ((1, 1000), 1.0), ((40, 3), 0.8)):
        wanted = rng.random(shape) < share
        seen = np.zeros(shape, int)
        for spans in runner.pieces(wanted, lambda: 37):
            runs = sum((p1 - p0) * (r1 - r0) for p0, p1, r0, r1 in spans)
            assert runs <= 37
            for p0, p1, r0, r1 in spans:
                seen[p0:p1, r0:r1] += 1
        assert np.array_equal(seen, wanted.astype(int))


def test_a_session_is_recorded_with_what_it_ran_on(whole):
    session = json.loads(next((whole.store.folder / "sessions").iterdir()).read_text())
    assert session["kernels"].keys() == {"small", "strained"}
    assert session["versions"]["partnersim"]
    assert session["workers"] == "threads"


def test_threads_can_run_studies_side_by_side(small, whole, same, tmp_path):
    results = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: small.run(tmp_path / str(n), workers=1)})) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results.values():
        same(result, whole)
