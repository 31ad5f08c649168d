"""Random numbers that belong to a thing, not to a place in a batch.

A generator is made from what is being computed (problem, purpose, seed, start), so a result depends
neither on the batch it was computed in, nor on the number of workers, nor on the order.
"""

import hashlib
import json
from typing import Any

import numpy as np

__all__ = ["content_key", "generator"]


def content_key(value: Any, length: int = 16) -> str:
    """Return a hash (hexadecimal) of a JSON-like value; other objects enter by their ``str``."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode(), digest_size=length).hexdigest()


def generator(*parts: Any) -> np.random.Generator:
    """Return the generator that belongs to ``parts``.

    Examples
    --------
    >>> bool(generator("a", 1).random() == generator("a", 1).random())
    True
    """
    return np.random.Generator(np.random.Philox(key=int(content_key(parts), 16)))
