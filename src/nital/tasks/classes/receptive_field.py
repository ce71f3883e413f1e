"""What one value of a layer sees of a crop, as the card and the explanations say it."""

from typing import Any

from torch import Tensor

from nital.core.errors import InputError
from nital.learn.layers import find_layer
from nital.learn.measured_receptive_field import measure_receptive_field
from nital.nets.receptive_field import receptive_field

__all__ = ["receptive_field_of"]


def receptive_field_of(classifier: Any, image: Tensor, layer: str | None = None) -> dict[str, Any] | None:
    """Receptive field by formula and measured, in pixels of the crop.

    Args:
        classifier: body and head. image: (1, 1, side, side). layer: its name; None: the last feature maps.

    Returns:
        `layer`, `formula_px` (None where the layer is not the last), `measured_px`, `effective_px`, `cut`, `stride_px`
        and `first_px`; None for a layer that sees everything.
    """
    try:
        seen = measure_receptive_field(classifier, image, layer)
    except InputError:
        return None
    last = layer is None or layer == find_layer(classifier, image)[0]
    return {
        "layer": seen.layer, "formula_px": receptive_field(classifier.layers) if last else None,
        "measured_px": seen.reach_px, "effective_px": seen.effective_px, "cut": seen.cut,
        # Where it meets the edges its middle cannot be measured; then the values share the picture out evenly.
        "stride_px": None if seen.cut else seen.stride_px, "first_px": None if seen.cut else seen.first_px,
    }  # fmt: skip
