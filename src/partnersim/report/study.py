"""The report of a study, finished or not: whatever analysis its design allows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partnersim.analysis import discovery, survival
from partnersim.analysis.compare import differences
from partnersim.analysis.cox import cox
from partnersim.errors import PartnersimError, ResultError
from partnersim.report.findings import work_out
from partnersim.report.page import Page, Picture, Sheet
from partnersim.report.ranking import SENSITIVITY
from partnersim.report.runs import Found, Runs, StudyResult
from partnersim.study.factors import meaning
from partnersim.study.findings import SCENARIO, Finding
from partnersim.study.small import SUFFIX

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.study.edition import Edition

__all__ = ["study_page"]

MOST_CURVES = 6
EARLY = 60
"""Months within which a death counts as early."""
FEWEST = 40
"""Points from which conditions are looked for."""
OWN = ("shapley", *SENSITIVITY)
"""Designs made for one kind of analysis; a regression over their points would say little."""
CHOSEN = ("", "grid", "list", "zip")
"""Designs whose points somebody chose: over the points of others, drawn from wide ranges, a survival curve is nobody's."""


def study_page(study: StudyResult, folder: Path) -> Page:
    """Return the report of a study."""
    from partnersim.plots.survival import plot_survivals

    edition, counts = study.edition, study.counts()
    if counts["done"] == 0:
        raise ResultError("no run is done yet", where=str(folder), fix="run the study first")
    runs = study.runs
    scenarios = [str(name) for name in runs["scenario"].unique()]
    factors = [name for name in edition.factors if name in runs.columns and runs[name].nunique() > 1]
    numbers = [name for name in factors if runs[name].dtype.kind in "fiub" and runs[name].notna().all()]
    footer = f"study {edition.name}; {counts['done']} runs of {edition.years} years, {edition.replicates} worlds, seed {edition.seed}."
    models = sorted({kernel[:12] for kernel in edition.kernels.values()})
    page = Page(
        title=str(edition.name),
        question=str(edition.question).strip(),
        answer=[],
        provenance={"runs": counts["runs"], **{name: counts[name] for name in ("done", "failed", "left")}, "seed": edition.seed,
                    "years": edition.years, "replicates": edition.replicates, "model": ", ".join(models)},
        command=f"partnersim study {folder.name}/plan/{edition.number:04d}/study.toml {_size(edition)} --out again",
    )  # fmt: skip
    if counts["left"] or counts["failed"]:
        page.notes.append(
            f"Not complete: {counts['left']} runs are left and {counts['failed']} failed; what follows rests on {counts['done']}."
        )
    answer = _found(page, study)
    declared = len(answer)
    if len(scenarios) <= MOST_CURVES and edition.design.get("kind", "") in CHOSEN:
        parts = {str(name): part for name, part in runs.groupby("scenario", sort=False)}
        curves = {name: survival.survival(part, horizon_months=12 * edition.years) for name, part in parts.items()}
        page.pictures.append(
            Picture.drawn("survival", "How long practice lives, by scenario.", plot_survivals(curves, source=footer).figure)
        )
        last = {name: table.iloc[-1] for name, table in curves.items() if len(table)}
        said = "; ".join(f"{name} {_share(row['alive'], row['low'], row['high'])}" for name, row in last.items())
        answer.append(f"Practice is alive at the end of {edition.years} years of life in: {said}.")
        for name, table in curves.items():
            page.sheets.append(Sheet(f"survival-{name}".replace(" ", "_").replace(",", ""), f"Survival of practice: {name}", table))
    if len(scenarios) > 1:
        answer += _paired(page, runs, scenarios)
    if numbers and edition.design.get("kind") not in OWN:
        answer += _risk(page, edition, runs, numbers, footer)
        if not any(finding.kind == "conditions" for finding in edition.findings):
            answer += _conditions(page, edition, runs, numbers, footer)
    page.answer = answer[: max(3, declared)]
    return page


def _size(edition: Edition) -> str:
    return "--small" if edition.name.endswith(SUFFIX) else f"--replicates {edition.replicates}"


def _found(page: Page, study: StudyResult) -> list[str]:
    """Work out what the study declares, or else what its design was made for."""
    runs, edition = Runs(study), study.edition
    declared = list(edition.findings)
    if not declared and edition.design.get("kind") in OWN:
        sentence = "What matters most to how long practice lives: {first}; then {second}; then {third}."
        declared = [
            Finding("ranking", sentence, "practice_alive_months", at={SCENARIO: name} if len(edition.scenarios) > 1 else {})
            for name in edition.scenarios
        ]
    said = []
    for n, finding in enumerate(declared, 1):
        try:
            found = work_out(runs, finding)
        except PartnersimError as problem:
            page.notes.append(f"Finding {n} ({finding.kind}) cannot be worked out: {problem.what}.")
            continue
        said.append(found.sentence)
        page.notes += [f"Finding {n}: {note}" for note in found.notes]
        if any(found.table.equals(sheet.frame) for sheet in page.sheets):
            continue  # two findings about one figure
        page.pictures.append(picture(found, f"finding-{n}"))
        page.sheets.append(Sheet(f"finding-{n}", f"Finding {n}: {found.caption}", found.table, folded=n > 1))
    return said


def picture(found: Found, name: str) -> Picture:
    """Draw a finding."""
    return Picture.drawn(name, found.caption, found.draw().figure)


def _paired(page: Page, runs: pd.DataFrame, scenarios: list[str]) -> list[str]:
    """Compare scenarios in the same worlds (and at the same points), where all of them are complete."""
    keys = ["scenario", "replicate"]
    part = runs
    if "point" in runs.columns:
        # the k-th point of each scenario is the same design point
        order = runs[["scenario", "point"]].drop_duplicates().sort_values("point")
        place = order.groupby("scenario").cumcount()
        part = runs.merge(order.assign(place=place), on=["scenario", "point"])
        part = part.groupby(keys, as_index=False, sort=False)[["practice_alive_months", "practice_workplace"]].mean()
    wanted = ["practice_alive_months", "practice_workplace"]
    try:
        table = differences(part, wanted, scenarios[0], units={"practice_alive_months": "months", "practice_workplace": "share of schools"})
    except ResultError as problem:
        page.notes.append(f"No paired comparison: {problem.what}.")
        return []
    page.sheets.append(Sheet("differences", f"Differences from {scenarios[0]} in the same worlds", table, folded=False))
    rows = table[table["outcome"] == wanted[0]].itertuples()
    said = "; ".join(f"{row.scenario} {row.difference:+.0f} months [{row.low:+.0f}, {row.high:+.0f}]" for row in rows)
    return [f"Life of practice against {scenarios[0]}, in the same worlds: {said}."]


def _risk(page: Page, edition: Edition, runs: pd.DataFrame, factors: list[str], footer: str) -> list[str]:
    """Fit a Cox model over the factors that vary."""
    from partnersim.plots.mortality import plot_cox

    # what a scenario does by itself stands beside the factors
    others = [str(name) for name in runs["scenario"].unique()][1:]
    known = runs.assign(**{f"scenario {name}": (runs["scenario"] == name).astype(float) for name in others})
    words = _words(edition, factors) | {
        f"scenario {name}": f"{edition.scenarios[name].heading}, against the first scenario" for name in others
    }
    try:
        reading = cox(known, [*factors, *(f"scenario {name}" for name in others)], labels=words)
    except PartnersimError as problem:
        page.notes.append(f"No risk: {problem.what}.")
        return []
    page.pictures.append(Picture.drawn("cox", "What changes the risk of dying, all else equal.", plot_cox(reading, words, footer).figure))
    page.sheets.append(Sheet("cox", "Risk of dying, by factor", reading.table, folded=False))
    page.notes += [f"Risk: {note}" for note in reading.notes]
    return [said[:1].upper() + said[1:] for said in reading.sentences[:1]]


def _conditions(page: Page, edition: Edition, runs: pd.DataFrame, factors: list[str], footer: str) -> list[str]:
    """Look for boxes of conditions over the factors that vary."""
    from partnersim.plots.sensitivity import plot_map

    points = runs.assign(early=(runs["practice_died"] & (runs["practice_alive_months"] <= EARLY)).astype(float))
    by_point = points.groupby([*(["point"] if "point" in runs.columns else []), *factors], as_index=False, sort=False)["early"].mean()
    if len(by_point) < FEWEST:
        return []
    what, words = f"practice dies within {EARLY // 12} years", _words(edition, factors)
    try:
        scored = discovery.scores(by_point[factors], by_point["early"])
        page.sheets.append(Sheet("scores", f"What tells whether {what}", scored, folded=False))
        if len(factors) > 1:
            best = list(scored["parameter"])[:2]
            table = discovery.map_of_two(by_point[factors], by_point["early"], *best)
            page.pictures.append(Picture.drawn("map", f"Where {what}.", plot_map(table, what, words, footer).figure))
        found = discovery.boxes(by_point[factors], by_point["early"], what, labels=words)
    except PartnersimError as problem:
        page.notes.append(f"No conditions: {problem.what}.")
        return []
    return [box.sentence for box in found[:1]]


def _words(edition: Edition, factors: list[str]) -> dict[str, str]:
    used = next(iter(edition.scenarios.values())).plan
    return {name: meaning(name, used) for name in factors}


def _share(value: float, low: float, high: float) -> str:
    return f"{100 * value:.0f} % [{100 * low:.0f}-{100 * high:.0f}]"
