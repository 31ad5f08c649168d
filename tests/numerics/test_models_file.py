"""Model files: what is stored comes back, and what cannot be used is refused with its path."""

import re

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from numerics.models_file import load_model, save_model

W = torch.tensor([[1.0, -0.7, 0.1], [0.3, 1 / 3, -1.0]], dtype=torch.float64)
B = torch.tensor([0.0, 0.1, -0.2], dtype=torch.float64)


def stored(path, **tensors):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


def test_a_saved_model_comes_back_bitwise(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, W.numpy(), B.numpy())
    model = load_model(path)
    assert model.W.dtype == model.b.dtype == np.float64
    assert np.array_equal(model.W, W)
    assert np.array_equal(model.b, B)


def test_a_transposed_view_is_saved_as_it_reads(tmp_path):
    square = np.arange(4.0).reshape(2, 2)
    save_model(tmp_path / "m.safetensors", square.T, np.zeros(2))
    assert np.array_equal(load_model(tmp_path / "m.safetensors").W, square.T)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_narrow_floats_are_upcast_exactly(tmp_path, dtype):
    model = load_model(stored(tmp_path / "m.safetensors", W=W.to(dtype), b=B.to(dtype)))
    assert np.array_equal(model.W, W.to(dtype).double())
    assert np.array_equal(model.b, B.to(dtype).double())


def test_one_of_several_instances_is_chosen(tmp_path):
    path = tmp_path / "several.safetensors"
    save_model(path, torch.stack([W, 2 * W]).numpy(), torch.stack([B, 3 * B]).numpy())
    for k in (0, 1):
        model = load_model(path, k)
        assert np.array_equal(model.W, (k + 1) * W)
        assert np.array_equal(model.b, (2 * k + 1) * B)
    with pytest.raises(ValueError, match="2 instances"):
        load_model(path)
    for k in (2, -1):
        with pytest.raises(ValueError, match=f"instance {k} "):
            load_model(path, k)


def test_a_single_instance_needs_no_choice(tmp_path):
    path = tmp_path / "one.safetensors"
    save_model(path, W[None].numpy(), B[None].numpy())
    assert np.array_equal(load_model(path).W, W)
    save_model(path, W.numpy(), B.numpy())
    assert np.array_equal(load_model(path, 0).W, W)
    with pytest.raises(ValueError, match="instance 1"):
        load_model(path, 1)


@pytest.mark.parametrize(
    ("tensors", "named"),
    [
        ({"W": W}, r"lacks \['b'\]"),
        ({"weight": W, "bias": B}, r"\['bias', 'weight'\]"),
        ({"W": W, "b": B[:2]}, r"\(2, 3\).*\(2,\)"),
        ({"W": W[0], "b": B}, r"\(3,\)"),
        ({"W": W, "b": B[:, None]}, r"\(3, 1\)"),
        ({"W": W.T, "b": B[:2]}, "transpose"),
        ({"W": W[:0], "b": B}, r"\(0, 3\)"),
        ({"W": W * float("nan"), "b": B}, "nan"),
        ({"W": W, "b": B * float("inf")}, "inf"),
        ({"W": W[None, None], "b": B}, r"\(1, 1, 2, 3\)"),
    ],
)
def test_unusable_tensors_are_refused_with_path_and_reason(tmp_path, tensors, named):
    path = stored(tmp_path / "bad.safetensors", **tensors)
    with pytest.raises(ValueError, match=named) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"not a model", b"\xff" * 64, b"\x08" + b"\0" * 7 + b"{}"]
)
def test_a_file_of_another_kind_is_refused_with_its_path(tmp_path, content):
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path))):
        load_model(path)


def test_a_truncated_file_is_refused_with_its_path(tmp_path):
    path = stored(tmp_path / "cut.safetensors", W=W, b=B)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=re.escape(str(path))):
        load_model(path)


def test_a_missing_file_and_a_folder_are_refused_with_their_path(tmp_path):
    for path in (tmp_path / "nowhere.safetensors", tmp_path):
        with pytest.raises(ValueError, match=re.escape(str(path))):
            load_model(path)
