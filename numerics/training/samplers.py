r"""Batches of samples: a fast :class:`Sampler`, and a :func:`reference_batch` to judge it.

Random words
    xoshiro128++ (Blackman and Vigna, ACM Trans. Math. Softw. 47, 2021), 64 streams side by side so
    that a processor steps many at once, each with 128 bits of state from numpy's SeedSequence of
    (key, chunk).  A chunk therefore begins without the ones before it.

The blocks of a law are independent (:mod:`theory.laws`), and each is in one of a few states, by
which features are on.  A block is drawn in one of two ways:

dense
    One word for each sample: the upper 31 bits, k, fall into windows as wide as the states are
    likely, :math:`2^{31} q`.  Where in its window k lies is the value of the state's first feature,
    :math:`(k - \text{low} + \tfrac12)/\text{width}`: uniform, independent of the state, never 0.
    Further features of the state take words of their own.  The cost is that of the entries.
sparse
    The samples in which the block is on, with probability P each, are
    :math:`\lfloor \ln u / \ln(1 - P) \rfloor` samples apart.  In each the state is chosen by one
    uniform and every value by another, of 52 bits.  The cost is that of the active entries, and of
    writing the zeros.

Dense are blocks whose least likely state has a probability of at least 1/64: there dense is not
slower, and a window holds :math:`2^{25}` values or more, finer than float32.  Probabilities are met
within :math:`2^{-31}` in dense blocks, within rounding in others.

A ``normal`` value is the quantile of a uniform one.  For ``exactly:K`` the first K places of a
permutation are drawn anew for every sample.
"""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from math import log1p

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..compiled.jit import compiled
from ..seeds import content_key
from .data_laws import DataLaw

__all__ = ["Sampler", "reference_batch"]

_LANES = 64  # streams side by side
_LEAST_DENSE = 1 / 64
_NEW, _SAME, _OWN = 0, 1, 2  # the words of a dense feature: see _dense
_PLAIN = (0.0, 1.0, 0.0)  # centre, scale, shift: a value is shift + scale (v − centre), v uniform
_CENTRE_SCALE_SHIFT = {"signed": (0.5, 2.0, 0.0), "binary": (0.0, 0.0, 1.0)}


@compiled
def _step(words, state):  # type: ignore[no-untyped-def]
    """Fill ``words``, a multiple of the lanes long, and step the state (4, lanes), all uint32."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for start in range(0, len(words), _LANES):
        row = words[start : start + _LANES]
        for i in range(_LANES):
            a, b, c, d = s0[i], s1[i], s2[i], s3[i]
            total = np.uint32(a + d)
            row[i] = np.uint32((total << np.uint32(7)) | (total >> np.uint32(25))) + a
            c ^= a
            d ^= b
            s0[i] = a ^ d
            s1[i] = b ^ c
            s2[i] = c ^ np.uint32(b << np.uint32(9))
            s3[i] = np.uint32(d << np.uint32(11)) | np.uint32(d >> np.uint32(21))


@compiled
def _dense(out, state, words, table, centre, scale, shift):  # type: ignore[no-untyped-def]
    """Fill the rows of dense blocks.

    ``words`` is (2, at least batch): those of the block, and those of a feature.  A line of
    ``table`` (int32) is a feature: its row, first and last k of its state's window, and whether it
    opens a block (``_NEW``), opens a state (``_SAME``) or joins one (``_OWN`` words).
    """
    batch = out.shape[1]
    half, one, off = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    lift = np.float32(shift)
    for line in range(len(table)):
        low, last, opens = table[line, 1], table[line, 2], table[line, 3]
        from_k, width = low, np.float64(last) - low + 1.0
        block = own = words[0][:batch]
        if opens == _NEW:
            _step(words[0], state)
        elif opens == _OWN:
            _step(words[1], state)
            own, from_k, width = words[1][:batch], np.int32(0), 2.0**31
        from_k = np.int32(from_k + np.int64(centre * width))
        factor = np.float32(scale / width)
        row = out[table[line, 0]]
        for s in range(batch):
            k = np.int32(block[s] >> np.uint32(1))
            v = np.float32(np.int32(np.int32(own[s] >> np.uint32(1)) - from_k)) + half
            value = min(max(lift + v * factor, -one), one)
            row[s] = value if low <= k <= last else off


@compiled
def _refill(uniforms, words, state):  # type: ignore[no-untyped-def]
    """Fill ``uniforms`` with numbers between 0 and 1, neither of them; return 0, the next place."""
    _step(words, state)
    for i in range(len(uniforms)):
        high, low = words[i] >> np.uint32(6), words[len(uniforms) + i] >> np.uint32(6)
        uniforms[i] = (high * 2.0**26 + low + 0.5) * 2.0**-52
    return 0


@compiled
def _sparse(out, state, words, uniforms, chances, states, members, centre, scale, shift):  # type: ignore[no-untyped-def]
    """Fill the rows of sparse blocks.

    A line of ``chances`` is a state: the probability of it and of those before it in its block,
    given that the block is on, and 1/ln(1 − P) of the block.  The line of ``states`` holds the
    places of its first and past its last feature in ``members``, and past its block's last state.
    """
    batch = out.shape[1]
    for j in members:
        out[j] = np.float32(0.0)
    at = len(uniforms)
    end = 0
    while end < len(states):
        first, end = end, states[end, 2]
        place = -1.0
        while True:
            if at + 2 > len(uniforms):
                at = _refill(uniforms, words, state)
            place += 1.0 + np.floor(np.log(uniforms[at]) * chances[first, 1])
            if place >= batch:
                at += 1
                break
            u, chosen = uniforms[at + 1], first
            at += 2
            while chosen < end - 1 and u > chances[chosen, 0]:
                chosen += 1
            for k in range(states[chosen, 0], states[chosen, 1]):
                if at == len(uniforms):
                    at = _refill(uniforms, words, state)
                value = shift + scale * (uniforms[at] - centre)
                out[members[k], np.int64(place)] = value
                at += 1


@compiled
def _subsets(out, state, words, uniforms, order, n_active, centre, scale, shift):  # type: ignore[no-untyped-def]
    """Turn on ``n_active`` features in every sample; ``order`` is any permutation of them."""
    n, batch = out.shape
    out[:] = np.float32(0.0)
    at = len(uniforms)
    for s in range(batch):
        for i in range(n_active):
            if at == len(uniforms):
                at = _refill(uniforms, words, state)
            j = i + np.int64(uniforms[at] * (n - i))
            order[i], order[j] = order[j], order[i]
            out[order[i], s] = shift + scale * (uniforms[at + 1] - centre)
            at += 2


@compiled
def _through(out, table):  # type: ignore[no-untyped-def]
    """Replace values by a function of them, given on [0, 1] as a table and lines, 0 at 0."""
    cells = np.int32(len(table) - 1)
    for row in out:
        for s in range(len(row)):
            t = row[s] * np.float32(cells)
            i = min(np.int32(t), cells - 1)
            row[s] = table[i] + (t - np.float32(i)) * (table[i + 1] - table[i])


@cache
def _normal_table() -> NDArray[np.float32]:
    """Return quantiles of a clipped normal value; lines err by 7e-8, 5e-5 where clipping begins."""
    u = np.linspace(0.0, 1.0, 2**16 + 1)
    return np.clip(0.5 + 0.2 * ndtri(u), 0.0, 1.0).astype(np.float32)


class Sampler:
    """A stream of batches of one law; what it gives follows from key, chunk and place alone.

    Parameters
    ----------
    law
        Which features are on together, and their values.
    density
        What the law calls density: n numbers in (0, 1]; none for ``one-hot`` and ``exactly:K``.
    n, batch
        Features, and samples in a batch.
    key
        Names the stream; the streams of two keys have nothing to do with each other.

    Raises
    ------
    ValueError
        If ``density`` does not fit the law.
    """

    def __init__(
        self, law: DataLaw, density: Sequence[float], n: int, batch: int, key: str
    ) -> None:
        law.check(density, n)
        self._key = key
        self._shape = (n, batch)
        self._amplitude = law.amplitude
        self._affine = _CENTRE_SCALE_SHIFT.get(law.amplitude, _PLAIN)
        self._words = np.zeros((2, -(-batch // _LANES) * _LANES), np.uint32)
        self._buffers = (np.zeros(4 * _LANES, np.uint32), np.zeros(2 * _LANES))
        self._subset = law.n_active if law.n_active != 1 else None
        self._order = np.arange(n)
        self._plan([] if self._subset else law.states(density, n))
        self.seek(0)

    def _plan(self, blocks: Sequence[Sequence[tuple[tuple[int, ...], float]]]) -> None:
        """Make the tables of the kernels."""
        dense: list[tuple[int, int, int, int]] = []
        chances: list[tuple[float, float]] = []
        states: list[tuple[int, int, int]] = []
        members: list[int] = []
        for block in blocks:
            active = [features for features, _ in block if features]
            shares = [float(q) for features, q in block if features]
            sums = [min(total, 1.0) for total in accumulate(shares)]
            if min(shares) >= _LEAST_DENSE:
                low = 0
                for features, total in zip(active, sums, strict=True):
                    end = round(total * 2**31)
                    opens = [_SAME if low else _NEW, *[_OWN] * (len(features) - 1)]
                    dense += [(j, low, end - 1, o) for j, o in zip(features, opens, strict=True)]
                    low = end
                continue
            always = len(active) == len(block) or sums[-1] == 1
            gap = -0.0 if always else 1 / log1p(-sums[-1])
            block_end = len(states) + len(active)
            for features, total in zip(active, sums, strict=True):
                chances.append((total / sums[-1], gap))
                states.append((len(members), len(members) + len(features), block_end))
                members += features
        self._dense = np.array(dense, np.int32).reshape(-1, 4)
        self._chances = np.array(chances, np.float64).reshape(-1, 2)
        self._states = np.array(states, np.int64).reshape(-1, 3)
        self._members = np.array(members, np.int64)

    def seek(self, chunk: int) -> None:
        """Go to the beginning of a chunk, a whole number of at least 0, from anywhere."""
        if not isinstance(chunk, int) or isinstance(chunk, bool) or chunk < 0:
            raise ValueError(f"chunk {chunk!r} is no whole number of at least 0; count from 0")
        seed = np.random.SeedSequence(int(content_key(["samples", self._key, chunk]), 16))
        self._state = seed.generate_state(4 * _LANES).reshape(4, _LANES)
        self._order.sort()

    def draw(self, out: NDArray[np.float32]) -> None:
        """Fill ``out`` (n, batch), feature-major, with the next batch of the chunk.

        Raises
        ------
        ValueError
            If ``out`` has another shape or type, or is not C-contiguous.
        """
        if out.shape != self._shape or out.dtype != np.float32 or not out.flags.c_contiguous:
            raise ValueError(
                f"out is {out.dtype} {out.shape}; give a C-contiguous float32 array {self._shape}"
            )
        if self._subset:
            _subsets(out, self._state, *self._buffers, self._order, self._subset, *self._affine)
        if len(self._dense):
            _dense(out, self._state, self._words, self._dense, *self._affine)
        if len(self._members):
            tables = (self._chances, self._states, self._members)
            _sparse(out, self._state, *self._buffers, *tables, *self._affine)
        if self._amplitude == "normal":
            _through(out, _normal_table())


def reference_batch(
    law: DataLaw, density: Sequence[float], n: int, batch: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return a batch (n, batch) drawn as the law is defined: slow, and to be read.

    First which features are on, block by block, then independent values of those that are.
    """
    law.check(density, n)
    on = np.zeros((n, batch), dtype=bool)
    if law.n_active is not None:
        for s in range(batch):
            on[generator.choice(n, law.n_active, replace=False), s] = True
    else:
        for block in law.states(density, n):
            chances = np.array([max(float(q), 0.0) for _, q in block])
            chosen = generator.choice(len(block), batch, p=chances / chances.sum())
            for state, (features, _) in enumerate(block):
                on[list(features)] |= chosen == state
    if law.amplitude == "binary":
        return on.astype(np.float64)
    if law.amplitude == "normal":
        values = np.clip(0.5 + 0.2 * generator.standard_normal(on.shape), 0, 1)
    else:
        values = generator.uniform(-1 if law.amplitude == "signed" else 0, 1, on.shape)
    return np.where(on, values, 0.0)
