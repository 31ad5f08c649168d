r"""What is being learned: :class:`Problem`, validated and frozen.

Features :math:`x_1, \dots, x_n` are independent; feature i is zero with probability
:math:`1 - p_i` and otherwise uniform on :math:`[0, 1]`.  The model
:math:`x' = \mathrm{ReLU}(W^\top W x + b)` has :math:`m` hidden dimensions, and its population loss
is :math:`L = \sum_i I_i E(x_i - x'_i)^2` (arXiv 2209.10652, section 2; summed, not averaged).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .rationals import as_fraction, listed, shown, to_comparable

__all__ = ["Problem", "dropped_loss", "per_feature", "phase_plane"]


_SMALLEST = Fraction(1, 10**100)


def per_feature(value: Any, n: int, what: str, default: Any = None) -> tuple[Any, ...]:
    """Return one value per feature: a scalar is repeated, a sequence must have ``n`` entries.

    Raises
    ------
    ValueError
        If the length does not fit, or a number is out of range for ``what``: a ``density`` must
        lie in (0, 1], an ``importance`` must not be negative, nor all of them zero.
    """
    value = default if value is None else listed(value)
    if isinstance(value, str):
        raise TypeError(f"{what} {value!r} is text; pass numbers, or read it with parse_vector")
    entries = tuple(value) if isinstance(value, Sequence) else (value,) * n
    if len(entries) != n:
        raise ValueError(
            f"{what} has {len(entries)} entries for {n} features; give one number or {n}"
        )
    numbers = [to_comparable(entry) for entry in entries]
    for entry, number in zip(entries, numbers, strict=True):
        if number is None:  # a symbol
            continue
        if what == "density" and not 0 < number <= 1:
            raise ValueError(
                f"density {shown(entry)} is outside (0, 1]; give P(x ≠ 0), which is 1 − sparsity"
            )
        if what == "importance" and number < 0:
            raise ValueError(f"importance {shown(entry)} is negative; give numbers of at least 0")
    if what == "importance" and all(number == 0 for number in numbers):
        raise ValueError("every importance is 0, so every model has loss 0; give one above 0")
    return entries


def dropped_loss(p: Any) -> Any:
    """Return V = p/3 − p²/4, the variance of a feature: its loss when dropped with bias p/2."""
    return p / 3 - p * p / 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    r"""Features, hidden dimensions, densities and importances; numbers are kept exactly.

    Parameters
    ----------
    features, hidden
        :math:`n` and :math:`m`, with :math:`n \ge m \ge 1`.
    density
        :math:`p_i = P(x_i \neq 0)` in (0, 1]: one number for all features or ``n``.
    importance
        :math:`I_i \ge 0`, not all zero; 1 by default.
    """

    features: int
    hidden: int
    density: tuple[Fraction, ...]
    importance: tuple[Fraction, ...] = (Fraction(1),)

    def __post_init__(self) -> None:
        n, m = self.features, self.hidden
        if not (isinstance(n, int) and isinstance(m, int)):
            raise TypeError(f"features {n!r} and hidden {m!r} must be whole numbers (int)")
        if not 1 <= m <= n:
            raise ValueError(
                f"{n} features in {m} hidden dimensions is not supported; "
                "give features ≥ hidden dimensions ≥ 1"
            )
        importance = self.importance
        if isinstance(importance, Sequence) and len(importance) == 1:
            importance = importance[0]  # type: ignore[assignment]
        density = per_feature(self.density, n, "density")
        weights = per_feature(importance, n, "importance")
        object.__setattr__(self, "density", tuple(map(as_fraction, density)))
        object.__setattr__(self, "importance", tuple(map(as_fraction, weights)))
        for what in ("density", "importance"):
            for value in getattr(self, what):
                if value and not _SMALLEST <= value <= 1 / _SMALLEST:
                    raise ValueError(
                        f"{what} {shown(value)} is too far from 1 for floating point; "
                        "stay between 1e-100 and 1e100"
                    )

    @property
    def scale(self) -> float:
        r"""The unit of gaps and tolerances, :math:`\sum_i I_i V_i` with :math:`V = p/3 - p^2/4`."""
        pairs = zip(self.density, self.importance, strict=True)
        return float(sum((i * dropped_loss(p) for p, i in pairs), Fraction(0)))


def phase_plane(n: int, m: int, density: Any, importance: Any) -> Problem:
    """Return the problem at a point of the paper's plane: density p, importances (1, …, 1, r)."""
    r = as_fraction(importance)
    return Problem(
        features=n,
        hidden=m,
        density=(as_fraction(density),) * n,
        importance=(Fraction(1),) * (n - 1) + (r,),
    )
