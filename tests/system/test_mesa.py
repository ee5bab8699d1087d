"""Mesa's view of a district: the same history, live agents that cannot be set, and Mesa's own tools at work."""

from __future__ import annotations

import gc
import inspect
import runpy
import subprocess
import sys
import weakref
from pathlib import Path
from types import ModuleType, SimpleNamespace

import mesa
import numpy as np
import pytest

import partnersim as ps
from partnersim.errors import ParameterError, RunError, ScenarioError
from partnersim.mesa_model import ManagementLeader, Member, MiddleManager, PartnershipModel, Person, Steward, UnionLeader, View
from partnersim.model.outcomes import NAMES
from partnersim.simulate import OpenWorld, open_world, plan

PAGE = Path(__file__).parents[2] / "notebooks" / "mesa_page.py"
SMALL = ps.load_scenario("typical-district").replace(sites=4, members_per_site=10, stewards_per_site=2, name="small")
EVENTFUL = (
    SMALL.with_event(3, "leader_replaced", side="union", successor="outside")
    .with_event(9, "set", parameter="structures.workplace_meetings", value=0)
    .with_event(14, "budget_cut", share=0.1, months=12, how="imposed")
)
RESERVED = {
    *("scenario", "time", "steps", "running", "agents", "agents_by_type", "agent_types", "agent_id_counter", "data_registry", "observe"),
    *("unobserve", "notify", "batch", "suppress", "observables", "subscribers", "run_for", "run_until", "run_model", "schedule_event"),
    *("schedule_recurring", "reset_rng", "reset_randomizer", "rng", "random", "pos", "advance", "start_action", "current_action"),
    *("cancel_action", "interrupt_for", "is_busy", "unique_id", "model", "step", "remove"),
}


@pytest.fixture
def model() -> PartnershipModel:
    return PartnershipModel(SMALL, years=3)


def stepped(model: PartnershipModel, months: int) -> PartnershipModel:
    for _ in range(months):
        model.step()
    return model


def first(model: PartnershipModel, kind: type[View], **wanted: object):
    return next(agent for agent in model.agents_by_type[kind] if all(getattr(agent, name) == value for name, value in wanted.items()))


def same(one: OpenWorld, other: OpenWorld) -> bool:
    return (
        np.array_equal(one.world.record.series, other.world.record.series)
        and np.array_equal(one.world.record.event_rows(), other.world.record.event_rows())
        and np.array_equal(one.world.record.ledger, other.world.record.ledger)
        and all(np.array_equal(values, other.world.columns[name]) for name, values in one.world.columns.items())
    )


# -- what happens on the way ------------------------------------------------------------------------------------------

CALLS = (  # (month in which it is said, month of the event or None for the next, event, arguments)
    (0, None, "training_changed", {"sessions_per_year": 4, "induction": 1}),
    (5, 30, "strike", {"days": 20}),
    (11, None, "leader_replaced", {"side": "management", "successor": "outside", "disposition": -1}),
    (11, None, "set", {"parameter": "structures.workplace_meetings", "value": 12}),
    (11, 20, "set", {"parameter": "support.national", "value": 0.9}),
    (19, None, "pivotal_event", {"level": "all", "stake": 1.5}),
    (19, 20, "structures_changed", {"tier": "workplace", "meetings_per_month": 1}),
    (24, 30, "layoff", {"share": 0.1}),
    (24, 28, "breach", {"side": "union", "months": 3}),
)


def test_what_is_made_to_happen_is_what_a_timeline_would_have_done():
    planned = EVENTFUL
    for said, at, event, arguments in CALLS:
        planned = planned.with_event(said + 1 if at is None else at, event, **arguments)
    expected = open_world(planned, seed=5, replicate=2, months=48, ledger=True)
    expected.advance(48)
    plain = open_world(EVENTFUL, seed=5, replicate=2, months=48, ledger=True)
    plain.advance(48)

    world = open_world(EVENTFUL, seed=5, replicate=2, months=48, ledger=True)
    for n, (said, at, event, arguments) in enumerate(CALLS):
        if world.month < said:
            world.advance(said)
        past = world.world.record.series.copy()
        world.happen(event, at_month=at, **arguments)
        assert np.array_equal(past, world.world.record.series), f"call {n} changed the past"
    world.advance(48)
    assert same(world, expected)
    assert not same(world, plain)
    assert world.scenario.timeline == planned.timeline

    again = world.begin(seed=5, replicate=2)  # what happened on the way now belongs to the scenario
    again.advance(48)
    assert same(again, expected)


def test_what_a_class_did_can_be_written_down_and_run(tmp_path, model):
    stepped(model, 6)
    model.happen("strike", days=5)
    model.happen("set", parameter="support.national", value=0, at_month=20)
    stepped(model, 30)
    file = tmp_path / "class.toml"
    file.write_text(model.world.scenario.to_toml())
    assert np.array_equal(ps.run(file, replicates=1, years=3).histories.series[0], model.world.world.record.series)


@pytest.mark.parametrize(
    ("event", "arguments", "message"),
    [
        ("strike", {"at_month": 12}, "the world is in month 12"),
        ("strike", {"at_month": 5}, "the world is in month 12"),
        ("set", {"at_month": 7, "parameter": "support.national", "value": 0}, "the world is in month 12"),
        ("strike", {"at_month": 20.0}, "whole number"),
        ("strike", {"days": 100}, "1 to 60"),
        ("strke", {}, "strike"),
        ("leader_replaced", {"side": "union"}, "needs successor"),
        ("set", {"parameter": "support.nation", "value": 0}, "support.national"),
        ("set", {"parameter": "support.national", "value": 2}, "outside"),
    ],
)
def test_what_cannot_happen_is_refused_and_leaves_no_trace(event, arguments, message):
    world = open_world(SMALL, seed=1, replicate=0, months=24, ledger=False)
    world.advance(12)
    settings = world.settings
    with pytest.raises(ScenarioError, match=message):
        world.happen(event, **arguments)
    assert world.settings is settings


# -- the same history -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "replicate"), [("abc-unified", 3), ("adversarial", 0), (EVENTFUL, 1)], ids=["abc", "adversarial", "own"]
)
def test_the_history_is_that_of_run(scenario, replicate):
    runs = ps.run(scenario, replicates=replicate + 1, years=10, seed=7)
    model = PartnershipModel(scenario, seed=7, replicate=replicate, years=10)
    model.random.random()  # nobody uses Mesa's own luck
    model.run_model()
    frame = model.datacollector.get_model_vars_dataframe()
    of_run = runs.series[runs.series["replicate"] == replicate]
    assert tuple(frame.columns) == NAMES
    assert np.array_equal(frame.to_numpy(), of_run[list(NAMES)].to_numpy())
    assert frame.index.tolist() == of_run["month"].tolist()
    assert np.array_equal(model.world.world.record.event_rows(), runs.histories.events[replicate])
    assert (model.month, model.steps, model.running) == (120, 120, False)
    assert model.alive_index == frame["alive_index"].iloc[-1]
    with pytest.raises(RunError, match="years="):
        model.step()


def test_looking_changes_nothing(model):
    quiet = stepped(PartnershipModel(SMALL, years=3), 24)
    for _ in range(24):
        model.step()
        model.agents.shuffle_do("__repr__")
        model.agents.agg("site", np.mean)
        dir(first(model, Steward))
    assert np.array_equal(quiet.world.world.record.series, model.world.world.record.series)


# -- agents -----------------------------------------------------------------------------------------------------------


def test_agents_are_counted_by_type(model):
    counts = {kind: len(agents) for kind, agents in model.agents_by_type.items()}
    assert counts == {UnionLeader: 5, ManagementLeader: 5, MiddleManager: 4, Steward: 8, Member: 40}
    assert len(PartnershipModel(years=1).agents_by_type[Member]) == 28 * 33
    assert model.agents.groupby("side").count() == {"union": 53, "management": 9}
    assert model.agents.groupby("tier").count() == {"strategic": 10, "workplace": 52}
    assert [len(group) for _, group in model.agents_by_type[Member].groupby("site")] == [10] * 4
    assert sorted(agent.unique_id for agent in model.agents) == list(range(1, 63))


def test_agents_show_their_own_numbers(model):
    stepped(model, 12)
    columns = model.world.world.columns
    president, manager, steward = first(model, UnionLeader, rank=0), first(model, MiddleManager, site=2), first(model, Steward, site=2)
    assert president.trust == columns["trust"][0, 0]
    assert first(model, ManagementLeader, rank=0).trust == columns["trust"][0, 1]
    assert manager.trust == columns["trust"][[5, 6], 1].mean()  # two representatives
    assert steward.trust == columns["trust"][5, 0]
    assert steward.clarity == columns["clarity"][5]
    assert manager.quality == steward.quality == columns["quality"][2]
    assert steward.tenure == columns["tenure"][steward.row]
    assert isinstance(steward.tenure, int)
    assert manager.will_inputs.shape == (16,)
    assert first(model, Member, site=2).member_support == columns["member_support"][2]
    assert first(model, Member, site=2).member_id == columns["member_id"][20]
    before = president.trust, steward.quality
    model.step()
    assert before != (president.trust, steward.quality)  # live


def test_every_column_of_a_row_is_an_attribute(model):
    kinds = {"person": first(model, Steward), "member": first(model, Member), "dyad": first(model, Steward), "site": first(model, Steward)}
    for name, column in plan().columns.items():
        if column.entity in kinds and not (column.entity == "dyad" and column.owner == "layout"):
            getattr(kinds[column.entity], name)
            assert name in dir(kinds[column.entity])
    shown = kinds["person"].will_inputs
    shown[:] = 99
    assert not (kinds["person"].will_inputs == 99).any()


def test_advisers_have_a_rank_and_trust_the_other_leader_but_no_dyad(model):
    stepped(model, 3)
    advisers = model.agents_by_type[UnionLeader].select(lambda agent: agent.rank == 1)
    assert len(advisers) == 4
    assert advisers.agg("trust", np.mean) == model.world.world.columns["team_trust"][2:6].mean()
    with pytest.raises(AttributeError, match="belongs to a dyad"):
        advisers.get("clarity")
    with pytest.raises(AttributeError, match="belongs to a site"):
        advisers.get("quality")


def test_agent_sets_select_and_aggregate(model):
    stepped(model, 6)
    columns = model.world.world.columns
    stewards = model.agents_by_type[Steward]
    mean, highest = stewards.agg("trust", [np.mean, max])
    assert mean == pytest.approx(columns["trust"][1:, 0].mean())
    assert highest == columns["trust"][1:, 0].max()
    assert model.trust_union_workplace == pytest.approx(mean)
    contesting = stewards.select(lambda agent: agent.stance == 2)
    assert len(contesting) == (columns["stance"][[agent.row for agent in stewards]] == 2).sum()
    assert set(model.agents_by_type[MiddleManager].groupby("site").agg("trust", np.mean)) == {0, 1, 2, 3}


def test_agents_cannot_be_set_and_say_what_to_do_instead(model):
    steward = first(model, Steward)
    before = steward.trust
    for name in ("trust", "tenure", "quality", "trusst", "row", "site", "side"):
        with pytest.raises(AttributeError, match=r"model\.happen"):
            setattr(steward, name, 1)
    with pytest.raises(AttributeError, match="did you mean trust"):
        steward.trusst  # noqa: B018
    with pytest.raises(AttributeError):
        model.practice_workplace = 1.0
    steward._colour = "red"
    assert (steward._colour, steward.trust) == ("red", before)


def test_a_successor_takes_the_post_and_the_agent_goes_on(model):
    stepped(model, 5)
    president = first(model, UnionLeader, rank=0)
    served = president.tenure
    model.happen("leader_replaced", side="union", successor="outside", disposition=-1.0)
    model.step()
    assert served > 0
    assert president.tenure == 0
    assert first(model, UnionLeader, rank=0) is president


def test_no_name_is_one_that_mesa_keeps_for_itself(model):
    assert not set(NAMES) & (RESERVED | set(dir(mesa.Model)))
    ours = {*(set(vars(model)) - set(vars(mesa.Model())) - {"datacollector"}), "month", "happen"}
    assert ours == {"world", "counter", "last_month", "month", "happen"}
    assert not ours & (RESERVED | set(dir(mesa.Model)))
    columns = {name for name, column in plan().columns.items() if column.entity in ("person", "dyad", "site", "member")}
    assert not columns & (RESERVED | set(dir(Person)) | set(dir(Member)))


# -- Mesa's tools -----------------------------------------------------------------------------------------------------


def test_models_are_freed():
    dropped = [weakref.ref(stepped(PartnershipModel(SMALL, years=1), 3)) for _ in range(3)]
    gc.collect()
    assert [model() for model in dropped] == [None] * 3


def test_batch_run_covers_scenarios_seeds_and_parameters():
    quiet = SMALL.replace(parameters={"structures.workplace_meetings": 0}, name="quiet")
    settings = {"district": [SMALL, EVENTFUL], "replicate": 2, "years": 1, "structures__workplace_meetings": [0, 4]}
    if "rng" in inspect.signature(mesa.batch_run).parameters:  # Mesa from 3.4 on
        seeds = {"rng": [1, 2]}
    else:
        settings["seed"], seeds = [1, 2], {}
    rows = mesa.batch_run(PartnershipModel, settings, max_steps=5, data_collection_period=1, display_progress=False, **seeds)
    by_run: dict[tuple, dict[int, dict]] = {}
    for row in rows:
        by_run.setdefault((row["district"].name, row["seed"], row["structures__workplace_meetings"]), {})[row["Step"]] = row
    assert len(by_run) == 8
    expected = ps.run(quiet, replicates=3, years=1, seed=2).histories.series[2]
    got = by_run["small", 2, 0]
    assert set(got) >= {0, 1, 2, 3, 4}
    for month, row in got.items():
        assert [row[name] for name in NAMES] == expected[int(month)].tolist()


def test_mesas_way_of_saying_nothing_is_understood():
    assert PartnershipModel(SMALL, seed=None, years=1).world.world.key == (1, 0)
    of_mesa = type("Scenario", (), {"__module__": "mesa.experimental.scenarios.scenario"})()
    assert PartnershipModel(SMALL, scenario=of_mesa, years=1).world.scenario == SMALL


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scenario": "abc-unified"}, "no argument 'scenario'"),
        ({"replicates": 3}, "did you mean replicate"),
        ({"seed": "1"}, "seed"),
        ({"years": 0}, "years"),
        ({"trust__nws": 0.1}, "trust.news"),
        ({"support__national": 3}, "outside"),
        ({"district": "abc"}, "abc-unified"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises((ParameterError, ScenarioError), match=message):
        PartnershipModel(**wrong)


def test_a_collector_of_ones_own_works():
    class Watched(PartnershipModel):
        def __init__(self, **kwargs):
            super().__init__(SMALL, years=1, **kwargs)
            self.datacollector = mesa.DataCollector(
                model_reporters={"alive": "alive_index"}, agenttype_reporters={UnionLeader: {"trust": "trust"}}
            )

    model = stepped(Watched(), 4)
    assert (
        model.datacollector.get_model_vars_dataframe()["alive"].tolist()
        == model.world.world.record.series[1:5, NAMES.index("alive_index")].tolist()
    )
    assert len(model.datacollector.get_agenttype_vars_dataframe(UnionLeader)) == 4 * 5


def test_partnersim_imports_mesa_only_when_asked():
    code = "import sys, partnersim; assert 'mesa' not in sys.modules; partnersim.PartnershipModel; assert 'mesa' in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_the_page_shows_a_model_and_lets_things_happen(monkeypatch):
    """Solara is no dependency: its names are stubs that record what the page asks for."""
    shown: list[str] = []
    buttons: dict[str, object] = {}
    solara, visualization, utils = ModuleType("solara"), ModuleType("mesa.visualization"), ModuleType("mesa.visualization.utils")
    solara.component = lambda function: function
    solara.Markdown = shown.append
    solara.Button = lambda label, on_click: buttons.update({label: on_click})
    visualization.Slider = lambda label, value, min, max, step: {"value": value}
    visualization.SolaraViz = lambda model, **arguments: SimpleNamespace(model=model, **arguments)
    visualization.make_plot_component = lambda measure: measure
    utils.update_counter = SimpleNamespace(get=lambda: 0)
    for module in (solara, visualization, utils):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    page = runpy.run_path(str(PAGE))["page"]

    measures = np.concatenate([np.atleast_1d(component) for component in page.components if not callable(component)])
    assert set(measures) <= set(page.model.datacollector.get_model_vars_dataframe())
    president = next(component for component in page.components if callable(component))
    president(page.model)
    for press in buttons.values():
        press()
    page.model.step()
    president(page.model)
    assert "in office for 24 months" in shown[0]
    assert "in office for 0 months" in shown[1]
    assert [event["event"] for event in page.model.world.scenario.timeline[-2:]] == ["leader_replaced", "strike"]
    values = {name: value["value"] if isinstance(value, dict) else value for name, value in page.model_params.items()}
    again = PartnershipModel(**values)  # as Reset does
    assert again.world.scenario.parameter_values() == page.model.world.scenario.parameter_values()
