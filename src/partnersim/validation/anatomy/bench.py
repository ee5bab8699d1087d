"""How much is played for the page, and with which seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from partnersim.validation.anatomy.findings import Estimate, estimate
from partnersim.validation.playing import SEED, Lab


@dataclass(frozen=True)
class Sizes:
    """Replicates of a scenario, replicates where two small differences are compared, and base points of the variance design."""

    replicates: int
    fine: int
    base: int


FULL, QUICK = Sizes(400, 1000, 1024), Sizes(60, 100, 64)


@dataclass(frozen=True)
class Bench:
    """Plays for one page.

    `band` holds the members of the band, of which replicate r has number r mod size; if it is empty, runs are at the default parameters.
    """

    sizes: Sizes = FULL
    seed: int = SEED
    band: tuple[Mapping[str, float], ...] = ()
    progress: Callable[[str], None] = lambda what: None

    @property
    def members(self) -> int:
        """How many parameter vectors the replicates have: intervals draw these anew, with all their replicates."""
        return max(1, len(self.band))

    def replicates(self, *, fine: bool = False) -> int:
        """Return the replicates of a scenario: each member of the band has as many."""
        wanted = self.sizes.fine if fine else self.sizes.replicates
        return -(-wanted // self.members) * self.members

    def lab(self, *, fine: bool = False) -> Lab:
        """Return a lab with the page's seed."""
        return Lab(replicates=self.replicates(fine=fine), seed=self.seed, point=not self.band)

    def estimate(self, values: np.ndarray) -> Estimate:
        """Return a mean over replicates with its interval."""
        return estimate(values, self.members, seed=self.seed)

    def difference(self, one: np.ndarray, other: np.ndarray) -> Estimate:
        """Return how much larger the first is on the same luck, with a paired interval."""
        return estimate(np.asarray(one, dtype=float) - np.asarray(other, dtype=float), self.members, signed=True, seed=self.seed)

    def caption(self, text: str, *, fine: bool = False) -> str:
        """Return a caption with the number of runs and the seed."""
        return f"{text}; {self.replicates(fine=fine)} replicates a cell, seed {self.seed}; 95 % intervals."
