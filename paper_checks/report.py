"""What ``antipode check`` reports: the claims of a section, judged, as JSON or as a table.

In JSON a prediction is a number or an interval ``[low, high]`` with null for an open end; what was
measured is a number, a list of numbers that all have to fulfil it, or null.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numerics.number_text import interval_text, number_text

from . import (
    adversarial,
    compression,
    computation,
    correlated_features,
    demonstrating,
    learning_dynamics,
    nonuniform_geometry,
    phase_change,
    privileged_basis,
    uniform_geometry,
    walkthrough,
)
from .claims import Claim, Verdict
from .evidence import (
    Evidence,
    Progress,
    computed,
    default_specs,
    from_figures,
    from_folder,
    holds_figures,
)
from .measurements import stored_measurements

__all__ = ["SECTIONS", "check", "judge_folder", "judged", "render_markdown"]

SCHEMA = "antipode.check/1"
SECTIONS: Mapping[str, Callable[[Evidence], list[Claim]]] = {
    "demonstrating": demonstrating.claims,
    "phase_change": phase_change.claims,
    "uniform_geometry": uniform_geometry.claims,
    "nonuniform_geometry": nonuniform_geometry.claims,
    "correlated_features": correlated_features.claims,
    "learning_dynamics": learning_dynamics.claims,
    "adversarial": adversarial.claims,
    "privileged_basis": privileged_basis.claims,
    "computation": computation.claims,
    "compression": compression.claims,
    "walkthrough": walkthrough.claims,
}


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
        A finished folder of ``antipode phase-diagram`` or of ``antipode figures``.  What it lacks,
        and everything by default, is taken from stored measurements; by default a coarse phase
        diagram is computed.
    seed
        Root of the random numbers of what is computed.
    progress
        Called with (units done, units in all, the unit that ended).

    Raises
    ------
    ValueError
        If the section is unknown or the folder cannot serve as evidence.
    """
    section = None if section is None else section.replace(" ", "_").replace("-", "_")
    if section is not None and section not in SECTIONS:
        raise ValueError(f"section {section!r} is unknown; choose one of {', '.join(SECTIONS)}")
    sections = list(SECTIONS) if section is None else [section]
    if source is not None and holds_figures(source):
        evidence = from_figures(source, seed=seed)
    elif source is not None:
        evidence = from_folder(source, seed=seed)
    elif "phase_change" in sections:
        evidence = computed(default_specs(seed), progress=progress)
    else:
        evidence = Evidence(source="theory", diagrams={}, seed=seed)
    stored = stored_measurements()
    known = {**stored, **evidence.measurements}
    taken = set(stored) - set(evidence.measurements) and set(sections) != {"phase_change"}
    place = f"{evidence.source}, stored measurements" if taken else evidence.source
    return judged(replace(evidence, source=place, measurements=known), *sections)


def judge_folder(folder: Path, sections: Iterable[str], *, seed: int = 0) -> dict[str, Any]:
    """Judge the claims of some sections by the results in a folder of ``antipode figures``.

    Sections without claims are passed over; measurements that the folder lacks leave claims
    undetermined.
    """
    chosen = [name for name in SECTIONS if name in set(sections)]
    return judged(from_figures(folder, seed=seed), *chosen)


def judged(evidence: Evidence, *sections: str) -> dict[str, Any]:
    """Judge the claims of some sections by given evidence; the result is JSON-ready."""
    claims = [claim for name in sections for claim in SECTIONS[name](evidence)]
    verdicts = [claim.verdict for claim in claims]
    return {
        "schema": SCHEMA,
        "sections": list(sections),
        "evidence": {
            "source": evidence.source,
            "cells": {case: int(d.p.size * d.r.size) for case, d in evidence.diagrams.items()},
            "seed": evidence.seed,
        },
        "counts": {str(verdict): verdicts.count(verdict) for verdict in Verdict},
        "claims": [claim.to_json() for claim in claims],
    }


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _words(claim: Mapping[str, Any]) -> str:
    text = claim["text"]
    if claim["verdict"] == Verdict.CONTRADICTED and claim["instead"]:
        text += f" *Instead: {claim['instead']}*"
    return str(text)


def _table(claims: Sequence[Mapping[str, Any]], figures: str) -> list[str]:
    lines = [
        "| claim | where | what it says | predicted | measured | tolerance | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for claim in claims:
        where = claim["place"] or "–"
        if claim["figure"] and figures:
            where += f" ([{claim['figure']}]({figures}/{claim['figure']}.png))"
        entries = (
            f"`{claim['id']}`",
            where,
            _words(claim),
            interval_text(claim["predicted"]),
            number_text(claim["measured"]),
            number_text(claim["tolerance"]),
            f"**{claim['verdict']}**",
        )
        lines.append(f"| {' | '.join(_cell(entry) for entry in entries)} |")
    return lines


def render_markdown(result: Mapping[str, Any], figures: str = "") -> str:
    """Return a result of :func:`check` as tables in Markdown, each with its reasons below.

    Parameters
    ----------
    result
        What :func:`check` returned.
    figures
        The folder of pictures that claims link to; no links by default.
    """
    counts = ", ".join(f"{count} {verdict}" for verdict, count in result["counts"].items())
    source = result["evidence"]["source"]
    lines = [f"{len(result['claims'])} claims: {counts} (evidence: {source})."]
    for section in result["sections"]:
        claims = [claim for claim in result["claims"] if claim["section"] == section]
        title = section.replace("_", " ").capitalize()
        lines += ["", f"## {title}", "", *_table(claims, figures), ""]
        lines += [f"- `{claim['id']}`: {_cell(claim['reason'])}" for claim in claims]
    return "\n".join(lines)
