"""How wide intervals are: calibrated on the inner predictions of what was chosen."""

from dataclasses import dataclass

import numpy as np

from nital.learn.conformal import conformal_factor, half_widths, stable_difficulty
from nital.tasks.properties.models import Rows
from nital.tasks.properties.selection import FamilyResult

__all__ = ["Calibration", "calibrate"]


@dataclass(frozen=True)
class Calibration:
    """How wide intervals are: half width = factor * difficulty, at most where groups are too few: `largest`.

    Attributes:
        factor: None where too few groups promise nothing. scaled: whether the spread of the model counts.
        typical: median spread. largest: largest residual that was seen.
    """

    factor: float | None
    scaled: bool
    typical: float
    largest: float

    def half_widths(self, spread: np.ndarray) -> np.ndarray:
        """Half of the interval of each row, shape (n,), in the unit of the target."""
        difficulty = stable_difficulty(spread, self.typical) if self.scaled else np.ones(len(spread))
        return half_widths(np.inf if self.factor is None else self.factor, difficulty, self.largest)


def calibrate(result: FamilyResult, rows: Rows, confidence: float = 0.9) -> Calibration:
    """Calibrate intervals on the inner predictions; of both kinds of difficulty the one with narrower intervals."""
    residuals = result.values - rows.target
    typical, largest = float(np.median(result.spreads)), float(np.abs(residuals).max())
    plain = conformal_factor(residuals, rows.groups, confidence=confidence)
    if typical > 0 and np.isfinite(plain):
        difficulty = stable_difficulty(result.spreads, typical)
        scaled = conformal_factor(residuals, rows.groups, difficulty, confidence=confidence)
        if (scaled * difficulty).mean() < plain:
            return Calibration(scaled, True, typical, largest)
    return Calibration(plain if np.isfinite(plain) else None, False, typical, largest)
