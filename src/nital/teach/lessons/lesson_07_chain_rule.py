# %% [markdown]
# # 7. The graph and the chain rule
#
# The boxed formulas of the lecture, derived by hand, against automatic differentiation and finite differences.
#
# A network 1-1-1 with sigmoids: z1 = w1 x + b1, a1 = s(z1), z2 = w2 a1 + b2, p = s(z2) (the prediction), e = y - p,
# loss L = e^2.

# %%
import numpy as np

from nital.teach.exercises import Exercise, ask
from nital.teach.pictures import picture
from nital.teach.value import Value

POINT = {"x": 1.5, "y": 1.0, "w1": 0.8, "b1": -0.3, "w2": -1.2, "b2": 0.5}


def loss_of(v):
    """The loss, from numbers or from Values by name."""
    values = {name: each if isinstance(each, Value) else Value(each, name) for name, each in v.items()}
    a1 = (values["w1"] * values["x"] + values["b1"]).sigmoid()
    p = (values["w2"] * a1 + values["b2"]).sigmoid()
    return (values["y"] - p) ** 2


def forward(v):
    """a1 and p; x and y may be arrays of samples."""
    a1 = 1 / (1 + np.exp(-(v["w1"] * v["x"] + v["b1"])))
    return a1, 1 / (1 + np.exp(-(v["w2"] * a1 + v["b2"])))


def by_hand(v):
    """The four slopes by the chain rule; each line multiplies one more link."""
    a1, p = forward(v)
    z2 = -2 * (v["y"] - p) * p * (1 - p)  # dL/de de/dp dp/dz2
    z1 = z2 * v["w2"] * a1 * (1 - a1)  # ... dz2/da1 da1/dz1
    return {"w2": z2 * a1, "b2": z2, "w1": z1 * v["x"], "b1": z1}


# %% [markdown]
# ## Three ways to four slopes

# %%
values = {name: Value(number, name) for name, number in POINT.items()}
loss = loss_of(values)
loss.backward()
hand = by_hand(POINT)
print(f"loss {loss.data:.4f}")
for name in ("w2", "b2", "w1", "b1"):
    more, less = (loss_of({**POINT, name: POINT[name] + h}).data for h in (1e-6, -1e-6))
    numbers = hand[name], values[name].grad, (more - less) / 2e-6
    print(f"dL/d{name}: " + "by hand {:+.6f}, graph {:+.6f}, finite differences {:+.6f}".format(*numbers))
picture(loss.svg(), "graph")

# %% [markdown]
# ## The lecture's slips
#
# Its boxed dL/dw1 is -2 e w2 [p (1 - p)] a1 (1 - a1), the same as its dL/db1. The last link dz1/dw1 = x is missing. And
# the change of w1 and b1 is written as + alpha dL/dw1, while w2 and b2 rightly have a minus.

# %%
print(f"dL/dw1 as boxed: {hand['b1']:+.6f}; right: {hand['w1']:+.6f} = boxed times x = {POINT['x']}")
down = by_hand({**POINT, "x": -1.0})
print(f"  At x = -1 even the sign is wrong: {down['w1']:+.4f} by the chain rule, {down['b1']:+.4f} as boxed")


def after(x, y, sign=-1, missing_x=False):
    """The loss after 200 steps of rate 1, with the sign and the formula of the first layer as given."""
    v = {**POINT, "x": np.array(x), "y": np.array(y)}
    for _ in range(200):
        slope = {name: np.mean(each) for name, each in by_hand(v).items()}
        slope["w1"] = slope["b1"] if missing_x else slope["w1"]
        for name, way in (("w2", -1), ("b2", -1), ("w1", sign), ("b1", sign)):
            v[name] = v[name] + way * slope[name]
    return np.mean((v["y"] - forward(v)[1]) ** 2)


for name, x, y in (("one sample", [1.5], [1.0]), ("four samples", [-2.0, -1.0, 1.0, 2.0], [0.1, 0.1, 0.9, 0.9])):
    ends = after(x, y), after(x, y, missing_x=True), after(x, y, sign=+1)
    print("{}: loss after 200 steps right {:.4f}, without x {:.4f}, + instead of - {:.4f}".format(name, *ends))
print("  With one sample the second layer learns alone and hides both slips: a falling loss proves no gradient.")
print("  So gradients are checked against differences. Two more slips: the cost is 1/2 e^2 on one page and e^2 on")
print("  another, a factor of 2 in every slope; and z = e^x there is not the z = w x + b of the layers.")

# %% [markdown]
# ## The worked example of the later edition
#
# 1-2-1 with ReLU: x = 1, y = 0.5, W1 = [2, -1], b1 = [-0.5, 0.5], w2 = [1, 2], b2 = 0.

# %%
x, w, b = Value(1.0, "x"), [Value(2.0, "w1"), Value(-1.0, "w2")], [Value(-0.5, "b1"), Value(0.5, "b2")]
v, c = [Value(1.0, "v1"), Value(2.0, "v2")], Value(0.0, "c")
hidden = [(wi * x + bi).relu() for wi, bi in zip(w, b, strict=True)]
out = v[0] * hidden[0] + v[1] * hidden[1] + c
half = 0.5 * (out - 0.5) ** 2
half.backward()
print(
    f"prediction {out.data}, loss {half.data}, dL/dW1 {[each.grad for each in w]}, dL/dw2 {[each.grad for each in v]}"
)
print("  As the later edition says: prediction 1.5, loss 0.5, [1, 0] and [1.5, 0].")
print("  The second neuron is off (z = -0.5): nothing reaches its weight, and its output weight learns nothing either.")
picture(half.svg(), "worked_example")

# %%
EXERCISES = [
    Exercise(
        "slope_w1", "a function (x, y, w1, b1, w2, b2) with dL/dw1 of the network 1-1-1",
        lambda f: abs(f(**{**POINT, "x": -1.0}) - by_hand({**POINT, "x": -1.0})["w1"]) < 1e-9,
        "Five links, and the last one is dz1/dw1 = x.",
    ),
    Exercise(
        "slope_x", "dL/dx at the point of the lesson (four decimals)",
        lambda value: abs(value - by_hand(POINT)["b1"] * POINT["w1"]) < 1e-4, "The last link is now dz1/dx = w1.",
    ),
]  # fmt: skip
ask(EXERCISES, "draw the graph of (a + b) (b + c) and read the paths that lead to b; then lesson 8.")
