"""Two dense numbers in one: the closed form against the scheme, its limits, its network."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import scipy.integrate

from theory.nonlinear_compression import (
    LINEAR_LOSS,
    compress,
    compression_errors,
    compression_loss,
    decompress,
    linear_loss,
    neurons,
    staircase,
    thresholds,
)


def kinks(Z, width):
    begin, end = thresholds(Z, width)
    return np.unique(np.concatenate([[0.0], begin, end, [float(Z)]]))


def integrated(Z, width):
    """Return both errors by integration between kinks: Simpson's rule is exact for squares."""

    def over_y(x):
        k = staircase(Z * x, Z, width)
        inner = np.unique(np.clip(kinks(Z, width) - k, 0, 1))
        sums = np.zeros(2)
        for low, high in itertools.pairwise(inner):
            y = np.array([low, (low + high) / 2, high])
            x_read, y_read = decompress(compress(x, y, Z, width), Z, width)
            squares = np.stack([(x_read - x) ** 2, (y_read - y) ** 2])
            sums += (high - low) / 6 * squares @ [1, 4, 1]
        return sums

    places = np.unique(np.concatenate([kinks(Z, width) / Z, np.linspace(0, 1, 2 * Z + 1)]))
    return sum(
        scipy.integrate.quad_vec(over_y, low, high, epsabs=1e-10)[0]
        for low, high in itertools.pairwise(places)
    )


@pytest.mark.parametrize(("Z", "width"), [(1, 0.4), (2, 0.1), (3, 0.3), (4, 1.0), (5, 0.7)])
def test_the_closed_form_is_the_error_of_the_scheme(Z, width):
    assert integrated(Z, width) == pytest.approx(compression_errors(Z, width), abs=1e-9)


def test_without_smoothing_only_the_rounding_of_x_is_lost():
    for Z in range(1, 8):
        assert compression_errors(Z, Fraction(0)) == (Fraction(1, 12 * Z * Z), 0)
    x, y = np.random.default_rng(0).uniform(size=(2, 1000))
    x_read, y_read = decompress(compress(x, y, 5, 0), 5, 0)
    assert np.abs(y_read - y).max() < 1e-12
    assert np.abs(x_read - x).max() <= 0.1 + 1e-12


def test_one_segment_is_the_linear_number_that_keeps_y():
    for width in (0, Fraction(1, 3), 1):
        assert compression_loss(1, Fraction(width)) == LINEAR_LOSS


def test_two_segments_of_ramps_alone_are_as_good_as_a_linear_number():
    assert compression_loss(2, Fraction(1)) == LINEAR_LOSS


def test_smoothing_costs_more_the_wider_it_is_and_many_segments_do_not_help():
    losses = [compression_loss(3, Fraction(k, 10)) for k in range(10)]
    assert losses == sorted(losses)
    e = Fraction(1, 10)
    limit = e / 4 - e**2 / 4 + e**3 / 12
    assert abs(compression_loss(10**6, e) - limit) < Fraction(1, 10**5)


def test_the_best_linear_number_is_that_of_a_regression():
    x, y = np.random.default_rng(1).uniform(size=(2, 200_000))
    for alpha, beta in ((1, 0), (1, 1), (2, -1)):
        for constants in (True, False):
            t = alpha * x + beta * y
            design = np.stack([t, np.ones_like(t)], axis=1) if constants else t[:, None]
            left = [
                np.mean((z - design @ np.linalg.lstsq(design, z, rcond=None)[0]) ** 2)
                for z in (x, y)
            ]
            assert sum(left) == pytest.approx(float(linear_loss(alpha, beta, constants)), abs=2e-3)


def test_every_linear_number_with_constants_costs_the_same():
    assert {linear_loss(a, b) for a, b in ((1, 0), (0, 3), (1, 1), (-2, 7))} == {LINEAR_LOSS}
    assert linear_loss(1, 0, constants=False) == Fraction(7, 48)


def test_the_staircase_is_a_sum_of_as_many_relus_as_are_counted():
    u = np.linspace(0, 3, 3001)[:-1]
    kinks_seen = np.flatnonzero(np.abs(np.diff(staircase(u, 3, 0.2), 2)) > 1e-9)
    assert len(kinks_seen) == 4 == neurons(3) // 2 - 1
    assert np.abs(staircase([0.5, 1.0, 1.5, 2.05], 3, 0.2) - [0, 0.5, 1, 1.75]).max() < 1e-12


@pytest.mark.parametrize(("Z", "width"), [(0, 0.1), (2.5, 0.1), (3, -0.1), (3, 1.1)])
def test_what_is_no_scheme_is_refused(Z, width):
    with pytest.raises(ValueError, match="give a"):
        compression_errors(Z, width)


def test_a_number_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="says nothing"):
        linear_loss(0, 0)
