"""The command line: what people see, exit status, one JSON document, files, and a quick start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import partnersim as ps
from partnersim.cli import app, feedback

QUICK = ("--replicates", "4", "--years", "3")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


# -- start --------------------------------------------------------------------------------------------------------


def test_importing_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, time; t = time.perf_counter(); import partnersim; t = time.perf_counter() - t; dir(partnersim)\n"
        "print(t, [m for m in ('mesa', 'pandas', 'matplotlib', 'numba', 'numpy', 'scipy') if m in sys.modules])"
    )
    seconds, loaded = python(code).stdout.split(" ", 1)
    assert float(seconds) < 0.3
    assert loaded.strip() == "[]"


def test_help_and_lists_load_nothing_heavy():
    for words in (["--help"], ["run", "--help"], ["scenarios"]):
        code = (
            f"import sys; sys.argv = ['partnersim', *{words!r}]\nfrom partnersim.cli import main\n"
            "try: main()\nexcept SystemExit: pass\n"
            "print([m for m in ('pandas', 'matplotlib', 'numba') if m in sys.modules], file=sys.stderr)"
        )
        assert python(code).stderr.strip() == "[]"


def test_every_public_name_is_there():
    assert set(ps.__all__) <= set(dir(ps))
    for name in ps.__all__:
        assert getattr(ps, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        ps.nonsense  # noqa: B018
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert ps.__version__ == project["version"]


@pytest.mark.parametrize("module", ["partnersim", "partnersim.cli"])
def test_a_process_of_its_own_ends_with_the_right_status(module):
    done = subprocess.run([sys.executable, "-m", module, "run", "nonsense"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: there is no scenario 'nonsense'")
    assert "Traceback" not in done.stderr


# -- help ---------------------------------------------------------------------------------------------------------


def commands(group, *words):
    for name, command in group.commands.items():
        yield (*words, name)
        if hasattr(command, "commands"):
            yield from commands(command, *words, name)


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_has_help_with_an_example(command, partnersim):
    status, out, _ = partnersim(*command, "--help")
    assert status == 0
    assert re.search(rf"^ *(Example: )?partnersim {command[0]}\b", out.split("Options:")[0], re.MULTILINE)
    assert "--json" in out or command in {("app",), ("new",)}  # a page, a group


def test_the_examples_of_the_help_work(partnersim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = partnersim("run", "--help")[1] + partnersim("explain", "--help")[1] + partnersim("params", "--help")[1]
    examples = re.findall(r"^ *(?:Example: )?partnersim (.+)$", shown, re.MULTILINE)
    assert len(examples) == 5
    for words in examples:
        short = {"run": QUICK, "explain": ("--years", "2", "--futures", "5")}.get(words.split()[0], ())
        assert partnersim(*words.split(), *short)[0] == 0, words


def test_version(partnersim):
    assert partnersim("--version")[:2] == (0, f"partnersim {ps.__version__}\n")


# -- commands -----------------------------------------------------------------------------------------------------


def test_scenarios_are_listed_and_shown(partnersim):
    status, out, _ = partnersim("scenarios")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ps.scenario_names()
    assert tomllib.loads(partnersim("scenarios", "show", "abc-unified")[1])["title"].startswith("ABC")
    assert json.loads(partnersim("scenarios", "show", "abc-unified", "--json")[1])["sites"] == 28
    assert {one["name"] for one in json.loads(partnersim("scenarios", "--json")[1])} == set(ps.scenario_names())
    assert "leader_replaced" in partnersim("scenarios", "events")[1]
    assert "leader_replaced" in {one["event"] for one in json.loads(partnersim("scenarios", "events", "--json")[1])}


def test_run_prints_a_summary_a_person_can_read(partnersim):
    status, out, err = partnersim("run", "typical-district", *QUICK, "--point")
    assert status == 0
    assert err == ""  # no bar where nobody looks
    for words in (
        "Still alive after",
        "How runs end",
        "What ended practice",
        "Members",
        "How to read it",
        "seconds",
        "at the default parameters",
    ):
        assert words in out
    assert "over a band of" not in out
    assert max(map(len, out.splitlines())) <= 120


def test_run_prints_one_json_document(partnersim):
    status, out, _ = partnersim("run", "typical-district", *QUICK, "--json", "--workers", "1")
    assert status == 0
    assert json.loads(out)["runs"] == 4


def test_options_are_laid_over_the_scenario(partnersim):
    out = partnersim(
        "run", "typical-district", *QUICK, "--json", "--set", "district.sites=3", "--set", "start.trust.strategic=.9",
        "--set", "start.trust.workplace=.2", "--set", "start.language=.1", "--set", "succession.outside=0",
        "--without", "networks",
    )[1]  # fmt: skip
    document = json.loads(out)
    assert document["scenario"] == "typical-district, sites=3, trust=0.9/0.2, language=0.1, ..., without networks"
    assert document["agent_months"] == 4 * 36 * (10 + 3 * 35)


def test_out_twice_is_a_no_op_and_another_run_is_refused(partnersim, tmp_path):
    folder = str(tmp_path / "out")
    status, first, err = partnersim("run", "typical-district", *QUICK, "--out", folder, "--json")
    assert (status, err) == (0, f"wrote {folder}\n")
    status, again, err = partnersim("run", "typical-district", *QUICK, "--out", folder, "--json")
    assert status == 0
    assert "already" in err
    assert json.loads(again) == json.loads(first)
    status, out, err = partnersim("run", "typical-district", *QUICK, "--out", folder, "--seed", "2")
    assert (status, out) == (2, "")
    assert "holds another run" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "typical-district", "--set", "trust.gian=1"], "there is no parameter 'trust.gian'"),
        (["run", "typical-district", "--set", "trust"], "--set trust is not understood"),
        (["run", "typical-district", "--set", "support.national=much"], "is not understood"),
        (["run", "typical-district", "--set", "district.sites=1.5"], "a whole number"),
        (["run", "typical-district", "--set", "district.schools=1"], "a district has no 'schools'"),
        (["run", "typical-district", "--without", "truss"], "did you mean trust"),
        (["run", "typical-district", "--years", "0"], "years = 0"),
        (["run", "typical-district", "--replicates", "-1", "--json"], "replicates = -1"),
        (["explain", "typical-district", "--replicate", "-1"], "replicate is -1"),
        (["explain", "typical-district", "--years", "1000"], "years = 1000"),
        (["explain", "typical-district", "--years", "2", "--months", "20:25"], "months 20 to 25 are not months"),
        (["explain", "typical-district", "--months", "spring"], "spring is no span of months"),
        (["params", "--mechanism", "truss"], "did you mean trust"),
        (["run"], "Missing argument"),
        (["run", "typical-district", "--repicates", "3"], "No such option"),
    ],
)
def test_a_mistake_is_told_on_standard_error_with_status_2(words, told, partnersim):
    status, out, err = partnersim(*words)
    assert (status, out) == (2, "")
    assert told in err


def test_a_failed_run_has_status_1(partnersim, monkeypatch):
    from partnersim.engine.world import World

    def fail(self, month, params=None):
        raise ps.RunError("stance stopped in month 3", where="seed 1, replicate 0")

    monkeypatch.setattr(World, "advance", fail)
    status, _, err = partnersim("run", "typical-district", *QUICK)
    assert status == 1
    assert "stance stopped in month 3" in err


def test_the_first_run_says_that_it_compiles_and_late_events_are_pointed_out(partnersim, monkeypatch):
    from partnersim.engine.compose import Plan

    monkeypatch.setattr(Plan, "is_cached", False)
    assert "the model is compiled, once" in partnersim("run", "abc-unified", *QUICK)[2]
    assert "after the end of the runs: 1" in partnersim("run", "abc-unified", *QUICK)[2]


def test_explain_tells_a_run(partnersim):
    status, out, _ = partnersim("explain", "abc-unified", "--replicate", "2", "--years", "8", "--set", "district.sites=5")
    assert status == 0
    assert "FOUNDING, year 1 month 1" in out
    assert "What moved trust" in out
    assert "Month by month" not in out
    status, out, _ = partnersim("explain", "abc-unified", "--years", "2", "--months", "5:7")
    assert (status, out.count("(month ")) == (0, 3)
    assert "Over months 5 to 7, by mechanism" in out
    assert json.loads(partnersim("explain", "abc-unified", "--years", "2", "--json")[1])["replicate"] == 7


def test_params_and_plan_come_from_the_code(partnersim):
    listed = json.loads(partnersim("params", "--json")[1])
    assert {"mechanism", "name", "default", "bounds", "unit", "role", "status", "source", "meaning"} <= set(listed[0])
    assert len(listed) > 100
    out = partnersim("params", "--mechanism", "trust")[1]
    assert "source" in out
    assert "networks." not in out
    assert "networks." in partnersim("params")[1]
    steps = json.loads(partnersim("plan", "--json")[1])
    assert any(row["step"] == "stance.lead" for row in steps)
    assert "Every month" in partnersim("plan")[1]


def test_doctor_finds_this_installation_healthy(partnersim, monkeypatch):
    from partnersim import doctor

    monkeypatch.setattr(doctor, "TIMED_RUNS", 4)
    status, out, _ = partnersim("doctor", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["healthy"]
    assert found["runs_per_second"] > 0
    monkeypatch.setattr(doctor, "KNOWN_ANSWER", (0, 0, 0, 0))
    status, out, _ = partnersim("doctor")
    assert status == 1
    assert "FAIL  known-answer draw" in out


def test_a_bar_appears_for_somebody_who_waits(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(feedback, "SLOW", -1.0)
    with feedback.progress(3) as advance:
        assert advance is not None
        for done in (1, 2, 3):
            advance(done)
    assert capsys.readouterr().out == ""
