"""How much slower classifying files is than the bare ONNX session on arrays that are ready.

    python benchmarks/classes_predict.py [--model FOLDER] [--number 1000]

Synthetic pictures; the session gets what the job gets, picture by picture. With results on disk each picture has its
folder with activation map, overlay, report and JSON.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from nital.io.labelled import open_picture
from nital.runs.artifact import bundled
from nital.runs.batch import Failure, expand, predict_many
from nital.runs.engine import OnnxNetwork
from nital.runs.jobs import get_task
from nital.tasks.classes.prepare import prepare


def bare(model: Path, inputs: list[np.ndarray]) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(model / "model.onnx"), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    session.run(None, {name: inputs[0]})
    started = time.perf_counter()
    for one in inputs:
        session.run(None, {name: one})
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--number", type=int, default=1000)
    arguments = parser.parse_args()
    model = arguments.model or bundled("classes")
    with tempfile.TemporaryDirectory() as folder:
        files = get_task("classes").write_synthetic(Path(folder) / "in", arguments.number, seed=1)
        facts = OnnxNetwork(model).facts
        inputs = [prepare(open_picture(file), file, facts).crops for file in files]
        (Path(folder) / "in" / "broken.png").write_bytes(b"no picture")
        paths = expand([*files, Path(folder) / "in" / "broken.png"])
        alone = bare(model, inputs)
        print(f"bare session: {alone:.2f} s, {1e3 * alone / len(files):.2f} ms a picture")
        for words, out in (("without files", None), ("with results on disk", Path(folder) / "out")):
            started = time.perf_counter()
            failed = sum(isinstance(r, Failure) for r in predict_many("classes", paths, out=out, artifact=model))
            seconds = time.perf_counter() - started
            ratio = seconds / alone
            print(f"predict {words}: {seconds:.2f} s, {ratio:.2f} times the bare session; {failed} bad file told")
        print(f"bare session again: {bare(model, inputs):.2f} s")


if __name__ == "__main__":
    main()
