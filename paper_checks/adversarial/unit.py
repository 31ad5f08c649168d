r"""What F27 measures in, and what single polytopes give in it: exact losses, nothing trained.

A fixed attack is a change of bias (:mod:`theory.robustness`), so every number here is an exact
population loss.
"""

from fractions import Fraction

import numpy as np

from theory import population_loss
from theory.robustness import attack_shifts, mean_input_norm

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "adversarial"
_SIZE = 0.1
_PAIR_DENSITIES = (0.1, 0.01, 0.001)
_PENTAGON_DENSITY = 0.01
_PENTAGON = (1.17046, -0.28230)  # norm and bias of least loss with one feature on


def _vulnerability(W: np.ndarray, b: np.ndarray, p: float) -> float:
    """Return the growth of the loss under the attack on the first feature, in units of λ²."""
    radius = _SIZE * mean_input_norm(p, W.shape[1])
    shift = radius * attack_shifts(W)[:, 0]
    grown = population_loss(W, b + shift, p) - population_loss(W, b, p)
    return float(grown) / radius**2


def attacked_without_superposition(evidence: Evidence) -> Claim:
    """Compare the unit of F27 with λ², exactly."""
    W, p, radius = [[1, 0, 0], [0, 1, 0]], Fraction(1, 5), Fraction(1, 10)
    b = [0, 0, p / 2]
    grown = population_loss(W, [radius, *b[1:]], p) - population_loss(W, b, p)
    return Claim(
        id="attacked_without_superposition",
        section=_SECTION,
        place="adversarial vulnerability, axis of F27",
        figure="F27",
        text="F27 measures vulnerability in units of L′₀ − L₀, the growth of the loss of a model "
        "without superposition; ours: that is λ² exactly.",
        predicted=1.0,
        measured=float(grown / radius**2),
        tolerance=0.0,
        reason="Exact population losses in rational numbers, three features in two dimensions, "
        "p = 1/5, λ = 1/10, attack on a held feature.  By the derivation no attack of this size "
        "does worse, at any density or size.",
        fast=True,
    )


def pair_is_as_vulnerable_as_crowded(evidence: Evidence) -> Claim:
    """Compare the vulnerability of antipodal pairs with their features per dimension."""
    W, b = np.array([[1.0, -1.0]]), np.zeros(2)
    found = {p: _vulnerability(W, b, p) for p in _PAIR_DENSITIES}
    return Claim(
        id="pair_is_as_vulnerable_as_crowded",
        section=_SECTION,
        place="adversarial vulnerability, F27",
        figure="F28",
        text="The level of vulnerability tracks the features per dimension; for an antipodal pair "
        "of unit length that is 2.",
        predicted=2.0,
        measured=tuple(found.values()),
        tolerance=0.1,
        reason="Exact population losses of the pair with λ a tenth of its mean input norm, at p = "
        "0.1, 0.01 and 0.001.  A twentieth of 2 is granted to 'tracks'.",
        fast=True,
        details={f"at density {p:g}": value for p, value in found.items()},
    )


def pentagon_is_as_vulnerable_as_crowded(evidence: Evidence) -> Claim:
    """Compare the vulnerability of the pentagon with its features per dimension."""
    length, bias = _PENTAGON
    turn = 2 * np.pi * np.arange(5) / 5
    W = length * np.stack([np.cos(turn), np.sin(turn)])
    per_dimension = 5 * length**2 / 2
    own = length**4 * 5 / 2
    measured = _vulnerability(W, np.full(5, bias), _PENTAGON_DENSITY)
    return Claim(
        id="pentagon_is_as_vulnerable_as_crowded",
        section=_SECTION,
        place="adversarial vulnerability, F27",
        figure="F28",
        text="The level of vulnerability tracks the features per dimension; ours: also for one "
        "pentagon, by a factor of 2 at most.",
        predicted=(per_dimension / 2, 2 * per_dimension),
        measured=measured,
        tolerance=0.0,
        reason="Exact population loss of the pentagon with norm 1.17046 and bias −0.28230, the "
        "best with one feature on, at p = 0.01, λ a tenth of its mean input norm.  'Tracks' is "
        "read as within a factor of 2.",
        instead="Sparse features that overlap positively have a negative bias, and an attack "
        "smaller than it leaves silent outputs silent.  Vulnerability then falls below that of a "
        "model without superposition, however many features share a dimension; the attack has to "
        "exceed |b|/‖Gᵢ‖.",
        fast=True,
        details={
            "features_per_dimension": per_dimension,
            "own_output_if_on": own,
            "radius": _SIZE * mean_input_norm(_PENTAGON_DENSITY, 5),
            "radius_that_wakes_an_output": -bias / np.sqrt(own),
        },
    )


CLAIMS = (
    attacked_without_superposition,
    pair_is_as_vulnerable_as_crowded,
    pentagon_is_as_vulnerable_as_crowded,
)
