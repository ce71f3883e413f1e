# %% [markdown]
# # 4. Two linear layers are one
#
# Without a bend between them, layers collapse into a single matrix, however many there are.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Sequential, xavier_normal
from nital.teach.pictures import BLUE, GREEN, VERMILION, panels, picture
from nital.teach.tensor import Tensor
from nital.teach.training import Adam, mean_squared_error


def collapse(layers):
    """One weight matrix and bias that do what a chain of dense layers does."""
    weight, bias = layers[0].weight.data, layers[0].bias.data
    for layer in layers[1:]:
        weight, bias = weight @ layer.weight.data, bias @ layer.weight.data + layer.bias.data
    return weight, bias


# %% [markdown]
# ## The algebra: (x W1 + b1) W2 + b2 = x (W1 W2) + (b1 W2 + b2)

# %%
rng = np.random.default_rng(4)
chain = [Dense(4, 64, rng), Dense(64, 64, rng), Dense(64, 1, rng)]
x = rng.normal(size=(1000, 4))
weight, bias = collapse(chain)
deep, flat = Sequential(*chain).predict(x), x @ weight + bias
print(f"4-64-64-1 without activation: {sum(p.data.size for p in Sequential(*chain).parameters()):,} parameters")
print("  The lecture says more than 5,000 for two layers of 64; its own example with four inputs has fewer.")
same = np.allclose(deep, flat, atol=1e-12)
print(f"one matrix that does the same: {weight.size + bias.size} parameters, equal to 1e-12: {same}")
bent = Sequential(chain[0], Tensor.relu, chain[1], Tensor.relu, chain[2]).predict(x)
straight = np.c_[x, np.ones(1000)] @ np.linalg.lstsq(np.c_[x, np.ones(1000)], bent, rcond=None)[0]
print(
    f"with ReLU between them the best single layer leaves {np.var(bent - straight) / np.var(bent):.0%} of the variance"
)

# %% [markdown]
# ## What a bend buys: a curve
#
# y = sin(3 x), learned by networks of 1-32-32-1 neurons from the same start.

# %%
x = np.linspace(-1, 1, 200)[:, None]
y = np.sin(3 * x)


def train(activation, steps=800):
    rng = np.random.default_rng(0)
    layers = [Dense(1, 32, rng, xavier_normal), Dense(32, 32, rng, xavier_normal), Dense(32, 1, rng, xavier_normal)]
    network = Sequential(*(each for layer in layers for each in (layer, activation)))
    network.layers = network.layers[:-1]  # the output stays as it is
    optimiser = Adam(network.parameters(), 0.01)
    for _ in range(steps):
        loss = mean_squared_error(network(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network


line = np.c_[x, np.ones(200)] @ np.linalg.lstsq(np.c_[x, np.ones(200)], y, rcond=None)[0]
print(f"best straight line: mean squared error {np.mean((line - y) ** 2):.4f}")
figure, axis = panels(width=6, height=3.6)
axis.plot(x, y, color="black", lw=3, alpha=0.3, label="sin(3 x)")
for name, activation, colour, style in (
    ("no activation", lambda z: z, BLUE, "-"),
    ("ReLU", Tensor.relu, VERMILION, "--"),
    ("tanh", Tensor.tanh, GREEN, ":"),
):
    network = train(activation)
    error = np.mean((network.predict(x) - y) ** 2)
    size = "below 0.001" if error < 1e-3 else f"{error:.4f}"
    print(f"three layers, {name}: mean squared error {size}")
    axis.plot(x, network.predict(x), style, color=colour, label=f"three layers, {name}")
axis.set(xlabel="x", ylabel="y", title="Depth without a bend is a straight line")
axis.legend()
picture(figure, "bend")
print("  The theorem that one hidden layer approximates any continuous function needs a bend, too (any activation but")
print("  a polynomial), and a closed, bounded region; the lecture leaves both conditions out.")

# %%
EXERCISES = [
    Exercise(
        "merge", "a function (w1, b1, w2, b2) with the weight matrix and bias of the single layer",
        lambda f: all(np.allclose(a, b) for a, b in zip(f(np.eye(2) * 2, np.ones(2), np.ones((2, 1)), np.zeros(1)),
                                                        (np.full((2, 1), 2.0), np.array([2.0])), strict=True)),
        "Put x W1 + b1 into the second layer and multiply out.",
    ),
    Exercise(
        "rank", "the highest rank of the single matrix that 100 -> 3 -> 100 linear neurons can make",
        lambda value: value == 3, "Everything passes through three numbers.",
    ),
]  # fmt: skip
ask(EXERCISES, "use x^2 as the activation: how many layers does a polynomial of degree 8 need? Then lesson 5.")
