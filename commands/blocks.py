"""``antipode blocks``, ``staircase`` and ``atlas``: the best blocks, and what they predict."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit_report, say

from .options import Anew, Jobs, Json, Quiet, Seed
from .reading import parse_densities
from .threads import one_blas_thread, one_thread

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: antipode blocks --density 0.1 --json")
def blocks(
    density: Annotated[str, typer.Option(help="P(x ≠ 0) of every feature: 0.1, 1/20.")],
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Rank blocks of equal features by what they make of their dimensions.

    About ten seconds; the atlas behind it reaches down to density 1/1000.
    """
    one_blas_thread()
    densities = parse_densities(density)
    if len(densities) > 1:
        raise ValueError(f"--density: {density} is a list; give one number for all features")
    one_thread()
    from numerics.best_blocks import ranking, reports
    from numerics.progress import terminal_progress

    with terminal_progress(quiet) as progress:
        report = reports.blocks_report(ranking.ranking(densities[0], progress=progress))
    emit_report(report if as_json else reports.blocks_summary(report), as_json)


@app.command(epilog="Example: antipode staircase --n 400 --m 30 --out build/staircase")
def staircase(
    n: Annotated[int, typer.Option("--n", help="Features, equally important.")] = 400,
    m: Annotated[int, typer.Option("--m", help="Hidden dimensions.")] = 30,
    density: Annotated[
        str | None,
        typer.Option(help="Densities, a list; by default those of the atlas from 1 to 1/10."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for staircase_N_M.json and its picture.")
    ] = None,
    trained: Annotated[
        Path | None,
        typer.Option(help="Training runs (.nc) to compare with; at their own densities."),
    ] = None,
    settle: Annotated[
        bool, typer.Option("--settle", help="Also descend from where training ended.")
    ] = False,
    descents: Annotated[
        int, typer.Option(help="Descents from random weights at each density.")
    ] = 0,
    seed: Seed = 0,
    jobs: Jobs = None,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Predict the blocks that features form at each density; compare with trained models.

    About two seconds a density.  With --out, resumes what was interrupted.
    """
    one_blas_thread()
    wanted = None if density is None else parse_densities(density)
    if out is None and (trained or settle or descents):
        raise ValueError(
            "--trained, --settle and --descents take time; give --out DIR to keep them"
        )
    if settle and trained is None:
        raise ValueError("--settle needs models to begin with; give --trained FILE")
    one_thread()
    from numerics.best_blocks import comparison, reports
    from numerics.executors import default_jobs
    from numerics.progress import terminal_progress

    spec = comparison.StaircaseSpec(n, m, wanted, descents, settle, seed)
    with terminal_progress(quiet) as progress:
        if out is None:
            report = comparison.predict(spec, progress=progress)
        else:
            report = comparison.compare(
                spec,
                out,
                runs=trained,
                jobs=jobs or default_jobs(),
                force=force,
                progress=progress,
                tell=lambda text: say(text, quiet),
            )
    if out is not None:
        from figures.staircase import save

        save(report, out)
        say(f"{comparison.stem(spec)}.json and its picture are in {out}", quiet)
    emit_report(report if as_json else reports.staircase_summary(report), as_json)


@app.command(epilog="Example: antipode atlas --out build/block_atlas.npz --jobs 2")
def atlas(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    starts: Annotated[int, typer.Option(help="Random starts of each size and density.", min=1)] = 8,
    seed: Seed = 0,
    jobs: Jobs = None,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search the best block of every size at every density; resumes; takes about an hour.

    The atlas that blocks and staircase read was made by this command.
    """
    one_blas_thread()
    one_thread()
    from numerics.best_blocks.atlas import AtlasSpec, make_atlas
    from numerics.best_blocks.reports import atlas_report
    from numerics.executors import default_jobs
    from numerics.progress import terminal_progress

    spec = AtlasSpec(starts=starts, seed=seed)
    with terminal_progress(quiet) as progress:
        table = make_atlas(
            spec,
            out,
            jobs=jobs or default_jobs(),
            force=force,
            progress=progress,
            tell=lambda text: say(text, quiet),
        )
    emit_report(atlas_report(out, table), as_json)
