"""Parts of the work that differ in length, told as progress of the whole."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nital.core.progress import Say, tell
from nital.learn.folds import Fold
from nital.tasks.properties.problem import Problem

__all__ = ["Stages"]

FINE = 100
"""Steps of the whole for the time of one outer fold."""


@dataclass(frozen=True)
class Stages:
    """What comes one after the other.

    Attributes:
        say: whoever listens. sizes: name of a part -> its time, in outer folds. started: of `time.perf_counter`.
    """

    say: Say
    sizes: Mapping[str, float]
    started: float = field(default_factory=time.perf_counter)

    @classmethod
    def of(cls, problem: Problem, folds: Sequence[Fold], say: Say, *, why: bool, keep: bool) -> "Stages":
        """Parts of an evaluation by their usual time; `keep`: a model is chosen on all rows, too."""
        once = 0.2 * sum(fold.repeat == 0 for fold in folds)  # every family is fitted once in each of these
        return cls(say, {"folds": len(folds), "random": once * (problem.group is not None), "keep": 0.8 * keep,
                         "why": 0.5 * why, "curve": 0.5 * why})  # fmt: skip

    def part(self, name: str, text: str = "") -> Say:
        """What a part of the work may tell; `text` is told once, as it begins."""
        before = sum(list(self.sizes.values())[: list(self.sizes).index(name)])
        whole = sum(self.sizes.values())

        def told(done: int, total: int, own: str) -> None:
            reached = before + self.sizes[name] * done / max(total, 1)
            tell(self.say, round(FINE * reached), round(FINE * whole), own if done else own or text)

        return told
