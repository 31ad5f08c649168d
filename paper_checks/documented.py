"""The table of verdicts in the documentation, made from a folder of figures.

``python -m paper_checks.documented build/figures`` stores the measurements of that folder and
writes ``docs/claims.json`` and ``docs/claims.md``.  Both carry a hash of the claims (everything a
claim states) and one of the stored measurements; a test compares them with the code, and measures
the fast claims again.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numerics.seeds import content_key
from numerics.store import write_json, write_whole

from .measurements import store_measurements, stored_hash
from .report import check, render_markdown

__all__ = ["STATED", "claims_hash", "document"]

STATED = ("id", "section", "place", "figure", "text", "predicted", "tolerance", "instead", "fast")
"""What a claim states before anything is measured."""


def claims_hash(claims: Sequence[Mapping[str, Any]]) -> str:
    """Return a hash of what claims state, in their order."""
    return content_key([[claim[name] for name in STATED] for claim in claims])


def document(folder: Path, docs: Path) -> dict[str, Any]:
    """Store the measurements of a folder of ``antipode figures`` and write the table into docs.

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
    write_whole(docs / "claims.md", lambda aside: aside.write_text(text, encoding="utf-8"))
    return result


if __name__ == "__main__":
    made = document(Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "docs")
    print(made["counts"])
