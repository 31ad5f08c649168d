r"""Claims on trained models: what the panels predict, and what the protocol shows of them.

Trained models are those of the evidence: ten per cell on the exact loss, and where it holds them
models trained on samples by the public notebook's recipe.  The paper states its protocol (ten
models, the one of highest loss discarded, the results averaged) but no hyper-parameters.
"""

from math import hypot

import numpy as np

from numerics.stages import unpack_phases
from theory.families import candidates
from theory.phases import phase

from ..claims import Claim
from ..evidence import Diagram, Evidence, share_error, state_of_last

__all__ = ["CLAIMS"]

_SECTION = "phase_change"
_MOST = 0.9
_FIGURE = {"2,1": "F12", "3,2": "F13"}


def _panel_agreement(diagram: Diagram, case: str) -> float:
    """Return the share of cells whose trained phases include the panel's."""
    n, m = map(int, case.split(","))
    phases = {
        c.name: phase(np.array(c.gram.tolist(), dtype=float)) for c in candidates(n, m, "unit_bias")
    }
    pairs = zip(
        diagram.values("theory_winner").ravel(),
        diagram.values("trained_phases").ravel(),
        strict=True,
    )
    return float(np.mean([phases[str(name)] in unpack_phases(text) for name, text in pairs]))


def _panel_predicts(evidence: Evidence, case: str, name: str) -> Claim:
    measured, uncertainty, cells = None, 0.0, 0
    if (diagram := evidence.case(case)) is not None:
        measured, cells = _panel_agreement(diagram, case), diagram.p.size * diagram.r.size
        uncertainty = share_error(measured, cells)
    return Claim(
        id=name,
        section=_SECTION,
        place=f"section 3, {_FIGURE[case]}",
        figure=_FIGURE[case],
        text=f"{_FIGURE[case]} sets a theory panel of fixed weights beside an empirical panel; "
        "ours: the theory names the phase that the best of ten trained models has, in nine cells "
        "of ten.",
        predicted=(_MOST, 1.0),
        measured=measured,
        tolerance=0.0,
        uncertainty=uncertainty,
        instead="In more than one cell in ten training ends in another phase than the panel names.",
        reason="Share of the plane's cells in which the phase of the panel's winner is that of the "
        "best model trained on the exact loss.  The paper gives no number; nine in ten is ours."
        + evidence.lack(case),
        details={"cells": cells},
    )


def panel_predicts_training_2_1(evidence: Evidence) -> Claim:
    """F12's theory panel against the best of ten models."""
    return _panel_predicts(evidence, "2,1", "panel_predicts_training_2_1")


def panel_predicts_training_3_2(evidence: Evidence) -> Claim:
    """F13's theory panel against the best of ten models."""
    return _panel_predicts(evidence, "3,2", "panel_predicts_training_3_2")


def _averaging(evidence: Evidence, case: str, name: str) -> Claim:
    measured, uncertainty, details = None, 0.0, {}
    if (diagram := evidence.case(case)) is not None:
        best = state_of_last(diagram.gram("trained_W"))
        mean = state_of_last(diagram.values("trained_mean_gram"))
        differ = best != mean
        measured = float(differ.mean())
        uncertainty = share_error(measured, differ.size)
        details = {"cells": int(differ.size)}
        for label, states in (("best", best), ("averaged", mean)):
            details[f"superposed_in_{label}"] = int((states == "superposed").sum())
    return Claim(
        id=name,
        section=_SECTION,
        place=f"section 3, {_FIGURE[case]}",
        figure=_FIGURE[case],
        text=f"The empirical panel of {_FIGURE[case]} averages over ten models per point without "
        "the one of highest loss (stated); ours, reading it as an average of WᵀW: the extra "
        "feature's state in the average is that of the best of the ten.",
        predicted=0.0,
        measured=measured,
        tolerance=0.05,
        uncertainty=uncertainty,
        instead="Averages mix models of different phases, with one feature or another superposed, "
        "so they show more superposition of the extra feature than the best model has.",
        reason="Share of the plane's cells in which the two states differ; what is averaged is not "
        "stated, and one cell in twenty, left to the boundaries, is ours." + evidence.lack(case),
        details=details,
    )


def averaging_is_harmless_2_1(evidence: Evidence) -> Claim:
    """Compare the averaged models of F12 with the best of ten."""
    return _averaging(evidence, "2,1", "averaging_is_harmless_2_1")


def averaging_is_harmless_3_2(evidence: Evidence) -> Claim:
    """Compare the averaged models of F13 with the best of ten."""
    return _averaging(evidence, "3,2", "averaging_is_harmless_3_2")


def _recipe(evidence: Evidence, case: str, name: str) -> Claim:
    measured, uncertainty, details = None, 0.0, {}
    lack = evidence.lack(case)
    if (diagram := evidence.case(case)) is not None:
        if "sampled_agreement" in diagram.dataset and diagram.values("sampled_agreement").size:
            agree = diagram.values("sampled_agreement").astype(bool)
            measured = float(agree.mean())
            uncertainty = share_error(measured, agree.size)
            starts = int(diagram.dataset.sizes["sampled_start"])
            details = {"cells": int(agree.size), "models_per_cell": starts}
        else:
            lack = (
                "  The evidence holds no models trained on samples: make it with phase-diagram "
                "--sampled-starts 1 or more and give the folder by --from."
            )
    return Claim(
        id=name,
        section=_SECTION,
        place=f"section 3, {_FIGURE[case]}",
        figure=_FIGURE[case],
        text=f"Ours, on {_FIGURE[case]}: training on samples by the public notebook's recipe "
        "reaches the optimum's phase in nine cells of ten.",
        predicted=(_MOST, 1.0),
        measured=measured,
        tolerance=0.0,
        uncertainty=uncertainty,
        instead="More than one cell in ten ends in another phase than the optimum's.",
        reason="Share of the sampled cells in which the best model trained on samples has the "
        "optimum's phase.  The paper gives no number; nine in ten is ours." + lack,
        details=details,
    )


def recipe_reaches_the_optimum_2_1(evidence: Evidence) -> Claim:
    """Training on samples, two features."""
    return _recipe(evidence, "2,1", "recipe_reaches_the_optimum_2_1")


def recipe_reaches_the_optimum_3_2(evidence: Evidence) -> Claim:
    """Training on samples, three features."""
    return _recipe(evidence, "3,2", "recipe_reaches_the_optimum_3_2")


def three_features_are_harder(evidence: Evidence) -> Claim:
    """Fewer starts reach the optimum with three features than with two."""
    measured, uncertainty, shares = None, 0.0, {}
    two, three = evidence.case("2,1"), evidence.case("3,2")
    if two is not None and three is not None:
        errors = []
        for case, diagram in (("2,1", two), ("3,2", three)):
            gap = diagram.values("trained_losses") - diagram.values("optimum_loss")[..., None]
            hit = gap <= 1e-6 * diagram.V[..., None]
            shares[case] = float(hit.mean())
            errors.append(share_error(shares[case], hit.shape[0] * hit.shape[1]))
        measured = shares["2,1"] - shares["3,2"]
        uncertainty = hypot(*errors)
    return Claim(
        id="three_features_are_harder",
        section=_SECTION,
        place="section 3, F13",
        figure="F13",
        text="A replication of F13 (keltin13) finds n = 3 'especially difficult' to train; ours: "
        "a single start reaches the optimum less often than with n = 2.",
        predicted=(0.0, None),
        measured=measured,
        tolerance=0.0,
        uncertainty=uncertainty,
        instead="Starts of three features reach the optimum as often as those of two.",
        reason="Share of the models trained on the exact loss that end within 1e-6 V of the "
        "optimum, a threshold of ours: that of n = 2 less that of n = 3."
        + evidence.lack("2,1", "3,2"),
        details={"shares": shares},
    )


CLAIMS = (
    panel_predicts_training_2_1,
    panel_predicts_training_3_2,
    averaging_is_harmless_2_1,
    averaging_is_harmless_3_2,
    recipe_reaches_the_optimum_2_1,
    recipe_reaches_the_optimum_3_2,
    three_features_are_harder,
)
