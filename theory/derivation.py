r"""One case derived from start to end, as a JSON-ready record, as text and as LaTeX.

The record gathers what :mod:`theory.families`, :mod:`theory.phase_boundaries`, :mod:`theory.onset`
and :mod:`theory.coexistence` derive for n features in m = n − 1 dimensions: candidates and their
losses, boundaries, multiple points, at level ``free`` the continuous onset and samples of the
first-order part, and the general loss on the sign region of a strong antipodal pair.  Expressions
are sympy strings in p and r (the general loss has the Gram entries and biases too).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sympy

from .coexistence import coexistence
from .expected_loss import RegionLoss, region_loss
from .families import LEVELS, Candidate, Family, candidates, check_case
from .gram_patterns import P, R
from .onset import K, V, cubic_coefficient, tricritical_densities
from .phase_boundaries import Boundary, Point, boundaries, points

__all__ = ["derive", "general_loss", "render_latex", "render_text"]

SCHEMA = "antipode.derive/1"
_GENERAL = {
    "loss_expression": "the loss beside a strong antipodal pair, one rational function",
    "loss_polynomial": "the loss where no preactivation changes sign, a polynomial",
}
_DENSITIES = ("1/20", "1/10", "1/5", "3/10", "2/5", "1/2", "9/10", "19/20")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _rows(matrix: Any) -> list[list[str]] | None:
    return None if matrix is None else [[str(entry) for entry in row] for row in matrix.tolist()]


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "level": candidate.level,
        "weights": _rows(candidate.weights),
        "gram": _rows(candidate.gram),
        "bias": None if candidate.bias is None else [str(entry) for entry in candidate.bias],
        "loss": _text(candidate.loss),
        "region": [str(relation) for relation in candidate.region],
        **({"note": candidate.note} if candidate.note else {}),
    }


def _own(family: Family) -> dict[str, Any]:
    """Return a family of one's own; without closed form, with its loss in p, r and parameters."""
    record = _candidate(family.minimised())
    if record["loss"] is None:
        region = family.loss
        record["loss_in_parameters"] = {
            "parameters": {str(t): str(v) for t, v in family.sample if t in family.parameters},
            "expression": str(region.expression),
            "region": [str(relation) for relation in region.relations],
        }
    return record


def _boundary(boundary: Boundary) -> dict[str, Any]:
    return {
        "level": boundary.level,
        "between": list(boundary.between),
        "curve": str(boundary.curve),
        "solved": _text(boundary.solved),
        "valid": [str(relation) for relation in boundary.valid],
    }


def _point(point: Point, digits: int | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "level": point.level,
        "name": point.name,
        "density": str(point.density),
        "importance": str(point.importance),
        "between": list(point.between),
    }
    if digits is not None:
        record["density_decimal"] = str(sympy.N(point.density, digits))
        record["importance_decimal"] = str(sympy.N(point.importance, digits))
    return record


@cache
def general_loss(n: int, *, clipped: bool = True) -> RegionLoss:
    """Return the loss for n = 2 or 3 on one sign region.

    Symbols: Gram entries g11, g12, … and biases b1, ….  The region is that of squared norms near 1,
    a coupling of the last two features near −1, small other couplings and small positive biases (a
    strong antipodal pair); if not ``clipped``, that of biases so large that no preactivation
    changes sign, where the loss is a polynomial.
    """
    if n not in (2, 3):
        raise ValueError(f"the general loss is written out for 2 and 3 features, got {n}")
    sample: dict[Any, Any] = {}
    G = sympy.zeros(n, n)
    for i in range(n):
        for j in range(i, n):
            G[i, j] = G[j, i] = sympy.Symbol(f"g{i + 1}{j + 1}", real=True)
            strong = sympy.Rational(-99, 100) if i >= n - 2 else sympy.Rational(-1, 50)
            sample[G[i, j]] = 1 if i == j else strong
    bias = [sympy.Symbol(f"b{i + 1}", real=True) for i in range(n)]
    sample |= {b: sympy.Rational(1, 20) if clipped else sympy.Integer(3) for b in bias}
    return region_loss(G, bias, P, [1] * (n - 1) + [R], sample)


def _free(n: int, digits: int) -> dict[str, Any]:
    """Return what level ``free`` has beyond closed boundaries: onset, first-order samples.

    For n ≥ 3 a tilted triangle is below drop already at the tie of drop and pair near p = 19/20.
    """
    samples = []
    for density in _DENSITIES[: -1 if n >= 3 else None]:
        tie = coexistence(density, digits)
        samples.append(
            {
                "density": density,
                "importance": str(tie.importance),
                "weights": [str(entry) for entry in tie.weights],
                "bias": [str(entry) for entry in tie.bias],
                "region": [str(relation) for relation in tie.relations],
            }
        )
    return {
        "onset": {
            "between": ["ignore_last", "pair_last"],
            "dropped_loss": str(V()),
            "stiffness": str(K()),
            "cubic_coefficient": str(cubic_coefficient()),
            "tricritical_densities": [str(value) for value in tricritical_densities(digits)],
        },
        "first_order": {"between": ["ignore_last", "pair_last"], "samples": samples},
    }


def derive(
    n: int,
    m: int,
    level: str | None = None,
    digits: int | None = None,
    families: Sequence[Family] = (),
) -> dict[str, Any]:
    """Return the derivation of one case as a JSON-ready dictionary (schema ``antipode.derive/1``).

    Parameters
    ----------
    n, m
        Features and hidden dimensions, m = n − 1.
    level
        One level, or all of them.
    digits
        Give decimal values to this many digits too (samples at level ``free`` have 15 by default).
    families
        Families of your own, listed and compared with the named candidates.
    """
    if digits is not None and not 1 <= digits <= 200:
        raise ValueError(f"digits {digits} is outside 1 … 200; give a number of decimal digits")
    levels = check_case(n, m, level)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "features": n,
        "hidden": m,
        "levels": list(levels),
        "candidates": [*map(_candidate, candidates(n, m, level)), *map(_own, families)],
        "boundaries": [_boundary(b) for b in boundaries(n, m, level, families)],
        "points": [_point(x, digits) for x in points(n, m, level, families)],
    }
    if n in (2, 3):
        for key, clipped in (("loss_expression", True), ("loss_polynomial", False)):
            general = general_loss(n, clipped=clipped)
            record[key] = {
                "expression": str(general.expression),
                "region": [str(relation) for relation in general.relations],
            }
    if "free" in levels:
        record |= _free(n, digits or 15)
    return record


def render_text(record: dict[str, Any]) -> str:
    """Return a record of :func:`derive` as a table for reading."""
    lines = [
        f"{record['features']} features in {record['hidden']} dimensions; p density, r importance"
    ]
    for level in (*LEVELS, "user"):
        own = {
            key: [entry for entry in record[key] if entry["level"] == level]
            for key in ("candidates", "boundaries", "points")
        }
        if not any(own.values()):
            continue
        lines += ["", f"level {level}", "  candidates"]
        for entry in own["candidates"]:
            loss = entry["loss"] or entry.get("note") or "no closed form"
            under = f"   where {', '.join(entry['region'])}" if entry["region"] else ""
            lines.append(f"    {entry['name']:<16} L = {loss}{under}")
        lines.append("  boundaries" if own["boundaries"] else "  boundaries: none")
        for entry in own["boundaries"]:
            where = ", ".join(entry["valid"]) or "everywhere"
            solved = f"p = {entry['solved']}" if entry["solved"] else f"{entry['curve']} = 0"
            lines.append(f"    {' | '.join(entry['between']):<30} {solved}   ({where})")
        for entry in own["points"]:
            decimal = f" = {entry['density_decimal']}" if "density_decimal" in entry else ""
            lines.append(
                f"  {entry['name']}: p = {entry['density']}{decimal}, r = {entry['importance']}"
            )
    if "first_order" in record:
        lines += ["", "first-order part of the drop boundary (level free)"]
        lines += [
            f"  p = {s['density']:<6} r = {s['importance']}   W = ({', '.join(s['weights'])})"
            for s in record["first_order"]["samples"]
        ]
        ends = ", ".join(record["onset"]["tricritical_densities"])
        lines.append(f"continuous between the tricritical densities {ends}")
    for key, title in _GENERAL.items():
        if key in record:
            lines += ["", title, f"  where {', '.join(record[key]['region'])}"]
            lines.append(f"  L = {record[key]['expression']}")
    return "\n".join(lines)


def _latex(expression: str) -> str:
    names = {f"g{i}{j}": sympy.Symbol(f"G_{{{i}{j}}}") for i in range(1, 4) for j in range(1, 4)}
    names |= {f"b{i}": sympy.Symbol(f"b_{i}") for i in range(1, 4)}
    return str(sympy.latex(sympy.sympify(expression, locals={"p": P, "r": R, **names})))


def render_latex(record: dict[str, Any]) -> str:
    """Return candidates, boundaries and points of a record as LaTeX."""
    lines = [r"\begin{align*}"]
    for entry in record["candidates"]:
        if entry["loss"] is not None:
            name = f"{entry['name']}, {entry['level']}".replace("_", r"\_")
            lines.append(rf"L_{{\text{{{name}}}}} &= {_latex(entry['loss'])} \\")
    for entry in record["boundaries"]:
        names = " | ".join(entry["between"]).replace("_", r"\_")
        label = rf"\text{{{names}, {entry['level']}: }}".replace("unit_bias", r"unit\_bias")
        if entry["solved"]:
            body = f"p &= {_latex(entry['solved'])}"
        else:
            body = f"0 &= {_latex(entry['curve'])}"
        where = ",\\; ".join(_latex(relation) for relation in entry["valid"])
        lines.append(rf"{label} {body}, \quad {where} \\")
    for entry in record["points"]:
        name = f"{entry['name']}, {entry['level']}".replace("_", r"\_")
        at = f"{_latex(entry['density'])},\\; {_latex(entry['importance'])}"
        lines.append(rf"\text{{{name}: }} (p, r) &= \left({at}\right) \\")
    for key, title in _GENERAL.items():
        if key in record:
            where = ",\\; ".join(_latex(relation) for relation in record[key]["region"])
            lines.append(rf"& \text{{{title}, where }} {where}: \\")
            lines.append(rf"L &= {_latex(record[key]['expression'])} \\")
    return "\n".join([*lines, r"\end{align*}"])
