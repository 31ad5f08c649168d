r"""Exact mathematics of toy models of superposition: values in, values out.

The object is the small network of Elhage et al., *Toy Models of Superposition* (arXiv
2209.10652): :math:`x' = \mathrm{ReLU}(W^\top W x + b)` with :math:`W \in \mathbb{R}^{m \times n}`,
trained on sparse features.  Nothing here knows of tensors, plots, files, clocks or random
numbers.

The map, in the order of the argument
-------------------------------------
``rationals``            numbers from the outside world, read exactly
``feature_values``       one number per feature, checked
``laws``                 which features are on together, and how strongly
``problem``              features, dimensions, law, importance: what is learned
``truncated_powers``     the one integral behind every exact loss
``algebraic_numbers``    exact arithmetic in one number field
``exact_numbers``        lists of exact numbers in one arithmetic
``capacity``             what share of a dimension each feature has
``polytopes``            named shapes of features, with exact coordinates
``gram_matrices``        the matrix of couplings of a model, in the smallest arithmetic for it
``output_losses``        the loss of one output: a sum over the active sets of its neighbours
``expected_loss``        the population loss, numeric or symbolic, exact
``correlated_sets``      features that come together or never together: candidates, bounds, PCA
``neuron_losses``        the loss of models with a hidden ReLU, by active sets
``active_sets``          the loss by the number of active features, at all densities at once
``linear``               the linear model: exact loss, optimum, why it never superposes
``phases``               states of features, the phase of a model, symmetries of a problem
``phase_matching``       phases that are one up to symmetry, at any size
``critical_points``      minima over parameters
``gram_patterns``        a family of solutions as a value: weights or Gram pattern, loss, minimum
``families``             the named solutions (ignore, pair, triangle, ...)
``lower_envelope``       which of several losses is least, decided exactly
``bias_free``            two features on one line without biases: every critical point
``onset``                where a dropped feature starts to be stored, continuously
``coexistence``          where it starts with a jump: both states at one loss, to any digits
``boundary_curves``      a boundary and a multiple point as values
``implicit_losses``      losses that are minimal over a parameter without a closed form
``curve_pieces``         the pieces of a curve on which a condition holds
``implicit_boundaries``  boundaries when some losses have no closed form
``multiple_points``      where a third loss ties
``phase_boundaries``     curves on which two candidates tie and nothing lies below
``one_hot``              the sparse limit: one active feature, and what a block is worth then
``simplices``            cubes cut by hyperplanes, means of products on the pieces
``absolute_value``       nets that compute absolute values: exact losses of few features
``asymmetric_motif``     one neuron for two features and one that inhibits: when it pays
``large_n``              many features in one symmetric code, and its best ratio
``blocks``               the best mix of blocks for given sizes, its prices, whole amounts
``pair_interference``    what a feature costs another that it shares a direction with
``packing``              how many nearly orthogonal directions fit: bounds and constructions
``nearly_orthogonal``    how many vectors fit at a cosine, with signs and without
``nonlinear_compression``  two dense numbers in one: a smoothed scheme against linear ones
``robustness``           what a small change of the input does: attacks, exact losses, bounds
``worst_attacks``        the worst attack on one input, exactly, in one or two dimensions
``derivation``           all of it for one case, as text, LaTeX or JSON

Notation (one table for the whole project)
------------------------------------------
=====================  ===================================================================
``n``, ``m``           features, hidden dimensions
``W``                  m × n, features are **columns** :math:`W_i`; ``b`` has n entries
``G``                  Gram matrix :math:`W^\top W`, n × n; ``g`` a diagonal entry
``p``                  density :math:`P(x_i \neq 0)`; ``S`` sparsity :math:`1 - p`
``I``                  importances; ``r`` the importance of the last feature (others 1)
``V``                  :math:`p/3 - p^2/4`, the loss of a dropped feature with bias p/2
``L``                  :math:`\sum_i I_i E(x_i - x'_i)^2`, summed over features, never averaged
=====================  ===================================================================

The front door is below; each name is looked up on first access.
"""

from importlib import import_module
from typing import Any

__all__ = ["boundaries", "candidates", "population_loss"]

_HOME = {
    "population_loss": "expected_loss",
    "candidates": "families",
    "boundaries": "phase_boundaries",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module 'theory' has no attribute {name!r}; it offers {sorted(_HOME)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
