"""What the exit code of a command says.

``DONE``         all is well
``ALARM``        a result that contradicts theory, a table or the paper: to be looked at
``MISUSE``       an argument, a file or a folder that cannot be used
``SOME_FAILED``  finished, but some runs or descents failed
``INTERNAL``     a defect of this project
``INTERRUPTED``  by the keyboard; ``TERMINATED`` by a signal
"""

import signal

__all__ = [
    "ALARM",
    "DONE",
    "INTERNAL",
    "INTERRUPTED",
    "MISUSE",
    "SOME_FAILED",
    "TERMINATED",
]

DONE, ALARM, MISUSE, SOME_FAILED, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 70, 130
TERMINATED = 128 + signal.SIGTERM
