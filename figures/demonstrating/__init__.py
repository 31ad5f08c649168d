"""Demonstrating superposition (arXiv 2209.10652, F1 and F7 to F11).

``panels``         Gram matrices, biases, and bars of norms coloured by superposition
``introduction``   F1
``linear_like``    F7 and F8
``basic_results``  F9 and F10
``formulas``       F11
"""

from ..paper_figure import PaperFigure

__all__ = ["FIGURES"]

_SECTION = "demonstrating"
_BARS = (
    "Bars are norms of trained features, coloured by Σ_{j≠i}(Ŵ_i·W_j)², the formula of the "
    "paper's text; black outlines are the norms of the best model known, from descent on the "
    "exact loss. "
)

FIGURES: tuple[PaperFigure, ...] = (
    PaperFigure(
        id="F1",
        section=_SECTION,
        title="Five features in two dimensions",
        caption="Above: columns of W of the best trained model at each sparsity, coloured by "
        "importance; open circles mark where descent on the exact loss leads from there. Below: "
        "the least exact loss of any minimum with k features stored, above the least of all, over "
        "density; dots are all trained starts.",
        stated="Sparsity 0: the two most important features at right angles, the others not "
        "embedded. 80 %: the four most important as two antipodal pairs. 90 %: all five as a "
        "pentagon, with positive interference.",
        experiments=("introduction",),
        draw="demonstrating.introduction:draw_f1",
    ),
    PaperFigure(
        id="F7",
        section=_SECTION,
        title="A linear-like model: WᵀW and b",
        caption="Trained models, linear and with ReLU on dense features, beside the optimum of "
        "the linear model in closed form: the projection on the m most important features, bias "
        "p/2 on the others. The distance of each from it is written above.",
        stated="WᵀW is the identity on the top m features and 0 elsewhere; b is 0 for those and "
        "the mean of x for the others.",
        experiments=("basic_results",),
        draw="demonstrating.linear_like:draw_f7",
    ),
    PaperFigure(
        id="F8",
        section=_SECTION,
        title="A linear-like model: norms and superposition",
        caption="Bars are norms of trained features, black outlines those of the optimum: in "
        "closed form for the linear-like models, by exact descent for the one in superposition, "
        "which is coloured by the formula of the text, Σ_{j≠i}(Ŵ_i·W_j)², by that of the legend "
        "(j = i not left out), and by the notebook's square root.",
        stated="Norms are about 1 for m features and 0 for the others; a colour shows whether a "
        "feature shares its direction.",
        experiments=("basic_results",),
        draw="demonstrating.linear_like:draw_f8",
    ),
    PaperFigure(
        id="F9",
        section=_SECTION,
        title="Linear against ReLU models as features become sparse: twenty in five dimensions",
        caption="Each column is the best trained model at a density: WᵀW, b and norms. "
        + _BARS
        + "Below: full bars against those read off the paper's figure, and exact losses beside the "
        "linear model's closed form.",
        stated="The linear model always stores the top m. With ReLU: like it when dense, then "
        "antipodal pairs of the less important features, at last everything in superposition, with "
        "positive interference and negative biases.",
        experiments=("basic_results",),
        draw="demonstrating.basic_results:draw_f9",
    ),
    PaperFigure(
        id="F10",
        section=_SECTION,
        title="The same, larger: eighty features in twenty dimensions",
        caption="As F9. " + _BARS + "Below: full bars per dimension beside those of F9.",
        stated="Essentially a rescaled version of F9.",
        experiments=("basic_results_larger", "basic_results"),
        draw="demonstrating.basic_results:draw_f10",
    ),
    PaperFigure(
        id="F11",
        section=_SECTION,
        title="The loss in terms: feature benefit, interference, active features",
        caption="Left: the paper's formulas, each with what the exact loss says of it. Right: "
        "parts of the exact loss with k features active, for three ways to store five equal "
        "features in two dimensions, and the part with one active in the trained and best models "
        "of F9.",
        stated="The linear loss trades feature benefit against interference. The ReLU loss is a "
        "sum over the number of active features, of which the term with one dominates as sparsity "
        "grows.",
        experiments=("loss_terms", "basic_results"),
        draw="demonstrating.formulas:draw_f11",
    ),
)
