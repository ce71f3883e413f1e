"""Progress as numbers: how much of the work is done, of how much, and what happens now."""

from collections.abc import Callable

__all__ = ["Say", "part", "tell"]

Say = Callable[[int, int, str], object] | None
"""Is given (done, total, text); total is 0 where nobody knows it. None: nobody listens."""


def tell(say: Say, done: int, total: int, text: str) -> None:
    """Tell whoever listens, if anybody does."""
    if say is not None:
        say(done, total, text)


def part(say: Say, number: int, of: int, name: str = "") -> Say:
    """What a part of the work may tell, as progress of the whole.

    Args:
        number: of the part, from 0. of: how many equal parts there are.
        name: stands before each text.

    >>> part(lambda *told: print(told), 1, 4, "[2/4] ")(1, 2, "tile")
    (3, 8, '[2/4] tile')
    """
    if say is None:
        return None

    def told(done: int, total: int, text: str) -> None:
        pieces = max(total, 1)
        say(number * pieces + min(done, pieces), of * pieces, name + text)

    return told
