"""The pictures of a folder of results: drawn where they are missing or out of date.

``FOLDER/F9.png``, ``.svg`` and ``.pdf`` (and ``.gif`` where there is a film) are drawn from the
datasets in ``FOLDER/data`` and from nothing else; ``FOLDER/figures.json`` tells which results they
were drawn from.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import xarray as xr
from matplotlib import pyplot as plt

from numerics.experiments.results import load
from numerics.seeds import content_key
from numerics.store import write_json

from . import style
from .catalogue import figures
from .films import save_film
from .paper_figure import PaperFigure

__all__ = [
    "RECORD",
    "check_folder",
    "draw_all",
    "draw_figure",
    "files_of",
    "out_of_date",
    "read_record",
]

RECORD = "figures.json"


def files_of(figure: PaperFigure) -> list[str]:
    """Return the names of a figure's files."""
    kinds = [*style.FORMATS, *(["gif"] if figure.animate else [])]
    return [f"{figure.id}.{kind}" for kind in kinds]


def draw_figure(name: str, folder: Path) -> dict[str, str]:
    """Draw one figure from the datasets in a folder; return the configuration it was drawn from."""
    figure = figures()[name]
    data = {one: load(folder, one) for one in figure.experiments}
    style.save(figure.drawn(data), folder, figure.id)
    if figure.animate:
        save_film(figure.frames(data), folder / f"{figure.id}.gif")
    plt.close("all")
    return {"configuration": _configuration(figure, data)}


def _configuration(figure: PaperFigure, data: Mapping[str, xr.Dataset]) -> str:
    parts = [data[one].attrs["configuration"] for one in figure.experiments]
    return content_key(["figure", figure.id, figure.draw, figure.animate, parts])


def check_folder(folder: Path) -> None:
    """Refuse a folder with pictures or a page that are not of ``antipode figures``.

    Raises
    ------
    ValueError
        If its record is missing beside such files, or is none.
    """
    path = folder / RECORD
    remedy = "choose another folder, or pass --redraw or --force to replace what is there"
    if path.is_file():
        if not read_record(folder):
            raise ValueError(f"{path} is not a record of antipode figures; {remedy}")
    elif (folder / "index.html").exists():
        raise ValueError(f"{folder} holds a page that antipode figures did not write; {remedy}")


def read_record(folder: Path) -> dict[str, Any]:
    """Return what the pictures of a folder were drawn from, by id, of figures there are."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {
        name: entry
        for name, entry in record.items()
        if name in figures() and isinstance(entry, dict) and "configuration" in entry
    }


def out_of_date(
    chosen: Sequence[PaperFigure], folder: Path, data: Mapping[str, xr.Dataset]
) -> list[PaperFigure]:
    """Return the figures whose files are missing or of other results.

    Parameters
    ----------
    chosen, folder, data
        Figures whose datasets are all in ``data`` and in the folder.
    """
    record = read_record(folder)
    return [
        figure
        for figure in chosen
        if record.get(figure.id, {}).get("configuration") != _configuration(figure, data)
        or not all((folder / name).is_file() for name in files_of(figure))
    ]


def draw_all(
    todo: Sequence[PaperFigure], folder: Path, executor: Executor | None = None
) -> tuple[list[str], dict[str, str]]:
    """Draw figures whose datasets are in the folder, by ``executor`` or in this process.

    Returns
    -------
    tuple
        The ids drawn, and for those that could not be drawn the reason.
    """
    record = read_record(folder)
    pending = (
        {figure.id: executor.submit(draw_figure, figure.id, folder) for figure in todo}
        if executor
        else {}
    )
    drawn, failures = [], {}
    for figure in todo:
        try:
            entry = pending[figure.id].result() if executor else draw_figure(figure.id, folder)
        except Exception as error:  # one picture's defect must not cost the others
            failures[figure.id] = f"{type(error).__name__}: {error}"
            continue
        record[figure.id] = entry
        drawn.append(figure.id)
        write_json(folder / RECORD, dict(sorted(record.items())))
    return drawn, failures
