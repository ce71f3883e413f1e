"""The samples of the job: of labelled pictures for training and for scoring a model, and synthetic ones."""

from nital.tasks.classes.samples.scored import samples_for_model, unseen
from nital.tasks.classes.samples.synthetic import synthetic_structures
from nital.tasks.classes.samples.training import training_samples

__all__ = ["samples_for_model", "synthetic_structures", "training_samples", "unseen"]
