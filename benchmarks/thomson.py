"""How long the tables of least energies (Thomson) and largest angles (Tammes) take.

    python benchmarks/thomson.py [--tammes] [--largest 100] [--seed 0] [--write]

Prints one JSON object: seconds for each number of points and in all, one process and one thread.
``--write`` replaces the table that is shipped; ``unlike_table`` names the values that differ from
those of the table before.
"""

import argparse
import json
import os
import sys
from time import perf_counter

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np
import scipy
from public_loop import machine

from numerics.spheres import largest_angle, least_energy, tables
from numerics.spheres.arrangements import Arrangement


def main() -> None:
    """Search, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tammes", action="store_true")
    parser.add_argument("--largest", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    problem = "tammes" if options.tammes else "thomson"
    search = largest_angle if options.tammes else least_energy
    found: dict[int, Arrangement] = {}
    seconds: dict[int, float] = {}
    for n in range(2, options.largest + 1):
        begun = perf_counter()
        found[n] = search(n, seed=options.seed)
        seconds[n] = perf_counter() - begun
        print(n, found[n].hits, found[n].starts, found[n].status, file=sys.stderr)
    report = {
        "schema": f"antipode.benchmark.{problem}/1",
        "threads": 1,
        "machine": machine(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "seed": options.seed,
        "seconds": seconds,
        "seconds_in_all": sum(seconds.values()),
        "target_seconds": 600,
        "starts": {n: one.starts for n, one in found.items()},
        "hits": {n: one.hits for n, one in found.items()},
        "not_converged": [n for n, one in found.items() if one.status != "converged"],
        "unlike_table": {
            n: said for n, one in found.items() if (said := tables.verdict(problem, one)) != "equal"
        },
    }
    if options.write:
        tables.path_of(problem).write_text(tables.render(problem, found), encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
