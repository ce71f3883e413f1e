"""Parts of the work that differ in length, told as progress of the whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from nital.core.progress import Say, tell

__all__ = ["Stages"]

FINE = 100
"""Steps of the whole for the time of one outer fold."""


@dataclass(frozen=True)
class Stages:
    """What comes one after the other.

    Attributes:
        say: whoever listens. sizes: name of a part -> its time, in outer folds.
    """

    say: Say
    sizes: Mapping[str, float]

    @classmethod
    def of(cls, say: Say, folds: int, *, first: int, grouped: bool, why: bool, keep: bool) -> "Stages":
        """Parts of an evaluation by their usual time: `folds` in all, `first` of them in the first repetition."""
        once = 0.2 * first  # every family is fitted once in each of these
        return cls(say, {"folds": folds, "random": once * grouped, "keep": 0.8 * keep, "why": 0.5 * why,
                         "curve": 0.5 * why})  # fmt: skip

    def part(self, name: str, text: str = "") -> Say:
        """What a part of the work may tell; `text` is told once, as it begins."""
        if self.say is None:
            return None
        before, whole = 0.0, sum(self.sizes.values())
        for part, size in self.sizes.items():
            if part == name:
                break
            before += size

        def told(done: int, total: int, own: str) -> None:
            reached = before + self.sizes[name] * done / max(total, 1)
            tell(self.say, round(FINE * reached), round(FINE * whole), own if done else own or text)

        return told
