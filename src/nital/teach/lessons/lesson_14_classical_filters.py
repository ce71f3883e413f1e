# %% [markdown]
# # 14. Classical filters on a micrograph
#
# What a 3 x 3 window of nine numbers can do: blur, sharpen, find edges.
#
# A filter multiplies each pixel and its neighbours by nine weights and sums. In a CNN the weights are learned.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, VERMILION, panels, picture, show_image
from nital.teach.samples import draw_micrograph


def correlate(image, kernel):
    """Sum of kernel times neighbours at each pixel; the picture's edge is repeated outward."""
    kernel = np.asarray(kernel, dtype=float)
    window = np.lib.stride_tricks.sliding_window_view(np.pad(image, len(kernel) // 2, mode="edge"), kernel.shape)
    return (window * kernel).sum(axis=(-2, -1))


KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "box / 9": np.ones((3, 3)) / 9,
    "Gaussian / 16": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "diagonal edges": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "Laplacian, 4 neighbours": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "Laplacian, 8 neighbours": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "Prewitt, gradient along x": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "Prewitt, gradient along y": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "Sobel, gradient along x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Sobel, gradient along y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
}
GAUSSIAN, SOBEL_X = KERNELS["Gaussian / 16"], KERNELS["Sobel, gradient along x"]
EDGE = np.tile(np.arange(8) >= 4, (8, 1)).astype(float)  # dark left, bright right: the edge stands upright

# %%
image, _ = draw_micrograph(size=96, grains=16, noise=0.04, seed=3)
figure, axes = panels(3, 4, width=2.5, height=2.7)
for place, (name, kernel) in zip(axes.flat, KERNELS.items(), strict=False):
    show_image(place, correlate(image, kernel), name, *((0, 1) if np.sum(kernel) > 0 else (-1.5, 1.5)))
gradient = correlate(image, SOBEL_X), correlate(image, KERNELS["Sobel, gradient along y"])
show_image(axes.flat[-1], np.hypot(*gradient), "Sobel, magnitude", 0, 2.5)
picture(figure, "filters")

# %% [markdown]
# ## The sum of a kernel
#
# A kernel that sums to 1 keeps the mean grey; one that sums to 0 makes flat regions 0: it finds edges.

# %%
for name in ("sharpen", "Gaussian / 16", "Laplacian, 4 neighbours", "Sobel, gradient along x"):
    after = correlate(image, KERNELS[name]).mean()
    print(f"{name}: sums to {np.sum(KERNELS[name]):.0f}, mean grey {image.mean():.2f} becomes {abs(after):.2f}")
after = correlate(image, 16 * GAUSSIAN).mean()
print(f"Gaussian as one lecture prints it, without / 16: mean grey becomes {after:.2f}, and 1 is white")
own = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
print(f"the lecture's own kernel sums to {own.sum()}: kernel / sum changes nothing")
print("  Sobel or the Laplacian / sum divides by zero. Divide by the sum of absolute values, or not at all.")
print(f"  Sobel / 8: strongest edge {np.abs(correlate(image, SOBEL_X)).max() / 8:.2f}, never above 1")

# %% [markdown]
# ## Which edges? And convolution or correlation?

# %%
print(f"[-1 0 1; -2 0 2; -1 0 1] on a vertical edge: {correlate(EDGE, SOBEL_X).max():.0f}")
print(f"the same on a horizontal edge: {np.abs(correlate(EDGE.T, SOBEL_X)).max():.0f}")
print("  One lecture calls this kernel horizontal (its gradient); another would call it vertical (its edge).")
print("  A horizontal gradient is a vertical edge. Here kernels are named by the gradient.")
for name, kernel in (("Gaussian / 16", GAUSSIAN), ("Sobel, gradient along x", SOBEL_X), ("own", own)):
    difference = np.abs(correlate(image, np.flip(kernel)) - correlate(image, kernel)).max()
    print(f"{name}: greatest difference between convolution and correlation {difference:.3f}")
print("  The lecture's formula with I[m-i, n-j] flips the kernel: a convolution. CNN layers correlate: no flip.")
print("  scipy.ndimage.convolve flips, torch does not. It matters for a kernel you write, not for a learned one.")

# %% [markdown]
# ## Blurring again and again
#
# Each pass of Gaussian / 16 adds a variance of 1/2 pixel squared: n passes blur with sigma = sqrt(n / 2) pixels.

# %%
flat = np.random.default_rng(0).normal(0, 1, (400, 400))
print(f"noise left by box / 9: {correlate(flat, KERNELS['box / 9']).std():.3f} of before (by theory 1/3)")
print(f"noise left by Gaussian / 16: {correlate(flat, GAUSSIAN).std():.3f} of before (by theory 3/8)")
point, offsets = np.zeros((61, 61)), np.arange(-30, 31)
point[30, 30] = 1
figure, (left, middle, right) = panels(1, 3, width=3.3, height=3.1)
for passes, axis in ((1, left), (18, middle)):
    blurred, spread = image, point
    for _ in range(passes):
        blurred, spread = correlate(blurred, GAUSSIAN), correlate(spread, GAUSSIAN)
    show_image(axis, blurred, f"{passes} pass{'es' * (passes > 1)} of Gaussian / 16", 0, 1)
    sigma = np.sqrt((spread.sum(axis=0) * offsets**2).sum())
    print(f"{passes} passes spread a point to sigma = {sigma:.3f} pixels (by theory {np.sqrt(passes / 2):.3f})")
    right.plot(offsets, spread.sum(axis=0), ".-", color=BLUE if passes == 1 else VERMILION, label=f"{passes} x")
right.set(xlim=(-13, 13), xlabel="distance / pixels", ylabel="grey of a blurred line", title="towards a Gaussian")
right.legend()
picture(figure, "repeated")

# %%
EXERCISES = [
    Exercise(
        "kernel", "a 3 x 3 kernel that answers an edge from 0 (above) to 1 (below) with 6, and a vertical edge with 0",
        lambda kernel: np.isclose(correlate(EDGE.T, kernel).max(), 6) and np.allclose(correlate(EDGE, kernel), 0),
        "Each row must be constant; the weights below the middle row minus those above it decide the answer.",
    ),
    Exercise(
        "normalise", "a function (kernel) that divides by the sum, or by the sum of absolute values if the sum is 0",
        lambda f: np.allclose(f(np.ones((3, 3))), 1 / 9) and np.allclose(f(np.array(SOBEL_X)), np.array(SOBEL_X) / 8),
        "Sobel's absolute values sum to 8; compare the sum with 0 before you divide.",
    ),
    Exercise(
        "passes", "how many passes of Gaussian / 16 blur with sigma = 5 pixels", lambda number: number == 50,
        "Each pass adds 1/2 to the variance, and the variance is sigma squared.",
    ),
]  # fmt: skip
ask(EXERCISES, "turn the lecture's own kernel by 90 degrees and look at the picture it makes; then lesson 15.")
