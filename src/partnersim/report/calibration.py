"""The page of a calibration: what was tried, what was accepted, and what each pattern says about each parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnersim import __version__
from partnersim.analysis.calibration import LINK
from partnersim.model.patterns import BY_ID
from partnersim.report.markdown import bullets, table

if TYPE_CHECKING:
    from partnersim.validation.calibrate import Calibrated, Design

END = 0.05
"""Accepted values that come nearer to an end of the prior than this share of it reach the end."""


def page(design: Design, found: Calibrated) -> str:
    """Return the page in Markdown."""
    band, learnt, constrained = found.band, found.learnt, found.constrained
    open_ = [row.parameter for row in learnt.itertuples() if not row.identified]
    waves = "; ".join(
        f"{number} vectors from {'the whole prior' if share == 1 else f'{share:.1g} of the prior'}"
        for number, share in zip(design.points, found.left, strict=True)
    )
    ends = [
        f"`{row.parameter}`"
        for row in learnt.itertuples()
        if min(row.q05 - row.prior_low, row.prior_high - row.q95) < END * (row.prior_high - row.prior_low)
    ]
    few = ", ".join(f"`{name}`" for name in open_) if open_ else "none"
    facts = [
        f"Question: {design.question}",
        f"{len(design.priors)} parameters with uniform priors; {design.vectors} parameter vectors in {len(design.points)} waves: {waves}.",
        f"Each vector was played with {design.replicates} runs of every recipe, on the same luck (seed {design.seed}).",
        f"{len(band)} vectors accepted: those that miss no target by more than {design.tolerance:g} Monte Carlo standard errors.",
        f"{len(learnt) - len(open_)} parameters are identified: accepted values are spread less than .8 as wide as the prior, and some "
        "pattern moves with the parameter.",
        f"The patterns say little about: {few}.",
        f"Accepted up to an end of the prior, so that a wider one might hold more: {', '.join(ends) or 'none'}.",
        "Vectors of the last wave descend from few ancestors, so the spread shown is a lower bound of what the patterns leave open.",
    ]
    learnt_rows = (
        (
            f"`{row.parameter}`", f"{row.prior_low:g} to {row.prior_high:g}", f"{row.q05:.3g} to {row.q95:.3g}", f"{row.median:.3g}",
            f"{row.spread:.2f}", "yes" if row.identified else "no",
        )
        for row in learnt.itertuples()
    )  # fmt: skip
    groups = [name for name in constrained.columns if (constrained[name] >= LINK).any()]
    strong_rows = (
        (f"`{parameter}`", *(f"{value:.2f}" if (value := float(row[name])) >= LINK else "" for name in groups))
        for parameter, row in constrained.iterrows()
    )
    named = ", ".join(f"{name}: {BY_ID[name].name.lower()}" for name in groups)
    return (
        "\n\n".join(
            [
                "# Calibration",
                f"Written by `partnersim calibrate experiments/calibration.toml --out DIR` (partnersim {__version__}).",
                bullets(facts),
                "![What the accepted vectors leave of the priors](calibration.png)",
                "## Prior and accepted",
                table(("Parameter", "Prior", "Accepted, middle 90 %", "Median", "Spread, of the prior's", "Identified"), learnt_rows),
                "## Which pattern constrains which parameter",
                "Largest partial rank correlation, in absolute terms, between a parameter and a statistic of the pattern, net of all other "
                f"parameters, over all vectors played; below {LINK:g} nothing is shown. {named}.",
                table(("Parameter", *groups), strong_rows),
            ]
        )
        + "\n"
    )
