r"""Polytopes under the paper's attack, and what the best mix of them predicts for F27.

Each shape is held rigid, with the norms and biases of least exact loss at the density
(:mod:`numerics.best_blocks.rigid_shapes`).  Blocks in orthogonal subspaces do not see each other's
attacks, since :math:`G_i` is 0 outside the block of i: the vulnerability of a mix is the largest of
its blocks', and a dimension given to one feature has exactly 1.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from theory.blocks import SINGLE, Block, best_mix
from theory.robustness import mean_input_norm, own_response

from ...adversarial import fixed_attacks
from ...best_blocks.rigid_shapes import rigid_shapes
from ...seeds import generator
from ..work import Arrays

__all__ = ["SHAPES", "mixes", "shape_unit"]

SHAPES = (
    "digon",
    "triangle",
    "tetrahedron",
    "pentagon",
    "square-antiprism-tight",
    "icosahedron",
    "demicube-5",
    "24-cell",
    "2_21",
)
_SAMPLES = 200


def shape_unit(key: str, densities: Sequence[float], n: int, size: float) -> Arrays:
    """Return one shape at falling densities, attacked by ``size`` mean norms of n features."""
    found: dict[str, list[float]] = {
        name: [] for name in ("loss", "squared_norm", "vulnerability", "own_response", "found")
    }
    for block in rigid_shapes(key, [Fraction(p) for p in densities]):
        p = float(block.density)
        radius = size * mean_input_norm(p, n)
        rng = generator("shape", key, p)
        attack = fixed_attacks(block.W, block.b, p, radius, rng, _SAMPLES)
        found["loss"].append(block.loss)
        found["squared_norm"].append(float((block.W**2).sum()))
        found["vulnerability"].append(attack.analytic)
        found["found"].append(attack.found)
        found["own_response"].append(float((own_response(block.W) ** 2).max()))
    return {
        **{name: np.array(values) for name, values in found.items()},
        "features": np.array(block.k),
        "dimensions": np.array(block.d),
    }


def mixes(
    densities: Sequence[float], shapes: Mapping[str, Arrays], n: int, m: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Return vulnerability, features per dimension and names of the best mix at each density.

    ``shapes`` holds what :func:`shape_unit` found, by key.
    """
    vulnerability, per_dimension, names = [], [], []
    for at, p in enumerate(densities):
        blocks = {
            key: Block(
                name=key,
                features=int(unit["features"]),
                dimensions=int(unit["dimensions"]),
                loss=max(float(unit["loss"][at]), 0.0),
                squared_norm=float(unit["squared_norm"][at]),
                dimensionalities=(float(unit["dimensions"] / unit["features"]),)
                * int(unit["features"]),
            )
            for key, unit in shapes.items()
        }
        V = Fraction(p) / 3 - Fraction(p) ** 2 / 4
        counts = best_mix([SINGLE, *blocks.values()], V, n, m).mix.counts
        of = {key: float(unit["vulnerability"][at]) for key, unit in shapes.items()}
        vulnerability.append(max(of.get(block.name, 1.0) for block, _ in counts))
        per_dimension.append(sum(float(x) * block.squared_norm for block, x in counts) / m)
        names.append(" + ".join(block.name for block, _ in counts))
    return np.array(vulnerability), np.array(per_dimension), names
