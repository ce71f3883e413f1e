from typing import Any

import numpy as np

def regionprops(label_image: np.ndarray) -> list[Any]: ...
