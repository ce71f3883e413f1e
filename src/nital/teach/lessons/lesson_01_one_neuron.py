# %% [markdown]
# # 1. One neuron and its line
#
# Weights, bias and decision boundary; a phase diagram whose weights have units.
#
# A neuron multiplies each input by a weight, adds a bias, and fires if the sum z = w1 x1 + w2 x2 + b is 0 or more.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, VERMILION, panels, picture, show_plane


def neuron(x, weights, bias):
    """1 where the neuron fires, else 0; x has shape (..., inputs)."""
    return (np.asarray(x) @ np.asarray(weights) + bias >= 0).astype(int)


CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]

# %% [markdown]
# ## The four neurons of the notebook

# %%
for x, weights, bias in (([1, 1], [1, 1], 0), ([0, 0], [0, 0], -1), ([-1, 0], [1, 0], 1), ([-1, 0], [-1, 0], -0.5)):
    z, output = np.dot(x, weights) + bias, neuron(x, weights, bias)
    print(f"inputs {x}, weights {weights}, bias {bias}: z = {z:g}, output {output}")
grid = np.stack(np.meshgrid(np.arange(-2, 3), np.arange(-2, 3)), axis=-1).reshape(-1, 2)
on_the_line = int((grid.sum(axis=1) == 0).sum())
print(f"on a grid of {len(grid)} points, {on_the_line} lie exactly on the line x1 + x2 = 0")
print(
    "  The lectures disagree on z = 0: fires (code) or not (formula, threshold). Only points on the line change class."
)
print("  A threshold t is a bias of -t.")

# %% [markdown]
# ## What each number does to the line
#
# The weights are an arrow at right angles to the line, towards the side that fires. The bias shifts the line: it lies
# abs(b) / length of w from the origin. Twice the weights and twice the bias is the same line.

# %%
figure, axes = panels(1, 3, width=3.6, height=3.7)
for axis, weights, bias in zip(axes, ([1, 1], [1, 1], [1, -2]), (0, -0.5, 0.25), strict=True):
    length = np.linalg.norm(weights)
    foot = -bias * np.array(weights) / length**2
    show_plane(axis, lambda x, w=weights, b=bias: x @ w + b, (-1, 1), (-1, 1))
    axis.annotate("", foot + 0.45 * np.array(weights) / length, foot, arrowprops={"arrowstyle": "->", "lw": 2})
    axis.plot(*foot, "ko", markersize=4)
    side = np.array(weights) / length
    axis.text(*(foot + 0.7 * side), "fires", ha="center", va="center")
    axis.text(*(foot - 0.4 * side), "silent", ha="center", va="center")
    axis.set(xlabel="x1", ylabel="x2", title=f"w = {weights}, b = {bias}", aspect="equal")
    print(f"w = {weights}, b = {bias}: the line lies {abs(bias) / length:.3f} from the origin")
picture(figure, "lines")

# %% [markdown]
# ## Ice and water: weights from thermodynamics
#
# Clausius and Clapeyron give the slope of the melting line: dT/dp = T (V_liquid - V_solid) / heat of fusion.
# The neuron "liquid" then is z = T - slope * p >= 0, with T in degrees Celsius and p in atm.

# %%
slope = 273.15 * (1 / 999.84 - 1 / 916.7) / 333.55e3 * 101325  # K * m3/kg / (J/kg) * Pa/atm: K per atm
print(
    f"slope of the melting line: {1000 * slope:.2f} K per 1000 atm; weights: 1 per K and {-slope:.5f} per atm, bias 0"
)
for temperature, pressure in ((-5, 1), (-5, 900)):
    phase = ("ice", "water")[neuron([temperature, pressure], [1, -slope], 0)]
    print(f"at {temperature} degrees Celsius and {pressure} atm the neuron says {phase}")
print(
    f"at 2058 atm the line gives {slope * 2058:.1f} degrees Celsius; the triple point with ice III lies at -22.0 there"
)
print("  The real melting line bends. One neuron draws exactly one straight line.")

# %%
figure, axis = panels(width=5.2, height=3.8)
show_plane(axis, lambda x: x @ [1, -slope], (-30, 10), (0, 2500))
axis.text(4, 1600, "water", fontsize=12, ha="center")
axis.text(-23, 700, "ice", fontsize=12, ha="center")
axis.plot([-21.985], [2058], "D", color=VERMILION, label="triple point ice I, ice III, water (IAPWS R14-08)")
axis.plot([0], [1], "o", color=BLUE, clip_on=False, label="melting at 1 atm")
axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18))
axis.set(xlabel="temperature / degrees Celsius", ylabel="pressure / atm", title="The neuron's phase diagram")
picture(figure, "phase_diagram")

# %%
EXERCISES = [
    Exercise(
        "and_neuron", "(w1, w2, b) of a neuron on inputs 0 and 1 that fires only if both are 1",
        lambda n: neuron(CORNERS, n[:2], n[2]).tolist() == [0, 0, 0, 1],
        "Two inputs together must lift z to 0 or more, one alone must not: look for b between -w1 - w2 and -w1.",
    ),
    Exercise(
        "distance", "how far the line 3 x1 + 4 x2 - 10 = 0 lies from the origin", lambda d: abs(d - 2) < 1e-6,
        "Divide abs(b) by the length of the weight arrow (3, 4).",
    ),
    Exercise(
        "bias", "the bias of the ice neuron that fires only 5 K or more above the melting line",
        lambda b: abs(b + 5) < 1e-6, "A point 5 K above the line has z = 5 now; it must have z = 0 then.",
    ),
]  # fmt: skip
ask(EXERCISES, "find three neurons for OR, NOT and NAND; then lesson 2, where a neuron finds its weights itself.")
