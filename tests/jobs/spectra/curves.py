"""Curves as files: SPECIMEN_NUMBER_POSITION.txt, one intensity a line."""

from pathlib import Path

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError

POINTS = 64
SIGMA = 0.02


def read_curve(path: Path) -> np.ndarray:
    """Intensities, float32 (1, points), between 0 and 1."""
    try:
        values = np.array([float(line) for line in path.read_text(encoding="utf-8").split()], np.float32)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no curve ({type(error).__name__}). Give one intensity a line.") from error
    if len(values) != POINTS or not np.isfinite(values).all():
        raise InputError(f"{path} has {len(values)} intensities. Give {POINTS} finite ones.")
    return (values / max(float(np.abs(values).max()), 1e-6))[None]


def write_curves(folder: Path, specimens: int, number: int, seed: int) -> Path:
    """Write noisy lines of several specimens."""
    rng, places = np.random.default_rng(seed), np.linspace(0, 1, POINTS)
    for specimen in range(specimens):
        for index in range(number):
            position = rng.uniform(0.15, 0.85)
            line = np.exp(-(((places - position) / 0.12) ** 2)) + rng.normal(0, 0.25, POINTS)
            name = f"specimen{specimen}_{index:02}_{position:.4f}.txt"
            (folder / name).write_text("\n".join(map(str, line)), encoding="utf-8")
    return folder


def read_folder(data: Path) -> ArrayDataset:
    """All curves of a folder."""
    files = sorted(data.glob("*_*_*.txt"))
    if not files:
        raise InputError(f"{data} holds no curve. Give files named SPECIMEN_NUMBER_POSITION.txt.")
    arrays = {
        "curve": np.stack([read_curve(file) for file in files]),
        "position": np.array([float(file.stem.split("_")[2]) for file in files], np.float32),
    }
    groups = np.array([file.stem.split("_")[0] for file in files])
    return ArrayDataset(data.name, arrays, groups, source="a user's folder", licence="")
