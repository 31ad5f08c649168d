"""The work of an experiment in units: computed anywhere, each kept as it ends, none done twice."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import Any

from numpy.typing import NDArray

from ..partial_work import PartialWork
from ..threads import one_thread

__all__ = ["Arrays", "Work"]

Arrays = dict[str, NDArray[Any]]


def _run(function: Callable[..., Mapping[str, Any]], arguments: tuple[Any, ...]) -> dict[str, Any]:
    with one_thread():
        return dict(function(*arguments))


class Work:
    """Runs units, in this process or in others.

    Parameters
    ----------
    seed
        The root of the experiment's random numbers.
    partial
        Where finished units are kept; nowhere by default.
    executor
        Who computes them; this process by default.
    tell
        Called with a line on what has ended.
    """

    def __init__(
        self,
        seed: int = 0,
        partial: PartialWork | None = None,
        executor: Executor | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.seed = seed
        self._partial = partial
        self._executor = executor
        self._tell = tell

    def map(
        self,
        stage: str,
        function: Callable[..., Mapping[str, Any]],
        arguments: Sequence[tuple[Any, ...]],
    ) -> list[Arrays]:
        """Return ``function(*arguments[i])`` for all i, in order.

        Parameters
        ----------
        stage
            A name, its own within the experiment, of letters and hyphens.
        function
            Of a module, from plain values and arrays to named arrays; the same result wherever it
            runs, on one thread.
        arguments
            A tuple for each unit; what they are must follow from constants, seed and earlier
            stages, since finished units are known by stage and place.
        """
        results: dict[int, Arrays] = {}
        todo = []
        for place in range(len(arguments)):
            key = f"{stage}-{place}"
            if self._partial is not None and self._partial.has(key):
                results[place] = self._partial.load(key)
            else:
                todo.append(place)

        def keep(place: int, found: Arrays) -> None:
            results[place] = found
            if self._partial is not None:
                self._partial.save(f"{stage}-{place}", found)
                results[place] = self._partial.load(f"{stage}-{place}")
            self._tell(f"{stage}, {len(results)} of {len(arguments)}")

        if self._executor is None:
            for place in todo:
                keep(place, _run(function, arguments[place]))
        else:
            futures: dict[Future[Arrays], int] = {
                self._executor.submit(_run, function, arguments[place]): place for place in todo
            }
            for future in as_completed(futures):
                keep(futures[future], future.result())
        return [results[place] for place in range(len(arguments))]
