"""`partnersim new`: stubs that work as written, are never written over anything, and say clearly what is wrong once they are edited."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import partnersim as ps
from partnersim.errors import MechanismError, PartnersimError, ScenarioError
from partnersim.stubs import make


@pytest.fixture
def stub(tmp_path):
    """Write the mechanism stub after an edit, under its name, and forget it afterwards: its module is known to the process by that name."""

    def write(old="", new=""):
        path, _ = make.mechanism("heard_first", tmp_path)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    yield write
    sys.modules.pop("heard_first", None)


def pytest_of(*files: Path) -> None:
    """Run the tests of stubs as their author does: in a process of its own, from their folder."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *(file.name for file in files)]
    done = subprocess.run(command, cwd=files[0].parent, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# -- a mechanism --------------------------------------------------------------------------------------------------


def test_a_mechanism_is_written_with_its_tests_and_its_next_steps(partnersim, tmp_path):
    status, out, _ = partnersim("new", "mechanism", "heard_first", "--out", str(tmp_path / "mine"))
    assert status == 0
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["heard_first.py", "test_heard_first.py"]
    assert f"--with {tmp_path / 'mine' / 'heard_first.py'}" in out
    assert f"pytest {tmp_path / 'mine' / 'test_heard_first.py'}" in out
    document = json.loads(partnersim("new", "mechanism", "other", "--out", str(tmp_path), "--json")[1])
    assert [Path(path).name for path in document["written"]] == ["other.py", "test_other.py"]


def test_the_stub_has_a_place_in_the_month_and_all_its_parameters_are_declared(stub, partnersim):
    path = stub()
    steps = [row["step"] for row in json.loads(partnersim("plan", "--with", str(path), "--json")[1])]
    assert steps[steps.index("members.represent") + 1] == "heard_first.act"
    listed = json.loads(partnersim("params", "--with", str(path), "--mechanism", "heard_first", "--json")[1])
    assert [row["name"] for row in listed] == ["settled"]
    assert all(listed[0][key] for key in ("meaning", "unit", "source", "status", "sweep", "symbol", "sign"))


def test_the_stub_runs_in_plain_python(stub):
    code = (
        "import partnersim as ps\n"
        "district = ps.load_scenario('typical-district').replace(sites=2, members_per_site=5, team_size=1)\n"
        f"mine = district.with_mechanism({str(stub())!r}).replace(parameters={{'heard_first.settled': 1.0}})\n"
        "runs = [ps.run(s, replicates=1, years=1).series for s in (mine, mine.without('heard_first'))]\n"
        "print(runs[0]['grievances'].iloc[-1] < runs[1]['grievances'].iloc[-1])"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_the_tests_of_a_mechanism_pass_and_the_command_line_runs_it(tmp_path):
    _, test = make.mechanism("heard_first", tmp_path)
    pytest_of(test)
    run = "run typical-district --with heard_first.py --set heard_first.settled=.1 --replicates 4 --years 2 --json"
    done = subprocess.run([sys.executable, "-m", "partnersim", *run.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scenario"] == "typical-district, with heard_first, heard_first.settled=0.1"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("def act(joint,", "def act(jont,", "did you mean joint"),
        ('adds=("grievances",)', "adds=()", "assigns to grievances without saying so"),
        ('"members.represent"', '"members.reprsent"', "did you mean members.represent"),
        ("p.settled *", "p.setled *", "did you mean settled"),
        ("bounds=(0, 1)", "bounds=(1, 0)", "@ Parameter("),
        ('unit="1/month",\n', "", "@ Parameter("),
        ('name="heard_first",', 'name="trust",', "two mechanisms are called trust"),
        ('name="heard_first_habit"', 'name="trust"', "column trust is declared twice"),
        ('owner="heard_first"', 'owner="members"', "heard_first_habit"),
        ("start=0.0", "start=2.0", "start value 2.0 of column heard_first_habit is outside 0 to 1"),
        ("    for s in range(schools):", "    for s in range(schools)", "@for s in range(schools)"),
    ],
)
def test_a_mistake_in_a_mechanism_is_told_with_its_place(old, new, told, stub):
    path = stub(old, new)
    if told.startswith("@"):  # the line that holds this
        told = f"heard_first.py, line {1 + [told[1:] in line for line in path.read_text().splitlines()].index(True)} ("
    with pytest.raises(PartnersimError) as found:
        ps.load_scenario("typical-district").with_mechanism(path)
    assert told in str(found.value)
    assert "heard_first" in str(found.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("9lives", "cannot be the name"),
        ("peer-review", "cannot be the name"),
        ("../up", "cannot be the name"),
        ("class", "cannot be the name"),
        ("test_it", "cannot be the name"),
        ("a" * 60, "cannot be the name"),
        ("trust", "the model has a mechanism called trust"),
        ("grievances", "the model has a column called grievances"),
        ("random", "a module of Python"),
        ("numpy", "a module of Python or of an installed package"),
    ],
)
def test_a_name_that_no_mechanism_can_have_is_refused(name, told, tmp_path):
    with pytest.raises(MechanismError, match=told):
        make.mechanism(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- a scenario ---------------------------------------------------------------------------------------------------


def test_a_scenario_is_written_and_its_tests_pass(partnersim, tmp_path):
    status, out, _ = partnersim("new", "scenario", "our-district", "--extends", "abc-unified", "--out", str(tmp_path))
    assert status == 0
    assert f"partnersim run {tmp_path / 'our-district.toml'}" in out
    pytest_of(tmp_path / "test_our_district.py")
    assert partnersim("run", str(tmp_path / "our-district.toml"), "--replicates", "2", "--years", "1")[0] == 0


def test_a_scenario_may_extend_a_file_in_another_folder(tmp_path):
    base, _ = make.scenario("base", tmp_path / "a")
    base.write_text(base.read_text().replace("strategic = 0.6", "strategic = 0.4"))  # else its child would differ in nothing
    path, test = make.scenario("child", tmp_path / "b", str(base))
    assert ps.load_scenario(path).sources == (*ps.load_scenario("typical-district").sources, *2 * ps.load_scenario(base).sources[-1:])
    pytest_of(test)


@pytest.mark.parametrize(
    ("name", "extends", "told"),
    [
        ("Our District", "typical-district", "cannot be the name"),
        ("", "typical-district", "cannot be the name"),
        ("abc-unified", "typical-district", "a shipped scenario is called abc-unified"),
        ("mine", "abc-unifed", "did you mean abc-unified"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(name, extends, told, tmp_path):
    with pytest.raises(ScenarioError, match=told):
        make.scenario(name, tmp_path, extends)
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_in_a_scenario_is_told_with_its_line(tmp_path):
    path, _ = make.scenario("mine", tmp_path)
    path.write_text(path.read_text().replace("leader_replaced", "leader_replased"))
    with pytest.raises(ScenarioError, match=r"did you mean leader_replaced(.|\n)*line") as found:
        ps.load_scenario(path)
    assert str(path) in str(found.value)


# -- both ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", ["heard_first.py", "test_heard_first.py"])
def test_nothing_is_overwritten(exists, partnersim, tmp_path):
    (tmp_path / exists).write_text("mine")
    status, out, err = partnersim("new", "mechanism", "heard_first", "--out", str(tmp_path))
    assert (status, out) == (2, "")
    assert f"{tmp_path / exists} exists already" in err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(exists, "mine")]


def test_a_folder_that_cannot_be_is_told(partnersim, tmp_path):
    (tmp_path / "file").write_text("")
    status, _, err = partnersim("new", "scenario", "mine", "--out", str(tmp_path / "file"))
    assert status == 2
    assert "cannot be written" in err


def test_stubs_are_in_good_style(tmp_path):
    make.mechanism("heard_first", tmp_path)
    make.scenario("our-district", tmp_path)
    for words in (["check", "--select", "E,F,B,UP,RUF,D1", "--ignore", "RUF002"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", "--line-length", "140", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
