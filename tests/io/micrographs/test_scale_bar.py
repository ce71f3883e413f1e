"""Scale bars of many styles: found, measured, and read only where that is certain."""

import functools
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy.spatial import cKDTree

from nital.io.micrographs import open_micrograph
from nital.io.micrographs.scale_bar import find_scale_bar
from nital.io.micrographs.scale_bar.glyphs import read_label

FONTS = Path(matplotlib.__file__).parent / "mpl-data" / "fonts" / "ttf"
SANS, BOLD, FOREIGN = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf", FONTS / "STIXGeneralBol.ttf"


@functools.cache
def specimen(seed, shape=(480, 640)):
    """Grains of flat grey with dark boundaries and noise."""
    rng = np.random.default_rng(seed)
    points = np.stack(np.mgrid[: shape[0], : shape[1]], axis=-1)
    distance, nearest = cKDTree(rng.uniform(0, 1, (60, 2)) * shape).query(points, k=2)
    image = rng.uniform(90, 190, 60)[nearest[..., 0]]
    image[distance[..., 1] - distance[..., 0] < 2] = 40
    return np.clip(image + rng.normal(0, 6, shape), 0, 255).astype(np.uint8)


def drawn(
    text, *, length=160, thickness=5, size=22, colour=(255, 255, 255), style="overlay", ticks=0, font=SANS, seed=0
):
    image = Image.fromarray(np.repeat(specimen(seed)[..., None], 3, axis=2))
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(str(font), size)
    x, y = 300, 430
    width = draw.textlength(text, font=face)
    if style == "banner":
        draw.rectangle([0, 400, 640, 480], fill=(0, 0, 0))
    if style == "box":
        draw.rectangle([x - 12, y - 40, x + length + 12, y + thickness + 12], fill=tuple(255 - c for c in colour))
    draw.rectangle([x, y, x + length - 1, y + thickness - 1], fill=colour)
    if ticks:
        for left in (x, x + length - ticks):
            draw.rectangle([left, y - 6, left + ticks - 1, y + thickness + 5], fill=colour)
    draw.text((x + (length - width) / 2, y - 10), text, font=face, fill=colour, anchor="ls")
    return np.asarray(image), length - ticks


@pytest.mark.parametrize("style", ["overlay", "banner", "box"])
@pytest.mark.parametrize(
    ("text", "um"),
    [("200 µm", 200), ("50nm", 0.05), ("10 um", 10), ("0.5 mm", 500), ("1µm", 1), ("2.5 µm", 2.5), ("400 nm", 0.4)],
)
def test_bars_are_read_in_every_style(style, text, um):
    colour = (0, 0, 0) if style == "box" else (255, 255, 255)
    picture, length = drawn(text, style=style, colour=colour)
    bar = find_scale_bar(picture)
    assert bar is not None and bar.pixel_size_um == pytest.approx(um / length, rel=0.01)
    assert bar.length_px == pytest.approx(length, rel=0.005)


@pytest.mark.parametrize("colour", [(255, 203, 0), (255, 0, 0), (0, 255, 0), (0, 0, 0)])
def test_coloured_bars_with_ticks_are_measured_between_the_middles_of_the_ticks(colour):
    picture, length = drawn("100 µm", colour=colour, ticks=4, thickness=6, style="overlay" if max(colour) else "box")
    bar = find_scale_bar(picture)
    assert bar is not None and bar.length_px == pytest.approx(length, rel=0.005)
    assert bar.pixel_size_um == pytest.approx(100 / length, rel=0.005)


def test_a_fraction_of_a_pixel_is_measured():
    big, _ = drawn("20 µm", length=320, thickness=12, size=44)
    small = np.asarray(Image.fromarray(big).resize((497, 373), Image.Resampling.BOX))
    bar = find_scale_bar(small)
    assert bar is not None and bar.length_px == pytest.approx(320 * 497 / 640, abs=0.5)


def test_the_box_covers_bar_and_label():
    picture, _ = drawn("200 µm")
    bar = find_scale_bar(picture)
    assert bar is not None
    first, end, left, right = bar.box
    clean, _ = drawn("", length=1, thickness=1, size=8)
    changed = np.argwhere((picture != clean).any(axis=2))
    assert (changed.min(axis=0) >= (first, left)).all() and (changed.max(axis=0) < (end, right)).all()


@pytest.mark.parametrize("text", ["47.2 µm", "HFW", "20 kV", "WD 8 mm", "8.5", "µm", "123 nm"])
def test_other_print_is_never_taken_for_a_length(text):
    bar = find_scale_bar(drawn(text)[0])
    assert bar is None or bar.pixel_size_um is None


def test_an_unreadable_number_is_asked_for_and_may_be_given(tmp_path):
    picture, length = drawn("37.25 µm")
    Image.fromarray(picture).save(tmp_path / "a.png")
    micrograph = open_micrograph(tmp_path / "a.png")
    assert not micrograph.calibration.known
    assert any(f"scale bar of {length} px" in note and "`scale_bar_um`" in note for note in micrograph.warnings)
    given = open_micrograph(tmp_path / "a.png", scale_bar_um=37.25)
    assert given.calibration.pixel_size_um == pytest.approx(37.25 / length, rel=0.005)
    assert given.calibration.source == "scale_bar" and not given.warnings


def test_a_readable_bar_calibrates_and_is_no_specimen(tmp_path):
    picture, length = drawn("200 µm", style="banner")
    Image.fromarray(picture).save(tmp_path / "a.png")
    micrograph = open_micrograph(tmp_path / "a.png")
    assert micrograph.calibration.source == "scale_bar"
    assert micrograph.calibration.pixel_size_um == pytest.approx(200 / length, rel=0.005)
    assert micrograph.valid is not None
    assert micrograph.valid[:390].all() and not micrograph.valid[400:].any()
    unread = open_micrograph(tmp_path / "a.png", read_scale_bar=False)
    assert not unread.calibration.known and unread.scale_bar is None


def test_16_bit_and_grey_pictures_are_searched_too():
    picture, length = drawn("200 µm")
    for image in (picture[..., 0], picture[..., 0].astype(np.uint16) * 257, picture[..., 0].astype(np.float32) / 255):
        bar = find_scale_bar(image)
        assert bar is not None and bar.pixel_size_um == pytest.approx(200 / length, rel=0.005)


@pytest.mark.parametrize("seed", range(6))
def test_a_specimen_without_bar_has_none(seed):
    assert find_scale_bar(specimen(seed)) is None


@pytest.mark.parametrize("seed", range(40))
def test_randomised_bars_are_never_read_wrong(seed):
    rng = np.random.default_rng(seed)
    value = rng.choice(
        ["1", "2", "5", "10", "20", "25", "50", "100", "200", "500", "0.5", "2.5", "30", "4", "3", "60", "80"]
    )
    unit, factor = [("nm", 1e-3), ("µm", 1.0), ("um", 1.0), ("mm", 1e3)][rng.integers(4)]
    style = ["overlay", "banner", "box"][rng.integers(3)]
    colour = (0, 0, 0) if style == "box" else (255, 255, 255)
    picture, length = drawn(
        f"{value}{' ' * int(rng.integers(2))}{unit}",
        length=int(rng.integers(60, 260)), thickness=int(rng.integers(2, 9)),
        size=int(rng.integers(13, 28)), style=style, colour=colour, ticks=int(rng.integers(2)) * 2,
        font=[SANS, BOLD, FOREIGN][rng.integers(3)], seed=seed,
    )  # fmt: skip
    bar = find_scale_bar(picture)
    if bar is not None and bar.pixel_size_um is not None:
        assert bar.pixel_size_um == pytest.approx(float(value) * factor / length, rel=0.02)


def test_most_labels_of_another_font_are_read():
    read = 0
    texts = ["1 um", "2um", "5 um", "10 nm", "20 mm", "50um", "100 nm", "200 um", "500 nm", "300um"]
    for text in texts:
        face = ImageFont.load_default(24)  # Pillow's own font took no part in making the templates
        image = Image.new("L", (260, 60), 0)
        ImageDraw.Draw(image).text((10, 40), text, font=face, fill=255, anchor="ls")
        top, bottom = (40 + face.getbbox(text[0], anchor="ls")[side] for side in (1, 3))
        label = read_label(np.asarray(image) / 255, top, bottom)
        if label is not None and label.sure:
            assert label.text == text.replace(" ", "").replace("u", "µ")
            read += 1
    assert read >= 0.8 * len(texts)


def test_the_brass_picture_gives_its_known_scale(real_data):
    micrograph = open_micrograph(real_data / "grains_brass_c2600" / "images" / "C2600x200.jpg")
    assert micrograph.calibration.source == "scale_bar"
    assert 1 / micrograph.calibration.pixel_size_um == pytest.approx(1.945, rel=0.02)


def test_real_grain_pictures_without_bar_have_none(real_data):
    pictures = [p for p in sorted(real_data.glob("grains_*/images/*")) if "C2600" not in p.name]
    assert len(pictures) >= 20
    for path in pictures:
        micrograph = open_micrograph(path)
        assert micrograph.scale_bar is None and micrograph.valid is None and not micrograph.warnings, path.name
