"""The direction of dependency, checked on the source itself.

    theory  <-  numerics  <-  figures | paper_checks  <-  commands  <-  antipode.py

The contracts in pyproject.toml say the same in more detail, for those who have import-linter.
"""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from numerics.output import is_misuse

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "theory": {"theory"},
    "numerics": {"theory", "numerics"},
    "figures": {"theory", "numerics", "figures"},
    "paper_checks": {"theory", "numerics", "paper_checks"},
    "commands": {"theory", "numerics", "figures", "paper_checks", "commands"},
}
THEORY_NEEDS_ONLY = {"sympy", "numpy", "scipy", "mpmath", "flint"}
THEORY_DOES_WITHOUT = {"random", "secrets", "time", "datetime", "pathlib", "os", "io", "shutil"}
NEVER = {"antipode", "tests", "benchmarks"}
ONLY_COMMANDS_NEED = {"typer"}
LONGEST = 320  # lines: a module that grows past 300 hides a second object
FRONT_DOOR = {
    "theory": {
        "population_loss": "expected_loss",
        "candidates": "families",
        "boundaries": "phase_boundaries",
    },
    "numerics": {
        "analyze_superposition": "walkthrough.superposition",
        "measure_interference": "walkthrough.superposition",
        "best_block": "best_blocks.search",
        "exact_loss": "evaluator",
        "descend": "descent",
        "find_optimum": "optimum",
    },
}
# Loaded once, before the forks.
HEAVY = {"theory": ["sympy"], "numerics": ["sympy", "torch", "numba", "scipy.optimize"]}

SOURCES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
PUBLIC = [path for path in SOURCES if path.name == "__init__.py" or path.name[0] != "_"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_packages(source: str, package: str) -> Iterator[str]:
    """Yield the top-level package of every import, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield package if node.level else str(node.module).partition(".")[0]


def violations(source: str, package: str) -> set[str]:
    """Name the imports that a module of ``package`` may not have."""
    imports = set(imported_packages(source, package))
    wrong = imports & (set(MAY_IMPORT) - MAY_IMPORT[package] | NEVER)
    if package != "commands":
        wrong |= imports & ONLY_COMMANDS_NEED
    if package == "theory":
        foreign = imports - sys.stdlib_module_names - {"theory"} - THEORY_NEEDS_ONLY
        wrong |= foreign | imports & THEORY_DOES_WITHOUT
    return wrong


def test_there_are_sources_to_check_in_every_package():
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_go_down_only(path):
    assert violations(path.read_text(), path.relative_to(ROOT).parts[0]) == set()


@pytest.mark.parametrize(
    ("source", "package", "wrong"),
    [
        ("import torch", "theory", {"torch"}),
        ("from numerics.descent import descend", "theory", {"numerics"}),
        ("def f():\n    import matplotlib.pyplot as plt", "theory", {"matplotlib"}),
        ("from time import perf_counter", "theory", {"time"}),
        ("import figures", "numerics", {"figures"}),
        ("from paper_checks import claims", "figures", {"paper_checks"}),
        ("from figures.style import x", "paper_checks", {"figures"}),
        ("import typer, antipode", "numerics", {"typer", "antipode"}),
        ("from commands.reading import parse_case", "paper_checks", {"commands"}),
        ("def f():\n    from antipode import app", "commands", {"antipode"}),
        ("from tests.support import weights", "figures", {"tests"}),
        ("import numpy\nfrom .problem import Problem", "theory", set()),
        ("import torch\nfrom theory.problem import Problem", "numerics", set()),
        ("import typer\nfrom figures import style", "commands", set()),
    ],
)
def test_the_check_of_imports_sees_what_is_wrong_and_only_that(source, package, wrong):
    assert violations(source, package) == wrong


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_hides_a_second_object(path):
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", PUBLIC, ids=name_of)
def test_every_public_module_says_what_it_is_and_what_it_offers(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    if path.name != "__init__.py":
        targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
        assert any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


@pytest.mark.parametrize(
    "map_of", [path for path in SOURCES if path.name == "__init__.py"], ids=name_of
)
def test_the_map_of_a_package_lists_its_modules_each_once(map_of):
    modules = [path.stem for path in map_of.parent.glob("*.py") if path != map_of]
    packages = [path.parent.name for path in map_of.parent.glob("*/__init__.py")]
    text, _, _ = str(ast.get_docstring(ast.parse(map_of.read_text()))).partition("\nNotation")
    assert sorted(re.findall(r"^``(\w+)``  ", text, re.MULTILINE)) == sorted(modules + packages)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_the_packages_resolve_inside_the_repository(package):
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_check_of_every_package_tells_misuse(package):
    with pytest.raises(ValueError, match="told") as caught:
        exec(compile("raise ValueError('told')", str(ROOT / package / "module.py"), "exec"))
    assert is_misuse(caught.value)


@pytest.mark.parametrize("package", FRONT_DOOR)
def test_two_front_door_names_are_one_function_each_in_any_order_of_imports(package):
    """In new processes, since an import leaves its mark on the package for good."""
    program = f"""
import importlib, itertools, os
for heavy in {HEAVY[package]}:
    importlib.import_module(heavy)
homes = {FRONT_DOOR[package]}
for order in itertools.permutations(homes, 2):
    for modules_first in (False, True):
        child = os.fork()
        if not child:
            door = importlib.import_module("{package}")
            def modules():
                return [importlib.import_module("{package}." + homes[name]) for name in order[::-1]]
            early = modules() if modules_first else []
            first = [getattr(door, name) for name in order]
            late = modules()
            second = [getattr(door, name) for name in order]
            third = [getattr(module, name) for module, name in zip(late[::-1], order)]
            good = all(a is b is c and callable(a) for a, b, c in zip(first, second, third))
            os._exit(0 if good else 1)
        assert os.waitpid(child, 0)[1] == 0, (order, modules_first)
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("package", FRONT_DOOR)
def test_no_submodule_bears_the_name_of_a_front_door_function(package):
    """Importing it would replace the function by the module."""
    modules = {path.stem for path in (ROOT / package).iterdir()}
    assert modules.isdisjoint(FRONT_DOOR[package])


@pytest.mark.parametrize("package", FRONT_DOOR)
def test_a_front_door_is_what_it_announces(package):
    door = importlib.import_module(package)
    assert set(door.__all__) == set(FRONT_DOOR[package])
    assert set(FRONT_DOOR[package]) <= set(dir(door))
    with pytest.raises(AttributeError, match="no attribute 'candidate'"):
        door.candidate  # noqa: B018


def test_theory_loads_without_tensors_plots_or_files():
    program = (
        "import sys, theory.expected_loss, theory.phases;"
        "heavy = {'torch', 'matplotlib', 'xarray', 'h5py', 'typer', 'rich'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []
