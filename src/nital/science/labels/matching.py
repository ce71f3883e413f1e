"""How well two label maps, or two boundary maps, agree."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage, sparse

from nital.core.errors import InputError
from nital.science.labels.checks import check_label_map, check_valid

__all__ = ["BoundaryScore", "adjusted_rand_index", "boundary_f1", "relative_tolerance_px"]


class BoundaryScore(NamedTuple):
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


def boundary_f1(
    predicted_boundary: np.ndarray, true_boundary: np.ndarray, tolerance_px: float, valid: np.ndarray | None = None
) -> BoundaryScore:
    """Score predicted boundaries against true ones, with a tolerance.

    precision = share of the thinned prediction within the tolerance of a true boundary pixel;
    recall = share of the thinned truth within the tolerance of the thinned prediction;
    F1 = 2 precision recall / (precision + recall). Where the truth is a thick zone, a line anywhere in
    it is right, and what must be found is its middle line.

    Args:
        predicted_boundary, true_boundary: bool, (rows, cols), lines of any thickness.
        tolerance_px: in px, 0 or more.
        valid: bool, (rows, cols), True where boundaries count; None: everywhere.

    Returns:
        precision, recall and F1; a side without boundaries scores 1 if the other has none, else 0.

    Raises:
        InputError: maps of different shape, or a negative tolerance.

    Source: D. R. Martin, C. C. Fowlkes, J. Malik, IEEE Trans. PAMI 26 (2004) 530,
    doi:10.1109/TPAMI.2004.1273918 (there with one-to-one matching; here by distance).

    >>> import numpy as np
    >>> boundary_f1(np.eye(9, k=1, dtype=bool), np.eye(9, dtype=bool), 1.0).f1
    1.0
    """
    from skimage.morphology import skeletonize

    predicted, truth = np.asarray(predicted_boundary, np.bool_), np.asarray(true_boundary, np.bool_)
    if predicted.shape != truth.shape or truth.ndim != 2:
        raise InputError(f"A prediction of shape {predicted.shape} cannot be scored against one of {truth.shape}.")
    if not tolerance_px >= 0:
        raise InputError(f"A tolerance of {tolerance_px} px cannot be used. Give 0 or more.")
    mask = check_valid(valid, truth.shape)
    if mask is not None:
        predicted, truth = predicted & mask, truth & mask
    thin_predicted, thin_truth = skeletonize(predicted), skeletonize(truth)
    precision = _share_near(thin_predicted, truth, tolerance_px)
    recall = _share_near(thin_truth, thin_predicted, tolerance_px)
    total = precision + recall
    return BoundaryScore(precision, recall, 2 * precision * recall / total if total > 0 else 0.0)


def _share_near(lines: np.ndarray, targets: np.ndarray, tolerance_px: float) -> float:
    """The share of line pixels that have a target within the tolerance."""
    if not lines.any():
        return 0.0 if targets.any() else 1.0
    if not targets.any():
        return 0.0
    distance = np.asarray(ndimage.distance_transform_edt(~targets))
    return float((distance[lines] <= tolerance_px).mean())


def relative_tolerance_px(label_map: np.ndarray, share: float = 0.08) -> float:
    """A tolerance that grows with the grains: a share of the mean equivalent circle diameter.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        share: of the diameter, 0.08 for the loose lines of hand traces.

    Returns:
        the tolerance in px.

    Raises:
        InputError: no grain.

    Source: own.

    >>> import numpy as np
    >>> round(relative_tolerance_px(np.ones((50, 50), int), 0.1), 3)  # 0.1 * 2 sqrt(2500 / pi)
    5.642
    """
    areas = np.bincount(check_label_map(label_map).ravel())[1:]
    if not areas.any():
        raise InputError("The label map holds no grain, so that there is no diameter to take a share of.")
    return float(share * np.mean(2 * np.sqrt(areas[areas > 0] / np.pi)))


def _contingency(a: np.ndarray, b: np.ndarray, valid: np.ndarray | None) -> sparse.csr_array:
    """How many pixels have label i in `a` and j in `b`, where `b` (the truth) is above 0 and `valid`."""
    first, second = check_label_map(a, name="The first label map"), check_label_map(b, name="The second label map")
    if first.shape != second.shape:
        raise InputError(f"Label maps of shapes {first.shape} and {second.shape} cannot be compared.")
    mask = check_valid(valid, second.shape)
    counted = second > 0 if mask is None else (second > 0) & mask
    rows, cols = first[counted], second[counted]
    if rows.size == 0:
        raise InputError("The true label map holds no grain inside the mask: there is nothing to compare.")
    ones = np.ones(rows.size, np.int64)
    return sparse.coo_array((ones, (rows, cols)), shape=(int(rows.max()) + 1, int(cols.max()) + 1)).tocsr()


def _pairs(counts: np.ndarray) -> float:
    return float(np.sum(counts.astype(np.float64) * (counts - 1.0)) / 2)


def adjusted_rand_index(a: np.ndarray, b: np.ndarray, valid: np.ndarray | None = None) -> float:
    """Agreement of two partitions: 1 for the same, about 0 for chance.

    ARI = (S - E) / ((A + B) / 2 - E), S pairs of pixels together in both, A and B in one,
    E = A B / all pairs.

    Args:
        a: the prediction, integers, (rows, cols). Its zeros count as one more grain: call `fill_boundaries` first.
        b: the truth; only pixels where it is above 0 count.
        valid: bool, (rows, cols), True where pixels count.

    Raises:
        InputError: maps of different shape, or no pixel to count.

    Source: L. Hubert, P. Arabie, J. Classification 2 (1985) 193, doi:10.1007/BF01908075.

    >>> import numpy as np
    >>> round(adjusted_rand_index(np.array([[1, 1, 2, 2]]), np.array([[1, 1, 1, 2]])), 6)
    0.0
    """
    table = _contingency(a, b, valid)
    together = _pairs(table.data)
    in_a, in_b = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    total = _pairs(np.array([table.sum()]))
    expected = in_a * in_b / total if total > 0 else 0.0
    most = (in_a + in_b) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)
