import numpy as np

tanh_as_sigmoid = (2, 2, -1)


def softplus(z: float) -> float:
    return max(z, 0) + np.log1p(np.exp(-abs(z)))
