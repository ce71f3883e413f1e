"""The tutorial that builds a network: every block runs, and prints what stands below it."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "build-your-own-network.md"
NUMBER = re.compile(r"-?\d+\.?\d*")


def test_every_block_of_the_tutorial_prints_what_the_page_says() -> None:
    names: dict[str, Any] = {}
    printed, compared = "", 0
    for kind, text in re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        if kind == "text":
            assert NUMBER.sub("#", printed) == NUMBER.sub("#", text)
            # What training amplifies may differ in its last digits on another machine.
            assert [float(n) for n in NUMBER.findall(printed)] == pytest.approx(
                [float(n) for n in NUMBER.findall(text)], rel=0.01, abs=0.021
            )
            compared += 1
            continue
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(text, str(PAGE), "exec"), names)
        printed = output.getvalue()
    assert compared >= 8
