"""The paper's set-ups with a bottleneck of plain dimensions (arXiv 2209.10652, F1 to F26).

The paper states sizes, importances, laws and most densities, and nothing of how it trained: no
optimiser, rate, schedule, batch, steps, initialisation or seed.  Those are the notebook's here, and
every source says so; each model is initialised alone.  The loss that is differentiated is the sum
over features, as the paper writes it.

Without a recipe: drawings and formulas (F2 to F6, F11, F16, F17, F30, F32), the attacks (F27, F28),
whose models are not stated at all, and what trains nothing (F37, F38).
"""

from .notebook import SETTINGS as NOTEBOOK
from .recipe import Settings, assemble, falling, powers, relabelled

__all__ = ["RECIPES", "STATED"]

STATED: Settings = {
    "law": ("independent", "paper: x_i = 0 with probability S, independently"),
    "amplitude": ("uniform", "paper: uniform on [0, 1] when on"),
    "target": ("identity", "paper: the features themselves"),
    "importance": (1.0, "paper silent; ours: 1, the plainest"),
    "init_instances": (1, "paper silent; ours: each model alone, so none depends on the others"),
    "reduction": ("sum", "paper: L = Σ_x Σ_i I_i (x_i − x'_i)², a sum over features"),
    "objective": ("sampled", "paper silent; as in the notebook, a new batch each step"),
    "starts": (1, "paper silent; as in the notebook"),
}
SETTINGS: Settings = {
    **relabelled(NOTEBOOK, "paper silent; as in the notebook"),
    **STATED,
    "model": ("relu-output", "paper: ReLU(WᵀWx + b)"),
}
LINEAR: Settings = {**SETTINGS, "model": ("linear", "paper: WᵀWx + b")}
SEVEN = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
BASE_DENSITY = 0.05
RELATIVE_DENSITIES = tuple(reversed(falling(10, -1, 1, 21)))

RECIPES = (
    assemble(
        "paper-intro",
        "Five features in two dimensions",
        "F1",
        "Sparsity 0: the two most important orthogonal; 80 %: four as two antipodal pairs; 90 %: "
        "all five as a pentagon.",
        SETTINGS,
        n_features=(5, "paper, F1"),
        d_hidden=(2, "paper, F1"),
        importance=(powers(0.9, 5), "paper: 'varying', not which; as in the notebook, 0.9^i"),
        densities=((1.0, 0.2, 0.1), "paper, F1: sparsity 0, 80 and 90 %"),
    ),
    assemble(
        "paper-basic",
        "Basic results: twenty features in five dimensions",
        "F7, F8, F9",
        "Dense: the top five, like the linear model; then antipodal pairs from the less important "
        "features; sparse: everything in superposition.",
        SETTINGS,
        n_features=(20, "paper, F9"),
        d_hidden=(5, "paper, F9"),
        importance=(powers(0.7, 20), "paper, F9: 0.7^i"),
        densities=(SEVEN, "paper, read off F9"),
    ),
    assemble(
        "paper-basic-linear",
        "Basic results: the linear model, twenty features in five dimensions",
        "F9",
        "Always the top five, whatever the sparsity.",
        LINEAR,
        n_features=(20, "paper, F9"),
        d_hidden=(5, "paper, F9"),
        importance=(powers(0.7, 20), "paper, F9: 0.7^i"),
        densities=((0.001,), "paper, read off F9: shown at 0.001, 'or any'"),
    ),
    assemble(
        "paper-basic-80",
        "Basic results, larger: eighty features in twenty dimensions",
        "F10",
        "Essentially a rescaled version of twenty features in five dimensions.",
        SETTINGS,
        n_features=(80, "paper, F10"),
        d_hidden=(20, "paper, F10"),
        importance=(powers(0.9, 80), "paper, F10: 0.9^i"),
        densities=(SEVEN, "paper, read off F10: those of F9"),
    ),
    assemble(
        "paper-basic-80-linear",
        "Basic results, larger: the linear model, eighty features in twenty dimensions",
        "F10",
        "Always the top twenty, whatever the sparsity.",
        LINEAR,
        n_features=(80, "paper, F10"),
        d_hidden=(20, "paper, F10"),
        importance=(powers(0.9, 80), "paper, F10: 0.9^i"),
        densities=((0.001,), "paper, read off F10: that of F9"),
    ),
    assemble(
        "paper-phase-2-1",
        "Phase diagram: two features in one dimension",
        "F12",
        "Three phases of the second feature: dropped, superposed, dedicated; first order between.",
        SETTINGS,
        n_features=(2, "paper, F12"),
        d_hidden=(1, "paper, F12"),
        importance=(
            (1.0, 1.0),
            "paper: (1, r), r from 0.1 to 10; here r = 1, a sweep over importance spans the rest",
        ),
        densities=(
            falling(10, 0, 2, 9),
            "paper, axis of F12: from 1 to 0.01 in the log; grid silent; ours: nine",
        ),
        starts=(10, "paper: ten models per point, the worst discarded, the others averaged"),
    ),
    assemble(
        "paper-phase-3-2",
        "Phase diagram: three features in two dimensions",
        "F13",
        "The same three phases of the third feature.",
        SETTINGS,
        n_features=(3, "paper, F13"),
        d_hidden=(2, "paper, F13"),
        importance=(
            (1.0, 1.0, 1.0),
            "paper: (1, 1, r), r from 0.1 to 10; here r = 1, a sweep over importance spans the "
            "rest",
        ),
        densities=(
            falling(10, 0, 2, 9),
            "paper's text silent; as in F12, from 1 to 0.01 in the log; grid silent; ours: nine",
        ),
        starts=(10, "paper: ten models per point, the worst discarded, the others averaged"),
    ),
    assemble(
        "paper-geometry",
        "Geometry: four hundred equal features in thirty dimensions",
        "F14, F15",
        "Dimensions per feature are sticky at 1 and 1/2; per feature, lines at 3/4, 2/3, 1/2, 2/5, "
        "3/8 and 0.",
        SETTINGS,
        n_features=(400, "paper, F14"),
        d_hidden=(30, "paper, F14"),
        importance=(1.0, "paper, F14: all 1"),
        densities=(
            falling(10, 0, 1, 20),
            "paper's text silent; axis of F14 as remembered, 1/(1 − S) from 1 to 10 in the log; "
            "number as in the notebook, 20",
        ),
    ),
    assemble(
        "paper-varied-density",
        "Geometry: one of five features denser or sparser than the others",
        "F18, F19",
        "The pentagon stretches continuously, then collapses to two digons when the feature is "
        "about 2.5 times sparser; the two losses cross.",
        SETTINGS,
        n_features=(5, "paper, F18"),
        d_hidden=(2, "paper, F18"),
        importance=(1.0, "paper, F18: all 1"),
        densities=(
            tuple(
                (*(BASE_DENSITY,) * 4, BASE_DENSITY * relative) for relative in RELATIVE_DENSITIES
            ),
            "paper: four at 0.05, one varied; axis as remembered, from 0.1 to 10 times that; "
            "ours: 21 of them, the last feature",
        ),
        starts=(10, "paper: fitted several times, the lowest loss kept; as in keltin13's F19, 10"),
    ),
    assemble(
        "paper-correlated",
        "Two correlated pairs in two dimensions",
        "F20",
        "Correlated features are orthogonal.",
        SETTINGS,
        n_features=(4, "paper, F20"),
        d_hidden=(2, "paper, F20"),
        law=("correlated:0,1/2,3", "paper, F20: two sets of 2, shared on/off"),
        densities=(
            falling(400, 0.5, 1, 5),
            "paper silent, five plots; as in ARENA 1g, 400^−linspace(0.5, 1, 5)",
        ),
    ),
    assemble(
        "paper-anticorrelated",
        "Two anticorrelated pairs in two dimensions",
        "F21",
        "Anticorrelated features are antipodal.",
        SETTINGS,
        n_features=(4, "paper, F21"),
        d_hidden=(2, "paper, F21"),
        law=(
            "anticorrelated:0,1/2,3",
            "paper, F21: a set is on with probability 1 − S, then one member: marginal (1 − S)/2",
        ),
        densities=(
            tuple(2 * p for p in falling(10, 0.5, 1, 5)),
            "paper silent, five plots; twice ARENA 1h's, so that each marginal is the same",
        ),
    ),
    assemble(
        "paper-correlated-three",
        "Three correlated pairs in two dimensions",
        "F22",
        "Correlated features side by side in a hexagon, now and then collapsed.",
        SETTINGS,
        n_features=(6, "paper, F22"),
        d_hidden=(2, "paper, F22"),
        law=("correlated:0,1/2,3/4,5", "paper, F22: three sets of 2, shared on/off"),
        densities=(
            falling(100, 0.5, 1, 5),
            "paper silent, five plots; as in ARENA 1i, 100^−linspace(0.5, 1, 5)",
        ),
    ),
    assemble(
        "paper-local-bases",
        "Local almost-orthogonal bases: two correlated sets of ten in ten dimensions",
        "F23",
        "Each set is nearly orthogonal inside.",
        SETTINGS,
        n_features=(20, "paper, F23"),
        d_hidden=(10, "paper, F23"),
        law=(
            "correlated:0,1,2,3,4,5,6,7,8,9/10,11,12,13,14,15,16,17,18,19",
            "paper, F23: two sets of 10, shared on/off",
        ),
        densities=((0.01,), "paper silent; as in keltin13"),
    ),
    assemble(
        "paper-pca-collapse",
        "Correlated pairs collapse towards principal components",
        "F24",
        "Collapsed pairs: all three for p from 0.25 on, two at 0.15 to 0.2, one at 0.05 to 0.15, "
        "none below. A collapsed pair keeps (a + b)/√2.",
        SETTINGS,
        n_features=(6, "paper, F24"),
        d_hidden=(2, "paper, F24"),
        law=("correlated:0,1/2,3/4,5", "paper, F24: three pairs, shared on/off"),
        densities=(
            (0.75, 0.35, 0.175, 0.1, 0.01),
            "paper gives five ranges; ours: one density inside each",
        ),
    ),
    assemble(
        "paper-energy-levels",
        "Learning dynamics: jumps between energy levels",
        "F25",
        "Features jump between levels of dimensionality and swap; the loss drops at the jumps; all "
        "end as digons.",
        SETTINGS,
        n_features=(100, "paper silent; as in keltin13"),
        d_hidden=(10, "paper silent; as in keltin13, where twenty features at most can be digons"),
        importance=(1.0, "paper, F25: uniform features"),
        densities=((0.45,), "paper silent; as in keltin13"),
        init_scale=(0.1, "paper silent; as in keltin13 (whose optimiser is new at every step)"),
    ),
    assemble(
        "paper-trajectories",
        "Learning dynamics: geometric stages on the way to an octahedron",
        "F26",
        "Separate regimes; ends in an octahedron whose antipodal pairs join features of different "
        "sets. One of several trajectories.",
        SETTINGS,
        n_features=(6, "paper, F26"),
        d_hidden=(3, "paper, F26"),
        law=("correlated:0,1,2/3,4,5", "paper, F26: two sets of 3, shared on/off"),
        densities=((0.01,), "paper silent; as in keltin13"),
    ),
)
