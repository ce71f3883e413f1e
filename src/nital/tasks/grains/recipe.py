"""The numbers of a training run of the grain boundary network, and the named recipes."""

import dataclasses
from dataclasses import dataclass

from nital.core.recipe import Recipe
from nital.synth.variety import Variety

__all__ = ["RECIPES", "GrainsRecipe"]


@dataclass(frozen=True, kw_only=True)
class GrainsRecipe(Variety, Recipe):
    """A U-Net on synthetic micrographs.

    Attributes:
        number: synthetic micrographs to draw from; each is its own group.
        crop_px: their side.
        width, depth: of the U-Net.
        grain_px and all others of `Variety`: what the generator draws from; each ingredient can be switched off to see
            what it is worth.
    """

    number: int = 40_000
    crop_px: int = 256
    width: int = 16
    depth: int = 5

    def variety(self) -> Variety:
        """What the generator draws from, without the numbers of the run."""
        return Variety(**{field.name: getattr(self, field.name) for field in dataclasses.fields(Variety)})


BUNDLED = GrainsRecipe(
    name="bundled", threads=1, epochs=64, steps_per_epoch=75, learning_rate=2e-3, valid_fraction=0.004,
    test_fraction=0.004,
)  # fmt: skip
LECTURE = BUNDLED.replace(
    name="lecture", number=8_000, epochs=12, valid_fraction=0.02, test_fraction=0.02, real_shapes=False, twins=False,
    etching=False, contrasts=False, distractors=False, optics=False,
)  # fmt: skip
TINY = BUNDLED.replace(
    name="tiny", number=320, crop_px=96, width=8, depth=3, epochs=8, steps_per_epoch=30, warmup_steps=20,
    learning_rate=6e-3, grain_px=(14.0, 40.0), valid_fraction=0.1, test_fraction=0.1,
)  # fmt: skip

RECIPES = {recipe.name: recipe for recipe in (BUNDLED, LECTURE, TINY)}
