"""The networks that the lectures name, from LeNet-5 to AlexNet, and what all classifiers here share."""

from jaxtyping import Float
from torch import Tensor, nn

from nital.core.errors import InputError

__all__ = ["Classifier", "alexnet", "lenet5", "two_convolutions"]


class Classifier(nn.Module):
    """A body that turns an image into feature maps, and a head that turns these into one logit per class.

    Args:
        body: (n, channels, h, w) -> feature maps (n, c, h', w').
        head: feature maps -> logits (n, classes).
        layers: (kernel, stride) of the body from input to output, for its receptive field.
        side_px: the only side of image that the head takes; None: any.
    """

    def __init__(
        self, body: nn.Module, head: nn.Module, layers: list[tuple[int, int]], side_px: int | None = None
    ) -> None:
        super().__init__()
        self.body, self.head, self.layers, self.side_px = body, head, layers, side_px

    def maps(self, image: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch maps rows columns"]:
        """The last feature maps: what a class-activation map is made of.

        Raises:
            InputError: an image of a size that the head cannot take.
        """
        if self.side_px is not None and tuple(image.shape[-2:]) != (self.side_px, self.side_px):
            raise InputError(
                f"This network takes images of {self.side_px} x {self.side_px} px, not {image.shape[-2]} x "
                f"{image.shape[-1]}. Crop or resize them, or choose a network that pools over all places."
            )
        return self.body(image)

    def forward(self, image: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        return self.head(self.maps(image))


def lenet5(classes: int = 10, in_channels: int = 1) -> Classifier:
    """LeNet-5 for images of 28 x 28 px: two convolutions with average pooling, three dense layers, tanh.

    61,706 parameters for one channel and ten classes: every map of the second convolution sees every map of the first,
    as everybody builds it today; in the paper a table connects only some of them (60,000).

    Source: Y. LeCun et al., Proc. IEEE 86, 2278 (1998), doi:10.1109/5.726791.

    >>> import torch
    >>> lenet5()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    body = nn.Sequential(
        nn.Conv2d(in_channels, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
    )  # fmt: skip
    head = nn.Sequential(
        nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)
    )
    return Classifier(body, head, [(5, 1), (2, 2), (5, 1), (2, 2)], side_px=28)


def two_convolutions(classes: int = 10, in_channels: int = 1) -> Classifier:
    """The FashionMNIST network of the lecture for 28 x 28 px: 32 and 64 maps with max pooling, 128 neurons.

    421,642 parameters for one channel and ten classes.

    Source: A. Walsh, Machine Learning for Materials, lecture 6 (github.com/aronwalsh/MLforMaterials, CC0-1.0).
    """
    body = nn.Sequential(
        nn.Conv2d(in_channels, 32, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
    )  # fmt: skip
    head = nn.Sequential(nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(inplace=True), nn.Linear(128, classes))
    return Classifier(body, head, [(3, 1), (2, 2), (3, 1), (2, 2)], side_px=28)


def alexnet(classes: int = 1000, in_channels: int = 3) -> Classifier:
    """AlexNet in the one-column form of 2014, for images of 224 x 224 px; 61,100,840 parameters.

    Source: A. Krizhevsky, arXiv:1404.5997 (2014); the two-column original: Krizhevsky et al., NIPS 2012.
    """
    relu = nn.ReLU(inplace=True)
    body = nn.Sequential(
        nn.Conv2d(in_channels, 64, 11, stride=4, padding=2), relu, nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), relu, nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), relu,
        nn.Conv2d(384, 256, 3, padding=1), relu,
        nn.Conv2d(256, 256, 3, padding=1), relu, nn.MaxPool2d(3, 2),
    )  # fmt: skip
    head = nn.Sequential(
        nn.Flatten(), nn.Dropout(), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, classes),
    )  # fmt: skip
    layers = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
    return Classifier(body, head, layers, side_px=224)
