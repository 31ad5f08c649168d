r"""Batched quasi-Newton descent: every row of a batch is its own problem with its own step length.

Up to :data:`DENSE` variables the inverse Hessian is kept whole (BFGS), beyond that as the last
:data:`MEMORY` steps (L-BFGS, two-loop recursion).  The search along a direction is backtracking
(Armijo's rule), and a step along which the curvature is not positive changes nothing, so the method
remains a descent method at kinks.  A row's result does not depend on the rows beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

__all__ = ["DENSE", "MEMORY", "Search"]

DENSE = 150  # variables up to which the inverse Hessian is a matrix
MEMORY = 30  # steps kept beyond
_PIECE = 8192
_ARMIJO = 1e-4
_BACKTRACKS = 25
_FLAT = 1e-5  # gradient norm below which decreases at the floor count as convergence
_PATIENCE = 4  # such decreases in a row after which a row has converged

Evaluate = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def _dot(x: Tensor, y: Tensor) -> Tensor:
    """Sum over the last axis in pieces that torch adds up the same way in any batch."""
    terms = x * y
    if terms.shape[-1] <= _PIECE:
        return terms.sum(-1)
    pieces = torch.split(terms, _PIECE, -1)
    return torch.stack([piece.sum(-1) for piece in pieces], -1).sum(-1)


class _Matrix:
    """Inverse Hessians as matrices (B, d, d), at first the metric's inverse."""

    def __init__(self, inverse: Tensor) -> None:
        self.first = inverse
        self.H = torch.diag_embed(inverse)

    def direction(self, rows: Tensor, g: Tensor) -> Tensor:
        return -(self.H[rows] * g[:, None, :]).sum(-1)

    def forget(self, rows: Tensor) -> None:
        self.H[rows] = torch.diag_embed(self.first[rows])

    def learn(self, rows: Tensor, s: Tensor, y: Tensor, update: Tensor, fresh: Tensor) -> None:
        """Take in steps s with gradient changes y; a first update sets the scale."""
        H = self.H[rows]
        sy = torch.where(update, _dot(s, y), 1.0)
        scale = (sy / _dot(y, self.first[rows] * y).clamp_min(1e-300))[:, None, None]
        H = torch.where((fresh & update)[:, None, None], H * scale, H)
        Hy = (H * y[:, None, :]).sum(-1)
        outer = s[:, :, None] * s[:, None, :]
        cross = Hy[:, :, None] * s[:, None, :]
        changed = (
            H
            + ((sy + _dot(y, Hy)) / sy**2)[:, None, None] * outer
            - (cross + cross.transpose(1, 2)) / sy[:, None, None]
        )
        self.H[rows] = torch.where(update[:, None, None], changed, H)


class _Steps:
    """Inverse Hessians as the metric's inverse and the last steps and gradient changes."""

    def __init__(self, inverse: Tensor) -> None:
        B, d = inverse.shape
        self.first = inverse
        self.s, self.y = (inverse.new_zeros(B, MEMORY, d) for _ in range(2))
        self.inverse = inverse.new_zeros(B, MEMORY)  # 1/sᵀy, 0 where nothing is kept
        self.scale = inverse.new_ones(B)
        self.newest = torch.zeros(B, dtype=torch.int64)  # a place per row: rows pause apart

    def direction(self, rows: Tensor, g: Tensor) -> Tensor:
        q, passed = g.clone(), []
        for back in range(MEMORY):
            place = rows, (self.newest[rows] - back) % MEMORY
            inverse = self.inverse[place]
            if bool((inverse != 0).any()):
                s, y = self.s[place], self.y[place]
                alpha = inverse * _dot(s, q)
                q -= alpha[:, None] * y
                passed.append((alpha, inverse, s, y))
        q *= self.scale[rows, None] * self.first[rows]
        for alpha, inverse, s, y in reversed(passed):
            q += (alpha - inverse * _dot(y, q))[:, None] * s
        return -q

    def forget(self, rows: Tensor) -> None:
        self.inverse[rows], self.scale[rows] = 0.0, 1.0

    def learn(self, rows: Tensor, s: Tensor, y: Tensor, update: Tensor, _: Tensor) -> None:
        """Take in steps s with gradient changes y."""
        self.newest[rows] = (self.newest[rows] + 1) % MEMORY
        place = rows, self.newest[rows]
        sy = torch.where(update, _dot(s, y), 1.0)
        self.s[place], self.y[place] = s, y
        self.inverse[place] = torch.where(update, 1 / sy, 0.0)
        size = _dot(y, self.first[rows] * y).clamp_min(1e-300)
        self.scale[rows] = torch.where(update, sy / size, self.scale[rows])


@dataclass(slots=True)
class Search:
    """A batch of descents under way; :meth:`run` may be called again with another function.

    Attributes
    ----------
    x, f, g
        Points (B, d), values (B,) and gradients (B, d).
    metric
        A first guess of each Hessian's diagonal up to a factor, (B, d); 1 by default.
    open
        Rows that have neither converged nor failed.
    steps
        Iterations of each row so far (B,).
    """

    x: Tensor
    metric: Tensor | None = None
    f: Tensor = field(init=False)
    g: Tensor = field(init=False)
    finite: Tensor = field(init=False)
    open: Tensor = field(init=False)
    steps: Tensor = field(init=False)
    _memory: _Matrix | _Steps = field(init=False)
    _fresh: Tensor = field(init=False)

    def __post_init__(self) -> None:
        inverse = torch.ones_like(self.x) if self.metric is None else 1 / self.metric
        self._memory = (_Matrix if self.x.shape[1] <= DENSE else _Steps)(inverse)
        self._fresh = torch.ones(len(self.x), dtype=torch.bool)
        self.steps = torch.zeros(len(self.x), dtype=torch.int64)

    def run(
        self,
        evaluate: Evaluate,
        *,
        tolerance: float,
        floor: float,
        max_steps: int | Tensor,
        report: Callable[[Tensor, Tensor], None] | None = None,
    ) -> None:
        """Descend until the gradient norm of every row is at most ``tolerance``.

        Parameters
        ----------
        evaluate
            Points (R, d) and the rows they belong to → values (R,) and gradients (R, d).
        floor
            Decreases below this are noise.
        max_steps
            Iterations of a row, those of earlier runs included; one number or (B,).
        report
            Called after each step with the rows still open and their gradient norms.
        """
        everyone = torch.arange(len(self.x))
        self.f, self.g = evaluate(self.x, everyone)
        self.finite = self.f.isfinite() & self.g.isfinite().all(1)
        rows = everyone[self.finite & (self.g.norm(dim=1) > tolerance)]
        idle = torch.zeros(len(self.x), dtype=torch.int64)
        most = torch.as_tensor(max_steps).expand(len(self.x))
        spent = []
        while len(rows):
            late = self.steps[rows] >= most[rows]
            spent.append(rows[late])
            rows = rows[~late]
            self.steps[rows] += 1
            rows = self._step(evaluate, rows, idle, tolerance, floor)
            if report and len(rows):
                report(rows, self.g[rows].norm(dim=1))
        self.open = torch.cat([*spent, rows])

    def _step(
        self, evaluate: Evaluate, rows: Tensor, idle: Tensor, tolerance: float, floor: float
    ) -> Tensor:
        """Take one step with each of ``rows``; return those that go on."""
        x0, f0, g0 = self.x[rows], self.f[rows], self.g[rows]
        direction = self._memory.direction(rows, g0)
        slope = _dot(direction, g0)
        uphill = slope >= 0
        steepest = -self._memory.first[rows] * g0
        direction = torch.where(uphill[:, None], steepest, direction)
        slope = torch.where(uphill, _dot(steepest, g0), slope)
        fresh = self._fresh[rows]
        t = torch.where(fresh | uphill, 0.1 / (-slope).sqrt().clamp_min(0.1), 1.0)
        x1, f1, g1, left = _line_search(evaluate, rows, x0, f0, g0, direction, slope, t)
        moved = torch.ones(len(rows), dtype=torch.bool)
        moved[left] = False
        s, y = x1 - x0, g1 - g0
        update = moved & (_dot(s, y) > 1e-14 * (_dot(s, s) * _dot(y, y)).sqrt())
        self._memory.learn(rows, s, y, update, fresh)
        # a row that could not move from a steepest-descent step is at the floor of rounding
        stuck = ~moved & fresh
        reset = ~moved & ~stuck
        self._memory.forget(rows[reset])
        self._fresh[rows] = torch.where(moved, ~update & fresh, reset)
        self.x[rows], self.f[rows], self.g[rows] = x1, f1, g1
        norm = g1.norm(dim=1)
        idle[rows] = torch.where((f0 - f1 > floor) | (norm > _FLAT), 0, idle[rows] + 1)
        return rows[~stuck & (norm > tolerance) & (idle[rows] < _PATIENCE)]


def _line_search(
    evaluate: Evaluate,
    rows: Tensor,
    x0: Tensor,
    f0: Tensor,
    g0: Tensor,
    direction: Tensor,
    slope: Tensor,
    t: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Backtrack each row's step ``t`` until it lowers the value enough (Armijo's rule).

    Returns points, values and gradients, and the indices of rows for which no step did.
    """
    x1, f1, g1 = x0.clone(), f0.clone(), g0.clone()
    pending = torch.arange(len(rows))
    for _ in range(_BACKTRACKS):
        trial = x0[pending] + t[pending, None] * direction[pending]
        value, gradient = evaluate(trial, rows[pending])
        good = value <= f0[pending] + _ARMIJO * t[pending] * slope[pending]
        good &= value.isfinite() & gradient.isfinite().all(1)
        done = pending[good]
        x1[done], f1[done], g1[done] = trial[good], value[good], gradient[good]
        pending, value = pending[~good], value[~good]
        if not len(pending):
            break
        curvature = value - f0[pending] - t[pending] * slope[pending]
        parabola = -slope[pending] * t[pending] / (2 * curvature)
        t[pending] = t[pending] * parabola.nan_to_num(0.1).clamp(0.1, 0.5)
    return x1, f1, g1, pending
