"""Synthetic samples: structures of several phases, whose labels are exact."""

from typing import Any

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.core.errors import unknown_name
from nital.science.greys import greys_of
from nital.tasks.phases.recipe import ALL, PhasesRecipe
from nital.tasks.phases.samples import class_weights

__all__ = ["LARGEST_NUMBER", "names_of", "synthetic_samples"]

MATRIX = {"dual phase": "ferrite", "pearlite": "ferrite"}
"""What the matrix of a structure is called, where it has a name of its own."""

LARGEST_NUMBER = 10_000_000  # synthetic pictures of one seed; those of the next seed follow
WEIGHED = 60
"""So many pictures tell how frequent each class is."""


def synthetic_samples(recipe: PhasesRecipe) -> GeneratedDataset:
    """As `picture_samples`, of structures that are drawn when they are asked for; the index is the seed, each its own
    group. Classes are those constituents that the recipe's structures can have.

    Raises:
        UnknownName: a structure that the generator does not have.
    """
    from nital.synth.phase_pictures import CONSTITUENTS, KIND_CONSTITUENTS, PHASE_KINDS, draw_phases

    kinds: tuple[str, ...] = PHASE_KINDS if recipe.structures in ((), (ALL,)) else recipe.structures
    for kind in kinds:
        if kind not in PHASE_KINDS:
            raise unknown_name("structure", kind, PHASE_KINDS)
    classes = [name for name in CONSTITUENTS if any(name in KIND_CONSTITUENTS[kind] for kind in kinds)]
    number = np.full(256, 255, np.uint8)
    for new, name in enumerate(classes):
        number[CONSTITUENTS.index(name)] = new
    side = recipe.window_px
    structures = {
        kind: {"classes": [classes.index(name) for name in KIND_CONSTITUENTS[kind]], "names": names_of(kind)}
        for kind in kinds
    }

    def make(index: int) -> Batch:
        rng = np.random.default_rng([0xFA5E, *divmod(index, LARGEST_NUMBER)])
        kind = kinds[index % LARGEST_NUMBER % len(kinds)]
        drawn = draw_phases(kind, rng, (side, side))
        grey = greys_of(drawn.image).shown(drawn.image)
        made = {"image": grey[None], "truth": number[drawn.labels], "picture": np.array(index)}
        if len(kinds) > 1:
            allowed = np.isin(np.arange(len(classes)), structures[kind]["classes"])
            made |= {"allowed": allowed, "structure": np.array(kinds.index(kind))}
        return made

    indices = recipe.seed * LARGEST_NUMBER + np.arange(recipe.number)
    facts: dict[str, Any] = {
        "classes": classes,
        "weights": class_weights([make(int(index))["truth"] for index in indices[:WEIGHED]], len(classes)),
        "structures": structures,
        "pixel_size_um": [], "pictures": [], "files": [], "notes": [],
        "knows": f"synthetic drawings of {', '.join(kinds)} only",
    }  # fmt: skip
    return GeneratedDataset(
        "synthetic phases", make, indices, recipe=f"{kinds}, {side} px", source="nital.synth", licence="BSD-3-Clause",
        facts=facts, grouped_by="structure", strata=np.array(kinds)[np.arange(recipe.number) % len(kinds)],
    )  # fmt: skip


def names_of(kind: str) -> list[str]:
    """What the phases of a structure are called."""
    from nital.synth.phase_pictures import KIND_CONSTITUENTS

    return [MATRIX.get(kind, name) if name == "matrix" else name for name in KIND_CONSTITUENTS[kind]]
