r"""Features that come together or never together: what the candidate solutions cost, exactly.

The set-ups of arXiv 2209.10652, F20 to F24, with values uniform on [0, 1] and equal importances.

**Anticorrelated pairs** (F21).  W with the members of a pair antipodal and different pairs at right
angles has loss 0 at every density: at most one member is on, :math:`\mathrm{ReLU}(x_a - x_b)` is
:math:`x_a`, and nothing else reaches the output.  With a digon of members of *different* pairs the
loss is :math:`2 q^2 E\min(x, y)^2 = q^2/3` a digon, q the marginal.  Both have
:math:`D_i = 1/2` throughout.  The paper's rule at density 2p and the ``exclusive`` law at p are the
same law.

**Correlated pairs** (F20).  Members of a pair at right angles, antipodal to those of the other
pair, cost :math:`p^2/3` a digon, as the two are on together with probability p²; antipodal members
of one pair cost p/3.

**Collapse** (F24).  A pair is *collapsed* if its members have one column and one bias: then both
outputs are functions of :math:`x_a + x_b` and of the other pairs.  Given these, nothing estimates
:math:`x_a` better than :math:`(x_a + x_b)/2`, with mean variance 1/24, so

.. math:: L \ge k\,p/12 \quad\text{if k pairs are collapsed},

at every weight, bias and density; p/12 is the variance of the lost component
:math:`(x_a - x_b)/\sqrt 2`.  A pair alone reaches the bound with :math:`W_a = W_b`,
:math:`\|W_a\|^2 = 1/2`, b = 0.  So do the candidates below to first order in p, those
without a positive coupling between pairs:

====================  ==========================================================================
``three_collapsed``   two pairs antipodal, the third at right angles: :math:`p/4 + 7p^2/10`
``three_at_120``      three at 120°: :math:`p/4 + \tfrac{249}{320}p^2 + \tfrac{407}{1344}p^3`
``two_collapsed``     two at right angles, each antipodal to a member of the third pair:
                      :math:`p/6 + (41 - 19\sqrt 2)\,p^2/15`
====================  ==========================================================================

With fewer collapsed pairs there is a positive coupling (three right angles do not fit in the plane
without an acute angle between pairs), and the terms of order p have no such simple form.

**Principal components.**  The linear model keeps components of largest variance.  Those of a pair
are :math:`(x_a + x_b)/\sqrt 2`, of variance :math:`7p/12 - p^2/2`, and :math:`(x_a - x_b)/\sqrt 2`,
of variance p/12, so m sums are kept and s pairs cost :math:`s\,p/12 + (s - m)(7p/12 - p^2/2)`.  At
p = 1 the two variances are equal: features that are always on are not correlated.

**Local bases** (F23).  Of two sets of k features in k dimensions, each on as one, let each be an
orthonormal basis.  While one set is on, the other's outputs stay silent only if no cosine between
the sets is positive; an orthogonal matrix without positive entries is minus a permutation.  So the
bases are antipodal copies, k digons with loss :math:`k p^2/3`; without biases any other relative
rotation costs in first order of p.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy

from .expected_loss import population_loss
from .laws import FeatureLaw

__all__ = [
    "CANDIDATES",
    "bases_loss",
    "candidate_loss",
    "collapse_bound",
    "pairing_loss",
    "principal_component_loss",
    "right_and_wrong_pairing",
]

_HALF = sympy.sqrt(2) / 2
_SIDE = sympy.sqrt(6) / 4
_THREE_PAIRS = FeatureLaw("correlated", ((0, 1), (2, 3), (4, 5)))

CANDIDATES: Mapping[str, Any] = MappingProxyType(
    {
        "three_collapsed": [[_HALF, _HALF, -_HALF, -_HALF, 0, 0], [0, 0, 0, 0, _HALF, _HALF]],
        "three_at_120": [
            [_HALF, _HALF, *[-_HALF / 2] * 4],
            [0, 0, _SIDE, _SIDE, -_SIDE, -_SIDE],
        ],
        "two_collapsed": [[_HALF, _HALF, 0, 0, -1, 0], [0, 0, _HALF, _HALF, 0, -1]],
    }
)
"""Weights (2, 6) of three correlated pairs, the biases 0."""


def right_and_wrong_pairing() -> tuple[Any, Any]:
    """Return weights (2, 4) whose digons join features 0 and 1, 2 and 3; and 0 and 2, 1 and 3."""
    return [[1, -1, 0, 0], [0, 0, 1, -1]], [[1, 0, -1, 0], [0, 1, 0, -1]]


def pairing_loss(weights: Any, law: FeatureLaw, density: Any) -> Any:
    """Return the exact loss of weights without biases.

    Examples
    --------
    >>> right, wrong = right_and_wrong_pairing()
    >>> law = FeatureLaw.parse("anticorrelated:0,1/2,3")
    >>> p = sympy.Symbol("p", positive=True)
    >>> pairing_loss(right, law, p), pairing_loss(wrong, law, p)
    (0, p**2/6)
    """
    return population_loss(weights, [0] * len(weights[0]), density, law=law)


def candidate_loss(name: str, density: Any) -> Any:
    """Return the exact loss of one of :data:`CANDIDATES`.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> candidate_loss("three_collapsed", sympy.Symbol("p", positive=True))
    7*p**2/10 + p/4
    """
    if name not in CANDIDATES:
        raise ValueError(f"candidate {name!r} is unknown; choose one of {', '.join(CANDIDATES)}")
    return pairing_loss(CANDIDATES[name], _THREE_PAIRS, density)


def collapse_bound(pairs: int, density: Any) -> Any:
    """Return k p/12, below which no model with k collapsed pairs can be."""
    return pairs * density / 12


def principal_component_loss(pairs: int, hidden: int, density: Any) -> Any:
    """Return the least loss of the linear model of correlated pairs, hidden ≤ pairs.

    Raises
    ------
    ValueError
        If there are more hidden dimensions than pairs: then differences are kept too.
    """
    if not 0 <= hidden <= pairs:
        raise ValueError(f"{hidden} hidden dimensions for {pairs} pairs; give at most {pairs}")
    return pairs * density / 12 + (pairs - hidden) * (7 * density / 12 - density**2 / 2)


def bases_loss(size: int, density: Any) -> Any:
    """Return the loss k p²/3 of two antipodal orthonormal bases, each on as one."""
    return size * density**2 / 3
