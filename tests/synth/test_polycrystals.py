"""Structures are what was asked for, and the same ones for the same seed."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nital.core.errors import InputError
from nital.science.stereology import grain_table, intercepts, planimetric
from nital.synth.polycrystals import PARTS_PER_GRAIN, Polycrystal, Structure, grow

KINDS = ("voronoi", "laguerre", "growth")


def grown(structure: Structure, seed: int = 0) -> Polycrystal:
    return grow(structure, np.random.default_rng(seed))


def seeded(n_seeds: int, side: int, **others: float) -> Polycrystal:
    """A square structure by the expected number of its seeds."""
    return grown(Structure(shape=(side, side), grain_diameter_px=side * np.sqrt(4 / np.pi / n_seeds), **others))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31), kind=st.sampled_from(KINDS), twinned=st.sampled_from([0.0, 0.7]),
    merged=st.sampled_from([0.0, 0.4]), elongation=st.floats(1, 4),
)  # fmt: skip
def test_the_same_seed_gives_the_same_structure(seed, kind, twinned, merged, elongation) -> None:
    structure = Structure(
        shape=(40, 50), grain_diameter_px=12, kind=kind, size_spread=0.3, twinned=twinned, merged=merged,
        elongation=elongation, waviness=0.1, lloyd_steps=1, particle_fraction=0.05,
    )  # fmt: skip
    first, second = grown(structure, seed), grown(structure, seed)
    for name in Polycrystal.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_another_seed_gives_another_structure() -> None:
    assert (grown(Structure(), 1).grain != grown(Structure(), 2).grain).any()


def test_structures_are_those_that_the_bundled_model_was_trained_on() -> None:
    # Integers of six kinds of structures: when this changes, the bundled model can no longer be reproduced.
    digest = hashlib.sha256()
    for seed, kind in enumerate(KINDS):
        for twinned in (0.0, 0.6):
            structure = Structure(
                shape=(96, 96), grain_diameter_px=24, kind=kind, size_spread=0.3, twinned=twinned, lloyd_steps=3,
                merged=0.2, waviness=0.1, elongation=1.5, direction_deg=30,
            )  # fmt: skip
            digest.update(grown(structure, seed).part.astype("<i4").tobytes())
    assert digest.hexdigest() == "4b7d3dcd304b8b99fefb82ab6eeb9e9ef1de8d65c790a26b08f5d0b190935e6b"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("extra", [{}, {"waviness": 0.15, "roughness_px": 0.6}, {"merged": 0.4, "elongation": 3.0}])
def test_labels_change_where_the_distance_is_small(kind, extra) -> None:
    crystal = grown(Structure(shape=(200, 200), grain_diameter_px=30, kind=kind, size_spread=0.3, **extra))
    changes = crystal.grain[:, 1:] != crystal.grain[:, :-1]
    nearest = np.minimum(crystal.distance_px[:, 1:], crystal.distance_px[:, :-1])
    assert np.mean(nearest[changes] <= 1) > 0.99
    assert nearest[changes].max() < 4  # beside a triple point the second grain need not be the one across
    assert np.median(nearest[~changes]) > 2


def test_the_neighbour_is_another_grain() -> None:
    crystal = grown(Structure(kind="laguerre", size_spread=0.5, merged=0.3))
    assert (crystal.neighbour != crystal.grain).all()


@pytest.mark.parametrize("lloyd_steps", [0, 1, 3])
def test_there_are_as_many_grains_as_asked(lloyd_steps) -> None:
    crystal = seeded(800, 512, lloyd_steps=lloyd_steps)
    # Random points: the count scatters by its root; 3.5 sigma.
    assert planimetric(crystal.grain).grains_per_px2 * 512**2 == pytest.approx(800, rel=3.5 / np.sqrt(800))


def test_merging_keeps_the_density_of_grains() -> None:
    crystal = seeded(800, 512, merged=0.4)
    assert len(np.unique(crystal.grain)) == pytest.approx(800, rel=0.2)


def test_areas_of_random_seeds_vary_as_theory_says_and_lloyd_makes_them_alike() -> None:
    spread = []
    for steps in (0, 1, 3):
        table = grain_table(seeded(2000, 640, lloyd_steps=steps).grain)
        area = table["area_px"][~table["touches_edge"]]
        spread.append(area.std() / area.mean())
    # Gilbert 1962, doi:10.1214/aoms/1177704464: the variance of the cells is 0.2802 of the squared mean.
    assert spread[0] == pytest.approx(np.sqrt(0.2802), rel=0.06)
    assert spread[0] > 1.3 * spread[1] > 1.3 * spread[2]


def test_boundaries_are_as_thick_as_asked() -> None:
    crystal = grown(Structure(shape=(400, 400), grain_diameter_px=80))
    thin, thick = (crystal.boundaries(width).mean() for width in (2.0, 6.0))
    assert thick / thin == pytest.approx(3, rel=0.08)


def test_columnar_grains_are_as_long_as_asked() -> None:
    columns = {"elongation": 96 / 12, "direction_deg": 90.0, "lloyd_steps": 1}
    crystal = grown(Structure(shape=(512, 512), grain_diameter_px=np.sqrt(12 * 96), **columns))
    across = np.mean(crystal.grain[:, 1:] != crystal.grain[:, :-1])
    along = np.mean(crystal.grain[1:] != crystal.grain[:-1])
    assert across / along == pytest.approx(8, rel=0.15)


def test_fine_and_coarse_grains_stand_side_by_side() -> None:
    shares = []
    for ratio in (1.0, 0.25):
        table = grain_table(seeded(300, 400, fine_ratio=ratio).grain)
        area = table["area_px"]
        shares.append(area[area < 400**2 / 300 / 4].sum() / 400**2)
    assert shares[0] < 0.1  # one population: few pixels lie in grains of a quarter of the mean
    assert 0.25 < shares[1] < 0.75  # two: about half of them do


def test_twins_cut_grains_into_parts_and_change_no_grain() -> None:
    plain = grown(Structure(grain_diameter_px=60))
    twinned = grown(Structure(grain_diameter_px=60, twinned=0.8))
    np.testing.assert_array_equal(plain.grain, twinned.grain)
    np.testing.assert_array_equal(twinned.part // PARTS_PER_GRAIN, twinned.grain)
    assert 0.03 < twinned.in_twin.mean() < 0.6
    assert not plain.in_twin.any()
    inside = twinned.grain[:, 1:] == twinned.grain[:, :-1]
    cut = inside & (twinned.part[:, 1:] != twinned.part[:, :-1])
    nearest = np.minimum(twinned.twin_distance_px[:, 1:], twinned.twin_distance_px[:, :-1])
    assert cut.any()
    assert nearest[cut].max() <= 1


@pytest.mark.parametrize("fraction", [0.02, 0.1, 0.4])
def test_particles_fill_the_asked_fraction_and_end_no_boundary(fraction) -> None:
    crystal = grown(Structure(shape=(512, 512), particle_fraction=fraction))
    without = grown(Structure(shape=(512, 512)))
    assert crystal.particle.mean() == pytest.approx(fraction, rel=0.12)
    np.testing.assert_array_equal(crystal.grain, without.grain)
    np.testing.assert_array_equal(crystal.distance_px, without.distance_px)


def test_grain_size_follows_the_diameter() -> None:
    small = intercepts(seeded(1600, 512).grain).mean_intercept_px
    large = intercepts(seeded(400, 512).grain).mean_intercept_px
    assert large == pytest.approx(2 * small, rel=0.06)
    # Voronoi: mean intercept (pi/4) / sqrt(density), Meijering 1953.
    assert small == pytest.approx(np.pi / 4 * np.sqrt(512**2 / 1600), rel=0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shape": (4, 100)}, {"grain_diameter_px": 2}, {"elongation": 0.5}, {"fine_ratio": 0}, {"merged": 0.9},
        {"particle_fraction": 0.6}, {"particle_px": 0},
    ],
)  # fmt: skip
def test_what_cannot_be_grown_is_refused(wrong) -> None:
    with pytest.raises(InputError):
        Structure(**wrong)
