"""The compiled loop over months: written out call by call, filed under a hash of its sources, never served stale.

The loop is one generated module in the cache folder, named after the hash of everything its machine code depends on. It takes about as
long to compile as the model has lines, once for each version; writing it in parts that are compiled in processes side by side was tried
and took longer on two cores, because every part pays for its own start.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numba.core.errors import NumbaError, UnsupportedBytecodeError

from partnersim.engine.mechanism import Act, Order
from partnersim.engine.refusal import refusal
from partnersim.engine.sources import dependencies, source_bytes
from partnersim.engine.state import Array
from partnersim.errors import MechanismError

RUN_ARGUMENTS = "tables, params, held, offsets, books, agenda, key0, key1, first, last, series, events, ledger, will, marks, fault"
TAKEN = re.compile(r"(p|flat|P|step)_.*|account|pin|run|namedtuple|njit|Params|booking|_.*")
"""Names the written code needs for itself, besides its arguments and the fixed ones."""


class Loop:
    """The loop over months for one order of functions; `stocks` are the columns that the ledger follows."""

    def __init__(self, order: Order, stocks: Sequence[str]) -> None:
        self._acts = (*order.opening, *order.month, *order.observe)
        self._mechanisms, self._columns, self._stocks = order.mechanisms, order.columns, tuple(stocks)
        shared = {name for act in (*order.opening, *order.month) for name in act.changes.adds + act.changes.resets}
        self._flat = [name for name in order.columns if name in stocks or name in shared]
        self._books: dict[tuple[int, int, int], int] = {}
        self._ready = False
        self._text = self._written(order)

    # -- writing --------------------------------------------------------------------------------------------------

    def _written(self, order: Order) -> str:
        kinds = [f"P_{name} = namedtuple('P_{name}', {['on', *(p.name for p in m.parameters)]!r})" for name, m in self._mechanisms.items()]
        every = ", ".join(f"P_{name}" for name in self._mechanisms)
        looks = [f"                {self._account(name, stock, -1)}" for stock, name in enumerate(self._stocks)]
        lines = [
            '"""Written by partnersim from its plan of the month; safe to delete."""',
            "from collections import namedtuple",
            "from numba import njit",
            "from partnersim.engine.record import account, pin",
            *(f"from {act.plain.__module__} import {act.plain.__name__} as {_step(act)}" for act in self._acts),
            *kinds,
            f"Params = ({every},)",
            "@njit(cache=True, nogil=True, error_model='numpy', no_cfunc_wrapper=True)",
            f"def run({RUN_ARGUMENTS}):",
            "    booking = ledger.shape[0] > 0",
            # unpacked once: every mention of a whole tuple costs compile time
            *(f"    {', '.join(names)}, = tables[{n}]" for n, names in enumerate(self.tables)),
            f"    {', '.join('p_' + name for name in self._mechanisms)}, = params",
            "    for month in range(first, last):",
            "        if month == 0:",
            *(line for act in order.opening for line in self._call(act, booked=False)),
            "            if booking:",
            *(looks or ["                pass"]),
            "        else:",
            *(line for act in order.month for line in self._call(act, booked=True)),
            *(f"        {_step(act)}({_arguments(act)})" for act in order.observe),
            "    return -1",
        ]
        return "\n".join([*lines, ""])

    def _call(self, act: Act, *, booked: bool) -> list[str]:
        pad = " " * 12
        index = list(self._mechanisms).index(act.mechanism)
        lines = [f"if p_{act.mechanism}.on != 0.0:", f"    {_step(act)}({_arguments(act)})"]
        if "fault" in act.arguments:
            lines += ["    if fault[0] != 0:", "        fault[2] = month", f"        return {index}"]
        for name in act.changes.adds + act.changes.resets:
            lines += [
                f"    if p_{self._columns[name].owner}.on == 0.0:",
                f"        pin(flat_{name}, held, offsets[{list(self._columns).index(name)}])",
            ]
        followed = [stock for stock, name in enumerate(self._stocks) if booked and name in act.changes.all]
        if followed:
            lines += ["    if booking:", *(f"        {self._account(self._stocks[stock], stock, index)}" for stock in followed)]
        return [pad + line for line in lines]

    def _account(self, name: str, stock: int, line: int) -> str:
        column = self._columns[name]
        book = self._books.setdefault((int(column.ledger == "log-odds"), stock, line), len(self._books))
        return f"account(flat_{name}, {column.entity}_group, books[{book}], month, marks, ledger)"

    # -- what the runner takes ------------------------------------------------------------------------------------

    @cached_property
    def tables(self) -> list[list[str]]:
        """Columns by type (dtype and rank); `flat_<name>` is a column seen as one vector, for the ledger and for pinning.

        Tuples of one type compile faster than one tuple of all columns.
        """
        groups: dict[tuple[bool, bool], list[str]] = {}
        for name, column in self._columns.items():
            groups.setdefault((column.integer, column.width != 0), []).append(name)
            if name in self._flat:
                groups.setdefault((column.integer, False), []).append(f"flat_{name}")
        return list(groups.values())

    def bind(self, columns: Mapping[str, Array]) -> tuple[tuple[Array, ...], ...]:
        """Return a world's columns as the runner takes them."""
        views = {f"flat_{name}": array.reshape(-1) for name, array in columns.items()}
        return tuple(tuple({**columns, **views}[name] for name in names) for names in self.tables)

    @cached_property
    def books(self) -> Array:
        """Scale, stock and mechanism of each place where the ledger looks."""
        return np.array(list(self._books), np.int64).reshape(-1, 3)

    @property
    def Params(self) -> tuple[Any, ...]:
        """The kinds of parameter tuples, one a mechanism."""
        kinds: tuple[Any, ...] = self.module.Params
        return kinds

    # -- machine code ---------------------------------------------------------------------------------------------

    @cached_property
    def digest(self) -> str:
        """Hash of everything the machine code depends on."""
        parts = [self._text.encode()]
        parts += [f"{name} {version(name)}".encode() for name in ("numba", "llvmlite", "numpy")]
        parts += [platform.python_version().encode(), platform.machine().encode()]
        files, constants = dependencies([act.plain for act in self._acts])
        files |= {sys.modules[f"partnersim.engine.{name}"] for name in ("build", "mechanism", "record", "numeric", "random")}
        parts += [source_bytes(module) for module in sorted(files, key=lambda m: m.__name__)]
        return sha256(b"\0".join([*parts, *constants])).hexdigest()

    @property
    def name(self) -> str:
        """Name of the generated module."""
        return f"runner_{self.digest[:20]}"

    @property
    def is_cached(self) -> bool:
        """Whether the machine code lies in the cache folder."""
        return any(cache_folder().glob(f"__pycache__/{self.name}.*.nbc"))

    def run(self, *arguments: Any) -> int:
        """Simulate months `first` .. `last - 1`; return -1, or the number of the mechanism that stopped. Compiles if need be."""
        if self._ready:
            return int(self.module.run(*arguments))
        with collection_paused():
            try:
                stopped = int(self.module.run(*arguments))
            except (NumbaError, UnsupportedBytecodeError) as problem:
                raise refusal(problem, self._acts) from problem
        self._ready = True
        return stopped

    @cached_property
    def module(self) -> ModuleType:
        """The generated module, loaded from the cache folder, written there if it is new."""
        path = cache_folder() / f"{self.name}.py"
        if not path.exists():
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            with os.fdopen(handle, "w") as file:
                file.write(self._text)
            os.replace(temporary, path)  # two processes may race: same content, the last one wins
        spec = importlib.util.spec_from_file_location(self.name, path)
        if spec is None or spec.loader is None:
            raise MechanismError(f"the runner {path} cannot be loaded", fix="delete the cache folder")
        module = sys.modules[self.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def cache_folder() -> Path:
    """Return a writable folder for machine code: $PARTNERSIM_CACHE, else the user's cache folder, else one of this process."""
    global _temporary
    chosen = os.environ.get("PARTNERSIM_CACHE")
    if not chosen:
        base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
        chosen = str(Path(base) / "partnersim" if base else Path.home() / ".cache" / "partnersim")
    folder = Path(chosen)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        if _temporary is None:
            _temporary = tempfile.TemporaryDirectory(prefix="partnersim-")
        return Path(_temporary.name)


_temporary: tempfile.TemporaryDirectory[str] | None = None


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause garbage collection: compiling makes millions of small objects, and looking at them takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _step(act: Act) -> str:
    return "step_" + act.name.replace(".", "_")


def _arguments(act: Act) -> str:
    return ", ".join(f"p_{act.mechanism}" if a == "p" else a for a in act.arguments)
