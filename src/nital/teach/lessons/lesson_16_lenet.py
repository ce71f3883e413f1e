# %% [markdown]
# # 16. LeNet-5 on FashionMNIST, in our own engine
#
# The network of 1998, trained in numpy beside PyTorch from the same weights: the same curve, number for number.
#
# FashionMNIST (Xiao et al. 2017, MIT licence): 70,000 grey pictures of clothes, 28 x 28 pixels, ten classes. It does
# not come with nital: `nital learn 16 --data FOLDER` with its four files in FOLDER/fashion_mnist.
#
# Needs: torch, data

# %%
import gzip
from functools import partial

import numpy as np
import torch
from torch import nn

from nital.teach.course import data_folder
from nital.teach.exercises import Exercise, ask
from nital.teach.layers import AveragePool2d, Conv2d, Dense, Sequential, xavier_uniform
from nital.teach.pictures import BLUE, VERMILION, panels, picture, show_image
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, categorical_cross_entropy

CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def lenet(rng):
    conv, dense = partial(Conv2d, initialise=xavier_uniform), partial(Dense, initialise=xavier_uniform)
    tanh, pool = Tensor.tanh, AveragePool2d(2)
    return Sequential(
        conv(1, 6, 5, rng, padding=2), tanh, pool, conv(6, 16, 5, rng), tanh, pool, Tensor.flatten,
        dense(400, 120, rng), tanh, dense(120, 84, rng), tanh, dense(84, 10, rng),
    )  # fmt: skip


def same_in_torch(network):
    """The same network in PyTorch, with the same weights; its dense layers hold them transposed."""
    theirs = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    ).double()  # fmt: skip
    with torch.no_grad():
        for copy, ours in zip(theirs.parameters(), network.parameters(), strict=True):
            copy.copy_(torch.from_numpy(ours.data.T if ours.data.ndim == 2 else ours.data))
    return theirs


# %%
def read(name):
    """Pictures (n, 1, 28, 28) from 0 to 1, or labels (n,), of one of the four files."""
    data = gzip.decompress((data_folder("fashion_mnist") / name).read_bytes())
    if "labels" in name:
        return np.frombuffer(data, np.uint8, offset=8).astype(int)
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 28, 28) / 255


x, y = read("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz")
test_x, test_y = read("t10k-images-idx3-ubyte.gz")[:1000], read("t10k-labels-idx1-ubyte.gz")[:1000]
network = lenet(np.random.default_rng(16))
twin = same_in_torch(network)
print(f"{len(x):,} pictures to learn from; {sum(p.data.size for p in network.parameters()):,} parameters")

# %% [markdown]
# ## 80 steps, side by side

# %%
optimiser, their_optimiser = SGD(network.parameters(), 0.1), torch.optim.SGD(twin.parameters(), 0.1)
order, ours, theirs = np.random.default_rng(0).permutation(len(x)), [], []
for step in range(80):
    batch = order[64 * step : 64 * (step + 1)]
    loss = categorical_cross_entropy(network(x[batch]), y[batch])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    their_loss = nn.functional.cross_entropy(twin(torch.from_numpy(x[batch])), torch.from_numpy(y[batch]))
    their_optimiser.zero_grad()
    their_loss.backward()
    their_optimiser.step()
    ours.append(loss.item())
    theirs.append(their_loss.item())
print(
    f"loss at the start {ours[0]:.3f} (guessing: {np.log(10):.3f}), mean of the last 20 steps {np.mean(ours[-20:]):.2f}"
)
print(f"the two losses agree to 1e-6 in every step: {np.allclose(ours, theirs, rtol=0, atol=1e-6)}")
right = np.mean(network.predict(test_x).argmax(1) == test_y)
with torch.no_grad():
    their_right = np.mean(twin(torch.from_numpy(test_x)).argmax(1).numpy() == test_y)
print(f"right on 1,000 new pictures after 80 steps: ours {right:.2f}, PyTorch {their_right:.2f}, guessing 0.10")
print("  Same weights, same batches, same arithmetic in float64: there is no magic in the library, only speed.")
guess = network.predict(test_x).argmax(1)
wrong = np.bincount(10 * test_y + guess, minlength=100) * (1 - np.eye(10, dtype=int).ravel())
true, taken = divmod(int(wrong.argmax()), 10)
print(f"  the most frequent mistake: {CLASSES[true]} taken for {CLASSES[taken]}")

# %%
figure, axes = panels(1, 2, width=4.8)
axes[0].plot(ours, color=BLUE, label="our engine")
axes[0].plot(range(0, 80, 4), theirs[::4], "o", ms=4, color=VERMILION, label="PyTorch")
axes[0].set(xlabel="step", ylabel="loss", title="One curve")
axes[0].legend()
filters = network.layers[0].weight.data[:, 0]
show_image(
    axes[1],
    np.hstack([np.pad(f, 1, constant_values=filters.min()) for f in filters]),
    "the six 5 x 5 filters of the first layer",
)
picture(figure, "lenet")

# %%
EXERCISES = [
    Exercise("first_conv", "parameters of the first convolution", lambda n: n == 156, "6 filters of 25, and biases."),
    Exercise(
        "maps", "side of the feature maps before the first dense layer, for pictures of 28 px (padding 2, then none)",
        lambda n: n == 5, "28 -> 28 -> 14 -> 10 -> ?",
    ),
]  # fmt: skip
ask(EXERCISES, "train for a whole epoch with Adam and rate 0.001, and look at the filters again; then lesson 17.")
