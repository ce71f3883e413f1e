"""How often the peak of a map lies on the one object that makes the class, and whether the map passes its sanity check.

python benchmarks/explain_marked_object.py [--seeds 5] [--images 100]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.measured_receptive_field import measure_receptive_field
from nital.learn.sanity import randomised, sanity_check
from nital.nets.resnet import micrograph_resnet

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/learn"))
from marked_objects import OBJECTS, marked_images

SIDE, CONTRAST, BATCH, STEPS = 48, 4.0, 16, 250


def train(seed: int) -> nn.Module:
    """The small residual network on 1,600 images, two and a half times."""
    torch.manual_seed(seed)
    images = marked_images(1600, np.random.default_rng(seed), side_px=SIDE, contrast=CONTRAST)
    network = micrograph_resnet(len(OBJECTS), widths=(8, 16, 32)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=STEPS)
    for step in range(STEPS):
        batch = slice(start := step * BATCH % 1600, start + BATCH)
        logits = network(torch.from_numpy(images.image[batch, None]))
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(images.kind[batch]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def share_on_object(heat: np.ndarray, mask: np.ndarray) -> float:
    peak = heat.reshape(len(heat), -1).argmax(1)
    return float(mask.reshape(len(mask), -1)[np.arange(len(mask)), peak].mean())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--images", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    count = -(-options.images // (len(OBJECTS) - 1)) * len(OBJECTS)
    drawn = marked_images(count, np.random.default_rng(10_000), side_px=SIDE, contrast=CONTRAST)
    marked = np.flatnonzero(drawn.kind)[: options.images]
    image, kind, mask = torch.from_numpy(drawn.image[marked, None]), drawn.kind[marked].tolist(), drawn.mask[marked]
    print(f"{len(marked)} fresh images; the object's square is {mask.mean():.1%} of the area")
    for seed in range(options.seeds):
        start = time.process_time()
        network = train(seed)
        seconds = time.process_time() - start
        with torch.no_grad():
            accuracy = (network(image).argmax(1).numpy() == kind).mean()
        receptive_field = measure_receptive_field(network, image)
        placed = {"stride_px": receptive_field.stride_px, "first_px": receptive_field.first_px}
        shares = {
            "Grad-CAM": grad_cam(network, image, kind, **placed),
            "integrated gradients": integrated_gradients(network, image, kind, steps=32).map,
            "occlusion": occlusion(network, image, kind, window_px=8, stride_px=4),
            "Grad-CAM of random weights": grad_cam(randomised(network, seed), image, kind, **placed),
        }
        text = ", ".join(f"{name} {share_on_object(heat, mask):.0%}" for name, heat in shares.items())
        print(f"seed {seed}: trained {seconds:.1f} s, accuracy {accuracy:.0%}; peak on the object: {text}")
        print("   ", sanity_check(grad_cam, network, image[:12], kind[:12]).sentence())
