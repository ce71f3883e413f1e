"""Pictures show what the structure says, and the same bytes for the same seed."""

import numpy as np
import pytest

from nital.synth.micrographs import Appearance, photograph
from nital.synth.noise import smooth_noise
from nital.synth.polycrystals import Structure, grow
from nital.synth.random_micrographs import BOUNDARY, TWIN, labelled_micrograph
from nital.synth.variety import PLAIN, Variety

CRYSTAL = grow(Structure(shape=(120, 160), grain_diameter_px=40), np.random.default_rng(0))


def pictured(**look) -> np.ndarray:
    return photograph(CRYSTAL, Appearance(**look), np.random.default_rng(1)).astype(float)


def test_without_any_ingredient_only_lines_are_seen() -> None:
    image = pictured(base=0.8, line_depth=-0.5, line_px=3)
    assert set(np.unique(image[CRYSTAL.distance_px > 2.2])) == {204}
    assert set(np.unique(image[CRYSTAL.distance_px < 0.8])) == {77}  # 255 (0.8 - 0.5), rounded


def test_bright_lines_are_brighter_than_grains() -> None:
    image = pictured(base=0.3, line_depth=0.4)
    assert image[CRYSTAL.distance_px < 0.5].mean() > image[CRYSTAL.distance_px > 3].mean() + 90


def test_without_lines_grains_differ_by_tone() -> None:
    image = pictured(base=0.5, line_depth=0.0, tone_spread=0.1)
    greys = [np.unique(image[CRYSTAL.grain == grain]) for grain in np.unique(CRYSTAL.grain)]
    assert all(len(grey) == 1 for grey in greys)
    assert len(np.unique(np.concatenate(greys))) > 5


def test_faint_facets_keep_part_of_their_depth_along_their_whole_length() -> None:
    image = pictured(base=0.8, line_depth=-0.5, line_px=3, faint=0.5, faint_depth=0.2)
    on_line = CRYSTAL.distance_px < 0.8
    assert set(np.unique(image[on_line])) == {77, 179}
    pairs = np.stack([CRYSTAL.grain, CRYSTAL.neighbour], -1)[on_line]
    facets = np.unique(np.sort(pairs, 1), axis=0, return_inverse=True)[1].ravel()
    assert all(len(np.unique(image[on_line][facets == facet])) == 1 for facet in range(facets.max() + 1))


def test_inverting_turns_dark_lines_bright() -> None:
    plain, inverted = pictured(), pictured(invert=True)
    assert np.abs(plain + inverted - 255).max() <= 1


@pytest.mark.parametrize(
    "ingredient",
    [
        {"gap_level": 0.0}, {"halo": 0.2}, {"relief": 0.3}, {"core_noise": 0.4}, {"bead": 0.8}, {"line_spread": 0.5},
        {"slope": 0.1}, {"attacked": 0.9}, {"hatched": 0.9}, {"dark_phase": 0.5}, {"pits": 40}, {"colonies": 8},
        {"scratches": 6}, {"stains": 0.3}, {"shading": 0.3}, {"blur_px": 1.5}, {"sharpen": 1.0, "blur_px": 1.0},
        {"gamma": 1.5}, {"noise_shot": 0.1}, {"noise_white": 0.1}, {"noise_smooth": 0.1}, {"noise_lines": 0.1},
        {"gain": 1.4}, {"offset": 0.1}, {"jpeg_quality": 30},
    ],
    ids=lambda ingredient: next(iter(ingredient)),
)  # fmt: skip
def test_every_ingredient_shows_and_leaves_the_truth_alone(ingredient) -> None:
    before = CRYSTAL.distance_px.copy()
    assert (pictured(**ingredient) != pictured()).any()
    np.testing.assert_array_equal(CRYSTAL.distance_px, before)
    np.testing.assert_array_equal(pictured(**ingredient), pictured(**ingredient))


def test_particles_have_their_grey_in_the_picture() -> None:
    crystal = grow(Structure(shape=(160, 160), particle_fraction=0.1, particle_px=10), np.random.default_rng(0))
    image = photograph(crystal, Appearance(particle_grey=0.1, line_depth=-0.3), np.random.default_rng(1))
    off_line = crystal.distance_px > 3
    assert np.median(image[crystal.particle & off_line]) < 40
    assert np.median(image[~crystal.particle & off_line]) == 204


def test_smooth_noise_has_unit_spread_and_its_wavelength() -> None:
    noise = smooth_noise(np.random.default_rng(0), (600, 600), 12.0)
    assert noise.std() == pytest.approx(1, rel=0.06)
    assert np.corrcoef(noise[:, :-3].ravel(), noise[:, 3:].ravel())[0, 1] > 0.8
    assert abs(np.corrcoef(noise[:, :-60].ravel(), noise[:, 60:].ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("variety", [Variety(), PLAIN], ids=["all", "plain"])
def test_the_same_seed_gives_the_same_bytes(variety) -> None:
    for seed in range(6):
        first, second = (labelled_micrograph(seed, (64, 80), variety) for _ in range(2))
        assert first[0].tobytes() == second[0].tobytes()
        assert first[1].tobytes() == second[1].tobytes()
        assert first[0].shape == first[1].shape == (64, 80)
        assert first[0].dtype == first[1].dtype == np.uint8


def test_the_truth_is_read_from_the_structure() -> None:
    twins = 0
    for seed in range(12):
        _, truth, crystal = labelled_micrograph(seed, (96, 96), Variety(grain_px=(30, 60)))
        np.testing.assert_array_equal(truth == BOUNDARY, crystal.distance_px <= 1.3)
        np.testing.assert_array_equal(truth == TWIN, (crystal.twin_distance_px <= 1.3) & (crystal.distance_px > 1.3))
        twins += (truth == TWIN).any()
    assert twins >= 3


def test_plain_pictures_are_dark_lines_on_one_grey_as_in_the_lectures() -> None:
    for seed in range(6):
        image, truth, crystal = labelled_micrograph(seed, (96, 96), PLAIN)
        assert not (truth == TWIN).any()
        far, near = image[crystal.distance_px > 12], image[crystal.distance_px < 0.4]
        assert far.size == 0 or near.max() < far.min()
