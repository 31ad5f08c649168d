r"""What is being learned: :class:`Problem`, validated and frozen.

The features :math:`x_1, \dots, x_n` follow a law (:mod:`theory.laws`).  By default they are
independent; feature i is zero with probability :math:`1 - p_i` and otherwise uniform on
:math:`[0, 1]`.  The model :math:`x' = \mathrm{ReLU}(W^\top W x + b)`, or without the ReLU, has
:math:`m` hidden dimensions, and its population loss is :math:`L = \sum_i I_i E(x_i - x'_i)^2`
(arXiv 2209.10652, section 2; summed, not averaged).

**Unit.**  A feature that is dropped costs its variance :math:`V_i` at best, with bias
:math:`E x_i`: with marginal :math:`q_i = P(x_i \neq 0)` and the moments of an active value,

.. math:: V_i = q_i\,E[x^2|\text{on}] - q_i^2\,E[x|\text{on}]^2,

which is :math:`p/3 - p^2/4` for independent uniform features.  So :math:`\sum_i I_i V_i` is the
unit of losses.  It is 0 only if no feature with importance varies (all of them are 1, always); the
unit is then :math:`\sum_i I_i E x_i^2`.

**Symmetries.**  Features may be exchanged if marginals and importances stay and sets go to sets.
Turning :math:`W_j` around may be undone by the law: with every feature always on, since
:math:`1 - x_j` has the law of :math:`x_j` and a bias absorbs the shift; with signed amplitudes, as
:math:`-x_j` has the law of :math:`x_j` given what is on; and without ReLU for independent features,
because the loss at the best biases depends on :math:`(1 - G) C (1 - G)` with a diagonal covariance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .feature_values import per_feature
from .laws import FeatureLaw
from .rationals import as_fraction, listed, shown

__all__ = ["ACTIVATIONS", "Problem", "check_activation", "dropped_loss", "phase_plane"]

ACTIVATIONS = ("relu", "linear")
_DEFAULT_LAW = FeatureLaw()
_SMALLEST = Fraction(1, 10**100)


def check_activation(activation: Any) -> None:
    """Refuse what is not one of ACTIVATIONS."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is not known; use {' or '.join(ACTIVATIONS)}")


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
        What the law calls density, in (0, 1]: one number for all features or ``n``, as a list,
        an array or a tensor.  One-hot has none: leave it out; it is kept as ().
    importance
        :math:`I_i \ge 0`, not all zero: one number or ``n``; 1 by default.
    law
        Which features are on together, and their values; independent and uniform by default.
    activation
        ``relu`` or ``linear``.

    Attributes
    ----------
    marginals
        :math:`q_i = P(x_i \neq 0)`, made from the density by the law.
    """

    features: int
    hidden: int
    density: tuple[Fraction, ...] = ()
    importance: tuple[Fraction, ...] = (Fraction(1),)
    law: FeatureLaw = _DEFAULT_LAW
    activation: str = "relu"
    marginals: tuple[Fraction, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        n, m = self.features, self.hidden
        if not (isinstance(n, int) and isinstance(m, int)):
            raise TypeError(f"features {n!r} and hidden {m!r} must be whole numbers (int)")
        if not 1 <= m <= n:
            raise ValueError(
                f"{n} features in {m} hidden dimensions is not supported; "
                "give features ≥ hidden dimensions ≥ 1"
            )
        if not isinstance(self.law, FeatureLaw):
            raise TypeError(f"law {self.law!r} is no FeatureLaw; pass a theory.laws.FeatureLaw")
        check_activation(self.activation)
        given, importance = listed(self.density), listed(self.importance)
        if isinstance(importance, Sequence) and len(importance) == 1:
            importance = importance[0]
        if isinstance(given, Sequence) and len(given) == 0:
            given = None
        one_hot = self.law.kind == "one-hot"
        density = self.law.densities(given, n)
        weights = per_feature(importance, n, "importance")
        exact = tuple(map(as_fraction, density))
        object.__setattr__(self, "density", () if one_hot else exact)
        object.__setattr__(self, "importance", tuple(map(as_fraction, weights)))
        for what in ("density", "importance"):
            for value in getattr(self, what):
                if value and not _SMALLEST <= value <= 1 / _SMALLEST:
                    raise ValueError(
                        f"{what} {shown(value)} is too far from 1 for floating point; "
                        "stay between 1e-100 and 1e100"
                    )
        object.__setattr__(self, "marginals", self.law.marginals(None if one_hot else exact, n))

    @property
    def variances(self) -> tuple[Fraction, ...]:
        """The variances V_i: what dropping a feature of importance 1 costs."""
        return tuple(self.law.variance(q) for q in self.marginals)

    @property
    def means(self) -> tuple[Fraction, ...]:
        """The means E x_i: the best constants."""
        return tuple(q * self.law.mean for q in self.marginals)

    @property
    def kinds(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Marginal and importance of each feature."""
        return tuple(zip(self.marginals, self.importance, strict=True))

    @property
    def reversible(self) -> bool:
        """Whether turning any W_j around leaves the least loss over the biases as it is."""
        free = self.activation == "linear" and self.law.kind == "independent"
        return free or self.law.amplitude == "signed" or all(q == 1 for q in self.marginals)

    @property
    def scale(self) -> float:
        r"""The unit of gaps and tolerances, :math:`\sum_i I_i V_i`, as said above."""
        sums = {"V": Fraction(0), "square": Fraction(0)}
        for (q, i), V in zip(self.kinds, self.variances, strict=True):
            sums["V"] += i * V
            sums["square"] += i * q * self.law.second_moment
        return float(sums["V"] or sums["square"])


def phase_plane(n: int, m: int, density: Any, importance: Any) -> Problem:
    """Return the problem at a point of the paper's plane: density p, importances (1, …, 1, r)."""
    r = as_fraction(importance)
    return Problem(
        features=n,
        hidden=m,
        density=(as_fraction(density),) * n,
        importance=(Fraction(1),) * (n - 1) + (r,),
    )
