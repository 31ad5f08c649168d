"""The data behind the phase diagrams: crossings, curves on their closed forms, panels."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
import xarray as xr
from matplotlib.figure import Figure

from figures import families, phase_diagrams
from figures.phase_diagrams import plot_cut, plot_theory, theory_state
from figures.style import FORMATS, save
from numerics.results import assemble
from numerics.verification import theory_panel
from tests import tiny
from theory import boundaries, candidates
from theory.families import P, R
from theory.phases import norms, overlaps

SPECS = pytest.mark.parametrize("spec", [tiny.TWO, tiny.THREE], ids=lambda spec: spec.case)


def crossings(n, m, cut):
    return theory_panel(tiny.spec(n, m, cut=cut)).crossings


def panel(draw, *arguments):
    ax = Figure().subplots()
    draw(*arguments, ax=ax, title="title")
    return ax


def closed_form_crossings(n, m, r):
    """Return densities at which two candidates tie and no third lies below, from sympy."""
    found = set()
    cands = candidates(n, m, level="unit_bias")
    losses = [c.loss.subs(R, sympy.Rational(r)) for c in cands]
    for a in range(len(losses)):
        for b in range(a):
            if sympy.expand(losses[a] - losses[b]) == 0:
                continue
            for p in sympy.solve(losses[a] - losses[b], P):
                if not (p.is_real and sympy.Rational(1, 100) < p < 1):
                    continue
                at = [loss.subs(P, p) for loss in losses]
                if at[a] <= min(at):
                    found.add(float(p))
    return sorted(found)


@pytest.mark.parametrize("r", ["3/10", "1/2", "1/10"])
def test_drop_and_pair_cross_at_4r_over_2_plus_5r(r):
    found = crossings(2, 1, r)
    exact = sympy.Rational(r)
    assert len(found) == 1
    p, loss, names = found[0]
    assert p == pytest.approx(float(4 * exact / (2 + 5 * exact)), abs=1e-14)
    assert loss == pytest.approx(float(exact) * (p / 3 - p * p / 4), rel=1e-12)
    assert set(names.split(" | ")) == {"ignore_last", "pair_last"}


@pytest.mark.parametrize("case", [(2, 1), (3, 2)])
@pytest.mark.parametrize("r", ["3/10", "1/2", "2", "7/10"])
def test_crossings_on_a_cut_are_those_of_the_closed_forms(case, r):
    found = sorted(p for p, _, _ in crossings(*case, r))
    assert found == pytest.approx(closed_form_crossings(*case, r), rel=1e-12)


@SPECS
def test_the_theory_curves_that_are_drawn_lie_on_their_closed_forms(spec):
    ax = panel(plot_theory, tiny.outcome(spec).dataset)
    edges = boundaries(spec.features, spec.hidden, level="unit_bias")
    forms = [sympy.lambdify((P, R), edge.curve, "numpy") for edge in edges]
    lines = [line for line in ax.lines if len(line.get_xdata()) > 1]
    assert len(lines) == len({edge.between for edge in edges})
    for line in lines:
        r, p = np.array(line.get_xdata()), np.array(line.get_ydata())
        off = np.min([np.abs(form(p, r) * np.ones_like(p)) for form in forms], axis=0)
        assert off.max() <= 1e-9 * max(1, r.max())


@SPECS
def test_the_theory_fill_names_the_least_candidate(spec):
    ax = panel(plot_theory, tiny.outcome(spec).dataset)
    shown = {text.get_text().replace(" ", "_"): text.get_position() for text in ax.texts}
    found = candidates(spec.features, spec.hidden, level="unit_bias")
    assert set(shown) <= {c.name for c in found}
    assert len(shown) >= 2
    for name, (r, p) in shown.items():
        losses = {c.name: float(c.loss.subs({P: p, R: r})) for c in found}
        assert losses[name] == pytest.approx(min(losses.values()))


def test_the_state_of_the_last_feature_in_each_candidate_is_its_gram_matrices():
    for case in ((2, 1), (3, 2)):
        for candidate in candidates(*case, level="unit_bias"):
            G = np.array(candidate.gram.tolist(), dtype=float)
            norm, overlap = theory_state(np.array([candidate.name]))
            assert norm[0] == pytest.approx(norms(G)[-1])
            clipped = min(1.0, overlaps(G)[-1])
            if candidate.name != "triangle":  # overlap 1/2, drawn as fully superposed
                assert overlap[0] == pytest.approx(clipped)


def test_the_cut_draws_every_candidate_in_units_of_V_and_marks_its_crossings():
    data = tiny.outcome(tiny.TWO).dataset
    ax = panel(plot_cut, data)
    lines = {line.get_label(): line for line in ax.lines}
    for candidate in candidates(2, 1, level="unit_bias"):
        line = lines[candidate.name.replace("_", " ")]
        p, y = float(line.get_xdata()[60]), float(line.get_ydata()[60])
        exact = float(candidate.loss.subs({P: p, R: 0.3})) / (p / 3 - p * p / 4)
        assert y == pytest.approx(exact)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    filled, open_ = (
        [float(dot.get_xdata()[0]) for dot in dots if dot.get_markerfacecolor() == face]
        for face in ("black", "white")
    )
    assert filled == pytest.approx([12 / 35], abs=1e-14)
    losses = {c.name: c.loss.subs(R, sympy.Rational(3, 10)) for c in candidates(2, 1, "unit_bias")}
    ties = sympy.solve(losses["ignore_first"] - losses["pair_last"], P)
    assert open_ == pytest.approx([float(p) for p in ties if 0 < p < 1], abs=1e-14)
    assert len(open_) == 1
    assert [text.get_text() for text in ax.texts] == ["p = 0.3429"]


def titles(figure):
    return " ".join(ax.get_title(loc="left") for ax in figure.axes)


@SPECS
def test_a_diagram_draws_and_its_titles_carry_the_summarys_numbers(spec, tmp_path):
    found = tiny.outcome(spec)
    figure = phase_diagrams.draw(found.dataset, found.summary)
    for letter in "abcdef":
        assert f"({letter})" in titles(figure)
    assert f"{100 * found.summary['agreement']:.1f} %" in titles(figure)
    assert f"of {len(spec.sampled_cells)} cells" in titles(figure)
    again = phase_diagrams.draw(found.dataset, found.summary)
    for one, other in zip(
        *(
            save(one, tmp_path / k, "x", formats=["svg"])
            for k, one in (("a", figure), ("b", again))
        ),
        strict=True,
    ):
        assert one.read_bytes() == other.read_bytes()
    assert len(save(figure, tmp_path / "c", "x")) == len(FORMATS)


def test_a_diagram_draws_from_the_file_it_was_saved_in(tmp_path):
    found = tiny.outcome(tiny.TWO)
    found.dataset.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as back:
        again = phase_diagrams.draw(back, found.summary)
        (one,) = save(again, tmp_path / "a", "x", formats=["svg"])
    (other,) = save(
        phase_diagrams.draw(found.dataset, found.summary), tmp_path / "b", "x", formats=["svg"]
    )
    assert one.read_bytes() == other.read_bytes()


@SPECS
def test_a_diagram_without_samples_draws_and_says_so(spec, tmp_path):
    parts = tiny.parts(spec)
    found = assemble(
        replace(spec, sampled_starts=0),
        parts["refined"],
        parts["trained"],
        [],
        parts["families"],
        1.0,
    )
    figure = phase_diagrams.draw(*found)
    assert "left out (sampled starts 0)" in titles(figure)
    save(figure, tmp_path, "x", formats=["png"])


def test_advantages_are_losses_above_the_optimum_in_units_of_V():
    data = tiny.outcome(tiny.THREE).dataset
    above = families.advantages(data)
    assert set(above) == {"pair", "triangle", "tilted_triangle"}
    p = tiny.THREE.density[1]
    gap = data["family_loss"].values[0, 1, 2] - data["optimum_loss"].values[1, 2]
    assert above["pair"][1, 2] == pytest.approx(gap / (p / 3 - p * p / 4))


def test_the_families_figure_draws_the_same_every_time(tmp_path):
    found = tiny.outcome(tiny.THREE)
    figures = [families.draw(found.dataset, found.summary) for _ in range(2)]
    beaten = found.summary["families"]["cells_where_pairs_are_beaten"]
    assert f"every pair in {beaten} of {found.summary['cells']} cells" in titles(figures[0])
    for one, other in zip(
        *(
            save(one, tmp_path / k, "x", formats=["svg"])
            for k, one in zip("ab", figures, strict=True)
        ),
        strict=True,
    ):
        assert one.read_bytes() == other.read_bytes()


def test_the_families_cut_lies_at_the_column_nearest_equal_importance():
    data = tiny.outcome(tiny.THREE).dataset
    ax = panel(families.plot_cut, data)
    above = families.advantages(data)
    assert len(ax.lines) == len(above)
    for line, values in zip(ax.lines, above.values(), strict=True):
        assert np.allclose(line.get_ydata(), 100 * values[:, 1])
