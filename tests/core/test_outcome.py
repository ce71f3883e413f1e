import numpy as np

from nital.core.outcome import Outcome, ends, made


def test_pixels_are_made_when_they_are_asked_for_and_an_array_is_given_as_it_is():
    asked = []

    def draw() -> np.ndarray:
        asked.append(1)
        return np.ones((2, 2), np.uint8)

    drawn = np.zeros((3, 3))
    assert made(drawn) is drawn
    assert not asked
    assert made(draw).shape == (2, 2) and len(asked) == 1


def test_an_interval_becomes_two_cells_and_no_interval_none():
    assert ends("g_ci95", (7.1, 7.5)) == {"g_ci95_low": 7.1, "g_ci95_high": 7.5}
    assert ends("g_ci95", None) == {}


def test_two_outcomes_share_nothing():
    one, other = Outcome({}), Outcome({})
    one.warnings.append("late")
    one.row["g"] = 7.1
    assert other.warnings == [] and other.row == {}
