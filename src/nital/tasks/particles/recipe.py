"""The numbers of a training run of the particle network, and the named recipes."""

from dataclasses import dataclass

from nital.core.recipe import Recipe

__all__ = ["RECIPES", "ParticlesRecipe"]


@dataclass(frozen=True, kw_only=True)
class ParticlesRecipe(Recipe):
    """A U-Net on synthetic pictures of nanoparticles.

    Attributes:
        number: synthetic pictures to draw from; each is its own group. crop_px: their side.
        width, depth: of the U-Net.
        diameter_px: smallest and largest median diameter of a picture's particles.
    """

    number: int = 40_000
    crop_px: int = 128
    width: int = 16
    depth: int = 4
    diameter_px: tuple[float, float] = (4.5, 26.0)

    def check(self) -> None:
        super().check()
        low, high = self.diameter_px
        self.demand(
            ("number", self.number >= 10, "at least 10"),
            ("crop_px", self.crop_px >= 32 and self.crop_px % 32 == 0, "a multiple of 32"),
            ("width", self.width > 0, "positive"),
            ("depth", 1 <= self.depth <= 5, "1 to 5"),
            ("diameter_px", 3 <= low <= high <= 200, "two numbers from 3 to 200"),
        )


BUNDLED = ParticlesRecipe(
    name="bundled", threads=1, epochs=50, steps_per_epoch=100, learning_rate=2e-3, warmup_steps=150, weights="last",
    valid_fraction=0.002, test_fraction=0.004,
)  # fmt: skip
TINY = BUNDLED.replace(
    name="tiny", number=400, crop_px=64, width=12, depth=3, diameter_px=(8.0, 16.0), epochs=8, steps_per_epoch=50,
    warmup_steps=20, learning_rate=6e-3, valid_fraction=0.1, test_fraction=0.1,
)  # fmt: skip

RECIPES = {recipe.name: recipe for recipe in (BUNDLED, TINY)}
