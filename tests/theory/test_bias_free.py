"""Two features on one line without biases."""

import numpy as np
import pytest
import scipy.optimize

from theory import population_loss
from theory.bias_free import (
    APEX,
    SECTORS,
    antipodal_onset,
    best_bias_free,
    best_in_sector,
    bias_free_loss,
    critical_points,
    exchange_importance,
    least_on_ray,
)

POINTS = [(0.1, 0.03), (0.3, 0.2), (0.5, 0.3), (0.5, 0.4), (0.7, 0.9), (0.9, 0.5), (1.0, 0.2)]


def exact(w, p, r):
    return population_loss([[float(x) for x in w]], [0, 0], p, [1, r])


@pytest.mark.parametrize(("p", "r"), POINTS)
@pytest.mark.parametrize("sector", SECTORS)
def test_the_loss_in_a_sector_is_the_population_loss_of_its_weights(sector, p, r):
    best = best_in_sector(sector, p, r)
    assert abs(best.loss - exact(best.weights, p, r)) < 1e-14
    assert best.weights[0] * best.weights[1] * SECTORS[sector] >= 0


@pytest.mark.parametrize(("p", "r"), POINTS)
def test_a_search_over_both_weights_finds_nothing_lower(p, r):
    best = best_bias_free(p, r)
    found = [
        scipy.optimize.minimize(exact, start, args=(p, r), method="Nelder-Mead", tol=1e-10).fun
        for start in ([1.0, 0.3], [1.0, -0.3], [0.3, -1.0], [0.7, 0.7], [-0.9, 0.9])
    ]
    assert abs(min(found) - best.loss) < 1e-9


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.58])
def test_equal_features_make_an_antipodal_pair_of_the_closed_form(p):
    w1, w2 = best_in_sector("antipodal", p, 1.0).weights
    assert abs(w1**2 - (8 - 5 * p) / (8 - 6 * p)) < 1e-7
    assert abs(w1 + w2) < 1e-7


def test_at_equal_importance_the_sectors_exchange_where_their_losses_agree():
    """2p²(32 − 25p)/(48(4 − 3p)) = p/3 − p²/4, that is 43p² − 80p + 32 = 0."""
    p = (80 - np.sqrt(80**2 - 4 * 43 * 32)) / 86
    assert best_bias_free(p - 1e-3, 1.0).sector == "antipodal"
    assert best_bias_free(p + 1e-3, 1.0).sector == "confused"


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_the_two_sectors_have_one_loss_at_the_exchange_and_change_places_there(p):
    r = exchange_importance(p)
    losses = [best_in_sector(sector, p, r).loss for sector in SECTORS]
    assert abs(losses[0] - losses[1]) < 1e-12
    assert best_bias_free(p, r * 0.99).sector == "confused"
    assert best_bias_free(p, r * 1.01).sector == "antipodal"


def test_swapping_the_features_maps_the_importance_to_its_inverse():
    one, other = best_bias_free(0.6, 0.25), best_bias_free(0.6, 4.0)
    assert abs(one.loss * 4 - other.loss) < 1e-14
    assert one.weights == other.weights[::-1]
    assert abs(other.loss - exact(other.weights, 0.6, 4)) < 1e-14


def test_a_wrong_sector_or_point_is_refused():
    with pytest.raises(ValueError, match="'tilted'"):
        best_in_sector("tilted", 0.5, 0.5)
    with pytest.raises(ValueError, match="r = 2"):
        best_in_sector("confused", 0.5, 2)
    with pytest.raises(ValueError, match=r"p = 0\.9"):
        exchange_importance(0.9)


def test_the_loss_of_many_weights_is_the_population_loss_of_each():
    rng = np.random.default_rng(0)
    w, p, r = rng.normal(size=(20, 2)), rng.uniform(0.02, 1, 20), np.exp(rng.normal(size=20))
    found = bias_free_loss(w[:, 0], w[:, 1], p, r)
    expected = [exact(*one) for one in zip(w, p, r, strict=True)]
    assert np.abs(found - expected).max() < 1e-12
    assert bias_free_loss(0, 0, 0.5, 2) == pytest.approx(0.5)


@pytest.mark.parametrize("theta", [-1.2, -0.4, 0.0, 0.6, 1.4])
def test_the_least_loss_on_a_ray_is_where_a_scan_finds_it(theta):
    loss, rho = least_on_ray(theta, 0.4, 0.7)
    scan = np.linspace(0, 3, 3001)
    values = bias_free_loss(scan * np.cos(theta), scan * np.sin(theta), 0.4, 0.7)
    assert loss <= values.min() <= loss + 1e-6
    assert abs(scan[values.argmin()] - rho) < 1e-3


def gradient(w, p, r, step=1e-5):
    steps = step * np.eye(2)
    return np.array([(exact(w + s, p, r) - exact(w - s, p, r)) / (2 * step) for s in steps])


def hessian_signs(w, p, r, step=1e-4):
    rows = [(gradient(w + s, p, r) - gradient(w - s, p, r)) / (2 * step) for s in step * np.eye(2)]
    return np.sign(np.linalg.eigvalsh(np.array(rows))).tolist()


@pytest.mark.parametrize(("p", "r"), [(0.5, 0.3367), (0.9, 0.9), (0.3, 1.0), (0.1, 0.05)])
def test_minima_and_saddles_are_those_of_the_surface(p, r):
    inside = [point for point in critical_points(p, r) if point.sector]
    assert inside
    for point in inside:
        w = np.array(point.weights)
        assert np.abs(gradient(w, p, r)).max() < 1e-7
        assert hessian_signs(w, p, r) == ([1, 1] if point.kind == "minimum" else [-1, 1])


@pytest.mark.parametrize(("p", "r"), [(0.05, 0.01), (0.3, 0.1), (0.9, 0.2), (1.0, 1.0), (0.5, 3.0)])
def test_there_is_one_confused_minimum_and_no_minimum_on_an_axis(p, r):
    minima = [point for point in critical_points(p, r) if point.kind == "minimum"]
    assert [point.sector for point in minima].count("confused") == 1
    assert all(point.sector for point in minima)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9, 1.0])
def test_antipodal_minima_begin_at_their_onset(p):
    r = antipodal_onset(p)

    def count(r):
        return sum(point.kind == "minimum" for point in critical_points(p, r))

    assert (count(0.999 * r), count(1.001 * r)) == (1, 2)
    assert (count(1.001 / r), count(0.999 / r)) == (1, 2)


def test_the_apex_is_where_both_sectors_tie_at_equal_importance():
    p = float(APEX)
    losses = [best_in_sector(sector, p, 1.0).loss for sector in SECTORS]
    assert abs(losses[0] - losses[1]) < 1e-14
    assert sum(point.kind == "minimum" for point in critical_points(p, 1.0)) == 2


def test_the_loss_falls_from_dropping_into_the_confused_sector_with_slope_rp2_over_2():
    p, r, step = 0.6, 0.4, 1e-7
    slope = (bias_free_loss(1, step, p, r) - bias_free_loss(1, 0, p, r)) / step
    flat = (bias_free_loss(1, -step, p, r) - bias_free_loss(1, 0, p, r)) / step
    assert slope == pytest.approx(-r * p * p / 2, rel=1e-5)
    assert abs(flat) < 1e-6


def test_an_onset_below_the_range_and_a_point_outside_are_refused():
    with pytest.raises(ValueError, match="give a lower r"):
        antipodal_onset(0.3, low=0.5)
    with pytest.raises(ValueError, match="give 0 < p"):
        bias_free_loss(1, 1, 0, 1)
