"""A run as a value: what it refuses, and what its keys tell apart."""

from dataclasses import fields, replace

import pytest

from numerics.training.specs import Run, RunSpec
from tests.numerics.training.support import run_of, spec_of


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "relu"}, "model 'relu' is not known; use one of linear, relu-output"),
        ({"optimizer": "adagrad"}, "optimizer 'adagrad' is not known"),
        ({"schedule": "step"}, "schedule 'step' is not known"),
        ({"initialisation": "zeros"}, "initialisation 'zeros' is not known"),
        ({"steps": -1}, "steps -1 is no whole number of at least 0"),
        ({"steps": 10.5}, "steps 10.5 is no whole number"),
        ({"steps": True}, "steps True is no whole number"),
        ({"batch_size": 0}, "batch_size 0 is no whole number of at least 1"),
        ({"learning_rate": float("nan")}, r"learning_rate nan is outside \[0.0, 1000.0\]"),
        ({"learning_rate": "fast"}, "learning_rate 'fast' is no number"),
        ({"learning_rate": True}, "learning_rate True is no number"),
        ({"beta_1": 1.0}, "beta_1 1.0 is outside"),
        ({"warm_up": 251}, "warm_up 251 is above steps 250"),
        ({"d_hidden": 6}, "n_features 5 is below d_hidden 6"),
        ({"target": "square"}, "target 'square' needs model two-layer"),
        ({"model": "two-layer", "target": "max-of-pairs"}, "needs an even number of features"),
        ({"importance": (1.0,) * 4}, "importance has 4 entries for 5 outputs"),
        ({"importance": (1.0,) * 4 + (-1.0,)}, "none negative"),
        ({"importance": (0.0,) * 5}, "one positive"),
        ({"density": (0.3,) * 4}, "density has 4 entries for 5 features"),
        ({"density": (1.3,) * 5}, r"density 1.3 is outside \(0, 1\]"),
        ({"density": (0.0,) * 5}, r"outside \(0, 1\]"),
        ({"density": (1e-40,) * 5}, "density 1e-40 is too far from 1"),
        ({"importance": (1e40,) * 5}, "importance 1e.40 is too far from 1"),
        ({"law": "exclusive:0,1,2,3"}, "above 1"),
        ({"law": "correlated:0,9"}, "names feature 9 of 5"),
        ({"law": "one-hot"}, "takes no density"),
        ({"objective": "exact", "model": "relu-hidden"}, "use objective sampled"),
        ({"objective": "exact", "amplitude": "normal"}, "use objective sampled"),
        ({"objective": "exact", "law": "exactly:2", "density": ()}, "use objective sampled"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(changes, message):
    base = {"density": (0.3,) * 5, "importance": (1.0,) * 5}
    if changes.get("law") == "exclusive:0,1,2,3":
        base["density"] = (0.5,) * 5
    with pytest.raises((ValueError, TypeError), match=message):
        spec_of(5, 2, **{**base, **changes})


def test_a_spec_goes_through_its_dictionary():
    spec = spec_of(6, 3, model="two-layer", target="max-of-pairs", law="correlated:0,1")
    assert RunSpec.from_dict(spec.to_dict()) == spec
    with pytest.raises(ValueError, match="'learningrate' is no field of a run"):
        RunSpec.from_dict({**spec.to_dict(), "learningrate": 1})


CHANGES = {
    "model": "linear",
    "n_features": None,
    "d_hidden": 3,
    "density": (0.2,) * 6,
    "importance": (1.0,) * 6,
    "law": "correlated:0,1",
    "amplitude": "signed",
    "target": None,
    "initialisation": "normal",
    "init_instances": 2,
    "init_scale": 2.0,
    "optimizer": "adam",
    "learning_rate": 0.5,
    "schedule": "linear",
    "warm_up": 5,
    "weight_decay": 0.5,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "epsilon": 0.5,
    "momentum": 0.5,
    "reduction": "sum",
    "objective": "exact",
    "batch_size": 5,
    "steps": 5,
}


def test_every_field_changes_the_key():
    assert set(CHANGES) == {field.name for field in fields(RunSpec)}
    spec = spec_of(6, 2)
    changed = [replace(spec, **{k: v}) for k, v in CHANGES.items() if v is not None]
    two = spec_of(6, 2, model="two-layer")
    specs = [spec, *changed, spec_of(7, 2), two, replace(two, target="square")]
    keys = {Run(one).key for one in specs}
    assert len(keys) == len(specs)
    assert len({Run(spec, 0, 0).key, Run(spec, 1, 0).key, Run(spec, 0, 1).key}) == 3


def test_a_key_is_the_same_in_every_process():
    assert run_of(2, 1, 3, 4).key == run_of(2, 1, 3, 4).key
    assert len(run_of().key) == 32
