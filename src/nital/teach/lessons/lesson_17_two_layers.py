# %% [markdown]
# # 17. Two layers and a phase diagram
#
# The network of a lecture's notebook: three planted errors, three more that nobody planted, and one that learns.
#
# Two inputs, temperature (0 to 100 °C) and pressure (0 to 1000 atm), each scaled to -1 ... 1; out comes how solid
# crystal X is. One hidden neuron with weights w; the output adds it and the pressure with weights v.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Sequential, xavier_normal
from nital.teach.pictures import BLUE, ORANGE, panels, picture
from nital.teach.tensor import Tensor, constant
from nital.teach.training import Adam, binary_cross_entropy

T, P = np.linspace(0, 100, 101), np.linspace(0, 1000, 101)  # °C, atm
PICTURES, PHASE = np.zeros((2, 1, 28, 28)), {True: "solid", False: "liquid"}
calmly = np.errstate(all="raise")  # calmly(function): the same function, but a numpy warning (overflow!) is an error
GRID_T, GRID_P = np.meshgrid(T, P)  # rows are pressures: what contourf(T, P, values) expects


def score(t, p, w1=0.1, w2=-0.1, v1=0.5, v2=5.0):
    """The notebook's network before its last sigmoid; above 0 means solid. t in °C, p in atm."""
    x1, x2 = t / 50 - 1, p / 500 - 1
    return v1 / (1 + np.exp(-(w1 * x1 + w2 * x2))) + v2 * x2


# %% [markdown]
# ## The planted errors
#
# Slips of the same three kinds, and what Python says; and a fourth in the mended line, 1 / (1 + exp(-x)).

# %%
SLIPS = {
    "a sum that gets no name": "def f(x, w, b):\n total + x * w + b\n return total >= 0\nf(1, 1, 0)",
    "a function without its argument": "def sigmoid():\n return 1 / (1 + exp(-x))\nsigmoid(0)",
    "a keyword misspelt": "clas Network:\n pass",
    "sigmoid of -10000": "calmly(lambda x: 1 / (1 + np.exp(-x)))(-1e4)",
}
for slip, source in SLIPS.items():
    try:
        exec(source, {"calmly": calmly, "np": np})
    except (NameError, TypeError, SyntaxError, FloatingPointError) as error:
        print(f"{slip}: {type(error).__name__}")

# %% [markdown]
# ## Errors that nobody planted

# %%
right = score(GRID_T, GRID_P)
drawn = right.T  # the notebook fills values[i, j] with temperature i and pressure j, and draws rows as pressures
print(f"10 °C, 900 atm: the network says {PHASE[score(10, 900) > 0]}, the picture {PHASE[drawn[90, 10] > 0]}")
print(f"the transposed picture shows the wrong phase at {np.mean((drawn > 0) != (right > 0)):.0%} of all places")
fraction = 1 / (1 + np.exp(-right))
by_t, by_p = np.ptp(fraction, axis=1).max(), np.ptp(fraction, axis=0).min()
print(f"solid fraction: temperature changes it by {by_t:.3f} at most, pressure by {by_p:.3f} at least")
hidden = 1 / (1 + np.exp(-0.1 * (GRID_T / 50 - GRID_P / 500)))
print(f"the hidden neuron stays between {hidden.min():.2f} and {hidden.max():.2f}: almost a constant")
print("  Two mistakes hide each other: transposed, pressure looks like temperature, and hot is solid.")
rng = np.random.default_rng(17)
middle = [score(50, 500, w1, w2, 0.5, v2) for w1, w2, v2 in rng.normal(0, 3, (1000, 3))]
print(f"no bias: in the middle the score is {min(middle):.2f} to {max(middle):.2f}, whatever w1, w2, v2 (1000 tried)")

# %% [markdown]
# ## Put right: drawn the right way round, with biases, and learned
#
# For this lesson crystal X melts at 20 + 60 sqrt(p / 1000 atm) °C. Each network learns from the same 500 random points.

# %%
solid = 20 + 60 * np.sqrt(GRID_P / 1000) > GRID_T
points = rng.uniform(0, [100, 1000], (500, 2))
y = (20 + 60 * np.sqrt(points[:, 1:] / 1000) > points[:, :1]).astype(float)
x, grid = points / [50, 500] - 1, np.stack([GRID_T / 50 - 1, GRID_P / 500 - 1], axis=-1).reshape(-1, 2)


def learn(network, parameters):  # gives the score of all places
    optimiser = Adam(parameters, 0.05)
    for _ in range(600):
        loss = binary_cross_entropy(network(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network(grid).data.reshape(solid.shape)


w, v1, v2 = Tensor([[0.1], [-0.1]]), Tensor([0.5]), Tensor([5.0])
two_layers = Sequential(Dense(2, 4, rng, xavier_normal), Tensor.sigmoid, Dense(4, 1, rng, xavier_normal))
scores = {
    "notebook, as drawn": drawn, "notebook, drawn rightly": right,
    "its form, learned": learn(lambda x: (constant(x) @ w).sigmoid() * v1 + x[:, 1:] * v2, [w, v1, v2]),
    "4 hidden neurons, biases": learn(two_layers, two_layers.parameters()),
}  # fmt: skip
figure, axes = panels(1, 4, width=2.7, height=3.0)
for axis, (title, values) in zip(axes, scores.items(), strict=True):
    print(f"{title}: the right phase at {np.mean((values > 0) == solid):.0%} of all places")
    axis.contourf(T, P, values, [-1e9, 0, 1e9], colors=[BLUE, ORANGE], alpha=0.4)
    axis.plot(20 + 60 * np.sqrt(P / 1000), P, "k--")
    axis.set(xlabel="temperature / °C", ylabel="pressure / atm", title=title)
    for t, p in ((20, 880), (75, 100)):
        axis.text(t, p, PHASE[values[p // 10, t] > 0], ha="center")
picture(figure, "phase_diagram")

# %%
EXERCISES = [
    Exercise("perceptron", "a function (x1, x2, w1, w2, bias): 1 if the weighted sum is 0 or more, else 0",
             lambda f: [f(1, 1, 1, 1, 0), f(0, 0, 0, 0, -1), f(-1, 0, 1, 0, 1), f(-1, 0, -1, 0, -2)] == [1, 0, 1, 0],
             "Give the sum a name with = before you compare it."),
    Exercise("sigmoid", "a function of an array, right from -10000 to +10000 and without overflow",
             lambda f: np.allclose(calmly(f)(np.array([-1e4, -1, 0, 1e4])), [0, 0.268941, 0.5, 1], atol=1e-6),
             "exp(-|x|) never exceeds 1; below 0 the sigmoid is exp(x) / (1 + exp(x))."),
    Exercise("SimpleCNN", "the notebook's CNN for 28 x 28 pixels as a class in this engine, with parameters()",
             lambda c: sum(p.data.size for p in c().parameters()) == 421642 and c()(PICTURES).shape == (2, 10),
             "class, not clas; Sequential may be its parent. Conv 32, pool, conv 64, pool, dense 128, dense 10."),
    Exercise("shift", "the bias to add to the notebook's score so that X melts at 800 atm when it is 50 °C",
             lambda bias: abs(score(50, 800) + bias) < 1e-3, "The score plus the bias must be 0 there."),
]  # fmt: skip
ask(EXERCISES, "learn with 2 hidden neurons and tanh, and with a sharper melting curve; then lesson 18.")
