"""partnersim: why union-management partnerships live or die, simulated.

>>> import partnersim as ps
>>> result = ps.run("abc-unified", replicates=500)   # doctest: +SKIP
>>> result.summary()                                 # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from partnersim.errors import (
    MechanismError,
    ParameterError,
    PartnersimError,
    ResultError,
    RunError,
    ScenarioError,
)

if TYPE_CHECKING:
    from partnersim.attribution import Attribution, attribute
    from partnersim.comparison import Comparison, compare
    from partnersim.engine.mechanism import load_mechanism
    from partnersim.mesa_model import PartnershipModel
    from partnersim.plots.attribution import plot_attribution, plot_interactions
    from partnersim.plots.comparison import plot_comparison, plot_differences
    from partnersim.plots.mortality import plot_causes, plot_cox, plot_hazard
    from partnersim.plots.outcomes import plot_outcomes
    from partnersim.plots.sensitivity import plot_map, plot_roc, plot_running, plot_sensitivity
    from partnersim.plots.survival import plot_survival, plot_survivals
    from partnersim.plots.turning import plot_turning
    from partnersim.results import RunSet
    from partnersim.scenarios.files import load_scenario, scenario_names
    from partnersim.scenarios.scenario import Scenario
    from partnersim.simulate import run
    from partnersim.study.study import Study
    from partnersim.study.tables import StudySet
    from partnersim.sweeping.discovery import Discovery, discover
    from partnersim.sweeping.sensitivity import Sensitivity, sensitivity

__version__ = "0.1.0"

_LAZY = {
    "Attribution": "attribution",
    "Comparison": "comparison",
    "Discovery": "sweeping.discovery",
    "PartnershipModel": "mesa_model",
    "RunSet": "results",
    "Scenario": "scenarios.scenario",
    "Study": "study.study",
    "StudySet": "study.tables",
    "Sensitivity": "sweeping.sensitivity",
    "attribute": "attribution",
    "compare": "comparison",
    "discover": "sweeping.discovery",
    "load_mechanism": "engine.mechanism",
    "load_scenario": "scenarios.files",
    "plot_attribution": "plots.attribution",
    "plot_causes": "plots.mortality",
    "plot_comparison": "plots.comparison",
    "plot_cox": "plots.mortality",
    "plot_differences": "plots.comparison",
    "plot_hazard": "plots.mortality",
    "plot_interactions": "plots.attribution",
    "plot_map": "plots.sensitivity",
    "plot_outcomes": "plots.outcomes",
    "plot_roc": "plots.sensitivity",
    "plot_running": "plots.sensitivity",
    "plot_sensitivity": "plots.sensitivity",
    "plot_survival": "plots.survival",
    "plot_survivals": "plots.survival",
    "plot_turning": "plots.turning",
    "run": "simulate",
    "scenario_names": "scenarios.files",
    "sensitivity": "sweeping.sensitivity",
}  # loaded on first use: importing partnersim must be quick, and numba, pandas, matplotlib and mesa are not

__all__ = [
    "Attribution",
    "Comparison",
    "Discovery",
    "MechanismError",
    "ParameterError",
    "PartnershipModel",
    "PartnersimError",
    "ResultError",
    "RunError",
    "RunSet",
    "Scenario",
    "ScenarioError",
    "Sensitivity",
    "Study",
    "StudySet",
    "__version__",
    "attribute",
    "compare",
    "discover",
    "load_mechanism",
    "load_scenario",
    "plot_attribution",
    "plot_causes",
    "plot_comparison",
    "plot_cox",
    "plot_differences",
    "plot_hazard",
    "plot_interactions",
    "plot_map",
    "plot_outcomes",
    "plot_roc",
    "plot_running",
    "plot_sensitivity",
    "plot_survival",
    "plot_survivals",
    "plot_turning",
    "run",
    "scenario_names",
    "sensitivity",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'partnersim' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"partnersim.{_LAZY[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
