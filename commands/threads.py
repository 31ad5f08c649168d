"""One thread for the small arrays of a command."""

import os

__all__ = ["one_blas_thread", "one_thread"]


def one_blas_thread() -> None:
    """Keep numpy, which reads this as it is imported, to one: many are slower on small matrices."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def one_thread() -> None:
    """Keep torch to one thread: small tensors are slower on many."""
    import torch

    torch.set_num_threads(1)
