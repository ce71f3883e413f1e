"""What microscopes write over their pictures: scale bars, with the truth of where they are.

Drawn after `photograph`, because they are exact where the picture is not.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nital.core.errors import InputError
from nital.core.units import checked_pixel_size_um

__all__ = ["add_scale_bar", "round_length_um"]


def round_length_um(width_px: int, pixel_size_um: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that spans at most a fifth of the picture's width.

    >>> round_length_um(1000, 0.5)
    100.0
    """
    wanted = width_px * pixel_size_um * 0.2
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(max(step * power for step in (1, 2, 5) if step * power <= wanted))


def add_scale_bar(
    image: np.ndarray, pixel_size_um: float, *, length_um: float | None = None, white_box: bool = True, ink: int = 255
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a scale bar with its length into the lower right corner.

    Args:
        image: uint8 (rows, cols). pixel_size_um: micrometres per pixel.
        length_um: of the bar; None: a round length of about a fifth of the width.
        white_box: black on a white box, else in `ink` on the picture itself.
        ink: 255 white or 0 black, without a box.

    Returns:
        the picture with the bar, and a bool map of the pixels that are no longer specimen.

    Raises:
        InputError: a bar that does not fit, or an absurd pixel size.

    >>> grey = np.full((200, 400), 128, np.uint8)
    >>> int((add_scale_bar(grey, 0.5, white_box=False)[0] == 255).sum(1).max())  # 20 um are 40 px
    40
    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise InputError(f"A scale bar is drawn on a grey picture of 8 bit, not on {image.dtype} {image.shape}.")
    pixel_size_um = checked_pixel_size_um(pixel_size_um, where="The scale bar")
    length_um = length_um or round_length_um(image.shape[1], pixel_size_um)
    length = round(length_um / pixel_size_um)
    if length < 1:
        raise InputError(f"A scale bar of {length_um:g} um is shorter than a pixel of {pixel_size_um:g} um.")
    height = max(14, image.shape[0] // 36)
    font = ImageFont.load_default(height)
    # Pillow's built-in font has no micro sign.
    text = f"{length_um:g} um" if length_um >= 1 else f"{1000 * length_um:g} nm"
    pad, thick = height // 2, max(3, height // 5)
    text_width = int(font.getlength(text))
    width, box_height = max(length, text_width) + 2 * pad, height + thick + 3 * pad
    if width > image.shape[1] - 4 or box_height > image.shape[0] - 4:
        raise InputError(
            f"A scale bar of {text} ({length} px) does not fit into {image.shape[1]} x {image.shape[0]} px. "
            "Give a shorter length_um or a larger picture."
        )
    top, left = image.shape[0] - box_height - 4, image.shape[1] - width - 4
    picture = Image.fromarray(image)
    draw = ImageDraw.Draw(picture)
    if white_box:
        draw.rectangle((left, top, left + width - 1, top + box_height - 1), fill=255)
        ink = 0
    start = left + (width - length) // 2
    draw.rectangle((start, top + pad, start + length - 1, top + pad + thick - 1), fill=ink)
    draw.text((left + (width - text_width) // 2, top + pad + thick + pad // 2), text, fill=ink, font=font)
    covered = np.zeros(image.shape, bool)
    covered[top : top + box_height, left : left + width] = True
    return np.array(picture), covered
