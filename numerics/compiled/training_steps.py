r"""Steps of training on samples: small tied models whole, and the errors of any model.

With the residual :math:`e_i = x'_i - y_i` where the output is on, the gradient of
:math:`\sum_i I_i \overline{(x'_i - y_i)^2}` by the pre-activation of output i is
:math:`2 I_i e_i / S` in each of S samples.  For a small tied model the Gram matrix comes first:

.. math::

    z_i = b_i + \sum_j G_{ij} x_j, \qquad
    \frac{\partial L}{\partial G_{ij}} = \frac{2 I_i}{S} \sum_s e_{is} x_{js}, \qquad
    \frac{\partial L}{\partial W} = W \Bigl(\frac{\partial L}{\partial G}
        + \frac{\partial L}{\partial G}^{\!\top}\Bigr),

so that rows of samples stay in the nearest cache and nothing of the hidden layer is stored.
"""

import numpy as np

from .jit import compiled
from .updates import update

__all__ = ["IDENTITY", "TARGET_CODES", "errors", "masked", "small_steps"]

IDENTITY, ABSOLUTE, SQUARE, MAX_OF_PAIRS = range(4)
TARGET_CODES = {
    "identity": IDENTITY,
    "absolute": ABSOLUTE,
    "square": SQUARE,
    "max-of-pairs": MAX_OF_PAIRS,
}


@compiled
def small_steps(theta, m, v, rule, rates, first, xs, importance, linear, factor, losses):  # type: ignore[no-untyped-def]
    """Take a step on each of K batches with a small tied model, in place.

    Parameters
    ----------
    theta, m, v
        W row by row, then b, and the optimiser's memory, (m n + n,).
    rule, rates
        The update rule's constants, and the learning rate of each batch (K,).
    first
        The step before these, 0 at the beginning.
    xs
        Batches (K, n, S).
    importance
        (n,).
    linear
        Whether the output has no ReLU.
    factor
        What the loss is multiplied with before it is differentiated.
    losses
        Filled with the loss of each batch (K,).
    """
    K, n, S = xs.shape
    hidden = theta.size // n - 1
    one = theta.dtype.type
    W = theta[: hidden * n].reshape(hidden, n)
    b = theta[hidden * n :]
    gram = np.empty((n, n), theta.dtype)
    by_gram = np.empty((n, n), theta.dtype)
    g = np.empty_like(theta)
    z = np.empty(S, theta.dtype)
    for k in range(K):
        x = xs[k]
        for i in range(n):
            for j in range(i + 1):
                inner = one(0)
                for h in range(hidden):
                    inner += W[h, i] * W[h, j]
                gram[i, j] = gram[j, i] = inner
        total = 0.0
        for i in range(n):
            z[:] = b[i]
            for j in range(n):
                weight, row = gram[i, j], x[j]
                for s in range(S):
                    z[s] += weight * row[s]
            square, slope, row = one(0), one(0), x[i]
            for s in range(S):
                on = linear or z[s] > 0
                error = (z[s] if on else one(0)) - row[s]
                square += error * error
                e = error if on else one(0)
                z[s] = e
                slope += e
            total += importance[i] * square
            scale = one(2 * factor * importance[i] / S)
            g[hidden * n + i] = scale * slope
            for j in range(n):
                inner, row = one(0), x[j]
                for s in range(S):
                    inner += z[s] * row[s]
                by_gram[i, j] = scale * inner
        for h in range(hidden):
            for i in range(n):
                inner = one(0)
                for j in range(n):
                    inner += W[h, j] * (by_gram[i, j] + by_gram[j, i])
                g[h * n + i] = inner
        losses[k] = total / S
        update(theta, m, v, g, rule, rates[k], first + k + 1)


@compiled
def errors(z, b, x, target, importance, linear, factor, by_b):  # type: ignore[no-untyped-def]
    """Turn pre-activations without bias, (outputs, S), into the loss's gradient by them, in place.

    ``by_b`` (outputs,) is filled with the gradient by b; the loss of the batch is returned.
    ``target`` is one of TARGET_CODES and x the samples (n, S).
    """
    outputs, S = z.shape
    one = z.dtype.type
    total = 0.0
    for i in range(outputs):
        out, bias = z[i], b[i]
        scale = one(2 * factor * importance[i] / S)
        square, slope = one(0), one(0)
        first = x[2 * i] if target == MAX_OF_PAIRS else x[i]
        second = x[2 * i + 1] if target == MAX_OF_PAIRS else x[i]
        for s in range(S):
            wanted = first[s]
            if target == ABSOLUTE:
                wanted = abs(wanted)
            elif target == SQUARE:
                wanted = wanted * wanted
            elif target == MAX_OF_PAIRS:
                wanted = max(wanted, second[s])
            before = out[s] + bias
            on = linear or before > 0
            error = (before if on else one(0)) - wanted
            square += error * error
            e = scale * error if on else one(0)
            out[s] = e
            slope += e
        total += importance[i] * square
        by_b[i] = slope
    return total / S


@compiled
def masked(gradient, hidden):  # type: ignore[no-untyped-def]
    """Set the gradient to 0 where a rectified hidden unit is off, in place; both (m, S)."""
    for k in range(gradient.shape[0]):
        row, on = gradient[k], hidden[k]
        for s in range(gradient.shape[1]):
            if on[s] <= 0:
                row[s] = 0
