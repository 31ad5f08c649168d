"""The figures of the section as values: F33 to F36."""

from ..paper_figure import PaperFigure

__all__ = ["FIGURES"]

_SECTION = "computation"

FIGURES = (
    PaperFigure(
        id="F33",
        section=_SECTION,
        title="Absolute values without superposition: three features, six neurons",
        caption="The trained net of least exact loss as matrices, as stacks of weights and as a "
        "graph, every neuron scaled to a largest in-weight of 1.  On the right the exact loss of "
        "every start: the split into ReLU(x) and ReLU(−x) loses nothing in theory; starts that "
        "miss it end at the loss of a dropped feature, V = p/3 − p²/4.",
        stated="Each feature gets a neuron that computes ReLU(x) and one that computes ReLU(−x).",
        experiments=("absolute_small",),
        draw="computation.absolute:draw_f33",
    ),
    PaperFigure(
        id="F34",
        section=_SECTION,
        title="Absolute values of a hundred features by forty neurons, at seven densities",
        caption="Stacks of |in-weights| of all forty neurons in a trained net at each density, "
        "scaled to a largest weight of 1 and sorted by the importance of the largest feature; the "
        "colour says how concentrated a neuron's weights are.  The last panel counts kinds of "
        "neurons over starts, also after longer training; dotted is the density 0.322 below which, "
        "by exact losses, sharing a neuron is better than ignoring half a feature.",
        stated="All neurons are monosemantic at densities 1 and 0.3; at 0.1 a few are slightly "
        "polysemantic, at 0.03 a few highly, at 0.01 and 0.003 more, at 0.001 all.",
        experiments=("absolute_superposition",),
        draw="computation.absolute:draw_f34",
    ),
    PaperFigure(
        id="F35",
        section=_SECTION,
        title="Neurons in detail: a primary weight and small secondary ones",
        caption="In- and out-weights of the purest and the most mixed neurons of one trained net, "
        "the larger pieces labelled by feature.  Below, how large the second weight is beside the "
        "first, by density and training length, and in- against out-weights of all features that "
        "neurons serve: on the line a half of a feature is computed exactly by one neuron.",
        stated="Monosemantic and polysemantic neurons coexist; a polysemantic neuron has one large "
        "primary weight and small secondary ones.",
        experiments=("absolute_superposition",),
        draw="computation.absolute:draw_f35",
    ),
    PaperFigure(
        id="F36",
        section=_SECTION,
        title="The asymmetric superposition motif, found, counted and judged by exact losses",
        caption="Top: two instances found automatically in a trained net of six features and ten "
        "neurons; the shared neuron is scaled to in-weights of product 1, as [2, −1/2] of the "
        "paper.  Bottom: ratios of all instances in all nets, after two training lengths; exact "
        "losses of the motif in its smallest problem, three features and five neurons, with "
        "trained nets (dots); and the ratio that exact losses prefer.",
        stated="A neuron has in-weights [2, −1/2] and out-weights [1/2, 2]; a second neuron "
        "inhibits the feature interfered with, which turns positive into negative interference; "
        "two instances.",
        experiments=("asymmetric_motif", "smallest_motif"),
        draw="computation.asymmetric:draw_f36",
    ),
)
