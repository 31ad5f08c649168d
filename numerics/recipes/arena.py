"""The toy models that ARENA trains (exercise set 1.5.4, sections 1 to 3 and the base of section 5).

As in its solutions: Adam without decay, instances in one tensor (instances, hidden, features), a
quarter cosine offered and not used.  Experiments that train nothing, double descent (4) and the
sparse autoencoders themselves (5) are left out.  Where a title in the text contradicts the code,
the code is taken and the source says so.
"""

from typing import Any

from .recipe import Settings, assemble, falling, powers

__all__ = ["ABSOLUTE", "NEURONS", "RECIPES", "SETTINGS"]

SETTINGS: Settings = {
    "model": ("relu-output", "ARENA: ReLU(WᵀWx + b)"),
    "law": ("independent", "ARENA: each feature kept where its own uniform ≤ p"),
    "amplitude": ("uniform", "ARENA: feat_mag_distn='unif', t.rand"),
    "target": ("identity", "ARENA: the features themselves"),
    "initialisation": (
        "xavier-normal-columns",
        "ARENA: xavier_normal_ on (instances, hidden, features), so std² = 2/(n(m + instances)); "
        "b = 0",
    ),
    "init_scale": (1.0, "ARENA: no factor"),
    "optimizer": ("adam", "ARENA: t.optim.Adam"),
    "learning_rate": (1e-3, "ARENA: lr=1e-3"),
    "schedule": ("constant", "ARENA: constant_lr, its default"),
    "warm_up": (0, "ARENA: none"),
    "weight_decay": (0.0, "ARENA: Adam's default in PyTorch"),
    "beta_1": (0.9, "ARENA: the default of PyTorch"),
    "beta_2": (0.999, "ARENA: the default of PyTorch"),
    "epsilon": (1e-8, "ARENA: the default of PyTorch"),
    "momentum": (0.0, "Adam has none"),
    "reduction": ("mean", "ARENA: mean over batch and features, summed over instances"),
    "objective": ("sampled", "ARENA: a new batch each step"),
    "batch_size": (1024, "ARENA: batch_size=1024, its default"),
    "starts": (1, "ARENA: one model per density"),
}
NEURONS: Settings = {
    **SETTINGS,
    "model": ("relu-hidden", "ARENA: NeuronModel, ReLU(Wᵀ ReLU(Wx) + b), no hidden bias"),
    "steps": (10_000, "ARENA: steps=10_000"),
}
ABSOLUTE: Settings = {
    **SETTINGS,
    "model": ("two-layer", "ARENA: ReLU(W2 ReLU(W1 x) + b), untied, no hidden bias"),
    "amplitude": ("signed", "ARENA: 2 t.rand − 1"),
    "target": ("absolute", "ARENA: |x|"),
    "initialisation": (
        "kaiming-uniform-columns",
        "ARENA: kaiming_uniform_ on (instances, hidden, features) and (instances, features, "
        "hidden), so bound² = 6/(mn) for both; b = 0",
    ),
    "steps": (5000, "ARENA: its default"),
}


def _settings(experiment: str, n: int, m: int, instances: int, **own: Any) -> dict[str, Any]:
    """Return what every experiment states: sizes, instances, and its own settings."""
    return {
        "n_features": (n, f"ARENA {experiment}: n_features={n}"),
        "d_hidden": (m, f"ARENA {experiment}: d_hidden={m}"),
        "init_instances": (instances, f"ARENA {experiment}: n_inst={instances}"),
        "importance": (1.0, f"ARENA {experiment}: importance=1.0, its default"),
        "steps": (10_000, f"ARENA {experiment}: steps=10_000"),
        **own,
    }


RECIPES = (
    assemble(
        "arena-intro",
        "Five features in two dimensions",
        "1b (F1)",
        "Dense: the two most important, orthogonal, the rest zero; then antipodal pairs; sparse: a "
        "pentagon.",
        SETTINGS,
        **_settings(
            "1b",
            5,
            2,
            8,
            importance=(powers(0.9, 5), "ARENA 1b: 0.9^i, i from 0"),
            densities=(
                falling(50, 0, 1, 8),
                "ARENA 1b: 50^−linspace(0, 1, 8) (its caption says the last is 5 %; it is 2 %)",
            ),
            steps=(5000, "ARENA 1b: its default"),
        ),
    ),
    assemble(
        "arena-features",
        "A hundred features in twenty dimensions",
        "1d (F9, F10)",
        "Dense: 20 orthogonal, the rest deleted; sparser: more than 20 norms near 1, none "
        "orthogonal.",
        SETTINGS,
        **_settings(
            "1d",
            100,
            20,
            10,
            importance=(
                falling(100, 0, 1, 100),
                "ARENA 1d: 100^−linspace(0, 1, 100) (its title says 0.9^i)",
            ),
            densities=(falling(20, 0, 1, 10), "ARENA 1d: 20^−linspace(0, 1, 10)"),
        ),
    ),
    assemble(
        "arena-correlated",
        "Two correlated pairs in two dimensions",
        "1g (F20)",
        "Each pair is a local orthogonal basis; no antipodal features within a pair.",
        SETTINGS,
        **_settings(
            "1g",
            4,
            2,
            5,
            law=("correlated:0,1/2,3", "ARENA 1g: n_correlated_pairs=2, one draw turns on both"),
            densities=(falling(400, 0.5, 1, 5), "ARENA 1g: 400^−linspace(0.5, 1, 5)"),
        ),
    ),
    assemble(
        "arena-anticorrelated",
        "Two anticorrelated pairs in two dimensions",
        "1h (F21)",
        "Pairs are antipodal frequently, not always; the right pairing has zero loss.",
        SETTINGS,
        **_settings(
            "1h",
            4,
            2,
            5,
            law=(
                "exclusive:0,1/2,3",
                "ARENA 1h: first on if u ≤ p, second if 1 − u ≤ p: each marginal is p (the paper's "
                "rule would make it p/2)",
            ),
            densities=(falling(10, 0.5, 1, 5), "ARENA 1h: 10^−linspace(0.5, 1, 5)"),
        ),
    ),
    assemble(
        "arena-correlated-three",
        "Three correlated pairs in two dimensions",
        "1i (F22)",
        "Pairs lie side by side, sometimes collapsed onto one direction.",
        SETTINGS,
        **_settings(
            "1i",
            6,
            2,
            5,
            law=(
                "correlated:0,1/2,3/4,5",
                "ARENA 1i: n_correlated_pairs=3, one draw turns on both",
            ),
            densities=(
                falling(100, 0.5, 1, 5),
                "ARENA 1i: 100^−linspace(0.5, 1, 5) (its comment says 5 % to .25 %; it is 10 % to "
                "1 %)",
            ),
        ),
    ),
    assemble(
        "arena-privileged",
        "Ten features in five neurons",
        "2a (F31)",
        "Monosemantic, then mixed, then all polysemantic; pairs of neurons per feature at extreme "
        "sparsity are often not found.",
        NEURONS,
        **_settings(
            "2a",
            10,
            5,
            7,
            importance=(powers(0.75, 10, 1), "ARENA 2a: 0.75^i, i from 1"),
            densities=((0.75, 0.35, 0.15, 0.1, 0.06, 0.02, 0.01), "ARENA 2a: feature_probability"),
        ),
    ),
    assemble(
        "arena-absolute",
        "Absolute values of a hundred features by forty neurons",
        "2c (F34)",
        "Monosemantic pairs ReLU(x), ReLU(−x) when dense, polysemantic neurons when sparse.",
        ABSOLUTE,
        **_settings(
            "2c",
            100,
            40,
            7,
            importance=(
                powers(0.8, 100, 1),
                "ARENA 2c: 0.8^i, i from 1 (its title says 0.75^i)",
            ),
            densities=((1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001), "ARENA 2c: feature_probability"),
            steps=ABSOLUTE["steps"],
        ),
    ),
    assemble(
        "arena-absolute-small",
        "Absolute values of twenty features by ten neurons",
        "2d (F34)",
        "W1: antipodal neuron pairs for each feature; W2 positive for both.",
        ABSOLUTE,
        **_settings(
            "2d",
            20,
            10,
            6,
            importance=(powers(0.8, 20, 1), "ARENA 2d: 0.8^i, i from 1"),
            densities=((0.5,), "ARENA 2d: feature_probability = 0.5"),
            starts=(6, "ARENA 2d: all 6 instances have the same density"),
            steps=ABSOLUTE["steps"],
        ),
    ),
    assemble(
        "arena-asymmetric",
        "The asymmetric superposition motif",
        "2e (F36)",
        "Some models: one neuron serves two features with unequal weights, another corrects it; "
        "others: plain pairs.",
        ABSOLUTE,
        **_settings(
            "2e",
            10,
            10,
            6,
            importance=(powers(0.8, 10, 1), "ARENA 2e: 0.8^i, i from 1"),
            densities=((0.35,), "ARENA 2e: feature_probability = 0.35"),
            starts=(6, "ARENA 2e: all 6 instances have the same density"),
            steps=ABSOLUTE["steps"],
        ),
    ),
    assemble(
        "arena-geometry",
        "Two hundred equal features in twenty dimensions",
        "3a (F14, F15)",
        "Dimensions per feature are sticky at 1 and 1/2; per feature, points cluster on 1/2, 2/3, "
        "2/5, 3/4, 3/8, 3/20.",
        SETTINGS,
        **_settings(
            "3a",
            200,
            20,
            20,
            densities=(falling(20, 0, 1, 20), "ARENA 3a: 20^−linspace(0, 1, 20)"),
        ),
    ),
    assemble(
        "arena-sae-base",
        "The model whose hidden states sparse autoencoders are trained on",
        "5",
        "Five equal, sparse features; ARENA shows its hidden states and goes on to autoencoders.",
        SETTINGS,
        **_settings(
            "5",
            5,
            2,
            16,
            densities=((0.025,), "ARENA 5: feature_probability = 0.025"),
            starts=(16, "ARENA 5: 16 instances (it then keeps the first alone)"),
            steps=(5000, "ARENA 5: its default"),
        ),
    ),
)
