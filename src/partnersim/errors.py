"""One family of errors: each says what is wrong, where, what is allowed, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class PartnersimError(Exception):
    """Base of all errors that partnersim raises on purpose.

    Parameters
    ----------
    what
        One sentence: what is wrong, with the value found.
    where
        The file, line, function or argument it concerns.
    allowed
        What would have been accepted.
    fix
        What to do about it.
    """

    def __init__(self, what: str, *, where: str = "", allowed: str = "", fix: str = "") -> None:
        self.what, self.where, self.allowed, self.fix = what, where, allowed, fix
        details = (("where", where), ("allowed", allowed), ("fix", fix))
        super().__init__("\n".join([what, *(f"  {label:<8}{text}" for label, text in details if text)]))


class ParameterError(PartnersimError, ValueError):
    """A parameter is unknown, out of bounds or wrongly declared."""


class ScenarioError(PartnersimError, ValueError):
    """A scenario cannot be found, read or understood."""


class MechanismError(PartnersimError, ValueError):
    """A mechanism is wrongly declared or does not fit the others."""


class ResultError(PartnersimError, ValueError):
    """A result cannot be written, read or summarised as asked."""


class RunError(PartnersimError, RuntimeError):
    """A simulation stopped at a month because a state became impossible."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a phrase with the known names most like `name`, or all of them when few."""
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "known: " + ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
