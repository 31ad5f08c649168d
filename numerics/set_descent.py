r"""Sets of features that switch together: the loss as a mixture over who is on, and its descent.

Given the set A of active features, those in A are independent uniform features of density 1 and the
others are features of density 0.  So under every law of :class:`theory.laws.FeatureLaw`

.. math:: L = \sum_A P(A)\, L_A, \qquad L_A \text{ that of independent features of density } 1_A,

and a law of a few sets has few A: :math:`2^s` for s correlated sets.  Each :math:`L_A` is a job of
the compiled evaluator (:mod:`numerics.compiled`), some forty times as fast as the series in plain
tensors that :func:`numerics.exact_loss` takes for such laws, and of the same accuracy.  All
features count alike.

:mod:`numerics.landscapes` mixes over the states of the sets alone, with features outside of all at
their density: fewer terms for one model and its Hessian, for the law ``correlated`` only.  Here
every law is told by the features that are on, many models at once.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from theory.laws import FeatureLaw

from .compiled.batches import loss_and_gradient
from .quasi_newton import Search

__all__ = ["MOST_PATTERNS", "MixtureEnds", "descend_mixture", "mixture_loss"]

MOST_PATTERNS = 256
_STAGES = ((1e-6, 1e-4), (1e-8, 1e-6), (1e-11, 1e-9))  # accuracy, gradient norm it serves down to
_CONVERGED = 1e-5  # gradient norm of a descent that stopped because nothing lowers the loss

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MixtureEnds:
    """Where descents ended.

    Attributes
    ----------
    W, b, loss
        Weights (B, m, n), biases (B, n), population losses (B,).
    gradient
        Norms of the gradient (B,), in units of Σ E x².
    status
        ``converged`` or ``stopped`` (steps spent, or at a kink) per model.
    """

    W: Array
    b: Array
    loss: Array
    gradient: Array
    status: list[str]


def _mixture(law: FeatureLaw, density: Array, n: int) -> tuple[Tensor, Tensor]:
    """Return the active sets as rows of 0 and 1, (K, n), and their probabilities, (B, K)."""
    if law.amplitude != "uniform":
        raise ValueError(f"amplitude {law.amplitude!r} is not compiled; use numerics.exact_loss")
    tables = {p: dict(law.patterns(p, n)) for p in sorted(set(density.tolist()))}
    active = sorted({A for table in tables.values() for A in table})
    if len(active) > MOST_PATTERNS:
        raise ValueError(
            f"law {law} of {n} features has {len(active)} active sets, more than {MOST_PATTERNS}; "
            "use numerics.exact_loss"
        )
    on = torch.zeros(len(active), n, dtype=torch.float64)
    for k, A in enumerate(active):
        on[k, list(A)] = 1
    chances = [[float(tables[p].get(A, 0)) for A in active] for p in density.tolist()]
    return on, torch.tensor(chances, dtype=torch.float64)


def _losses(
    W: Tensor, b: Tensor, on: Tensor, chances: Tensor, accuracy: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return losses (B,) and their gradients by W and b."""
    (B, _, n), K = W.shape, len(on)
    M = W.transpose(1, 2) @ W

    def repeated(x: Tensor) -> Tensor:
        return x[:, None].expand(B, K, *x.shape[1:]).flatten(0, 1).contiguous()

    loss, d_M, d_b, _ = loss_and_gradient(
        repeated(M),
        repeated(b),
        on.repeat(B, 1),
        torch.ones(B * K, n, dtype=torch.float64),
        torch.full((B * K,), accuracy, dtype=torch.float64),
    )
    d_M = (chances[:, :, None, None] * d_M.view(B, K, n, n)).sum(1)
    d_b = (chances[:, :, None] * d_b.view(B, K, n)).sum(1)
    return (chances * loss.view(B, K)).sum(1), W @ (d_M + d_M.transpose(1, 2)), d_b


def _batch(W: ArrayLike, b: ArrayLike, density: ArrayLike) -> tuple[Tensor, Tensor, Array]:
    weights, biases = (torch.tensor(np.asarray(x), dtype=torch.float64) for x in (W, b))
    if weights.ndim != 3 or biases.shape != (len(weights), weights.shape[2]):
        raise ValueError(
            f"W of shape {tuple(weights.shape)} and b of shape {tuple(biases.shape)} do not fit; "
            "give (B, m, n) and (B, n)"
        )
    return weights, biases, np.broadcast_to(np.asarray(density, float), len(weights))


def mixture_loss(
    W: ArrayLike, b: ArrayLike, density: ArrayLike, law: FeatureLaw, accuracy: float = 1e-10
) -> Array:
    """Return the population losses (B,) of models, to about ``accuracy``.

    Parameters
    ----------
    W, b
        Weights (B, m, n) and biases (B, n).
    density
        One number or (B,); what it means is said by the law.
    law
        Of uniform amplitude, with at most :data:`MOST_PATTERNS` active sets.

    Raises
    ------
    ValueError
        If shapes do not fit or the law is not of that kind.

    Examples
    --------
    >>> law = FeatureLaw.parse("anticorrelated:0,1")
    >>> mixture_loss([[[1.0, -1.0]]], [[0.0, 0.0]], 0.5, law).round(12).tolist()
    [0.0]
    """
    weights, biases, p = _batch(W, b, density)
    on, chances = _mixture(law, p, biases.shape[1])
    return np.asarray(_losses(weights, biases, on, chances, accuracy)[0].numpy())


def descend_mixture(
    W: ArrayLike,
    b: ArrayLike,
    density: ArrayLike,
    law: FeatureLaw,
    *,
    alike: tuple[tuple[int, ...], ...] = (),
    max_steps: int = 2000,
) -> MixtureEnds:
    """Minimise the population loss from each start, weights and biases free.

    Parameters
    ----------
    W, b, density, law
        As in :func:`mixture_loss`.
    alike
        Groups of features that keep one column and one bias between them, begun at their means.
        If the law does not change when members of a group are exchanged, a minimum with them alike
        is a critical point of the free problem.
    max_steps
        Iterations after which a descent is ``stopped``.
    """
    weights, biases, p = _batch(W, b, density)
    _, m, n = weights.shape
    on, chances = _mixture(law, p, n)
    unit = (chances @ on).sum(1) / 3
    same = torch.eye(n, dtype=torch.float64)
    for group in alike:
        rows = torch.tensor(group)
        same[rows[:, None], rows] = 1 / len(group)

    def models(x: Tensor) -> tuple[Tensor, Tensor]:
        return x[:, : m * n].reshape(-1, m, n) @ same, x[:, m * n :] @ same

    search = Search(torch.cat([weights.flatten(1), biases], 1))
    for accuracy, goal in _STAGES:

        def evaluate(x: Tensor, rows: Tensor, accuracy: float = accuracy) -> tuple[Tensor, Tensor]:
            if not len(rows):
                return x.new_zeros(0), torch.zeros_like(x)
            loss, d_W, d_b = _losses(*models(x), on, chances[rows], accuracy)
            gradient = torch.cat([(d_W @ same).flatten(1), d_b @ same], 1)
            return loss / unit[rows], gradient / unit[rows, None]

        search.run(evaluate, tolerance=goal, floor=accuracy / 100, max_steps=max_steps)
    gradient = search.g.norm(dim=1)
    open_rows = set(search.open.tolist())
    found, bias = models(search.x)
    return MixtureEnds(
        W=found.numpy(),
        b=bias.numpy(),
        loss=(search.f * unit).numpy(),
        gradient=gradient.numpy(),
        status=[
            "stopped" if k in open_rows or g > _CONVERGED else "converged"
            for k, g in enumerate(gradient.tolist())
        ],
    )
