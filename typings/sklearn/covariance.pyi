from typing import Self

import numpy as np
from numpy.typing import NDArray

class LedoitWolf:
    def __init__(
        self, *, store_precision: bool = True, assume_centered: bool = False, block_size: int = 1000
    ) -> None: ...
    def fit(self, X: np.ndarray, y: None = None) -> Self: ...
    def get_precision(self) -> NDArray[np.float64]: ...
