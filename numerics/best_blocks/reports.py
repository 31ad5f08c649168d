"""What ``antipode blocks`` and ``staircase`` print, and what the staircase's file holds."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from theory.blocks import Mix
from theory.large_n import SymmetricCode
from theory.one_hot import limit_benefit

from .observations import Observation, shortfall
from .pieces import Piece
from .ranking import CLOSED, Ranking
from .staircase import Step
from .table import Table
from .transitions import Transition

__all__ = [
    "atlas_report",
    "blocks_report",
    "blocks_summary",
    "staircase_report",
    "staircase_summary",
]

_RIVALS = 8  # blocks behind the leader that a step lists
_SHOWN = 15  # blocks that are printed for reading


def _piece(piece: Piece) -> dict[str, Any]:
    """Return what is said of one block.

    ``hits`` of ``starts`` descents ended at the model it is part of; ``sparse_limit`` is the
    benefit of its directions, at one norm and bias, as the density goes to 0.
    """
    block = piece.block
    norms = np.linalg.norm(block.W, axis=0)
    return {
        "name": piece.name,
        "family": piece.family,
        "k": block.k,
        "d": block.d,
        "benefit_per_dimension": block.benefit,
        "loss": block.loss,
        "scale": float(np.sqrt((norms**2).mean())),
        "bias": float(block.b.mean()),
        "norms": norms.tolist(),
        "biases": block.b.tolist(),
        "dimensionality": piece.dimensionality.tolist(),
        "rigid": piece.rigid,
        "hits": block.hits,
        "starts": block.starts,
        "status": block.status,
        "sparse_limit": limit_benefit(block.W).benefit,
    }


def _code(code: SymmetricCode) -> dict[str, float]:
    return {"benefit_per_dimension": code.benefit, "dimensions_per_feature": code.ratio}


def blocks_report(found: Ranking) -> dict[str, Any]:
    """Return a ranking; ``best_in`` has the best benefit of each dimension the atlas knows."""
    return {
        "schema": "antipode.blocks/1",
        "density": float(found.density),
        "V": found.pieces[0].block.variance,
        "closed": found.closed,
        "closed_within": CLOSED,
        "best_in": {str(d): one.benefit for d, one in found.best_in.items()},
        "large_n": _code(found.code),
        "ranking": [_piece(piece) for piece in found.pieces],
    }


def blocks_summary(report: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a report that is for reading."""
    columns = ("name", "k", "d", "benefit_per_dimension", "scale", "bias", "rigid")
    rows = [{key: row[key] for key in columns} for row in report["ranking"][:_SHOWN]]
    more = len(report["ranking"]) - len(rows)
    return {**report, "ranking": rows, **({"further": more} if more else {})}


def _mix(mix: Mix, names: dict[str, Piece]) -> dict[str, Any]:
    """Return what a mix predicts."""
    stored: dict[str, float] = {}
    for block, amount in mix.counts:
        kind = names[block.name].family if block.name in names else block.name
        stored[kind] = stored.get(kind, 0.0) + float(amount) * block.features
    D = mix.dimensions_per_feature
    return {
        "blocks": [{"name": block.name, "count": float(amount)} for block, amount in mix.counts],
        "represented": float(mix.represented),
        "dimensions_per_feature": None if D is None else float(D),
        "loss": float(mix.loss),
        "shares": {name: amount / float(mix.represented) for name, amount in stored.items()},
        "levels": [
            {"dimensionality": one.dimensionality, "count": float(one.count), "block": one.block}
            for one in mix.levels
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    """Return the prediction at one density."""
    leader, *others = step.ranking.pieces
    price = float(step.best.dimension_price)
    return {
        "density": float(step.density),
        "V": float(step.best.mix.V),
        "leader": _piece(leader),
        "closed": step.ranking.closed,
        "large_n": _code(step.ranking.code),
        "dimension_price": price,
        "feature_price": float(step.best.feature_price),
        "rivals": [
            {
                "name": piece.name,
                "k": piece.block.k,
                "d": piece.block.d,
                "behind": leader.block.benefit - piece.block.benefit,
            }
            for piece in others[:_RIVALS]
        ],
        "predicted": _mix(step.best.mix, step.names),
        "whole": _mix(step.whole, step.names),
        "rounding_loss": float(step.whole.loss) - float(step.best.mix.loss),
    }


def _transition(one: Transition) -> dict[str, Any]:
    sides = {
        side: {"name": piece.name, "family": piece.family, "k": piece.block.k, "d": piece.block.d}
        for side, piece in (("above", one.above), ("below", one.below))
    }
    benefit = None if one.density is None else one.above.block.benefit
    return {
        "density": one.density,
        "between": list(one.bracket),
        **sides,
        "benefit_per_dimension": benefit,
        "closed": one.closed,
    }


def _observation(model: Observation, step: Step) -> dict[str, Any]:
    """Return a model beside the prediction at its density; losses per m V in ``excess``."""
    unit = len(model.W) * float(step.best.mix.V)
    return {
        "source": model.source,
        "density": float(model.density),
        "loss": model.loss,
        "excess": (model.loss - float(step.best.mix.loss)) / unit,
        "status": model.status,
        "represented": model.represented,
        "dimensions_per_feature": model.dimensions_per_feature,
        "shares": model.shares,
        "dimensionality": model.dimensionality.tolist(),
        "families": list(model.families),
        "shortfall": shortfall(step, model),
    }


def staircase_report(
    n: int,
    m: int,
    steps: Sequence[Step],
    changes: Sequence[Transition],
    models: Sequence[Observation] = (),
) -> dict[str, Any]:
    """Return predictions, transitions and models beside them, by falling density."""
    at = {step.density: step for step in steps}
    ordered = sorted(models, key=lambda one: (-one.density, one.source, one.loss))
    return {
        "schema": "antipode.staircase/1",
        "n": n,
        "m": m,
        "steps": [_step(step) for step in steps],
        "transitions": [_transition(one) for one in changes],
        "models": [_observation(one, at[one.density]) for one in ordered],
    }


def staircase_summary(report: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a report that is for reading."""
    steps = [
        {
            "density": f"{row['density']:.4g}",
            "leader": f"{row['leader']['family']} {row['leader']['k']},{row['leader']['d']}",
            "benefit": f"{row['leader']['benefit_per_dimension']:.5f}",
            "closed": row["closed"],
            "represented": f"{row['whole']['represented']:g}",
            "D*": f"{row['whole']['dimensions_per_feature']:.4f}",
            "loss": f"{row['whole']['loss']:.5f}",
        }
        for row in report["steps"]
    ]
    changes = [
        {
            "density": row["density"] and f"{row['density']:.8f}",
            "above": f"{row['above']['family']} {row['above']['k']},{row['above']['d']}",
            "below": f"{row['below']['family']} {row['below']['k']},{row['below']['d']}",
            "closed": row["closed"],
        }
        for row in report["transitions"]
    ]
    models = [
        {
            "density": f"{row['density']:.4g}",
            "source": row["source"],
            "represented": row["represented"],
            "D*": row["dimensions_per_feature"] and f"{row['dimensions_per_feature']:.4f}",
            "loss": f"{row['loss']:.5f}",
            "excess": f"{row['excess']:+.4f}",
            "shortfall": row["shortfall"],
            "shares": ", ".join(f"{name} {share:.0%}" for name, share in row["shares"].items()),
        }
        for row in report["models"]
    ]
    return {**report, "steps": steps, "transitions": changes, "models": models}


def atlas_report(path: Path, table: Table) -> dict[str, Any]:
    """Return what an atlas holds, in numbers."""
    statuses = Counter(one.status for blocks in table.best.values() for one in blocks)
    return {
        "schema": "antipode.atlas/1",
        "file": str(path),
        "sizes": len(table.best),
        "shapes": len(table.rigid),
        "blocks": sum(statuses.values()),
        "statuses": dict(sorted(statuses.items())),
    }
