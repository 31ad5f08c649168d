"""What a command writes: results on stdout, messages on stderr, errors told apart."""

import json
import os
import sys
from opcode import opname
from pathlib import Path
from typing import Any

__all__ = ["emit", "emit_report", "is_memory_shortage", "is_misuse", "say"]

_OURS = ("theory", "numerics", "figures", "paper_checks", "commands", "antipode.py")


def _lines(value: dict[str, Any], indent: str = "") -> list[str]:
    """Write a report for reading, one line per entry."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            lines += [f"{indent}{key}", *_lines(entry, indent + "  ")]
        elif isinstance(entry, list) and entry and isinstance(entry[0], dict):
            lines.append(f"{indent}{key}")
            lines += [
                f"{indent}  " + "  ".join(f"{k} {v}" for k, v in row.items()) for row in entry
            ]
        else:
            lines.append(f"{indent}{key:<18} {entry}")
    return lines


def emit(text: str) -> None:
    """Print a result; a reader that has gone away ends the program in silence.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ValueError(f"cannot write the result ({error.strerror}); free some space") from error


def emit_report(report: dict[str, Any], as_json: bool) -> None:
    """Print a report as one JSON object, or as lines for reading."""
    if as_json:
        emit(json.dumps(report, allow_nan=False, ensure_ascii=False, indent=1))
    else:
        emit("\n".join(_lines({k: v for k, v in report.items() if k != "schema"})))


def say(text: str, quiet: bool = False) -> None:
    """Print a message."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def is_memory_shortage(error: BaseException) -> bool:
    """Tell whether an error says that memory could not be had: by Python, numpy or torch."""
    if isinstance(error, MemoryError):
        return True
    words = ("can't allocate memory", "out of memory", "Storage size calculation overflowed")
    return isinstance(error, RuntimeError) and any(one in str(error) for one in words)


def is_misuse(error: BaseException) -> bool:
    """Tell whether an error was raised by a check of this project: a ``raise`` in its code.

    What a library raises, or Python itself on one of our lines, is a defect.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not isinstance(error, ValueError | TypeError):
        return False
    root = Path(__file__).resolve().parent.parent
    file = Path(trace.tb_frame.f_code.co_filename).resolve()
    inside = file.is_relative_to(root) and file.relative_to(root).parts[0]
    raised = opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] == "RAISE_VARARGS"
    return raised and inside in _OURS
