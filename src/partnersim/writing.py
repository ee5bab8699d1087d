"""Write what was found to a folder: tables as CSV, figures as PNG and SVG, scenarios and band, and one JSON document with everything."""

from __future__ import annotations

import json
import platform
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim import saving
from partnersim.errors import ResultError
from partnersim.folders import whole_folder
from partnersim.model.band import Band
from partnersim.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.attribution import Attribution
    from partnersim.comparison import Comparison
    from partnersim.sweeping.discovery import Discovery
    from partnersim.sweeping.sensitivity import Sensitivity

__all__ = ["attribution", "comparison", "discovery", "figure", "one_run", "sensitivity"]


def figure(drawn: Any, path: Path) -> None:
    """Write a figure as PNG and SVG and let go of it."""
    from partnersim.plots.style import close

    for kind in ("png", "svg"):
        # SVG without a date: the same result gives the same file
        drawn.savefig(path.with_name(f"{path.name}.{kind}"), dpi=150, metadata={"Date": None} if kind == "svg" else None)
    close(drawn)


def comparison(result: Comparison, path: Path) -> None:
    """Write a paired comparison."""
    from partnersim.plots.comparison import plot_comparison, plot_differences
    from partnersim.plots.style import SCENARIOS
    from partnersim.plots.survival import plot_survivals

    first = result.results[0]
    tables = {"differences": result.summary(), "differences_by_month": result.by_month()}
    scenarios = [one.scenario for one in result.results]
    with whole_folder(path) as where:
        _write(where, tables, result.to_json(), scenarios, first.band, f"partnersim compare {{}} {result.options}")
        figure(plot_differences(result).figure, where / "differences")
        if len(scenarios) <= len(SCENARIOS):  # more curves could not be told apart
            figure(plot_survivals(result).figure, where / "survival")
            figure(plot_survivals(result, by="form").figure, where / "survival_form")
        for n, name in enumerate(result.names[1:], 1):
            figure(plot_comparison(result, scenario=name)[0].figure, where / f"comparison-{n}")


def attribution(result: Attribution, path: Path) -> None:
    """Write an attribution."""
    from partnersim.plots.attribution import plot_attribution, plot_interactions

    tables = {"factors": result.table()} | ({"interactions": result.interactions()} if result.can_pair else {})
    with whole_folder(path) as where:
        _write(where, tables, result.to_json(), [result.scenario], result.band, f"partnersim attribute {{}} {result.options}")
        figure(plot_attribution(result).figure, where / "factors")
        if result.can_pair:
            figure(plot_interactions(result).figure, where / "interactions")


def sensitivity(result: Sensitivity, path: Path) -> None:
    """Write a sensitivity analysis."""
    from partnersim.plots.sensitivity import plot_sensitivity

    command = f"partnersim sensitivity {{}} {result.options}"
    with whole_folder(path) as where:
        _write(where, {"sensitivity": result.table}, result.to_json(), [result.scenario], result.band, command)
        figure(plot_sensitivity(result).figure, where / "sensitivity")


def discovery(result: Discovery, path: Path) -> None:
    """Write a discovery."""
    from partnersim.plots.mortality import plot_cox
    from partnersim.plots.sensitivity import plot_map

    tables = {"design": result.design, "scores": result.scores}
    with whole_folder(path) as where:
        try:
            reading = result.cox()
            tables["cox"] = reading.table
            figure(plot_cox(reading, result.labels, result.footer).figure, where / "cox")
        except ResultError:  # too few deaths for a model; the notes say so
            pass
        _write(where, tables, result.to_json(), [result.scenario], result.band, f"partnersim discover {{}} {result.options}")
        if len(result.space) > 1:
            drawn = plot_map(result.map(), result.what, result.labels, result.footer, boxes=[box.limits for box in result.found])
            figure(drawn.figure, where / "map")


def one_run(tables: Mapping[str, pd.DataFrame], scenario: Scenario, path: Path) -> None:
    """Write the tables of a single run and its scenario."""
    with whole_folder(path) as where:
        _scenario(where / "scenario.toml", scenario)
        for name, table in tables.items():
            table.to_parquet(where / f"{name}.parquet", compression="zstd", index=False)


def _scenario(file: Path, scenario: Scenario) -> None:
    """Write a scenario, and mechanisms of the user's own beside it."""
    file.write_text(scenario.to_toml(beside=True), encoding="utf-8")
    for path in scenario.mechanisms:
        shutil.copyfile(path, file.with_name(Path(path).name))


def _write(
    where: Path,
    tables: Mapping[str, pd.DataFrame],
    document: Mapping[str, Any],
    scenarios: Sequence[Scenario],
    band: Band | None,
    command: str,
) -> None:
    """Write tables, what is needed to make the answer again, and the document; `{}` in the command stands for the scenarios' files."""
    for name, table in tables.items():
        table.to_csv(where / f"{name}.csv", index=False, lineterminator="\n")
    names: list[str] = []
    for scenario in scenarios:
        plain = re.sub(r"[^\w.=-]+", "-", scenario.name).strip("-.") or "scenario"
        names.append(f"{plain}.toml" if f"{plain}.toml" not in names else f"{plain}-{len(names)}.toml")
        _scenario(where / names[-1], scenario)
    if band is not None:
        (where / saving.BAND).write_text(band.to_csv(), encoding="utf-8")
    found = {
        **document,
        "command": command.format(" ".join(names)),
        "files": names,
        "model": scenarios[0].plan.digest,
        "band": None if band is None else band.digest,
        "versions": saving.versions(),
        "commit": saving.commit(),
        "platform": platform.platform(),
    }
    (where / "result.json").write_text(json.dumps(found, indent=1, allow_nan=False, default=dict) + "\n", encoding="utf-8")
