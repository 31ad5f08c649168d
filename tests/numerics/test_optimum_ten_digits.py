"""The optimum of two features on a line to ten digits, judged in rationals alone."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.optimum import find_optimum
from theory import population_loss
from theory.problem import dropped_loss, phase_plane

POINTS = [
    ("3/10", "1/10"), ("1/10", "1/40"), ("9/10", "3/10"), ("1/2", "1/5"), ("7/10", "5"),
    ("3/10", "1/2"), ("1/10", "1/5"), ("1/20", "1"), ("1/5", "3/2"), ("1/50", "2/5"),
]  # fmt: skip
H = Fraction(1, 10**10)


def differences(x, p, r):
    """Return the loss at (w1, w2, b1, b2), its gradient and its Hessian, from exact losses."""

    def loss(*moves):
        y = list(x)
        for k, step in moves:
            y[k] += step
        return population_loss([y[:2]], y[2:], p, [1, r])

    gradient = [(loss((k, H)) - loss((k, -H))) / (2 * H) for k in range(4)]
    hessian = [
        [
            sum(s * t * loss((k, s * H), (l, t * H)) for s in (1, -1) for t in (1, -1)) / (4 * H**2)
            for l in range(4)
        ]
        for k in range(4)
    ]
    return loss(), np.array(gradient, float), np.array(hessian, float)


@pytest.mark.parametrize(("p", "r"), POINTS)
def test_it_agrees_with_drop_or_with_the_exact_minimum_of_a_pair(p, r):
    """A pair is a minimum if its Newton decrement, what is left to gain, is below ten digits."""
    p, r = Fraction(p), Fraction(r)
    found = find_optimum(phase_plane(2, 1, p, r), starts=10)
    drop = min(1, r) * dropped_loss(p)
    x = [Fraction(v) for v in [*found.W[0].tolist(), *found.b.tolist()]]
    if min(np.abs(found.W[0])) < 0.1:
        assert found.loss == pytest.approx(float(drop), rel=1e-10)
        return
    loss, gradient, hessian = differences(x, p, r)
    assert found.loss == pytest.approx(float(loss), rel=1e-10)
    assert np.linalg.eigvalsh(hessian)[0] > 1e-4 * float(loss)
    assert gradient @ np.linalg.solve(hessian, gradient) / 2 <= 1e-10 * float(loss)
    assert loss < drop


def test_the_points_show_drop_as_well_as_pairs():
    dropped = [
        min(np.abs(find_optimum(phase_plane(2, 1, *map(Fraction, point)), starts=4).W[0])) < 0.1
        for point in POINTS
    ]
    assert 3 <= sum(dropped) <= 7
