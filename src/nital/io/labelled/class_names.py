"""Names of the classes of a labelled folder: classes.txt or classes.json, and which label means which."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nital.core.errors import InputError
from nital.io.labelled.stored import Key, StoredLabel

__all__ = ["OUTSIDE", "ClassNames", "named_keys", "read_class_names"]

OUTSIDE = "outside"
"""The key of what lies outside all outlines; without a name for it, that is unlabelled."""


@dataclass(frozen=True)
class ClassNames:
    """What is said of the names of classes.

    Attributes:
        source: who says it, for messages.
        listed: the names, in order.
        of_key: key of a label as text ("85", "#ff0000", "perl", `OUTSIDE`) -> name; empty: the order of `listed`
            decides.
    """

    source: str
    listed: tuple[str, ...]
    of_key: dict[str, str] = field(default_factory=dict)


def read_class_names(folder: Path) -> ClassNames | None:
    """Names from classes.txt (one per line) or classes.json; None: there is neither.

    classes.json is a list of names, or an object of label -> name, such as {"0": "ferrite", "255": "pearlite"} or
    {"#ff0000": "ferrite"}; its key "outside" names the class of all that lies outside outlines.

    Raises:
        InputError: both files, or one that holds no such names, or one name twice.
    """
    text, structured = folder / "classes.txt", folder / "classes.json"
    if text.exists() and structured.exists():
        raise InputError(f"{folder} has classes.txt and classes.json. Keep one of them.")
    if text.exists():
        lines = text.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return _listed(text, [line.strip() for line in lines if line.strip()])
    if not structured.exists():
        return None
    try:
        content = json.loads(structured.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{structured} is no JSON ({error}). Write a list of names, or label and name.") from error
    names = list(content.values()) if isinstance(content, dict) else content
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise InputError(
            f'{structured} holds no names of classes. Write ["ferrite", "pearlite"], or {{"0": "ferrite", "255": '
            '"pearlite"}.'
        )
    if isinstance(content, list):
        return _listed(structured, content)
    of_key = {key.strip().lower() if key.startswith("#") else key.strip(): name for key, name in content.items()}
    return ClassNames(str(structured), tuple(dict.fromkeys(names)), of_key)


def _listed(path: Path, names: Sequence[str]) -> ClassNames:
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InputError(f"{path} names '{twice[0]}' twice. Give each class a name of its own.")
    if not names:
        raise InputError(f"{path} is empty. Write the name of each class on a line, or remove the file.")
    return ClassNames(str(path), tuple(names))


def named_keys(labels: Sequence[StoredLabel], names: ClassNames | None, unlabelled: int | None) -> dict[Key, str]:
    """Key of a label -> name of its class, for all keys that occur.

    Numbers below the number of listed names count them (2 is the third). Otherwise keys and names go together in
    order, where there are as many of one as of the other.

    Raises:
        InputError: a key that the names do not know.
    """
    keys: list[Key] = sorted({key for label in labels for key in label.keys})  # type: ignore[type-var]
    form = labels[0].form
    if names is None:
        return {key: str(key) if form == "outlines" else f"phase {key}" for key in keys}
    if names.of_key:
        free = set(names.of_key) == {OUTSIDE}  # the outlines themselves bring the other names
        known = [key for key in keys if free or str(key) in names.of_key]
        return _known(labels, names, {key: names.of_key.get(str(key), str(key)) for key in known})
    if form == "outlines":
        return _known(labels, names, {key: str(key) for key in keys if key in names.listed})
    # Where 0 is unlabelled, the first name may be meant for 0 or for 1: then only the number of names can tell.
    if form == "numbers" and unlabelled != 0 and all(0 <= int(key) < len(names.listed) for key in keys):
        return {key: names.listed[int(key)] for key in keys}
    if len(keys) == len(names.listed):
        return dict(zip(keys, names.listed, strict=True))
    raise InputError(
        f"The labels hold {len(keys)} values ({', '.join(map(str, keys))}), but {names.source} names "
        f"{len(names.listed)} classes ({', '.join(names.listed)}), so it is open which is which. "
        f"{_counted(labels, keys)} "
        'Say it in classes.json, such as {"0": "ferrite", "85": "pearlite"}.'
    )


def _known(labels: Sequence[StoredLabel], names: ClassNames, found: dict[Key, str]) -> dict[Key, str]:
    unknown = [key for label in labels for key in label.keys if key not in found]
    if unknown:
        raise InputError(
            f"{names.source} does not know {', '.join(map(str, dict.fromkeys(unknown)))}; it knows "
            f"{', '.join(names.of_key or names.listed)}. {_counted(labels, unknown)} Correct the labels, or add "
            "the name."
        )
    return found


def _counted(labels: Sequence[StoredLabel], keys: Sequence[Key]) -> str:
    """Which files hold the keys, with the numbers of pixels; at most five files."""
    holding = [
        f"{label.path.name} holds "
        + ", ".join(f"{key} in {label.count(key):,} px" for key in label.keys if key in keys)
        for label in labels
        if set(label.keys) & set(keys)
    ]
    return "; ".join(holding[:5]) + ("; and others." if len(holding) > 5 else ".")
