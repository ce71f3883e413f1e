"""The numbers of a training run of a classifier, and the named recipes."""

from dataclasses import dataclass
from typing import Literal

from nital.core.recipe import Recipe

__all__ = ["FLAT", "RECIPES", "ClassesRecipe"]

FLAT = ("two_convolutions", "lenet5", "alexnet")
"""Networks whose dense layers see where in the picture something is; the others end in one global mean and one dense
layer, and so have a class-activation map."""


@dataclass(frozen=True, kw_only=True)
class ClassesRecipe(Recipe):
    """A classifier of micrographs.

    Attributes:
        samples: what is learned from where the user gives no pictures: synthetic "structures"; the others are
            data of lectures, see `nital.tasks.classes.lecture`.
        number: of synthetic samples. side_px: of the square crops; smaller pictures make smaller crops.
        pixel_size_um: all pictures are brought to it; None: the shorter side of each becomes one crop.
        file_column, class_column, group_column: of a table; None: file, class and group. value_column: a number
            to read beside the class, such as a temperature. value_decides: whether that value, not the class, is what
            is asked for: then its mean error judges the models.
        network: "micrograph" (small residual network), "two_convolutions", "lenet5", or a name of
            `nital.nets.resnet.RESNETS`. widths, blocks: of the small one. unshuffle: 2 looks at 2 x 2 px at a time.
        start_from: model folder whose body is learned on; "bundled": the one that comes with nital; None: chance.
        frozen: parts of the network that stay as they start, such as "classifier.body.1". depth_share: each part of
            the body learns with this share of the rate of the next one; 1: all alike.
        grey: "picture" takes each picture's own mean and spread out of it; "all" those of all pictures.
        mirrored_too: answer with the mean over a picture and its mirror image: better by a little, twice the work.
        turns, mirror, invert: whether a picture is the same class turned by 90 degrees, mirrored, with dark and bright
            exchanged. shift_px: shifts by up to so many. periodic: opposite edges belong together.
        grey_response: largest change of contrast and gamma. noise: largest added noise, in spreads of the grey.
        zoom: largest magnification, 1: none. cover: side of the largest covered square, as a share of the picture's.
        learning_curve: shares of the training groups on which the network is trained besides.
    """

    samples: Literal["structures", "ising", "idx"] = "structures"
    number: int = 4000
    side_px: int = 128
    pixel_size_um: float | None = None
    file_column: str | None = None
    class_column: str | None = None
    group_column: str | None = None
    value_column: str | None = None
    value_decides: bool = False
    network: str = "micrograph"
    widths: tuple[int, ...] = (16, 32, 64, 128)
    blocks: int = 1
    unshuffle: int = 2
    start_from: str | None = None
    frozen: tuple[str, ...] = ()
    depth_share: float = 1.0
    mirrored_too: bool = False
    grey: Literal["picture", "all"] = "picture"
    turns: bool = True
    mirror: bool = True
    invert: bool = False
    shift_px: int = 0
    periodic: bool = False
    grey_response: float = 0.3
    noise: float = 0.1
    zoom: float = 1.15
    cover: float = 0.0
    learning_curve: tuple[float, ...] = ()

    def check(self) -> None:
        super().check()
        self.demand(
            ("number", self.number >= 10, "at least 10"),
            ("side_px", self.side_px >= 16 and self.side_px % 4 == 0, "at least 16, and a multiple of 4"),
            ("pixel_size_um", self.pixel_size_um is None or self.pixel_size_um > 0, "positive, or null"),
            ("widths", bool(self.widths) and min(self.widths) > 0, "at least one positive number"),
            ("blocks", self.blocks > 0, "at least 1"),
            ("shift_px", 0 <= self.shift_px < self.side_px, "at least 0 and less than side_px"),
            ("zoom", 1 <= self.zoom <= 4, "1 to 4"),
            ("cover", 0 <= self.cover < 1, "at least 0 and less than 1"),
            ("noise", 0 <= self.noise <= 2, "0 to 2"),
            ("grey_response", 0 <= self.grey_response < 1, "at least 0 and less than 1"),
            ("mirrored_too", not self.mirrored_too or (self.mirror and self.network not in FLAT),
             "false where mirror is, and for networks without a global mean"),
            ("value_decides", not self.value_decides or self.value_column is not None, "false without value_column"),
            ("depth_share", 0 < self.depth_share <= 1, "more than 0, at most 1"),
            ("unshuffle", self.unshuffle in (1, 2, 4), "1, 2 or 4"),
            ("learning_curve", all(0 < share < 1 for share in self.learning_curve), "shares between 0 and 1"),
        )  # fmt: skip


USUAL = ClassesRecipe(
    name="usual", batch_size=16, epochs=40, steps_per_epoch=40, learning_rate=2e-3, warmup_steps=60, patience=12,
    valid_fraction=0.15, test_fraction=0.2, weight_decay=0.01, start_from="bundled", learning_curve=(0.5,),
)  # fmt: skip
STRUCTURES = USUAL.replace(
    name="structures", threads=1, number=24_000, batch_size=32, epochs=30, steps_per_epoch=100, learning_rate=4e-3,
    warmup_steps=200, patience=None, valid_fraction=0.02, test_fraction=0.04, start_from=None, learning_curve=(),
)  # fmt: skip
TINY = STRUCTURES.replace(
    name="tiny", number=2000, side_px=48, widths=(16, 32, 64), epochs=12, steps_per_epoch=110, batch_size=16,
    warmup_steps=60, learning_rate=6e-3, valid_fraction=0.05, test_fraction=0.1, grey_response=0.0, noise=0.0, zoom=1.0,
)  # fmt: skip

# For the data of lectures.
ISING = STRUCTURES.replace(
    name="ising", samples="ising", number=6000, side_px=64, epochs=16, value_column="temperature", value_decides=True,
    grey="all", unshuffle=1, widths=(16, 32, 64), grey_response=0.0, noise=0.0, zoom=1.0, valid_fraction=0.1,
    test_fraction=0.1, invert=True, periodic=True, shift_px=31,
)  # fmt: skip
TINY_ISING = TINY.replace(
    name="tiny-ising", samples="ising", number=1500, side_px=32, widths=(16, 32), epochs=8, value_column="temperature",
    value_decides=True, grey="all", unshuffle=1, invert=True, periodic=True, shift_px=15, test_fraction=0.2,
)  # fmt: skip
LECTURE = USUAL.replace(
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

RECIPES = {one.name: one for one in (USUAL, STRUCTURES, TINY, ISING, TINY_ISING, LECTURE, BEST)}
