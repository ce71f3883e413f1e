# %% [markdown]
# # 11. Hall-Petch: knowledge against a network
#
# The lecture's own data and settings, to three digits; then what its gap of 0.26 is really made of.
#
# 300 specimens with grain size d in um and annealing temperature T in degrees Celsius; hardness
# 150 + 90 / sqrt(d) - 0.15 (T - 700) HV and noise of 8 HV. A line gets 1/sqrt(d), a network gets d itself.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.mlp import MLPRegressor
from nital.teach.pictures import BLUE, GREY, VERMILION, panels, picture


def law(d, t):
    """Hardness in HV without noise."""
    return 150 + 90 / np.sqrt(d) - 0.15 * (t - 700)


def r2(truth, prediction):
    return 1 - ((truth - prediction) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()


rng = np.random.default_rng(42)
size, temperature = rng.uniform(0.3, 9, 300), rng.uniform(500, 900, 300)
hardness = law(size, temperature) + rng.normal(0, 8, 300)
order = np.random.RandomState(1).permutation(300)  # the lecture's split, drawn as scikit-learn does
test, train = order[:75], order[75:]
raw, known = np.c_[size, temperature], np.c_[1 / np.sqrt(size), temperature]


def scale(new, columns=raw):
    """Columns as numbers of standard deviations from the mean of the training specimens."""
    return (new - columns[train].mean(0)) / columns[train].std(0)


def ridge(columns):
    """Ridge regression with penalty 1 on the training specimens: a function of new columns."""
    x, y = scale(columns, columns)[train], hardness[train]
    weights = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ (y - y.mean()))
    return lambda new: scale(new, columns) @ weights + y.mean()


def trained(settings, number, centre=0.0, spread=1.0):
    """Networks from seeds 0, 1, ... and their R2 on the test specimens; the target is (hardness - centre) / spread."""
    x, y = scale(raw), (hardness - centre) / spread
    found = [MLPRegressor((32, 32), "relu", seed=s, **settings).fit(x[train], y[train]) for s in range(number)]
    return found, [r2(y[test], network.predict(x[test])) for network in found]


# %% [markdown]
# ## What the lecture shows

# %%
STOPPED = {"learning_rate": 0.005, "early_stopping": True, "patience": 30, "max_epochs": 3000, "tolerance": 1e-5}
networks, seeds = trained(STOPPED, 20)
line, straight = ridge(known), ridge(raw)
rest = hardness[test] - line(known[test])
print(f"line on 1/sqrt(d): R2 {r2(hardness[test], line(known[test])):.3f}, RMSE {np.sqrt((rest**2).mean()):.1f} HV")
print(f"network on d: R2 {seeds[0]:.3f}, after {len(networks[0].losses_)} epochs")
print(f"a straight line on d itself: R2 {r2(hardness[test], straight(raw[test])):.3f}, so it beats that network")
print(f"the true law: R2 {r2(hardness[test], law(*raw[test].T)):.3f}; the noise allows no more")

# %% [markdown]
# ## Why 0.65

# %%
print(f"the same network from 20 seeds: R2 {min(seeds):.2f} to {max(seeds):.2f}, median {np.median(seeds):.2f}")
print(f"  Seed 0 is number {sorted(seeds).index(seeds[0]) + 1} from below. What spoils it, one change at a time:")
own = hardness[train].mean(), hardness[train].std()
PATIENT = {"learning_rate": 0.001, "alpha": 0.01, "max_epochs": 1000, "patience": 1000}
well, better = trained(PATIENT, 5, *own)
print(f"seed 0, target scaled: R2 {trained(STOPPED, 1, *own)[1][0]:.2f}")
print(f"seed 0, not stopped by 23 specimens: R2 {trained({**STOPPED, 'early_stopping': False}, 1)[1][0]:.2f}")
print(f"both, slower, more L2, 5 seeds: R2 {min(better):.2f} to {max(better):.2f}")

# %% [markdown]
# ## Where knowledge wins: outside the range

# %%
fine = np.c_[np.linspace(0.1, 0.3, 50), np.full(50, 700.0)]  # the training specimens begin at 0.3 um
truth = law(*fine.T)
errors = [np.sqrt(np.mean((n.predict(scale(fine)) * own[1] + own[0] - truth) ** 2)) for n in well]
of_line = line(np.c_[1 / np.sqrt(fine[:, 0]), fine[:, 1]])
print(f"grains of 0.1 to 0.3 um: RMSE of the line {np.sqrt(np.mean((of_line - truth) ** 2)):.1f} HV")
print(f"  of the networks, median: {np.median(errors):.0f} HV")
print("  Inside the range knowledge is worth about 0.03 in R2; outside it is worth everything.")

# %%
figure, (axis, bars) = panels(1, 2, width=4.6)
d = np.linspace(0.1, 9, 400)
cold = np.c_[d, np.full(400, 700.0)]
axis.axvspan(0.1, 0.3, color=GREY, alpha=0.25, label="no specimen here")
axis.plot(d, law(d, 700), color="black", lw=1, label="true law")
axis.plot(d, line(np.c_[1 / np.sqrt(d), cold[:, 1]]), "--", color=BLUE, label="line on 1/sqrt(d)")
axis.plot(d, well[0].predict(scale(cold)) * own[1] + own[0], ":", color=VERMILION, lw=2, label="network on d")
axis.set(xscale="log", xlabel="grain size / um", ylabel="hardness at 700 C / HV", title="Outside its data")
axis.legend()
bars.hist(seeds, 12, color=VERMILION, alpha=0.7, label="lecture's settings, 20 seeds")
bars.axvline(np.median(better), color=BLUE, ls="-.", label="trained well, median of 5")
bars.axvline(seeds[0], color="black", ls="--", label="the seed that was shown")
bars.set(xlabel="R² on the test specimens", ylabel="networks", title="One seed is no result", ylim=(0, 12))
bars.legend(loc="upper left")
picture(figure, "hall_petch")

# %%
EXERCISES = [
    Exercise(
        "strength", "a function (d, t) that gives the hardness in HV without noise",
        lambda f: np.allclose(f(4.0, 800.0), 180) and np.allclose(f(0.25, 700.0), 330), "It stands in the first lines.",
    ),
    Exercise(
        "ceiling", "the R2 that no model passes on average, if the law varies by 27 HV and the noise by 8 HV (std)",
        lambda value: abs(value - (1 - 64 / (27**2 + 64))) < 2e-3, "Share of the variance that is not noise.",
    ),
]  # fmt: skip
ask(EXERCISES, "give the network log(d) instead of d; then lesson 12.")
