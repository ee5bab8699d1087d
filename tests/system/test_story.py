"""A story says what the tables say: every number of every sentence is looked up again here, by another way."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

import partnersim as ps
from partnersim.analysis.accounts import WILL, lives_of
from partnersim.analysis.narrative import KINDS, PRESCRIBED, Sentence, ending, leaders, tale
from partnersim.analysis.phases import Phase, phases_of
from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.stance import WILL_INPUTS
from partnersim.model.timeline import EVENTS
from partnersim.story import PAGE, WIDTH

REPLICATES = 8
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def typical():
    scenario = ps.load_scenario("typical-district").replace(sites=8).with_event(30, "breach", side="management", months=2)
    return ps.run(scenario, replicates=REPLICATES, years=20, seed=1, point=True, workers=2, ledger=True)


@pytest.fixture(scope="module")
def stories(typical):
    return [typical.story(r) for r in range(REPLICATES)]


class Tables:
    """The frames of a run, read anew."""

    def __init__(self, runs, replicate):
        h = runs.histories
        self.series = runs.series[runs.series["replicate"] == replicate].set_index("month")
        self.events = runs.events[runs.events["replicate"] == replicate].reset_index(drop=True)
        self.row = runs.runs.iloc[replicate]
        self.ledger, self.will, self.plan = h.ledger[replicate], h.will[replicate], h.plan
        self.timeline = runs.scenario.timeline
        self.lives = lives_of(self.series["alive_index"].to_numpy(), founded=True)

    def value(self, address):
        kind, *rest = address.split("/")
        if kind == "event":
            return self.events.loc[int(rest[0]), rest[1]]
        if kind == "timeline":
            return self.timeline[int(rest[0])][rest[1]]
        if kind == "rule":
            return {"alive": outcomes.ALIVE}[rest[0]]
        if kind == "form":
            return {"end": self.row["form_born_month"] + self.row["form_alive_months"] - 1}[rest[0]]
        if kind == "life":
            life = self.lives[int(rest[0])]
            if rest[1] == "height":
                return self.series.loc[max(life.born, 6) : life.end, "alive_index"].idxmax()
            return getattr(life, rest[1])
        *rest, when = rest
        first, last = (int(m) for m in (when.split("-") * 2)[:2])
        if kind == "window":
            return last - first + 1
        if kind == "series":
            return self.series.loc[first:last, rest[0]].mean()
        if kind == "count":
            found = self.events.query("@first <= month <= @last and kind == @rest[0] and cause != 'by scenario'")
            return len(found if len(rest) == 1 else found[found["side"] == rest[1]])
        tier, stock, *line = rest
        if kind == "ledger" and stock != WILL:
            booked = self.ledger[first : last + 1, GROUPS.index(tier), self.plan.stocks.index(stock)].sum(axis=0)
            return booked[self.plan.lines.index(line[0])] if line else booked.sum()
        if kind == "ledger":
            assert not line
            return self.will[first : last + 1, GROUPS.index(tier)].sum()
        assert kind == "moved"
        assert stock == WILL
        parts = outcomes.parts_of_will(self.ledger, self.will, slice(first, last + 1), self.plan.lines, self.plan.stocks, WILL_INPUTS)
        return parts[GROUPS.index(tier)][line[0]]


def written(value):
    """The ways in which a number may stand in a sentence."""
    month = int(value)
    date = {str((month - 1) // 12 + 1), str((month - 1) % 12 + 1)} if value == month and month > 0 else set()
    percent = {f"{100 * value:.0f}", f"{100 * value:.1f}".removesuffix(".0")}
    return {f"{value:.2f}", f"{value:+.2f}", f"{abs(value):.2f}", f"{value / 12:.1f}", f"{value:.0f}"} | percent | date


def unexplained(text, facts):
    """Return the numbers of a text that are none of its facts."""
    known = set().union(*(written(value) for value in facts.values())) if facts else set()
    return [number for number in NUMBER.findall(text) if number not in known]


# -- sentences ----------------------------------------------------------------------------------------------------


def test_every_number_of_every_sentence_is_that_of_the_tables(typical, stories):
    checked = 0
    for replicate, story in enumerate(stories):
        tables = Tables(typical, replicate)
        for sentence in story.sentences.itertuples():
            for address, value in sentence.facts.items():
                assert value == pytest.approx(float(tables.value(address)), abs=1e-9), (sentence.text, address)
                assert any(one in sentence.text for one in written(value)), (sentence.text, address)
                checked += 1
            assert unexplained(sentence.text, sentence.facts) == [], sentence.text
    assert checked > 100 * REPLICATES


def test_the_check_of_numbers_would_find_a_wrong_one(stories):
    """Facts that are not those of the text leave most sentences with numbers that nothing explains."""
    told = [s for s in stories[0].sentences.itertuples() if s.facts]
    caught = [bool(unexplained(s.text, {a: 1.37 * v + 0.013 for a, v in s.facts.items()})) for s in told]
    assert np.mean(caught) > 0.9


def test_the_tale_goes_through_the_phases_in_order(typical, stories):
    for story in stories:
        phases = story.phases
        assert phases["first_month"].iloc[0] == 1
        assert phases["last_month"].iloc[-1] == 240
        assert (phases["first_month"].iloc[1:].to_numpy() == phases["last_month"].iloc[:-1].to_numpy() + 1).all()
        told = story.sentences[story.sentences["phase"] >= 0]
        assert told["phase"].is_monotonic_increasing
        for row in told.itertuples():
            assert phases.loc[row.phase, "first_month"] <= row.month <= phases.loc[row.phase, "last_month"]
        for n, life in enumerate(story.accounts.lives[:1]):
            mine = phases[phases["life"] == n]
            assert (mine["first_month"].min(), mine["last_month"].max()) == (life.born, life.end)
            assert (mine["name"].iloc[-1] == "Death") == life.died
    fates = typical.runs["practice_died"]
    assert 0 < fates.sum() < REPLICATES  # both fates were told


def test_a_story_fits_on_a_page(stories):
    for story in stories:
        lines = str(story).splitlines()
        assert len(lines) <= PAGE
        assert max(map(len, lines)) <= WIDTH
        assert story.ending.split(".")[0] in str(story)


def test_leaders_are_told_with_their_years_and_where_they_came_from(typical, stories):
    for replicate, story in enumerate(stories):
        events = Tables(typical, replicate).events
        for office, kind in (("President", "union leader replaced"), ("Superintendent", "superintendent replaced")):
            text = next(s.text for s in story.told if s.text.startswith(office))
            gone = events[events["kind"] == kind]
            assert re.findall(r"\d+\.\d", text) == [f"{months / 12:.1f}" for months in gone["size"]]
            assert re.findall(r"\((.*?)\)", text) == gone["cause"].tolist()


def test_what_the_scenario_prescribes_is_always_told(stories):
    for story in stories:
        assert "Year 3 month 6: by scenario, the leader of management contested outside procedure, for 2 months." in str(story).replace(
            "\n    ", " "
        )


def test_causes_of_death_are_those_of_the_runs(typical, stories):
    for row, story in zip(typical.runs.itertuples(), stories, strict=True):
        assert (story.causes[0] if story.causes else "") == row.cause_of_death
        if row.practice_died:
            assert f"Cause of death: {row.cause_of_death}." in story.ending
            death = story.sentences[story.sentences["about"] == "death"].iloc[0]
            assert f"Cause of death: {row.cause_of_death}." in death["text"]
            assert death["month"] == story.window[1]


# -- events of every kind -----------------------------------------------------------------------------------------


def test_the_words_for_prescribed_events_use_their_arguments():
    assert set(PRESCRIBED) == {*EVENTS, "set"}
    for name, text in PRESCRIBED.items():
        for argument, style in re.findall(r"{(\w+) ?(\w*)}", text):
            if name == "set":
                assert argument in ("parameter", "value")
                continue
            known = EVENTS[name].arguments[argument]
            assert known.default is None  # else it may be missing
            assert bool(style) != bool(known.choices)


def test_every_kind_of_event_has_a_sentence_and_an_unknown_one_too(stories):
    story = next(s for s in stories if not s.accounts.lives[0].died)
    kinds = [*KINDS, "moon landing", "a school on fire"]
    frame = pd.DataFrame(
        [
            (13 * n + 1, kind, "strategic", -1, ("union", "management", "")[n % 3], ("", "imposed")[n % 2], 2.0)
            for n, kind in enumerate(kinds)
        ],
        columns=["month", "kind", "level", "site", "side", "cause", "size"],
    )
    frame.loc[frame["kind"] == "a school on fire", ["level", "site"]] = ["workplace", 3]
    frame.loc[len(frame)] = [20, "strike", "strategic", -1, "", "by scenario", 0.0]
    frame["month"] = frame["month"].clip(upper=240)
    accounts = dataclasses.replace(story.accounts, events=frame.sort_values("month").reset_index(drop=True))
    told: list[Sentence] = tale(accounts, [Phase("Founding", 1, 240, 0)], list(story.causes), most=100)
    text = " ".join(s.text for s in [*leaders(accounts), *told, ending(accounts, list(story.causes))])
    assert "{" not in text
    assert "moon landing (" in text
    assert "a school on fire 1" in text
    assert "the teachers struck" in text
    assert "by scenario, strike" not in text  # rows that only note what is prescribed are told from the timeline
    for s in told:
        assert unexplained(s.text, s.facts) == [], s.text


def test_events_of_the_timeline_are_told_with_their_numbers():
    scenario = (
        ps.load_scenario("typical-district")
        .replace(sites=3)
        .with_event(3, "layoff", share=0.05)
        .with_event(5, "set", parameter="succession.outside", value=0.25)
        .with_event(7, "leader_replaced", side="management", successor="outside")
        .with_event(99, "strike")
    )
    story = ps.run(scenario, replicates=1, years=1).story(0)
    text = str(story).replace("\n    ", " ")
    assert "Year 1 month 3: by scenario, 5 % of the members were laid off." in text
    assert "Year 1 month 5: by scenario, succession.outside became 0.25." in text
    assert "Year 1 month 7: by scenario, the leader of management left; the successor came from outside." in text
    assert "(from outside)" in text
    assert "struck" not in text  # it lies after the end


# -- tables -------------------------------------------------------------------------------------------------------


def test_the_ledger_holds_the_whole_run_and_adds_up(typical, stories):
    for replicate, story in enumerate(stories[:3]):
        ledger, h = story.ledger, typical.histories
        assert list(ledger.columns) == ["month", "tier", "stock", "line", "change", "unit"]
        assert ledger["change"].ne(0.0).all()
        assert ledger["month"].is_monotonic_increasing
        sums = ledger.groupby(["month", "tier", "stock"])["change"].sum()
        booked = h.ledger[replicate].sum(axis=3)
        for month in range(1, 241, 17):
            for g, tier in enumerate(GROUPS):
                assert sums.get((month, tier, "trust"), 0.0) == pytest.approx(booked[month, g, h.plan.stocks.index("trust")], abs=1e-9)
                assert sums.get((month, tier, WILL), 0.0) == pytest.approx(h.will[replicate][month, g].sum(), abs=1e-9)
        assert set(ledger.loc[ledger["stock"] == "trust", "unit"]) == {"log-odds"}
        assert set(ledger.loc[ledger["stock"] == WILL, "line"]) <= set(WILL_INPUTS)


def test_what_moved_over_months_is_the_sum_of_the_ledger(stories):
    story = stories[0]
    months = story.ledger[story.ledger["month"].between(25, 36)]
    moved = story.moved(25, 36)
    pd.testing.assert_series_equal(
        moved.groupby(["tier", "stock"])["change"].sum(), months.groupby(["tier", "stock"])["change"].sum(), atol=1e-9
    )
    by_line = months[months["stock"] == "trust"].groupby(["tier", "line"])["change"].sum()
    pd.testing.assert_series_equal(moved[moved["stock"] == "trust"].groupby(["tier", "line"])["change"].sum(), by_line, atol=1e-9)
    year = story.moved_by_year.query("first_month == 25").drop(columns=["first_month", "last_month"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(year, moved.drop(columns=["first_month", "last_month"]))


def test_months_are_printed_with_lines_that_add_up(stories):
    story = stories[0]
    text = story.month_by_month(29, 31)
    assert "year 3 month 5 (month 29)" in text
    assert "Over months 29 to 31, by mechanism" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    blocks = re.findall(r"^  (?:leaders|schools)' \w+ .*(?:\n {20}.*)*", text, re.MULTILINE)
    assert len(blocks) == 4 * 4
    for block in blocks:
        total, *parts = [float(x) for x in re.findall(r"[+-]\d+\.\d+", block)]
        assert sum(parts) == pytest.approx(total, abs=0.0005 * (len(parts) + 1))
    with pytest.raises(ps.errors.ParameterError, match="240"):
        story.month_by_month(200, 241)


def test_json_holds_everything(stories):
    document = json.loads(json.dumps(stories[0].to_json(), allow_nan=False))
    assert {"sentences", "phases", "events", "years", "moved_by_year", "window", "ledger", "causes_of_death", "ending"} <= set(document)
    assert document["sentences"][0]["facts"]
    assert len(document["ledger"]) == len(stories[0].ledger)


# -- phases -------------------------------------------------------------------------------------------------------


def phases_for(levels, *, founded=True):
    alive = np.concatenate([[0.0], *(np.full(months, level) for level, months in levels)])
    lives = lives_of(alive, founded=founded)
    return [(p.name, p.first, p.last) for p in phases_of(alive, lives)]


def test_phases_follow_practice():
    assert phases_for([(0.5, 40), (0.9, 80), (0.4, 40), (0.1, 80)]) == [
        ("Founding", 1, 40),
        ("Bloom", 41, 120),
        ("Decline", 121, 149),
        ("Death", 150, 161),
        ("Aftermath", 162, 240),
    ]
    assert phases_for([(0.1, 30), (0.5, 60)], founded=False) == [("Before", 1, 30), ("Practice begins", 31, 90)]
    assert phases_for([(0.1, 60)], founded=False) == [("No partnership in practice", 1, 60)]
    assert phases_for([(0.7, 60)]) == [("Founding", 1, 60)]
    assert phases_for([(0.6, 30), (0.1, 40), (0.6, 50)]) == [
        ("Founding", 1, 19),
        ("Death", 20, 31),
        ("Aftermath", 32, 70),
        ("A new beginning", 71, 120),
    ]
    # a short second life is part of the aftermath
    assert [name for name, *_ in phases_for([(0.6, 30), (0.1, 40), (0.6, 14), (0.1, 40)])] == ["Founding", "Death", "Aftermath"]


def test_there_are_few_phases_however_restless_the_run():
    rng = np.random.default_rng(1)
    alive = np.repeat(rng.uniform(0.3, 1.0, 40), 15)
    assert len(phases_of(alive, lives_of(alive, founded=True))) <= 5
