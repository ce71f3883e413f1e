"""Models that are no networks: texture features with a linear model, two physical numbers of two-level pictures, and
always the same."""

from typing import Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import need
from nital.core.task import Baseline
from nital.tasks.classes.simpler import FEATURES, class_probability

__all__ = ["TEXTURES", "commonest_class", "fit_baselines", "fit_textures"]

TEXTURES = "texture features + linear model"
MOST_PICTURES = 3000
"""So many training pictures are enough for a linear model on texture features, which take milliseconds each."""


def fit_baselines(train: Dataset, seed: int = 0) -> list[Baseline]:
    """The baselines of the job, fitted on the training part.

    Raises:
        MissingExtra: without scikit-learn, of the extra `train`.
    """
    batch = _some(train, seed)
    models = [_fitted(TEXTURES, "textures", batch, train.facts)]
    if all(len(np.unique(image)) <= 2 for image in batch["image"][:50]):
        models.append(_fitted("neighbour agreement (energy)", "agreement", batch, train.facts))
        models.append(_fitted("|mean grey| (magnetisation)", "distance from middle", batch, train.facts))
    return [*models, commonest_class(batch, len(train.facts["classes"]))]


def fit_textures(train: Dataset, seed: int = 0) -> Baseline:
    """Texture features with a linear model alone."""
    return _fitted(TEXTURES, "textures", _some(train, seed), train.facts)


def _some(train: Dataset, seed: int) -> Batch:
    chosen = np.random.default_rng(seed).permutation(len(train))[:MOST_PICTURES]
    return train.batch(np.sort(chosen))


def commonest_class(known: Batch, classes: int) -> Baseline:
    """Always the class that most of the samples have, with a value always its mean.

    Args:
        known: `label` (n,), and perhaps `value` (n,). classes: how many there are.
    """
    share = np.bincount(known["label"], minlength=classes) / len(known["label"])
    answer = {"probability": share[None]}
    if "value" in known:
        answer["value"] = known["value"].mean(keepdims=True)

    def predict(batch: Batch) -> dict[str, np.ndarray]:
        return {name: np.repeat(array, len(batch["image"]), axis=0) for name, array in answer.items()}

    bias = [float(np.log(one)) if one > 0 else None for one in share]
    kept = {"features": "nothing", "mean": [], "spread": [], "weights": [[] for _ in share], "bias": bias}
    return Baseline("always the commonest class", predict, constant=True, kept=kept)


def _fitted(name: str, features: str, batch: Batch, facts: Any) -> Baseline:
    need("sklearn", "train", "Fitting the baselines")
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = FEATURES[features](batch["image"])
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.3 if known.shape[1] > 1 else 1e3, max_iter=2000))
    linear.fit(known, batch["label"])
    kept = _kept(features, linear[0], linear[1], len(facts["classes"]))
    value: Any = None
    if "value" in batch:
        # One number may depend on the value in any rising or falling way; many are combined linearly.
        rises = known.shape[1] == 1 and np.corrcoef(known[:, 0], batch["value"])[0, 1] > 0
        one = IsotonicRegression(increasing=bool(rises), out_of_bounds="clip")
        value = one if known.shape[1] == 1 else make_pipeline(StandardScaler(), Ridge(1.0))
        value.fit(known, batch["value"])

    def predict(batch: Batch) -> dict[str, np.ndarray]:
        answer = {"probability": class_probability(kept, batch["image"])}
        if value is not None:
            answer["value"] = value.predict(FEATURES[features](batch["image"]))
        return answer

    return Baseline(name, predict, kept=kept)


def _kept(features: str, scaler: Any, linear: Any, classes: int) -> dict[str, Any]:
    """A fitted scaler and logistic regression as the plain numbers that `class_probability` takes."""
    weights, bias = np.zeros((classes, scaler.mean_.size)), np.full(classes, None, dtype=object)
    seen = linear.classes_
    if len(seen) == 2:  # one logit for the second; the first has 0
        weights[seen[1]], bias[seen[0]], bias[seen[1]] = linear.coef_[0], 0.0, float(linear.intercept_[0])
    else:
        weights[seen], bias[seen] = linear.coef_, linear.intercept_.tolist()
    return {
        "features": features, "mean": scaler.mean_.tolist(), "spread": scaler.scale_.tolist(),
        "weights": weights.tolist(), "bias": bias.tolist(),
    }  # fmt: skip
