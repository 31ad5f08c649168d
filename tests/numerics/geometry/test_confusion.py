"""Which shape is named when one is turned, mixed up and disturbed: all of them, none confused."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from numerics.geometry import learned_geometry
from numerics.geometry.naming import AMBIGUOUS
from tests.numerics.geometry.support import SHAPES, VARIANTS, disguised, kind
from theory.polytopes.catalogue import KEYS, polytope

EXACT, FINE, COARSE = 0.0, 5e-3, 2e-2
PRODUCTS = [
    *(key for key in KEYS if polytope(key).parts),
    "cross-polytope-6",
    "triangle+triangle",
    "pentagon+pentagon",
    "tetrahedron+digon",
    "pentagon+triangle",
    "tetrahedron+triangle",
    "triangle+digon+digon",
    "rectified-5-cell+pentagon+pentagon",
    "icosahedron+cuboctahedron",
    "simplex-8+simplex-8+single+single",
    "600-cell+2_21+demicube-5",
]


def right(name: str, key: str, noise: float) -> bool:
    """Judge a name: exact up to fine noise, beyond it the shape or, among variants, ambiguous."""
    allowed = {key}
    if noise > FINE and key in VARIANTS:
        allowed |= {AMBIGUOUS, *(other for other in VARIANTS if kind(other) == kind(key))}
    return name in allowed


def named(key: str, noise: float, seed: int) -> str:
    """Return the name given to a disguised shape, or how many blocks it was split into."""
    rng = np.random.default_rng([seed, SHAPES.index(key)])
    W, _ = disguised(key, rng, noise, spare=int(rng.integers(3)))
    blocks = learned_geometry(W).blocks
    return blocks[0].name if len(blocks) == 1 else f"{len(blocks)} blocks"


@pytest.mark.parametrize("noise", [EXACT, FINE, COARSE])
@pytest.mark.parametrize("key", SHAPES)
def test_every_shape_is_named_under_noise(key, noise):
    assert right(named(key, noise, 0), key, noise)


@pytest.mark.parametrize("key", VARIANTS)
def test_variants_are_told_apart_under_fine_noise(key):
    assert {named(key, FINE, seed) for seed in range(1, 21)} == {key}


@pytest.mark.parametrize("key", ["square-antiprism-coulomb", "square-antiprism-tight"])
def test_variants_within_the_noise_are_ambiguous_more_often_than_not_and_never_wrong(key):
    """Their fits are 0.058 apart, 1.5 standard errors from the middle."""
    names = Counter(named(key, COARSE, seed) for seed in range(30))
    assert set(names) <= {key, AMBIGUOUS}
    assert names[AMBIGUOUS] > 15


@pytest.mark.parametrize("noise", [EXACT, FINE, COARSE])
@pytest.mark.parametrize("key", PRODUCTS)
def test_products_fall_into_their_factors_at_any_scales(key, noise):
    rng = np.random.default_rng([7, PRODUCTS.index(key)])
    factors = polytope(key).factors
    scales = rng.uniform(0.3, 3.0, len(factors))
    W, parts = disguised(key, rng, noise, spare=1, scales=scales)
    found = learned_geometry(W)
    assert found.composite == polytope(key).key
    assert found.rank == polytope(key).dimension
    assert {(block.name, *block.features) for block in found.blocks} == {
        (factor.key, *part) for factor, part in zip(factors, parts, strict=True)
    }


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("cube", "square-antiprism-tight"),
        ("icosahedron", "cuboctahedron"),
        ("rectified-5-cell", "pentagon+pentagon"),
        ("triangular-prism-tight", "octahedron"),
    ],
)
@pytest.mark.parametrize("noise", [EXACT, FINE])
def test_shapes_of_equal_dimensionality_are_told_apart(key, other, noise):
    rng = np.random.default_rng(3)
    for one, unlike in ((key, other), (other, key)):
        W, _ = disguised(one, rng, noise)
        found = learned_geometry(W)
        assert (found.composite, found.composite == unlike) == (one, False)
        d, n = W.shape
        # exact shapes are tight; noise moves D by 4σ or so at most
        np.testing.assert_allclose(found.dimensionality, d / n, atol=1e-12 + 5 * noise)


@pytest.mark.slow
def test_no_shape_is_confused_with_another_on_the_full_grid(capsys):
    wrong, told = Counter(), {}
    levels = (0.0, 1e-3, 5e-3, 1e-2, 2e-2)
    for noise, key in product(levels, SHAPES):
        names = Counter(named(key, noise, seed) for seed in range(100, 125))
        told[key, noise] = names
        wrong[key] += sum(n for name, n in names.items() if not right(name, key, noise))
    with capsys.disabled():
        for noise in levels:
            counts = Counter()
            for key in SHAPES:
                for name, n in told[key, noise].items():
                    counts["right" if name == key else name if name == AMBIGUOUS else "other"] += n
            print(f"\nσ = {noise:g}: {dict(counts)}", end="")
            for key in SHAPES:
                if set(told[key, noise]) != {key}:
                    print(f"\n  {key}: {dict(told[key, noise])}", end="")
    assert not +wrong


@pytest.mark.slow
@pytest.mark.parametrize("noise", [EXACT, 1e-3, FINE, COARSE])
def test_random_products_fall_into_their_factors(noise):
    rng = np.random.default_rng(11)
    for _ in range(60):
        factors = rng.choice(SHAPES, rng.integers(2, 9))
        key = polytope("+".join(factors)).key
        factors = [factor.key for factor in polytope(key).factors]
        scales = rng.uniform(0.3, 3.0, len(factors))
        W, parts = disguised(key, rng, noise, spare=int(rng.integers(4)), scales=scales)
        found = {tuple(block.features): block.name for block in learned_geometry(W).blocks}
        assert set(found) == {tuple(part) for part in parts}
        for factor, part in zip(factors, parts, strict=True):
            assert right(found[tuple(part)], factor, noise), factor
