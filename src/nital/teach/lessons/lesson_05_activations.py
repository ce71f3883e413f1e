# %% [markdown]
# # 5. Activations and their slopes
#
# Step, sigmoid, tanh, ReLU, leaky ReLU and softmax: what each does, and what gradient descent gets from it.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, ORANGE, VERMILION, panels, picture
from nital.teach.value import Value


def sigmoid(z):
    """1 / (1 + exp(-z)), written so that exp never gets a large number."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def softmax(z):
    """exp(z) / sum of exp(z); the largest z is taken off first, which changes nothing but the overflow."""
    powers = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# name: the function, its derivative
ACTIVATIONS = {
    "step": (lambda z: (z >= 0).astype(float), np.zeros_like),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "leaky ReLU": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1, 0.1)),
}

# %% [markdown]
# ## Five functions of one number

# %%
z = np.linspace(-5, 5, 1001)
away = np.abs(z) > 0.001  # not at the corner of ReLU, where no derivative exists
figure, axes = panels(2, 3, width=3.5, height=2.8)
for axis, (name, (value, slope)) in zip(axes.flat, ACTIVATIONS.items(), strict=False):
    measured = (value(z + 1e-6) - value(z - 1e-6)) / 2e-6
    agree = np.allclose(measured[away], slope(z)[away], atol=1e-8)
    at_3 = max(slope(np.array([-3.0, 3.0])))
    print(f"{name}: greatest slope {slope(z[away]).max():.3f}, at z = 3 {at_3:.3f}; finite differences agree: {agree}")
    axis.plot(z, value(z), color=BLUE, label="value")
    axis.plot(z, slope(z), "--", color=VERMILION, label="slope")
    axis.set(title=name, xlabel="z", ylim=(-1.3, 2.2))
    axis.legend(loc="upper left")
print("  The step has slope 0 wherever it has one: gradient descent learns nothing from it.")
print("  One notebook says that tanh, too, has slopes of 0.25 at most; measured: 1. The 0.25 is the sigmoid's.")
print("  At z = 3 the sigmoid keeps 18 % of its slope, tanh 1 %: the better centred one saturates sooner.")

# %% [markdown]
# ## Softmax: several classes

# %%
logits = np.array([2.0, 1.0, -1.0])
together, alone = softmax(logits), sigmoid(logits)
print(f"scores {logits}: softmax {together.round(3)}, sum {together.sum():.3f}")
print(f"a sigmoid for each: {alone.round(3)}, sum {alone.sum():.3f}: right where classes do not exclude each other")
print(f"all scores 1000 higher: softmax {softmax(logits + 1000).round(3)}")
with np.errstate(over="ignore", invalid="ignore"):
    print(f"  written as in the lecture, exp(z) / sum: {np.exp(logits + 1000) / np.exp(logits + 1000).sum()}")
    print(f"  exp(-x) of the notebook's sigmoid at x = -1000: {np.exp(1000.0)}, with a warning")
axis, places = axes.flat[-1], np.arange(3)
axis.bar(places - 0.2, together, 0.38, color=BLUE, label="softmax, sum 1")
axis.bar(places + 0.2, alone, 0.38, color=ORANGE, hatch="//", label=f"sigmoids, sum {alone.sum():.2f}")
axis.set(title="three classes", xticks=places, xticklabels=[f"z = {score:g}" for score in logits], ylim=(0, 1.5))
axis.set(ylabel="probability")
axis.legend(loc="upper right")
picture(figure, "activations")

# %% [markdown]
# ## Why cross-entropy, and not the squared error
#
# A neuron that is sure and wrong must learn most. Let the truth be 1 and the score z go down.

# %%
scores = np.linspace(-12, 6, 181)
slopes = {"cross-entropy": [], "squared error": []}
for score in scores:
    for name, wanted in slopes.items():
        x = Value(float(score))
        loss = -x.sigmoid().log() if name == "cross-entropy" else (x.sigmoid() - 1) ** 2
        loss.backward()
        wanted.append(x.grad)
sure_and_wrong = int(np.argmin(np.abs(scores + 10)))
for name, wanted in slopes.items():
    print(f"{name}: gradient by z at z = -10 {wanted[sure_and_wrong]:.2e}")
print("  With cross-entropy the gradient is p - 1: as large as the mistake. The squared error has forgotten it.")
figure, axis = panels(width=6.4, height=3.2)
axis.plot(scores, slopes["cross-entropy"], color=BLUE, label="cross-entropy: p - 1")
axis.plot(scores, slopes["squared error"], "--", color=VERMILION, label="squared error: 2 (p - 1) p (1 - p)")
axis.set(xlabel="score z (truth is 1)", ylabel="gradient of the loss by z")
axis.legend(loc="center left")
picture(figure, "losses")

# %%
EXERCISES = [
    Exercise(
        "tanh_as_sigmoid", "the three numbers (a, b, c) with which tanh(z) = a * sigmoid(b * z) + c for every z",
        lambda n: np.allclose(n[0] * sigmoid(n[1] * np.arange(-3, 4)) + n[2], np.tanh(np.arange(-3, 4))),
        "tanh runs from -1 to 1, the sigmoid from 0 to 1; then compare the slopes at 0.",
    ),
    Exercise(
        "softplus", "a function (z) that gives log(1 + exp(z)), also at z = 1000 and -1000; its slope is the sigmoid",
        lambda f: np.allclose([f(-1000.0), f(0.0), f(2.0), f(1000.0)], [0, np.log(2), 2.126928, 1000]),
        "Take z out of the logarithm where z is above 0, so that exp gets no large number.",
    ),
]  # fmt: skip
ask(EXERCISES, "change 0.1 of the leaky ReLU to 0 and to 1: which two functions are these? Then lesson 6.")
