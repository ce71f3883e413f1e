"""The names of `nital` itself: complete, lazy, and without heavy imports."""

import subprocess
import sys

import pytest

import nital


def test_every_exported_name_can_be_imported() -> None:
    assert [name for name in nital.__all__ if getattr(nital, name, None) is None] == []


def test_the_names_promised_to_users_are_exported() -> None:
    assert {"predict", "evaluate", "train", "job_names", "NitalError", "InputError", "MissingExtra"} <= set(
        nital.__all__
    )


def test_all_is_what_dir_shows() -> None:
    assert dir(nital) == sorted(nital.__all__)


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="segment_everything"):
        nital.segment_everything  # noqa: B018


@pytest.mark.parametrize("code", ["import nital", "import nital; nital.job_names()", "import nital; nital.NitalError"])
def test_importing_nital_is_light(code: str) -> None:
    heavy = ("torch", "scipy", "skimage", "matplotlib", "onnxruntime")
    check = f"{code}; import sys; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_package_alone_does_not_even_import_numpy() -> None:
    check = "import nital, sys; print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
