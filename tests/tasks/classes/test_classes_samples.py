"""A user's labelled pictures become crops: specimens stay whole, and what may mislead is told."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from nital.core.errors import InputError
from nital.core.units import UNCALIBRATED
from nital.io.labelled import Columns, Picture, read_labelled
from nital.learn.split import split_by_group
from nital.tasks.classes.recipe import RECIPES
from nital.tasks.classes.samples import build_dataset
from nital.tasks.classes.samples.scored import samples_for_model
from nital.tasks.classes.samples.training import training_samples, value_facts

RECIPE = RECIPES["tiny"].replace(side_px=32, valid_fraction=0.25, test_fraction=0.25)
Write = Callable[..., Path]


def _noise(seed: int, shape: tuple[int, int] = (32, 32)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def folders(tmp_path: Path) -> Write:
    """Write class folders; `specimens` each, of two pictures, or single pictures without specimen."""

    def write(*, specimens: int = 4, grouped: bool = True, shape: tuple[int, int] = (32, 32)) -> Path:
        for k, name in enumerate(("bainite", "ferrite")):
            for n in range(2 * specimens):
                folder = tmp_path / "steel" / name / (f"{name}{n // 2}" if grouped else "")
                folder.mkdir(parents=True, exist_ok=True)
                Image.fromarray(_noise(100 * k + n, shape)).save(folder / f"p{n}.png")
        return tmp_path / "steel"

    return write


@pytest.fixture
def table(tmp_path: Path) -> Write:
    """Write a table with single pictures and a temperature."""

    def write(per_class: int = 4) -> Path:
        lines = ["file,class,T,specimen"]
        for n in range(2 * per_class):
            Image.fromarray(_noise(n)).save(tmp_path / f"{n}.png")
            lines.append(f"{n}.png,{'hot' if n % 2 else 'cold'},{1000 + 50 * n},s{n}")
        path = tmp_path / "furnace.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def _notes(dataset: object) -> str:
    return " ".join(dataset.facts["notes"])  # pyright: ignore[reportAttributeAccessIssue]


def test_class_folders_become_standardised_crops_with_their_labels(folders: Write):
    dataset = build_dataset(RECIPE, folders())
    batch = dataset.batch(np.arange(len(dataset)))
    assert batch["image"].shape == (16, 1, 32, 32) and batch["image"].dtype == np.float32
    np.testing.assert_allclose(batch["image"].mean((1, 2, 3)), 0, atol=1e-5)
    assert batch["label"].tolist() == [0] * 8 + [1] * 8
    assert dataset.facts["classes"] == ["bainite", "ferrite"]


def test_all_crops_of_a_picture_have_its_label_and_group(folders: Write):
    dataset = build_dataset(RECIPE, folders(shape=(32, 80)))
    assert len(dataset) == 16 * 3
    label = dataset.batch(np.arange(len(dataset)))["label"]
    for group in np.unique(dataset.groups):
        of = dataset.groups == group
        assert of.sum() == 2 * 3, "two pictures of three crops"
        assert len(np.unique(label[of])) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_specimen_is_never_split(folders: Write, seed: int):
    dataset = build_dataset(RECIPE, folders())
    parts = split_by_group(dataset, RECIPE.replace(seed=seed))
    found = [set(part.groups.tolist()) for part in parts]
    assert all(found) and not (found[0] & found[1] | found[0] & found[2] | found[1] & found[2])
    assert sum(map(len, parts)) == 16


def test_specimens_that_were_told_are_not_asked_for(folders: Write):
    dataset = build_dataset(RECIPE, folders())
    assert dataset.grouped_by == "specimen" and "same specimen" not in _notes(dataset)


def test_missing_specimens_are_told_and_every_picture_is_its_own(folders: Write):
    dataset = build_dataset(RECIPE, folders(grouped=False))
    assert dataset.grouped_by == "picture"
    assert "Nobody said which pictures show the same specimen" in _notes(dataset)
    assert len(np.unique(dataset.groups)) == 16


def test_identical_pictures_share_a_group_with_their_whole_specimens_and_are_told(folders: Write):
    path = folders()
    original, copy = path / "bainite" / "bainite0" / "p0.png", path / "bainite" / "bainite3" / "p7.png"
    Image.open(original).save(copy)
    dataset = build_dataset(RECIPE, path)
    assert "1 pictures are exact copies of others" in _notes(dataset)
    groups = dataset.groups
    assert groups[0] == groups[1] == groups[6] == groups[7], "bainite0 and bainite3 are one now"
    assert len(np.unique(groups)) == 7


def test_pictures_that_differ_in_one_pixel_are_no_copies(folders: Write):
    path = folders(grouped=False)
    changed = np.array(Image.open(path / "bainite" / "p0.png"))
    changed[3, 3] ^= 1
    Image.fromarray(changed).save(path / "bainite" / "p1.png")
    dataset = build_dataset(RECIPE, path)
    assert "copies" not in _notes(dataset)
    assert len(np.unique(dataset.groups)) == 16


def test_a_class_too_small_is_an_error_that_counts(folders: Write):
    path = folders()
    for n in range(2, 8):
        (path / "ferrite" / f"ferrite{n // 2}" / f"p{n}.png").unlink()
    with pytest.raises(InputError, match="ferrite") as told:
        build_dataset(RECIPE, path)
    assert "bainite 8 pictures of 4 groups, ferrite 2 pictures of 1 groups" in str(told.value)
    assert "at least 3 groups" in str(told.value)


def test_a_picture_that_is_too_small_is_named_with_its_size(folders: Write):
    pictures = read_labelled(folders())
    small = Picture(_noise(0, (15, 40)), UNCALIBRATED)
    pictures = dataclasses.replace(
        pictures, open=lambda index: small if index == 9 else Picture(_noise(1), UNCALIBRATED)
    )
    with pytest.raises(InputError, match=r"p1\.png has only 15 x 40 px.*16 x 16"):
        training_samples(pictures, RECIPE)


def test_small_pictures_make_small_crops(folders: Write):
    dataset = build_dataset(RECIPE.replace(side_px=128), folders(shape=(38, 41)))
    assert dataset.facts["side_px"] == 36, "a multiple of four, so that the network can halve it"


def _save_with_size(path: Path, image: np.ndarray, pixel_size_um: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, image, imagej=True, resolution=(1 / pixel_size_um,) * 2, metadata={"unit": "um"})


@pytest.fixture
def magnified(tmp_path: Path) -> Write:
    """Two classes whose pictures say how many micrometres a pixel has."""

    def write(first: float, second: float) -> Path:
        for k, size in enumerate((first, second)):
            for n in range(3):
                _save_with_size(tmp_path / "sizes" / "ab"[k] / f"{n}.tif", _noise(9 * k + n, (80, 80)), size)
        return tmp_path / "sizes"

    return write


def test_classes_at_different_magnifications_are_told(magnified: Write):
    told = _notes(build_dataset(RECIPE, magnified(0.5, 1.0)))
    assert "different magnifications" in told and "a 1.25, b 2.5" in told and "pixel_size_um" in told


def test_classes_at_one_magnification_are_not(magnified: Write):
    dataset = build_dataset(RECIPE, magnified(0.5, 0.55))
    assert "different magnifications" not in _notes(dataset)
    assert dataset.facts["seen_pixel_um"] == pytest.approx(1.3125), "80 x 80 px become 32 x 32"


def test_a_common_pixel_size_brings_all_pictures_to_it(magnified: Write):
    dataset = build_dataset(RECIPE.replace(pixel_size_um=1.0), magnified(0.5, 1.0))
    assert "magnifications" not in _notes(dataset)
    counts = np.bincount(dataset.batch(np.arange(len(dataset)))["label"])
    assert counts.tolist() == [3 * 4, 3 * 9], "40 x 40 px give 2 x 2 crops of 32, 80 x 80 px give 3 x 3"


def test_magnifications_that_cannot_be_compared_are_told_as_not_checked(folders: Write):
    assert "at different magnifications was not checked" in _notes(build_dataset(RECIPE, folders()))


def test_whether_a_model_has_seen_a_picture_is_told_as_not_checked_where_its_card_lists_none(folders: Write):
    facts = _facts_of_a_model(["bainite", "ferrite"])
    pictures = read_labelled(folders())
    assert "was not checked: its card does not list its own" in _notes(samples_for_model(pictures, facts))
    listed = samples_for_model(pictures, facts | {"pictures": []})
    assert "not checked" not in _notes(listed) and not any(listed.facts["known"])


@pytest.mark.parametrize(("column", "name"), [("class", "class_value"), ("row", "row_value"), ("T", "T")])
def test_a_value_takes_no_name_that_a_result_has_already(column: str, name: str):
    assert value_facts(column, np.arange(3.0), decides=False)["name"] == name


def test_a_value_beside_the_class_is_read_and_described(table: Write):
    dataset = build_dataset(RECIPE.replace(value_column="T"), table())
    batch = dataset.batch(np.arange(len(dataset)))
    assert batch["value"].tolist() == [1000 + 50 * n for n in range(8)]
    assert batch["label"].tolist() == [0, 1] * 4
    value = dataset.facts["value"]
    assert (value["name"], value["mean"], value["low"], value["high"]) == ("T", 1175, 1000, 1350)
    assert value["spread"] == pytest.approx(50 * np.sqrt(5.25))


def test_without_a_value_column_there_is_no_value(table: Write):
    dataset = build_dataset(RECIPE, table())
    assert "value" not in dataset.batch([0]) and dataset.facts["value"] is None
    assert len(np.unique(dataset.groups)) == 8, "the column specimen is found by its usual name"


def test_one_grey_for_all_pictures_is_kept_for_later(folders: Write):
    dataset = build_dataset(RECIPE.replace(grey="all"), folders())
    images = dataset.batch(np.arange(len(dataset)))["image"]
    assert abs(images.mean()) < 1e-5 and images.std() == pytest.approx(1, abs=1e-5)
    assert np.abs(images.mean((1, 2, 3))).max() > 0.01, "each picture keeps its own level"
    raw = [np.array(Image.open(file)) for file in sorted(folders().rglob("*.png"))]
    assert dataset.facts["grey_mean"] == pytest.approx(np.mean(raw), rel=1e-5)
    assert dataset.facts["grey_spread"] == pytest.approx(np.std(raw), rel=1e-5)


def _facts_of_a_model(classes: list[str]) -> dict[str, object]:
    return {"classes": classes, "side_px": 32, "grey_mean": None, "grey_spread": None, "value": None, "notes": []}


def test_for_a_trained_model_labels_follow_its_own_order_of_classes(folders: Write):
    facts = _facts_of_a_model(["pearlite", "ferrite", "bainite"])
    dataset = samples_for_model(read_labelled(folders()), facts)
    assert dataset.batch(np.arange(16))["label"].tolist() == [2] * 8 + [1] * 8


def test_for_a_trained_model_the_notes_are_those_of_these_pictures(folders: Write):
    facts = {**_facts_of_a_model(["bainite", "ferrite"]), "notes": ["of the training"]}
    dataset = samples_for_model(read_labelled(folders(grouped=False)), facts)
    assert "of the training" not in _notes(dataset) and "the intervals are too narrow" in _notes(dataset)
    assert dataset.grouped_by == "picture"
    assert facts["notes"] == ["of the training"], "the model's own facts stay as they are"


def test_for_a_trained_model_small_classes_are_good_enough(folders: Write):
    pictures = read_labelled(folders(specimens=1))
    assert len(samples_for_model(pictures, _facts_of_a_model(["bainite", "ferrite"]))) == 4
    with pytest.raises(InputError, match="Too small to split"):
        training_samples(pictures, RECIPE)


def test_a_class_that_the_model_does_not_know_is_named_with_those_it_knows(folders: Write):
    with pytest.raises(InputError, match=r"class 'ferrite', which the model does not know.*bainite, pearlite"):
        samples_for_model(read_labelled(folders()), _facts_of_a_model(["bainite", "pearlite"]))


def test_what_was_left_out_is_told(folders: Write):
    path = folders()
    (path / "ferrite" / "notes.txt").write_text("etched twice", encoding="utf-8")
    assert "notes.txt was left out" in _notes(build_dataset(RECIPE, path))


def test_facts_can_be_written_into_the_card(table: Write):
    dataset = training_samples(read_labelled(table(), Columns(value="T")), RECIPE.replace(value_column="T"))
    assert json.loads(json.dumps(dict(dataset.facts)))["value"]["name"] == "T"


@pytest.mark.parametrize("name", ["tiny", "tiny-ising"])
def test_synthetic_pictures_depend_on_the_seed_alone_and_share_no_group_between_seeds(name: str):
    recipe = RECIPES[name].replace(number=20, side_px=16)
    first, again, other = (build_dataset(recipe.replace(seed=seed), None) for seed in (1, 1, 2))
    images = [dataset.batch(np.arange(20))["image"] for dataset in (first, again, other)]
    np.testing.assert_array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])
    assert not set(first.groups.tolist()) & set(other.groups.tolist())
    assert len(set(first.groups.tolist())) == 20
