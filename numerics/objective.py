r"""The loss in its unit, with its gradient, as a function of the variables of a descent.

**Unit.**  Losses are measured in :math:`\sum_i I_i V_i` with the variances

.. math:: V_i = q_i\,E[x^2|\text{on}] - q_i^2\,E[x|\text{on}]^2

of the features, what a model without weights costs at its best biases: :math:`p/3 - p^2/4` for
independent uniform features.  So one tolerance serves every law and density.  Where nothing varies
the unit is :math:`\sum_i I_i E x_i^2` (:class:`theory.problem.Problem`).

**Variables.**  A point is a row of numbers: W flattened (or coordinates θ of a linear family of
weights, :math:`W = \sum_k \theta_k B_k`), then W_out flattened if it is free, then b.

**Evaluation.**  The evaluator is chosen by law, activation and size (:mod:`numerics.evaluator`).
Tied models of independent uniform features have their gradients by W directly; for all others
the gradient is that of the differentiable loss of :math:`M = W_{out} W`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from theory.laws import FeatureLaw

from .amplitudes import MOMENTS
from .compiled.batches import tied_loss_and_gradient
from .evaluator import choose, coupling, evaluate
from .piecewise import loss_and_gradient
from .quasi_newton import Evaluate

__all__ = ["Objective", "Variables", "law_unit"]

_BY_WEIGHTS = ("piecewise", "compiled")  # evaluators that give gradients by tied weights


def law_unit(q: Tensor, importance: Tensor, law: FeatureLaw) -> Tensor:
    """Return the unit of losses, (...), for marginals and importances (..., n)."""
    _, mean, square, _ = MOMENTS[law.amplitude]
    unit: Tensor = (importance * (q * square - (q * mean) ** 2)).sum(-1)
    return torch.where(unit > 0, unit, (importance * q * square).sum(-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """How a model is laid out in a row of numbers.

    Attributes
    ----------
    hidden, features
        m and n.
    basis
        Matrices (k, m, n) of a family of weights, or None.
    tied
        Whether W_out is Wᵀ; else it is free.
    """

    hidden: int
    features: int
    basis: Tensor | None = None
    tied: bool = True

    def _sizes(self) -> list[int]:
        size = self.hidden * self.features
        own = size if self.basis is None else len(self.basis)
        return [own, 0 if self.tied else size, self.features]

    @property
    def size(self) -> int:
        """The number of variables, d."""
        return sum(self._sizes())

    def models(self, x: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """Return W (B, m, n), W_out (B, n, m) or None, and b (B, n) of points (B, d)."""
        theta, out, b = torch.split(x, self._sizes(), dim=1)
        m, n = self.hidden, self.features
        if self.basis is None:
            W = theta.reshape(-1, m, n)
        else:
            W = (theta[:, :, None, None] * self.basis).sum(1)
        return W, None if self.tied else out.reshape(-1, n, m), b

    def gradient(self, d_W: Tensor, d_out: Tensor | None, d_b: Tensor) -> Tensor:
        """Return the gradient (B, d) by the variables from those by W, W_out and b."""
        own = d_W.flatten(1) if self.basis is None else (d_W[:, None] * self.basis).sum((2, 3))
        return torch.cat([own, *([] if d_out is None else [d_out.flatten(1)]), d_b], 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The losses of a batch of models, each with its own densities and importances.

    Attributes
    ----------
    variables
        What a point means.
    q, importance
        Marginals and importances (B, n), float64 on the CPU.
    law, activation
        As in :func:`numerics.exact_loss`; one for the whole batch.
    """

    variables: Variables
    q: Tensor
    importance: Tensor
    law: FeatureLaw
    activation: str = "relu"

    @property
    def evaluator(self) -> str:
        """The name of what evaluates it, a key of :data:`numerics.evaluator.EVALUATORS`."""
        own = self.variables
        return choose(self.law, self.activation, own.features, tied=own.tied, device="cpu")

    @property
    def exact(self) -> bool:
        """Whether the loss is exact to rounding, whatever the accuracy asked for."""
        return self.evaluator not in ("compiled", "series")

    @property
    def unit(self) -> Tensor:
        """The unit of each loss, (B,)."""
        return law_unit(self.q, self.importance, self.law)

    def metric(self) -> Tensor:
        """Return each variable's feature's share of the unit, (B, d), the largest set to 1.

        Shares below 1e-8 count as that; coordinates of a family of weights as 1.
        """
        _, mean, square, _ = MOMENTS[self.law.amplitude]
        share = self.importance * (self.q * square - (self.q * mean) ** 2)
        share = (share / share.amax(1, keepdim=True).clamp_min(1e-300)).clamp_min(1e-8)
        own = self.variables
        if own.basis is not None:
            return torch.ones(len(share), own.size, dtype=share.dtype)
        columns = share[:, None].expand(-1, own.hidden, -1).flatten(1)
        rows = share[:, :, None].expand(-1, -1, own.hidden).flatten(1)
        return torch.cat([columns, *([] if own.tied else [rows]), share], 1)

    def woken(self, x: Tensor, gradient: Tensor, rows: Tensor) -> Tensor:
        """Return points (R, d) with the bias of each silent output at its feature's mean.

        An output that is never on costs :math:`I E x^2`, whatever its bias, and its gradient by the
        bias is exactly 0, so no descent moves it; a constant costs :math:`I V`.
        """
        n = self.variables.features
        silent = (gradient[:, -n:] == 0) & (self.importance[rows] > 0)
        means = self.q[rows] * MOMENTS[self.law.amplitude][1]
        return torch.cat([x[:, :-n], torch.where(silent, means, x[:, -n:])], 1)

    def at_accuracy(self, accuracy: float) -> Evaluate:
        """Return points (R, d), rows (R,) → losses (R,) and gradients (R, d), in their units.

        Beside the compiled evaluator, accuracy is in units of Σ I E x², not below that of Σ I V.
        """
        name, unit = self.evaluator, self.unit
        losses = self._tied if self.variables.tied and name in _BY_WEIGHTS else self._differentiated

        def run(x: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
            if not len(rows):
                return x.new_zeros(0), torch.zeros_like(x)
            loss, d_W, d_out, d_b = losses(x, rows, name, accuracy)
            gradient = self.variables.gradient(d_W, d_out, d_b)
            return loss / unit[rows], gradient / unit[rows, None]

        return run

    def _tied(
        self, x: Tensor, rows: Tensor, name: str, accuracy: float
    ) -> tuple[Tensor, Tensor, None, Tensor]:
        W, _, b = self.variables.models(x)
        q, I = self.q[rows], self.importance[rows]
        if name == "piecewise":
            loss, d_W, d_b = loss_and_gradient(W, b, q, I)
        else:
            tolerance = accuracy * law_unit(q, I, self.law)
            loss, d_W, d_b, _ = tied_loss_and_gradient(W, b, q, I, tolerance)
        return loss, d_W, None, d_b

    def _differentiated(
        self, x: Tensor, rows: Tensor, name: str, accuracy: float
    ) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
        W, out, b = self.variables.models(x)
        W, b = W.detach().requires_grad_(), b.detach().requires_grad_()
        out = None if out is None else out.detach().requires_grad_()
        q, I = self.q[rows], self.importance[rows]
        with torch.enable_grad():
            M = coupling(W, out)
            loss, _ = evaluate(M, b, q, I, self.law, name, accuracy)
        wanted = [W, b] if out is None else [W, out, b]
        d_W, *d_out, d_b = torch.autograd.grad(loss.sum(), wanted)
        return loss.detach(), d_W, d_out[0] if d_out else None, d_b
