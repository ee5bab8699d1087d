"""Figures draw their tables, say what they show, and leave matplotlib as they found it.

`python tests/analysis/test_figures.py DIR` writes pictures of a made-up result to look at.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from partnersim.analysis.bands import bands
from partnersim.analysis.survival import survival
from partnersim.errors import ResultError
from partnersim.plots import style
from partnersim.plots.outcomes import DEFAULT_OUTCOMES, plot_outcomes
from partnersim.plots.survival import plot_survival

YEARS = 20


@dataclass(frozen=True)
class Outcome:
    name: str
    label: str
    unit: str
    group: str
    low: float | None = None
    high: float | None = None


OUTCOMES = (
    Outcome("practice_workplace", "Workplace practice", "share of schools", "partnership", 0, 1),
    Outcome("practice_strategic", "Strategic practice", "share of last 12 months", "partnership", 0, 1),
    Outcome("form", "Form: meetings and agreements", "index 0-1", "partnership", 0, 1),
    Outcome("authority_workplace", "Joint authority in schools", "share of decisions", "partnership", 0, 1),
    Outcome("trust_union_workplace", "Trust of building reps", "probability 0-1", "people", 0, 1),
    Outcome("trust_management_workplace", "Trust of principals", "probability 0-1", "people", 0, 1),
    Outcome("contact_workplace", "Contact of rep and principal", "contacts a month", "people", 0, None),
    Outcome("skill_workplace", "Skill in joint problem solving", "index 0-1", "people", 0, 1),
    Outcome("member_support", "Members' support for the partnership", "share of members", "members", 0, 1),
    Outcome("grievances", "Unresolved grievances", "per 100 members", "members", 0, None),
    Outcome("quality", "Performance", "index, start = 1", "district"),
    Outcome("budget_gap", "Budget gap", "share of budget", "district"),
)


TIMELINE = (
    {"at_month": 109, "event": "budget_cut", "share": 0.07},
    {"at_month": 96, "event": "leader_replaced", "side": "management"},
    {"at_month": 500, "event": "strike"},
)


@dataclass(frozen=True)
class FakeResult:
    """Made-up runs that look like a founded district; drifts differ by outcome, dead partnerships fall back."""

    n: int = 200
    rate_per_year: float = 0.07
    never_born: int = 6
    years: int = YEARS
    title: str = "ABC Unified: crisis founding, committed leaders"
    outcomes: tuple[Outcome, ...] = OUTCOMES
    footer: str = (
        "partnersim 0.1.0, scenario abc-unified, 200 replicates, seed 1, band of 64 parameter sets, "
        "kernel 3f9c2a71, commit 0d1e5b2. Reproduce: partnersim run abc-unified --replicates 200 --years 20 --seed 1"
    )
    seed: int = 5
    scenario: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(timeline=TIMELINE))
    runs: pd.DataFrame = field(init=False)
    series: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        end = 12 * self.years
        runs = pd.DataFrame({"scenario": "abc-unified", "replicate": range(self.n)})
        born = np.where(rng.random(self.n) < 0.8, 1, rng.integers(2, end // 4, self.n))
        born[: self.never_born] = -1
        for kind, rate in (("practice", self.rate_per_year), ("form", 0.4 * self.rate_per_year)):
            life = 12 + np.ceil(rng.exponential(12 / rate, self.n)) if rate else np.full(self.n, np.inf)
            start = born if kind == "practice" else np.ones(self.n, dtype=int)
            watched = np.where(start < 0, 0, end - start + 1)
            runs[f"{kind}_born_month"] = start
            runs[f"{kind}_alive_months"] = np.minimum(life, watched).astype(int)
            runs[f"{kind}_died"] = (life <= watched) & (start >= 0)
        object.__setattr__(self, "runs", runs)
        month = np.arange(end + 1)
        series = pd.DataFrame({"scenario": "abc-unified", "replicate": np.repeat(np.arange(self.n), end + 1)}).assign(
            month=np.tile(month, self.n)
        )
        age = runs["practice_alive_months"].to_numpy()[:, None]
        lives = 1 / (1 + np.exp((month - age) / 6)) * (~(runs["practice_born_month"].to_numpy() < 0))[:, None]
        for number, outcome in enumerate(self.outcomes):
            walk = np.cumsum(rng.normal(0, 0.02, (self.n, end + 1)), axis=1) * 0.6
            level = 0.25 + (0.1 + 0.04 * number) * lives * (1 - np.exp(-month / 30)) + walk
            scale = {"contact_workplace": 9, "grievances": 6}.get(outcome.name, 1)
            values = np.clip(level, 0, 1) * scale
            if outcome.name == "quality":
                values = 1 + 0.2 * level
            elif outcome.name == "budget_gap":
                values = 0.05 * np.sin(month / 14 + rng.normal(0, 1, (self.n, 1))) + walk * 0.1
            elif outcome.name == "practice_strategic":
                values[:, :12] = np.nan
            series[outcome.name] = values.ravel()
        object.__setattr__(self, "series", series)

    def survival(self, *, by: str) -> pd.DataFrame:
        return survival(self.runs, by)  # type: ignore[arg-type]

    def bands(self, names) -> pd.DataFrame:
        return bands(self.series, names)


@pytest.fixture(scope="module")
def result() -> FakeResult:
    return FakeResult()


@pytest.fixture(params=["headless", "pyplot"])
def drawn_with(request, monkeypatch):
    """Draw once where pyplot is not in use and once where it is."""
    if request.param == "headless":
        for name in ("matplotlib.pyplot", "ipykernel"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        yield request.param
        return
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", plt)
    yield request.param
    plt.close("all")


def words(artist) -> str:
    return "\n".join(text.get_text() for text in artist.findobj(Text)).replace("\n", " ")


def corners(band) -> set[tuple[float, float]]:
    """Points of a filled band, rounded for comparison."""
    return {(round(x, 9), round(y, 9)) for x, y in band.get_paths()[0].vertices}


# --- survival -------------------------------------------------------------------------------------------------


def test_survival_figure_draws_the_table_and_nothing_else(result):
    ax = plot_survival(result)
    for line, band, kind in zip(ax.lines, ax.collections, ("practice", "form"), strict=True):
        table = result.survival(by=kind)
        assert line.get_label() == kind
        np.testing.assert_array_equal(line.get_xdata(), table["months"] / 12)
        np.testing.assert_array_equal(line.get_ydata(), table["alive"])
        assert line.get_drawstyle() == "steps-post"
        points = corners(band)
        for edge in ("low", "high"):
            assert {(round(m / 12, 9), round(v, 9)) for m, v in zip(table["months"], table[edge], strict=True)} <= points


def test_survival_figure_writes_the_runs_at_risk_under_the_axis(result):
    ax = plot_survival(result)
    for kind in ("practice", "form"):
        at_risk = result.survival(by=kind).set_index("months")["at_risk"]
        shown = {t.get_gid(): t.get_text() for t in ax.texts if (t.get_gid() or "").startswith(f"at-risk-{kind}")}
        assert shown == {f"at-risk-{kind}-{y}": str(at_risk[12 * y]) for y in (0, 5, 10, 15, 20)}


def test_survival_figure_says_n_band_censoring_units_and_source(result):
    ax = plot_survival(result)
    said = words(ax.figure)
    table = result.survival(by="practice")
    assert f"n = {table.attrs['n']} runs, {table.attrs['died']} died, {table.attrs['censored']} censored" in said
    assert "6 more were never born" in said
    assert "95 % confidence interval" in said
    assert "still alive at their end are censored" in said
    assert result.title in said
    assert "kernel 3f9c2a71" in said
    assert "years" in ax.get_xlabel().lower()
    assert "%" in ax.get_ylabel()
    assert f"practice: {100 * table['alive'].iloc[-1]:.0f} %" in said


def test_survival_figure_can_show_one_life_on_given_axes(result):
    mine = Figure().add_subplot()
    assert plot_survival(result, by="form", ax=mine) is mine
    assert [line.get_label() for line in mine.lines] == ["form"]
    assert "Practice" not in words(mine)


def test_survival_figure_of_runs_never_born_says_so():
    nothing = FakeResult(n=6, never_born=6)
    ax = plot_survival(nothing, by="practice")
    assert "born in no run" in words(ax)
    assert "n = 0 runs" in words(ax)


def test_end_labels_do_not_overlap_when_the_curves_end_together():
    ax = plot_survival(FakeResult(n=30, rate_per_year=0.0, never_born=0))
    heights = sorted(text.xy[1] for text in ax.texts if text.get_text() in ("practice: 100 %", "form: 100 %"))
    assert len(heights) == 2
    assert heights[1] - heights[0] > 0.05


def test_survival_figure_refuses_an_unknown_life(result):
    with pytest.raises(ResultError, match=r"by = 'forms'(.|\n)*did you mean form"):
        plot_survival(result, by="forms")


# --- outcomes -------------------------------------------------------------------------------------------------


def test_outcomes_figure_draws_the_table_and_nothing_else(result):
    panels = plot_outcomes(result)
    table = result.bands(DEFAULT_OUTCOMES)
    assert panels.shape == (12,)
    for ax, name in zip(panels, DEFAULT_OUTCOMES, strict=True):
        rows = table[(table["outcome"] == name) & table["median"].notna()]
        line, *events = ax.lines
        assert len(events) == 2
        assert line.get_label() == name
        drawn = np.column_stack([line.get_xdata(), line.get_ydata()])
        np.testing.assert_array_equal(drawn[~np.isnan(drawn[:, 1])], np.column_stack([rows["month"] / 12, rows["median"]]))
        points = corners(ax.collections[0])
        for edge in ("low", "high"):
            assert {(round(m / 12, 9), round(v, 9)) for m, v in zip(rows["month"], rows[edge], strict=True)} <= points


def test_outcomes_panels_carry_label_unit_and_range(result):
    panels = plot_outcomes(result, [outcome.name for outcome in OUTCOMES])
    for ax, outcome in zip(panels, OUTCOMES, strict=True):
        assert outcome.label in words(ax)
        assert ax.get_ylabel().replace("\n", " ") == outcome.unit
        if outcome.low is not None:
            assert ax.get_ylim()[0] == outcome.low
        if outcome.high is not None:
            assert ax.get_ylim()[1] == outcome.high
    assert all("Years" in ax.get_xlabel() for ax in panels[-4:])


def test_outcomes_figure_says_n_band_and_source(result):
    said = words(plot_outcomes(result)[0].figure)
    assert "n = 200 runs" in said
    assert "Band: middle 80 % of runs" in said
    assert result.title in said
    assert "kernel 3f9c2a71" in said


def test_dated_events_are_marked_in_every_panel_and_named(result):
    panels = plot_outcomes(result, ["practice_strategic", "form"])
    said = words(panels[0].figure).replace("\n", " ")
    assert "Dotted lines: leader replaced (management) in year 8; budget cut in year 10." in said
    assert "strike" not in said, "it lies after the end"
    for ax in panels:
        assert [line.get_xdata()[0] for line in ax.lines[1:]] == [8.0, 109 / 12]


def test_a_panel_with_fewer_runs_says_how_many(result):
    panels = plot_outcomes(result, ["practice_strategic", "form"])
    assert "n = 0 to 200" in words(panels[0])
    assert "n =" not in words(panels[1])


def test_outcomes_figure_takes_a_mapping_of_declarations_and_a_given_figure(result):
    @dataclass
    class Other:
        title = "T"
        footer = ""
        scenario = SimpleNamespace(timeline=())
        outcomes = {outcome.name: outcome for outcome in OUTCOMES}  # noqa: RUF012
        bands = staticmethod(result.bands)

    mine = Figure(layout="constrained")
    panels = plot_outcomes(Other(), "quality", figure=mine)
    assert panels[0].figure is mine
    assert panels.shape == (1,)


def test_outcomes_figure_falls_back_on_what_is_declared():
    other = FakeResult(n=5, years=2, outcomes=(Outcome("pay_index", "Pay", "index", "elsewhere"),))
    (ax,) = plot_outcomes(other)
    assert ax.lines[0].get_label() == "pay_index"


def test_outcomes_figure_refuses_unknown_and_no_outcomes(result):
    with pytest.raises(ResultError, match=r"'qualty' is no outcome(.|\n)*did you mean quality"):
        plot_outcomes(result, ["qualty"])
    with pytest.raises(ResultError, match="no outcome is named"):
        plot_outcomes(result, [])


# --- look and manners -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("plot", [plot_survival, plot_outcomes])
def test_figures_render_without_warnings_and_leave_settings_alone(plot, result, drawn_with, tmp_path):
    before = dict(mpl.rcParams)
    drawn = plot(result)
    ax = drawn if isinstance(drawn, Axes) else drawn[0]
    for name in ("a.png", "a.svg", "a.pdf"):
        ax.figure.savefig(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000
    assert dict(mpl.rcParams) == before
    if drawn_with == "pyplot":
        assert sys.modules["matplotlib.pyplot"].get_fignums()


@pytest.mark.parametrize(
    "plot",
    [plot_survival, plot_outcomes, *(lambda r, n=n: plot_outcomes(r, DEFAULT_OUTCOMES[:n]) for n in (1, 2, 4, 9))],
)
def test_nothing_written_falls_outside_the_picture(plot, result):
    drawn = plot(result)
    figure = drawn.figure if isinstance(drawn, Axes) else drawn[0].figure
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    width, height = figure.bbox.width, figure.bbox.height
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            box = text.get_window_extent(renderer)
            inside = box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1
            assert inside, f"{text.get_text()!r} lies outside: {box}"


def test_batch_drawing_never_loads_pyplot():
    code = (
        "import sys\n"
        "from partnersim.plots.style import new_figure, look\n"
        "import partnersim.plots.survival, partnersim.plots.outcomes\n"
        "with look(): new_figure(3, 2).add_subplot()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize(("lines", "gap"), [(style.LIVES, 0.2), (style.GROUPS, 0.08)])
def test_lines_differ_in_grey_and_in_style(lines, gap):
    grey = sorted(float(np.dot(to_rgb(line.colour), [0.299, 0.587, 0.114])) for line in lines.values())
    assert np.diff(grey).min() > gap
    assert len({line.style for line in lines.values()}) == len(lines)


def test_a_dollar_sign_in_a_title_is_a_dollar_sign(tmp_path):
    odd = FakeResult(n=8, years=3, title="Pay: $ 100 and $x_1^$ less", footer="")
    for figure in (plot_survival(odd).figure, plot_outcomes(odd, ["quality"])[0].figure):
        figure.savefig(tmp_path / "a.png")  # as a formula this title would not parse
        shown = [text for text in figure.findobj(Text) if "less" in text.get_text()]
        assert [text.get_text().replace("\\$", "$").strip() for text in shown] == [odd.title]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    plot_survival(FakeResult()).figure.savefig(folder / "fig_survival.png", dpi=150)
    plot_survival(FakeResult(never_born=0), by="practice").figure.savefig(folder / "fig_practice.png", dpi=150)
    plot_survival(FakeResult(n=40, rate_per_year=0.0, never_born=0)).figure.savefig(folder / "fig_all_alive.png", dpi=150)
    plot_survival(FakeResult(n=40, rate_per_year=0.9, years=4)).figure.savefig(folder / "fig_short.png", dpi=150)
    plot_survival(FakeResult(n=6, never_born=6)).figure.savefig(folder / "fig_never.png", dpi=150)
    plot_outcomes(FakeResult())[0].figure.savefig(folder / "fig_outcomes.png", dpi=150)
    for count in (9, 5, 1):
        names = DEFAULT_OUTCOMES[:count]
        plot_outcomes(FakeResult(), names)[0].figure.savefig(folder / f"fig_outcomes_{count}.png", dpi=150)
