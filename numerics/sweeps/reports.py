"""What ``sweep``, ``sweep --dry-run`` and ``train`` print."""

from typing import Any

import xarray as xr

from ..training.normalisations import mean_over_outputs, notebook_loss
from .batches import split
from .places import counts, failures
from .results import HIT
from .specification import SweepSpec

__all__ = ["plan_report", "plan_summary", "sweep_report", "train_report", "train_table"]


def plan_report(spec: SweepSpec, device: str) -> dict[str, Any]:
    """Return what a sweep would compute, without computing it."""
    batches = split(spec, device)
    return {
        "schema": "antipode.sweep-plan/1",
        **_what(spec),
        "total": spec.total,
        "batches": len(batches),
        "processor_seconds": round(sum(batch.seconds for batch in batches), 1),
        "base": spec.base.to_dict(),
    }


def plan_summary(report: dict[str, Any]) -> dict[str, Any]:
    """Return a plan for reading: one number where all features have the same."""
    base = {
        name: value[0] if isinstance(value, list) and len(set(value)) == 1 else value
        for name, value in report["base"].items()
    }
    return {**report, "base": base}


def _what(spec: SweepSpec) -> dict[str, Any]:
    return {
        "recipe": spec.recipe,
        "seed": spec.seed,
        "starts": spec.starts,
        "grid": {axis.name: axis.labels() for axis in spec.axes},
    }


def sweep_report(spec: SweepSpec, dataset: xr.Dataset, results: str) -> dict[str, Any]:
    """Return what became of a sweep."""
    return {
        "schema": "antipode.sweep/1",
        "results": results,
        "configuration": dataset.attrs["configuration"],
        **_what(spec),
        **counts(dataset),
        "failures": failures(dataset),
    }


def train_report(spec: SweepSpec, dataset: xr.Dataset, results: str) -> dict[str, Any]:
    """Return what became of the training of a recipe.

    ``loss``, ``status`` and the like are values for one density, lists aligned with ``density``
    for several; each is the best start's, and ``status`` is ``done`` if a start is.  ``loss_mean``
    is the loss averaged over outputs, and ``loss_notebook`` its sum over the densities, as the
    public code prints it; null if one of them is missing.
    """
    cells, outputs = [], spec.base.outputs
    for k, density in enumerate(dataset["density"].values.tolist()):
        best = int(dataset["best_start"].values[k])
        statuses = dataset["status"].values[k].tolist()
        done = best >= 0
        cells.append(
            {
                "density": density,
                "loss": float(dataset["best_loss"].values[k]) if done else None,
                "loss_mean": mean_over_outputs(float(dataset["best_loss"].values[k]), outputs)
                if done
                else None,
                "loss_error": float(dataset["loss_error"].values[k, best]) if done else None,
                "status": "done" if done else statuses[0],
                "best_start": best if done else None,
                "hit_rate": float(dataset["hit_rate"].values[k]),
                "spread": float(dataset["spread"].values[k]) if done else None,
            }
        )
    losses = [cell["loss"] for cell in cells]
    columns = {name: [cell[name] for cell in cells] for name in cells[0]}
    return {
        "schema": "antipode.train/1",
        "recipe": spec.recipe,
        "results": results,
        **{name: column[0] if len(cells) == 1 else column for name, column in columns.items()},
        "loss_notebook": None if None in losses else notebook_loss(losses, outputs),
        "seed": spec.seed,
        "steps": spec.base.steps,
        "starts": spec.starts,
        "instances": len(cells),
        "hit_threshold_relative": HIT,
        **counts(dataset),
        "failures": failures(dataset),
    }


def train_table(report: dict[str, Any]) -> str:
    """Return a report of :func:`train_report` for reading: a line for each density."""
    names = ("density", "loss", "status", "best_start", "hit_rate", "spread")

    def shown(value: Any) -> str:
        return "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)

    columns = [
        [name, *map(shown, report[name] if report["instances"] > 1 else [report[name]])]
        for name in names
    ]
    widths = [max(map(len, column)) for column in columns]
    lines = zip(*columns, strict=True)
    table = ["  ".join(x.ljust(w) for x, w in zip(line, widths, strict=True)) for line in lines]
    about = f"{report['recipe']}, {report['steps']} steps, {report['starts']} starts, seed "
    return "\n".join([f"{about}{report['seed']}", *(line.rstrip() for line in table)])
