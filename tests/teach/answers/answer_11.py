import math


def strength(d, t):
    return 150 + 90 / math.sqrt(d) - 0.15 * (t - 700)


ceiling = 1 - 8**2 / (27**2 + 8**2)
