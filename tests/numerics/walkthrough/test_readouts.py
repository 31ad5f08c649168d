"""Read-outs of superposed states, and what a hidden state leaves open."""

import numpy as np
import pytest

from numerics.walkthrough.readouts import ambiguity, pair_patterns, read_out

ANGLES = 2 * np.pi * np.arange(3) / 3
TRIANGLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)])
TURNS = 2 * np.pi * np.arange(5) / 5
PENTAGON = np.stack([np.cos(TURNS), np.sin(TURNS)])


def test_two_of_three_features_at_120_degrees_are_halved():
    found = read_out(TRIANGLE, [0.9, 0.9, 0])
    np.testing.assert_allclose(found.linear, [0.45, 0.45, -0.9], atol=1e-12)
    np.testing.assert_allclose(found.relu, [0.45, 0.45, 0], atol=1e-12)
    np.testing.assert_allclose(found.hidden, -0.9 * TRIANGLE[:, 2], atol=1e-12)
    np.testing.assert_allclose(
        read_out(TRIANGLE, [0.9, 0.9, 0], [0.3, 0.3, 0.3]).relu, [0.75, 0.75, 0], atol=1e-12
    )


def test_inputs_that_share_the_state_differ_by_the_kernel():
    found = ambiguity(TRIANGLE, [0.9, 0.9, 0])
    np.testing.assert_allclose(found.low, [0.9, 0.9, 0], atol=1e-8)
    np.testing.assert_allclose(found.high, [1, 1, 0.1], atol=1e-8)
    np.testing.assert_allclose(found.least_sum, [0.9, 0.9, 0], atol=1e-8)


def test_every_input_of_an_interval_has_the_same_state():
    rng = np.random.default_rng(0)
    W, x = rng.standard_normal((2, 5)), rng.random(5)
    found = ambiguity(W, x)
    kernel = np.linalg.svd(W)[2][2:]
    for _ in range(2000):
        other = x + 0.5 * rng.standard_normal(3) @ kernel
        if ((other >= 0) & (other <= 1)).all():
            assert (other >= found.low - 1e-8).all()
            assert (other <= found.high + 1e-8).all()
    assert (found.width > 0).all()


def test_without_superposition_nothing_is_open():
    found = ambiguity(np.eye(3), [0.2, 0.7, 0])
    np.testing.assert_allclose(found.width, 0, atol=1e-9)
    np.testing.assert_allclose(found.least_sum, [0.2, 0.7, 0], atol=1e-9)


def test_every_pair_of_a_pentagon():
    found = pair_patterns(PENTAGON, magnitude=0.5)
    assert len(found.pairs) == 10
    for pair, output, loss in zip(found.pairs, found.output, found.loss, strict=True):
        x = np.zeros(5)
        x[pair] = 0.5
        np.testing.assert_allclose(output, read_out(PENTAGON, x).relu, atol=1e-12)
        assert loss == pytest.approx(((output - x) ** 2).sum())
    neighbours = np.isin(found.pairs[:, 1] - found.pairs[:, 0], (1, 4))
    assert found.loss[neighbours].std() < 1e-12
    assert not found.wrongly_on[np.arange(10)[:, None], found.pairs].any()


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: read_out([[1, -1]], [2, 0]), r"numbers in \[0, 1\]"),
        (lambda: read_out([1, -1], [1, 0]), r"give \(m, n\)"),
        (lambda: read_out([[1, -1]], [1, 0], [1]), "give 2 entries"),
        (lambda: ambiguity([[1, -1]], [0.5]), "x must hold 2"),
        (lambda: pair_patterns([[1, -1]], magnitude=0), "magnitude"),
        (lambda: pair_patterns([[1]]), "no pair"),
    ],
)
def test_wrong_arguments_are_named(call, part):
    with pytest.raises(ValueError, match=part):
        call()
