"""Training as plain tensors, what a GPU runs, here on the processor."""

import numpy as np
import pytest
import torch

from numerics.devices import check_device
from numerics.training import engine
from numerics.training.engine import train_runs
from numerics.training.initialisations import initial_weights
from numerics.training.optimizers import State
from numerics.training.parameters import parameter_count, views
from numerics.training.steps import sampled_steps
from numerics.training.tensor_steps import TensorSampler, TensorSteps
from tests.numerics.training.support import batches_of, run_of

CPU = torch.device("cpu")
MODELS = [
    {},
    {"optimizer": "adam", "schedule": "cosine"},
    {"optimizer": "sgd", "momentum": 0.9, "reduction": "sum"},
    {"model": "linear"},
    {"model": "relu-hidden"},
    {"model": "two-layer", "target": "absolute", "amplitude": "signed"},
    {"model": "two-layer", "target": "max-of-pairs"},
]


@pytest.mark.parametrize("changes", MODELS, ids=str)
def test_steps_of_many_runs_are_those_of_each(changes):
    runs = [run_of(6, 3, k, learning_rate=1e-2 / (k + 1), **changes) for k in range(3)]
    batches = [batches_of(run.spec, 60, run.start) for run in runs]
    states = []
    for run in runs:
        state = State.zeros(parameter_count(run.spec))
        for name, value in initial_weights(run).items():
            views(run.spec, state.theta)[name][...] = value
        states.append(state)
    tensors = TensorSteps(runs, states, CPU)
    queue = iter(torch.from_numpy(np.stack(batches, 1)))
    tensors.sampler.draw = lambda: next(queue)
    rates = np.array([[run.spec.learning_rate] * 60 for run in runs])
    losses = np.concatenate([tensors.advance(rates[:, a : a + 20], a) for a in (0, 20, 40)], 1)
    for row, run in enumerate(runs):
        own = iter(batches[row])
        wanted = sampled_steps(run.spec).advance(
            states[row], lambda out, own=own: np.copyto(out, next(own)), rates[row], 0
        )
        assert np.allclose(losses[row], wanted, rtol=1e-4, atol=1e-6)
        assert np.abs(tensors.state(row).theta - states[row].theta).max() <= 2e-5


LAWS = [
    ("independent", (1.0, 0.5, 0.1, 0.01, 0.3, 0.3)),
    ("correlated:0,1/2,3", (0.4, 0.4, 0.1, 0.1, 0.7, 0.2)),
    ("anticorrelated:0,1,4/2,3", (0.6, 0.6, 1.0, 1.0, 0.6, 0.2)),
    ("exclusive:0,1/3,5", (0.3, 0.6, 0.1, 0.5, 0.7, 0.2)),
    ("one-hot", ()),
    ("exactly:3", ()),
]


@pytest.mark.parametrize("amplitude", ["uniform", "signed", "binary", "normal"])
@pytest.mark.parametrize(("law", "density"), LAWS)
def test_batches_follow_the_law(law, density, amplitude):
    samples = 200_000
    run = run_of(6, 3, law=law, density=density, amplitude=amplitude, batch_size=samples)
    sampler = TensorSampler([run, run_of(6, 3, 1, law=law, density=density)], CPU)
    sampler.seek(3)
    x = sampler.draw()
    assert x.shape == (2, 6, samples)
    x = x[0].double().numpy()
    marginals = np.array(run.spec.data.marginals(density, 6))
    mean, square = {
        "uniform": (1 / 2, 1 / 3),
        "signed": (0, 1 / 3),
        "binary": (1, 1),
        # clipping at 2.5 standard deviations moves the second moment by less than 1e-3
        "normal": (1 / 2, 0.29),
    }[amplitude]
    clipped = 1e-3 if amplitude == "normal" else 0.0
    for power, moment in ((1, mean), (2, square)):
        found = (x**power).mean(1)
        spread = (x**power).std(1) / np.sqrt(samples)
        assert (np.abs(found - marginals * moment) <= 5 * spread + clipped + 1e-12).all()
    if amplitude != "normal":  # a clipped value may be 0 when on
        on = x != 0
        wanted = pair_probabilities(run.spec.data, density)
        found = (on[:, None] & on[None]).mean(2)
        spread = np.sqrt(wanted * (1 - wanted) / samples)
        assert (np.abs(found - wanted) <= 5 * spread + 1e-5).all()  # an on feature is 0 at 1e-7


def pair_probabilities(law, density):
    """Return P(i and j on), from the law's definition."""
    n = 6
    pairs = np.zeros((n, n))
    if law.kind == "exactly":
        k = law.n_active
        pairs[:] = k * (k - 1) / (n * (n - 1))
        np.fill_diagonal(pairs, k / n)
        return pairs
    marginals = law.marginals(density, n)
    pairs = np.outer(marginals, marginals)
    for states in law.states(density, n):
        members = sorted({j for on, _ in states for j in on})
        for i in members:
            for j in members:
                pairs[i, j] = sum(q for on, q in states if i in on and j in on)
    return pairs


def test_chunks_differ_and_repeat():
    sampler = TensorSampler([run_of(5, 2)], CPU)
    sampler.seek(0)
    first = sampler.draw()
    assert not torch.equal(first, sampler.draw())
    sampler.seek(1)
    assert not torch.equal(first, sampler.draw())
    sampler.seek(0)
    assert torch.equal(first, sampler.draw())


@pytest.fixture
def elsewhere(monkeypatch):
    """Take the way of other devices, on the processor."""

    class Elsewhere:
        type = "elsewhere"

    monkeypatch.setattr(engine, "check_device", lambda name: Elsewhere())
    monkeypatch.setattr(
        engine, "TensorSteps", lambda runs, states, device: TensorSteps(runs, states, CPU)
    )


def test_a_batch_elsewhere_trains_resumes_and_reports_failures(elsewhere, tmp_path, monkeypatch):
    runs = [
        run_of(4, 2, 0, optimizer="sgd", learning_rate=1000.0),
        run_of(4, 2, 1, optimizer="sgd", learning_rate=0.1),
        run_of(4, 2, 2, optimizer="sgd", learning_rate=0.1, law="correlated:0,1"),
    ]
    wanted = train_runs(runs)
    assert wanted.status == ["nonfinite", "done", "done"]
    assert np.isinf(wanted.training_loss[0]).all()
    later, sooner = wanted.training_loss[1:, -10:], wanted.training_loss[1:, :10]
    assert (later.mean(1) < sooner.mean(1)).all()
    monkeypatch.setattr(engine, "_SECONDS", -1.0)

    def stop(done, total):
        if done >= 5 * 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_runs(runs, checkpoint=tmp_path / "state.npz", report=stop)
    found = train_runs(runs, checkpoint=tmp_path / "state.npz")
    assert found.status == wanted.status
    assert all(np.array_equal(v, wanted.parameters[k]) for k, v in found.parameters.items())
    assert np.array_equal(found.training_loss, wanted.training_loss)


def test_a_device_that_is_not_there_is_refused():
    assert check_device("cpu").type == "cpu"
    with pytest.raises(ValueError, match=r"device 'cuda:77' is not there; use cpu"):
        check_device("cuda:77")
    with pytest.raises(ValueError, match="is not there"):
        train_runs([run_of()], device="gpu")


@pytest.mark.parametrize("p", [1e-7, 1e-5, 1e-3])
def test_rare_features_are_as_rare_as_they_should_be(p):
    run = run_of(4, 2, density=(p,) * 4, batch_size=2**22)
    sampler = TensorSampler([run], CPU)
    draws, count = 0, 0
    sampler.seek(0)
    for _ in range(6):
        count += int((sampler.draw() != 0).sum())
        draws += 4 * 2**22
    assert abs(count - draws * p) <= 5 * np.sqrt(draws * p)
    # windows are met to 24 bits of their width
    width = (sampler.high - sampler.low).double()
    assert (width / p - 1).abs().max() < 2**-22
