"""Correlated and anticorrelated features (arXiv 2209.10652, F20 to F24).

``arrows``    a model in the plane as arrows, one colour for each set
``pairs``     F20 and F21
``crowded``   F22
``bases``     F23
``collapse``  F24
"""

from ..paper_figure import PaperFigure

__all__ = ["FIGURES"]

_SECTION = "correlated_features"

FIGURES: tuple[PaperFigure, ...] = (
    PaperFigure(
        id="F20",
        section=_SECTION,
        title="Two correlated pairs: orthogonal within, antipodal across",
        caption="Above: the best trained model at each density, one colour for each pair. Below: "
        "the cosine within each pair for every trained run, with that of the exact optimum as a "
        "line; and exact losses, with the closed forms of pairs that are antipodal across sets "
        "(2p²/3) and within them (2p/3).",
        stated="Correlated features are orthogonal.",
        experiments=("correlated_pairs",),
        draw="correlated_features.pairs:draw_f20",
    ),
    PaperFigure(
        id="F21",
        section=_SECTION,
        title="Two anticorrelated pairs: antipodal, by both rules",
        caption="Above: the best trained model at each marginal density q under the paper's rule "
        "and under ARENA's, which are one law at equal marginals. Below: the share of runs that "
        "pair the right features (95 % intervals), and the exact loss of every run over q², with "
        "the closed form 2/3 of the wrong pairing; the right one has loss 0.",
        stated="Anticorrelated features are antipodal.",
        experiments=("anticorrelated_pairs",),
        draw="correlated_features.pairs:draw_f21",
    ),
    PaperFigure(
        id="F22",
        section=_SECTION,
        title="Three correlated pairs: side by side",
        caption="Above: the best trained model of three correlated pairs at each density; middle: "
        "the best of six independent features, coloured as if they were pairs. Below: how many "
        "runs have every pair side by side, beside chance, and how many pairs collapse onto one "
        "direction, with the exact losses of both states and where the optimum changes.",
        stated="Correlated features lie side by side on a hexagon, as six independent ones would "
        "not; an occasional collapse is an optimization failure.",
        experiments=("three_pairs", "pca_collapse"),
        draw="correlated_features.crowded:draw_f22",
    ),
    PaperFigure(
        id="F23",
        section=_SECTION,
        title="Local almost-orthogonal bases",
        caption="WᵀW of the best trained model, of the minimum that descent on the exact loss "
        "reaches from it, and of the best trained model at ten times the density; features of the "
        "second set stand in the order of their partners in the first. Right: mean squared "
        "cosines within and between the sets, beside 1/m for random directions.",
        stated="Features of each correlated set are nearly orthogonal to one another.",
        experiments=("local_bases",),
        draw="correlated_features.bases:draw_f23",
    ),
    PaperFigure(
        id="F24",
        section=_SECTION,
        title="Collapse towards principal components",
        caption="Above: the best trained model in each of the paper's ranges, with circles of "
        "radius 1 and 1/√2. Middle: the exact loss of each state (0 to 3 collapsed pairs) over "
        "density, with the closed forms of three candidates and of principal components. Below: "
        "the number of collapsed pairs of the least state as a line, of trained runs as dots by "
        "their share, of the paper as bands.",
        stated="Collapsed pairs: all three for p from .25 to .5, most like principal components "
        "above; two for .15 to .2; one for .05 to .15; none below.",
        experiments=("pca_collapse",),
        draw="correlated_features.collapse:draw_f24",
    ),
)
