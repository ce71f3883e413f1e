"""Maps of labels, such as phases or grain numbers: the most probable label, never one between two others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nital.science.filling.covariance import Covariance
from nital.science.filling.kriging import AT_ONCE, neighbours, weights_of

__all__ = ["most_probable"]

Numbers = NDArray[np.float64]


def most_probable(
    labels: NDArray[Any], known: NDArray[np.bool_], covariance: Covariance, *, count: int = 16
) -> tuple[NDArray[Any], Numbers]:
    """Fill missing labels by indicator kriging: known neighbours vote with their kriging weights.

    Args:
        labels: (rows, cols), any type; what stands where `known` is False does not matter.
        covariance: of the indicators. count: nearest known pixels that vote.

    Returns:
        the labels, and how probable each is, 1 where known.

    Source: A. Journel, Mathematical Geology 15 (1983) 445, doi:10.1007/BF01031292.
    """
    filled, chance = labels.copy(), np.ones(labels.shape)
    for targets, places, near, distance in neighbours(known, count):
        seen = labels[tuple(places.T)]
        for part in range(0, len(targets), AT_ONCE):
            chosen = slice(part, part + AT_ONCE)
            weights, _ = weights_of(places[near[chosen]], distance[chosen], covariance)
            votes = seen[near[chosen]]
            share = np.maximum(weights, 0)
            share /= share.sum(1, keepdims=True)
            same = np.einsum("nij,nj->ni", (votes[:, :, None] == votes[:, None]).astype(float), share)
            best = same.argmax(1)
            where = tuple(targets[chosen].T)
            filled[where] = np.take_along_axis(votes, best[:, None], 1)[:, 0]
            chance[where] = np.take_along_axis(same, best[:, None], 1)[:, 0]
    return filled, chance
