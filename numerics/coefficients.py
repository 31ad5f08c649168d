r"""Fourier coefficients of the rectified powers, smoothly windowed: the same for every problem.

On :math:`[-\lambda, \lambda]` the function :math:`F_q(x) w(x)`, with w = 1 up to 1 and falling to
0 at λ with all its derivatives, has the coefficients :math:`\hat c_{q,k} = \frac1{2\lambda}
\int_0^\lambda x^q w(x) e^{-i\pi kx/\lambda} dx`.  The first are found by Gauss quadrature; the
window itself contributes less than 1e-16 to later ones, which only see the threshold at 0:
:math:`q!/(i\omega)^{q+1}/2\lambda`.
"""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

__all__ = ["PERIOD", "coefficients"]

PERIOD = (3 + math.sqrt(5)) / 4
"""λ: the window falls from 1 at |x| = 1 to 0 at λ.

Half the square of the golden ratio: the characteristic function of a feature that is always on has
zeros at ωa = 2πm, k = 2λm L/a, and second derivatives lose digits at modes near one.  With L/a a
simple fraction none comes near.
"""

_TABLE = 1024  # modes by quadrature
_STEP = 64  # of them advanced by one product of matrices


@cache
def _table() -> Tensor:
    """Return the coefficients of the windowed F_q, q = 0 … 3, modes 0 … _TABLE, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(48)
    edges = np.linspace(0, PERIOD, _TABLE // 8 + 1)
    half = np.diff(edges)[:, None] / 2
    x = ((edges[:-1, None] + edges[1:, None]) / 2 + half * nodes).ravel()
    s = np.clip((x - 1) / (PERIOD - 1), 0, 1)
    with np.errstate(divide="ignore"):
        fall, rise = np.exp(-1 / (1 - s)), np.exp(-1 / s)
    window = (half * weights).ravel() * fall / (fall + rise) / (2 * PERIOD)
    rate = -1j * np.pi / PERIOD
    wave = np.exp(rate * np.arange(_STEP)[:, None] * x)
    shift = np.exp(rate * x[:, None] * np.arange(0, _TABLE + 1, _STEP))
    found = np.stack(
        [(wave @ (shift * (x**q * window)[:, None])).T.ravel()[: _TABLE + 1] for q in range(4)]
    )
    found[:, 1:] *= 2  # a mode stands for its conjugate too
    return torch.from_numpy(found)


@cache
def coefficients(modes: int, device: torch.device) -> Tensor:
    """Return coefficients (4, modes + 1), q = 0 … 3; a mode k > 0 stands for −k too."""
    table = _table()[:, : modes + 1]
    if modes > _TABLE:
        rate = 1j * math.pi / PERIOD * torch.arange(_TABLE + 1, modes + 1, dtype=torch.float64)
        far = [math.factorial(q) / rate ** (q + 1) / PERIOD for q in range(4)]
        table = torch.cat([table, torch.stack(far)], 1)
    return table.to(device)
