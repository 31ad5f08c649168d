"""The catalogue of figures: one list of sections, figures in the paper's order."""

from figures.catalogue import choose, figures
from numerics.experiments.catalogue import SECTIONS, experiments


def test_figures_of_the_paper_come_in_its_order_before_those_of_other_questions():
    ids = list(figures())
    paper = [one for one in ids if one.startswith("F")]
    assert ids[: len(paper)] == paper
    assert paper == sorted(paper, key=lambda one: int(one[1:]))
    assert {one[0] for one in ids} == {"F", "Q"}


def test_every_figure_is_of_a_section_and_drawn_from_known_experiments():
    for figure in figures().values():
        assert figure.section in SECTIONS
        assert figure.draw.partition(":")[0].partition(".")[0] in {*SECTIONS, "bias_free"}
        assert set(figure.experiments) <= set(experiments())


def test_chosen_figures_come_once_in_the_order_asked_for():
    assert [one.id for one in choose(["f9", "F1", "F9"])] == ["F9", "F1"]
