"""Every function of the real month does what it says and no more; `contract.py` plays them one at a time."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path

import numpy as np
import pytest
import toys

import partnersim.model
from partnersim.engine.random import STREAMS
from partnersim.model import band, columns, month, outcomes, patterns, reference, timeline

CONTRACT = Path(toys.__file__).with_name("contract.py")
# declared and never seen to change, with the reason
NEVER = {
    ("stance.lead", "pull_collaborate"): "an opening for users' mechanisms; without one it is 0 and is set to 0",
    ("stance.lead", "pull_contest"): "the same",
    ("stance.respond", "pull_collaborate"): "the same",
    ("stance.respond", "pull_contest"): "the same",
}


@pytest.fixture(scope="module")
def played():
    return toys.answer(toys.command(CONTRACT, NUMBA_DISABLE_JIT="1"))


@pytest.fixture(scope="module")
def acts(real):
    return [*real.opening, *real.month, *real.observe]


def test_no_function_changes_a_column_that_it_does_not_declare(played, acts):
    wrong = {act.name: set(played["changed"].get(act.name, ())) - set(act.changes.all) for act in acts}
    assert {name: columns for name, columns in wrong.items() if columns} == {}


def test_every_change_that_is_declared_happens_sooner_or_later(played, acts):
    never = {(act.name, c) for act in acts for c in act.changes.all} - {
        (name, c) for name, changed in played["changed"].items() for c in changed
    }
    assert never == set(NEVER)


def test_every_function_leaves_every_column_in_its_range(played):
    assert played["wrong"] == {}


def test_every_function_draws_from_the_streams_it_is_said_to_draw_from_and_only_its_own(played, real):
    for row in real.describe():
        assert played["drawn"].get(row["step"], []) == row["draws"], row["step"]
        assert all(name.startswith(row["step"].split(".")[0] + ".") for name in row["draws"])


def test_no_word_is_drawn_twice(played):
    assert played["twice"] == {}


def test_every_stream_of_the_model_is_drawn_from(played, acts):
    modules = [vars(inspect.getmodule(act.plain)) for act in acts]
    ids = {int(v) for module in modules for v in module.values() if isinstance(v, np.int64)}
    assert {STREAMS[n] for n in ids & STREAMS.keys()} == {name for drawn in played["drawn"].values() for name in drawn}


EXEMPT = {module.__name__.rpartition(".")[2] for module in (band, columns, month, outcomes, patterns, reference, timeline)}
MECHANISMS = sorted(path.stem for path in Path(partnersim.model.__file__).parent.glob("*.py") if path.stem not in {"__init__", *EXEMPT})
HEADINGS = ("Claim", "Equations", "Limits", "Sources")


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_docstring_of_a_mechanism_has_claim_equations_limits_and_sources(name):
    text = ast.get_docstring(ast.parse((Path(partnersim.model.__file__).parent / f"{name}.py").read_text()))
    lines = text.split("\n")
    found = [line for line in lines if line in HEADINGS]
    assert found == list(HEADINGS)
    for heading in HEADINGS:
        assert lines[lines.index(heading) + 1].startswith("    "), heading


def test_every_mechanism_of_the_plan_is_a_module_of_its_name(real):
    assert sorted(real.mechanisms) == sorted([*MECHANISMS, "timeline"])


def test_every_function_of_the_month_says_in_a_line_what_it_does(real):
    assert [row["step"] for row in real.describe() if len(row["does"]) < 20] == []


def test_every_function_uses_what_it_asks_for(acts):
    """Otherwise the printed order of a month would claim reads that are none."""
    for act in acts:
        tree = ast.parse(textwrap.dedent(inspect.getsource(act.function.py_func))).body[0]
        asked = {argument.arg for argument in tree.args.args}
        used = {node.id for node in ast.walk(ast.Module(tree.body, [])) if isinstance(node, ast.Name)}
        assert asked <= used, f"{act.name}: {asked - used}"
