"""The numbers of a training run of the network that fills maps, and the named recipes."""

from dataclasses import dataclass

from nital.core.recipe import Recipe
from nital.synth.map_kinds import MAP_KINDS

__all__ = ["RECIPES", "InpaintRecipe"]


@dataclass(frozen=True, kw_only=True)
class InpaintRecipe(Recipe):
    """A U-Net that corrects kriging on synthetic maps.

    Attributes:
        number: synthetic maps; kept in memory once they are made. crop_px: their side.
        kinds: what they show, names of `nital.synth.map_kinds.MAP_KINDS`; more than once: more often.
        least_share, most_share: of the pixels that are missing.
        turns: whether training maps are turned, mirrored and put upside down.
        width, depth: of the U-Net.
    """

    number: int = 3_000
    crop_px: int = 64
    kinds: tuple[str, ...] = ("gaussian", "grains", "grains", "phases", "textures", "counts", "scanned")
    least_share: float = 0.05
    most_share: float = 0.8
    turns: bool = True
    width: int = 24
    depth: int = 3

    def check(self) -> None:
        super().check()
        self.demand(
            ("kinds", bool(self.kinds) and set(self.kinds) <= set(MAP_KINDS), f"some of {', '.join(MAP_KINDS)}"),
            ("crop_px", self.crop_px >= 16 and self.crop_px % 2**self.depth == 0, "16 or more, a multiple of 2^depth"),
            ("number", self.number >= 10, "at least 10"),
            ("most_share", 0 < self.least_share <= self.most_share < 1, "between least_share and 1"),
        )


BUNDLED = InpaintRecipe(
    name="bundled", threads=1, batch_size=16, epochs=24, steps_per_epoch=150, learning_rate=3e-3, warmup_steps=100,
    valid_fraction=0.03, test_fraction=0.03, folds=0,
)  # fmt: skip
TINY = BUNDLED.replace(
    name="tiny", number=640, crop_px=32, kinds=("grains",), most_share=0.5, width=24, epochs=12, steps_per_epoch=40,
    learning_rate=6e-3, warmup_steps=20, batch_size=8, valid_fraction=0.1, test_fraction=0.1,
    turns=False,
)  # fmt: skip

RECIPES = {recipe.name: recipe for recipe in (BUNDLED, TINY)}
