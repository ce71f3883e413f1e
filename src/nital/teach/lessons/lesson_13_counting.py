# %% [markdown]
# # 13. Counting: what sharing weights saves
#
# How many numbers a layer has to learn: dense layers against convolutions.
#
# A dense layer gives every output its own weight for every input, and one bias. A convolution slides
# one small window of weights over the whole picture: all places share them.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, VERMILION, panels, picture


def dense(inputs, outputs):
    return outputs * (inputs + 1)


def conv(channels_in, channels_out, kernel):
    return channels_out * (channels_in * kernel**2 + 1)


# %% [markdown]
# ## The layers and networks of the lectures, counted

# %%
simple_cnn = conv(1, 32, 3) + conv(32, 64, 3) + dense(64 * 7 * 7, 128) + dense(128, 10)
lenet = conv(1, 6, 5) + conv(6, 16, 5) + dense(16 * 5 * 5, 120) + dense(120, 84) + dense(84, 10)
print(f"dense layer 20 -> 64: {dense(20, 64):,} parameters")
print(f"hardness network 4 -> 64 -> 64 -> 1: {dense(4, 64) + dense(64, 64) + dense(64, 1):,} parameters")
print("  The lecture says more than 5,000; counted with its own four inputs it is fewer.")
print(f"CNN for missing pixels, 1 -> 32 -> 1 channels: {conv(1, 32, 3) + conv(32, 1, 3):,} parameters")
print(f"LeNet-5, every map connected to every map: {lenet:,} parameters (the lecture: about 60,000)")
print(f"CNN for FashionMNIST: {simple_cnn:,} parameters, {dense(64 * 7 * 7, 128) / simple_cnn:.0%} in one dense layer")

# %% [markdown]
# ## A micrograph into a dense layer

# %%
small, large = 64**2 * 512, 1024**2 * 512  # weights alone, as the lecture counts
print(f"64 x 64 pixels -> 512 neurons: {small:,} weights")
print(f"1024 x 1024 pixels -> 512 neurons: {large:,} weights")
print(f"  The lecture says about 4 GB; in float32 the weights take {large * 4 / 2**30:.1f} GiB.")
print("  4 GiB is right for float64, or for weights and their gradients.")
print(f"  With Adam, which keeps two more numbers for each weight, {large * 16 / 2**30:.0f} GiB.")
print(f"one 3 x 3 filter: {conv(1, 1, 3) - 1} weights; 64 filters: {conv(1, 64, 3) - 64} weights")
print(f"dense / 64 filters: {large / 576:,.0f}-fold fewer weights")

# %% [markdown]
# ## What the 930,000-fold leaves out
#
# The two layers do not do the same work: one gives 512 numbers, the other 64 pictures.

# %%
pixels = 1024**2
print(f"numbers that come out: dense 512, 64 filters {64 * pixels:,} ({64 * pixels * 4 / 2**20:.0f} MiB in float32)")
print(f"multiplications per picture: dense {large / 1e6:.0f} million, 64 filters {576 * pixels / 1e6:.0f} million")
print("  So the arithmetic is not less but a little more. Fewer weights is not fewer operations.")
print(f"a dense layer of 512 on the flattened 64 pictures: {64 * pixels * 512:,} weights, 64 times the dense layer")
print(f"the same after global average pooling: {64 * 512:,} weights")
print("  It is sharing and pooling together that make a small network.")

# %% [markdown]
# A fair comparison gives the same output: one picture of the same size. It shows two savings, one after the other.

# %%
local = 9 * pixels
print(f"picture to picture, dense: {pixels**2:.2e} weights")
print(f"each pixel sees 3 x 3 neighbours, own weights everywhere: {local:,} ({pixels**2 / local:,.0f}-fold fewer)")
print(f"the same weights everywhere: 9 ({local / 9:,.0f}-fold fewer)")

# %%
figure, (bars, lines) = panels(1, 2, width=5.2)
names = ["dense, picture to picture", "local, not shared", "one 3 x 3 filter"]
counts = [pixels**2, local, 9]
bars.barh(names[::-1], counts[::-1], color=[VERMILION, BLUE, BLUE])
for place, count in enumerate(counts[::-1]):
    bars.text(count * 2, place, f"{count:,.0f}" if count < 1e9 else f"{count:.1e}", va="center")
bars.set(xscale="log", xlim=(1, 1e16), xlabel="weights", title="Same output: 1024 x 1024 pixels")
sides = 2 ** np.arange(5, 13)
lines.loglog(sides, sides**2 * 512, "o-", color=BLUE, label="dense, 512 neurons")
lines.loglog(sides, np.full(len(sides), 576), "s-", color=VERMILION, label="64 filters of 3 x 3")
lines.set(
    xlabel="side of the picture / pixels", ylabel="weights", title="Only one grows with the picture", ylim=(1e2, 1e11)
)
lines.legend()
picture(figure, "weights")

# %%
EXERCISES = [
    Exercise(
        "hidden", "parameters of a dense layer from 128 x 128 pixels to 100 neurons, biases included",
        lambda value: value == dense(128**2, 100), "Each neuron has one weight per pixel, and one bias.",
    ),
    Exercise(
        "count_conv", "a function (channels_in, channels_out, kernel) that counts a conv layer with biases",
        lambda count: count(3, 16, 5) == 1216 and count(64, 128, 1) == 8320,
        "A filter sums over all channels: channels_in * kernel * kernel weights and one bias per filter.",
    ),
    Exercise(
        "adam_gib", "GiB that the weights of the dense layer on 2048 x 2048 pixels need in float32 with Adam",
        lambda value: abs(value - 32) < 0.1, "Adam keeps weight, gradient and two moments: 16 bytes each weight.",
    ),
]  # fmt: skip
ask(
    EXERCISES,
    "replace flattening by global average pooling in the CNN for FashionMNIST and count again; then lesson 14.",
)
