"""Ordered functions -> checked plan -> one compiled loop over months, never served from stale machine code.

A function of a mechanism names the columns it uses as arguments, so it cannot touch what it did not name; what it changes
stands beside it (`@step`). The plan matches the names, checks owners, streams and parameters, and writes one runner module
in which every call is spelled out. That module is named after a hash of all sources it depends on, because numba keeps a
caller's machine code when a callee in another file changes (numba issue 1833).

Arguments with a fixed meaning: `p` (the mechanism's own parameters), `p_<mechanism>` (another's), `key0, key1` (seed and
replicate), `month`, `agenda` (dated rows that a scenario brings), and the recorders `series, events, will, fault`.
"""

from __future__ import annotations

import ast
import gc
import importlib.util
import inspect
import keyword
import os
import platform
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Literal, TypeGuard

import numpy as np
from numba import njit

from partnersim.engine.random import STREAMS
from partnersim.engine.state import LAYOUT, Array, Column, by_name
from partnersim.errors import MechanismError, nearest
from partnersim.parameters import Parameter

Function = Callable[..., Any]

OWN, KEYS, RECORDERS = "p", ("key0", "key1", "month", "agenda"), ("series", "events", "will", "fault")
FIXED = (OWN, *KEYS, *RECORDERS)
OBSERVER = "outcomes"
TAKEN = re.compile(r"(p|flat|P)_.*|step\d+|account|pin|run|namedtuple|njit|State|Flat|Params|booking|_.*")
"""Names the runner needs for itself, besides its arguments and the fixed ones."""
RUN_ARGUMENTS = "tables, params, held, offsets, books, agenda, key0, key1, first, last, series, events, ledger, will, marks, fault"


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """One idea of the model: its parameters, what stands in for it while it is left out, and any columns it brings.

    Parameters
    ----------
    name
        As in files, tables and `--without`.
    claim
        One sentence.
    parameters
        All numbers its functions read.
    off
        What leaving it out means: `held` (its columns stay at their reference values, so that no mean shifts), `absent`
        (the theoretical null: its columns stay at their declared `held` number) or `never` (cannot be left out).
    columns
        Columns of a user's own mechanism; those of the package stand in `model/columns.py`.
    after
        For a user's own mechanism: function name -> `mechanism.function` after which it acts each month.
    """

    name: str
    claim: str
    parameters: tuple[Parameter, ...] = ()
    off: Literal["held", "absent", "never"] = "held"
    columns: tuple[Column, ...] = ()
    after: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parameters = [p.name for p in self.parameters]
        for what, name in (("mechanism", self.name), *(("parameter", name) for name in parameters)):
            if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
                raise MechanismError(
                    f"{what} name {name!r} is not an identifier", where=f"mechanism {self.name}", fix="use letters, digits and _"
                )
        if len(set(parameters)) < len(parameters) or "on" in parameters:
            raise MechanismError(
                f"parameters of {self.name} need different names, and none may be called 'on'",
                where=f"mechanism {self.name}",
                fix="rename one",
            )


@dataclass(frozen=True)
class Changes:
    """What a function changes: columns its mechanism owns, columns it adds to, columns in which it resets a row."""

    writes: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every column changed."""
        return self.writes + self.adds + self.resets


def helper(function: Function) -> Function:
    """Compile a function that steps call; without the wrappers that only calls from Python need, which cost compile time."""
    compiled: Function = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)  # type: ignore[call-overload]
    return compiled


def step(*, writes: Sequence[str] = (), adds: Sequence[str] = (), resets: Sequence[str] = ()) -> Callable[[Function], Function]:
    """Mark and compile a function of the month; say beside it which columns it changes."""

    def decorate(function: Function) -> Function:
        compiled = helper(function)
        compiled.changes = Changes(tuple(writes), tuple(adds), tuple(resets))  # type: ignore[attr-defined]
        return compiled

    return decorate


@dataclass(frozen=True)
class Schedule:
    """What happens at month 0, in every month, and who looks on at the end of each."""

    opening: tuple[Function, ...]
    month: tuple[Function, ...]
    observe: tuple[Function, ...] = ()


@dataclass(frozen=True)
class Act:
    """One function in its place."""

    function: Function
    mechanism: str

    @property
    def plain(self) -> Function:
        """The uncompiled function."""
        return plain(self.function)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Its argument names."""
        return tuple(inspect.signature(self.plain).parameters)

    @property
    def name(self) -> str:
        """`mechanism.function`."""
        return f"{self.mechanism}.{self.plain.__name__}"

    @property
    def where(self) -> str:
        """File, line and function."""
        code = self.plain.__code__
        return f"{code.co_filename}, line {code.co_firstlineno}, function {self.plain.__name__}"

    @property
    def changes(self) -> Changes:
        """What it says it changes."""
        found: Changes = getattr(self.function, "changes", Changes())
        return found


def plain(function: Function) -> Function:
    """Return the Python function behind a compiled one."""
    found: Function = getattr(function, "py_func", function)
    return found


class Plan:
    """A checked order of functions over a set of columns, and the machine code made of it.

    Parameters
    ----------
    schedule
        The package's functions in order.
    columns
        The package's columns.
    extra
        Modules of user mechanisms; each places its own functions by `Mechanism.after`.

    Raises
    ------
    MechanismError
        For every declaration that does not fit, before anything runs.
    """

    def __init__(self, schedule: Schedule, columns: Iterable[Column], extra: Sequence[ModuleType] = ()) -> None:
        self.mechanisms: dict[str, Mechanism] = {}
        self._modules: dict[str, ModuleType] = {}
        self._books: dict[tuple[int, int, int], int] = {}
        self._ready = False
        self._placed: dict[str, str] = {}
        self.opening = [self._act(f) for f in schedule.opening]
        self.month = [self._act(f) for f in schedule.month]
        self.observe = [Act(f, OBSERVER) for f in schedule.observe]
        for module in extra:
            self._place(module)
        self.columns = by_name([*columns, *(c for m in self.mechanisms.values() for c in m.columns)])
        self.lines = tuple(self.mechanisms)
        self.stocks = tuple(name for name, column in self.columns.items() if column.ledger)
        self._check()

    # -- building -------------------------------------------------------------------------------------------------

    def _act(self, function: Function) -> Act:
        module = sys.modules[function.__module__]
        mechanism = getattr(module, "MECHANISM", None)
        if not isinstance(mechanism, Mechanism):
            raise MechanismError(
                f"{function.__module__} has no MECHANISM", where=str(module.__file__), fix="add MECHANISM = Mechanism(name=..., ...)"
            )
        known = self.mechanisms.setdefault(mechanism.name, mechanism)
        if known is not mechanism:
            raise MechanismError(f"two mechanisms are called {mechanism.name}", where=str(module.__file__), fix="rename one")
        self._modules[mechanism.name] = module
        return Act(function, mechanism.name)

    def _place(self, module: ModuleType) -> None:
        mechanism = getattr(module, "MECHANISM", None)
        where = str(module.__file__)
        if not isinstance(mechanism, Mechanism) or not mechanism.after:
            raise MechanismError(
                f"{module.__name__} places no function", where=where, fix="give MECHANISM after={'function': 'mechanism.function'}"
            )
        for name, anchor in mechanism.after.items():
            function: Any = getattr(module, name, None)
            if not hasattr(function, "changes"):
                raise MechanismError(f"{name} is no @step function of {module.__name__}", where=where, fix="decorate it with @step(...)")
            places = [n for n, act in enumerate(self.month) if anchor in (act.name, self._placed.get(act.name))]
            if not places:
                raise MechanismError(
                    f"{mechanism.name}.{name} should act after {anchor}, which is not in the month",
                    where=where,
                    allowed=nearest(anchor, (a.name for a in self.month)),
                )
            act = self._act(function)
            self.month.insert(places[-1] + 1, act)  # behind those placed there before: in the order given
            self._placed[act.name] = anchor

    # -- checking -------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        acts = [*self.opening, *self.month]
        names = [act.name for act in acts]
        for column in self.columns.values():
            self._check_column(column)
        for act in acts:
            if names.count(act.name) > 1:
                raise MechanismError(f"{act.name} stands in the schedule twice", where=act.where)
            self._check_function(act)
        for act in self.observe:
            self._check_marked(act)
            self._check_arguments(act)
            self._check_others(act.name, sys.modules[act.plain.__module__])
            drawn = set(act.arguments) & {"key0", "key1", OWN}
            changed = set(act.changes.all) | _assigned(act.plain) & set(self.columns)
            if drawn or changed - {n for n, c in self.columns.items() if c.owner == OBSERVER}:
                raise MechanismError(
                    f"observer {act.name} may neither draw nor change the world",
                    where=act.where,
                    fix="move what it does to a function of the month",
                )
        written = {name for act in [*acts, *self.observe] for name in act.changes.writes}
        for column in self.columns.values():
            if column.owner in (LAYOUT, OBSERVER):
                continue
            if column.owner not in self.mechanisms:
                raise MechanismError(
                    f"column {column.name} belongs to {column.owner}, which is not in the plan",
                    where="column declaration",
                    allowed=nearest(column.owner, self.mechanisms),
                )
            if column.name not in written:
                raise MechanismError(
                    f"no function of {column.owner} writes its column {column.name}",
                    where="column declaration",
                    fix="delete the column, or name it in writes= of the function that sets it",
                )
            if self.mechanisms[column.owner].off == "absent" and column.held is None:
                raise MechanismError(
                    f"column {column.name} has no value for when {column.owner} is absent", where="column declaration", fix="give it held="
                )
        self._check_resets(acts)
        for name in self.mechanisms:
            self._check_module(name)

    def _check_column(self, column: Column) -> None:
        taken = {*FIXED, *RUN_ARGUMENTS.split(", ")}
        if column.name in taken or TAKEN.fullmatch(column.name) or keyword.iskeyword(column.name):
            raise MechanismError(f"no column may be called {column.name}", where=f"owner {column.owner}", fix="rename it")
        entities = {c.entity for c in self.columns.values() if c.owner == LAYOUT}
        if column.entity not in entities:
            raise MechanismError(
                f"column {column.name} is of {column.entity!r}, which the layout does not know",
                where=f"owner {column.owner}",
                allowed=nearest(column.entity, entities),
            )

    def _check_arguments(self, act: Act) -> None:
        known = [*self.columns, *FIXED, *(f"p_{m}" for m in self.mechanisms)]
        for argument in act.arguments:
            if argument not in known:
                raise MechanismError(
                    f"{act.name} asks for {argument!r}, which is neither a column nor a fixed argument",
                    where=act.where,
                    allowed=nearest(argument, known),
                    fix="name a declared column, or declare the column",
                )

    def _check_marked(self, act: Act) -> None:
        if not hasattr(act.function, "changes"):
            raise MechanismError(f"{act.name} is not marked as a step", where=act.where, fix="decorate it with @step(writes=...)")

    def _check_function(self, act: Act) -> None:
        self._check_marked(act)
        self._check_arguments(act)
        for name in act.changes.all:
            if name not in act.arguments:
                raise MechanismError(
                    f"{act.name} says it changes {name} but does not name it as an argument", where=act.where, fix="add the argument"
                )
            owner = self.columns[name].owner
            if owner in (LAYOUT, OBSERVER):
                raise MechanismError(f"{act.name} changes {name}, which belongs to the {owner}", where=act.where, fix="use a column of its own")
            if name in act.changes.writes and owner != act.mechanism:
                raise MechanismError(
                    f"{act.name} writes {name}, whose owner is {owner}",
                    where=act.where,
                    fix=f"declare it in adds= if it adds to what {owner} wrote, or move the line to {owner}",
                )
            if name not in act.changes.writes and owner == act.mechanism:
                raise MechanismError(f"{act.name} owns {name}", where=act.where, fix="declare it in writes=")
        assigned = _assigned(act.plain)
        for name in sorted(assigned & set(self.columns)):
            if name not in act.changes.all:
                raise MechanismError(
                    f"{act.name} assigns to {name} without saying so", where=act.where, fix=f"add {name!r} to writes=, adds= or resets="
                )

    def _check_resets(self, acts: list[Act]) -> None:
        resetter: dict[str, str] = {}
        for act in acts:
            for name in act.changes.resets:
                first = resetter.setdefault(name, act.mechanism)
                if first != act.mechanism:
                    raise MechanismError(
                        f"{act.name} resets {name}, which {first} resets already", where=act.where, fix="declare it in adds="
                    )

    def _check_module(self, name: str) -> None:
        module, mechanism = self._modules[name], self.mechanisms[name]
        for value in vars(module).values():
            if isinstance(value, np.int64) and int(value) in STREAMS and not STREAMS[int(value)].startswith(name + "."):
                raise MechanismError(
                    f"{name} draws from the stream {STREAMS[int(value)]!r} of another mechanism",
                    where=str(module.__file__),
                    fix=f"name its own streams '{name}.<decision>'",
                )
        used = _parameters_used(module)
        declared = {p.name for p in mechanism.parameters}
        for attribute in sorted(used.get(OWN, set()) - declared - {"on"}):
            raise MechanismError(
                f"{name} reads p.{attribute}, which it does not declare",
                where=str(module.__file__),
                allowed=nearest(attribute, declared),
                fix="declare the parameter in MECHANISM",
            )
        self._check_others(name, module)
        readers = {*self._modules.values(), *(sys.modules[act.plain.__module__] for act in self.observe)}
        elsewhere = set().union(*(_parameters_used(m).get(f"p_{name}", set()) for m in readers))
        for parameter in sorted(declared - used.get(OWN, set()) - elsewhere):
            raise MechanismError(
                f"parameter {name}.{parameter} is declared but no function reads it",
                where=str(module.__file__),
                fix="delete it, or read p." + parameter,
            )

    def _check_others(self, name: str, module: ModuleType) -> None:
        used = _parameters_used(module)
        for other, mechanism_other in self.mechanisms.items():
            unknown = used.get(f"p_{other}", set()) - {p.name for p in mechanism_other.parameters} - {"on"}
            for attribute in sorted(unknown):
                raise MechanismError(
                    f"{name} reads p_{other}.{attribute}, which {other} does not declare",
                    where=str(module.__file__),
                    allowed=nearest(attribute, (p.name for p in mechanism_other.parameters)),
                )

    # -- machine code ---------------------------------------------------------------------------------------------

    @cached_property
    def source(self) -> str:
        """The text of the runner module."""
        owned = list(self.mechanisms)
        acts = [*self.opening, *self.month, *self.observe]
        number = {act.name: n for n, act in enumerate(acts)}
        out = [
            '"""Written by partnersim from its plan of the month; safe to delete."""',
            "from collections import namedtuple",
            "from numba import njit",
            "from partnersim.engine.record import account, pin",
        ]
        out += [f"from {act.plain.__module__} import {act.plain.__name__} as step{number[act.name]}" for act in acts]
        for name, mechanism in self.mechanisms.items():
            out.append(f"P_{name} = namedtuple('P_{name}', {['on', *(p.name for p in mechanism.parameters)]!r})")
        out.append(f"Params = ({', '.join('P_' + name for name in owned)},)")
        out += [
            "@njit(cache=True, nogil=True, error_model='numpy', no_cfunc_wrapper=True)",
            f"def run({RUN_ARGUMENTS}):",
            "    booking = ledger.shape[0] > 0",
            *(f"    {', '.join(names)}, = tables[{n}]" for n, names in enumerate(self.tables)),
            f"    {', '.join('p_' + name for name in owned)}, = params",
            "    for month in range(first, last):",
            "        if month == 0:",
        ]
        for act in self.opening:
            out += self._call(act, number[act.name], owned, booked=False)
        if not self.opening:
            out.append("            pass")
        out.append("            if booking:")
        for stock, name in enumerate(self.stocks):
            out.append(f"                {self._account(name, stock, -1)}")
        out += ["            pass", "        else:"]
        for act in self.month:
            out += self._call(act, number[act.name], owned, booked=True)
        out.append("            pass")
        for act in self.observe:
            out.append(f"        step{number[act.name]}({self._arguments(act)})")
        return "\n".join([*out, "    return -1", ""])

    @cached_property
    def tables(self) -> list[list[str]]:
        """Columns by type (dtype and rank), as the runner takes them; `flat_<name>` is a column seen as one vector.

        Flat views are there for what the ledger follows or what may have to be pinned. Tuples of one type compile faster than one
        tuple of all columns, and unpacking them once faster than naming them at each call.
        """
        shared = {name for act in (*self.opening, *self.month) for name in act.changes.adds + act.changes.resets}
        groups: dict[tuple[bool, bool], list[str]] = {}
        for name, column in self.columns.items():
            groups.setdefault((column.integer, column.width > 0), []).append(name)
            if name in shared or name in self.stocks:
                groups.setdefault((column.integer, False), []).append(f"flat_{name}")
        return list(groups.values())

    def bind(self, columns: Mapping[str, Array]) -> tuple[tuple[Array, ...], ...]:
        """Return a world's columns as the runner takes them."""
        views = {f"flat_{name}": array.reshape(-1) for name, array in columns.items()}
        return tuple(tuple({**columns, **views}[name] for name in names) for names in self.tables)

    def _arguments(self, act: Act) -> str:
        return ", ".join(f"p_{act.mechanism}" if a == OWN else a for a in act.arguments)

    def _account(self, name: str, stock: int, line: int) -> str:
        book = (int(self.columns[name].ledger == "log-odds"), stock, line)
        return f"account(flat_{name}, {self.columns[name].entity}_group, books[{self._books.setdefault(book, len(self._books))}], month, marks, ledger)"

    @property
    def books(self) -> Array:
        """Scale, stock and mechanism of each place where the ledger looks."""
        self.source  # noqa: B018 - writing the runner fills them
        return np.array(list(self._books), np.int64).reshape(-1, 3)

    def _call(self, act: Act, number: int, owned: list[str], *, booked: bool) -> list[str]:
        pad = " " * 12
        index = owned.index(act.mechanism)
        lines = [f"{pad}if p_{act.mechanism}.on != 0.0:", f"{pad}    step{number}({self._arguments(act)})"]
        if "fault" in act.arguments:
            lines += [f"{pad}    if fault[0] != 0:", f"{pad}        fault[2] = month", f"{pad}        return {index}"]
        for name in act.changes.adds + act.changes.resets:
            lines += [
                f"{pad}    if p_{self.columns[name].owner}.on == 0.0:",
                f"{pad}        pin(flat_{name}, held, offsets[{list(self.columns).index(name)}])",
            ]
        booked_stocks = [s for s, name in enumerate(self.stocks) if booked and name in act.changes.all]
        if booked_stocks:
            lines.append(f"{pad}    if booking:")
            lines += [f"{pad}        {self._account(self.stocks[s], s, index)}" for s in booked_stocks]
        return lines

    @cached_property
    def digest(self) -> str:
        """Hash of everything the machine code depends on; recorded with every result as the kernel hash."""
        parts = [self.source.encode()]
        parts += [f"{name} {version(name)}".encode() for name in ("numba", "llvmlite", "numpy")]
        parts += [platform.python_version().encode(), platform.machine().encode()]
        files, constants = _dependencies([act.plain for act in (*self.opening, *self.month, *self.observe)])
        files |= {sys.modules[name] for name in (__name__, "partnersim.engine.record", "partnersim.engine.numeric", "partnersim.engine.random")}
        parts += [_bytes(module) for module in sorted(files, key=lambda m: m.__name__)]
        parts += constants
        return sha256(b"\0".join(parts)).hexdigest()

    @cached_property
    def runner(self) -> ModuleType:
        """The runner module, loaded from the cache folder, written there if it is new."""
        name = f"runner_{self.digest[:20]}"
        path = cache_folder() / f"{name}.py"
        if not path.exists():
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            with os.fdopen(handle, "w") as file:
                file.write(self.source)
            os.replace(temporary, path)  # two processes may race: same content, the last one wins
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise MechanismError(f"the runner {path} cannot be loaded", fix="delete the cache folder")
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def run(self, *arguments: Any) -> int:
        """Call the loop; the first call in a process loads or compiles it.

        Compiling makes millions of small objects, so garbage collection is paused for it: that saves a fifth of the time.
        """
        if self._ready:
            return int(self.runner.run(*arguments))
        collecting = gc.isenabled()
        gc.disable()
        try:
            return int(self.runner.run(*arguments))
        finally:
            self._ready = True
            if collecting:
                gc.enable()

    @property
    def is_cached(self) -> bool:
        """Whether machine code of this plan lies in the cache folder."""
        return any(cache_folder().glob(f"__pycache__/runner_{self.digest[:20]}.*.nbc"))

    # -- values ---------------------------------------------------------------------------------------------------

    def params(self, values: Mapping[str, Mapping[str, float]], off: Iterable[str] = ()) -> tuple[Any, ...]:
        """Return the runner's parameter tuples: defaults, overlaid with `values[mechanism][parameter]`."""
        left_out = set(off)
        return tuple(
            kind(
                float(name not in left_out),
                *(float(values.get(name, {}).get(p.name, p.default)) for p in self.mechanisms[name].parameters),
            )
            for name, kind in zip(self.lines, self.runner.Params, strict=True)
        )

    def held(self, values: Mapping[str, Array]) -> tuple[Array, Array]:
        """Pack held values of all columns into one vector, with the offset of each column."""
        sizes = [values[name].size for name in self.columns]
        flat = np.concatenate([values[name].ravel().astype(np.float64) for name in self.columns])
        return flat, np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)

    def describe(self) -> list[dict[str, Any]]:
        """One row for each function in order: what it reads, writes, adds to, resets, draws and which parameters it has."""
        rows = []
        for part, acts in (("opening", self.opening), ("month", self.month), ("observe", self.observe)):
            for act in acts:
                streams = {STREAMS[int(v)] for _, _, v in _reached([act.function]) if isinstance(v, np.int64) and int(v) in STREAMS}
                rows.append(
                    {
                        "part": part,
                        "step": act.name,
                        "does": (inspect.getdoc(act.plain) or "").split("\n")[0],
                        "reads": [a for a in act.arguments if a in self.columns and a not in act.changes.all],
                        "writes": list(act.changes.writes),
                        "adds": list(act.changes.adds),
                        "resets": list(act.changes.resets),
                        "draws": sorted(streams),
                    }
                )
        return rows


def load_mechanism(path: str | Path) -> ModuleType:
    """Load a user's mechanism from a Python file, under the file's own name.

    Raises MechanismError if the file is missing, cannot be imported, or its name is that of another module.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise MechanismError(f"there is no mechanism file {path}", fix="give the path of a Python file that defines MECHANISM")
    loaded = sys.modules.get(file.stem)
    if loaded is not None:
        if getattr(loaded, "__file__", None) == str(file):
            if _loaded.get(file.stem) not in (None, file.read_bytes()):
                raise MechanismError(f"{file.name} was edited after it was loaded", where=str(file), fix="start Python again")
            return loaded
        raise MechanismError(f"a module called {file.stem} is loaded already", where=str(file), fix="rename the file")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise MechanismError(f"{path} is no Python file", fix="its name must end in .py")
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    _loaded[file.stem] = file.read_bytes()
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        del sys.modules[file.stem]
        raise MechanismError(f"{file.name} cannot be imported: {problem}", where=str(file)) from problem
    return module


def cache_folder() -> Path:
    """Return a writable folder for runners: $PARTNERSIM_CACHE, else the user's cache folder, else one that lasts as long as this process."""
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


_loaded: dict[str, bytes] = {}
_temporary: tempfile.TemporaryDirectory[str] | None = None


def _names(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


def _reached(functions: Iterable[Function]) -> Iterator[tuple[Function, str, Any]]:
    """Follow every name that functions use, and the functions behind these names: (function, name, value)."""
    waiting, seen = [plain(f) for f in functions], set()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        yield function, function.__name__, function
        closure = {n: cell.cell_contents for n, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)}
        for name, value in _values(_names(function.__code__) | closure.keys(), {**function.__globals__, **closure}):
            yield function, name, value
            if inspect.isfunction(plain(value)) and not plain(value).__module__.startswith(("numba", "numpy", "math")):
                waiting.append(plain(value))


def _values(names: set[str], scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values of names in a scope, and of the same names in any module among them (`helpers.RATE`)."""
    scopes: list[Mapping[str, Any]] = [scope]
    for found in scopes:
        for name in sorted(names & found.keys()):
            value = found[name]
            yield name, value
            if _is_own(value) and not any(vars(value) is other for other in scopes):
                scopes.append(vars(value))


def _is_own(value: Any) -> TypeGuard[ModuleType]:
    """Whether a value is a module whose source the machine code may depend on."""
    if not inspect.ismodule(value) or not getattr(value, "__file__", None):
        return False
    return value.__name__.split(".")[0] not in ("numpy", "math", "numba")


def _dependencies(functions: Iterable[Function]) -> tuple[set[ModuleType], list[bytes]]:
    """Return the modules and constants that the machine code of functions will contain."""
    modules: set[ModuleType] = set()
    constants: set[bytes] = set()
    for function, name, value in _reached(functions):
        if value is function:
            modules.add(sys.modules[function.__module__])
            # the code itself too: a file edited since its import must not lend its hash to the functions of before
            constants.add(function.__qualname__.encode() + _code(function.__code__))
        elif isinstance(value, np.ndarray):
            constants.add(f"{name} {value.dtype.str} {value.shape}".encode() + value.tobytes())
        elif isinstance(value, int | float | str | tuple | np.number):
            constants.add(f"{name} {value!r}".encode())
        elif _is_own(value):
            modules.add(value)
        elif inspect.isclass(value) and _is_own(module := sys.modules.get(value.__module__)):
            modules.add(module)  # an enumeration
    return modules, sorted(constants)


def _code(code: CodeType) -> bytes:
    """Return what a code object does, without where it stands."""
    parts = [code.co_code, repr((code.co_names, code.co_varnames, code.co_freevars)).encode()]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            parts.append(_code(constant))
        else:
            parts.append(repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant).encode())
    return b"\0".join(parts)


def _bytes(module: ModuleType) -> bytes:
    file = getattr(module, "__file__", None)
    loader: Any = getattr(module, "__loader__", None)
    if file is None:
        raise MechanismError(
            f"{module.__name__} has no source file", where=module.__name__, fix="write the mechanism in a .py file and load that"
        )
    if hasattr(loader, "get_data"):
        data: bytes = loader.get_data(file)
        return data
    return Path(file).read_bytes()


def _assigned(function: Function) -> set[str]:
    """Names of arrays that a function's own text assigns to, in whatever form."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        target: ast.expr | None = node if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) else None
        while isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            found.add(target.id)
    return found


@lru_cache(maxsize=None)
def _parameters_used(module: ModuleType) -> dict[str, set[str]]:
    """Attributes read from `p` and `p_<mechanism>` anywhere in a module."""
    used: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(_bytes(module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id == OWN or node.value.id.startswith("p_")):
            used.setdefault(node.value.id, set()).add(node.attr)
    return used
