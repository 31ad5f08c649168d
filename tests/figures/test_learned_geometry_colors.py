"""Colours of geometries: one for each name, told apart by colour-blind eyes."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from figures.style import GEOMETRY_COLORS, geometry_color
from theory.polytopes.catalogue import KEYS


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def lab(rgb):
    """Return CIELAB of linear sRGB, white point D65."""
    xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    f = xyz @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(f > 0.008856, np.cbrt(f), 7.787 * f + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


EYES = {  # G. M. Machado, M. M. Oliveira and L. A. F. Fernandes 2009, severity 1
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("eye", EYES)
def test_colours_of_geometries_are_told_apart(eye):
    seen = {
        name: lab(np.clip(np.asarray(EYES[eye]) @ linear(color), 0, 1))
        for name, color in GEOMETRY_COLORS.items()
    }
    for one, other in combinations(seen, 2):  # about 2 is just noticeable side by side
        assert np.linalg.norm(seen[one] - seen[other]) > 10, (one, other)


def test_every_name_has_a_colour_and_those_without_their_own_share_one():
    own = set(GEOMETRY_COLORS) - {"other", "ambiguous", "unnamed", "dropped"}
    assert own <= set(KEYS)
    assert geometry_color("pentagon") == GEOMETRY_COLORS["pentagon"]
    assert geometry_color("24-cell") == geometry_color("11-gon") == GEOMETRY_COLORS["other"]
