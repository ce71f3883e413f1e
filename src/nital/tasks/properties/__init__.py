"""The job `properties`: from a table of specimens to a number with an interval."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nital.tasks.properties.regressor import PropertyRegressor as PropertyRegressor

__all__ = ["PropertyRegressor"]


def __getattr__(name: str) -> Any:
    """`PropertyRegressor` needs scikit-learn, which predicting must not import."""
    if name != "PropertyRegressor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nital.core.errors import need

    need("sklearn", "train", "PropertyRegressor")
    need("torch", "train", "PropertyRegressor")
    from nital.tasks.properties.regressor import PropertyRegressor

    return PropertyRegressor
