"""The three set-ups of the official notebook, published with arXiv 2209.10652.

It holds all instances in one tensor (instances, features, hidden), on which ``xavier_normal_``
makes the scale of the weights depend on how many there are, and reports the mean over features,
which is the paper's loss divided by n.  It sets no seed.
"""

from .recipe import Settings, assemble, falling, powers

__all__ = ["RECIPES", "SETTINGS"]

SETTINGS: Settings = {
    "model": ("relu-output", "notebook: ReLU(hidden Wᵀ + b), the only model it has"),
    "law": ("independent", "notebook: each feature kept where its own uniform ≤ p"),
    "amplitude": ("uniform", "notebook: torch.rand"),
    "target": ("identity", "notebook: |x|, which is x for x ≥ 0"),
    "initialisation": (
        "xavier-normal-rows",
        "notebook: xavier_normal_ on (instances, features, hidden), so std² = 2/(m(n + instances));"
        " b = 0",
    ),
    "init_scale": (1.0, "notebook: no factor"),
    "optimizer": ("adamw", "notebook: torch.optim.AdamW"),
    "learning_rate": (1e-3, "notebook: lr=1e-3"),
    "schedule": ("constant", "notebook: constant_lr, its default"),
    "warm_up": (0, "notebook: none"),
    "weight_decay": (0.01, "notebook: AdamW's default in PyTorch, on W and b"),
    "beta_1": (0.9, "notebook: the default of PyTorch"),
    "beta_2": (0.999, "notebook: the default of PyTorch"),
    "epsilon": (1e-8, "notebook: the default of PyTorch"),
    "momentum": (0.0, "AdamW has none"),
    "reduction": ("mean", "notebook: mean over batch and features, summed over instances"),
    "objective": ("sampled", "notebook: a new batch each step"),
    "batch_size": (1024, "notebook: n_batch=1024"),
    "steps": (10_000, "notebook: steps=10_000"),
    "starts": (1, "notebook: one model per density"),
}

RECIPES = (
    assemble(
        "notebook-intro",
        "Five features in two dimensions",
        "F1",
        "What the introduction shows: two orthogonal features when dense, then antipodal pairs, "
        "then a pentagon.",
        SETTINGS,
        n_features=(5, "notebook, introduction figure"),
        d_hidden=(2, "notebook, introduction figure"),
        importance=(
            powers(0.9, 5),
            "notebook: 0.9^i, i from 0 (its comment 'from 1 to 1/100' is wrong)",
        ),
        densities=(falling(20, 0, 1, 10), "notebook: 20^−linspace(0, 1, 10)"),
        init_instances=(10, "notebook: n_instances=10"),
    ),
    assemble(
        "notebook-features",
        "A hundred features in twenty dimensions",
        "F9, F10",
        "More features are represented, and share dimensions, as they get sparser. Stands for the "
        "paper's basic results, at another size, importance and range of densities.",
        SETTINGS,
        n_features=(100, "notebook, visualising features"),
        d_hidden=(20, "notebook, visualising features"),
        importance=(falling(100, 0, 1, 100), "notebook: 100^−linspace(0, 1, 100)"),
        densities=(falling(20, 0, 1, 20), "notebook: 20^−linspace(0, 1, 20)"),
        init_instances=(20, "notebook: n_instances=20"),
    ),
    assemble(
        "notebook-geometry",
        "Two hundred equal features in twenty dimensions",
        "F14, F15",
        "Dimensions per feature stay near 1 and 1/2 over ranges of density. Half the size of the "
        "paper's figure.",
        SETTINGS,
        n_features=(200, "notebook, feature geometry (the paper's figure has 400)"),
        d_hidden=(20, "notebook, feature geometry (the paper's figure has 30)"),
        importance=(1.0, "notebook: importance left at 1"),
        densities=(falling(20, 0, 1, 20), "notebook: 20^−linspace(0, 1, 20)"),
        init_instances=(20, "notebook: n_instances=20"),
    ),
)
