"""Files appear whole or not at all."""

import os
import subprocess
import sys

import pytest

from nital.core.errors import InputError, OutputError
from nital.io.atomic import atomic_path, atomic_write_bytes, atomic_write_text


def test_what_is_written_is_what_is_read(tmp_path):
    atomic_write_bytes(tmp_path / "a.bin", b"\0\r\n\xff")
    atomic_write_text(tmp_path / "a.txt", "µm\r\n")
    assert (tmp_path / "a.bin").read_bytes() == b"\0\r\n\xff"
    assert (tmp_path / "a.txt").read_bytes() == "µm\r\n".encode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.bin", "a.txt"]


def test_a_failing_writer_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "result.csv"
    target.write_text("old")

    def write_half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["result.csv"]


def test_the_temporary_name_keeps_the_suffix_and_the_folder(tmp_path):
    with atomic_path(tmp_path / "picture.png") as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".png"
        temporary.write_bytes(b"x")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere is not a folder"):
        atomic_write_text(tmp_path / "nowhere" / "a.txt", "x")


def test_a_folder_cannot_be_overwritten_by_a_file(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        atomic_write_text(tmp_path / "a", "x")


def test_no_permission_is_an_output_error_and_so_an_input_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="Permission denied") as caught:
        atomic_write_text(tmp_path / "a.txt", "x")
    assert isinstance(caught.value, OutputError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        atomic_write_text(tmp_path / "a.txt", "x")


def test_a_full_disk_is_an_output_error():
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full to play a full disk")

    def fill() -> None:
        with atomic_path("/dev/full.txt"), open("/dev/full", "w") as full:
            full.write("x" * 100_000)

    with pytest.raises(OutputError):
        fill()


def test_writing_files_costs_no_heavy_import():
    heavy = "('scipy', 'skimage', 'matplotlib', 'numpy')"
    code = f"import sys, nital.io.atomic; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
