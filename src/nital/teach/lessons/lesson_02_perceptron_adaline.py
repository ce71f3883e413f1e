# %% [markdown]
# # 2. A neuron that learns: Perceptron and ADALINE
#
# AND is learned, XOR cannot be; what gradient descent on one neuron does, and when it runs away.
#
# Labels are -1 and 1. The Perceptron adds y x to the weights for each sample that it has wrong. ADALINE goes down
# the gradient of the mean squared error of z = w x + b itself, before the threshold.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, GREEN, VERMILION, panels, picture, show_plane

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
WITH_BIAS = np.column_stack([CORNERS, np.ones(4)])  # the bias is the weight of an input that is always 1
AND, XOR = np.array([-1, -1, -1, 1]), np.array([-1, 1, 1, -1])


def perceptron(x, y, passes=1000):
    """The loop of the lecture, with an end: weights, number of updates, mistakes in the last pass."""
    w, updates, mistakes = np.zeros(x.shape[1]), 0, 1
    for _ in range(passes):
        mistakes = 0
        for sample, label in zip(x, y, strict=True):
            if label * (w @ sample) <= 0:
                w, mistakes = w + label * sample, mistakes + 1
        updates += mistakes
        if mistakes == 0:
            break
    return w, updates, mistakes


def adaline(x, y, rate, steps):
    """Gradient descent on the mean squared error: weights, and the error before each step."""
    w, errors = np.zeros(x.shape[1]), []
    for _ in range(steps):
        errors.append(np.mean((x @ w - y) ** 2))
        w = w - rate * 2 / len(y) * x.T @ (x @ w - y)
    return w, np.array(errors)


def greatest_rate(x):
    """Beyond it gradient descent on the mean squared error runs away: 2 / largest curvature."""
    return 2 / np.linalg.eigvalsh(2 / len(x) * x.T @ x).max()


# %% [markdown]
# ## The Perceptron learns AND, if it has a bias

# %%
_, _, mistakes = perceptron(CORNERS, AND)
print(f"AND, the loop as the lecture prints it: after 1000 passes still {mistakes} mistakes in each pass")
print("  It has no bias. At (0, 0) the sum is 0 whatever the weights, and 0 counts as a mistake: it never ends.")
w, updates, mistakes = perceptron(WITH_BIAS, AND)
print(f"AND, with a bias: weights {w[:2]}, bias {w[2]:g} after {updates} updates, {mistakes} mistakes left")
best = np.array([2, 2, -3]) / np.sqrt(17)  # a line that separates; the better it does, the sharper the bound
bound = (np.linalg.norm(WITH_BIAS, axis=1).max() / (AND * (WITH_BIAS @ best)).min()) ** 2
print(f"  The convergence theorem allows {bound:.0f} updates at most: (radius / margin) squared.")
_, updates, mistakes = perceptron(WITH_BIAS, XOR)
print(f"XOR, with a bias: {updates} updates in 1000 passes, still {mistakes} mistakes in each pass")
print("  No line separates XOR, so the loop would never end. Always give it an end.")

# %% [markdown]
# ## ADALINE: gradient descent, and the answer in one line

# %%
limit = greatest_rate(WITH_BIAS)
print(f"greatest learning rate on these data: {limit:.3f}")
figure, (left, middle, right) = panels(1, 3, width=4, height=3.6)
for share, color, style in ((0.1, BLUE, "-"), (0.9, GREEN, "--"), (1.1, VERMILION, ":")):
    w, errors = adaline(WITH_BIAS, AND, share * limit, 60)
    right.semilogy(errors, style, color=color, label=f"{share:g}")
    print(f"AND, rate {share:g} of it: mean squared error {errors[-1]:.4g} after {len(errors)} steps")
right.set(xlabel="step", ylabel="mean squared error", title="ADALINE on AND", ylim=(0.1, 1e4))
right.legend(loc="center right", title="rate / greatest rate")
for name, labels, axis in (("AND", AND, left), ("XOR", XOR, middle)):
    w, *_ = np.linalg.lstsq(WITH_BIAS, labels, rcond=None)
    w = np.where(np.abs(w) < 1e-9, 0, w)
    error = np.mean((WITH_BIAS @ w - labels) ** 2)
    print(f"{name}, least squares at once: weights {w[:2].round(3)}, bias {w[2]:.3f}, mean squared error {error:.3f}")
    if w.any():
        show_plane(axis, lambda x, w=w: x @ w[:2] + w[2], (-0.5, 1.5), (-0.5, 1.5))
    for label, marker in ((-1, "o"), (1, "s")):
        chosen = CORNERS[labels == label]
        axis.plot(*chosen.T, marker, color="black" if label < 0 else "white", markeredgecolor="black", markersize=10)
    axis.set(xlabel="x1", ylabel="x2", title=f"{name}: circles -1, squares 1", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
print("  For XOR the best line is none: all weights 0, the answer 0 everywhere, as wrong as saying nothing.")
middle.text(0.5, 0.5, "z = 0 everywhere:\nno line", ha="center", va="center")
picture(figure, "and_xor")

# %% [markdown]
# ## Why inputs are scaled

# %%
temperature = np.random.default_rng(0).uniform(500, 900, 200)  # degrees Celsius
scaled = (temperature - temperature.mean()) / temperature.std()
for name, x in (("in degrees Celsius", temperature), ("scaled", scaled)):
    x = np.column_stack([x, np.ones(200)])
    print(f"temperature {name}: greatest rate {greatest_rate(x):.2g}; ", end="")
    print(f"the steps needed grow with the condition number, {np.linalg.cond(x.T @ x):.3g}")

# %%
EXERCISES = [
    Exercise(
        "or_weights", "(w1, w2, b) of a neuron that gives OR of inputs 0 and 1: z above 0 for yes, below 0 for no",
        lambda w: np.sign(WITH_BIAS @ np.array(w)) == [-1, 1, 1, 1], "Start from those of AND and lift the bias.",
    ),
    Exercise(
        "gradient", "a function (x, y, w) that gives the gradient of mean((x @ w - y) ** 2) by w",
        lambda g: np.allclose(g(WITH_BIAS, AND, np.array([1.0, 2, 3])), [5, 5.5, 10]),
        "Lecture: 2 / N X^T (X w - y). Check the factor 2 / N and the sign.",
    ),
    Exercise(
        "rate", "the greatest learning rate of ADALINE for the inputs 1, 2, 3 (one weight, no bias)",
        lambda rate: abs(rate - 3 / 14) < 1e-3, "The curvature is 2 / N times the sum of the squared inputs.",
    ),
]  # fmt: skip
ask(EXERCISES, "count the Perceptron's updates for AND when each corner is 10 times as far out; then lesson 3.")
