"""Machine code is made once, found again by every process, and never served after any of its sources changed."""

from __future__ import annotations

import sys

import pytest
import toys

RATE = ("numbers_of_helper", "0.25", "0.5")
KIND = "RATE = 0.25\nfrom enum import IntEnum\nclass Kind(IntEnum):\n    A = {}\n"
TABLE = "import numpy as np\nTABLE = np.zeros({})\n"
# way into machine code: what the helper imports, what it multiplies with, and the number elsewhere before and after
WAYS = {
    "imported": ("from numbers_of_helper import RATE", "RATE * x", "RATE = 0.25", "RATE = 0.5"),
    "as an attribute of a module": ("import numbers_of_helper as n", "n.RATE * x", "RATE = 0.25", "RATE = 0.5"),
    "through two modules": ("import between as b", "b.numbers_of_helper.RATE * x", "RATE = 0.25", "RATE = 0.5"),
    "passed on by a module": ("import between as b", "b.RATE * x", "RATE = 0.25", "RATE = 0.5"),
    "as an enumeration": ("from numbers_of_helper import Kind", "Kind.A * x", KIND.format(3), KIND.format(4)),
    "as a value of a table": (
        "from numbers_of_helper import TABLE",
        "TABLE[0, 0] * x",
        TABLE.format((2, 3)),
        TABLE.replace("zeros", "ones").format((2, 3)),
    ),
    "as the shape of a table": (
        "from numbers_of_helper import TABLE",
        "TABLE.shape[0] * x",
        TABLE.format((2, 3)),
        TABLE.format((3, 2)),
    ),
    "in what a factory closes over": ("from between import times", "times(x)", "RATE = 0.25", "RATE = 0.5"),
}
BETWEEN = """
import numbers_of_helper
from factory import multiplier
RATE = getattr(numbers_of_helper, "RATE", 0.0)
times = multiplier(RATE)
"""
FACTORY = """
from numba import njit

def multiplier(rate):
    @njit
    def times(x):
        return rate * x
    return times
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "mechanisms"
    path.mkdir()
    toys.write(path, toys.SOURCES)
    return path


def start(folder, cache, **more):
    return toys.command(toys.__file__, folder, PARTNERSIM_CACHE=str(cache), **more)


def test_a_second_process_starts_from_machine_code_wherever_it_is_started(folder, tmp_path):
    cache = tmp_path / "cache"
    first = toys.answer(start(folder, cache))
    files = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    second = toys.answer(start(folder, cache, cwd=elsewhere))
    assert (first["known"], first["hits"], first["misses"]) == (False, 0, 1)
    assert (second["known"], second["hits"], second["misses"]) == (True, 1, 0)
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()} == files
    assert second["digest"] == first["digest"]
    assert second["bits"] == first["bits"]


EDITS = {
    "a helper function in another file": ("helper", "RATE * x", "RATE * x * 0.5"),
    "a constant that the helper imports from a third file": ("numbers_of_helper", "0.25", "0.5"),
}


def test_an_edit_in_another_file_gives_other_machine_code_and_the_new_result(folder, tmp_path):
    cache = tmp_path / "cache"
    before = toys.answer(start(folder, cache))
    for what, edit in EDITS.items():
        toys.write(folder, toys.SOURCES, [edit])
        found = toys.answer(start(folder, cache))
        fresh = toys.answer(start(folder, tmp_path / "empty", NUMBA_DISABLE_JIT="1"))
        assert found["digest"] == fresh["digest"] != before["digest"], what
        assert found["hits"] == 0, what
        assert found["bits"] == fresh["bits"] != before["bits"], what
    toys.write(folder, toys.SOURCES)
    again = toys.answer(start(folder, cache))
    assert (again["digest"], again["bits"], again["hits"]) == (before["digest"], before["bits"], 1)


def test_two_processes_at_once_on_an_empty_cache_both_succeed(folder, tmp_path):
    cache = tmp_path / "cache"
    first, second = map(toys.answer, [start(folder, cache), start(folder, cache)])
    assert first["bits"] == second["bits"]
    assert first["digest"] == second["digest"]
    assert not list(cache.rglob("*.tmp*"))


def test_without_a_writable_cache_folder_the_run_is_the_same_and_nothing_is_left(folder, tmp_path):
    barrier = tmp_path / "a_file"
    barrier.write_text("no folder")
    first = toys.answer(start(folder, barrier / "cache"))
    assert first["misses"] == 1
    assert not toys.Path(first["runner"]).exists()
    assert first["bits"] == toys.answer(start(folder, tmp_path / "cache"))["bits"]


@pytest.fixture
def import_from(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "between.py").write_text(BETWEEN)
    (tmp_path / "factory.py").write_text(FACTORY)

    def make(number="RATE = 0.25", edits=()):
        for name in ("between", "factory", "helper", "numbers_of_helper"):
            sys.modules.pop(name, None)
        toys.write(tmp_path, {**toys.SOURCES, "numbers_of_helper": number}, edits)
        return toys.plan_of(tmp_path, tag="digest")

    return make


@pytest.mark.parametrize("way", WAYS)
def test_the_digest_follows_a_number_that_comes_into_machine_code(way, import_from):
    line, use, before, after = WAYS[way]
    edits = [("helper", "from numbers_of_helper import RATE", line), ("helper", "RATE * x", use)]
    first, second, again = (import_from(number, edits).digest for number in (before, after, before))
    assert first == again != second


def test_functions_loaded_before_an_edit_never_get_the_digest_of_the_edited_file(import_from):
    edit = [("rain", "water[i] += p.amount", "water[i] += 2.0 * p.amount")]
    untouched = import_from().digest
    plan = import_from()
    path = sys.modules["rain_digest"].__file__
    toys.write(toys.Path(path).parent, toys.SOURCES, edit)
    late = plan.digest
    edited = import_from(edits=edit).digest
    assert len({untouched, late, edited}) == 3
