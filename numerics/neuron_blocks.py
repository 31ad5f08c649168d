r"""Which neurons store which features: the blocks of a model with a hidden ReLU.

A hidden ReLU makes the axes of the hidden space, its neurons, meaningful.  Feature i *uses* neuron
a if :math:`|W_{ai}|` is at least :data:`USED`; features and neurons are then the two sides of a
graph, whose connected components are the *blocks*: k features in d neurons (arXiv 2209.10652, F31:
three in two, five in three, ...).  A feature that uses none is dropped.  The threshold is absolute,
as the model has a scale: a feature alone on its neuron has weight 1, and one alone on c neurons
:math:`1/\sqrt c` on each.

A feature that is on alone *excites* the neurons to which its weight is positive.  The *regime* of a
model in the paper's words: ``monosemantic`` if no two features share a neuron; ``pairs`` if every
feature excites exactly two neurons, each a pair of its own; else its largest block, as ``3 in 2``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components

__all__ = [
    "USED",
    "Block",
    "NeuronBlocks",
    "alignment",
    "excited",
    "neuron_blocks",
    "neurons_per_feature",
    "regime",
]

USED = 0.3
"""The least weight with which a feature uses a neuron: above what descent leaves on a neuron for a
dropped feature (0.1) or a weak coupling (0.25), below 1/√5 = 0.45, one feature on five neurons."""


@dataclass(frozen=True, slots=True)
class Block:
    """Features and neurons that are connected, ascending."""

    features: tuple[int, ...]
    neurons: tuple[int, ...]

    @property
    def name(self) -> str:
        """The block in words, as ``3 in 2``."""
        return f"{len(self.features)} in {len(self.neurons)}"


@dataclass(frozen=True, slots=True)
class NeuronBlocks:
    """A model taken apart: blocks by falling size, dropped features, idle neurons."""

    blocks: tuple[Block, ...]
    dropped: tuple[int, ...]
    idle: tuple[int, ...]

    @property
    def name(self) -> str:
        """All blocks, as ``3 in 2 + 3 × 1 in 1``."""
        names = [block.name for block in self.blocks]
        counts = {name: names.count(name) for name in names}
        return " + ".join(name if c == 1 else f"{c} × {name}" for name, c in counts.items())


def neuron_blocks(W: ArrayLike, used: float = USED) -> NeuronBlocks:
    """Return the blocks of weights (m, n), features as columns.

    Raises
    ------
    ValueError
        If W is no finite matrix.
    """
    matrix = np.asarray(W, dtype=np.float64)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ValueError(f"W of shape {matrix.shape} is no finite matrix; give neurons × features")
    m, n = matrix.shape
    uses = np.abs(matrix) >= used
    graph = np.zeros((m + n, m + n), dtype=bool)
    graph[:m, m:] = uses
    count, label = connected_components(graph, directed=False)
    blocks = []
    for one in range(count):
        members = np.flatnonzero(label == one).tolist()
        if len(members) > 1:
            neurons = tuple(k for k in members if k < m)
            blocks.append(Block(tuple(k - m for k in members if k >= m), neurons))
    blocks.sort(key=lambda block: (-len(block.neurons), -len(block.features), block.features))
    return NeuronBlocks(
        tuple(blocks),
        tuple(np.flatnonzero(~uses.any(0)).tolist()),
        tuple(np.flatnonzero(~uses.any(1)).tolist()),
    )


def excited(W: ArrayLike, used: float = USED) -> list[tuple[int, ...]]:
    """Return the neurons that each feature excites when it is on alone."""
    return [tuple(np.flatnonzero(column >= used).tolist()) for column in np.asarray(W).T]


def regime(W: ArrayLike, used: float = USED) -> str:
    """Return the regime of a model: ``monosemantic``, ``3 in 2``, ``pairs``, ..., or ``empty``."""
    found = neuron_blocks(W, used)
    if not found.blocks:
        return "empty"
    if all(len(block.features) == 1 for block in found.blocks):
        return "monosemantic"
    pairs = excited(W, used)
    if {len(pair) for pair in pairs} == {2} and len(set(pairs)) == len(pairs):
        return "pairs"
    return max(found.blocks, key=lambda block: (len(block.features), len(block.neurons))).name


def alignment(W: ArrayLike) -> NDArray[np.float64]:
    r"""Return :math:`\sum_a W_{ai}^4 / (\sum_a W_{ai}^2)^2` of each feature (..., n), 0 for 0.

    1 for a feature on one neuron, 1/c for one equally on c, and :math:`3/(m + 2)` on average for a
    random direction in m dimensions (:math:`E u_1^4 = 3 / (m (m + 2))` on the sphere).
    """
    square = np.asarray(W, dtype=np.float64) ** 2
    total = square.sum(-2) ** 2
    return np.asarray(
        np.divide((square**2).sum(-2), total, out=np.zeros_like(total), where=total > 0)
    )


def neurons_per_feature(W: ArrayLike) -> NDArray[np.float64]:
    r"""Return :math:`(\sum_a |W_{ai}|)^2 / \sum_a W_{ai}^2` of each feature (..., n), 0 for 0.

    1 for a feature on one neuron and c for one equally on c; small weights count more than in
    :func:`alignment`.
    """
    matrix = np.asarray(W, dtype=np.float64)
    square = (matrix**2).sum(-2)
    total = np.abs(matrix).sum(-2) ** 2
    return np.asarray(np.divide(total, square, out=np.zeros_like(total), where=square > 0))
