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
from partnersim.analysis.sensitivity import tornado
from partnersim.analysis.survival import cumulative_incidence, hazard, survival
from partnersim.errors import ResultError
from partnersim.plots import style
from partnersim.plots.attribution import plot_attribution, plot_interactions
from partnersim.plots.comparison import plot_comparison, plot_differences
from partnersim.plots.mortality import plot_causes, plot_hazard
from partnersim.plots.sensitivity import plot_map, plot_sensitivity
from partnersim.plots.survival import plot_survival, plot_survivals

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
    return plot_map(table, "practice dies within 5 years", words, SOURCE, **arguments)


FIGURES = {
    "attribution": lambda **a: plot_attribution(attribution(), **a),
    "interactions": lambda **a: plot_interactions(attribution(), **a),
    "comparison": lambda **a: plot_comparison(comparison(), **a)[0],
    "differences": lambda **a: plot_differences(comparison(), **a),
    "survivals": lambda **a: plot_survivals(comparison(), **a),
    "hazard": lambda **a: plot_hazard(mortality(), **a),
    "causes": lambda **a: plot_causes(mortality(), **a),
    "sensitivity": lambda **a: plot_sensitivity(sensitivity(), **a),
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
            unseen |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
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
