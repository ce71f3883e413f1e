"""The numbers of a training run of a phase segmentation, and the named recipes."""

from dataclasses import dataclass

from nital.core.recipe import Recipe

__all__ = ["ALL", "RECIPES", "WAYS", "PhasesRecipe", "several_structures"]

ALL = "all"
WAYS = ("unet", "pretrained", "features")
"""U-Net from nital's own pretraining; U-Net on an encoder that has seen ImageNet; that encoder, frozen, and one dense
layer for each pixel."""


@dataclass(frozen=True, kw_only=True)
class PhasesRecipe(Recipe):
    """Segmentation of micrographs into phases.

    Attributes:
        structures: synthetic structures to learn from where the user gives no pictures, names of
            `nital.synth.phase_pictures.PHASE_KINDS`. number: of synthetic pictures.
        unlabelled: value in label pictures that means that nobody has said; None: every value is a class.
        ways: networks that learn side by side; which of them, or their mean, answers is chosen on the validation part.
        width, depth: of the U-Net. pretrained_share: rate of the encoder that has seen ImageNet, as a share.
        crop_px: side of the crops that are learned from. window_px: side of the windows that are scored.
        start_from: model folder whose networks are learned on; "bundled": the U-Net of nital's own pretraining; None:
            chance.
        zoom: largest magnification of a training crop, either way. turns: by any angle.
        grey_response, noise: largest change of the greys, and noise added, in spreads of the grey.
    """

    structures: tuple[str, ...] = ()
    number: int = 20_000
    unlabelled: int | None = None
    ways: tuple[str, ...] = WAYS
    width: int = 16
    depth: int = 5
    pretrained_share: float = 0.25
    crop_px: int = 192
    window_px: int = 512
    start_from: str | None = "bundled"
    zoom: float = 1.4
    turns: bool = True
    grey_response: float = 0.3
    noise: float = 0.15

    def check(self) -> None:
        super().check()
        self.demand(
            ("ways", bool(self.ways) and set(self.ways) <= set(WAYS), f"some of {', '.join(WAYS)}"),
            ("ways", not several_structures(self) or self.ways == ("unet",), "only unet where structures are several"),
            ("number", self.number >= 10, "at least 10"),
            ("crop_px", self.crop_px >= 32 and self.crop_px % 32 == 0, "a multiple of 32"),
            ("window_px", self.window_px >= self.crop_px and self.window_px % 32 == 0,
             "a multiple of 32, at least crop_px"),
            ("width", self.width > 0, "positive"),
            ("depth", 1 <= self.depth <= 5, "1 to 5"),
            ("zoom", 1 <= self.zoom <= 4, "1 to 4"),
            ("grey_response", 0 <= self.grey_response < 1, "at least 0 and less than 1"),
            ("noise", 0 <= self.noise <= 2, "0 to 2"),
            ("pretrained_share", 0 < self.pretrained_share <= 1, "more than 0, at most 1"),
            ("unlabelled", self.unlabelled is None or 0 <= self.unlabelled <= 65535, "0 to 65535, or null"),
        )  # fmt: skip


def several_structures(recipe: PhasesRecipe) -> bool:
    """Whether the recipe makes pictures of several structures, so that a model of it must be told which it sees."""
    return recipe.structures == (ALL,) or len(recipe.structures) > 1


USUAL = PhasesRecipe(
    name="usual", batch_size=2, epochs=18, steps_per_epoch=50, learning_rate=2.5e-3, warmup_steps=60, weight_decay=0.01,
    valid_fraction=0.2, test_fraction=0.2, folds=3,
)  # fmt: skip
PRETRAINING = USUAL.replace(
    name="pretraining", structures=(ALL,), ways=("unet",), start_from=None, batch_size=8, epochs=110,
    steps_per_epoch=100, threads=1, number=88_000, crop_px=160, window_px=192, learning_rate=2e-3, warmup_steps=200,
    folds=0, valid_fraction=0.001, test_fraction=0.001,
)  # fmt: skip
STROKES = USUAL.replace(
    name="strokes", ways=("features",), epochs=1, steps_per_epoch=60, learning_rate=2e-2, warmup_steps=5, folds=0,
    weight_decay=0.0, threads=1, crop_px=128, window_px=256,
)  # fmt: skip
TINY = PRETRAINING.replace(
    name="tiny", structures=("pores",), number=480, crop_px=64, window_px=64, width=12, depth=3, epochs=12,
    steps_per_epoch=50, warmup_steps=20, learning_rate=6e-3, valid_fraction=0.1, test_fraction=0.1, zoom=1.0,
    grey_response=0.0, noise=0.0,
)  # fmt: skip

RECIPES = {recipe.name: recipe for recipe in (USUAL, STROKES, PRETRAINING, TINY)}
