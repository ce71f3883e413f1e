from typing import Literal

import numpy as np
from numpy.typing import NDArray

def h_maxima(image: np.ndarray, h: float, footprint: np.ndarray | None = None) -> NDArray[np.uint8]: ...
def local_maxima(
    image: np.ndarray,
    footprint: np.ndarray | None = None,
    connectivity: int | None = None,
    indices: Literal[False] = False,
    allow_borders: bool = True,
) -> NDArray[np.bool_]: ...
def reconstruction(
    seed: np.ndarray,
    mask: np.ndarray,
    method: Literal["dilation", "erosion"] = "dilation",
    footprint: np.ndarray | None = None,
    offset: np.ndarray | None = None,
) -> np.ndarray: ...
def skeletonize(image: np.ndarray, *, method: Literal["zhang", "lee"] | None = None) -> NDArray[np.bool_]: ...
