"""Bets, reasons, drawings, lessons and what is taken home."""

import csv
import io
import re
from itertools import pairwise

import numpy as np
import pytest
from districts import small
from hypothesis import given
from hypothesis import strategies as st

from partnersim.app import bets, catalogue, charts, drawing, lessons, takeaway, why, words, worlds
from partnersim.app.bets import Bet, Book
from partnersim.app.session import Session, Setup
from partnersim.errors import ScenarioError
from partnersim.model import outcomes
from partnersim.model.outcomes import Life
from partnersim.scenarios.declared import plan
from partnersim.scenarios.files import load_scenario, scenario_names
from partnersim.scenarios.scenario import declared_parameters
from partnersim.scenarios.words import in_plant_words
from partnersim.story import tell


@pytest.fixture(scope="module")
def story():
    return tell(small(), replicate=0, seed=1, years=6)


@pytest.fixture(scope="module")
def seen():
    return worlds.show(small(), seed=1, replicate=0, months=72)


# -- panels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lever", "world"])
def test_every_parameter_of_a_role_has_a_dial_with_unit_default_source_and_sentence(role):
    declared = {name: p for name, p in declared_parameters(plan()).items() if p.role == role}
    dials = {dial.name: dial for group in catalogue.dials(small(), role).values() for dial in group}
    assert dials.keys() == declared.keys()
    for name, p in declared.items():
        dial = dials[name]
        assert (dial.unit, dial.default) == (p.unit, p.default)
        assert p.source in dial.source
        assert p.meaning[1:] in dial.sentence
        assert p.bounds[0] <= dial.low <= p.default <= dial.high <= p.bounds[1]
        assert 1 <= (dial.high - dial.low) / dial.step <= 101


def test_all_headings_of_the_brief_are_panels_of_levers():
    groups = set(catalogue.dials(small(), "lever"))
    assert {
        "Training", "Structures", "Authority", "Agenda", "Succession policy", "Release time", "Transparency", "Shared sacrifice",
    } <= groups  # fmt: skip


def test_levers_are_called_by_short_names_of_their_own():
    titles = [dial.title for group in catalogue.dials(small(), "lever").values() for dial in group]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 36


@given(st.text(max_size=200))
def test_plant_words_leave_no_school_behind_and_change_nothing_twice(text):
    once = in_plant_words(text)
    assert in_plant_words(once) == once


def test_plant_words():
    said = in_plant_words("Schools: the Superintendent and building reps of the district; scholarly, principals' principles")
    assert said == "Departments: the Plant manager and stewards of the plant; scholarly, supervisors' principles"


# -- bets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("life", "answer"),
    [
        (Life(1, 60, True), "dies by year 5"),
        (Life(1, 61, True), "dies in years 6 to 10"),
        (Life(1, 121, True), "dies after year 10"),
        (Life(1, 240, False), "lives on"),
        (Life(-1, 0, False), "dies by year 5"),
    ],
)
def test_fates_are_told_by_the_month_of_death(life, answer):
    assert bets.fate(life) == answer


def test_which_district_lives_longer():
    short, long, alive = Life(1, 40, True), Life(1, 90, True), Life(1, 240, False)
    assert bets.against(short, long) == "B lives longer"
    assert bets.against(long, short) == "A lives longer"
    assert bets.against(short, Life(1, 52, True)) == "about the same"
    assert bets.against(alive, alive) == "about the same"
    assert bets.against(alive, long) == "A lives longer"
    assert bets.against(long, alive) == "B lives longer"


def test_a_drawn_line_is_right_if_it_is_close_on_average():
    book, came = Book(), np.full(73, 0.5)
    book.place(Bet("drawn", "?", points=((1, 0.6), (60, 0.6))))
    assert book.settle(Life(1, 72, False), Life(1, 72, False), came).right
    book.place(Bet("drawn", "?", points=((60, 0.9), (1, 0.8))))
    assert not book.settle(Life(1, 72, False), Life(1, 72, False), came).right
    assert book.score == (1, 2)


def test_a_bet_is_open_until_it_is_settled_and_a_new_one_takes_its_place():
    book = Book()
    with pytest.raises(ScenarioError):
        book.settle(Life(1, 1, True), Life(1, 1, True), [])
    book.place(Bet("fate", "?", "lives on"))
    book.place(Bet("fate", "?", "dies by year 5"))
    assert len(book.bets) == 1
    assert book.settle(Life(1, 9, True), Life(1, 9, True), []).right
    assert book.open is None


@pytest.mark.parametrize("wrong", [{"pick": "maybe"}, {"kind": "drawn", "points": ((1, 0.5),)}])
def test_a_bet_that_says_nothing_is_refused(wrong):
    with pytest.raises(ScenarioError):
        Bet(**{"kind": "fate", "question": "?"} | wrong)


# -- why -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", [1, 7, 30, 72, 999])
def test_the_lines_of_the_panel_add_up_to_what_the_stock_did(story, month):
    first, last, moved = why.why(story, month)
    assert 1 <= first <= last <= 72
    assert last - first <= 11
    booked = story.ledger
    for one in moved:
        assert sum(change for _, change in one.lines) + one.rest == pytest.approx(one.change, abs=1e-9)
        rows = booked[booked["month"].between(first, last) & (booked["tier"] == one.tier) & (booked["stock"] == one.stock)]
        assert rows["change"].sum() == pytest.approx(one.change, abs=1e-9)
    assert {(one.tier, one.stock) for one in moved} == set(words.STOCKS)


# -- drawing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scenario_names())
def test_no_district_has_more_than_three_hundred_nodes_and_nobody_stands_on_another(name):
    drawn = drawing.district(load_scenario(name))
    assert len(drawn.people) <= drawing.MOST
    assert len({(round(x, 1), round(y, 1)) for _, x, y, _ in drawn.people}) == len(drawn.people)
    assert all(0 <= x <= drawing.WIDTH and 0 <= y <= drawing.HEIGHT for _, x, y, _ in drawn.people)
    assert drawing.district(load_scenario(name)) == drawn


def test_letters_tell_the_stance_of_each_person_drawn_and_the_strength_of_each_tie(seen):
    drawn = drawing.district(small())
    letters = drawing.months_of(drawn, seen)
    for month in (0, 20, 72):
        for letter, (row, _, _, kind) in zip(letters["stances"][month], drawn.people, strict=True):
            assert letter == ("-" if kind in ("board", "cabinet") else str(seen.stances[month, row]))
        assert len(letters["ties"][month]) == 1 + len(drawn.schools)
        assert letters["ties"][month][0] == str(min(9, int(seen.ties[month, 0] * 10)))


def test_all_teachers_are_drawn_and_only_ties_of_those_present():
    staff = worlds.teachers(small(), seed=1, replicate=0, month=30, school=1)
    data = drawing.staff(staff)
    assert sorted(data["order"]) == list(range(6))
    assert all(0 < x < data["size"] and 0 < y < data["size"] for x, y, *_ in data["people"])
    assert all(staff.present[i] and staff.present[j] and weight > drawing.STRONG for i, j, weight in data["ties"])


def test_a_full_school_fits_its_picture():
    many = 400
    staff = worlds.Staff(np.linspace(0, 1, many), np.ones(many), np.ones(many), np.zeros((many, many)))
    assert all(0 < x < drawing.staff(staff)["size"] for x, *_ in drawing.staff(staff)["people"])


# -- charts --------------------------------------------------------------------------------------------------------


def test_what_the_class_made_happen_is_always_marked(seen):
    own = [
        {"at_month": 5, "event": "breach", "side": "union", "months": 1.0},
        {"at_month": 9, "event": "set", "parameter": "x.y", "value": 1.0},
    ]
    marks = charts.marks(seen, own)
    assert [m["month"] for m in marks if m["own"]] == [5, 9]
    assert len(marks) <= charts.TOLD_MARKS + 2
    assert [m["month"] for m in marks] == sorted(m["month"] for m in marks)


@pytest.mark.parametrize("name", worlds.CHARTED)
def test_every_measure_has_a_frame_with_its_unit(name):
    frame = charts.axes(name, 240, large=True)
    assert charts.BY_NAME[name].unit in frame["title"]["text"]


# -- taken home ----------------------------------------------------------------------------------------------------


def test_the_csv_holds_every_number_to_the_bit(seen):
    rows = list(csv.reader(io.StringIO(takeaway.series_csv({"A": seen}))))
    assert len(rows) == 1 + 73
    assert rows[0][3:] == [f"{o.name} [{o.unit}]" for o in outcomes.OUTCOMES]
    assert [float(value) for value in rows[31][3:]] == seen.series[30].tolist()


def test_the_replay_is_one_page_that_asks_nobody_for_anything(seen, story):
    title = "</script><script>alert(1)</script>%%DATA%%"
    session = Session(Setup(small(), years=6))
    session.choose(small().replace(title=title))
    page = takeaway.replay(session.setup, {"a": seen, "b": seen}, {}, drawing.district(small()), str(story))
    assert not re.search(r"(src|href)\s*=|https?://(?!www\.w3\.org/2000/svg)|@import|url\(", page)
    assert "default-src 'none'" in page
    assert page.count("<script>") == page.count("</script>") == 2
    assert "alert(1)&lt;" in page
    assert not re.search(r"%%[A-Z]+%%", page.replace("%%DATA%%", ""))


# -- lessons -------------------------------------------------------------------------------------------------------


def test_there_are_six_lessons_in_their_order():
    names = ["succession", "crisis", "paper-partnership", "overloaded-steward", "recession", "what-would-you-fund"]
    assert list(lessons.all_lessons()) == names


@pytest.mark.parametrize("lesson", lessons.all_lessons().values(), ids=lambda lesson: lesson.name)
def test_a_lesson_is_possible_and_fills_fifty_minutes(lesson):
    assert lesson.setup().variant.timeline is not None
    assert lesson.bet in bets.CHOICES
    times = [re.match(r"(\d+)-(\d+) ", line) for line in lesson.minutes]
    spans = [(int(t[1]), int(t[2])) for t in times]
    assert spans[0][0] == 0
    assert spans[-1][1] == 50
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    page = lessons.page(lesson)
    for part in (lesson.do, lesson.look, lesson.debrief, lesson.cannot):
        assert len(part) >= 2
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("lesson", lessons.all_lessons().values(), ids=lambda lesson: lesson.name)
def test_the_world_a_lesson_opens_with_shows_something(lesson):
    """If this fails after a change of the model, choose another world for the lesson (`replicate`), and read the lesson again."""
    setup = lesson.setup()
    a, b = (worlds.show(s, seed=setup.seed, replicate=setup.replicate, months=setup.months).life for s in (setup.baseline, setup.variant))
    assert a.born == 1
    if setup.changed:
        assert abs(a.months - b.months) > bets.SAME
    else:
        assert a.died
