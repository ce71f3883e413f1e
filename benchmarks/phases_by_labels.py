"""Martensite in ferrite from 200, 50 and 10 labelled pictures of 256 x 256 px, scored on 40 others, all synthetic.

Run: python benchmarks/phases_by_labels.py [chance|bundled] [numbers of pictures]
"chance": U-Nets know nothing before; "bundled": from nital's pretraining, which has seen other drawings of this kind.
"""

import sys
import tempfile
import time
from pathlib import Path

import nital
from nital.core.report import Report
from nital.tasks.phases.options import SynthOptions
from nital.tasks.phases.synthesise import write_synthetic

TESTED, DRAWN = 40, SynthOptions(structure="dual phase", side_px=256)


def main(start: str, numbers: list[int]) -> None:
    """Print a row for each number of pictures and each model."""
    print(f"U-Net from {start}; {TESTED} other pictures; mean IoU, error of the area fraction in points, CPU s")
    with tempfile.TemporaryDirectory() as folder:
        tested = Path(folder, "test")
        write_synthetic(tested, TESTED, 99, DRAWN)
        for number in numbers:
            learned, model = Path(folder, f"{number}"), Path(folder, f"model{number}")
            write_synthetic(learned, number, 1, DRAWN)
            since = time.process_time()
            nital.train(
                "phases", learned, out=model, folds=0, start_from=None if start == "chance" else start,
                ways=("unet", "features"), threads=1,
            )  # fmt: skip
            took = time.process_time() - since
            report = nital.evaluate("phases", tested, artifact=model)
            for name in ("network", "one phase everywhere"):
                print(f"{number:4d}  {name:28} {_value(report, name, 'mean_iou'):.3f} "
                      f"{_value(report, name, 'area_error_points'):6.2f} {took:6.0f}", flush=True)  # fmt: skip


def _value(report: Report, model: str, metric: str) -> float:
    return next(one.value or 0.0 for one in report.scores if (one.model, one.metric) == (model, metric))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "chance", [int(one) for one in sys.argv[2:]] or [200, 50, 10])
