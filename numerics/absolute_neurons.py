r"""What single neurons of a net of absolute values do (arXiv 2209.10652, section 7).

A neuron *serves* a half of feature i with the gain :math:`|W_{in,ki}|\,W_{out,ik}`, which a
rescaling of the neuron leaves as it is; the gains of the neurons of one half sum to 1 where that
half is exact.  Among the features it serves the *primary* one has the largest in-weight.

The asymmetric motif (F36): neuron k serves a primary feature i and a secondary j with in-weights
and out-weights in opposite order, :math:`|W_{in,ki}| > |W_{in,kj}|` and
:math:`W_{out,jk} > W_{out,ik}`, so that i disturbs y_j a lot, by
:math:`P = |W_{in,ki}| W_{out,jk}`, and j hardly y_i.  Other neurons that i turns on too take from
y_j; what is left is the *net* coupling
:math:`N = \sum_l \mathrm{ReLU}(s_{ki} W_{in,li}) W_{out,jl}`, s being the sign of
:math:`W_{in,ki}`.  An instance is *inhibited* if N is at most a quarter of P, and its interference
negative if :math:`N \le 0`, where the ReLU of the output hides it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "INHIBITED",
    "SERVES",
    "Motif",
    "concentration",
    "find_motifs",
    "gains",
    "net_coupling",
    "secondary_ratio",
    "unit_largest",
]

Array = NDArray[np.float64]

SERVES = 0.25
"""Gain from which on a neuron serves a feature."""

ASYMMETRIC = 1.5
"""Least ratio of a motif's in-weights, and of its out-weights the other way round."""

INHIBITED = 0.25
"""Largest net coupling of an inhibited motif, as a share of the shared neuron's own."""


@dataclass(frozen=True, slots=True)
class Motif:
    """An instance of the asymmetric motif.

    Attributes
    ----------
    shared, inhibitor
        Neurons; the one that takes most of the interference.
    primary, secondary
        Features.
    in_ratio, out_ratio
        Primary over secondary of the in-weights, secondary over primary of the out-weights.
    opposite
        Whether the in-weights have opposite signs, as the paper draws them.
    interference, inhibition, net
        P, what the inhibitor adds to it (negative), and N.
    inhibitors
        How many neurons take a quarter of P or more.
    helps, from_helped
        The feature that the inhibitor serves, −1 if it serves none but ``secondary``, and what a
        unit of it adds to the secondary output.
    """

    shared: int
    inhibitor: int
    primary: int
    secondary: int
    in_ratio: float
    out_ratio: float
    opposite: bool
    interference: float
    inhibition: float
    net: float
    inhibitors: int
    helps: int
    from_helped: float


def concentration(W: Array) -> Array:
    """Return max |w| / ‖w‖ of each row of W (..., m, n): 1 for one feature, 0 for a row of zeros.

    ARENA (exercise set 1.5.4) calls a neuron monosemantic above 0.99.
    """
    norm = np.linalg.norm(W, axis=-1)
    return np.asarray(np.abs(W).max(-1) / np.where(norm > 0, norm, 1.0))


def secondary_ratio(W: Array) -> Array:
    """Return the second largest |w| over the largest of each row of W (..., m, n)."""
    ordered = np.sort(np.abs(W), axis=-1)
    return np.asarray(ordered[..., -2] / np.where(ordered[..., -1] > 0, ordered[..., -1], 1.0))


def unit_largest(W_in: Array, W_out: Array) -> tuple[Array, Array]:
    """Return the same net with max |W_in| = 1 in every neuron (footnote 15 of the paper)."""
    scale = np.abs(W_in).max(-1)
    scale = np.where(scale > 0, scale, 1.0)
    return W_in / scale[..., :, None], W_out * scale[..., None, :]


def gains(W_in: Array, W_out: Array) -> Array:
    """Return the gains (..., m, n) of every neuron for every feature."""
    return np.abs(W_in) * np.swapaxes(W_out, -1, -2)


def net_coupling(W_in: Array, W_out: Array, feature: int, sign: float, output: int) -> float:
    """Return what a unit of a feature of this sign adds to an output before its ReLU."""
    return float(np.maximum(sign * W_in[:, feature], 0) @ W_out[output])


def find_motifs(W_in: Array, W_out: Array) -> list[Motif]:
    """Return the inhibited instances of the motif in a net, by shared neuron."""
    gain = gains(W_in, W_out)
    found = []
    for k in range(len(W_in)):
        served = np.flatnonzero(gain[k] >= SERVES)
        if served.size < 2:
            continue
        i = int(served[np.abs(W_in[k, served]).argmax()])
        for j in served.tolist():
            in_ratio = abs(W_in[k, i] / W_in[k, j])
            out_ratio = W_out[j, k] / W_out[i, k]
            if j == i or min(in_ratio, out_ratio) < ASYMMETRIC:
                continue
            sign = float(np.sign(W_in[k, i]))
            added = np.maximum(sign * W_in[:, i], 0) * W_out[j]
            own, net = float(added[k]), net_coupling(W_in, W_out, i, sign, j)
            best = int(added.argmin())
            if net > INHIBITED * own or added[best] >= 0:
                continue
            help_gain = gain[best].copy()
            help_gain[j] = 0.0
            helped = int(help_gain.argmax())
            turns_on = float(np.sign(W_in[best, helped]))
            found.append(
                Motif(
                    shared=k,
                    inhibitor=best,
                    primary=i,
                    secondary=j,
                    in_ratio=float(in_ratio),
                    out_ratio=float(out_ratio),
                    opposite=bool(W_in[k, i] * W_in[k, j] < 0),
                    interference=own,
                    inhibition=float(added[best]),
                    net=net,
                    inhibitors=int((added <= -INHIBITED * own).sum()),
                    helps=helped if help_gain[helped] >= SERVES else -1,
                    from_helped=net_coupling(W_in, W_out, helped, turns_on, j),
                )
            )
    return found
