"""The report of a folder that `partnersim run --out` wrote, or one that holds an answer (compare, attribute, sensitivity, discover)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.analysis import precision, survival
from partnersim.errors import ResultError
from partnersim.report.page import Page, Picture, Sheet
from partnersim.results import Tables
from partnersim.saving import PROVENANCE, SUMMARY
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario, declared_parameters, start_columns
from partnersim.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SavedRun", "answer_of", "departures", "report"]

ANSWER = "result.json"
WATCHED = "trust_union_workplace"
"""Where early warnings are looked for."""


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
class SavedRun(Tables):
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
    def footer(self) -> str:
        """Where a figure comes from."""
        run = self.provenance["run"]
        version = self.provenance["versions"].get("partnersim", "")
        return (
            f"partnersim {version}, model {str(run['kernel'])[:12]}; scenario {self.document['scenario']}; "
            f"{self.document['runs']} runs of {self.years} years, seed {self.document['seed']}, {self.provenance['values']}."
        )


def run_page(run: SavedRun) -> Page:
    """Return the report of a run."""
    import pandas as pd

    from partnersim.plots.mortality import plot_causes, plot_hazard
    from partnersim.plots.outcomes import plot_outcomes
    from partnersim.plots.survival import plot_survival

    summary = pd.read_csv(run.folder / "summary.csv", keep_default_na=True).fillna({"interval": ""})
    labels = {outcome.name: outcome.label for outcome in run.outcomes}
    summary["quantity"] = summary["quantity"].map(lambda name: labels.get(name, name))
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
    if born:
        _warn_early(page, run)
    return page


def _warn_early(page: Page, run: SavedRun) -> None:
    """Add how well a death announces itself, where enough runs die and enough do not."""
    from partnersim.analysis.early_warning import INDICATORS, early_warning, roc
    from partnersim.plots.sensitivity import plot_roc

    try:
        table = early_warning(run.series[run.series["month"] > 0], run.runs, WATCHED)
    except ResultError:  # too few deaths, or too few lives, to measure skill
        return
    label = next(outcome.label for outcome in run.outcomes if outcome.name == WATCHED)
    drawn = plot_roc(table, {name: roc(table, name) for name in table["indicator"]}, run.footer, label=label)
    page.pictures.append(Picture.drawn("warning", "Whether a death announces itself.", drawn.figure))
    page.sheets.append(
        Sheet("warning", f"Skill of early warnings in: {label.lower()}", table.assign(what=table["indicator"].map(INDICATORS)))
    )


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

CAPTIONS = {
    "differences": "How much longer or shorter practice lives than in the baseline.",
    "survival": "How long practice lives in each scenario.",
    "survival_form": "How long the form lives in each scenario.",
    "comparison": "From runs to differences: what is left when each world is compared with itself.",
    "factors": "What each factor adds, step by step from none of them to all.",
    "interactions": "Which factors need each other, and which replace each other.",
    "sensitivity": "Which parameters matter, and how sure that is.",
    "map": "Where practice dies early, over the two parameters that tell most.",
    "cox": "What changes the risk of dying, all else equal.",
}
"""Figures of an answer in the order of the page; what follows a hyphen in the name of a file is a number."""
SHEETS = {
    "differences": "Differences in the same worlds",
    "differences_by_month": "Differences month by month (practice alive)",
    "factors": "What each factor adds",
    "interactions": "Pairs of factors",
    "sensitivity": "Parameters",
    "scores": "What tells whether practice dies early",
    "cox": "Risk of dying, by parameter",
    "design": "Points of the sample",
}


def answer_page(folder: Path) -> Page:
    """Return the report of a folder that holds an answer: its tables and figures as they are, and its words."""
    import pandas as pd

    found = dict(_read(folder / ANSWER))
    kinds = {"differences": _comparison, "factors": _attribution, "method": _sensitivity, "boxes": _discovery}
    told = next((words for key, words in kinds.items() if key in found), None)
    if told is None or "files" not in found:
        raise ResultError("this answer is of no known kind", where=str(folder / ANSWER))
    scenario = load_scenario(folder / found["files"][0])
    title, question, answer = told(found, scenario)
    order = list(CAPTIONS)
    drawn = [path for path in folder.glob("*.svg") if path.stem.partition("-")[0] in CAPTIONS and path.with_suffix(".png").is_file()]
    pictures = []
    for path in sorted(drawn, key=lambda path: (order.index(path.stem.partition("-")[0]), len(path.stem), path.stem)):
        caption = CAPTIONS[path.stem.partition("-")[0]]
        pictures.append(Picture(path.stem, caption, path.read_bytes(), path.with_suffix(".png").read_bytes()))
    tables = [name for name in SHEETS if (folder / f"{name}.csv").is_file()]
    sheets = [Sheet(name, SHEETS[name], _in_words(pd.read_csv(folder / f"{name}.csv")), folded=n > 0) for n, name in enumerate(tables)]
    for n, name in enumerate(found["files"][1:], 1):
        other = load_scenario(folder / name)
        sheets.append(Sheet(f"departures-{n}", f"Departures of {other.name} from the defaults", departures(other)))
    kept = ("values", "band", "model", "commit", "versions", "platform", "seed", "years", "runs", "worlds", "seconds")
    page = Page(title, question, answer, pictures, sheets, provenance=_flat({key: found[key] for key in kept if key in found}))
    page.command = str(found["command"])
    page.notes += [str(note) for note in found.get("notes", [])]
    page.departures = departures(scenario)
    return page


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with outcomes in words."""
    from partnersim.comparison import LABELS

    return table.assign(outcome=table["outcome"].map(lambda name: LABELS.get(name, name))) if "outcome" in table else table


Words = tuple[str, str, list[str]]


def _comparison(found: Mapping[str, Any], scenario: Scenario) -> Words:
    from partnersim.comparison import LABELS

    others = [name for name in found["scenarios"] if name != found["baseline"]]
    rows = found["differences"]
    said = []
    for row in rows[: len(others)]:
        clear = "" if row["low"] > 0 or row["high"] < 0 else ", no clear difference"
        more = "longer" if row["difference"] > 0 else "shorter"
        size = f"{abs(row['difference']):.0f} months {more} [{row['low']:+.0f} to {row['high']:+.0f}]"
        said.append(f"{size} in {row['scenario']}{clear}")
    answer = [f"Against {found['baseline']}, in the same worlds, practice lives {'; '.join(said)}."]
    moved = sorted((row for row in rows[len(others) :] if row["p"] is not None and row["p"] < 0.05), key=lambda row: row["p"])
    if moved:
        parts = []
        for row in moved[:4]:
            d = precision.decimals([(row["high"] - row["low"]) / 2])
            of = f" ({row['scenario']})" if len(others) > 1 else ""
            parts.append(f"{LABELS[row['outcome']]}{of} {row['difference']:+.{d}f} [{row['low']:+.{d}f}, {row['high']:+.{d}f}]")
        answer.append(f"The clearest of {len(moved)} other clear differences: {'; '.join(parts)}.")
    saved = [row["runs_saved"] for row in rows if row["runs_saved"] is not None]
    if saved:
        answer.append(f"Pairing worlds was worth {sorted(saved)[len(saved) // 2]:.1f} times as many runs (median over outcomes).")
    return f"{' and '.join(others)} against {found['baseline']}", "What does the change do, in the same worlds?", answer


def _attribution(found: Mapping[str, Any], scenario: Scenario) -> Words:
    from partnersim.playing import LABELS

    def within(level: Mapping[str, float]) -> str:
        return f"{level['value']:.3g} [{level['low']:.3g}, {level['high']:.3g}]"

    rows, unit = found["factors"], found["unit"]
    clear = [row for row in rows if row["low"] > 0 or row["high"] < 0]
    best = ", ".join(f"{row['label'].lower()} ({within(row)})" for row in clear[:3])
    answer = [
        f"{LABELS[found['outcome']]}: {within(found['all'])} with all factors, {within(found['none'])} with none; together they add "
        f"{within(found['difference'])} {unit}.",
        f"Most comes from {best}." if best else "No single factor is clear of none.",
    ]
    pairs = [row for row in found["interactions"] if row["kind"] != "unclear"]
    labels = {row["factor"]: row["label"].lower() for row in rows}
    rest = [row["label"].lower() for row in rows if row not in clear]
    if pairs:
        said = "; ".join(f"{labels[row['first']]} and {labels[row['second']]} ({row['kind']}, {within(row)})" for row in pairs[:3])
        answer.append(f"Factors that need or replace each other: {said}.")
    elif rest:
        answer.append(f"Not clear of none: {', '.join(rest)}.")
    return f"What sustains {scenario.heading}", "What does each sustaining factor contribute?", answer


def _sensitivity(found: Mapping[str, Any], scenario: Scenario) -> Words:
    from partnersim.playing import LABELS

    known, what = declared_parameters(scenario.plan), LABELS[found["outcome"]].lower()

    def named(name: str) -> str:
        return f"{known[name].meaning} ({name})"

    def told(row: Mapping[str, Any]) -> bool:
        """Whether it is told from luck."""
        if found["method"] == "morris":
            return row["luck"] is None or bool(row["effect"] > 2 * row["luck"])
        return found["method"] == "sobol" or any(row[f"at_{end}_low"] > 0 or row[f"at_{end}_high"] < 0 for end in ("low", "high"))

    clear = [row for row in found["parameters"] if told(row)]
    rest = len(found["parameters"]) - len(clear)
    answer = [] if clear else [f"None of {rest} parameters moves {what} by more than luck does."]
    for row in clear[: 3 if rest == 0 else 2]:
        name = row["parameter"]
        if found["method"] == "tornado":
            unit = "" if known[name].unit in ("", "-") else f" {known[name].unit}"
            ends = [
                f"{row[f'at_{end}']:+.3g} [{row[f'at_{end}_low']:.3g}, {row[f'at_{end}_high']:.3g}] at {row[f'{end}_level']:g}{unit}"
                for end in ("low", "high")
            ]
            answer.append(f"{named(name)} moves {what} by {' and by '.join(ends)}.")
        elif found["method"] == "morris":
            size = f"{row['effect']:.3g} [{row['low']:.3g}, {row['high']:.3g}] {found['unit']}"
            answer.append(f"{named(name)} moves {what} by {size} over its range.")
        else:
            first, total = (
                f"{100 * row[of]:.0f} % [{100 * row[f'{of}_low']:.0f} to {100 * row[f'{of}_high']:.0f}]" for of in ("first", "total")
            )
            answer.append(f"{named(name)} explains {first} of the variance of {what} alone, {total} with others.")
    if clear and rest:
        answer.append(f"{rest} of {len(found['parameters'])} parameters cannot be told from luck here.")
    answer = [sentence[:1].upper() + sentence[1:] for sentence in answer]
    return f"What matters: {scenario.heading}", "Which parameters matter, over their usual ranges?", answer


def _discovery(found: Mapping[str, Any], scenario: Scenario) -> Words:
    known, share = declared_parameters(scenario.plan), found["share"]
    what = f"practice dies within {found['within_years']:g} years"
    answer = [f"Over all {found['points']} points sampled {what} in {_share(share['value'], share['low'], share['high'])} of runs."]
    answer.append(found["boxes"][0]["sentence"] if found["boxes"] else "No box of conditions stands out.")
    best = [row for row in found["scores"] if row["low"] > row["chance"]][:3]
    if best:
        said = "; ".join(f"{known[r['parameter']].meaning} ({r['score']:.2f} [{r['low']:.2f}, {r['high']:.2f}])" for r in best)
        answer.append(f"What tells most, of a score of 1 for all together: {said}.")
    elif len(found["boxes"]) > 1:
        answer.append(found["boxes"][1]["sentence"])
    question = f"{found['question'][:1].upper()}{found['question'][1:]}?"
    return f"Where {what}: {scenario.heading}", question, answer


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
