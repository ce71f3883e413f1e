"""Nothing of a test part is seen before it is scored, and odd tables give sane numbers."""

from collections.abc import Callable

import numpy as np
import pytest

from nital.learn.folds import Fold, repeated_group_folds
from nital.tasks.properties.calibration import calibrate
from nital.tasks.properties.candidates import candidates
from nital.tasks.properties.models import Rows
from nital.tasks.properties.nested import outer_folds
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.selection import AVERAGE, Choice, FamilyResult, choose, fit_family
from nital.tasks.properties.settled import modal_choice


def _rows(n: int = 48, per_group: int = 4, columns: int = 3, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, columns)).astype(np.float32).astype(float)
    target = 300 + 50 * matrix[:, 0] + 30 * matrix[:, 1] ** 2 + rng.normal(size=n)
    return Rows(matrix, target, np.arange(n) // per_group, {"given": np.arange(columns)})


def test_shuffling_the_targets_of_the_test_part_changes_nothing_before_scoring(
    problem: Problem, quick: PropertiesRecipe
) -> None:
    rows = problem.rows
    fold = repeated_group_folds(rows.groups, 4)[1]
    shuffled = rows.target.copy()
    shuffled[fold.test] = np.random.default_rng(1).permutation(shuffled[fold.test]) + 1000
    other = Rows(rows.matrix, shuffled, rows.groups, rows.sets)
    (first,), (again,) = outer_folds(rows, [fold], quick), outer_folds(other, [fold], quick)
    assert first.choice.chosen == again.choice.chosen
    assert first.choice.weights == again.choice.weights
    np.testing.assert_array_equal(first.half, again.half)
    for family, values in first.values.items():
        np.testing.assert_array_equal(values, again.values[family], err_msg=family)
        assert first.choice.families[family].candidate == again.choice.families[family].candidate


def test_the_inputs_of_the_test_part_change_nothing_that_is_learned(quick: PropertiesRecipe) -> None:
    rows = _rows()
    fold = repeated_group_folds(rows.groups, 4)[0]
    moved = rows.matrix.copy()
    moved[fold.test[0]] = 1e6  # one row far away: the others' predictions stay as they are
    (first,) = outer_folds(rows, [fold], quick)
    (again,) = outer_folds(Rows(moved, rows.target, rows.groups, rows.sets), [fold], quick)
    for family, values in first.values.items():
        np.testing.assert_array_equal(values[1:], again.values[family][1:], err_msg=family)
        assert np.isfinite(again.values[family]).all()


def test_no_group_of_an_inner_test_part_is_in_its_training_part(
    quick: PropertiesRecipe, only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nital.tasks.properties import selection

    seen: list[set[int]] = []
    rows = _rows()
    real = selection.fit

    def spy(candidate: object, part: Rows, seed: int) -> object:
        seen.append(set(part.groups.tolist()))
        return real(candidate, part, seed)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(selection, "fit", spy)
    only("mean", "Ridge")
    choose(rows, quick.replace(inner_folds=4))
    assert len(seen) == 4 * 3  # mean, and Ridge of the target and of its logarithm
    for part in seen:
        assert len(part) == 9  # of 12 groups


def test_of_equally_good_models_the_simplest_is_taken(quick: PropertiesRecipe) -> None:
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(80, 2))
    rows = Rows(matrix, 10 + matrix @ [3.0, 1.0], np.arange(80) // 4, {"given": np.arange(2)})
    choice = choose(rows, quick)
    assert choice.chosen == choice.simple == "Ridge"


def test_noise_is_left_to_the_mean(quick: PropertiesRecipe, only: Callable[..., None]) -> None:
    rng = np.random.default_rng(4)
    rows = Rows(rng.normal(size=(60, 2)), rng.normal(size=60), np.arange(60) // 3, {"given": np.arange(2)})
    only("mean", "extra trees")
    choice = choose(rows, quick.replace(inner_folds=4, trees=20))
    assert choice.chosen == "mean"


def test_the_average_is_the_weighted_mean_of_its_models(quick: PropertiesRecipe) -> None:
    rows = _rows()
    choice = choose(rows, quick)
    weights = {"Ridge": 0.25, "extra trees": 0.75, "lecture MLP": 0.0}
    choice = Choice(choice.families, choice.simple, AVERAGE, AVERAGE, {AVERAGE: weights})
    fitted: dict = {}
    average = fit_family(choice, AVERAGE, rows, 0, fitted)
    parts = [fitted[name].predict(rows.matrix)[0] for name in ("Ridge", "extra trees")]
    np.testing.assert_allclose(average.predict(rows.matrix)[0], 0.25 * parts[0] + 0.75 * parts[1])
    assert "lecture MLP" not in fitted


@pytest.mark.parametrize(
    "groups",
    [
        np.r_[np.zeros(44, dtype=int), 1, 2, 3, 4],  # a group that is nearly everything
        np.arange(48) % 2,  # two groups: the training part has one
        np.arange(48),  # rows on their own
    ],
)
def test_odd_groups_give_sane_numbers(groups: np.ndarray, quick: PropertiesRecipe) -> None:
    rows = _rows()
    rows = Rows(rows.matrix, rows.target, groups, rows.sets)
    results = outer_folds(rows, repeated_group_folds(groups, 3), quick)
    for result in results:
        for family, values in result.values.items():
            assert np.isfinite(values).all(), family
            assert np.abs(values - rows.target.mean()).max() < 20 * rows.target.std(), family
        assert np.isfinite(result.half).all() and (result.half > 0).all()
    assert modal_choice(results, rows).chosen in results[0].values


def test_columns_constant_in_a_training_part_and_equal_targets_there_are_survived(quick: PropertiesRecipe) -> None:
    rows = _rows(24)
    matrix, target = rows.matrix.copy(), rows.target.copy()
    matrix[:16, 2] = 0.0  # varies in the test part alone
    target[:16] = 7.0
    fold = Fold(np.arange(16), np.arange(16, 24))
    (result,) = outer_folds(Rows(matrix, target, rows.groups, rows.sets), [fold], quick)
    for values in result.values.values():
        np.testing.assert_allclose(values, 7.0, atol=1e-6)


def test_logarithms_of_the_target_are_tried_only_where_it_is_positive(quick: PropertiesRecipe) -> None:
    rows = _rows()
    assert any(candidate.settings.get("log") for candidate in candidates(rows, quick)["Ridge"])
    below = Rows(rows.matrix, rows.target - rows.target.mean(), rows.groups, rows.sets)
    for settings in candidates(below, quick).values():
        assert not any(candidate.settings.get("log") for candidate in settings)


def test_intervals_follow_the_spread_of_a_model_where_that_makes_them_narrower(quick: PropertiesRecipe) -> None:
    rng = np.random.default_rng(6)
    spread = rng.uniform(0.1, 3.0, 400)
    target = np.zeros(400)
    rows = Rows(np.zeros((400, 1)), target, np.arange(400) // 4, {})
    candidate = candidates(_rows(), quick)["extra trees"][0]

    def calibration(spreads: np.ndarray):
        return calibrate(FamilyResult(candidate, 0.0, spread * rng.normal(size=400), spreads), rows)

    assert calibration(spread).scaled
    assert not calibration(np.zeros(400)).scaled
    wide, narrow = calibration(spread).half_widths(np.array([3.0, 0.1]))
    assert wide > 2 * narrow


def test_two_processes_give_what_one_gives(quick: PropertiesRecipe, only: Callable[..., None]) -> None:
    rows = _rows(24)
    folds = repeated_group_folds(rows.groups, 2)
    only("Ridge", "extra trees")
    alone, beside = (outer_folds(rows, folds, quick.replace(threads=threads)) for threads in (1, 2))
    for one, two in zip(alone, beside, strict=True):
        for family in one.values:
            np.testing.assert_array_equal(one.values[family], two.values[family])


def test_progress_is_told_after_each_family_and_ends_at_the_whole(
    quick: PropertiesRecipe, only: Callable[..., None]
) -> None:
    rows, told = _rows(24), []
    only("mean", "Ridge", "extra trees")
    outer_folds(rows, repeated_group_folds(rows.groups, 2), quick, say=lambda *step: told.append(step))
    assert len(told) == 6
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][0] == told[-1][1]
    assert [text for _, _, text in told] == ["", "", "fold 1 of 2 is done", "", "", "fold 2 of 2 is done"]


def test_settings_that_are_hopeless_after_two_folds_are_given_up(
    quick: PropertiesRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nital.tasks.properties import selection

    rows, tried = _rows(48), []
    rows = Rows(rows.matrix, 300 + 50 * rows.matrix[:, 0] + np.exp(3 * rows.matrix[:, 1]), rows.groups, rows.sets)
    real = selection.fit

    def spy(candidate: object, part: Rows, seed: int) -> object:
        tried.append(candidate)
        return real(candidate, part, seed)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(selection, "fit", spy)
    result = selection.compare_family(rows, "Ridge", quick.replace(inner_folds=4))
    assert tried.count(result.candidate) == 4
    assert sorted({tried.count(candidate) for candidate in tried}) == [2, 4]
