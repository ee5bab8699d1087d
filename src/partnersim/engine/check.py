"""Everything that can be wrong with a plan, found before anything runs."""

from __future__ import annotations

import ast
import inspect
import keyword
import sys
import textwrap
from functools import cache
from types import ModuleType

import numpy as np

from partnersim.engine.build import RUN_ARGUMENTS, TAKEN
from partnersim.engine.mechanism import FIXED, OBSERVER, OWN, Act, Function, Order
from partnersim.engine.random import STREAMS
from partnersim.engine.sources import source_bytes
from partnersim.engine.state import LAYOUT, Column
from partnersim.errors import MechanismError, nearest


def check(order: Order) -> None:
    """Raise MechanismError for the first declaration that does not fit: names file, function and cure."""
    acts = [*order.opening, *order.month]
    names = [act.name for act in acts]
    for column in order.columns.values():
        _check_column(order, column)
    for act in acts:
        if names.count(act.name) > 1:
            raise MechanismError(f"{act.name} stands in the schedule twice", where=act.where)
        _check_function(order, act)
    for act in order.observe:
        _check_marked(act)
        _check_arguments(order, act)
        _check_others(order, act.name, sys.modules[act.plain.__module__])
        drawn = set(act.arguments) & {"key0", "key1", OWN}
        changed = set(act.changes.all) | _assigned(act.plain) & set(order.columns)
        if drawn or changed - {n for n, c in order.columns.items() if c.owner == OBSERVER}:
            raise MechanismError(
                f"observer {act.name} may neither draw nor change the world",
                where=act.where,
                fix="move what it does to a function of the month",
            )
    written = {name for act in [*acts, *order.observe] for name in act.changes.writes}
    for column in order.columns.values():
        if column.owner in (LAYOUT, OBSERVER):
            continue
        if column.owner not in order.mechanisms:
            raise MechanismError(
                f"column {column.name} belongs to {column.owner}, which is not in the plan",
                where="column declaration",
                allowed=nearest(column.owner, order.mechanisms),
            )
        if column.name not in written:
            raise MechanismError(
                f"no function of {column.owner} writes its column {column.name}",
                where="column declaration",
                fix="delete the column, or name it in writes= of the function that sets it",
            )
        if order.mechanisms[column.owner].off == "absent" and column.held is None:
            raise MechanismError(
                f"column {column.name} has no value for when {column.owner} is absent", where="column declaration", fix="give it held="
            )
    _check_resets(acts)
    for name in order.mechanisms:
        _check_module(order, name)


def _check_column(order: Order, column: Column) -> None:
    taken = {*FIXED, *RUN_ARGUMENTS.split(", ")}
    if column.name in taken or TAKEN.fullmatch(column.name) or keyword.iskeyword(column.name):
        raise MechanismError(f"no column may be called {column.name}", where=f"owner {column.owner}", fix="rename it")
    entities = {c.entity for c in order.columns.values() if c.owner == LAYOUT}
    for entity in (column.entity, column.width):
        if isinstance(entity, str) and entity not in entities:
            raise MechanismError(
                f"column {column.name} is of {entity!r}, which the layout does not know",
                where=f"owner {column.owner}",
                allowed=nearest(entity, entities),
            )


def _check_arguments(order: Order, act: Act) -> None:
    known = [*order.columns, *FIXED, *(f"p_{m}" for m in order.mechanisms)]
    for argument in act.arguments:
        if argument not in known:
            raise MechanismError(
                f"{act.name} asks for {argument!r}, which is neither a column nor a fixed argument",
                where=act.where,
                allowed=nearest(argument, known),
                fix="name a declared column, or declare the column",
            )


def _check_marked(act: Act) -> None:
    if not hasattr(act.function, "changes"):
        raise MechanismError(f"{act.name} is not marked as a step", where=act.where, fix="decorate it with @step(writes=...)")


def _check_function(order: Order, act: Act) -> None:
    _check_marked(act)
    _check_arguments(order, act)
    for name in act.changes.all:
        if name not in act.arguments:
            raise MechanismError(
                f"{act.name} says it changes {name} but does not name it as an argument", where=act.where, fix="add the argument"
            )
        owner = order.columns[name].owner
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
    for name in sorted(assigned & set(order.columns)):
        if name not in act.changes.all:
            raise MechanismError(
                f"{act.name} assigns to {name} without saying so", where=act.where, fix=f"add {name!r} to writes=, adds= or resets="
            )


def _check_resets(acts: list[Act]) -> None:
    resetter: dict[str, str] = {}
    for act in acts:
        for name in act.changes.resets:
            first = resetter.setdefault(name, act.mechanism)
            if first != act.mechanism:
                raise MechanismError(f"{act.name} resets {name}, which {first} resets already", where=act.where, fix="declare it in adds=")


def _check_module(order: Order, name: str) -> None:
    module, mechanism = order.modules[name], order.mechanisms[name]
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
    _check_others(order, name, module)
    readers = {*order.modules.values(), *(sys.modules[act.plain.__module__] for act in order.observe)}
    elsewhere = set().union(*(_parameters_used(m).get(f"p_{name}", set()) for m in readers))
    for parameter in sorted(declared - used.get(OWN, set()) - elsewhere):
        raise MechanismError(
            f"parameter {name}.{parameter} is declared but no function reads it",
            where=str(module.__file__),
            fix="delete it, or read p." + parameter,
        )


def _check_others(order: Order, name: str, module: ModuleType) -> None:
    used = _parameters_used(module)
    for other, mechanism_other in order.mechanisms.items():
        unknown = used.get(f"p_{other}", set()) - {p.name for p in mechanism_other.parameters} - {"on"}
        for attribute in sorted(unknown):
            raise MechanismError(
                f"{name} reads p_{other}.{attribute}, which {other} does not declare",
                where=str(module.__file__),
                allowed=nearest(attribute, (p.name for p in mechanism_other.parameters)),
            )


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


@cache
def _parameters_used(module: ModuleType) -> dict[str, set[str]]:
    """Attributes read from `p` and `p_<mechanism>` anywhere in a module."""
    used: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source_bytes(module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = node.value.id
            if owner == OWN or owner.startswith("p_"):
                used.setdefault(owner, set()).add(node.attr)
    return used
