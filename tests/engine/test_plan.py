"""Every wrong declaration is refused before anything runs, with its place and a cure; users' mechanisms join by the same rules."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import toys
from toys import COLUMNS, column

import partnersim.engine.random as engine_random
from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import Mechanism, load_mechanism
from partnersim.engine.random import stream
from partnersim.errors import MechanismError, ParameterError
from partnersim.model.columns import COLUMNS as REAL_COLUMNS
from partnersim.model.month import SCHEDULE


@dataclass(frozen=True)
class Wrong:
    """A mistake: edits of the toy (module, old, new), or other columns or steps; and what the error must say."""

    what: str
    edits: tuple[tuple[str, str, str], ...] = ()
    where: str = ""
    cure: str = ""
    columns: tuple = COLUMNS
    steps: dict | None = None


BREED, FALL, FLY, WATCH = "function breed", "function fall", "function fly", "function collect"
COLLECT = "def collect(water, frogs, cover, series, month, p_rain):"
DECLARED = 'writes=("frogs", "cover"), adds=("water",)'
TWO_STEPS = toys.STEPS["month"]
WRONG = {
    "an unknown column": Wrong(
        "frogs.breed asks for 'watr'",
        (("frogs", "cover, water, p, p_rain", "cover, watr, p, p_rain"), ("frogs", ', adds=("water",)', "")),
        BREED,
        "did you mean water",
    ),
    "writes a column of another": Wrong(
        "frogs.breed writes water, whose owner is rain",
        (("frogs", DECLARED, 'writes=("frogs", "cover", "water")'),),
        BREED,
        "declare it in adds=",
    ),
    "adds to its own column": Wrong(
        "frogs.breed owns cover", (("frogs", DECLARED, 'writes=("frogs",), adds=("water", "cover")'),), BREED, "writes="
    ),
    "changes what it does not name": Wrong(
        "rain.fall says it changes birds but does not name it",
        (("rain", 'writes=("water",))\ndef fall', 'writes=("water",), adds=("birds",))\ndef fall'),),
        FALL,
        "add the argument",
    ),
    "assigns without saying so": Wrong(
        "frogs.breed assigns to water without saying so", (("frogs", ', adds=("water",)', ""),), BREED, "'water' to writes="
    ),
    "assigns in a pair without saying so": Wrong(
        "birds.fly assigns to water without saying so",
        (("birds", "birds[i] = water[i] +", "birds[i], water[i] = 1.0, water[i] +"),),
        FLY,
        "'water' to writes=",
    ),
    "assigns to a row of a row without saying so": Wrong(
        "birds.fly assigns to water without saying so",
        (("birds", "birds[i] = water[i] +", "birds[i] = 0.0\n        water[0:][i] = water[i] +"),),
        FLY,
        "'water' to writes=",
    ),
    "changes the layout": Wrong(
        "birds.fly changes pond_id, which belongs to the layout",
        (("birds", 'writes=("birds",)', 'writes=("birds",), adds=("pond_id",)'),),
        FLY,
        "a column of its own",
    ),
    "two mechanisms of one name": Wrong(
        "two mechanisms are called frogs", (("birds", 'name="birds"', 'name="frogs"'),), "birds.py", "rename one"
    ),
    "a function twice": Wrong(
        "rain.fall stands in the schedule twice",
        steps=toys.STEPS | {"month": [*TWO_STEPS, ("rain", "fall")]},
        where=FALL,
    ),
    "the stream of another": Wrong(
        "birds draws from the stream 'frogs.flies' of another mechanism",
        (("birds", '"birds.flies"', '"frogs.flies"'),),
        "birds.py",
        "'birds.<decision>'",
    ),
    "an unknown parameter of its own": Wrong(
        "rain reads p.amonut, which it does not declare",
        (("rain", "p.amount *", "p.amonut *"),),
        "rain.py",
        "did you mean amount",
    ),
    "an unknown parameter of another": Wrong(
        "frogs reads p_rain.amonut, which rain does not declare",
        (("frogs", "p_rain.amount", "p_rain.amonut"),),
        "frogs.py",
        "did you mean amount",
    ),
    "an observer with an unknown parameter": Wrong(
        "outcomes.collect reads p_rain.scle, which rain does not declare",
        (("watch", "p_rain.scale", "p_rain.scle"),),
        "watch.py",
        "did you mean scale",
    ),
    "a parameter nobody reads": Wrong(
        "parameter frogs.thirst is declared but no function reads it",
        (("frogs", "p.thirst *", "0.1 *"),),
        "frogs.py",
        "read p.thirst",
    ),
    "a column without a writer": Wrong(
        "no function of rain writes its column mud", columns=(*COLUMNS, column("mud", "rain")), cure="writes="
    ),
    "a column of nobody": Wrong(
        "column mud belongs to rian, which is not in the plan",
        columns=(*COLUMNS, column("mud", "rian")),
        cure="did you mean rain",
    ),
    "a column twice": Wrong("column water is declared twice", columns=(*COLUMNS, column("water", "frogs")), where="by rain and by frogs"),
    "a column of unknown rows": Wrong(
        "column birds is of 'pnod'",
        columns=(*COLUMNS[:-1], column("birds", "birds", entity="pnod")),
        where="owner birds",
        cure="did you mean pond",
    ),
    "a column with a name the runner needs": Wrong(
        "no column may be called held",
        columns=(*COLUMNS, column("held", "birds")),
        where="owner birds",
        cure="rename it",
    ),
    "an absent mechanism whose column has no null": Wrong(
        "column frogs has no value for when frogs is absent",
        columns=tuple(replace(c, held=None) if c.name == "frogs" else c for c in COLUMNS),
        cure="give it held=",
    ),
    "an observer that draws": Wrong(
        "observer outcomes.collect may neither draw nor change the world",
        (("watch", COLLECT, COLLECT.replace("month", "month, key0")),),
        WATCH,
        "a function of the month",
    ),
    "an observer that says it writes": Wrong(
        "observer outcomes.collect may neither draw nor change the world",
        (("watch", "@step()", '@step(writes=("water",))'),),
        WATCH,
        "a function of the month",
    ),
    "an observer that writes unsaid": Wrong(
        "observer outcomes.collect may neither draw nor change the world",
        (("watch", "series[month, 1] +=", "water[i] ="),),
        WATCH,
        "a function of the month",
    ),
    "an observer that is not decorated": Wrong("outcomes.collect is not marked as a step", (("watch", "@step()\n", ""),), WATCH, "@step("),
    "no MECHANISM": Wrong("has no MECHANISM", (("birds", "MECHANISM =", "IDEA ="),), "birds.py", "MECHANISM = Mechanism("),
    "not decorated": Wrong("birds.fly is not marked as a step", (("birds", '@step(writes=("birds",))\n', ""),), FLY, "@step(writes=...)"),
    "resets by two mechanisms": Wrong(
        "birds.fly resets water, which frogs resets already",
        (
            ("frogs", ', adds=("water",)', ', resets=("water",)'),
            ("birds", 'writes=("birds",)', 'writes=("birds",), resets=("water",)'),
        ),
        FLY,
        "adds=",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_a_plan_refuses(case, tmp_path):
    toys.write(tmp_path, toys.SOURCES, case.edits)
    with pytest.raises(MechanismError) as found:
        toys.plan_of(tmp_path, columns=case.columns, steps=case.steps or toys.STEPS)
    error = found.value
    assert case.what in error.what
    assert case.where in error.where
    assert case.cure in f"{error.allowed} {error.fix}"
    if case.where.startswith("function"):
        assert ".py, line " in error.where


def test_the_right_toy_is_accepted_and_described_with_all_it_draws(toy):
    rows = {row["step"]: row for row in toy.describe()}
    assert rows["frogs.breed"] == {
        "part": "month",
        "step": "frogs.breed",
        "does": "",
        "reads": ["pond_id"],
        "writes": ["frogs", "cover"],
        "adds": ["water"],
        "resets": [],
        "draws": ["frogs.breeds"],
    }
    assert rows["rain.begin"]["draws"] == ["rain.starts"]
    assert rows["outcomes.collect"]["draws"] == []


def test_a_step_draws_also_what_its_helpers_draw(real):
    draws = {row["step"]: row["draws"] for row in real.describe()}
    assert draws["stance.lead"] == draws["stance.respond"] == ["stance.chooses"]


@pytest.mark.parametrize("name", ["two words", "class", "_hidden", ""])
def test_a_mechanism_or_parameter_must_have_a_name_that_code_can_use(name):
    parameter = toys_parameter(name)
    for declare in (lambda: Mechanism(name=name, claim="-"), lambda: Mechanism(name="x", claim="-", parameters=(parameter,))):
        with pytest.raises(MechanismError, match="is not an identifier"):
            declare()


@pytest.mark.parametrize("names", [("a", "a"), ("on",)])
def test_parameters_of_a_mechanism_have_different_names_and_none_is_on(names):
    with pytest.raises(MechanismError, match="need different names, and none may be called 'on'"):
        Mechanism(name="x", claim="-", parameters=tuple(map(toys_parameter, names)))


def toys_parameter(name):
    space: dict = {}
    exec(toys.HEAD, space)
    return space["number"](name, 1.0)


def test_two_streams_with_one_id_are_refused(monkeypatch):
    monkeypatch.setattr(engine_random, "STREAMS", {})
    stream("example.16032")
    with pytest.raises(MechanismError, match="rename one of the two streams"):
        stream("example.35039")


# -- users' mechanisms --------------------------------------------------------------------------------------------------

OWN = (
    toys.HEAD
    + """
from partnersim.engine.numeric import clip
from partnersim.engine.state import Column

MECHANISM = Mechanism(
    name="rumours_NUMBER",
    claim="Rumours eat trust.",
    parameters=(number("weight", 0.5), number("from_month", 7.0)),
    columns=(Column(name="rumour_NUMBER", entity="dyad", meaning="rumour", unit="-", owner="rumours_NUMBER", low=0, high=1),),
    after={"spread": "trust.learn"},
)
SPREADS = stream("rumours_NUMBER.spreads")

@step(writes=("rumour_NUMBER",), adds=("trust",))
def spread(dyad_id, trust, rumour_NUMBER, p, key0, key1, month):
    for d in range(trust.shape[0]):
        rumour_NUMBER[d] = unit(block(key0, key1, SPREADS, month, dyad_id[d], 0)[0])
        if month >= p.from_month:
            for side in range(2):
                trust[d, side] = clip(trust[d, side] * (1.0 - p.weight * rumour_NUMBER[d]), 0.01, 0.99)
"""
)


@pytest.fixture
def own(tmp_path):
    """Write the user's mechanism after edits, under a name nobody else has, and load it."""
    made = []

    def write(*edits):
        number = toys.fresh()
        path = tmp_path / f"rumours_{number}.py"
        toys.write(tmp_path, {path.stem: OWN.replace("NUMBER", str(number))}, [(path.stem, *edit) for edit in edits])
        made.append(path.stem)
        return load_mechanism(path)

    yield write
    for name in made:
        sys.modules.pop(name, None)


def test_a_users_mechanism_joins_the_month_with_its_column_and_parameters(own):
    module = own()
    plan = Plan(SCHEDULE, REAL_COLUMNS, [module])
    name = module.MECHANISM.name
    months = [act.name for act in plan.month]
    assert months[months.index("trust.learn") + 1] == f"{name}.spread"
    assert [m for m in months if m != f"{name}.spread"] == [act.name for act in Plan(SCHEDULE, REAL_COLUMNS).month]
    assert plan.columns[module.MECHANISM.columns[0].name].owner == name
    assert [p.name for p in plan.mechanisms[name].parameters] == ["weight", "from_month"]
    assert plan.digest != Plan(SCHEDULE, REAL_COLUMNS).digest


def test_functions_placed_after_the_same_one_act_in_the_order_given(own):
    twice = ('{"spread": "trust.learn"}', '{"spread": "trust.learn", "settle": "trust.learn"}')
    more = ("@step(", "@step(adds=('trust',))\ndef settle(trust):\n    trust[0, 0] *= 1.0\n\n@step(")
    first, second = own(twice, more), own()
    months = [act.name for act in Plan(SCHEDULE, REAL_COLUMNS, [first, second]).month]
    at = months.index("trust.learn")
    a, b = first.MECHANISM.name, second.MECHANISM.name
    assert months[at + 1 : at + 4] == [f"{a}.spread", f"{a}.settle", f"{b}.spread"]


@pytest.mark.parametrize(
    ("edit", "what", "cure"),
    [
        (('"trust.learn"', '"trust.lern"'), "should act after trust.lern", "did you mean trust.learn"),
        (('"spread":', '"spraed":'), "spraed is no @step function", "@step("),
        (('after={"spread": "trust.learn"},', ""), "places no function", "after="),
        (('adds=("trust",)', "adds=()"), "assigns to trust without saying so", "adds="),
    ],
)
def test_a_users_mechanism_that_does_not_fit_is_refused_with_its_file(edit, what, cure, own):
    module = own(edit)
    with pytest.raises(MechanismError) as found:
        Plan(SCHEDULE, REAL_COLUMNS, [module])
    assert what in found.value.what
    assert module.__file__ in found.value.where
    assert cure in f"{found.value.allowed} {found.value.fix}"


RUN_WITH_AND_WITHOUT = """
import json, sys
import numpy as np
import worlds
from partnersim.engine.compose import Plan
from partnersim.engine.mechanism import load_mechanism
from partnersim.model.columns import COLUMNS
from partnersim.model.month import SCHEDULE
own = load_mechanism(sys.argv[1])
out = []
for extra in ([], [own]):
    plan = Plan(SCHEDULE, COLUMNS, extra)
    world = worlds.begin(worlds.world_of(plan, sites=2, months=10))
    world.advance(10)
    out.append(world.record.series.copy())
same = [bool((out[0][m] == out[1][m]).all()) for m in range(11)]
print(json.dumps({"same": same, "own": float(world.columns[own.MECHANISM.columns[0].name].min())}))
"""


def test_a_users_mechanism_changes_a_run_only_from_where_it_acts(own):
    found = toys.answer(toys.command(own().__file__, code=RUN_WITH_AND_WITHOUT, NUMBA_DISABLE_JIT="1"))
    assert found["same"] == [True] * 7 + [False] * 4
    assert found["own"] > 0.0


def test_a_file_that_is_missing_or_does_not_import_is_refused_and_leaves_nothing_behind(tmp_path):
    with pytest.raises(MechanismError, match="there is no mechanism file"):
        load_mechanism(tmp_path / "nothing.py")
    broken = tmp_path / "broken_mechanism.py"
    broken.write_text("import nowhere_at_all\n")
    with pytest.raises(MechanismError, match="broken_mechanism.py cannot be imported: No module named 'nowhere_at_all'"):
        load_mechanism(broken)
    assert "broken_mechanism" not in sys.modules
    text = tmp_path / "mechanism.txt"
    text.write_text("")
    with pytest.raises(MechanismError, match=r"its name must end in \.py"):
        load_mechanism(text)


def test_a_file_that_fails_as_it_is_read_is_told_with_its_line(tmp_path):
    broken = tmp_path / "broken_mechanism.py"
    for text, line in (("x = 1\nraise_it()\n", 2), ("x = 1\n\nx = = 2\n", 3), ("def f():\n    return 1 / 0\n\nf()\n", 2)):
        broken.write_text(text)
        with pytest.raises(MechanismError, match=f"broken_mechanism.py, line {line}$"):
            load_mechanism(broken)
    broken.write_text(toys.HEAD + "number('amount', 2e9)\n")
    with pytest.raises(MechanismError, match="outside") as found:
        load_mechanism(broken)
    assert found.value.where.startswith(f"{broken}, line ")


def test_a_users_function_may_act_once_at_month_0(own):
    module = own(('"trust.learn"', '"opening"'))
    plan, usual = Plan(SCHEDULE, REAL_COLUMNS, [module]), Plan(SCHEDULE, REAL_COLUMNS)
    assert [a.name for a in plan.opening] == [*(a.name for a in usual.opening), f"{module.MECHANISM.name}.spread"]
    assert [a.name for a in plan.month] == [a.name for a in usual.month]


@pytest.mark.parametrize(
    ("line", "told", "number"),
    [
        ("        birds[i] = nothing_like_it", "name 'nothing_like_it' is not defined", 17),
        ("        birds[i] = 'many'", "setitem.* is not possible", 20),
        ("        birds.sort_it()", "Unknown attribute 'sort_it'", 20),
    ],
)
def test_what_the_compiler_refuses_is_told_with_step_and_line(line, told, number, tmp_path):
    flight = "        birds[i] = water[i] + unit(block(key0, key1, FLIES, month, pond_id[i], 0)[0])"
    toys.write(tmp_path, toys.SOURCES, [("birds", flight, line)])
    with pytest.raises(MechanismError) as found:
        toys.begin(toys.world_of(toys.plan_of(tmp_path)))
    assert re.search(f"^birds.fly cannot be compiled: .*{told}", found.value.what)
    assert found.value.where == f"{tmp_path / 'birds.py'}, line {number}, function fly"
    assert "NUMBA_DISABLE_JIT" in found.value.fix


@pytest.mark.parametrize("name", ["json", "chunk_that_is_loaded", "this"])
def test_a_file_named_like_another_module_is_refused(name, tmp_path, monkeypatch):
    """Loaded ones, and those of the standard library that nobody has needed yet."""
    monkeypatch.setitem(sys.modules, "chunk_that_is_loaded", json)
    path = tmp_path / f"{name}.py"
    path.write_text("MECHANISM = None\n")
    with pytest.raises(MechanismError, match=f"there is another module called {name}"):
        load_mechanism(path)
    assert sys.modules["json"] is json
    assert "this" not in sys.modules


def test_a_copy_of_a_loaded_file_is_the_same_mechanism(own, tmp_path):
    module = own()
    copy = tmp_path / "elsewhere" / Path(module.__file__).name
    copy.parent.mkdir()
    copy.write_bytes(Path(module.__file__).read_bytes())
    assert load_mechanism(copy) is module
    copy.write_text(copy.read_text() + "\nMORE = 1\n")
    with pytest.raises(MechanismError, match="there is another module"):
        load_mechanism(copy)


def test_a_file_is_loaded_once_and_refused_if_it_was_edited_since(own):
    module = own()
    path = Path(module.__file__)
    assert load_mechanism(path) is module
    path.write_text(path.read_text() + "\nMORE = 1\n")
    with pytest.raises(MechanismError, match="was edited after it was loaded(.|\n)*start Python again"):
        load_mechanism(path)


def test_values_reach_their_parameters_and_defaults_the_rest(toy):
    params = dict(zip(toy.lines, toy.params({"rain": {"scale": 7}}, ["birds"]), strict=True))
    assert params["rain"] == (1.0, 2.0, 7.0)
    assert (params["birds"].on, params["frogs"].on) == (0.0, 1.0)
    assert all(isinstance(v, float) for p in params.values() for v in p)


def test_held_values_are_packed_in_the_order_of_the_columns(toy):
    world = toys.world_of(toy)
    values = {name: np.full_like(array, n) for n, (name, array) in enumerate(world.columns.items())}
    flat, offsets = toy.held(values)
    for n, name in enumerate(toy.columns):
        assert (flat[offsets[n] : offsets[n] + values[name].size] == n).all()
    assert flat.size == sum(array.size for array in values.values())


def test_an_error_is_of_the_kind_users_catch():
    assert issubclass(MechanismError, ValueError)
    assert issubclass(ParameterError, ValueError)
