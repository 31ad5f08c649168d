"""The atlas: resumed, the same from any number of processes, compared, whole on disk or refused."""

from dataclasses import asdict, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from numerics.best_blocks.atlas import DENSITIES, SIZES, AtlasSpec, compared, make_atlas
from numerics.best_blocks.rigid_shapes import rigid_shapes
from numerics.best_blocks.search import search_blocks
from numerics.best_blocks.table import STORED, Table, read_table, write_table
from numerics.seeds import content_key
from numerics.store import ConfigurationError

from .support import FIFTH, HALF, TENTH, block, digons, shape, variance

TINY = AtlasSpec(
    sizes=((2, 1, 0.1), (3, 2, 0.5), (3, 1, 0.1)),
    shapes=("triangle",),
    densities=("0.5", "0.1"),
    starts=1,
    seed=3,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Make the tiny atlas in one go; do not change it."""
    out = tmp_path_factory.mktemp("whole") / "atlas.npz"
    make_atlas(TINY, out)
    return out


def same_bits(one, other):
    for name in ("W", "b"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    for name in ("density", "loss", "hits", "starts", "status"):
        assert getattr(one, name) == getattr(other, name)


def test_it_has_the_sizes_and_densities_asked_for(whole):
    table = read_table(whole)
    densities = {size: [one.density for one in blocks] for size, blocks in table.best.items()}
    assert densities == {(2, 1): [HALF, TENTH], (3, 2): [HALF], (3, 1): [HALF, TENTH]}
    for found, alone in zip(
        table.rigid["triangle"], rigid_shapes("triangle", [HALF, TENTH]), strict=True
    ):
        same_bits(found, alone)
    for found, alone in zip(
        table.best[2, 1], search_blocks(2, 1, [HALF, TENTH], starts=1, seed=3), strict=True
    ):
        same_bits(found, alone)
    assert [path.name for path in whole.parent.iterdir()] == ["atlas.npz"]


def test_interrupted_it_goes_on_where_it_was(whole, tmp_path):
    out, told = tmp_path / "atlas.npz", []

    def interrupt(done, total, text):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_atlas(TINY, out, progress=interrupt)
    assert not out.exists()
    assert len(list((tmp_path / ".atlas.npz.partial").glob("*.npz"))) == 2
    make_atlas(TINY, out, progress=lambda *what: told.append(what))
    assert told[0] == (2, 4, "resumed")
    assert [done for done, _, _ in told[1:]] == [3, 4]
    assert {text for _, _, text in told[1:]} == {"2,1", "triangle"}
    assert out.read_bytes() == whole.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.npz"]


def test_unfinished_work_of_another_atlas_is_not_mixed_in(whole, tmp_path):
    out = tmp_path / "atlas.npz"

    def interrupt(done, total, text):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_atlas(replace(TINY, seed=4), out, progress=interrupt)
    with pytest.raises(ConfigurationError, match="unfinished work of another configuration"):
        make_atlas(TINY, out)
    make_atlas(TINY, out, force=True)
    assert out.read_bytes() == whole.read_bytes()


def test_two_processes_make_the_same_bits(whole, tmp_path):
    make_atlas(TINY, tmp_path / "atlas.npz", jobs=2)
    assert (tmp_path / "atlas.npz").read_bytes() == whole.read_bytes()


def test_pairs_of_smaller_blocks_are_put_where_they_are_better():
    """The search is made to miss: two dedicated features for four, one for three."""
    poor_plane = block([[1, 0, 0, 0], [0, 1, 0, 0]], [0, 0, 0.25, 0.25], HALF, hits=4, starts=5)
    poor_line = block([[1, 0, 0]], [0, 0.25, 0.25], HALF)
    given = {(4, 2): [poor_plane], (3, 1): [poor_line], (2, 1): [digons(1, 0, HALF)]}
    found = compared(given)
    assert list(found) == list(given)
    digon, V = digons(1, 0, HALF).loss, variance(HALF)
    assert found[2, 1][0] is given[2, 1][0]
    assert found[3, 1][0].loss == pytest.approx(digon + V, abs=1e-11)
    assert found[4, 2][0].loss == pytest.approx(2 * digon, abs=1e-11)
    assert found[4, 2][0].names == ("digon", "digon")
    assert (found[4, 2][0].hits, found[4, 2][0].starts) == (0, 5)


def test_what_is_as_good_as_its_pairs_stays_and_densities_do_not_mix():
    planes = [digons(2, 0, HALF), shape("square", TENTH)]
    given = {(2, 1): [digons(1, 0, HALF), digons(1, 0, FIFTH)], (4, 2): planes}
    found = compared(given)
    assert all(one is other for one, other in zip(found[4, 2], planes, strict=True))


def test_densities_fall_from_one_to_a_thousandth():
    numbers = [Fraction(p) for p in DENSITIES]
    assert (numbers[0], numbers[20], numbers[-1]) == (1, TENTH, Fraction(1, 1000))
    assert len(numbers) == 41
    assert all(above > below for above, below in pairwise(numbers))
    steps = np.diff(np.log10([float(p) for p in numbers]))
    np.testing.assert_allclose(steps, [-1 / 20] * 20 + [-1 / 10] * 20, atol=4e-4)  # of four digits


def test_sizes_are_those_promised():
    for d in range(1, 5):
        assert {k for k, own in SIZES if own == d} == set(range(d + 1, 17))
        assert {SIZES[k, d] for k in range(d + 1, 17)} == {1e-3}
    assert {(d + 1, d) for d in range(1, 9)} <= set(SIZES)
    assert all(k >= 4 * d for k, d in SIZES if d > 4 and k != d + 1)
    every = AtlasSpec().of_size(1e-3)
    assert [str(float(p)) for p in every] == [str(float(p)) for p in DENSITIES]
    assert min(AtlasSpec().of_size(0.099)) == TENTH


def test_a_table_is_read_as_it_was_written(tmp_path):
    table = Table(
        {(2, 1): [digons(1, 0, HALF), digons(1, 0, TENTH)]}, {"cube": [shape("cube", HALF)]}
    )
    write_table(tmp_path / "atlas.npz", table)
    found = read_table(tmp_path / "atlas.npz")
    assert (list(found.best), list(found.rigid)) == ([(2, 1)], ["cube"])
    for one, other in zip(found.best[2, 1], table.best[2, 1], strict=True):
        same_bits(one, other)
    same_bits(found.rigid["cube"][0], table.rigid["cube"][0])


def test_a_damaged_file_and_none_are_refused(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    for name, wrong in (("changed", bytes(content)), ("cut", content[:-100]), ("empty", b"")):
        (tmp_path / name).write_bytes(wrong)
        with pytest.raises(ValueError, match="is not as it was written"):
            read_table(tmp_path / name)
    with pytest.raises(ValueError, match=r"cannot read .*nowhere .* give an atlas"):
        read_table(tmp_path / "nowhere")


def test_one_that_is_there_is_returned_and_another_replaced_only_by_force(whole, tmp_path):
    out = tmp_path / "atlas.npz"
    out.write_bytes(whole.read_bytes())
    before = out.stat().st_mtime_ns
    assert make_atlas(TINY, out).best.keys() == read_table(whole).best.keys()
    assert out.stat().st_mtime_ns == before
    with pytest.raises(ConfigurationError, match=r"is another atlas; .* pass --force"):
        make_atlas(replace(TINY, seed=4), out)
    assert out.read_bytes() == whole.read_bytes()


def test_the_stored_one_is_what_the_command_makes():
    assert read_table(STORED).configuration == content_key(asdict(AtlasSpec()))
