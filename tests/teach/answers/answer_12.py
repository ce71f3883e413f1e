import numpy as np


def group_folds(groups, k):
    names, member = np.unique(groups, return_inverse=True)
    return (np.arange(len(names)) % k)[member]


r2_of_mean = 0
