# %% [markdown]
# # 6. Vanishing gradients
#
# How much of the gradient of the last layer reaches the first one: the bound, and the measurement.
#
# Backwards, each layer multiplies the gradient by its weights and by the slope of its activation, which is 0.25 at most
# for the sigmoid.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, he, xavier_normal
from nital.teach.pictures import BLUE, GREEN, ORANGE, VERMILION, panels, picture
from nital.teach.tensor import Tensor

WIDTH = 256


def gradients(depth, activation, start, seed=0):
    """Root mean square of the gradient at the signal after each layer, and of that of the layer's weights."""
    rng = np.random.default_rng(seed)
    x, layers, signals = Tensor(rng.normal(size=(64, WIDTH))), [], []
    for _ in range(depth):
        layers.append(Dense(WIDTH, WIDTH, rng, start))
        x = activation(layers[-1](x))
        signals.append(x)
    (x * rng.normal(size=x.shape)).sum().backward()  # a random loss
    sizes = [[np.sqrt(np.mean(t.grad**2)) for t in each] for each in (signals, [layer.weight for layer in layers])]
    return np.array(sizes)


# %% [markdown]
# ## The bound of the lecture

# %%
print(f"0.25^8 = {0.25**8:.2e} = 1 / {4**8:,}")
print("  The lecture says about 2e-4, 5,000-fold for eight layers. That is 0.25^6; and the weights multiply in, too.")
z = np.random.default_rng(0).normal(size=100_000)
slope = 1 / (1 + np.exp(-z)) / (1 + np.exp(z))
print(f"slope of the sigmoid for z of spread 1: mean {slope.mean():.3f}, largest {slope.max():.3f}")

# %% [markdown]
# ## Measured: first layer against last

# %%
CASES = {
    "sigmoid, Xavier": (Tensor.sigmoid, xavier_normal, BLUE, "o-"),
    "tanh, Xavier": (Tensor.tanh, xavier_normal, GREEN, "s-"),
    "ReLU, Xavier": (Tensor.relu, xavier_normal, ORANGE, "^-"),
    "ReLU, He": (Tensor.relu, he, VERMILION, "D-"),
}
print("gradient after the first layer over that after the last, by depth:")
for name, (activation, start, _, _) in CASES.items():
    after = [gradients(depth, activation, start)[0] for depth in (2, 4, 8)]
    print(f"{name}: " + ", ".join(f"{g[0] / g[-1]:.1e} ({len(g)} layers)" for g in after))

# %% [markdown]
# ## Width 256, depth 20

# %%
figure, axis = panels(width=6.5, height=3.8)
for name, (activation, start, colour, style) in CASES.items():
    g, of_weights = gradients(20, activation, start)
    axis.semilogy(range(1, 21), g / g[-1], style, ms=4, color=colour, label=name)
    weights = of_weights[0] / of_weights[-1]
    print(f"{name}: {g[0] / g[-1]:.1e} of the gradient comes through 19 layers; of the weights' gradient {weights:.1e}")
axis.set(xlabel="layer, counted from the input", ylabel="gradient / gradient after layer 20", xticks=range(1, 21, 3))
axis.legend()
picture(figure, "gradients")
print("  tanh with Xavier and ReLU with He keep it. ReLU with Xavier loses sqrt(2) in each layer; the gradients of its")
print("  weights are equal all the same: the signal shrinks forwards as the gradient does backwards, so all are small.")
print("  Residual networks are often said to cure this. Their paper measured another thing: deep plain stacks trained")
print("  worse although batch normalisation kept their gradients alive (degradation, He et al. 2016).")

# %%
EXERCISES = [
    Exercise(
        "bound", "the bound on the slopes' product for twelve layers of sigmoid",
        lambda value: abs(value / 0.25**12 - 1) < 1e-3, "A quarter for each layer.",
    ),
    Exercise(
        "relu_xavier", "the factor (below 1) that ten layers of ReLU with Xavier take from the gradient's spread",
        lambda value: abs(value / 2**-5 - 1) < 0.05, "Half of the variance is lost in each layer; spread is its root.",
    ),
]  # fmt: skip
ask(EXERCISES, "put a BatchNorm after each sigmoid and measure again; then lesson 9.")
