"""F27 and F28 draw what the datasets hold."""

import json

import numpy as np
import pytest
import xarray as xr

from figures import adversarial
from numerics.experiments.adversarial.shapes import SHAPES


def vulnerability():
    rng = np.random.default_rng(0)
    density = np.array([1.0, 0.3, 0.1])
    one, many, inputs = ("density",), ("density", "start"), ("density", "input")
    variables = {
        name: (one, 1 + rng.random(3))
        for name in (
            "spectral_bound",
            "predicted_vulnerability",
            "predicted_features_per_dimension",
        )
    }
    variables |= {
        name: (many, 1 + rng.random((3, 2)))
        for name in ("fixed_analytic", "features_per_dimension")
    }
    variables |= {
        f"input_{name}": (inputs, rng.random((3, 4)))
        for name in ("analytic", "gradient", "found", "bound", "off", "masked")
    }
    variables |= {
        name: (("shape", "density"), 1 + rng.random((len(SHAPES), 3)))
        for name in ("shape_vulnerability", "shape_features_per_dimension")
    }
    correlations = {
        "correlation_near": 0.5,
        "correlation_near_error": 0.1,
        "correlation_all": None,
        "correlation_all_error": None,
    }
    return xr.Dataset(
        variables,
        coords={"density": density, "start": [0, 1], "shape": list(SHAPES)},
        attrs={
            "quality": "draft",
            "constants": json.dumps({"features": {"value": 8}, "hidden": {"value": 2}}),
            "measurements": json.dumps(correlations),
        },
    )


def training():
    rng = np.random.default_rng(1)
    dims = ("density", "start", "strength", "reading")
    names = ("features_per_dimension", "held_per_dimension", "dimensionality", "loss_share")
    return xr.Dataset(
        {name: (dims, 0.5 + rng.random((2, 1, 3, 2))) for name in names}
        | {"status": (dims, np.full((2, 1, 3, 2), "done"))},
        coords={
            "density": [0.3, 0.1],
            "start": [0],
            "strength": [0.0, 0.5, 1.0],
            "reading": ["mean", "input"],
        },
        attrs={
            "quality": "draft",
            "constants": json.dumps({"steps": {"value": 5}}),
            "measurements": json.dumps({"pair_pays_until": [0.9, None]}),
        },
    )


@pytest.fixture
def data():
    return {"adversarial_vulnerability": vulnerability(), "adversarial_training": training()}


def lines(ax):
    return [line.get_ydata() for line in ax.get_lines()]


def test_f27_draws_means_of_models_and_of_inputs(data):
    left, middle, right = adversarial.draw_f27(data).axes
    d = data["adversarial_vulnerability"]
    for name in ("fixed_analytic", "features_per_dimension"):
        assert any(np.array_equal(y, d[name].mean("start")) for y in lines(left))
    assert any(np.array_equal(y, d.input_found.mean("input")) for y in lines(middle))
    assert any(np.allclose(y, (1 - d.density.values) ** 8) for y in lines(right))
    assert "vulnerability" in left.get_legend().get_texts()[0].get_text()


def test_f28_draws_every_model_and_says_the_correlation(data):
    scatter, middle, right, _ = adversarial.draw_f28(data).axes
    d = data["adversarial_vulnerability"]
    points = scatter.collections[0].get_offsets()
    assert np.allclose(points[:, 0], d.features_per_dimension.values.ravel())
    assert np.allclose(points[:, 1], d.fixed_analytic.values.ravel())
    assert "r = 0.50 ± 0.10" in scatter.texts[-1].get_text()
    hardened = data["adversarial_training"]
    for reading in ("mean", "input"):
        values = hardened.features_per_dimension.sel(reading=reading).values[1, 0]
        assert any(np.array_equal(y, values) for y in lines(middle))
    assert any(np.array_equal(line.get_xdata(), [0.9, 0.9]) for line in middle.get_lines())
    mean = hardened.dimensionality.sel(reading="mean").values[0, 0]
    assert any(np.array_equal(y, mean) for y in lines(right))
