r"""The published normalisations of a loss, from ours.

Ours is :math:`\sum_i I_i E(y_i - x'_i)^2`: importance-weighted, summed over outputs, for one model.
The notebook published with arXiv 2209.10652 and ARENA 1.5.4 print the mean over outputs, **summed
over the instances** they train together.
"""

from collections.abc import Sequence

__all__ = ["mean_over_outputs", "notebook_loss"]


def mean_over_outputs(loss: float, outputs: int) -> float:
    """Return a loss averaged over outputs."""
    return loss / outputs


def notebook_loss(losses: Sequence[float], outputs: int) -> float:
    """Return what the notebook and ARENA print for instances trained together."""
    return sum(mean_over_outputs(loss, outputs) for loss in losses)
