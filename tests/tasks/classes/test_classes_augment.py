"""What augmentation may change, one switch at a time."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nital.tasks.classes.augment import augment_pictures  # noqa: E402
from nital.tasks.classes.recipe import RECIPES  # noqa: E402

OFF = RECIPES["tiny"].replace(
    turns=False, mirror=False, invert=False, shift_px=0, grey_response=0.0, noise=0.0, zoom=1.0
)


@pytest.fixture
def pictures():
    torch.manual_seed(0)
    pictures = torch.randn(64, 1, 12, 12)
    mean, spread = pictures.mean((2, 3), keepdim=True), pictures.std((2, 3), keepdim=True)
    return (pictures - mean) / spread


def among(changed, allowed):
    """Whether each changed picture is one of the allowed forms of its own, and how many different forms came."""
    found = torch.stack([(changed == form).flatten(1).all(1) for form in allowed])
    return bool(found.any(0).all()), int(found.any(1).sum())


def test_with_everything_off_nothing_changes(pictures):
    assert torch.equal(augment_pictures(pictures, OFF), pictures)


def test_turning_gives_the_four_quarter_turns_and_no_mirror_image(pictures):
    forms = [pictures.rot90(k, (2, 3)) for k in range(4)]
    assert among(augment_pictures(pictures, OFF.replace(turns=True)), forms) == (True, 4)


def test_mirroring_gives_the_picture_or_its_mirror_image(pictures):
    assert among(augment_pictures(pictures, OFF.replace(mirror=True)), [pictures, pictures.flip(3)]) == (True, 2)


def test_inverting_exchanges_dark_and_bright_of_two_levels():
    two = torch.where(torch.randn(64, 1, 8, 8) > 0, 1.5, -0.5)
    assert among(augment_pictures(two, OFF.replace(invert=True, grey="all")), [two, 1.0 - two]) == (True, 2)


def test_inverting_keeps_the_mean_of_pictures_that_were_brought_to_0(pictures):
    assert among(augment_pictures(pictures, OFF.replace(invert=True)), [pictures, -pictures]) == (True, 2)


def test_a_periodic_shift_keeps_every_pixel(pictures):
    changed = augment_pictures(pictures, OFF.replace(shift_px=5, periodic=True))
    assert not torch.equal(changed, pictures)
    np.testing.assert_array_equal(changed.flatten(1).sort(1).values, pictures.flatten(1).sort(1).values)


def test_a_shift_moves_the_picture_and_fills_with_the_darkest(pictures):
    changed = augment_pictures(pictures, OFF.replace(shift_px=1))
    padded = torch.nn.functional.pad(pictures, (1, 1, 1, 1), value=float(pictures.min()))
    forms = [padded[..., i : i + 12, j : j + 12] for i in range(3) for j in range(3)]
    whole, different = among(changed, forms)
    assert whole and different >= 6


def test_magnifying_keeps_the_size(pictures):
    changed = augment_pictures(pictures, OFF.replace(zoom=2.0))
    assert changed.shape == pictures.shape and not torch.equal(changed, pictures)


def test_another_grey_response_keeps_the_mean_at_zero_and_the_order_of_greys(pictures):
    changed = augment_pictures(pictures, OFF.replace(grey_response=0.5))
    assert changed.mean((2, 3)).abs().max() < 1e-5
    spread = changed.std((2, 3))
    assert spread.min() > np.exp(-0.51) and spread.max() < np.exp(0.51)
    ranks = [(p.flatten(1).argsort(1)[:, -20:]).sort(1).values for p in (changed, pictures)]
    assert (ranks[0] == ranks[1]).float().mean() > 0.8


def test_noise_is_as_loud_as_asked_at_most(pictures):
    added = (augment_pictures(pictures, OFF.replace(noise=0.2)) - pictures).std((1, 2, 3))
    assert 0 < added.max() < 0.26


def test_the_same_seed_gives_the_same_pictures(pictures):
    recipe = RECIPES["usual"]
    found = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        found.append(augment_pictures(pictures, recipe))
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


def test_covering_makes_one_square_even_and_leaves_the_rest(pictures):
    changed = augment_pictures(pictures, OFF.replace(cover=0.8))
    covered = (changed == 0)[:, 0]
    assert torch.equal(changed[:, 0][~covered], pictures[:, 0][~covered])
    assert 0.02 < covered.float().mean() < 0.3
    for square in covered[covered.flatten(1).any(1)]:
        rows, cols = (torch.nonzero(square.any(axis)).ravel() for axis in (1, 0))
        assert square[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1].all()
