r"""The named families with every norm and bias free: their least loss, by descent.

A family is a linear space of weights (:func:`theory.families.free_families`) and every relabelling
of its features.  Its closure contains the shapes with fewer features, so ``pair`` includes every
way of dropping one.  Comparing these with the optimum tells whether a straight or tilted triangle,
or something outside every family, has the least loss.
"""

from collections.abc import Sequence
from functools import cache
from itertools import permutations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.families import free_families
from theory.problem import Problem

from .descent import descend
from .piecewise import plane_tensors

__all__ = ["family_losses", "family_names"]


@cache
def _spaces(n: int, m: int) -> tuple[tuple[str, Tensor], ...]:
    """Return (name, basis) for every family and relabelling that is another set of models."""
    spaces: list[tuple[str, Tensor]] = []
    seen = set()
    for family in free_families(n, m):
        name = "pair" if family.name.startswith("pair") else family.name
        basis = np.array([np.array(B.tolist(), dtype=float) for B in family.basis])
        for order in permutations(range(n)):
            moved = basis[:, :, list(order)]
            # for each of these families, relabellings that leave the member θ = (1, …, 1) alone
            # are symmetries of the whole family
            W = moved.sum(0)
            key = (name, (W.T @ W).round(9).tobytes())
            if key not in seen:
                seen.add(key)
                spaces.append((name, torch.from_numpy(moved.copy())))
    return tuple(spaces)


def family_names(n: int, m: int) -> list[str]:
    """Return the families in order, each once."""
    return list(dict.fromkeys(name for name, _ in _spaces(n, m)))


def _coordinate_starts(size: int) -> NDArray[np.float64]:
    """Return starting coordinates: the full shape, and it with one coordinate small or gone."""
    one = np.eye(size, dtype=bool)
    return np.concatenate([np.ones((1, size)), np.where(one, 0.3, 1.0), np.where(one, 0.0, 1.0)])


def family_losses(problems: Sequence[Problem]) -> NDArray[np.float64]:
    """Return the least loss found in each family, shape (problems, families)."""
    n, m = problems[0].features, problems[0].hidden
    names = family_names(n, m)
    best = np.full((len(problems), len(names)), np.inf)
    p, I = (torch.stack(column) for column in zip(*map(plane_tensors, problems), strict=True))
    for name, basis in _spaces(n, m):
        theta = torch.from_numpy(_coordinate_starts(len(basis)))
        count = len(theta)
        density = p.repeat_interleave(count, 0)
        empty = ((theta[:, :, None, None] * basis).sum(1) == 0).all(1).repeat(len(problems), 1)
        ended = descend(
            theta.repeat(len(problems), 1),
            torch.where(empty, density / 2, 0.0),
            density,
            I.repeat_interleave(count, 0),
            basis=basis,
        )
        loss = torch.where(ended.loss.isfinite(), ended.loss, torch.inf).reshape(-1, count)
        column = names.index(name)
        best[:, column] = np.minimum(best[:, column], loss.amin(1).numpy())
    return best
