"""What the README says is what the project does."""

import doctest
import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from numerics.plane import PlaneSpec
from theory.onset import tricritical_densities

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs_and_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted >= 9
    assert results.failed == 0


def test_the_tables_come_from_the_committed_runs() -> None:
    script = [sys.executable, str(ROOT / "benchmarks/readme.py"), "--check"]
    ended = subprocess.run(script, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_committed_run_is_the_default_one() -> None:
    measured = json.loads((ROOT / "docs/measured.json").read_text(encoding="utf-8"))
    assert set(measured["cases"]) == {"2,1", "3,2"}
    for case, entry in measured["cases"].items():
        n, m = map(int, case.split(","))
        assert entry["options"] == asdict(PlaneSpec(n, m))
        assert entry["configuration"] == PlaneSpec(n, m).key


def test_the_tricritical_densities_are_the_derived_ones() -> None:
    shown = [float(x) for x in re.findall(r"(0\.\d{5})…", README)]
    derived = [float(x) for x in tricritical_densities(15)]
    assert [int(x * 1e5) / 1e5 for x in derived] == shown


def test_every_command_it_shows_exists() -> None:
    shown = set(re.findall(r"^antipode ([a-z-]+)", README, re.MULTILINE))
    ended = subprocess.run(
        [sys.executable, "-m", "antipode", "--help"], capture_output=True, text=True, check=True
    )
    offered = set(re.findall(r"^  ([a-z-]+)  ", ended.stdout, re.MULTILINE))
    assert shown
    assert shown <= offered


def test_every_file_it_links_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_make_targets_it_shows_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
