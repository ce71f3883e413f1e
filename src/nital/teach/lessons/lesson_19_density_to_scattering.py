# %% [markdown]
# # 19. From density to scattering: the sphere
#
# Two ways from a ball of even density to its small-angle scattering, and the closed form that both must meet.
#
# A neutron scatterer measures I(q). Behind it stands one question: how far apart are two points of the particle, picked
# at random? That histogram is p(r), the pair distance distribution; a sine transform turns it into I(q).

# %%
import itertools

import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import BLUE, GREY, ORANGE, VERMILION, panels, picture

R = 50.0  # radius of the ball in angstrom


def correlation(r, radius=R):
    """gamma(r): the share of the ball that still overlaps with it after a shift by r; 0 beyond the diameter."""
    x = np.asarray(r) / radius
    return np.where(x <= 2, 1 - 3 / 4 * x + x**3 / 16, 0.0)


def form_factor(q, radius=R):
    """P(q) = [3 (sin x - x cos x) / x^3]^2 with x = q R; 1 at q = 0."""
    x = np.asarray(q) * radius
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    return np.where(small, 1 - x**2 / 5, (3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3) ** 2)


def transform(q, r, p):
    """I(q) / I(0) = integral of p(r) sin(q r) / (q r) over the integral of p(r); trapezium rule."""
    kernel = np.sinc(np.outer(q, r) / np.pi)
    return np.trapezoid(kernel * p, r, axis=1) / np.trapezoid(p, r)


# %% [markdown]
# ## Two random points of the ball

# %%
rng = np.random.default_rng(19)
points = rng.normal(size=(2, 200_000, 3))
points *= (R * rng.random((2, 200_000)) ** (1 / 3) / np.linalg.norm(points, axis=2))[..., None]
distance = np.linalg.norm(points[0] - points[1], axis=1)
r = np.linspace(0, 2 * R, 401)
p = r**2 * correlation(r)
p /= np.trapezoid(p, r)
counts, edges = np.histogram(distance, 50, (0, 2 * R), density=True)
middle = (edges[1:] + edges[:-1]) / 2
expected = middle**2 * correlation(middle) * 3 / R**3
print(f"mean distance of two points: {distance.mean() / R:.2f} R drawn, {36 / 35:.4f} R by the formula 36/35")
print(f"most frequent distance: {r[np.argmax(p)] / R:.2f} R; no two points are further apart than 2 R")
print(f"drawn histogram within 3 % of its peak everywhere: {np.abs(counts - expected).max() < 0.03 * expected.max()}")
print(
    "  The lecture writes P(r) for 1 - 3/4 (r/R) + 1/16 (r/R)^3. That is the correlation gamma(r), which starts at 1;"
)
print(f"  the distances have p(r) = r^2 gamma(r), which starts at {p[0]:.0f}. P(q) is a third thing: the form factor.")

# %% [markdown]
# ## From distances to the pattern

# %%
q = np.linspace(0.001, 0.3, 600)  # 1/angstrom
exact, ours = form_factor(q), transform(q, r, p)
print(f"transform and closed form agree to 1e-9 of I(0): {np.abs(ours - exact).max() < 1e-9}")
first_zero = q[np.argmax(exact[:-1] < exact[1:])]
print(f"first minimum at q R = {first_zero * R:.2f} (exact: 4.493, where tan x = x)")
guinier = q * R < 1
slope = np.polyfit(q[guinier] ** 2, np.log(exact[guinier]), 1)[0]
print(
    f"radius of gyration by Guinier, q R < 1: {np.sqrt(-3 * slope):.1f} angstrom; sqrt(3/5) R = {np.sqrt(0.6) * R:.1f}"
)
edges_x = np.geomspace(30, 300, 9)  # means over many ripples show the tail without them
means = [form_factor(np.linspace(a, b, 20_000), 1.0).mean() for a, b in itertools.pairwise(edges_x)]
tail = np.polyfit(np.log(edges_x[1:]), np.log(means), 1)[0]
print(f"mean over the ripples falls as q^{tail:.2f} for q R from 30 to 300: Porod's law of a sharp surface")
wrong = transform(q, r, correlation(r))
print(f"transforming gamma(r) as if it were p(r) errs by up to {np.abs(wrong - exact).max():.2f} of I(0)")

# %%
figure, (left, right) = panels(1, 2, width=4.8)
left.stairs(counts * R, edges / R, fill=True, color=GREY, alpha=0.4, label="200,000 random pairs")
left.plot(r / R, p * R, color=BLUE, label="p(r) = r² gamma(r), scaled")
left.plot(r / R, correlation(r), "--", color=ORANGE, label="gamma(r)")
left.set(xlabel="distance r / R", ylabel="p(r) R, gamma(r)", title="Inside the ball", ylim=(0, 1.5))
left.legend(loc="upper right")
right.semilogy(q, exact, color=BLUE, label="closed form")
right.semilogy(q[::12], np.abs(ours[::12]), "o", ms=3, color=VERMILION, label="transform of p(r)")
right.semilogy(q, np.abs(wrong), ":", color=GREY, label="transform of gamma(r): wrong")
right.set(xlabel="q / (1/angstrom)", ylabel="I(q) / I(0)", title="What the detector sees", ylim=(1e-7, 1e3))
right.legend(loc="upper right")
picture(figure, "sphere")

# %%
SOME_Q = np.array([0.01, 0.03, 0.066])
EXERCISES = [
    Exercise(
        "half_overlap", "the shift r / R at which half of the ball still overlaps with its copy (three decimals)",
        lambda value: abs(correlation(value * R) - 0.5) < 2e-3, "Solve 1 - 3/4 x + x^3/16 = 1/2 for x below 2.",
    ),
    Exercise(
        "radius", "the radius in angstrom of a ball whose first minimum lies at q = 0.02 per angstrom",
        lambda value: abs(value - 4.4934 / 0.02) < 1, "At the first minimum q R has the value printed above.",
    ),
    Exercise(
        "shell", "a function (q, outer, inner): I(q) / I(0) of a hollow ball; amplitudes subtract, weighted by volume",
        lambda shell: np.allclose(shell(SOME_Q, 50.0, 0.0), form_factor(SOME_Q))
        and np.allclose(shell(SOME_Q, 50.0, 40.0), [0.9330, 0.5155, 0.0027], atol=1e-3),
        "A ball has the amplitude volume times 3 (sin x - x cos x) / x^3; subtract, square, divide by its value at 0.",
    ),
]  # fmt: skip
ask(EXERCISES, "give the ball a soft surface and watch the tail grow steeper; then fit R to a pattern with noise.")
