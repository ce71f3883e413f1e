"""From a map with missing pixels to a map without: what `nital predict inpaint` does. No torch."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.core.outcome import ColourBar, Fact, Map, Outcome, Picture
from nital.core.progress import Say, part
from nital.core.task import Network
from nital.io.maps import MapFile, open_map
from nital.tasks.inpaint.channels import FilledChannel, fill_any
from nital.tasks.inpaint.figures import given_picture, grey_range, map_picture
from nital.tasks.inpaint.options import InpaintOptions

__all__ = ["LEAST_KNOWN", "analyse"]

LEAST_KNOWN = 50
"""Fewer known pixels tell nothing of how a map goes on."""
MUCH_MISSING = 0.8
FEW_HIDDEN = 200
GREYS = ("#000000", "#ffffff")


def analyse(network: Network, path: Path, options: InpaintOptions, say: Say = None) -> Outcome:
    """Fill one map, channel by channel.

    Raises:
        InputError: the file or an option cannot be used, or nothing is missing.
    """
    given = open_map(path, missing_value=options.missing_value, mask=options.mask)
    _check(given, path, options)
    number = len(given.values)
    done = [
        fill_any(network, values, missing, options.labels, part(say, place, number))
        for place, (values, missing) in enumerate(zip(given.values, given.missing, strict=True))
    ]
    values: dict[str, Any] = {
        "rows": given.values.shape[1], "columns": given.values.shape[2],
        "missing_share": float(given.missing.mean()),
        "channels": [one.said | {"missing_share": float(gone.mean())}
                     for one, gone in zip(done, given.missing, strict=True)],
    }  # fmt: skip
    outcome = Outcome(values, row=_row(values), facts=_facts(values), headline=_headline(values))
    outcome.warnings = _doubts(values)
    _add_maps(outcome, given, done)
    return outcome


def _check(given: MapFile, path: Path, options: InpaintOptions) -> None:
    if not given.missing.any():
        said = "no pixel is NaN" if options.missing_value is None else f"no pixel is {options.missing_value:g} or NaN"
        raise InputError(
            f"{path} has no missing pixel: {said}. Give `missing_value`, the value that stands where nothing was "
            "measured, or `mask`, a picture that is not 0 there."
        )
    for place, gone in enumerate(given.missing, 1):
        if (known := gone.size - int(gone.sum())) < LEAST_KNOWN and gone.any():
            raise InputError(
                f"Channel {place} of {path} has {known} known pixels; at least {LEAST_KNOWN} are needed. Leave the "
                "channel out, or measure more."
            )


def _row(values: dict[str, Any]) -> dict[str, Any]:
    first = values["channels"][0]
    return {
        "missing_share": values["missing_share"], "channels": len(values["channels"]), "method": first["method"],
        "hidden_rmse": first.get("hidden_rmse"), "hidden_error_rate": first.get("hidden_error_rate"),
    }  # fmt: skip


def _facts(values: dict[str, Any]) -> list[Fact]:
    found = [Fact("missing pixels", 100 * values["missing_share"], "%")]
    for place, one in enumerate(values["channels"], 1):
        name = f"channel {place}, " if len(values["channels"]) > 1 else ""
        found.append(Fact(f"{name}filled by", one["method"]))
        if "hidden_rmse" in one:
            found += [Fact(f"{name}error of {way} on hidden known pixels (rms)", error)
                      for way, error in one["errors"].items()]  # fmt: skip
            found.append(Fact(f"{name}share of the network in the answer", one["network_share"]))
            found.append(Fact(f"{name}typical half width of the 90 % interval", one["median_half_width"]))
        elif "hidden_error_rate" in one:
            found.append(Fact(f"{name}wrong names among hidden known pixels", 100 * one["hidden_error_rate"], "%"))
        if one.get("hidden"):
            found.append(Fact(f"{name}hidden known pixels", one["hidden"]))
    return found


def _headline(values: dict[str, Any]) -> list[tuple[str, str]]:
    lines = [("filled", f"{100 * values['missing_share']:.1f} % of the pixels")]
    for place, one in enumerate(values["channels"], 1):
        name = f"channel {place}" if len(values["channels"]) > 1 else "error"
        if "hidden_rmse" in one:
            lines.append((name, f"{one['hidden_rmse']:.3g} (rms, on {one['hidden']} known pixels that were hidden), "
                                f"by {one['method']}"))  # fmt: skip
        elif "hidden_error_rate" in one:
            lines.append((name, f"{100 * one['hidden_error_rate']:.1f} % wrong names on {one['hidden']} hidden pixels"))
    return lines


def _doubts(values: dict[str, Any]) -> list[str]:
    words = []
    if values["missing_share"] > MUCH_MISSING:
        words.append(
            f"{100 * values['missing_share']:.0f} % of the pixels are missing: most of this map is a guess. The "
            "network has learned from maps that miss up to 80 %."
        )
    for place, one in enumerate(values["channels"], 1):
        if one["method"] != "nothing missing" and one["hidden"] < FEW_HIDDEN:
            words.append(
                f"Channel {place}: only {one['hidden']} known pixels could be hidden to set the interval, so its "
                "coverage is uncertain by several per cent."
            )
        if "errors" in one and one["hidden_rmse"] > 0.9 * one["spread"]:
            words.append(
                f"Channel {place}: hidden pixels were missed by about the spread of the map itself. The known pixels "
                "say little of the missing ones; do not use the filled values."
            )
    return words


def _add_maps(outcome: Outcome, given: MapFile, done: list[FilledChannel]) -> None:
    def stacked(arrays: list[np.ndarray]) -> np.ndarray:
        return arrays[0] if len(arrays) == 1 else np.stack(arrays)

    outcome.maps["filled"] = Map("image", stacked([one.values for one in done]))
    outcome.maps["doubt_map"] = Map("doubt", stacked([one.doubt for one in done]).astype(np.float32))
    outcome.maps["filled_where"] = Map("labels", np.asarray(given.missing.any(0), np.uint8))
    if all(one.low is not None for one in done):
        outcome.maps["low90"] = Map("image", stacked([one.low for one in done if one.low is not None]))
        outcome.maps["high90"] = Map("image", stacked([one.high for one in done if one.high is not None]))
    first = int(np.argmax([gone.any() for gone in given.missing]))
    one, gone = done[first], given.missing[first]
    low, high = grey_range(given.values[first][~gone].astype(np.float64))
    channel = f"Channel {first + 1} of {len(done)}. " if len(done) > 1 else ""
    bar = ColourBar("value", "", low, high, GREYS)
    outcome.pictures["filled_picture"] = Picture(
        partial(map_picture, one.values, low, high), "The map, filled", f"{channel}Known pixels are as they were.", bar
    )
    outcome.pictures["given_picture"] = Picture(
        partial(given_picture, given.values[first], gone, low, high), "As it was given", f"{channel}Orange: missing.",
        bar,
    )  # fmt: skip
    most = float(np.percentile(one.doubt[gone], 99)) or 1.0
    words = "1 - probability of the name" if one.low is None else "half width of the 90 % interval"
    outcome.pictures["doubt_picture"] = Picture(
        partial(map_picture, one.doubt, 0.0, most), "How sure each pixel is", f"{channel}Black: known, or sure.",
        ColourBar(words, "", 0.0, most, GREYS),
    )  # fmt: skip
