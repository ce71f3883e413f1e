"""Models that are no networks: texture features with a linear model, and two physical numbers of two-level pictures."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import need
from nital.core.task import Baseline
from nital.science.textures import texture_features

__all__ = ["TEXTURES", "agreement", "commonest_class", "fit_baselines", "fit_textures"]

TEXTURES = "texture features + linear model"
MOST_PICTURES = 3000
"""So many training pictures are enough for a linear model on texture features, which take milliseconds each."""

Features = Callable[[np.ndarray], np.ndarray]


def fit_baselines(train: Dataset, seed: int = 0) -> list[Baseline]:
    """The baselines of the job, fitted on the training part.

    Raises:
        MissingExtra: without scikit-learn, of the extra `train`.
    """
    batch = _some(train, seed)
    models = [_fitted(TEXTURES, _textures, batch, train.facts)]
    if all(len(np.unique(image)) <= 2 for image in batch["image"][:50]):
        models.append(_fitted("neighbour agreement (energy)", agreement, batch, train.facts))
        models.append(_fitted("|mean grey| (magnetisation)", _distance_from_middle, batch, train.facts))
    return models


def fit_textures(train: Dataset, seed: int = 0) -> Baseline:
    """Texture features with a linear model alone."""
    return _fitted(TEXTURES, _textures, _some(train, seed), train.facts)


def _some(train: Dataset, seed: int) -> Batch:
    chosen = np.random.default_rng(seed).permutation(len(train))[:MOST_PICTURES]
    return train.batch(np.sort(chosen))


def commonest_class(train_label: np.ndarray, classes: int) -> Baseline:
    """Always the class that the training part has most of."""
    share = np.bincount(train_label, minlength=classes) / len(train_label)
    return Baseline(
        "always the commonest class", lambda batch: {"probability": np.tile(share, (len(batch["image"]), 1))}
    )


def agreement(images: np.ndarray) -> np.ndarray:
    """Mean product of neighbours in pictures of two levels taken as +1 and -1, opposite edges joined; (n, 1).

    The energy per spin of an Ising configuration is minus twice this number.
    """
    spins = _two_levels(images)
    pairs = [(spins * np.roll(spins, 1, axis)).mean((1, 2)) for axis in (1, 2)]
    return np.mean(pairs, axis=0)[:, None]


def _distance_from_middle(images: np.ndarray) -> np.ndarray:
    """|mean| of pictures of two levels taken as +1 and -1, (n, 1)."""
    spins = _two_levels(images)
    return np.abs(spins.mean((1, 2)))[:, None]


def _two_levels(images: np.ndarray) -> np.ndarray:
    """Each picture as +1 above the middle of its range and -1 below; (n, rows, cols)."""
    low, high = images.min((1, 2, 3), keepdims=True), images.max((1, 2, 3), keepdims=True)
    return np.where(images >= (low + high) / 2, np.float32(1), np.float32(-1))[:, 0]


def _textures(images: np.ndarray) -> np.ndarray:
    return np.stack([texture_features(image[0]) for image in images])


def _fitted(name: str, features: Features, batch: Batch, facts: Any) -> Baseline:
    need("sklearn", "train", "Fitting the baselines")
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = features(batch["image"])
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.3 if known.shape[1] > 1 else 1e3, max_iter=2000))
    linear.fit(known, batch["label"])
    seen = linear[-1].classes_
    value: Any = None
    if "value" in batch:
        # One number may depend on the value in any rising or falling way; many are combined linearly.
        rises = known.shape[1] == 1 and np.corrcoef(known[:, 0], batch["value"])[0, 1] > 0
        one = IsotonicRegression(increasing=bool(rises), out_of_bounds="clip")
        value = one if known.shape[1] == 1 else make_pipeline(StandardScaler(), Ridge(1.0))
        value.fit(known, batch["value"])

    def predict(batch: Batch) -> dict[str, np.ndarray]:
        found = features(batch["image"])
        probability = np.zeros((len(found), len(facts["classes"])))
        probability[:, seen] = linear.predict_proba(found)
        answer = {"probability": probability}
        if value is not None:
            answer["value"] = value.predict(found)
        return answer

    return Baseline(name, predict)
