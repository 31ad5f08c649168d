r"""Claims on the appendix about nonlinear compression (arXiv 2209.10652, F38).

Two dense numbers in one, :math:`t = (\lfloor Zx \rfloor + y)/Z`, with steep segments of width ε in
place of the jumps.  What ε is measured in, where on a jump a segment lies, and which constant x is
read with are not stated; :mod:`theory.nonlinear_compression` says how it is read here.
"""

from fractions import Fraction

from theory.nonlinear_compression import (
    LINEAR_LOSS,
    compression_errors,
    compression_loss,
    linear_loss,
    neurons,
)

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "compression"
_PLACE = "appendix, nonlinear compression, F38"
_Z = 3
_WIDTH = Fraction(1, 10)
_NEURONS = 12
_EXPERIMENT = "nonlinear_compression"
_GRID = 1e-4  # what the grids of the quadrature can resolve


def compression_splits_precision(evidence: Evidence) -> Claim:
    """Return the errors of the scheme with its jumps."""
    errors = {Z: compression_errors(Z, Fraction(0)) for Z in range(2, 11)}
    return Claim(
        id="compression_splits_precision",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text="t = (⌊Zx⌋ + y)/Z splits the precision of t between x and y (F38); ours: y comes "
        "back as it was and x to the midpoint of its segment, at a cost of 1/(12Z²).",
        predicted=0.0,
        measured=tuple(float(of_x * 12 * Z**2 - 1 + of_y) for Z, (of_x, of_y) in errors.items()),
        tolerance=0.0,
        fast=True,
        reason="Relative excess of the exact error of x over 1/(12Z²), and the error of y, for "
        "Z = 2 to 10 without smoothing; exact arithmetic, so no tolerance.",
        details={"loss": {str(Z): str(sum(pair)) for Z, pair in errors.items()}},
    )


def compression_linear_references(evidence: Evidence) -> Claim:
    """Compare the two linear ways the scheme is set against."""
    ways = {"keep one": (1, 0), "average": (1, 1), "another": (2, 5)}
    losses = {name: linear_loss(*way) for name, way in ways.items()}
    return Claim(
        id="compression_linear_references",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text="Linear compression keeps one of the numbers, or their average (F38); ours: with the "
        "best constants both cost 1/12 in all, as does every linear combination.",
        predicted=float(LINEAR_LOSS),
        measured=tuple(map(float, losses.values())),
        tolerance=0.0,
        fast=True,
        reason="Least loss over affine readouts, summed over x and y, for three combinations; "
        "exact arithmetic, so no tolerance.",
        details={
            **{name: str(loss) for name, loss in losses.items()},
            "keep one, no constants": str(linear_loss(1, 0, constants=False)),
        },
    )


def compression_beats_linear(evidence: Evidence) -> Claim:
    """Compare the smoothed scheme with linear ones at the point the paper names."""
    widths = {"a step": _WIDTH, "the unit interval": _Z * _WIDTH}
    ratios = {unit: compression_loss(_Z, width) / LINEAR_LOSS for unit, width in widths.items()}
    return Claim(
        id="compression_beats_linear",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text="Even with ε = 0.1 and Z = 3 the nonlinear scheme beats keeping one number and "
        "keeping the average (F38).",
        predicted=(None, 1.0),
        measured=tuple(map(float, ratios.values())),
        tolerance=0.0,
        fast=True,
        instead="The smoothed scheme is worse than linear ones there.",
        reason="Exact loss over that of the best linear number, ε taken as a share of a step and "
        "as a width on the unit interval, steep segments centred on the jumps.",
        details={unit: str(ratio) for unit, ratio in ratios.items()},
    )


def compression_beats_linear_however_read(evidence: Evidence) -> Claim:
    """Compare with linear schemes under every reading of what is not stated."""
    found = evidence.measured(_EXPERIMENT).get("loss_over_linear")
    return Claim(
        id="compression_beats_linear_however_read",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text="Ours, on F38: that the scheme beats linear ones at ε = 0.1, Z = 3 does not depend on "
        "the unit of ε, on where on a jump the steep segment lies, or on the constant x is read "
        "with.",
        predicted=(None, 1.0),
        measured=None if found is None else tuple(found.values()),
        tolerance=_GRID,
        instead="It does depend: with ε a width on the unit interval and segments that begin or "
        "end at the jump the scheme is up to 1.7 times worse than a linear number; with ε a share "
        "of a step it wins in every reading.",
        reason="Loss over that of the best linear number for two units, three places of the "
        f"segment and two constants, on a grid of x and y that resolves {_GRID}.",
        details={} if found is None else dict(found),
    )


def compression_closed_form(evidence: Evidence) -> Claim:
    """Compare the closed form with the scheme itself."""
    found = evidence.measured(_EXPERIMENT).get("closed_form_less_quadrature")
    return Claim(
        id="compression_closed_form",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text="The error of the smoothed scheme has a closed form (F38); ours: a polynomial in ε of "
        "degree five for each Z.",
        predicted=0.0,
        measured=found,
        tolerance=_GRID,
        reason="Largest difference between the polynomial and the scheme itself, averaged over a "
        f"grid of x and y that resolves {_GRID}, for Z = 2 to 10 and six widths.",
        details={},
    )


def compression_neurons(evidence: Evidence) -> Claim:
    """Count the ReLUs of a network that packs and unpacks."""
    return Claim(
        id="compression_neurons",
        section=_SECTION,
        place=_PLACE,
        figure="F38",
        text=f"The scheme takes {_NEURONS} ReLU neurons for each of the Z segments, packing and "
        f"unpacking combined (F38): {_NEURONS * _Z} at Z = {_Z}.",
        predicted=float(_NEURONS * _Z),
        measured=float(neurons(_Z)),
        tolerance=0.0,
        fast=True,
        instead="4(Z − 1) + 2 are enough, with one hidden layer on either side: two for each of "
        "the Z − 1 jumps, and one to carry y, or t, past them; 10 at Z = 3.",
        reason="Neurons of the network that is the smoothed scheme (theory.nonlinear_compression); "
        "a count, so no tolerance.  How the paper counts is not stated.",
        details={str(Z): neurons(Z) for Z in (2, 3, 4, 10)},
    )


CLAIMS = (
    compression_splits_precision,
    compression_linear_references,
    compression_beats_linear,
    compression_beats_linear_however_read,
    compression_closed_form,
    compression_neurons,
)
