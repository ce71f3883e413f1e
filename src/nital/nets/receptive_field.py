"""Receptive field: how much of the input one output pixel can see."""

from collections.abc import Sequence

__all__ = ["receptive_field"]


def receptive_field(layers: Sequence[tuple[int, int | float]]) -> int:
    """Side of the square of input pixels that can reach one output pixel.

    r = 1 + sum over l of (k_l - 1) * product of s_i for i < l, with kernel size k and stride s of each layer.

    Args:
        layers: (kernel size in px, stride) from input to output; upsampling by n is a stride of 1/n.

    Returns:
        pixels of the input, rounded up.

    Valid for: the theoretical receptive field; the weights that training finds are mostly concentrated far nearer to
        the centre (W. Luo et al. 2016, arXiv:1701.04128).

    Source: A. Araujo et al. (2019), "Computing receptive fields of convolutional neural networks",
        doi:10.23915/distill.00021, eq. 2.

    >>> receptive_field([(3, 1), (3, 1), (2, 2), (3, 1)])
    10
    """
    size, jump = 1.0, 1.0
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return int(-(-size // 1))
