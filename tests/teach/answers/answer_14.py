import numpy as np
from numpy.typing import NDArray

kernel = [[-2, -2, -2], [0, 0, 0], [2, 2, 2]]
passes = 50


def normalise(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    total = kernel.sum()
    return kernel / (total if total != 0 else np.abs(kernel).sum())
