"""Maps in, filled maps out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from nital.core.errors import InputError
from nital.core.outcome import made
from nital.synth.map_gaps import draw_gaps
from nital.synth.map_kinds import draw_map
from nital.tasks.inpaint.analyse import analyse
from nital.tasks.inpaint.evaluate import evaluate_folder
from nital.tasks.inpaint.fill import fill_channel
from nital.tasks.inpaint.options import InpaintEvaluateOptions, InpaintOptions, InpaintSynthOptions
from nital.tasks.inpaint.synthesise import write_synthetic


def drawn(kind: str, seed: int, gaps: str = "random", share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return draw_map(kind, (64, 64), rng), draw_gaps(gaps, (64, 64), share, rng)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, np.float64])
def test_known_pixels_come_back_bit_for_bit_in_their_own_type(kriging_network: Any, tmp_path: Path, kind: Any) -> None:
    truth, missing = drawn("gaussian", 1)
    values = (60 + 20 * truth).clip(1, 250).astype(kind)
    values[missing] = 0
    np.save(tmp_path / "map.npy", values)
    found = analyse(kriging_network, tmp_path / "map.npy", InpaintOptions(missing_value=0))
    filled, doubt = made(found.maps["filled"].pixels), made(found.maps["doubt_map"].pixels)
    assert filled.dtype == kind
    assert (filled[~missing] == values[~missing]).all() and (doubt[~missing] == 0).all()
    assert (filled[missing] > 0).all() and (doubt[missing] > 0).all()
    assert found.values["missing_share"] == pytest.approx(missing.mean())


def test_the_interval_covers_nine_of_ten(kriging_network: Any) -> None:
    inside = []
    for seed, (kind, gaps) in enumerate([("gaussian", "random"), ("grains", "random"), ("counts", "lines"),
                                         ("scanned", "blocks"), ("textures", "random")]):  # fmt: skip
        truth, missing = drawn(kind, seed, gaps)
        found = fill_channel(kriging_network, np.where(missing, np.nan, truth))
        inside.append(((found.low <= truth) & (truth <= found.high))[missing].mean())
    assert 0.86 < np.mean(inside) < 0.94


def test_channels_are_filled_each_by_itself(kriging_network: Any, tmp_path: Path) -> None:
    first, missing = drawn("gaussian", 1)
    second, other = drawn("grains", 2)
    stack = np.stack([np.where(missing, np.nan, first), np.where(other, np.nan, second)]).astype(np.float32)
    tifffile.imwrite(tmp_path / "two.tif", stack)
    found = analyse(kriging_network, tmp_path / "two.tif", InpaintOptions())
    filled = made(found.maps["filled"].pixels)
    assert filled.shape == stack.shape and np.isfinite(filled).all()
    assert len(found.values["channels"]) == 2
    np.save(tmp_path / "one.npy", stack[1])
    alone = analyse(kriging_network, tmp_path / "one.npy", InpaintOptions())
    assert (made(alone.maps["filled"].pixels) == filled[1]).all()


def test_names_are_filled_with_names(kriging_network: Any, tmp_path: Path) -> None:
    truth, missing = drawn("gaussian", 3)
    phases = np.where(truth > 0, 5, 2).astype(np.uint8)
    np.save(tmp_path / "phases.npy", np.where(missing, 0, phases))
    found = analyse(kriging_network, tmp_path / "phases.npy", InpaintOptions(missing_value=0))
    filled = made(found.maps["filled"].pixels)
    assert set(np.unique(filled)) == {2, 5}
    wrong = float((filled != phases)[missing].mean())
    assert wrong < 0.5 * float((phases == 2).mean()), "better than the more frequent name everywhere"
    assert found.values["channels"][0]["hidden_error_rate"] == pytest.approx(wrong, abs=0.06)


def test_a_mask_file_says_what_is_missing(kriging_network: Any, tmp_path: Path) -> None:
    truth, missing = drawn("gaussian", 1)
    np.save(tmp_path / "map.npy", truth)
    np.save(tmp_path / "mask.npy", missing)
    found = analyse(kriging_network, tmp_path / "map.npy", InpaintOptions(mask=tmp_path / "mask.npy"))
    assert found.values["missing_share"] == pytest.approx(missing.mean())
    np.save(tmp_path / "small.npy", missing[:10])
    with pytest.raises(InputError, match=r"small\.npy.*10 x 64"):
        analyse(kriging_network, tmp_path / "map.npy", InpaintOptions(mask=tmp_path / "small.npy"))


def test_empty_cells_of_a_grid_are_missing(kriging_network: Any, tmp_path: Path) -> None:
    truth, missing = drawn("gaussian", 4)
    rows = [";".join("" if gone else f"{one:.4f}" for one, gone in zip(*row, strict=True))
            for row in zip(truth, missing, strict=True)]  # fmt: skip
    (tmp_path / "grid.csv").write_text("\n".join(rows))
    found = analyse(kriging_network, tmp_path / "grid.csv", InpaintOptions())
    assert found.values["missing_share"] == pytest.approx(missing.mean())


def test_what_cannot_be_filled_is_refused_with_the_mend(kriging_network: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", np.ones((20, 20)))
    with pytest.raises(InputError, match=r"whole\.npy has no missing pixel.*missing_value"):
        analyse(kriging_network, tmp_path / "whole.npy", InpaintOptions())
    empty = np.full((20, 20), np.nan)
    empty[0, :5] = 1
    np.save(tmp_path / "empty.npy", empty)
    with pytest.raises(InputError, match=r"empty\.npy has 5 known pixels"):
        analyse(kriging_network, tmp_path / "empty.npy", InpaintOptions())
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    with pytest.raises(InputError, match=r"words\.npy holds"):
        analyse(kriging_network, tmp_path / "words.npy", InpaintOptions())


def test_a_flat_map_is_filled_flat(kriging_network: Any, tmp_path: Path) -> None:
    flat = np.full((30, 30), 7.5)
    flat[3:6, 3:6] = np.nan
    np.save(tmp_path / "flat.npy", flat)
    found = analyse(kriging_network, tmp_path / "flat.npy", InpaintOptions(labels="no"))
    np.testing.assert_allclose(made(found.maps["filled"].pixels), 7.5)


def test_made_maps_are_scored_and_kriging_beats_the_mean(kriging_network: Any, tmp_path: Path) -> None:
    options = InpaintSynthOptions(kind="grains", side_px=48)
    written = write_synthetic(tmp_path, 3, 0, options)
    assert len(written) == 3
    given = tifffile.imread(tmp_path / "missing" / written[0].name)
    assert np.isnan(given).mean() == pytest.approx(0.3, abs=0.001)
    report = evaluate_folder(kriging_network, tmp_path, InpaintEvaluateOptions())
    value = {score.model: score.value for score in report.scores if score.metric == "relative_rmse"}
    best, mean = value["network"], value["mean of the known pixels"]
    assert best is not None and mean is not None and best < 0.9 * mean
