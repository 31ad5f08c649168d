"""Numerical engines: everything that evaluates in batches, descends, trains, stores.

The map, from the bottom up
---------------------------
``piecewise``           the exact loss of up to three features, batched, with its gradient
``amplitudes``          what an active feature's amplitude contributes: waves, moments, own loss
``independent_blocks``  the law of the other features as a product over independent blocks
``coefficients``        Fourier coefficients of rectified powers, windowed
``levels``              couplings sorted by size, and the range of their sum
``recomputed``          sums of many terms, twice differentiable, in the memory of one term
``beside``              a loss whose gradient is computed beside its value
``characteristic``      the loss at any size and law, a Fourier series with an error estimate
``compiled``            the same series for independent features, compiled, with its curvature
``closed_forms``        losses of linear models and of one active feature
``enumeration``         losses of binary features, over all active sets
``contour``             the loss at any size a second way, one model at a time: its judge
``evaluator``           all of them as one differentiable function with checked arguments
``seeds``               random numbers that belong to a problem, not to a place in a batch
``store``               files that appear whole, folders held alone, provenance
``array_files``         named arrays in a file that is known to be as it was written
``partial_work``        finished units of unfinished work
``weights_files``       weights on disk as this project, the notebook and ARENA lay them out
``models_file``         trained models on disk (safetensors)
``conversion``          weights from one layout to another
``worker_processes``    processes whose death is known to belong to a call
``dask_cluster``        workers of a dask cluster
``executors``           the one door to either
``progress``            how far long work has come
``output``              what a command writes
``number_text``         numbers as text for tables
``spheres``             points on spheres: least energies, largest angles, point groups
``packings``            blocks of features, and the ways to fill the dimensions with them
``nearest_packing``     the packing a model resembles most
``geometry``            features into orthogonal blocks, each named after a polytope
``starts``              where descent and training begin
``adam``                steps of their own scale for every parameter: from random starts
``quasi_newton``        batched BFGS and L-BFGS
``newton``              trust-region Newton on one model, by conjugate gradients
``objective``           the loss in its unit, as a function of the variables of a descent
``stability``           the least curvature of the loss around a model
``polish``              the end of a descent: Newton's method, and the least curvature found
``absolute_neurons``    what neurons of nets of absolute values do, the asymmetric motif found
``absolute_descent``    descent on the exact loss of small nets of absolute values
``descent``             descent on the exact loss
``set_descent``         the loss of features that switch in sets, and its descent, fast
``ends``                where the descents of many starts of many problems end
``landscapes``          one model's exact loss as a function: value, gradient, Hessian
``gradient_flow``       the flow down a landscape
``critical_points``     the saddle or minimum near a point, and its index
``optimum``             the least loss that multi-start descent finds
``best_blocks``         the best block of k features in d dimensions, and what blocks predict
``families``            the least loss within each named family
``pentagon_branches``   the pentagon and two digons as one of five features becomes rare
``varied_pentagon``     where the pentagon gives way, exactly
``devices``             the processor tensors live on
``threads``             one thread for small tensors
``training``            gradient training of any model by any recipe
``trajectories``        weights kept along training; plateaus and jumps of a path
``plane_training``      gradient training on the exact loss
``sampled_training``    the public recipe, on fresh random batches
``adversarial``         attacks on trained models: analytic ones, gradients, a search
``adversarial_training``  training on attacked samples
``recipes``             published set-ups by name, every constant with its source
``sweeps``              many training runs over a grid, resumable, in any number of processes
``plane``               a phase diagram as a value
``boundaries``          where phases change on a grid
``stages``              the units of work behind a phase diagram
``verification``        theory against training, in numbers
``results``             the labelled dataset and its summary
``phase_diagram``       all of it, resumable
``hidden_penalty``      training with an L1 penalty on the hidden layer
``walkthrough``         what introductions ask: read-outs, ambiguity, superposition by sparsity
``neuron_samples``      losses of models with a hidden ReLU, by active features, and descent
``neuron_blocks``       which neurons store which features
``experiments``         what is computed for the paper's figures, each with its measurements
``reports``             what ``loss``, ``optimum`` and ``compare`` print

Axes are named density, importance, start, hidden, feature, cell.  The front door is below; each
name is looked up on first access, so importing the package loads nothing heavy.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "analyze_superposition",
    "best_block",
    "descend",
    "exact_loss",
    "find_optimum",
    "measure_interference",
]

_HOME = {
    "analyze_superposition": ("walkthrough.superposition", "analyze_superposition"),
    "best_block": ("best_blocks.search", "best_block"),
    "descend": ("descent", "descend"),
    "exact_loss": ("evaluator", "exact_loss"),
    "find_optimum": ("optimum", "find_optimum"),
    "measure_interference": ("walkthrough.superposition", "measure_interference"),
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        module, attribute = _HOME[name]
        return getattr(import_module(f".{module}", __name__), attribute)
    raise AttributeError(f"module 'numerics' has no attribute {name!r}; it offers {sorted(_HOME)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
