"""The notebooks run from first to last cell, draw their figures, and are written as the index says."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
PAGES = ("mesa_page",)
"""Scripts for another program than a notebook editor; tests/system/test_mesa.py opens this one."""
NOTEBOOKS = [path for path in sorted(FOLDER.glob("*.py")) if path.stem not in PAGES]
NEEDS = {"which_factors_matter": ("SALib", "ema_workbench", "lifelines"), "dask_cluster": ("distributed",)}
"""Modules of extras; without them a notebook is skipped."""
CELL = re.compile(r"^# %%( \[markdown\])?$")

every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A folder to work in, small numbers, and no figure before or after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERSIM_SMALL", "1")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    plt.close("all")
    yield tmp_path
    plt.close("all")


def cells(path: Path) -> list[tuple[bool, list[str]]]:
    """The cells of a notebook: whether it is text, and its lines."""
    found: list[tuple[bool, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# %%"):
            marked = CELL.match(line)
            assert marked, f"{path.name}: {line} is no cell of the percent format"
            found.append((marked[1] is not None, []))
        elif found:
            found[-1][1].append(line)
        else:
            assert not line, f"{path.name} does not begin with a cell"
    return found


def play(path: Path) -> dict[str, object]:
    """Run all cells."""
    for module in NEEDS.get(path.stem, ()):
        pytest.importorskip(module)
    return runpy.run_path(str(path))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- they run ------------------------------------------------------------------------------------------------------


@every
@pytest.mark.filterwarnings("ignore::ResourceWarning:distributed")
def test_a_notebook_runs_and_draws(path, empty, capsys):
    play(path)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    wanted = re.findall(r"^ *(?:.*= )?(?:ps\.plot_\w+\(|.*plt\.subplots\(|.*\.plot\()", path.read_text(), re.MULTILINE)
    assert figures, "a notebook without a figure"
    assert wanted
    for figure in figures:
        figure.canvas.draw()  # what does not fit is a warning, and warnings are errors
        assert any(ax.lines or ax.patches or ax.collections for ax in figure.axes), "an empty figure"
    assert capsys.readouterr().out
    before = files(empty)
    assert {name.split("/")[0] for name in before} <= {"out", *(made.name for made in empty.glob("tmp*"))}
    if any(name.startswith("out/") for name in before):
        play(path)
        after = files(empty)
        assert {name for name in before if after.get(name) != before[name]} == set(), "something was overwritten or deleted"
        assert not [name for name in after.keys() - before.keys() if name.endswith(".parquet") and name.startswith("out/")], "made twice"


# -- how they are written ------------------------------------------------------------------------------------------


@every
def test_a_notebook_is_a_lesson_in_the_percent_format(path):
    found = cells(path)
    text, lines = found[0]
    assert text
    assert lines[0].startswith("# # "), "no title"
    assert any("?" in line for line in lines), "no question"
    for is_text, lines in found:
        if is_text:
            assert all(line.startswith("#") for line in lines if line), f"code in a cell of text: {lines[:3]}"
        else:
            ast.parse("\n".join(lines))
    words = "\n".join(line for is_text, lines in found if is_text for line in lines)
    assert re.search(r"## What it does not (say|do)", words), "no limits"
    assert "How to read it" in words, "nothing says how to read a figure"
    assert sum(not is_text for is_text, _ in found) >= 5, "too few cells"


@every
def test_the_text_states_no_result(path):
    """Numbers of results stand in what the cells print: the text has no decimal number, no percentage but 95 %."""
    for is_text, lines in cells(path):
        if is_text:
            for found in re.findall(r"\d+\.\d+|\d+ %", "\n".join(line for line in lines if not line.startswith("#     "))):
                assert found == "95 %", f"{path.name}: {found}"


def test_no_outputs_are_stored():
    assert {path.suffix for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts} == {".py", ".md"}


@every
def test_jupytext_reads_it_as_it_was_written(path):
    jupytext = pytest.importorskip("jupytext")
    book = jupytext.read(path)
    assert [cell.cell_type for cell in book.cells] == ["markdown" if is_text else "code" for is_text, _ in cells(path)]
    assert not any(cell.get("outputs") for cell in book.cells)
    assert jupytext.reads(jupytext.writes(book, "ipynb"), "ipynb").cells[0].source.startswith("# ")


def test_the_index_has_a_row_for_each():
    rows = re.findall(r"^\| \[(\w+\.py)\]\((\w+\.py)\) \| .+ \| .+ \| .+ \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert all(shown == link for shown, link in rows)
    assert sorted(link for _, link in rows) == sorted(path.name for path in FOLDER.glob("*.py"))
