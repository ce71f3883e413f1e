"""Filling missing pixels: kriging against the exact optimum, and what must hold for every method."""

import numpy as np
import pytest

from nital.science.filling import (
    FAMILIES,
    Covariance,
    biharmonic,
    constant,
    fit_covariance,
    hold_out,
    krige_map,
    linear,
    most_probable,
    nearest,
)

SIDE = 40


def field(covariance: Covariance, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A Gaussian field, its covariance matrix, and which pixels are known, 60 %."""
    rng = np.random.default_rng(seed)
    places = np.argwhere(np.ones((SIDE, SIDE)))
    matrix = covariance.variance * covariance.correlation(((places[:, None] - places) ** 2).sum(-1))
    matrix += covariance.variance * (covariance.nugget + 1e-9) * np.eye(SIDE**2)
    drawn = np.linalg.cholesky(matrix) @ rng.standard_normal(SIDE**2)
    return drawn.reshape(SIDE, SIDE), matrix, rng.random((SIDE, SIDE)) > 0.4


def rmse(filled: np.ndarray, truth: np.ndarray, known: np.ndarray) -> float:
    return float(np.sqrt(np.mean((filled - truth)[~known] ** 2)))


@pytest.mark.parametrize(
    "covariance",
    [
        Covariance("exponential", 6.0, 1e-3, 2.0),
        Covariance("matern 3/2", 4.0, 1e-2, 0.5),
        Covariance("matern 5/2", 4.0, 1e-2, 1.0),
        Covariance("squared exponential", 3.0, 0.05, 1.0),
        Covariance("squared exponential", 3.0, 1e-8, 1.0),
    ],
    ids=[*FAMILIES, "squared exponential without noise"],
)
def test_kriging_with_a_fitted_covariance_is_within_three_per_cent_of_the_exact_optimum(covariance: Covariance) -> None:
    found, best = [], []
    for seed in range(3):
        truth, matrix, known = field(covariance, seed)
        seen = known.ravel()
        guess = matrix[np.ix_(~seen, seen)] @ np.linalg.solve(matrix[np.ix_(seen, seen)], truth.ravel()[seen])
        best.append(np.mean((guess - truth.ravel()[~seen]) ** 2))
        given = np.where(known, truth, np.nan)
        fitted = fit_covariance(given, np.random.default_rng(0))
        found.append(rmse(krige_map(given, fitted).values, truth, known) ** 2)
    assert np.sqrt(np.mean(found) / np.mean(best)) < 1.03


def test_the_standard_deviation_of_kriging_is_that_of_its_errors() -> None:
    covariance = Covariance("matern 3/2", 3.0, 0.05, 4.0)
    truth, _, known = field(covariance, 1)
    found = krige_map(np.where(known, truth, np.nan), covariance)
    scaled = (found.values - truth)[~known] / found.sd[~known]
    assert 0.9 < scaled.std() < 1.1
    assert (found.sd[known] == 0).all() and (found.values[known] == truth[known]).all()


def test_tiles_change_no_more_than_which_of_equally_near_pixels_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    covariance = Covariance("exponential", 5.0, 0.01, 1.0)
    truth, _, known = field(covariance, 2)
    given = np.where(known, truth, np.nan)
    whole = krige_map(given, covariance, count=12).sd
    monkeypatch.setattr("nital.science.filling.kriging.TILE_PX", 7)
    tiled = krige_map(given, covariance, count=12).sd
    np.testing.assert_allclose(tiled, whole, rtol=0.05)
    assert (np.abs(tiled - whole) < 1e-3).mean() > 0.97


@pytest.mark.parametrize("method", [constant, nearest, linear, biharmonic])
def test_known_pixels_stay_and_missing_ones_are_finite(method: object) -> None:
    given = np.random.default_rng(0).standard_normal((20, 30))
    given[5:9, 3:20] = np.nan
    filled = method(given)  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    known = np.isfinite(given)
    assert np.isfinite(filled).all() and (filled[known] == given[known]).all()


def test_linear_gives_a_plane_back() -> None:
    rows, cols = np.mgrid[:20, :20].astype(float)
    plane = 3 * rows - 2 * cols
    given = np.where(np.random.default_rng(0).random(plane.shape) < 0.3, np.nan, plane)
    given[[0, 0, -1, -1], [0, -1, 0, -1]] = plane[[0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_allclose(linear(given), plane, atol=1e-9)


def test_labels_are_never_mixed_and_a_flat_surrounding_is_sure() -> None:
    labels = np.where(np.arange(30) < 15, 2, 9)[None].repeat(30, 0).astype(np.uint8)
    known = np.random.default_rng(0).random(labels.shape) > 0.3
    filled, chance = most_probable(np.where(known, labels, 0), known, Covariance("exponential", 3.0, 0.01, 1.0))
    assert filled.dtype == np.uint8 and set(np.unique(filled)) == {2, 9}
    assert (filled == labels).mean() > 0.98
    assert chance[:, :10].min() > 0.99


@pytest.mark.parametrize("gap", ["pixels", "lines"])
def test_pixels_are_held_out_as_the_missing_ones_lie(gap: str) -> None:
    rng = np.random.default_rng(0)
    known = np.ones((60, 60), bool)
    if gap == "lines":
        known[::6] = False
    else:
        known[rng.random(known.shape) < 0.05] = False
    hidden = hold_out(known, rng, 0.12)
    assert hidden.any() and not (hidden & ~known).any()
    assert hidden.sum() <= 0.13 * known.sum()
    if gap == "lines":
        rows = hidden.any(1)
        assert hidden[rows].mean() > 0.8, "a held out line is whole"


def test_a_map_without_known_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="known"):
        krige_map(np.full((4, 4), np.nan), Covariance("exponential", 1.0, 0.1, 1.0))
    with pytest.raises(ValueError, match="3 are needed"):
        fit_covariance(np.full((4, 4), np.nan), np.random.default_rng(0))
