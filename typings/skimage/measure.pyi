from typing import Any

import numpy as np

def regionprops(label_image: np.ndarray, intensity_image: np.ndarray | None = None) -> list[Any]: ...
