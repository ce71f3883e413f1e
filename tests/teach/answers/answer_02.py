import numpy as np
from numpy.typing import NDArray

or_weights = (1, 1, -0.5)
rate = 3 / 14


def gradient(x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 / len(y) * x.T @ (x @ w - y)
