"""Figures of questions draw their tables, keep everything on the sheet, and can be read from the back row."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from partnersim.analysis.attribution import Game, interactions, sets, shapley
from partnersim.analysis.compare import differences, differences_by_month
from partnersim.analysis.discovery import map_of_two
from partnersim.analysis.early_warning import roc
from partnersim.analysis.sensitivity import Indices, morris_design, morris_effects, sobol_design, sobol_indices, tornado
from partnersim.analysis.survival import cumulative_incidence, hazard, survival
from partnersim.errors import ResultError
from partnersim.plots import style
from partnersim.plots.attribution import plot_attribution, plot_interactions
from partnersim.plots.comparison import plot_comparison, plot_differences
from partnersim.plots.mortality import plot_causes, plot_cox, plot_hazard
from partnersim.plots.sensitivity import plot_map, plot_roc, plot_sensitivity
from partnersim.plots.survival import plot_survival, plot_survivals, shortened
from partnersim.plots.turning import plot_turning

SOURCE = "partnersim 0.1.0, model 3f9c2a71ab12; scenario abc-unified; 64 worlds, 2048 runs of 20 years, seed 1."
TITLE = "ABC Unified, California, from July 1999"


def attribution() -> SimpleNamespace:
    rng = np.random.default_rng(1)
    names = ("leadership", "networks", "structures", "training", "gains", "alignment", "board")
    present = sets(7, 40, 1)
    worth = np.array([30, 20, 12, 9, 6, 1, -2.0])
    values = 20 + present @ worth + 25 * (present[..., 0] & present[..., 4]) + rng.normal(0, 8, present.shape[:2])
    values[:, 8], values[:, 15] = values[:, 0], values[:, 7]  # none and all are one run each
    game = Game(names, present, values)
    table = shapley(game)
    table.insert(1, "label", [f"A rather long name for {name}" for name in table["factor"]])
    return SimpleNamespace(
        title=TITLE, footer=SOURCE, worlds=40, labels=dict(zip(table["factor"], table["label"], strict=True)),
        label=lambda outcome=None: "Months of living practice [months]", table=lambda outcome=None: table,
        interactions=lambda outcome=None: interactions(game),
    )  # fmt: skip


def runs(name: str, seed: int, rate: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    months = np.ceil(np.minimum(rng.exponential(12 / rate, 60), 240)).astype(int)
    return pd.DataFrame(
        {
            "scenario": name, "replicate": range(60), "practice_born_month": 1, "practice_alive_months": months,
            "practice_died": months < 240, "cause_of_death": np.where(months < 240, rng.choice(["succession", "economy", "other"], 60), ""),
        }
    )  # fmt: skip


def comparison(outcome: str = "alive_index") -> SimpleNamespace:
    rng = np.random.default_rng(2)
    names = ("abc-unified", "outsider-superintendent")
    walks = rng.normal(0, 0.01, (2, 30, 240)).cumsum(axis=2)
    paths = {name: np.clip(0.7 - 0.1 * n + walks[n], 0, 1) for n, name in enumerate(names)}
    frames = []
    for name, values in paths.items():
        wide = pd.DataFrame(values, columns=range(1, 241)).rename_axis("replicate").reset_index()
        frames.append(wide.melt("replicate", var_name="month", value_name=outcome).assign(scenario=name))
    series = pd.concat(frames).astype({"month": int})
    both = pd.concat([runs(name, n, 0.05 + 0.05 * n) for n, name in enumerate(names)])
    declared = SimpleNamespace(name=outcome, label="Practice alive (C)", unit="share", low=0.0, high=1.0)
    happens = [{"at_month": 96, "event": "leader_replaced"}, {"at_month": 109, "event": "budget_cut"}]
    results = tuple(SimpleNamespace(outcomes=(declared,), scenario=SimpleNamespace(name=name, timeline=happens)) for name in names)
    return SimpleNamespace(
        names=names, baseline=names[0], footer=SOURCE, results=results, labels={"practice_alive_months": "Life of practice"},
        by_month=lambda outcome: differences_by_month(series, outcome, names[0]), paths=lambda outcome: paths,
        summary=lambda: differences(both, ["practice_alive_months"], names[0], units={"practice_alive_months": "months"}),
        survival=lambda by: {name: survival(part) for name, part in both.groupby("scenario", sort=False)},
    )  # fmt: skip


def mortality() -> SimpleNamespace:
    one = runs("abc", 3, 0.1)
    return SimpleNamespace(
        title=TITLE, footer=SOURCE, hazard=lambda: hazard(one, [0, 12, 36, 60, 120, 240]),
        cumulative_incidence=lambda: cumulative_incidence(one), survival=lambda by: survival(one),
    )  # fmt: skip


def sensitivity() -> SimpleNamespace:
    rng = np.random.default_rng(4)
    base = rng.normal(150, 40, 30)
    moved = {}
    for n in range(8):
        low, high = (base + step * n + rng.normal(0, 5, 30) for step in (-10, 6))
        moved[f"mechanism.parameter_{n}"] = ((0.0, low), (1.0, high))
    return SimpleNamespace(
        method="tornado",
        table=tornado(base, moved),
        notes=(),
        replicates=30,
        title=TITLE,
        label="Life of practice [months]",
        footer=SOURCE,
        space=dict.fromkeys(moved, (0.0, 1.0)),
        labels=dict.fromkeys(moved, "what a rather long parameter of a mechanism means"),
        units=dict.fromkeys(moved, "per month"),
    )


def two_parameters(**arguments):
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"a": rng.random(300), "b": rng.random(300)})
    table = map_of_two(x, (x["a"] > 0.6).astype(float), "a", "b")
    words = {"a": "mean tenure of superintendents at even board confidence"}
    return plot_map(table, "practice dies within 5 years", words, SOURCE, boxes=BOXES, **arguments)


BOXES = [{"a": (0.6, 1.0)}, {"a": (0.6, 1.0), "c": (0.0, 0.5)}]


def effects() -> SimpleNamespace:
    space = {f"mechanism.parameter_{n}": (0.0, 10.0 + n) for n in range(6)}
    design = morris_design(space, 6, seed=1)
    y = design.iloc[:, 1:].to_numpy() @ np.arange(6.0)[:, None] + np.random.default_rng(6).normal(0, 3, (len(design), 4))
    return sampled("morris", space, morris_effects(space, design, by_replicate(y), "y"))


def indices() -> SimpleNamespace:
    space = {f"mechanism.parameter_{n}": (0.0, 10.0 + n) for n in range(4)}
    design = sobol_design(space, 16, seed=1)
    y = design.iloc[:, 1:].to_numpy() @ np.arange(4.0)[:, None] + np.random.default_rng(6).normal(0, 3, (len(design), 4))
    return sampled("sobol", space, sobol_indices(space, design, by_replicate(y), "y"))


def by_replicate(y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(y).rename_axis("point").reset_index().melt("point", var_name="replicate", value_name="y")


def sampled(method: str, space: dict, found: Indices) -> SimpleNamespace:
    words = dict.fromkeys(space, "mean tenure of superintendents at even board confidence, without what comes on top")
    return SimpleNamespace(
        method=method, table=found.table, notes=found.notes, replicates=found.replicates, title=TITLE, footer=SOURCE, space=space,
        label="Months of living practice [months]", labels=words, units=dict.fromkeys(space, "share of schools"),
    )  # fmt: skip


def risks(**arguments):
    names = [f"mechanism.parameter_{n}" for n in range(5)]
    ratio = np.array([4.2, 0.3, 1.1, 0.9, 1.6])
    table = pd.DataFrame({"factor": names, "low_level": 0.1, "high_level": 0.9, "ratio": ratio, "low": ratio * 0.7, "high": ratio * 1.4})
    reading = SimpleNamespace(table=table, runs=400, deaths=153, notes=("there are only few deaths.",))
    words = dict.fromkeys(names, "mean tenure of superintendents at even board confidence, without what comes on top [months]")
    return plot_cox(reading, words, SOURCE, **arguments)


def warnings_of_death(**arguments):
    rng = np.random.default_rng(7)
    doomed = rng.random(400) < 0.2
    names = ("level", "fall", "variance", "autocorrelation")
    values = {name: rng.normal(doomed * (1.0 - 0.3 * n), 1) for n, name in enumerate(names)}
    rows = [(name, 0.8 - 0.1 * n, 0.7 - 0.1 * n, 0.9 - 0.1 * n, 400, int(doomed.sum()), 88) for n, name in enumerate(names)]
    table = pd.DataFrame(rows, columns=["indicator", "skill", "low", "high", "looks", "deaths", "runs"])
    table.attrs.update({"outcome": "trust", "window": 24, "ahead": 24, "values": {**values, "doomed": doomed}})
    return plot_roc(table, {name: roc(table, name) for name in names}, SOURCE, label="Trust of building reps", **arguments)


def turning() -> SimpleNamespace:
    months = np.arange(0, 75)
    chances = pd.DataFrame({"month": months, "survive": 1 - months / 74, "low": 0.0, "high": 1.0, "n": 40})
    rows = [
        (f"change_{n}", "joint training had been doubled to two sessions a year and every newcomer trained", 63 - n, 240 - 20 * n,
         165 - 20 * n, n < 2, *((0.25, 0.9) if n < 2 else (np.nan, np.nan)))
        for n in range(8)
    ]  # fmt: skip
    names = ["change", "words", "at_month", "practice_alive_months", "gained", "alive", "fresh_without", "fresh_with"]
    happens = [{"at_month": 20, "event": "budget_cut"}, {"at_month": 24, "event": "leader_replaced"}]
    return SimpleNamespace(
        scenario=SimpleNamespace(timeline=happens), died=True, end=75, chances=chances, changes=pd.DataFrame(rows, columns=names),
        title=TITLE, footer=SOURCE, point_of_no_return=67,
    )  # fmt: skip


FIGURES = {
    "attribution": lambda **a: plot_attribution(attribution(), **a),
    "interactions": lambda **a: plot_interactions(attribution(), **a),
    "comparison": lambda **a: plot_comparison(comparison(), **a)[0],
    "differences": lambda **a: plot_differences(comparison(), **a),
    "survivals": lambda **a: plot_survivals(comparison(), **a),
    "hazard": lambda **a: plot_hazard(mortality(), **a),
    "causes": lambda **a: plot_causes(mortality(), **a),
    "sensitivity": lambda **a: plot_sensitivity(sensitivity(), **a),
    "effects": lambda **a: plot_sensitivity(effects(), **a),
    "indices": lambda **a: plot_sensitivity(indices(), **a),
    "cox": risks,
    "warning": warnings_of_death,
    "turning": lambda **a: plot_turning(turning(), **a)[0],
    "map": two_parameters,
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("how", style.STYLES)
def test_nothing_written_falls_off_the_sheet(name, how):
    figure = FIGURES[name](style=how).figure
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    unseen = set()  # labels of ticks beyond the axis are not drawn
    for ax in figure.axes:
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
            unseen |= {id(tick.label1) for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()) if not low <= tick.get_loc() <= high}
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and id(text) not in unseen:
            box = text.get_window_extent(renderer)
            inside = box.x0 > -2 and box.y0 > -2 and box.x1 < figure.bbox.width + 2 and box.y1 < figure.bbox.height + 2
            assert inside, f"{text.get_text()!r} lies outside: {box}"


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_n_and_where_it_comes_from(name):
    written = "\n".join(text.get_text() for text in FIGURES[name]().figure.findobj(Text)).replace("\n", " ")
    assert "n = " in written
    assert "seed 1" in written


def test_a_talk_has_larger_letters_on_the_sheet():
    page, talk = (plot_hazard(mortality(), style=how) for how in ("page", "talk"))
    assert page.xaxis.label.get_fontsize() == talk.xaxis.label.get_fontsize()
    ratio = page.figure.get_size_inches() / talk.figure.get_size_inches()
    assert ratio == pytest.approx([1.45, 1.45])
    with pytest.raises(ResultError, match="no style"):
        plot_hazard(mortality(), style="shout")


def test_attribution_steps_from_none_to_all():
    result = attribution()
    ax, table = plot_attribution(result), result.table()
    bars = [bar for bar in ax.patches if bar.get_height() == pytest.approx(0.62)]
    assert [bar.get_width() for bar in bars[1:-1]] == pytest.approx(table["value"].tolist())
    assert bars[1].get_x() == pytest.approx(table.attrs["none"][0])
    assert bars[-2].get_x() + bars[-2].get_width() == pytest.approx(table.attrs["all"][0])
    assert bars[-1].get_width() == pytest.approx(table.attrs["all"][0])


def test_comparison_draws_the_differences():
    result = comparison()
    top, bottom = plot_comparison(result)
    table = result.by_month("alive_index")
    thick = max(bottom.lines, key=lambda line: line.get_linewidth())
    assert thick.get_ydata() == pytest.approx(table["difference"].to_numpy())
    assert isinstance(top, Axes)
    with pytest.raises(ResultError, match="is not compared"):
        plot_comparison(result, scenario="nonsense")


def test_parameters_are_told_in_words_as_far_as_they_are_known():
    full = effects()
    first = full.table["parameter"][0]
    number = first.rpartition("_")[2]
    said = [label.get_text().replace("\n", " ") for label in plot_sensitivity(full).get_yticklabels()]
    assert said[0].endswith(f"on top {first}, 0 to {10 + int(number)} share of schools; raises it")
    talk = [label.get_text().replace("\n", " ") for label in plot_sensitivity(full, style="talk").get_yticklabels()]
    assert first not in talk[0]
    bare = SimpleNamespace(**{key: value for key, value in vars(full).items() if key not in ("labels", "units", "space")})
    assert plot_sensitivity(bare).get_yticklabels()[0].get_text() == f"{first}; raises it"


def test_a_map_frames_the_boxes_that_its_two_parameters_tell_whole():
    ax = two_parameters()
    frames = [patch for patch in ax.patches if patch.get_edgecolor()[:3] == to_rgb("#d9601f")]
    assert len(frames) == 1, "the other box has a condition that the map does not show"
    assert frames[0].get_x() == pytest.approx(0.6)
    assert frames[0].get_width() == pytest.approx(0.4)
    assert ax.get_xlim() == pytest.approx((0, 1), abs=0.02)


def test_labels_are_moved_apart_and_stay_in_order():
    heights = style.apart([0.50, 0.51, 0.98, 0.02], 0.1, 0.0, 1.0)
    order = np.argsort(heights)
    assert order.tolist() == [3, 0, 1, 2]
    assert np.diff(np.sort(heights)).min() >= 0.1 - 1e-6
    assert style.apart([], 0.1, 0.0, 1.0) == []
    assert style.apart([0.3], 0.1, 0.0, 1.0) == [0.3]


def test_causes_are_stacked_to_all_deaths():
    result = mortality()
    ax = plot_causes(result)
    highest = max(patch.get_paths()[0].vertices[:, 1].max() for patch in ax.collections)
    table = result.cumulative_incidence()
    assert highest == pytest.approx(table[table["months"] == table["months"].max()]["share"].sum())


def test_scenarios_and_neighbouring_causes_differ_in_grey_or_line():
    grey = [float(np.dot(to_rgb(colour), [0.299, 0.587, 0.114])) for colour, _ in style.CAUSES]
    for n in range(len(grey) - 1):
        assert abs(grey[n] - grey[n + 1]) > 0.08 or style.CAUSES[n][1] != style.CAUSES[n + 1][1]
    assert len({line.style for line in style.SCENARIOS}) == len(style.SCENARIOS)


def test_too_many_curves_are_refused():
    result = mortality()
    with pytest.raises(ResultError, match="7 curves"):
        plot_survivals(SimpleNamespace(footer="", survival=lambda by: dict.fromkeys("abcdefg", result.survival(by))))
    assert plot_survival(SimpleNamespace(title="", footer="", survival=lambda by: result.survival(by)), style="talk")


def test_risks_below_one_have_labels_too():
    label = risks().xaxis.get_minor_formatter()
    assert [label(x, 0) for x in (0.2, 0.3, 0.5, 2, 4, 5, 20)] == ["0.2", "", "0.5", "2", "", "5", "20"]


def test_curves_are_drawn_from_tables_too():
    table = mortality().survival("practice")
    table.attrs["by"] = "form"
    ax = plot_survivals({"inside": table, "outside": table}, source="where from")
    texts = [text.get_text() for text in ax.texts]
    assert "How long the form lives" in texts  # the tables know whose life they hold
    assert "where from" in texts
    assert {"inside", "outside"} <= set(texts)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["practice", "form"], ["practice", "form"]),
        (["a mature partnership", "a young partnership"], ["a mature partn...", "a young partne..."]),
        (["a mature partnership", "a mature partnership, no training"], ["...re partnership", "...p, no training"]),
    ],
)
def test_rows_of_runs_at_risk_can_be_told_apart(names, shown):
    assert shortened(names) == dict(zip(names, shown, strict=True))
    with pytest.raises(ResultError, match="no curve"):
        plot_survivals({})
