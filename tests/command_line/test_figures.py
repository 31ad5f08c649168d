"""``antipode figures``: computed once, drawn once, judged, and one sentence for what is wrong."""

import json
import sys
from types import ModuleType

import pytest
from PIL import Image

import figures.catalogue
import numerics.experiments.catalogue
from tests.command_line.support import one_sentence, stamps
from tests.figures import small_figure
from tests.numerics.experiments import small


@pytest.fixture(autouse=True)
def small_tables(monkeypatch):
    """Put a small experiment and figures of it in the place of the paper's."""
    tables = (
        (numerics.experiments.catalogue, "experiments", small_experiments),
        (figures.catalogue, "figures", small_figures),
    )
    for catalogue, table, values in tables:
        module = ModuleType(f"{catalogue.__package__}.small_section")
        setattr(module, table.upper(), values)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(catalogue, "SECTIONS", ("small_section",))
    monkeypatch.setitem(sys.modules, "figures.small_figure", small_figure)
    for cached in (numerics.experiments.catalogue.experiments, figures.catalogue.figures):
        cached.cache_clear()
    yield
    for cached in (numerics.experiments.catalogue.experiments, figures.catalogue.figures):
        cached.cache_clear()


small_experiments = (small.experiment(), small.experiment("bad", first=-2))
small_figures = (
    small_figure.figure("F2"),
    small_figure.figure("F1", animate="small_figure:animate"),
    small_figure.figure("F3", draw="small_figure:broken"),
    small_figure.figure("F4", experiments=("bad",)),
)


def test_the_list_is_in_the_order_of_the_paper_with_its_cost(run):
    code, out, _ = run("figures", "list", "--json")
    rows = json.loads(out)["figures"]
    assert code == 0
    assert [row["id"] for row in rows] == ["F1", "F2", "F3", "F4"]
    assert rows[0]["processor_minutes"] == {"draft": 0.1, "paper": 1.0}
    code, out, _ = run("figures", "list")
    assert code == 0
    assert out.splitlines()[1].split()[:3] == ["F1", "0.1", "1.0"]


def test_a_figure_is_made_in_every_format_with_its_film_data_and_page(run, tmp_path):
    code, out, error = run("figures", "F1", "--out", str(tmp_path), "--jobs", "1", "--json")
    assert code == 0
    report = json.loads(out)
    assert report["drawn"] == ["F1"]
    assert "draft quality: experiments to compute: 1" in error
    names = {"F1.png", "F1.svg", "F1.pdf", "F1.gif", "index.html", "figures.json", "data"}
    assert {path.name for path in tmp_path.iterdir() if path.name != ".partial"} == names
    assert (tmp_path / "data" / "small.nc").is_file()
    with Image.open(tmp_path / "F1.gif") as film:
        assert film.n_frames == 3
    page = (tmp_path / "index.html").read_text()
    for part in ("Squares &lt;of&gt; numbers", "Dots are squares.", "ours: a place to begin"):
        assert part in page
    for link in ("F1.png", "F1.svg", "F1.pdf", "F1.gif", "data/small.nc"):
        assert f'href="{link}"' in page


def test_a_second_call_finds_everything_up_to_date(run, tmp_path):
    run("figures", "F1", "--out", str(tmp_path), "--jobs", "1")
    before = stamps(tmp_path)
    code, _, error = run("figures", "f1", "--out", str(tmp_path), "--jobs", "1")
    assert code == 0
    assert "up to date" in error
    after = stamps(tmp_path)
    assert {name: after[name] for name in before if name.startswith("F1")} == {
        name: stamp for name, stamp in before.items() if name.startswith("F1")
    }
    run("figures", "F1", "--out", str(tmp_path), "--jobs", "1", "--redraw")
    assert stamps(tmp_path)["F1.png"] > before["F1.png"]


def test_pictures_are_the_same_bytes_every_time(run, tmp_path):
    for place in ("a", "b"):
        run("figures", "F1", "--out", str(tmp_path / place), "--jobs", "1")
    for kind in ("png", "svg", "pdf", "gif"):
        one, other = (tmp_path / place / f"F1.{kind}" for place in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_another_quality_is_refused_before_anything_is_lost(run, tmp_path):
    run("figures", "F2", "--out", str(tmp_path), "--jobs", "1")
    before = stamps(tmp_path)
    code, _, error = run(
        "figures", "F2", "--out", str(tmp_path), "--jobs", "1", "--quality", "paper"
    )
    assert code == 2
    assert one_sentence(error)
    assert "--force" in error
    assert stamps(tmp_path) == before


def test_what_fails_is_named_and_the_rest_is_kept(run, tmp_path):
    code, out, error = run("figures", "all", "--out", str(tmp_path), "--jobs", "1", "--json")
    assert code == 3
    report = json.loads(out)
    assert report["drawn"] == ["F1", "F2"]
    assert set(report["failures"]) == {"bad", "F3"}
    assert "no square of -2" in error
    assert not (tmp_path / "F4.png").exists()
    page = (tmp_path / "index.html").read_text()
    assert 'id="F2"' in page
    assert 'id="F4"' not in page


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["F99"], "'F99' is unknown; choose all or one of F1, F2"),
        (["list", "F1"], "list stands alone"),
        (["F1", "--quality", "best"], "choose draft or paper"),
    ],
)
def test_wrong_use_is_one_sentence(run, arguments, part, tmp_path):
    code, _, error = run("figures", *arguments, "--out", str(tmp_path / "out"))
    assert code == 2
    assert one_sentence(error)
    assert part in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["index.html", "figures.json"])
def test_a_folder_of_somebody_else_is_left_alone(run, tmp_path, name):
    (tmp_path / name).write_text('{"a": 1}')
    code, _, error = run("figures", "F1", "--out", str(tmp_path), "--jobs", "1")
    assert code == 2
    assert one_sentence(error)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == '{"a": 1}'
    assert run("figures", "F1", "--out", str(tmp_path), "--jobs", "1", "--redraw")[0] == 0


def test_a_damaged_file_of_results_is_named_and_made_anew_by_force(run, tmp_path):
    run("figures", "F1", "--out", str(tmp_path), "--jobs", "1")
    (tmp_path / "data" / "small.nc").write_bytes(b"cut")
    code, _, error = run("figures", "F1", "--out", str(tmp_path), "--jobs", "1")
    assert code == 2
    assert "small.nc is damaged" in error
    assert run("figures", "F1", "--out", str(tmp_path), "--jobs", "1", "--force")[0] == 0


def test_the_verdicts_counted_are_those_shown(run, tmp_path):
    code, out, _ = run("figures", "F1", "--out", str(tmp_path), "--jobs", "1", "--json")
    assert code == 0
    assert sum(json.loads(out)["counts"].values()) == 0  # the small section makes no claims
