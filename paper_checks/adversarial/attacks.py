"""Claims on trained models under attack, F27 and the left of F28.

The paper states neither sizes nor the range of sparsities.  Ours are those of the experiment
``adversarial_vulnerability``; *near* is 1/(1 − S) up to 10, the range of the geometry figures.
"The one which most harms model performance" is read as one attack for all inputs, whose loss is
exact; attacks chosen for each input are claims of their own.
"""

from typing import Any

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "adversarial"
_EXPERIMENT = "adversarial_vulnerability"
_NORMAL = 1.96
_HIGH = 0.9  # of a correlation that is called high


def _picked(found: Any, *names: str) -> dict[str, Any]:
    return {name: found[name] for name in names if name in found}


def _largest(values: Any) -> float | None:
    return None if values is None else max(values)


def vulnerability_rises_threefold(evidence: Evidence) -> Claim:
    """Compare the vulnerability at its peak with that of dense features."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="vulnerability_rises_threefold",
        section=_SECTION,
        place="adversarial vulnerability, F27",
        figure="F27",
        text="Vulnerability to attacks rises more than threefold as superposition forms.",
        predicted=(3.0, None),
        measured=found.get("rise"),
        tolerance=0.0,
        uncertainty=_NORMAL * found.get("rise_error", 0.0),
        reason="Largest vulnerability over all sparsities by that at S = 0, means over trained "
        "models of exact losses under one attack for all inputs; uncertainty of the models.",
        instead="The rise stays below three.",
        details=_picked(
            found,
            "dense_vulnerability",
            "peak_vulnerability",
            "peak_scale",
            "predicted_peak",
            "input_rise",
        ),
    )


def vulnerability_correlates_with_crowding(evidence: Evidence) -> Claim:
    """Correlate vulnerability and features per dimension at densities from 1 to 1/10."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="vulnerability_correlates_with_crowding",
        section=_SECTION,
        place="adversarial vulnerability, F28",
        figure="F28",
        text="Vulnerability and features per dimension are highly correlated (read as r ≥ 0.9).",
        predicted=(_HIGH, 1.0),
        measured=found.get("correlation_near"),
        tolerance=0.0,
        uncertainty=found.get("correlation_near_error") or 0.0,
        reason="Pearson's r of means over models, one for each density with 1/(1 − S) ≤ 10; half "
        "of Fisher's 95 % interval.  The paper gives no coefficient.",
        instead="The correlation is lower.",
        details=_picked(found, "scale", "vulnerability", "features_per_dimension"),
    )


def vulnerability_runs_parallel(evidence: Evidence) -> Claim:
    """Fit the power of features per dimension that vulnerability grows by."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="vulnerability_runs_parallel",
        section=_SECTION,
        place="adversarial vulnerability, F27",
        figure="F27",
        text="Vulnerability runs parallel to the features per dimension (read as: proportional).",
        predicted=1.0,
        measured=found.get("slope_near"),
        tolerance=0.25,
        reason="Exponent of a fitted power law at 1/(1 − S) ≤ 10; a quarter is granted to what "
        "was judged by eye.",
        instead="Vulnerability grows by a smaller power of the features per dimension.",
    )


def vulnerability_tracks_crowding_when_sparsest(evidence: Evidence) -> Claim:
    """Correlate over all densities, beyond the range of the geometry figures."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="vulnerability_tracks_crowding_when_sparsest",
        section=_SECTION,
        place="adversarial vulnerability, F28",
        figure="F28",
        text="The same high correlation, at all sparsities up to where outputs are off 99 % of "
        "the time (the range is not stated; this extension is ours).",
        predicted=(_HIGH, 1.0),
        measured=found.get("correlation_all"),
        tolerance=0.0,
        uncertainty=found.get("correlation_all_error") or 0.0,
        reason="Pearson's r of means over models, one for each density; half of Fisher's 95 % "
        "interval.",
        instead="Features per dimension level off, while the attack, a tenth of an input norm that "
        "falls as √p, becomes smaller than the negative biases: vulnerability falls again, below "
        "that of a model without superposition.",
        details=_picked(found, "sparsest_scale", "sparsest_vulnerability", "peak_scale"),
    )


def outputs_are_off(evidence: Evidence) -> Claim:
    """Find how often outputs are off where they are most often."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="outputs_are_off",
        section=_SECTION,
        place="adversarial vulnerability, text before F27",
        figure="F27",
        text="For extremely sparse inputs outputs are off 99 % of the time.",
        predicted=0.99,
        measured=found.get("quiet_off"),
        tolerance=0.005,
        reason="Share of outputs at 0, mean over inputs, at the density where it is largest; to "
        "half a per cent.  The range of densities was chosen to get there, so the verdict "
        "says no more than that there are such densities.",
        instead="Outputs are off less often at the densities of this experiment.",
        details=_picked(found, "quiet_scale", "off", "masked"),
    )


def gradient_attacks_are_masked(evidence: Evidence) -> Claim:
    """Compare gradient ascent with analytic attacks where outputs are off most often."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="gradient_attacks_are_masked",
        section=_SECTION,
        place="adversarial vulnerability, text before F27",
        figure="F27",
        text="Where outputs are off 99 % of the time gradients are masked, and analytic attacks "
        "do better than gradient descent (read as: growth of the loss by gradient attacks over "
        "that by analytic ones is at most 1).",
        predicted=(None, 1.0),
        measured=found.get("quiet_gradient_over_analytic"),
        tolerance=0.0,
        uncertainty=_NORMAL * found.get("quiet_gradient_error", 0.0),
        reason="Ratio of mean growths, both attacks made for each input: twenty steps of projected "
        "gradient ascent from the input, and the best of n analytic attacks.  The paper's "
        "gradient method is not stated.",
        instead="Gradients are exactly 0 on many inputs, mostly those without an active feature, "
        "but where outputs are off most often there is nothing to find there: by the proved bound "
        "no attack of this size raises their loss.  On all others gradient ascent beats the "
        "analytic attacks, which serve one output each, and comes close to the bound.",
        details=_picked(
            found,
            "quiet_scale",
            "quiet_masked",
            "quiet_masked_analytic",
            "quiet_masked_found",
            "quiet_masked_bound",
        ),
    )


def analytic_attack_is_worst_for_all(evidence: Evidence) -> Claim:
    """Compare the analytic attacks with a search for one attack on all inputs."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="analytic_attack_is_worst_for_all",
        section=_SECTION,
        place="adversarial vulnerability, text before F27",
        figure="F27",
        text="Attacks are derived by taking the optimal one for each feature and keeping the most "
        "harmful; read as: no other attack of that size does more harm to all inputs.",
        predicted=1.0,
        measured=found.get("search_over_analytic"),
        tolerance=0.05,
        reason="Largest ratio over all models: the worst fixed attack of a search over the "
        "analytic one, exact losses both.  A lower bound, as searches are.",
        instead="An attack on several outputs at once does more harm at some densities.",
        details=_picked(found, "search_over_analytic_median", "search_over_analytic_near"),
    )


def analytic_attack_is_worst_for_inputs(evidence: Evidence) -> Claim:
    """Compare the analytic attacks with a search for each input."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="analytic_attack_is_worst_for_inputs",
        section=_SECTION,
        place="adversarial vulnerability, text before F27",
        figure="F27",
        text="The same with attacks chosen for each input.",
        predicted=1.0,
        measured=_largest(found.get("input_search_over_analytic")),
        tolerance=0.05,
        reason="Largest ratio over densities of mean growths: the worst attack of a search over "
        "the best analytic one for the input.  A proved upper bound says how much more there "
        "could be.",
        instead="Each analytic attack is optimal for one output; inputs have several outputs to "
        "attack at once, so the worst attacks found do about twice the harm.",
        details=_picked(found, "input_search_over_analytic", "input_bound_over_search"),
    )


def no_attack_exceeds_the_bound(evidence: Evidence) -> Claim:
    """Look for attacks above the proved bound: an alarm."""
    found = evidence.measured(_EXPERIMENT)
    return Claim(
        id="no_attack_exceeds_the_bound",
        section=_SECTION,
        place="ours, F27 middle",
        figure="F27",
        text="Ours: no attack found on any input exceeds the proved bound.",
        predicted=(None, 0.0),
        measured=found.get("above_bound"),
        tolerance=1e-9,
        reason="Largest excess over all inputs and densities in units of λ²; a billionth is "
        "rounding.",
        instead="The bound or its code is wrong.",
    )


CLAIMS = (
    vulnerability_rises_threefold,
    vulnerability_correlates_with_crowding,
    vulnerability_runs_parallel,
    vulnerability_tracks_crowding_when_sparsest,
    outputs_are_off,
    gradient_attacks_are_masked,
    analytic_attack_is_worst_for_all,
    analytic_attack_is_worst_for_inputs,
    no_attack_exceeds_the_bound,
)
