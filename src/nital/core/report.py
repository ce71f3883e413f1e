"""Report: numbers of models with intervals, next to what is no network, a verdict, and tables and plots as data."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from nital.core.sections import Section

__all__ = ["NETWORK", "Metric", "Report", "Score", "Source", "Split"]

NETWORK = "network"
"""The name of a job's network among its models, where it has but one."""


@dataclass(frozen=True)
class Metric:
    """What a score measures.

    Attributes:
        name: in the JSON, with its unit where there is one, such as `mae_hardness_hrc`.
        unit: for people, such as "HRC"; empty: a bare number.
        better: which way is better; None: it describes and never decides, such as a signed error.
        title: for people, such as "boundary F1 within 3 px"; empty: the name with spaces.
        bounds: smallest and largest value that there can be, None where there is no bound.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"] | None
    title: str = ""
    bounds: tuple[float | None, float | None] = (None, None)

    @property
    def words(self) -> str:
        """The title.

        >>> Metric("boundary_f1", "", "higher").words
        'boundary f1'
        """
        return self.title or self.name.replace("_", " ")


@dataclass(frozen=True)
class Score:
    """What one model scores in one metric.

    Attributes:
        model, kind: its name, and whether it is a network. constant: whether it answers the same to everything.
        metric: name of a `Metric` of the report. value: mean over samples; None where there is none.
        interval: 95 %, over groups; None where groups are too few to tell.
        unit: of the value.
    """

    model: str
    kind: Literal["network", "baseline"]
    metric: str
    value: float | None
    interval: tuple[float, float] | None
    unit: str = ""
    constant: bool = False


@dataclass(frozen=True)
class Source:
    """The data that were scored on.

    Attributes:
        name, source, licence: where they come from and what may be done with them. fingerprint: SHA-256, or empty.
    """

    name: str
    source: str
    licence: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which samples were learned from, and which scored on.

    Attributes:
        by: what never stands on two sides, such as "specimen" or "row". train, valid, test: numbers of samples.
        folds: groups were left out in turn, in so many folds; 0: one split. repeats: how often all folds were dealt.
        note: a sentence on where the scored samples come from.
    """

    by: str
    train: int = 0
    valid: int = 0
    test: int = 0
    folds: int = 0
    repeats: int = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an evaluation found.

    Attributes:
        job, recipe: what was scored; no recipe: a model as it is. data, split: on what.
        groups: names of the groups that were scored.
        metrics: those of the scores; the first decides.
        scores: one for each model and metric, models in order, the network first.
        verdict: what may be said of network against simpler models. chosen: name of the model that follows from it;
            None: nothing does.
        notes: sentences to be read besides. account: what was read and what was left out.
        sections: tables and plots of this job.
        models: model -> its further entries in the JSON, such as the scores of each picture.
        details: the job's further entries in the JSON.
        history: of a training, an entry per epoch.
    """

    job: str
    data: Source
    split: Split
    groups: tuple[str, ...]
    metrics: tuple[Metric, ...]
    scores: tuple[Score, ...]
    verdict: str
    chosen: str | None
    recipe: str | None = None
    notes: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    history: Sequence[Mapping[str, float]] = ()

    def __post_init__(self) -> None:
        own = {field.name for field in dataclasses.fields(self)} - {"scores", "details"}
        if taken := own & set(self.details):
            raise ValueError(f"The details of a report may not be named like its own entries: {sorted(taken)}.")

    def score(self, model: str, metric: str | None = None) -> Score:
        """The score of a model; without a metric in the one that decides.

        Raises:
            LookupError: there is no such score.
        """
        wanted = metric or self.metrics[0].name
        for score in self.scores:
            if (score.model, score.metric) == (model, wanted):
                return score
        raise LookupError(f"There is no score of {model} in {wanted}.")

    @property
    def model_names(self) -> tuple[str, ...]:
        """Names of the models that were scored, in order."""
        return tuple(dict.fromkeys(score.model for score in self.scores))

    def rows(self) -> list[dict[str, Any]]:
        """One row per model, as in the JSON: `name`, `kind`, `constant`, and each metric with its `_ci95`."""
        rows: dict[str, dict[str, Any]] = {}
        for score in self.scores:
            row = rows.setdefault(
                score.model, {"name": score.model, "kind": score.kind, "constant": score.constant}
            )  # fmt: skip
            row[score.metric] = score.value
            row[f"{score.metric}_ci95"] = None if score.interval is None else list(score.interval)
        return [row | dict(self.models.get(name, {})) for name, row in rows.items()]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON, the job's own entries at the top level."""
        return {
            "job": self.job, "recipe": self.recipe, "data": dataclasses.asdict(self.data),
            "split": dataclasses.asdict(self.split), "groups": list(self.groups), "verdict": self.verdict,
            "chosen": self.chosen, "metrics": [dataclasses.asdict(metric) for metric in self.metrics],
            "models": self.rows(), **self.details, "notes": list(self.notes), "account": list(self.account),
            "sections": [section.to_json() for section in self.sections],
            "history": [dict(entry) for entry in self.history],
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: an entry is missing or damaged.
        """
        metrics = tuple(map(_metric, values["metrics"]))
        own = {field.name for field in dataclasses.fields(cls)} - {"scores", "details"}  # which have no entry
        scored = {metric.name for metric in metrics}
        beside = {"name", "kind", "constant", *scored, *(f"{name}_ci95" for name in scored)}
        return cls(
            job=values["job"], recipe=values["recipe"], data=Source(**values["data"]), split=Split(**values["split"]),
            groups=tuple(values["groups"]), metrics=metrics, verdict=values["verdict"], chosen=values["chosen"],
            scores=tuple(_score(row, metric) for row in values["models"] for metric in metrics if metric.name in row),
            models={row["name"]: {k: v for k, v in row.items() if k not in beside} for row in values["models"]},
            details={key: value for key, value in values.items() if key not in own}, notes=tuple(values["notes"]),
            account=tuple(values["account"]), history=values["history"],
            sections=tuple(Section.from_json(one) for one in values["sections"]),
        )  # fmt: skip


def _metric(values: Mapping[str, Any]) -> Metric:
    fields: dict[str, Any] = {**values, "bounds": tuple(values["bounds"])}
    return Metric(**fields)


def _score(row: Mapping[str, Any], metric: Metric) -> Score:
    interval = row[f"{metric.name}_ci95"]
    return Score(
        row["name"], row["kind"], metric.name, row[metric.name], None if interval is None else tuple(interval),
        metric.unit, row["constant"],
    )  # fmt: skip
