"""Generators need numba, which comes with the extra `train`. Lets the tests of this folder import `onsager`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

pytest.importorskip("numba", reason="numba is not installed: pip install 'nital[train]'")
