"""Parting of particles that touch."""

import numpy as np

from nital.science.labels.parting import part_touching


def discs(*places: tuple[int, int, int], shape: tuple[int, int] = (80, 120)) -> np.ndarray:
    rows, cols = np.indices(shape)
    return np.any([(rows - r) ** 2 + (cols - c) ** 2 < radius**2 for r, c, radius in places], axis=0)


def test_particles_that_touch_are_parted_at_their_neck() -> None:
    found = part_touching(discs((40, 40, 16), (40, 68, 16)))
    assert found.max() == 2
    assert found[40, 40] != found[40, 68]
    columns = np.flatnonzero(np.diff(found[40, 45:65]))
    assert abs(columns[0] + 45 - 54) <= 2


def test_one_particle_stays_one() -> None:
    assert part_touching(discs((40, 60, 25))).max() == 1


def test_a_speck_is_a_particle() -> None:
    mask = np.zeros((20, 20), bool)
    mask[5, 5] = mask[12:14, 12] = True
    assert part_touching(mask).max() == 2


def test_the_mask_is_filled_and_nothing_else() -> None:
    mask = discs((20, 20, 12), (30, 38, 12), (60, 100, 18))
    assert ((part_touching(mask) > 0) == mask).all()


def test_a_larger_neck_parts_less() -> None:
    mask = discs((40, 40, 16), (40, 62, 16))
    assert part_touching(mask, 0.5).max() == 2
    assert part_touching(mask, 8.0).max() == 1


def test_an_empty_mask_has_no_particle_and_a_full_one_has_one() -> None:
    assert part_touching(np.zeros((10, 10), bool)).max() == 0
    full = part_touching(np.ones((10, 10), bool))
    assert full.min() == full.max() == 1
