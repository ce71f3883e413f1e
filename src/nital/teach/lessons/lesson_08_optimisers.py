# %% [markdown]
# # 8. Loss surfaces, and three ways down
#
# Gradient descent, momentum and Adam on surfaces that can be drawn; what each learning rate does.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, GREEN, VERMILION, panels, picture
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, Adam, Momentum


def valley(w):
    """1/2 (x^2 + 50 y^2): a long valley, fifty times steeper across than along."""
    return (w[0] ** 2 + 50.0 * w[1] ** 2) * 0.5


def saddle(w):
    """x^2 - y^2 + y^4 / 2: the slope vanishes at (0, 0), which is no minimum; those lie at y = -+1."""
    return w[0] ** 2 - w[1] ** 2 + w[1] ** 4 * 0.5


def banana(w):
    """Rosenbrock's (1 - x)^2 + 4 (y - x^2)^2: a bent valley with its minimum at (1, 1)."""
    return (1.0 - w[0]) ** 2 + 4.0 * (w[1] - w[0] ** 2) ** 2


def descend(surface, start, optimiser, steps, **settings):
    """The path of the weights, shape (steps + 1, 2)."""
    w = Tensor(np.array(start, dtype=float))
    optimiser, path = optimiser([w], **settings), [w.data]
    for _ in range(steps):
        loss = surface(w)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        path.append(w.data)
    return np.array(path)


WAYS = {
    "gradient descent": (SGD, {"learning_rate": 0.03}, BLUE, "-"),
    "momentum 0.9": (Momentum, {"learning_rate": 0.006, "momentum": 0.9}, VERMILION, "--"),
    "Adam": (Adam, {"learning_rate": 0.1}, GREEN, ":"),
}

# %% [markdown]
# ## Three surfaces, three ways

# %%
SURFACES = {"valley": (valley, (-4.0, 0.8)), "saddle": (saddle, (-1.5, 0.001)), "banana": (banana, (-1.0, 1.2))}
figure, axes = panels(1, 3, width=4.0, height=3.4)
for axis, (name, (surface, start)) in zip(axes, SURFACES.items(), strict=True):
    x, y = np.meshgrid(
        np.linspace(-4.5, 1.5, 150) if name == "valley" else np.linspace(-2, 2, 150), np.linspace(-1.6, 1.6, 150)
    )
    axis.contour(x, y, np.log(surface((x, y)) + 1.2), 14, colors="silver", linewidths=0.7)
    for way, (optimiser, settings, colour, style) in WAYS.items():
        path = descend(surface, start, optimiser, 150, **settings)
        axis.plot(*path.T, style, color=colour, label=way)
        last = surface(path[-1]) - (-0.5 if name == "saddle" else 0.0)
        print(f"{name}, {way}: {last:.1e} above the minimum after 150 steps")
    axis.set(title=name, xlabel="weight x", ylabel="weight y")
axes[0].legend(fontsize=8)
picture(figure, "ways_down")

# %% [markdown]
# ## The learning rate
#
# On 1/2 k w^2 a step multiplies w by (1 - rate k). So the steepest direction sets the limit: the rate must stay below
# 2 / k, here 2 / 50. And the flattest direction sets the time: along x only (1 - rate) of the way is left after a step.

# %%
for rate in (0.004, 0.03, 0.0396, 0.041):
    path = descend(valley, (-4.0, 0.8), SGD, 150, learning_rate=rate)
    loss = [valley(w) for w in path]
    word = "diverges" if loss[-1] > loss[0] else "creeps" if loss[-1] > 0.01 * loss[0] else "learns"
    print(f"rate {rate}: loss {loss[0]:.1f} -> {loss[-1]:.1e} after 150 steps: {word}")
print(f"largest rate: 2 / 50 = {2 / 50}; best for both directions: 2 / (1 + 50) = {2 / 51:.4f}")
noise = np.random.default_rng(0)


def stochastic(rate, steps=4000):
    """Gradient descent on w^2 / 2 when each batch adds noise of spread 1 to the gradient; the spread in the end."""
    w, kept = 3.0, []
    for step in range(steps):
        w -= rate * (w + noise.normal())
        kept += [w] if step > steps // 2 else []
    return np.std(kept)


for rate in (0.3, 0.03):
    theory = np.sqrt(rate / (2 - rate))
    print(f"noisy batches, rate {rate}: w keeps jittering by {stochastic(rate):.1f} (theory: {theory:.2f})")
print("  So a rate is large first and small last: that is what a schedule is for.")

# %%
EXERCISES = [
    Exercise(
        "largest_rate", "the learning rate above which gradient descent diverges on 1/2 (3 x^2 + 12 y^2)",
        lambda value: abs(value - 2 / 12) < 1e-6, "The steepest direction decides: 2 / k.",
    ),
    Exercise(
        "steps", "steps of rate 0.03 until x of the valley has shrunk from 4 to below 0.04 (an integer)",
        lambda value: value == int(np.ceil(np.log(0.01) / np.log(1 - 0.03))), "Each step leaves 0.97 of x.",
    ),
]  # fmt: skip
ask(EXERCISES, "start the saddle at y = 0 exactly: why does nobody get away? Then lesson 9.")
