# %% [markdown]
# # 9. Initialisation: how a network starts
#
# From zero nothing ever becomes different; too small and the signal dies; too large and neurons saturate.
#
# Twenty layers of 256 neurons, 1,000 inputs of spread 1: how large is the signal after each layer?

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Sequential, he, normal, xavier_normal, zero
from nital.teach.pictures import BLUE, GREEN, ORANGE, VERMILION, panels, picture
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, binary_cross_entropy

WIDTH, DEPTH, SAMPLES = 256, 20, 1000
STARTS = {"N(0, 0.01²)": normal(0.01), "N(0, 1)": normal(1.0), "Xavier": xavier_normal, "He": he}
ACTIVATIONS = {"tanh": np.tanh, "ReLU": lambda z: np.maximum(z, 0)}


def signal(start, activation):
    """Standard deviation of the activations after each layer, and the share of them beyond 0.99."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, WIDTH))
    spread = []
    for _ in range(DEPTH):
        x = activation(x @ start(rng, (WIDTH, WIDTH), WIDTH, WIDTH))
        spread.append(x.std())
    return np.array(spread), np.mean(np.abs(x) > 0.99)


# %% [markdown]
# ## Zero: the neurons stay twins

# %%
corners, xor = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
for name, start in (
    ("zero", zero),
    ("all 0.5", lambda rng, shape, n_in, n_out: np.full(shape, 0.5)),
    ("Xavier", xavier_normal),
):
    rng = np.random.default_rng(3)
    hidden, output = Dense(2, 8, rng, start), Dense(8, 1, rng, start)
    network = Sequential(hidden, Tensor.tanh, output)
    optimiser = SGD(network.parameters(), learning_rate=1.0)
    for _ in range(3000):
        loss = binary_cross_entropy(network(corners), xor)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    kinds = len(np.unique(hidden.weight.data.round(6), axis=1).T)
    print(f"start {name}: XOR loss {loss.item():.3f}, {kinds} different neurons of 8")
print(
    f"  {np.log(2):.3f} is the loss of guessing. From zero even the hidden weights never move: the output's are zero."
)

# %% [markdown]
# ## Twenty layers

# %%
figure, axes = panels(1, 2, width=4.6)
for axis, (activation, function) in zip(axes, ACTIVATIONS.items(), strict=True):
    for (name, start), colour, mark in zip(STARTS.items(), (BLUE, VERMILION, GREEN, ORANGE), "osD^", strict=True):
        with np.errstate(over="ignore"):
            spread, saturated = signal(start, function)
        axis.semilogy(range(1, DEPTH + 1), spread, f"{mark}-", ms=4, color=colour, label=name)
        tail = f", {saturated:.0%} beyond 0.99" if activation == "tanh" else ""
        print(f"{activation}, {name}: spread {spread[0]:.1e} after layer 1, {spread[-1]:.1e} after layer 20{tail}")
    axis.set(title=activation, xlabel="layer", xticks=range(1, 21, 3), ylabel="standard deviation of the activations")
axes[0].legend()
picture(figure, "spread")
ratio = signal(he, ACTIVATIONS["ReLU"])[0]
print(f"ReLU with He keeps its spread within a factor of {max(ratio) / min(ratio):.1f} over 20 layers")
print("  Xavier suits tanh. ReLU loses half of the variance in each layer, a factor of 2^-10 in spread after twenty;")
print(
    "  He makes up for it. He's sqrt(2/D) is the standard deviation; the lecture has it in the place of the variance."
)

# %% [markdown]
# ## What programs really do
#
# The lecture says that He is the default of scikit-learn and of PyTorch. It is the default of neither: scikit-learn
# draws between -+sqrt(6 / (in + out)), Glorot's; PyTorch between -+1 / sqrt(in), a sixth of He's variance.

# %%
default = {
    "scikit-learn": lambda rng, shape, n_in, n_out: rng.uniform(-1, 1, shape) * np.sqrt(6 / (n_in + n_out)),
    "PyTorch": lambda rng, shape, n_in, n_out: rng.uniform(-1, 1, shape) / np.sqrt(n_in),
}
for name, start in default.items():
    variance = start(np.random.default_rng(0), (WIDTH, WIDTH), WIDTH, WIDTH).var()
    last = signal(start, ACTIVATIONS["ReLU"])[0][-1]
    print(f"{name}: variance {variance * WIDTH:.2f} / D (He: 2 / D); ReLU after 20 layers {last:.0e}")

# %%
EXERCISES = [
    Exercise(
        "he_std", "the standard deviation that He draws weights with, for a layer of 512 inputs",
        lambda value: abs(value - np.sqrt(2 / 512)) < 1e-6, "The variance is 2 / inputs.",
    ),
    Exercise(
        "leaky_he", "a function (slope): variance times inputs that keeps the spread for a leaky ReLU of that slope",
        lambda f: abs(f(0.0) - 2) < 1e-9 and abs(f(1.0) - 1) < 1e-9 and abs(f(0.1) - 2 / 1.01) < 1e-9,
        "Half of the inputs keep their square, the other half keep slope squared of it.",
    ),
]  # fmt: skip
ask(EXERCISES, "start lesson 3's network from other spreads and count how many learn XOR; then lesson 6.")
