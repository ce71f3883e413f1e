"""Generators need numba, which comes with the extra `train`."""

import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install 'nital[train]'")
