"""The job `spectra`: one-dimensional input, learned from a user's folder of few specimens."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.outcome import Fact, Map, Outcome
from nital.core.progress import Say
from nital.core.report import Metric, Report, Source, Split
from nital.core.sections import Axis, Plot, Section, Series
from nital.core.task import Baseline, Card, Network, NetworkTask
from nital.learn.judge import Scored, judge
from nital.tasks.spectra.curves import POINTS, SIGMA, read_curve, read_folder, write_curves
from nital.tasks.spectra.settings import RECIPES, SpectraOptions, SpectraRecipe

if TYPE_CHECKING:
    import torch

CHI2 = Metric("chi2_reduced", "", "lower", "reduced chi2")
CANDIDATES = tuple(f"model/{number}" for number in range(20))


@final
class SpectraTask(NetworkTask):
    """Where a line is in a curve."""

    card = Card(
        job="spectra", title="Position of a line in a spectrum", answers="Where is the line?", trained_on="Nothing.",
        limits=("One line only.",), sources=("own",), opens="spectra",
    )  # fmt: skip
    recipe_type = SpectraRecipe
    options_type = SpectraOptions
    opens = (".txt",)
    metrics = (CHI2,)
    input_name = "curve"
    learns_from = "a folder of curves"
    needs_data = True

    def recipes(self) -> Mapping[str, SpectraRecipe]:
        return RECIPES

    def dataset(self, recipe: SpectraRecipe, data: Path | None = None) -> Dataset:
        assert data is not None
        return read_folder(data)

    def trial_data(self, folder: Path) -> tuple[Path, Mapping[str, Any]]:
        return write_curves(folder, specimens=3, number=24, seed=0), {}

    def example(self, recipe: SpectraRecipe) -> np.ndarray:
        return np.random.default_rng(0).random((1, 1, POINTS)).astype(np.float32)

    def model(self, recipe: SpectraRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.spectra.network import LineNetwork

        return LineNetwork(recipe.width)

    def outputs(self, recipe: SpectraRecipe) -> tuple[str, ...]:
        return ("position",)

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        return ((prediction["position"] - batch["position"]) ** 2).mean()

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        return {"chi2_reduced": ((prediction["position"] - batch["position"]) / SIGMA) ** 2}

    def baselines(self, train: Dataset) -> list[Baseline]:
        middle = float(train.batch(np.arange(len(train)))["position"].mean())
        return [
            Baseline("highest point", lambda batch: {"position": batch["curve"][:, 0].argmax(1) / (POINTS - 1)}),
            Baseline("always the middle", lambda b: {"position": np.full(len(b["curve"]), middle)}, constant=True),
        ]

    def analyse(self, network: Network, path: Path, options: SpectraOptions, say: Say = None) -> Outcome:
        curve = read_curve(path)
        position = float(network(curve[None])["position"][0]) + options.offset_ev
        strip = np.repeat((255 * np.clip(curve, 0, 1)).astype(np.uint8), 8, 0)
        plot = Plot([Series(list(range(POINTS)), curve[0].tolist(), label="measured")], Axis("channel"),
                    Axis("intensity", "1/cm"))  # fmt: skip
        return Outcome(
            {"position_ev": position, "structure": "martensite/bainite", "candidates": list(CANDIDATES)},
            row={"position_ev": position, "structure": "martensite/bainite", "intensity_unit": "1/cm"},
            facts=[Fact("position", position, "eV"), Fact("candidates", CANDIDATES), Fact("scale", "1/cm"),
                   Fact("phases", ("ferrite", "pearlite"))],
            headline=[("position", f"{position:.3f} eV")],
            maps={"restored": Map("image", strip)},
            sections=[Section("Spectrum", plot)],
        )  # fmt: skip

    def evaluate(self, network: Network | None, data: Path, options: SpectraOptions, say: Say = None) -> Report:
        assert network is not None
        dataset = read_folder(data)
        batch = dataset.batch(np.arange(len(dataset)))
        models = [Scored("network", "network", self.score(network(batch["curve"]), batch))]
        models += [
            Scored(one.name, "baseline", self.score(one.predict(batch), batch), one.constant)
            for one in self.baselines(dataset)
        ]
        return judge(
            models, dataset.groups, self.metrics, job="spectra", data=Source(data.name, str(data)),
            split=Split(by="specimen", test=len(dataset)),
        )  # fmt: skip


TASK = SpectraTask()
