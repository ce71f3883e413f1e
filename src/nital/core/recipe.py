"""Recipe: every number of a run in one frozen dataclass, with a JSON round trip."""

import dataclasses
import json
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from nital.core.errors import InputError, unknown_name
from nital.core.kinds import fits, kind_name

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The numbers that all jobs share; a job's recipe inherits and adds its own.

    Attributes:
        name: what `--recipe` calls it.
        seed: all randomness of the run follows from it.
        batch_size: samples in one step.
        epochs: how often the model is validated and the state saved; the most that are run.
        steps_per_epoch: optimiser steps in one epoch; None: as many as the training part fills.
        learning_rate: peak of the schedule (linear warm-up over `warmup_steps`, then as `schedule` says).
        schedule: "cosine" falls to zero at the last step; "constant" stays.
        weight_decay: AdamW's decoupled decay.
        gradient_clip: largest norm of all gradients together; longer ones are shortened to it.
        patience: epochs without a better validation loss before training stops; None: never.
        weights: which are taken: "best", of the epoch with the smallest validation loss; "last", for
            endless samples under a schedule that ends at zero. Few samples are learned by heart: there take the best.
        valid_fraction, test_fraction: share of the *groups* on those sides of the split; without validation nothing
            could be chosen, so only the second may be 0.
        folds: networks that are trained and scored with groups left out in turn; 0: one split; None: one for each
            group where there are fewer than ten, five where the test part would hold fewer than three groups, else 0.
        threads: CPU threads; part of the recipe because sums depend on it bit for bit.
    """

    name: str
    seed: int = 0
    batch_size: int = 8
    epochs: int = 10
    steps_per_epoch: int | None = None
    learning_rate: float = 1e-3
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    gradient_clip: float = 1.0
    patience: int | None = None
    weights: Literal["best", "last"] = "best"
    valid_fraction: float = 0.1
    test_fraction: float = 0.1
    folds: int | None = None
    threads: int = 2

    def to_json(self) -> str:
        """All fields as indented JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            InputError: not JSON, or a value that does not fit.
            UnknownName: a field that this recipe does not have.
        """
        try:
            values: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"The recipe is not valid JSON: {error}.") from error
        if not isinstance(values, dict):
            raise InputError("The recipe is JSON, but not an object of fields and values.")
        return cls.from_dict(cast("dict[str, Any]", values))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from plain values; lists become the tuples that the fields declare.

        Raises:
            InputError: a value of the wrong kind, or a field without default is missing.
            UnknownName: a field that this recipe does not have.
        """
        known = {field.name: field for field in dataclasses.fields(cls)}
        for key in values:
            if key not in known:
                raise unknown_name("recipe field", key, known)
        fields: dict[str, Any] = {
            key: tuple(cast("list[Any]", v)) if isinstance(v, list) else v for key, v in values.items()
        }
        hints = typing.get_type_hints(cls)
        for name, field in known.items():
            if name not in fields:
                if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                    raise InputError(f"The recipe has no '{name}'. Give it.")
            elif not fits(fields[name], hints[name]):
                raise InputError(
                    f"Recipe '{values.get('name')}' has {name} = {fields[name]!r}; it must be {kind_name(hints[name])}."
                )
        return cls(**fields)

    def replace(self, **changes: Any) -> Self:
        """This recipe with some fields changed.

        Raises:
            InputError: a value of the wrong kind. UnknownName: a field that this recipe does not have.
        """
        return type(self).from_dict({**dataclasses.asdict(self), **changes})

    def check(self) -> None:
        """Refuse values that no run can have.

        Raises:
            InputError: names the field, its value and what it must be.
        """
        type(self).from_dict(dataclasses.asdict(self))  # a recipe that was built directly may hold anything
        self.demand(*((name, fine(getattr(self, name)), wanted) for names, fine, wanted in _RANGES for name in names))

    def demand(self, *rules: tuple[str, bool, str]) -> None:
        """Refuse a field that breaks a rule; for the `check` of a job's recipe.

        Args:
            rules: name of the field, whether its value is fine, and what it must be, in words.

        Raises:
            InputError: names the first such field, its value and what it must be.
        """
        for name, fine, wanted in rules:
            if not fine:
                raise InputError(f"Recipe '{self.name}' has {name} = {getattr(self, name)}; it must be {wanted}.")


_RANGES: tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...] = (
    (("batch_size", "epochs", "learning_rate", "threads", "gradient_clip"), lambda value: value > 0, "positive"),
    (("steps_per_epoch",), lambda value: value is None or value >= 1, "at least 1, or None"),
    (("seed", "weight_decay", "warmup_steps"), lambda value: value >= 0, "zero or more"),
    (("folds",), lambda value: value is None or value == 0 or value >= 2, "0, 2 or more, or None"),
    (("valid_fraction",), lambda value: 0 < value < 1, "more than 0 and less than 1"),
    (("test_fraction",), lambda value: 0 <= value < 1, "at least 0 and less than 1"),
)
