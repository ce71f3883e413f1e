"""The same choice of models as a scikit-learn estimator."""

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from nital.core.errors import InputError
from nital.tasks.properties.calibration import calibrate
from nital.tasks.properties.models import Constant, Rows
from nital.tasks.properties.nested import one_thread
from nital.tasks.properties.recipe import RECIPES
from nital.tasks.properties.settled import fit_chosen

__all__ = ["PropertyRegressor"]

LARGEST = float(np.finfo(np.float32).max)


class PropertyRegressor(RegressorMixin, BaseEstimator):
    """The simplest good model of linear model, trees, boosting and MLP ensemble, chosen by cross-validation by group.

    Args:
        effort: 'tiny', 'usual' or 'thorough'; the recipe whose sizes of models are used.
        confidence: probability that a row of a new group lies inside of `predict_interval`.
        random_state: seed, as in scikit-learn.

    Attributes:
        chosen_: name of the model that was kept. inner_mae_: name -> mean absolute error on unseen inner groups.
        model_: the fitted model. calibration_: how wide intervals are. n_features_in_: columns.

    >>> import numpy as np
    >>> x = np.linspace(0, 1, 40)[:, None]
    >>> regressor = PropertyRegressor(effort="tiny").fit(x, 3 * x[:, 0], groups=np.arange(40) // 2)
    >>> regressor.chosen_, float(np.round(regressor.predict([[0.5]])[0], 2))
    ('Ridge', 1.5)
    """

    def __init__(
        self, effort: Literal["tiny", "usual", "thorough"] = "usual", confidence: float = 0.9, random_state: Any = 0
    ) -> None:
        self.effort = effort
        self.confidence = confidence
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> "PropertyRegressor":
        """Choose, fit and calibrate.

        Args:
            X: shape (n, p), NaN where missing. y: shape (n,).
            groups: shape (n,), heat, paper or specimen of each row; None: each row is its own group.
        """
        if self.effort not in RECIPES:
            raise InputError(f"effort is {self.effort!r}. Use one of: {', '.join(RECIPES)}.")
        checked: Any = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        x, target = checked
        labels = np.arange(len(target)) if groups is None else np.asarray(groups)
        if labels.shape != target.shape:
            raise InputError(f"groups has the shape {labels.shape}, and y has {target.shape}.")
        rows = Rows(_single(x), target.astype(np.float64), labels, {"given": np.arange(x.shape[1])})
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with one_thread():
            choice, self.model_ = fit_chosen(rows, RECIPES[self.effort].replace(seed=seed))
        self.chosen_ = "mean" if isinstance(self.model_, Constant) else choice.chosen
        self.inner_mae_ = {name: result.mae for name, result in choice.families.items()}
        self.calibration_ = calibrate(choice.families[choice.chosen], rows, self.confidence)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Values, shape (n,)."""
        return self._values(X)[0]

    def predict_interval(self, X: Any) -> np.ndarray:
        """Low and high ends of the intervals, shape (n, 2)."""
        value, spread = self._values(X)
        half = self.calibration_.half_widths(spread)
        return np.stack([value - half, value + half], axis=1)

    def _values(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        x: Any = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.model_.predict(_single(x))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _single(x: np.ndarray) -> np.ndarray:
    """Values as single precision holds them, as everywhere in this job."""
    return np.clip(x, -LARGEST, LARGEST).astype(np.float32).astype(np.float64)
