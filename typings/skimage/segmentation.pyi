import numpy as np
from numpy.typing import NDArray

def watershed(
    image: np.ndarray,
    markers: int | np.ndarray | None = None,
    connectivity: int | np.ndarray = 1,
    offset: np.ndarray | None = None,
    mask: np.ndarray | None = None,
    compactness: float = 0,
    watershed_line: bool = False,
) -> NDArray[np.int32]: ...
