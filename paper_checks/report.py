"""What ``antipode check`` reports: the claims of a section, judged, as JSON or as a table.

In JSON a prediction is a number or an interval ``[low, high]`` with null for an open end; what was
measured is a number, a list of numbers that all have to fulfil it, or null.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import phase_change
from .claims import Claim, Verdict
from .evidence import Evidence, Progress, computed, default_specs, from_folder

__all__ = ["SECTIONS", "check", "judged", "render_markdown"]

SCHEMA = "antipode.check/1"
SECTIONS: Mapping[str, Callable[[Evidence], list[Claim]]] = {"phase_change": phase_change.claims}


def check(
    section: str | None = None,
    source: Path | None = None,
    *,
    seed: int = 0,
    progress: Progress = lambda done, total, text: None,
) -> dict[str, Any]:
    """Judge the claims of one section, or of all.

    Parameters
    ----------
    section
        One of :data:`SECTIONS`; all by default.
    source
        A finished folder of ``antipode phase-diagram``; by default a coarse diagram is computed.
    seed
        Root of the random numbers of what is computed.
    progress
        Called with (units done, units in all, the unit that ended).

    Raises
    ------
    ValueError
        If the section is unknown or the folder cannot serve as evidence.
    """
    if section is not None and section not in SECTIONS:
        raise ValueError(f"section {section!r} is unknown; choose one of {', '.join(SECTIONS)}")
    if source is None:
        evidence = computed(default_specs(seed), progress=progress)
    else:
        evidence = from_folder(source, seed=seed)
    return judged(evidence, section)


def judged(evidence: Evidence, section: str | None = None) -> dict[str, Any]:
    """Judge the claims of one section, or of all, by given evidence; the result is JSON-ready."""
    sections = list(SECTIONS) if section is None else [section]
    claims = [claim for name in sections for claim in SECTIONS[name](evidence)]
    verdicts = [claim.verdict for claim in claims]
    return {
        "schema": SCHEMA,
        "sections": sections,
        "evidence": {
            "source": evidence.source,
            "cells": {case: int(d.p.size * d.r.size) for case, d in evidence.diagrams.items()},
            "seed": evidence.seed,
        },
        "counts": {str(verdict): verdicts.count(verdict) for verdict in Verdict},
        "claims": [claim.to_json() for claim in claims],
    }


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(_number, value))
    return f"{value:.6g}"


def _predicted(value: Any) -> str:
    if not isinstance(value, list):
        return _number(value)
    low, high = value
    if high is None:
        return f"≥ {_number(low)}"
    return f"≤ {_number(high)}" if low is None else f"{_number(low)} to {_number(high)}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def render_markdown(result: dict[str, Any]) -> str:
    """Return a result of :func:`check` as a table in Markdown, with its reasons below."""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in result["counts"].items())
    lines = [
        f"{len(result['claims'])} claims: {counts} (evidence: {result['evidence']['source']}).",
        "",
        "| claim | what it says | predicted | measured | tolerance | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for claim in result["claims"]:
        entries = (
            claim["id"],
            claim["text"],
            _predicted(claim["predicted"]),
            _number(claim["measured"]),
            _number(claim["tolerance"]),
            f"**{claim['verdict']}**",
        )
        lines.append(f"| {' | '.join(_cell(entry) for entry in entries)} |")
    lines += ["", *(f"- `{claim['id']}`: {_cell(claim['reason'])}" for claim in result["claims"])]
    return "\n".join(lines)
