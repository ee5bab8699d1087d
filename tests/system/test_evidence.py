"""Labels such as E15 or F18 can be looked up inside the product, and everything that can be looked up is used."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from partnersim.model.patterns import PATTERNS
from partnersim.scenarios.declared import plan
from partnersim.tables import evidence

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "partnersim"
STANDING = {"seen", "from memory", "assumption", "derived"}
ONE = re.compile(r"(?<![\w.])([EFISNP])(\d+)(?:-([EFISNP])?(\d+))?\b")


def labels(text: str) -> set[str]:
    """The labels in a text, with ranges such as E15-E17 written out."""
    found = set()
    for kind, first, kind_again, last in ONE.findall(text):
        ends_here = last and kind_again in ("", kind)
        found |= {f"{kind}{n}" for n in range(int(first), int(last if ends_here else first) + 1)}
    return found


def docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, places))


def used() -> dict[str, set[str]]:
    """The labels used, by place."""
    found = {f"{name}.{p.name}": labels(p.source) for name, m in plan().mechanisms.items() for p in m.parameters}
    found |= {str(path.relative_to(ROOT)): labels(docstrings(path)) for path in PACKAGE.rglob("*.py")}
    found |= {pattern.id: set(pattern.sources) for pattern in PATTERNS}
    texts = [*PACKAGE.rglob("*.toml"), *ROOT.glob("*.md")]
    found |= {str(path.relative_to(ROOT)): labels(path.read_text(encoding="utf-8")) for path in texts}
    return found | {label: labels(row["source"]) for label, row in evidence().items()}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("evidence E15-E17 (.19 a year)", {"E15", "E16", "E17"}),
        ("evidence F18, F19 (direction)", {"F18", "F19"}),
        ("I7-9, S9", {"I7", "I8", "I9", "S9"}),
        ("E1, E4: .155 a year; P14", {"E1", "E4", "P14"}),
        ("trust (M2), M11, T1, P(C) = T, E_U(C), S_s, K_p, J_0, 1E5, ERIC ED336863, N(0, .015), x_E1", set()),
    ],
)
def test_labels_are_told_from_symbols(text, meant):
    assert labels(text) == meant


def test_every_label_is_explained():
    unknown = {place: sorted(missing) for place, found in used().items() if (missing := found - set(evidence()))}
    assert not unknown


def test_nothing_points_out_of_the_product():
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml"), PACKAGE / "model" / "evidence.csv"]:
        assert not re.search(r"evidence\.md|evidence section|seeds? 0\d\d|shared/design", path.read_text(encoding="utf-8")), path.name


def test_every_row_is_used():
    everywhere = set().union(*used().values())
    assert [label for label in evidence() if label not in everywhere and label[0] != "P"] == []
    assert {f"P{n}" for n in range(1, 15)} <= set(evidence())


def test_no_row_is_incomplete():
    lines = (PACKAGE / "model" / "evidence.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "label,what,value,source,standing"
    assert len(lines) == len(evidence()) + 1, "a label stands twice"
    for label, row in evidence().items():
        assert re.fullmatch(r"[EFISNP]\d+", label)
        assert all(isinstance(cell, str) and cell.strip() for cell in row.values()), label
        assert set(row["standing"].split(", ")) <= STANDING, label


def test_what_was_assumed_is_said():
    for label, row in evidence().items():
        assumed = re.search(r"assum|no data", row["value"] + row["source"])
        assert ("assumption" in row["standing"]) == bool(assumed or label[0] == "P"), label
        if "from memory" in row["value"] + row["source"] or "general knowledge" in row["source"]:
            assert "from memory" in row["standing"], label


def test_the_table_is_printed_whole(partnersim):
    status, out, _ = partnersim("evidence")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 120
    for label in evidence():
        assert re.search(rf"^\s*{label}\s", out, re.MULTILINE), label
    assert "from memory = known, not looked up" in " ".join(out.split())
    assert json.loads(partnersim("evidence", "--json")[1]) == list(evidence().values())


def test_one_label_is_explained(partnersim):
    status, out, _ = partnersim("evidence", "f18")
    assert status == 0
    assert "Slovic 1993" in out
    assert "F19" not in out
    assert json.loads(partnersim("evidence", "F18", "--json")[1]) == evidence()["F18"]


@pytest.mark.parametrize(("label", "told"), [("E99", "did you mean E9"), ("E15-E17", "E15"), ("nonsense", "known: E1")])
def test_an_unknown_label_is_a_mistake(label, told, partnersim):
    status, out, err = partnersim("evidence", label)
    assert (status, out) == (2, "")
    assert f"there is no evidence label '{label}'" in err
    assert told in err


def test_the_command_is_found(partnersim):
    status, out, _ = partnersim("evidence", "--help")
    assert status == 0
    example = re.search(r"Example: partnersim (.+)", out)[1]
    assert partnersim(*example.split())[0] == 0
    for words in (["params"], ["params", "--mechanism", "trust"]):
        assert "`partnersim evidence`" in partnersim(*words)[1].splitlines()[-1]
    assert "partnersim evidence" in (ROOT / "README.md").read_text(encoding="utf-8")
