"""Images with one marked object: same seed, same bytes; the grey alone says nothing."""

import numpy as np
import pytest
from marked_objects import OBJECT_PX, OBJECTS, marked_images

from nital.core.errors import InputError


def test_the_same_seed_gives_the_same_bytes():
    one, two = (marked_images(8, np.random.default_rng(5)) for _ in range(2))
    assert one.image.tobytes() == two.image.tobytes() and one.mask.tobytes() == two.mask.tobytes()
    assert one.image.tobytes() != marked_images(8, np.random.default_rng(6)).image.tobytes()


def test_each_object_fills_one_square_inside_the_image_and_none_has_none():
    images = marked_images(40, np.random.default_rng(0), side_px=40)
    areas = images.mask.sum((1, 2))
    np.testing.assert_array_equal(areas, np.where(images.kind > 0, OBJECT_PX**2, 0))
    assert np.bincount(images.kind).tolist() == [10] * len(OBJECTS)


def test_mean_and_spread_are_the_same_for_every_image():
    images = marked_images(12, np.random.default_rng(0)).image
    np.testing.assert_allclose(images.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(images.std((1, 2)), 1, atol=1e-5)


def test_the_object_alone_tells_an_image_from_its_texture():
    bare, marked = (marked_images(4, np.random.default_rng(2), contrast=contrast) for contrast in (0.0, 3.0))
    inside = marked.mask
    assert np.abs(marked.image - bare.image)[inside].mean() > 2 * np.abs(marked.image - bare.image)[~inside].mean()


def test_images_without_room_for_the_object_are_refused():
    with pytest.raises(InputError, match="too small"):
        marked_images(1, np.random.default_rng(0), side_px=20)
