"""How a parameter is declared: once, beside the equation that uses it, with unit, bounds, source and status."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from partnersim.errors import ParameterError

Role = Literal["world", "lever", "fixed"]
Status = Literal["measured", "calibrated", "assumed", "definition"]
Sign = Literal["", "+", "-", "?"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One number of one mechanism.

    Parameters
    ----------
    name
        Local name; in files and tables it is `mechanism.name`.
    default
        The value used when nothing else is said.
    bounds
        Lowest and highest legal value; anything outside is an error.
    unit
        For example `1/month`, `gu` (gain units), `share`, `log-odds/month`, `-`.
    role
        `world` (how people are), `lever` (what the parties or their supporters decide), `fixed` (a convention, never swept).
    status
        `measured`, `calibrated`, `assumed` or `definition`.
    source
        Where the value comes from; for assumed values why this size.
    meaning
        One line a user can read.
    sweep
        Range that sensitivity designs use; None for fixed parameters.
    symbol
        The symbol of the equations.
    sign
        Expected effect of a higher value on practice alive: `+`, `-`, `?` (depends on context) or empty (none expected).
    at_start
        True if it is read at month 0 only, so that changing it later would do nothing.
    """

    name: str
    default: float
    bounds: tuple[float, float]
    unit: str
    role: Role
    status: Status
    source: str
    meaning: str
    sweep: tuple[float, float] | None = None
    symbol: str = ""
    sign: Sign = ""
    at_start: bool = False

    def __post_init__(self) -> None:
        low, high = self.bounds
        where = f"parameter {self.name}"
        if not low <= self.default <= high:
            raise ParameterError(f"default {self.default} of {self.name} is outside {low} to {high}", where=where)
        for label, value, choices in (
            ("role", self.role, get_args(Role)),
            ("status", self.status, get_args(Status)),
            ("sign", self.sign, get_args(Sign)),
        ):
            if value not in choices:
                raise ParameterError(f"{label} {value!r} of {self.name} is unknown", where=where, allowed=", ".join(choices))
        if not self.source or not self.meaning or not self.unit:
            raise ParameterError(
                f"{self.name} lacks a unit, a source or a meaning", where=where, fix="write 'assumed: why' as a source if there is none"
            )
        if (self.sweep is None) != (self.role == "fixed"):
            raise ParameterError(f"{self.name}: a sweep range goes with world and lever parameters, and only with them", where=where)
        if self.sweep is not None and not low <= self.sweep[0] < self.sweep[1] <= high:
            raise ParameterError(f"sweep range {self.sweep} of {self.name} does not lie inside {self.bounds}", where=where)

    def check(self, value: float, *, mechanism: str, where: str = "") -> float:
        """Return `value` as a float inside the bounds, or raise ParameterError."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ParameterError(f"{mechanism}.{self.name} = {value!r} is not a number", where=where, allowed=f"a number ({self.unit})")
        low, high = self.bounds
        if not low <= value <= high:
            raise ParameterError(
                f"{mechanism}.{self.name} = {value} is outside {low} to {high} ({self.unit})",
                where=where,
                allowed=f"{low} to {high}; default {self.default}",
                fix=f"`partnersim params` lists every parameter; this one means: {self.meaning}",
            )
        return float(value)
