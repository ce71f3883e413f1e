"""What one value of a layer sees of a crop, as the card and the explanations say it."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from nital.core.errors import InputError
from nital.learn.layers import find_layer
from nital.learn.measured_receptive_field import measure_receptive_field
from nital.nets.receptive_field import receptive_field

__all__ = ["receptive_field_in_file", "receptive_field_of", "sees", "too_small"]


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


def receptive_field_in_file(
    classifier: Any, image: Tensor, layer: str, zoom: float, pixel_size_um: float | None
) -> dict[str, Any] | None:
    """The same in pixels and micrometres of the user's file as well.

    Args:
        zoom: scale of the crop. pixel_size_um: of the file; None: not known.
    """
    seen = receptive_field_of(classifier, image, layer)
    if seen is None:
        return None
    found = {key: value for key, value in seen.items() if key != "layer"}
    for name in ("measured", "effective"):
        px_of_file = seen[f"{name}_px"] / zoom
        found[f"{name}_px_of_file"] = px_of_file
        found[f"{name}_um"] = None if pixel_size_um is None else px_of_file * pixel_size_um
    return found


def sees(found: Mapping[str, Any] | None) -> str:
    """What `receptive_field_in_file` found, in words."""
    if found is None:
        return "everything"
    um = "" if found["measured_um"] is None else f" ({found['measured_um']:.3g} µm)"
    least = "at least " if found["cut"] else ""
    measured, effective = (found[f"{name}_px_of_file"] for name in ("measured", "effective"))
    return f"{least}{measured:.0f} px{um}, 95 % within {effective:.0f} px"


def too_small(found: Mapping[str, Any] | None, grain_size_px: float | None) -> str | None:
    """A sentence where a grain of the file is larger than what the layer sees; None: it is not, or nobody asked."""
    if found is None or grain_size_px is None or grain_size_px <= found["effective_px_of_file"]:
        return None
    return (
        f"One value of the layer sees {sees(found)}; a grain of {grain_size_px:.4g} px is larger: the network judges "
        "pieces of grains. Scale the pictures down (a smaller side_px), or take a deeper network."
    )
