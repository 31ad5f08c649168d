"""One thread for small tensors: faster than several, and the same numbers everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread for a while."""
    import torch  # noqa: PLC0415  the parent of worker processes never needs it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
