import numpy as np

# With `full` or `gradient` it gives a tuple; nital asks for neither.
def structural_similarity(
    im1: np.ndarray,
    im2: np.ndarray,
    *,
    win_size: int | None = None,
    data_range: float | None = None,
    channel_axis: int | None = None,
    gaussian_weights: bool = False,
) -> float: ...
