"""Kernel regression against scikit-learn's Gaussian process, and what it must do on its own."""

import numpy as np
import pytest

from nital.tasks.properties.kernel import MOST_ROWS, fit_kernel, likeness

gaussian_process = pytest.importorskip("sklearn.gaussian_process")


def _rows(n: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (n, 2))
    return x, np.sin(2 * x[:, 0]) + 0.05 * rng.normal(size=n), np.arange(n) // 4


@pytest.mark.parametrize(("smoothness", "nu"), [("1/2", 0.5), ("5/2", 2.5)])
def test_it_gives_the_mean_of_the_gaussian_process_with_the_same_kernel(smoothness, nu) -> None:
    x, y, groups = _rows()
    ours = fit_kernel(x, y, groups, smoothness, 0)
    matern = gaussian_process.kernels.Matern(length_scale=ours.length, nu=nu)
    new = np.random.default_rng(1).uniform(-2, 2, (30, 2))
    # The noise is what the weights leave over: (K + noise) weights = y - mean.
    left = y - ours.mean - matern(x) @ ours.weights
    noise = float(np.median(left / ours.weights))
    theirs = gaussian_process.GaussianProcessRegressor(matern, alpha=noise, optimizer=None).fit(x, y - ours.mean)
    np.testing.assert_allclose(ours.apply(new), theirs.predict(new) + ours.mean, atol=1e-6)


def test_it_learns_a_curve_that_a_line_cannot() -> None:
    x, y, groups = _rows(200)
    new = np.random.default_rng(2).uniform(-1.8, 1.8, (100, 2))
    error = np.abs(fit_kernel(x, y, groups, "5/2", 0).apply(new) - np.sin(2 * new[:, 0])).mean()
    assert error < 0.1


def test_noise_alone_is_answered_with_about_the_mean() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-1, 1, (150, 3)), rng.normal(size=150)
    found = fit_kernel(x, y, np.arange(150), "1/2", 0).apply(rng.uniform(-1, 1, (100, 3)))
    assert found.std() < 0.5


def test_of_many_rows_a_part_is_drawn() -> None:
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, (MOST_ROWS + 50, 2))
    weights = fit_kernel(x, x[:, 0], np.arange(len(x)), "5/2", 0)
    assert len(weights.points) == MOST_ROWS


def test_the_kernel_falls_from_one_to_zero() -> None:
    distance = np.linspace(0, 40, 200)
    for smoothness in ("1/2", "5/2"):
        like = likeness(distance, smoothness)
        assert like[0] == 1
        assert (np.diff(like) < 0).all()
        assert like[-1] < 1e-15
