"""Thomson and Tammes shapes beside the toy model's own: rows, report and the table shipped."""

import json
import tomllib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import numerics.spheres
from numerics import descend, exact_loss
from numerics.optimum import TIE
from numerics.spheres import toy_comparison
from numerics.spheres.point_groups import schoenflies
from numerics.spheres.toy_comparison import SHAPES, TOLERANCE, compare, residual
from numerics.spheres.toy_energy import toy_energy
from numerics.spheres.toy_reports import TOY_SIZES, toy_energies_report, toy_energies_table
from theory.problem import dropped_loss

from .support import antiprism, random_isometry, random_points

P = Fraction(1, 10)
TABLE = tomllib.loads(
    Path(numerics.spheres.__file__).with_name("toy_energies.toml").read_text(encoding="utf-8")
)
DENSITIES = ("1/10", "1/100")
LOSSES = [(dim, density) for dim in ("2", "3") for density in DENSITIES]
ROUNDED = 2e-12  # the table has twelve decimals


@pytest.fixture(scope="module")
def plane():
    """The rows of four, five and seven features in the plane; the shapes from few starts."""
    return compare([4, 5, 7], 2, densities=[P], starts=30)


def test_a_shape_is_found_again_turned_and_in_another_order():
    x = random_points(9, 3)
    turned = (x @ random_isometry(3).T)[np.random.default_rng(1).permutation(9)]
    assert residual(x, turned) < 1e-12
    assert residual(antiprism(0.5604), antiprism(0.5553)) > 10 * TOLERANCE


def test_relations_in_the_plane(plane):
    energies, losses = plane
    same = "thomson and tammes"
    assert [row.relation for row in energies] == [same, same, "coincident"]
    assert [row.relation for row in losses] == [same] * 3
    assert [row.name for row in losses] == ["square", "pentagon", "pentagon"]
    assert [row.stored for row in losses] == [4, 5, 5]
    for row in energies:
        for kind in SHAPES:
            assert row.energies[kind] == toy_energy(row.shapes[kind].points)
            assert row.energies[kind] >= row.energies["toy"] - 1e-12


def test_a_loss_is_that_of_its_model_in_units_of_a_dropped_feature(plane):
    for row in plane[1]:
        loss = float(exact_loss(row.optimum.W, row.optimum.b, float(P), rtol=1e-12))
        assert loss / (row.points * float(dropped_loss(P))) == pytest.approx(row.least, rel=1e-10)


def test_no_shape_at_fixed_directions_is_below_the_least_and_the_pentagon_is_it(plane):
    for row in plane[1]:
        assert min(row.fixed.values()) >= row.least - TIE
    pentagon = plane[1][1]
    for kind in SHAPES:
        assert pentagon.fixed[kind] == pytest.approx(pentagon.least, abs=TIE)


def test_what_fits_no_shape_of_its_size_is_called_other():
    """Three features in two dimensions: a digon and a single one at a right angle, no triangle."""
    (row,), (loss,) = compare([3], 2, densities=[P], starts=5)
    assert row.relation == "continuum"
    assert row.residuals == {}
    assert (loss.name, loss.relation) == ("digon+single", "other")
    assert set(loss.fixed) == {"thomson", "tammes"}


def test_norms_never_fall_below_zero_at_fixed_directions():
    """Copies of a direction are dropped; no feature turns round to the other end of its line."""
    problem = toy_comparison.Problem(features=8, hidden=2, density=(Fraction(1, 2),) * 8)
    x = random_points(8, 2, seed=4)
    W, b, loss = toy_comparison._at_fixed_directions(x, problem)
    norms = np.einsum("di,id->i", W, x)
    assert (norms >= 0).all()
    np.testing.assert_allclose(W, (norms[:, None] * x).T, atol=1e-14)
    assert loss == pytest.approx(float(exact_loss(W, b, 0.5, rtol=1e-12)), rel=1e-10)
    basis = np.zeros((8, 2, 8))
    basis[np.arange(8), :, np.arange(8)] = x
    free = descend(np.full((1, 8), 1.1), np.zeros((1, 8)), 0.5, basis=basis)
    assert (np.einsum("di,id->i", free.W[0].numpy(), x) < 0).any()


def test_eight_in_space_at_one_in_ten():
    """A square antiprism as the two landmarks are, at a third height and below both."""
    (row,), (loss,) = compare([8], 3, densities=[P], starts=20)
    assert row.relation == loss.relation == "thomson and tammes symmetry"
    assert loss.stored == 8
    assert loss.point_group == "D4d"
    assert loss.least < loss.fixed["toy"] < loss.fixed["thomson"] < loss.fixed["tammes"]
    assert min(loss.residuals.values()) > 10 * TOLERANCE


def test_with_every_feature_on_the_exact_minimiser_shares_directions_too():
    """Five always on, in the plane."""
    _, (loss,) = compare([5], 2, densities=[Fraction(1)], starts=3)
    assert loss.relation == "coincident"
    assert sum(loss.multiplicities) == loss.stored == 5
    assert loss.least < min(loss.fixed.values())


def test_the_same_seed_gives_the_same_report():
    first, again = (toy_energies_report([4, 5], 2, [P], 4, 7) for _ in range(2))
    assert json.dumps(first) == json.dumps(again)


def test_the_report_is_json_and_names_its_units():
    told = []
    report = toy_energies_report([4, 5], 2, [P], 4, 0, lambda *what: told.append(what[:2]))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert json.loads(json.dumps(report, allow_nan=False)) == json.loads(json.dumps(report))
    assert report["schema"] == "antipode.toy-energies/1"
    assert [row["n"] for row in report["energies"]] == [4, 5]
    assert [(row["n"], row["density"]) for row in report["losses"]] == [(4, "1/10"), (5, "1/10")]
    assert np.shape(report["energies"][1]["points"]) == (5, 2)
    assert np.shape(report["losses"][1]["W"]) == (2, 5)


@pytest.mark.parametrize(
    ("points", "dim", "message"),
    [
        ([3, 4], 3, r"points \[3, 4\] must all be more than the 3 dimensions"),
        ([], 3, "must all be more"),
        ([5, 4], 3, "do not rise"),
        ([4, 4], 3, "do not rise"),
        ([1], 3, "1 points have no distance"),
        ([5], 1, "dim must be at least 2"),
    ],
)
def test_what_cannot_be_compared_is_refused(points, dim, message):
    with pytest.raises(ValueError, match=message):
        compare(points, dim)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"densities": [P, Fraction(0)]}, "density 0"),
        ({"densities": [P, Fraction(3, 2)]}, "density 3/2"),
        ({"densities": [P, Fraction(1, 10**101)]}, "too far from 1"),
        ({"starts": 0}, "0 starts find nothing"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_any_search(monkeypatch, given, message):
    monkeypatch.setattr(toy_comparison, "_shape", lambda *search: pytest.fail(f"search {search}"))
    with pytest.raises(ValueError, match=message):
        compare([4, 5], 3, **given)


def test_the_table_says_what_made_it_and_has_every_size():
    text = Path(numerics.spheres.__file__).with_name("toy_energies.toml").read_text()
    assert "# Made by: python -m numerics.spheres.toy_reports" in text
    for dim, sizes in TOY_SIZES.items():
        assert [int(n) for n in TABLE[str(dim)]["energies"]] == list(sizes)
        for density in DENSITIES:
            assert [int(n) for n in TABLE[str(dim)]["losses"][density]] == list(sizes)


@pytest.mark.parametrize("dim", ["2", "3"])
def test_least_energies_of_the_table_are_below_those_of_the_shapes(dim):
    for row in TABLE[dim]["energies"].values():
        assert row["status"] == "converged"
        assert row["toy"] <= min(row["thomson"], row["tammes"]) + ROUNDED
        if row["relation"] != "continuum":
            is_thomson = row["relation"] in ("thomson", "thomson and tammes")
            assert is_thomson == (abs(row["toy"] - row["thomson"]) <= ROUNDED)


@pytest.mark.parametrize(("dim", "density"), LOSSES)
def test_a_feature_more_costs_at_most_what_dropping_it_does(dim, density):
    """N l_N ≤ (N − 1) l_(N−1) + 1 in units of V, and more features never cost less."""
    rows = TABLE[dim]["losses"][density]
    whole = [int(n) * row["least"] for n, row in rows.items()]
    for fewer, more in pairwise(whole):
        assert fewer - 1e-9 <= more <= fewer + 1 + 1e-9
    for row in rows.values():
        fixed = [row[kind] for kind in SHAPES if kind in row]
        assert row["least"] <= min(fixed) + TIE


@pytest.mark.parametrize(("dim", "n"), [("2", 5), ("2", 7), ("3", 8), ("3", 12)])
def test_energies_of_the_table_are_found_again(dim, n):
    row = TABLE[dim]["energies"][str(n)]
    (own,), _ = compare([n], int(dim), densities=[], starts=150, seed=1)
    for kind in SHAPES:
        assert own.energies[kind] == pytest.approx(row[kind], abs=ROUNDED)
    assert own.relation == row["relation"]
    assert list(own.shapes["toy"].multiplicities) == row["multiplicities"]
    if dim == "3":
        assert (
            schoenflies(own.shapes["toy"].points[[g[0] for g in own.shapes["toy"].groups]])
            == (row["point_group"])
        )


@pytest.mark.parametrize(("dim", "n"), [("2", 5), ("3", 8)])
def test_losses_of_the_table_are_found_again(dim, n):
    _, rows = compare([n], int(dim), densities=[P], starts=20, seed=1)
    row = TABLE[dim]["losses"]["1/10"][str(n)]
    assert rows[0].least == pytest.approx(row["least"], abs=TIE)
    assert (rows[0].name, rows[0].relation) == (row["name"], row["relation"])


@pytest.mark.slow
def test_the_whole_table_is_found_again():
    """Hits depend on rounding, energies and losses do not; shapes with rattlers are not unique."""
    again = tomllib.loads(toy_energies_table())
    for dim, own in TABLE.items():
        for n, row in own["energies"].items():
            assert again[dim]["energies"][n]["toy"] == pytest.approx(row["toy"], abs=1e-10)
            assert again[dim]["energies"][n]["relation"] == row["relation"]
        for density, rows in own["losses"].items():
            for n, row in rows.items():
                found = again[dim]["losses"][density][n]
                assert found["least"] == pytest.approx(row["least"], abs=1e-8)
                assert found["stored"] == row["stored"]
