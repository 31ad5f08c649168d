r"""The laws samples are drawn from: :class:`DataLaw`.

Those of :class:`theory.laws.FeatureLaw`, which knows sets, marginals and what densities are
possible, and two that exist in sampled form only:

``exactly:K``
    K of the n features are on, each subset as often as the others; no density; marginal K/n.
    With K = 1 it is ``one-hot``.
amplitude ``normal``
    An active feature is :math:`\operatorname{clip}(\tfrac12 + \tfrac15 N(0, 1), 0, 1)`, as in
    ARENA chapter 1.5.4 (``feat_mag_distn="normal"``).  It is 0 or 1 with probability
    :math:`\Phi(-5/2) = 0.0062` each, so such a feature may be on and 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theory import laws
from theory.laws import FeatureLaw, State

__all__ = ["AMPLITUDES", "KINDS", "DataLaw"]

KINDS = (*laws.KINDS, "exactly")
AMPLITUDES = (*laws.AMPLITUDES, "normal")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@dataclass(frozen=True, slots=True)
class DataLaw:
    """The joint law of the features of a sample.

    Parameters
    ----------
    kind
        ``independent``, ``one-hot``, ``correlated``, ``anticorrelated``, ``exclusive`` or
        ``exactly``.
    sets
        Disjoint sets of feature indices, for the kinds that have sets.
    n_active
        How many features are on, for ``exactly`` and only for it.
    amplitude
        ``uniform``, ``signed``, ``binary`` or ``normal``.

    Raises
    ------
    ValueError, TypeError
        For an unknown word, and for sets or a count that are missing, out of place or wrong.

    Examples
    --------
    >>> law = DataLaw.parse("correlated:0,1/2,3", "signed")
    >>> print(law, law.sets)
    correlated:0,1/2,3 signed ((0, 1), (2, 3))
    >>> DataLaw.parse("exactly:3").marginals((), 4)
    (0.75, 0.75, 0.75, 0.75)
    """

    kind: str = "independent"
    sets: tuple[tuple[int, ...], ...] = ()
    n_active: int | None = None
    amplitude: str = "uniform"

    def __post_init__(self) -> None:
        for what, value, words in (
            ("law", self.kind, KINDS),
            ("amplitude", self.amplitude, AMPLITUDES),
        ):
            if value not in words:
                raise ValueError(f"{what} {value!r} is not known; use one of {', '.join(words)}")
        if self.kind == "exactly":
            if not _is_count(self.n_active):
                raise ValueError(
                    f"law 'exactly' needs how many features are on, like exactly:3, not "
                    f"{self.n_active!r}"
                )
            if self.sets:
                raise ValueError("law 'exactly' takes no sets; write it exactly:K")
            return
        if self.n_active is not None:
            raise ValueError(
                f"law {self.kind!r} has no fixed number of active features, got {self.n_active!r}; "
                "use law exactly:K"
            )
        object.__setattr__(self, "sets", self._structure.sets)

    @classmethod
    def parse(cls, text: str, amplitude: str = "uniform") -> "DataLaw":
        """Read a law: ``independent``, ``one-hot``, ``exactly:K`` or ``correlated:0,1/2,3``."""
        if not isinstance(text, str):
            raise ValueError(f"law {text!r} is no text; write one like independent")
        kind, colon, rest = text.strip().partition(":")
        if kind == "exactly":
            digits = rest.strip()
            if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                raise ValueError(f"law {text!r}: write how many features are on, like exactly:3")
            return cls("exactly", (), int(digits), amplitude)
        if kind not in KINDS or not colon:
            return cls(kind, (), None, amplitude)
        return cls(kind, FeatureLaw.parse(text).sets, None, amplitude)

    def __str__(self) -> str:
        """Return the law as :meth:`parse` reads it, a blank, and the amplitude."""
        law = f"exactly:{self.n_active}" if self.kind == "exactly" else str(self._structure)
        return f"{law} {self.amplitude}"

    @property
    def _structure(self) -> FeatureLaw:
        """Return who is on with whom, of a kind that theory knows; the amplitude is uniform."""
        return FeatureLaw(self.kind, self.sets)

    def states(self, density: Sequence[float], n: int) -> tuple[tuple[State, ...], ...]:
        """Return the states of the independent blocks of n features; not for ``exactly:K``, K > 1.

        As :meth:`theory.laws.FeatureLaw.states`: which features are on, with what probability.
        """
        law = FeatureLaw("one-hot") if self.n_active == 1 else self._structure
        return law.states(law.densities(tuple(density) or None, n))

    def check(self, density: Sequence[float], n: int) -> None:
        """Raise ValueError if ``density`` does not fit the law of n features.

        Parameters
        ----------
        density
            n numbers in (0, 1]; none for ``one-hot`` and ``exactly:K``.
        """
        self.marginals(density, n)

    def marginals(self, density: Sequence[float], n: int) -> tuple[float, ...]:
        """Return the probability that each of n features is on.

        Parameters
        ----------
        density
            What the law calls density: n numbers in (0, 1]; none for ``one-hot`` and ``exactly:K``.

        Raises
        ------
        ValueError
            If ``density`` does not fit the law.
        """
        given = tuple(density)
        if self.kind != "exactly":
            marginals = self._structure.marginals(given if given else None, n)
            return tuple(float(q) for q in marginals)
        assert self.n_active is not None
        if given:
            raise ValueError(
                f"law exactly:{self.n_active} takes no density, got {list(given)}; leave it out"
            )
        if self.n_active > n:
            raise ValueError(
                f"law exactly:{self.n_active} turns on more features than the {n} there are; give "
                f"a number of at most {n}"
            )
        return (self.n_active / n,) * n

    def exact(self) -> FeatureLaw:
        """Return the same law for exact losses.

        Raises
        ------
        ValueError
            For ``exactly:K`` with K > 1 and amplitude ``normal``, which have samples only.
        """
        if self.amplitude not in laws.AMPLITUDES:
            raise ValueError(
                f"amplitude {self.amplitude!r} has no exact loss; use objective sampled, or "
                f"amplitude {', '.join(laws.AMPLITUDES)}"
            )
        if self.kind == "exactly":
            if self.n_active != 1:
                raise ValueError(
                    f"law exactly:{self.n_active} has no exact loss; use objective sampled, or "
                    "law exactly:1"
                )
            return FeatureLaw("one-hot", (), self.amplitude)
        return FeatureLaw(self.kind, self.sets, self.amplitude)
