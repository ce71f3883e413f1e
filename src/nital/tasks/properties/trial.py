"""A small table with a known law, to try the job on."""

from pathlib import Path

import numpy as np

__all__ = ["write_trial"]

ROWS, HEATS = 40, 8


def write_trial(folder: Path, seed: int = 5) -> Path:
    """Write heats.csv: hardness of 100 + 200 d^-1/2 + 10 Cr HV with a scatter of 5 HV (Hall and Petch)."""
    rng = np.random.default_rng(seed)
    size, chromium = np.exp(rng.uniform(np.log(0.5), np.log(100), ROWS)), rng.uniform(0, 2, ROWS)
    hardness = 100 + 200 / np.sqrt(size) + 10 * chromium + rng.normal(0, 5, ROWS)
    lines = ["heat,grain size [um],Cr [wt%],hardness [HV]"]
    lines += [
        f"H{k * HEATS // ROWS},{size[k]:.4f},{chromium[k]:.3f},{hardness[k]:.2f}" for k in range(ROWS)
    ]  # fmt: skip
    path = folder / "heats.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
