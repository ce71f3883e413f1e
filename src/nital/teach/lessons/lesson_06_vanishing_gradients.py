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
from nital.teach.pictures import BLUE, GREEN, VERMILION, panels, picture
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
# ## Measured: width 256, depth 20
#
# Two starts: Xavier (variance of the weights 1 / 256 here) and He (2 / 256).

# %%
CASES = {
    "sigmoid": (Tensor.sigmoid, BLUE, "o"),
    "tanh": (Tensor.tanh, GREEN, "s"),
    "ReLU": (Tensor.relu, VERMILION, "D"),
}
figure, (whole, weights) = panels(1, 2, width=5.0, height=3.8)
for name, (activation, colour, mark) in CASES.items():
    for start_name, start, line in (("Xavier", xavier_normal, "-"), ("He", he, "--")):
        g, of_weights = gradients(20, activation, start)
        look = {"color": colour, "marker": mark, "ls": line, "ms": 4, "label": f"{name}, {start_name}"}
        whole.semilogy(range(1, 21), g / g[-1], **look)
        weights.semilogy(range(1, 21), of_weights / of_weights[-1], **look)
        ratio = g[0] / g[-1]
        print(f"{name}, {start_name}: {ratio:.1e} of the gradient comes through 19 layers", end="")
        print(f" ({ratio ** (1 / 19):.2f} each); of the weights' gradient {of_weights[0] / of_weights[-1]:.1e}")
whole.set(title="gradient at the signal", ylabel="gradient / that of layer 20")
weights.set(title="gradient of the weights")
for axis in (whole, weights):
    axis.set(xlabel="layer, counted from the input", xticks=range(1, 21, 3), ylim=(1e-13, 1e3))
whole.legend(fontsize=8)
picture(figure, "gradients")
g = gradients(8, Tensor.sigmoid, xavier_normal)[0]
print(f"8 layers of sigmoid, Xavier: {g[0] / g[-1]:.1e} from the last to the first, 7 layers apart")
print(
    "  The lecture's figure shows four orders of magnitude for depth 8: right. But 0.25^8 bounds the slopes' product,"
)
print("  not the gradient: with He's larger weights a sigmoid layer lets more than a quarter through.")
print("  Its ReLU at full strength holds with He alone: with Xavier each layer takes a factor of 1 / sqrt(2) = 0.71.")
print("  The weights' gradients then are equal all the same: forwards the signal shrinks as much. So all are small.")
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
