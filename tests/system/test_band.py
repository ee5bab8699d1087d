"""The band: each replicate has its member, what a user sets wins, and any run can be made again from its row."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import partnersim as ps
from partnersim.engine.compose import Plan
from partnersim.errors import ParameterError, ResultError
from partnersim.model import band
from partnersim.model.band import Band
from partnersim.scenarios.scenario import declared_parameters
from partnersim.simulate import open_world, plan, run
from partnersim.story import tell

SMALL = ps.load_scenario("typical-district").replace(sites=4, name="small")
NEWS, EFFORT = "trust.news", "stance.effort"
THREE = Band((NEWS, EFFORT), ((0.05, 0.10), (0.08, 0.07), (0.12, 0.05)))


@pytest.fixture
def three(monkeypatch) -> Band:
    """A band whose three members are far from each other, whatever is shipped."""
    monkeypatch.setattr(band, "read", lambda: THREE)
    return THREE


def series(scenario, **options):
    return run(scenario, **{"replicates": 1, "years": 5} | options).histories.series


def used(opened, name):
    """The value of a parameter that a world uses now."""
    mechanism, _, parameter = name.partition(".")
    return getattr(dict(zip(plan().lines, opened.world.params, strict=True))[mechanism], parameter)


# -- which member ---------------------------------------------------------------------------------------------------


def test_a_replicate_has_its_member_of_the_band_again_and_again(three):
    over = run(SMALL, replicates=7, years=5)
    assert over.runs["band_member"].tolist() == [0, 1, 2, 0, 1, 2, 0]
    for replicate in range(7):
        own = SMALL.replace(parameters=three.member(replicate % 3))
        alone = open_world(own, seed=1, replicate=replicate, months=60, ledger=False, point=True)
        alone.advance(60)
        assert np.array_equal(alone.world.record.series, over.histories.series[replicate])
        assert np.array_equal(alone.world.record.event_rows(), over.histories.events[replicate])


def test_the_members_differ_and_the_point_is_none_of_them(three):
    at_point = run(SMALL, replicates=3, years=5, point=True)
    assert at_point.runs["band_member"].tolist() == [-1, -1, -1]
    over = series(SMALL, replicates=3)
    for replicate in range(3):
        assert not np.array_equal(over[replicate], at_point.histories.series[replicate])
    opened = [open_world(SMALL, seed=1, replicate=0, months=1, ledger=False, point=point) for point in (False, True)]
    assert [used(one, NEWS) for one in opened] == [0.05, declared_parameters(plan())[NEWS].default]
    assert [one.band_member for one in opened] == [0, -1]


def test_one_replicate_alone_is_that_replicate_among_many(three):
    many = run(SMALL, replicates=8, years=5, workers=2)
    for replicate in (0, 4, 5):
        opened = open_world(SMALL, seed=1, replicate=replicate, months=60, ledger=False)
        for month in (1, 17, 60):
            opened.advance(month)
        assert np.array_equal(opened.world.record.series, many.histories.series[replicate])
        again = opened.begin(seed=1, replicate=7)  # a world used before takes up the member of its new replicate
        again.advance(60)
        assert np.array_equal(again.world.record.series, many.histories.series[7])
    assert np.array_equal(series(SMALL, replicates=8, workers=1), many.histories.series)


def test_the_parameters_of_a_member_are_worked_out_once(three, monkeypatch):
    made = []
    params = Plan.params
    monkeypatch.setattr(Plan, "params", lambda *given: made.append(1) or params(*given))
    run(SMALL.with_event(5, "set", parameter=EFFORT, value=0.1), replicates=12, years=1, workers=1)
    assert len(made) == 3 * 2  # at the start, and from month 5 on


@pytest.mark.parametrize("replicate", [-1, "0", 1.5, True])
def test_an_absurd_replicate_is_refused(replicate):
    with pytest.raises(ParameterError, match="replicate is"):
        open_world(SMALL, seed=1, replicate=replicate, months=1, ledger=False)


# -- what is set wins -----------------------------------------------------------------------------------------------


def test_what_a_scenario_sets_wins_over_the_band_even_at_its_default(three):
    default = {name: declared_parameters(plan())[name].default for name in three.names}
    assert np.array_equal(series(SMALL.replace(parameters=default), replicates=3), series(SMALL, replicates=3, point=True))
    one = SMALL.replace(parameters={NEWS: 0.1})
    expected = SMALL.replace(parameters={NEWS: 0.1, EFFORT: 0.07})
    assert np.array_equal(series(one, replicates=2)[1], series(expected, replicates=2, point=True)[1])


def test_what_a_scenario_file_takes_over_from_another_wins_too(three, tmp_path):
    (tmp_path / "base.toml").write_text(f'extends = "typical-district"\n[district]\nsites = 4\n[parameters]\n{NEWS} = 0.1\n')
    (tmp_path / "own.toml").write_text('extends = "base.toml"\n')
    opened = open_world(tmp_path / "own.toml", seed=1, replicate=0, months=1, ledger=False)
    assert used(opened, NEWS) == 0.1
    assert used(opened, EFFORT) == 0.10


def test_a_set_event_wins_from_its_month_on_and_builds_on_the_member(three):
    planned = SMALL.with_event(10, "set", parameter=NEWS, value=0.1).with_event(
        20, "set", parameter="structures.workplace_meetings", value=0
    )
    opened = open_world(planned, seed=1, replicate=2, months=60, ledger=False)
    for month, news in ((9, 0.12), (10, 0.1), (19, 0.1), (20, 0.1)):
        opened.advance(month)
        assert used(opened, NEWS) == news
        assert used(opened, EFFORT) == 0.05
    assert used(opened, "structures.workplace_meetings") == 0
    opened.advance(60)
    own = series(planned.replace(parameters=three.member(2)), replicates=3, point=True)[2]
    assert np.array_equal(opened.world.record.series, own)


def test_what_is_made_to_happen_on_the_way_builds_on_the_member(three):
    opened = open_world(SMALL, seed=1, replicate=2, months=60, ledger=False)
    opened.advance(9)
    opened.happen("set", parameter=NEWS, value=0.1)
    opened.advance(60)
    planned = SMALL.with_event(10, "set", parameter=NEWS, value=0.1)
    assert np.array_equal(opened.world.record.series, series(planned, replicates=3)[2])
    assert used(opened, EFFORT) == 0.05


@pytest.mark.parametrize("kind", ["mature", "adversarial", "mandate"])
def test_every_kind_of_start_goes_over_the_band(kind, three):
    scenario = SMALL.replace(start={"kind": kind}).without("networks")
    own = scenario.replace(parameters=three.member(1))
    assert np.array_equal(series(scenario, replicates=2)[1], series(own, replicates=2, point=True)[1])


# -- Mesa, stories, the command line --------------------------------------------------------------------------------


@pytest.mark.parametrize("point", [False, True])
def test_mesa_and_the_story_tell_the_run_that_run_made(three, point):
    runs = run(SMALL, replicates=5, years=10, seed=3, point=point)
    model = ps.PartnershipModel(SMALL, seed=3, replicate=4, years=10, point=point)
    for _ in range(120):
        model.step()
    assert np.array_equal(model.world.world.record.series, runs.histories.series[4])
    story = runs.story(4)
    assert np.array_equal(story.accounts.series, runs.histories.series[4])
    assert story.band_member == runs.runs["band_member"][4] == model.world.band_member
    assert str(story) == str(tell(SMALL, replicate=4, seed=3, years=10, point=point))
    assert ("default parameters" if point else "band member 1") in str(story).splitlines()[0]
    assert story.to_json()["band_member"] == story.band_member


def test_mesas_own_parameters_win(three):
    model = ps.PartnershipModel(SMALL, replicate=1, years=1, trust__news=0.1)
    assert used(model.world, NEWS) == 0.1
    assert used(model.world, EFFORT) == 0.07


def test_the_command_line_says_which_parameters_were_used(partnersim, three):
    quick = ("typical-district", "--replicates", "2", "--years", "2", "--set", "district.sites=3")
    assert "over a band of 3 calibrated parameter vectors (the first 2)" in partnersim("run", *quick)[1]
    over, at_point = (json.loads(partnersim("run", *quick, "--json", *more)[1])["outcomes"] for more in ((), ("--point",)))
    assert over != at_point
    district = ps.load_scenario("typical-district").replace(sites=3)
    for more, point in (((), False), (("--point",), True)):
        told = json.loads(partnersim("explain", *quick[:1], *quick[3:], "--replicate", "2", "--json", *more)[1])
        assert told["years"] == run(district, replicates=3, years=2, point=point).story(2).to_json()["years"]


def test_doctor_names_the_band(partnersim, three, monkeypatch):
    from partnersim import doctor

    monkeypatch.setattr(doctor, "TIMED_RUNS", 2)
    assert "over a band of 3 calibrated" in partnersim("doctor")[1]
    assert "at the default parameters" in partnersim("doctor", "--point")[1]


# -- files ----------------------------------------------------------------------------------------------------------


def test_any_run_can_be_made_again_from_its_row(three, tmp_path):
    scenario = SMALL.replace(parameters={EFFORT: 0.09}).with_event(7, "strike", days=3)
    runs = run(scenario, replicates=4, years=3, seed=5)
    runs.save(tmp_path / "out")
    row = pd.read_parquet(tmp_path / "out" / "runs.parquet").iloc[2]
    known = json.loads((tmp_path / "out" / "provenance.json").read_text())
    vectors = band.parsed((tmp_path / "out" / "band.csv").read_text())
    values = vectors.member(row["band_member"]) | known["parameters"]
    assert NEWS not in known["parameters"]  # it differs by run
    assert values[NEWS] == 0.12
    assert values[EFFORT] == 0.09
    saved = ps.load_scenario(tmp_path / "out" / "scenario.toml").replace(parameters=values)
    again = open_world(saved, seed=int(row["seed"]), replicate=int(row["replicate"]), months=36, ledger=False, point=True)
    again.advance(36)
    assert np.array_equal(again.world.record.series, runs.histories.series[2])


def test_provenance_holds_the_hash_and_another_band_is_another_run(three, tmp_path, monkeypatch):
    over = run(SMALL, replicates=2, years=1)
    assert over.save(tmp_path / "over")
    known = json.loads((tmp_path / "over" / "provenance.json").read_text())
    assert (known["run"]["point"], known["run"]["band"]) == (False, three.digest)
    assert "over a band of 3" in known["values"]
    assert "--point" not in known["command"]
    assert "over a band of 3" in over.footer
    assert run(SMALL, replicates=2, years=1).save(tmp_path / "over") is False

    at_point = run(SMALL, replicates=2, years=1, point=True)
    with pytest.raises(ResultError, match="holds another run: point False and not True; band"):
        at_point.save(tmp_path / "over")
    assert at_point.save(tmp_path / "point")
    known = json.loads((tmp_path / "point" / "provenance.json").read_text())
    assert (known["run"]["point"], known["run"]["band"]) == (True, None)
    assert known["values"] == "at the default parameters"
    assert known["command"].endswith(" --point")
    assert known["parameters"][NEWS] == declared_parameters(plan())[NEWS].default
    assert not (tmp_path / "point" / "band.csv").exists()

    monkeypatch.setattr(band, "read", lambda: Band(three.names, three.rows[:2]))
    with pytest.raises(ResultError, match="holds another run: band"):
        run(SMALL, replicates=2, years=1).save(tmp_path / "over")


def test_the_command_line_looks_at_the_band_before_it_runs(partnersim, three, tmp_path, monkeypatch):
    words = ("run", "typical-district", "--replicates", "2", "--years", "1", "--set", "district.sites=3", "--out", str(tmp_path / "out"))
    assert partnersim(*words)[0] == 0
    assert "already" in partnersim(*words)[2]
    assert "holds another run" in partnersim(*words, "--point")[2]
    monkeypatch.setattr(band, "read", lambda: Band(three.names, three.rows[::-1]))
    status, _, err = partnersim(*words)
    assert status == 2
    assert "holds another run: band" in err


# -- the file of the band -------------------------------------------------------------------------------------------


def test_the_shipped_band_fits_the_model_and_reads_back_as_it_is():
    shipped = band.read()
    assert band.read() is shipped
    assert band.parsed(shipped.to_csv()) == shipped
    assert band.parsed(shipped.to_csv().replace("\n", "\r\n")).digest == shipped.digest
    known = declared_parameters(plan())
    for number in range(len(shipped)):
        for name, value in shipped.member(number).items():
            assert known[name].role != "lever"
            assert known[name].bounds[0] <= value <= known[name].bounds[1]
    shipped.member(0).clear()  # a copy
    assert shipped.member(0)


def test_values_are_written_to_the_bit_and_each_counts_in_the_hash():
    odd = Band((NEWS,), ((0.1 + 0.2 - 0.1,), (1e-17,)))
    assert band.parsed(odd.to_csv()) == odd
    digests = {one.digest for one in (odd, Band((NEWS,), odd.rows[::-1]), Band((EFFORT,), odd.rows), Band((NEWS,), ((0.2,), (1e-17,))))}
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no member"),
        ("\n", "no member"),
        ("trust.news\n", "no member"),
        ("trust.nws\n0.1\n", r"'trust.nws' that the model does not have[\s\S]*line 1[\s\S]*did you mean trust.news"),
        ("structures.workplace_meetings\n4\n", "structures.workplace_meetings cannot be in the band: it is a lever"),
        ("trust.news,trust.news\n0.1,0.1\n", "two columns trust.news"),
        ("trust.news\n0.1\n0.9\n", r"trust.news = 0.9 is outside 0 to 0.5[\s\S]*line 3"),
        ("trust.news\nnan\n", "is outside"),
        ("trust.news\nmuch\n", r"trust.news = 'much' in the band is not a number[\s\S]*line 2"),
        ("trust.news,stance.effort\n0.1,\n", "stance.effort = '' in the band is not a number"),
        ("trust.news,stance.effort\n0.1\n", r"has 1 values[\s\S]*line 2[\s\S]*2, as line 1"),
        ("trust.news\n0.1\n\n0.1\n", r"has 0 values[\s\S]*line 3"),
    ],
)
def test_a_broken_band_says_what_is_wrong_and_where(text, message, tmp_path, monkeypatch):
    (tmp_path / "band.csv").write_text(text)
    monkeypatch.setattr(band, "files", lambda package: tmp_path)
    with pytest.raises(ParameterError, match=message):
        band.read.__wrapped__()


def test_a_missing_or_unreadable_band_is_told_with_the_way_out(partnersim, tmp_path, monkeypatch):
    monkeypatch.setattr(band, "files", lambda package: tmp_path)
    monkeypatch.setattr(band, "read", band.read.__wrapped__)  # without what was read before
    words = ("run", "typical-district", "--replicates", "1", "--years", "1", "--set", "district.sites=2")
    status, out, err = partnersim(*words)
    assert (status, out) == (2, "")
    assert "there is no band of calibrated parameters" in err
    assert "--point" in err
    assert partnersim(*words, "--point")[0] == 0
    (tmp_path / "band.csv").write_bytes(b"trust.news\n\xff\xfe\n")
    assert "the band cannot be read" in partnersim(*words)[2]
