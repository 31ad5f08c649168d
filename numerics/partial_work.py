"""Work in progress on disk: finished units, each in a file of its own, that can be gone on from."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .array_files import read_arrays, write_arrays
from .store import ConfigurationError, provenance, write_whole

__all__ = ["PartialWork"]


class PartialWork:
    """Finished units of unfinished work, in ``folder``, all of one configuration and one code."""

    def __init__(self, folder: Path, configuration: str, *, force: bool = False) -> None:
        self.folder = folder
        self.configuration = configuration
        self.code = " ".join(provenance().values())
        self._whole: set[str] = set()
        mark = folder / "configuration"
        if not mark.is_file():
            return
        found, _, code = mark.read_text(encoding="utf-8", errors="replace").partition("\n")
        if found != configuration and not force:
            raise ConfigurationError(
                f"{folder} holds unfinished work of another configuration; "
                "finish it, choose another folder, or pass --force to discard it"
            )
        if found != configuration or code != self.code:  # units of two codes are not mixed
            shutil.rmtree(folder)

    def begin(self) -> None:
        """Make the folder and mark it as this configuration's."""
        text = f"{self.configuration}\n{self.code}"
        write_whole(self.folder / "configuration", lambda p: p.write_text(text, encoding="utf-8"))

    def has(self, key: str) -> bool:
        """Tell whether a unit is finished and whole; a damaged one is discarded."""
        path = self.path(key)
        if key not in self._whole and path.is_file():
            try:
                self.load(key)
                self._whole.add(key)
            except (OSError, ValueError):
                path.unlink()
        return key in self._whole

    def path(self, key: str) -> Path:
        """Return the file of a unit."""
        return self.folder / f"{key}.npz"

    def save(self, key: str, arrays: Mapping[str, Any]) -> None:
        """Keep the arrays of a finished unit."""
        write_arrays(self.path(key), arrays)
        self._whole.add(key)

    def load(self, key: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a finished unit.

        Raises
        ------
        ValueError
            If the file is not as it was written.
        """
        return read_arrays(self.path(key))
