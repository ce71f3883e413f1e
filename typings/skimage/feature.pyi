from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

def graycomatrix(
    image: np.ndarray,
    distances: Sequence[float],
    angles: Sequence[float],
    levels: int | None = None,
    symmetric: bool = False,
    normed: bool = False,
) -> np.ndarray: ...
def graycoprops(P: np.ndarray, prop: str = "contrast") -> NDArray[np.float64]: ...
def multiscale_basic_features(
    image: np.ndarray,
    intensity: bool = True,
    edges: bool = True,
    texture: bool = True,
    sigma_min: float = 0.5,
    sigma_max: float = 16,
    num_sigma: int | None = None,
    workers: int | None = None,
    *,
    channel_axis: int | None = None,
) -> np.ndarray: ...
