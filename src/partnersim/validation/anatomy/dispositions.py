"""How much of practice the first leaders' dispositions decide: it must be less than two fifths, or leaders would be the whole story."""

from __future__ import annotations

import numpy as np

from partnersim.validation.anatomy.bench import Bench
from partnersim.validation.anatomy.findings import CONFIDENCE, Estimate, Part, Table, short
from partnersim.validation.measures import MEASURES

MOST = 0.40
DRAWS = 200
EXPLAINED = "explained by leaders' dispositions"


def part(bench: Bench) -> Part:
    """Measure the share, with an interval over replicates or members of the band."""
    measure = MEASURES["dispositions"](bench.lab(fine=True))
    every = np.arange(bench.replicates(fine=True))
    groups = [every[m :: bench.members] for m in range(bench.members)] if bench.members > 1 else list(every[:, None])
    rng = np.random.default_rng(bench.seed)
    drawn = [measure(np.concatenate([groups[g] for g in rng.integers(0, len(groups), len(groups))]))[EXPLAINED] for _ in range(DRAWS)]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    share = Estimate(measure(every)[EXPLAINED], float(low), float(high))
    return Part(
        "dispositions",
        "What the first leaders' dispositions decide",
        "Do the two leaders a district happens to have at the start decide what becomes of it?",
        (sentence(share),),
        (
            Table(
                ("Explained by", "share of the variance of C, years 1-10", "at most"),
                (("dispositions of the first two leaders, their squares and product", share, MOST),),
                bench.caption("Default districts; least squares over runs", fine=True),
            ),
        ),
    )


def sentence(share: Estimate) -> str:
    """Say whether the share is below the limit, interval included."""
    held = "below" if share.high < MOST else "not below" if share.low >= MOST else "not shown to be below"
    return f"The first leaders' dispositions explain {share} of the variance of practice over ten years: {held} the limit of {short(MOST)}."
