r"""Which features are on together, and how strongly: :class:`FeatureLaw`.

A sample is drawn in two steps.  First the set A of active features; then, independently of A and
of one another, the values of its members, by the *amplitude*:

=============  ==================================  ==========  ============
``amplitude``  value of an active feature          mean        second moment
=============  ==================================  ==========  ============
``uniform``    uniform on [0, 1]                   1/2         1/3
``signed``     uniform on [−1, 1]                  0           1/3
``binary``     always 1                            1           1
=============  ==================================  ==========  ============

The set A is made of independent *blocks* of features, and the *kind* says what happens in one.
With :math:`p_i` the density given for feature i (one number for all or n of them):

==================  ===========================================================================
``kind``            a block and its states
==================  ===========================================================================
``independent``     one feature, on with probability :math:`p_i` (arXiv 2209.10652, section 2)
``correlated``      a set, all on together with probability p, else all off; marginal p
``anticorrelated``  a set, active with probability p, then one of its k members on, each as often
                    as the others; marginal p/k
``exclusive``       a set of which at most one is on, member i with probability :math:`p_i`, which
                    is its marginal; the :math:`p_i` of a set add up to at most 1
``one-hot``         all n features, exactly one on; no density; marginal 1/n
==================  ===========================================================================

Features in no set are independent.  Members of a correlated or anticorrelated set share one
density.  One-hot is what is left of independent features as :math:`p \to 0`, a sample with one
active feature: :math:`L = S^n \sum_i I_i (b_i)_+^2 + n p S^{n-1} L_\text{one-hot} + O(p^2)`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from typing import Any

import sympy

from .feature_values import per_feature
from .rationals import shown, to_comparable, to_rational

__all__ = ["AMPLITUDES", "KINDS", "FeatureLaw", "State"]

KINDS = ("independent", "one-hot", "correlated", "anticorrelated", "exclusive")
AMPLITUDES = ("uniform", "signed", "binary")
_SET_KINDS = KINDS[2:]
_MOMENTS = {
    "uniform": (Fraction(1, 2), Fraction(1, 3)),
    "signed": (Fraction(0), Fraction(1, 3)),
    "binary": (Fraction(1), Fraction(1)),
}

State = tuple[tuple[int, ...], Any]
"""Features that are on, in increasing order, and the probability of exactly these."""


def _text(members: tuple[int, ...]) -> str:
    return ",".join(map(str, members))


def _sorted_sets(kind: str, sets: Any) -> tuple[tuple[int, ...], ...]:
    """Return the sets in their normal form, or say what is wrong with one."""
    if isinstance(sets, str):
        raise TypeError(f"sets {sets!r} is text; pass tuples of indices, or use FeatureLaw.parse")
    normal = tuple(sorted(tuple(sorted(members)) for members in sets))
    for members in normal:
        if not all(isinstance(j, int) and not isinstance(j, bool) for j in members):
            raise TypeError(f"{kind} set {members!r} must hold whole numbers, indices from 0")
        if len(members) < 2:
            raise ValueError(
                f"{kind} set {members!r} has fewer than two members; leave it out, "
                "a feature in no set is independent"
            )
        if members[0] < 0:
            raise ValueError(f"{kind} set {_text(members)} has a negative index; count from 0")
    flat = [*chain.from_iterable(normal)]
    twice = sorted({j for j in flat if flat.count(j) > 1})
    if twice:
        raise ValueError(
            f"feature {twice[0]} is named twice in the {kind} sets; sets must be disjoint"
        )
    return normal


def _equal(p: Any, q: Any) -> bool:
    """Tell whether two densities are the same number or the same expression."""
    return bool(p == q or sympy.expand(to_rational(p) - to_rational(q)) == 0)


def _silent(members: tuple[int, ...], density: Sequence[Any]) -> Any:
    """Return the probability that no member of an exclusive set is on.

    Densities whose sum is 1 as a float count as summing to 1, for ten floats 0.1 exceed it.
    """
    numbers = [to_comparable(p) for p in density]
    if not any(number is None for number in numbers):
        total = sum(numbers)
        if total > 1 and float(total) > 1:
            raise ValueError(
                f"exclusive set {_text(members)}: densities add up to {shown(total)}, above "
                "1, but at most one member is on; give smaller densities"
            )
        if total >= 1:
            return 0
    return 1 - sum(density)


@dataclass(frozen=True, slots=True)
class FeatureLaw:
    """The joint law of the features: who is on with whom, and the value when on.

    Parameters
    ----------
    kind
        ``independent``, ``one-hot``, ``correlated``, ``anticorrelated`` or ``exclusive``.
    sets
        Disjoint sets of at least two indices (from 0), for the last three kinds and only for them;
        kept in increasing order.
    amplitude
        ``uniform`` on [0, 1], ``signed`` (uniform on [−1, 1]) or ``binary`` (1).

    Raises
    ------
    ValueError, TypeError
        For an unknown word, or sets that are missing, out of place, or not disjoint.

    Examples
    --------
    >>> law = FeatureLaw("exclusive", ((0, 2),))
    >>> for active, probability in law.patterns(Fraction(1, 3), 3):
    ...     print(active, probability)
    () 2/9
    (1,) 1/9
    (0,) 2/9
    (0, 1) 1/9
    (2,) 2/9
    (1, 2) 1/9
    """

    kind: str = "independent"
    sets: tuple[tuple[int, ...], ...] = ()
    amplitude: str = "uniform"

    def __post_init__(self) -> None:
        for what, value, words in (
            ("law", self.kind, KINDS),
            ("amplitude", self.amplitude, AMPLITUDES),
        ):
            if value not in words:
                raise ValueError(f"{what} {value!r} is not known; use one of {', '.join(words)}")
        sets = self.sets if isinstance(self.sets, str) else tuple(self.sets)
        if len(sets) > 0 and self.kind not in _SET_KINDS:
            raise ValueError(
                f"law {self.kind!r} takes no sets; leave them out, or use one of "
                f"{', '.join(_SET_KINDS)}"
            )
        object.__setattr__(self, "sets", _sorted_sets(self.kind, sets))
        if self.kind in _SET_KINDS and not self.sets:
            raise ValueError(f"law {self.kind!r} needs sets of features, like {self.kind}:0,1/2,3")

    @classmethod
    def parse(cls, text: str, amplitude: str = "uniform") -> "FeatureLaw":
        """Read ``independent``, ``one-hot``, or a kind with its sets: ``correlated:0,1/2,3``."""
        kind, colon, rest = text.strip().partition(":")
        sets: Any = (rest,) if colon else ()
        try:
            if colon and kind in _SET_KINDS:
                sets = tuple(tuple(map(int, part.split(","))) for part in rest.split("/"))
        except ValueError:
            raise ValueError(
                f"law {text!r}: sets are written as indices from 0, like {kind}:0,1/2,3"
            ) from None
        return cls(kind, sets, amplitude)

    def __str__(self) -> str:
        """Return the text that :meth:`parse` reads; the amplitude is not part of it."""
        return f"{self.kind}:{self._set_text()}" if self.sets else self.kind

    def _set_text(self) -> str:
        return "/".join(map(_text, self.sets))

    @property
    def mean(self) -> Fraction:
        """E x of an active feature."""
        return _MOMENTS[self.amplitude][0]

    @property
    def second_moment(self) -> Fraction:
        """E x² of an active feature."""
        return _MOMENTS[self.amplitude][1]

    def variance(self, q: Any) -> Any:
        """Return the variance of a feature with marginal q, a symbol or a number."""
        return self.second_moment * q - self.mean**2 * q * q

    def blocks(self, n: int) -> tuple[tuple[int, ...], ...]:
        """Return the partition of n features into independent blocks, ordered by first member."""
        if self.kind == "one-hot":
            return (tuple(range(n)),)
        for members in self.sets:
            if members[-1] >= n:
                raise ValueError(
                    f"{self.kind} set {_text(members)} names feature {members[-1]} of {n}; "
                    f"indices run from 0 to {n - 1}"
                )
        if not self.sets:
            return tuple((j,) for j in range(n))
        alone = set(range(n)).difference(*self.sets)
        return tuple(sorted([*self.sets, *((j,) for j in alone)]))

    def densities(self, density: Any, n: int) -> tuple[Any, ...]:
        """Return the n densities as they came in, each in (0, 1]; for one-hot the shares 1/n.

        Raises
        ------
        ValueError
            If ``density`` is out of range or not of length 1 or n; if it is given for one-hot, or
            None for another law.
        """
        if self.kind == "one-hot":
            if density is not None:
                raise ValueError(
                    f"one-hot takes no density, got {density}: exactly one of the {n} features is "
                    "on in each sample; leave the density out"
                )
            return (Fraction(1, n),) * n
        if density is None:
            raise ValueError(f"law {self} needs a density, P(x ≠ 0); only one-hot has none")
        return per_feature(density, n, "density")

    def states(self, densities: Sequence[Any]) -> tuple[tuple[State, ...], ...]:
        """Return the states of each block of :meth:`blocks` that have nonzero probability.

        Parameters
        ----------
        densities
            The n :meth:`densities`, in any arithmetic; the probabilities are in the same.

        Raises
        ------
        ValueError
            If they do not fit the law; the set that is wrong is named by its members.
        """
        states = (
            self._states(block, [densities[j] for j in block])
            for block in self.blocks(len(densities))
        )
        return tuple(tuple(s for s in block if s[1] != 0) for block in states)

    def _states(self, members: tuple[int, ...], density: Sequence[Any]) -> list[State]:
        """Return the states of one block, from silent to the last member."""
        p = density[0]
        if len(members) == 1:
            return [((), 1 - p), (members, p)]
        if self.kind in ("exclusive", "one-hot"):
            on = [((j,), q) for j, q in zip(members, density, strict=True)]
            return [((), _silent(members, density)), *on]
        for q in density:
            if not _equal(p, q):
                raise ValueError(
                    f"{self.kind} set {_text(members)} has densities {shown(p)} and {shown(q)}; "
                    "its members must share one"
                )
        if self.kind == "correlated":
            return [((), 1 - p), (members, p)]
        k = len(members)
        share = Fraction(p, k) if isinstance(p, int) else p / k
        return [((), 1 - p), *(((j,), share) for j in members)]

    def marginals(self, density: Any, n: int) -> tuple[Any, ...]:
        """Return P(x_i ≠ 0) for the n features, in the numbers that ``density`` came in.

        One number or n of them in (0, 1], symbols allowed; None for one-hot.
        """
        blocks = self.states(self.densities(density, n))
        on = {j: q for block in blocks for s, q in block for j in s}
        return tuple(on[j] for j in range(n))

    def patterns(self, density: Any, n: int) -> Iterator[State]:
        """Yield every active set of nonzero probability, as a sorted tuple, with its probability.

        Independent features have :math:`2^n` of them.
        """
        for states in product(*self.states(self.densities(density, n))):
            probability: Any = 1
            for _, q in states:
                probability = probability * q
            yield tuple(sorted(chain.from_iterable(s for s, _ in states))), probability
