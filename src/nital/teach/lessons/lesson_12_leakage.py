# %% [markdown]
# # 12. Leakage: when the test has been seen before
#
# Why crops of one specimen must not stand on both sides of a split; the lecture's demonstration shows another thing.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, GREY, VERMILION, panels, picture


def r2(truth, prediction):
    """1 - squared errors / squared distances from the mean of these very values."""
    return 1 - ((truth - prediction) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()


def line(x, y, new):
    """Least squares with a bias."""
    weights = np.linalg.lstsq(np.c_[x, np.ones(len(x))], y, rcond=None)[0]
    return np.c_[new, np.ones(len(new))] @ weights


def smooth(x, y, new):
    """Kernel ridge regression: near a known sample its value, far from all of them the mean."""
    near, near_new = (np.exp(-((a[:, None] - x) ** 2).sum(axis=-1) / 2) for a in (x, new))
    return y.mean() + near_new @ np.linalg.solve(near + 0.3 * np.eye(len(x)), y - y.mean())


def out_of_fold(model, x, y, folds):
    """Every sample predicted by a model that did not see its fold."""
    prediction = np.empty(len(y))
    for fold in np.unique(folds):
        prediction[folds == fold] = model(x[folds != fold], y[folds != fold], x[folds == fold])
    return prediction


def deal(n, folds, rng):
    """A random fold for each of n things."""
    return rng.permutation(np.arange(n) % folds)


# %% [markdown]
# ## The lecture's demonstration
#
# Six specimens, twenty crops each; one feature p with a little noise, and a property y = 2 p. A straight line.
# Medians of 20 draws.

# %%
specimen, table = np.repeat(np.arange(6), 20), {"random folds": [], "one specimen a fold": []}
for seed in range(20):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.5, 5, 6)[specimen]
    x, y = (p + rng.normal(0, 0.15, 120))[:, None], 2 * p + rng.normal(0, 0.1, 120)
    for name, folds in zip(table, (deal(120, 6, rng), specimen), strict=True):
        y_out = out_of_fold(line, x, y, folds)
        each = [r2(y[folds == f], y_out[folds == f]) for f in range(6)]
        table[name].append((np.mean(each), r2(y, y_out), np.sqrt(np.mean((y - y_out) ** 2))))
for name, rows in table.items():
    of_folds, pooled, error = np.median(rows, axis=0)
    print(f"{name}: mean of the folds' R2 {of_folds:.2f}, pooled R2 {pooled:.2f}, RMSE {error:.2f}")
print("  The lecture shows .98 against -10.6 and calls the gap leakage. But the errors are alike: there is none.")
print(f"  In a fold of one specimen y varies by {y[specimen == 0].std():.1f}: R2 divides by nearly nothing.")
print("  Rule: score all out-of-fold predictions together; never average R2 over folds of one specimen.")

# %% [markdown]
# ## A true one
#
# Thirty specimens whose hardness has nothing to do with the eight features; but the features are a fingerprint of the
# specimen: how this piece was lit, polished and etched. A flexible model learns which specimen it looks at.


# %%
def fingerprints(seed, noise=0.1):
    """Features, hardness in HV and specimen of 30 x 10 crops."""
    rng, piece = np.random.default_rng(seed), np.repeat(np.arange(30), 10)
    hardness = rng.normal(250, 40, 30)[piece] + rng.normal(0, 8, 300)
    return rng.normal(size=(30, 8))[piece] + rng.normal(0, noise, (300, 8)), hardness, piece, rng


draws = {"random": [], "by specimen": [], "mean": []}
for seed in range(20):
    features, hardness, piece, rng = fingerprints(seed)
    splits = {"random": deal(300, 6, rng), "by specimen": deal(30, 6, rng)[piece]}
    found = {name: out_of_fold(smooth, features, hardness, folds) for name, folds in splits.items()}
    guess = out_of_fold(lambda x, y, new: np.full(len(new), y.mean()), features, hardness, splits["by specimen"])
    for name, prediction in (*found.items(), ("mean", guess)):
        draws[name].append(r2(hardness, prediction))
leaky, honest, guessed = (np.median(values) for values in draws.values())
print(f"pooled R2, medians of 20 draws: random split {leaky:.2f}, split by specimen {honest:.2f}")
print(f"  predicting the mean of the other specimens: {guessed:.2f}")
print("  Nothing can be learned here; all that the random split shows is the leak.")

figure, axes = panels(1, 2)
for axis, (name, prediction) in zip(axes, found.items(), strict=True):
    axis.scatter(hardness, prediction, s=9, color=VERMILION if name == "random" else BLUE, alpha=0.6)
    axis.plot([160, 350], [160, 350], "--", color=GREY)
    axis.set(xlabel="true hardness / HV", ylabel="predicted / HV", title=f"{name}, a draw: R² = {draws[name][-1]:.2f}")
picture(figure, "leakage")


# %%
def _folds_ok(make):
    groups = np.repeat(np.arange(10), np.arange(1, 11))
    folds = np.asarray(make(groups, 5))
    return len(np.unique(folds)) == 5 and all(len(np.unique(folds[groups == g])) == 1 for g in range(10))


EXERCISES = [
    Exercise(
        "group_folds", "a function (groups, k) that gives every sample a fold 0 to k - 1, each group whole in one fold",
        _folds_ok, "Number the groups with np.unique(..., return_inverse=True) and deal the groups, not the samples.",
    ),
    Exercise(
        "r2_of_mean", "R2 of a model that always predicts the mean of the samples that it is scored on",
        lambda value: value == 0, "Put the mean into the formula of r2: numerator and denominator are the same sum.",
    ),
]  # fmt: skip
ask(EXERCISES, "make the fingerprint noise 3, not 0.1: the leak dries up. Then ask of your own data: what is a group?")
