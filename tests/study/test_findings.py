"""Findings: read with everything that is wrong, worked out as they should be, and told from real stores."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from partnersim.analysis.compare import differences
from partnersim.errors import ResultError, ScenarioError
from partnersim.report import index
from partnersim.report.findings import peak, work_out
from partnersim.report.runs import Runs
from partnersim.report.saved import report
from partnersim.study.design import coalitions
from partnersim.study.edition import edition_of
from partnersim.study.small import small as in_small
from partnersim.study.study import Study
from partnersim.study.tables import StudySet

TINY = {"extends": "typical-district", "district": {"sites": 2, "members_per_site": 4}}
SENTENCES = {"difference": "{value}", "optimum": "{best}", "ranking": "{first}", "conditions": "{box}"}


def made_up(values, findings, replicates=40, members=None, months=(), **data):
    """Return the runs of a study whose outcome is values(row of its point, replicate[, month])."""
    study = Study.of(
        {"replicates": replicates, "years": 10, "record": {"outcomes": ["practice_workplace"]}, "finding": findings, **data}, name="made-up"
    )
    edition = edition_of(study)
    points = edition.table.drop_columns(["id"]).to_pandas()
    rows, series = [], []
    for row in points.to_dict("records"):
        for r in range(replicates):
            member = r if members is None else r % members
            lived = {"practice_born_month": 1, "practice_died": False, "replicate": r, "band_member": member}
            value = values(row, r) if not months else 0.0
            rows.append({**row, **lived, "practice_workplace": value, "practice_alive_months": value})
            series += [{**row, "replicate": r, "month": m, "practice_workplace": values(row, r, m)} for m in months]
    runs, by_month = pd.DataFrame(rows), pd.DataFrame(series)
    result = SimpleNamespace(edition=edition, runs=runs, counts=dict, frame=lambda table, columns: by_month[list(columns)])
    return [work_out(Runs(result), finding) for finding in study.findings]


def finding(kind, sentence=None, **fields):
    return {"kind": kind, "sentence": sentence or SENTENCES[kind], **fields}


def numbers(text):
    return [float(found) for found in re.findall(r"[-+]?\d+(?:\.\d+)?", text)]


def luck(r, scale=0.1):
    return scale * np.random.default_rng([7, r]).normal()


TWO = {"scenario": {"a": TINY, "b": TINY}}

# -- reading ------------------------------------------------------------------------------------------------------

BROKEN = """
replicates = 2
years = 2

[scenario.a]
extends = "typical-district"

[design]
kind = "grid"
[design.factors]
"succession.outside" = [0, 0.5, 1]
"start.kind" = ["founding", "mature"]

[record]
outcomes = ["exists"]
every_months = 6

[[finding]]
kind = "difference"
outcome = "practice_workplace"
of = { scenario = "c", month = 12 }
from = { "succession.outside" = 0.4, month = 13 }
sentence = "{values}"

[[finding]]
kind = "optimum"
outcome = "exist"
over = "start.kind"
sentence = "nothing"

[[finding]]
kind = "conditions"
within_years = 3
of = { scenario = "a" }
sentence = "{box"

[[finding]]
kind = "differences"
"""


def test_everything_wrong_with_findings_is_told_at_once_with_its_line():
    with pytest.raises(ScenarioError) as caught:
        Study.read(BROKEN)
    told = str(caught.value)
    lines = {number: text for number, text in re.findall(r"line (\d+): (.*)", told)}
    assert "scenario = 'c' is not in the study" in lines["21"]
    assert "'practice_workplace' is not recorded by month" in told
    assert "succession.outside = 0.4 is not in the study" in told
    assert "month 13 is not recorded" in told
    assert "cannot hold {values}" in lines["23"]
    assert "there is no outcome 'exist'" in lines["27"]
    assert "does not have three levels" in lines["28"]
    assert "holds nothing that is worked out" in lines["29"]
    assert "within_years = 3" in lines["33"]
    assert "a finding of kind conditions has no 'of'" in lines["34"]
    assert "the sentence cannot be read" in lines["35"]
    assert "'differences' is no kind of finding" in lines["38"]


def test_a_measure_that_is_never_negative_is_never_clear_of_zero():
    data = {"design": {"kind": "morris", "n": 4, "over": ["trust.*"]}, "finding": [finding("ranking", "{clear}", outcome="exists")]}
    with pytest.raises(ScenarioError, match="cannot hold {clear}"):
        Study.of(data)


def test_months_are_named_on_both_sides_and_designs_are_not_mixed():
    record = {"outcomes": ["exists"], "every_months": 12}
    half = finding("difference", outcome="exists", of={"scenario": "b", "month": 12}, **{"from": {"scenario": "a"}})
    with pytest.raises(ScenarioError, match="from names no month"):
        Study.of({**TWO, "record": record, "finding": [half]})
    mixed = finding("ranking", outcome="exists")
    with pytest.raises(ScenarioError, match="scenario by scenario"):
        Study.of({**TWO, "design": {"kind": "morris", "n": 4, "over": ["trust.*"]}, "finding": [mixed]})
    Study.of({**TWO, "design": {"kind": "morris", "n": 4, "over": ["trust.*"]}, "finding": [{**mixed, "at": {"scenario": "a"}}]})


# -- statistics ---------------------------------------------------------------------------------------------------


def test_a_difference_is_that_of_a_paired_comparison():
    def value(row, r):
        return 0.5 + 10 * luck(r) + (0.2 + luck(r + 1000)) * (row["scenario"] == "b")

    said = "{moves} {value} {of} {from} {compared}"
    (found,) = made_up(
        value, [finding("difference", said, outcome="practice_workplace", of={"scenario": "b"}, **{"from": {"scenario": "a"}})], **TWO
    )
    table = pd.DataFrame([{"scenario": s, "replicate": r, "y": value({"scenario": s}, r)} for s in "ab" for r in range(40)])
    row = differences(table, ["y"], "a").iloc[0]
    assert found.sentence.startswith("raises")
    assert found.sentence.endswith("clearly higher")
    assert numbers(found.sentence)[:3] == [round(row[name], 2) for name in ("difference", "low", "high")]
    assert numbers(found.sentence)[3] == round(row["mean"], 2)
    assert found.table["line"].tolist() == [""] * 2


def test_members_of_the_band_are_what_is_sampled():
    """What differs between members cannot be made certain by more worlds of the same members."""

    def value(row, r):
        return luck(r % 10, 1.0) * (row["scenario"] == "b")

    one = finding("difference", outcome="practice_workplace", of={"scenario": "b"}, **{"from": {"scenario": "a"}})
    few, many = (made_up(value, [one], replicates=n, members=10, **TWO)[0].sentence for n in (10, 200))
    assert few == many


def test_a_difference_of_differences_and_only_complete_worlds():
    def value(row, r):
        high = row["succession.outside"] == 1
        return luck(r) + (0.3 if high else 0.1) * (row["scenario"] == "b")

    one = finding(
        "difference", "{value} {at} {against}", outcome="practice_workplace", of={"scenario": "b"},
        at={"succession.outside": 1}, against={"succession.outside": 0}, **{"from": {"scenario": "a"}},
    )  # fmt: skip
    design = {"kind": "grid", "factors": {"succession.outside": [0, 0.5, 1]}}
    (found,) = made_up(value, [one], design=design, **TWO)
    assert numbers(found.sentence)[::3] == pytest.approx([0.2, 0.3, 0.1])
    assert set(found.table["level"]) == {0, 0.5, 1}
    axes = found.draw()
    assert len(axes.get_lines()) == 2


def test_months_are_compared_in_the_same_run():
    def value(row, r, month):
        return 0.5 + luck(r) + (0.01 * month if row["scenario"] == "b" else 0.0)

    one = finding(
        "difference", "{value}", outcome="practice_workplace", of={"month": [24, 36]}, at={"scenario": "b"}, against={"scenario": "a"},
        **{"from": {"month": [12, 0]}},
    )  # fmt: skip
    (found,) = made_up(value, [one], months=(0, 12, 24, 36), **TWO)
    assert numbers(found.sentence)[0] == pytest.approx(0.24)
    assert set(found.table["month"]) == {12, 24, 36}, "in month 0 nobody has acted"
    found.draw()


def test_an_inner_optimum_is_found_and_an_end_is_not_mistaken_for_one():
    def value(row, r):
        x, a = row["structures.workplace_meetings"], row["scenario"] == "a"
        return -((x - 4) ** 2) + luck(r, 1.0) * x if a else x + luck(r, 1.0)

    one = finding(
        "optimum", "{best}; {best_against}; {shift}; {gain}; {place}; {place_against}", outcome="practice_workplace",
        over="structures.workplace_meetings", at={"scenario": "a"}, against={"scenario": "b"},
    )  # fmt: skip
    design = {"kind": "grid", "factors": {"structures.workplace_meetings": [0, 2, 4, 6, 8]}}
    (found,) = made_up(value, [one], design=design, **TWO)
    best, other, shift, gain, place, place_against = found.sentence.split("; ")
    assert (numbers(best), numbers(other), numbers(shift)) == ([4, 4, 4], [8, 8, 8], [-4, -4, -4])
    assert numbers(gain)[1] > 10
    assert (place, place_against) == ("inside the range", "at the high end")


def test_the_gain_of_a_flat_curve_does_not_flatter():
    """Of 200 flat curves the interval of the gain lies above 0 in 2.5 % at most; 13 or more have a chance of 1 in 500."""
    rng = np.random.default_rng(3)
    draws = rng.integers(0, 40, (2, 40))
    above = sum(peak(np.arange(7.0), rng.normal(size=(7, 40)), draws).gain[1] > 0 for _ in range(200))
    assert above < 13


def test_main_effects_are_those_of_a_plane():
    def value(row, r):
        return (
            10 * row["succession.outside"]
            - 4 * row["mechanisms.networks"]
            + luck(r, 1.0) * (row["trust.news"] > 0.07)
            + 3 * (row["scenario"] == "b")
        )

    one = finding("ranking", "{first}; {second}; {third}; {clear} of {count}", outcome="practice_alive_months")
    factors = {"succession.outside": [0, 0.25, 0.5], "mechanisms.networks": [True, False], "trust.news": [0.05, 0.1]}
    (found,) = made_up(value, [one], design={"kind": "grid", "factors": factors}, **TWO)
    assert found.table["factor"].tolist() == ["succession.outside", "mechanisms.networks", "trust.news"]
    assert found.table["effect"].to_numpy() == pytest.approx([5, -4, np.mean([luck(r, 1.0) for r in range(40)])])
    assert found.sentence.endswith("2 of 3")


def test_an_interval_over_drawn_points_holds_what_another_draw_would_find():
    """The same in every world, so worlds tell nothing of how far a plane through a curved outcome hangs on its points.

    Forty draws of 32 points; intervals of 95 % would hold the true effect of 0 in fewer than 32 of them once in 1e4.
    """
    keys = ("succession.outside", "support.launch", "support.community")
    one = finding("ranking", "{first}; {second}; {third}; {clear} of {count}", outcome="practice_alive_months")

    def effect(seed):
        design = {"kind": "sequence", "n": 32, "over": list(keys)}
        curved = lambda row, r: 10 * (row[keys[0]] - 0.5) * (row[keys[1]] - 0.5) + 8 * (row[keys[2]] - 0.5) ** 2  # noqa: E731
        (found,) = made_up(curved, [one], replicates=3, seed=seed, design=design, scenario={"a": TINY})
        return found.table.set_index("factor").loc[keys[2]]

    rows = [effect(seed) for seed in range(1, 41)]
    assert np.std([row["effect"] for row in rows]) > 0
    assert sum(row["low"] <= 0 <= row["high"] for row in rows) >= 32


@pytest.mark.parametrize(
    "over", [["training", "gains", "board"], ["training", "gains", "board", "networks", "language", "national", "community"]]
)
def test_shapley_values_of_a_known_game(over):
    """Weights add up, and a bonus for two factors together is shared by them; exact whatever the orders, as the game is of pairs."""
    keys = [f"sustaining.{name}" for name in over]
    weight = {key: 1.0 + n for n, key in enumerate(keys)}

    def value(row, r):
        return sum(weight[key] * row[key] for key in keys) * (1 + luck(r)) + 6 * (row[keys[0]] and row[keys[1]])

    one = finding("ranking", outcome="practice_alive_months")
    (found,) = made_up(value, [one], design={"kind": "shapley", "n": 7, "over": keys}, scenario={"a": TINY})
    expected = pd.Series(weight) + pd.Series({keys[0]: 3.0, keys[1]: 3.0}).reindex(keys).fillna(0)
    got = found.table.set_index("factor")["value"].reindex(keys)
    assert got.to_numpy() == pytest.approx(expected.to_numpy(), rel=0.05)
    assert found.table["value"].sum() == pytest.approx(found.table.attrs["difference"][0])
    assert ((found.table["low"] < found.table["value"]) & (found.table["value"] < found.table["high"])).all()
    found.draw()


def test_coalitions_grow_and_hold_none_and_all():
    small, large = coalitions(8, 4), coalitions(8, 12)
    assert (large[: len(small)] == small).all()
    assert {0, 8} <= set(small.sum(axis=1))
    assert len(np.unique(large, axis=0)) == len(large)
    assert len(coalitions(4, 1)) == 16


@pytest.mark.parametrize("kind", ["morris", "sobol"])
def test_indices_are_read_from_a_store(kind):
    pytest.importorskip("SALib")

    def value(row, r):
        return 40 * row["succession.outside"] + 0.05 * row["succession.management_tenure_months"] + luck(r)

    over = ["succession.outside", "succession.management_tenure_months", "trust.news"]
    one = finding("ranking", "{first}; {second}", outcome="practice_alive_months")
    (found,) = made_up(value, [one], replicates=4, design={"kind": kind, "n": 64, "over": over}, scenario={"a": TINY})
    assert found.table["parameter"].tolist() == over
    column = "effect" if kind == "morris" else "total"
    share = 40**2 / (40**2 + (0.05 * 204) ** 2)
    assert found.table[column].to_numpy() == pytest.approx(
        [40, 10.2, 0] if kind == "morris" else [share, 1 - share, 0], abs=0.2 if kind == "morris" else 0.1
    )


def test_conditions_are_found():
    pytest.importorskip("ema_workbench")
    design = {"kind": "sequence", "n": 256, "over": ["succession.outside", "trust.news"]}
    one = finding("conditions", "{box} {base}", within_years=5)
    study = Study.of({"replicates": 6, "years": 10, "scenario": {"a": TINY}, "design": design, "finding": [one]})
    edition = edition_of(study)
    points = edition.table.drop_columns(["id"]).to_pandas()
    runs = points.loc[np.repeat(points.index, 6)].reset_index(drop=True)
    runs["replicate"] = runs["band_member"] = np.tile(np.arange(6), len(points))
    dead = runs["succession.outside"] > 0.7
    runs["practice_died"], runs["practice_alive_months"], runs["practice_born_month"] = dead, np.where(dead, 30, 120), 1
    found = work_out(Runs(SimpleNamespace(edition=edition, runs=runs)), study.findings[0])
    said = r"Where superintendents appointed from outside is 0\.(6[5-9]|7)\d* or more, practice dies within 5 years"
    assert re.match(said, found.sentence)
    found.draw()


def test_too_little_is_refused():
    one = finding("difference", outcome="practice_workplace", of={"scenario": "b"}, **{"from": {"scenario": "a"}})
    with pytest.raises(ResultError, match="fewer than two worlds"):
        made_up(lambda row, r: 0.0, [one], replicates=1, **TWO)
    three = finding("ranking", outcome="practice_workplace")
    with pytest.raises(ResultError, match="cannot tell"):
        made_up(
            lambda row, r: 0.0,
            [three],
            design={"kind": "zip", "factors": {"trust.news": [0.05, 0.1], "succession.outside": [0, 1]}},
            scenario={"a": TINY},
        )


# -- stores -------------------------------------------------------------------------------------------------------

QUESTION = """
question = "Does a strike matter?"
replicates = 3
years = 4
[scenario.calm]
extends = "typical-district"
district = { sites = 2, members_per_site = 4 }
[scenario.strained]
extends = "calm"
[[scenario.strained.timeline]]
at_month = 12
event = "strike"
days = 5
[record]
outcomes = ["alive_index"]
[[finding]]
kind = "difference"
outcome = "alive_index"
of = { scenario = "strained", month = 24 }
from = { scenario = "calm", month = 24 }
sentence = "It {moves} practice, by {value}."
"""


def test_a_store_is_reported_and_follows_a_reworded_finding(tmp_path, partnersim):
    file, store = tmp_path / "strike.toml", tmp_path / "store"
    file.write_text(QUESTION)
    assert partnersim("study", file, "--out", store)[0] == 0
    page = report(store)
    assert page.answer[0].startswith("It ")
    assert {picture.name for picture in page.pictures} == {"finding-1", "survival"}
    parts = sorted((store / "parts").iterdir())
    file.write_text(QUESTION.replace("It {moves}", "A strike {moves}"))
    assert partnersim("study", file, "--out", store)[0] == 0
    assert sorted((store / "parts").iterdir()) == parts, "no run is made again for other words"
    status, out, err = partnersim("report", store)
    assert (status, err.count("wrote")) == (0, 1)
    assert out.startswith("A strike ")
    assert "A strike " in (store / "report.html").read_text()


def test_designs_made_for_an_analysis_are_read_without_a_finding(tmp_path):
    pytest.importorskip("SALib")
    data = {"replicates": 3, "years": 10, "scenario": {"a": TINY}, "record": {"outcomes": []}}
    for kind, n in (("morris", 4), ("shapley", 1)):
        over = ["succession.outside", "trust.news"] if kind == "morris" else ["sustaining.training", "sustaining.gains"]
        store = Study.of({**data, "design": {"kind": kind, "n": n, "over": over}}).run(tmp_path / kind, workers=1)
        page = report(store.store.folder)
        assert page.answer[0].startswith("What matters most")
        assert page.sheets[0].name == "finding-1"


def test_a_sustaining_factor_is_taken_away_as_attribution_does(tmp_path):
    from partnersim.scenarios.factors import chosen, without_factors

    data = {"replicates": 2, "years": 2, "scenario": {"a": TINY}, "record": {"outcomes": []}}
    study = Study.of({**data, "design": {"kind": "grid", "factors": {"sustaining.training": [True, False], "succession.outside": [0.2]}}})
    store = study.run(tmp_path / "store", workers=1)
    base = study.scenarios[0].replace(parameters={"succession.outside": 0.2})
    away = without_factors(base, chosen(["training"]))
    assert dict(store.scenario(1).parameters) == dict(away.parameters)
    assert store.scenario(1).name == "a"
    with pytest.raises(ScenarioError, match="share"):
        Study.of({**data, "design": {"kind": "shapley", "n": 1, "over": ["sustaining.leadership", "sustaining.tenure"]}})
    with pytest.raises(ScenarioError, match="not on or off"):
        Study.of({**data, "design": {"kind": "shapley", "n": 1, "over": ["trust.news"]}})


def test_the_index_is_written_between_its_marks(tmp_path, partnersim):
    file = tmp_path / "studies" / "strike.toml"
    file.parent.mkdir()
    file.write_text(QUESTION)
    (file.parent / "README.md").write_text(f"# Mine\n\nbefore\n{index.BEGIN}\nold\n{index.END}\nafter\n")
    status, out, _ = partnersim("experiments", file.parent, "--out", tmp_path / "out")
    assert status == 0
    text = (file.parent / "README.md").read_text()
    assert text.startswith("# Mine\n\nbefore\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| Does a strike matter? | [strike.toml](strike.toml) | 6 |" in text
    assert out.partition(": ")[2].strip() in text
    assert (file.parent / "figures" / "strike.png").stat().st_size > 10_000
    (file.parent / "README.md").write_text("# Mine\n")
    status, _, err = partnersim("experiments", file.parent, "--out", tmp_path / "out")
    assert (status, "no place for the index" in err) == (2, True)
    assert partnersim("experiments", tmp_path)[0] == 2


def test_a_study_in_miniature_asks_the_same(small):
    tiny = in_small(small)
    assert tiny.points == small.points
    assert tiny.replicates == 4
    assert all(s.sites <= 3 for s in tiny.scenarios)
    assert tiny.name == "small-small"


def test_other_replicates_extend_a_store(tmp_path, partnersim):
    file = tmp_path / "strike.toml"
    file.write_text(QUESTION)
    for count in (2, 3):
        assert partnersim("study", file, "--out", tmp_path / "store", "--replicates", count)[0] == 0
        assert StudySet(tmp_path / "store").counts()["done"] == 2 * count
    assert partnersim("study", file, "--replicates", 0)[0] == 2
