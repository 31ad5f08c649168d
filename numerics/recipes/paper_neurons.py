"""The paper's set-ups with neurons in the middle (arXiv 2209.10652, F29 to F36).

Models with a hidden ReLU are in no notebook of the paper's authors, so what the paper leaves out is
ARENA's here: Adam without decay, and Kaiming weights for the net of absolute values.  Each model is
initialised alone.
"""

from . import arena
from .paper import STATED
from .recipe import Settings, assemble, powers, relabelled

__all__ = ["RECIPES"]

_SILENT = "paper silent; as in ARENA"
HIDDEN: Settings = {
    **relabelled(arena.NEURONS, _SILENT),
    **STATED,
    "model": ("relu-hidden", "paper: ReLU(Wᵀ ReLU(Wx) + b), no hidden bias"),
    "starts": (1, _SILENT),
}
LINEAR: Settings = {
    **HIDDEN,
    "model": ("relu-output", "paper: ReLU(WᵀWx + b), the hidden layer linear"),
}
ABSOLUTE: Settings = {
    **relabelled(arena.ABSOLUTE, _SILENT),
    **STATED,
    "model": ("two-layer", "paper: ReLU(W2 ReLU(W1 x) + b), untied, no hidden bias"),
    "amplitude": ("signed", "paper: uniform on [−1, 1] when on"),
    "target": ("absolute", "paper: |x|"),
    "starts": (1, _SILENT),
}
_THREE = (1.0, 0.3, 0.1)

RECIPES = (
    assemble(
        "paper-hidden-linear",
        "Privileged basis: the model without neurons",
        "F29",
        "Features lie in arbitrary directions of the hidden space.",
        LINEAR,
        n_features=(10, "paper silent; as in keltin13"),
        d_hidden=(5, "paper silent; as in keltin13"),
        importance=(powers(0.7, 10), "paper silent; as in keltin13, 0.7^i"),
        densities=(_THREE, "paper silent; as in keltin13"),
    ),
    assemble(
        "paper-hidden-relu",
        "Privileged basis: the same model with neurons",
        "F29",
        "Features align with neurons.",
        HIDDEN,
        n_features=(10, "paper silent; as in keltin13"),
        d_hidden=(5, "paper silent; as in keltin13"),
        importance=(powers(0.7, 10), "paper silent; as in keltin13, 0.7^i"),
        densities=(_THREE, "paper silent; as in keltin13"),
    ),
    assemble(
        "paper-privileged",
        "Privileged basis: ten features in five neurons",
        "F31",
        "All monosemantic from p = 0.5 on; then three features in two neurons; five in three at "
        "0.15; six in four at 0.12; eight in five; at most 0.04: a pair of neurons each.",
        HIDDEN,
        n_features=(10, "paper, F31"),
        d_hidden=(5, "paper, F31"),
        importance=(powers(0.75, 10), "paper, F31: 0.75^i (here i from 0; from 1 in ARENA)"),
        densities=(
            (0.75, 0.35, 0.15, 0.12, 0.06, 0.02),
            "paper gives six regimes; ours: one density inside each",
        ),
        starts=(1000, "paper, F31: 1000 models per panel, the lowest loss shown"),
    ),
    assemble(
        "paper-absolute-small",
        "Absolute values of three features by six neurons",
        "F33",
        "No superposition: each feature gets ReLU(x) and ReLU(−x).",
        ABSOLUTE,
        n_features=(3, "paper, F33"),
        d_hidden=(6, "paper, F33"),
        densities=((1.0,), "paper silent; as in keltin13, dense"),
    ),
    assemble(
        "paper-absolute",
        "Absolute values of a hundred features by forty neurons",
        "F34, F35",
        "All monosemantic at 1 and 0.3; a few polysemantic at 0.1, more as it gets sparser, all at "
        "0.001.",
        ABSOLUTE,
        n_features=(100, "paper, F34"),
        d_hidden=(40, "paper, F34"),
        importance=(powers(0.8, 100), "paper, F34: 0.8^i (here i from 0; from 1 in ARENA)"),
        densities=((1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001), "paper, F34"),
    ),
    assemble(
        "paper-asymmetric",
        "The asymmetric superposition motif",
        "F36",
        "One neuron has in-weights [2, −1/2] and out-weights [1/2, 2]; a second one inhibits the "
        "feature it interferes with.",
        ABSOLUTE,
        n_features=(6, "paper silent; as in keltin13"),
        d_hidden=(10, "paper silent; as in keltin13"),
        importance=(powers(0.7, 6), "paper silent; as in keltin13, 0.7^i"),
        densities=((0.2,), "paper silent; as in keltin13"),
    ),
)
