"""Synthetic samples, structures as a textbook shows them; and as files, in class folders."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.core.errors import InputError
from nital.io.atomic import make_folder
from nital.io.micrographs import save_png
from nital.science.scaling import standardise
from nital.tasks.classes.recipe import ClassesRecipe

__all__ = ["LARGEST_NUMBER", "made_up_facts", "synthetic_structures", "write_synthetic"]

LARGEST_NUMBER = 10_000_000  # synthetic pictures of one seed; those of the next seed follow


def synthetic_structures(recipe: ClassesRecipe) -> GeneratedDataset:
    """Structures, drawn when they are first asked for and kept; the index is the seed, each is its own group.

    Raises:
        InputError: a recipe that asks for what these do not have.
    """
    from nital.synth.structures import KINDS, draw_structure

    if recipe.value_column is not None or recipe.grey == "all":
        raise InputError("Synthetic structures have no value, and each its own grey: value_column=null, grey=picture.")
    first = recipe.seed * LARGEST_NUMBER
    side = recipe.side_px

    @cache
    def drawn(index: int) -> np.ndarray:
        rng = np.random.default_rng([0x57A7, *divmod(index, LARGEST_NUMBER)])
        return draw_structure(KINDS[index % LARGEST_NUMBER % len(KINDS)], rng, (side, side))

    def make(index: int) -> Batch:
        label = np.array(index % LARGEST_NUMBER % len(KINDS))
        return {"image": standardise(drawn(index))[None], "label": label, "picture": np.array(index)}

    indices = first + np.arange(recipe.number)
    return GeneratedDataset(
        "synthetic structures", make, indices, recipe=f"structures 2, {side} px", source="nital.synth",
        licence="BSD-3-Clause", facts=made_up_facts(KINDS, side, "synthetic drawings of textbook structures only"),
        grouped_by="picture", strata=np.array(KINDS)[np.arange(recipe.number) % len(KINDS)],
    )  # fmt: skip


def made_up_facts(classes: Sequence[str], side_px: int, knows: str) -> dict[str, Any]:
    """The facts of samples that nobody photographed.

    Args:
        knows: what a model of them knows, in words; every result of it says so.
    """
    return {
        "classes": list(classes), "side_px": side_px, "seen_pixel_um": None, "pictures": [], "knows": knows,
        "grey_mean": None, "grey_spread": None, "notes": [], "value": None,
    }  # fmt: skip


def write_synthetic(folder: Path, number: int, seed: int, *, side_px: int = 256) -> list[Path]:
    """Write pictures of synthetic structures, the kinds in turn, one folder per kind.

    Args:
        number: of pictures, 1 to 1,000,000. seed: where chance starts; different seeds share no picture.

    Raises:
        InputError: a number or seed out of range. OutputError: the folder cannot be written to.
    """
    from nital.synth.structures import KINDS, draw_structure

    if not 1 <= number <= 1_000_000 or seed < 0:
        raise InputError(f"{number} pictures from seed {seed} cannot be made. Give 1 to 1,000,000, and a seed from 0.")
    paths: list[Path] = []
    for n in range(number):
        kind = KINDS[n % len(KINDS)]
        path = Path(folder) / kind / f"synthetic{seed}-{n:05d}.png"
        make_folder(path.parent)
        save_png(path, draw_structure(kind, np.random.default_rng([0xC1A55, seed, n]), (side_px, side_px)))
        paths.append(path)
    return paths
