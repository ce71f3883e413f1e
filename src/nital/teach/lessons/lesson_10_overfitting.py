# %% [markdown]
# # 10. Overfitting and its cures
#
# A network that knows its pictures by heart, and what dropout, L2, early stopping and more data do about it.
#
# Pictures of 16 x 16 pixels with 3 or 6 grains; a dense network of 16,578 parameters says which. It can learn every
# picture by heart, noise and all.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Dropout, Sequential
from nital.teach.pictures import BLUE, GREEN, GREY, ORANGE, VERMILION, panels, picture
from nital.teach.samples import draw_micrograph
from nital.teach.tensor import Tensor
from nital.teach.training import Adam, EarlyStopping, categorical_cross_entropy, minibatches


def pictures(number, seed):
    """`number` pictures of each class, and their classes."""
    x = [draw_micrograph(16, grains, 0.1, seed + i)[0] for grains in (3, 6) for i in range(number)]
    return np.array(x) - 0.5, np.repeat([0, 1], number)


def right(network, x, y):
    return np.mean(network.predict(x).argmax(1) == y)


def loss_of(network, x, y):
    return categorical_cross_entropy(Tensor(network.predict(x)), y).item()


def train(data, seed, dropout=0.0, l2=0.0, patience=None, epochs=60):
    """A dense network 256-64-2, and its losses (training, validation) after each epoch."""
    rng, (x, y) = np.random.default_rng(seed), data
    network = Sequential(Tensor.flatten, Dense(256, 64, rng), Tensor.relu, Dropout(dropout, rng), Dense(64, 2, rng))
    optimiser, history = Adam(network.parameters(), 0.002, l2=l2), []
    stop = EarlyStopping(network.parameters(), patience or epochs)
    for _ in range(epochs):
        for batch in minibatches(rng, len(x), 20):
            loss = categorical_cross_entropy(network(x[batch]), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        history.append((loss_of(network, x, y), loss_of(network, *valid)))
        if stop.should_stop(history[-1][1]) and patience:
            break
    if patience:
        stop.restore()
    return network, np.array(history)


few, valid, test = pictures(50, 0), pictures(100, 5_000), pictures(500, 10_000)
many = pictures(500, 20_000)

# %% [markdown]
# ## The disease and four cures

# %%
CASES = {
    "nothing": (few, {}),
    "dropout 0.5": (few, {"dropout": 0.5}),
    "L2 of 0.03": (few, {"l2": 0.03}),
    "early stopping, patience 5": (few, {"patience": 5}),
    "ten times the pictures": (many, {"epochs": 12}),
}
curves, gaps = {}, {}
for name, (data, settings) in CASES.items():
    runs = [train(data, seed, **settings) for seed in range(3)]
    seen, new = (np.median([right(network, *part) for network, _ in runs]) for part in (data, test))
    loss = np.median([loss_of(network, *test) for network, _ in runs])
    curves[name], gaps[name] = runs[0][1], (seen, new)
    print(f"{name}: right on seen pictures {seen:.2f}, on new ones {new:.2f} with a loss of {loss:.1f}")
print("  Guessing has a loss of 0.7. The first three cures hardly change which pictures are right, but how sure the")
print("  network is when it is wrong. More data, or a network that fits the task (lesson 15), narrows the gap.")
print("  Early stopping has settings: patience and validation set. With 23 specimens they made the 0.65 of lesson 11.")

# %% [markdown]
# ## Dropout: two forms, one mean
#
# 2014: drop with probability p, and multiply by 1 - p afterwards. Today: drop and divide by 1 - p while training, and
# nothing afterwards. The layers behind it see the same mean either way.

# %%
rng, signal, p = np.random.default_rng(0), np.array([1.0, 2.0, 4.0]), 0.3
kept = rng.random((200_000, 3)) >= p
print(
    f"2014, p = {p}: mean while training {(signal * kept).mean(0).round(1)}, afterwards {(signal * (1 - p)).round(1)}"
)
print(f"inverted: mean while training {(signal * kept / (1 - p)).mean(0).round(1)}, afterwards {signal}")
print("  The lecture gives the first form for PyTorch, which has the second: multiplying there as well would be wrong.")

# %%
figure, (left, bars) = panels(1, 2, width=4.8)
for (name, curve), colour in zip(curves.items(), (VERMILION, BLUE, GREEN, GREY, ORANGE), strict=True):
    left.plot(curve[:, 1], color=colour, label=name, ls="-" if name == "nothing" else "--")
left.plot(curves["nothing"][:, 0], ":", color=VERMILION, label="nothing: loss on seen pictures")
left.set(xlabel="epoch", ylabel="loss on new pictures", title="Seen falls, new rises", ylim=(0, 1.9))
left.legend(fontsize=7, loc="upper left")
places = -np.arange(len(gaps))
bars.barh(places + 0.2, [seen for seen, _ in gaps.values()], 0.38, color=GREY, hatch="//", label="seen")
bars.barh(places - 0.2, [new for _, new in gaps.values()], 0.38, color=BLUE, label="new")
bars.set(yticks=places, yticklabels=gaps, xlabel="share that is right", xlim=(0.5, 1.2), title="By heart, or learned?")
bars.legend(loc="lower right")
picture(figure, "overfitting")

# %%
EXERCISES = [
    Exercise(
        "dropout", "a function (x, p, rng) of inverted dropout for an array x",
        lambda f: abs(f(np.ones(100_000), 0.2, np.random.default_rng(0)).mean() - 1) < 0.01
        and abs((f(np.ones(100_000), 0.2, np.random.default_rng(0)) == 0).mean() - 0.2) < 0.01,
        "Draw which to keep, set the others to 0, divide by the probability of being kept.",
    ),
    Exercise("passes", "how many of 64 neurons pass a dropout of 0.25 on average", lambda n: n == 48, "Three of four."),
]  # fmt: skip
ask(EXERCISES, "turn and mirror the few pictures and train on all eight versions; then lesson 11.")
