"""What a function's machine code depends on: every module, constant and function that its names lead to.

Numba keeps a caller's machine code when a callee in another file changes (numba issue 1833), so the code is filed under a hash of all of
this instead.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeGuard

import numpy as np

from partnersim.engine.mechanism import Function, plain
from partnersim.errors import MechanismError


def _names(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


def reached(functions: Iterable[Function]) -> Iterator[tuple[Function, str, Any]]:
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


def dependencies(functions: Iterable[Function]) -> tuple[set[ModuleType], list[bytes]]:
    """Return the modules and constants that the machine code of functions will contain."""
    modules: set[ModuleType] = set()
    constants: set[bytes] = set()
    for function, name, value in reached(functions):
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


def source_bytes(module: ModuleType) -> bytes:
    """Return the source of a module, also from a zipped package; MechanismError if it has none."""
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
