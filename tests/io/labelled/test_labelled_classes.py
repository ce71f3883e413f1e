"""Pictures with their classes come in by folders and tables; what is left out is said, what is wrong is refused."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from nital.core.errors import InputError, UnknownName
from nital.io.labelled import Columns, read_labelled


def grey(seed=0, shape=(36, 40)):
    return np.random.default_rng(seed).integers(30, 220, shape, dtype=np.uint8)


def picture(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey(seed)).save(path)


def table(folder, text, name="labels.csv"):
    (folder / name).write_text(text)
    return folder / name


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in members.items():
            stream = io.BytesIO()
            Image.fromarray(array).save(stream, "png")
            archive.writestr(name, stream.getvalue())


def names_of(found):
    return [found.classes[n] for n in found.label]


# Folders


def test_class_folders_give_the_classes_and_nobody_said_the_groups(tmp_path):
    for seed, name in enumerate(["pearlite/b.png", "pearlite/a.png", "ferrite/a.tif"]):
        picture(tmp_path / name, seed)
    found = read_labelled(tmp_path)
    assert found.files == ("ferrite/a.tif", "pearlite/a.png", "pearlite/b.png")
    assert found.classes == ("ferrite", "pearlite") and found.label.tolist() == [0, 1, 1]
    assert (found.group, found.value, found.held_out, found.account) == (None, None, None, ())
    for index, seed in enumerate([2, 1, 0]):
        np.testing.assert_array_equal(found.open(index).grey, grey(seed))
    assert not found.open(0).calibration.known


def test_specimen_folders_are_groups_over_all_classes_and_a_picture_beside_them_is_its_own(tmp_path):
    for name in ["m/heat1/a.png", "m/heat1/deep/b.png", "m/heat2/a.png", "p/heat1/a.png", "p/loose.png"]:
        picture(tmp_path / name)
    found = read_labelled(tmp_path)
    assert found.group is not None
    assert dict(zip(found.files, found.group.tolist(), strict=True)) == {
        "m/heat1/a.png": "heat1",
        "m/heat1/deep/b.png": "heat1",
        "m/heat2/a.png": "heat2",
        "p/heat1/a.png": "heat1",
        "p/loose.png": "p/loose.png",
    }


def test_a_text_file_among_the_pictures_is_left_out_and_named_and_hidden_files_are_not_spoken_of(tmp_path):
    for name in ["a/1.png", "b/1.png", ".cache/1.png"]:
        picture(tmp_path / name)
    (tmp_path / "a" / "readme.txt").write_text("x")
    (tmp_path / "b" / ".DS_Store").write_text("x")
    found = read_labelled(tmp_path)
    assert found.files == ("a/1.png", "b/1.png")
    assert len(found.account) == 1 and "readme.txt was left out" in found.account[0]


def test_pictures_in_no_class_folder_are_left_out_and_counted(tmp_path):
    for name in ["a/1.png", "b/1.png", "x.png", "y.png"]:
        picture(tmp_path / name)
    found = read_labelled(tmp_path)
    assert found.files == ("a/1.png", "b/1.png")
    assert found.account == ("2 pictures in no class folder were left out, such as x.png.",)


def test_one_class_only_is_refused_and_named(tmp_path):
    picture(tmp_path / "martensite" / "a.png")
    (tmp_path / "bainite").mkdir()
    with pytest.raises(InputError, match=r"1 class \(martensite\); at least 2"):
        read_labelled(tmp_path)


def test_an_empty_folder_is_refused_with_the_mend(tmp_path):
    with pytest.raises(InputError, match=r"no labelled pictures.*one folder per class"):
        read_labelled(tmp_path)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere does not exist"):
        read_labelled(tmp_path / "nowhere")


def test_a_broken_picture_is_named_when_it_is_opened(tmp_path):
    picture(tmp_path / "a" / "1.png")
    picture(tmp_path / "b" / "broken.png")
    (tmp_path / "b" / "broken.png").write_bytes(b"no picture")
    found = read_labelled(tmp_path)
    np.testing.assert_array_equal(found.open(0).grey, grey())
    with pytest.raises(InputError, match=r"broken\.png"):
        found.open(1)


# Tables


@pytest.mark.parametrize("header", ["file,class,group", "Filename,Label,Specimen", "path,microstructure,heat"])
@pytest.mark.parametrize("by_folder", [True, False])
def test_a_table_with_usual_columns_gives_files_classes_and_groups(tmp_path, header, by_folder):
    for seed, name in enumerate(["p/1.png", "p/2.png", "3.png"]):
        picture(tmp_path / name, seed)
    path = table(tmp_path, f"{header}\np/2.png,pearlite,h1\np/1.png,ferrite,h2\n3.png,pearlite,h1\n")
    found = read_labelled(tmp_path if by_folder else path)
    assert found.files == ("p/2.png", "p/1.png", "3.png")
    assert names_of(found) == ["pearlite", "ferrite", "pearlite"]
    assert found.group is not None and found.group.tolist() == ["h1", "h2", "h1"]
    for index, seed in enumerate([1, 0, 2]):
        np.testing.assert_array_equal(found.open(index).grey, grey(seed))


def test_columns_named_by_the_user_win_over_usual_names(tmp_path):
    for name in ["1.png", "2.png"]:
        picture(tmp_path / name)
    rows = "file,class,group,photo,phase,coupon,T\nx,y,z,1.png,alpha,c1,300\nx,y,z,2.png,beta,c2,450.5\n"
    found = read_labelled(table(tmp_path, rows), Columns("photo", "phase", "coupon", "T"))
    assert found.files == ("1.png", "2.png") and names_of(found) == ["alpha", "beta"]
    assert found.group is not None and found.group.tolist() == ["c1", "c2"]
    assert found.value is not None and found.value.tolist() == [300.0, 450.5]


def test_without_a_group_column_nobody_said_the_groups(tmp_path):
    for name in ["1.png", "2.png"]:
        picture(tmp_path / name)
    assert read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n")).group is None


def test_an_empty_group_cell_makes_the_picture_its_own_group(tmp_path):
    for name in ["1.png", "2.png", "3.png"]:
        picture(tmp_path / name)
    found = read_labelled(table(tmp_path, "file,class,group\n1.png,a,h\n2.png,b,\n3.png,b,h\n"))
    assert found.group is not None and found.group.tolist() == ["h", "2.png", "h"]


@pytest.mark.parametrize("columns", [Columns(file="foto"), Columns(group="batch"), Columns(value="T")])
def test_a_column_that_the_table_lacks_is_refused_by_name(tmp_path, columns):
    for name in ["1.png", "2.png"]:
        picture(tmp_path / name)
    wanted = next(name for name in (columns.file, columns.group, columns.value) if name)
    with pytest.raises(UnknownName, match=wanted):
        read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n"), columns)


def test_a_table_without_a_class_column_is_refused_and_its_columns_are_named(tmp_path):
    picture(tmp_path / "1.png")
    with pytest.raises(InputError, match=r"no column 'class'. It has: file, phase.*`class_column`"):
        read_labelled(table(tmp_path, "file,phase\n1.png,a\n"))


def test_rows_with_an_empty_cell_are_left_out_and_counted(tmp_path):
    for name in ["1.png", "2.png", "3.png"]:
        picture(tmp_path / name)
    path = table(tmp_path, "file,class,T\n1.png,a,1\n2.png,,2\n,b,3\n3.png,b,4\n1.png,a,\n")
    found = read_labelled(path)
    assert found.files == ("1.png", "3.png", "1.png")
    assert any(sentence.startswith("2 of 5 rows were left out") for sentence in found.account)
    valued = read_labelled(path, Columns(value="T"))
    assert valued.files == ("1.png", "3.png")
    assert valued.value is not None and valued.value.tolist() == [1.0, 4.0]
    assert any(sentence.startswith("3 of 5 rows were left out") for sentence in valued.account)


def test_a_table_without_a_whole_row_is_refused(tmp_path):
    with pytest.raises(InputError, match="no row with file and class"):
        read_labelled(table(tmp_path, "file,class\n1.png,\n,b\n"))


def test_missing_files_are_counted_and_the_first_is_named(tmp_path):
    picture(tmp_path / "1.png")
    with pytest.raises(InputError, match=r"2 of 3 files .* such as gone\.png"):
        read_labelled(table(tmp_path, "file,class\n1.png,a\ngone.png,b\nlost.png,b\n"))


def test_a_table_of_one_class_is_refused(tmp_path):
    picture(tmp_path / "1.png")
    with pytest.raises(InputError, match=r"1 class \(a\)"):
        read_labelled(table(tmp_path, "file,class\n1.png,a\n"))


def test_a_folder_with_two_tables_asks_which_is_meant(tmp_path):
    for name in ["a.csv", "b.csv"]:
        table(tmp_path, "file,class\n1.png,a\n", name)
    with pytest.raises(InputError, match=r"2 tables \(a\.csv"):
        read_labelled(tmp_path)


# A zip beside the table


@pytest.mark.parametrize("inside", ["", "images/"])
def test_files_may_lie_in_one_zip_beside_the_table(tmp_path, inside):
    zipped(tmp_path / "pictures.zip", {f"{inside}{n}.png": grey(n) for n in range(3)})
    found = read_labelled(table(tmp_path, "file,class\n2.png,a\n0.png,b\n"))
    np.testing.assert_array_equal(found.open(0).grey, grey(2))
    np.testing.assert_array_equal(found.open(1).grey, grey(0))


def test_files_of_one_name_in_two_folders_of_a_zip_stay_apart(tmp_path):
    zipped(tmp_path / "pictures.zip", {"all/hot/1.png": grey(1), "all/cold/1.png": grey(2)})
    found = read_labelled(table(tmp_path, "file,class\nhot/1.png,a\ncold/1.png,b\n"))
    np.testing.assert_array_equal(found.open(0).grey, grey(1))
    np.testing.assert_array_equal(found.open(1).grey, grey(2))


def test_a_name_that_stands_twice_in_a_zip_is_refused(tmp_path):
    zipped(tmp_path / "pictures.zip", {"hot/1.png": grey(1), "cold/1.png": grey(2), "2.png": grey(3)})
    with pytest.raises(InputError, match=r"1\.png may mean hot/1\.png or cold/1\.png"):
        read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n"))


def test_two_files_that_would_be_one_picture_of_the_zip_are_refused(tmp_path):
    zipped(tmp_path / "pictures.zip", {"1.png": grey(1)})
    with pytest.raises(InputError, match="one name in several folders"):
        read_labelled(table(tmp_path, "file,class\nhot/1.png,a\ncold/1.png,b\n"))


def test_greys_of_16_bit_come_in_the_range_of_8_and_are_not_clipped(tmp_path):
    deep = grey(1).astype(np.uint16) * 257
    zipped(tmp_path / "pictures.zip", {"1.png": deep, "2.png": grey(2)})
    np.testing.assert_array_equal(
        read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n")).open(0).grey, grey(1)
    )


def test_files_that_a_zip_lacks_are_counted_and_the_first_is_named(tmp_path):
    zipped(tmp_path / "pictures.zip", {"1.png": grey()})
    with pytest.raises(InputError, match=r"pictures\.zip lacks 2 files .* such as gone\.png"):
        read_labelled(table(tmp_path, "file,class\n1.png,a\ngone.png,b\nlost.png,b\n"))


def test_a_file_that_is_no_zip_is_named(tmp_path):
    (tmp_path / "pictures.zip").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"pictures\.zip cannot be read as a zip"):
        read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n"))


def test_a_member_of_a_zip_that_is_no_picture_is_named_when_it_is_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("1.png", b"no picture")
        archive.writestr("2.png", b"no picture")
    found = read_labelled(table(tmp_path, "file,class\n1.png,a\n2.png,b\n"))
    with pytest.raises(InputError, match=r"2\.png in .*pictures\.zip is not a PNG"):
        found.open(1)
