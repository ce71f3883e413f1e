# %% [markdown]
# # 10. Overfitting and its cures
#
# A network that knows its specimens by heart, and what dropout, L2, early stopping and more data do about it.
#
# Hardness of 60 specimens with 20 measured properties each (in standard deviations). Two of them matter, 18 have
# nothing to do with it, which the network cannot know; noise is 8 HV. The network has 20, 64, 64 and 1 neurons.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Dense, Dropout, Sequential
from nital.teach.pictures import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, panels, picture
from nital.teach.tensor import Tensor
from nital.teach.training import Adam, EarlyStopping, mean_squared_error, minibatches


def specimens(number, rng):
    x = rng.normal(size=(number, 20))
    return x, 200 + 20 * x[:, 0] - 15 * x[:, 1] + rng.normal(0, 8, number)


def rmse(network, x, y):
    """In HV; the network gives units of 25 HV above 200 HV."""
    return np.sqrt(np.mean((200 + 25 * network.predict(x)[:, 0] - y) ** 2))


def train(data, new, rng, dropout=0.0, l2=0.0, patience=None, validation=0, steps=300):
    """The network, its error on what it learned from and on the new specimens, and both errors after each epoch."""
    layers = [Dense(20, 64, rng), Tensor.relu, Dropout(dropout, rng), Dense(64, 64, rng), Tensor.relu]
    network = Sequential(*layers, Dropout(dropout, rng), Dense(64, 1, rng))
    (x, y), aside = [part[validation:] for part in data], [part[:validation] for part in data]
    optimiser, history = Adam(network.parameters(), 0.003, l2=l2), []
    watch = EarlyStopping(optimiser.parameters, patience or steps)
    while optimiser.steps < steps and not (patience and watch.should_stop(rmse(network, *aside))):
        for batch in minibatches(rng, len(x), 20):
            loss = mean_squared_error(network(x[batch]), (y[batch, None] - 200) / 25)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        history.append((optimiser.steps, rmse(network, x, y), rmse(network, *new)))
    if patience:
        watch.restore()
    return network, rmse(network, x, y), rmse(network, *new), np.array(history)


# %% [markdown]
# ## The disease and the cures
#
# Each with 7 draws of specimens and weights; medians. The strengths were chosen on other draws than these.

# %%
CASES = {
    "nothing": {}, "dropout of 0.2": {"dropout": 0.2}, "L2 of 0.1": {"l2": 0.1}, "600 specimens": {},
    "stopping (30, 12)": {"patience": 30, "validation": 12}, "stopping (1, 6)": {"patience": 1, "validation": 6},
}  # fmt: skip
runs = {name: [] for name in CASES}
for seed in range(7):
    for name, settings in CASES.items():
        rng = np.random.default_rng(seed)
        new, data = specimens(500, rng), specimens(600 if name == "600 specimens" else 60, rng)
        runs[name].append(train(data, new, rng, **settings))
medians = {name: np.median([run[1:3] for run in runs[name]], axis=0) for name in CASES}
for name, (seen, unseen) in medians.items():
    print(f"{name}: RMSE on seen specimens {seen:.1f} HV, on new ones {unseen:.1f} HV")
print("  Early stopping (patience, specimens held out) has these two hyperparameters; the lecture says that it is free")
print("  and has none. What it holds out is missing among the few specimens that there are to learn from.")

# %% [markdown]
# ## Dropout: two forms, one mean
#
# 2014: drop with probability p in training, multiply by 1 - p afterwards. Inverted, as in PyTorch and here: drop and
# divide by 1 - p in training, do nothing afterwards. Either way the next layer sees the mean that it was trained with.

# %%
rng, h, p = np.random.default_rng(0), np.array([1.0, 2.0, 4.0]), 0.2
kept = rng.random((200_000, 3)) >= p
print(f"form of 2014: mean while training {(h * kept).mean(0).round(1)}, afterwards {(h * (1 - p)).round(1)}")
print(f"inverted form: mean while training {(h * kept / (1 - p)).mean(0).round(1)}, afterwards {h}")
errors = []
for seed, (network, _, used_well, *_) in enumerate(runs["dropout of 0.2"]):
    x, y = specimens(500, np.random.default_rng(seed))  # the new ones from above
    twice = Sequential(*[(lambda x: x * (1 - p)) if isinstance(a, Dropout) else a for a in network.layers])
    dropping = 200 + 25 * network.train()(x).data[:, 0]
    errors.append((used_well, np.sqrt(np.mean((dropping - y) ** 2)), rmse(twice, x, y)))
right, forgotten, scaled = np.median(errors, axis=0)
print(f"networks of the inverted form: {right:.1f} HV; still dropping (PyTorch without eval()): {forgotten:.1f} HV")
print(f"  multiplied by 1 - p at test, as the lecture tells: {scaled:.1f} HV; that goes with the form of 2014 alone")

figure, (left, bars) = panels(1, 2, width=5)
colours, lines = (VERMILION, BLUE, GREEN, ORANGE, PURPLE, GREY), ("-", "--", "-.", "--", "-", "-")
for name, colour, line in zip(CASES, colours, lines, strict=True):
    left.plot(*runs[name][0][3].T[[0, 2]], line, color=colour, label=name)
left.plot(*runs["nothing"][0][3].T[:2], ":", color=VERMILION, label="nothing: on seen specimens")
left.set(xlabel="steps", ylabel="RMSE on new specimens / HV", title="While it learns", ylim=(0, 52))
left.legend(fontsize=7, ncols=2, loc="upper right")
places, (seen, unseen) = -np.arange(len(medians)), np.transpose(list(medians.values()))
bars.barh(places + 0.2, seen, 0.38, color=ORANGE, hatch="//", label="seen")
bars.barh(places - 0.2, unseen, 0.38, color=BLUE, label="new")
bars.axvline(8, color="black", ls=":", label="noise")
bars.set(yticks=places, yticklabels=medians, xlabel="RMSE / HV", title="By heart, or learned?", xlim=(0, 30))
bars.legend(loc="upper right")
picture(figure, "overfitting")

# %%
EXERCISES = [
    Exercise(
        "dropout", "a function (x, p, rng) of inverted dropout for an array x",
        lambda f: abs((f(np.ones(100_000), 0.2, np.random.default_rng(0)) == 1.25).mean() - 0.8) < 0.01,
        "Draw which to keep, set the others to 0, divide by the probability of being kept.",
    ),
    Exercise(
        "kept_epoch", "a function (losses, patience): number (from 0) of the epoch that early stopping goes back to",
        lambda f: [f([5, 4, 3, 3.5, 3.6, 2, 4], patience) for patience in (1, 2)] == [2, 5] and f([1, 2], 5) == 0,
        "It stops after more than patience epochs in a row without a new best; what comes later is never seen.",
    ),
]  # fmt: skip
ask(EXERCISES, "fit a straight line to the same 60 specimens: it beats all six. Then lesson 11.")
