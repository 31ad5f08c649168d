"""Write the README's tables from the runs they report.

    python benchmarks/readme.py [--check]

Reads ``docs/measured.json`` (a copy of ``summary.json`` of the default ``make phase-diagram``),
``docs/staircase_400_30.json`` (what the README's ``antipode staircase`` writes),
``docs/claims.json`` (what ``python -m paper_checks.documented`` writes) and
``training.json``, ``sampled_training.json`` and ``any_size.json`` in ``benchmarks/results``; with
``--check`` only says whether the README agrees (exit 1 if it does not).
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}"


def measured_table(summary: dict[str, Any]) -> str:
    """Return the verification table as Markdown."""
    cases = summary["cases"]
    rows: list[tuple[str, Any]] = [
        ("cells", lambda e: str(e["cells"])),
        ("trained (best of ten) in the optimum's phase", lambda e: _percent(e["agreement"])),
        (
            "the same, more than 0.075 from a boundary of the optimum",
            lambda e: f"{_percent(e['agreement_away'])} of {e['cells_away']}",
        ),
        (
            "trained loss above the optimum, 95th percentile",
            lambda e: f"{e['gap_in_V']['p95']:.1e} V",
        ),
        ("trained loss above the optimum, largest", lambda e: f"{e['gap_in_V']['max']:.1e} V"),
        ("trained below the optimum (alarms)", lambda e: str(e["alarms"])),
        (
            "trained boundary to the optimum's, median (in decades)",
            lambda e: f"{e['boundary_distance']['optimum']:.3f}",
        ),
        (
            "trained boundary to the paper's panel, median",
            lambda e: f"{e['boundary_distance']['paper']:.3f}",
        ),
        (
            "optimum in the phase of the paper's panel",
            lambda e: _percent(e["optimum_agrees_with_paper_panel"]),
        ),
        (
            "trained on samples, one start, in the optimum's phase",
            lambda e: f"{_percent(e['sampled']['agreement'])} of {e['sampled']['cells']}",
        ),
        (
            "trained on samples, loss above the optimum, median",
            lambda e: f"{e['sampled']['gap_in_V']['median']:.1e} V",
        ),
        (
            "cells where a triangle beats every pair",
            lambda e: _families(e, "cells_where_pairs_are_beaten"),
        ),
        ("largest advantage of a triangle", lambda e: _advantage(e)),
        (
            "cells where the optimum is outside every named family",
            lambda e: _families(e, "cells_outside_every_family"),
        ),
    ]
    head = ["", *(f"n, m = {case.replace(',', ', ')}" for case in cases)]
    lines = [head, ["---"] * len(head)]
    lines += [[name, *(show(entry) for entry in cases.values())] for name, show in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _families(entry: dict[str, Any], key: str) -> str:
    return str(entry["families"][key]) if "families" in entry else "–"


def _advantage(entry: dict[str, Any]) -> str:
    if "families" not in entry:
        return "–"
    best = entry["families"]["largest_advantage_over_pairs"]
    return f"{best['in_V']:.3f} V at p = {best['density']:.3f}, r = {best['importance']:.3g}"


def speed_table(report: dict[str, Any]) -> str:
    """Return the benchmark's ratios as Markdown."""
    rows = {
        "sampled": "the public recipe as written here (same steps)",
        "exact": "1000 Adam steps on the exact loss",
        "descent": "one BFGS descent to a minimum",
    }
    cases = report["cases"]
    head = ["", *(f"n, m = {case.replace(',', ', ')}" for case in cases)]
    lines = [head, ["---"] * len(head)]
    lines += [
        [text, *(f"{_two_digits(entry['ratio_to_public'][key])} ×" for entry in cases.values())]
        for key, text in rows.items()
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def any_size_table(report: dict[str, Any]) -> str:
    """Return times and ratios of the minima at any size as Markdown."""
    texts = {
        "intro": "introduction figure, ten densities",
        "plane": "phase plane, 101 × 101 cells, ten loop runs a cell",
        "basic": "basic results, seven densities",
        "larger": "basic results, larger, seven densities",
        "geometry": "geometry figure, one start, to a gradient of 1e-8 if it gets there",
    }
    head = ["", "n, m", "starts", "seconds", "the loop's", "ratio", "at or below the loop"]
    lines = [head, ["---"] * len(head)]
    for name, text in texts.items():
        if name in report["cases"]:
            entry = report["cases"][name]
            lines.append(
                [
                    text,
                    f"{entry['features']}, {entry['hidden']}",
                    str(sum(entry["starts"].values())),
                    *(_two_digits(entry["seconds"][side]) for side in ("ours", "loop")),
                    f"{_two_digits(entry['ratio'])} ×",
                    f"{entry['below']} of {entry['compared']}",
                ]
            )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def training_table(report: dict[str, Any]) -> str:
    """Return the rates of training on samples as Markdown."""
    head = ["n, m", "instances", "ms a step", "the loop's", "ratio", "of it drawing"]
    lines = [head, ["---"] * len(head)]
    for entry in report["cases"].values():
        if "milliseconds_per_step" in entry:
            times = entry["milliseconds_per_step"]
            lines.append(
                [
                    f"{entry['features']}, {entry['hidden']}",
                    str(entry["instances"]),
                    *(_two_digits(times[side]) for side in ("ours", "loop")),
                    f"{_two_digits(entry['ratio'])} ×",
                    f"{100 * entry['share_of_drawing']:.0f} %",
                ]
            )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _block(side: dict[str, Any]) -> list[str]:
    known = side["family"] not in ("unnamed", "ambiguous")
    return [side["family"] if known else "no name", f"{side['k']} in {side['d']}"]


def staircase_table(report: dict[str, Any]) -> str:
    """Return the leading blocks over density as Markdown, the largest density first."""
    lines = [
        ["leading block", "features in dimensions", "down to density", "closed there"],
        ["---"] * 4,
    ]
    changes = report["transitions"]
    for change in changes:
        density, (_, end) = change["density"], change["between"]
        edge = f"above {end:g}" if density is None else f"{density:.6f}"
        lines.append([*_block(change["above"]), edge, "yes" if change["closed"] else "no"])
    if changes:
        least = report["steps"][-1]["density"]
        lines.append([*_block(changes[-1]["below"]), f"({least:g}, the last)", "no"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def trained_table(report: dict[str, Any]) -> str:
    """Return what is predicted and what was trained at each density as Markdown."""
    head = ["density", "stored: predicted", "trained", "D* predicted", "trained"]
    lines = [[*head, "loss predicted", "trained", "descended"], ["---"] * (len(head) + 3)]
    models = {(one["source"], one["density"]): one for one in report["models"]}
    for step in report["steps"]:
        ended = models.get(("trained", step["density"]))
        descended = models.get(("descended", step["density"]))
        if ended is None:
            continue
        whole = step["whole"]
        lines.append(
            [
                f"{step['density']:g}",
                f"{whole['represented']:g}",
                str(ended["represented"]),
                f"{whole['dimensions_per_feature']:.3f}",
                f"{ended['dimensions_per_feature']:.3f}",
                f"{whole['loss']:.3f}",
                f"{ended['loss']:.3f}",
                "–" if descended is None else f"{descended['loss']:.3f}",
            ]
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def claims_table(report: dict[str, Any]) -> str:
    """Return the verdicts by section as Markdown."""
    verdicts = list(report["counts"])
    lines = [["section", "figures", "claims", *verdicts], ["---"] * (3 + len(verdicts))]
    for section in report["sections"]:
        claims = [claim for claim in report["claims"] if claim["section"] == section]
        figures = dict.fromkeys(claim["figure"] for claim in claims if claim["figure"])
        links = sorted(figures, key=lambda name: (name[0], int(name[1:])))
        found = [claim["verdict"] for claim in claims]
        lines.append(
            [
                section.replace("_", " "),
                ", ".join(f"[{name}](docs/figures/{name}.png)" for name in links),
                str(len(claims)),
                *(str(found.count(verdict)) for verdict in verdicts),
            ]
        )
    total = [str(report["counts"][verdict]) for verdict in verdicts]
    lines.append(["all", "", str(len(report["claims"])), *total])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Rewrite the README, or check it."""
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    measured = json.loads((ROOT / "docs/measured.json").read_text(encoding="utf-8"))
    claims = json.loads((ROOT / "docs/claims.json").read_text(encoding="utf-8"))
    staircase = json.loads((ROOT / "docs/staircase_400_30.json").read_text(encoding="utf-8"))

    def results(name: str) -> dict[str, Any]:
        text = (ROOT / "benchmarks/results" / f"{name}.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    new = old
    tables = {
        "measured": measured_table(measured),
        "claims": claims_table(claims),
        "speed": speed_table(results("training")),
        "training": training_table(results("sampled_training")),
        "any size": any_size_table(results("any_size")),
        "staircase": staircase_table(staircase),
        "trained": trained_table(staircase),
    }
    for mark, table in tables.items():
        block = f"<!-- {mark}: begin -->\n{table}\n<!-- {mark}: end -->"
        pattern = rf"<!-- {mark}: begin -->.*?<!-- {mark}: end -->"
        new = re.sub(pattern, lambda _, block=block: block, new, flags=re.DOTALL)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if new == old else "README.md is out of date: run python benchmarks/readme.py")
    path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
