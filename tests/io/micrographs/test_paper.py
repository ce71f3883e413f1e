"""The paper under a scale bar is no specimen."""

import numpy as np
import pytest

from nital.io.micrographs.scale_bar import find_scale_bar, with_paper


def test_the_white_box_under_a_bar_is_found_whole() -> None:
    pytest.importorskip("numba")
    from nital.synth.overlays import add_scale_bar

    grey = np.random.default_rng(0).integers(120, 220, (400, 600), dtype=np.uint8)
    image, covered = add_scale_bar(grey, 0.5)
    bar = find_scale_bar(image)
    assert bar is not None
    first, end, left, right = with_paper(image, bar.box)
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    assert abs(first - rows[0]) <= 1 and abs(end - rows[-1] - 1) <= 1
    assert abs(left - columns[0]) <= 1 and abs(right - columns[-1] - 1) <= 1


def test_a_bar_on_the_specimen_keeps_its_box() -> None:
    image = np.random.default_rng(0).integers(60, 220, (400, 600), dtype=np.uint8)
    assert with_paper(image, (350, 370, 400, 500)) == (350, 370, 400, 500)
