"""Files appear whole or not at all, and unfinished work belongs to one configuration."""

import json

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from numerics.store import (
    configuration_of,
    exclusive,
    provenance,
    write_dataset,
    write_json,
    write_whole,
)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("existed", [False, True])
def test_a_failed_write_leaves_nothing_half_written(tmp_path, error, existed):
    path = tmp_path / "folder" / "result.txt"
    if existed:
        write_whole(path, lambda aside: aside.write_text("old") and None)

    def fail(aside):
        aside.write_text("half")
        raise error

    caught = ValueError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(caught) as told:
        write_whole(path, fail)
    if isinstance(error, OSError):
        assert str(path) in str(told.value)
        assert "No space left" in str(told.value)
    assert [p.name for p in path.parent.iterdir()] == (["result.txt"] if existed else [])
    assert not existed or path.read_text() == "old"


def test_json_keeps_every_digit_and_refuses_nan(tmp_path):
    value = {"a": 0.1 + 0.2, "b": 5e-324, "c": None, "d": "≤"}
    write_json(tmp_path / "x.json", value)
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == value
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "y.json", {"a": float("nan")})
    assert not (tmp_path / "y.json").exists()


def test_a_dataset_comes_back_and_is_written_the_same_every_time(tmp_path):
    dataset = xr.Dataset(
        {"loss": (("cell",), np.array([0.1, np.inf])), "name": (("cell",), np.array(["a", "bé"]))},
        attrs={"schema": "x/1", "seed": 3},
    )
    for name in ("a.nc", "b.nc"):
        write_dataset(tmp_path / name, dataset)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()
    with h5netcdf.File(tmp_path / "a.nc", "r") as file:
        assert file["loss"][:].tolist() == [0.1, np.inf]
        assert file.attrs["schema"] == "x/1"
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as back:
        assert back["name"].values.tolist() == ["a", "bé"]


def test_provenance_is_text_and_the_same_twice():
    assert provenance() == provenance()
    versions = {f"version_{name}" for name in ("torch", "numpy", "numba", "llvmlite")}
    assert {*versions, "git_commit", "dtype"} <= set(provenance())
    assert all(isinstance(value, str) and value for value in provenance().values())


def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    folder = tmp_path / "new"
    with exclusive(folder):
        with (
            pytest.raises(ValueError, match=r"another process is writing to .*new"),
            exclusive(folder),
        ):
            raise AssertionError("two held it")
        assert folder.is_dir()
    with exclusive(folder):
        pass
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ValueError, match=r"cannot write .*file"),
        exclusive(tmp_path / "file" / "x"),
    ):
        raise AssertionError("it was made")


def test_the_configuration_of_a_results_file_is_read_and_none_if_it_cannot_be(tmp_path):
    write_dataset(tmp_path / "a.nc", xr.Dataset(attrs={"configuration": "key"}))
    write_dataset(tmp_path / "b.nc", xr.Dataset())
    (tmp_path / "c.nc").write_bytes(b"noise")
    found = [configuration_of(tmp_path / f"{name}.nc") for name in "abcd"]
    assert found == ["key", None, None, None]
