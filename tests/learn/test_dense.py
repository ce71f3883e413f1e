"""Crops, greys and loss of the jobs that answer for every pixel."""

import pytest

torch = pytest.importorskip("torch")

from nital.learn.dense import IGNORED, Looks, changed_greys, dense_loss, random_crops  # noqa: E402

PLAIN = Looks(grey_response=0.0, blur_px=0.0, sharpen=0.0, shading=0.0, noise=0.0)


def striped(n: int = 4, side: int = 96):
    """Pictures whose grey is their label: wide stripes of three classes."""
    labels = (torch.arange(side) // 16 % 3).to(torch.uint8).expand(n, side, side).contiguous()
    return labels[:, None].float(), labels


def test_crops_of_picture_and_labels_show_the_same_place() -> None:
    torch.manual_seed(0)
    images, labels = striped()
    (image, label), _ = random_crops(images, labels, 64, PLAIN)
    inside = (label != IGNORED) & ((image[:, 0] - image[:, 0].round()).abs() < 1e-3)
    assert inside.float().mean() > 0.2
    assert (image[:, 0][inside].round().to(torch.uint8) == label[inside]).float().mean() > 0.99


def test_what_lies_outside_of_a_picture_is_not_labelled() -> None:
    torch.manual_seed(1)
    images, labels = striped(side=64)
    (_, label), _ = random_crops(images, torch.zeros_like(labels), 96, PLAIN._replace(zoom=1.0))
    assert set(label.unique().tolist()) == {0, IGNORED}


def test_a_rare_class_stands_in_about_half_of_the_crops() -> None:
    torch.manual_seed(2)
    images = torch.zeros(2, 1, 256, 256)
    labels = torch.zeros(2, 256, 256, dtype=torch.uint8)
    labels[0, 40:44, 40:44] = 1
    found = [(random_crops(images, labels, 64, PLAIN)[0][1] == 1).flatten(1).any(1) for _ in range(60)]
    assert 0.15 < torch.cat(found).float().mean() < 0.6  # half are drawn by class, half of these for class 1


def test_pictures_without_a_label_still_give_crops() -> None:
    images, labels = striped()
    labels[:] = IGNORED
    (image, label), _ = random_crops(images, labels, 32, Looks())
    assert image.shape == (4, 1, 32, 32)
    assert (label == IGNORED).all()


def test_greys_change_but_not_the_place() -> None:
    torch.manual_seed(3)
    images = torch.randn(4, 1, 48, 48)
    changed = changed_greys(images, Looks())
    assert changed.shape == images.shape
    assert not torch.equal(changed, images)
    together = torch.stack([images.flatten(), changed.flatten()])
    assert torch.corrcoef(together)[0, 1] > 0.6
    same = PLAIN
    assert torch.equal(changed_greys(images, same), images)


def test_unlabelled_pixels_do_not_count_in_the_loss() -> None:
    torch.manual_seed(4)
    logits = torch.randn(2, 3, 16, 16)
    labels = torch.randint(0, 3, (2, 16, 16), dtype=torch.uint8)
    labels[:, 8:] = IGNORED
    other = logits.clone()
    other[:, :, 8:] += 5 * torch.randn(2, 3, 8, 16)
    weights = torch.ones(3)
    assert torch.isclose(dense_loss(logits, labels, weights), dense_loss(other, labels, weights))


def test_the_loss_is_small_for_the_right_answer_and_large_for_a_wrong_one() -> None:
    labels = torch.randint(0, 3, (1, 16, 16), dtype=torch.uint8)
    right = 12 * torch.nn.functional.one_hot(labels.long(), 3).movedim(-1, 1).float()
    weights = torch.ones(3)
    assert dense_loss(right, labels, weights) < 0.01
    assert dense_loss(right.roll(1, 1), labels, weights) > 5


def test_a_batch_without_any_label_has_no_loss_but_a_gradient() -> None:
    logits = torch.randn(1, 2, 8, 8, requires_grad=True)
    loss = dense_loss(logits, torch.full((1, 8, 8), IGNORED, dtype=torch.uint8), torch.ones(2))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None and (logits.grad == 0).all()
