"""Training micrographs: random structures and appearances, and the truth to learn from them."""

from typing import Any

import numpy as np

from nital.synth.micrographs import Appearance, photograph
from nital.synth.polycrystals import Polycrystal, Structure, grow
from nital.synth.variety import Variety

__all__ = [
    "BOUNDARY", "INTERIOR", "TWIN", "labelled_micrograph", "random_appearance", "random_optics", "random_structure",
]  # fmt: skip

INTERIOR, BOUNDARY, TWIN = 0, 1, 2


def labelled_micrograph(
    seed: int, shape: tuple[int, int] = (256, 256), variety: Variety | None = None
) -> tuple[np.ndarray, np.ndarray, Polycrystal]:
    """One random micrograph with its truth.

    Args:
        seed: the only source of randomness.
        shape: (rows, cols).
        variety: the ingredients; all of them by default.

    Returns:
        image uint8 (rows, cols); truth uint8 (rows, cols) of INTERIOR, BOUNDARY, TWIN; the structure.
    """
    variety = variety or Variety()
    rng = np.random.default_rng([0x6E6974, seed])
    structure = random_structure(rng, shape, variety)
    crystal = grow(structure, rng)
    look = random_appearance(rng, structure, variety)
    image = photograph(crystal, look, rng)
    return image, _truth_of(crystal, variety.truth_px), crystal


def _truth_of(crystal: Polycrystal, thickness_px: float) -> np.ndarray:
    """The class of every pixel, uint8: INTERIOR, BOUNDARY or TWIN."""
    truth = np.full(crystal.grain.shape, INTERIOR, np.uint8)
    truth[crystal.twin_distance_px <= thickness_px / 2] = TWIN
    truth[crystal.boundaries(thickness_px)] = BOUNDARY
    return truth


def random_structure(rng: np.random.Generator, shape: tuple[int, int], variety: Variety) -> Structure:
    """Draw a structure; sizes are log-uniform over `variety.grain_px`."""
    low, high = np.log(variety.grain_px)
    diameter = float(np.exp(rng.uniform(low, high)))
    lloyd_steps = int(rng.choice([0, 1, 3], p=[0.3, 0.4, 0.3]))
    twinned = float(rng.uniform(0.2, 0.95)) if variety.twins and diameter > 20 and rng.random() < 0.6 else 0.0
    if not variety.real_shapes:
        return Structure(shape=shape, grain_diameter_px=diameter, lloyd_steps=lloyd_steps, twinned=twinned)
    two_sizes = rng.random() < 0.2 and diameter > 24
    return Structure(
        shape=shape,
        grain_diameter_px=diameter,
        lloyd_steps=0 if two_sizes else lloyd_steps,
        kind=rng.choice(["voronoi", "laguerre", "growth"], p=[0.3, 0.4, 0.3]),
        size_spread=float(rng.uniform(0.1, 0.6)),
        fine_ratio=float(max(rng.uniform(0.25, 0.6), 8 / diameter)) if two_sizes else 1.0,
        fine_share=float(rng.uniform(0.2, 0.8)),
        elongation=float(1 + rng.exponential(0.25)) if rng.random() < 0.85 else float(rng.uniform(1.5, 4.0)),
        direction_deg=float(rng.uniform(0, 180)),
        waviness=float(rng.uniform(0, 0.22)) if diameter > 14 else 0.0,
        roughness_px=float(rng.uniform(0, 1.0)) if diameter > 24 and rng.random() < 0.6 else 0.0,
        merged=float(rng.uniform(0.05, 0.5)) if rng.random() < 0.4 else 0.0,
        twinned=twinned,
    )


def random_appearance(rng: np.random.Generator, structure: Structure, variety: Variety) -> Appearance:
    """Draw a preparation and optics that such grains could have."""
    numbers: dict[str, Any] = {}
    diameter = structure.grain_diameter_px * structure.fine_ratio
    widest = float(np.clip(0.14 * diameter, 1.4, 8.0))
    numbers["line_px"] = float(np.exp(rng.uniform(np.log(1.0), np.log(widest))))
    numbers |= _contrast(rng, variety)
    if variety.etching:
        numbers |= _etching(rng, structure.grain_diameter_px)
    if variety.distractors:
        numbers |= _distractors(rng, diameter)
    if variety.optics:
        numbers |= random_optics(rng, numbers["line_px"], abs(numbers["line_depth"]) + numbers["tone_spread"])
    numbers["twin_depth"] = float(rng.uniform(0.3, 1.0))
    return Appearance(**numbers)


def _contrast(rng: np.random.Generator, variety: Variety) -> dict[str, Any]:
    """How grains and boundaries differ in grey."""
    kind = rng.choice(["dark", "bright", "step", "both", "relief"], p=[0.46, 0.08, 0.12, 0.27, 0.07])
    if not variety.contrasts:
        kind = "dark"
    elif rng.random() < 0.06:
        return {**_contrast(rng, Variety(contrasts=False)), "base": rng.uniform(0.5, 0.85), "invert": True}
    if kind == "dark":
        return {
            "base": rng.uniform(0.45, 0.97), "line_depth": -rng.uniform(0.12, 0.75),
            "tone_spread": rng.exponential(0.025), "twin_tone": rng.exponential(0.02),
        }  # fmt: skip
    if kind == "bright":
        return {"base": rng.uniform(0.1, 0.5), "line_depth": rng.uniform(0.15, 0.5),
                "tone_spread": rng.exponential(0.03), "twin_tone": rng.exponential(0.03)}  # fmt: skip
    if kind == "step":
        return {"base": rng.uniform(0.35, 0.65), "line_depth": 0.0, "tone_spread": rng.uniform(0.08, 0.25),
                "twin_tone": rng.uniform(0.06, 0.3), "slope": rng.exponential(0.03)}  # fmt: skip
    if kind == "both":
        return {"base": rng.uniform(0.45, 0.8), "line_depth": -rng.uniform(0.1, 0.5),
                "tone_spread": rng.uniform(0.04, 0.2), "twin_tone": rng.uniform(0.0, 0.25),
                "slope": rng.exponential(0.03)}  # fmt: skip
    return {"base": rng.uniform(0.4, 0.7), "line_depth": -rng.uniform(0.0, 0.2), "tone_spread": rng.exponential(0.06),
            "relief": rng.uniform(0.1, 0.3), "twin_tone": rng.exponential(0.05)}  # fmt: skip


def _etching(rng: np.random.Generator, diameter: float) -> dict[str, Any]:
    """How unevenly the boundaries came out."""
    broken = rng.random() < 0.5
    return {
        "line_spread": rng.uniform(0.0, 0.6),
        "faint": rng.uniform(0.05, 0.35) if rng.random() < 0.6 else 0.0,
        "faint_depth": rng.uniform(0.1, 0.6),
        "gap_level": rng.uniform(-1.8, -0.3) if broken else -3.0,
        "gap_px": float(np.clip(diameter * rng.uniform(0.12, 0.6), 3, 60)),
        "halo": rng.uniform(0.05, 0.3) if rng.random() < 0.3 else 0.0,
        "core_noise": rng.uniform(0.1, 0.5) if rng.random() < 0.4 else 0.0,
        "bead": rng.uniform(0.2, 1.0) if rng.random() < 0.2 else 0.0,
    }


def _distractors(rng: np.random.Generator, diameter: float) -> dict[str, Any]:
    """What a tired metallographer leaves on the specimen."""
    numbers: dict[str, Any] = {}
    if rng.random() < 0.65:
        numbers["pits"] = float(np.exp(rng.uniform(np.log(2), np.log(400))))
        numbers["pit_px"] = float(np.exp(rng.uniform(np.log(0.5), np.log(np.clip(0.06 * diameter, 0.8, 4.0)))))
        numbers["pit_stretch"] = rng.choice([1.0, rng.uniform(1.5, 5.0)])
    if rng.random() < 0.35:
        numbers |= {"scratches": rng.uniform(0.5, 8.0), "scratch_depth": rng.uniform(0.05, 0.5)}
    if rng.random() < 0.3:
        numbers |= {"attacked": rng.uniform(0.05, 0.7), "attack": rng.uniform(0.05, 0.5)}
    if rng.random() < 0.25:
        numbers |= {"hatched": rng.uniform(0.05, 0.5), "hatch": rng.uniform(0.05, 0.3)}
    if rng.random() < 0.15:
        numbers["dark_phase"] = rng.uniform(0.02, 0.15)
    if rng.random() < 0.25:
        numbers |= {"colonies": rng.uniform(1, 15), "colony_px": float(diameter * rng.uniform(0.08, 0.25))}
    if rng.random() < 0.3:
        numbers["stains"] = rng.uniform(0.03, 0.2)
    return numbers


def random_optics(rng: np.random.Generator, line_px: float, contrast: float) -> dict[str, Any]:
    """Light, lens and camera, as fields of `Appearance`; noise in proportion to the contrast, so that the truth shows.

    Args:
        line_px: width of the finest thing to see. contrast: its difference in grey, as a share of the range.
    """
    loud = contrast * rng.uniform(0.0, 0.55)
    kinds = rng.dirichlet([0.7, 0.7, 0.9])
    return {
        "shading": rng.uniform(0.02, 0.2) if rng.random() < 0.6 else 0.0,
        "blur_px": rng.uniform(0.3, 0.5 + 0.35 * line_px) if rng.random() < 0.75 else 0.0,
        "sharpen": rng.uniform(0.3, 1.5) if rng.random() < 0.25 else 0.0,
        "gamma": float(np.exp(rng.normal(0, 0.25))),
        "noise_shot": loud * kinds[0],
        "noise_white": loud * kinds[1],
        "noise_smooth": loud * kinds[2],
        "noise_smooth_px": rng.uniform(1.2, 6.0),
        "noise_lines": rng.uniform(0.0, 0.03) if rng.random() < 0.1 else 0.0,
        "gain": rng.uniform(0.6, 1.6) if rng.random() < 0.6 else 1.0,
        "offset": rng.uniform(-0.1, 0.2) if rng.random() < 0.5 else 0.0,
        "jpeg_quality": int(rng.integers(35, 96)) if rng.random() < 0.4 else None,
    }
