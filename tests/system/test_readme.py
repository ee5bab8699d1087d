"""The README keeps its word: its commands run, its files appear, its names exist."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import typer

import partnersim as ps
from partnersim import cli
from partnersim.model import band, timeline
from partnersim.model.patterns import BY_ID, CALIBRATION, CHECKING, PATTERNS
from partnersim.report.patterns import validation as recorded
from partnersim.scenarios.declared import plan
from partnersim.scenarios.factors import FACTORS
from partnersim.scenarios.files import load_scenario, scenario_names

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TOKEN = re.compile(r"`([^`\n]+)`")


def commands():
    return [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]


def doors():
    """Commands of each door, in order."""
    parts = re.split(r"^### ", README.partition("## Three doors")[2].partition("### And the next")[0], flags=re.MULTILINE)[1:]
    return {part.split(":")[0]: re.findall(r"^    (\.venv/bin/.+)$", part, re.MULTILINE) for part in parts}


def partnersim_commands():
    """Every command of partnersim in the text, as words after the program's name."""
    lines = re.findall(r"^    \S*(?:python3 .+&& \S*|/)(partnersim .+)$", README, re.MULTILINE)
    told = [text for text in TOKEN.findall(README.replace("\n", " ")) if text.startswith("partnersim ")]
    return [text.split()[1:] for text in (*lines, *told)]


def test_every_command_it_names_exists_with_its_options_and_files():
    group = typer.main.get_command(cli.app)
    found = partnersim_commands()
    assert len(found) > 20
    for words in found:
        command = group
        rest = list(words)
        while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
            assert rest[0] in command.commands, words
            command = command.commands[rest.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        for word in rest:
            assert not word.startswith("--") or word in known, words
            assert not word.endswith(".toml") or (ROOT / word).is_file(), words
            if re.fullmatch(r"[a-z]+(-[a-z]+)+", word):
                assert word in scenario_names(), words


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).exists(), link


WORDS = {"Six": 6, "sixteen": 16, "Eighteen": 18, "twenty-three": 23, "thirty": 30, "Nine": 9, "five": 5}


def told(pattern):
    """The number that stands for the group of a pattern, as figures or in words."""
    value = re.search(pattern, " ".join(README.split()))[1]
    return WORDS[value] if value in WORDS else float(value.replace(",", ""))


def test_its_counts_are_those_of_the_code():
    abc, members = load_scenario("abc-unified"), band.read()
    lessons = list((ROOT / "src/partnersim/app/lessons").glob("*.toml"))
    p = [pattern for pattern in PATTERNS if pattern.id.startswith("P")]
    assert told(r"(\w+) mechanisms from seven") == len(plan().mechanisms.keys() - {"timeline"})
    assert told(r"\((\d+) schools, about") == abc.sites
    assert told(r"about (\d+) teachers") == pytest.approx(abc.sites * abc.members_per_site, rel=0.02)
    assert told(r"(\w+) lessons of") == len(lessons)
    assert told(r"holds (\w+) questions") == len([f for f in (ROOT / "experiments").glob("*.toml") if "[[finding]]" in f.read_text()])
    assert told(r"each of (\w+) sustaining factors") == len(FACTORS)
    assert told(r"the ([\w-]+) events with") == len(timeline.EVENTS) + 1  # and `set`
    assert told(r"fit (\w+) assumed constants") == len(members.names)
    assert told(r"(\w+) of them, and the rule") == sum(pattern.use == CALIBRATION for pattern in p)
    assert told(r"(\w+) were kept for checking") == sum(pattern.use == CHECKING for pattern in p)


def test_it_says_which_patterns_are_met_and_by_how_much_others_are_missed():
    rows = {row["id"]: row for row in recorded()["patterns"]}
    p = [row for name, row in rows.items() if name.startswith("P")]
    assert f"**{sum(row['status'] == 'pass' for row in p)} of {len(p)} are met**" in README
    assert all(row["status"] == "pass" for row in p if row["use"] == CHECKING)
    missed = README.partition("Missed are")[2].partition("[Where the answers")[0]
    for name, row in rows.items():
        if row["status"] == "miss":
            assert f"- {name}:" in missed or (name == "bargaining" and "bargaining over interests" in missed), name
    assert set(re.findall(r"^- (P\d+):", missed, re.MULTILINE)) == {row["id"] for row in p if row["status"] == "miss"}
    targets = {target["statistic"]: target for row in rows.values() for target in row["targets"]}
    for statistic, said in {
        "breaks, honoured": r"in (\S+) of districts \((\S+) to (\S+); it should be (\S+) or less\), so",
        "breaks after a quarrel, high trust": r"at high trust in (\S+) \((\S+) to (\S+); (\S+) or less\)",
        "years to the vote, median": r"after (\S+) years \((\S+) to (\S+); it should be (\S+) to",
    }.items():
        found = [float(number) for number in re.search(said, " ".join(missed.split())).groups()]
        digits = 1 if "years" in statistic else 2
        target = targets[statistic]
        ends = [end for p in BY_ID.values() for t in p.targets if t.statistic == statistic for end in (t.low, t.high) if abs(end) < 1e9]
        assert found[:3] == [round(target[key], digits) for key in ("measured", "low", "high")], statistic
        assert found[3] in ends, statistic


def test_the_python_example_runs():
    code = re.search(r"In Python,\n\n((?:      .*\n|\n)+)", README)[1]
    lines = "\n".join(line[6:] for line in code.splitlines()).replace("replicates=200", "replicates=3")
    scope = {}
    exec(lines, scope)  # the README's own text
    assert scope["result"].runs.shape[0] == 3


def test_the_files_it_lists_are_the_files_that_appear(tmp_path):
    listed = set(re.findall(r"`([a-z]+\.(?:parquet|png|csv|toml|json))`", README))
    ps.run("typical-district", replicates=2, years=3).save(tmp_path / "out")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert listed <= written, listed - written


def test_the_regimes_it_explains_are_the_models():
    from partnersim.model.outcomes import REGIMES

    assert tuple(re.findall(r"^\| (vital|mixed|paper|informal|collapsed) \|", README, re.MULTILINE)) == REGIMES


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """A machine with Python and pip, and a copy of the repository."""
    home = tmp_path_factory.mktemp("newcomer")
    copy = home / "partnersim"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.egg-info", ".*_cache", "out"))
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PARTNERSIM_CACHE": str(home / "cache")}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "LANG"))}

    def does(command):
        done = subprocess.run(command, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout + done.stderr

    does.folder, does.environment = copy, environment
    return does


@pytest.mark.slow
def test_the_first_command_installs_and_simulates_a_district(newcomer):
    assert "Still alive after" in newcomer(commands()[0].replace("python3", sys.executable, 1))
    assert json.loads((newcomer.folder / "abc" / "provenance.json").read_text())["run"]["replicates"] == 200
    assert "already" in newcomer(".venv/bin/partnersim run abc-unified --replicates 200 --out abc")


@pytest.mark.slow
def test_each_door_leads_to_what_it_promises_in_a_quarter_of_an_hour(newcomer):
    """After the first command: what is installed for a door, its commands, and what they write."""
    if not (newcomer.folder / ".venv").exists():
        newcomer(commands()[0].replace("python3", sys.executable, 1))
    assert set(doors()) == {"The researcher", "The instructor", "The analyst"}
    for door, lines in doors().items():
        began = time.monotonic()
        assert lines, door
        for line in lines:
            if line.endswith("partnersim app"):
                page_opens(line, newcomer)
            else:
                newcomer(line)
        assert time.monotonic() - began < 900, door
    for written in ("out/succession/report.html", "compared/survival.png", "attributed/report.html"):
        assert (newcomer.folder / written).is_file(), written


def page_opens(command, newcomer):
    with subprocess.Popen(f"exec {command} --no-browser --port 8731", shell=True, cwd=newcomer.folder, env=newcomer.environment) as served:
        try:
            for _ in range(120):
                try:
                    with urllib.request.urlopen("http://127.0.0.1:8731", timeout=5) as page:
                        assert "partnersim" in page.read().decode()
                        return
                except OSError:
                    time.sleep(1)
            pytest.fail("the page did not open within two minutes")
        finally:
            served.terminate()
