import numpy as np

half_overlap = 0.695
radius = 224.7


def amplitude(q, radius):
    if radius == 0:
        return np.zeros_like(q)
    x = q * radius
    return 4 * np.pi * radius**3 * (np.sin(x) - x * np.cos(x)) / x**3


def shell(q, outer, inner):
    volume = 4 / 3 * np.pi * (outer**3 - inner**3)
    return ((amplitude(q, outer) - amplitude(q, inner)) / volume) ** 2
