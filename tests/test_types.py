"""The house's rules about types that pyright itself does not hold."""

import ast
import importlib
import inspect
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STRICT = ("src/nital/core", "src/nital/science", "src/nital/learn")
STUBS = ROOT / "typings"
EXEMPTION = re.compile(
    r"^\s*#\s*(pyright:.*\b(basic|standard|off|false|none|warning|information)\b|type:\s*ignore)", re.M
)


def test_core_science_and_learn_are_checked_strictly() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(settings["tool"]["pyright"]["strict"]) >= set(STRICT)


@pytest.mark.parametrize("folder", STRICT)
def test_no_module_of_a_strict_folder_is_exempt(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert modules
    assert [str(path.relative_to(ROOT)) for path in modules if EXEMPTION.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "line", ["# pyright: standard", "# pyright: basic", "#pyright:off", "# pyright: strict, reportAny=false"]
)
def test_an_exemption_is_seen(line: str) -> None:
    assert EXEMPTION.search(f'"""A module."""\n{line}\n\nimport math\n')


def test_a_gap_on_one_line_is_no_exemption() -> None:
    assert not EXEMPTION.search("loss.backward()  # pyright: ignore[reportUnknownMemberType]\n")


def _functions(stub: Path) -> list[tuple[str, ast.FunctionDef]]:
    """Dotted name and definition of each function and method of a stub, without properties."""
    found: list[tuple[str, ast.FunctionDef]] = []
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        found += [
            (prefix + one.name, one) for one in inside if isinstance(one, ast.FunctionDef) and not one.decorator_list
        ]
    return found


@pytest.mark.parametrize("stub", sorted(STUBS.rglob("*.pyi")), ids=lambda path: str(path.relative_to(STUBS)))
def test_a_stub_tells_the_names_and_defaults_of_its_library(stub: Path) -> None:
    module = importlib.import_module(".".join(stub.relative_to(STUBS).with_suffix("").parts).removesuffix(".__init__"))
    functions = _functions(stub)
    assert functions
    for name, definition in functions:
        real: object = module
        for part in name.split("."):
            real = getattr(real, part)
        assert callable(real)
        known = inspect.signature(real).parameters
        given = definition.args
        positional = dict(zip(reversed(given.args), reversed(given.defaults), strict=False))
        defaults = positional | dict(zip(given.kwonlyargs, given.kw_defaults, strict=True))
        for argument in (*given.args, *given.kwonlyargs):
            assert argument.arg in known, f"{stub}: {name} has no parameter {argument.arg}"
            if (default := defaults.get(argument)) is not None:
                assert ast.literal_eval(default) == known[argument.arg].default, f"{stub}: {name}, {argument.arg}"
