"""What a class sets up: checked before it counts, undone step by step, and the same again after every journey."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import partnersim as ps
from partnersim.app import catalogue
from partnersim.app.session import Session, Setup, from_address, from_file, read_upload
from partnersim.errors import ParameterError, PartnersimError, ScenarioError
from partnersim.model.timeline import EVENTS

TRAINING = "capability.sessions_per_year"


# -- changes -------------------------------------------------------------------------------------------------------


def test_a_lever_moves_b_and_never_a(session):
    before = session.setup.baseline
    session.move(TRAINING, 3)
    assert session.setup.variant.parameters[TRAINING] == 3
    assert session.setup.baseline is before
    assert TRAINING not in before.parameters


def test_a_lever_moved_back_is_no_change(session):
    session.move(TRAINING, 3)
    session.move(TRAINING, 1)
    assert not session.setup.changed
    assert session.setup.variant is session.setup.baseline


def test_moves_of_one_lever_in_a_row_are_one_step_back(session):
    for value in (1.5, 2, 2.5, 3):
        session.move(TRAINING, value)
    session.move("authority.ceiling", 0.5)
    assert session.undo()
    assert session.setup.levers == {TRAINING: 3}
    assert session.undo()
    assert not session.setup.changed
    assert not session.undo()


def test_what_was_undone_can_be_done_again_until_something_else_is_done(session):
    session.move(TRAINING, 3)
    session.inject("strike", 10)
    wanted = session.setup
    session.undo()
    session.undo()
    assert session.redo()
    assert session.redo()
    assert session.setup == wanted
    assert not session.redo()
    session.undo()
    session.clear()
    assert not session.redo()


def test_a_lever_from_a_month_on_is_an_event(session):
    session.move(TRAINING, 3, from_month=24)
    assert session.setup.events == ({"at_month": 24, "event": "set", "parameter": TRAINING, "value": 3.0},)
    assert not session.setup.levers


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.move(TRAINING, 99), "0 to 12"),
        (lambda s: s.move("capability.sesions", 1), "sessions_per_year"),
        (lambda s: s.inject("strike", 0), "1 to 72"),
        (lambda s: s.inject("strike", 73), "1 to 72"),
        (lambda s: s.inject("strke", 3), "strike"),
        (lambda s: s.inject("leader_replaced", 3), "side"),
        (lambda s: s.step_in("board", "contest", 3, 6), "union"),
        (lambda s: s.step_in("union", "shrug", 3, 6), "hold back"),
        (lambda s: s.choose("no-such"), "abc-unified"),
        (lambda s: s.other_luck(-1), "0 to 999"),
        (lambda s: s.keep("  "), "name"),
        (lambda s: s.move("structures.joined_at_start", 0.5, from_month=12), "start"),
    ],
)
def test_what_is_not_possible_is_said_and_changes_nothing(session, change, named):
    before = session.setup
    with pytest.raises(PartnersimError) as caught:
        change(session)
    assert named in str(caught.value)
    assert session.setup is before
    assert not session.before


def test_events_stand_in_order_and_are_taken_back_one_by_one(session):
    session.inject("strike", 30)
    session.inject("recession", 12)
    assert [e["at_month"] for e in session.setup.events] == [12, 30]
    session.withdraw(0)
    assert [e["event"] for e in session.setup.events] == ["strike"]


def test_stepping_in_again_for_the_same_round_replaces_the_choice(session):
    session.step_in("union", "contest", 20, 6)
    session.step_in("management", "hold back", 20, 6)
    session.step_in("union", "collaborate", 20, 3)
    taken = [(e["side"], e["stance"], e["months"]) for e in session.setup.events]
    assert sorted(taken) == [("management", "hold back", 6), ("union", "collaborate", 3)]


def test_at_most_four_snapshots_are_kept(session):
    for name in "abcd":
        session.keep(name)
    with pytest.raises(ScenarioError, match="remove one"):
        session.keep("e")
    session.drop("a")
    session.keep("e")
    assert list(session.snapshots) == ["b", "c", "d", "e"]


# -- there and back ------------------------------------------------------------------------------------------------

ALL_FORMS = [form for group in catalogue.forms().values() for form in group]


def filled(form):
    """Every argument, those left to chance as well."""
    return {
        k: v if v is not None else (a.choices[0] if a.choices else a.low)
        for (k, a), v in zip(form.arguments.items(), form.offered.values(), strict=True)
    }


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.name)
def test_every_event_survives_the_journey_through_address_and_file(shipped, form):
    shipped.inject(form.name, 30, **filled(form))
    assert from_address(shipped.setup.address()).variant == shipped.setup.variant
    assert from_file(shipped.setup.to_toml(), "class.toml").variant == shipped.setup.variant


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from([TRAINING, "authority.ceiling", "succession.outside", "stance.effort"]), st.floats(0.06, 0.9)),
    st.lists(st.tuples(st.integers(1, 240), st.floats(0.01, 0.19)), max_size=4),
    st.integers(0, 999),
    st.integers(0, 2**32 - 1),
    st.integers(1, 40),
)
def test_a_setup_comes_back_from_its_address_and_its_file_as_it_was(levers, recessions, replicate, seed, years):
    session = Session(Setup(ps.load_scenario("recession"), replicate=replicate, seed=seed, years=years))
    for name, value in levers.items():
        session.move(name, value)
    for month, depth in recessions:
        if month <= session.setup.months:
            session.inject("recession", month, depth=depth)
    for back in (from_address(session.setup.address()), from_file(session.setup.to_toml(), "mine.toml")):
        assert back.variant.fields() | {"name": ""} == session.setup.variant.fields() | {"name": ""}
        assert (back.replicate, back.seed, back.years) == (replicate, seed, years)
        assert back.baseline == session.setup.baseline


def test_the_saved_file_runs_to_the_same_bits(session, tmp_path):
    session.move(TRAINING, 3)
    session.inject("leader_replaced", 20, side="management", successor="outside", disposition=-0.5)
    session.step_in("union", "contest", 40, 6)
    path = tmp_path / "class.toml"
    path.write_text(session.setup.to_toml())
    ours = ps.run(session.setup.variant, replicates=3, years=6, seed=1).histories.series
    assert np.array_equal(ours, ps.run(path, replicates=3, years=6, seed=1).histories.series)


def test_a_scenario_of_ones_own_has_no_address_but_a_file(session):
    assert session.setup.address() == ""
    assert from_file(session.setup.to_toml(), "small.toml").variant.fields() | {"name": ""} == session.setup.variant.fields() | {"name": ""}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("s=nowhere", "abc-unified"),
        ("s=typical-district&set=capability.sessions_per_year:lots", "no number"),
        ("s=typical-district&set=capability.sessions_per_year:nan", "no number"),
        ("s=typical-district&set=capability.sessions_per_year:99", "0 to 12"),
        ("s=typical-district&do=inf~strike", "no number"),
        ("s=typical-district&do=10~strke", "strike"),
        ("s=typical-district&do=10", "event"),
        ("s=typical-district&world=5000", "0 to 999"),
        ("s=typical-district&world=1.5", "whole number"),
        ("s=typical-district&years=4000", "1 to 100"),
        ("&&&", "address"),
        ("s", "address"),
        ("&".join(f"do={n}~strike" for n in range(1, 200)), "address"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_in_a_sentence(query, named):
    with pytest.raises(PartnersimError) as caught:
        from_address(query)
    assert named in str(caught.value)


def test_no_address_is_the_first_scenario():
    assert from_address("").variant.name == "typical-district"


# -- files from outside --------------------------------------------------------------------------------------------


def test_a_file_with_a_program_in_it_is_refused_and_not_run(tmp_path):
    program, trace = tmp_path / "evil.py", tmp_path / "trace"
    program.write_text(f"open({str(trace)!r}, 'w')")
    with pytest.raises(ScenarioError, match="program"):
        read_upload(f'[mechanisms]\nevil = "{program}"\n')
    assert not trace.exists()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('extends = "/etc/passwd"', "no shipped scenario"),
        ('extends = "../typical-district"', "no shipped scenario"),
        ("title = ", "no scenario file"),
        ("[" * 3000, "no scenario file"),
        ("[parameters]\ntrst.gain = 1", "there is no parameter"),
        ('[[timeline]]\nat_month = 3\nevent = "strke"', "strike"),
        ("x = 1\n" * 50_000, "too large"),
    ],
)
def test_a_bad_file_gives_a_clear_message_without_the_server_s_paths(text, named):
    with pytest.raises(PartnersimError) as caught:
        read_upload(text, "my file.toml")
    assert named in str(caught.value)
    assert "/tmp" not in str(caught.value)


def test_a_file_that_calls_itself_like_a_shipped_scenario_does_not_become_it():
    assert read_upload("[district]\nsites = 3\n", "typical-district.toml").name != "typical-district"


def test_luck_in_a_file_is_checked_too():
    with pytest.raises(PartnersimError):
        from_file("# Shown: world 5000 of seed 1, 20 years\n", "x.toml")
    with pytest.raises(ParameterError):
        from_file("# Shown: world 5 of seed 1, 2000 years\n", "x.toml")


def test_every_event_of_the_timeline_has_a_button():
    assert {form.name for form in ALL_FORMS} == set(EVENTS)
