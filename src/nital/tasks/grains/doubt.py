"""What speaks against a measured grain size: a classical method, other judgements, too few grains."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nital.io.micrographs import Micrograph
from nital.science.labels import boundaries_from_label_map, boundary_f1
from nital.science.scaling import resized
from nital.science.stereology import Measurement, intercepts
from nital.science.stereology.e112 import grain_size_number_from_density, grain_size_number_from_intercept
from nital.tasks.grains.baselines import local_threshold_grains
from nital.tasks.grains.segment import Segmented
from nital.tasks.grains.view import scaled_shape

__all__ = ["Doubt", "classical_grains", "classical_scale", "compare_with_classical", "doubts"]

FEW_GRAINS = 50  # E112 wants at least 50 intercepted grains for a count
NEAR_SHARE = 0.08  # of a grain diameter: how far apart two lines may be and still be the same boundary
DOUBTFUL_G = 0.5  # other judgements may differ by this much before it is said
MORE_LINES_G = 1.0  # the threshold sees twins, scratches and texture; only many more lines are worth a word
COUNTS_G = 1.0  # planimetric and intercept count of real grain structures differ by less
UNCLEAR = 0.1  # decisiveness of pictures that are no grain structure is below; see docs/explanation/scale-rule.md


@dataclass(frozen=True)
class Doubt:
    """Where a method without learning sees something else.

    Attributes:
        grain_size_number: G of the classical grains in the same field; None without a pixel size.
        mean_intercept_px: of the classical grains, on the grid of the labels; None where they have no boundary.
        agreement: boundary F1 of the two within 8 % of a grain diameter, 0 to 1.
        confirmed: bool map on the grid of the labels: near a classical boundary.
    """

    grain_size_number: float | None
    mean_intercept_px: float | None
    agreement: float
    confirmed: np.ndarray


def classical_scale(scale: float) -> float:
    """The magnification that suits the baseline when the network works at `scale`: twice it, not enlarged further."""
    return min(2 * scale, max(1.0, scale))


def classical_grains(image: np.ndarray, valid: np.ndarray | None, scale: float) -> np.ndarray:
    """The local-threshold baseline, when the network works at `scale`; label map on the grid of `classical_scale`."""
    shape = scaled_shape(image.shape, classical_scale(scale))
    specimen = None if valid is None else resized(valid, shape)
    return local_threshold_grains(resized(image.astype(np.float32), shape), specimen)


def compare_with_classical(
    micrograph: Micrograph, found: Segmented, scale: float, fine_um: float | None
) -> Doubt | None:
    """The baseline on the same field, at the scale that fits it; None for pictures decoded in blocks."""
    if isinstance(found.labels, np.memmap):
        return None
    classical = resized(classical_grains(micrograph.image, micrograph.valid, scale), found.labels.shape)
    ours, theirs = boundaries_from_label_map(found.labels), boundaries_from_label_map(classical)
    inside = found.labels > 0
    diameter = float(np.sqrt(4 / np.pi * inside.sum() / max(int(found.labels.max()), 1)))
    near = max(NEAR_SHARE * diameter, 2.0)
    confirmed = np.asarray(ndimage.distance_transform_edt(~theirs)) <= near if theirs.any() else theirs
    measured = intercepts(classical, valid=found.valid, pixel_size_um=fine_um)
    return Doubt(
        measured.grain_size_number,
        measured.mean_intercept_px,
        boundary_f1(ours, theirs, near, valid=inside).f1,
        confirmed,
    )


def doubts(calibrated: bool, found: Measurement, segmented: Segmented, doubt: Doubt | None, twins: str) -> list[str]:
    """Plain words about what the numbers are worth; differences of G need no pixel size."""
    words = []
    if segmented.decisiveness is not None and segmented.decisiveness < UNCLEAR:
        words.append(
            "Few boundaries are clear in this picture: it may be no grain structure of the kind that nital knows, or "
            "poorly etched. Do not report the number before you have looked at the overlay."
        )
    if not calibrated:
        words.append("No pixel size is known: lengths are in pixels and G is not given. Give `pixel_size_um`.")
    if found.n_grains < FEW_GRAINS:
        words.append(f"Only {found.n_grains} grains are in the field: E112 asks for more; take several fields.")
    if found.intercepts.anisotropy is not None and found.intercepts.anisotropy > 1.5:
        words.append(
            f"The grains are elongated ({found.intercepts.anisotropy:.1f} times, along "
            f"{found.intercepts.elongation_deg:.0f} degrees): E112 then asks for three perpendicular sections."
        )
    return words + _about_the_number(found, segmented, doubt, twins)


def _about_the_number(found: Measurement, segmented: Segmented, doubt: Doubt | None, twins: str) -> list[str]:
    words: list[str] = []
    ours, density = found.intercepts.mean_intercept_px, found.planimetric.grains_per_px2
    if ours is None:
        return words
    if density is not None:
        # At one pixel per mm both are numbers of the same field, whatever its true size.
        apart = grain_size_number_from_density(density) - grain_size_number_from_intercept(ours)
        if abs(apart) > COUNTS_G:
            words.append(
                f"Counting grains gives a G that is {_by(apart)} than counting intersections: grains of very unlike "
                "size, or boundaries that do not close. Look at the overlay."
            )
    if doubt is not None and doubt.mean_intercept_px is not None:
        apart = _difference(doubt.mean_intercept_px, ours)
        if apart < -DOUBTFUL_G:
            words.append(
                f"A threshold method without learning finds fewer boundaries (G {_by(apart)}). Look at the overlay: "
                "orange boundaries are seen by the network alone."
            )
        elif apart > MORE_LINES_G:
            hint = " Twins are merged here; compare with `twins` count." if twins == "merge" else ""
            words.append(
                f"A threshold method without learning finds more boundaries (G {_by(apart)}): twins, scratches and "
                f"texture that are no grain boundaries, or boundaries that the network misses.{hint}"
            )
    lengths = [intercepts(labels, valid=segmented.valid).mean_intercept_px for labels in segmented.alternatives]
    range_g = [0.0, *(_difference(length, ours) for length in lengths if length is not None)]
    if max(range_g) - min(range_g) > DOUBTFUL_G:
        words.append(
            f"Many boundaries are faint: G could be {-min(range_g):.1f} lower to {max(range_g):.1f} higher if they "
            "were judged more or less strictly. Etch again, or trust the range rather than the number."
        )
    return words


def _difference(length_px: float, ours_px: float) -> float:
    """G of one mean intercept minus G of another on the same grid."""
    return grain_size_number_from_intercept(length_px) - grain_size_number_from_intercept(ours_px)


def _by(difference: float) -> str:
    return f"{abs(difference):.1f} {'higher' if difference > 0 else 'lower'}"
