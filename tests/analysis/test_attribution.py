"""Shapley values of games with known values; balanced orders; intervals that hold and add up; interactions of known games."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from partnersim.analysis import attribution
from partnersim.analysis.attribution import FEW, Game, interactions, orders, sets, shapley, together, total
from partnersim.errors import ResultError


def names(n: int) -> tuple[str, ...]:
    return tuple(f"f{i}" for i in range(n))


def played(n: int, worlds: int, value, seed: int = 1) -> Game:
    present = sets(n, worlds, seed)
    return Game(names(n), present, np.array([[value(world, mask) for mask in row] for world, row in enumerate(present)], dtype=float))


def in_order(game: Game) -> np.ndarray:
    return shapley(game).set_index("factor").loc[list(game.names), "value"].to_numpy()


@pytest.mark.parametrize(("n", "rows"), [(6, 3), (16, 8), (7, 7)])
def test_orders_of_a_block_are_balanced(n, rows):
    block = orders(n, rows, seed=5)
    both = np.concatenate([block, block[:, ::-1]])
    times = len(both) // n
    assert all(sorted(row) == list(range(n)) for row in both)
    assert all((np.bincount(both[:, place]) == times).all() for place in range(n)), "each factor as often in each place"
    follows = [(a, b) for row in both for a, b in pairwise(row)]
    assert {follows.count(pair) for pair in permutations(range(n), 2)} == {times}


def test_more_worlds_keep_the_first_ones():
    assert (sets(8, 40, 3)[:10] == sets(8, 10, 3)).all()


@pytest.mark.parametrize("n", [3, FEW, 6, 9])
def test_glove_game(n):
    """One left glove and n - 1 right ones: a pair is worth 1. The left one earns (n - 1)/n, exactly or within its interval."""
    game = played(n, 400 if n > FEW else 2, lambda _, mask: float(mask[0] and mask[1:].any()))
    if n <= FEW:
        assert in_order(game) == pytest.approx([(n - 1) / n] + [1 / (n * (n - 1))] * (n - 1))
    else:
        row = shapley(game).set_index("factor").loc["f0"]
        assert row["low"] <= (n - 1) / n <= row["high"]  # seed fixed; one interval at 95 %
        assert row["high"] - row["low"] < 0.06


def test_airport_game_by_orders():
    """Runways: a set pays for its longest; cost shares are known (Littlechild & Owen 1973)."""
    lengths = np.array([1, 2, 3, 5, 8, 13, 21.0])
    game = played(7, 600, lambda _, mask: (lengths * mask).max())
    steps = np.diff(lengths, prepend=0.0)
    known = np.cumsum(steps / np.arange(7, 0, -1))
    table = shapley(game).set_index("factor").loc[list(names(7))]
    assert table["value"].to_numpy() == pytest.approx(known, abs=0.35)
    assert ((table["low"] <= known) & (known <= table["high"])).sum() >= 6


def test_values_add_up_in_every_world_and_intervals_of_groups_are_their_own():
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((30, 2**8))
    game = played(8, 30, lambda world, mask: noise[world, int(mask @ 2 ** np.arange(8))])
    assert attribution.by_world(game).sum(axis=1) == pytest.approx(game.all - game.none)
    table = shapley(game)
    assert table["value"].sum() == pytest.approx(table.attrs["difference"][0])
    assert together(game, names(8)) == pytest.approx(total(game.all - game.none))


def test_a_dummy_earns_nothing_and_equals_earn_the_same():
    game = played(8, 8, lambda _, mask: 3.0 * mask[1] + 3.0 * mask[2] + 5.0 * (mask[3] and mask[4]))
    value = in_order(game)
    assert value[0] == 0
    assert value[1] == value[2] == pytest.approx(3)
    assert value[3] + value[4] == pytest.approx(5)


def noisy_game(seed: int, worlds: int, n: int = 8) -> tuple[Game, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b = np.arange(float(n)), np.triu(np.full((n, n), 0.5), 1)
    b[0, 1] = 3.0
    present = sets(n, worlds, seed)
    x = present.astype(float)
    values = x @ a + np.einsum("wpf,fg,wpg->wp", x, b, x) + 3 * rng.standard_normal((worlds, 1)) + rng.standard_normal(x.shape[:2])
    return Game(names(n), present, values), a + 0.5 * (b + b.T).sum(axis=1), b[np.triu_indices(n, 1)]


def test_intervals_hold():
    # 40 games of 8 factors and 28 pairs: 95 % of 320 and of 1,120 intervals; errors of a game are correlated, hence the wide margins
    held, held_pairs = [], []
    for seed in range(40):
        game, value, pair = noisy_game(seed, 40)
        table = shapley(game).set_index("factor").loc[list(game.names)]
        held.append(((table["low"] <= value) & (value <= table["high"])).mean())
        found = interactions(game)
        held_pairs.append(((found["low"] <= pair) & (pair <= found["high"])).mean())
    assert 0.91 < np.mean(held) < 0.99
    assert 0.92 < np.mean(held_pairs) < 0.99


@pytest.mark.parametrize("n", [4, 8, 16])
def test_interactions_of_a_game_of_pairs_are_exact(n):
    rng = np.random.default_rng(n)
    a, b = rng.standard_normal(n), np.triu(rng.standard_normal((n, n)), 1)
    luck = rng.standard_normal(80)
    game = played(n, 80, lambda world, mask: a @ mask + mask @ b @ mask + luck[world])
    table = interactions(game)
    assert table["value"].to_numpy() == pytest.approx(b[np.triu_indices(n, 1)])
    assert set(table["kind"]) == {"complements", "substitutes"}
    assert in_order(game) == pytest.approx(a + 0.5 * (b + b.T).sum(axis=1))


def test_faith_shap_by_orders_equals_that_of_all_sets(monkeypatch):
    rng = np.random.default_rng(7)
    worth = rng.standard_normal(2**6)
    value = lambda _, mask: worth[int(mask @ 2 ** np.arange(6))]  # noqa: E731
    drawn = interactions(played(6, 1500, value))
    monkeypatch.setattr(attribution, "FEW", 6)
    known = interactions(played(6, 2, value))
    missed = (known["value"] < drawn["low"]) | (drawn["high"] < known["value"])
    assert missed.sum() <= 3  # of 15 intervals at 95 %: more than 3 has a chance of .005
    assert (drawn["value"] - known["value"]).abs().max() < 0.25


def test_faith_shap_is_the_closest_game_of_pairs(monkeypatch):
    """The definition: least squares over all sets, weighted as in the Shapley value, exact at none and all."""
    n, rng = 4, np.random.default_rng(8)
    worth = rng.standard_normal(2**n)
    game = played(n, 2, lambda _, mask: worth[int(mask @ 2 ** np.arange(n))])
    pairs = list(combinations(range(n), 2))
    masks = game.present[0].astype(float)
    x = np.column_stack([np.ones(2**n), masks, *(masks[:, i] * masks[:, j] for i, j in pairs)])
    sizes = masks.sum(axis=1).astype(int)
    count = np.array([1, 4, 6, 4, 1])
    weight = np.array([1e7 if s in (0, n) else (n - 1) / (count[s] * s * (n - s)) for s in sizes])
    root = np.sqrt(weight)
    known = np.linalg.lstsq(x * root[:, None], game.values[0] * root, rcond=None)[0][1 + n :]
    assert interactions(game)["value"].to_numpy() == pytest.approx(known, abs=1e-4)


def test_what_cannot_be_told_is_refused():
    game, *_ = noisy_game(1, 5)
    with pytest.raises(ResultError, match="cannot tell 28 pairs of 8 factors apart"):
        interactions(game)
    with pytest.raises(ResultError, match="nothing to interact with"):
        interactions(played(1, 3, lambda _, mask: float(mask[0])))
    with pytest.raises(ResultError, match="a value is missing"):
        Game(game.names, game.present, game.values * np.nan)
    with pytest.raises(ResultError, match="do not fit"):
        Game(game.names[:-1], game.present, game.values)
