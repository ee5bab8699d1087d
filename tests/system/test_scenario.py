"""Scenarios: every shipped one is sound, variants are new scenarios, and every mistake is told with its place."""

from __future__ import annotations

import pickle
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import partnersim as ps
from partnersim.app.session import read_upload
from partnersim.cli.variant import variant
from partnersim.errors import PartnersimError, ScenarioError
from partnersim.scenarios.files import headline
from partnersim.scenarios.scenario import Scenario
from partnersim.study.factors import vary

NAMES = ps.scenario_names()
MECHANISM = '''
"""A user's mechanism."""
from partnersim.engine.mechanism import Mechanism, step
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="optimism",
    claim="Members become hopeful by themselves.",
    parameters=(
        Parameter(name="push", default=0.01, bounds=(0, 1), unit="1/month", role="fixed", status="assumed",
                  source="assumed: a test", meaning="push a month"),
    ),
    after={"hope": "members.judge"},
)


@step(adds=("member_support",))
def hope(member_support, p):
    """Add a little."""
    for s in range(member_support.shape[0]):
        member_support[s] = min(1.0, member_support[s] + p.push)
'''


@pytest.fixture
def mechanism(tmp_path: Path) -> Path:
    path = tmp_path / f"optimism_{abs(hash(tmp_path))}.py"  # a module name of its own for each test
    path.write_text(MECHANISM)
    return path


# -- shipped scenarios --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_tell_what_they_are_and_survive_a_round_trip(name, tmp_path):
    scenario = ps.load_scenario(name)
    assert scenario.title
    assert scenario.sources
    assert 1 <= len(re.findall(r"[.](?:\s|$)", scenario.summary)) <= 3
    assert re.search("illustrat", scenario.summary, re.I), "say what is illustration and not evidence"
    (tmp_path / f"{name}.toml").write_text(scenario.to_toml(), encoding="utf-8")
    assert ps.load_scenario(tmp_path / f"{name}.toml") == scenario
    assert headline(name) == (scenario.title, scenario.summary)


def test_the_four_situations_are_shipped():
    assert {"typical-district", "abc-unified", "paper-mandate", "adversarial"} <= set(NAMES)


def test_the_districts_and_experiments_are_shipped():
    wanted = {"montgomery-county", "adversarial-supported", "outsider-superintendent", "recession", "overloaded-stewards"}
    assert wanted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_explain_every_value(name):
    table = ""
    for line in (files("partnersim.scenarios") / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table = line.strip("[]")
        elif table in ("district", "start", "parameters") and "=" in line:
            assert re.search(r"# \w", line), f"{name}: {line}"


def test_shipped_scenarios_are_listed_in_the_readme():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", readme, re.MULTILINE)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_have_the_variants_they_name(name, partnersim):
    told = headline(name)[1] + (files("partnersim.scenarios") / f"{name}.toml").read_text(encoding="utf-8")
    for setting in re.findall(r"`--set ([a-z_.]+=[0-9.]+)`", told):
        status, _, _ = partnersim("run", name, "--set", setting, "--replicates", "1", "--years", "1", "--set", "district.sites=3")
        assert status == 0


def test_an_extended_scenario_is_its_base_but_for_what_it_says():
    base, more = ps.load_scenario("adversarial"), ps.load_scenario("adversarial-supported")
    assert more.start == base.start
    assert (more.sites, more.poverty, more.timeline) == (base.sites, base.poverty, base.timeline)


# -- variants -----------------------------------------------------------------------------------------------------


def test_variants_are_laid_over_and_named_and_leave_the_first_alone():
    abc = ps.load_scenario("abc-unified")
    other = abc.replace(sites=6, start={"trust": {"strategic": 0.7}}, parameters={"succession.outside": 0.5})
    assert other.sites == 6
    assert other.start["trust"] == (0.7, 0.55)  # the tier that is not named keeps what it had
    assert other.start["language"] == abc.start["language"]
    assert other.parameters["succession.outside"] == 0.5
    assert other.parameters["support.national"] == abc.parameters["support.national"]
    assert other.name == "abc-unified, sites=6, trust=0.7, succession.outside=0.5"
    assert abc.replace(name="b").name == "b"
    four = ("trust.stake_weight", "networks.peer_weight", "support.launch", "support.national")
    assert abc.replace(parameters=dict.fromkeys(four, 0.5)).name.endswith("networks.peer_weight=0.5, support.launch=0.5, ...")
    assert abc.sites == 28
    with pytest.raises(TypeError):
        abc.parameters["succession.outside"] = 1.0  # type: ignore[index]


def test_what_is_left_out_and_what_happens_add_up():
    abc = ps.load_scenario("abc-unified")
    assert abc.without("succession", "trust").without("trust").left_out == ("succession", "trust")
    shocked = abc.with_event(96, "leader_replaced", side="management", successor="outside", disposition=-0.5)
    assert len(shocked.timeline) == len(abc.timeline) + 1
    assert shocked.name == "abc-unified, leader_replaced at 96"
    assert shocked.timeline[-1]["disposition"] == -0.5


def test_a_scenario_travels_to_another_process():
    scenario = ps.load_scenario("abc-unified").without("trust")
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_numpy_numbers_are_numbers():
    typical = ps.load_scenario("typical-district")
    changed = typical.replace(
        start={"exists": np.int64(0)},
        parameters={"structures.strategic_meetings": np.int64(3), "support.national": np.float64(0.5)},
    )
    assert changed.parameters["structures.strategic_meetings"] == 3.0
    assert "[start]\nexists = 0" in changed.to_toml()


def test_a_mechanism_of_ones_own_comes_with_its_parameters(mechanism, tmp_path):
    scenario = ps.load_scenario("typical-district").with_mechanism(mechanism).replace(parameters={"optimism.push": 0.02})
    assert scenario.plan.mechanisms["optimism"].parameters[0].name == "push"
    (tmp_path / "mine.toml").write_text(scenario.to_toml(beside=True), encoding="utf-8")
    again = ps.load_scenario(tmp_path / "mine.toml")
    assert again.mechanisms == scenario.mechanisms
    assert again.parameters == scenario.parameters


# -- files --------------------------------------------------------------------------------------------------------


def test_a_file_extends_a_shipped_name_and_a_neighbour(tmp_path):
    (tmp_path / "a.toml").write_text(
        'extends = "abc-unified"\ntitle = "A"\nsources = ["me"]\n'
        "[parameters]\nsuccession.outside = 0.5\n[mechanisms]\ntrust = false\n"
        '[[timeline]]\nat_month = 9\nevent = "set"\nparameter = "structures.workplace_meetings"\nvalue = 8\n'
    )
    (tmp_path / "b.toml").write_text(
        'extends = "a.toml"\n[district]\nsites = 5\n[parameters.succession]\noutside = 0.6\n[mechanisms]\ntrust = true\n'
    )
    abc, a, b = (ps.load_scenario(x) for x in ("abc-unified", tmp_path / "a.toml", tmp_path / "b.toml"))
    assert (a.name, a.title, a.left_out) == ("a", "A", ("trust",))
    assert a.sources == (*abc.sources, "me")
    assert len(a.timeline) == len(abc.timeline) + 1
    assert (b.name, b.title, b.sites, b.left_out) == ("b", "A", 5, ())
    assert b.parameters["succession.outside"] == 0.6
    assert b.start == abc.start


def test_all_problems_of_a_file_are_told_at_once_with_their_lines(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(
        'extends = "abc-unified"\n'  # 1
        'titel = "x"\n'
        "[district]\n"
        "sites = 0\n"
        "schools = 3\n"  # 5
        "[start]\n"
        "trust = 1.7\n"
        "trsut = 0.5\n"
        "disposition = { strategic = 0.1, workspace = 2 }\n"
        "gap = { strategic = 0.1 }\n"  # 10
        "exists = 0.5\n"
        "stance = 1\n"
        'memory = "much"\n'
        "[parameters]\n"
        "support.national = 99\n"  # 15
        '"support.nationl" = 1\n'
        "support.community = true\n"
        "[mechanisms]\n"
        "stance = false\n"
        "truss = false\n"  # 20
        "trust = 3\n"
        "[[timeline]]\n"
        "at_month = 3\n"
        'event = "leader_replased"\n'
        "[[timeline]]\n"  # 25
        'event = "set"\n'
        "at_month = 4\n"
        'parameter = "stance.noise"\n'
        "value = 1\n"
        "[[timeline]]\n"  # 30
        'event = "set"\n'
        "at_month = 0\n"
        'parameter = "structures.strategic_meetings"\n'
        "value = 999\n"
        "when = 3\n"  # 35
        "[[timeline]]\n"
        'event = "set"\n'
    )
    with pytest.raises(ScenarioError) as told:
        ps.load_scenario(path)
    text = str(told.value)
    expected = {
        2: "did you mean title",
        4: "sites = 0 is no possible size",
        5: "known: members_per_site, poverty, sites",
        7: "trust = 1.7 is outside 0 to 1",
        8: "did you mean trust",
        9: "no value for 'workspace'",
        10: "gap has one value",
        11: "no whole number",
        12: "the model sets it",
        13: "start.memory = 'much' is no number",
        15: "support.national = 99 is outside 0 to 1",
        16: "did you mean support.national",
        17: "support.community = True is not a number",
        19: "stance cannot be left out",
        20: "did you mean trust",
        21: "neither yes nor no",
        22: "did you mean leader_replaced",
        28: "cannot change on the way",
        32: "at_month = 0 is no month",
        34: "999 is outside",
        35: "set has no argument 'when'",
        36: "set needs at_month and parameter and value",
    }
    blocks = re.split(r"\n(?=  line )", text)[1:]
    by_line: dict[int, str] = {}
    for block in blocks:
        line = int(re.match(r"  line (\d+)", block)[1])
        by_line[line] = by_line.get(line, "") + block
    assert set(by_line) == set(expected)
    for line, words in expected.items():
        assert words in by_line[line], f"line {line}: {by_line[line]}"
    assert text.startswith(f"{path}: {len(blocks)} problems")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sites = .5", "no valid TOML: Invalid value (at line 1, column 9)"),
        ("extends = 3", "extends = 3 is no name"),
        ('extends = "self.toml"', "extend each other in a circle"),
        ('extends = "abc-unifed"', "did you mean abc-unified?"),
        ("start = 3", "start = 3 is no table"),
        ("timeline = 3", "the timeline is no list of events"),
        ("sources = 3", "sources = 3 is no list of texts"),
        ("title = 3", "title = 3 is no text"),
        ('[mechanisms]\nmine = "none.py"', "there is no mechanism file"),
    ],
)
def test_a_broken_file_says_what_is_wrong(text, words, tmp_path):
    path = tmp_path / "self.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=re.escape(words)) as told:
        ps.load_scenario(path)
    assert "self.toml" in str(told.value)


def test_a_single_problem_is_one_block_with_its_line(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text("[start]\n\ntrust = 2\n")
    with pytest.raises(ScenarioError) as told:
        ps.load_scenario(path)
    assert told.value.where == f"{path}, line 3"
    assert told.value.allowed == "0 to 1; default 0.5"


def test_unreadable_and_unknown_files(tmp_path):
    (tmp_path / "latin.toml").write_bytes('title = "\xe9"'.encode("latin-1"))
    with pytest.raises(ScenarioError, match="text file in UTF-8"):
        ps.load_scenario(tmp_path / "latin.toml")
    with pytest.raises(ScenarioError, match=r"there is no scenario 'abc-unify'[\s\S]*did you mean abc-unified"):
        ps.load_scenario("abc-unify")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "has no name"),
        ({"name": "x", "sites": True}, "sites = True is no possible size"),
        ({"name": "x", "members_per_site": 0}, "members_per_site = 0"),
        ({"name": "x", "start": 3}, "no table of columns"),
        ({"name": "x", "parameters": 3}, "no table of parameters"),
        ({"name": "x", "timeline": [3]}, "no list of events"),
        ({"name": "x", "mechanisms": ("none.py",)}, "no mechanism file"),
        ({"name": "x", "start": {"trust": (0.1, 0.2, 0.3)}}, "is no number"),
    ],
)
def test_a_scenario_made_in_python_is_checked_too(fields, words):
    with pytest.raises(PartnersimError, match=re.escape(words)):
        ps.Scenario(**fields)


def test_two_mechanism_files_cannot_share_a_name(mechanism):
    with pytest.raises(ScenarioError, match="optimism"):
        ps.load_scenario("typical-district").with_mechanism(mechanism).with_mechanism(mechanism)


def test_an_event_that_stands_for_a_lever_keeps_to_its_bounds():
    plain = ps.load_scenario("typical-district")
    twice = plain.with_event(6, "structures_changed", tier="retreat", meetings_per_month=2)
    assert twice.timeline[0]["meetings_per_month"] == 2
    with pytest.raises(ScenarioError, match="structures.retreat_meetings = 3"):
        plain.with_event(6, "structures_changed", tier="retreat", meetings_per_month=3)


# -- starts laid over each other ------------------------------------------------------------------------------------


def test_a_kind_of_start_takes_the_place_of_all_values_of_what_it_is_laid_over(tmp_path):
    adversarial, mature = ps.load_scenario("adversarial"), Scenario(name="mature", start={"kind": "mature"})
    assert adversarial.start
    assert not adversarial.replace(start={"kind": "founding"}).start
    assert adversarial.replace(start={"kind": "mature"}).start == mature.start
    assert vary(adversarial, {"start.kind": "mature"}).start == mature.start
    (tmp_path / "grown.toml").write_text('extends = "adversarial"\n[start]\nkind = "mature"\ntrust = 0.9\n')
    grown = ps.load_scenario(tmp_path / "grown.toml")
    assert grown.start == {**mature.start, "trust": 0.9}


def test_a_start_value_for_one_tier_leaves_the_other(tmp_path):
    adversarial, mature = ps.load_scenario("adversarial"), Scenario(name="mature", start={"kind": "mature"})
    wanted = (0.2, adversarial.start["trust"])
    assert adversarial.replace(start={"trust": {"strategic": 0.2}}).start["trust"] == wanted
    assert vary(adversarial, {"start.trust.strategic": 0.2}).start["trust"] == wanted
    assert variant("adversarial", ["start.trust.strategic=0.2"], None, None).start["trust"] == wanted
    (tmp_path / "own.toml").write_text('[start]\nkind = "mature"\ntrust = { strategic = 0.2 }\n')
    assert ps.load_scenario(tmp_path / "own.toml").start["trust"] == (0.2, mature.start["trust"][1])


@pytest.mark.parametrize(
    "text",
    [
        '[[timeline]]\nat_month = 3\nevent = ["recession"]\n',
        '[[timeline]]\nat_month = 3\nevent = "set"\nparameter = ["succession.outside"]\nvalue = 1\n',
        '[[timeline]]\nat_month = 3\nevent = "set"\nparameter = { a = 1 }\nvalue = 1\n',
        f"[parameters]\nsuccession.outside = {'9' * 5000}\n",
        f"a = {'[' * 5000}{']' * 5000}\n",
        'extends = "../t/own.toml"\n',
        '[mechanisms]\nown = "a\\u0000b.py"\n',
    ],
)
def test_whatever_stands_in_a_file_the_problem_is_told(text, tmp_path):
    (tmp_path / "t").mkdir()
    file = tmp_path / "t" / "own.toml"
    file.write_text(text)
    with pytest.raises(PartnersimError) as told:
        ps.load_scenario(file)
    assert len(str(told.value)) < 7000
    with pytest.raises(PartnersimError):
        read_upload(text)
