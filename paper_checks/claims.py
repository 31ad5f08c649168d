r"""A claim with its numbers, and the one rule that turns them into a verdict.

A claim predicts a number or an interval [low, high] (None for an open end).  The evidence measures
one number or several, each of which has to fulfil the prediction.  The distance d of a measured
number is :math:`|x - \text{predicted}|`, or how far it lies outside the interval; of several, the
largest counts.  With the ``tolerance`` to which the prediction itself is known (a number read off
an image, rounding) and the ``uncertainty`` of the measurement,

.. math::

    d \le \text{tolerance} \Rightarrow \text{supported}, \qquad
    d > \text{tolerance} + \text{uncertainty} \Rightarrow \text{contradicted},

and undetermined in between, or if nothing finite was measured.  No verdict is given by hand.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Claim", "Interval", "Measured", "Predicted", "Verdict", "distance", "judge"]

Interval = tuple[float | None, float | None]
Predicted = float | Interval
Measured = float | tuple[float, ...] | None


class Verdict(StrEnum):
    """What the numbers say about a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDETERMINED = "undetermined"


def distance(predicted: Predicted, measured: float | tuple[float, ...]) -> float:
    """Return how far the worst of the measured numbers lies from the prediction.

    Examples
    --------
    >>> distance((0.75, None), (0.875, 0.5))
    0.25
    """
    low, high = predicted if isinstance(predicted, tuple) else (predicted, predicted)
    worst = 0.0
    for x in measured if isinstance(measured, tuple) else (measured,):
        below = 0.0 if low is None else low - x
        above = 0.0 if high is None else x - high
        worst = max(worst, below, above)
    return worst


def judge(
    predicted: Predicted, measured: Measured, tolerance: float, uncertainty: float = 0.0
) -> Verdict:
    """Return the verdict of the rule above."""
    numbers = measured if isinstance(measured, tuple) else (measured,)
    if not numbers or any(x is None or not math.isfinite(x) for x in numbers):
        return Verdict.UNDETERMINED
    assert measured is not None
    d = distance(predicted, measured)
    if d <= tolerance:
        return Verdict.SUPPORTED
    return Verdict.CONTRADICTED if d > tolerance + uncertainty else Verdict.UNDETERMINED


def _plain(value: Any) -> Any:
    """Return a JSON-ready value: lists for tuples, None for numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Sequence):
        return [_plain(entry) for entry in value]
    number = float(value)
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of the paper, a comment on it, a replication or ours, with its numbers.

    Parameters
    ----------
    id, section
        A name that stays, and the section it is listed under.
    place, figure
        Its place in the text, as "section 3, caption of F12"; the id of the figure that shows it.
    text
        The statement in our words, and whose it is if not the paper's.
    predicted, measured
        What it predicts, and what was found; ``measured`` is None without evidence.
    tolerance, uncertainty
        To what the prediction is known, and to what the measurement is.
    reason
        What was measured, by theory and in training, and why this tolerance.
    instead
        What is true in its place, should the claim be contradicted.
    fast
        Whether it rests on theory alone and takes a second: such claims are measured again by the
        tests, the others are read from stored measurements.
    details
        Further numbers, JSON-ready.
    """

    id: str
    section: str
    text: str
    predicted: Predicted
    measured: Measured
    tolerance: float
    reason: str
    uncertainty: float = 0.0
    place: str = ""
    figure: str = ""
    instead: str = ""
    fast: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ends = self.predicted if isinstance(self.predicted, tuple) else (self.predicted,)
        numbers = [x for x in ends if x is not None]
        if not numbers or not all(map(math.isfinite, numbers)):
            raise ValueError(f"claim {self.id} predicts {self.predicted}; give finite numbers")
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise ValueError(f"claim {self.id} predicts the empty interval {self.predicted}")
        for name in ("tolerance", "uncertainty"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"claim {self.id} has {name} {value}; give a number of at least 0")

    @property
    def verdict(self) -> Verdict:
        """The verdict, from the numbers alone."""
        return judge(self.predicted, self.measured, self.tolerance, self.uncertainty)

    def to_json(self) -> dict[str, Any]:
        """Return the claim as JSON-ready values."""
        return {
            "id": self.id,
            "section": self.section,
            "place": self.place,
            "figure": self.figure,
            "text": self.text,
            "predicted": _plain(self.predicted),
            "measured": _plain(self.measured),
            "tolerance": float(self.tolerance),
            "uncertainty": float(self.uncertainty),
            "reason": self.reason,
            "verdict": str(self.verdict),
            "instead": self.instead,
            "fast": self.fast,
            "details": _plain(self.details),
        }
