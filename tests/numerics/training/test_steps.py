"""Steps on samples against autograd and torch's own optimisers, on the same batches."""

import numpy as np
import pytest
import torch

from numerics.training.models import batch_loss, forward, target_of
from numerics.training.optimizers import State
from numerics.training.parameters import parameter_count, views
from numerics.training.steps import (
    SMALL,
    GramSteps,
    MatrixSteps,
    sampled_steps,
)
from tests.numerics.training.support import batches_of, spec_of

CASES = [
    (GramSteps, spec_of(5, 2)),
    (MatrixSteps, spec_of(5, 2)),
    (GramSteps, spec_of(1, 1, optimizer="adam")),
    (GramSteps, spec_of(7, 3, model="linear", optimizer="adam", schedule="cosine")),
    (GramSteps, spec_of(6, 3, optimizer="sgd", momentum=0.9, reduction="sum")),
    (GramSteps, spec_of(20, 5, amplitude="signed", epsilon=1e-4, beta_1=0.8, beta_2=0.99)),
    (MatrixSteps, spec_of(40, 10, model="linear")),
    (MatrixSteps, spec_of(40, 10, weight_decay=0.0)),
    (MatrixSteps, spec_of(10, 5, model="relu-hidden", reduction="sum")),
    (MatrixSteps, spec_of(10, 4, model="two-layer", target="absolute", amplitude="signed")),
    (MatrixSteps, spec_of(6, 9, model="two-layer", target="square")),
    (MatrixSteps, spec_of(8, 4, model="two-layer", target="max-of-pairs", optimizer="sgd")),
    (MatrixSteps, spec_of(5, 3, model="two-layer")),
]


def name_of(case):
    return f"{case[0].__name__}-{case[1].model}-{case[1].n_features}-{case[1].optimizer}"


def start_of(spec):
    state = State.zeros(parameter_count(spec))
    state.theta[:] = 0.3 * np.random.default_rng(1).standard_normal(len(state.theta))
    return state


def torchs_optimizer(spec, parameters):
    """Return torch's optimiser of the same constants."""
    common = {"lr": spec.learning_rate, "weight_decay": spec.weight_decay}
    if spec.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=spec.momentum, **common)
    kind = torch.optim.Adam if spec.optimizer == "adam" else torch.optim.AdamW
    return kind(parameters, betas=(spec.beta_1, spec.beta_2), eps=spec.epsilon, **common)


def trained_plainly(spec, start, batches, rates):
    """Train by autograd; return the parameters and the losses of the batches."""
    parameters = {k: torch.tensor(v.copy(), requires_grad=True) for k, v in start.items()}
    optimizer = torchs_optimizer(spec, list(parameters.values()))
    importance, losses = torch.tensor(spec.importance, dtype=torch.float32), []
    for x, rate in zip(batches, rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = batch_loss(spec.model, spec.target, parameters, torch.from_numpy(x), importance)
        (loss / spec.outputs if spec.reduction == "mean" else loss).backward()
        optimizer.step()
        losses.append(loss.item())
    return {k: v.detach().numpy() for k, v in parameters.items()}, np.array(losses)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_thousand_steps_are_those_of_torch_to_rounding(case):
    kind, spec = case
    batches = batches_of(spec, 1000)
    rates = np.linspace(spec.learning_rate, spec.learning_rate / 10, len(batches))
    state, queue = start_of(spec), iter(batches)
    start = {k: v.copy() for k, v in views(spec, state.theta).items()}
    steps = kind(spec)
    losses = [
        steps.advance(state, lambda out: np.copyto(out, next(queue)), rates[a : a + 125], a)
        for a in range(0, len(batches), 125)
    ]
    wanted, wanted_losses = trained_plainly(spec, start, batches, rates)
    # float32 rounds at 6e-8; a thousand steps of Adam amplify it where a gradient is near 0
    for name, value in views(spec, state.theta).items():
        assert np.abs(value - wanted[name]).max() <= 2e-4, name
        assert np.median(np.abs(value - wanted[name])) <= 2e-6, name
    assert np.allclose(np.concatenate(losses), wanted_losses, rtol=1e-4, atol=1e-6)
    assert np.abs(wanted["b"] - start["b"]).max() > 1e-2  # it did move


def test_the_faster_way_serves_small_tied_models_only():
    assert isinstance(sampled_steps(spec_of(SMALL, 2)), GramSteps)
    assert isinstance(sampled_steps(spec_of(SMALL + 1, 2)), MatrixSteps)
    assert isinstance(sampled_steps(spec_of(5, 2, model="relu-hidden")), MatrixSteps)


def test_the_models_are_the_papers():
    rng = np.random.default_rng(3)
    W, b, x = (torch.from_numpy(rng.standard_normal(s)) for s in ((2, 4), (4,), (4, 3)))
    V = torch.from_numpy(rng.standard_normal((4, 2)))
    relu = torch.relu
    wanted = {
        "linear": W.T @ W @ x + b[:, None],
        "relu-output": relu(W.T @ W @ x + b[:, None]),
        "relu-hidden": relu(W.T @ relu(W @ x) + b[:, None]),
    }
    for model, value in wanted.items():
        assert torch.allclose(forward(model, {"W": W, "b": b}, x), value)
    two = forward("two-layer", {"W_in": W, "W_out": V, "b": b}, x)
    assert torch.allclose(two, relu(V @ relu(W @ x) + b[:, None]))


def test_the_targets():
    x = torch.tensor([[-0.5, 2.0], [0.25, -3.0]])
    assert target_of("identity", x).equal(x)
    assert target_of("absolute", x).equal(x.abs())
    assert target_of("square", x).equal(x**2)
    assert target_of("max-of-pairs", x).equal(torch.tensor([[0.25, 2.0]]))


def test_the_batch_loss_is_summed_over_outputs_and_averaged_over_samples():
    parameters = {"W": torch.zeros(1, 2), "b": torch.zeros(2)}
    x = torch.tensor([[1.0, 0.0], [2.0, 2.0]])
    loss = batch_loss("relu-output", "identity", parameters, x, torch.tensor([1.0, 0.5]))
    assert loss.item() == pytest.approx(0.5 * 1 + 0.5 * 4)
