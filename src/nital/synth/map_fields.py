"""Gaussian random fields with a known covariance, exact on a torus, by Fourier transform."""

from collections.abc import Callable

import numpy as np

__all__ = ["gaussian_field"]


def gaussian_field(
    shape: tuple[int, int], correlation: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """A field of mean 0 and variance 1, float64 (rows, cols).

    Circulant embedding: the covariance on a torus twice as large, whose spectrum is cut off at 0 where the correlation
    reaches round it.

    Args:
        correlation: squared distances in px -> correlation.

    Source: C. Dietrich, G. Newsam, SIAM J. Sci. Comput. 18 (1997) 1088, doi:10.1137/S1064827592240555.
    """
    rows, cols = (np.minimum(np.arange(2 * size), 2 * size - np.arange(2 * size)) for size in shape)
    spectrum = np.fft.fft2(correlation(rows[:, None] ** 2 + cols[None] ** 2)).real.clip(0)
    spectrum *= spectrum.size / spectrum.sum()
    noise = rng.standard_normal(spectrum.shape) + 1j * rng.standard_normal(spectrum.shape)
    return np.fft.fft2(np.sqrt(spectrum / spectrum.size) * noise).real[: shape[0], : shape[1]]
