r"""The named solutions of the small cases and their losses in closed form.

Setting: the phase plane of arXiv 2209.10652, n features of density p in m = n − 1 hidden
dimensions, importances (1, …, 1, r).  The named Gram patterns, as blocks of features that are
orthogonal to the rest:

* ``ignore_last``, ``ignore_first``: one feature has :math:`G_{ii} = 0`, the others are dedicated;
* ``pair_first``, ``pair_last``: two neighbours share a line, with squared norms g and coupling −g,
  the others are dedicated;
* ``triangle`` (3, 2): :math:`W \perp (1,1,1)`, cosines −1/2;
* ``tilted_triangle`` (3, 2): :math:`G_{11} = G_{22}`, :math:`G_{13} = G_{23}`.

Levels: ``unit`` (g = 1, no bias), ``unit_bias`` (p/2 on dropped features: the paper's theory
panel), ``scale`` (g free, common to the superposed features; p/2 on dropped features), ``free``
(every represented norm and every bias free).  With zero biases the preactivations are homogeneous
in g, so the sign region does not depend on g and the loss is :math:`A - Bg + Cg^2` with C > 0: the
minimiser is :math:`g^* = B/2C`.  At level ``free`` the ``ignore_*`` families still have the
minimiser g = 1, b = p/2; the others have no closed form, and their ``loss`` is None (see
:func:`free_families` for what numerics minimise).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy

from .gram_patterns import Candidate, Family, P, R

__all__ = [
    "LEVELS",
    "Candidate",
    "Family",
    "FreeFamily",
    "P",
    "R",
    "candidates",
    "check_case",
    "free_families",
]

LEVELS = ("unit", "unit_bias", "scale", "free")
_LARGEST_N = 20


def check_case(n: int, m: int, level: str | None = None) -> tuple[str, ...]:
    """Return the levels meant by ``level`` (all for None), or refuse the case."""
    if m != n - 1 or not 2 <= n <= _LARGEST_N:
        raise ValueError(
            f"no closed forms for {n} features in {m} hidden dimensions; "
            f"give n features in n - 1 dimensions, n from 2 to {_LARGEST_N}"
        )
    if level is not None and level not in LEVELS:
        raise ValueError(f"level {level!r} is unknown; choose one of {', '.join(LEVELS)}")
    return LEVELS if level is None else (level,)


def _blocks(n: int, g: Any) -> dict[str, Any]:
    """Return the weights of the named families with fixed cosines, superposed norm √g."""
    root, zero = sympy.sqrt(g), sympy.zeros
    dedicated = sympy.eye(n - 1)
    pair = sympy.Matrix([[root, -root]])
    shapes = {
        "ignore_last": dedicated.row_join(zero(n - 1, 1)),
        "ignore_first": zero(n - 1, 1).row_join(dedicated),
        "pair_last": sympy.diag(sympy.eye(n - 2), pair),
    }
    if n > 2:
        shapes["pair_first"] = sympy.diag(pair, sympy.eye(n - 2))
    if n == 3:
        half, height = sympy.Rational(1, 2), sympy.sqrt(3) / 2
        shapes["triangle"] = root * sympy.Matrix([[1, -half, -half], [0, height, -height]])
    return shapes


def candidates(n: int, m: int, level: str | None = None) -> tuple[Candidate, ...]:
    """Return the named candidates of n features in m = n − 1 dimensions, at one level or all.

    Examples
    --------
    >>> {c.name: c.loss for c in candidates(2, 1, "unit")}["pair_last"]
    p**2*(r + 1)/6
    """
    levels = check_case(n, m, level)
    return tuple(candidate for one in levels for candidate in _named(n, one))


@cache
def _named(n: int, level: str) -> tuple[Candidate, ...]:
    g = sympy.Symbol("g", positive=True)
    norm = g if level == "scale" else sympy.Integer(1)
    found = []
    for name, W in _blocks(n, norm).items():
        if level == "free" and not name.startswith("ignore"):
            found.append(Candidate(name=name, level=level))
            continue
        dropped = P / 2 if level != "unit" else sympy.Integer(0)
        bias = [dropped if W.col(i).is_zero_matrix else sympy.Integer(0) for i in range(n)]
        sample = {g: 1} if W.has(g) else {}
        found.append(Family.from_weights(name, W, bias, sample, level).minimised())
    if n == 3 and level == "free":
        found.append(Candidate(name="tilted_triangle", level=level))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFamily:
    r"""Weights :math:`W(\theta) = \sum_k \theta_k B_k`, every bias free (level ``free``).

    Attributes
    ----------
    name, features, hidden
        What it is called, n and m.
    basis
        The matrices :math:`B_k` (m, n), exact.  For fixed cosines :math:`\theta_k > 0` are norms.
    """

    name: str
    features: int
    hidden: int
    basis: tuple[Any, ...]


def free_families(n: int, m: int) -> tuple[FreeFamily, ...]:
    """Return the families without closed form at level ``free``, as linear spaces of weights."""
    check_case(n, m, "free")
    spaces: dict[str, list[Any]] = {}
    for name, W in _blocks(n, sympy.Integer(1)).items():
        if not name.startswith("ignore"):
            columns = [sympy.diag(*(int(i == k) for i in range(n))) for k in range(n)]
            spaces[name] = [W * column for column in columns]
    if n == 3:
        spaces["tilted_triangle"] = [
            sympy.Matrix([[1, -1, 0], [0, 0, 0]]),
            sympy.Matrix([[0, 0, 0], [1, 1, 0]]),
            sympy.Matrix([[0, 0, 0], [0, 0, -1]]),
        ]
    return tuple(
        FreeFamily(name=name, features=n, hidden=m, basis=tuple(map(sympy.ImmutableMatrix, basis)))
        for name, basis in spaces.items()
    )
