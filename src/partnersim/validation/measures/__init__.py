"""The patterns measured: one function a pattern, which plays its recipe and returns statistics of the replicates it is given.

Every function takes a `Lab` and returns a function of replicate numbers, so that intervals come from drawing replicates anew without
playing again. Districts have 14 schools, a launch at month 0 and the parameters of the lab unless said. Practice is alive at C >= .30 and
breaks with the first month of 12 below (`model/outcomes.py`). Cohorts are chosen in months before anything was done to them, which two
scenarios with the same luck share to the bit. Statistics that `model/patterns.py` has targets for carry the same names; others explain, or
serve as probes.
"""

from __future__ import annotations

from collections.abc import Callable

from partnersim.validation.measures.dealings import bargaining, contracts, founding, news, participation, sacrifice, storms
from partnersim.validation.measures.leaders import cascade, exits, imbalance, successor, top_pair
from partnersim.validation.measures.life import bands, dispositions, hazard, honeymoon, regimes
from partnersim.validation.measures.schools import churn, coverage, middle, poverty_gap, through_density
from partnersim.validation.playing import Lab, Measure

MEASURES: dict[str, Callable[[Lab], Measure]] = {
    "P1": hazard, "P2": bands, "P3": honeymoon, "P4": news, "P5": top_pair, "P6": successor, "P7": cascade, "P8": churn,
    "P9": through_density, "P10": poverty_gap, "P11": middle, "P12": participation, "P13": sacrifice, "P14": imbalance, "lag": founding,
    "coverage": coverage, "strikes": contracts, "exits": exits, "bargaining": bargaining, "storms": storms, "dispositions": dispositions,
    "regimes": regimes,
}  # fmt: skip
