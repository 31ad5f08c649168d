"""Options and arguments that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "RECIPE",
    "Activation",
    "Amplitude",
    "Anew",
    "CaseArgument",
    "Density",
    "Device",
    "Importance",
    "Instance",
    "Jobs",
    "Json",
    "Law",
    "ModelArgument",
    "Quiet",
    "RetryFailed",
    "Seed",
    "Settings",
    "Starts",
    "Workers",
]

CaseArgument = Annotated[str, typer.Argument(metavar="N,M", help="Features, hidden dimensions.")]
ModelArgument = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A safetensors file with W (m, n) and b (n), or training runs (.nc)."
    ),
]
Density = Annotated[
    str | None,
    typer.Option(
        help="P(x ≠ 0), or what the law says: one number for all features, or a list. "
        "0.3, 3/5, 0.9^i.",
        show_default=False,
    ),
]
Law = Annotated[
    str,
    typer.Option(
        help="independent, one-hot (no density), correlated:0,1/2,3, anticorrelated:0,1/2,3 "
        "or exclusive:0,1."
    ),
]
Amplitude = Annotated[
    str, typer.Option(help="Active features: uniform on [0, 1], signed or binary.")
]
Activation = Annotated[str, typer.Option(help="relu or linear.")]
Importance = Annotated[
    str, typer.Option(help="Importances: one number for all features, or a list.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Seed = Annotated[int, typer.Option(help="Root of all random numbers.", min=0)]
Starts = Annotated[
    int | None,
    typer.Option(
        help="Random starts, besides the structured ones (at most 64, 16 from 50 features on); "
        "by default 64, from 20 features on 24, from 50 on 8; 16 of each at most with signed "
        "amplitudes or sets.",
        min=0,
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")]
Instance = Annotated[int | None, typer.Option(help="Which model of a file with several.")]
RECIPE = "A recipe, by the name antipode recipes list gives."
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="Another constant of the run; may be given again."
    ),
]
Device = Annotated[str, typer.Option(help="Where runs are trained: cpu, cuda, mps or auto.")]
Workers = Annotated[
    str, typer.Option(help="local processes, or the workers of dask://HOST:PORT; same results.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        help="Worker processes; by default one per processor, or one on a GPU.",
        min=1,
    ),
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Compute again what had failed.")]
Anew = Annotated[bool, typer.Option("--force", help="Make it anew, replacing what is there.")]
