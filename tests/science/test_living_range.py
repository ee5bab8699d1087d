"""The default district lives and dies in the range that published rates allow, and dies young rather than old."""

import pytest

import partnersim as ps
from partnersim.analysis.survival import hazard


@pytest.fixture(scope="module")
def typical():
    return ps.run("typical-district", replicates=400, seed=1)


def test_neither_all_live_nor_all_die(typical):
    shares = typical.runs["regime"].value_counts(normalize=True)
    assert 0.15 <= shares["vital"] <= 0.70, shares
    assert 0.15 <= shares["collapsed"] <= 0.70, shares


def test_between_two_fifths_and_six_sevenths_practise_at_five_years(typical):
    alive = typical.survival(by="practice").set_index("months")["alive"]
    assert 0.40 <= alive[60] <= 0.85


def test_hazard_is_front_loaded_and_never_ends(typical):
    rates = hazard(typical.runs, [0, 36, 84, 180, 240])["hazard_per_year"]
    assert rates[0] > rates[2] > 0, rates
    assert rates[3] > 0, rates


def test_paper_mandate_is_form_without_practice():
    runs = ps.run("paper-mandate", replicates=200, years=20, seed=1)
    early = runs.series.query("13 <= month <= 24").groupby("replicate")[["exists", "practice_workplace"]].mean()
    assert ((early["exists"] > 0.5) & (early["practice_workplace"] < 0.3)).mean() > 0.5
    assert (runs.runs["regime"] == "vital").mean() < 0.1


def test_abc_lives_longer_than_a_typical_district(typical):
    abc = ps.run("abc-unified", replicates=200, seed=1)
    assert (abc.runs["regime"] == "vital").mean() > (typical.runs["regime"] == "vital").mean() + 0.1


def test_an_adversarial_district_seldom_becomes_vital():
    runs = ps.run("adversarial", replicates=200, seed=1).runs
    assert (runs["regime"] == "vital").mean() < 0.2
    assert (runs["practice_born_month"] < 0).mean() > 0.3
