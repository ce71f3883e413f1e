"""Data bars and empty margins are left out; grains, however large and smooth, are not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from nital.io.micrographs import open_micrograph
from nital.io.micrographs.scale_bar import specimen_mask


def texture(seed=0, shape=(300, 400), level=150, contrast=35):
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.normal(size=shape), 3)
    return np.clip(level + contrast * field / field.std() + rng.normal(0, 5, shape), 0, 255).astype(np.uint8)


def with_banner(paper, ink, rows=40, top=False, quality=None):
    image = Image.fromarray(texture())
    draw = ImageDraw.Draw(image)
    first = 0 if top else 300 - rows
    draw.rectangle([0, first, 400, first + rows - 1], fill=paper)
    draw.text((12, first + 8), "15.0 kV   x5000   SE   WD 8.5 mm", font=ImageFont.load_default(18), fill=ink)
    return np.asarray(image)


@pytest.mark.parametrize(("paper", "ink"), [(0, 255), (255, 0), (0, 200), (210, 20)])
@pytest.mark.parametrize("top", [False, True])
def test_data_bars_are_left_out_to_the_row(paper, ink, top):
    mask = specimen_mask(with_banner(paper, ink, top=top))
    assert mask is not None
    expected = np.ones((300, 400), bool)
    expected[slice(0, 40) if top else slice(260, 300)] = False
    assert np.abs(mask.sum(axis=1)[:, None] - expected.sum(axis=1)[:, None]).astype(bool).sum() <= 2


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("level", [10, 45, 250])
def test_a_smooth_margin_along_one_side_is_left_out(side, level):
    rng = np.random.default_rng(side)
    image = np.rot90(texture(), -side).copy()
    depth = 60 + np.rint(4 * np.sin(np.arange(image.shape[1]) / 30)).astype(int)
    inside = np.arange(image.shape[0])[:, None] >= depth
    image = np.where(inside, image, np.clip(level + rng.normal(0, 2, image.shape), 0, 255)).astype(np.uint8)
    image[20:26, 50:56] = 90  # dust
    mask = specimen_mask(np.rot90(image, side))
    assert mask is not None
    assert (np.rot90(mask, -side) != inside).mean(axis=1).sum() <= 6


def test_two_margins_at_once_are_left_out():
    image = texture()
    image[:70] = 40 + np.random.default_rng(1).integers(-3, 4, (70, 400))
    image[250:] = 42 + np.random.default_rng(2).integers(-3, 4, (50, 400))
    mask = specimen_mask(image)
    assert mask is not None
    assert not mask[:66].any() and mask[75:245].all() and not mask[255:].any()


@pytest.mark.parametrize("seed", range(5))
def test_all_specimen_gives_no_mask(seed):
    assert specimen_mask(texture(seed)) is None


@pytest.mark.parametrize("level", [0, 20, 255])
def test_a_large_smooth_grain_at_the_frame_is_specimen(level):
    image = texture()
    image[:120, :300] = level
    image[200:, 250:] = level
    assert specimen_mask(image) is None


def test_a_smooth_grain_along_a_whole_side_is_specimen_when_its_grey_is_usual():
    image = texture()
    image[:80] = 150
    assert specimen_mask(image) is None


def test_white_grains_with_thin_boundaries_are_specimen():
    image = np.full((300, 400), 255, np.uint8)
    image[::37] = 20
    image[:, ::41] = 20
    assert specimen_mask(image) is None


def test_the_round_field_of_an_eyepiece_is_found():
    rows, columns = np.mgrid[:300, :400]
    field = np.hypot(rows - 150, columns - 200) < 190
    mask = specimen_mask(np.where(field, np.maximum(texture(), 5), 0).astype(np.uint8))
    assert mask is not None
    assert (mask != field).mean() < 0.005


def test_known_boxes_are_left_out_and_other_types_work():
    for image in (texture(), texture().astype(np.uint16) * 200, texture().astype(np.float32) / 7):
        mask = specimen_mask(image, boxes=[(10, 20, 30, 60)])
        assert mask is not None
        assert not mask[10:20, 30:60].any() and mask.sum() == mask.size - 300


def test_the_brass_sheet_is_found_between_its_margins(real_data):
    micrograph = open_micrograph(real_data / "grains_brass_c2600" / "images" / "C2600x200.jpg")
    valid = micrograph.valid
    assert valid is not None
    # Edges of the sheet, read by eye in the picture: row 379 to 386 above, 1590 to 1601 below.
    for column in (200, 900, 1500, 2100):
        assert 376 <= valid[:, column].argmax() <= 390
        assert 1586 <= valid.shape[0] - valid[::-1, column].argmax() <= 1604
    assert valid[440:1575].all()  # a stain eats into the upper edge at the right
    assert not valid[:360].any() and not valid[1620:].any()
