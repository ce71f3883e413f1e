"""Recipes of the job `properties`: how hard is looked for the best model."""

from dataclasses import dataclass

from nital.core.errors import InputError
from nital.core.recipe import Recipe

__all__ = ["RECIPES", "PropertiesRecipe"]


@dataclass(frozen=True, kw_only=True)
class PropertiesRecipe(Recipe):
    """Numbers of nested cross-validation and of the models in it.

    Attributes:
        folds, repeats: of the outer cross-validation. inner_folds: of the choice within a training part.
        members: networks of the MLP ensemble; `epochs` is its own. trees, rounds: of forests and boosting.
        most_rows: of larger tables so many rows are drawn.
        threads: processes that work side by side.
    """

    epochs: int = 120
    folds: int = 5
    repeats: int = 2
    inner_folds: int = 5
    members: int = 8
    trees: int = 200
    rounds: int = 300
    most_rows: int = 5_000

    def check(self) -> None:
        super().check()
        for name, least in (("folds", 2), ("repeats", 1), ("inner_folds", 2), ("members", 1), ("trees", 1),
                            ("rounds", 1), ("most_rows", 10)):  # fmt: skip
            if getattr(self, name) < least:
                raise InputError(
                    f"Recipe '{self.name}' has {name} = {getattr(self, name)}; it must be at least {least}."
                )


RECIPES = {
    "usual": PropertiesRecipe(name="usual"),
    "thorough": PropertiesRecipe(name="thorough", repeats=5, most_rows=20_000),
    "tiny": PropertiesRecipe(
        name="tiny", folds=3, repeats=1, inner_folds=3, members=3, epochs=20, trees=30, rounds=40, threads=1
    ),
}
