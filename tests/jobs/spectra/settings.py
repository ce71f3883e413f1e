"""What a user may choose, and the numbers of a run."""

from dataclasses import dataclass

from nital.core.options import Options, option
from nital.core.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class SpectraOptions(Options):
    """Options of the job."""

    offset_ev: float = option(0.0, "Is added to the position.", unit="eV", minimum=-5, maximum=5)


@dataclass(frozen=True, kw_only=True)
class SpectraRecipe(Recipe):
    """A small network on curves."""

    width: int = 8


TINY = SpectraRecipe(name="tiny", threads=1, epochs=4, steps_per_epoch=40, warmup_steps=5, learning_rate=1e-2)
RECIPES = {"tiny": TINY}
