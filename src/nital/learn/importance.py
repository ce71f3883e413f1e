"""What a model looks at: permutation of columns that belong together, and the course of the mean prediction."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

__all__ = ["integrated_gradients", "partial_dependence", "permutation_importance"]

Columns = Mapping[str, np.ndarray]
Predict = Callable[[Columns], np.ndarray]


def permutation_importance(
    predict: Predict, columns: Columns, target: np.ndarray, sets: Mapping[str, Sequence[str]], *,
    repeats: int = 5, seed: int = 0,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """By how much the mean absolute error grows when columns are shuffled, those of a set by the same permutation.

    Contents of elements sum to 100 %: shuffled one by one they make alloys that do not exist.

    Args:
        predict: columns -> values (n,). columns: header -> (n,), of rows that the model has not seen.
        sets: name -> headers that are shuffled together.

    Returns:
        name -> (mean, standard deviation over repeats), in the unit of the target; negative by chance alone.

    Source: Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin and Dominici 2019, arXiv:1801.01489.
    """
    rng = np.random.default_rng(seed)
    before = float(np.abs(predict(columns) - target).mean())
    found: dict[str, tuple[float, float]] = {}
    for name, headers in sets.items():
        grown: list[float] = []
        for _ in range(repeats):
            order = rng.permutation(len(target))
            shuffled = {**columns, **{header: columns[header][order] for header in headers}}
            grown.append(float(np.abs(predict(shuffled) - target).mean()) - before)
        found[name] = (float(np.mean(grown)), float(np.std(grown)))
    return found


def partial_dependence(predict: Predict, columns: Columns, header: str, values: np.ndarray) -> np.ndarray:
    """Mean prediction when one column has the same value in all rows.

    Args:
        values: shape (k,), of the column.

    Returns:
        Shape (k,), in the unit of the target.

    Valid for: columns that can change alone; where they go with others, rows are made up that nobody could make.
    Source: Friedman 2001, doi:10.1214/aos/1013203451.
    """
    rows = len(columns[header])
    return np.array([predict({**columns, header: np.full(rows, value)}).mean() for value in values])


def integrated_gradients(
    gradient: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, origin: np.ndarray, steps: int = 64
) -> np.ndarray:
    """Share of each input in the difference between the prediction of a row and that of the origin.

    (x - x0) times the mean of the gradient on the way from x0 to x, by the midpoint rule. The shares of a row sum to
    the difference of its prediction from the origin's; what is missing is the gap of completeness.

    Args:
        gradient: rows (n, c) -> gradients (n, c). rows: (n, c). origin: (c,).

    Source: Sundararajan, Taly and Yan 2017, arXiv:1703.01365.

    >>> integrated_gradients(lambda x: 2 * x, np.array([[3.0, 1.0]]), np.zeros(2))  # of the sum of squares
    array([[9., 1.]])
    """
    way = rows - origin
    total = np.zeros_like(rows, dtype=float)
    for step in range(steps):
        total += gradient(origin + (step + 0.5) / steps * way)
    return way * total / steps
