"""What ``antipode toy-energies`` prints, and the table of it that is shipped.

``toy_energies.toml`` beside this file holds the numbers N by N in two and three dimensions;
``python -m numerics.spheres.toy_reports`` prints it.  Kept apart from the other reports because it
needs torch and they do not.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..progress import Report, terminal_progress
from .toy_comparison import TOLERANCE, EnergyRow, LossRow, compare

__all__ = [
    "TOY_SIZES",
    "toy_energies_report",
    "toy_energies_summary",
    "toy_energies_table",
]

TOY_SIZES = {2: range(3, 13), 3: range(4, 21)}
"""The numbers of points of the table, by dimension."""
_TOY_HEADER = """\
# What the toy model makes least for n unit vectors, beside the Thomson and Tammes shapes.
# Made by: python -m numerics.spheres.toy_reports > numerics/spheres/toy_energies.toml
# energies: sum of max(cos, 0)^2 over ordered pairs.  losses: exact, per feature, in p/3 - p^2/4;
# least over all weights and biases, the shapes at fixed directions.  Distances are root mean
# squares.  Keys and words: numerics/spheres/toy_comparison.py.  Best found, none proven least.
"""
_COORDINATES = ("points", "W", "b")
_NOT_TABLED = ("n", "density", *_COORDINATES)
_DIGITS = 12  # decimals of the table


def _energy_entry(row: EnergyRow) -> dict[str, Any]:
    """Return what is said of the toy energies of N points."""
    toy, tammes = row.shapes["toy"], row.shapes["tammes"]
    definite = row.relation != "continuum"
    return {
        "n": row.points,
        "relation": row.relation,
        **row.energies,
        "from_thomson": row.residuals.get("thomson"),
        "from_tammes": row.residuals.get("tammes"),
        "multiplicities": toy.multiplicities if definite else None,
        "point_group": toy.point_group if definite else None,
        "symmetry_order": toy.symmetry_order if definite else None,
        "tammes_rattlers": row.points - len(tammes.held),
        "hits": toy.hits,
        "starts": toy.starts,
        "status": toy.status,
        "points": toy.points.tolist(),
    }


def _loss_entry(row: LossRow) -> dict[str, Any]:
    """Return what is said of the exact losses of N features."""
    return {
        "n": row.points,
        "density": str(row.density),
        "relation": row.relation,
        "least": row.least,
        **row.fixed,
        "stored": row.stored,
        "name": row.name,
        "multiplicities": row.multiplicities,
        "from_thomson": row.residuals["thomson"],
        "from_tammes": row.residuals["tammes"],
        "point_group": row.point_group,
        "symmetry_order": row.symmetry_order,
        "hits": row.optimum.hits,
        "starts": row.optimum.starts,
        "status": row.optimum.status,
        "curvature_status": row.optimum.curvature_status,
        "W": row.optimum.W.tolist(),
        "b": row.optimum.b.tolist(),
    }


def toy_energies_report(
    points: Sequence[int],
    dim: int,
    densities: Sequence[Fraction],
    starts: int | None,
    seed: int,
    progress: Report | None = None,
) -> dict[str, Any]:
    """Compare the Thomson and Tammes shapes with what the toy model makes least.

    Keys and words as in :mod:`numerics.spheres.toy_comparison`, whose ``compare`` says what is
    refused: ``thomson``, ``tammes`` and ``toy`` are the energy or loss of the shapes,
    ``from_thomson`` and ``from_tammes`` the minimiser's distance from these, null in a continuum.
    """
    energies, losses = compare(
        points, dim, densities=densities, starts=starts, seed=seed, progress=progress
    )
    return {
        "schema": "antipode.toy-energies/1",
        "dim": dim,
        "densities": [str(density) for density in densities],
        "tolerance": TOLERANCE,
        "seed": seed,
        "energies": [_energy_entry(row) for row in energies],
        "losses": [_loss_entry(row) for row in losses],
    }


def toy_energies_summary(report: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a report that is for reading: no coordinates."""
    lists = {
        name: [{k: v for k, v in row.items() if k not in _COORDINATES} for row in report[name]]
        for name in ("energies", "losses")
    }
    return {**report, **lists}


def _inline(entry: dict[str, Any]) -> str:
    """Return an entry as a row of a TOML table."""
    kept = {k: v for k, v in entry.items() if k not in _NOT_TABLED and v is not None}
    short = {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in kept.items()}
    said = ", ".join(f"{k} = {json.dumps(v)}" for k, v in short.items())
    return f"{entry['n']} = {{ {said} }}"


def toy_energies_table(
    sizes: Mapping[int, Sequence[int]] = TOY_SIZES,
    densities: Sequence[Fraction] = (Fraction(1, 10), Fraction(1, 100)),
    progress: Report | None = None,
) -> str:
    """Return the table of toy energies and exact losses, by dimension, as TOML."""
    lines = [_TOY_HEADER.rstrip()]
    for dim, points in sizes.items():
        report = toy_energies_report(points, dim, densities, None, 0, progress)
        lines += ["", f"[{dim}.energies]", *map(_inline, report["energies"])]
        for density in report["densities"]:
            rows = [row for row in report["losses"] if row["density"] == density]
            lines += ["", f'[{dim}.losses."{density}"]', *map(_inline, rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with terminal_progress() as told:
        sys.stdout.write(toy_energies_table(progress=told))
