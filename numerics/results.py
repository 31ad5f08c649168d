"""The results of a phase diagram: every number behind the picture, with its provenance."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.phases import THRESHOLDS, norms, overlaps
from theory.problem import dropped_loss

from .boundaries import bisected
from .families import family_names
from .optimum import Optimum
from .plane import SCHEMA, PlaneSpec
from .stages import cells_of, pack_phases, unpack_optima
from .store import provenance
from .verification import (
    ALARM,
    AWAY,
    Models,
    TheoryPanel,
    boundary_distances,
    cell_distances,
    evaluated,
    exact_optimum_losses,
    judge,
    settle,
    spread,
    theory_panel,
)

__all__ = ["assemble", "last_feature"]

Array = NDArray[np.float64]


def last_feature(G: Array) -> tuple[Array, Array]:
    """Return norm and overlap of the last feature of Gram matrices (..., n, n)."""
    return norms(G)[..., -1], overlaps(G)[..., -1]


def _text(values: Any) -> NDArray[Any]:
    return np.array(values, dtype=object)


def _share(mask: NDArray[np.bool_]) -> float | None:
    return float(mask.mean()) if mask.size else None


def assemble(
    spec: PlaneSpec,
    refined: dict[str, Any],
    trained: dict[str, Any],
    sampled: list[dict[str, Any]],
    families: dict[str, Any] | None,
    seconds: float,
) -> tuple[xr.Dataset, dict[str, Any]]:
    """Judge everything that was computed and label it.

    Parameters
    ----------
    refined, trained, families
        Arrays of :mod:`numerics.stages`, one row per cell in row-major order.
    sampled
        Arrays per start, one row per sampled cell.
    seconds
        Seconds the units took, one after the other.

    Returns
    -------
    tuple
        The dataset of the results file, and the case's entry of ``summary.json``.
    """
    rows, columns = spec.shape
    cells = cells_of(spec, range(rows))
    flat = unpack_optima(spec, cells, refined)
    optima = [flat[i * columns : (i + 1) * columns] for i in range(rows)]
    optima = exact_optimum_losses(spec, optima)
    lattice = spec.sampled_cells
    trained_models = evaluated(spec, cells, trained["W"], trained["b"])
    sampled_models = [evaluated(spec, lattice, s["W"], s["b"]) for s in sampled]
    flagged = settle(spec, optima, [trained_models, *sampled_models])
    best = judge(spec, trained_models, optima)
    sampled_data, sampled_summary = _judge_sampled(spec, sampled_models, optima)
    theory = theory_panel(spec)
    optimum_boundary = bisected(spec, optima) if flagged else refined["boundary"]
    distance = cell_distances(spec, optimum_boundary)
    points, boundary_distance = boundary_distances(
        spec, best.phases, theory.curve_points, optimum_boundary
    )
    V = dropped_loss(spec.density)
    phase_of_theory = [theory.phases[k] for k in theory.winner.ravel()]
    away = distance.ravel() > AWAY

    def grid(values: Any) -> Any:
        values = np.asarray(values)
        return values.reshape(rows, columns, *values.shape[1:])

    plane = ("density", "importance")
    flat_optima: list[Optimum] = [o for row in optima for o in row]
    optimum_gram = np.stack([o.gram for o in flat_optima])
    optimum_loss = grid([o.loss for o in flat_optima])
    data = {
        "optimum_loss": (plane, optimum_loss),
        "optimum_W": ((*plane, "hidden", "feature"), grid([o.W for o in flat_optima])),
        "optimum_b": ((*plane, "feature"), grid([o.b for o in flat_optima])),
        "optimum_phases": (plane, _text(grid([pack_phases(o.ties) for o in flat_optima]))),
        "optimum_hits": (plane, grid([o.hits for o in flat_optima])),
        "optimum_starts": (plane, grid([o.starts for o in flat_optima])),
        "optimum_norm": (plane, grid(last_feature(optimum_gram)[0])),
        "optimum_overlap": (plane, grid(last_feature(optimum_gram)[1])),
        "optimum_boundary": (("optimum_point", "axis"), optimum_boundary),
        "distance_to_boundary": (plane, distance),
        "theory_loss": (("candidate", *plane), theory.losses),
        "theory_winner": (plane, _text(np.array(theory.names)[theory.winner])),
        "theory_cut_loss": (("candidate", "cut_density"), theory.cut_losses),
        **_cut_crossings("cut_crossing", theory.crossings),
        **_cut_crossings("cut_other_crossing", theory.other_crossings),
        "trained_loss": (plane, grid(best.loss)),
        "trained_losses": ((*plane, "start"), grid(trained["loss"])),
        "trained_W": ((*plane, "hidden", "feature"), grid(trained["W"])),
        "trained_b": ((*plane, "feature"), grid(trained["b"])),
        "trained_phases": (plane, _text(grid([pack_phases(s) for s in best.phases]))),
        "trained_gap": (plane, grid(best.gap)),
        "trained_agreement": (plane, grid(best.agreement)),
        "trained_failed_starts": (plane, grid(trained["failed"])),
        "trained_boundary": (("trained_point", "axis"), points),
        "trained_mean_gram": ((*plane, "feature", "other"), grid(trained["mean_gram"])),
        **sampled_data,
        "flagged": (
            plane,
            np.array([[(i, j) in flagged for j in range(columns)] for i in range(rows)]),
        ),
    }
    for name, curve in theory.curves.items():
        key = "theory_curve_" + name.replace(" | ", "__")
        data[key] = ((f"{key}_point", "axis"), curve)
    if families is not None:
        data["family_loss"] = (("family", *plane), np.moveaxis(grid(families["loss"]), -1, 0))
    coordinates = _coordinates(spec, theory, families is not None)
    dataset = xr.Dataset(data, coords=coordinates, attrs=_attributes(spec))

    summary: dict[str, Any] = {
        "configuration": spec.key,
        "options": asdict(spec),
        "cells": rows * columns,
        "agreement": _share(best.agreement),
        "agreement_away": _share(best.agreement[away]),
        "cells_away": int(away.sum()),
        "agreement_with_paper_panel": _share(
            np.array([one in s for one, s in zip(phase_of_theory, best.phases, strict=True)])
        ),
        "optimum_agrees_with_paper_panel": _share(
            np.array([one in o.ties for one, o in zip(phase_of_theory, flat_optima, strict=True)])
        ),
        "ties": sum(len(o.ties) > 1 for o in flat_optima),
        "gap": spread(best.gap),
        "gap_in_V": spread(best.gap / np.repeat(V, columns)),
        "boundary_distance": {k: v["median"] for k, v in boundary_distance.items()},
        "boundary_distance_spread": boundary_distance,
        "alarms": len(flagged),
        "flagged_cells": [list(cell) for cell in sorted(flagged)],
        "failed_starts": int(trained["failed"].sum()),
        "failed_cells": int((~np.isfinite(best.loss)).sum()),
        "sampled": sampled_summary(distance),
        "thresholds": {**THRESHOLDS, "alarm": -ALARM, "away": AWAY},
        "seconds": round(seconds, 2),
    }
    if families is not None:
        summary["families"] = _family_verdict(spec, optimum_loss, families["loss"])
    return dataset, summary


def _coordinates(spec: PlaneSpec, theory: TheoryPanel, families: bool) -> dict[str, Any]:
    coordinates: dict[str, Any] = {
        "density": ("density", spec.density, {"long_name": "density p = P(x ≠ 0)"}),
        "importance": (
            "importance",
            spec.importance,
            {"long_name": "importance r of the last feature"},
        ),
        "candidate": ("candidate", _text(theory.names)),
        "cut_density": ("cut_density", theory.cut_density),
        "axis": ("axis", _text(["log10 density", "log10 importance"])),
    }
    if families:
        coordinates["family"] = ("family", _text(family_names(spec.features, spec.hidden)))
    return coordinates


def _attributes(spec: PlaneSpec) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "loss": "sum over features of importance times mean square error; not averaged",
        "configuration": spec.key,
        **{f"option_{k}": v for k, v in asdict(spec).items()},
        **{f"threshold_{k}": v for k, v in THRESHOLDS.items()},
        **provenance(),
    }


def _cut_crossings(name: str, found: list[tuple[float, float, str]]) -> dict[str, Any]:
    return {
        f"{name}_density": ((name,), np.array([p for p, _, _ in found])),
        f"{name}_loss": ((name,), np.array([loss for _, loss, _ in found])),
        f"{name}_between": ((name,), _text([pair for _, _, pair in found])),
    }


def _judge_sampled(
    spec: PlaneSpec, models: list[Models], optima: list[list[Optimum]]
) -> tuple[dict[str, Any], Callable[[Array], dict[str, Any]]]:
    """Judge the models trained on samples: variables, and the summary given the distances."""
    lattice = spec.sampled_cells if models else []
    draws = [judge(spec, one, optima) for one in models]
    starts = np.array([d.loss for d in draws]).reshape(len(draws), len(lattice))
    losses = np.where(np.isnan(starts), np.inf, starts)
    winner = losses.argmin(0) if models else np.empty(0, dtype=int)

    def best(parts: list[Any]) -> Any:
        return np.stack(parts)[winner, np.arange(len(lattice))] if parts else np.empty(0)

    gap, agreement = best([d.gap for d in draws]), best([d.agreement for d in draws]).astype(bool)
    data: dict[str, Any] = {}
    if models:
        data = {
            "sampled_density": (("cell",), spec.density[[i for i, _ in lattice]]),
            "sampled_importance": (("cell",), spec.importance[[j for _, j in lattice]]),
            "sampled_loss": (("cell",), best([d.loss for d in draws])),
            "sampled_losses": (("sampled_start", "cell"), starts),
            "sampled_W": (
                ("cell", "hidden", "feature"),
                best([one.W for one in models]),
            ),
            "sampled_b": (("cell", "feature"), best([one.b for one in models])),
            "sampled_gap": (("cell",), gap),
            "sampled_agreement": (("cell",), agreement),
        }

    def summary(distance: Array) -> dict[str, Any]:
        away = np.array([distance[cell] > AWAY for cell in lattice], dtype=bool)
        p = spec.density[[i for i, _ in lattice]] if lattice else np.empty(0)
        return {
            "cells": len(lattice),
            "starts": spec.sampled_starts,
            "agreement": _share(agreement),
            "agreement_away": _share(agreement[away]),
            "gap": spread(gap),
            "gap_in_V": spread(gap / dropped_loss(p)),
        }

    return data, summary


def _family_verdict(spec: PlaneSpec, optimum: Array, losses: Array) -> dict[str, Any]:
    """Say where a triangle, straight or tilted, or no family at all, has the least loss."""
    names = family_names(spec.features, spec.hidden)
    V = dropped_loss(spec.density)[:, None]
    family = {name: losses[:, k].reshape(spec.shape) for k, name in enumerate(names)}
    advantage = (family["pair"] - optimum) / V
    outside = (np.minimum.reduce(list(family.values())) - optimum) / V
    straight = (family["pair"] - family["triangle"]) / V
    wins = advantage > 1e-9

    def place(values: Array) -> dict[str, float]:
        i, j = np.unravel_index(values.argmax(), values.shape)
        return {
            "in_V": float(values[i, j]),
            "density": float(spec.density[i]),
            "importance": float(spec.importance[j]),
        }

    def box(mask: Any) -> dict[str, list[float]] | None:
        i, j = np.nonzero(mask)
        if not len(i):
            return None
        return {
            "density": [float(spec.density[i].min()), float(spec.density[i].max())],
            "importance": [float(spec.importance[j].min()), float(spec.importance[j].max())],
        }

    tilted_only = (np.minimum(family["pair"], family["triangle"]) - family["tilted_triangle"]) / V
    return {
        "cells_where_pairs_are_beaten": int(wins.sum()),
        "range": box(wins),
        "largest_advantage_over_pairs": place(advantage),
        "cells_where_straight_triangle_beats_pairs": int((straight > 1e-9).sum()),
        "cells_where_only_tilted_triangle_wins": int((tilted_only > 1e-9).sum()),
        "cells_outside_every_family": int((outside > 1e-9).sum()),
        "range_outside": box(outside > 1e-9),
        "largest_advantage_over_families": place(outside),
    }
