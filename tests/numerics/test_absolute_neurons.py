import numpy as np
import pytest

from numerics.absolute_neurons import (
    concentration,
    find_motifs,
    gains,
    net_coupling,
    secondary_ratio,
    unit_largest,
)
from theory.absolute_value import pairs
from theory.asymmetric_motif import motif


def planted(ratio=4.0, noise=0.0, seed=0, inhibitors=1):
    """Return the motif of F36 with its neurons in random order, rescaled, with noise."""
    rng = np.random.default_rng(seed)
    e = 0.4
    W_in, W_out, _ = (
        np.array(part, float) for part in motif(ratio**0.5, e, ratio / (e * inhibitors), inhibitors)
    )
    order, scale = rng.permutation(len(W_in)), rng.uniform(0.2, 5.0, len(W_in))
    W_in, W_out = (
        W_in + noise * rng.normal(size=W_in.shape),
        W_out + noise * rng.normal(size=W_out.shape),
    )
    return (W_in * scale[:, None])[order], (W_out / scale)[:, order]


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("inhibitors", [1, 2])
def test_a_planted_motif_is_found_once_with_its_ratios(seed, noise, inhibitors):
    (found,) = find_motifs(*planted(noise=noise, seed=seed, inhibitors=inhibitors))
    assert (found.primary, found.secondary, found.helps) == (0, 2, 1)
    assert found.in_ratio == pytest.approx(4, rel=15 * noise + 1e-9)
    assert found.out_ratio == pytest.approx(4, rel=15 * noise + 1e-9)
    assert found.opposite
    assert found.inhibitors == inhibitors
    assert abs(found.net) <= (0.25 * found.interference if noise else 1e-9)
    if not noise:
        assert found.interference == pytest.approx(4)
        assert found.from_helped < -1


def test_without_its_inhibiting_neuron_it_is_no_motif():
    W_in, W_out = planted()
    (found,) = find_motifs(W_in, W_out)
    W_out[found.secondary, found.inhibitor] = 0.0
    assert find_motifs(W_in, W_out) == []


def test_a_symmetric_share_is_no_motif():
    assert find_motifs(*planted(ratio=1.2)) == []


def test_plain_pairs_with_noise_and_random_nets_have_none():
    rng = np.random.default_rng(0)
    W_in, W_out, _ = (np.array(part, float) for part in pairs(5))
    noisy = sum(
        len(
            find_motifs(
                W_in + 0.05 * rng.normal(size=W_in.shape),
                W_out + 0.05 * rng.normal(size=W_out.shape),
            )
        )
        for _ in range(50)
    )
    assert noisy == 0
    by_chance = [
        len(find_motifs(0.4 * rng.normal(size=(10, 6)), 0.4 * rng.normal(size=(6, 10))))
        for _ in range(200)
    ]
    assert np.mean(by_chance) < 0.2


def test_measures_of_neurons():
    W_in = np.array([[3.0, 4.0], [0.0, -2.0], [0.0, 0.0]])
    W_out = np.array([[1.0, 0.0, 1.0], [0.5, 1.0, 0.0]])
    np.testing.assert_allclose(concentration(W_in), [0.8, 1.0, 0.0])
    np.testing.assert_allclose(secondary_ratio(W_in), [0.75, 0.0, 0.0])
    np.testing.assert_allclose(gains(W_in, W_out), [[3.0, 2.0], [0.0, 2.0], [0.0, 0.0]])
    scaled_in, scaled_out = unit_largest(W_in, W_out)
    np.testing.assert_allclose(np.abs(scaled_in).max(1), [1.0, 1.0, 0.0])
    x = np.random.default_rng(0).normal(size=(2, 20))
    before, after = (V @ np.maximum(U @ x, 0) for U, V in ((W_in, W_out), (scaled_in, scaled_out)))
    np.testing.assert_allclose(before, after)
    assert net_coupling(W_in, W_out, 1, 1.0, 1) == pytest.approx(2.0)
    assert net_coupling(W_in, W_out, 1, -1.0, 1) == pytest.approx(2.0)
