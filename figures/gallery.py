"""The gallery of a folder of figures: one page, each picture with its words, numbers and data.

The page stands alone beside the pictures: no scripts, nothing fetched.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from numerics.experiments.results import load
from numerics.number_text import interval_text, number_text
from numerics.store import write_whole

from .catalogue import figures
from .drawing import files_of, read_record
from .paper_figure import PaperFigure

__all__ = ["PAGE", "counts", "drawn_figures", "write"]

PAGE = "index.html"

Made = Mapping[str, Mapping[str, Any]]
"""The attributes of datasets by experiment: how each was made."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; }
h2 { border-top: 1px solid #ccc; padding-top: 1.5rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 0.5rem 0; }
td, th { border: 1px solid #ddd; padding: 0.2rem 0.5rem; text-align: left; vertical-align: top; }
summary { cursor: pointer; color: #0072b2; }
.supported, .contradicted, .undetermined { border-radius: 0.3rem; color: #fff; font-size: 0.8rem;
  padding: 0.1rem 0.4rem; white-space: nowrap; }
.supported { background: #00734f; } .contradicted { background: #b3341b; }
.undetermined { background: #5f5f5f; }
.files a { margin-right: 0.8rem; }
nav a { margin-right: 0.5rem; }
"""


def _constants(figure: PaperFigure, made: Made) -> str:
    rows = []
    for name in figure.experiments:
        for constant, entry in json.loads(made[name]["constants"]).items():
            cells = (name, constant, number_text(entry["value"]), entry["origin"])
            rows.append("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in cells) + "</tr>")
    if not rows:
        return ""
    head = "<tr><th>experiment</th><th>constant</th><th>value</th><th>where from</th></tr>"
    return (
        f"<details><summary>{len(rows)} constants and where they come from</summary>"
        f"<table>{head}{''.join(rows)}</table></details>"
    )


def _claims(claims: Sequence[Mapping[str, Any]]) -> str:
    if not claims:
        return ""
    head = "<tr><th>the paper says</th><th>predicted</th><th>measured</th><th>verdict</th></tr>"
    rows = []
    for claim in claims:
        verdict = claim["verdict"]
        text = escape(claim["text"])
        if claim["place"]:
            text += f" <em>({escape(claim['place'])})</em>"
        if verdict == "contradicted" and claim["instead"]:
            text += f"<br><strong>Instead:</strong> {escape(claim['instead'])}"
        text += f"<br><small>{escape(claim['reason'])}</small>"
        rows.append(
            f"<tr><td>{text}</td><td>{escape(interval_text(claim['predicted']))}</td>"
            f"<td>{escape(number_text(claim['measured']))}</td>"
            f'<td><span class="{verdict}">{verdict}</span></td></tr>'
        )
    return f"<table>{head}{''.join(rows)}</table>"


def _entry(figure: PaperFigure, made: Made, claims: Sequence[Mapping[str, Any]]) -> str:
    names = files_of(figure)
    film = next((name for name in names if name.endswith(".gif")), "")
    links = [f'<a href="{name}">{name}</a>' for name in names]
    links += [f'<a href="data/{one}.nc">data/{one}.nc</a>' for one in figure.experiments]
    pictures = [name for name in (f"{figure.id}.png", film) if name]
    shown = "".join(
        f'<p><img src="{name}" alt="{escape(figure.title)}" loading="lazy"></p>'
        for name in pictures
    )
    quality = ", ".join(sorted({made[one]["quality"] for one in figure.experiments}))
    return (
        f'<h2 id="{figure.id}">{figure.id}. {escape(figure.title)}</h2>{shown}'
        f"<p>{escape(figure.caption)}</p>"
        f"<p><strong>The paper:</strong> {escape(figure.stated)}</p>"
        + (f"<p>Quality: {quality}.</p>" if quality else "")
        + _claims(claims)
        + _constants(figure, made)
        + f'<p class="files">{" ".join(links)}</p>'
    )


def drawn_figures(folder: Path) -> list[PaperFigure]:
    """Return the figures a folder holds, in the order of the paper."""
    record = read_record(folder)
    return [figure for figure in figures().values() if figure.id in record]


def counts(folder: Path, verdicts: Mapping[str, Any]) -> dict[str, int]:
    """Return how many of the claims on the figures a folder holds have each verdict."""
    shown = {figure.id for figure in drawn_figures(folder)}
    found = [claim["verdict"] for claim in verdicts["claims"] if claim["figure"] in shown]
    return {verdict: found.count(verdict) for verdict in verdicts["counts"]}


def write(folder: Path, verdicts: Mapping[str, Any]) -> Path:
    """Write the page of all figures drawn in a folder.

    Parameters
    ----------
    folder
        Where ``antipode figures`` drew.
    verdicts
        What ``antipode check --json`` reports of the same results; claims go with their figure.
    """
    shown = drawn_figures(folder)
    claims: dict[str, list[Mapping[str, Any]]] = {}
    for claim in verdicts["claims"]:
        claims.setdefault(claim["figure"], []).append(claim)
    tally = ", ".join(f"{count} {verdict}" for verdict, count in counts(folder, verdicts).items())
    names = {name for figure in shown for name in figure.experiments}
    made = {name: load(folder, name).attrs for name in names}
    links = " ".join(f'<a href="#{figure.id}">{figure.id}</a>' for figure in shown)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Toy Models of Superposition, figure by figure</title><style>{_STYLE}</style>"
        "</head><body><h1>Toy Models of Superposition, figure by figure</h1>"
        "<p>Figures of Elhage et al., "
        '<a href="https://arxiv.org/abs/2209.10652">arXiv 2209.10652</a>, made anew by antipode: '
        "numbers behind every picture, theory on it, and what the paper says judged by them"
        + (f" ({tally})" if tally else "")
        + f".</p><nav>{links}</nav>"
        + "".join(_entry(figure, made, claims.get(figure.id, [])) for figure in shown)
        + "</body></html>\n"
    )
    path = folder / PAGE
    write_whole(path, lambda aside: aside.write_text(page, encoding="utf-8"))
    return path
