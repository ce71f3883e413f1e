# %% [markdown]
# # 8. Loss surfaces, and three ways down
#
# Gradient descent, momentum and Adam on surfaces that can be drawn; what each learning rate does, and how to find one.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Sequential
from nital.teach.pictures import BLUE, GREEN, ORANGE, VERMILION, panels, picture
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, Adam, Momentum, mean_squared_error


def valley(w):
    """1/2 (x^2 + 50 y^2): a long valley, fifty times steeper across than along."""
    return (w[0] ** 2 + 50.0 * w[1] ** 2) * 0.5


def saddle(w):
    """x^2 - y^2 + y^4 / 2 + 1/2: the slope vanishes at (0, 0), which is no minimum; those lie at y = -+1."""
    return w[0] ** 2 - w[1] ** 2 + w[1] ** 4 * 0.5 + 0.5


def banana(w):
    """Rosenbrock's (1 - x)^2 + 4 (y - x^2)^2: a bent valley with its minimum at (1, 1)."""
    return (1.0 - w[0]) ** 2 + 4.0 * (w[1] - w[0] ** 2) ** 2


def descend(surface, start, optimiser, learning_rate, steps=100):
    """The path of the weights, shape (steps + 1, 2)."""
    w = Tensor(np.array(start, dtype=float))
    optimiser, path = optimiser([w], learning_rate), [w.data]
    for _ in range(steps):
        loss = surface(w)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        path.append(w.data)
    return np.array(path)


# %% [markdown]
# ## Three surfaces, three ways
#
# Each way may choose the best of ten rates for each surface. All minima have a loss of 0; below 1e-6 counts as 1e-6.

# %%
WAYS = {"gradient descent": (SGD, BLUE, "-"), "momentum 0.9": (Momentum, VERMILION, "--"), "Adam": (Adam, GREEN, ":")}
SURFACES = {"valley": (valley, (-4.0, 0.8)), "saddle": (saddle, (-1.5, 0.001)), "banana": (banana, (-1.0, 1.2))}
RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.5]
figure, axes = panels(1, 3, width=4.0, height=3.6)
for axis, (name, (surface, start)) in zip(axes, SURFACES.items(), strict=True):
    x, y = np.meshgrid(np.linspace(*((-4.5, 1.5) if name == "valley" else (-2, 2)), 150), np.linspace(-1.6, 1.6, 150))
    axis.contour(x, y, np.log(surface((x, y)) + 0.2), 14, colors="silver", linewidths=0.7, linestyles="-")
    for way, (optimiser, colour, style) in WAYS.items():
        with np.errstate(over="ignore", invalid="ignore"):  # rates that explode
            paths = {rate: descend(surface, start, optimiser, rate) for rate in RATES}
            ends = [np.nan_to_num(surface(path[-1]).clip(1e-6), nan=np.inf) for path in paths.values()]
        end, best = min(zip(ends, RATES, strict=True))
        axis.plot(*paths[best].T, style, color=colour, label=f"{way}, rate {best}")
        print(f"{name}, {way}: loss {surface(start):.1f} -> {end:.1e} after 100 steps of rate {best}")
    axis.plot(*start, "ko", ms=5)
    axis.set(title=name, xlabel="weight x", ylabel="weight y", xlim=(x.min(), x.max()), ylim=(-1.6, 1.6))
    axis.legend(fontsize=7, loc="lower right")
picture(figure, "ways_down")
print("  Momentum and Adam win where a valley is long; at the saddle plain gradient descent with its best rate does.")

# %% [markdown]
# ## The learning rate
#
# On 1/2 k w^2 a step multiplies w by (1 - rate k). So the steepest direction sets the limit, 2 / k = 2 / 50, and the
# flattest the time; 2 / (1 + 50) is best for both. Of a network nobody knows k: a range test lets the rate grow.

# %%
figure, (curves, test) = panels(1, 2, width=4.8, height=3.4)
for rate, style, colour in ((0.004, ":", BLUE), (0.03, "-", GREEN), (2 / 51, "-.", ORANGE), (0.041, "--", VERMILION)):
    loss = [valley(w) for w in descend(valley, (-4.0, 0.8), SGD, rate)]
    word = "diverges" if loss[-1] > loss[0] else "creeps" if loss[-1] > 0.01 * loss[0] else "learns"
    print(f"valley, rate {rate:.4f}: loss {loss[0]:.1f} -> {loss[-1]:.1e} after 100 steps: {word}")
    curves.semilogy(loss, style, color=colour, label=f"rate {rate:.4f}: {word}")
curves.set(title="the valley, gradient descent", xlabel="step", ylabel="loss")
curves.legend(fontsize=8)
x, rng, rates = np.linspace(-1, 1, 200)[:, None], np.random.default_rng(0), np.geomspace(1e-4, 10, 200)
network, losses = Sequential(Dense(1, 32, rng), Tensor.tanh, Dense(32, 1, rng)), []
for rate in rates:
    optimiser = SGD(network.parameters(), rate)  # without momentum it remembers nothing
    loss = mean_squared_error(network(x), np.sin(3 * x))
    loss.backward()
    optimiser.step()
    optimiser.zero_grad()
    losses.append(loss.item())
lowest = int(np.argmin(losses))
print(f"range test, network 1-32-1 on sin(3 x): the loss is lowest at rate {rates[lowest]:.1f} and then explodes")
test.loglog(rates, losses, color=BLUE)
test.plot(rates[lowest], losses[lowest], "o", color=VERMILION, label="lowest: stay well below")
test.set(title="range test of a network", xlabel="learning rate, grows with each step", ylabel="loss", ylim=(0.01, 10))
test.legend(loc="lower left")
picture(figure, "learning_rates")
for rate in (0.3, 0.03):  # batches add noise of spread 1 to the gradient of 1/2 w^2; 5000 runs at once
    w = np.zeros(5000)
    for _ in range(300):
        w -= rate * (w + rng.normal(size=5000))
    print(f"noisy batches, rate {rate}: w jitters by {w.std():.2f} (theory: {np.sqrt(rate / (2 - rate)):.2f})")
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
