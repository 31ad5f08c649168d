"""Learning dynamics (arXiv 2209.10652, F25 and F26).

``losses``            a loss that passes saddles
``energy_levels``     dimensionalities that jump between levels (F25)
``geometric_stages``  two correlated sets on the way to an octahedron (F26), and its film
"""

from ..paper_figure import PaperFigure

__all__ = ["FIGURES"]

FIGURES = (
    PaperFigure(
        id="F25",
        section="learning_dynamics",
        title="Dimensionalities jump between energy levels while the loss drops",
        caption="Left: 100 features in 10 dimensions, trained on samples by one Adam; what is "
        "drawn is the exact loss of the kept weights.  Middle: gradient flow on the "
        "exact loss of 12 features in 4 dimensions, the flow with most plateaus; dashed "
        "lines are the losses of the critical points found from each plateau, each with "
        "its index, the number of directions that lead down from it.  Right: Adam on "
        "samples from the same recipe at this size, beside the same critical points.",
        stated="Features jump between levels of dimensionality and swap; the loss drops at the "
        "jumps, by little at the first and by more at the second; all end as digons.",
        experiments=("energy_levels",),
        draw="learning_dynamics.energy_levels:draw_f25",
    ),
    PaperFigure(
        id="F26",
        section="learning_dynamics",
        title="Two sets of three correlated features become an octahedron in stages",
        caption="Top: the columns of W along gradient flow on the exact loss, at its first jump "
        "and at its plateaus (marks A, B, …), with their paths.  Below: the loss, with "
        "the critical points found from each plateau and their index; the share of W in "
        "the two principal components, and the distance of WᵀW from that of the linear "
        "model's flow; the losses of all flows, and of models trained on samples by one "
        "Adam.",
        stated="Learning passes distinct regimes; it begins like the linear model, with principal "
        "components, and ends in an octahedron whose antipodal pairs join features of different "
        "sets.  Trajectories differ at the third stage.",
        experiments=("geometric_stages",),
        draw="learning_dynamics.geometric_stages:draw_f26",
        animate="learning_dynamics.geometric_stages:film_f26",
    ),
)
