"""Two dense numbers in one, nonlinearly (arXiv 2209.10652, appendix, F38)."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.nonlinear_compression import (
    LINEAR_LOSS,
    compress,
    compression_errors,
    decompress,
    neurons,
    staircase,
)

from .experiment import Experiment, Measurements, by_quality, same
from .work import Work

__all__ = ["EXPERIMENTS"]

Array = NDArray[np.float64]

_ROWS = 50
_SHIFTS = {"begins at the jump": -0.5, "is centred on it": 0.0, "ends at it": 0.5}
_READOUTS = {"midpoint": 0.5, "left end": 0.0}


def _averaged(loss: Callable[[Array, Array], Array], side: int) -> float:
    """Return the mean of a loss over midpoints of the cells of the unit square, side by side."""
    centres = (np.arange(side) + 0.5) / side
    blocks = np.split(centres[:, None], np.arange(_ROWS, side, _ROWS))
    return sum(float(loss(x, centres[None, :]).sum()) for x in blocks) / side**2


def _quadrature(Z: int, width: float, side: int) -> float:
    """Return the loss of the scheme itself, averaged over the square."""

    def loss(x: Array, y: Array) -> Array:
        x_read, y_read = decompress(compress(x, y, Z, width), Z, width)
        return np.asarray((x_read - x) ** 2 + (y_read - y) ** 2)

    return _averaged(loss, side)


def _as_read(Z: int, width: float, shift: float, offset: float, side: int) -> float:
    """Return the loss with ramps elsewhere by ``shift`` widths, x read with another constant."""

    def loss(x: Array, y: Array) -> Array:
        u = staircase(Z * x + shift * width, Z, width) + y
        step = staircase(u + shift * width, Z, width)
        return np.asarray(((step + offset) / Z - x) ** 2 + (u - step - y) ** 2)

    return _averaged(loss, side)


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    segments = constants["segments"]
    widths = np.linspace(0.0, 1.0, constants["widths"])
    checked = np.array(constants["checked_widths"])
    side = constants["side"]
    claimed_Z, claimed = constants["claimed_segments"], constants["claimed_width"]
    readings = [
        (f"{unit}, the ramp {place}, {readout}", scale, shift, offset)
        for (unit, scale), (place, shift), (readout, offset) in product(
            (("a step", 1), ("the unit interval", claimed_Z)), _SHIFTS.items(), _READOUTS.items()
        )
    ]
    curve = np.linspace(0, 1, constants["curve_points"], endpoint=False)
    Z, width = constants["shown_segments"], constants["shown_width"]
    shown = decompress(curve, Z, width)
    errors = [compression_errors(int(Z), widths) for Z in segments]
    return xr.Dataset(
        {
            "error_x": (("segments", "width"), np.stack([e for e, _ in errors])),
            "error_y": (("segments", "width"), np.stack([e for _, e in errors])),
            "quadrature": (
                ("segments", "checked_width"),
                np.array([[_quadrature(Z, w, side) for w in checked] for Z in segments]),
            ),
            "loss_as_read": (
                "reading",
                np.array(
                    [
                        _as_read(claimed_Z, scale * claimed, s, o, side)
                        for _, scale, s, o in readings
                    ]
                ),
            ),
            "width_of_steps": ("reading", np.array([scale == 1 for _, scale, *_ in readings])),
            "linear_loss": ((), float(LINEAR_LOSS)),
            "packed": ("unit", staircase(Z * curve, Z, width) / Z),
            "unpacked": (("number", "unit"), np.stack(shown)),
        },
        coords={
            "segments": np.array(segments),
            "width": widths,
            "checked_width": checked,
            "reading": np.array([name for name, *_ in readings], dtype=object),
            "unit": curve,
            "number": np.array(["x", "y"], dtype=object),
        },
    )


def _measured(dataset: xr.Dataset) -> Measurements:
    exact = [
        [float(sum(compression_errors(int(Z), w))) for w in dataset["checked_width"].values]
        for Z in dataset["segments"].values
    ]
    linear = float(LINEAR_LOSS)
    return {
        "loss_over_linear": {
            str(name): float(value) / linear
            for name, value in zip(
                dataset["reading"].values, dataset["loss_as_read"].values, strict=True
            )
        },
        "closed_form_less_quadrature": float(
            np.abs(dataset["quadrature"].values - np.array(exact)).max()
        ),
        "neurons": {str(int(Z)): neurons(int(Z)) for Z in dataset["segments"].values},
        "best_segments_by_width": [
            int(dataset["segments"].values[k])
            for k in (dataset["error_x"] + dataset["error_y"]).values.argmin(0)
        ],
    }


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="nonlinear_compression",
        title="Two dense numbers in one: the smoothed nonlinear scheme against linear ones",
        constants={
            "segments": same([2, 3, 4, 6, 10], "ours, with the paper's 3; its others are not said"),
            "widths": same(201, "ours: the width of the ramps from 0 to a whole step"),
            "checked_widths": same([0.0, 0.1, 0.3, 0.5, 0.8, 1.0], "ours, with the paper's 0.1"),
            "side": by_quality(1000, 3000, "ours: the grid of the quadrature that checks it"),
            "claimed_segments": same(3, "paper"),
            "claimed_width": same(0.1, "paper; of what it is 0.1 is not said, so both are tried"),
            "shown_segments": same(3, "paper's smallest Z named"),
            "shown_width": same(0.3, "ours: 0.1 of the unit interval at Z = 3"),
            "curve_points": same(1201, "ours"),
        },
        compute=_compute,
        measure=_measured,
        minutes=(0.1, 0.6),
    ),
)
