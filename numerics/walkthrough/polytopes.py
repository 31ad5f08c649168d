"""Whether a regular polytope is the best way to store k features in d dimensions.

The paper's names for what it sees are those of regular polytopes and their relatives (arXiv
2209.10652, section 3).  The atlas of best blocks (:mod:`numerics.best_blocks.table`) says by
density what stores k equal features in d dimensions best, found by search: sometimes the polytope,
sometimes fewer features than there are, sometimes a shape without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..best_blocks.table import Table, stored_table

__all__ = ["REGULAR", "PolytopeRow", "regular_polytopes"]

REGULAR = {
    "triangle": (3, 2),
    "square": (4, 2),
    "pentagon": (5, 2),
    "hexagon": (6, 2),
    "heptagon": (7, 2),
    "octagon": (8, 2),
    "tetrahedron": (4, 3),
    "octahedron": (6, 3),
    "cube": (8, 3),
    "icosahedron": (12, 3),
    "simplex-4": (5, 4),
    "cross-polytope-4": (8, 4),
    "tesseract": (16, 4),
}
"""Regular polytopes with as many vertices and dimensions as the atlas has: (k, d)."""

_AS_BLOCKS = {
    "square": ("digon",) * 2,
    "octahedron": ("digon",) * 3,
    "cross-polytope-4": ("digon",) * 4,
}


@dataclass(frozen=True, slots=True)
class PolytopeRow:
    """What stores k features in d dimensions best, beside a regular polytope of that size.

    Attributes
    ----------
    name, k, d
        The polytope, its vertices and dimensions.
    densities
        Densities p = P(x ≠ 0) looked at, falling.
    best
        For each density the orthogonal blocks of the best model found, joined by ``+``; ``nothing``
        if it stores no feature.
    """

    name: str
    k: int
    d: int
    densities: tuple[Fraction, ...]
    best: tuple[str, ...]

    @property
    def optimal(self) -> tuple[Fraction, ...]:
        """The densities at which the polytope is the best model found."""
        wanted = "+".join(_AS_BLOCKS.get(self.name, (self.name,)))
        pairs = zip(self.densities, self.best, strict=True)
        return tuple(p for p, found in pairs if found == wanted)


def regular_polytopes(
    names: Sequence[str] | None = None, table: Table | None = None
) -> list[PolytopeRow]:
    """Return for regular polytopes what is best in their place at each density of the atlas.

    Parameters
    ----------
    names
        Keys of :data:`REGULAR`; all by default.
    table
        The atlas; the stored one by default.

    Raises
    ------
    ValueError
        If a name is none of them.
    """
    chosen = list(REGULAR) if names is None else list(names)
    for name in chosen:
        if name not in REGULAR:
            raise ValueError(f"{name!r} is unknown; choose from {', '.join(REGULAR)}")
    atlas = stored_table() if table is None else table
    rows = []
    for name in chosen:
        k, d = REGULAR[name]
        blocks = atlas.best[k, d]
        rows.append(
            PolytopeRow(
                name,
                k,
                d,
                tuple(block.density for block in blocks),
                tuple("+".join(sorted(block.names)) or "nothing" for block in blocks),
            )
        )
    return rows
