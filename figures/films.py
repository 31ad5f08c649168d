"""Films: frames drawn one by one into a GIF whose bytes are the same every time."""

import io
from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from numerics.store import write_whole

from .style import RC, fix_layout

__all__ = ["save_film"]

_COLORS = 128


def _image(figure: Figure, dpi: int) -> Image.Image:
    buffer = io.BytesIO()
    fix_layout(figure)
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    plt.close(figure)
    buffer.seek(0)
    return Image.open(buffer).convert("RGB")


def save_film(frames: Iterable[Figure], path: Path, *, seconds: float = 0.1, dpi: int = 80) -> Path:
    """Write a GIF that shows each frame for ``seconds``, the last one ten times as long.

    Each figure is closed once it is drawn.  All frames share one palette of 128 colours, that of
    the last one.

    Raises
    ------
    ValueError
        If there are no frames.
    """
    with mpl.rc_context(RC):
        images = [_image(figure, dpi) for figure in frames]
    if not images:
        raise ValueError("a film needs frames; give at least one")
    palette = images[-1].quantize(_COLORS, dither=Image.Dither.NONE)
    shown = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [round(1000 * seconds)] * (len(shown) - 1) + [round(10_000 * seconds)]

    def write(aside: Path) -> None:
        shown[0].save(
            aside,
            format="GIF",
            save_all=True,
            append_images=shown[1:],
            duration=durations,
            loop=0,
            optimize=False,
        )

    write_whole(path, write)
    return path
