from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

class KFold:
    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, random_state: int | None = None) -> None: ...
    def split(
        self, X: np.ndarray, y: np.ndarray | None = None, groups: np.ndarray | None = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]: ...
