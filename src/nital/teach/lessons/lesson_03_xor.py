# %% [markdown]
# # 3. XOR with one hidden layer
#
# Two hidden neurons fold the plane so that one line separates what no line could; if the start is lucky.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Sequential, normal
from nital.teach.pictures import BLUE, GREY, VERMILION, panels, picture, show_plane
from nital.teach.tensor import Tensor
from nital.teach.training import Adam, binary_cross_entropy

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([[0], [1], [1], [0]])


def train(hidden, seed, activation=Tensor.tanh, steps=500):
    """A 2-hidden-1 network after Adam with rate 0.05, and its loss after every step."""
    rng = np.random.default_rng(seed)
    network = Sequential(Dense(2, hidden, rng, normal(1.0)), activation, Dense(hidden, 1, rng, normal(1.0)))
    optimiser, losses = Adam(network.parameters(), learning_rate=0.05), []
    for _ in range(steps):
        loss = binary_cross_entropy(network(CORNERS), XOR)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return network, losses


def step(z):
    return (z >= 0).astype(float)


def right(network):
    """How many of the four corners are right."""
    return int(((network.predict(CORNERS) > 0) == XOR).sum())


# %% [markdown]
# ## By hand: two neurons are enough
#
# OR and AND fire at different numbers of inputs; XOR is OR and not AND.

# %%

hidden = step(CORNERS @ np.ones((2, 2)) - np.array([0.5, 1.5]))  # x1 + x2 >= 0.5, x1 + x2 >= 1.5
output = step(hidden @ np.array([1.0, -1.0]) - 0.5)
print(f"by hand, 2-2-1 with steps: {output.astype(int)} for the corners 00, 01, 10, 11")
print("  The lecture's figure uses two hidden layers; one is enough.")

# %% [markdown]
# ## Learned: how often does it work?

# %%
runs = {n: [train(n, seed) for seed in range(20)] for n in (1, 2, 4)}
solved = {n: sum(right(network) == 4 for network, _ in each) for n, each in runs.items()}
for n, count in solved.items():
    print(f"hidden neurons {n}, parameters {4 * n + 1}: {count} of 20 starts learn XOR")
stuck = [losses[-1] for _, losses in runs[2] if losses[-1] > 0.1]
print(f"with two neurons the others end at a loss of {min(stuck):.2f} to {max(stuck):.2f} and stay there")
print(
    "  A valley without a way out. More neurons make more ways down; that is why networks are wider than they must be."
)

# %% [markdown]
# ## The fold
#
# The two hidden neurons are new coordinates. In these the four corners lie so that one line is enough.

# %%
best = min(range(20), key=lambda seed: runs[2][seed][1][-1])
network, _ = train(2, best, steps=150)  # later the neurons saturate, and the fold is a sharp corner
first, bend, last = network.layers
figure, (plane, folded, curve) = panels(1, 3, width=4.0)
show_plane(plane, lambda points: network.predict(points)[:, 0], (-0.5, 1.5), (-0.5, 1.5))
grid = np.linspace(-0.5, 1.5, 17)
for axis, change in ((plane, lambda points: points), (folded, lambda points: bend(first(Tensor(points))).data)):
    for value in grid:
        upright = np.c_[np.full(60, value), np.linspace(-0.5, 1.5, 60)]
        for line in (upright, upright[:, ::-1]):
            axis.plot(*change(line).T, color=GREY, lw=0.4)
    for label, colour, mark in ((0, BLUE, "o"), (1, VERMILION, "s")):
        axis.plot(*change(CORNERS[XOR[:, 0] == label]).T, mark, color=colour, ms=9, label=f"class {label}", ls="none")
plane.set(title="the plane, and the boundary", xlabel="input x1", ylabel="input x2")
w, b = last.weight.data[:, 0], last.bias.data[0]
x = np.array([-1.1, 1.1])
folded.plot(x, -(b + w[0] * x) / w[1], color="black", lw=1.2, label="w h + b = 0")
folded.set(title="folded by two neurons", xlabel="hidden h1", ylabel="hidden h2", ylim=(-1.15, 1.15))
folded.legend(loc="best", fontsize=8)
for _, each in runs[2]:
    curve.semilogy(each, color=BLUE if each[-1] < 0.1 else VERMILION, ls="-" if each[-1] < 0.1 else "--", lw=0.8)
curve.set(title="20 starts; dashed: stuck", xlabel="step", ylabel="loss")
picture(figure, "fold")
h = bend(first(Tensor(CORNERS))).data
print(f"side of the line, in folded coordinates: {np.sign(h @ w + b).astype(int)} for 00, 01, 10, 11")

# %%
EXERCISES = [
    Exercise(
        "nand_weights", "weights and bias (w1, w2, b) of one step neuron that computes NAND: step(w1 x1 + w2 x2 + b)",
        lambda w: (step(CORNERS @ np.array(w[:2]) + w[2]) == [1, 1, 1, 0]).all(), "Fire unless both inputs are 1.",
    ),
    Exercise(
        "parameters", "parameters of a network 2-16-1 with biases",
        lambda value: value == 65, "Each hidden neuron has two weights and a bias; the output one weight for each.",
    ),
]  # fmt: skip
ask(EXERCISES, "train with Tensor.relu or Tensor.sigmoid instead of tanh and count again; then lesson 4.")
