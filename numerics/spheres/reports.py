"""What ``antipode thomson`` and ``antipode tammes`` print."""

from math import isfinite
from typing import Any

from ..progress import Report
from .arrangements import Arrangement
from .tables import known, verdict
from .tammes import largest_angle
from .thomson import least_energy

__all__ = ["tammes_report", "thomson_report"]


def _common(found: Arrangement) -> dict[str, Any]:
    """Return what both reports say of an arrangement."""
    return {
        "point_group": found.point_group,
        "symmetry_order": found.symmetry_order,
        "dipole": found.dipole,
        "min_angle_deg": found.angle,
        "contacts": found.contacts,
        "hits": found.hits,
        "starts": found.starts,
        "status": found.status,
        "residual": found.residual,
    }


def thomson_report(
    points: int,
    dim: int,
    power: float,
    starts: int | None,
    seed: int,
    progress: Report | None = None,
) -> dict[str, Any]:
    """Return the least energy found and its arrangement.

    ``energy`` is null where it exceeds floats.  ``best_known`` is the energy of the table here,
    ``verdict`` how this one compares (``equal``, ``short`` of it or a ``record``), both null
    outside the table.
    """
    found = least_energy(points, dim, power=power, starts=starts, seed=seed, progress=progress)
    tabled = dim == 3 and power == 1
    row = known("thomson", points) if tabled else None
    return {
        "schema": "antipode.thomson/1",
        "n": points,
        "dim": dim,
        "power": power,
        "energy": found.energy if isfinite(found.energy or 0.0) else None,
        **_common(found),
        "best_known": row and row["energy"],
        "verdict": verdict("thomson", found) if tabled else None,
        "seed": seed,
        "points": found.points.tolist(),
    }


def tammes_report(
    points: int,
    dim: int,
    lines: bool,
    starts: int | None,
    seed: int,
    progress: Report | None = None,
) -> dict[str, Any]:
    """Return the largest smallest angle found and its arrangement.

    ``point_group`` and ``symmetry_order`` are those of the points that are not ``rattlers``.
    """
    found = largest_angle(points, dim, lines=lines, starts=starts, seed=seed, progress=progress)
    tabled = dim == 3 and not lines
    row = known("tammes", points) if tabled else None
    return {
        "schema": "antipode.tammes/1",
        "n": points,
        "dim": dim,
        "lines": lines,
        "angle_deg": found.angle,
        **_common(found),
        "rattlers": sorted(set(range(points)) - set(found.held)),
        "best_known": row and row["angle_deg"],
        "verdict": verdict("tammes", found) if tabled else None,
        "seed": seed,
        "points": found.points.tolist(),
    }
