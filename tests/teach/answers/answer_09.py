he_std = (2 / 512) ** 0.5


def leaky_he(slope: float) -> float:
    return 2 / (1 + slope**2)
