"""Claims on the annotated formulas (F11), each against the exact loss."""

from fractions import Fraction

from numerics.experiments.demonstrating.formulas import disagreement
from theory.active_sets import active_set_losses
from theory.one_hot import potential

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION, _PLACE = "demonstrating", "section 2, F11"
_REASON = (
    "Relative difference between the formula and what the exact loss has in its place, exact "
    "arithmetic on a generic model of three features in two dimensions; so no tolerance. "
)


def saxe_formula(evidence: Evidence) -> Claim:
    """Compare the linear formula with the exact loss at the best bias."""
    return Claim(
        id="saxe_formula",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="Linear model: L ~ Σ I_i(1 − ‖W_i‖²)² + Σ_{i≠j} I_j(W_j·W_i)².",
        predicted=0.0,
        measured=disagreement("linear"),
        tolerance=0.0,
        reason=_REASON + "The loss is taken at the best bias and divided by V = p/3 − p²/4: the "
        "'~' is an equality up to V for uncorrelated features of one variance, Gaussian or not.",
        fast=True,
    )


def sum_over_active_sets(evidence: Evidence) -> Claim:
    """Sum over the number of active features."""
    return Claim(
        id="sum_over_active_sets",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="ReLU model: L = Σ_k (1−S)^k S^(n−k) L_k.",
        predicted=0.0,
        measured=disagreement("sum over active"),
        tolerance=0.0,
        reason=_REASON + "As expressions in the density and three importances; multiplicities are "
        "inside of L_k.",
        fast=True,
    )


def one_active_formula(evidence: Evidence) -> Claim:
    """Integrate feature benefit and interference."""
    return Claim(
        id="one_active_formula",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="L_1 = Σ_i ∫ I_i(x − ReLU(‖W_i‖²x + b_i))² dx + Σ_{i≠j} ∫ I_j ReLU(W_j·W_i x + b_j)² "
        "dx, with the importance outside of the squares.",
        predicted=0.0,
        measured=disagreement("one active"),
        tolerance=0.0,
        reason=_REASON,
        fast=True,
    )


def importance_inside_square(evidence: Evidence) -> Claim:
    """Put the importance inside of the square."""
    return Claim(
        id="importance_inside_square",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="L_1 as it is printed, with the importance inside of the square.",
        predicted=0.0,
        measured=disagreement("importance inside, as written"),
        tolerance=0.0,
        reason=_REASON + "Inside of the square the importance counts as I².",
        instead="I_i(…)² in both sums.",
        fast=True,
    )


def none_active_unweighted(evidence: Evidence) -> Claim:
    """Leave the importance out of the term without active features."""
    return Claim(
        id="none_active_unweighted",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="L_0 = Σ_i ReLU(b_i)², as printed.",
        predicted=0.0,
        measured=disagreement("none active, as written"),
        tolerance=0.0,
        reason=_REASON,
        instead="L_0 = Σ_i I_i ReLU(b_i)².",
        fast=True,
        details={"with importance": disagreement("none active, weighted")},
    )


def discrete_version(evidence: Evidence) -> Claim:
    """Evaluate the integrands at x = 1."""
    return Claim(
        id="discrete_version",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="The integrands of L_1 at x = 1 are the discrete version.",
        predicted=0.0,
        measured=disagreement("discrete"),
        tolerance=0.0,
        reason=_REASON + "The discrete version is the exact loss of features with values 0 and 1.",
        fast=True,
    )


def thomson_problem(evidence: Evidence) -> Claim:
    """Read the term as an energy of points on a sphere."""
    return Claim(
        id="thomson_problem",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="With norms 0 or 1 and b = 0, L_1 is a generalised Thomson problem: dropped features "
        "plus Σ_{i≠j} I_j ReLU(W_j·W_i)².",
        predicted=0.0,
        measured=disagreement("Thomson"),
        tolerance=0.0,
        reason=_REASON + "Four features, one dropped; the integral is a third of the energy.",
        fast=True,
    )


def _interference(coupling: Fraction, bias: Fraction) -> float:
    """Return what a coupling between two features of norm 1 adds to 3 L_1."""
    with_it = potential([[1, coupling], [coupling, 1]], [bias, bias])
    return float(with_it - potential([[1, 0], [0, 1]], [bias, bias]))


def negative_interference_free(evidence: Evidence) -> Claim:
    """Price negative couplings with one feature active."""
    couplings = [Fraction(k, 10) for k in (1, 5, 10)]
    return Claim(
        id="negative_interference_free",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="Negative interference is free in the term with one active feature.",
        predicted=0.0,
        measured=tuple(_interference(-c, Fraction(0)) for c in couplings),
        tolerance=0.0,
        reason="What couplings of −0.1, −0.5 and −1 between two features of norm 1 without bias "
        "add to 3 L_1; exact.",
        fast=True,
        details={"positive couplings": [_interference(c, Fraction(0)) for c in couplings]},
    )


def negative_bias_absorbs(evidence: Evidence) -> Claim:
    """Price a small positive coupling at a negative bias."""
    coupling = Fraction(1, 10)
    return Claim(
        id="negative_bias_absorbs",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="A negative bias turns small positive interference into negative, which is free.",
        predicted=0.0,
        measured=_interference(coupling, -coupling),
        tolerance=0.0,
        reason="What a coupling of 0.1 between two features of norm 1 with biases −0.1 adds to "
        "3 L_1; exact. Without biases it adds what the details say.",
        fast=True,
        details={
            "without bias": _interference(coupling, Fraction(0)),
            "bias −0.05": _interference(coupling, -coupling / 2),
            "coupling 0.5, bias −0.1": _interference(Fraction(1, 2), -coupling),
        },
    )


def one_active_dominates(evidence: Evidence) -> Claim:
    """Take the share of the loss with one feature active."""
    found = evidence.measured("basic_results")
    shares = [
        (found.get(key) or [None])[-1] for key in ("trained_one_active", "optimum_one_active")
    ]
    return Claim(
        id="one_active_dominates",
        section=_SECTION,
        place=_PLACE,
        figure="F11",
        text="As S → 1 the term with one active feature dominates the loss.",
        predicted=(0.5, None),
        measured=None if None in shares else tuple(shares),
        tolerance=0.0,
        reason="Share of the exact loss with exactly one feature active, best trained model and "
        "best model known of F9 at p = 0.001; dominating is read as more than half.",
        details={
            "densities": found.get("densities"),
            "trained": found.get("trained_one_active"),
            "five features held": evidence.measured("loss_terms").get("one_active_share"),
            "L_0 to L_2 of one digon, where the term is 0": [
                float(L) for L in active_set_losses([[1, -1]], [0, 0])
            ],
        },
    )


CLAIMS = (
    saxe_formula,
    sum_over_active_sets,
    none_active_unweighted,
    one_active_formula,
    importance_inside_square,
    discrete_version,
    thomson_problem,
    one_active_dominates,
    negative_interference_free,
    negative_bias_absorbs,
)
