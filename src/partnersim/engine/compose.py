"""Ordered functions over declared columns: a plan of the month, checked before anything runs.

The plan puts mechanisms in order, lets a user's own join, and turns scenario values into what the compiled loop (`build.py`) takes.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from partnersim.engine.build import Loop
from partnersim.engine.check import check
from partnersim.engine.mechanism import OBSERVER, OPENING, Act, Function, Mechanism, Order, Schedule
from partnersim.engine.random import STREAMS
from partnersim.engine.sources import reached
from partnersim.engine.state import Array, Column, by_name
from partnersim.errors import MechanismError, nearest


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
        self.modules: dict[str, ModuleType] = {}
        self._placed: dict[str, str] = {}
        self.opening = [self._act(f) for f in schedule.opening]
        self.month = [self._act(f) for f in schedule.month]
        self.observe = [Act(f, OBSERVER) for f in schedule.observe]
        for module in extra:
            self._place(module)
        self.columns = by_name([*columns, *(c for m in self.mechanisms.values() for c in m.columns)])
        self.lines = tuple(self.mechanisms)
        self.stocks = tuple(name for name, column in self.columns.items() if column.ledger)
        self.order = Order(self.mechanisms, self.modules, self.columns, self.opening, self.month, self.observe)
        check(self.order)

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
        self.modules[mechanism.name] = module
        return Act(function, mechanism.name)

    def _place(self, module: ModuleType) -> None:
        mechanism = getattr(module, "MECHANISM", None)
        where = str(module.__file__)
        if not isinstance(mechanism, Mechanism) or not mechanism.after:
            raise MechanismError(
                f"{module.__name__} places no function",
                where=where,
                fix="give MECHANISM after={'function': 'mechanism.function'}",
            )
        for name, anchor in mechanism.after.items():
            function: Any = getattr(module, name, None)
            if not hasattr(function, "changes"):
                raise MechanismError(f"{name} is no @step function of {module.__name__}", where=where, fix="decorate it with @step(...)")
            if anchor == OPENING:
                self.opening.append(self._act(function))
                continue
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

    # -- machine code ---------------------------------------------------------------------------------------------

    @cached_property
    def loop(self) -> Loop:
        """The compiled loop over months."""
        return Loop(self.order, self.stocks)

    @property
    def digest(self) -> str:
        """Hash of everything the machine code depends on; recorded with every result as the kernel hash."""
        return self.loop.digest

    @property
    def is_cached(self) -> bool:
        """Whether machine code of this plan lies in the cache folder."""
        return self.loop.is_cached

    # -- values ---------------------------------------------------------------------------------------------------

    def params(self, values: Mapping[str, Mapping[str, float]], off: Iterable[str] = ()) -> tuple[Any, ...]:
        """Return the runner's parameter tuples: defaults, overlaid with `values[mechanism][parameter]`."""
        left_out = set(off)
        return tuple(
            kind(
                float(name not in left_out),
                *(float(values.get(name, {}).get(p.name, p.default)) for p in self.mechanisms[name].parameters),
            )
            for name, kind in zip(self.lines, self.loop.Params, strict=True)
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
                streams = {STREAMS[int(v)] for _, _, v in reached([act.function]) if isinstance(v, np.int64) and int(v) in STREAMS}
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
