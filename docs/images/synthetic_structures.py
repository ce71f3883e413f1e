"""Draw the pictures of docs/explanation/synthetic-structures.md: python docs/images/synthetic_structures.py"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nital.synth.micrographs import Appearance, photograph
from nital.synth.polycrystals import Structure, grow
from nital.synth.random_micrographs import labelled_micrograph

HERE, SIDE, GAP, COLUMNS = Path(__file__).parent, 176, 20, 4
LINES = Appearance(base=0.85, line_depth=-0.6, line_px=2.0)

KNOBS = {
    "25 seeds": (25, 0, 2.0),
    "100 seeds": (100, 0, 2.0),
    "400 seeds": (400, 0, 2.0),
    "100, 1 Lloyd step": (100, 1, 2.0),
    "100, 3 Lloyd steps": (100, 3, 2.0),
    "100, 20 Lloyd steps": (100, 20, 2.0),
    "thickness 4 px": (100, 1, 4.0),
    "thickness 8 px": (100, 1, 8.0),
}
STRUCTURES: dict[str, dict[str, Any]] = {
    "Voronoi": {},
    "Laguerre": {"kind": "laguerre", "size_spread": 0.5},
    "growth": {"kind": "growth", "size_spread": 0.6},
    "two sizes": {"fine_ratio": 0.3},
    "elongated": {"elongation": 2.5, "direction_deg": 30},
    "wavy": {"waviness": 0.2},
    "rough": {"roughness_px": 1.2},
    "merged": {"merged": 0.4},
    "twinned": {"twinned": 0.8},
    "particles": {"particle_fraction": 0.04, "particle_px": 4},
}
PREPARATIONS: dict[str, dict[str, Any]] = {
    "dark lines": {}, "bright lines": {"base": 0.3, "line_depth": 0.4},
    "channelling": {"base": 0.5, "line_depth": 0.0, "tone_spread": 0.14, "slope": 0.03},
    "relief": {"base": 0.55, "line_depth": -0.1, "relief": 0.25}, "faint facets": {"faint": 0.4, "faint_depth": 0.2},
    "broken lines": {"gap_level": -0.3, "gap_px": 10}, "beads": {"bead": 1.0, "line_px": 3.0, "core_noise": 0.3},
    "halo": {"base": 0.6, "halo": 0.4, "line_px": 3.0}, "attacked grains": {"attacked": 0.6, "attack": 0.3},
    "slip lines": {"hatched": 0.5, "hatch": 0.2}, "pits": {"pits": 250, "pit_px": 1.5},
    "scratches": {"scratches": 9, "scratch_depth": 0.4}, "colonies": {"colonies": 20, "colony_px": 8},
    "stains and uneven light": {"stains": 0.2, "shading": 0.2}, "blur and noise": {"blur_px": 1.5, "noise_white": 0.08},
    "JPEG": {"blur_px": 0.7, "noise_smooth": 0.04, "jpeg_quality": 20},
}  # fmt: skip


def sheet(name: str, tiles: dict[str, np.ndarray]) -> None:
    """Save tiles, grey or in colours, with their captions, four in a row, in 32 greys or 128 colours."""
    rows = -(-len(tiles) // COLUMNS)
    colours = next(iter(tiles.values())).ndim == 3
    page = Image.new("RGB" if colours else "L", (COLUMNS * (SIDE + GAP) - GAP, rows * (SIDE + GAP)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for index, (caption, tile) in enumerate(tiles.items()):
        left, top = index % COLUMNS * (SIDE + GAP), index // COLUMNS * (SIDE + GAP)
        page.paste(Image.fromarray(tile), (left, top))
        draw.text((left, top + SIDE + 1), caption, fill="black", font=font)
    page.quantize(128 if colours else 32).save(HERE / f"synthetic_{name}.png", optimize=True)


def drawn(structure: Structure, look: Appearance = LINES) -> np.ndarray:
    """The picture of a structure; the same seeds everywhere, so that only what is named differs."""
    return photograph(grow(structure, np.random.default_rng(5)), look, np.random.default_rng(6))


def main() -> None:
    """Draw all sheets."""
    shape = (SIDE, SIDE)
    knobs = {}
    for caption, (n_seeds, steps, thickness) in KNOBS.items():
        diameter = math.sqrt(4 * SIDE * SIDE / (math.pi * n_seeds))
        structure = Structure(shape=shape, grain_diameter_px=diameter, lloyd_steps=steps)
        crystal = grow(structure, np.random.default_rng(5))
        knobs[caption] = np.where(crystal.boundaries(thickness), 40, 225).astype(np.uint8)
    sheet("knobs", knobs)
    structures = {
        name: drawn(Structure(shape=shape, grain_diameter_px=32, **values)) for name, values in STRUCTURES.items()
    }
    columns = {"elongation": 110 / 14, "direction_deg": 90.0, "lloyd_steps": 1}
    structures["columnar"] = drawn(Structure(shape=shape, grain_diameter_px=math.sqrt(14 * 110), **columns))
    everything = Structure(
        shape=shape, grain_diameter_px=32, kind="laguerre", size_spread=0.4, waviness=0.12, roughness_px=0.4,
        twinned=0.4, elongation=1.3, merged=0.1,
    )  # fmt: skip
    structures["several together"] = drawn(everything)
    sheet("structures", structures)
    grains = Structure(shape=shape, grain_diameter_px=40, kind="laguerre", size_spread=0.3, waviness=0.08)
    looks = {name: Appearance(**{"base": 0.8, "line_depth": -0.5, **values}) for name, values in PREPARATIONS.items()}
    sheet("preparations", {name: drawn(grains, look) for name, look in looks.items()})
    sheet("random", {f"seed {seed}": labelled_micrograph(seed, shape)[0] for seed in range(8)})


if __name__ == "__main__":
    main()
