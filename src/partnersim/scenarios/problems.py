"""Everything wrong with one scenario, told at once and with the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from partnersim.errors import MechanismError, PartnersimError, ScenarioError

Key = tuple[str | int, ...]
"""Where a value stands: ("parameters", "trust.gain"), ("timeline", 0, "side")."""


@dataclass
class Problems:
    """A list of problems of the scenario `source`; `lines` says in which line of its file a key stands."""

    source: str
    lines: Mapping[Key, int] = field(default_factory=dict)
    found: list[tuple[Key, PartnersimError]] = field(default_factory=list)

    def add(self, key: Key, what: str, *, allowed: str = "", fix: str = "") -> None:
        """Note a problem at `key`."""
        self.found.append((key, ScenarioError(what, allowed=allowed, fix=fix)))

    def add_error(self, key: Key, error: PartnersimError) -> None:
        """Note a problem that other code has described."""
        self.found.append((key, error))

    def place(self, key: Key) -> str:
        """Return "line 12", or the key itself when there is no file."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return f"line {self.lines[key[:length]]}"
        return ".".join(str(part) for part in key)

    def check(self) -> None:
        """Raise ScenarioError if anything was noted."""
        if not self.found:
            return
        if len(self.found) == 1:
            key, error = self.found[0]
            place = self.place(key)
            here = f"{self.source}, {place}" if place else self.source
            raise ScenarioError(
                error.what,
                where=f"{_elsewhere(error)} ({here})" if _elsewhere(error) else here,
                allowed=error.allowed,
                fix=error.fix,
            ) from error
        blocks = [f"{self.source}: {len(self.found)} problems"]
        for key, error in self.found:
            place = self.place(key)
            blocks.append(f"  {place}: {error.what}" if place else f"  {error.what}")
            details = (("where", _elsewhere(error)), ("allowed", error.allowed), ("fix", error.fix))
            blocks += [f"    {name:<8}{text}" for name, text in details if text]
        raise ScenarioError("\n".join(blocks))


def _elsewhere(error: PartnersimError) -> str:
    """Where a problem is, if that is not in the scenario: in the file of a mechanism that it names."""
    return error.where if isinstance(error, MechanismError) else ""
