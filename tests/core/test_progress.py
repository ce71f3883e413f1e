import itertools

from hypothesis import given
from hypothesis import strategies as st

from nital.core.progress import Say, part, tell

Work = int | list["Work"]
"""A number of steps, or parts one after another."""
work = st.recursive(st.integers(1, 6), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=20)


def do(todo: Work, say: Say) -> None:
    if isinstance(todo, int):
        for done in range(todo + 1):
            tell(say, done, todo, f"step {done}")
    else:
        for number, inner in enumerate(todo):
            do(inner, part(say, number, len(todo), f"{number}/"))


@given(work)
def test_the_share_that_is_done_rises_through_parts_of_parts_and_ends_at_all(todo):
    told: list[tuple[int, int, str]] = []
    do(todo, lambda *one: told.append(one))
    shares = [done / total for done, total, _ in told]
    assert all(0 <= share <= 1 for share in shares)
    assert all(left <= right + 1e-12 for left, right in itertools.pairwise(shares))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1]


@given(st.integers(1, 9), st.integers(0, 99), st.integers(0, 99))
def test_a_part_that_tells_too_much_or_knows_no_total_stays_within_its_place(of, done, total):
    for number in range(of):
        told: list[tuple[int, int, str]] = []
        tell(part(lambda *one: told.append(one), number, of), done, total, "")  # noqa: B023
        ((reached, whole, _),) = told
        assert number / of <= reached / whole <= (number + 1) / of


def test_texts_stand_behind_the_names_of_their_parts():
    told: list[str] = []
    inner = part(part(lambda done, total, text: told.append(text), 0, 2, "steel.tif: "), 1, 3, "scale 2: ")
    tell(inner, 1, 4, "tile 1")
    assert told == ["steel.tif: scale 2: tile 1"]


def test_where_nobody_listens_nothing_is_told():
    assert part(None, 0, 2) is None
    tell(None, 1, 2, "text")
