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
from nital.teach.neurons import ADALINE, NotSeparable, Perceptron
from nital.teach.pictures import BLUE, GREEN, VERMILION, panels, picture, show_plane

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
WITH_BIAS = np.column_stack([CORNERS, np.ones(4)])  # the bias is the weight of an input that is always 1
AND, XOR = np.array([-1, -1, -1, 1]), np.array([-1, 1, 1, -1])

# %% [markdown]
# ## The Perceptron learns AND, if it has a bias

# %%
try:
    Perceptron(bias=False).fit(CORNERS, AND)
except NotSeparable as error:
    print(f"AND, the loop as the lecture prints it, without a bias: {error}")
print("  At (0, 0) the sum is 0 whatever the weights, and the lecture counts 0 as a mistake: its loop never ends.")
neuron = Perceptron().fit(CORNERS, AND)
updates, bound = len(neuron.path_) - 1, neuron.mistake_bound(CORNERS, AND)
print(f"AND, with a bias: weights {neuron.coef_}, bias {neuron.intercept_:g} after {updates} updates")
print(f"  mistakes in each pass: {neuron.mistakes_}")
print(f"  the convergence theorem allows {bound:.0f} in all: (radius / margin)^2")
try:
    Perceptron().fit(CORNERS, XOR)
except NotSeparable as error:
    print(f"XOR, with a bias: {error}")

# %%
figure, axes = panels(1, 4, width=2.9, height=3)
for axis, step in zip(axes, (1, 6, 12, updates), strict=True):
    w = neuron.path_[step]
    show_plane(axis, lambda x, w=w: x @ w[:2] + w[2], (-0.5, 1.5), (-0.5, 1.5))
    wrong = AND * (WITH_BIAS @ w) <= 0
    axis.plot(*CORNERS[AND < 0].T, "o", color="black", markersize=9)
    axis.plot(*CORNERS[AND > 0].T, "s", color="white", markeredgecolor="black", markersize=9)
    axis.plot(*CORNERS[wrong].T, "x", color=VERMILION, markersize=18, markeredgewidth=2)
    axis.set(xlabel="x1", ylabel="x2" if axis is axes[0] else "", title=f"update {step}: {wrong.sum()} wrong")
picture(figure, "perceptron")

# %% [markdown]
# ## ADALINE: gradient descent, and the answer in one line

# %%
limit = ADALINE().largest_learning_rate(CORNERS)
print(f"ADALINE on AND: greatest learning rate {limit:.3f}")
figure, (curves, lines) = panels(1, 2, width=4.6, height=3.6)
for share, color, style in ((0.1, BLUE, "-"), (0.9, GREEN, "--"), (1.1, VERMILION, ":")):
    losses = ADALINE(share * limit, epochs=60).fit(CORNERS, AND).losses_
    curves.semilogy(losses, style, color=color, label=f"{share:g}")
    print(f"  {share:g} of it: mean squared error {losses[-1]:.4g} after 60 steps")
curves.set(xlabel="step", ylabel="mean squared error", title="ADALINE on AND", ylim=(0.1, 1e4))
curves.legend(loc="center right", title="rate / greatest rate")
for name, labels, color, style in (("AND", AND, BLUE, "o-"), ("XOR", XOR, VERMILION, "s--")):
    best = ADALINE().closed_form(CORNERS, labels)
    w, b = best.coef_.round(9) + 0.0, round(best.intercept_, 9) + 0.0
    print(
        f"{name}, least squares at once: weights {w.round(3)}, bias {b:.3f}, mean squared error {best.losses_[0]:.3f}"
    )
    lines.plot(CORNERS @ w + b, style, color=color, label=f"z for {name}")
    lines.plot(labels, style[0], color=color, fillstyle="none", markersize=11, label=f"labels of {name}")
print("  For XOR the best line is none: all weights 0, the answer 0 everywhere, as wrong as saying nothing.")
lines.set(
    xticks=range(4), xticklabels=[f"({x:.0f}, {y:.0f})" for x, y in CORNERS], xlabel="inputs (x1, x2)", ylabel="z"
)
lines.set(title="The best that one line can do", ylim=(-2, 2.6))
lines.legend(ncols=2, loc="upper center")
picture(figure, "adaline")

# %% [markdown]
# ## Why inputs are scaled

# %%
temperature = np.random.default_rng(0).uniform(500, 900, (200, 1))  # degrees Celsius
scaled = (temperature - temperature.mean()) / temperature.std()
for name, x in (("in degrees Celsius", temperature), ("scaled to mean 0, deviation 1", scaled)):
    print(f"temperature {name}: greatest rate {ADALINE().largest_learning_rate(x):.2g}; ", end="")
    print(f"the steps needed grow with {np.linalg.cond(np.column_stack([x, np.ones(200)])) ** 2:.3g}")

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
