"""Fixtures for all tests: where the real data lie."""

import os
from pathlib import Path

import pytest

collect_ignore = ["jobs"]  # jobs that a test puts into a copy of the package

_BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real micrographs: NITAL_DATA, else ../shared/data; CI may not go on without it."""
    folder = Path(os.environ.get("NITAL_DATA") or _BESIDE_THE_REPOSITORY)
    if folder.is_dir():
        return folder
    sentence = f"The real data are not at {folder}; set NITAL_DATA to the folder that holds them."
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(sentence)
    pytest.skip(sentence)
