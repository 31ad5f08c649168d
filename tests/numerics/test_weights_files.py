"""Weights in three conventions: every bit survives, and the wrong convention is refused."""

import pickle
import re

import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from numerics.conversion import convert_weights
from numerics.models_file import load_model
from numerics.weights_files import CONVENTIONS, layouts_of, load_weights, save_weights

TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
W = torch.tensor([[1.0, -0.7, 0.1], [0.3, 1 / 3, -1.0]])  # (m, n) = (2, 3)
B = torch.tensor([0.0, 0.1, -0.2])
IN, OUT = torch.arange(12.0).reshape(4, 3), torch.arange(20.0).reshape(5, 4)
SQUARE = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])


def any_bits(shape, dtype, seed):
    """Return a tensor with random bits, among them nan with payloads and numbers below normal."""
    generator = torch.Generator().manual_seed(seed)
    count = torch.Size(shape).numel() * dtype.itemsize
    return (
        torch.randint(256, (count,), generator=generator, dtype=torch.uint8)
        .view(dtype)
        .reshape(shape)
    )


def bits(tensor):
    return tensor.contiguous().flatten().view(torch.uint8)


def same(one, other):
    """Tell whether two sets of tensors agree in names, types, shapes and bits."""
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype
        and one[k].shape == other[k].shape
        and torch.equal(bits(one[k]), bits(other[k]))
        for k in one
    )


def stored(path, **tensors):
    save_file(
        {
            name: tensor.clone(memory_format=torch.contiguous_format)
            for name, tensor in tensors.items()
        },
        path,
    )
    return path


@st.composite
def weights(draw, two_layers):
    m, n, o = (draw(st.integers(1, 5)) for _ in range(3))
    lead = draw(st.sampled_from([(), (1,), (3,)]))
    shapes = {"W": (m, n), "b": (n,)}
    if two_layers:
        o = n if draw(st.booleans()) else o
        shapes = {"W_in": (m, n), "W_out": (o, m), "b": (o,)}
    return {
        name: any_bits((*lead, *shape), draw(st.sampled_from(TYPES)), draw(st.integers(0, 999)))
        for name, shape in shapes.items()
    }


@given(tensors=weights(two_layers=False), convention=st.sampled_from(CONVENTIONS))
def test_a_model_comes_back_bit_for_bit_from_any_convention(tmp_path_factory, tensors, convention):
    folder = tmp_path_factory.mktemp("w")
    save_weights(folder / "there", tensors, convention)
    back = load_weights(folder / "there", convention)
    alone = tensors["b"].ndim == 1
    if alone and convention != "antipode":
        assert back.instances == 1
        back = load_weights(folder / "there", convention, 0)
    assert same(back.tensors, tensors)
    assert back.instances == (None if alone else len(tensors["b"]))
    assert back.ignored == ()


@given(tensors=weights(two_layers=True), convention=st.sampled_from(["arena", "antipode"]))
def test_a_two_layer_net_comes_back_bit_for_bit(tmp_path_factory, tensors, convention):
    path = tmp_path_factory.mktemp("w") / "there"
    if convention == "arena" and tensors["W_out"].shape[-2] != tensors["W_in"].shape[-1]:
        with pytest.raises(ValueError, match="as many outputs as features"):
            save_weights(path, tensors, convention)
        return
    save_weights(path, tensors, convention)
    alone = tensors["b"].ndim == 1 and convention == "arena"
    assert same(load_weights(path, convention, 0 if alone else None).tensors, tensors)


@pytest.mark.parametrize("first", CONVENTIONS)
@pytest.mark.parametrize("second", CONVENTIONS)
@pytest.mark.parametrize("dtype", TYPES)
def test_there_and_back_leaves_the_same_file(tmp_path, first, second, dtype):
    tensors = {"W": any_bits((4, 2, 3), dtype, 1), "b": any_bits((4, 3), dtype, 2)}
    save_weights(tmp_path / "a", tensors, first)
    convert_weights(tmp_path / "a", tmp_path / "b", origin=first, target=second)
    convert_weights(tmp_path / "b", tmp_path / "c", origin=second, target=first)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "c").read_bytes()


def test_each_convention_has_its_names_and_axes(tmp_path):
    path = tmp_path / "w"
    save_weights(path, {"W": W, "b": B}, "anthropic")
    assert same(load_file(path), {"W": W.T[None], "b_final": B[None]})
    save_weights(path, {"W": W, "b": B}, "arena")
    assert same(load_file(path), {"W": W[None], "b_final": B[None]})
    save_weights(path, {"W": W, "b": B}, "antipode")
    assert same(load_file(path), {"W": W, "b": B})
    net = {"W_in": IN, "W_out": OUT[:3], "b": B}
    save_weights(path, net, "arena")
    assert same(load_file(path), {"W1": IN[None], "W2": OUT[None, :3], "b_final": B[None]})
    save_weights(path, net, "antipode")
    assert same(load_file(path), net)


def test_parameters_and_tensors_that_share_memory_are_written(tmp_path):
    shared = torch.nn.Parameter(IN)
    save_weights(tmp_path / "w", {"W_in": shared, "W_out": shared.mT, "b": shared[0]}, "arena")
    found = load_weights(tmp_path / "w", "arena", 0)
    assert same(found.tensors, {"W_in": IN, "W_out": IN.T, "b": IN[0]})


@pytest.mark.parametrize(
    ("convention", "tensors"),
    [("anthropic", {"W": W.T, "b_final": B}), ("arena", {"W": W, "b_final": B})],
)
def test_a_single_model_may_be_given_without_the_axis_of_instances(tmp_path, convention, tensors):
    found = load_weights(stored(tmp_path / "w", **tensors), convention)
    assert same(found.tensors, {"W": W, "b": B})
    assert found.instances is None


def test_one_instance_is_chosen(tmp_path):
    path = stored(tmp_path / "w", W=torch.stack([W.T, 2 * W.T]), b_final=torch.stack([B, 3 * B]))
    for k in (0, 1):
        found = load_weights(path, "anthropic", k)
        assert same(found.tensors, {"W": (k + 1) * W, "b": (2 * k + 1) * B})
    for k in (2, -1):
        with pytest.raises(ValueError, match=f"instance {k} .* it holds 2"):
            load_weights(path, "anthropic", k)
    alone = stored(tmp_path / "alone", W=W, b=B)
    assert same(load_weights(alone, "antipode", 0).tensors, {"W": W, "b": B})
    with pytest.raises(ValueError, match=r"instance 1 .* one model"):
        load_weights(alone, "antipode", 1)


def test_what_is_no_weight_is_ignored_and_named(tmp_path):
    extra = {"importance": torch.ones(1, 3), "feature_probability": torch.ones(1, dtype=torch.int8)}
    found = load_weights(stored(tmp_path / "w", W=W, b_final=B, **extra), "arena")
    assert found.ignored == ("feature_probability", "importance")
    assert same(found.tensors, {"W": W, "b": B})


@pytest.mark.parametrize(
    ("tensors", "asked", "right"),
    [
        ({"W": W.T, "b_final": B}, "arena", "anthropic"),
        ({"W": W, "b_final": B}, "anthropic", "arena"),
        ({"W": W[None].mT, "b_final": B[None]}, "arena", "anthropic"),
        ({"W": W, "b_final": B}, "antipode", "arena"),
        ({"W": W, "b": B}, "arena", "antipode"),
        ({"W": W, "b": B}, "anthropic", "antipode"),
        ({"W1": IN, "W2": IN.T, "b_final": B}, "antipode", "arena"),
        ({"W1": IN, "W2": IN.T, "b_final": B}, "anthropic", "arena"),
        ({"W_in": IN, "W_out": OUT, "b": torch.ones(5)}, "arena", "antipode"),
        ({"W": SQUARE, "b_final": B}, "antipode", "anthropic or --from arena"),
    ],
)
def test_the_wrong_convention_is_refused_and_the_right_one_named(tmp_path, tensors, asked, right):
    path = stored(tmp_path / "w", **tensors)
    with pytest.raises(ValueError, match=f"that fits --from {right}$") as caught:
        load_weights(path, asked)
    assert str(path) in str(caught.value)
    for convention in right.split(" or --from "):
        assert load_weights(path, convention).tensors


def test_square_weights_are_read_as_told(tmp_path):
    path = stored(tmp_path / "w", W=SQUARE, b_final=B)
    assert same(load_weights(path, "anthropic").tensors, {"W": SQUARE.T, "b": B})
    assert same(load_weights(path, "arena").tensors, {"W": SQUARE, "b": B})
    assert [layout.convention for layout in layouts_of(path)] == ["anthropic", "arena"]


@pytest.mark.parametrize(
    ("tensors", "named"),
    [
        ({"W": W}, r"lacks \['b_final'\]"),
        ({"b_final": B}, r"lacks \['W'\]"),
        ({"W1": IN, "b_final": B}, r"\['W1', 'b_final'\]"),
        ({"model.W": W, "model.b_final": B}, r"\['model.W', 'model.b_final'\]"),
        ({"W": W, "b_final": B, "b": B}, r"\['b'\] belong to another model"),
        ({"W": W, "W2": W, "b_final": B}, r"\['W2'\] belong to another model"),
        ({"W": W, "b_final": B[:1]}, r"\(2, 3\).*\(1,\)"),
        ({"W": W[None], "b_final": B}, r"\(1, 2, 3\).*\(3,\)"),
        ({"W": torch.stack([W, W]), "b_final": B[None]}, r"\(2, 2, 3\).*\(1, 3\)"),
        ({"W": W[None, None], "b_final": B[None, None]}, r"\(1, 1, 2, 3\)"),
        ({"W": W[:0], "b_final": B}, r"\(0, 3\)"),
        ({"W1": IN, "W2": OUT, "b_final": torch.ones(5)}, r"\(4, 3\).*\(5, 4\)"),
        ({"W1": IN, "W2": IN, "b_final": B}, r"\(4, 3\).*\(4, 3\)"),
        ({"W": W, "b_final": B.int()}, "torch.int32; store real floats"),
        ({"W": W.cfloat(), "b_final": B}, "torch.complex64; store real floats"),
    ],
)
def test_tensors_of_no_model_are_refused_with_path_and_reason(tmp_path, tensors, named):
    path = stored(tmp_path / "bad.safetensors", **tensors)
    with pytest.raises(ValueError, match=named) as caught:
        load_weights(path, "arena")
    assert str(path) in str(caught.value)
    assert "--from" not in str(caught.value)


@pytest.mark.parametrize(
    ("tensors", "named"),
    [
        ({"W": W, "b": B[:2]}, r"\(2, 3\)"),
        ({"W": W}, "W"),
        ({"W": W, "b": B, "c": B}, "'c'"),
        ({"W": W.int(), "b": B}, "torch.int32"),
    ],
)
def test_what_is_no_model_is_not_written(tmp_path, tensors, named):
    with pytest.raises(ValueError, match=named):
        save_weights(tmp_path / "w", tensors, "anthropic")
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_has_no_two_layer_net_and_other_conventions_do_not_exist(tmp_path):
    with pytest.raises(ValueError, match="anthropic has no model with W_in and W_out and b"):
        save_weights(tmp_path / "w", {"W_in": IN, "W_out": IN.T, "b": B}, "anthropic")
    with pytest.raises(ValueError, match="'saelens' is no convention; use one of anthropic"):
        save_weights(tmp_path / "w", {"W": W, "b": B}, "saelens")
    with pytest.raises(ValueError, match="'' is no convention"):
        load_weights(stored(tmp_path / "w", W=W, b=B), "")


@pytest.mark.parametrize("name", ["model.pt", "model.PTH", "model.pkl", "model.safetensors"])
@pytest.mark.parametrize("zipped", [True, False, None])
def test_a_pickle_is_refused_unopened_with_the_remedy(tmp_path, name, zipped):
    path = tmp_path / name
    if zipped is None:
        path.write_bytes(pickle.dumps({"W": [1.0], "b": [0.0]}))
    else:
        torch.save({"W": W, "b": B}, path, _use_new_zipfile_serialization=zipped)
    for read in (load_weights, load_model, layouts_of):
        with pytest.raises(ValueError, match=re.escape("safetensors.torch.save_file(")) as caught:
            read(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("tensors", "command"),
    [
        ({"W": W.T, "b_final": B}, "--from anthropic --to antipode --out OUT.safetensors$"),
        ({"W": W[None], "b_final": B[None]}, "--from arena --to antipode --out OUT.safetensors$"),
        ({"W": SQUARE, "b_final": B}, "--from anthropic .*, or --from arena if that made it$"),
    ],
)
def test_a_model_of_other_code_is_refused_with_the_command_that_converts_it(
    tmp_path, tensors, command
):
    path = stored(tmp_path / "with space.safetensors", **tensors)
    quoted = re.escape(f"antipode convert '{path}' ")
    with pytest.raises(ValueError, match=quoted + command):
        load_model(path)


@pytest.mark.parametrize(
    "tensors",
    [
        {"W_in": IN, "W_out": OUT, "b": torch.ones(5)},
        {"W1": IN, "W2": IN.T, "b_final": B},
    ],
)
def test_a_two_layer_net_is_no_model_with_one_matrix(tmp_path, tensors):
    with pytest.raises(ValueError, match="two-layer net"):
        load_model(stored(tmp_path / "net", **tensors))


@pytest.mark.parametrize("two_layers", [False, True])
def test_training_runs_are_read_as_instances_in_the_order_of_their_grid(two_layers, tmp_path):
    shapes = {"W_in": (4, 6), "W_out": (6, 4)} if two_layers else {"W": (4, 6)}
    tensors = {k: torch.randn(2, 3, 5, *shape) for k, shape in {**shapes, "b": (6,)}.items()}
    axes = ("density", "importance", "start")
    inner = {"W": ("h", "f"), "W_in": ("h", "f"), "W_out": ("f", "h"), "b": ("f",)}
    runs = xr.Dataset({k: ((*axes, *inner[k]), v.numpy()) for k, v in tensors.items()})
    runs.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    found = load_weights(tmp_path / "run.nc")
    assert found.instances == 30
    alone = load_weights(tmp_path / "run.nc", instance=1 * 15 + 2 * 5 + 3)
    assert same(alone.tensors, {k: v[1, 2, 3] for k, v in tensors.items()})
    convert_weights(tmp_path / "run.nc", tmp_path / "out", origin="antipode", target="arena")
    assert load_file(tmp_path / "out")["b_final"].shape == (30, 6)


@pytest.mark.parametrize("content", [b"\x89HDF", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_training_runs_that_cannot_be_read_are_refused(content, tmp_path):
    (tmp_path / "run.nc").write_bytes(content)
    with pytest.raises(ValueError, match="not a readable file of training runs"):
        load_weights(tmp_path / "run.nc")


def test_a_netcdf_file_without_weights_is_refused(tmp_path):
    xr.Dataset({"x": ("k", [1.0])}).to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match=r"lacks \['W', 'b'\]"):
        load_weights(tmp_path / "x.nc")
