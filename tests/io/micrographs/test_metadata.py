"""The pixel size is found where each vendor puts it.

The fixtures follow the layouts that `docs/reference/file-formats.md` names, byte for byte as far as these are known.
"""

import struct

import numpy as np
import pytest
import tifffile

from nital.io.micrographs import open_micrograph, save_tiff

SCENE = np.random.default_rng(3).integers(40, 200, (96, 128), dtype=np.uint8)

FEI = (
    "[User]\r\nDate=01/30/2020\r\nTime=10:12:33 AM\r\nUser=supervisor\r\n\r\n[System]\r\nType=SEM\r\n\r\n"
    "[Beam]\r\nHV=15000\r\nSpot=3\r\n\r\n[Scan]\r\n"
    "InternalScan=true\r\nPixelWidth={size:.6e}\r\n"
    "PixelHeight={size:.6e}\r\n"
    "HorFieldsize=0.000276\r\n\r\n[Image]\r\nResolutionX={columns}\r\nResolutionY={rows}\r\n"
)
ZEISS = (
    "0\r\n0\r\n0\r\n{bare:.6e}\r\n0\r\n1\r\n"
    "AP_PIXEL_SIZE\r\nPixel Size = {screen} nm\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = {image} {unit}\r\n"
    "DP_IMAGE_STORE\r\nStore resolution = {store}\r\nAP_MAG\r\nMag =   1.00 K X\r\n"
)
TESCAN = "[MAIN]\r\nDevice=MIRA3\r\nPixelSizeX=4.1e-008\r\nPixelSizeY=4.1e-008\r\n[SEM]\r\nHV=15000\r\n"
JEOL = (
    "$CM_FORMAT JEOL/SEM\r\n$CM_VERSION 1.0\r\n$CM_MAG 5000\r\n$CM_FULL_SIZE {columns} {rows}\r\n"
    "$$SM_MICRON_BAR 160\r\n$$SM_MICRON_MARKER 5um\r\n"
)
HITACHI = (
    "[SemImageFile]\r\nInstructName=SU8230\r\nDataSize={columns}x{rows}\r\nPixelSize=24.8\r\nMagnification=4000\r\n"
)
SIGHTX = (
    '<?xml version="1.0"?>\n<TemReporter><Eos><EosMode>eosTEM</EosMode></Eos><ImageFormingSystem>'
    "<ModeString>MAG</ModeString><SelectorValue>50000</SelectorValue></ImageFormingSystem></TemReporter>"
)
OME = (
    '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="128" SizeY="96" SizeC="1" '
    'SizeZ="1" SizeT="1" PhysicalSizeX="{x}" {unit}><TiffData/></Pixels></Image></OME>'
)


def write(path, tag=None, text=None, **options):
    tags = [] if tag is None else [(tag, 2 if isinstance(text, str) else 7, None, text, True)]
    if isinstance(text, bytes):
        tags = [(tag, 7, len(text), text, True)]
    tifffile.imwrite(path, SCENE, extratags=tags, metadata=None, **options)
    return path


def size_of(path):
    micrograph = open_micrograph(path, read_scale_bar=False)
    return micrograph.calibration.pixel_size_um, micrograph.calibration.source, micrograph


@pytest.mark.parametrize("tag", [34680, 34682])
def test_fei_scan_pixel_width_is_in_metres(tmp_path, tag):
    path = write(tmp_path / "fei.tif", tag, FEI.format(size=2.7e-7, columns=128, rows=96))
    size, source, micrograph = size_of(path)
    assert size == pytest.approx(0.27) and source == "metadata"
    assert "FEI" in micrograph.calibration.detail and micrograph.valid is None


def test_fei_data_bar_rows_are_no_specimen(tmp_path):
    path = write(tmp_path / "fei.tif", 34682, FEI.format(size=2.7e-7, columns=128, rows=80))
    _, _, micrograph = size_of(path)
    assert micrograph.valid is not None
    assert micrograph.valid[:80].all() and not micrograph.valid[80:].any()


def test_a_resized_fei_export_has_its_pixel_size_corrected_and_says_so(tmp_path):
    path = write(tmp_path / "fei.tif", 34682, FEI.format(size=1e-7, columns=256, rows=192))
    size, _, micrograph = size_of(path)
    assert size == pytest.approx(0.2)
    assert any("resized" in note for note in micrograph.warnings)


@pytest.mark.parametrize(("unit", "factor"), [("nm", 1e-3), ("µm", 1.0), ("pm", 1e-6)])
def test_zeiss_image_pixel_size_wins_over_that_of_the_screen(tmp_path, unit, factor):
    text = ZEISS.format(bare=5.582e-7, screen=558.2, image=279.1, unit=unit, store="128 * 96")
    size, source, _ = size_of(write(tmp_path / "zeiss.tif", 34118, text.encode("cp1252")))
    assert size == pytest.approx(279.1 * factor) and source == "metadata"


def test_zeiss_screen_pixel_size_alone_is_for_1024_pixels(tmp_path):
    text = "\r\n0\r\n0\r\n0\r\n0\r\nAP_PIXEL_SIZE\r\nPixel Size = 100.0 nm\r\n"
    size, _, _ = size_of(write(tmp_path / "old.tif", 34118, text.encode()))
    assert size == pytest.approx(0.1 * 1024 / 128)


def test_zeiss_unnamed_value_is_metres_for_1024_pixels(tmp_path):
    size, _, _ = size_of(write(tmp_path / "bare.tif", 34118, b"0\r\n0\r\n0\r\n2.5e-08\r\n0\r\n"))
    assert size == pytest.approx(0.025 * 1024 / 128)


def test_tescan_tag_may_begin_with_a_binary_thumbnail(tmp_path):
    blob = bytes(range(256)) + b"\xff\xd9" + TESCAN.encode()
    assert size_of(write(tmp_path / "t.tif", 50431, blob))[0] == pytest.approx(0.041)


@pytest.mark.parametrize("name", ["t.hdr", "t-tif.hdr"])
def test_tescan_header_beside_the_image(tmp_path, name):
    path = write(tmp_path / "t.tif")
    (tmp_path / name).write_text(TESCAN)
    assert size_of(path)[:2] == (pytest.approx(0.041), "metadata")


def test_jeol_text_beside_the_image_gives_bar_over_marker(tmp_path):
    path = write(tmp_path / "j.tif")
    (tmp_path / "j.txt").write_text(JEOL.format(columns=128, rows=80))
    size, _, micrograph = size_of(path)
    assert size == pytest.approx(5 / 160)
    assert micrograph.valid is not None and not micrograph.valid[80:].any()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_hitachi_text_beside_the_image_is_in_nanometres(tmp_path, encoding):
    path = write(tmp_path / "h.tif")
    (tmp_path / "h.txt").write_bytes(HITACHI.format(columns=128, rows=96).encode(encoding))
    assert size_of(path)[0] == pytest.approx(0.0248)


def test_jeol_sightx_resolution_is_that_of_the_detector_over_the_magnification(tmp_path):
    path = tmp_path / "s.tif"
    tifffile.imwrite(
        path, SCENE, metadata=None, description=SIGHTX, resolution=(400, 400), resolutionunit=3,
        extratags=[(271, 2, None, "JEOL Ltd.", True)],
    )  # fmt: skip
    assert size_of(path)[0] == pytest.approx(1e4 / 400 / 50000)


def test_olympus_sis_structure(tmp_path):
    head = struct.pack("<4s6xhhhhh6x32sH", b"SIS0", 42, 19, 15, 10, 118, b"image", 1)
    path = write(tmp_path / "sis.tif", 33560, head + struct.pack("<hhI", 1, 1, 0xABCDEF01))
    data = path.read_bytes()
    general = struct.pack("<10xhdd8xd2x34s32s", -9, 37.5, 37.5, 600.0, b"camera", b"picture")
    data = data.replace(struct.pack("<I", 0xABCDEF01), struct.pack("<I", len(data))) + general
    path.write_bytes(data)
    size, _, micrograph = size_of(path)
    assert size == pytest.approx(0.0375)
    assert "Olympus" in micrograph.calibration.detail


@pytest.mark.parametrize(
    ("value", "unit", "um"),
    [("0.25", "", 0.25), ("250", 'PhysicalSizeXUnit="nm"', 0.25), ("0.5", 'PhysicalSizeXUnit="µm"', 0.5)],
)
def test_ome_xml_physical_size(tmp_path, value, unit, um):
    path = tmp_path / "o.ome.tif"
    text = OME.format(x=value, unit=unit)
    tifffile.imwrite(path, SCENE, metadata=None, description=text.encode())
    assert size_of(path)[0] == pytest.approx(um)


@pytest.mark.parametrize("unit", ["um", "micron", "µm", "\\u00B5m"])
def test_imagej_resolution_counts_with_its_unit(tmp_path, unit):
    path = tmp_path / "ij.tif"
    text = f"ImageJ=1.54f\nunit={unit}\n"
    tifffile.imwrite(
        path, SCENE, metadata=None, description=text.encode("latin-1"), resolution=(4.0, 4.0), resolutionunit=1
    )
    assert size_of(path)[0] == pytest.approx(0.25, rel=1e-6)


@pytest.mark.parametrize("unit", ["inch", "cm", "pixel"])
def test_imagej_passing_on_a_print_resolution_is_no_calibration(tmp_path, unit):
    path = tmp_path / "ij.tif"
    per_unit = 300 / 2.54 if unit == "cm" else 300
    text = f"ImageJ=1.54f\nunit={unit}\n"
    tifffile.imwrite(path, SCENE, metadata=None, description=text, resolution=(per_unit, per_unit), resolutionunit=1)
    assert size_of(path)[:2] == (None, "none")


@pytest.mark.parametrize("dpi", [72, 96, 300, 1200])
def test_dots_per_inch_are_no_calibration(tmp_path, dpi):
    path = write(tmp_path / "dpi.tif", resolution=(dpi, dpi), resolutionunit=2)
    assert size_of(path)[:2] == (None, "none")


@pytest.mark.parametrize("size", [1e-5, 0.0375, 0.2252, 12.5])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.float32])
def test_the_pixel_size_survives_saving(tmp_path, size, dtype):
    path = tmp_path / "round.tif"
    save_tiff(path, SCENE.astype(dtype), pixel_size_um=size)
    assert size_of(path)[0] == pytest.approx(size, rel=1e-5)


def test_pixels_that_are_not_square_are_said(tmp_path):
    text = FEI.format(size=1e-7, columns=128, rows=96).replace("PixelHeight=1.0", "PixelHeight=1.3")
    _, _, micrograph = size_of(write(tmp_path / "fei.tif", 34682, text))
    assert any("not square" in note for note in micrograph.warnings)


@pytest.mark.parametrize("value", ["nan", "-1e-7", "0", "1e9", "much"])
def test_absurd_metadata_count_as_none(tmp_path, value):
    text = f"[Scan]\r\nPixelWidth={value}\r\nPixelHeight={value}\r\n"
    assert size_of(write(tmp_path / "fei.tif", 34682, text))[:2] == (None, "none")


def test_the_user_wins_and_hears_of_disagreement(tmp_path):
    path = write(tmp_path / "fei.tif", 34682, FEI.format(size=2.7e-7, columns=128, rows=96))
    mine = open_micrograph(path, pixel_size_um=0.3)
    assert (mine.calibration.pixel_size_um, mine.calibration.source) == (0.3, "argument")
    assert any("0.27" in note and "Check" in note for note in mine.warnings)
    assert not open_micrograph(path, pixel_size_um=0.275).warnings
