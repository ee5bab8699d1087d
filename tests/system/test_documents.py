"""The documents are complete, are what the commands write, and name only what exists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import partnersim as ps
from partnersim import cli
from partnersim.engine.record import WORDS
from partnersim.model import outcomes, timeline
from partnersim.model.patterns import PATTERNS
from partnersim.report import card, odd
from partnersim.report.markdown import PLACE, escape, from_docstring, table, written
from partnersim.report.mechanisms import descriptions
from partnersim.report.patterns import misses, patterns
from partnersim.scenarios.declared import plan
from partnersim.scenarios.files import scenario_names
from partnersim.tables import evidence

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMITTED = {
    "odd.md": ("odd",),
    "odd-summary.md": ("odd", "--summary"),
    "model-card.md": ("card",),
}
ELEMENTS = (
    "Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling", "Design concepts",
    "Initialization", "Input data", "Submodels",
)  # fmt: skip
CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction", "Stochasticity",
    "Collectives", "Observation",
)  # fmt: skip
TRACE = (
    "Problem formulation", "Model description", "Data evaluation", "Conceptual model evaluation", "Implementation verification",
    "Model output verification", "Model analysis", "Model output corroboration",
)  # fmt: skip


@pytest.fixture(scope="module")
def text() -> str:
    return odd.odd()


def cut(text: str, mark: str) -> dict[str, str]:
    """The sections under headings of one depth, by heading."""
    _, *parts = re.split(rf"^{mark} (.+)\n", text, flags=re.MULTILINE)
    return {re.sub(r"^[\d.]+ ", "", heading): body for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def first_cells(text: str) -> set[str]:
    """What stands in backquotes at the start of table rows."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


# -- ODD ----------------------------------------------------------------------------------------------------------


def test_the_odd_has_its_seven_elements_in_order(text):
    assert [heading for heading in cut(text, "##") if heading in ELEMENTS] == list(ELEMENTS)


def test_the_odd_explains_all_eleven_design_concepts(text):
    concepts = cut(cut(text, "##")["Design concepts"], "###")
    assert list(concepts) == list(CONCEPTS)
    for name, said in concepts.items():
        assert len(said.split()) >= 60, name


def test_every_column_stands_in_the_odd_once_with_its_owner(text):
    rows = re.findall(r"^\| `(\w+)` \|.* \| (\w+) \|$", cut(text, "##")["Entities, state variables and scales"], re.MULTILINE)
    assert len(rows) == len(plan().columns)
    assert dict(rows) == {name: column.owner for name, column in plan().columns.items()}


def test_every_step_stands_in_the_odd_in_the_order_of_the_month(text):
    said = re.findall(r"^\| `(\w+\.\w+)`", cut(text, "##")["Process overview and scheduling"], re.MULTILINE)
    assert said == [act.name for act in plan().month]
    opening = {act.name for act in plan().opening}
    assert opening <= first_cells(cut(text, "##")["Initialization"])


def test_every_mechanism_and_parameter_stands_in_the_odd_with_its_equations(text):
    submodels = cut(cut(text, "##")["Submodels"], "###")
    assert len(submodels) == len(plan().mechanisms)
    for body, one in zip(submodels.values(), descriptions().values(), strict=True):
        mechanism = plan().mechanisms[one.name]
        assert body.lstrip().startswith(f"`{one.name}`: {escape(mechanism.claim)}")
        assert first_cells(body) == {p.name for p in mechanism.parameters}
        for heading in ("Claim", "Equations", "Limits", "Sources"):
            assert f"**{heading}.**" in body or not one.number, (one.name, heading)
        assert "```text" in body or not one.number, one.name


def test_every_outcome_event_stream_pattern_and_scenario_stands_in_the_odd(text):
    elements = cut(text, "##")
    concepts = cut(elements["Design concepts"], "###")
    assert first_cells(concepts["Observation"]) == set(outcomes.NAMES)
    assert first_cells(elements["Input data"]) == {*timeline.EVENTS, "set"}
    assert first_cells(concepts["Stochasticity"]) == {stream for row in plan().describe() for stream in row["draws"]}
    for pattern in patterns():
        assert f"| {pattern.label} | {escape(pattern.says)} |" in elements["Purpose and patterns"]
    for name in scenario_names():
        assert f"**`{name}`:" in elements["Initialization"]


def test_a_label_named_in_a_text_exists():
    assert {p.label for p in patterns() if p.label[0] == "P"} | {s for p in PATTERNS for s in p.sources} <= set(evidence())
    for text in (*map(written, ("odd", "summary", "card")), *misses()):
        assert set(re.findall(r"\b[EFISNP]\d+\b", text)) <= set(evidence())


def test_every_place_of_a_text_is_filled_and_every_part_has_a_place():
    texts = {name: set(PLACE.findall(written(name))) for name in ("odd", "summary", "card")}
    assert set(odd.PARTS) | set(card.PARTS) <= set.union(*texts.values())
    for document in (odd.odd(), odd.summary(), card.card()):
        assert "{{" not in document


def test_the_summary_is_one_to_two_pages_and_names_every_mechanism_and_concept():
    said = odd.summary()
    assert 500 <= len(said.split()) <= 1100
    lower = said.lower()
    for one in descriptions().values():
        assert one.title.lower().removeprefix("external ") in lower or not one.number
    for concept in CONCEPTS:
        assert concept.lower() in lower
    for element in ELEMENTS:
        assert element.lower() in lower


# -- the card -----------------------------------------------------------------------------------------------------


def test_the_card_counts_every_parameter_and_says_what_it_is_not_for():
    said = card.card()
    total = sum(len(m.parameters) for m in plan().mechanisms.values())
    assert re.search(rf"^\| all \|.*\| {total} \| 100% \|$", said, re.MULTILINE)
    for words in ("No forecast for a named district", "No evidence that partnership raises scores", "No ranking or assessment of people"):
        assert words in said
    for miss in misses():
        assert escape(miss) in said


def test_every_limit_stands_in_the_card_under_a_heading_of_its_own():
    said = card.card()
    for one in descriptions().values():
        assert ("Limits" in one.sections) == (one.number > 0)
        if one.number:
            assert f"- *{one.title}.* {from_docstring(one.sections['Limits'])}" in said
    assert card.ELSE not in said, "put the new mechanism under a heading in FIELDS"


# -- files and commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_document_is_what_the_command_writes(name, partnersim, tmp_path):
    words = COMMITTED[name]
    status, out, _ = partnersim(*words, "--out", str(tmp_path / name))
    assert (status, out) == (0, "")
    same = (tmp_path / name).read_bytes() == (DOCS / name).read_bytes()
    assert same, f"docs/{name} is out of date: run `partnersim {' '.join(words)} --out docs/{name}`"


def test_the_readme_links_the_documents():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in (*COMMITTED, "trace.md"):
        assert f"(docs/{name})" in readme


def test_links_between_documents_lead_somewhere():
    for path in DOCS.glob("*.md"):
        prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"[^\\]\]\(([^)]+)\)", prose):
            name, _, anchor = target.partition("#")
            there = (path.parent / name).resolve() if name else path
            assert there.is_file(), (path.name, target)
            if anchor:
                headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


def test_odd_and_card_are_data_too(partnersim):
    described = json.loads(partnersim("odd", "--json")[1])
    assert [one["heading"].partition(". ")[2] for one in described["elements"][:7]] == list(ELEMENTS)
    assert {one["name"] for one in described["columns"]} == set(plan().columns)
    assert json.loads(partnersim("odd", "--summary", "--json")[1])["markdown"] == odd.summary()
    counted = json.loads(partnersim("card", "--json")[1])
    assert sum(sum(by.values()) for by in counted["parameters"].values()) == len(described["parameters"])
    assert counted["misses"] == misses()


def test_a_file_that_cannot_be_written_is_a_mistake(partnersim, tmp_path):
    status, out, err = partnersim("card", "--out", str(tmp_path / "nowhere" / "card.md"))
    assert (status, out) == (2, "")
    assert "cannot be written" in err


def test_the_odd_is_written_quickly_and_without_compiling(tmp_path):
    """No machine code may come into being: the cache folder stays empty. Three seconds are the budget; here it takes one."""
    code = (
        "import sys, time, os\nbegan = time.perf_counter()\nsys.argv = ['partnersim', 'odd']\nfrom partnersim.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(time.perf_counter() - began, os.path.isdir({str(tmp_path / 'cache')!r}), file=sys.stderr)"
    )
    environment = {**os.environ, "PARTNERSIM_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment)
    seconds, compiled = done.stderr.split()
    assert compiled == "False"
    assert float(seconds) < 3


# -- TRACE --------------------------------------------------------------------------------------------------------

NAMED = re.compile(r"`([^`]+)`( \(to come\))?")


def exists(name: str) -> bool:
    """Whether a command, a file of the repository or a test exists."""
    if name.startswith("partnersim "):
        return _understood(name.split()[1:])
    path, _, test = name.partition("::")
    file = ROOT / path
    return file.exists() and (not test or f"\ndef {test}(" in file.read_text(encoding="utf-8"))


def _understood(words: list[str]) -> bool:
    """Whether the command line has the command and its options."""
    found = typer.main.get_command(cli.app)
    while hasattr(found, "commands") and words and words[0] in found.commands:
        found, words = found.commands[words[0]], words[1:]
    options = {option for parameter in found.params for option in parameter.opts}
    takes = sum(parameter.param_type_name == "argument" for parameter in found.params)
    plain = [word for n, word in enumerate(words) if not word.startswith("--") and not (n and words[n - 1].startswith("--"))]
    return len(plain) <= takes and {word for word in words if word.startswith("--")} <= options


def test_the_trace_index_has_its_eight_elements():
    assert list(cut((DOCS / "trace.md").read_text(encoding="utf-8"), "##")) == list(TRACE)


@pytest.mark.parametrize("element", TRACE)
def test_everything_the_trace_index_names_exists_and_what_is_to_come_does_not(element):
    said = cut((DOCS / "trace.md").read_text(encoding="utf-8"), "##")[element]
    rows = [row for row in said.splitlines() if row.startswith("| ")][2:]
    assert len(rows) >= 3
    for row in rows:
        what, shown, held = row.strip("| ").split(" | ")
        assert what
        for name, to_come in NAMED.findall(shown.replace("tag `prototype-equations`", "")):
            assert exists(name) != bool(to_come), name
        tests = NAMED.findall(held)
        assert tests or held in ("nothing yet", "the test in that tag"), row
        for name, _ in tests:
            assert name.startswith("tests/"), name
            assert exists(name), name


@pytest.mark.parametrize(
    "name", ["partnersim nonsense", "partnersim run --nonsense", "tests/nothing.py", "tests/test_house.py::test_nothing"]
)
def test_the_check_of_names_would_find_a_wrong_one(name):
    assert not exists(name)


# -- Markdown -----------------------------------------------------------------------------------------------------


def test_prose_keeps_its_signs_and_equations_their_lines():
    said = """
        With l = a*b | c and `x*y`::

            a  = b_c

            d += e*f

        Then more,
        and [peace] < x ~ N.
    """
    assert from_docstring(said).split("\n\n") == [
        "With l = a\\*b | c and `x*y`:",
        "```text\na  = b_c",
        "d += e*f\n```",
        "Then more, and \\[peace\\] \\< x \\~ N.",
    ]


def test_a_bar_ends_no_cell():
    assert table(("a", "b"), [("x | y", 1)]).splitlines()[-1] == "| x \\| y | 1 |"


def test_the_page_of_tables_has_every_column_and_every_kind_of_event():
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    runs, events, kinds = ([row.split("|")[1] for row in part.splitlines()[2:]] for part in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE))
    result = ps.run("typical-district", replicates=67, years=20, seed=1)
    named = [name for cell in runs for name in re.findall(r"`([^`]+)`", cell)]
    assert [*named, *outcomes.NAMES] == list(result.runs.columns)
    assert [name for cell in events for name in re.findall(r"`([^`]+)`", cell)] == list(result.events.columns)
    told = {name for cell in kinds for name in re.findall(r"`([^`]+)`", cell)}
    assert set(result.events["kind"]) <= told
    assert told <= set(WORDS.values())
    causes = {cause for row in re.findall(r"^\| `.*\|([^|]*)\|$", text, re.MULTILINE) for cause in row.strip().split(", ") if row.strip()}
    assert set(result.events["cause"]) - {""} <= causes
