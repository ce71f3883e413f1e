"""Which label belongs to which picture."""

from pathlib import Path

import pytest

from nital.core.errors import InputError
from nital.io.labelled.maps import labelled_pairs, left_over


def _files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_equal_names_in_equal_specimen_folders_belong_together(tmp_path: Path) -> None:
    _files(tmp_path, "images/heat1/a.png", "images/heat2/a.png", "labels/heat1/a.png", "labels/heat2/a.png")
    pairs = labelled_pairs(tmp_path, ("label",))
    assert [(pair.picture.parent.name, pair.label.parent.name) for pair in pairs] == [("heat1",) * 2, ("heat2",) * 2]
    assert [(pair.specimen, pair.grouped) for pair in pairs] == [("heat1", True), ("heat2", True)]


def test_a_picture_in_no_folder_is_its_own_specimen(tmp_path: Path) -> None:
    _files(tmp_path, "images/a.png", "labels/a.png")
    (pair,) = labelled_pairs(tmp_path, ("label",))
    assert (pair.specimen, pair.grouped) == ("a", False)


def test_the_manifest_says_specimen_and_pixel_size(tmp_path: Path) -> None:
    _files(tmp_path, "x.tif", "x_phases.png")
    rows = "\ufefffile,role,specimen,pixel_size_um\nx.tif,image,heat 3,0.25\nx_phases.png,phases,,\n"
    (tmp_path / "manifest.csv").write_text(rows, encoding="utf-8")
    (pair,) = labelled_pairs(tmp_path, ("phases",))
    assert (pair.specimen, pair.grouped, pair.pixel_size_um) == ("heat 3", True, 0.25)


def test_other_suffixes_are_labels_where_a_job_reads_them(tmp_path: Path) -> None:
    _files(tmp_path, "images/a.png", "images/b.png", "labels/a.zip", "labels/b.json", "labels/.hidden/b.json")
    with pytest.raises(InputError, match="no labelled micrograph"):
        labelled_pairs(tmp_path, ("label",))
    assert [pair.label.name for pair in labelled_pairs(tmp_path, ("label",), (".zip", ".json"))] == ["a.zip", "b.json"]


def test_the_label_of_the_same_name_wins_over_a_longer_one(tmp_path: Path) -> None:
    _files(tmp_path, "images/a.png", "labels/a.tif", "labels/a_old.png")
    pairs = labelled_pairs(tmp_path, ("label",))
    assert [pair.label.name for pair in pairs] == ["a.tif"]
    assert left_over(tmp_path, pairs, ("label",)) == (
        "Labels without a picture, or beside another label of it, were left out (1): labels/a_old.png.",
    )


def test_what_is_left_over_is_named_five_at_most(tmp_path: Path) -> None:
    _files(tmp_path, *(f"images/p{i}.png" for i in range(8)), "labels/p0_mask.png", "labels/q.png")
    pairs = labelled_pairs(tmp_path, ("label",))
    without, lonely, other_name = left_over(tmp_path, pairs, ("label",))
    assert without.startswith("Pictures without a label") and without.endswith(
        "(7): images/p1.png, images/p2.png, images/p3.png, images/p4.png, images/p5.png, ...."
    )
    assert lonely.endswith("(1): labels/q.png.")
    assert other_name.endswith("(1): p0_mask.png for p0.png.")
