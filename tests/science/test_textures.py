"""Texture features: what they must not see (turning, mirroring, contrast) and what they must see."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import gaussian_filter
from skimage.feature import local_binary_pattern

from nital.core.errors import InputError
from nital.science.textures import TEXTURE_NAMES, _patterns, texture_features

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=16, max_side=40)
BLIND_TO_CONTRAST = ("lbp_", "glcm_", "power_", "coherence", "grey_skewness", "grey_kurtosis")


def named(image):
    return dict(zip(TEXTURE_NAMES, texture_features(image).tolist(), strict=True))


def noise(seed, shape=(64, 64), coarseness_px=0.0):
    field = np.random.default_rng(seed).normal(size=shape)
    return gaussian_filter(field, coarseness_px, mode="wrap") if coarseness_px else field


def checkerboard(side=32):
    return (np.indices((side, side)).sum(0) % 2 * 255).astype(np.uint8)


def lamellae(period_px=8, angle_deg=30.0, side=64):
    y, x = np.indices((side, side))
    angle = np.radians(angle_deg)
    return 0.5 + 0.5 * np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period_px)


def test_names_are_unique_and_as_many_as_values():
    values = texture_features(noise(0))
    assert len(set(TEXTURE_NAMES)) == len(TEXTURE_NAMES) == 65
    assert values.shape == (65,) and values.dtype == np.float64


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), SHAPES, st.sampled_from([0.0, 1.0, 3.0]), st.sampled_from([2, 5, 256]))
def test_quarter_turns_and_mirroring_change_nothing_but_rounding(seed, shape, coarseness_px, greys):
    field = noise(seed, shape, coarseness_px)
    image = np.floor((field - field.min()) / np.ptp(field) * (greys - 1e-6)).astype(np.uint8)
    expected = texture_features(image)
    for other in (np.rot90(image), np.rot90(image, 2), image[::-1], image[:, ::-1], image.T):
        np.testing.assert_allclose(texture_features(other), expected, rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=100)
@given(
    arrays(np.uint8, SHAPES)
    | arrays(np.float64, SHAPES, elements=st.floats(-1e300, 1e300))
    | arrays(np.float32, SHAPES, elements=st.floats(0, 1, width=32))
)
def test_every_allowed_picture_has_finite_features(image):
    values = named(image)
    assert np.isfinite(list(values.values())).all()
    assert 0 <= values["coherence"] <= 1 + 1e-12 and 1 - 1e-12 <= values["power_anisotropy"] <= 8 + 1e-12


@pytest.mark.parametrize("grey", [0.0, 0.1, 1.0, -3.7, 5e-324, 1e300])
def test_a_picture_of_one_grey_has_finite_features_and_no_direction(grey):
    values = named(np.full((20, 33), grey))
    assert np.isfinite(list(values.values())).all()
    assert (values["grey_mean"], values["grey_std"], values["coherence"]) == (grey, 0, 0)
    assert (values["power_anisotropy"], values["glcm_correlation_1px"], values["lbp_r1_8"]) == (1, 1, 1)


def test_rounding_around_one_grey_is_no_texture():
    image = np.full((32, 32), 0.3)
    image[::2] = np.nextafter(0.3, 1)
    np.testing.assert_allclose(texture_features(image), texture_features(np.full((32, 32), 0.3)), atol=1e-12)


def test_uint8_and_the_same_greys_from_0_to_1_have_the_same_features():
    image = np.random.default_rng(1).integers(0, 256, (40, 50)).astype(np.uint8)
    assert texture_features(image) == pytest.approx(texture_features(image / 255.0), rel=1e-12)


def test_brightness_and_contrast_are_seen_by_greys_and_gradient_alone():
    # Powers of two, so that the stretched pictures agree to the last bit and no grey crosses a level.
    image = np.random.default_rng(2).integers(0, 256, (40, 50)) / 256
    plain, brighter = named(image), named(4 * image + 2)
    for name in TEXTURE_NAMES:
        if name.startswith(BLIND_TO_CONTRAST):
            assert brighter[name] == pytest.approx(plain[name], rel=1e-9)
    assert brighter["grey_mean"] == pytest.approx(4 * plain["grey_mean"] + 2)
    assert brighter["grey_std"] == pytest.approx(4 * plain["grey_std"])
    assert brighter["gradient_mean"] == pytest.approx(4 * plain["gradient_mean"])


def test_histograms_and_rings_are_shares_of_one():
    values = named(noise(3))
    for start in ("lbp_r1_", "lbp_r3_"):
        assert sum(v for k, v in values.items() if k.startswith(start)) == pytest.approx(1)
    assert sum(v for k, v in values.items() if k.startswith("power_") and k.endswith("px")) == pytest.approx(1)


def test_patterns_are_those_of_scikit_image_where_no_greys_are_equal():
    image = np.random.default_rng(7).permutation(256).reshape(16, 16).astype(np.uint8)
    ours = iter(_patterns(image / 255.0))
    for radius, points in ((1, 8), (3, 16)):
        codes = local_binary_pattern(image, points, radius, method="uniform")[radius:-radius, radius:-radius]
        shares = np.bincount(codes.astype(int).ravel(), minlength=points + 2) / codes.size
        assert [next(ours) for _ in shares] == pytest.approx(shares.tolist())


@pytest.mark.parametrize("angle_deg", [0, 22.5, 45, 73, 90, 150])
def test_lamellae_have_one_direction_and_noise_has_none(angle_deg):
    one_way, no_way = named(lamellae(angle_deg=angle_deg)), named(noise(4))
    assert one_way["coherence"] > 0.95 and no_way["coherence"] < 0.1
    # A direction between two sectors shares its power between them.
    assert one_way["power_anisotropy"] > 4 and no_way["power_anisotropy"] < 1.5


def test_the_power_of_lamellae_lies_in_the_ring_of_their_period():
    values = named(lamellae(period_px=12, angle_deg=30))
    assert values["power_16_to_9.51px"] > 0.95


def test_coarse_noise_has_its_power_in_coarser_rings_than_fine_noise():
    rings = [name for name in TEXTURE_NAMES if name.startswith("power_") and name.endswith("px")]
    centres = []
    for coarseness_px in (4.0, 2.0, 1.0, 0.0):
        values = named(noise(5, (128, 128), coarseness_px))
        centres.append(sum(k * values[name] for k, name in enumerate(rings)))
    assert centres == sorted(centres) and centres[0] + 2 < centres[-1]


def test_a_checkerboard_has_the_numbers_counted_by_hand():
    # At 1 px: neighbours in rows and columns are always 15 levels apart, diagonal ones never: (2 * 15^2 + 2 * 0) / 4.
    # Homogeneity 1 / (1 + 15^2) and 1; correlation -1 and 1; two equal entries of 1/2 have the energy sqrt(1/2).
    values = named(checkerboard())
    assert values["glcm_contrast_1px"] == 112.5
    assert values["glcm_homogeneity_1px"] == pytest.approx((1 / 226 + 1) / 2)
    assert values["glcm_correlation_1px"] == pytest.approx(0, abs=1e-12)
    assert (values["grey_mean"], values["grey_std"], values["grey_kurtosis"]) == (0.5, 0.5, -2)
    # Every point around a dark pixel is brighter, every one around a bright pixel darker: the diagonal points lie
    # between pixels and are mixed with those in rows and columns.
    assert (values["lbp_r1_8"], values["lbp_r1_0"]) == (0.5, 0.5)


def test_a_ramp_has_the_gradient_of_its_slope():
    values = named(np.tile(np.linspace(0, 31 * 0.02, 32), (20, 1)))
    assert values["gradient_mean"] == pytest.approx(0.02)
    assert values["gradient_std"] == pytest.approx(0, abs=1e-12)
    assert values["coherence"] == pytest.approx(1)


def test_a_few_bright_pixels_have_the_moments_of_their_share():
    # Share p = 1/16 of ones: skewness (1 - 2p) / sqrt(p (1 - p)), excess kurtosis (1 - 6p (1 - p)) / (p (1 - p)).
    image = np.zeros((16, 16))
    image[::4, ::4] = 1
    values, variance = named(image), 1 / 16 * 15 / 16
    assert values["grey_skewness"] == pytest.approx((1 - 2 / 16) / variance**0.5)
    assert values["grey_kurtosis"] == pytest.approx((1 - 6 * variance) / variance)


@pytest.mark.parametrize("shape", [(15, 64), (64, 15), (64,), (64, 64, 3), (0, 0), (1, 64, 64)])
def test_pictures_of_a_wrong_shape_are_named(shape):
    with pytest.raises(InputError, match=str(shape).replace("(", r"\(").replace(")", r"\)")):
        texture_features(np.zeros(shape))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_greys_that_are_not_finite_are_named_with_the_shape(bad):
    image = np.zeros((20, 30))
    image[3, 4] = bad
    with pytest.raises(InputError, match=r"\(20, 30\).*not finite"):
        texture_features(image)


@pytest.mark.parametrize("kind", [np.bool_, np.uint16, np.int64, np.complex128])
def test_other_types_of_greys_are_named(kind):
    with pytest.raises(InputError, match=rf"\(20, 30\).*{np.dtype(kind)}"):
        texture_features(np.zeros((20, 30), kind))


def test_the_picture_is_left_as_it_was():
    image = noise(6)
    before = image.copy()
    texture_features(image)
    np.testing.assert_array_equal(image, before)


def test_importing_the_module_loads_neither_scipy_nor_scikit_image():
    code = "import sys, nital.science.textures; print(sorted({'scipy', 'skimage'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
