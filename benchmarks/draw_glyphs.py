"""Draws the letter shapes that `nital.io.micrographs.scale_bar.glyphs` compares with.

Run it to make `glyphs.npz` again:

    python benchmarks/draw_glyphs.py DejaVuSans.ttf LiberationSans-Regular.ttf ...

The shipped file was drawn from DejaVu Sans (regular, bold, condensed), DejaVu Sans Mono, DejaVu Serif,
Liberation Sans (regular, bold), Liberation Sans Narrow, Liberation Serif, Open Sans (light, regular,
semibold, bold). Only shapes at 42 x 20 pixels are kept; the fonts themselves are not.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nital.io.atomic import atomic_write_bytes
from nital.io.micrographs.scale_bar.glyphs import CAP_ROWS, COLUMNS, ROWS, ROWS_ABOVE, TEMPLATES

# What a label is made of, and what else stands in a data bar. Letters that look like digits in some
# fonts (O, o, I, l, S, B, Z) are left out: a number is expected, and they would only steal from it.
CHARACTERS = "0123456789.nmµu" + "ACDEFGHJKLMNPQRTUVWXYabcdefghijkpqrstvwxyz=:-/()%+#"

_DRAWN_CAP_HEIGHTS = (56, 9)
"""Drawn large (crisp) and small (as blurred as the text of a small image)."""


def draw_templates(fonts: list[Path]) -> dict[str, np.ndarray]:
    """Draw every character of every font.

    Returns:
        `shapes` (n, ROWS, COLUMNS) uint8, `widths` (n,) in cap heights, `characters` (n,).
    """
    shapes, widths, characters = [], [], []
    for font in fonts:
        for cap_height in _DRAWN_CAP_HEIGHTS:
            sized = _font_of_cap_height(font, cap_height)
            for character in CHARACTERS:
                shape, width = _draw(sized, character, cap_height)
                shapes.append(np.rint(shape * 15).astype(np.uint8))  # sixteen greys are enough and pack well
                widths.append(width)
                characters.append(character)
    return {
        "shapes": np.stack(shapes), "widths": np.array(widths, dtype=np.float32), "characters": np.array(characters),
    }  # fmt: skip


def _font_of_cap_height(font: Path, cap_height: int) -> ImageFont.FreeTypeFont:
    top, bottom = _extent(ImageFont.truetype(str(font), 200), "0")
    return ImageFont.truetype(str(font), 200 * cap_height / (bottom - top))


def _extent(font: ImageFont.FreeTypeFont, character: str) -> tuple[float, float]:
    box = font.getbbox(character, anchor="ls")
    return box[1], box[3]


def _draw(font: ImageFont.FreeTypeFont, character: str, cap_height: int) -> tuple[np.ndarray, float]:
    size = 4 * cap_height
    canvas = Image.new("L", (size, size), 0)
    baseline = 2 * cap_height
    ImageDraw.Draw(canvas).text((cap_height, baseline), character, font=font, fill=255, anchor="ls")
    ink = np.asarray(canvas, dtype=np.float32) / 255
    used = np.flatnonzero(ink.max(axis=0) > 0.35)
    left, right = used[0], used[-1] + 1
    top, bottom = _extent(font, "0")
    scale = (bottom - top) / CAP_ROWS
    box = (
        float(left), baseline + top - ROWS_ABOVE * scale,
        float(right), baseline + top + (ROWS - ROWS_ABOVE) * scale,
    )  # fmt: skip
    resized = Image.fromarray(ink).resize((COLUMNS, ROWS), Image.Resampling.BICUBIC, box=box)
    return np.clip(np.asarray(resized), 0, 1), (right - left) / (bottom - top)


if __name__ == "__main__":
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **draw_templates([Path(name) for name in sys.argv[1:]]))  # type: ignore[arg-type]
    atomic_write_bytes(TEMPLATES, buffer.getvalue())
    print(f"{TEMPLATES}: {len(buffer.getvalue()):,} bytes")
