"""What microscopes write over their pictures: scale bars and info banners, with the truth of where they are."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nital.core.errors import InputError

__all__ = ["add_banner", "add_scale_bar", "round_length_um"]


def round_length_um(width_px: int, pixel_size_um: float, share: float = 0.2) -> float:
    """A length of 1, 2 or 5 times a power of ten that spans about `share` of the picture's width.

    >>> round_length_um(1000, 0.5)
    100.0
    """
    wanted = width_px * pixel_size_um * share
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(max(step * power for step in (1, 2, 5) if step * power <= wanted))


def add_scale_bar(
    image: np.ndarray, pixel_size_um: float, *, length_um: float | None = None, white_box: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a scale bar with its length into the lower right corner.

    Args:
        image: uint8 (rows, cols). pixel_size_um: micrometres per pixel.
        length_um: of the bar; None: a round length of about a fifth of the width.
        white_box: black on a white box, else white on the picture.

    Returns:
        the picture with the bar, and a bool map of the pixels that are no longer specimen.

    Raises:
        InputError: a bar that does not fit.
    """
    length_um = length_um or round_length_um(image.shape[1], pixel_size_um)
    length = round(length_um / pixel_size_um)
    # The built-in font has no micro sign.
    text = f"{length_um:g} um" if length_um >= 1 else f"{1000 * length_um:g} nm"
    height = max(14, image.shape[0] // 36)
    font = ImageFont.load_default(height)
    pad, thick = height // 2, max(3, height // 5)
    text_width = int(font.getlength(text))
    width, box_height = max(length, text_width) + 2 * pad, height + thick + 3 * pad
    if width > image.shape[1] - 4 or box_height > image.shape[0] - 4:
        raise InputError(f"A scale bar of {length_um:g} um is {length} px long and does not fit into {image.shape[1]} px.")
    top, left = image.shape[0] - box_height - 4, image.shape[1] - width - 4
    picture = Image.fromarray(image)
    draw = ImageDraw.Draw(picture)
    if white_box:
        draw.rectangle((left, top, left + width - 1, top + box_height - 1), fill=255)
    ink = 0 if white_box else 255
    start = left + (width - length) // 2
    draw.rectangle((start, top + pad, start + length - 1, top + pad + thick - 1), fill=ink)
    draw.text((left + (width - text_width) // 2, top + pad + thick + pad // 2), text, fill=ink, font=font)
    covered = np.zeros(image.shape, bool)
    covered[top : top + box_height, left : left + width] = True
    return np.array(picture), covered


def add_banner(image: np.ndarray, pixel_size_um: float, *, text: str = "SE  15.0 kV  WD 9.8 mm") -> tuple[np.ndarray, np.ndarray]:
    """Put a black info banner with a white scale bar under the picture, as scanning electron microscopes do.

    Returns:
        the picture, taller by the banner, and a bool map that is True in the banner.
    """
    height = max(28, image.shape[0] // 14)
    rows, columns = image.shape
    picture = Image.new("L", (columns, rows + height))
    picture.paste(Image.fromarray(image), (0, 0))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(height // 2)
    draw.text((height // 3, rows + height // 5), text, fill=255, font=font)
    length_um = round_length_um(columns, pixel_size_um)
    length = round(length_um / pixel_size_um)
    label = f"{length_um:g} um"
    end = columns - height // 3
    draw.rectangle((end - length, rows + height // 4, end - 1, rows + height // 4 + 2), fill=255)
    draw.text((end - (length + int(font.getlength(label))) // 2, rows + height * 3 // 8), label, fill=255, font=font)
    covered = np.zeros((rows + height, columns), bool)
    covered[rows:] = True
    return np.array(picture), covered
