"""Simpler models in plain numbers: the same as scikit-learn's, for two classes, more, and some never seen."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nital.synth.structures import KINDS, draw_structure
from nital.tasks.classes.baselines import _kept
from nital.tasks.classes.simpler import agreement, class_probability, distance_from_middle, textures


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Five each of four structures, as a network sees them."""
    rng = np.random.default_rng(4)
    drawn = [draw_structure(kind, rng, (32, 32)) for kind in KINDS[:4] for _ in range(5)]
    return (np.stack(drawn)[:, None].astype(np.float32) - 120) / 50


@pytest.mark.parametrize("seen", [[0, 1], [1, 3], [0, 1, 2, 3], [0, 2, 3]])
def test_the_plain_numbers_say_what_scikit_learn_says_and_nothing_of_classes_never_seen(
    images: np.ndarray, seen: list[int]
) -> None:
    label = np.repeat(np.arange(4), 5)
    part = np.isin(label, seen)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(textures(images[part]), label[part])
    kept = json.loads(json.dumps(_kept("textures", model[0], model[1], 4)))
    found = class_probability(kept, images)
    np.testing.assert_allclose(found[:, seen], model.predict_proba(textures(images)), atol=1e-10)
    assert (found[:, [n for n in range(4) if n not in seen]] == 0).all()


def test_agreement_and_distance_from_the_middle_of_two_level_pictures_by_hand() -> None:
    stripes = np.zeros((1, 1, 4, 4), np.float32)
    stripes[..., ::2] = 7
    assert agreement(stripes).tolist() == [[0.0]]  # along the stripes all pairs are alike, across them none
    assert distance_from_middle(stripes).tolist() == [[0.0]]
    one = np.zeros((1, 1, 4, 4), np.float32)
    one[0, 0, 1, 2] = 5
    assert agreement(one).tolist() == [[1 - 4 * 2 / 32]]
    assert distance_from_middle(one).tolist() == [[14 / 16]]
