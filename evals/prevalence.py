"""A share counted by an imperfect judge, set right by how often the judge is right.

Rogan and Gladen (1978): the true share is (apparent + specificity - 1) / (sensitivity +
specificity - 1), kept between 0 and 1.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

SEED = 20260115
DRAWS = 20_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Calibration:
    """How a judge did where people judged too.

    Attributes:
        passed: What people passed; `passed_found` of them the judge passed too.
        failed: What people failed; `failed_found` of them the judge failed too.
    """

    passed: int
    passed_found: int
    failed: int
    failed_found: int

    @property
    def sensitivity(self) -> float | None:
        """Return the share of passes that the judge finds; null without one."""
        return self.passed_found / self.passed if self.passed else None

    @property
    def specificity(self) -> float | None:
        """Return the share of failures that the judge finds; null without one."""
        return self.failed_found / self.failed if self.failed else None


@dataclass(frozen=True)
class Corrected:
    """A pass rate as the judge counts it, and as it is likely to be.

    Attributes:
        corrected: Null where the judge is no better than chance, or was never tried on both
            kinds: then its count says nothing.
    """

    apparent: float | None
    corrected: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def corrected_rate(passes: int, n: int, calibration: Calibration) -> Corrected:
    """Return a pass rate with its correction and 95 % interval.

    The interval takes in that all three shares are estimates: each is drawn from its posterior
    under Jeffreys' prior; a draw in which the judge is no better than chance says nothing, and
    counts half as 0 and half as 1.
    """
    sensitivity, specificity = calibration.sensitivity, calibration.specificity
    apparent = passes / n if n else None
    if apparent is None or sensitivity is None or specificity is None or (
            sensitivity + specificity <= 1):
        return Corrected(_rounded(apparent), None, None, None, n)
    value = (apparent + specificity - 1) / (sensitivity + specificity - 1)
    random = np.random.default_rng(SEED)

    def draws(found: int, of: int) -> Any:
        return random.beta(found + 0.5, of - found + 0.5, DRAWS)

    counted = draws(passes, n)
    found = draws(calibration.passed_found, calibration.passed)
    refused = draws(calibration.failed_found, calibration.failed)
    better = found + refused - 1
    known = better > 1e-9
    shares = np.where(known, (counted + refused - 1) / np.where(known, better, 1.0),
                      np.arange(DRAWS) % 2)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.clip(shares, 0, 1), (tail, 1 - tail))
    return Corrected(_rounded(apparent), _rounded(min(1.0, max(0.0, value))),
                     _rounded(float(low)), _rounded(float(high)), n)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
