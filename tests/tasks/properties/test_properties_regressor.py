"""The estimator for users of scikit-learn."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from nital.core.errors import InputError
from nital.tasks.properties import PropertyRegressor


def _heats(n: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (n, 2))
    return x, 5 + 3 * x[:, 0] + 0.1 * rng.normal(size=n), np.arange(n) // 4


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_own_checks_pass() -> None:
    check_estimator(PropertyRegressor(effort="tiny"))


def test_it_finds_a_line_and_its_intervals_hold() -> None:
    x, y, groups = _heats()
    regressor = PropertyRegressor(effort="tiny").fit(x[:60], y[:60], groups=groups[:60])
    assert regressor.chosen_ == "Ridge"
    assert regressor.score(x[60:], y[60:]) > 0.98
    low, high = regressor.predict_interval(x[60:]).T
    assert np.mean((y[60:] >= low) & (y[60:] <= high)) >= 0.8
    assert np.max(high - low) < 1.0


def test_missing_values_are_taken_and_infinite_ones_refused() -> None:
    x, y, groups = _heats(40)
    x[3, 0] = np.nan
    assert np.isfinite(PropertyRegressor(effort="tiny").fit(x, y, groups=groups).predict(x)).all()
    x[3, 0] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        PropertyRegressor(effort="tiny").fit(x, y)


def test_wrong_settings_are_refused_by_name() -> None:
    x, y, groups = _heats(40)
    with pytest.raises(InputError, match="effort is 'huge'"):
        PropertyRegressor(effort="huge").fit(x, y)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="groups has the shape"):
        PropertyRegressor(effort="tiny").fit(x, y, groups=groups[:5])
