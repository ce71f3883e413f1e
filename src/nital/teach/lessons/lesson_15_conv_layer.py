# %% [markdown]
# # 15. A conv layer by hand
#
# Stride, padding, channels; how far one output pixel sees; what happens when the picture moves.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.layers import he
from nital.teach.pictures import BLUE, VERMILION, panels, picture, show_image
from nital.teach.samples import draw_micrograph
from nital.teach.tensor import Tensor, conv2d, max_pool2d


def conv_by_hand(x, kernels, stride=1, padding=0):
    """Pictures (C, H, W) and kernels (O, C, K, K) to (O, H', W'): each a sum over all channels and K x K pixels."""
    padded, k = np.pad(x, ((0, 0), (padding, padding), (padding, padding))), kernels.shape[-1]
    out = np.empty((len(kernels), *((side - k) // stride + 1 for side in padded.shape[1:])))
    for o, i, j in np.ndindex(out.shape):
        out[o, i, j] = (padded[:, i * stride : i * stride + k, j * stride : j * stride + k] * kernels[o]).sum()
    return out


# %%
binary = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
answer = conv_by_hand(binary[None], cross[None, None])[0]
print(f"the lecture's 5 x 5 example starts with {answer[0, 0]:.0f}; in full {answer.astype(int).tolist()}")
rng = np.random.default_rng(15)
x, kernels, hows = rng.normal(size=(3, 12, 11)), rng.normal(size=(4, 3, 3, 3)), ((1, 0), (1, 1), (2, 0), (3, 2))
same = [np.allclose(conv_by_hand(x, kernels, *how), conv2d(x[None], kernels, None, *how).data[0]) for how in hows]
print(f"by hand and engine, 3 channels to 4, four strides and paddings, agree: {all(same)}")
for size, stride, padding in ((256, 1, 0), (256, 1, 1), (256, 2, 1), (256, 2, 0), (7, 2, 1)):
    out = conv2d(np.zeros((1, 1, size, size)), np.zeros((1, 1, 3, 3)), None, stride, padding).shape[-1]
    print(f"  {size} px, kernel 3, stride {stride}, padding {padding}: {out} px")
print("  The lecture says stride 2 halves; it is floor((size + 2 padding - kernel) / stride) + 1.")
figure, axes = panels(1, 3, width=2.6, height=2.8)
for axis, grid, title, end in zip(axes, (binary, cross, answer), ("input", "kernel", "map"), (3, 3, 1), strict=True):
    show_image(axis, grid, f"{title}, {len(grid)} x {len(grid)}", -3, 5)
    for i, j in np.ndindex(grid.shape):
        axis.text(j, i, f"{grid[i, j]:.0f}", ha="center", va="center", weight="bold")
    axis.plot(np.array([0, end, end, 0, 0]) - 0.5, np.array([0, 0, end, end, 0]) - 0.5, VERMILION, lw=3, clip_on=False)
picture(figure, "sliding")

# %% [markdown]
# ## The receptive field
#
# Formula: a layer adds (kernel - 1) times the product of the strides before it. Measured: the input pixels to which the
# gradient of one output pixel gets in some of 600 random pictures (max pooling looks at one winner in each).

# %%
y = inputs = Tensor(rng.random((600, 1, 20, 20)))
field, step = 1, 1
figure, axes = panels(1, 4, width=2.2, height=2.4)
for axis, name, kernel, stated in zip(axes, ("conv", "pooling") * 2, (3, 2, 3, 2), (3, 6, 10, 20), strict=True):
    y = conv2d(y, np.ones((1, 1, 3, 3)) / 9).relu() if name == "conv" else max_pool2d(y, kernel)
    field, step = field + (kernel - 1) * step, step * (2 if name == "pooling" else 1)
    inputs.grad, middle = None, y.shape[-1] // 2
    y[:, :, middle, middle].sum().backward()
    reached = np.abs(inputs.grad).mean(axis=(0, 1))
    print(f"{name} {kernel}: formula {field} px, measured {np.count_nonzero(reached.any(0))} px, notebook {stated} px")
    show_image(axis, reached, f"after {name} {kernel}: {field} px")
picture(figure, "receptive_field")
print("  The notebook doubles the field when it pools; pooling adds one step of its input, and then doubles the step.")

# %% [markdown]
# ## The picture moves: does the map move along, and does the class stay?
#
# Two windows on a wide micrograph, one further right, seen through two conv layers of random kernels. Change: the RMS
# difference of what both maps show / RMS of the map. For the class: / what ten other micrographs change.

# %%
wide = draw_micrograph(size=160, grains=60, noise=0.03, seed=4)[0] - 0.5
first, second, size_of = he(rng, (8, 1, 3, 3), 9, 72), he(rng, (8, 8, 3, 3), 72, 72), np.linalg.norm


def look(image, padding=0, stride=1, pool=1):
    y = conv2d(image[None, None], first, stride=stride, padding=padding).relu()
    return max_pool2d(conv2d(y, second, padding=padding).relu(), pool).data[0]


a, b = np.rot90(look(wide[:64, :64]), axes=(1, 2)), look(np.rot90(wide[:64, :64]))
changes = {"turned by 90 degrees": size_of(a - b) / size_of(a)}
for words, shift, how in (("no padding", 1, {}), ("zero padding", 1, {"padding": 1}), ("stride 2", 2, {"stride": 2}),
                          ("stride 2", 1, {"stride": 2}), ("max pooling 2", 1, {"pool": 2})):  # fmt: skip
    a, b = (look(wide[:64, s : s + 64], **how) for s in (0, shift))
    best = min(size_of(a[..., m:] - b[..., : b.shape[-1] - m]) / size_of(a[..., m:]) for m in (0, 1))
    changes[f"{words}, shift {shift} px"] = best  # the second map moved back by 0 or 1 of its pixels
print("\n".join(f"{name}: the map changes by {value:.0%}" for name, value in changes.items()))
print("  Shared weights give equivariance to shifts alone; edge, stride and pooling break it. Turning never had it.")
maps = [look(wide[:64, s : s + 64], pool=2) for s in range(17)]
others = [look(draw_micrograph(160, 60, 0.03, seed)[0][:64, :64] - 0.5, pool=2) for seed in range(20, 30)]
figure, (bars, lines) = panels(1, 2, width=4.8)
for name, style, numbers in (("flattened", "s-", np.ravel), ("global average", "o-", lambda y: y.mean(axis=(1, 2)))):
    of = [size_of(numbers(y) - numbers(maps[0])) for y in (*maps, *others)]
    part = np.array(of[:17]) / np.mean(of[17:])
    print(f"{name}: a shift by 1 px changes {part[1]:.0%}, by 8 px {part[8]:.0%} of what another micrograph does")
    lines.plot(range(17), part * 100, style, label=name)
print("  The lecture calls pooling + flattening invariant. Flattening keeps places; global pooling drops them, nearly.")
bars.barh([*changes], [100 * value for value in changes.values()], color=BLUE)
bars.set(xlabel="change of the map / %", title="Does the map move along?")
lines.set(xlabel="shift / pixels", ylabel="% of another micrograph", title="Do the features stay?", ylim=(0, None))
lines.legend()
picture(figure, "shifts")

# %%
EXERCISES = [
    Exercise("size", "a function (size, kernel, stride, padding): pixels that come out of a conv layer",
             lambda size: size(28, 5, 1, 2) == 28 and size(227, 11, 4, 0) == 55 and size(8, 3, 2, 0) == 3,
             "Count the steps of the kernel in the padded picture, rounded down, and add its first place."),
    Exercise("field", "a function (kernels, strides), two sequences: receptive field of the last layer in pixels",
             lambda field: field((5, 2, 5, 2, 3), (1, 2, 1, 2, 1)) == 24 and field((3, 3, 3), (1, 1, 1)) == 7,
             "Start with 1 px and a step of 1; a layer adds (kernel - 1) steps, then its stride multiplies the step."),
    Exercise("turns", "a 3 x 3 kernel, not all 0, that sums to 0 and whose map turns by 90 degrees with the picture",
             lambda k: np.shape(k) == (3, 3) and np.allclose(np.rot90(k), k) and abs(np.sum(k)) < 1e-9 and np.any(k),
             "The kernel must look the same after a quarter turn."),
]  # fmt: skip
ask(EXERCISES, "measure the field of LeNet-5 and the change behind four stages of conv and pooling; then lesson 16.")
