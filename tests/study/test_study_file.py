"""Study files: what they can say, and that all that is wrong is told at once, with its line."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_study import SMALL

import partnersim as ps
from partnersim.errors import PartnersimError, ScenarioError
from partnersim.study.study import MAX_BYTES, Study


def problems(text, folder=None):
    with pytest.raises(PartnersimError) as found:
        Study.read(text, folder=folder)
    return str(found.value)


def test_a_study_file_says_what_is_run(small):
    assert (small.points, small.runs, small.seed, small.years) == (8, 48, 3, 3)
    assert [s.name for s in small.scenarios] == ["small", "strained"]
    assert small.scenarios[1].sites == 2
    columns = small.columns()
    assert columns["scenario"] == ["small"] * 4 + ["strained"] * 4
    assert columns["start.trust.workplace"] == [0.3, 0.6] * 4


def test_everything_wrong_is_told_at_once_with_lines_and_nearest_names():
    text = """
qestion = "x"
seed = -1
replicates = 0
[scenario.a]
extends = "abc-unifed"
[scenario.b]
extends = "a"
[scenario.b.parameters]
trust.newz = 0.4
"succession.outside" = 9
[[scenario.b.timeline]]
event = "strike"
at_month = 3
dys = 4
[scenario."../../etc"]
[design]
kind = "sobol"
n = 100
over = ["succesion.*"]
[design.factors]
trust.news = [0.5, 0.5]
"district.sites" = { low = 1, high = 9000 }
"mechanisms.netwroks" = [true, false]
[record]
outcomes = ["alive"]
every_months = 0
"""
    told = problems(text)
    assert "16 problems" in told or "15 problems" in told, told
    for line, words in {
        2: "did you mean question",
        3: "seed = -1",
        4: "replicates = 0",
        6: "did you mean abc-unified",
        10: "trust.newz",
        11: "succession.outside = 9",
        12: "did you mean days",
        16: "no name for a scenario",
        19: "n = 100 is no power of two",
        20: "did you mean succession",
        22: "does not name different values",
        23: "sites = 9000",
        24: "did you mean mechanisms.networks",
        26: "did you mean alive_index",
        27: "every_months = 0",
    }.items():
        # the words follow the place: in the same block, at most three lines down
        blocks = [told[place : told.find("\n  line", place + 1)] for place in [told.find(f"line {line}: ")] if place >= 0]
        assert any(words in block for block in blocks), (line, words, told)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ('kind = "gird"', "no kind of design"),
        ("n = 4", "the design has no kind"),
        ('kind = "latin"\nover = ["succession.outside"]', "needs n"),
        ('kind = "grid"', "varies nothing"),
        ('kind = "grid"\nn = 3\nover = ["succession.outside"]', "n does not go with"),
        ('kind = "morris"\nn = 3\nlevels = 5\nover = ["succession.outside"]', "is odd"),
        ('kind = "zip"\n[design.factors]\n"trust.news" = [0.2, 0.3]\n"succession.outside" = [0.1]', "as many values"),
        ('kind = "fractional"\n[design.factors]\n"trust.news" = [0.2, 0.3, 0.4]', "two, or a range"),
        ('kind = "list"', "needs points"),
        ('kind = "list"\n[[design.points]]\n"trust.news" = 0.2\n[[design.points]]\n"trust.news" = 0.2', "points 1 and 2 of the design"),
        ('kind = "grid"\n[design.factors]\n"start.kind" = ["founding", "grown"]', "grown"),
        ('kind = "grid"\n[design.factors]\n"district.sites" = [1.5, 2]', "sites = 1.5"),
        ('kind = "grid"\n[design.factors]\n"trust.news" = { low = 0.5, high = 0.1 }', "is no range"),
        ('kind = "grid"\n[design.factors]\n"trust.news" = { low = 0.0, high = 0.1, scale = "log" }', "begins above 0"),
        ('kind = "grid"\nlevels = 1000\nover = ["succession.*"]', "points"),
    ],
)
def test_impossible_designs_are_refused(design, words):
    assert words in problems(f"[design]\n{design}")


def test_scenarios_extend_each_other_in_any_order_but_not_in_a_circle():
    text = '[scenario.b]\nextends = "a"\n[scenario.a]\nextends = "abc-unified"\n'
    assert [s.sites for s in Study.read(text).scenarios] == [28, 28]
    assert "in a circle" in problems('[scenario.b]\nextends = "a"\n[scenario.a]\nextends = "b"\n')


def test_a_design_without_scenarios_varies_the_typical_district():
    study = Study.read('[design]\nkind = "grid"\nover = ["succession.outside"]')
    assert [s.name for s in study.scenarios] == ["typical-district"]
    assert study.points == 3


def test_a_scenario_may_extend_a_file_beside_the_study(tmp_path):
    (tmp_path / "own.toml").write_text("[district]\nsites = 5\n")
    path = tmp_path / "study.toml"
    path.write_text('[scenario.x]\nextends = "own.toml"\n')
    assert ps.Study.load(path).scenarios[0].sites == 5


def test_a_dictionary_for_mesas_batch_run_becomes_a_design_in_one_call():
    parameters = {"district": ["typical-district", "abc-unified"], "succession__outside": [0.0, 0.5], "trust__news": 0.4, "years": 10}
    study = ps.Study.from_mesa(parameters, iterations=5, rng=7)
    assert (study.points, study.replicates, study.years, study.seed) == (4, 5, 10, 7)
    assert study.columns()["succession.outside"] == [0.0, 0.5, 0.0, 0.5]
    with pytest.raises(PartnersimError, match="one seed"):
        ps.Study.from_mesa({"seed": [1, 2]})


def test_mesas_batch_run_gives_the_histories_of_the_study(tmp_path):
    mesa = pytest.importorskip("mesa")
    tiny = ps.load_scenario("typical-district").replace(name="tiny", sites=2, members_per_site=3)
    parameters = {"district": tiny, "succession__outside": [0.0, 1.0], "years": 1}
    rows = mesa.batch_run(
        ps.PartnershipModel, parameters | {"replicate": [0, 1]}, max_steps=12, data_collection_period=1, display_progress=False
    )
    study = ps.Study.from_mesa(parameters, iterations=2, record={"every_months": 1}).run(tmp_path / "store", workers=1)
    names = ["succession.outside", "replicate", "month"]
    ours = study.frame("series", columns=[*names, "trust_union_workplace"]).set_index(names)["trust_union_workplace"]
    theirs = {(row["succession__outside"], row["replicate"], row["Step"]): row["trust_union_workplace"] for row in rows}
    assert len(theirs) >= 48
    assert {key: ours[key] for key in theirs} == theirs


# -- hostile files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "seed = " + "9" * 10_000,
        "seed = 0x" + "f" * 100_000,
        "[scenario.x]\nparameters = " + "{a=" * 2000,
        "[scenario]\nx = 3",
        "scenario = 3\ndesign = 4\nrecord = 5",
        "[scenario.x]\nextends = 7",
        '[scenario.x]\nextends = "\\u0000"',
        "[scenario.x]\ntimeline = 3",
        "[[scenario.x.timeline]]\nat_month = inf\nevent = 3",
        '[design]\nkind = "grid"\n[design.factors]\n"trust.news" = [nan]',
        '[design]\nkind = "latin"\nn = 99999999999999999999\nover = ["*"]',
        '[design]\nkind = ["grid"]\nover = [["a"]]',
        '[design]\nkind = "list"\npoints = [1, "a", {}]',
        "years = 1e400",
        "replicates = true",
        'question = ["a"]',
        "\x00",
        '[scenario."con\\u0007"]',
        "[scenario.x.start]\ntrust = 1979-05-27",
    ],
)
def test_a_hostile_file_gives_a_clear_error_and_no_traceback(text, tmp_path, partnersim):
    path = tmp_path / "hostile.toml"
    path.write_text(text)
    status, out, err = partnersim("study", path, "--out", tmp_path / "store")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert len(err) < 20_000
    assert not (tmp_path / "store").exists()


def test_a_huge_file_and_one_that_is_no_text_are_refused(tmp_path):
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ScenarioError, match="too large"):
        Study.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="cannot be read"):
        Study.load(path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        Study.load(tmp_path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        Study.load(tmp_path / "none.toml")


SCRAPS = st.sampled_from(
    [*SMALL.split("\n"), "[design]", "[[design.points]]", "n = 8", 'kind = "sobol"', '"trust.news" = 0.5', "[", "= 3", "x.y.z = {}"]
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SCRAPS, max_size=25).map("\n".join) | st.text(max_size=200))
def test_any_text_is_a_study_or_a_clear_error(text):
    try:
        study = Study.read(text)
    except PartnersimError:
        return
    assert study.points >= 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_a_study_file_broken_at_any_place_is_a_study_or_a_clear_error(data):
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 30)))
    with_what = data.draw(st.text(max_size=8))
    with suppress(PartnersimError):
        Study.read(SMALL[:start] + with_what + SMALL[end:])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["low", "high", "n", "kind", "trust.news", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.sampled_from(["seed", "years", "replicates", "scenario", "design", "record", "question", "point"]),
        VALUES
        | st.fixed_dictionaries(
            {"kind": st.sampled_from(["grid", "zip", "list", "latin", "morris", "fractional"])},
            optional={"n": VALUES, "levels": VALUES, "over": VALUES, "factors": VALUES, "points": VALUES, "resolution": VALUES},
        ),
        max_size=4,
    )
)
def test_any_data_are_a_study_or_a_clear_error(data):
    with suppress(PartnersimError):
        Study.of(data)
