"""Small tables of made-up heats, and a recipe that is quick."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from nital.io.tables import Table, read_table
from nital.tasks.properties import nested, selection
from nital.tasks.properties.candidates import candidates
from nital.tasks.properties.models import Candidate, Rows
from nital.tasks.properties.options import TrainOptions
from nital.tasks.properties.problem import Problem, state_problem
from nital.tasks.properties.recipe import PropertiesRecipe


@pytest.fixture
def quick() -> PropertiesRecipe:
    """All families, small."""
    return PropertiesRecipe(
        name="quick", inner_folds=3, members=3, epochs=8, trees=12, rounds=15, threads=1
    )  # fmt: skip


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets no more than these families compete."""

    def limit(*families: str) -> None:
        def few(rows: Rows, recipe: PropertiesRecipe) -> dict[str, list[Candidate]]:
            return {family: found for family, found in candidates(rows, recipe).items() if family in families}

        monkeypatch.setattr(nested, "candidates", few)
        monkeypatch.setattr(selection, "candidates", few)

    return limit


@pytest.fixture
def heats_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a table of heats: hardness follows grain size by Hall and Petch, and chromium a little."""

    def write(rows: int = 60, per_heat: int = 4, name: str = "heats.csv", **changes: str) -> Path:
        rng = np.random.default_rng(5)
        size = np.exp(rng.uniform(np.log(0.5), np.log(100), rows))
        chromium = rng.uniform(0, 2, rows)
        hardness = 100 + 200 / np.sqrt(size) + 10 * chromium + rng.normal(0, 5, rows)
        headers = {"heat": "heat", "size": "grain size [um]", "cr": "Cr [wt%]", "oil": "quench", "h": "hardness [HV]"}
        lines = [",".join((headers | changes).values())]
        for k in range(rows):
            quench = ("oil", "water", "")[k % 3]
            lines.append(f"H{k // per_heat},{size[k]:.4f},{chromium[k]:.3f},{quench},{hardness[k]:.2f}")
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def problem(heats_csv: Callable[..., Path]) -> Problem:
    return state_problem(read_table(heats_csv()), TrainOptions(target="hardness", group="heat"))


@pytest.fixture
def table_of() -> Callable[..., Table]:
    """A table from columns."""

    def make(**columns: object) -> Table:
        arrays = {name: np.asarray(values) for name, values in columns.items()}
        arrays = {k: v.astype(np.float64) if v.dtype.kind in "if" else v.astype(np.str_) for k, v in arrays.items()}
        return Table(Path("made_up.csv"), arrays, dict.fromkeys(arrays))

    return make
