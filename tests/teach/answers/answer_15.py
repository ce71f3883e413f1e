import numpy as np


def size(size: int, kernel: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - kernel) // stride + 1


def field(kernels, strides) -> int:
    seen, step = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        seen, step = seen + (kernel - 1) * step, step * stride
    return seen


turns = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
