r"""The Gram matrix of a model, in the smallest exact arithmetic that holds it.

:math:`G = W^\top W` and the biases are all that the loss sees of a model.  Its numbers are of one
of three kinds, tried in this order:

* rationals (:class:`flint.fmpq`), which floats are too; also where irrational weights give them;
* algebraic numbers of one field (:mod:`theory.algebraic_numbers`);
* sympy expressions, for transcendental numbers, with zero decided by sympy.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import flint
import sympy

from .algebraic_numbers import AlgebraicNumber, algebraic_numbers, smallest_field
from .rationals import as_vector, listed, to_fraction, to_rational

__all__ = ["as_model", "as_readout", "gram_and_bias", "gram_matrix", "to_sympy"]


def gram_matrix(W: Sequence[Sequence[Any]]) -> list[list[Any]]:
    r"""Return :math:`G = W^\top W` for nested lists of exact numbers, shape (m, n) → (n, n)."""
    n = len(W[0])
    return [[sum(row[i] * row[j] for row in W) for j in range(n)] for i in range(n)]


def _coupling_matrix(readout: Any, W: Any) -> list[list[Any]]:
    """Return the product of an (n, m) and an (m, n) matrix."""
    columns = list(zip(*W, strict=True))
    return [[sum(x * y for x, y in zip(row, c, strict=True)) for c in columns] for row in readout]


def as_model(W: Any, b: Any) -> tuple[list[list[Any]], list[Any]]:
    """Return W as a list of rows and b as a list, or say what does not fit."""
    rows, bias = listed(W), as_vector(b)
    if not isinstance(rows, Sequence) or not all(isinstance(listed(row), Sequence) for row in rows):
        raise ValueError(f"W is {rows!r}; it must be a matrix (m, n), features are columns")
    rows = [list(listed(row)) for row in rows]
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"W has rows of lengths {[len(row) for row in rows]}; it must be (m, n)")
    n = len(rows[0])
    if not isinstance(bias, Sequence):
        raise ValueError(f"b is {bias!r}; it must be a list of {n} biases")
    if len(bias) != n:
        raise ValueError(
            f"b has {len(bias)} entries, W has {n} features (columns); they must agree"
        )
    return rows, list(bias)


def as_readout(W_out: Any, m: int, n: int) -> list[list[Any]]:
    """Return an untied readout (n, m) as a list of rows, or say what does not fit."""
    rows = listed(W_out)
    rows = [listed(row) for row in rows] if isinstance(rows, Sequence) else [rows]
    lengths = [len(row) if isinstance(row, Sequence) else 0 for row in rows]
    if lengths != [m] * n:
        raise ValueError(
            f"W_out has rows of lengths {lengths}; with W of shape ({m}, {n}) it must be ({n}, {m})"
        )
    return [list(row) for row in rows]


def _simplified(value: Any) -> Any:
    """Bring an expression to a form in which zero is recognised as zero."""
    value = sympy.radsimp(sympy.expand(value))
    return sympy.Integer(0) if value.is_number and value.equals(0) else value


def to_sympy(value: Any) -> Any:
    """Return a number of any of the three kinds as a sympy expression."""
    if isinstance(value, AlgebraicNumber):
        return value.sympy()
    if isinstance(value, flint.fmpq):
        return sympy.Rational(int(value.p), int(value.q))
    return _simplified(value)


def gram_and_bias(
    rows: list[list[Any]], bias: list[Any], readout: list[list[Any]] | None = None
) -> tuple[list[list[Any]], list[Any]]:
    r"""Return Gram matrix and biases: rationals, else numbers of one field, else expressions.

    With an untied ``readout`` (n, m) the matrix is :math:`W_\text{out} W`, of any diagonal.
    """
    n, m = len(bias), len(rows)
    given = [*chain.from_iterable([*rows, *(readout or [])]), *bias]

    def couplings(numbers: Any) -> list[list[Any]]:
        W = [numbers[k * n : (k + 1) * n] for k in range(m)]
        if readout is None:
            return gram_matrix(W)
        rest = numbers[m * n :]
        return _coupling_matrix([rest[k * m : (k + 1) * m] for k in range(n)], W)

    exact = [f for f in map(to_fraction, given) if f is not None]
    if len(exact) == len(given):
        numbers: Any = [flint.fmpq(f.numerator, f.denominator) for f in exact]
        return couplings(numbers), numbers[-n:]
    expressions = [to_rational(entry) for entry in given]
    free = set().union(*(entry.free_symbols for entry in expressions))
    if free:
        raise TypeError(
            f"W and b contain the symbols {sorted(map(str, free))}, whose signs are unknown; "
            "use theory.expected_loss.region_loss, which takes a sample point"
        )
    unreal = [entry for entry in expressions if entry.is_extended_real is False]
    if unreal:
        raise ValueError(f"W and b contain {unreal[0]}, which is not real; pass real numbers")
    numbers = algebraic_numbers(expressions)
    algebraic = numbers is not None
    numbers = numbers if algebraic else expressions
    flat = [*chain.from_iterable(couplings(numbers)), *numbers[-n:]]
    if algebraic:
        flat = smallest_field(flat)
        if all(value.rational() is not None for value in flat):
            flat = [value.rational() for value in flat]
    else:
        flat = [_simplified(value) for value in flat]
    return [flat[k * n : (k + 1) * n] for k in range(n)], flat[-n:]
