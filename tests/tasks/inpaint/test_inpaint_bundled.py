"""The bundled model by the public way, files and report included."""

from pathlib import Path

import numpy as np
import tifffile

import nital
from nital.tasks.inpaint.options import InpaintSynthOptions
from nital.tasks.inpaint.synthesise import write_synthetic


def test_a_map_is_filled_and_its_files_and_report_are_written(tmp_path: Path) -> None:
    whole = write_synthetic(tmp_path, 1, 3, InpaintSynthOptions(kind="grains", side_px=64))[0]
    given = tmp_path / "missing" / whole.name
    result = nital.predict("inpaint", given, out=tmp_path / "out")
    assert result.folder is not None
    filled = tifffile.imread(result.folder / "filled.tif")
    truth, missing = tifffile.imread(whole), np.isnan(tifffile.imread(given))
    assert (filled[~missing] == truth[~missing]).all()
    assert np.sqrt(np.mean((filled - truth)[missing] ** 2)) < 0.9 * truth.std()
    assert (result.folder / "report.html").stat().st_size > 0
