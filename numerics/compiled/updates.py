r"""One step of an optimiser on a flat vector: torch's update rules, to rounding.

Adam (Kingma & Ba, arXiv 1412.6980) and AdamW (Loshchilov & Hutter, arXiv 1711.05101): with step
t from 1, :math:`m \leftarrow \beta_1 m + (1 - \beta_1) g`,
:math:`v \leftarrow \beta_2 v + (1 - \beta_2) g^2`,

.. math::

    \theta \leftarrow \theta - \frac{\eta}{1 - \beta_1^t}
        \frac{m}{\sqrt{v / (1 - \beta_2^t)} + \epsilon};

AdamW first multiplies θ by :math:`1 - \eta\lambda`; Adam and SGD add :math:`\lambda\theta` to g.
SGD: :math:`m \leftarrow \mu m + g`, :math:`\theta \leftarrow \theta - \eta m`.
"""

import math

from .jit import compiled

__all__ = ["ADAM", "ADAMW", "SGD", "update"]

ADAM, ADAMW, SGD = 0, 1, 2


@compiled
def update(theta, m, v, g, rule, rate, step):  # type: ignore[no-untyped-def]
    """Take step ``step`` (from 1) along gradient ``g``, in place.

    ``theta``, ``m``, ``v`` and ``g`` are (d,) of one type; ``rule`` is (code, β₁, β₂, ε, λ, μ) and
    ``rate`` the learning rate η of this step.
    """
    one = theta.dtype.type
    code = int(rule[0])
    decay = rule[4]
    if code == SGD:
        keep, weight, eta = one(rule[5]), one(decay), one(rate)
        for k in range(theta.size):
            m[k] = keep * m[k] + (g[k] + weight * theta[k])
            theta[k] -= eta * m[k]
        return
    beta_1, beta_2 = rule[1], rule[2]
    shrink = one(1 - rate * decay) if code == ADAMW else one(1)
    weight = one(0) if code == ADAMW else one(decay)
    size = one(rate / (1 - beta_1**step))
    root = one(math.sqrt(1 - beta_2**step))
    small = one(rule[3])
    b1, c1, b2, c2 = one(beta_1), one(1 - beta_1), one(beta_2), one(1 - beta_2)
    for k in range(theta.size):
        gradient = g[k] + weight * theta[k]
        m[k] = b1 * m[k] + c1 * gradient
        v[k] = b2 * v[k] + c2 * gradient * gradient
        theta[k] = shrink * theta[k] - size * (m[k] / (one(math.sqrt(v[k])) / root + small))
