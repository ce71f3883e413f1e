from math import exp


def sigmoid(z):
    return 1 / (1 + exp(-z))


def slope_w1(x, y, w1, b1, w2, b2):
    a = sigmoid(w1 * x + b1)
    p = sigmoid(w2 * a + b2)
    return -2 * (y - p) * p * (1 - p) * w2 * a * (1 - a) * x


slope_x = slope_w1(1.5, 1.0, 0.8, -0.3, -1.2, 0.5) / 1.5 * 0.8
