"""The table of verdicts in the documentation, made from a folder of figures.

``python -m paper_checks.documented build/figures`` stores the measurements of that folder, writes
``docs/claims.json`` and ``docs/claims.md``, and copies the pictures into ``docs/figures``.  Both
tables carry a hash of the claims (everything a
claim states) and one of the stored measurements; a test compares them with the code, and measures
the fast claims again.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

from PIL import Image

from numerics.seeds import content_key
from numerics.store import write_json, write_whole

from .measurements import store_measurements, stored_hash
from .report import check, render_markdown

__all__ = ["STATED", "claims_hash", "document"]

STATED = ("id", "section", "place", "figure", "text", "predicted", "tolerance", "instead", "fast")
"""What a claim states before anything is measured."""

_WIDTH = 1200  # pixels
_ROUNDS = 3  # of k-means, for colours that are right where they are few


def claims_hash(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return a hash of what claims state, in their order."""
    return content_key([[claim[name] for name in STATED] for claim in claims])


def _write_smaller(picture: Path, aside: Path) -> None:
    """Write a picture for the documentation: at most 1200 pixels wide, 256 colours."""
    with Image.open(picture) as image:
        image.thumbnail((_WIDTH, 10 * _WIDTH), Image.Resampling.LANCZOS)
        few = image.convert("RGB").quantize(256, kmeans=_ROUNDS, dither=Image.Dither.NONE)
        few.save(aside, format="PNG", optimize=True)


def document(folder: Path, docs: Path) -> dict[str, Any]:
    """Store the measurements of a folder of ``antipode figures``; table and pictures into docs.

    Raises
    ------
    ValueError
        If the folder holds no results.
    """
    store_measurements(folder)
    result = check(source=folder)
    result["evidence"]["source"] = "the stored measurements, and the phase diagrams beside them"
    result["hashes"] = {"claims": claims_hash(result["claims"]), "measurements": stored_hash()}
    write_json(docs / "claims.json", result)
    text = (
        "# What the paper says, judged\n\n"
        "Claims of Elhage et al., *Toy Models of Superposition* (arXiv 2209.10652), in its order."
        "  Made by `python -m paper_checks.documented`; `antipode check` judges again.\n\n"
        f"Hash of the claims `{result['hashes']['claims']}`, of the stored measurements "
        f"`{result['hashes']['measurements']}`.\n\n" + render_markdown(result, "figures") + "\n"
    )
    for film in sorted(folder.glob("*.gif")):
        write_whole(docs / "figures" / film.name, partial(copyfile, film))
    for picture in sorted(folder.glob("*.png")):
        write_whole(docs / "figures" / picture.name, partial(_write_smaller, picture))
    write_whole(docs / "claims.md", lambda aside: aside.write_text(text, encoding="utf-8"))
    return result


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("give one folder, of antipode figures all")
    made = document(Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "docs")
    print(made["counts"])
