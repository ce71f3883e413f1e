"""Textures that fill a constituent."""

import numpy as np
import pytest

pytest.importorskip("numba")

from nital.synth.phase_layout import highest
from nital.synth.phase_textures import (
    fine_particles,
    lamellae,
    laths,
    log_uniform,
    plain_texture,
    ring_noise,
    some_area,
    spots,
    streaks,
)

SHAPE = (128, 160)
ONE = np.ones(SHAPE, np.int32)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: lamellae(rng, ONE, 6.0),
        lambda rng: laths(rng, ONE, 4.0),
        lambda rng: fine_particles(rng, SHAPE),
        lambda rng: spots(rng, SHAPE, 4.0, 0.2),
        lambda rng: ring_noise(rng, SHAPE, 8.0, 0.2),
        lambda rng: streaks(rng, SHAPE, 0.5, 2.0, 30.0),
        lambda rng: plain_texture(rng, SHAPE),
    ],
)
def test_a_texture_has_mean_0_and_spread_1(draw):
    for seed in range(6):
        texture = draw(np.random.default_rng(seed))
        assert texture.shape == SHAPE and texture.dtype == np.float32
        assert abs(texture.mean()) < 0.25
        assert 0.7 < texture.std() < 1.4


def test_ring_noise_has_its_wavelength_and_lines_up_when_cubic():
    noise = ring_noise(np.random.default_rng(1), (256, 256), 16.0, 0.1, cubic=4.0, angle=0.0)
    power = np.abs(np.fft.fft2(noise)) ** 2
    rows, cols = np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256), indexing="ij")
    assert (power * np.hypot(rows, cols)).sum() / power.sum() == pytest.approx(1 / 16, rel=0.05)
    along = np.minimum(abs(rows), abs(cols)) < 0.4 * np.maximum(abs(rows), abs(cols))
    assert power[along].sum() / power.sum() > 0.9


def test_streaks_are_long_along_their_angle():
    noise = streaks(np.random.default_rng(2), (200, 200), 0.0, 2.0, 40.0)
    along = (noise[:, :-8] * noise[:, 8:]).mean()
    across = (noise[:-8] * noise[8:]).mean()
    assert along > 0.5 > 0.2 > abs(across)


def test_the_highest_pixels_are_as_many_as_the_fraction_says():
    score = np.random.default_rng(3).random((50, 60))
    chosen = highest(score, 0.3)
    assert chosen.sum() == 900
    assert score[chosen].min() > score[~chosen].max()


def test_drawn_numbers_stay_in_their_bounds():
    rng = np.random.default_rng(4)
    areas, sizes = [some_area(rng, 0.04, 0.49) for _ in range(500)], [log_uniform(rng, 2, 32) for _ in range(500)]
    assert min(areas) >= 0.04 and max(areas) <= 0.49
    assert np.median(areas) == pytest.approx(0.45**2, rel=0.1)
    assert min(sizes) >= 2 and max(sizes) <= 32
    assert np.median(sizes) == pytest.approx(8, rel=0.15)
