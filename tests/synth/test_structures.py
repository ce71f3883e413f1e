"""Synthetic microstructures of named kinds."""

import numpy as np
import pytest

pytest.importorskip("numba")

from nital.synth.structures import KINDS, draw_structure


@pytest.mark.parametrize("kind", KINDS)
def test_a_structure_is_the_same_for_the_same_seed_and_shows_something(kind):
    one, same, other = (draw_structure(kind, np.random.default_rng(seed), (48, 64)) for seed in (1, 1, 2))
    assert one.shape == (48, 64) and one.dtype == np.uint8
    np.testing.assert_array_equal(one, same)
    assert (one != other).mean() > 0.5
    assert one.std() > 5
