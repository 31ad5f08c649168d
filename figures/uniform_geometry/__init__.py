"""Geometry of equally important, equally dense features (arXiv 2209.10652, F14 to F17).

``dimensions``      dimensions per feature, and of each feature, over density (F14, F15)
``graphs``          which features of a model interfere
``solids``          vectors of the plane, and of space in perspective
``tegum_products``  three products of polytopes, their trained models, their losses (F16)
``low_rank``        polytopes as matrices of low rank (F17)
"""

from ..paper_figure import PaperFigure

__all__ = ["FIGURES"]

_SECTION = "uniform_geometry"

FIGURES = (
    PaperFigure(
        id="F14",
        section=_SECTION,
        title="Dimensions per feature stick at 1 and 1/2",
        caption="Circles: D* = m/‖W‖² of models trained on samples, one at each density. Line: the "
        "best mix of blocks by exact loss, at the densities of a table of blocks. Bands: within "
        "0.03 of 1 and of 1/2, with how much longer than an even descent each curve stays there.",
        stated="The number of dimensions per feature falls with density, and is sticky at 1 and "
        "at 1/2, where antipodal pairs are.",
        experiments=("equal_features",),
        draw="uniform_geometry.dimensions:draw_f14",
    ),
    PaperFigure(
        id="F15",
        section=_SECTION,
        title="The dimensionality of every feature, and the polytopes behind it",
        caption="Dots: D of each feature of the trained models, coloured by the family of the "
        "block it is in; bars: levels of the best mix of blocks, thicker for more features; grey "
        "lines: the paper's polytopes. Below: shares of blocks, predicted and trained, and graphs "
        "of four of the models, edges of weight |W_i · W_j|.",
        stated="Features gather on lines at 3/4 (tetrahedron), 2/3, 1/2, 2/5, 3/8 (square "
        "antiprism) and 0; there is none at 1, although D* is 1 in dense models.",
        experiments=("equal_features",),
        draw="uniform_geometry.dimensions:draw_f15",
    ),
    PaperFigure(
        id="F16",
        section=_SECTION,
        title="Tegum products of polytopes",
        caption="Top: exact vertices, coloured by factor. Middle: weights trained on samples from "
        "random starts, the model of least exact loss, turned onto them. Bottom: exact losses of "
        "the product and its rivals above the best model known; the product is best where its "
        "curve is 0.",
        stated="A triangular bipyramid is a triangle and a digon at right angles, 3 × 2/3 + "
        "2 × 1/2; a pentagonal bipyramid a pentagon and a digon; an octahedron three digons.",
        experiments=("small_polytopes",),
        draw="uniform_geometry.tegum_products:draw_f16",
    ),
    PaperFigure(
        id="F17",
        section=_SECTION,
        title="Polytopes are symmetric matrices of low rank",
        caption="A shape in each row: exact vertices, their graph, their Gram matrix, the same of "
        "a trained model scaled to unit diagonal, and vectors orthogonal to the rows of W (bars: "
        "exact kernel; dots: kernel of the trained weights).",
        stated="Triangle: off-diagonals −1/2, W ⊥ (1, 1, 1); square: two digons, W ⊥ (1, 0, 1, 0) "
        "and (0, 1, 0, 1); W ⊥ (1, …, 1) is the regular simplex, the least superposition there is.",
        experiments=("small_polytopes",),
        draw="uniform_geometry.low_rank:draw_f17",
    ),
)
"""Figures of the section, in the paper's order."""
