from collections.abc import Sequence

import numpy as np

def graycomatrix(
    image: np.ndarray,
    distances: Sequence[int],
    angles: Sequence[float],
    levels: int,
    symmetric: bool = ...,
    normed: bool = ...,
) -> np.ndarray: ...
def graycoprops(P: np.ndarray, prop: str) -> np.ndarray: ...
def multiscale_basic_features(image: np.ndarray, *, sigma_min: float, sigma_max: float) -> np.ndarray: ...
