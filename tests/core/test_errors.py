import pytest

from nital.core import errors
from nital.core.errors import MissingExtra, NitalError, need, unknown_name


def test_every_error_is_a_nital_error_and_the_builtin_that_python_would_raise():
    named = [getattr(errors, name) for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    assert len(named) == 7
    assert all(issubclass(kind, NitalError) for kind in named)
    assert issubclass(errors.InputError, ValueError)
    assert issubclass(errors.OutputError, errors.InputError)
    assert issubclass(errors.UnknownName, LookupError)
    assert issubclass(errors.MissingExtra, ImportError)


def test_a_package_that_is_there_is_given_and_a_missing_one_named_with_its_extra():
    import json.decoder

    assert need("json.decoder", "train", "Reading") is json.decoder
    with pytest.raises(MissingExtra, match=r"Drawing needs the package no_such_package, .*pip install 'nital\[em\]'"):
        need("no_such_package.inner", "em", "Drawing")


def test_an_unknown_name_is_answered_with_the_nearest_and_all_known_ones():
    assert "Did you mean 'phases'? Known: grains, phases." in str(unknown_name("job", "phase", {"phases", "grains"}))
    assert "Did you mean" not in str(unknown_name("job", "xyz", ["grains"]))
    assert str(unknown_name("job", "grains", [])).endswith("Known: none.")
