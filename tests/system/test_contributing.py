"""What contributors read keeps its word: glossary, changelog, citation, the ladder of tests, issue forms and workflows."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import typer
import yaml

import partnersim as ps
from partnersim.cli import app
from partnersim.model import outcomes, timeline
from partnersim.scenarios.declared import plan
from partnersim.scenarios.scenario import declared_parameters
from partnersim.tables import evidence

ROOT = Path(__file__).parents[2]
PACKAGE = Path(ps.__file__).parent
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTRIBUTING, LADDER, GLOSSARY, CHANGELOG, README = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("CONTRIBUTING.md", "tests/README.md", "docs/glossary.md", "CHANGELOG.md", "README.md")
)
INSTALL_AND_TEST = 'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]" && .venv/bin/python -m pytest'
RUN_COLUMNS = ("regime", "cause_of_death", "practice_died")


@cache
def commands() -> set[tuple[str, ...]]:
    """Every command and group of the command line."""
    found, waiting = set(), [((), typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop()
        found.add(words)
        waiting += [((*words, name), inner) for name, inner in getattr(command, "commands", {}).items()]
    return found


def is_command(text: str) -> bool:
    """Whether `partnersim ...` begins with a command, and has a file or a name where that needs one."""
    words = text.split()
    return words[0] == "partnersim" and (len(words) == 1 or words[1].startswith("-") or tuple(words[1:2]) in commands())


# -- glossary -----------------------------------------------------------------------------------------------------

TERMS = [[cell.strip() for cell in line.strip("|").split("|")] for line in GLOSSARY.splitlines() if re.match(r"\| (?!term )[^-]", line)]


def known() -> set[str]:
    """Every name that a term may live under."""
    used = plan()
    return {*used.columns, *declared_parameters(used), *outcomes.NAMES, *timeline.EVENTS, *ps.scenario_names(), *RUN_COLUMNS}


def test_the_glossary_has_a_meaning_and_a_place_for_every_term():
    assert len(TERMS) > 50
    assert all(len(row) == 4 and row[0] and row[1] and "`" in row[2] for row in TERMS)
    terms = [row[0] for row in TERMS]
    assert len(set(terms)) == len(terms)


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row[0])
def test_what_the_glossary_names_exists(row):
    for name in re.findall(r"`([^`]+)`", row[2]):
        assert is_command(name) if name.startswith("partnersim ") else name in known() or (PACKAGE / name).is_file(), name
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*(PACKAGE / "model").glob("*.py"), PACKAGE / "model" / "evidence.csv"])
    for source in filter(None, (part.strip() for part in re.split(r"(?<=\d),", row[3]))):
        known_as = evidence() if re.fullmatch(r"[A-Z]\d+", source) else re.sub(r"\s+", " ", text)
        assert source in known_as, source
        if " & " in source:
            assert not re.search(rf"[A-Z][\w-]+, {re.escape(source)}", known_as), f"{source}: its first author is missing"


def test_every_mechanism_stands_in_the_glossary():
    named = set(re.findall(r"`model/(\w+)\.py`", GLOSSARY)) | {key.split(".")[0] for key in re.findall(r"`(\w+\.\w+)`", GLOSSARY)}
    assert set(plan().mechanisms) <= named | {"networks"}
    assert "ties, strong and weak" in GLOSSARY  # networks, by its outcomes


# -- versions -----------------------------------------------------------------------------------------------------


def test_the_citation_names_this_version_and_its_date():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"] == ps.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["title"]
    assert citation["message"]
    assert all(author.get("name") or author.get("family-names") for author in citation["authors"])
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", CHANGELOG, re.MULTILINE)
    assert newest.groups() == (ps.__version__, str(citation["date-released"]))


def test_every_entry_of_the_changelog_says_whether_results_change():
    entries = re.findall(r"^- ((?:.|\n(?!- |\n|#))+)", CHANGELOG, re.MULTILINE)
    assert len(entries) > 10
    for entry in entries:
        assert len(re.findall(r"\*\*Results:\*\*\s+(none|all|some|superseded)\b", entry)) == 1, entry
    for heading in re.findall(r"^## .*$", CHANGELOG, re.MULTILINE):
        assert re.fullmatch(r"## \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", heading)


# -- doors and ladder ---------------------------------------------------------------------------------------------


def test_contributing_has_its_doors_and_names_only_what_exists():
    doors = re.findall(r"^\| \[([^\]]+)\]\(#([a-z-]+)\) \|", CONTRIBUTING, re.MULTILINE)
    assert [name for name, _ in doors] == ["Use", "Teach", "Add a mechanism", "Change the core"]
    for name, anchor in doors:
        assert f"\n## {name}\n" in CONTRIBUTING
        assert anchor == name.lower().replace(" ", "-")
    for target in re.findall(r"\]\(([^)#]+)\)", CONTRIBUTING):
        assert (ROOT / target).exists(), target
    for text in re.findall(r"`(partnersim [^`]+)`", CONTRIBUTING) + re.findall(r"^ {4}(partnersim .+)$", CONTRIBUTING, re.MULTILINE):
        assert is_command(text), text
    for path in re.findall(r"`((?:src|docs|tests|experiments|notebooks|\.github|\.ci)/[\w./-]+)`", CONTRIBUTING):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"^\| `(.+)` \|", CONTRIBUTING, re.MULTILINE):
        for part in name.split("`, `"):
            assert (PACKAGE / part).exists(), part


def test_the_ladder_has_a_rung_for_every_folder_of_tests():
    rungs = set(re.findall(r"^\| `([\w.]+)` \|", LADDER, re.MULTILINE))
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders | {"test_house.py"} <= rungs
    for path in re.findall(r"pytest (?:--\S+ -q )?(tests/\w+)", LADDER):
        assert (ROOT / path).is_dir()


# -- forms and workflows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.stem)
def test_an_issue_form_can_be_filled_in(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
    for text in re.findall(r"partnersim [a-z][^`,\n]*", path.read_text(encoding="utf-8")):
        assert is_command(text), text


def test_a_bug_and_a_miss_are_told_with_the_command_that_shows_them():
    for name in ("bug", "miss"):
        fields = {field["id"]: field for field in yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text())["body"]}
        assert fields["command"]["validations"]["required"]
        words = fields["command"]["attributes"]["placeholder"].split()
        assert tuple(words[1:2]) in commands()


def steps(workflow: str, job: str) -> list[str]:
    """The commands that a job runs."""
    found = yaml.safe_load((GITHUB / "workflows" / f"{workflow}.yml").read_text(encoding="utf-8"))["jobs"][job]
    return [step["run"].strip() for step in found["steps"] if "run" in step]


@pytest.mark.parametrize("path", sorted((GITHUB / "workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_a_workflow_is_one(path):
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert found["name"]
    assert found[True]  # YAML reads the key `on` as yes
    assert found["permissions"] == {"contents": "read"}
    for job in found["jobs"].values():
        assert job["runs-on"]
        assert all(("run" in step) != ("uses" in step) for step in job["steps"])
    for words in re.findall(r"-m pytest((?: [\w./-]+)*)", path.read_text(encoding="utf-8")):
        assert all((ROOT / word).exists() for word in words.split() if word.startswith("tests/")), words


def test_workflows_run_what_the_readme_says():
    assert INSTALL_AND_TEST in README
    assert INSTALL_AND_TEST in CONTRIBUTING
    inside = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert inside.replace(" --clear", "").replace(" --quiet", "") == INSTALL_AND_TEST
    assert steps("pull-request", "test") == [".ci/run"]
    assert steps("nightly", "pythons") == [INSTALL_AND_TEST]
    *_, install, test = steps("nightly", "slow")
    assert f"{install} && {test}" == f"{INSTALL_AND_TEST} -m slow"
    assert ".ci/run" in steps("release", "build")
    simulate = re.search(r"\.venv/bin/(partnersim run .+)$", README, re.MULTILINE)[1]
    wheel = next(step for step in steps("release", "build") if "$wheel" in step)
    assert simulate in wheel
    assert 'cd "$(mktemp -d)"' in wheel


def test_the_release_stores_no_password():
    job = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]["publish"]
    assert job["permissions"] == {"id-token": "write"}
    assert "secrets." not in (GITHUB / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_every_python_that_is_promised_is_tried():
    nightly = yaml.safe_load((GITHUB / "workflows" / "nightly.yml").read_text(encoding="utf-8"))
    tried = nightly["jobs"]["pythons"]["strategy"]["matrix"]["python"]
    assert tried == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={tried[0]}"
