"""Recipes against constants typed from the publications, not read from the recipes.

arXiv 2209.10652 v1 (the paper), anthropics/toy-models-of-superposition (the notebook), ARENA
exercise set 1.5.4 (its solutions), keltin13/toy-models-of-superposition (a replication).
"""

from dataclasses import fields
from math import sqrt

import pytest

from numerics.recipes import find
from numerics.training.initialisations import bound, standard_deviation
from numerics.training.specs import RunSpec

SEVEN = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]


def geometric(first, last, count):
    """Numbers of equal ratio, without a power of the published base."""
    ratio = (last / first) ** (1 / (count - 1))
    return [first * ratio**k for k in range(count)]


# name: features, hidden, densities (one number for all features), importance
PUBLISHED = {
    "notebook-intro": (5, 2, geometric(1, 1 / 20, 10), [1, 0.9, 0.81, 0.729, 0.6561]),
    "notebook-features": (100, 20, geometric(1, 1 / 20, 20), geometric(1, 1 / 100, 100)),
    "notebook-geometry": (200, 20, geometric(1, 1 / 20, 20), [1] * 200),
    "arena-intro": (5, 2, geometric(1, 1 / 50, 8), [1, 0.9, 0.81, 0.729, 0.6561]),
    "arena-features": (100, 20, geometric(1, 1 / 20, 10), geometric(1, 1 / 100, 100)),
    "arena-correlated": (4, 2, geometric(1 / 20, 1 / 400, 5), [1] * 4),
    "arena-anticorrelated": (4, 2, geometric(1 / sqrt(10), 1 / 10, 5), [1] * 4),
    "arena-correlated-three": (6, 2, geometric(1 / 10, 1 / 100, 5), [1] * 6),
    "arena-privileged": (
        10,
        5,
        [0.75, 0.35, 0.15, 0.10, 0.06, 0.02, 0.01],
        [0.75 * 0.75**i for i in range(10)],
    ),
    "arena-absolute": (100, 40, SEVEN, [0.8 * 0.8**i for i in range(100)]),
    "arena-absolute-small": (20, 10, [0.5], [0.8 * 0.8**i for i in range(20)]),
    "arena-asymmetric": (10, 10, [0.35], [0.8 * 0.8**i for i in range(10)]),
    "arena-geometry": (200, 20, geometric(1, 1 / 20, 20), [1] * 200),
    "arena-sae-base": (5, 2, [0.025], [1] * 5),
    "paper-intro": (5, 2, [1, 0.2, 0.1], [1, 0.9, 0.81, 0.729, 0.6561]),
    "paper-basic": (20, 5, SEVEN, [0.7**i for i in range(20)]),
    "paper-basic-linear": (20, 5, [0.001], [0.7**i for i in range(20)]),
    "paper-basic-80": (80, 20, SEVEN, [0.9**i for i in range(80)]),
    "paper-basic-80-linear": (80, 20, [0.001], [0.9**i for i in range(80)]),
    "paper-phase-2-1": (2, 1, geometric(1, 0.01, 9), [1, 1]),
    "paper-phase-3-2": (3, 2, geometric(1, 0.01, 9), [1, 1, 1]),
    "paper-geometry": (400, 30, geometric(1, 0.1, 20), [1] * 400),
    "paper-correlated": (4, 2, geometric(1 / 20, 1 / 400, 5), [1] * 4),
    "paper-anticorrelated": (4, 2, geometric(2 / sqrt(10), 2 / 10, 5), [1] * 4),
    "paper-correlated-three": (6, 2, geometric(1 / 10, 1 / 100, 5), [1] * 6),
    "paper-local-bases": (20, 10, [0.01], [1] * 20),
    "paper-pca-collapse": (6, 2, [0.75, 0.35, 0.175, 0.1, 0.01], [1] * 6),
    "paper-energy-levels": (100, 10, [0.45], [1] * 100),
    "paper-trajectories": (6, 3, [0.01], [1] * 6),
    "paper-hidden-linear": (10, 5, [1, 0.3, 0.1], [0.7**i for i in range(10)]),
    "paper-hidden-relu": (10, 5, [1, 0.3, 0.1], [0.7**i for i in range(10)]),
    "paper-privileged": (
        10,
        5,
        [0.75, 0.35, 0.15, 0.12, 0.06, 0.02],
        [0.75**i for i in range(10)],
    ),
    "paper-absolute-small": (3, 6, [1], [1] * 3),
    "paper-absolute": (100, 40, SEVEN, [0.8**i for i in range(100)]),
    "paper-asymmetric": (6, 10, [0.2], [0.7**i for i in range(6)]),
}
NOTEBOOK = {
    "model": "relu-output",
    "law": "independent",
    "amplitude": "uniform",
    "target": "identity",
    "initialisation": "xavier-normal-rows",
    "init_scale": 1.0,
    "optimizer": "adamw",
    "learning_rate": 0.001,
    "schedule": "constant",
    "warm_up": 0,
    "weight_decay": 0.01,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "momentum": 0.0,
    "reduction": "mean",
    "objective": "sampled",
    "batch_size": 1024,
    "steps": 10_000,
}
ARENA = {
    **NOTEBOOK,
    "initialisation": "xavier-normal-columns",
    "optimizer": "adam",
    "weight_decay": 0.0,
}
ABSOLUTE = {
    **ARENA,
    "model": "two-layer",
    "amplitude": "signed",
    "target": "absolute",
    "initialisation": "kaiming-uniform-columns",
    "steps": 5000,
}
ALONE = {"reduction": "sum", "init_instances": 1}
TEN = "0,1,2,3,4,5,6,7,8,9/10,11,12,13,14,15,16,17,18,19"
CONSTANTS = {
    "notebook-intro": {**NOTEBOOK, "init_instances": 10},
    "notebook-features": {**NOTEBOOK, "init_instances": 20},
    "notebook-geometry": {**NOTEBOOK, "init_instances": 20},
    "arena-intro": {**ARENA, "init_instances": 8, "steps": 5000},
    "arena-features": {**ARENA, "init_instances": 10},
    "arena-correlated": {**ARENA, "init_instances": 5, "law": "correlated:0,1/2,3"},
    "arena-anticorrelated": {**ARENA, "init_instances": 5, "law": "exclusive:0,1/2,3"},
    "arena-correlated-three": {**ARENA, "init_instances": 5, "law": "correlated:0,1/2,3/4,5"},
    "arena-privileged": {**ARENA, "init_instances": 7, "model": "relu-hidden"},
    "arena-absolute": {**ABSOLUTE, "init_instances": 7},
    "arena-absolute-small": {**ABSOLUTE, "init_instances": 6},
    "arena-asymmetric": {**ABSOLUTE, "init_instances": 6},
    "arena-geometry": {**ARENA, "init_instances": 20},
    "arena-sae-base": {**ARENA, "init_instances": 16, "steps": 5000},
    "paper-intro": {**NOTEBOOK, **ALONE},
    "paper-basic": {**NOTEBOOK, **ALONE},
    "paper-basic-linear": {**NOTEBOOK, **ALONE, "model": "linear"},
    "paper-basic-80": {**NOTEBOOK, **ALONE},
    "paper-basic-80-linear": {**NOTEBOOK, **ALONE, "model": "linear"},
    "paper-phase-2-1": {**NOTEBOOK, **ALONE},
    "paper-phase-3-2": {**NOTEBOOK, **ALONE},
    "paper-geometry": {**NOTEBOOK, **ALONE},
    "paper-varied-density": {**NOTEBOOK, **ALONE},
    "paper-correlated": {**NOTEBOOK, **ALONE, "law": "correlated:0,1/2,3"},
    "paper-anticorrelated": {**NOTEBOOK, **ALONE, "law": "anticorrelated:0,1/2,3"},
    "paper-correlated-three": {**NOTEBOOK, **ALONE, "law": "correlated:0,1/2,3/4,5"},
    "paper-local-bases": {**NOTEBOOK, **ALONE, "law": f"correlated:{TEN}"},
    "paper-pca-collapse": {**NOTEBOOK, **ALONE, "law": "correlated:0,1/2,3/4,5"},
    "paper-energy-levels": {**NOTEBOOK, **ALONE, "init_scale": 0.1},
    "paper-trajectories": {**NOTEBOOK, **ALONE, "law": "correlated:0,1,2/3,4,5"},
    "paper-hidden-linear": {**ARENA, **ALONE},
    "paper-hidden-relu": {**ARENA, **ALONE, "model": "relu-hidden"},
    "paper-privileged": {**ARENA, **ALONE, "model": "relu-hidden"},
    "paper-absolute-small": {**ABSOLUTE, **ALONE},
    "paper-absolute": {**ABSOLUTE, **ALONE},
    "paper-asymmetric": {**ABSOLUTE, **ALONE},
}
STARTS = {
    "paper-phase-2-1": 10,
    "paper-phase-3-2": 10,
    "paper-varied-density": 10,
    "paper-privileged": 1000,
    "arena-absolute-small": 6,
    "arena-asymmetric": 6,
    "arena-sae-base": 16,
}
PAPERS_OWN = ("law", "amplitude", "target", "model", "reduction", "n_features", "d_hidden")


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_densities_and_importances_are_the_published_ones(name):
    n, m, densities, importance = PUBLISHED[name]
    recipe = find(name)
    assert (recipe.spec.n_features, recipe.spec.d_hidden) == (n, m)
    assert [len(set(density)) for density in recipe.densities] == [1] * len(densities)
    assert [density[0] for density in recipe.densities] == pytest.approx(densities, rel=1e-12)
    assert recipe.spec.importance == pytest.approx(importance, rel=1e-12)
    assert recipe.spec.density == recipe.densities[0]


@pytest.mark.parametrize("name", CONSTANTS)
def test_every_other_constant_is_the_published_one(name):
    recipe = find(name)
    assert {field: getattr(recipe.spec, field) for field in CONSTANTS[name]} == CONSTANTS[name]
    assert recipe.starts == STARTS.get(name, 1)


def test_the_expectations_cover_every_field_of_a_run():
    vectors = {"n_features", "d_hidden", "density", "importance"}
    for constants in CONSTANTS.values():
        assert {*constants, *vectors} == {field.name for field in fields(RunSpec)}


def test_the_varied_density_runs_from_a_tenth_to_ten_times_that_of_the_other_four():
    recipe = find("paper-varied-density")
    assert (recipe.spec.n_features, recipe.spec.d_hidden) == (5, 2)
    assert recipe.spec.importance == (1.0,) * 5
    assert {density[:4] for density in recipe.densities} == {(0.05,) * 4}
    varied = [density[4] / 0.05 for density in recipe.densities]
    assert varied == pytest.approx(geometric(0.1, 10, 21))


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("notebook-intro", 0.258),
        ("notebook-features", 0.0289),
        ("notebook-geometry", 0.0213),
        ("arena-intro", 0.200),
        ("arena-features", sqrt(2 / (100 * 30))),
        ("arena-sae-base", sqrt(2 / (5 * 18))),
    ],
)
def test_first_weights_have_the_scale_of_the_published_tensor(name, published):
    # Published to three digits.
    assert standard_deviation(find(name).spec)["W"] == pytest.approx(published, rel=3e-3)


def test_the_first_weights_of_arenas_absolute_values_are_within_its_bound():
    assert bound(find("arena-absolute").spec) == pytest.approx(
        {"W_in": 0.039, "W_out": 0.039}, abs=5e-4
    )


def test_papers_and_arenas_rules_of_anticorrelation_have_the_same_marginals_here():
    """The paper's density is that of the set, ARENA's that of each member."""
    paper, arena = find("paper-anticorrelated"), find("arena-anticorrelated")
    for ours, theirs in zip(paper.densities, arena.densities, strict=True):
        assert paper.spec.data.marginals(ours, 4) == pytest.approx(theirs)
        assert arena.spec.data.marginals(theirs, 4) == pytest.approx(theirs)


@pytest.mark.parametrize("name", [name for name in CONSTANTS if name.startswith("paper-")])
def test_no_constant_of_training_is_said_to_be_the_papers(name):
    sources = find(name).sources
    for field in NOTEBOOK:
        if field not in PAPERS_OWN:
            assert sources[field].startswith("paper silent; "), field
    for field in ("law", "amplitude", "target", "model", "reduction"):
        assert sources[field].startswith("paper: ") or sources[field].startswith("paper, "), field


@pytest.mark.parametrize(
    ("name", "field", "told"),
    [
        ("arena-features", "importance", "its title says 0.9^i"),
        ("arena-absolute", "importance", "its title says 0.75^i"),
        ("arena-intro", "densities", "its caption says the last is 5 %; it is 2 %"),
        ("arena-correlated-three", "densities", "its comment says 5 % to .25 %"),
        ("notebook-intro", "importance", "its comment 'from 1 to 1/100' is wrong"),
    ],
)
def test_where_a_text_contradicts_its_code_the_source_says_so(name, field, told):
    assert told in find(name).sources[field]
