"""Where the answers come from: every part is played at tiny size, its sentences say what its tables say, and its conclusions hold."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from partnersim import cli
from partnersim.engine.world import World
from partnersim.model import outcomes
from partnersim.model.patterns import BY_ID
from partnersim.report import anatomy as report
from partnersim.scenarios.declared import plan
from partnersim.scenarios.scenario import declared_parameters
from partnersim.simulate import OpenWorld, Settings, open_world
from partnersim.validation.anatomy import (
    ablation,
    dispositions,
    halves,
    interests,
    levers,
    numerics,
    thresholds,
    variance,
)  # fmt: skip
from partnersim.validation.anatomy.bench import Bench, Sizes
from partnersim.validation.anatomy.findings import Estimate, estimate, short
from partnersim.validation.checks import measure
from partnersim.validation.playing import DISTRICT, Lab

TINY = Bench(Sizes(6, 8, 8))
VALUE = re.compile(r"[+-]?\d*\.?\d+ \(-?\d*\.?\d+ to -?\d*\.?\d+\)")


@pytest.fixture(scope="module")
def parts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numerics, "SITES", (10, 14))  # sixty schools take as long as everything else
        patch.setattr(numerics, "HORIZONS", (120, 240))
        patch.setattr(variance, "SIZES", (7, 10))
        return {part.name: part for part in report.measured(TINY)}


def rows_of(part, n=0):
    """Rows of a part's table as dictionaries by title."""
    table = part.tables[n]
    assert all(len(row) == len(table.titles) for row in table.rows)
    return [dict(zip(table.titles, row, strict=True)) for row in table.rows]


def clear(low, high, value=None):
    return Estimate((low + high) / 2 if value is None else value, low, high, True)


# -- all parts ----------------------------------------------------------------------------------------------------


def test_every_part_is_played_and_says_what_how_often_and_with_which_seed(parts):
    assert list(parts) == list(report.PARTS)
    for part in parts.values():
        assert part.sentences, part.name
        for table in part.tables:
            assert table.rows, part.name
            if table.caption != "What each group holds.":
                assert f"seed {TINY.seed}" in table.caption, table.caption
                assert re.search(r"replicates|base points|recipes", table.caption), table.caption


def test_every_estimate_in_a_sentence_stands_in_a_table(parts):
    told = 0
    for part in parts.values():
        shown = " ".join(str(cell) for table in part.tables for row in table.rows for cell in row)
        for sentence in part.sentences:
            for said in VALUE.findall(sentence):
                assert said in shown, (part.name, said)
                told += 1
    assert told > 20


def test_the_page_and_the_data_hold_everything(parts):
    text = report.page(list(parts.values()), TINY)
    for part in parts.values():
        assert f"## {part.title}" in text
    assert text.count("**How.**") == len(parts)
    assert "at the default parameters" in text
    assert "{{" not in text
    assert "Not played" not in text
    assert "Not played for this page: variance" in report.page([parts["levers"]], TINY)
    data = json.loads(json.dumps(report.as_data(list(parts.values()), TINY), allow_nan=False))
    assert [part["name"] for part in data["parts"]] == list(parts)
    for part in data["parts"]:
        assert all(len(row) == len(table["titles"]) for table in part["tables"] for row in table["rows"])


# -- estimates ----------------------------------------------------------------------------------------------------


def test_intervals_are_as_wide_as_theory_says():
    values = np.random.default_rng(5).normal(2.0, 3.0, 900)
    found = estimate(values)
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * values.std() / 30, rel=0.15)


def test_members_of_a_band_are_drawn_with_all_their_replicates():
    """Where all replicates of a member are alike, a thousand of them say no more than the members do."""
    by_member = np.array([0.0, 1.0, 5.0, 9.0])
    few, many = estimate(by_member), estimate(np.tile(by_member, 250), members=4)
    assert (many.low, many.high) == (few.low, few.high)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, ".25"), (-0.031, "-.031"), (0.00042, ".0004"), (0.0, "0"), (0.00001, "0"), (12.34, "12.3"), (1.5, "1.50"), (240.4, "240")],
)
def test_numbers_are_short(value, text):
    assert short(value) == text
    assert short(value, signed=True) == (f"+{text}" if value > 0.0001 else text)


# -- variance -----------------------------------------------------------------------------------------------------

PRIORS = {"stance.effort": (0.05, 0.14), "trust.news": (0.06, 0.11)}


def test_shares_of_a_known_function_come_out():
    """y = 2 a + b + 6 (c - 1/2)(d - 1/2), uniform: variances 4/12, 1/12 and 36/144 in common; .04 is four standard errors here."""
    drawn = [variance.Axis(group, group) for group in variance.GROUPS]
    design = variance.points(drawn, 1024, 3)
    a, b, c, d = design.T
    found = variance.shares(drawn, "practice", 2 * a + b + 6 * (c - 0.5) * (d - 0.5), 3)
    whole = 4 / 12 + 1 / 12 + 36 / 144
    alone, total = ([4 / 12, 1 / 12, 0, 0], [4 / 12, 1 / 12, 36 / 144, 36 / 144])
    for share, one, every in zip(found, alone, total, strict=True):
        assert share.alone.value == pytest.approx(one / whole, abs=0.04), share
        assert share.total.value == pytest.approx(every / whole, abs=0.04), share
        assert share.alone.low < share.alone.value < share.alone.high


def test_every_number_is_drawn_in_one_group():
    known, drawn = declared_parameters(plan()), variance.axes(PRIORS)
    names = [axis.name for axis in drawn]
    assert len(set(names)) == len(names)
    for axis in drawn:
        if axis.name in known:
            role = "lever" if axis.group == "levers" else "world"
            assert known[axis.name].role == role, axis
            assert (axis.name in PRIORS) == (axis.group == "uncertainty"), axis
    left = {name for name, p in known.items() if p.role != "fixed" and name not in names}
    assert left == {"structures.founding", "succession.term_limit_months", "support.fading_months"}
    assert [axis.name for axis in variance.axes({}) if axis.group == "uncertainty"] == ["member"]
    assert [axis.name for axis in drawn if axis.group == "luck"] == ["luck"]


def test_a_world_used_again_lives_as_a_new_one(monkeypatch):
    monkeypatch.setattr(variance, "YEARS", 4)
    monkeypatch.setattr(variance, "cores", lambda: 1)
    drawn = variance.axes(PRIORS)
    design = variance.points(drawn, 2, 1)
    together = variance.play(drawn, design, TINY)
    apart = np.concatenate([variance.play(drawn, row[None], TINY) for row in design])
    assert (together == apart).all()


def test_what_is_not_known_is_a_member_of_the_band_where_there_is_one(monkeypatch):
    monkeypatch.setattr(variance, "YEARS", 6)
    bench = replace(TINY, band=({"stance.effort": 0.05}, {"stance.effort": 0.3}))
    drawn = variance.axes(dict.fromkeys(bench.band[0]))
    assert "stance.effort" not in [axis.name for axis in drawn]
    design = np.tile(variance.points(drawn, 1, 1)[:1], (3, 1))
    design[:, [axis.name for axis in drawn].index("member")] = 0.1, 0.4, 0.9
    first, again, other = variance.play(drawn, design, bench)[:, 0]
    assert first == again != other


def test_what_cannot_be_read_gets_a_sentence():
    clean = variance.Share("practice", "levers", clear(0.1, 0.2), clear(0.2, 0.3))
    assert len(variance.sentences([clean, replace(clean, statistic="survival")])) == 2
    odd = replace(clean, alone=clear(-0.05, 0.01))
    wide = replace(clean, total=clear(0.1, 0.5))
    assert "below 0" in variance.sentences([odd, replace(clean, statistic="survival")])[1]
    assert "wider than .2" in variance.sentences([wide, replace(clean, statistic="survival")])[1]


# -- ablation and dispositions ------------------------------------------------------------------------------------


def test_every_mechanism_is_left_out_in_both_scenarios(parts):
    can = {name for name, m in plan().mechanisms.items() if m.off != "never"}
    for n, scenario in enumerate(ablation.SCENARIOS):
        rows = rows_of(parts["ablation"], n)
        assert {row["Left out"] for row in rows[1:]} == can
        assert scenario in parts["ablation"].sentences[n]
        silent = [row["Left out"] for row in rows[1:] if all(row[s].sign == 0 for s in ablation.STATISTICS)]
        told = parts["ablation"].sentences[n].split("no change was shown for ")[1]
        assert set(re.findall(r"\w+", told)) - {"and", "no", "mechanism"} == set(silent)


def test_what_sustains_and_what_wears_down_are_told_apart():
    nothing = clear(-0.1, 0.1)
    found = [
        ablation.Without("trust", "held", (clear(-0.3, -0.1), nothing, nothing)),
        ablation.Without("economy", "absent", (nothing, nothing, nothing)),
        ablation.Without("succession", "absent", (clear(0.1, 0.3), nothing, nothing)),
    ]
    said = ablation.sentence("typical-district", found)
    assert re.search(r"sustains .* is trust .*wears it down is succession .*shown for economy\.", said)


@pytest.mark.parametrize(("low", "high", "says"), [(0.1, 0.2, "below"), (0.3, 0.5, "not shown to be below"), (0.45, 0.5, "not below")])
def test_the_limit_of_dispositions_is_for_the_whole_interval(low, high, says):
    assert f": {says} the limit" in dispositions.sentence(clear(low, high))


# -- levers -------------------------------------------------------------------------------------------------------


def found(name="dual track", lower=(1, 1), upper=(1, 1), whole=(1, 1), between=0, ordered=True, size=0.1):
    """A lever with effects of these signs."""

    def effect(sign):
        return (
            clear(sign * size * 0.5, sign * size * 1.5)
            if sign > 0
            else clear(1.5 * sign * size - (sign == 0), 0.5 * sign * size + (sign == 0))
        )

    lever = replace(levers.LEVERS[0], name=name, ordered=ordered)
    return levers.Found(lever, (), *(tuple(map(effect, signs)) for signs in (lower, upper, whole)), effect(between))


def test_levers_are_judged_by_the_rules():
    assert found().verdict == "no dependence shown"
    assert found(between=-1).verdict == "depends on context"
    assert found(lower=(1, 1), upper=(1, -1)).inner == [1]
    assert found(lower=(1, 0), upper=(0, -1)).inner == []
    assert found(lower=(1, 1), upper=(-1, -1), ordered=False).inner == []
    assert found(whole=(1, -1)).turns
    assert not found(whole=(1, 0)).turns
    assert found(whole=(1, -1), between=-1, size=0.004).verdict == "changes sign, depends on context (faint turn)"


def test_levers_and_contexts_are_what_they_are_called():
    for lever in levers.LEVERS:
        scenarios = [level.of(context).to_toml() for _, context in lever.contexts for level in lever.levels]
        assert len(set(scenarios)) == 6, lever.name
    assert set(levers.REQUIRED) <= {lever.name for lever in levers.LEVERS}


def test_sentences_count_the_verdicts_of_the_table(parts):
    verdicts = [str(row["Verdict"]) for row in rows_of(parts["levers"], 1)]
    turning = sum("inner" in verdict or "sign" in verdict for verdict in verdicts)
    (
        first,
        *_,
    ) = parts["levers"].sentences
    assert first.startswith(f"{turning} of {len(levers.LEVERS)} levers")
    assert ("does not hold" in first) == (turning < levers.WANTED)


def test_what_was_not_shown_is_said():
    said = levers.sentences([found(name, between=0 if name == "facilitation" else 1) for name in levers.REQUIRED])
    assert "does not hold" in said[0]
    assert said[3].endswith("shown for dual track, transparency and release time, but not for facilitation.")


# -- members' interests -------------------------------------------------------------------------------------------


def place(ceiling, hours, worse, better):
    signs = [-1] * worse + [1] * better + [0] * (len(interests.GOOD) - worse - better)
    changes = {}
    for sign, (name, good) in zip(signs, interests.GOOD.items(), strict=True):
        changes[name] = clear(-0.1, 0.1) if sign == 0 else clear(*sorted((0.1 * sign * good, 0.2 * sign * good)))
    return interests.Place(ceiling, hours, changes)


def test_more_grievances_and_exits_are_worse():
    changes = dict.fromkeys(interests.GOOD, clear(0.1, 0.2))
    assert set(interests.Place(0.3, 8, changes).worse) == {"grievances", "member_exit"}


def test_the_region_is_told_from_the_grid():
    grid = [place(c, h, 4, 2) if c <= 0.3 or h == 8 else place(c, h, 1, 4) for c in (0.15, 0.3, 1.0) for h in (8, 20)]
    said = interests.sentence(grid)
    assert "in 5 of 6 places" in said
    assert "with 8 hours of release whatever authority is shared" in said
    assert "with 20 hours where at most .30 of authority is shared" in said
    assert interests.sentence([place(1.0, 20, 0, 3)]).startswith("In no place")


def test_the_region_told_is_that_of_the_table(parts):
    rows = rows_of(parts["interests"])
    assert len(rows) == len(interests.HOURS) * (1 + len(interests.CEILINGS))
    without = sum(str(row["Better for members"]).startswith("without") for row in rows)
    said = parts["interests"].sentences[0]
    assert f"in {without} of 15 places" in said or (without == 0 and said.startswith("In no place"))


# -- thresholds ---------------------------------------------------------------------------------------------------


def test_labels_at_the_usual_thresholds_are_the_models():
    series = Lab(replicates=30, point=True).play(DISTRICT, years=15).series
    assert list(thresholds.labels(series, **thresholds.USUAL)) == [outcomes.regime(one) for one in series]


def test_a_higher_threshold_makes_no_regime_larger(parts):
    shares = {row["Thresholds of practice"]: row for row in rows_of(parts["thresholds"])}
    for name, regime in (("vital", "vital"), ("informal", "informal")):
        usual = thresholds.USUAL[name]
        low, high = (shares[f"{name} from {usual + by:.1f}"][f"{regime} [share]"].value for by in (-0.1, 0.1))
        assert low >= shares[thresholds.USUALLY][f"{regime} [share]"].value >= high


def test_a_pattern_at_the_usual_threshold_of_life_is_the_usual_pattern():
    kept = thresholds.Kept(TINY)
    assert measure(BY_ID["P1"], kept.lab(outcomes.ALIVE)) == measure(BY_ID["P1"], TINY.lab())
    lower, higher = (measure(BY_ID["P2"], kept.lab(alive)).results[1].measured for alive in (0.2, 0.6))
    assert lower >= higher
    assert len(kept.runs) == 4  # default twice: once for hazards, thrice as often


# -- numerical checks ---------------------------------------------------------------------------------------------


def _series(of, params, months=36):
    settings = Settings.of(DISTRICT.replace(sites=7), point=True)
    world = World(of, settings.layout, OpenWorld.of(settings, months=months, ledger=False).world.record)
    world.begin(seed=1, replicate=0, start=settings.start, params=of.params(params), held=settings.held, agenda=settings.agenda)
    world.advance(months)
    return world.record.series.copy()


def test_where_nobody_heeds_colleagues_the_order_of_choice_is_nothing():
    alone = {"networks": {"peer_weight": 0.0}}
    assert (_series(halves.plan(), alone) == _series(plan(), alone)).all()
    assert (_series(halves.plan(), {}) != _series(plan(), {})).any()


def test_norms_heard_again_are_the_norms_of_before_if_nobody_moved():
    class Values:
        on = 1.0

    for p in plan().mechanisms["networks"].parameters:
        setattr(Values, p.name, p.default)
    opened = open_world(DISTRICT.without("succession", "economy"), seed=2, replicate=1, months=12, ledger=False, point=True)
    opened.advance(12)
    c = opened.world.columns
    again = np.full_like(c["peer_norm"], np.nan)
    names = ("person_site", "person_side", "person_group", "contact_group", "site_id", "dyad_id", "link", "stance")
    halves.hear.py_func(*(c[name] for name in names), again, Values)
    assert np.abs(again).max() > 0.01
    assert again == pytest.approx(c["peer_norm"], abs=1e-12)


def test_gaps_are_judged_with_their_chance_error():
    near, far, unsure = clear(-0.02, 0.05), clear(0.04, 0.08), clear(-0.1, 0.3)
    assert "no difference larger than .030 was shown" in numerics.gap_sentence("Size", {"60": {"vital": near, "paper": unsure}})
    assert numerics.gap_sentence("Size", {"60": {"vital": near, "paper": far}}).endswith(
        "larger than .030: paper with 60 (+.060 (.040 to .080))."
    )


# -- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def partnersim(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["partnersim", *words])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call


def test_the_command_writes_one_part(partnersim, tmp_path):
    status, out, _ = partnersim("anatomy", "--only", "dispositions", "--quick", "--json")
    assert status == 0
    assert [part["name"] for part in json.loads(out)["parts"]] == ["dispositions"]
    assert partnersim("anatomy", "--only", "dispositions", "--quick", "--out", str(tmp_path / "page.md"))[0] == 0
    assert (tmp_path / "page.md").read_text().startswith("# Where the answers come from")


def test_an_unknown_part_is_refused(partnersim):
    status, _, err = partnersim("anatomy", "--only", "leavers")
    assert status == 2
    assert "levers" in err


# -- conclusions --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_leaders_are_not_the_whole_story():
    """The upper end of the interval counts; the share is far below the limit, so that chance fails this in far less than one of 1000."""
    share = dispositions.part(Bench(Sizes(60, 200, 64))).tables[0].rows[0][1]
    assert share.high < dispositions.MOST


@pytest.mark.slow
def test_levers_turn_and_the_required_ones_depend_on_context():
    """Seeds fixed; the effects counted on are several standard errors wide, one in a thousand fails by chance."""
    bench = Bench(Sizes(60, 200, 64))
    every = [levers.play(lever, bench) for lever in levers.LEVERS]
    turning = [f for f in every if (f.turns or f.inner) and not f.faint]
    assert len([f for f in every if f.turns or f.inner]) >= levers.WANTED, [f.verdict for f in every]
    assert turning
    for f in every:
        assert f.depends or f.lever.name not in levers.REQUIRED, f.lever.name


@pytest.mark.slow
def test_there_is_a_region_in_which_members_are_better_off_without():
    """And one in which they are better off with a partnership; at the corners of the grid effects are many standard errors wide."""
    rows = [row for row in interests.part(Bench(Sizes(100, 60, 64))).tables[0].rows if row[0] != "none"]
    verdicts = {(row[0], row[1]): str(row[-1]).split()[0] for row in rows}
    assert verdicts[".15", 8] == "without"
    assert verdicts["1.00", 40] == "with"
