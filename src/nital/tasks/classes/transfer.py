"""Learning on from another model: its body, with a fresh head."""

from pathlib import Path
from typing import Any

from nital.core.errors import ArtifactError
from nital.tasks.classes.network import ClassNetwork

__all__ = ["start_from"]

BUNDLED = Path(__file__).parent / "bundled"


def start_from(model: ClassNetwork, source: str | None) -> ClassNetwork:
    """Take the weights of another model's body.

    Args:
        source: a model folder; "bundled": the one that comes with nital; None: the model stays as it is.

    Raises:
        ArtifactError: no such model, or one of another shape.
    """
    if source is None:
        return model
    from safetensors.torch import load_file

    folder = BUNDLED if source == "bundled" else Path(source)
    path = folder / "weights.safetensors"
    try:
        weights: dict[str, Any] = load_file(path)
    except Exception as error:
        raise ArtifactError(
            f"{path} cannot be read ({error}). Give a folder that nital train classes wrote, or --set start_from=null."
        ) from error
    ours = model.classifier.body.state_dict()
    theirs = {name.removeprefix("classifier.body."): value for name, value in weights.items() if ".body." in name}
    wrong = [name for name in ours if name not in theirs or theirs[name].shape != ours[name].shape]
    if wrong := [*wrong, *(name for name in theirs if name not in ours)]:
        raise ArtifactError(
            f"{folder} is a model of another shape ({len(wrong)} of {len(ours)} arrays differ, such as {wrong[0]}). "
            "Set network, widths, blocks and unshuffle as that model's recipe.json has them, or --set start_from=null."
        )
    model.classifier.body.load_state_dict(theirs)
    return model
