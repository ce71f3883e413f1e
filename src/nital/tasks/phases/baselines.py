"""What the network must beat: a random forest on a filter bank, as interactive tools have it, and one phase alone."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import ndimage

from nital.core.dataset import Batch, Dataset
from nital.core.task import Baseline
from nital.io.labelled import UNLABELLED

__all__ = ["filter_bank", "fit_baselines"]

MOST_PIXELS = 900
"""So many pixels of each class and window the forest learns from."""
MOST_ROWS = 12_000
"""And so many of each class from all windows together."""
TREES = 100
SMOOTHED_PX = 2.0
MOST_WINDOWS = 40


def fit_baselines(train: Dataset) -> list[Baseline]:
    """A random forest on a filter bank, and the class that fills the largest area, whatever the picture shows."""
    classes = len(train.facts["classes"])
    batch = train.batch(_spread(len(train)))
    truth = batch["truth"]
    counts = np.bincount(truth[truth != UNLABELLED].ravel(), minlength=classes)[:classes]
    return [
        Baseline("random forest on a filter bank", _forest(batch, classes)),
        Baseline("one phase everywhere", _constant(int(counts.argmax()), classes), constant=True),
    ]


def filter_bank(image: np.ndarray) -> np.ndarray:
    """Greys, edges and textures of a picture at five scales, 1 to 16 px, float32 (features, rows, cols).

    Args:
        image: (rows, cols), standardised.
    """
    from skimage.feature import multiscale_basic_features

    found = multiscale_basic_features(image, sigma_min=1, sigma_max=16)
    return np.moveaxis(found, -1, 0).astype(np.float32)


def _spread(number: int) -> np.ndarray:
    return np.unique(np.linspace(0, number - 1, min(number, MOST_WINDOWS)).astype(int))


def _forest(batch: Batch, classes: int) -> Callable[[Batch], dict[str, np.ndarray]]:
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    most = min(MOST_PIXELS, MOST_ROWS // len(batch["image"]))
    rows: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    for bank, truth in zip(_each(batch, filter_bank), batch["truth"], strict=True):
        bank = bank.reshape(len(bank), -1)
        for label in range(classes):
            places = np.flatnonzero(truth.ravel() == label)
            places = rng.permutation(places)[:most]
            rows.append(bank[:, places].T)
            labels.append(np.full(len(places), label))
    model: Any = RandomForestClassifier(TREES, min_samples_leaf=3, max_features="sqrt", n_jobs=1, random_state=0)
    model.fit(np.concatenate(rows), np.concatenate(labels))

    def answer(image: np.ndarray) -> np.ndarray:
        found = np.zeros((classes, *image.shape), np.float32)
        bank = filter_bank(image).reshape(-1, image.size).T
        found[model.classes_] = model.predict_proba(bank).T.reshape(-1, *image.shape)
        return ndimage.gaussian_filter(found, (0, SMOOTHED_PX, SMOOTHED_PX))

    return lambda batch: {"probability": np.stack(list(_each(batch, answer)))}


def _each(batch: Batch, function: Callable[[np.ndarray], np.ndarray]) -> Iterator[np.ndarray]:
    """A function of each picture of a batch; windows that follow each other may be parts of one, which is done once."""
    last, found = None, np.empty(0)
    for image in batch["image"][:, 0]:
        if last is None or not np.array_equal(image, last):
            last, found = image, function(image)
        yield found


def _constant(label: int, classes: int) -> Callable[[Batch], dict[str, np.ndarray]]:
    def predict(batch: Batch) -> dict[str, np.ndarray]:
        shape = (len(batch["image"]), classes, *batch["image"].shape[2:])
        found = np.zeros(shape, np.float32)
        found[:, label] = 1
        return {"probability": found}

    return predict
