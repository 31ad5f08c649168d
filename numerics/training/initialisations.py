r"""Initial weights: the rules of the public code, quirks included.

The public rules are PyTorch's ``xavier_normal_`` and ``kaiming_uniform_``.  On a matrix (outputs,
inputs) they take fan-in = inputs and fan-out = outputs.  Public toy models hold many instances in
one tensor of three axes, where PyTorch reads the first two axes as (out, in) and the third as a
receptive field: the scale then depends on the layout, and for Xavier on how many instances share
the tensor.  For a map of :math:`a` inputs to :math:`c` outputs held k times:

===========================  ==========================  ====================================
rule                         tensor                      entries
===========================  ==========================  ====================================
``xavier-normal``            (c, a)                      N(0, 2/(a + c))
``xavier-normal-rows``       (k, a, c), the notebook of  N(0, 2/(c(a + k))): fan-in a c,
                             arXiv 2209.10652            fan-out k c
``xavier-normal-columns``    (k, c, a), ARENA 1.5.4      N(0, 2/(a(c + k)))
``kaiming-uniform``          (c, a)                      uniform on :math:`\pm\sqrt{6/a}`
``kaiming-uniform-columns``  (k, c, a), ARENA 1.5.4      uniform on :math:`\pm\sqrt{6/(ac)}`
``normal``                   any                         N(0, 1)
===========================  ==========================  ====================================

``init_scale`` multiplies the entries of every rule, and is the standard deviation of ``normal``;
``init_instances`` is k.  Biases begin at 0.  Equal starts of what is learned take
the same random numbers whatever the rule or the optimiser.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ..seeds import generator
from .parameters import matrices
from .specs import Run, RunSpec

__all__ = ["bound", "initial_weights", "standard_deviation"]


def _variance(rule: str, outputs: int, inputs: int, instances: int) -> float:
    """Return the variance of the entries at scale 1."""
    return {
        "xavier-normal": 2 / (inputs + outputs),
        "xavier-normal-rows": 2 / (outputs * (inputs + instances)),
        "xavier-normal-columns": 2 / (inputs * (outputs + instances)),
        "kaiming-uniform": 2 / inputs,
        "kaiming-uniform-columns": 2 / (inputs * outputs),
        "normal": 1.0,
    }[rule]


def standard_deviation(spec: RunSpec) -> dict[str, float]:
    """Return the standard deviation of the entries of each matrix, ``init_scale`` included."""
    return {
        name: spec.init_scale * sqrt(_variance(spec.initialisation, *shape, spec.init_instances))
        for name, shape in matrices(spec).items()
    }


def bound(spec: RunSpec) -> dict[str, float]:
    """Return the largest magnitude of the entries of each matrix; infinite for normal rules."""
    uniform = spec.initialisation.startswith("kaiming-uniform")
    return {
        name: sqrt(3) * std if uniform else float("inf")
        for name, std in standard_deviation(spec).items()
    }


def initial_weights(run: Run) -> dict[str, NDArray[np.float32]]:
    """Return the parameters that a run begins with.

    Returns
    -------
    dict
        ``W`` (m, n) and ``b`` (n,); for the two-layer model ``W_in`` (m, n), ``W_out`` (outputs, m)
        and ``b`` (outputs,).  They follow from the run alone, in whatever batch it is trained.
    """
    spec = run.spec
    bounds, deviations = bound(spec), standard_deviation(spec)
    parameters = {}
    for name, shape in matrices(spec).items():
        rng = generator("initial", run.weights_key, name)
        if np.isinf(bounds[name]):
            entries = deviations[name] * rng.standard_normal(shape)
        else:
            entries = bounds[name] * rng.uniform(-1.0, 1.0, shape)
        parameters[name] = entries.astype(np.float32)
    parameters["b"] = np.zeros(spec.outputs, dtype=np.float32)
    return parameters
