import numpy as np

def inpaint_biharmonic(
    image: np.ndarray, mask: np.ndarray, *, split_into_regions: bool = False, channel_axis: int | None = None
) -> np.ndarray: ...
