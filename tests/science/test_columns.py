"""Atom columns on lattices whose places are known."""

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.science.columns import find_columns, fit_lattice

FIRST, SECOND = np.array([1.7, 11.9]), np.array([10.4, -3.1])


def lattice(
    noise: float, missing: tuple[tuple[int, int], ...] = (), shape: tuple[int, int] = (200, 230), seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture of Gaussian columns of height 1, their places, and those left out, each (n, 2)."""
    rng = np.random.default_rng(seed)
    grid = np.indices((80, 80)).reshape(2, -1).T - 40
    place = np.array([97.3, 110.6]) + grid @ np.stack([FIRST, SECOND])
    inside = ((place > 6) & (place < np.array(shape) - 7)).all(1)
    gone = np.array([tuple(site) in missing for site in grid.tolist()])
    image = np.zeros(shape)
    rows, cols = np.indices(shape)
    near = ((place > -12) & (place < np.array(shape) + 12)).all(1)
    for row, col in place[near & ~gone]:
        image += np.exp(-((rows - row) ** 2 + (cols - col) ** 2) / (2 * 2.3**2))
    return image + noise * rng.standard_normal(shape), place[inside & ~gone], place[inside & gone]


def nearest(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.hypot(*(found[:, None] - true[None]).transpose(2, 0, 1)).min(0)


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_columns_are_found_to_a_tenth_of_a_pixel_along_each_axis(noise: float) -> None:
    image, true, _ = lattice(noise)
    off = nearest(find_columns(image)[:, :2], true)
    along_an_axis = np.sqrt((off**2).mean() / 2)
    best = noise * np.sqrt(2 / np.pi)  # Cramer and Rao's bound for a Gaussian of height 1 in white noise
    assert along_an_axis < 0.1
    assert along_an_axis < 1.25 * best + 0.01
    assert (off < 0.5).all()


def test_dark_columns_are_found_as_well() -> None:
    image, true, _ = lattice(0.05)
    assert np.sqrt((nearest(find_columns(-image, bright=False)[:, :2], true) ** 2).mean()) < 0.1


def test_the_lattice_and_its_missing_columns() -> None:
    image, _, gone = lattice(0.05, ((0, 0), (2, -3)))
    columns = find_columns(image)
    fitted = fit_lattice(columns[:, :2], (image.shape[0], image.shape[1]))
    lengths = sorted([np.hypot(*FIRST), np.hypot(*SECOND)])
    assert sorted(fitted.lengths) == pytest.approx(lengths, rel=2e-3)
    angle = np.degrees(np.arccos(FIRST @ SECOND / np.prod(lengths)))
    assert min(abs(fitted.angle_deg - angle), abs(180 - fitted.angle_deg - angle)) < 0.3
    assert len(fitted.missing) == 2
    assert (nearest(fitted.missing, gone) < 0.2).all()


def test_noise_holds_no_lattice() -> None:
    with pytest.raises(InputError, match="lattice"):
        find_columns(np.random.default_rng(1).standard_normal((128, 128)))


def test_few_columns_are_no_lattice() -> None:
    with pytest.raises(InputError, match="Only 3 columns"):
        fit_lattice(np.array([[1.0, 1], [9, 1], [1, 9]]), (20, 20))
