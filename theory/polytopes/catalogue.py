r"""The shapes by their keys, the only names that output uses.

Families go on without end: ``9-gon``, ``simplex-4``, ``cube-5``, ``cross-polytope-4`` and so on,
and products ``tetrahedron+digon``.  One shape has one key: the 3-gon is ``triangle``, four digons
are ``cross-polytope-4``, whatever way the product is written.

A shape is made when it is asked for, and kept.
"""

import re
from collections.abc import Callable
from functools import cache, partial

from . import gosset, layered, regular, uniform
from .shapes import Polytope
from .tegum import OWN_KEYS, tegum_product

__all__ = ["KEYS", "polytope"]

_SINGLE: dict[str, Callable[[], Polytope]] = {
    "single": regular.single,
    "digon": regular.digon,
    "triangle": partial(regular.polygon, 3),
    "pentagon": partial(regular.polygon, 5),
    "hexagon": partial(regular.polygon, 6),
    "heptagon": partial(regular.polygon, 7),
    "octagon": partial(regular.polygon, 8),
    "tetrahedron": partial(regular.simplex, 3),
    "cube": partial(regular.cube, 3),
    "triangular-prism-uniform": layered.prism_uniform,
    "triangular-prism-tight": layered.prism_tight,
    "square-antiprism-uniform": layered.antiprism_uniform,
    "square-antiprism-coulomb": layered.antiprism_coulomb,
    "square-antiprism-tight": layered.antiprism_tight,
    "tricapped-prism-coulomb": layered.tricapped_coulomb,
    "tricapped-prism-tammes": layered.tricapped_tammes,
    "gyroelongated-square-bipyramid": layered.bipyramid_gyroelongated,
    "icosahedron": regular.icosahedron,
    "cuboctahedron": uniform.cuboctahedron,
    "dodecahedron": regular.dodecahedron,
    "snub-cube": uniform.snub_cube,
    "icosidodecahedron": uniform.icosidodecahedron,
    "duoprism-3-3": uniform.duoprism,
    "rectified-5-cell": uniform.rectified_simplex,
    "tesseract": partial(regular.cube, 4),
    "24-cell": regular.cell_24,
    "600-cell": regular.cell_600,
    "demicube-5": gosset.demicube,
    "2_21": gosset.gosset_2_21,
    "3_21": gosset.gosset_3_21,
    "e8": gosset.e8,
    "etf-3-6": gosset.etf_3_6,
    "etf-7-28": gosset.etf_7_28,
}

_PRODUCTS = {key: factors for factors, key in OWN_KEYS.items()}

_FAMILIES: dict[str, tuple[int, Callable[[int], Polytope]]] = {
    r"(\d+)-gon": (9, regular.polygon),
    r"simplex-(\d+)": (4, regular.simplex),
    r"cube-(\d+)": (5, regular.cube),
    r"cross-polytope-(\d+)": (4, lambda d: tegum_product([regular.digon()] * d)),
}

KEYS = (*_SINGLE, *_PRODUCTS)
"""The shapes with keys of their own, apart from the families."""


@cache
def polytope(key: str) -> Polytope:
    """Return the shape with this key.

    Parameters
    ----------
    key
        One of :data:`KEYS`, a member of a family (``9-gon``, ``simplex-4``, ``cube-5``,
        ``cross-polytope-4``, and larger), or any of them joined by ``+``.

    Raises
    ------
    ValueError
        If there is no such shape.

    Examples
    --------
    >>> polytope("digon+triangle").key, polytope("digon+triangle").order
    ('triangular-bipyramid', 12)
    """
    if "+" in key:
        return tegum_product([polytope(part) for part in key.split("+")])
    if key in _SINGLE:
        return _SINGLE[key]()
    if key in _PRODUCTS:
        return tegum_product([polytope(part) for part in _PRODUCTS[key]])
    for pattern, (least, build) in _FAMILIES.items():
        found = re.fullmatch(pattern, key)
        if found and int(found[1]) >= least:
            return build(int(found[1]))
    raise ValueError(
        f"{key!r} is not in the catalogue; give one of {', '.join(KEYS)}, 9-gon, simplex-4, "
        "cube-5, cross-polytope-4 (or larger), or several joined by +"
    )
