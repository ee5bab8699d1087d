"""Folders of results are whole or not there, and nobody's files are lost."""

from __future__ import annotations

import errno

import pytest

import partnersim as ps
from partnersim import folders, writing
from partnersim.errors import PartnersimError, ResultError
from partnersim.report.saved import report


@pytest.fixture(scope="module")
def compared():
    one = ps.load_scenario("typical-district").replace(name="one", sites=2, members_per_site=4)
    return ps.compare([one, one.replace(name="two", parameters={"succession.outside": 0})], replicates=4, years=2)


def test_an_answer_that_is_interrupted_leaves_nothing_half(compared, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "figure", interrupt)
        with pytest.raises(KeyboardInterrupt):
            writing.comparison(compared, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    writing.comparison(compared, tmp_path / "out")
    with pytest.raises(ResultError, match="is not empty"):
        writing.comparison(compared, tmp_path / "out")


def test_a_report_leaves_other_files_alone(compared, tmp_path):
    writing.comparison(compared, tmp_path / "out")
    report(tmp_path / "out").write(tmp_path / "out")
    inside = tmp_path / "out" / "report"
    mine, stale = inside / "figures" / "my-own.png", inside / "tables" / "stale.csv"
    mine.write_bytes(b"mine")
    stale.write_text("an earlier report's")
    with (inside / "files.txt").open("a") as listed:
        listed.write("tables/stale.csv\n")
    report(tmp_path / "out").write(tmp_path / "out")
    assert mine.read_bytes() == b"mine"
    assert not stale.exists()


def test_a_file_is_the_old_or_the_new_one(tmp_path, monkeypatch):
    file = tmp_path / "plan.csv"
    folders.whole_file(file, "old\n")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            folders.whole_file(file, "new\n")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]
    assert file.read_text() == "old\n"


def test_what_could_not_be_written_at_the_end_is_refused_at_the_beginning(tmp_path, monkeypatch):
    """The answer takes the folder's place: an empty folder in one that is closed, or a disk of its own, would be no place for it."""
    place = tmp_path / "out"
    place.mkdir()
    folders.check_free(place)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.is_mount", lambda _: True)
        with pytest.raises(ResultError, match="a disk of its own"):
            folders.check_free(place)
    real = folders.Path.mkdir

    def refused(path, *arguments, **keywords):
        if path.parent == tmp_path:
            raise PermissionError(errno.EACCES, "no", str(path))
        return real(path, *arguments, **keywords)

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    with pytest.raises(ResultError, match="writing is not allowed"):
        folders.check_free(place)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda s: ps.compare([s, s]), "two scenarios are called"),
        (lambda s: ps.compare([s, s.replace(name="b")], replicates=1), "replicates = 1 is too few"),
        (lambda s: ps.discover(s, ["support.*"], seed=-1), "seed is -1"),
        (lambda s: ps.sensitivity(s, ["support.*"], seed=-1), "seed is -1"),
        (lambda s: ps.discover(s, ["support.*"], replicates=0), "replicates = 0 is too few"),
        (lambda s: ps.discover(s, ["support.*"], within_years=float("nan")), "within_years = nan is no time"),
        (lambda s: ps.run(s, replicates=1_000_000, years=100), "do not fit into memory"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_anything_is_simulated(call, told, monkeypatch):
    monkeypatch.setattr("partnersim.simulate.in_threads", lambda *_: pytest.fail("something was simulated"))
    monkeypatch.setattr("partnersim.playing.in_threads", lambda *_: pytest.fail("something was simulated"))
    with pytest.raises(PartnersimError, match=told):
        call(ps.load_scenario("typical-district"))
