"""Batches of runs: their own numbers, wherever and however often interrupted."""

import numpy as np
import pytest
import torch

from numerics import exact_loss
from numerics.training import engine
from numerics.training.engine import CHUNK, train_runs
from numerics.training.initialisations import initial_weights
from numerics.training.losses import final_losses
from numerics.training.normalisations import mean_over_outputs, notebook_loss
from numerics.training.samplers import Sampler
from numerics.training.specs import Run
from tests.numerics.training.support import run_of, spec_of

RUNS = {
    "small": [run_of(5, 2, k, density=(p,) * 5) for k, p in enumerate((1.0, 0.3, 0.05))],
    "matrices": [run_of(40, 5, k, learning_rate=1e-3 * (k + 1)) for k in range(3)],
    "hidden": [run_of(6, 3, k, model="relu-hidden") for k in range(3)],
    "two-layer": [
        run_of(6, 4, k, model="two-layer", target="absolute", amplitude="signed") for k in range(3)
    ],
    "exact": [run_of(4, 2, k, objective="exact", density=(0.2 + 0.1 * k,) * 4) for k in range(3)],
    "exact sets": [
        run_of(4, 2, k, objective="exact", law=law, steps=12)
        for k, law in enumerate(("correlated:0,1", "independent", "correlated:0,1"))
    ],
}


@pytest.fixture
def short_chunks(monkeypatch):
    """Several chunks in few steps, and a checkpoint after each."""
    monkeypatch.setattr(engine, "CHUNK", 5)
    monkeypatch.setattr(engine, "_SECONDS", -1.0)


def equal(one, other):
    return (
        one.status == other.status
        and np.array_equal(one.training_loss, other.training_loss)
        and all(np.array_equal(v, other.parameters[k]) for k, v in one.parameters.items())
    )


def only(trained, row):
    return engine.TrainedRuns(
        {k: v[row : row + 1] for k, v in trained.parameters.items()},
        trained.training_loss[row : row + 1],
        trained.record_steps,
        trained.status[row : row + 1],
    )


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_has_bitwise_its_own_result_whatever_stands_beside_it(kind):
    together = train_runs(RUNS[kind])
    for row, run in enumerate(RUNS[kind]):
        assert equal(train_runs([run]), only(together, row))
    assert equal(only(train_runs(RUNS[kind][::-1]), 0), only(together, 2))


class StopError(Exception):
    pass


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_stopped_anywhere_goes_on_to_the_same_bits(kind, tmp_path, short_chunks):
    wanted = train_runs(RUNS[kind])
    path, stops = tmp_path / "state.npz", 0
    calls = []

    def stop(done, total):
        calls.append(done)
        if len(calls) % 2 == 0:
            raise StopError

    while True:
        try:
            found = train_runs(RUNS[kind], checkpoint=path, report=stop)
            break
        except StopError:
            stops += 1
    assert stops >= 1
    assert equal(found, wanted)
    reports = []
    again = train_runs(RUNS[kind], checkpoint=path, report=lambda done, total: reports.append(done))
    assert equal(again, wanted)
    assert len(reports) <= 1  # it was finished: no steps are taken


@pytest.mark.parametrize("damage", ["truncated", "other", "text", "empty"])
def test_a_checkpoint_that_does_not_fit_is_ignored(damage, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_SECONDS", -1.0)
    runs, path = RUNS["small"], tmp_path / "state.npz"

    def stop(done, total):
        if done > CHUNK:
            raise StopError

    with pytest.raises(StopError):
        train_runs(
            [run_of(5, 2, k + 7) for k in range(3)] if damage == "other" else runs,
            checkpoint=path,
            report=stop,
        )
    whole = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "text":
        path.write_text("not a checkpoint")
    elif damage == "empty":
        path.write_bytes(b"")
    assert equal(train_runs(runs, checkpoint=path), train_runs(runs))


def test_training_on_samples_is_the_loop_on_the_samplers_batches():
    run = run_of(5, 2, 3, 4, steps=CHUNK + 7)
    spec = run.spec
    found = train_runs([run])
    start = initial_weights(run)
    parameters = {k: torch.tensor(v.copy(), requires_grad=True) for k, v in start.items()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=1e-2, weight_decay=0.01)
    sampler = Sampler(spec.data, spec.density, 5, spec.batch_size, run.data_key)
    batch = np.empty((5, spec.batch_size), np.float32)
    importance = torch.tensor(spec.importance)
    for step in range(spec.steps):
        if step % CHUNK == 0:
            sampler.seek(step // CHUNK)
        sampler.draw(batch)
        x = torch.from_numpy(batch)
        W, b = parameters["W"], parameters["b"]
        error = x - torch.relu(W.T @ (W @ x) + b[:, None])
        optimizer.zero_grad()
        (importance[:, None] * error**2).mean().backward()
        optimizer.step()
    for name, value in parameters.items():
        assert np.abs(found.parameters[name][0] - value.detach().numpy()).max() <= 2e-5


@pytest.mark.parametrize("law", ["independent", "anticorrelated:0,1/2,3", "one-hot"])
@pytest.mark.parametrize("model", ["linear", "relu-output"])
def test_training_on_the_exact_loss_is_adam_on_it(law, model):
    density = () if law == "one-hot" else (0.3,) * 4
    run = run_of(4, 2, objective="exact", law=law, model=model, density=density, steps=30)
    found = train_runs([run])
    start = initial_weights(run)
    W, b = (torch.tensor(start[k].astype(float), requires_grad=True) for k in ("W", "b"))
    optimizer = torch.optim.AdamW([W, b], lr=1e-2, weight_decay=0.01)
    activation = "linear" if model == "linear" else "relu"
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = exact_loss(
            W,
            b,
            density or None,
            run.spec.importance,
            law=run.spec.data.exact(),
            activation=activation,
        )
        (loss / 4).backward()
        optimizer.step()
        losses.append(loss.item())
    # the series serve both to 1e-9 of their units, and Adam amplifies it at small gradients
    assert np.abs(found.parameters["W"][0] - W.detach().numpy()).max() <= 1e-6
    assert np.abs(found.parameters["b"][0] - b.detach().numpy()).max() <= 1e-6
    assert np.allclose(found.training_loss[0], losses, rtol=1e-7)


def test_records_are_means_over_their_steps():
    trained = train_runs([run_of(5, 2, steps=250)])
    assert trained.record_steps.tolist() == [(k * 250) // 100 for k in range(1, 101)]
    every = train_runs([run_of(5, 2, steps=90)])
    assert every.record_steps.tolist() == list(range(1, 91))
    # the first ninety steps are the same runs' first ninety
    ends = trained.record_steps[trained.record_steps <= 90]
    starts = np.concatenate([[0], ends[:-1]])
    means = [every.training_loss[0, a:b].mean() for a, b in zip(starts, ends, strict=True)]
    assert np.allclose(trained.training_loss[0, : len(ends)], means, rtol=1e-12)


def test_no_steps_leave_the_initial_weights():
    run = run_of(5, 2, steps=0)
    trained = train_runs([run])
    assert np.array_equal(trained.parameters["W"][0], initial_weights(run)["W"])
    assert trained.training_loss.shape == (1, 0)
    assert trained.status == ["done"]


@pytest.mark.parametrize("objective", ["sampled", "exact"])
def test_a_run_that_diverges_says_so_and_the_others_go_on(objective):
    wild = run_of(4, 2, 0, objective=objective, optimizer="sgd", learning_rate=1000.0)
    tame = run_of(4, 2, 1, objective=objective, optimizer="sgd", learning_rate=0.01)
    trained = train_runs([wild, tame])
    assert trained.status == ["nonfinite", "done"]
    assert np.isinf(trained.training_loss[0]).all()
    assert np.isfinite(trained.training_loss[1]).all()
    assert all(np.isfinite(v).all() for v in trained.parameters.values())
    assert equal(only(trained, 1), train_runs([tame]))


def test_runs_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="differ in n_features"):
        train_runs([run_of(5, 2), run_of(6, 2)])
    with pytest.raises(ValueError, match="differ in steps"):
        train_runs([run_of(5, 2), run_of(5, 2, steps=3)])
    with pytest.raises(ValueError, match="no runs"):
        train_runs([])


def test_the_best_of_eight_starts_is_near_the_optimum():
    changes = {"steps": 3000, "density": (0.05,) * 2, "importance": (1.0,) * 2, "batch_size": 1024}
    runs = [run_of(2, 1, start, **changes) for start in range(8)]
    found = final_losses(runs, train_runs(runs).parameters)
    assert set(found.evaluators) == {"population"}
    # an antipodal pair of unit norms costs p²/3; starts of one sign (half of them) end higher
    assert found.loss.min() < 0.05**2 / 3 * 1.2
    assert found.loss.max() > 10 * found.loss.min()


def test_final_losses_are_population_losses_where_there_are_any():
    runs = [
        run_of(4, 2, k, law=law, density=() if law == "one-hot" else (0.3,) * 4, steps=40)
        for k, law in enumerate(("independent", "correlated:0,1", "one-hot"))
    ]
    trained = train_runs(runs)
    found = final_losses(runs, trained.parameters)
    for row, run in enumerate(runs):
        wanted = exact_loss(
            trained.parameters["W"][row].astype(float),
            trained.parameters["b"][row].astype(float),
            run.spec.density or None,
            run.spec.importance,
            law=run.spec.data.exact(),
        )
        assert found.loss[row] == pytest.approx(wanted.item(), rel=1e-12)


def test_sampled_final_losses_agree_with_population_losses(monkeypatch):
    run = run_of(5, 2, steps=100)
    trained = train_runs([run])
    exact = final_losses([run], trained.parameters)
    monkeypatch.setattr("numerics.training.losses._has_population_loss", lambda spec: False)
    sampled = final_losses([run], trained.parameters)
    assert sampled.evaluators == ("sampled",)
    assert abs(sampled.loss[0] - exact.loss[0]) <= 5 * sampled.error[0]
    assert sampled.error[0] < 0.01 * sampled.loss[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "relu-hidden"},
        {"model": "two-layer", "target": "absolute", "amplitude": "signed"},
        {"amplitude": "normal"},
        {"law": "exactly:2", "density": ()},
    ],
)
def test_models_and_laws_without_a_population_loss_are_estimated(changes):
    run = run_of(6, 3, steps=20, **changes)
    found = final_losses([run], train_runs([run]).parameters)
    assert found.evaluators == ("sampled",)
    assert 0 < found.error[0] < 0.05 * found.loss[0]


def test_a_loss_does_not_depend_on_the_runs_beside_it():
    runs = [run_of(5, 2, steps=3, amplitude=a) for a in ("uniform", "normal")]
    found = final_losses(runs, train_runs(runs).parameters)
    alone = final_losses(runs[:1], train_runs(runs[:1]).parameters)
    assert found.evaluators == ("population", "sampled")
    assert found.loss[0] == alone.loss[0]


def test_samples_that_tell_nothing_say_so():
    run = run_of(4, 4, model="two-layer", density=(1e-9,) * 4, steps=1)
    found = final_losses([run], train_runs([run]).parameters)
    assert found.error[0] >= 4e-9  # more than any loss of 4 features that are on so rarely


def test_published_normalisations_follow_from_ours():
    assert mean_over_outputs(2.0, 5) == 0.4
    assert notebook_loss([1.0, 2.0], 5) == pytest.approx(0.6)


def test_equal_starts_share_weights_and_data_where_only_the_optimiser_differs():
    one, other = run_of(5, 2), run_of(5, 2, learning_rate=1e-3, optimizer="adam")
    assert one.key != other.key
    assert one.weights_key == other.weights_key
    assert one.data_key == other.data_key
    assert Run(spec_of(), 1).weights_key != one.weights_key
    for changes in ({"density": (0.1,) * 5}, {"importance": (1.0,) * 5}, {"law": "correlated:0,1"}):
        assert run_of(5, 2, **changes).weights_key != one.weights_key
    assert Run(spec_of(), 0, 1).data_key != one.data_key
    assert run_of(5, 2, density=(0.1,) * 5).data_key != one.data_key
