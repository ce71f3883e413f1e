# %% [markdown]
# # 18. The learning rate, on missing pixels
#
# Which rates learn, which kill neurons, which diverge; and what filling in without a network reaches.
#
# A lecture's exercise: blurred noise is the truth, a fifth of its pixels is lost (0), and a CNN (1 -> 32 -> 1 channels,
# 3 x 3) is to fill them in. It learns from one picture at a time; here from 160 of 25 px instead of 500 of 50 px.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import Conv2d, Sequential
from nital.teach.missing_pixels import blur_uint8, draw_missing, interpolate, krige
from nital.teach.pictures import BLUE, panels, picture, show_image
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, mean_squared_error


def like_torch(rng, shape, fan_in, fan_out):
    return rng.uniform(-(fan_in**-0.5), fan_in**-0.5, shape)


# %% [markdown]
# ## The generator, and its slip
#
# Normal numbers (mean 128, std 50) are cast to uint8. What lies below 0 or above 255 wraps round: -3 becomes 253.

# %%
rng = np.random.default_rng(18)
raw = rng.normal(128, 50, (1000, 1000)).astype(np.int64)
rightly = raw.clip(0, 255)
spread = np.mean(blur_uint8(raw.astype(np.uint8)) != blur_uint8(rightly.astype(np.uint8)))
print(f"{np.mean(raw != rightly):.1%} of the drawn pixels wrap; the blur carries it to {spread:.0%} of the truth")
training, tests = [draw_missing(25, rng) for _ in range(160)], [draw_missing(50, rng) for _ in range(8)]
seen, truth = (np.array(part)[:, None] for part in zip(*tests, strict=True))
holes, mean = seen == 0, float(np.mean([truth for _, truth in training]))
variance = np.mean((truth - mean) ** 2)
print(f"mean squared error of the test pictures as they are: {np.mean((seen - truth) ** 2):.3f}")
print(f"of one mean grey everywhere: {variance:.4f}")

# %% [markdown]
# ## Five learning rates, five epochs each, the same first weights


# %%
def train(rate):
    how = {"padding": 1, "initialise": like_torch, "initialise_bias": like_torch, "dtype": np.float32}
    first = np.random.default_rng(0)
    network = Sequential(Conv2d(1, 32, 3, first, **how), Tensor.relu, Conv2d(32, 1, 3, first, **how))
    optimiser, losses = SGD(network.parameters(), rate), []
    for before, after in training * 5:
        loss = mean_squared_error(network(before[None, None].astype(np.float32)), after[None, None])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if not np.isfinite(losses[-1]):
            break
    return network, losses


figure, (curves, bars) = panels(1, 2, width=5.0)
fills = {"mean grey": np.full(seen.shape, mean)}
for rate, style in zip((0.01, 0.1, 0.25, 0.9, 1.5), ("-", "--", "-.", ":", "-"), strict=True):
    with np.errstate(all="ignore"):
        network, losses = train(rate)
        fills[f"CNN, rate {rate}"] = filled = network.predict(seen.astype(np.float32))
        error = np.mean((filled - truth) ** 2) / variance
    alive = (network.layers[0](Tensor(seen)).data > 0).any(axis=(0, 2, 3)).sum()
    end = f"error {error:.1f} of the mean grey's, {alive} of 32 neurons alive"
    print(f"rate {rate}: {end if np.isfinite(losses[-1]) else 'diverges'}")
    curves.loglog(range(1, len(losses) + 1), losses, style, lw=1, label=f"rate {rate}")
print("  The lecture trains with 0.9: the first steps overshoot so far that nearly all ReLUs die; one grey remains.")

# %% [markdown]
# ## Without a network, and measured in the holes alone
#
# Four fifths of the lecture's loss are known pixels. Kriging weighs the known neighbours by their covariance.

# %%
del fills["CNN, rate 1.5"]
fills["interpolation"] = np.array([[interpolate(picture[0])] for picture in seen])
fills["kriging"] = np.array([[krige(picture[0], mean)] for picture in seen])
errors = {name: np.mean((filled - truth)[holes] ** 2) for name, filled in fills.items()}
for name in ("mean grey", "CNN, rate 0.1", "interpolation", "kriging"):
    print(f"{name}: mean squared error in the holes {errors[name]:.1e}")
print(f"the CNN loses to interpolation by more than 3 times: {errors['CNN, rate 0.1'] > 3 * errors['interpolation']}")
print(f"and to kriging by more than 30 times: {errors['CNN, rate 0.1'] > 30 * errors['kriging']}")
curves.set(xlabel="step", ylabel="loss of one picture", ylim=(1e-3, 1e5), title="1.5 leaves, 0.9 comes back blind")
curves.legend(loc="upper right")
bars.barh([*errors][::-1], [*errors.values()][::-1], color=BLUE)
bars.set(xscale="log", xlim=(1e-5, 1e-2), xlabel="mean squared error in the holes", title="8 new pictures")
picture(figure, "learning_rates")
figure, axes = panels(1, 5, width=2.2, height=2.4)
views = {"seen": seen, "truth": truth} | {name: fills[name] for name in ("CNN, rate 0.1", "interpolation", "kriging")}
for axis, (name, image) in zip(axes, views.items(), strict=True):
    show_image(axis, image[0, 0], name, 0.2, 0.8)
picture(figure, "filled")

# %%
TRUTH, GUESS, SEEN = np.array([0.5, 0.4, 0.3]), np.array([0.4, 0.4, 0.6]), np.array([0.5, 0.0, 0.0])
EXERCISES = [
    Exercise("to_uint8", "a function of a float array that rounds to uint8 without wrapping round",
             lambda f: [*f(np.array([-3.2, 127.6, 300.0]))] == [0, 128, 255] and f(TRUTH).dtype == np.uint8,
             "np.clip before astype; astype alone cuts decimals off."),
    Exercise("hole_loss", "a function (guess, truth, seen): the mean squared error where seen is 0",
             lambda f: np.isclose(f(GUESS, TRUTH, SEEN), 0.045), "Take both arrays at seen == 0 before the mean."),
    Exercise("put_back", "a function (guess, seen): the guess in the holes, the known pixels elsewhere",
             lambda f: np.allclose(f(GUESS, SEEN), [0.5, 0.4, 0.6]), "np.where chooses between two arrays."),
]  # fmt: skip
ask(EXERCISES, "give the CNN a second channel, the mask, and a loss in the holes alone, with Adam; then lesson 19.")
