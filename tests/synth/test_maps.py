"""Synthetic maps and their gaps."""

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.synth.map_fields import gaussian_field
from nital.synth.map_gaps import GAPS, draw_gaps
from nital.synth.map_kinds import MAP_KINDS, draw_map, stationary


def test_a_field_has_the_variance_and_the_correlation_that_it_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    fields = np.stack([
        gaussian_field((48, 40), lambda squared: stationary("rough", 4.0, squared), rng) for _ in range(300)
    ])  # fmt: skip
    assert fields.shape[1:] == (48, 40)
    assert (fields**2).mean() == pytest.approx(1, abs=0.04)
    for step in (1, 3, 8):
        assert (fields[:, step:] * fields[:, :-step]).mean() == pytest.approx(np.exp(-step / 4), abs=0.04)


@pytest.mark.parametrize("kind", MAP_KINDS)
def test_maps_are_finite_vary_and_follow_from_their_seed(kind: str) -> None:
    for seed in range(5):
        one, same = (draw_map(kind, (40, 56), np.random.default_rng(seed)) for _ in range(2))
        assert one.shape == (40, 56) and np.isfinite(one).all() and one.std() > 0
        assert (one == same).all()


@pytest.mark.parametrize("pattern", GAPS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.8])
def test_gaps_are_as_many_as_asked_for(pattern: str, share: float) -> None:
    for shape in ((50, 50), (33, 70)):
        for seed in range(4):
            assert draw_gaps(pattern, shape, share, np.random.default_rng(seed)).sum() == round(share * np.prod(shape))


def test_lines_are_lines() -> None:
    missing = draw_gaps("lines", (50, 70), 0.3, np.random.default_rng(0))
    rows = missing.mean(1)
    assert ((rows == 0) | (rows == 1)).sum() >= 49


def test_a_share_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="none or all"):
        draw_gaps("random", (5, 5), 0.999, np.random.default_rng(0))
