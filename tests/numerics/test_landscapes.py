import numpy as np
import pytest

from numerics import exact_loss
from numerics.landscapes import LinearLoss, MixtureLoss
from theory.laws import FeatureLaw

SETS = FeatureLaw.parse("correlated:0,1/2,3")


def _point(n=5, m=2, seed=0):
    return np.random.default_rng(seed).normal(size=(m + 1) * n) * 0.5


@pytest.mark.parametrize("law", [FeatureLaw(), SETS])
@pytest.mark.parametrize("density", [0.2, 1.0])
def test_the_mixture_is_the_loss_of_the_law(law, density):
    problem, x = MixtureLoss(2, 5, density, law), _point()
    W, b = problem.model(x)
    expected = exact_loss(W, b, density, law=law, rtol=1e-11).item()
    assert problem.value(x)[0] * problem.unit == pytest.approx(expected, abs=1e-10)


def test_the_linear_loss_is_the_loss_of_the_law():
    problem, x = LinearLoss(2, 5, 0.3, SETS), _point(seed=1)
    W, b = problem.model(x)
    expected = exact_loss(W, b, 0.3, law=SETS, activation="linear").item()
    assert problem.value(x)[0] * problem.unit == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", [MixtureLoss, LinearLoss])
def test_derivatives_are_those_of_the_value(kind):
    problem, x, h = kind(2, 5, 0.3, SETS), _point(seed=2), 1e-5
    sides = [[problem.value(x + s * h * e) for s in (1, -1)] for e in np.eye(len(x))]
    slope = np.array([(up[0] - down[0]) / (2 * h) for up, down in sides])
    second = np.array([(up[1] - down[1]) / (2 * h) for up, down in sides])
    assert problem.value(x)[1] == pytest.approx(slope, abs=1e-6)
    assert problem.hessian(x) == pytest.approx(second, abs=1e-4)


def test_other_laws_are_refused():
    for law in (FeatureLaw("one-hot"), FeatureLaw(amplitude="signed")):
        with pytest.raises(ValueError, match="no mixture"):
            MixtureLoss(2, 4, 0.1, law)
    many = FeatureLaw("correlated", tuple((2 * k, 2 * k + 1) for k in range(7)))
    with pytest.raises(ValueError, match="too many states"):
        MixtureLoss(2, 14, 0.1, many)
