"""The fast loops against slow and obvious ones."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from nital.synth.tessellation import Seeds, cut_twins, lloyd, nearest_two

NO_STRETCH = np.eye(2)
STRETCH = np.array([[0.6, 0.3], [-0.2, 1.7]])


def case(seed: int, n: int, spread: float, merged: bool, shape: tuple[int, int] = (37, 50)):
    """Seeds around a small frame, with weights, owners and wavy shifts."""
    rng = np.random.default_rng(seed)
    seeds = rng.random((n, 2)) * 110 - 30
    owner = np.arange(n)
    if merged:
        owner[rng.permutation(n)[: n // 3]] = owner[0]
    shifts = [(3 * np.sin(np.add(*np.ogrid[: shape[0], : shape[1]]) / k)).astype(np.float32) for k in (5, 7)]
    return seeds, spread * rng.standard_normal(n), owner, *shifts


def metric(seeds, weights, matrix, shift_r, shift_c, additive):
    """The metric of every pixel (rows, cols) to every seed (last axis)."""
    rows, cols = np.mgrid[: shift_r.shape[0], : shift_r.shape[1]].astype(float)
    places = np.stack([rows + shift_r, cols + shift_c], -1) @ matrix.T
    away = np.linalg.norm(places[:, :, None] - seeds, axis=-1)
    return (away if additive else away**2) - weights


@pytest.mark.parametrize(
    ("additive", "spread"), [(False, 0.0), (False, 60.0), (True, 4.0)], ids=["voronoi", "laguerre", "growth"]
)
@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("matrix", [NO_STRETCH, STRETCH], ids=["equiaxed", "stretched"])
@pytest.mark.parametrize("n", [6, 60, 400])
def test_every_pixel_belongs_to_the_seed_of_smallest_metric(additive, spread, merged, matrix, n) -> None:
    seeds, weights, owner, shift_r, shift_c = case(n, n, spread, merged)
    values = metric(seeds, weights, matrix, shift_r, shift_c, additive)
    best = owner[values.argmin(-1)]
    others = np.where(owner == best[..., None], np.inf, values)
    first, second, _ = nearest_two(Seeds(seeds, weights, owner, additive), 110 / np.sqrt(n), matrix, shift_r, shift_c)
    np.testing.assert_array_equal(first, best)
    np.testing.assert_array_equal(second, owner[others.argmin(-1)])


def test_the_answer_does_not_depend_on_the_size_of_the_buckets() -> None:
    seeds, weights, owner, shift_r, shift_c = case(1, 80, 60.0, True)
    first, second, distance = nearest_two(Seeds(seeds, weights, owner, False), 12.0, STRETCH, shift_r, shift_c)
    for cell in (2.0, 45.0):
        again = nearest_two(Seeds(seeds, weights, owner, False), cell, STRETCH, shift_r, shift_c)
        for before, after in zip((first, second, distance), again, strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("matrix", [NO_STRETCH, STRETCH], ids=["equiaxed", "stretched"])
@pytest.mark.parametrize("spread", [0.0, 60.0], ids=["voronoi", "laguerre"])
def test_the_distance_is_the_distance_to_the_straight_line_between_two_cells(matrix, spread) -> None:
    seeds, weights, owner, shift, _ = case(2, 60, spread, merged=False)
    flat = np.zeros_like(shift)
    first, second, distance = nearest_two(Seeds(seeds, weights, owner, False), 14.0, matrix, flat, flat)
    # In grain space the border is {u: 2 (b - a).u = |b|^2 - |a|^2 + w_a - w_b}; u = matrix @ pixel, so in pixels
    # it is the line normal.x = offset, whose distance needs no root of metrics.
    a, b = seeds[first], seeds[second]
    normal = 2 * (b - a) @ matrix
    offset = (b**2).sum(-1) - (a**2).sum(-1) + weights[first] - weights[second]
    pixels = np.stack(np.mgrid[: shift.shape[0], : shift.shape[1]], -1)
    line = np.abs((normal * pixels).sum(-1) - offset) / np.linalg.norm(normal, axis=-1)
    np.testing.assert_allclose(distance, line, rtol=1e-5, atol=1e-5)


def test_a_single_grain_has_no_boundary() -> None:
    seeds, weights, _, shift_r, shift_c = case(3, 20, 0.0, merged=False)
    one_grain = Seeds(seeds, weights, np.zeros(20, np.int64), False)
    first, _, distance = nearest_two(one_grain, 25.0, NO_STRETCH, shift_r, shift_c)
    assert not first.any()
    assert distance.min() > 1e5


@pytest.mark.parametrize("steps", [1, 3])
def test_lloyd_moves_seeds_to_the_centroids_that_a_search_tree_finds(steps) -> None:
    seeds = np.random.default_rng(4).random((150, 2)) * 100
    spacing = 8.0
    axes = [np.arange(seeds[:, k].min() + spacing / 8, seeds[:, k].max(), spacing / 4) for k in range(2)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    expected = seeds
    for _ in range(steps):
        cell = KDTree(expected, leafsize=16).query(points)[1]
        expected = np.stack(
            [points[cell == k].mean(0) if (cell == k).any() else expected[k] for k in range(len(seeds))]
        )
    np.testing.assert_allclose(lloyd(seeds, spacing, steps), expected, atol=1e-9)


def test_a_lamella_is_a_straight_band_of_the_asked_width() -> None:
    grain = np.zeros((40, 60), np.int32)
    lamellae = np.zeros((1, 3, 2))
    lamellae[0, 0] = -4.5, 6.5
    part, distance, inside = cut_twins(grain, np.array([[20.0, 30.0]]), np.zeros(1), lamellae, np.full(1, -1e9), 8)
    column = np.arange(60) - 30
    np.testing.assert_array_equal(inside, np.broadcast_to((column > -4.5) & (column < 6.5), grain.shape))
    nearest = np.minimum(np.abs(column + 4.5), np.abs(column - 6.5))
    np.testing.assert_allclose(distance, np.broadcast_to(nearest, grain.shape), atol=1e-6)
    assert len(np.unique(part)) == 3  # before, in and behind the lamella


def test_a_lamella_that_ends_in_the_grain_leaves_the_rest_whole() -> None:
    grain = np.zeros((40, 60), np.int32)
    lamellae = np.zeros((1, 3, 2))
    lamellae[0, 0] = -4.5, 6.5
    part, _, inside = cut_twins(grain, np.array([[20.0, 30.0]]), np.zeros(1), lamellae, np.full(1, 2.5), 8)
    assert not inside[:23].any()
    assert inside[23:, 30].all()
    assert len(np.unique(part)) == 2
