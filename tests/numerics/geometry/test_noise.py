"""The statements about noise, against noise."""

import numpy as np
import pytest

from numerics.geometry import noise
from numerics.geometry.naming import name_block
from tests.numerics.geometry.support import disguised
from theory.polytopes.catalogue import polytope


@pytest.mark.parametrize(
    ("key", "spare"), [("icosahedron", 0), ("pentagon", 6), ("tetrahedron", 2), ("digon", 4)]
)
def test_squared_residuals_are_the_degrees_of_freedom(key, spare):
    rng = np.random.default_rng(4)
    sigma, draws = 1e-3, 60
    k, d = polytope(key).vertices, polytope(key).dimension
    inside, outside = [], []
    for _ in range(draws):
        W, _ = disguised(key, rng, sigma, spare=spare)
        block = name_block(W, np.arange(k))
        inside.append(block.candidates[0].match.squares / sigma**2)
        outside.append(k * block.outside**2 / sigma**2)
    freedom = noise.freedom_inside(k, d), noise.freedom_outside(k, d, d + spare)
    for found, expected in zip((inside, outside), freedom, strict=True):
        # the mean of χ² over the draws has standard error √(2ν/draws)
        assert np.mean(found) == pytest.approx(
            expected, abs=4.5 * np.sqrt(2 * expected / draws) + 0.01
        )


def test_the_largest_cosine_bounds_the_couplings_of_orthogonal_vectors():
    rng = np.random.default_rng(5)
    unit = np.eye(60) + noise.LARGEST * rng.normal(size=(60, 60))
    unit /= np.linalg.norm(unit, axis=0)
    largest = np.abs(unit.T @ unit - np.eye(60)).max()
    bound = noise.largest_cosine(60 * 59 // 2, noise.LARGEST)
    assert bound / 2 < largest < bound


def test_a_block_half_way_between_two_shapes_is_neither_however_small_the_noise():
    apart = {"distance": 1.0, "freedom": 13}
    assert noise.tells_apart(0.0, 1.0, **apart)
    assert noise.tells_apart(0.09, 0.49, **apart)  # 3/10 of the way, on the line
    assert not noise.tells_apart(0.16, 0.36, **apart)  # 4/10
    assert not noise.tells_apart(0.6, 1.6, **apart | {"freedom": 5})  # large residuals beside it
    assert not noise.tells_apart(0.0, 0.0, distance=0.0, freedom=13)


def test_an_upper_estimate_is_above_the_estimate_and_unknown_noise_is_the_largest():
    assert noise.upper_estimate(13 * 1e-4, 13) > 1e-2
    assert noise.upper_estimate(0.0, 0) == noise.LARGEST
