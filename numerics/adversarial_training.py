r"""Training under attack: every sample is moved along the analytic attack on a random feature.

The set-up of arXiv 2209.10652 (text after F27): a sample x is replaced by
:math:`x + \lambda\,G_i/\|G_i\|` with a random feature i, drawn anew for each sample, and
:math:`G = W^\top W` of the model as it stands (:mod:`theory.robustness`); the target stays x.  The
attack follows the weights but is not differentiated.  Its size λ is ``strength`` times the mean
input norm :math:`E\|x\|`, the unit of the paper's attack at test time, or with ``per_input``
times the norm of the sample itself: the text ("80 % input L2 norm") can be read either way.

At strength 0 this is :func:`numerics.training.engine.train_runs`, step by step: same samples, same
optimiser.  A feature whose weights are exactly 0 has no direction and is not attacked.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from theory.robustness import mean_input_norm

from .compiled.training_steps import TARGET_CODES, errors
from .compiled.updates import update
from .seeds import generator
from .threads import one_thread
from .training.engine import CHUNK
from .training.initialisations import initial_weights
from .training.optimizers import State, aligned, update_rule
from .training.parameters import parameter_count, views
from .training.samplers import Sampler
from .training.schedules import learning_rates
from .training.specs import Run, RunSpec

__all__ = ["Attack", "train_under_attack"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Attack:
    """How far samples are moved: ``strength`` in units of the mean norm, or of each input's."""

    strength: float
    per_input: bool = False


def _gradient(spec: RunSpec, theta: Array, x: Array, moved: Array, by: Array) -> float:
    """Fill ``by`` with the gradient of the loss of moved samples (n, S); return the loss."""
    now, slope = views(spec, theta), views(spec, by)
    W, given = torch.from_numpy(now["W"]), torch.from_numpy(moved)
    hidden = W @ given
    out = W.mT @ hidden
    factor = 1.0 / spec.outputs if spec.reduction == "mean" else 1.0
    loss = errors(
        out.numpy(),
        now["b"],
        x,
        TARGET_CODES[spec.target],
        np.array(spec.importance, np.float32),
        spec.model == "linear",
        factor,
        slope["b"],
    )
    by_W = torch.from_numpy(slope["W"])
    torch.mm(W @ out, given.mT, out=by_W)
    by_W.addmm_(hidden, out.mT)
    return float(loss)


def _directions(W: Array) -> Array:
    G = W.T @ W
    length = np.linalg.norm(G, axis=0)
    return np.asarray(np.divide(G, length, out=np.zeros_like(G), where=length > 0))


def train_under_attack(run: Run, attack: Attack) -> dict[str, Array]:
    """Train one model under attack.

    Parameters
    ----------
    run
        A tied run on samples of independent features, ``linear`` or ``relu-output``.
    attack
        How far samples are moved.

    Returns
    -------
    dict
        ``W`` (m, n), ``b`` (n,), ``radius`` (λ of a mean input), and ``status``, ``done`` or
        ``nonfinite``: then the weights are those before.

    Raises
    ------
    ValueError
        If the run is of another kind, or the strength is negative.
    """
    spec = run.spec
    if spec.model not in ("linear", "relu-output") or spec.objective != "sampled":
        raise ValueError(
            f"model {spec.model} with objective {spec.objective}: attacks are for tied models "
            "without hidden neurons, trained on samples"
        )
    if spec.law != "independent" or spec.amplitude != "uniform":
        raise ValueError(f"law {spec.law}, {spec.amplitude}; give independent uniform features")
    if not attack.strength >= 0:
        raise ValueError(f"strength {attack.strength} is negative; give a share of the norm")
    n, S = spec.n_features, spec.batch_size
    radius = attack.strength * mean_input_norm(spec.density, n)
    sampler = Sampler(spec.data, spec.density, n, S, run.data_key)
    state, rule, rates = State.zeros(parameter_count(spec)), update_rule(spec), learning_rates(spec)
    for name, value in initial_weights(run).items():
        views(spec, state.theta)[name][...] = value
    x, moved, by = aligned((n, S)), aligned((n, S)), aligned((parameter_count(spec),))
    kept = state.theta.copy()
    rng = generator("attacked", run.data_key, 0)
    status = "done"
    with one_thread():
        for step, rate in enumerate(rates):
            if step % CHUNK == 0:
                if not np.isfinite(state.theta).all():
                    break
                kept[:] = state.theta
                sampler.seek(step // CHUNK)
                rng = generator("attacked", run.data_key, step // CHUNK)
            sampler.draw(x)
            if radius > 0:
                towards = _directions(views(spec, state.theta)["W"])
                np.take(towards, rng.integers(n, size=S), axis=1, out=moved)
                moved *= attack.strength * np.linalg.norm(x, axis=0) if attack.per_input else radius
                moved += x
            else:
                moved[:] = x
            _gradient(spec, state.theta, x, moved, by)
            update(*state.vectors(), by, rule, rate, step + 1)
    if not np.isfinite(state.theta).all():
        status, state.theta[:] = "nonfinite", kept
    found = {name: value.astype(float) for name, value in views(spec, state.theta).items()}
    return {**found, "radius": np.array(radius), "status": np.array(status)}
