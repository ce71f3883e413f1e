"""Recipes for the data of lectures."""

from nital.tasks.classes.recipe import RECIPES, ClassesRecipe

__all__ = ["LECTURE_RECIPES"]

ISING = RECIPES["structures"].replace(
    name="ising", samples="ising", number=6000, side_px=64, epochs=16, value_column="temperature", value_decides=True,
    grey="all", unshuffle=1, widths=(16, 32, 64), grey_response=0.0, noise=0.0, zoom=1.0, valid_fraction=0.1,
    test_fraction=0.1, invert=True, periodic=True, shift_px=31,
)  # fmt: skip
TINY_ISING = RECIPES["tiny"].replace(
    name="tiny-ising", samples="ising", number=1500, side_px=32, widths=(16, 32), epochs=8, value_column="temperature",
    value_decides=True, grey="all", unshuffle=1, invert=True, periodic=True, shift_px=15, test_fraction=0.2,
)  # fmt: skip
LECTURE = RECIPES["usual"].replace(
    name="lecture", samples="idx", network="two_convolutions", side_px=28, grey="all", batch_size=64, epochs=1,
    steps_per_epoch=None, learning_rate=1e-3, schedule="constant", warmup_steps=0, weight_decay=0.0, gradient_clip=1e6,
    patience=None, valid_fraction=0.02, start_from=None, turns=False, mirror=False, grey_response=0.0, noise=0.0,
    zoom=1.0, learning_curve=(),
)  # fmt: skip
BEST = LECTURE.replace(
    name="best", network="micrograph", widths=(32, 64, 128), unshuffle=2, batch_size=128, epochs=26, learning_rate=4e-3,
    schedule="cosine", warmup_steps=400, weight_decay=0.02, gradient_clip=5.0, mirror=True, mirrored_too=True,
    shift_px=2, cover=0.6,
)  # fmt: skip

LECTURE_RECIPES: dict[str, ClassesRecipe] = {one.name: one for one in (ISING, TINY_ISING, LECTURE, BEST)}
