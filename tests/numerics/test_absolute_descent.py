import numpy as np
import pytest

from numerics.absolute_descent import descend_absolute, loss_and_gradient
from theory.absolute_value import absolute_loss, pairs
from theory.asymmetric_motif import half_ignored, half_ignored_loss


def test_the_loss_is_the_exact_one_and_the_gradient_its_slope():
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(4, 3)), rng.normal(size=(3, 4)), 0.3 * rng.normal(size=3)]
    I = np.array([1.0, 0.7, 0.5])
    loss, gradient = loss_and_gradient(*parts, 0.3, I)
    assert loss == pytest.approx(absolute_loss(*parts, 0.3, I), rel=1e-13)
    for part, slope in zip(parts, gradient, strict=True):
        for place in range(part.size):
            before = part.flat[place]
            ends = []
            for change in (1e-5, -1e-5):
                part.flat[place] = before + change
                ends.append(loss_and_gradient(*parts, 0.3, I)[0])
            part.flat[place] = before
            assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(slope.flat[place], abs=1e-8)


def test_descent_finds_the_exact_split_again():
    inner, outer, b = (np.array(part, float) for part in pairs(1))
    found = descend_absolute(inner + 0.1, outer - 0.1, b, 0.5, [1.0])
    assert found.status == "converged"
    assert found.loss < 1e-9
    assert found.loss == pytest.approx(
        float(absolute_loss(found.W_in, found.W_out, found.b, 0.5)), abs=1e-15
    )


def test_descent_stays_at_the_half_ignored_and_tells_when_steps_ran_out():
    p = 0.3
    inner, outer, b = half_ignored(p)
    found = descend_absolute(inner, outer, b, p, [1.0, 1.0, 1.0], steps=5)
    assert found.loss == pytest.approx(half_ignored_loss(p), rel=1e-9)
    stopped = descend_absolute(np.array(inner) + 0.2, outer, b, p, [1.0, 1.0, 1.0], steps=2)
    assert stopped.status == "stopped"
