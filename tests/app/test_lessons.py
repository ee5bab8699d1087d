"""Each lesson says what its world shows and how often others show it: here both are counted, over the page's fifty worlds.

If a test fails after a change of the model, choose another world for the lesson (`replicate`), count again, and write the lesson anew.
"""

import re
from functools import cache

import numpy as np
import pytest

from partnersim.app import bets, catalogue, charts, lessons, words
from partnersim.app.session import Session, Setup
from partnersim.app.why import why
from partnersim.app.worlds import WORLDS, show
from partnersim.engine.record import WORDS
from partnersim.model import outcomes
from partnersim.simulate import OpenWorld, Settings
from partnersim.story import tell

LESSONS = lessons.all_lessons()
UNION, SCHOOLS, FORM = "trust_union_strategic", "trust_union_workplace", "form"
LEADERS = [("inject", "leader_replaced", 6, {"side": side, "successor": "inside", "disposition": 0.7}) for side in ("union", "management")]
PEOPLE = [("inject", f"{who}_replaced", 6, {"share": 1.0, "disposition": 0.5}) for who in ("middle_managers", "stewards")]
BREACH = {"side": "management", "months": 3, "stake": 1.2, "deceit": "yes"}
OUTSIDER = {"side": "management", "successor": "outside", "disposition": -0.5, "overlap_months": 6}
PLANS = {
    "succession": {
        "insider": [("inject", "leader_replaced", 96, {"side": "management", "successor": "inside"})],
        "overlap": [("inject", "leader_replaced", 96, OUTSIDER)],
        "language": [("inject", "contract_language", 72, {"level": 0.8})],
        "newcomers": [("move", "capability.induction", 1.0)],
        "training": [("move", "capability.sessions_per_year", 3.0)],
    },
    "crisis": {
        "late": [("inject", "breach", 96, BREACH)],
        "apart": [("inject", "breach", 30, BREACH), ("move", "pivotal_events.dual_track", 1.0)],
    },
    "paper-partnership": {
        "training": [("move", "capability.sessions_per_year", 4.0)],
        "facilitators": [("move", "support.facilitation", 1.0)],
        "national": [("move", "support.national", 1.0)],
        "agenda": [("move", "alignment.scope", 0.8)],
        "leaders": LEADERS,
        "people": PEOPLE,
        "decree falls": [("inject", "mandate_removed", 72, {})],
    },
    "overloaded-steward": {
        "fewer meetings": [("move", "structures.workplace_meetings", 2.0)],
        "training": [("move", "capability.sessions_per_year", 4.0)],
    },
    "recession": {"broken": [("inject", "promise_broken", 66, {})]},
    "what-would-you-fund": {
        "training": [("move", "capability.sessions_per_year", 4.0)],
        "facilitators": [("move", "support.facilitation", 1.0)],
        "release": [("move", "members.release_hours", 60.0)],
        "launch": [("move", "support.launch", 1.0)],
    },
}
"""What groups do to a B that is the same as A."""
ON_TOP = {
    ("paper-partnership", "and people"): PEOPLE,
    ("paper-partnership", "and people, decree falls"): [*PEOPLE, ("inject", "mandate_removed", 72, {})],
    ("recession", "open promise"): [("move", "economy.promise", 1.0), ("move", "politics.transparency", 1.0)],
}
"""What they do to the B that the lesson opens with."""


def scenario(name, plan):
    opened = LESSONS[name].setup()
    if plan == "a":
        return opened.baseline
    if plan == "b":
        return opened.variant
    on_top = ON_TOP.get((name, plan))
    done = on_top or [step for part in plan.split(" + ") for step in PLANS[name][part]]
    session = Session(opened if on_top else Setup(opened.baseline, replicate=opened.replicate))
    for kind, what, *rest in done:
        session.move(what, rest[0]) if kind == "move" else session.inject(what, rest[0], **rest[1])
    return session.setup.variant


@cache
def here(name, plan="a"):
    """The world that the lesson opens with."""
    return show(scenario(name, plan), seed=1, replicate=LESSONS[name].replicate, months=240)


@cache
def everywhere(name, plan="a"):
    """The fifty worlds behind it: lives of practice, series [world, month, outcome], and rows of events."""
    settings = Settings.of(scenario(name, plan))
    opened = OpenWorld.of(settings, months=240, ledger=False)
    lives, series, events = [], [], []
    for replicate in range(WORLDS):
        record = opened.begin(seed=1, replicate=replicate).world.record
        opened.advance(240)
        lives.append(outcomes.practice_life(record.series[:, outcomes.ALIVE_INDEX], founded=settings.founded))
        series.append(record.series.copy())
        events.append(record.event_rows().copy())
    return lives, np.array(series), events


def end(name, plan="a"):
    """When practice dies in the lesson's world; None if it lives on."""
    life = here(name, plan).life
    return life.end if life.died else None


def year(month):
    return (month - 1) // 12 + 1


def alive(name, plan="a"):
    return sum(not life.died for life in everywhere(name, plan)[0])


def longer(name, plan, than="a"):
    """In how many worlds practice lives longer under a plan."""
    return sum(
        bets.against(a, b) == bets.CHOICES["against"][0] for a, b in zip(everywhere(name, than)[0], everywhere(name, plan)[0], strict=True)
    )


def shorter(name, plan, than="a"):
    return longer(name, than, plan)


def lines(name, plan, outcome):
    return everywhere(name, plan)[1][:, :, outcomes.NAMES.index(outcome)]


def voted_out(world):
    return [month for month, kind, *_ in world.events if kind == "union leader voted out"]


# -- the lesson's own world ----------------------------------------------------------------------------------------


def test_the_succession_here():
    name, a = "succession", here("succession")
    assert a.line("trust_management_strategic")[95] - a.line("trust_management_strategic")[96] > 0.3
    assert abs(a.line(SCHOOLS)[95] - a.line(SCHOOLS)[96]) < 0.03
    assert a.line(SCHOOLS)[95] - a.line(SCHOOLS)[120] > 0.1
    assert year(end(name)) == 11
    assert year(end(name, "insider")) == 18
    assert end(name, "training") is None
    assert end(name) == end(name, "overlap") == end(name, "language")
    assert a.line(FORM)[end(name)] > 0.75 * a.line(FORM)[95]


def test_the_crisis_here():
    name, a, b = "crisis", here("crisis"), here("crisis", "b")
    assert b.line(UNION)[29] - b.line(UNION)[33] > 0.15
    assert b.line(UNION)[33:].max() < b.line(UNION)[29]
    gap = a.series - b.series
    fell = [gap[33, outcomes.NAMES.index(outcome)] for outcome in (UNION, SCHOOLS)]
    assert fell[0] > fell[1] > 0
    lost = [round((end(name) - end(name, plan)) / 12) for plan in ("b", "late")]
    assert lost == [7, 2]
    assert abs(end(name, "apart") - end(name, "b")) <= bets.SAME
    talks = next(one.month for one in b.rounds if one.month > 30)
    answers = {}
    for stance in ("collaborate", "hold back", "contest"):
        session = Session(LESSONS[name].setup())
        session.step_in("union", stance, talks, 6)
        life = show(session.setup.variant, seed=1, replicate=LESSONS[name].replicate, months=240).life
        answers[stance] = life.end
        assert life.died
    assert answers["contest"] <= talks + 12
    assert answers["contest"] < answers["hold back"] <= answers["collaborate"] <= end(name, "b")
    story = tell(scenario(name, "b"), replicate=LESSONS[name].replicate, seed=1, years=20)
    top, schools = why(story, 36, span=6)[2][:2]
    assert (top.lines[0][0], schools.lines[0][0]) == ("conduct", "issues")
    assert top.lines[0][1] < 0 > schools.lines[0][1]


def test_the_paper_partnership_here():
    name, a = "paper-partnership", here("paper-partnership")
    assert end(name) <= 12
    paper = outcomes.form_life(a.line("exists"))
    assert (paper.died, year(paper.end)) == (True, 18)
    assert end(name, "b") <= 60
    assert end(name, "and people") is None
    for plan, months in (("decree falls", 0), ("and people, decree falls", 0.1)):
        language = here(name, plan).line("contract_language")
        assert language[74] < language[71] - 0.2
        assert here(name, plan).line("practice_workplace")[84:120].mean() >= months
    assert end(name, "and people, decree falls") is None


def test_the_overloaded_steward_here():
    name, a = "overloaded-steward", here("overloaded-steward")
    grievances, approval = a.line("grievances"), a.line("leader_approval")
    assert 1.25 < grievances[48] / grievances[12] < 1.45
    assert 0.05 < 1 - approval[48] / approval[12] < 0.15
    assert voted_out(a)[0] == 125
    assert a.line("alive_index")[114:125].mean() > 0.6
    assert 125 < end(name) <= 137
    assert end(name, "b") is None
    assert end(name, "fewer meetings") <= end(name)
    assert end(name, "training") is None


def test_the_recession_here():
    name = "recession"
    cuts = {plan: next(e for e in here(name, plan).events if e[1] == "pay cut") for plan in "ab"}
    assert [(cut[0], cut[5]) for cut in cuts.values()] == [(30, "shared"), (30, "imposed")]
    assert end(name) is None
    assert year(end(name, "b")) == 3
    assert end(name, "broken") - 66 in (0, 1, 2)
    assert end(name, "open promise") == end(name, "b")
    gap = here(name).line("budget_gap")
    assert gap[84] > 0.5 * gap.max()


def test_what_would_you_fund_here():
    name = "what-would-you-fund"
    assert year(end(name)) == 8
    assert end(name, "training") is None
    assert year(end(name, "facilitators")) == 17
    for plan in ("release", "launch"):
        assert abs(end(name, plan) - end(name)) <= bets.SAME


def test_the_levers_to_their_ends_are_those_of_the_dials():
    found = {dial.name: dial for group in catalogue.dials(scenario("what-would-you-fund", "a"), "lever").values() for dial in group}
    for plan in PLANS["what-would-you-fund"].values():
        for _, lever, value in plan:
            assert found[lever].high == value


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.name)
def test_what_a_lesson_names_is_on_the_page(lesson):
    labels = {*words.DIAL_TITLES.values(), *words.EVENT_TITLES.values(), words.OTHER_LUCK, words.WHY, words.STORY, words.WHY_A}
    labels |= {words.DISTRICT, words.SPREAD, words.COMPARE, words.STEP_IN, words.EVENTS}
    labels |= {words.CHART_LABELS.get(name, outcome.label) for name, outcome in charts.BY_NAME.items()}
    named = re.findall("“([^”]+)”", " ".join((*lesson.do, *lesson.look)))
    assert named
    assert not set(named) - labels
    assert set(lesson.measures) <= set(charts.BY_NAME)


# -- the other worlds ----------------------------------------------------------------------------------------------


def trust_goes_in_a_month():
    """Worlds in which the leaders' trust falls by more in the month of the succession than that of the schools."""
    fell = {o: lines("succession", "a", o)[:, 95] - lines("succession", "a", o)[:, 96] for o in ("trust_management_strategic", SCHOOLS)}
    return int((fell["trust_management_strategic"] > fell[SCHOOLS]).sum())


def back_after_two_years():
    """Worlds, of fifty, in which the president's trust is not back two years after the breach, of those with practice alive before it."""
    trust = lines("crisis", "b", UNION)
    met = [n for n, life in enumerate(everywhere("crisis")[0]) if life.end > 30]
    return 50 * np.mean([(trust[n, 34:55] < trust[n, 29]).all() for n in met])


def paper_outlives_practice(months):
    lives = everywhere("paper-partnership")[0]
    paper = [outcomes.form_life(exists) for exists in lines("paper-partnership", "a", "exists")]
    return sum(form.end >= life.end + months for form, life in zip(paper, lives, strict=True))


def presidents_voted_out(plan):
    runs = everywhere("overloaded-steward", plan)[2]
    return sum(any(WORDS[int(row[1])] == "union leader voted out" for row in run) for run in runs)


def cuts_shared(plan):
    """Worlds whose first pay cut is shared."""
    kind, cause, first = 1, 5, []
    for rows in everywhere("recession", plan)[2]:
        first += [WORDS[int(row[cause])] for row in rows if WORDS[int(row[kind])] == "pay cut"][:1]
    return first.count("shared")


def more_together():
    return longer(F, "facilitators + release") - max(longer(F, "facilitators"), longer(F, "release"))


def second(lever):
    return alive(F, f"training + {lever}") - alive(F, "training")


S, C, P, V, R, F = LESSONS
COUNTED = [  # lesson, what it says, how many of fifty worlds, at least, at most
    (S, "in nearly all worlds", trust_goes_in_a_month, 45, 50),
    (S, "change nothing, here and in nearly all worlds", lambda: 50 - max(longer(S, "overlap"), longer(S, "language")), 45, 50),
    (S, "from about a third", lambda: alive(S), 13, 21),
    (S, "to two thirds", lambda: alive(S, "insider"), 29, 38),
    (S, "training further still", lambda: alive(S, "training"), 39, 50),
    (C, "in nearly all worlds it takes more than two", back_after_two_years, 45, 50),
    (C, "shortens practice in about a third", lambda: shorter(C, "b"), 13, 21),
    (C, "lengthens it in none", lambda: longer(C, "b"), 0, 0),
    (C, "in one world of ten", lambda: shorter(C, "late"), 3, 8),
    (C, "it helps in few worlds", lambda: longer(C, "apart", "b"), 1, 8),
    (P, "In all worlds practice dies first", lambda: paper_outlives_practice(1), 50, 50),
    (P, "in most the paper stands for years afterwards", lambda: paper_outlives_practice(24), 30, 50),
    (P, "in about a third of worlds it is", lambda: alive(P, "b"), 12, 21),
    *[(P, "No single thing is enough in any", lambda k=k: alive(P, k), 0, 0) for k in PLANS[P] if k not in ("people", "decree falls")],
    (P, "here and in most worlds", lambda: alive(P, "and people"), 32, 48),
    (P, "Those people without the rest are not enough", lambda: alive(P, "people"), 0, 2),
    (P, "it stays as it was", lambda: alive(P, "and people") - shorter(P, "and people, decree falls", "and people"), 32, 48),
    (V, "in four of five worlds of A", lambda: presidents_voted_out("a"), 35, 45),
    (V, "in a third of B's", lambda: presidents_voted_out("b"), 12, 21),
    (V, "in one world of five", lambda: longer(V, "b"), 6, 14),
    (V, "in most it lives on either way", lambda: alive(V), 29, 40),
    (V, "but not practice", lambda: alive(V, "fewer meetings") - alive(V), -4, 2),
    (V, "Fewer meetings save hours, and presidents", lambda: presidents_voted_out("a") - presidents_voted_out("fewer meetings"), 5, 40),
    (V, "More training keeps practice alive", lambda: alive(V, "training") - alive(V), 3, 12),
    (R, "most first cuts are shared", lambda: cuts_shared("a"), 30, 50),
    (R, "and fewer where faith was broken", lambda: cuts_shared("a") - cuts_shared("b"), 4, 20),
    (R, "in more than half of the worlds", lambda: shorter(R, "b"), 26, 38),
    (R, "in none the other way round", lambda: longer(R, "b"), 0, 0),
    (R, "in two worlds of five", lambda: shorter(R, "broken"), 16, 25),
    (R, "save few worlds", lambda: longer(R, "open promise", "b"), 1, 12),
    (F, "training doubles", lambda: alive(F, "training") / alive(F), 1.6, 2.4),
    *[(F, "none of the other three adds more than a few", lambda k=k: alive(F, k) - alive(F), 0, 4) for k in list(PLANS[F])[1:]],
    (F, "in more worlds than either alone", more_together, 1, 20),
    (F, "still in far fewer than training", lambda: longer(F, "training") - longer(F, "facilitators + release"), 10, 40),
    *[(F, "a second lever adds next to nothing", lambda k=k: second(k), -2, 4) for k in list(PLANS[F])[1:]],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "said", "count", "least", "most"), COUNTED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_lesson_says_how_often_over_fifty_worlds(lesson, said, count, least, most, capsys):
    assert said in " ".join(LESSONS[lesson].look)
    found = count()
    with capsys.disabled():
        print(f"\n{lesson}: {said}: {found:.4g}", end="")
    assert least <= found <= most
