r"""The loss of one output under any feature law: a sum over the active sets of its neighbours.

Output i is :math:`x'_i = \mathrm{act}(z_i)` with :math:`z_i = b_i + g x_i + \sum_{j \in A} a_j x_j`
where A is the set of active features other than i with a nonzero coupling :math:`a_j`, and
:math:`g` is the coupling of the output to its own feature.  A feature law
(:mod:`theory.laws`) is a product of independent blocks, so P(A, i on) and P(A, i silent) are
products over the blocks that hold i or a neighbour, each block seen through these features only.
It remains to average over the values:

.. math::

    E(x_i - x'_i)^2 = \sum_A P(A, \text{on})\,\bigl(E u^2 - 2 E[u\,x'_i] + E {x'_i}^2\bigr)
        + P(A, \text{silent})\, E {x'_i}^2 .

**ReLU, uniform on** :math:`[\ell, 1]` with :math:`\ell = 0` or, for signed amplitudes, −1.  With
:math:`x = \ell + (1 - \ell) u` everything reduces to the moments :math:`M_q` of
:mod:`theory.truncated_powers` at weights :math:`(1 - \ell) a`.  Let :math:`m_q(c)` be the moment
with :math:`c + \ell \sum_j a_j` as its constant.  Silent: :math:`E z_+^2 = m_2(b)`.  On, with
:math:`g \neq 0`, integrating over the own value (by parts for the second),

.. math::

    E z_+^2 = \frac{m_3(b + g) - m_3(b + \ell g)}{3 g (1 - \ell)}, \qquad
    E[u z_+] = \frac{1}{2g} \Bigl(
        \frac{m_2(b + g) - \ell\, m_2(b + \ell g)}{1 - \ell} - E z_+^2 \Bigr);

with :math:`g = 0`, :math:`E z_+^2 = m_2(b)` and :math:`E[u z_+] = E u\; m_1(b)`.

**ReLU, binary**: z is a number for each A.  **No activation**: z has mean
:math:`b + E u \sum_j a_j` and variance :math:`\operatorname{var} u \sum_j a_j^2`, and so has
:math:`z - u` with :math:`g - 1` as one more weight.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from .laws import FeatureLaw, State
from .truncated_powers import is_positive, rectified_moment

__all__ = ["averages", "number_of_terms", "output_loss", "views"]

Averages = Callable[[Any, Sequence[Any], Any], tuple[Any, Any]]
"""(g, a, b) → the loss with the own feature on, and with it silent."""
View = list[dict[tuple[tuple[int, ...], bool], Any]]
"""For each block an output sees: {(its active neighbours, own feature on): probability}."""


def averages(
    law: FeatureLaw,
    activation: str,
    rational: Callable[[Fraction], Any],
    positive: Callable[[Any], bool] = is_positive,
) -> Averages:
    """Return the averages over the values of the active features.

    Parameters
    ----------
    law
        Only its amplitude counts here.
    activation
        ``relu`` or ``linear``.
    rational
        Takes a Fraction into the arithmetic of the couplings.
    positive
        Decides the sign of a preactivation.
    """
    mean, second = rational(law.mean), rational(law.second_moment)
    low = -1 if law.amplitude == "signed" else 0
    width = 1 - low

    def linear(g: Any, a: Sequence[Any], b: Any) -> tuple[Any, Any]:
        variance, total, squares = second - mean * mean, sum(a), sum(x * x for x in a)
        excess = g - 1
        on = (b + mean * (total + excess)) ** 2 + variance * (squares + excess * excess)
        return on, (b + mean * total) ** 2 + variance * squares

    def rectified(value: Any) -> Any:
        return value if positive(value) else 0 * value

    def binary(g: Any, a: Sequence[Any], b: Any) -> tuple[Any, Any]:
        z = b + sum(a)
        return (1 - rectified(z + g)) ** 2, rectified(z) ** 2

    def uniform(g: Any, a: Sequence[Any], b: Any) -> tuple[Any, Any]:
        if low:
            b, a = b + low * sum(a), [width * x for x in a]
        silent = rectified_moment(b, a, 2, positive)
        if g == 0:
            return second - 2 * mean * rectified_moment(b, a, 1, positive) + silent, silent
        lower, upper = (b + low * g if low else b), b + g
        square, bottom = (rectified_moment(c, a, 3, positive) for c in (upper, lower))
        square = (square - bottom) / (3 * width * g)
        edge = rectified_moment(upper, a, 2, positive)
        if low:
            edge = (edge - low * rectified_moment(lower, a, 2, positive)) / width
        cross = (edge - square) / (2 * g)
        return second - 2 * cross + square, silent

    if activation == "linear":
        return linear
    return binary if law.amplitude == "binary" else uniform


def views(rows: Sequence[Sequence[Any]], blocks: Sequence[Sequence[State]]) -> list[View]:
    """Return the blocks as each output sees them.

    Parameters
    ----------
    rows
        The couplings (n, n), those of an output in a row.
    blocks
        The states of the law's blocks, from :meth:`theory.laws.FeatureLaw.states`.
    """
    home = {j: k for k, states in enumerate(blocks) for active, _ in states for j in active}
    seen = []
    for i, row in enumerate(rows):
        neighbours = {j for j, a in enumerate(row) if a != 0 and j != i}
        view = []
        for k in sorted({home[j] for j in (*neighbours, i)}):
            merged: dict[tuple[tuple[int, ...], bool], Any] = {}
            for active, q in blocks[k]:
                key = tuple(j for j in active if j in neighbours), i in active
                merged[key] = merged[key] + q if key in merged else q
            view.append(merged)
        seen.append(view)
    return seen


def number_of_terms(seen: Sequence[View], law: FeatureLaw, activation: str) -> int:
    """Return the length of the whole sum: an active set A counts its :math:`2^{|A|}` vertices."""
    base = 2 if activation == "relu" and law.amplitude != "binary" else 1
    return sum(
        prod(sum(base ** len(active) for active in {key[0] for key in block}) for block in view)
        for view in seen
    )


def _neighbour_sets(view: View) -> dict[tuple[int, ...], list[Any]]:
    """Return, for each active set of neighbours, P(it, own feature on) and P(it, own silent)."""
    sets: dict[tuple[int, ...], list[Any]] = {}
    for combination in product(*(block.items() for block in view)):
        active: tuple[int, ...] = ()
        own, probability = False, 1
        for (some, on), q in combination:
            active, own, probability = active + some, own or on, probability * q
        pair = sets.setdefault(active, [0, 0])
        pair[not own] = pair[not own] + probability
    return sets


def output_loss(
    i: int,
    row: Sequence[Any],
    b: Any,
    view: View,
    average: Averages,
    lift: Callable[[Any], Any] = lambda value: value,
) -> Any:
    """Return :math:`E(x_i - x'_i)^2`.

    Parameters
    ----------
    i
        The output.
    row
        Its couplings to all n features, its own among them.
    b
        Its bias.
    view
        Its view of the law, from :func:`views`.
    average
        From :func:`averages`.
    lift
        Takes an average into the arithmetic of the probabilities.
    """
    total: Any = 0
    for active, (p_on, p_silent) in _neighbour_sets(view).items():
        on, silent = average(row[i], [row[j] for j in active], b)
        total = total + p_on * lift(on) + p_silent * lift(silent)
    return total
