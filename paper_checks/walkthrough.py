"""Claims of the paper's text that introductions take up."""

from collections.abc import Callable, Mapping
from typing import Any

from .claims import Claim
from .evidence import Evidence, share_error

__all__ = ["CHECKS", "claims"]

_SECTION = "walkthrough"
_MODELS = ("linear hidden layer", "hidden ReLU")


def _removed(evidence: Evidence, name: str, model: str, instead: str) -> Claim:
    found = evidence.measured("hidden_penalty").get(model, {})
    return Claim(
        id=name,
        section=_SECTION,
        place="the strategic picture of superposition",
        figure="Q7",
        text="An L1 penalty on the hidden activations removes superposition in toy models (of "
        f"which kind is not said); ours: and leaves features, {model}.",
        predicted=(0.5, 1.0),
        measured=found.get("free_of_superposition"),
        tolerance=0.0,
        reason="Ten equal features of density 1/20 in five dimensions, trained at thirteen "
        "coefficients: the largest number of stored features, over the number of dimensions, among "
        "models with no feature in superposition (overlap of at least 0.01; of a rectified layer, "
        "of the positive weights).  Superposition is removed, and not the features with it, if "
        "that is at least a half, a threshold of ours.",
        instead=instead,
        details=dict(found),
    )


def penalty_separates_neurons(evidence: Evidence) -> Claim:
    """Whether some L1 penalty leaves features without superposition in a rectified layer."""
    return _removed(
        evidence,
        "penalty_separates_neurons",
        "hidden ReLU",
        "At every penalty tried features share neurons, or few are stored.",
    )


def penalty_separates_dimensions(evidence: Evidence) -> Claim:
    """Whether some L1 penalty leaves features without superposition in a linear layer."""
    return _removed(
        evidence,
        "penalty_separates_dimensions",
        "linear hidden layer",
        "Opposite features on one axis do not make each other larger, so digons survive until the "
        "penalty has dropped nearly everything.",
    )


def _cost_of_removal(found: Mapping[str, Any]) -> float | None:
    """Return the loss at the least penalty without superposition over that without a penalty."""
    free = [loss for loss, k in zip(found["loss"], found["superposed"], strict=True) if k == 0]
    return float(free[0] / found["loss"][0]) if free else None


def penalty_costs_loss(evidence: Evidence) -> Claim:
    """Whether the loss is higher where the penalty has removed superposition."""
    found = evidence.measured("hidden_penalty")
    costs = [_cost_of_removal(found[model]) for model in _MODELS if model in found]
    known = tuple(cost for cost in costs if cost is not None)
    return Claim(
        id="penalty_costs_loss",
        section=_SECTION,
        place="the strategic picture of superposition",
        figure="Q7",
        text="Removing superposition by the penalty has a cost in loss.",
        predicted=(1.1, None),
        measured=known if len(known) == len(_MODELS) else None,
        tolerance=0.0,
        reason="The loss without the penalty at the least λ that leaves no feature in "
        "superposition, over that at λ = 0, both models; a tenth, ours, is far above the sampling "
        "error of 1 %.",
        instead="Superposition goes without a cost in loss.",
        details={model: found[model]["loss"] for model in _MODELS if model in found},
    )


def training_finds_the_pentagon(evidence: Evidence) -> Claim:
    """Whether training on five sparse features in two dimensions ends as a pentagon."""
    found = evidence.measured("finding_the_pentagon")
    share, starts = found.get("share_of_pentagons"), found.get("starts", 1)
    return Claim(
        id="training_finds_the_pentagon",
        section=_SECTION,
        place="introduction, F1",
        figure="Q8",
        text="Five sparse features in two dimensions are stored as a pentagon.",
        predicted=(0.5, 1.0),
        measured=share,
        tolerance=0.0,
        uncertainty=0.0 if share is None else share_error(share, starts),
        reason="Share of runs by the notebook's optimiser, density 1/20, equal importances, whose "
        "five dimensionalities end within 0.01 of 2/5; more than half, ours, is to find it "
        "typically.",
        instead="Most runs end elsewhere, above the optimum's loss.",
        details=dict(found),
    )


CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    training_finds_the_pentagon,
    penalty_separates_neurons,
    penalty_separates_dimensions,
    penalty_costs_loss,
)


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
