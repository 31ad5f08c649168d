"""The least energies and largest angles known here, N by N, in 3-D.

``thomson_energies.toml`` and ``tammes_angles.toml`` beside this file hold numbers computed by this
package, not copied; their headers name the published tables they were compared with, and the
command that makes them.  A search that beats an entry beyond rounding is a record, or a defect, and
is reported as such; one that falls short needs more starts.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .arrangements import Arrangement

__all__ = ["PROBLEMS", "known", "path_of", "render", "verdict"]

Row = dict[str, float | int | str]

_HEADERS = {
    "thomson": """\
# Thomson problem: least energy sum of 1/r found for n points on the unit sphere in 3-D.
# Made by: python benchmarks/thomson.py --largest {largest} --write
# Compared with the table of Wikipedia, "Thomson problem" (n up to 64): equal to 6e-10, but for
# n = 11, printed there as 40.596450510; its smallest angle at n = 50, 29.231, should be 28.711.
# Best known values, not proven ones, except for n = 2 to 6 and 12.
""",
    "tammes": """\
# Tammes problem: largest smallest angle (degrees) found for n points on the unit sphere in 3-D.
# Made by: python benchmarks/thomson.py --tammes --largest {largest} --write
# Compared with Sloane, Hardin, Smith, tables of spherical codes, neilsloane.com/packings (n up to
# 32): equal to 1e-7 degrees.  point_group is that of the points with a contact.
# Best known values, not proven ones, except for n = 2 to 14 and 24.
""",
}
_VALUE = {"thomson": "energy", "tammes": "angle_deg"}
_NOISE = 1e-9  # in units of the energy, in degrees
PROBLEMS = tuple(_HEADERS)


def path_of(problem: str) -> Path:
    """Return the file of a problem's table."""
    names = {"thomson": "thomson_energies.toml", "tammes": "tammes_angles.toml"}
    return Path(__file__).with_name(names[problem])


@cache
def _rows(problem: str) -> Mapping[int, Row]:
    stored = tomllib.loads(path_of(problem).read_text(encoding="utf-8"))
    return {int(n): row for n, row in stored[problem].items()}


def known(problem: str, points: int) -> Row | None:
    """Return the row of N points of ``thomson`` or ``tammes``, None if there is none.

    Keys ``energy`` or ``angle_deg``, ``point_group``, ``hits``, ``starts``.
    """
    return _rows(problem).get(points)


def verdict(problem: str, found: Arrangement) -> str | None:
    """Say how an arrangement in 3-D compares with its row: ``equal``, ``short`` or ``record``."""
    row = known(problem, len(found.points))
    if row is None:
        return None
    better = found.angle if found.energy is None else -found.energy
    best = float(row[_VALUE[problem]]) * (1 if found.energy is None else -1)
    if abs(better - best) <= _NOISE:
        return "equal"
    return "record" if better > best else "short"


def render(problem: str, found: Mapping[int, Arrangement]) -> str:
    """Return the table of arrangements by number of points as TOML."""
    lines = [_HEADERS[problem].format(largest=max(found)), f"[{problem}]"]
    for n, one in sorted(found.items()):
        value = one.angle if one.energy is None else one.energy
        lines.append(
            f'{n} = {{ {_VALUE[problem]} = {value!r}, point_group = "{one.point_group}", '
            f"hits = {one.hits}, starts = {one.starts} }}"
        )
    return "\n".join(lines) + "\n"
