"""The section on phase changes: F12, F13 and the comment's F37 (arXiv 2209.10652)."""

import xarray as xr
from matplotlib.figure import Figure

from numerics.experiments.results import measurements_of

from . import phase_diagrams
from .paper_figure import Datasets, PaperFigure

__all__ = ["FIGURES", "draw_f12", "draw_f13"]


def _draw(dataset: xr.Dataset) -> Figure:
    """Draw a diagram whose summary is the experiment's measurements."""
    summary = measurements_of(dataset)
    options = {f"option_{name}": value for name, value in summary["options"].items()}
    figure = phase_diagrams.draw(dataset.assign_attrs(options), summary)
    rows, columns = (dataset.sizes[name] for name in ("density", "importance"))
    cells = f"{rows} × {columns} cells, {dataset.attrs['quality']} quality"
    figure.suptitle(f"{figure.get_suptitle()} ({cells})", fontsize=12)
    return figure


def draw_f12(data: Datasets) -> Figure:
    """Draw the plane of two features in one dimension."""
    return _draw(data["phase_2_1"])


def draw_f13(data: Datasets) -> Figure:
    """Draw the plane of three features in two dimensions."""
    return _draw(data["phase_3_2"])


_PANELS = (
    "(a) is theory alone: the least of the paper's fixed-weight losses, with its boundaries in "
    "closed form.  (b) is the least loss over all weights and biases that was found; its boundary "
    "is dotted in the other panels.  (c) and (d) are trained on the exact loss, the best and the "
    "average of ten, (e) is trained on random samples; (f) cuts through the fixed-weight losses."
)

FIGURES: tuple[PaperFigure, ...] = (
    PaperFigure(
        id="F12",
        section="phase_change",
        title="Two features, one dimension: the phases of the second feature",
        caption=_PANELS,
        stated="Depending on importance and density the extra feature is not represented, in "
        "superposition, or has the dimension for itself; the changes are of first order, and "
        "theory and training agree, up to a blur where the three phases meet.",
        experiments=("phase_2_1",),
        draw="phase_change:draw_f12",
    ),
    PaperFigure(
        id="F13",
        section="phase_change",
        title="Three features, two dimensions: the phases of the third feature",
        caption=_PANELS,
        stated="The same three states of the extra feature; four candidates, W orthogonal to "
        "(0,0,1), (1,0,0), (0,1,1) or (1,1,0), stand for theory, and (1,1,1) is left out.",
        experiments=("phase_3_2",),
        draw="phase_change:draw_f13",
    ),
    PaperFigure(
        id="F37",
        section="phase_change",
        title="Two features, one dimension, no biases: loss surfaces and phases",
        caption="(a) to (f) are exact loss surfaces over both weights, with every minimum and "
        "saddle; W and −W are one model.  (g) is the coupling W₁W₂ of the best model over the "
        "plane of F12, with the line on which antipodal and confused tie, and the one below which "
        "antipodal minima exist.  (h) follows the best weights along r.  All of it is theory.",
        stated="T. McGrath's comment: without biases there is a further phase, W₁ ≈ W₂ ≈ 1/√2; "
        "one of the transitions is continuous, which explains the blur at the triple point; two "
        "minima are possible, and antipodal to confused is a jump.",
        experiments=("bias_free",),
        draw="bias_free:draw_f37",
    ),
)
