"""Windows of labelled pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.io.labelled import UNLABELLED
from nital.learn.split import check_no_leak, split_by_group
from nital.science.greys import greys_of
from nital.tasks.phases.recipe import RECIPES
from nital.tasks.phases.samples import picture_samples

TINY = RECIPES["tiny"].replace(structures=(), crop_px=32, window_px=64)


def test_every_labelled_pixel_stands_in_exactly_one_window(folder: Path) -> None:
    dataset = picture_samples(TINY, folder)
    truth = dataset.batch(np.arange(len(dataset)))["truth"]
    assert (truth != UNLABELLED).sum() == 6 * 96 * 128


def test_windows_beyond_the_edge_are_mirrored_and_not_labelled(tmp_path: Path) -> None:
    for part, value in (("images", None), ("labels", 0)):
        (tmp_path / part).mkdir()
        for name in "ab":
            grey = np.random.default_rng(0).integers(0, 255, (50, 70), np.uint8)
            pixels = grey if value is None else (grey > 128).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / part / f"{name}.png")
    dataset = picture_samples(TINY.replace(window_px=96), tmp_path)
    batch = dataset.batch([0])
    assert batch["image"].shape == (1, 1, 96, 96)
    assert (batch["truth"][0, 50:] == UNLABELLED).all()
    assert np.allclose(batch["image"][0, 0, 49], batch["image"][0, 0, 50])


def test_specimens_are_the_groups_and_never_part(folder: Path) -> None:
    dataset = picture_samples(TINY, folder)
    assert set(dataset.groups) == {"specimen0", "specimen1", "specimen2"}
    assert dataset.grouped_by == "specimen"
    train, valid, test = split_by_group(dataset, TINY.replace(valid_fraction=0.3, test_fraction=0.3))
    check_no_leak(train=train, valid=valid, test=test)


@pytest.mark.parametrize(("kept", "by"), [(3, "picture"), (1, "window")])
def test_with_few_specimens_smaller_groups_are_taken_and_it_is_said(
    folder: Path, tmp_path: Path, kept: int, by: str
) -> None:
    for part in ("images", "labels"):
        place = tmp_path / part / "one"
        place.mkdir(parents=True)
        for file in sorted((folder / part).rglob("*.png"))[:kept]:
            (place / file.name).write_bytes(file.read_bytes())
    dataset = picture_samples(TINY, tmp_path)
    assert dataset.grouped_by == by
    assert any("says little" in note for note in dataset.facts["notes"])
    assert len(np.unique(dataset.groups)) >= 3


def test_rare_classes_weigh_more(folder: Path) -> None:
    matrix, particles = picture_samples(TINY, folder).facts["weights"]
    assert particles > matrix
    assert (matrix + particles) / 2 == pytest.approx(1)


def test_a_few_hot_pixels_do_not_set_the_scale_of_the_greys() -> None:
    grey = np.random.default_rng(0).normal(100, 5, (100, 100)).astype(np.float32)
    hot = grey.copy()
    hot[:3, :10] = 60_000
    plain, spoiled = greys_of(grey).shown(grey), greys_of(hot).shown(hot)
    assert np.abs(plain[5:] - spoiled[5:]).max() < 0.2


def test_greys_are_those_of_the_specimen_alone() -> None:
    grey = np.full((40, 40), 255, np.uint8)
    grey[:30] = np.random.default_rng(0).integers(90, 110, (30, 40))
    valid = np.zeros((40, 40), bool)
    valid[:30] = True
    assert greys_of(grey, valid).high < 120
    assert greys_of(grey).high == 255


def test_what_is_no_specimen_is_not_labelled_and_does_not_set_the_greys(folder: Path, tmp_path: Path) -> None:
    from nital.tasks.phases.samples import labels_inside

    valid = np.ones((4, 4), bool)
    valid[3] = False
    found = labels_inside(np.zeros((4, 4), np.uint8), valid)
    assert (found[3] == UNLABELLED).all() and (found[:3] == 0).all()


def test_pictures_that_the_model_before_has_learned_are_told(folder: Path, tmp_path: Path) -> None:
    import json

    first = picture_samples(TINY, folder)
    (tmp_path / "card.json").write_text(json.dumps({"facts": {"pictures": first.facts["pictures"][:2]}}))
    again = picture_samples(TINY.replace(start_from=str(tmp_path)), folder)
    assert again.facts["learned_before"]
    assert any(note.startswith("2 of these pictures") for note in again.facts["notes"])
    assert not first.facts["learned_before"]
