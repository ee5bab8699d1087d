"""Reports: one page without the internet, figures and tables beside it, and sentences whose numbers are those of the tables."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import partnersim as ps
from partnersim import writing
from partnersim.analysis import survival
from partnersim.errors import ResultError
from partnersim.report.page import Page, Sheet
from partnersim.report.saved import SavedRun, departures, report
from partnersim.report.study import study_page
from partnersim.sweeping.discovery import Discovery


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "run"
    ps.run("typical-district", replicates=40, years=8, seed=2).save(folder)
    return folder


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def alone(page: str) -> None:
    """Nothing is fetched: no address but those inside the page."""
    for source in re.findall(r'(?:src|href)\s*=\s*"([^"]*)"', page):
        assert source.startswith("data:image/"), source
    assert "@import" not in page
    assert "url(" not in page
    assert "<script" not in page


def test_a_run_becomes_a_page(saved, partnersim):
    status, out, err = partnersim("report", str(saved))
    assert status == 0, err
    page = (saved / "report.html").read_text()
    alone(page)
    for text in (
        "A typical district",
        "Departures from the defaults",
        "Provenance",
        "partnersim run scenario.toml",
        "Survival of practice",
    ):
        assert text in page
    assert page.count("<figure>") == 5
    figures = {path.name for path in (saved / "report" / "figures").iterdir()}
    assert figures == {f"{name}.{kind}" for name in ("survival", "hazard", "causes", "outcomes", "warning") for kind in ("png", "svg")}
    assert "over a band of" in SavedRun(saved).footer
    table = pd.read_csv(saved / "report" / "tables" / "survival_practice.csv")
    assert table["alive"].to_numpy() == pytest.approx(SavedRun(saved).survival()["alive"].to_numpy())
    assert len(out.strip().splitlines()) == 3, "an answer of three sentences"
    found = json.loads(partnersim("report", str(saved), "--json")[1])
    assert found["answer"] == out.strip().splitlines()
    # the folder is still that run
    assert ps.run("typical-district", replicates=40, years=8, seed=2).save(saved) is False


def test_numbers_of_the_answer_are_those_of_the_tables(saved):
    run = SavedRun(saved)
    first, second, third = report(saved).answer
    table = run.survival().set_index("months")
    expected = []
    for age in (60, 96):
        row = table.loc[age]
        expected += [age // 12, *(round(100 * row[name]) for name in ("alive", "low", "high"))]
    assert numbers(first) == [*expected, len(run.runs)]
    mean, hazard = survival.restricted_mean(run.runs, 96), run.hazard()
    worst = hazard.loc[hazard["hazard_per_year"].idxmax()]
    rates = [round(float(worst[name]), 2) for name in ("hazard_per_year", "low", "high")]
    lives = [round(mean[name]) for name in ("months", "low", "high")]
    assert numbers(second) == [*lives, 96, worst["from_month"], worst["to_month"], *rates]
    causes, regimes = survival.causes(run.runs), survival.regimes(run.runs)
    most = regimes.loc[regimes["share"].idxmax()]
    rows = [*(row for _, row in causes.head(2).iterrows()), most]
    shares = [round(100 * row[name]) for row in rows for name in ("share", "low", "high")]
    assert numbers(third) == [causes.attrs["n"], *shares]


def test_departures_name_what_differs():
    scenario = ps.load_scenario("typical-district").replace(sites=9, parameters={"support.national": 0.9}).without("networks")
    table = departures(scenario.with_event(12, "strike", days=3)).set_index("what")
    assert table.loc["support.national", ["value", "default"]].tolist() == ["0.9", "0.5"]
    assert table.loc["district.sites", "value"] == "9"
    assert table.loc["without networks", "value"] == "left out"
    assert table.loc["month 12", "meaning"] == "days 3"
    assert len(table) == 4


def test_answers_become_pages(tmp_path):
    small = ps.load_scenario("typical-district").replace(sites=4, members_per_site=8)
    found = ps.attribute(small, factors=["community", "training"], replicates=4, years=3)
    writing.attribution(found, tmp_path / "a")
    page = report(tmp_path / "a")
    alone(page.html())
    difference = found.table().attrs["difference"]
    assert f"{difference[0]:.3g} [{difference[1]:.3g}, {difference[2]:.3g}]" in page.answer[0]
    assert {picture.name for picture in page.pictures} == {"factors", "interactions"}
    compared = ps.compare([small.replace(name="a"), small.replace(name="b", parameters={"support.national": 0})], replicates=6, years=3)
    writing.comparison(compared, tmp_path / "c")
    page = report(tmp_path / "c")
    row = compared.summary().iloc[0]
    assert f"{abs(row['difference']):.0f} months" in page.answer[0]
    assert "partnersim compare a.toml b.toml --replicates 6 --years 3 --seed 1" in page.html()
    assert "over a band of" in page.html()
    assert "support.national" not in page.departures["what"].tolist(), "those of the baseline"


def test_the_command_of_an_answer_makes_it_again(partnersim, tmp_path, monkeypatch):
    """The folder holds its scenarios, so that the command on the page gives the very tables, settings included."""
    first = tmp_path / "first"
    words = ["attribute", "typical-district", "--set", "support.national=0.8", "--factors", "national,training", "--replicates", "3"]
    assert partnersim(*words, "--years", "2", "--point", "--out", str(first))[0] == 0
    page = report(first)
    assert page.command.endswith("--factors national,training --replicates 3 --years 2 --seed 1 --point")
    assert page.departures.set_index("what").loc["support.national", "value"] == "0.8"
    monkeypatch.chdir(first)
    status, out, err = partnersim(*shlex.split(page.command)[1:], "--out", "again")
    assert status == 0, err
    assert "at the default parameters" in out
    for name in ("factors.csv", "interactions.csv"):
        assert (first / "again" / name).read_text() == (first / name).read_text()


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_sensitivities_become_pages_that_call_no_luck_an_effect(tmp_path, method):
    pytest.importorskip("SALib")
    small = ps.load_scenario("typical-district").replace(sites=4, members_per_site=8)
    over = ["support.launch", "capability.sessions_per_year"]
    found = ps.sensitivity(small, over, method=method, points=4, replicates=3, years=2, outcome="member_support")
    writing.sensitivity(found, tmp_path / "s")
    page = report(tmp_path / "s")
    alone(page.html())
    assert found.options in page.command
    assert 1 <= len(page.answer) <= 3
    assert [note in page.html() for note in found.notes] == [True] * len(found.notes)
    said = " ".join(page.answer)
    for row in found.table.to_dict("records"):
        if method == "morris" and row["effect"] <= 2 * row["luck"]:
            assert row["parameter"] not in said
        elif method == "morris":
            assert f"({row['parameter']}) moves" in said
            assert f"{row['effect']:.3g} [{row['low']:.3g}, {row['high']:.3g}] share" in said


def test_a_discovery_becomes_a_page(tmp_path):
    """Planted: practice dies early where superintendents stay briefly and nobody trains; the page says so with the numbers of its box."""
    pytest.importorskip("lifelines")
    pytest.importorskip("ema_workbench")
    rng, n = np.random.default_rng(3), 500
    space = {
        "succession.management_tenure_months": (24.0, 120.0),
        "capability.sessions_per_year": (0.0, 3.0),
        "support.national": (0.0, 1.0),
    }
    x = pd.DataFrame({name: low + (high - low) * rng.random(n) for name, (low, high) in space.items()})
    doomed = (x["succession.management_tenure_months"] < 60) & (x["capability.sessions_per_year"] < 1.5)
    died = rng.random((n, 2)) < np.where(doomed, 0.8, 0.1)[:, None]
    lives = x.loc[np.repeat(x.index, 2)].reset_index(drop=True)
    months = np.where(died.ravel(), rng.integers(6, 60, 2 * n), 120)
    lives = lives.assign(replicate=range(2 * n), practice_born_month=1, practice_alive_months=months, practice_died=died.ravel())
    design = x.assign(share=died.mean(axis=1))
    design.insert(0, "point", range(n))
    found = Discovery(
        scenario=ps.load_scenario("typical-district"), space=space, runs=2 * n, replicates=2, years=10, seed=1, band=None, seconds=0.0,
        within_years=5, design=design, lives=lives,
    )  # fmt: skip
    box = found.found[0]
    assert set(box.limits) == {"succession.management_tenure_months", "capability.sessions_per_year"}
    writing.discovery(found, tmp_path / "d")
    page = report(tmp_path / "d")
    alone(page.html())
    share = [round(100 * value) for value in found.share]
    assert numbers(page.answer[0]) == [n, 5, *share]
    assert page.answer[1] == box.sentence
    assert {picture.name for picture in page.pictures} == {"map", "cox"}
    assert page.command.endswith("--within-years 5 --points 500 --replicates 2 --years 10 --seed 1 --point")
    nothing = dataclasses.replace(found, design=design.assign(share=0.0), lives=lives.assign(practice_died=False))
    assert any(note.startswith("No boxes: practice dies within 5 years in 0 % of runs") for note in nothing.notes)
    assert any(note.startswith("No model of the risk: 0 deaths") for note in nothing.notes)
    assert nothing.found == ()


def test_text_is_text():
    frame = pd.DataFrame({"name": ["<script>alert(1)</script>"], "x": [np.nan], "n": [3]})
    page = Page("<b>", "a & b", ["1 < 2"], sheets=[Sheet("t", "T", frame)]).html()
    alone(page)
    assert "&lt;script&gt;" in page
    assert "<b>" not in page
    assert '<td class="n"></td>' in page


def test_what_cannot_be_reported_is_refused(tmp_path, partnersim):
    with pytest.raises(ResultError, match="nothing to report"):
        report(tmp_path)
    (tmp_path / "result.json").write_text("[]")
    with pytest.raises(ResultError, match="holds no document"):
        report(tmp_path)
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(ResultError, match="cannot be read"):
        report(tmp_path)
    (tmp_path / "result.json").write_text("{}")
    status, _, err = partnersim("report", str(tmp_path))
    assert (status, "no known kind" in err) == (2, True)


# -- studies ------------------------------------------------------------------------------------------------------


def study(factors: bool, left: int = 0) -> SimpleNamespace:
    """Return a made-up study: two scenarios, and turnover that kills in one design."""
    rng = np.random.default_rng(1)
    rows = []
    points = 80 if factors else 1
    for at in range(points):
        turnover, other = rng.random(2)
        for s, scenario in enumerate(("founded", "mature")):
            for replicate in range(4 if factors else 60):
                luck = np.random.default_rng([replicate, at]).exponential()
                months = luck / (0.004 * np.exp((2.5 * turnover if factors else 0.7) - 0.8 * s))
                lived = int(min(max(1, months), 240))
                rows.append((s * points + at, scenario, replicate, turnover, other, 1, lived, months < 240, "succession", 0.5))
    names = ["point", "scenario", "replicate", "turnover", "other", "practice_born_month", "practice_alive_months", "practice_died"]
    runs = pd.DataFrame(rows, columns=[*names, "cause_of_death", "practice_workplace"])
    runs["form_born_month"], runs["form_alive_months"], runs["form_died"] = 1, runs["practice_alive_months"], runs["practice_died"]
    district = ps.load_scenario("typical-district")
    edition = SimpleNamespace(
        number=1,
        name="turnover", question="Does turnover kill?", seed=1, years=20, replicates=4, factors=["turnover", "other"] if factors else [],
        kernels={"abc": "abc"}, design={}, findings=(), scenarios=dict.fromkeys(("founded", "mature"), district),
    )  # fmt: skip
    counts = {"runs": len(runs) + left, "done": len(runs), "failed": 0, "left": left}
    return SimpleNamespace(edition=edition, runs=runs, counts=lambda: counts)


def test_a_study_of_scenarios_is_paired(tmp_path):
    page = study_page(study(factors=False), tmp_path)
    alone(page.html())
    assert "Does turnover kill?" in page.html()
    assert "mature +" in page.answer[1]
    assert {sheet.name for sheet in page.sheets} >= {"differences", "survival-founded", "survival-mature"}


def test_a_study_of_factors_has_risks_and_conditions(tmp_path):
    pytest.importorskip("lifelines")
    pytest.importorskip("ema_workbench")
    page = study_page(study(factors=True, left=10), tmp_path)
    assert any("10 runs are left" in note for note in page.notes)
    assert any("Turnover at 0." in sentence and "of dying" in sentence for sentence in page.answer), page.answer
    assert {"cox", "map", "survival"} == {picture.name for picture in page.pictures}
    assert page.write(tmp_path).is_file()


@pytest.mark.parametrize("kind", ["sequence", "latin"])
def test_over_points_that_nobody_chose_there_is_no_survival(kind, tmp_path):
    drawn = study(factors=False)
    drawn.edition.design = {"kind": kind}
    page = study_page(drawn, tmp_path)
    assert "survival" not in {picture.name for picture in page.pictures}
    assert not any(said.startswith("Practice is alive at the end") for said in page.answer)


def test_a_study_without_runs_is_refused(tmp_path):
    empty = study(factors=False)
    empty.counts = lambda: {"runs": 4, "done": 0, "failed": 0, "left": 4}
    with pytest.raises(ResultError, match="no run is done yet"):
        study_page(empty, tmp_path)
