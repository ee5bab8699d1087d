"""A study in miniature: the same questions in a tiny district, with few worlds and few points, to see that all of it works."""

from __future__ import annotations

from dataclasses import replace

from partnersim.scenarios.scenario import Scenario
from partnersim.study.study import Study

REPLICATES, SITES, MEMBERS = 4, 3, 6
SUFFIX = "-small"
"""Ending of its name."""
POINTS = {"shapley": 1, "sobol": 4, "morris": 4, "sequence": 64, "latin": 64}
"""The n of designs that are drawn: as few as their analyses bear."""


def small(study: Study, *, replicates: int = REPLICATES) -> Study:
    """Return a study in miniature; what it finds says nothing about the question.

    Scenarios keep their starts, parameters and events; grids and lists keep all their points. Districts have 3 schools of 6 members.
    """
    design = study.design
    if design is not None and design.kind in POINTS:
        design = replace(design, n=min(design.n, POINTS[design.kind]))
    return replace(
        study,
        name=f"{study.name}{SUFFIX}",
        scenarios=tuple(_tiny(scenario) for scenario in study.scenarios),
        design=design,
        replicates=min(study.replicates, replicates),
    )


def _tiny(scenario: Scenario) -> Scenario:
    sizes = {"sites": min(scenario.sites, SITES), "members_per_site": min(scenario.members_per_site, MEMBERS)}
    return Scenario(**scenario.fields() | sizes)
