"""Synthetic maps with missing pixels, as the network sees them, and the truth beside."""

import functools

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.science.filling import fit_covariance
from nital.synth.map_gaps import GAPS, draw_gaps
from nital.synth.map_kinds import draw_map
from nital.tasks.inpaint.prepare import prepare, scale_of
from nital.tasks.inpaint.recipe import InpaintRecipe

__all__ = ["LARGEST_NUMBER", "synthetic_maps"]

LARGEST_NUMBER = 10_000_000  # maps of one seed; those of the next seed follow
LARGEST_SHARE = {"random": 0.8, "lines": 0.5, "blocks": 0.6}
"""With more missing, a small map holds too little beside its gaps."""
NEIGHBOURS = 24
KEPT_BYTES = 400_000_000


def synthetic_maps(recipe: InpaintRecipe) -> GeneratedDataset:
    """`image` (n, 4, h, w) and `truth` (n, 1, h, w), float32 in spreads of the known pixels; `missing`, bool like
    `truth`. The index is the seed, each map its own group."""
    shape = (recipe.crop_px, recipe.crop_px)

    def make(index: int) -> Batch:
        rng = np.random.default_rng([0x111A, *divmod(index, LARGEST_NUMBER)])
        kind = recipe.kinds[index % LARGEST_NUMBER % len(recipe.kinds)]
        truth = draw_map(kind, shape, rng)
        pattern = GAPS[(0, 0, 1, 2)[rng.integers(4)]]
        most = max(min(recipe.most_share, LARGEST_SHARE[pattern]), recipe.least_share)
        missing = draw_gaps(pattern, shape, float(rng.uniform(recipe.least_share, most)), rng)
        centre, spread = scale_of(np.where(missing, np.nan, truth))
        truth = (truth - centre) / spread
        seen = np.where(missing, np.nan, truth)
        covariance = fit_covariance(seen, rng, points=64, windows=3, refine=False)
        image = prepare(seen, covariance, NEIGHBOURS)
        return {"image": image, "truth": truth[None].astype(np.float32), "missing": missing[None]}

    keep = KEPT_BYTES // (21 * recipe.crop_px**2)
    indices = recipe.seed * LARGEST_NUMBER + np.arange(recipe.number)
    return GeneratedDataset(
        "synthetic maps", functools.lru_cache(keep)(make), indices, source="nital.synth", licence="BSD-3-Clause",
        recipe=f"{recipe.kinds}, {shape} px, {recipe.least_share} to {recipe.most_share} missing",
        facts={"knows": f"synthetic maps of {', '.join(dict.fromkeys(recipe.kinds))}"}, grouped_by="map",
        strata=np.array(recipe.kinds)[np.arange(recipe.number) % len(recipe.kinds)],
    )  # fmt: skip
