"""Good images open as they are; bad ones give one clear sentence."""

import importlib.util
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

from nital.core.errors import InputError, MissingExtra, OutputError
from nital.io.micrographs import decoding, open_micrograph, save_label_map, save_png, save_tiff

RNG = np.random.default_rng(11)
GREY = RNG.integers(30, 220, (64, 80), dtype=np.uint8)
RGB = RNG.integers(30, 220, (64, 80, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_levels_come_back_as_stored(tmp_path, suffix, dtype):
    image = GREY.astype(dtype) * (1 if dtype == np.uint8 else 257)
    Image.fromarray(image).save(tmp_path / f"a{suffix}")
    micrograph = open_micrograph(tmp_path / f"a{suffix}")
    assert micrograph.image.dtype == dtype
    np.testing.assert_array_equal(micrograph.image, image)
    assert (micrograph.valid, micrograph.colour) == (None, None)
    assert not micrograph.calibration.known


def test_a_jpeg_is_grey_and_keeps_its_colours_beside(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", quality=95)
    micrograph = open_micrograph(tmp_path / "a.jpg")
    assert micrograph.colour is not None and micrograph.colour.shape == RGB.shape
    luma = micrograph.colour @ np.array([0.2126, 0.7152, 0.0722])
    assert np.abs(micrograph.image - luma).max() <= 0.51


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.uint32, np.float16])
def test_other_number_types_become_float32(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", GREY.astype(dtype))
    micrograph = open_micrograph(tmp_path / "a.tif")
    assert micrograph.image.dtype == np.float32
    np.testing.assert_array_equal(micrograph.image, GREY)


@pytest.mark.parametrize("compression", ["zlib", "tiff_lzw", "jpeg", "packbits"])
def test_compressed_tiff_opens_without_extra_packages(tmp_path, compression):
    Image.fromarray(GREY).save(tmp_path / "a.tif", compression="tiff_deflate" if compression == "zlib" else compression)
    difference = open_micrograph(tmp_path / "a.tif").image.astype(int) - GREY
    assert np.abs(difference).max() <= (60 if compression == "jpeg" else 0)


def test_big_endian_and_planar_and_palette_and_white_is_zero(tmp_path):
    tifffile.imwrite(tmp_path / "be.tif", GREY.astype(np.uint16), byteorder=">")
    assert open_micrograph(tmp_path / "be.tif").image.dtype == np.uint16
    tifffile.imwrite(tmp_path / "planar.tif", np.moveaxis(RGB, -1, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(open_micrograph(tmp_path / "planar.tif").colour, RGB)
    Image.fromarray(RGB).quantize(64).save(tmp_path / "palette.png")
    assert open_micrograph(tmp_path / "palette.png").colour is not None
    tifffile.imwrite(tmp_path / "white.tif", GREY, photometric="miniswhite")
    np.testing.assert_array_equal(open_micrograph(tmp_path / "white.tif").image, 255 - GREY)


def test_alpha_is_dropped(tmp_path):
    alpha = np.full((*GREY.shape, 1), 7, np.uint8)
    Image.fromarray(np.concatenate([RGB, alpha], axis=2)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(open_micrograph(tmp_path / "a.png").colour, RGB)


def test_equal_channels_are_grey(tmp_path):
    Image.fromarray(np.repeat(GREY[..., None], 3, axis=2)).save(tmp_path / "a.png")
    micrograph = open_micrograph(tmp_path / "a.png")
    assert micrograph.colour is None
    np.testing.assert_array_equal(micrograph.image, GREY)


def test_several_pages_use_the_first_and_say_so(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY, GREY[::-1], 255 - GREY]), photometric="minisblack")
    first = open_micrograph(tmp_path / "a.tif")
    np.testing.assert_array_equal(first.image, GREY)
    assert any("3 pages" in note for note in first.warnings)
    third = open_micrograph(tmp_path / "a.tif", page=3)
    assert not third.warnings
    np.testing.assert_array_equal(third.image, 255 - GREY)
    for wrong in (0, 4, -1):
        with pytest.raises(InputError, match="3 pages"):
            open_micrograph(tmp_path / "a.tif", page=wrong)


def test_nan_pixels_are_marked_and_filled(tmp_path):
    image = GREY.astype(np.float32)
    image[3:9, 4:8] = np.nan
    image[0, 0] = np.inf
    tifffile.imwrite(tmp_path / "a.tif", image)
    micrograph = open_micrograph(tmp_path / "a.tif")
    assert micrograph.valid is not None
    np.testing.assert_array_equal(micrograph.valid, np.isfinite(image))
    assert np.isfinite(micrograph.image).all()


def test_a_large_uncompressed_tiff_is_memory_mapped(tmp_path, monkeypatch):
    image = np.random.default_rng(0).integers(0, 255, (256, 300), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", image)
    assert not isinstance(open_micrograph(tmp_path / "a.tif").image, np.memmap)
    monkeypatch.setattr("nital.io.micrographs.decoding.MEMORY_MAP_FROM", image.size)
    micrograph = open_micrograph(tmp_path / "a.tif")
    assert isinstance(micrograph.image, np.memmap)
    np.testing.assert_array_equal(micrograph.image, image)


def test_30000_by_30000_opens_at_once_and_a_compressed_one_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "huge.tif"
    tifffile.imwrite(path, shape=(30000, 30000), dtype=np.uint8)  # sparse on disk
    with path.open("rb+") as file:
        file.seek(5000)
        file.write(RNG.integers(0, 255, 200_000, dtype=np.uint8).tobytes())
    micrograph = open_micrograph(path)
    assert isinstance(micrograph.image, np.memmap) and micrograph.image.shape == (30000, 30000)
    assert any("megapixels" in note for note in micrograph.warnings)
    monkeypatch.setattr(decoding, "LARGEST_PIXELS", 1000)
    save_tiff(tmp_path / "small.tif", GREY)
    with pytest.raises(InputError, match="uncompressed greyscale TIFF"):
        open_micrograph(tmp_path / "small.tif")


def broken(tmp_path, name):
    path = tmp_path / "bad.tif"
    png = tmp_path / "good.png"
    Image.fromarray(GREY).save(png)
    data = png.read_bytes()
    tifffile.imwrite(tmp_path / "good.tif", GREY)
    tiff = (tmp_path / "good.tif").read_bytes()
    match name:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("this is no image, only its name says so")
        case "truncated png":
            path.write_bytes(data[: len(data) // 2])
        case "truncated tiff":
            path.write_bytes(tiff[: len(tiff) - 1000])
        case "half a tiff header":
            path.write_bytes(tiff[:6])
        case "1 x 1":
            Image.fromarray(GREY[:1, :1]).save(path, format="PNG")
        case "one grey":
            tifffile.imwrite(path, np.full((64, 64), 128, np.uint8))
        case "all nan":
            tifffile.imwrite(path, np.full((64, 64), np.nan, np.float32))
        case "5 channels":
            tifffile.imwrite(
                path, RNG.integers(0, 9, (64, 64, 5), dtype=np.uint8), planarconfig="contig", photometric="minisblack"
            )
        case "complex":
            tifffile.imwrite(path, GREY.astype(np.complex64))
        case "declares too much":
            path.write_bytes(tiny_tiff(120_000, 120_000))
        case "declares too much, deflated":
            path.write_bytes(tiny_tiff(120_000, 120_000, compression=8))
        case "png declares too much":
            head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
            chunk = b"IHDR" + head
            path.write_bytes(
                data[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
            )
        case "folder":
            path.mkdir()
    return path


def tiny_tiff(width, height, compression=1):
    """A TIFF of 282 bytes or so whose header promises a giant."""
    entries = [
        (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1), (273, 4, 200), (277, 3, 1),
        (278, 4, height), (279, 4, 82),
    ]  # fmt: skip
    ifd = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in entries) + bytes(4)
    return (b"II*\0" + struct.pack("<I", 8) + ifd).ljust(200, b"\0") + zlib.compress(bytes(40)).ljust(82, b"\1")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty", "0 bytes"), ("text", "not a PNG, JPEG or TIFF"), ("truncated png", "damaged or truncated"),
        ("truncated tiff", "truncated"), ("half a tiff header", "damaged|no image"), ("1 x 1", "1 x 1 px"),
        ("one grey", "same grey"), ("all nan", "NaN"), ("5 channels", r"5 channels.*64 x 64 x 5"),
        ("complex", "not read|not an image"), ("declares too much", "only 282 bytes"),
        ("declares too much, deflated", "exhaust memory"), ("png declares too much", "exhaust memory"),
        ("folder", "is a folder"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_explained(tmp_path, name, says):
    path = broken(tmp_path, name)
    with pytest.raises(InputError, match=says) as caught:
        open_micrograph(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.tif does not exist"):
        open_micrograph(tmp_path / "gone.tif")


@pytest.mark.parametrize("size", [0.0, -0.2, float("nan"), float("inf"), 1e9])
def test_an_absurd_pixel_size_is_refused(tmp_path, size):
    save_tiff(tmp_path / "a.tif", GREY)
    with pytest.raises(InputError, match="pixel size"):
        open_micrograph(tmp_path / "a.tif", pixel_size_um=size)
    with pytest.raises(InputError, match=r"scale_bar_um|pixel size"):
        open_micrograph(tmp_path / "a.tif", scale_bar_um=size)


def test_a_scale_bar_length_without_a_scale_bar_is_refused(tmp_path):
    save_tiff(tmp_path / "a.tif", GREY)
    with pytest.raises(InputError, match="No scale bar was found"):
        open_micrograph(tmp_path / "a.tif", scale_bar_um=100)


def test_microscope_files_without_their_extra_say_how_to_install_it(tmp_path, monkeypatch):
    import nital.core.errors as errors

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(errors.importlib, "import_module", missing)
    (tmp_path / "a.dm3").write_bytes(b"\0\0\0\3" + bytes(100))
    with pytest.raises(MissingExtra, match=r"nital\[em\]"):
        open_micrograph(tmp_path / "a.dm3")


def test_a_microscope_file_gives_pixels_page_and_pixel_size(tmp_path):
    pytest.importorskip("h5py", reason="reading .emd needs the extra em")
    emd = pytest.importorskip("rsciio.emd", reason="reading .emd needs the extra em")
    images = np.random.default_rng(0).integers(0, 4000, (2, 64, 96)).astype(np.uint16)
    axes = [
        {"name": name, "size": size, "index_in_array": n, "scale": 0.5, "offset": 0, "units": "nm", "navigate": n == 0}
        for n, (name, size) in enumerate((("z", 2), ("y", 64), ("x", 96)))
    ]
    names = {"General": {"title": "stack"}, "Signal": {"signal_type": ""}}
    signal = {"data": images, "axes": axes, "metadata": names, "original_metadata": {}}
    emd.file_writer(str(tmp_path / "a.emd"), signal)
    found = open_micrograph(tmp_path / "a.emd", page=2)
    np.testing.assert_array_equal(found.image, images[1])
    assert found.calibration.pixel_size_um == pytest.approx(0.0005)
    assert found.calibration.source == "metadata"


def test_a_damaged_microscope_file_is_an_input_error(tmp_path):
    pytest.importorskip("rsciio", reason="reading .dm3 needs the extra em")
    suffixes = [".dm3", ".dm4", ".ser"] + ([".emd"] if importlib.util.find_spec("h5py") else [])
    for suffix in suffixes:
        (tmp_path / f"a{suffix}").write_bytes(b"\0\0\0\3" + bytes(range(100)))
        with pytest.raises(InputError):
            open_micrograph(tmp_path / f"a{suffix}")


def mutations(data, number, rng):
    for _ in range(number):
        changed = bytearray(data)
        for _ in range(int(rng.integers(1, 6))):
            changed[int(rng.integers(0, min(len(changed), 400)))] = int(rng.integers(0, 256))
        yield bytes(
            changed[: int(rng.integers(len(changed) // 2, len(changed) + 1))] if rng.random() < 0.2 else changed
        )


@pytest.mark.parametrize("kind", ["tif", "deflated.tif", "lzw.tif", "png", "jpg"])
def test_mutated_files_open_or_give_an_input_error_and_nothing_else(tmp_path, kind, capsys):
    source = tmp_path / f"source.{kind}"
    image = Image.fromarray(GREY[:40, :40])
    options = {"deflated.tif": {"compression": "tiff_deflate"}, "lzw.tif": {"compression": "tiff_lzw"}}
    image.save(source, **options.get(kind, {}))
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, data in enumerate(mutations(source.read_bytes(), 60, np.random.default_rng(len(kind)))):
            path = tmp_path / f"{number}.{kind}"
            path.write_bytes(data)
            message = ""
            try:
                assert open_micrograph(path).image.ndim == 2
            except InputError as error:
                message = str(error)
                refused += 1
            assert not message or str(path) in message
    assert refused > 5
    assert capsys.readouterr().err == ""  # libtiff itself, below Python, may still mutter


def test_label_maps_are_as_small_as_they_can_be(tmp_path):
    labels = np.arange(64 * 64).reshape(64, 64)
    save_label_map(tmp_path / "a.tif", labels, pixel_size_um=0.25)
    stored = tifffile.imread(tmp_path / "a.tif")
    assert stored.dtype == np.uint16
    np.testing.assert_array_equal(stored, labels)
    assert open_micrograph(tmp_path / "a.tif").calibration.pixel_size_um == pytest.approx(0.25)
    save_label_map(tmp_path / "b.tif", labels * 100)
    assert tifffile.imread(tmp_path / "b.tif").dtype == np.uint32
    for wrong in (labels - 1, labels.astype(float), labels[0]):
        with pytest.raises(InputError):
            save_label_map(tmp_path / "c.tif", wrong)
    assert not (tmp_path / "c.tif").exists()


def test_pictures_are_saved_whole_or_not_at_all(tmp_path):
    save_png(tmp_path / "a.png", RGB)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), RGB)
    with pytest.raises(InputError):
        save_png(tmp_path / "b.png", RGB.astype(float))
    with pytest.raises(OutputError):
        save_png(tmp_path / "missing" / "b.png", RGB)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_pictures_opened_in_several_threads_at_once_leave_the_warnings_as_they_were(tmp_path):
    for number in range(8):
        Image.fromarray(GREY[:40, :40]).convert("P").save(tmp_path / f"{number}.png", transparency=3)
    before = list(warnings.filters)
    found = []
    with ThreadPoolExecutor(4) as pool:
        for one in pool.map(open_micrograph, [tmp_path / f"{n % 8}.png" for n in range(200)]):
            with warnings.catch_warnings():  # as who takes the results may
                warnings.simplefilter("error")
                found.append(one)
    assert all(one.image.shape == (40, 40) for one in found)
    assert warnings.filters == before
