r"""What one feature costs another that it shares a direction with, by density and cosine.

Two features have unit columns with cosine c and no bias (arXiv 2209.10652, section 2).  Each is on
with probability p = 1 − S, uniformly on [0, 1].  Output i then reads :math:`x_i + c x_j`.

A *linear* read-out errs by :math:`c x_j` whenever j is on, so :math:`E(c x_j)^2 = p c^2 / 3`.

A *ReLU* keeps a positive interference as it is, :math:`p c^2 / 3`.  A negative one it cuts: with i
off nothing is left, and with both on the error is :math:`\min(x_i, |c| x_j)`, so

.. math::

    E = p^2 \int_0^1 \Bigl( z^2 - \tfrac23 z^3 \Bigr)\Big|_{z = |c| y} dy
      = p^2 \Bigl( \frac{c^2}{3} - \frac{|c|^3}{6} \Bigr).

So negative interference costs a factor p less: at c = −1, two features in one dimension, p²/6 each,
while c = +1 costs p/3, as much as storing nothing without a bias.
"""

from typing import Any, Literal

__all__ = ["pair_interference"]

Given = Literal["nothing", "i on", "both on"]


def pair_interference(
    density: Any,
    cosine: Any,
    *,
    readout: Literal["relu", "linear"] = "relu",
    given: Given = "nothing",
) -> Any:
    """Return the expected squared error that a feature adds to the read-out of another.

    Parameters
    ----------
    density
        p = 1 − S of both features, in [0, 1]: a number of any kind, or a sympy symbol.
    cosine
        c in [−1, 1]: a number of any kind.
    readout
        ``relu`` or ``linear``, without bias.
    given
        Whether to average over everything, over samples with i on, or with both on.

    Returns
    -------
    number
        As exact as its arguments.

    Raises
    ------
    ValueError
        If a number is out of its range or a word unknown.

    Examples
    --------
    >>> from fractions import Fraction
    >>> pair_interference(Fraction(1, 10), -1), pair_interference(Fraction(1, 10), 1)
    (Fraction(1, 600), Fraction(1, 30))
    """
    if not -1 <= cosine <= 1:
        raise ValueError(f"cosine must be in [-1, 1], got {cosine}")
    if readout not in ("relu", "linear"):
        raise ValueError(f"readout {readout!r} is unknown; choose relu or linear")
    if given not in ("nothing", "i on", "both on"):
        raise ValueError(f"given {given!r} is unknown; choose nothing, i on or both on")
    if getattr(density, "is_number", True) and not 0 <= density <= 1:
        raise ValueError(f"density must be in [0, 1], got {density}")
    one = density * 0 + 1  # of the density's kind
    both = one * cosine**2 / 3
    if readout == "linear" or cosine >= 0:
        return both if given == "both on" else density * both
    both -= one * abs(cosine) ** 3 / 6
    return {"nothing": density**2, "i on": density, "both on": one}[given] * both
