"""How long `antipode --help` takes, beside starting Python and importing torch.

    python benchmarks/command_line.py [--repeats 7]

Prints one JSON object: medians in seconds, interleaved, each in a fresh process.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "help": [str(Path(sys.executable).with_name("antipode")), "--help"],
    "import_torch": [sys.executable, "-c", "import torch"],
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(options.repeats):
        for name, command in COMMANDS.items():
            start = perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds[name].append(perf_counter() - start)
    medians = {name: median(values) for name, values in seconds.items()}
    report = {
        "schema": "antipode.benchmark.command_line/1",
        "seconds": medians,
        "help_over_python": medians["help"] / medians["python"],
        "target_seconds": 0.5,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
