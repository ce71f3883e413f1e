"""Files, sizes and places that cannot be used, with the bundled model: one line, an exit code, nothing left behind."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def predict(nital: Run, tmp_path: Path) -> Run:
    """`nital predict grains ... --out out`, with the bundled model."""

    def run(*words: object) -> tuple[int, str, str]:
        return nital("predict", "grains", *words, "--scale", 1, "--out", tmp_path / "out")

    return run


def declared_tiff(side: int) -> bytes:
    """A little-endian TIFF of 282 bytes whose header declares side x side pixels in one strip that is not there."""
    tags = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 170), (277, 1), (278, side), (279, 112)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0)
    return head.ljust(282, b"\0")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


def write_text(path: Path) -> None:
    path.write_text("This is a letter, not a picture.")


def write_truncated_png(path: Path) -> None:
    Image.fromarray(noise(64, 64)).save(path)
    path.write_bytes(path.read_bytes()[:900])


def write_truncated_jpeg(path: Path) -> None:
    Image.fromarray(noise(64, 64)).save(path)
    path.write_bytes(path.read_bytes()[:1200])


def write_truncated_tiff(path: Path) -> None:
    tifffile.imwrite(path, noise(64, 64))
    path.write_bytes(path.read_bytes()[:2000])


def write_nothing(path: Path) -> None:
    path.touch()


def write_magic_number_alone(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n")


def write_one_pixel(path: Path) -> None:
    Image.fromarray(noise(1, 1)).save(path)


def write_one_grey(path: Path) -> None:
    Image.fromarray(np.full((96, 96), 120, np.uint8)).save(path)


def write_nan_alone(path: Path) -> None:
    tifffile.imwrite(path, np.full((96, 96), np.nan, np.float32))


def write_five_channels(path: Path) -> None:
    tifffile.imwrite(path, noise(64, 64, 5), photometric="minisblack", planarconfig="contig")


def write_enormous_header(path: Path) -> None:
    path.write_bytes(declared_tiff(120_000))


def write_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("letter.png", write_text, "PNG, JPEG"),
        ("cut.png", write_truncated_png, "again"),
        ("cut.jpg", write_truncated_jpeg, "again"),
        ("cut.tif", write_truncated_tiff, "again"),
        ("nothing.tif", write_nothing, "empty"),
        ("begun.png", write_magic_number_alone, "again"),
        ("dot.png", write_one_pixel, "1 x 1"),
        ("grey.png", write_one_grey, "same grey"),
        ("nan.tif", write_nan_alone, "every pixel is NaN"),
        ("five.tif", write_five_channels, "5"),
        ("enormous.tif", write_enormous_header, "120000"),
        ("empty", write_folder, "Name the files"),
    ],
)
def test_a_bad_file_gives_one_line_that_names_it_and_leaves_nothing(
    name: str, write: Callable[[Path], None], said: str, predict: Run, tmp_path: Path
) -> None:
    path = tmp_path / name
    write(path)
    code, out, err = predict(path)
    assert (code, out) == (1, "")
    assert err.startswith("nital: ") and err.count("\n") == 1
    assert str(path) in err
    assert said in err
    assert "fault" not in err
    assert [left.name for left in tmp_path.iterdir()] == [name]


def test_the_enormous_file_is_tiny() -> None:
    assert len(declared_tiff(120_000)) == 282


def test_a_few_pixels_that_are_not_numbers_are_left_out(predict: Run, tmp_path: Path) -> None:
    image = noise(96, 96).astype(np.float32)
    image[:10, :10] = np.nan
    tifffile.imwrite(tmp_path / "holes.tif", image)
    code, out, _ = predict(tmp_path / "holes.tif", "--json")
    assert code == 0
    assert not tifffile.imread(json.loads(out)["label_map"])[:9, :9].any()


def test_bad_files_among_good_ones_are_json_lines_with_file_and_error(
    predict: Run, brick_wall: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    write_text(folder / "a.png")
    (folder / "b.png").write_bytes(brick_wall.read_bytes())
    write_enormous_header(folder / "c.tif")
    (folder / "d.png").write_bytes(brick_wall.read_bytes())
    code, out, err = predict(folder, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [Path(line["file"]).name for line in lines] == ["a.png", "b.png", "c.tif", "d.png"]
    assert [("error" in line, "n_grains" in line) for line in lines] == [(True, False), (False, True)] * 2
    assert all(line["file"] in line["error"] for line in lines if "error" in line)
    assert "2 of 4 inputs failed" in err
    assert "Traceback" not in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b", "d", "grains.csv"]


@pytest.mark.parametrize("size", ["-0.2", "0", "1e-9", "1e9", "nan", "inf"])
def test_an_absurd_pixel_size_is_named_before_anything_is_written(
    size: str, predict: Run, brick_wall: Path, tmp_path: Path
) -> None:
    code, out, err = predict(brick_wall, "--pixel-size-um", size)
    assert (code, out) == (1, "")
    assert "--pixel-size-um" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_pixel_size_that_is_no_number_is_wrong_usage(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    code, out, err = predict(brick_wall, "--pixel-size-um", "0,2252")
    assert (code, out) == (2, "")
    assert "0,2252" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["taken", "taken/results"])
def test_a_file_where_the_folder_should_be_is_named_and_kept(
    place: str, nital: Run, brick_wall: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("mine")
    code, out, err = nital("predict", "grains", brick_wall, "--scale", 1, "--out", tmp_path / place)
    assert code in (1, 2)
    assert out == ""
    assert "taken" in err and "--out" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize("stray", ["folder", "file"])
def test_foreign_files_in_the_way_of_a_result_are_kept(
    stray: str, predict: Run, brick_wall: Path, tmp_path: Path
) -> None:
    place = tmp_path / "out" / "bricks"
    if stray == "folder":
        place.mkdir(parents=True)
        (place / "thesis.txt").write_text("mine")
    else:
        place.parent.mkdir()
        place.write_text("mine")
    code, out, err = predict(brick_wall)
    assert (code, out) == (1, "")
    assert str(place) in err and "--out" in err
    assert err.count("\n") == 1
    assert [path.name for path in place.parent.iterdir()] == ["bricks"]
    assert (place / "thesis.txt" if stray == "folder" else place).read_text() == "mine"


def test_foreign_files_beside_a_result_do_not_matter(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    assert predict(brick_wall)[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bricks", "thesis.txt"]
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_to_write_is_named(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    code, out, err = predict(brick_wall)
    assert (code, out) == (1, "")
    assert str(tmp_path / "out") in err and "--out" in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_to_read_is_named(predict: Run, tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    write_one_grey(path)
    path.chmod(0)
    code, out, err = predict(path)
    assert (code, out) == (1, "")
    assert "secret.png cannot be read" in err


def test_a_real_process_says_it_in_one_line_too(tmp_path: Path) -> None:
    write_enormous_header(tmp_path / "enormous.tif")
    words = [sys.executable, "-m", "nital", "predict", "grains", "enormous.tif"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("nital: enormous.tif") and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["enormous.tif"]
