"""Two features on one line without biases."""

import numpy as np
import pytest
import scipy.optimize

from paper_checks.phase_change.bias_free import (
    SECTORS,
    best_bias_free,
    best_in_sector,
    exchange_importance,
)
from theory import population_loss

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
