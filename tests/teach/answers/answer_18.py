import numpy as np


def to_uint8(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def hole_loss(guess, truth, seen):
    return np.mean((guess - truth)[seen == 0] ** 2)


def put_back(guess, seen):
    return np.where(seen == 0, guess, seen)
