"""From a TEM or STEM picture to the sizes of its particles: what `nital predict particles` does. No torch."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.core.outcome import Map, Outcome, Picture
from nital.core.progress import Say
from nital.core.task import Network
from nital.io.micrographs import Micrograph, check_contrast, open_micrograph
from nital.science.particles import measure_particles
from nital.tasks.particles.figures import particle_overlay
from nital.tasks.particles.find import Found, find_particles
from nital.tasks.particles.options import NM, ParticlesOptions
from nital.tasks.particles.values import facts_of, headline_of, row_of, sections_of, table_of, values_of

__all__ = ["analyse", "opened", "searched"]

LARGEST_PX = 120_000_000
SMALL_PX, LARGE_PX = 6.0, 200.0
FEW = 50
MANY_TOUCH = 0.4
NOT_LOGNORMAL = 0.05
UNSURE = 0.6


def opened(path: Path, options: ParticlesOptions) -> Micrograph:
    """The picture, with its pixel size where one is known.

    Raises:
        InputError: it cannot be used.
    """
    pixel_um, bar_um = (None if nm is None else nm / NM for nm in (options.pixel_size_nm, options.scale_bar_nm))
    micrograph = open_micrograph(path, page=options.page, pixel_size_um=pixel_um, scale_bar_um=bar_um)
    if micrograph.image.size > LARGEST_PX:
        raise InputError(
            f"{path} has {micrograph.image.size / 1e6:.0f} million pixels; particles are found in up to "
            f"{LARGEST_PX / 1e6:.0f} million at once. Cut it into pieces."
        )
    check_contrast(micrograph)
    return micrograph


def analyse(network: Network, path: Path, options: ParticlesOptions, say: Say = None) -> Outcome:
    """Find and measure the particles of one picture, or its atom columns.

    Raises:
        InputError: the file or an option cannot be used.
    """
    micrograph = opened(path, options)
    if options.columns:
        from nital.tasks.particles.columns import analyse_columns

        return analyse_columns(micrograph)
    valid = micrograph.valid
    found = searched(network, micrograph, options, say)
    table = measure_particles(found.labels, valid)
    pixel_um = micrograph.calibration.pixel_size_um
    pixel_nm = None if pixel_um is None else pixel_um * NM
    area = found.labels.size if valid is None else int(valid.sum())
    values = values_of(table, area, pixel_nm, micrograph.calibration.source, found)
    outcome = Outcome(values, row=row_of(values), facts=facts_of(values), headline=headline_of(values))
    outcome.warnings = [*micrograph.warnings, *_doubts(values)]
    _add_maps(outcome, micrograph, found, table["particle"][table["touches_edge"]])
    outcome.tables["particles"] = table_of(table, pixel_nm, found.sure)
    outcome.sections = sections_of(table, values)
    return outcome


def searched(network: Network, micrograph: Micrograph, options: ParticlesOptions, say: Say = None) -> Found:
    """The particles of an opened picture, as the options want them to be looked for."""
    bright = {"either": None, "bright": True, "dark": False}[options.contrast]
    return find_particles(
        network,
        micrograph.image,
        micrograph.valid,
        threshold=options.threshold,
        quick=options.quick,
        bright=bright,
        say=say,
    )


def _add_maps(outcome: Outcome, micrograph: Micrograph, found: Found, cut: np.ndarray) -> None:
    pixel_um = micrograph.calibration.pixel_size_um
    image = micrograph.image if micrograph.colour is None else micrograph.colour
    outcome.maps["label_map"] = Map("labels", found.labels, pixel_um)
    outcome.maps["doubt_map"] = Map("doubt", lambda: _doubt(found.chance), pixel_um)
    outcome.pictures["overlay"] = Picture(
        partial(particle_overlay, image, found.labels, cut), "What was found",
        "Blue: particles. Orange: particles that the edge cuts, which are counted as halves and not measured.",
    )  # fmt: skip


def _doubt(chance: np.ndarray) -> np.ndarray:
    """0 where the network is certain either way, 0.5 where it cannot tell."""
    likely = chance.astype(np.float32) / 255
    return np.minimum(likely, 1 - likely)


def _doubts(values: dict[str, Any]) -> list[str]:
    """Plain words about what the numbers are worth."""
    words: list[str] = []
    sizes = values["diameter_px"]
    if not values["n_particles"]:
        return ["No particle was found. If there are some, lower `threshold`, and see the doubt map."]
    if sizes and sizes["median"] < SMALL_PX:
        words.append(
            f"Half of the particles are smaller than {sizes['median']:.1f} px across: their sizes are rough. Take the "
            "picture at a higher magnification."
        )
    if sizes and sizes["p90"] > LARGE_PX:
        words.append(
            "Some particles are larger than 200 px across, which the network does not know: shrink the picture."
        )
    if values["n_whole"] < FEW:
        words.append(f"Only {values['n_whole']} whole particles: take more pictures before you report a distribution.")
    if (values["touching_share"] or 0) > MANY_TOUCH:
        words.append(
            f"{100 * values['touching_share']:.0f} % of the particles touch another: agglomerates, or particles over "
            "each other, whose outlines are partly guessed."
        )
    if values["lognormal_p"] is not None and values["lognormal_p"] < NOT_LOGNORMAL:
        words.append(
            f"The sizes are not log-normal (p = {values['lognormal_p']:.3f}): the fit's numbers do not describe them."
        )
    if (values["mean_sureness"] or 1) < UNSURE:
        words.append(
            "The network is not sure of most particles: the picture is unlike the drawings that it learned from, or "
            "noisy. Look at the overlay before you use the numbers."
        )
    return words
