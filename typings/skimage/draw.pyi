import numpy as np
from numpy.typing import ArrayLike, NDArray

def line(r0: int, c0: int, r1: int, c1: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]: ...
def polygon(
    r: ArrayLike, c: ArrayLike, shape: tuple[int, ...] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]: ...
