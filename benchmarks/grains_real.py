"""The bundled grain model on real micrographs, beside the classical methods.

    python benchmarks/grains_real.py [DATA] [--artifact FOLDER]

DATA is the folder with the sets grains_nist_gsat, grains_ebsd, grains_4steels_optical, grains_brass_c2600 (NITAL_DATA
by default). Nothing is chosen per image: scale and decoding are automatic.
"""

import argparse
import csv
import os
from collections import defaultdict
from pathlib import Path

import numpy as np

from nital.core.task import Network
from nital.io.micrographs import open_micrograph
from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.science.stereology import intercepts
from nital.tasks.grains.analyse import analyse
from nital.tasks.grains.baselines import local_threshold_grains
from nital.tasks.grains.doubt import classical_grains, classical_scale
from nital.tasks.grains.metrics import METRICS
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.score import evaluate_folder


def labelled(network: Network, folder: Path, twins: str) -> None:
    """Scores of every method on a labelled set."""
    report = evaluate_folder(network, folder, GrainsOptions(twins=twins))  # type: ignore[arg-type]
    print(f"\n{folder.name} (twins: {twins})\n{'':46}" + "".join(f"{metric.name:>22}" for metric in METRICS))
    for model in report.rows():
        print(f"{model['name']:46}" + "".join(f"{model[metric.name]:22.3f}" for metric in METRICS))
    print("scale", [image["scale"] for image in report.rows()[0]["images"]], "|", report.verdict)


def two_magnifications(network: Network, folder: Path) -> None:
    """The same specimen at two magnifications must give the same G; so must the fields of one set."""
    numbers: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    with (folder / "manifest.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] != "image":
                continue
            path, pixel_um = folder / row["file"], float(row["pixel_size_um"])
            values = analyse(network, path, GrainsOptions(pixel_size_um=pixel_um)).values
            image = open_micrograph(path).image
            plain = intercepts(local_threshold_grains(image), pixel_size_um=pixel_um).grain_size_number
            scaled = classical_grains(image, None, values["scale"])
            fine_um = pixel_um / classical_scale(values["scale"])
            same = intercepts(scaled, pixel_size_um=fine_um).grain_size_number
            numbers[row["specimen"], row["magnification"]].append([values["astm_grain_size_number"], plain, same])
            print(f"{path.name:18} scale {values['scale']:.2f}  G {values['astm_grain_size_number']:.2f}", flush=True)
    print(f"\n{folder.name}: mean G (standard deviation over fields):", end=" ")
    print("network | threshold native | threshold automatic scale")
    means: dict[str, list[np.ndarray]] = defaultdict(list)
    for (specimen, magnification), rows in numbers.items():
        mean, spread = np.mean(rows, 0), np.std(rows, 0, ddof=1)
        means[specimen].append(mean)
        cells = " | ".join(f"{m:6.2f} ({s:.2f})" for m, s in zip(mean, spread, strict=True))
        print(f"{specimen:12} {magnification:>5} x  {cells}")
    for specimen, pair in means.items():
        print(f"{specimen:12} difference  " + " | ".join(f"{d:+6.2f}       " for d in pair[0] - pair[1]))


def scale_bar(network: Network, folder: Path) -> None:
    """The bar in the picture gives the scale; margin and bar hold no grain."""
    path = next(folder.glob("images/*.jpg"))
    outcome = analyse(network, path, GrainsOptions())
    values, labels = outcome.values, outcome.maps["label_map"].pixels
    rows = np.flatnonzero((labels > 0).any(1))
    print(
        f"\n{folder.name}: {1 / values['pixel_size_um']:.3f} px/um from {values['pixel_size_source']} (known 1.945); "
        f"grains in rows {rows[0]} to {rows[-1]} of {len(labels)}; G {values['astm_grain_size_number']:.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path(os.environ.get("NITAL_DATA", "../shared/data")))
    parser.add_argument("--artifact", type=Path)
    arguments = parser.parse_args()
    model = OnnxNetwork(arguments.artifact or bundled("grains"))
    labelled(model, arguments.data / "grains_nist_gsat", "merge")
    labelled(model, arguments.data / "grains_ebsd", "count")
    two_magnifications(model, arguments.data / "grains_4steels_optical")
    scale_bar(model, arguments.data / "grains_brass_c2600")
