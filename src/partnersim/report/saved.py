"""The report of a folder that `partnersim run --out` wrote, or one that holds an answer (compare, attribute, sensitivity, discover)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.analysis import precision, survival
from partnersim.analysis.bands import bands
from partnersim.errors import PartnersimError, ResultError
from partnersim.model import outcomes
from partnersim.report.page import Page, Picture, Sheet
from partnersim.saving import PROVENANCE, SUMMARY
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario, declared_parameters, start_columns
from partnersim.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SavedRun", "answer_of", "departures", "report"]

ANSWER = "result.json"
HAZARD_AGES = (0, 12, 24, 36, 60, 84, 120, 180)


def report(folder: str | Path) -> Page:
    """Return the report of a folder.

    Raises ResultError if nothing that can be reported is there.
    """
    where = Path(folder)
    if (where / SUMMARY).is_file() and (where / PROVENANCE).is_file():
        return run_page(SavedRun(where))
    if (where / ANSWER).is_file():
        return answer_page(where)
    if Store(where).is_there:
        from partnersim.report.study import study_page
        from partnersim.study.tables import StudySet

        return study_page(StudySet(where), where)
    raise ResultError(
        "there is nothing to report",
        where=str(where),
        allowed="a folder written by run, compare, attribute, sensitivity or discover with --out, or by a study",
    )


@dataclass(frozen=True)
class SavedRun:
    """A run as it lies in a folder; figures draw it like a `RunSet`."""

    folder: Path

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Where it comes from."""
        return dict(_read(self.folder / PROVENANCE))

    @cached_property
    def document(self) -> dict[str, Any]:
        """Its summary as plain data."""
        return dict(_read(self.folder / SUMMARY))

    @cached_property
    def scenario(self) -> Scenario:
        """Its scenario."""
        return load_scenario(self.folder / "scenario.toml")

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run."""
        return _frame(self.folder / "runs.parquet")

    @cached_property
    def series(self) -> pd.DataFrame:
        """One row a run and month."""
        return _frame(self.folder / "series.parquet")

    @property
    def years(self) -> int:
        """Length of the runs."""
        return int(self.document["years"])

    @property
    def title(self) -> str:
        """Heading of figures."""
        return self.scenario.title or str(self.document["scenario"])

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        run = self.provenance["run"]
        version = self.provenance["versions"].get("partnersim", "")
        return (
            f"partnersim {version}, model {str(run['kernel'])[:12]}; scenario {self.document['scenario']}; "
            f"{self.document['runs']} runs of {self.years} years, seed {self.document['seed']}."
        )

    @property
    def outcomes(self) -> tuple[outcomes.Outcome, ...]:
        """The declared outcomes."""
        return outcomes.OUTCOMES

    def survival(self, by: str = "practice") -> pd.DataFrame:
        """Kaplan-Meier table."""
        return survival.survival(self.runs, by, horizon_months=12 * self.years)  # type: ignore[arg-type]

    def hazard(self) -> pd.DataFrame:
        """Deaths per year at risk by age."""
        return survival.hazard(self.runs, [*(age for age in HAZARD_AGES if age < 12 * self.years), 12 * self.years])

    def cumulative_incidence(self) -> pd.DataFrame:
        """Shares of deaths by cause and age."""
        return survival.cumulative_incidence(self.runs)

    def bands(self, names: Any) -> pd.DataFrame:
        """Median and spread by month."""
        return bands(self.series[self.series["month"] > 0], names)


def run_page(run: SavedRun) -> Page:
    """Return the report of a run."""
    import pandas as pd

    from partnersim.plots.mortality import plot_causes, plot_hazard
    from partnersim.plots.outcomes import plot_outcomes
    from partnersim.plots.survival import plot_survival

    summary = pd.read_csv(run.folder / "summary.csv", keep_default_na=True).fillna({"interval": ""})
    born = int((run.runs["practice_born_month"] >= 0).sum())
    pictures = [Picture.drawn("survival", "How long practice and form live.", plot_survival(run).figure)]
    if born:
        pictures.append(Picture.drawn("hazard", "At which age practice is in danger.", plot_hazard(run).figure))
        pictures.append(Picture.drawn("causes", "What practice dies of.", plot_causes(run).figure))
    pictures.append(Picture.drawn("outcomes", "How the parties fare, month by month.", plot_outcomes(run)[0].figure))  # type: ignore[arg-type]
    page = Page(
        title=run.title,
        question=f"How long does this partnership last, what ends it, and how do the parties fare? {run.scenario.summary}".strip(),
        answer=answer_of(run),
        pictures=pictures,
        sheets=[
            Sheet("summary", "Summary", summary, folded=False),
            Sheet("survival_practice", "Survival of practice", run.survival("practice")),
            Sheet("survival_form", "Survival of the form", run.survival("form")),
            Sheet("causes", "What ended practice", survival.causes(run.runs)),
        ],
        departures=departures(run.scenario),
        provenance=_flat(run.provenance),
        command=str(run.provenance["command"]),
    )
    if born:
        page.sheets.append(Sheet("hazard", "Hazard by age", run.hazard()))
    warning = precision.short(summary)
    page.notes += [warning] if warning else []
    return page


def answer_of(run: SavedRun) -> list[str]:
    """Return the answer in three sentences, each number with its interval."""
    n = len(run.runs)
    table = run.survival("practice")
    if len(table) == 0:
        return [f"Practice was born in none of {n} runs.", *_regimes(run)]
    ages = [age for age in (60, 12 * run.years) if age <= int(table["months"].iloc[-1])]
    alive = " and ".join(
        f"after {age // 12} years in {_share(row.alive, row.low, row.high)}"
        for age in dict.fromkeys(ages)
        for row in table[table["months"] == age].itertuples()
    )
    born = int(table.attrs["n"])
    first = f"Practice is alive {alive} of the {born} runs in which it was born" + (f" (of {n})" if born < n else "") + "."
    horizon = min(12 * run.years, int(table["months"].iloc[-1]))
    mean = survival.restricted_mean(run.runs, horizon)
    hazard = run.hazard()
    worst = hazard.loc[hazard["hazard_per_year"].idxmax()]
    second = (
        f"It lives {mean['months']:.0f} months [{mean['low']:.0f}-{mean['high']:.0f}] of {horizon} on average; it is most in danger "
        f"between months {worst['from_month']:.0f} and {worst['to_month']:.0f} of its life, with {worst['hazard_per_year']:.2f} "
        f"[{worst['low']:.2f}-{worst['high']:.2f}] deaths per year at risk."
    )
    causes = survival.causes(run.runs)
    ended = " and ".join(f"{row.cause} ({_share(row.share, row.low, row.high)})" for row in causes.head(2).itertuples())
    third = f"Of its {causes.attrs['n']} deaths most came from {ended}" if len(causes) else "In no run did it die"
    return [first, second, f"{third}; {_regimes(run)[0]}"]


def _regimes(run: SavedRun) -> list[str]:
    regimes = survival.regimes(run.runs)
    most = regimes.loc[regimes["share"].idxmax()]
    return [f"at the end most runs are {most['regime']}: {_share(most['share'], most['low'], most['high'])}."]


def departures(scenario: Scenario) -> pd.DataFrame:
    """Return what of a scenario differs from the defaults: name, value, default, unit, meaning."""
    import pandas as pd

    rows: list[tuple[str, str, str, str, str]] = []
    known, columns = declared_parameters(scenario.plan), start_columns(scenario.plan)
    for name in ("sites", "members_per_site", "stewards_per_site", "team_size", "poverty"):
        usual = Scenario.__dataclass_fields__[name].default
        if getattr(scenario, name) != usual:
            rows.append((f"district.{name}", f"{getattr(scenario, name):g}", f"{usual:g}", "", "size or make-up of the district"))
    for name, value in scenario.start.items():
        if value != columns[name].start:
            rows.append((f"start.{name}", _words(value), _words(columns[name].start), columns[name].unit, columns[name].meaning))
    for name, value in scenario.parameters.items():
        p = known[name]
        if value != p.default:
            rows.append((name, f"{value:g}", f"{p.default:g}", p.unit, p.meaning))
    rows += [(f"without {name}", "left out", "there", "", scenario.plan.mechanisms[name].claim) for name in scenario.left_out]
    for event in scenario.timeline:
        rest = ", ".join(f"{key} {value}" for key, value in event.items() if key not in ("at_month", "event"))
        rows.append((f"month {event['at_month']}", str(event["event"]), "", "", rest))
    return pd.DataFrame(rows, columns=["what", "value", "default", "unit", "meaning"])


# -- answers ------------------------------------------------------------------------------------------------------


def answer_page(folder: Path) -> Page:
    """Return the report of a folder that holds an answer: its tables and figures as they are, and its words."""
    import pandas as pd

    found = dict(_read(folder / ANSWER))
    if "differences" in found:
        title, question, answer, command = _comparison(found)
    elif "factors" in found:
        title, question, answer, command = _attribution(found)
    elif "method" in found:
        title, question, answer, command = _sensitivity(found)
    elif "boxes" in found:
        title, question, answer, command = _discovery(found)
    else:
        raise ResultError("this answer is of no known kind", where=str(folder / ANSWER))
    pictures = []
    for path in sorted(folder.glob("*.svg")):
        if path.with_suffix(".png").is_file():
            pictures.append(
                Picture(path.stem, path.stem.replace("-", " ").capitalize(), path.read_bytes(), path.with_suffix(".png").read_bytes())
            )
    sheets = [Sheet(path.stem, path.stem.replace("_", " ").capitalize(), pd.read_csv(path)) for path in sorted(folder.glob("*.csv"))]
    kept: dict[str, Any] = {key: found[key] for key in ("commit", "versions", "seed", "years", "runs", "worlds", "seconds") if key in found}
    page = Page(title, question, answer, pictures, sheets, provenance=_flat(kept), command=command)
    page.notes += [str(note) for note in found.get("notes", [])]
    scenario = found.get("scenario", found.get("baseline"))
    try:
        page.departures = departures(load_scenario(str(scenario)))
    except PartnersimError:  # a scenario of the user's own, made in Python
        page.departures = None
    return page


Words = tuple[str, str, list[str], str]


def _comparison(found: Mapping[str, Any]) -> Words:
    others = [name for name in found["scenarios"] if name != found["baseline"]]
    answer = []
    for name in others:
        row = next(row for row in found["differences"] if row["scenario"] == name)
        sign = "longer" if row["difference"] > 0 else "shorter"
        clear = row["low"] > 0 or row["high"] < 0
        size = f"{abs(row['difference']):.0f} months {sign}"
        answer.append(
            f"In {name}, practice lives {size} than in {found['baseline']} [{row['low']:.0f} to {row['high']:.0f}]"
            + ("." if clear else ", which is no clear difference.")
        )
    moved = [row for row in found["differences"][len(others) :] if row["p"] is not None and row["p"] < 0.05]
    if moved:
        said = "; ".join(
            f"{row['outcome']} of {row['scenario']} {row['difference']:+.2g} [{row['low']:.2g}, {row['high']:.2g}]" for row in moved[:4]
        )
        answer.append(f"Clear changes besides: {said}.")
    saved = [row["runs_saved"] for row in found["differences"] if row["runs_saved"] is not None]
    if saved:
        answer.append(f"Pairing worlds was worth {sorted(saved)[len(saved) // 2]:.1f} times as many runs (median over outcomes).")
    words = " ".join(shlex.quote(name) for name in found["scenarios"])
    size_of = f"--replicates {found['runs']} --years {found['years']} --seed {found['seed']}"
    title = f"{' and '.join(others)} against {found['baseline']}"
    return title, "What does the change do, in the same worlds?", answer[:4], f"partnersim compare {words} {size_of}"


def _attribution(found: Mapping[str, Any]) -> Words:
    def within(level: Mapping[str, float]) -> str:
        return f"{level['value']:.3g} [{level['low']:.3g}, {level['high']:.3g}]"

    rows = found["factors"]
    clear = [row for row in rows if row["low"] > 0 or row["high"] < 0]
    best = ", ".join(f"{row['label'].lower()} ({within(row)})" for row in clear[:3])
    rest = [row["label"].lower() for row in rows if row not in clear]
    answer = [
        f"With all factors {found['outcome'].replace('_', ' ')} is {within(found['all'])} {found['unit']}, with none "
        f"{within(found['none'])}: together they add {within(found['difference'])}.",
        f"Most comes from {best}." if best else "No single factor is clear of none.",
    ]
    pairs = [row for row in found["interactions"] if row["kind"] != "unclear"]
    labels = {row["factor"]: row["label"].lower() for row in rows}
    if pairs:
        said = "; ".join(f"{labels[row['first']]} and {labels[row['second']]} ({row['kind']}, {within(row)})" for row in pairs[:3])
        answer.append(f"Factors that need or replace each other: {said}.")
    elif rest:
        answer.append(f"Not clear of none: {', '.join(rest)}.")
    size = f"--replicates {found['worlds']} --years {found['years']} --seed {found['seed']} --outcome {found['outcome']}"
    title = f"What sustains {found['scenario']}"
    return title, "What does each sustaining factor contribute?", answer, f"partnersim attribute {shlex.quote(found['scenario'])} {size}"


def _sensitivity(found: Mapping[str, Any]) -> Words:
    rows = found["parameters"]
    if found["method"] == "tornado":
        answer = [
            f"{row['parameter']} moves {found['outcome'].replace('_', ' ')} by {row['at_low']:+.3g} [{row['at_low_low']:.3g}, "
            f"{row['at_low_high']:.3g}] at {row['low_level']:g} and by {row['at_high']:+.3g} [{row['at_high_low']:.3g}, "
            f"{row['at_high_high']:.3g}] at {row['high_level']:g}."
            for row in rows[:3]
        ]
    elif found["method"] == "morris":
        answer = [
            f"{row['parameter']} moves {found['outcome'].replace('_', ' ')} by {row['effect']:.3g} [{row['low']:.3g}, {row['high']:.3g}] "
            "over its range."
            for row in rows[:3]
        ]
    else:
        answer = [
            f"{row['parameter']} explains {100 * row['first']:.0f} % [{100 * row['first_low']:.0f}-{100 * row['first_high']:.0f}] of the "
            f"variance alone, {100 * row['total']:.0f} % [{100 * row['total_low']:.0f}-{100 * row['total_high']:.0f}] with others."
            for row in rows[:3]
        ]
    over = " ".join(f"--over {name}" for name in found["ranges"])
    size = f"--method {found['method']} --replicates {found['replicates']} --years {found['years']} --seed {found['seed']}"
    command = f"partnersim sensitivity {shlex.quote(found['scenario'])} {over} {size} --outcome {found['outcome']}"
    return f"What matters in {found['scenario']}", "Which parameters matter, over their usual ranges?", answer, command


def _discovery(found: Mapping[str, Any]) -> Words:
    answer = [box["sentence"] for box in found["boxes"]][:2] or ["No box of conditions stands out."]
    best = [row for row in found["scores"] if row["low"] > row["chance"]][:3]
    if best:
        answer.append(
            "What tells most: " + ", ".join(f"{r['parameter']} ({r['score']:.2f} [{r['low']:.2f}, {r['high']:.2f}])" for r in best) + "."
        )
    over = " ".join(f"--over {row['parameter']}" for row in found["scores"])
    size = f"--points {found['points']} --years {found['years']} --seed {found['seed']}"
    question = f"{found['question'][:1].upper()}{found['question'][1:]}?"
    return question.rstrip("?"), question, answer, f"partnersim discover {shlex.quote(found['scenario'])} {over} {size}"


# -- reading ------------------------------------------------------------------------------------------------------


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ResultError(f"{path.name} cannot be read: {problem}", where=str(path)) from problem
    if not isinstance(found, dict):
        raise ResultError(f"{path.name} holds no document", where=str(path))
    return found


def _frame(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as problem:
        raise ResultError(f"{path.name} cannot be read: {problem}", where=str(path)) from problem


def _flat(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return provenance as rows; parameters are left to the table of departures."""
    out: dict[str, Any] = {}
    for key, value in provenance.items():
        if key == "parameters":
            continue
        if isinstance(value, dict):
            out |= {f"{key}: {name}": inner for name, inner in value.items()}
        else:
            out[key] = value
    return out


def _share(value: float, low: float, high: float) -> str:
    return f"{100 * value:.0f} % [{100 * low:.0f}-{100 * high:.0f}]"


def _words(value: Any) -> str:
    return " / ".join(f"{part:g}" for part in value) if isinstance(value, tuple) else f"{value:g}"
