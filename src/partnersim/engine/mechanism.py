"""How a mechanism is declared: its descriptor, and functions that say beside them what they change.

A function of a mechanism names the columns it uses as arguments, so it cannot touch what it did not name; what it changes stands
beside it (`@step`). Arguments with a fixed meaning: `p` (the mechanism's own parameters), `p_<mechanism>` (another's), `key0, key1` (seed
and replicate), `month`, `agenda` (dated rows that a scenario brings), and the recorders `series, events, will, fault`.
"""

from __future__ import annotations

import importlib.util
import inspect
import keyword
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from numba import njit

from partnersim.engine.state import Column
from partnersim.errors import MechanismError, PartnersimError
from partnersim.parameters import Parameter

Function = Callable[..., Any]

OWN, KEYS, RECORDERS = "p", ("key0", "key1", "month", "agenda"), ("series", "events", "will", "fault")
FIXED = (OWN, *KEYS, *RECORDERS)
OPENING = "opening"
OBSERVER = "outcomes"


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
        For a user's own mechanism: function name -> `mechanism.function` after which it acts each month, or `opening` to act once, at
        month 0, after everything else has begun.
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
    """Compile a function that steps call."""
    compiled: Function = njit(error_model="numpy", no_cfunc_wrapper=True)(function)  # type: ignore[call-overload]
    return compiled


def step(*, writes: Sequence[str] = (), adds: Sequence[str] = (), resets: Sequence[str] = ()) -> Callable[[Function], Function]:
    """Mark and compile a function of the month; say beside it which columns it changes.

    A step is compiled for the loop alone, without the wrapper that a call from Python needs (a fifth of the compile time): from Python
    call the plain function, `step.py_func`.
    """

    def decorate(function: Function) -> Function:
        compiled: Any = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)  # type: ignore[call-overload]
        compiled.changes = Changes(tuple(writes), tuple(adds), tuple(resets))
        return compiled  # type: ignore[no-any-return]

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


@dataclass(frozen=True)
class Order:
    """Functions in order and what they belong to: what is checked, and then written out as one loop."""

    mechanisms: Mapping[str, Mechanism]
    modules: Mapping[str, ModuleType]
    columns: Mapping[str, Column]
    opening: Sequence[Act]
    month: Sequence[Act]
    observe: Sequence[Act]


def plain(function: Function) -> Function:
    """Return the Python function behind a compiled one."""
    found: Function = getattr(function, "py_func", function)
    return found


def load_mechanism(path: str | Path) -> ModuleType:
    """Load a user's mechanism from a Python file, under the file's own name.

    Raises MechanismError if the file is missing, cannot be imported, or its name is that of another module.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise MechanismError(f"there is no mechanism file {path}", fix="give the path of a Python file that defines MECHANISM")
    loaded = sys.modules.get(file.stem)
    if loaded is not None:
        here, before = getattr(loaded, "__file__", None) == str(file), _loaded.get(file.stem)
        if before == file.read_bytes() or (here and before is None):  # a copy of it, as stores keep one, is the same mechanism
            return loaded
        if here:
            raise MechanismError(f"{file.name} was edited after it was loaded", where=str(file), fix="start Python again")
    if loaded is not None or file.stem in sys.stdlib_module_names:
        raise MechanismError(f"there is another module called {file.stem}", where=str(file), fix="rename the file")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise MechanismError(f"{path} is no Python file", fix="its name must end in .py")
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    _loaded[file.stem] = file.read_bytes()
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        del sys.modules[file.stem]
        line = problem.lineno if isinstance(problem, SyntaxError) else _line_in(file, problem)
        where = f"{file}, line {line}" if line else str(file)
        if isinstance(problem, PartnersimError):
            raise MechanismError(problem.what, where=where, allowed=problem.allowed, fix=problem.fix) from problem
        raise MechanismError(f"{file.name} cannot be imported: {problem}", where=where) from problem
    return module


def _line_in(file: Path, problem: Exception) -> int | None:
    """The last line of a file that a problem passed through."""
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == str(file)]
    return lines[-1] if lines else None


_loaded: dict[str, bytes] = {}
